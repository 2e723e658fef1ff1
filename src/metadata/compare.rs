//! Whether two hosts' changelogs tell the same of the changes both have.

use super::{Block, Directory, Range, joined};

/// What comparing checksums shows. mfsmaster merges changes that differ under one number without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The same lines.
    pub same: Vec<Range>,
    /// Somewhere in here lines differ.
    pub differ: Vec<Range>,
    /// Both have changes here, but blocks of another extent: compare the lines.
    pub open: Vec<Range>,
}

impl Comparison {
    /// Whether every change both have is the same, as far as checksums tell.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differ.is_empty() && self.open.is_empty()
    }
}

/// Compares the blocks of two directories from a change on.
#[must_use]
pub fn compare(first: &Directory, second: &Directory, from: u64) -> Comparison {
    let mut found = Comparison::default();
    let theirs = blocks(second, from);
    for mine in blocks(first, from) {
        for (block, both) in theirs.iter().filter_map(|b| Some((b, b.range.common(mine.range)?))) {
            let alike = block.range == mine.range && block.lines == mine.lines;
            match (alike, block.sha256 == mine.sha256) {
                (true, true) => found.same.push(both),
                (true, false) => found.differ.push(both),
                (false, _) => found.open.push(both),
            }
        }
    }
    found.same = joined(found.same);
    found.differ = joined(found.differ);
    // A range another pair of files settled is settled.
    found.open = joined(found.open.into_iter().filter(|open| !within(&found.same, *open) && !within(&found.differ, *open)).collect());
    found
}

fn within(ranges: &[Range], one: Range) -> bool {
    ranges.iter().any(|range| range.common(one) == Some(one))
}

fn blocks(directory: &Directory, from: u64) -> Vec<&Block> {
    directory.changelogs().flat_map(|(_, log)| &log.blocks).filter(|block| block.range.to >= from).collect()
}
