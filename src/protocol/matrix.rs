//! CHUNKS_MATRIX: chunks counted by wanted (row) and present (column) copies, 0–10 each.
//!
//! 3.0 sends two tables, all copies and those not marked for removal; 4.x six or eight,
//! where the first two are over chunks of any format and count redundancy levels + 1.

use serde::Serialize;

use super::ProtocolError;
use super::frame::Ask;
use super::wire::Wire;

pub(super) const ASK: Ask = Ask { name: "CHUNKS_MATRIX", command: 516, payload: &[] };

/// Rows and columns of a table.
const SIDE: usize = 11;

/// Chunks by wanted and present copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChunkMatrix {
    /// Whether the counters can be trusted now.
    pub progress: Progress,
    /// All copies counted.
    pub all: Summary,
    /// Copies on disks marked for removal left out.
    pub regular: Summary,
    /// `[wanted][present]`, all copies counted.
    #[serde(rename = "matrix", serialize_with = "cells")]
    pub table: [[u32; SIDE]; SIDE],
}

/// What makes the counters doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// A chunkserver's disconnection is still being counted.
    pub disconnecting: bool,
    /// A chunkserver's connection is still being counted.
    pub connecting: bool,
}

/// Chunks by how safe they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// No copy left.
    pub missing: u64,
    /// One copy left where more are wanted.
    pub endangered: u64,
    /// Fewer copies than wanted, but more than one.
    pub undergoal: u64,
    /// As wanted.
    pub stable: u64,
    /// More than wanted.
    pub overgoal: u64,
    /// Deleted, copies still there.
    pub pending_deletion: u64,
    /// Deleted, about to be forgotten.
    pub ready_to_be_removed: u64,
    /// Of `stable`: only one copy is wanted, so its chunkserver cannot stop without loss of access.
    pub single_copy: u64,
}

impl Progress {
    /// Whether the counters can be trusted.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !self.disconnecting && !self.connecting
    }
}

impl Summary {
    /// Chunks that are not deleted.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.missing + self.endangered + self.undergoal + self.stable + self.overgoal
    }
}

pub(super) fn decode(payload: &[u8]) -> Result<ChunkMatrix, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let size = 4 * SIDE * SIDE;
    if ![2, 6, 8].iter().any(|tables| payload.len() == 1 + tables * size) {
        return Err(wire.malformed(format!("2, 6 or 8 tables of {size} bytes expected")));
    }
    let progress = wire.u8()?;
    let table = read(&mut wire)?;
    let regular = read(&mut wire)?;
    Ok(ChunkMatrix {
        progress: Progress { disconnecting: progress & 1 != 0, connecting: progress & 2 != 0 },
        all: summary(&table),
        regular: summary(&regular),
        table,
    })
}

/// Only cells that count something: `{ "goal": 2, "copies": 1, "chunks": 7 }`.
fn cells<S: serde::Serializer>(table: &[[u32; SIDE]; SIDE], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Cell {
        goal: usize,
        copies: usize,
        chunks: u32,
    }
    let all = table.iter().enumerate().flat_map(|(goal, row)| row.iter().enumerate().map(move |(copies, n)| (goal, copies, *n)));
    serializer.collect_seq(all.filter(|(_, _, n)| *n > 0).map(|(goal, copies, chunks)| Cell { goal, copies, chunks }))
}

fn read(wire: &mut Wire) -> Result<[[u32; SIDE]; SIDE], ProtocolError> {
    let mut table = [[0; SIDE]; SIDE];
    for cell in table.iter_mut().flatten() {
        *cell = wire.u32()?;
    }
    Ok(table)
}

fn summary(table: &[[u32; SIDE]; SIDE]) -> Summary {
    let mut sum = Summary::default();
    for (wanted, row) in table.iter().enumerate() {
        for (present, count) in row.iter().enumerate() {
            let counter = match (wanted, present) {
                (0, 0) => &mut sum.ready_to_be_removed,
                (0, _) => &mut sum.pending_deletion,
                (_, 0) => &mut sum.missing,
                _ if present > wanted => &mut sum.overgoal,
                _ if present == wanted => &mut sum.stable,
                (_, 1) => &mut sum.endangered,
                _ => &mut sum.undergoal,
            };
            *counter += u64::from(*count);
        }
    }
    sum.single_copy = u64::from(table[1][1]);
    sum
}
