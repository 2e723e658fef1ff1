//! MISSING_CHUNKS: the chunks the check of all files found missing. The list is as old as that check: it stays empty while
//! the matrix tells of missing chunks already.

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "MISSING_CHUNKS", command: 544, payload: &[] };

/// Most chunks kept; a master lists up to a million.
const KEPT: usize = 100;
/// Bytes of an entry.
const ENTRY: usize = 16;

/// Chunks without a copy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MissingChunks {
    /// How many the master lists.
    pub listed: usize,
    /// The first hundred of them.
    pub first: Vec<MissingChunk>,
}

/// One chunk without a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MissingChunk {
    /// Its number.
    pub chunk: u64,
    /// The file's inode.
    pub inode: u32,
    /// Its place in the file, 0 for the first.
    pub index: u32,
}

/// Whether a master of that version answers in this form.
pub(super) fn known_to(version: Version) -> bool {
    version >= Version::new(3, 0, 25)
}

pub(super) fn decode(payload: &[u8]) -> Result<MissingChunks, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    if !payload.len().is_multiple_of(ENTRY) {
        return Err(wire.malformed(format!("entries of {ENTRY} bytes expected")));
    }
    let listed = payload.len() / ENTRY;
    let mut first = Vec::new();
    for _ in 0..listed.min(KEPT) {
        first.push(MissingChunk { chunk: wire.u64()?, inode: wire.u32()?, index: wire.u32()? });
    }
    Ok(MissingChunks { listed, first })
}
