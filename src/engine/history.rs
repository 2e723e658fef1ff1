//! The journal of runs: what was asked, by whom, and what became of it; one JSON object a line.
//!
//! Each run writes a line when it begins and one when it ends; a run without the second was cut off.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "event")]
pub enum Entry {
    /// A run began.
    Begin(Begin),
    /// A run ended.
    End(End),
}

/// A run's beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// Id of the run, in order of time.
    pub run: String,
    /// RFC 3339.
    pub time: String,
    /// `user@host`.
    pub operator: String,
    /// Cluster's name.
    pub cluster: String,
    /// The command line.
    pub command: String,
    /// Version of mfsctl.
    pub version: String,
}

/// A run's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Id of the run.
    pub run: String,
    /// RFC 3339.
    pub time: String,
    /// `done`, `nothing to do`, `incomplete`, `refused`, `failed`, `interrupted`, `rolled back`, `unknown`.
    pub result: String,
    /// Seconds it took.
    pub seconds: u64,
    /// What was done on each host: `stage: title`.
    pub hosts: BTreeMap<String, HostEnd>,
    /// What a switchover took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// What a switchover took; times in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The node that served before.
    pub from: String,
    /// The node that serves now.
    pub to: String,
    /// From the request to the last step.
    pub total_ms: u64,
    /// Longest time without an answer at the virtual address, as a probe on another node saw it.
    pub gap_ms: Option<u64>,
    /// Each step with the time since the request.
    pub phases: Vec<Phase>,
}

/// One step of a switchover.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// The node.
    pub node: String,
    /// The step, in the takeover's words.
    pub step: String,
    /// Since the request.
    pub at_ms: u64,
}

/// What became of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostEnd {
    /// Actions carried out.
    pub done: Vec<String>,
    /// Where it stopped, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// A run put together from its lines.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// How it began.
    pub begin: Begin,
    /// How it ended; `None` when it was cut off or still goes on.
    pub end: Option<End>,
}

/// Where the journal is kept on this machine: `$XDG_STATE_HOME/mfsctl/history.jsonl`.
///
/// # Errors
/// When there is no home directory.
pub fn path() -> Result<PathBuf, String> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let state = match state {
        Some(state) => state,
        None => PathBuf::from(std::env::var_os("HOME").ok_or("neither XDG_STATE_HOME nor HOME is set")?).join(".local/state"),
    };
    Ok(state.join("mfsctl/history.jsonl"))
}

/// Appends one entry; whole lines only, also with several writers.
///
/// # Errors
/// When the file cannot be written.
pub fn append(path: &Path, entry: &Entry) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.sync_data()
}

/// Reads a journal, oldest first. Lines that make no sense (a torn last one) are counted, not fatal.
///
/// # Errors
/// When the file exists and cannot be read.
pub fn read(path: &Path) -> std::io::Result<(Vec<Run>, usize)> {
    match File::open(path) {
        Ok(file) => parse(BufReader::new(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((Vec::new(), 0)),
        Err(error) => Err(error),
    }
}

/// Reads journal lines, oldest first; gives the runs and the number of unreadable lines.
///
/// # Errors
/// When reading fails.
pub fn parse(lines: impl BufRead) -> std::io::Result<(Vec<Run>, usize)> {
    let mut runs: Vec<Run> = Vec::new();
    let mut unreadable = 0;
    for line in lines.split(b'\n') {
        let line = line?;
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(Entry::Begin(begin)) => runs.push(Run { begin, end: None }),
            Ok(Entry::End(end)) => {
                if let Some(run) = runs.iter_mut().rev().find(|r| r.begin.run == end.run) {
                    run.end = Some(end);
                }
            }
            Err(_) => unreadable += 1,
        }
    }
    Ok((runs, unreadable))
}

/// A new id: time to the second, and a random tail.
#[must_use]
pub fn new_id(now: &jiff::Zoned) -> String {
    format!("{}-{:04x}", now.strftime("%Y%m%dT%H%M%S"), rand::random::<u16>())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn begin(run: &str) -> Entry {
        let text = |s: &str| s.to_owned();
        Entry::Begin(Begin {
            run: text(run),
            time: text("t"),
            operator: text("a@b"),
            cluster: text("c"),
            command: text("x"),
            version: text("0"),
        })
    }

    fn end(run: &str) -> Entry {
        let text = |s: &str| s.to_owned();
        Entry::End(End { run: text(run), time: text("t"), result: text("done"), seconds: 1, hosts: BTreeMap::new(), receipt: None })
    }

    #[test]
    fn runs_come_back_and_a_cut_one_has_no_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.jsonl");
        for entry in [begin("1"), begin("2"), end("1")] {
            append(&path, &entry).unwrap();
        }
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"event\":\"beg").unwrap();
        let (runs, unreadable) = read(&path).unwrap();
        assert_eq!((runs.len(), unreadable), (2, 1));
        assert!(runs[0].end.is_some() && runs[1].end.is_none());
    }

    #[test]
    fn no_journal_is_an_empty_one() {
        assert_eq!(read(Path::new("/nonexistent/x")).unwrap().0.len(), 0);
    }
}
