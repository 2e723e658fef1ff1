//! FSTEST_INFO and CHUNKSTEST_INFO: the master's own check of all files, and its work on chunks, each of the last whole loop.

use serde::Serialize;

use super::ProtocolError;
use super::frame::Ask;
use super::wire::Wire;

pub(super) const FILES: Ask = Ask { name: "FSTEST_INFO", command: 512, payload: &[] };
pub(super) const CHUNKS: Ask = Ask { name: "CHUNKSTEST_INFO", command: 514, payload: &[] };

/// Most lines kept of the check's own words.
const LINES: usize = 20;

/// The last whole check of all files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckLoop {
    /// When it began, seconds since 1970; `None` when none has ended since the master's start.
    pub started: Option<u32>,
    /// When it ended.
    pub ended: Option<u32>,
    /// Files looked at.
    pub files: u32,
    /// Files with chunks under their goal.
    pub undergoal_files: u32,
    /// Files with chunks that are missing.
    pub missing_files: u32,
    /// Chunks looked at.
    pub chunks: u32,
    /// Chunks under their goal.
    pub undergoal_chunks: u32,
    /// Chunks that are missing.
    pub missing_chunks: u32,
    /// Its own words on what it found, the first twenty lines.
    pub words: Vec<String>,
}

/// The last whole loop over all chunks: what was done to bring them to their goals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChunkLoop {
    /// When it began, seconds since 1970; `None` when none has ended since the master's start.
    pub started: Option<u32>,
    /// When it ended.
    pub ended: Option<u32>,
    /// Copies and parts made because too few were there, or on the wrong servers.
    pub copied: u64,
    /// Copies moved for balance.
    pub moved: u64,
    /// Copies and parts deleted: invalid, superfluous, or on disks marked for removal.
    pub deleted: u64,
    /// What could not be done in the loop (told by 3.0 only).
    pub left_undone: Option<u64>,
}

fn time(seconds: u32) -> Option<u32> {
    (seconds > 0).then_some(seconds)
}

pub(super) fn files(payload: &[u8]) -> Result<CheckLoop, ProtocolError> {
    let mut wire = Wire::new(FILES.name, payload);
    let (started, ended) = (time(wire.u32()?), time(wire.u32()?));
    let (files, undergoal_files, missing_files) = (wire.u32()?, wire.u32()?, wire.u32()?);
    let (chunks, undergoal_chunks, missing_chunks) = (wire.u32()?, wire.u32()?, wire.u32()?);
    let words = wire.text()?.lines().take(LINES).map(str::to_owned).collect();
    wire.end()?;
    Ok(CheckLoop { started, ended, files, undergoal_files, missing_files, chunks, undergoal_chunks, missing_chunks, words })
}

/// 72 bytes: pairs of what was done and what was not (3.0); 96 bytes: 4.x, which tells copies and parts of EC apart.
pub(super) fn chunks(payload: &[u8]) -> Result<ChunkLoop, ProtocolError> {
    let mut wire = Wire::new(CHUNKS.name, payload);
    let mut n = Vec::with_capacity(24);
    if ![72, 96].contains(&payload.len()) {
        return Err(wire.malformed("72 or 96 bytes expected"));
    }
    while !wire.is_empty() {
        n.push(wire.u32()?);
    }
    let sum = |fields: &[usize]| fields.iter().filter_map(|at| n.get(*at)).map(|v| u64::from(*v)).sum::<u64>();
    let (started, ended) = (n.first().copied().and_then(time), n.get(1).copied().and_then(time));
    Ok(if payload.len() == 72 {
        ChunkLoop {
            started,
            ended,
            copied: sum(&[10, 12]),
            moved: sum(&[14]),
            deleted: sum(&[2, 4, 6, 8]),
            left_undone: Some(sum(&[3, 5, 7, 9, 11, 13])),
        }
    } else {
        ChunkLoop {
            started,
            ended,
            copied: sum(&[12, 13, 14, 15, 16, 17, 18, 19, 20]),
            moved: sum(&[23]),
            deleted: sum(&[4, 5, 6, 7, 8, 9, 10, 11]),
            left_undone: None,
        }
    })
}
