//! Who holds a mount: processes with a directory, a file or a program under it, and what the kernel itself has there.
//!
//! One round trip, no fuser or lsof. Only `/proc` and `/sys` are read, never the mount, so that one that hangs can be asked about as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::mount::unescape;
use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "holders";
/// Seconds that reading the maps or names of processes may take: a process that hangs in a page fault can make that wait.
const LIMIT: u32 = 10;

/// What something has under a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It stands there: working directory.
    Directory,
    /// Its root directory (chroot).
    Root,
    /// The program itself.
    Program,
    /// An open file.
    Open,
    /// A file mapped into memory.
    Mapped,
    /// The kernel: a loop device on a file.
    Loop,
    /// The kernel: swap in a file.
    Swap,
    /// The kernel: another file system mounted below.
    Mount,
}

/// One that holds a mount.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Holder {
    /// Process id; 0 for the kernel.
    pub pid: u32,
    /// Name of the process, at most 15 characters as the kernel keeps it; for the kernel the device or file system.
    pub process: String,
    /// Whose process it is, by name where the node knows one, else the number.
    pub user: String,
    /// What it has.
    pub how: How,
    /// Where: an absolute path on the node.
    pub path: String,
}

impl fmt::Display for Holder {
    /// For people: `tail (pid 812, root) has /mnt/mfs/log open`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, process, user, how, path } = self;
        match how {
            How::Directory => write!(f, "{process} (pid {pid}, {user}) works in {path}"),
            How::Root => write!(f, "{process} (pid {pid}, {user}) has its root at {path}"),
            How::Program => write!(f, "{process} (pid {pid}, {user}) runs the program {path}"),
            How::Open => write!(f, "{process} (pid {pid}, {user}) has {path} open"),
            How::Mapped => write!(f, "{process} (pid {pid}, {user}) has {path} in its memory"),
            How::Loop => write!(f, "{process} of the kernel uses {path}"),
            How::Swap => write!(f, "the kernel swaps to {path}"),
            How::Mount => write!(f, "a file system ({process}) is mounted on {path}"),
        }
    }
}

/// Holders by mount point; a mount point asked about that nobody holds has an empty list.
pub type Holders = BTreeMap<String, Vec<Holder>>;

/// Asks who holds these mount points.
#[must_use]
pub fn ask(paths: &[String]) -> Question {
    let tests: Vec<String> = paths
        .iter()
        .map(|p| {
            let glob = glob_literal(p);
            format!("-lname {} -o -lname {}", shell::quote(&glob), shell::quote(&format!("{glob}/*")))
        })
        .collect();
    let needles: Vec<String> = paths.iter().map(|p| format!("-e {}", shell::quote(&format!(" {p}/")))).collect();
    if paths.is_empty() {
        return Question { name: NAME.to_owned(), script: ":".to_owned() };
    }
    let script = format!(
        "links=$(find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd -maxdepth 1 -type l \\( {tests} \\) -printf '%p|%l\\n' 2>/dev/null)\n\
         maps=$(timeout -k 1 {LIMIT} grep -sF {needles} /proc/[0-9]*/maps)\n\
         echo '== links'; printf '%s\\n' \"$links\" \"$maps\"\n\
         pids=$(printf '%s\\n' \"$links\" \"$maps\" | sed -n 's|^/proc/\\([0-9][0-9]*\\)/.*|\\1|p' | sort -u)\n\
         set --; for p in $pids; do set -- \"$@\" \"/proc/$p/status\"; done\n\
         echo '== processes'\n\
         [ $# -eq 0 ] || {{\n\
         status=$(timeout -k 1 {LIMIT} grep -sHE '^(Name|Uid):' \"$@\"); printf '%s\\n' \"$status\"\n\
         uids=$(printf '%s\\n' \"$status\" | sed -n 's|.*:Uid:[^0-9]*\\([0-9][0-9]*\\).*|\\1|p' | sort -u)\n\
         echo '== users'; timeout -k 1 {LIMIT} getent passwd $uids\n\
         }}\n\
         echo '== loops'; grep -sH '' /sys/block/loop*/loop/backing_file\n\
         echo '== swaps'; grep -s '^/' /proc/swaps\n\
         echo '== mounts'; cat /proc/mounts\n\
         :\n",
        tests = tests.join(" -o "),
        needles = needles.join(" "),
    );
    Question { name: NAME.to_owned(), script }
}

/// A path as a pattern that matches only itself.
fn glob_literal(path: &str) -> String {
    path.chars().flat_map(|c| ("*?[\\".contains(c)).then_some('\\').into_iter().chain([c])).collect()
}

