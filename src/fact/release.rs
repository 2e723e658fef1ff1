//! MooseFS packages of a host: installed, offered, held back; and whether each daemon runs the program installed.
//!
//! Packages never start a daemon anew, so the version a daemon names and the version installed differ after an upgrade.
//! The program itself is compared: `/proc/PID/exe` is another file than the one installed, also when both say
//! the same version.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, FactError};

const NAME: &str = "releases";

/// The script that asks; arguments: package tool, sources (or `-`), `refresh` (or `-`).
pub const SCRIPT: &str = concat!(include_str!("../../playbooks/files/apt-lists.sh"), include_str!("../../playbooks/files/mfs-releases.sh"));

/// What it found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Releases {
    /// Installed packages, `moosefs-*`, with their versions.
    pub installed: BTreeMap<String, String>,
    /// Those of them that are held back (`apt-mark hold`, `versionlock`).
    pub held: BTreeSet<String>,
    /// Versions the repositories offer, by package.
    pub offers: BTreeMap<String, BTreeSet<String>>,
    /// Daemons and mounts that run.
    pub processes: Vec<Process>,
    /// What apt said against a repository.
    pub trouble: Vec<String>,
}

/// A daemon or mount that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// `mfschunkserver`
    pub name: String,
    /// Process id.
    pub pid: u32,
    /// Whether its program is the file installed now.
    pub current: bool,
}

impl Releases {
    /// Whether every process of that name runs the program installed; `None` when none runs.
    #[must_use]
    pub fn current(&self, name: &str) -> Option<bool> {
        let mut all = self.processes.iter().filter(|p| p.name == name).map(|p| p.current).peekable();
        all.peek().is_some().then(|| all.all(|current| current))
    }

    /// Whether a package can be had, or is there, in that version.
    #[must_use]
    pub fn reaches(&self, package: &str, version: &str) -> bool {
        self.installed.get(package).is_some_and(|v| v == version) || self.offers.get(package).is_some_and(|o| o.contains(version))
    }
}

/// Reads the answer.
///
/// # Errors
/// When a line has another form.
pub fn parse(answer: &Answer) -> Result<Releases, FactError> {
    let mut releases = Releases::default();
    for line in answer.text.lines() {
        match line.split('|').collect::<Vec<_>>()[..] {
            ["package", name, version, held] => {
                releases.installed.insert(name.to_owned(), version.to_owned());
                if held == "held" {
                    releases.held.insert(name.to_owned());
                }
            }
            ["offer", name, version] => {
                releases.offers.entry(name.to_owned()).or_default().insert(version.to_owned());
            }
            ["process", name, pid, state] => {
                let pid = pid.parse().map_err(|_| FactError::new(NAME, "a process id", line))?;
                releases.processes.push(Process { name: name.to_owned(), pid, current: state == "current" });
            }
            ["trouble", ..] => releases.trouble.push(line.trim_start_matches("trouble|").to_owned()),
            _ => return Err(FactError::new(NAME, "package, offer, process or trouble", line)),
        }
    }
    Ok(releases)
}

/// A version without epoch and release: `3.0.117` of `1:3.0.117-1`.
#[must_use]
pub fn upstream(version: &str) -> &str {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

/// Orders versions of packages: numbers by value, the rest by its letters, `~` before everything.
#[must_use]
pub fn order(left: &str, right: &str) -> Ordering {
    let (left, right) = (pieces(left), pieces(right));
    for at in 0..left.len().max(right.len()) {
        let order = match (left.get(at), right.get(at)) {
            (Some(l), Some(r)) => piece_order(l, r),
            (Some(l), None) if l.starts_with('~') => Ordering::Less,
            (None, Some(r)) if r.starts_with('~') => Ordering::Greater,
            (l, r) => l.is_some().cmp(&r.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn piece_order(left: &str, right: &str) -> Ordering {
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(l), Ok(r)) => l.cmp(&r),
        _ => right.starts_with('~').cmp(&left.starts_with('~')).then_with(|| left.cmp(right)),
    }
}

/// Runs of digits and of everything else; the epoch is the first number.
fn pieces(version: &str) -> Vec<&str> {
    let version = version.strip_prefix("0:").unwrap_or(version);
    let mut pieces = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    pieces
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn packages_offers_and_processes() {
        let text = "package|moosefs-chunkserver|3.0.117-1|held\npackage|moosefs-common|3.0.117-1|\n\
            offer|moosefs-chunkserver|3.0.118-1\noffer|moosefs-chunkserver|3.0.117-1\n\
            process|mfschunkserver|321|old\nprocess|mfsmetalogger|7|current\ntrouble|E: no|route\n";
        let releases = parse(&Answer { text: text.to_owned(), status: 0 }).unwrap();
        assert!(releases.held.contains("moosefs-chunkserver") && !releases.held.contains("moosefs-common"));
        assert!(releases.reaches("moosefs-chunkserver", "3.0.118-1") && !releases.reaches("moosefs-common", "3.0.118-1"));
        assert_eq!(
            (releases.current("mfschunkserver"), releases.current("mfsmetalogger"), releases.current("mfsmaster")),
            (Some(false), Some(true), None)
        );
        assert_eq!(releases.trouble, ["E: no|route"]);
        assert!(parse(&Answer { text: "x\n".to_owned(), status: 0 }).is_err());
    }

    #[test]
    fn versions_are_ordered() {
        let rising = ["3.0.9-1", "3.0.117~rc1-1", "3.0.117-1", "3.0.117-1+b2", "3.0.117-2", "3.0.118-1", "4.4-1", "4.59.2-1", "1:2.0-1"];
        for (at, left) in rising.iter().enumerate() {
            for right in &rising[at + 1..] {
                if right.starts_with("1:") {
                    continue;
                }
                assert_eq!((order(left, right), order(right, left)), (Ordering::Less, Ordering::Greater), "{left} {right}");
            }
            assert_eq!(order(left, left), Ordering::Equal);
        }
        assert_eq!((upstream("1:3.0.117-1"), upstream("4.59.2-1.rhsystemd"), upstream("3.0")), ("3.0.117", "4.59.2", "3.0"));
    }

    #[test]
    fn the_question_works_here_and_tells_a_replaced_program() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("mfschunkserver");
        std::fs::copy("/bin/sleep", &program).unwrap();
        let mut child = std::process::Command::new(&program).arg("60").spawn().unwrap();
        let ask = || {
            let out = std::process::Command::new("sh").args(["-c", SCRIPT, "mfsctl", "apt-get", "-", "-"]).output().unwrap();
            let releases = parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap();
            releases.processes.into_iter().find(|p| p.pid == child.id()).map(|p| p.current)
        };
        let before = ask();
        std::fs::copy(&program, dir.path().join("new")).unwrap();
        std::fs::rename(dir.path().join("new"), &program).unwrap();
        let after = ask();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((before, after), (Some(true), Some(false)));
    }
}
