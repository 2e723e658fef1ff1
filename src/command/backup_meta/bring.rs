//! Copies what a metadata directory can be restored from, as it is at one moment, from a node to here.
//!
//! The files are pinned by a process on the node that holds them open: metadata.mfs.back is replaced and changelogs
//! are renamed at full hours, and a name would then lead to another file in mid-copy. That needs no space on
//! the metadata volume and leaves nothing there. What was copied is judged here, and copied again when it has a hole.

use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::archive::{self, Partial};
use crate::fact::{Answer, metadata_dir};
use crate::metadata::{self, Candidate, Content, Directory, File, Kind, Tail};
use crate::remote::{Request, Transport, pieces, shell};

/// How often a copy with a hole, or one that is behind, is made anew.
const ATTEMPTS: usize = 4;
/// Longest time to read the changelogs on the node.
const LOOK: Duration = Duration::from_secs(1800);
const PIN: &str = include_str!("../../../playbooks/files/mfs-metadata/pin.sh");

/// What to copy.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Directory on the node.
    pub dir: String,
    /// The file system's id, when it is known.
    pub id: Option<u64>,
    /// Version the copy must reach, when it is known.
    pub at_least: Option<u64>,
}

/// What was copied.
#[derive(Debug, Clone)]
pub struct Brought {
    /// How far it reaches.
    pub best: Candidate,
    /// What is less than it should be.
    pub degraded: Vec<String>,
}

/// Connects anew, which lets go of what was pinned before.
pub type Connect<'a> = dyn FnMut() -> Result<Box<dyn Transport>, String> + 'a;
/// Hears how many bytes of how many are here; its error ends the copy.
pub type Progress<'a> = dyn FnMut(u64, u64) -> Result<(), String> + 'a;

/// A file held open on the node.
#[derive(Debug, PartialEq, Eq)]
struct Pinned {
    path: String,
    size: u64,
    name: String,
}

/// Reads a directory on its node, changing nothing.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn look(transport: &mut dyn Transport, dir: &str) -> Result<Directory, String> {
    let question = metadata_dir::ask(dir, metadata_dir::Scope::Needed);
    let output = transport.run(&Request::script(&question.script).within(LOOK)).map_err(|e| e.to_string())?;
    if !output.success() {
        return Err(format!("{dir} cannot be read: {}", output.error_text().trim()));
    }
    metadata_dir::parse(dir, &Answer { text: output.text(), status: 0 }).map_err(|e| e.to_string())
}

/// Copies into `partial` until it reaches as far as wanted, or says why not.
///
/// # Errors
/// When nothing that can be restored came of it.
pub fn bring(connect: &mut Connect, wanted: &Wanted, partial: &Partial, room: u64, progress: &mut Progress) -> Result<Brought, String> {
    let mut last: Result<Brought, String> = Err("not tried".to_owned());
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            // A second later the changelog is on the disk, and a rotation is over.
            thread::sleep(Duration::from_millis(1200));
            partial.clear().map_err(|e| e.to_string())?;
        }
        let brought = once(connect()?.as_mut(), wanted, partial, room, progress)?;
        // What is amiss in the same way again is no race.
        let settled = match (&brought, &last) {
            (Ok(now), Ok(before)) => now.degraded.is_empty() || now.degraded == before.degraded,
            (Ok(now), Err(_)) => now.degraded.is_empty(),
            (Err(now), Err(before)) => now == before,
            (Err(_), Ok(_)) => false,
        };
        last = brought;
        if settled {
            break;
        }
    }
    last
}

/// One copy. The outer error cannot be mended by another attempt.
fn once(
    transport: &mut dyn Transport,
    wanted: &Wanted,
    partial: &Partial,
    room: u64,
    progress: &mut Progress,
) -> Result<Result<Brought, String>, String> {
    let there = look(transport, &wanted.dir)?;
    let Some((_, best)) = metadata::best(std::slice::from_ref(&there), wanted.id) else {
        return Ok(Err(nothing(&there, wanted)));
    };
    let pinned = needed(pin(transport, &wanted.dir)?, &best);
    let total = pinned.iter().map(|p| p.size).sum();
    if total > room {
        return Err(format!("{total} bytes are to be copied, but only {room} are free here"));
    }
    let mut done = 0;
    for file in &pinned {
        let mut copy = partial.create(&file.name).map_err(|e| e.to_string())?;
        pieces::fetch(transport, &file.path, file.size, &mut |piece| {
            copy.write_all(piece).map_err(|e| format!("{}: {e}", partial.path().join(&file.name).display()))?;
            done += piece.len() as u64;
            progress(done, total)
        })?;
    }
    settle(wanted, partial.path()).map_err(|e| format!("{}: {e}", partial.path().display()))
}

