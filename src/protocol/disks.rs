//! HDD_LIST: the disks of one chunkserver, asked on its own port.

use serde::Serialize;

use super::ProtocolError;
use super::frame::Ask;
use super::wire::Wire;

pub(super) const ASK: Ask = Ask { name: "HDD_LIST", command: 600, payload: &[] };

/// One data directory. Spaces are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Directory, with a slash at its end.
    pub path: String,
    /// Marked for removal in mfshdd.cfg.
    pub marked_for_removal: bool,
    /// Taken out of use after errors.
    pub damaged: bool,
    /// Being read through after a start.
    pub scanning: bool,
    /// Not usable as configured.
    pub invalid: bool,
    /// The last I/O error seen.
    pub last_error: Option<DiskError>,
    /// Space used by chunks.
    pub used: u64,
    /// Space.
    pub total: u64,
    /// Chunks on it.
    pub chunks: u32,
}

/// The last I/O error on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DiskError {
    /// Chunk it happened on, 0 when on none.
    pub chunk: u64,
    /// Seconds since 1970.
    pub time: u32,
}

impl Disk {
    /// Whether it works and is meant to.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        !self.damaged && !self.invalid && self.last_error.is_none()
    }

    /// Its state in a word or two.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Disk { invalid: true, .. } => "invalid",
            Disk { scanning: true, .. } => "scanning",
            Disk { damaged: true, .. } => "damaged",
            Disk { marked_for_removal: true, .. } => "marked for removal",
            Disk { last_error: Some(_), .. } => "had errors",
            _ => "ok",
        }
    }
}

/// Each entry is preceded by its own size; what follows the fields read here are I/O statistics.
pub(super) fn decode(payload: &[u8]) -> Result<Vec<Disk>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let mut disks = Vec::new();
    while !wire.is_empty() {
        let size = usize::from(wire.u16()?);
        let mut entry = Wire::new(ASK.name, wire.bytes(size)?);
        let length = usize::from(entry.u8()?);
        let path = String::from_utf8_lossy(entry.bytes(length)?).into_owned();
        let flags = entry.u8()?;
        let (chunk, time) = (entry.u64()?, entry.u32()?);
        let (used, total, chunks) = (entry.u64()?, entry.u64()?, entry.u32()?);
        disks.push(Disk {
            path,
            marked_for_removal: flags & 1 != 0,
            damaged: flags & 2 != 0,
            scanning: flags & 4 != 0,
            invalid: flags & 8 != 0,
            last_error: (chunk != 0 || time != 0).then_some(DiskError { chunk, time }),
            used,
            total,
            chunks,
        });
    }
    Ok(disks)
}
