//! CSERV_LIST: the chunkservers, connected ones and those known from before.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

const PLAIN: Ask = Ask { name: "CSERV_LIST", command: 500, payload: &[] };
const WITH_MAINTENANCE: Ask = Ask { payload: &[1], ..PLAIN };

/// One chunkserver as the master sees it. Spaces are bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chunkserver {
    /// Address it is reached at.
    pub address: Ipv4Addr,
    /// Its port for clients.
    pub port: u16,
    /// Number the master gave it.
    pub id: u16,
    /// Labels `A`–`Z`; empty when none.
    pub labels: String,
    /// Version, while connected.
    pub version: Option<Version>,
    /// Whether it is connected now.
    pub connected: bool,
    /// Space used by chunks.
    pub used: u64,
    /// Space of its disks.
    pub total: u64,
    /// Chunks on it.
    pub chunks: u32,
    /// Space used on disks marked for removal.
    pub removal_used: u64,
    /// Space of disks marked for removal.
    pub removal_total: u64,
    /// Chunks on disks marked for removal.
    pub removal_chunks: u32,
    /// How far the removal is.
    pub removal: Removal,
    /// I/O errors its disks reported.
    pub errors: u32,
    /// Length of its queue of operations.
    pub queue: u32,
    /// How the master uses it at present.
    pub load: Load,
    /// Whether missing it starts replication.
    pub maintenance: Maintenance,
}

/// How far the removal of disks marked for it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// Nothing marked holds chunks.
    None,
    /// Not checked yet.
    Validating,
    /// Chunks are still only there.
    InProgress,
    /// Can be taken away.
    Ready,
}

/// How the master uses a chunkserver at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "seconds")]
pub enum Load {
    /// Normally.
    Normal,
    /// Gently for that many seconds more, after a time of trouble.
    Grace(u32),
    /// Moves chunks between its own disks, fast.
    FastRebalance,
    /// Moves chunks between its own disks.
    Rebalance,
    /// Overloaded: nothing new is sent there.
    Overloaded,
}

/// Maintenance mode: while on, missing the server starts no replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "mode", content = "seconds")]
pub enum Maintenance {
    /// Off.
    Off,
    /// Switched on by an operator.
    On,
    /// On by itself after a clean stop, ending by itself in that many seconds (told since 4.35).
    Temporary(Option<u32>),
}

/// Payload the master's version wants.
pub(super) fn request(version: Version) -> Ask {
    if version >= Version::new(4, 35, 0) { WITH_MAINTENANCE } else { PLAIN }
}

pub(super) fn decode(version: Version, payload: &[u8]) -> Result<Vec<Chunkserver>, ProtocolError> {
    let mut wire = Wire::new(PLAIN.name, payload);
    let mut servers = Vec::new();
    while !wire.is_empty() {
        servers.push(record(version, &mut wire)?);
    }
    servers.sort_by_key(|s| (s.address, s.port));
    Ok(servers)
}

/// 64 bytes, and: labels from 2.1, removal state from 3.0.38, first address from 4.26, end of maintenance from 4.35.
fn record(master: Version, wire: &mut Wire) -> Result<Chunkserver, ProtocolError> {
    let flags = wire.u8()?;
    let version = Version::from_wire(u16::from(wire.u8()?), wire.u8()?, wire.u8()?);
    if master >= Version::new(4, 26, 0) {
        wire.ip()?; // the address it registered with, before mapping
    }
    let (address, port, id) = (wire.ip()?, wire.u16()?, wire.u16()?);
    let (used, total, chunks) = (wire.u64()?, wire.u64()?, wire.u32()?);
    let (removal_used, removal_total, removal_chunks) = (wire.u64()?, wire.u64()?, wire.u32()?);
    let (errors, queue, grace) = (wire.u32()?, wire.u32()?, wire.u32()?);
    let mask = if master >= Version::new(2, 1, 0) { wire.u32()? } else { 0 };
    let removal = if master >= Version::new(3, 0, 38) { wire.u8()? } else { 0 };
    let ends = if master >= Version::new(4, 35, 0) { wire.u32()? } else { u32::MAX };
    let connected = flags & 1 == 0;
    Ok(Chunkserver {
        address,
        port,
        id,
        labels: if mask == u32::MAX {
            String::new()
        } else {
            (0..26_u8).filter(|bit| mask & (1 << bit) != 0).map(|bit| char::from(b'A' + bit)).collect()
        },
        version: connected.then_some(version),
        connected,
        used,
        total,
        chunks,
        removal_used,
        removal_total,
        removal_chunks,
        removal: match (removal_chunks, removal) {
            (0, _) => Removal::None,
            (_, 1) => Removal::InProgress,
            (_, 2) => Removal::Ready,
            _ => Removal::Validating,
        },
        errors,
        queue,
        load: match grace {
            0xC000_0000.. => Load::Overloaded,
            0x8000_0000.. => Load::Rebalance,
            0x4000_0000.. => Load::FastRebalance,
            1.. => Load::Grace(grace),
            0 => Load::Normal,
        },
        maintenance: match flags & 6 {
            0 => Maintenance::Off,
            2 => Maintenance::On,
            _ => Maintenance::Temporary((ends != u32::MAX).then_some(ends)),
        },
    })
}
