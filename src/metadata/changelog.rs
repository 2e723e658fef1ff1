//! A changelog read in one pass, in little memory however long it is.

use std::io::{self, BufRead, BufReader, Read};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Range;
use super::line::{LINE_LIMIT, Line};

/// Most gaps kept of a changelog; more are counted only.
pub const GAPS_KEPT: usize = 16;
/// Most blocks hashed of a changelog.
pub const BLOCKS_KEPT: usize = 4_000;

/// How many changes a block has: fewer and longer blocks for files of 256 MiB and more.
#[must_use]
pub fn block_length(size: u64) -> u64 {
    if size < 268_435_456 { 1_000 } else { 64_000 }
}

/// A change's number and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Stamp {
    /// Number of the change.
    pub id: u64,
    /// When, seconds since 1970.
    pub time: u64,
}

/// How a changelog ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tail {
    /// With a whole line and its newline.
    Clean,
    /// With something that is no whole line: mfsmaster would skip the whole file and say nothing.
    Torn,
    /// With NUL bytes, as a power cut leaves them.
    Nul,
}

/// Checksum of the lines of one block, to compare copies without their content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// First and last change in it.
    pub range: Range,
    /// Lines.
    pub lines: u64,
    /// SHA-256 of the lines with their newlines, in hex.
    pub sha256: String,
}

/// What a changelog holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changelog {
    /// First whole line; `None` when there is none.
    pub first: Option<Stamp>,
    /// Last whole line.
    pub last: Option<Stamp>,
    /// Whole lines.
    pub lines: u64,
    /// Lines before the last whole one that are damaged.
    pub damaged: u64,
    /// Lines whose number is not above that of the line before.
    pub disordered: u64,
    /// How often numbers are missing.
    pub gaps: u64,
    /// The first of these gaps.
    pub missing: Vec<Range>,
    /// Bytes up to the end of the last whole line: what to cut the file to.
    pub whole: u64,
    /// What follows that line.
    pub tail: Tail,
    /// The file system's id, when the change that sets it is here.
    pub meta_id: Option<u64>,
    /// How many changes a block has.
    pub block: u64,
    /// Checksums, in the order of the file.
    pub blocks: Vec<Block>,
}

impl Changelog {
    /// Reads to the end. `size` is the file's size in bytes, and no more is read: a live one may grow.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read<R: Read>(source: R, size: u64) -> io::Result<Self> {
        let mut lines = Lines { source: BufReader::with_capacity(LINE_LIMIT + 1, source.take(size)), line: Vec::new() };
        let mut scan = Scan::new(block_length(size));
        while let Some(taken) = lines.next()? {
            scan.line(&lines.line, taken);
        }
        Ok(scan.end())
    }

    /// The changes it holds in an unbroken row from its first to its last, or the pieces where some are missing.
    /// Of more than sixteen gaps the rest of the file counts for nothing.
    #[must_use]
    pub fn runs(&self) -> Vec<Range> {
        let (Some(first), Some(last)) = (self.first, self.last) else { return Vec::new() };
        let mut runs = Vec::new();
        let mut from = first.id;
        for gap in &self.missing {
            runs.push(Range { from, to: gap.from.saturating_sub(1) });
            from = gap.to.saturating_add(1);
        }
        if self.gaps as usize <= self.missing.len() {
            runs.push(Range { from, to: last.id });
        }
        runs.retain(|run| run.from <= run.to);
        runs
    }

    /// Whether nothing is wrong inside; a torn tail is no part of this.
    #[must_use]
    pub fn in_order(&self) -> bool {
        self.damaged == 0 && self.disordered == 0
    }
}

