//! Files of any size moved over a connection piece by piece: little is held in memory, and between pieces the
//! connection breathes and the caller may stop.

use std::io::Read;
use std::time::Duration;

use super::{Output, Request, Transport};

/// Bytes moved with one command.
pub const PIECE: usize = 8 << 20;
/// Longest time for one piece: 8 MiB over a line of a megabit a second.
const DEADLINE: Duration = Duration::from_secs(120);

/// Reads the first `size` bytes of a file on the node into `take`, in order.
///
/// The path may be of an open file of a held process (`/proc/PID/fd/N`), which stays the same file whatever
/// becomes of its name.
///
/// # Errors
/// When the connection fails, the file is shorter, or `take` says so.
pub fn fetch(
    transport: &mut dyn Transport,
    path: &str,
    size: u64,
    take: &mut dyn FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let mut at = 0;
    while at < size {
        let length = (size - at).min(PIECE as u64);
        let (from, count) = ((at + 1).to_string(), length.to_string());
        let words = ["sh", "-c", r#"tail -c "+$1" -- "$2" | head -c "$3""#, "mfsctl-piece", &from, path, &count];
        let output = succeed(transport.run(&Request::new(words).within(DEADLINE)))?;
        if output.stdout.is_empty() {
            return Err(format!("{path} ended at {at} of {size} bytes {}", output.error_text().trim()).trim_end().to_owned());
        }
        take(&output.stdout)?;
        at += output.stdout.len() as u64;
    }
    Ok(())
}

/// Adds to the file, or begins it at 0, when it is as long as what was sent before.
const ADD: &str = r#"umask 077; [ "$2" -gt 0 ] || : >"$1" || exit 1
[ "$(stat -c %s -- "$1")" -eq "$2" ] || { echo "$1 does not go on at $2" >&2; exit 1; }
cat >>"$1""#;

/// Writes all of `source` to a new file on the node; `sent` hears of each piece's length.
///
/// # Errors
/// When reading or the connection fails, the node cannot write, somebody else wrote to the file, or `sent` says so.
pub fn send(
    transport: &mut dyn Transport,
    source: &mut dyn Read,
    path: &str,
    sent: &mut dyn FnMut(u64) -> Result<(), String>,
) -> Result<(), String> {
    let mut at = 0;
    loop {
        let mut piece = Vec::new();
        source.take(PIECE as u64).read_to_end(&mut piece).map_err(|e| e.to_string())?;
        let length = piece.len() as u64;
        // An empty file is one too.
        if length == 0 && at > 0 {
            return Ok(());
        }
        let request = Request { stdin: piece, ..Request::new(["sh", "-c", ADD, "mfsctl-piece", path, &at.to_string()]).within(DEADLINE) };
        succeed(transport.run(&request))?;
        if length == 0 {
            return Ok(());
        }
        at += length;
        sent(length)?;
    }
}

fn succeed(output: Result<Output, super::RemoteError>) -> Result<Output, String> {
    let output = output.map_err(|e| e.to_string())?;
    if output.success() { Ok(output) } else { Err(output.error_text().trim().to_owned()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::local::LocalTransport;

    #[test]
    fn there_and_back_over_the_borders_of_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let mut node = LocalTransport::new("here");
        let path = dir.path().join("-odd name'").display().to_string();
        for size in [0, 1, PIECE, PIECE + 1] {
            let content: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let mut told = 0;
            send(&mut node, &mut content.as_slice(), &path, &mut |n| {
                told += n;
                Ok(())
            })
            .unwrap();
            let mut back = Vec::new();
            fetch(&mut node, &path, size as u64, &mut |piece| {
                back.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
            assert!(back == content && told == size as u64, "{size}");
        }
        let short = fetch(&mut node, &path, (PIECE + 2) as u64, &mut |_| Ok(())).unwrap_err();
        assert!(short.contains("ended at 8388609 of 8388610"), "{short}");
        assert_eq!(fetch(&mut node, &path, 9, &mut |_| Err("stop".into())), Err("stop".into()));
        assert!(send(&mut node, &mut &b"x"[..], "/no/such/dir/x", &mut |_| Ok(())).is_err());
        // Somebody else writes to it.
        let content = vec![1; PIECE + 1];
        let meddle = |_| std::fs::write(&path, "x").map_err(|e| e.to_string());
        let gap = send(&mut node, &mut content.as_slice(), &path, &mut { meddle }).unwrap_err();
        assert!(gap.contains("does not go on at 8388608"), "{gap}");
    }
}
