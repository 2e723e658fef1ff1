//! SESSION_LIST: the clients. Form 2 of it, which every version since 1.7.8 gives alike.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "SESSION_LIST", command: 508, payload: &[2] };

/// One session of a client: one mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Session number.
    pub id: u32,
    /// Address it came from.
    pub address: Ipv4Addr,
    /// Version of the client.
    pub version: Version,
    /// Mount point on the client.
    pub mount_point: String,
    /// Folder of the file system that is mounted; `.` for the meta file system.
    pub folder: String,
    /// Files open.
    pub open_files: u32,
    /// Connections; 0 while the client is away.
    pub connections: u8,
    /// Seconds until an absent client is forgotten.
    pub expires: u32,
    /// May only read.
    pub read_only: bool,
    /// May come from another address later.
    pub any_address: bool,
    /// The client's group lists are not looked at.
    pub ignore_gid: bool,
    /// May administer quotas and the like.
    pub admin: bool,
    /// All users are mapped to one.
    pub map_all: bool,
    /// Users and groups root and (when `map_all`) everybody are mapped to.
    pub root: (u32, u32),
    /// See `root`.
    pub all: (u32, u32),
    /// Operations asked of the master in this hour and in the last one, all kinds together.
    pub operations: (u64, u64),
}

pub(super) fn decode(payload: &[u8]) -> Result<Vec<Session>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let counters = wire.u16()?;
    let mut sessions = Vec::new();
    while !wire.is_empty() {
        sessions.push(record(usize::from(counters), &mut wire)?);
    }
    sessions.sort_by_key(|s| (s.address, s.id));
    Ok(sessions)
}

fn record(counters: usize, wire: &mut Wire) -> Result<Session, ProtocolError> {
    let (id, address) = (wire.u32()?, wire.ip()?);
    let version = Version::from_wire(wire.u16()?, wire.u8()?, wire.u8()?);
    let (open_files, connections, expires) = (wire.u32()?, wire.u8()?, wire.u32()?);
    let (mount_point, folder) = (wire.text()?, wire.text()?);
    let flags = wire.u8()?;
    let (root, all) = ((wire.u32()?, wire.u32()?), (wire.u32()?, wire.u32()?));
    wire.bytes(10)?; // bounds of goals and trash times
    let hour = |wire: &mut Wire| (0..counters).try_fold(0, |sum: u64, _| wire.u32().map(|n| sum + u64::from(n)));
    let operations = (hour(wire)?, hour(wire)?);
    Ok(Session {
        id,
        address,
        version,
        mount_point,
        folder,
        open_files,
        connections,
        expires,
        read_only: flags & 1 != 0,
        any_address: flags & 2 != 0,
        ignore_gid: flags & 4 != 0,
        admin: flags & 8 != 0,
        map_all: flags & 16 != 0,
        root,
        all,
        operations,
    })
}
