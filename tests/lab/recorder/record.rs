//! What a record looks like, and where it lies.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of a record, its newline included.
pub const SIZE: u64 = 64;
/// Records in one file; then the next is begun, so that files and chunks are created all the time.
pub const FILE: u64 = 200;

/// Milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(0))
}

/// FNV-1a, 64 bit.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The record of a thread with this number.
pub fn make(thread: usize, id: u64, time: u64) -> Vec<u8> {
    let head = format!("r {thread:03} {id:010} {time:015}");
    let mut line = format!("{head} {:016x}", sum(head.as_bytes())).into_bytes();
    line.resize(usize::try_from(SIZE).unwrap_or(64) - 1, b'.');
    line.push(b'\n');
    line
}

/// Thread and number of a record that is whole.
pub fn read(line: &[u8]) -> Option<(usize, u64)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.trim_end_matches('.');
    let (head, given) = text.rsplit_once(' ')?;
    if line.len() as u64 != SIZE || u64::from_str_radix(given, 16).ok()? != sum(head.as_bytes()) {
        return None;
    }
    let mut words = head.strip_prefix("r ")?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// File of a record, and its place there.
pub fn place(dir: &Path, thread: usize, id: u64) -> (PathBuf, u64) {
    (dir.join(format!("t{thread}.{}", id / FILE)), id % FILE * SIZE)
}

/// Where a file of the metadata work is before and after its rename. Every fourth is removed in the end.
pub fn names(dir: &Path, thread: usize, id: u64) -> (PathBuf, PathBuf) {
    (dir.join(format!("new/{thread}.{id}")), dir.join(format!("kept/{}/{thread}.{id}", id % 8)))
}

/// Whether a file of the metadata work is removed in the end.
pub fn passing(id: u64) -> bool {
    id.is_multiple_of(4)
}