fn nothing(there: &Directory, wanted: &Wanted) -> String {
    let other = there.best().map(|c| format!("it holds metadata of another file system (id {:016x})", c.id.unwrap_or(0)));
    let other = other.unwrap_or_else(|| if there.present { "it holds no whole metadata" } else { "there is no such directory" }.to_owned());
    format!("{}: {other}", wanted.dir)
}

fn pin(transport: &mut dyn Transport, dir: &str) -> Result<Vec<Pinned>, String> {
    let script = format!("set -- {}\n{PIN}", shell::quote(dir));
    let line = transport.hold(&Request::new(["bash", "-c", &script]).within(Duration::from_secs(60))).map_err(|e| e.to_string())?;
    parse(&line).ok_or_else(|| format!("the files of {dir} cannot be held open: {line}"))
}

fn parse(line: &str) -> Option<Vec<Pinned>> {
    let mut words = line.split(' ');
    let pid: u32 = words.next()?.parse().ok()?;
    let file = |word: &str| {
        let mut parts = word.splitn(3, ':');
        let (fd, size, name) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && !name.starts_with('.');
        plain.then(|| Pinned { path: format!("/proc/{pid}/fd/{fd}"), size, name: name.to_owned() })
    };
    words.map(file).collect()
}

/// Of what is held open, the metadata to begin from and the changelogs it needs, and of these one more: at a full
/// hour each gets the next number.
fn needed(pinned: Vec<Pinned>, best: &Candidate) -> Vec<Pinned> {
    let number = |name: &str| match Kind::of(name) {
        Kind::Changelog(n) => Some((0, n)),
        Kind::LoggerChangelog(n) => Some((1, n)),
        Kind::LoggerChangelogBack(n) => Some((2, n)),
        _ => None,
    };
    let oldest = |family: u8| best.changelogs.iter().filter_map(|name| number(name)).filter(|(f, _)| *f == family).map(|(_, n)| n).max();
    let wanted = |name: &str| match number(name) {
        Some((family, n)) => n <= oldest(family).map_or(0, |n| n.saturating_add(1)),
        None => name == best.base || Kind::of(name) == Kind::Back(0),
    };
    pinned.into_iter().filter(|p| wanted(&p.name)).collect()
}

/// Judges a copy, cuts torn ends off (mfsmaster would skip the whole file without a word), and drops what the best of
/// it does not need.
fn settle(wanted: &Wanted, copy: &Path) -> std::io::Result<Result<Brought, String>> {
    let mut here = archive::read_directory(copy)?;
    for file in &mut here.files {
        if let Content::Changelog(log) = &mut file.content
            && log.tail != Tail::Clean
        {
            std::fs::OpenOptions::new().write(true).open(copy.join(&file.name))?.set_len(log.whole)?;
            (file.size, log.tail) = (log.whole, Tail::Clean);
        }
    }
    let Some((_, best)) = metadata::best(std::slice::from_ref(&here), wanted.id) else { return Ok(Err(nothing(&here, wanted))) };
    let (kept, dropped): (Vec<File>, Vec<File>) =
        here.files.into_iter().partition(|f| f.name == best.base || best.changelogs.contains(&f.name));
    here.files = kept;
    for file in dropped {
        std::fs::remove_file(copy.join(&file.name))?;
    }
    let mut degraded = Vec::new();
    if let Some(missing) = best.missing {
        degraded.push(format!("changes {missing} are missing: a restore ends before them, at version {}", best.next));
    }
    for name in &best.doubtful {
        degraded.push(format!("{name} is damaged inside: a restore may refuse it"));
    }
    for (first, second, range) in archive::differing(&here, best.version)? {
        degraded.push(format!("{first} and {second} tell changes {range} differently: one of them followed another master"));
    }
    if let Some(version) = wanted.at_least.filter(|version| best.next < *version) {
        degraded.push(format!("it reaches version {}, {} behind the master's {version}", best.next, version - best.next));
    }
    for file in &here.files {
        std::fs::File::open(copy.join(&file.name))?.sync_all()?;
    }
    Ok(Ok(Brought { best, degraded }))
}

#[cfg(test)]
#[path = "bring_tests.rs"]
mod tests;
