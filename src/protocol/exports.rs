//! EXPORTS: the lines of mfsexports.cfg in force. Form 3, since 3.0.112 and 4.21.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "EXPORTS_INFO", command: 520, payload: &[3] };

/// One line of mfsexports.cfg, as loaded. Passwords are never told, only that there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportEntry {
    /// First address.
    pub from: Ipv4Addr,
    /// Last address.
    pub to: Ipv4Addr,
    /// Folder; `.` for the meta file system.
    pub path: String,
    /// Folders below may be mounted too.
    pub all_dirs: bool,
    /// A password is asked for.
    pub password: bool,
    /// Only for reading.
    pub read_only: bool,
    /// Clients may come back from another address.
    pub any_address: bool,
    /// Group lists are not looked at.
    pub ignore_gid: bool,
    /// May administer.
    pub admin: bool,
    /// All users are mapped to one.
    pub map_all: bool,
    /// User and group root is mapped to.
    pub root: (u32, u32),
    /// User and group everybody is mapped to, when `map_all`.
    pub all: (u32, u32),
}

/// Whether a master of that version answers form 3.
pub(super) fn known_to(version: Version) -> bool {
    (Version::new(3, 0, 112)..Version::new(4, 0, 0)).contains(&version) || version >= Version::new(4, 21, 0)
}

pub(super) fn decode(payload: &[u8]) -> Result<Vec<ExportEntry>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let mut entries = Vec::new();
    while !wire.is_empty() {
        let (from, to, path) = (wire.ip()?, wire.ip()?, wire.text()?);
        wire.u32()?; // lowest client version allowed
        let (export, session) = (wire.u8()?, wire.u8()?);
        wire.u16()?; // umask
        let (root, all) = ((wire.u32()?, wire.u32()?), (wire.u32()?, wire.u32()?));
        wire.bytes(14)?; // bounds of goals and trash times, operations switched off
        entries.push(ExportEntry {
            from,
            to,
            path,
            all_dirs: export & 1 != 0,
            password: export & 2 != 0,
            read_only: session & 1 != 0,
            any_address: session & 2 != 0,
            ignore_gid: session & 4 != 0,
            admin: session & 8 != 0,
            map_all: session & 16 != 0,
            root,
            all,
        });
    }
    Ok(entries)
}