/// Reads the answer to [`ask`] for the same mount points. Lines that are not of the form asked for are passed over:
/// the name of a file may hold a line break.
///
/// # Errors
/// When a section is missing: the answer was cut off.
pub fn parse(paths: &[String], answer: &Answer) -> Result<Holders, FactError> {
    let mut holders: Holders = paths.iter().map(|p| (p.clone(), Vec::new())).collect();
    if paths.is_empty() {
        return Ok(holders);
    }
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut current = "";
    for line in answer.text.lines() {
        match line.strip_prefix("== ") {
            Some(name) => {
                current = name;
                sections.entry(name).or_default();
            }
            None => sections.entry(current).or_default().push(line),
        }
    }
    for wanted in ["links", "processes", "loops", "swaps", "mounts"] {
        if !sections.contains_key(wanted) {
            return Err(FactError::new(NAME, &format!("the section {wanted}"), &answer.text));
        }
    }
    let lines = |name: &str| sections.get(name).map(Vec::as_slice).unwrap_or_default();
    let owner = |path: &str| -> Option<String> {
        // The innermost mount asked about is the one that is held.
        let over = paths.iter().filter(|p| path == p.as_str() || is_below(path, p));
        over.max_by_key(|p| p.len()).cloned()
    };
    let names = Names::read(lines("processes"), lines("users"));
    let mut seen: BTreeSet<(u32, How, String)> = BTreeSet::new();
    for (pid, how, path) in lines("links").iter().filter_map(|l| link(l)) {
        if let Some(mount) = owner(&path)
            && seen.insert((pid, how, path.clone()))
        {
            let (process, user) = names.of(pid);
            holders.entry(mount).or_default().push(Holder { pid, process, user, how, path });
        }
    }
    let mut kernel = |process: &str, how, path: String| {
        if let Some(mount) = paths.iter().filter(|p| is_below(&path, p)).max_by_key(|p| p.len()).cloned() {
            let holder = Holder { pid: 0, process: process.to_owned(), user: "kernel".to_owned(), how, path };
            holders.entry(mount).or_default().push(holder);
        }
    };
    for line in lines("loops") {
        let device = line.strip_prefix("/sys/block/").and_then(|rest| rest.split_once("/loop/backing_file:"));
        if let Some((device, file)) = device {
            kernel(&format!("/dev/{device}"), How::Loop, file.to_owned());
        }
    }
    for file in lines("swaps").iter().filter_map(|l| l.split_whitespace().next()) {
        kernel("swap", How::Swap, unescape(file));
    }
    for line in lines("mounts") {
        if let [source, target, ..] = line.split(' ').collect::<Vec<_>>()[..] {
            kernel(&unescape(source), How::Mount, unescape(target));
        }
    }
    holders.values_mut().for_each(|list| list.sort());
    Ok(holders)
}

fn is_below(path: &str, mount: &str) -> bool {
    path.strip_prefix(mount.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1)
}

/// `/proc/PID/cwd|TARGET` as find prints it, or `/proc/PID/maps:RANGE … INODE   PATH` as grep does.
fn link(line: &str) -> Option<(u32, How, String)> {
    let (pid, rest) = line.strip_prefix("/proc/")?.split_once('/')?;
    let pid = pid.parse().ok()?;
    if let Some(map) = rest.strip_prefix("maps:") {
        // The path is the sixth field, and may hold blanks itself (man proc).
        let path = map.find(" /").map(|at| &map[at + 1..])?;
        return Some((pid, How::Mapped, path.to_owned()));
    }
    let (what, target) = rest.split_once('|')?;
    let how = match what {
        "cwd" => How::Directory,
        "root" => How::Root,
        "exe" => How::Program,
        _ => what.strip_prefix("fd/").map(|_| How::Open)?,
    };
    Some((pid, how, target.to_owned()))
}

/// Names of processes and users.
struct Names {
    processes: BTreeMap<u32, String>,
    owners: BTreeMap<u32, String>,
}

impl Names {
    /// Lines of `/proc/PID/status` with the file's name before them, and lines as of `/etc/passwd`.
    fn read(status: &[&str], users: &[&str]) -> Self {
        let known: BTreeMap<&str, &str> = users
            .iter()
            .filter_map(|l| {
                let mut fields = l.split(':');
                let name = fields.next()?;
                Some((fields.nth(1)?, name))
            })
            .collect();
        let mut names = Self { processes: BTreeMap::new(), owners: BTreeMap::new() };
        for line in status {
            let Some((pid, rest)) = line.strip_prefix("/proc/").and_then(|l| l.split_once("/status:")) else { continue };
            let (Ok(pid), Some((key, value))) = (pid.parse(), rest.split_once(":\t")) else { continue };
            match key {
                "Name" => {
                    names.processes.insert(pid, value.to_owned());
                }
                "Uid" => {
                    let uid = value.split_whitespace().next().unwrap_or(value);
                    names.owners.insert(pid, known.get(uid).copied().unwrap_or(uid).to_owned());
                }
                _ => {}
            }
        }
        names
    }

    fn of(&self, pid: u32) -> (String, String) {
        let told = |map: &BTreeMap<u32, String>| map.get(&pid).cloned().unwrap_or_else(|| "?".to_owned());
        (told(&self.processes), told(&self.owners))
    }
}

/// Those that are left when all of `points` are unmounted: one of them that lies on another does not count.
pub fn staying<'a>(holders: &'a [Holder], points: &'a [&str]) -> impl Iterator<Item = &'a Holder> {
    holders.iter().filter(move |h| h.how != How::Mount || !points.contains(&h.path.as_str()))
}

/// At most `most` of them in words, and how many more there are; one line.
#[must_use]
pub fn told(holders: &[Holder], most: usize) -> String {
    let mut words: Vec<String> = holders.iter().take(most).map(Holder::to_string).collect();
    if holders.len() > most {
        words.push(format!("and {} more", holders.len() - most));
    }
    words.join("; ")
}

#[cfg(test)]
#[path = "holder_tests.rs"]
mod tests;
