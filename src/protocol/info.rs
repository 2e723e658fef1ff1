//! INFO: the master itself. Its length tells its form, which grew over the versions:
//! 121 (2.0) · 129 exports checksum · 137 free space · 149 clock (3.0.117) ·
//! 173 EC and metadata id · 181 · 193 · 205 EC 4+n (4.59).

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "INFO", command: 510, payload: &[] };

/// What the master says of itself and of the file system as a whole. Spaces are bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MasterInfo {
    /// Version running.
    pub version: Version,
    /// Memory used.
    pub memory: u64,
    /// System time of its process, percent of one CPU.
    pub cpu_system_percent: f64,
    /// User time of its process, percent of one CPU.
    pub cpu_user_percent: f64,
    /// Space of all connected chunkservers.
    pub total_space: u64,
    /// Space clients may still fill.
    pub available_space: u64,
    /// Space not used on the disks.
    pub free_space: Option<u64>,
    /// Length of the files in the trash.
    pub trash_space: u64,
    /// Files in the trash.
    pub trash_files: u32,
    /// Length of the files deleted while open.
    pub sustained_space: u64,
    /// Files deleted while open.
    pub sustained_files: u32,
    /// Inodes.
    pub inodes: u32,
    /// Directories.
    pub directories: u32,
    /// Files.
    pub files: u32,
    /// Chunks.
    pub chunks: u32,
    /// Whole copies of chunks, the ones on disks marked for removal included.
    pub chunk_copies: u64,
    /// End of the last metadata store, seconds since 1970; `None` when none was since the start.
    pub last_store_time: Option<u32>,
    /// How long it took, milliseconds.
    pub last_store_duration_ms: u32,
    /// How it was done.
    pub last_store_status: StoreStatus,
    /// Metadata version it held (4.x).
    pub last_store_metadata_version: Option<u64>,
    /// `true` when the process is a serving master; the editions without built-in failover know no other state.
    pub serving: bool,
    /// Next change id: the number that must never go back.
    pub metadata_version: u64,
    /// Id of the file system, as in the header of metadata.mfs (4.x).
    pub metadata_id: Option<u64>,
    /// Checksum over mfsexports.cfg as loaded.
    pub exports_checksum: Option<u64>,
    /// The master's clock, microseconds since 1970.
    pub clock_us: Option<u64>,
}

/// How metadata was stored last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreStatus {
    /// By a background process; also before the first store.
    Background,
    /// Downloaded from another master.
    Downloaded,
    /// By the master process itself.
    Foreground,
    /// Only a checksum, in the background: storing failed before.
    Checksum,
    /// A number this program does not know.
    Other(u8),
}

/// The state number of the editions without built-in failover.
const MASTER_CE: u8 = 0xFF;

pub(super) fn decode(payload: &[u8]) -> Result<MasterInfo, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let length = payload.len();
    if !matches!(length, 121 | 129 | 137 | 149 | 173 | 181 | 193 | 205) {
        return Err(wire.malformed("unknown form"));
    }
    let with_ec = length >= 173;
    let version = Version::from_wire(wire.u16()?, wire.u8()?, wire.u8()?);
    let memory = wire.u64()?;
    let cpu_system_percent = wire.u64()? as f64 / 1e7;
    let cpu_user_percent = wire.u64()? as f64 / 1e7;
    let total_space = wire.u64()?;
    let available_space = wire.u64()?;
    let free_space = if length >= 137 && length != 173 { Some(wire.u64()?) } else { None };
    let trash_space = wire.u64()?;
    let trash_files = wire.u32()?;
    let sustained_space = wire.u64()?;
    let sustained_files = wire.u32()?;
    let inodes = wire.u32()?;
    let directories = wire.u32()?;
    let files = wire.u32()?;
    let chunks = wire.u32()?;
    let mut chunk_copies = 0;
    if with_ec {
        // chunks kept as copies, as EC 8+n, and (205) as EC 4+n
        wire.bytes(if length == 205 { 12 } else { 8 })?;
    } else {
        chunk_copies = u64::from(wire.u32()?);
        wire.u32()?; // copies on disks not marked for removal
    }
    let store_time = wire.u32()?;
    let last_store_duration_ms = wire.u32()?;
    let last_store_status = match wire.u8()? {
        0 => StoreStatus::Background,
        1 => StoreStatus::Downloaded,
        2 => StoreStatus::Foreground,
        3 => StoreStatus::Checksum,
        other => StoreStatus::Other(other),
    };
    let state = wire.u8()?;
    wire.bytes(3)?; // next state, stable, in sync: of built-in failover
    wire.bytes(8)?; // leader's address and time of the change
    let metadata_version = wire.u64()?;
    let exports_checksum = if length >= 129 { Some(wire.u64()?) } else { None };
    let (mut metadata_id, mut last_store_metadata_version) = (None, None);
    if with_ec {
        metadata_id = Some(wire.u64()?);
        last_store_metadata_version = Some(wire.u64()?);
        wire.u32()?; // its checksum
        chunk_copies = wire.u64()?;
        wire.bytes(if length == 205 { 24 } else { 16 })?; // EC parts, and copies there would be without EC
    }
    let clock_us = if matches!(length, 149 | 193 | 205) {
        let clock = wire.u64()?;
        wire.u32()?; // delay of a follower
        Some(clock)
    } else {
        None
    };
    wire.end()?;
    Ok(MasterInfo {
        version,
        memory,
        cpu_system_percent,
        cpu_user_percent,
        total_space,
        available_space,
        free_space,
        trash_space,
        trash_files,
        sustained_space,
        sustained_files,
        inodes,
        directories,
        files,
        chunks,
        chunk_copies,
        last_store_time: (store_time > 0).then_some(store_time),
        last_store_duration_ms,
        last_store_status,
        last_store_metadata_version,
        serving: state == MASTER_CE || state == 1,
        metadata_version,
        metadata_id,
        exports_checksum,
        clock_us,
    })
}