/// SHA-256, in hex, of the whole lines of a changelog with these numbers; `None` when it has none of them.
///
/// # Errors
/// When reading fails.
pub fn digest<R: Read>(source: R, size: u64, range: Range) -> io::Result<Option<String>> {
    let mut lines = Lines { source: BufReader::with_capacity(LINE_LIMIT + 1, source.take(size)), line: Vec::new() };
    let mut hash = None;
    while let Some(taken) = lines.next()? {
        if Line::read(&lines.line).is_some_and(|line| taken.ended && (range.from..=range.to).contains(&line.id)) {
            let hash = hash.get_or_insert_with(Sha256::new);
            hash.update(&lines.line);
            hash.update(b"\n");
        }
    }
    Ok(hash.map(hex))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// Lines with the bytes each takes; of a line over the limit only its beginning is kept.
struct Lines<R: Read> {
    source: BufReader<io::Take<R>>,
    line: Vec<u8>,
}

/// Bytes of a line in the file, and whether a newline ends it.
struct Taken {
    bytes: u64,
    ended: bool,
    nul: bool,
}

impl<R: Read> Lines<R> {
    fn next(&mut self) -> io::Result<Option<Taken>> {
        self.line.clear();
        let mut taken = Taken { bytes: 0, ended: false, nul: false };
        loop {
            let ready = self.source.fill_buf()?;
            if ready.is_empty() {
                return Ok((taken.bytes > 0).then_some(taken));
            }
            let newline = ready.iter().position(|b| *b == b'\n');
            let part = ready.get(..newline.unwrap_or(ready.len())).unwrap_or_default();
            taken.nul |= part.iter().any(|b| matches!(b, 0 | 1));
            let room = (LINE_LIMIT + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(part.get(..room).unwrap_or(part));
            let used = part.len() + usize::from(newline.is_some());
            taken.bytes += used as u64;
            self.source.consume(used);
            if newline.is_some() {
                taken.ended = true;
                return Ok(Some(taken));
            }
        }
    }
}

/// A block being made.
struct Open {
    range: Range,
    number: u64,
    lines: u64,
    hash: Sha256,
}

struct Scan {
    found: Changelog,
    at: u64,
    pending: u64,
    nul: bool,
    open: Option<Open>,
}

impl Scan {
    fn new(block: u64) -> Self {
        let found = Changelog {
            first: None,
            last: None,
            lines: 0,
            damaged: 0,
            disordered: 0,
            gaps: 0,
            missing: Vec::new(),
            whole: 0,
            tail: Tail::Clean,
            meta_id: None,
            block,
            blocks: Vec::new(),
        };
        Self { found, at: 0, pending: 0, nul: false, open: None }
    }

    fn line(&mut self, text: &[u8], taken: Taken) {
        self.at += taken.bytes;
        let Some(line) = Line::read(text).filter(|_| taken.ended) else {
            self.pending += 1;
            self.nul |= taken.nul;
            return;
        };
        let found = &mut self.found;
        found.damaged += self.pending;
        (self.pending, self.nul) = (0, false);
        found.whole = self.at;
        let last = found.last.map(|l| l.id);
        if last.is_some_and(|last| line.id <= last) {
            found.disordered += 1;
        } else if let Some(last) = last.filter(|last| line.id > last + 1) {
            found.gaps += 1;
            if found.missing.len() < GAPS_KEPT {
                found.missing.push(Range { from: last + 1, to: line.id - 1 });
            }
        }
        let stamp = Stamp { id: line.id, time: line.time };
        found.first.get_or_insert(stamp);
        found.last = Some(stamp);
        found.lines += 1;
        if line.operation == "SETMETAID" {
            found.meta_id = std::str::from_utf8(line.arguments).ok().and_then(|id| id.parse().ok());
        }
        self.hash(line.id, last, text);
    }

    fn hash(&mut self, id: u64, last: Option<u64>, text: &[u8]) {
        let number = id / self.found.block;
        if self.open.as_ref().is_some_and(|open| open.number != number || last.is_some_and(|last| id <= last)) {
            self.close();
        }
        if self.open.is_none() && self.found.blocks.len() >= BLOCKS_KEPT {
            return;
        }
        let open = self.open.get_or_insert_with(|| Open { range: Range { from: id, to: id }, number, lines: 0, hash: Sha256::new() });
        open.range.to = id;
        open.lines += 1;
        open.hash.update(text);
        open.hash.update(b"\n");
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.found.blocks.push(Block { range: open.range, lines: open.lines, sha256: hex(open.hash) });
        }
    }

    fn end(mut self) -> Changelog {
        self.close();
        self.found.tail = match (self.pending, self.nul) {
            (0, _) => Tail::Clean,
            (_, true) => Tail::Nul,
            _ => Tail::Torn,
        };
        self.found
    }
}
