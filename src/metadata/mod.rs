//! MooseFS metadata as files: headers, changelogs, what a directory can be restored to, how copies compare.
//!
//! Pure: readers are given, and each reads a file of any size in little memory. The same is told of a node's
//! directory by the script in `playbooks/files/mfs-metadata`, without copying it here; both give a [`Directory`].

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod changelog;
mod compare;
mod directory;
mod header;
mod line;
mod name;

use std::fmt;

use serde::Serialize;

pub use changelog::{BLOCKS_KEPT, Block, Changelog, GAPS_KEPT, Stamp, Tail, block_length, digest};
pub use compare::{Comparison, compare};
pub use directory::{Candidate, Content, Directory, File, best};
pub use header::{END_MARKER, HEADER_LENGTH, Header, Metadata};
pub use line::{LINE_LIMIT, Line};
pub use name::Kind;

/// Changes that follow each other, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Range {
    /// First.
    pub from: u64,
    /// Last.
    pub to: u64,
}

impl Range {
    /// What both have.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from <= both.to).then_some(both)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

/// Sorted, and those that touch or overlap made one.
fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut joined: Vec<Range> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.from <= last.to.saturating_add(1) => last.to = last.to.max(range.to),
            _ => joined.push(range),
        }
    }
    joined
}
