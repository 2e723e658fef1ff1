//! The last backup of a cluster, noted where `status` finds it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ArchiveError, at};

/// The last backup made from this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// Its directory.
    pub path: PathBuf,
    /// When it was finished, RFC 3339.
    pub time: String,
    /// Node it is from.
    pub node: String,
    /// Version a restore reaches.
    pub version: u64,
    /// Why it is less than it should be.
    pub degraded: Vec<String>,
}

/// The last time metadata was restored for trial, without touching the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRehearsal {
    /// When, RFC 3339.
    pub time: String,
    /// Where it was restored.
    pub node: String,
    /// From what: a source of the cluster, or a backup's directory.
    pub source: String,
    /// Version reached.
    pub version: u64,
    /// Milliseconds copying and building took, where that was measured.
    pub took_ms: Option<u64>,
}

fn file(state: &Path, cluster: &str) -> PathBuf {
    state.join("backups").join(format!("{cluster}.json"))
}

/// Notes the last backup under this machine's directory of state.
///
/// # Errors
/// When it cannot be written.
pub fn record(state: &Path, cluster: &str, last: &LastBackup) -> Result<(), ArchiveError> {
    replace(&file(state, cluster), last)
}

/// The last backup noted there, if any can be read.
#[must_use]
pub fn last_backup(state: &Path, cluster: &str) -> Option<LastBackup> {
    serde_json::from_slice(&fs::read(file(state, cluster)).ok()?).ok()
}

fn rehearsal_file(state: &Path, cluster: &str) -> PathBuf {
    state.join("rehearsals").join(format!("{cluster}.json"))
}

/// Notes a rehearsal under this machine's directory of state.
///
/// # Errors
/// When it cannot be written.
pub fn record_rehearsal(state: &Path, cluster: &str, last: &LastRehearsal) -> Result<(), ArchiveError> {
    replace(&rehearsal_file(state, cluster), last)
}

/// The last rehearsal noted there, or the proof of the last backup noted there when that is newer.
#[must_use]
pub fn last_rehearsal(state: &Path, cluster: &str) -> Option<LastRehearsal> {
    let noted: Option<LastRehearsal> = fs::read(rehearsal_file(state, cluster)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let proven = last_backup(state, cluster).and_then(|backup| {
        let proof = super::Proof::read(&backup.path)?;
        let source = backup.path.display().to_string();
        Some(LastRehearsal { time: proof.time, node: proof.node, source, version: proof.version, took_ms: None })
    });
    let at = |last: &LastRehearsal| last.time.parse::<jiff::Timestamp>().ok();
    noted.into_iter().chain(proven).max_by_key(at)
}

/// Writes a value as a file of its own, whole or not at all.
pub(super) fn replace(path: &Path, value: &impl Serialize) -> Result<(), ArchiveError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(at(parent))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new).map_err(at(&new))?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(at(&new))?;
    fs::rename(&new, path).map_err(at(path))?;
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(at(parent))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Proof;
    use super::*;

    #[test]
    fn the_newer_of_a_rehearsal_and_a_proven_backup_counts() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path();
        assert_eq!((last_rehearsal(state, "c"), last_backup(state, "c")), (None, None));
        let noted = LastRehearsal {
            time: "2026-11-22T10:00:00Z".into(),
            node: "node2".into(),
            source: "volume".into(),
            version: 7,
            took_ms: Some(900),
        };
        record_rehearsal(state, "c", &noted).unwrap();
        assert_eq!(last_rehearsal(state, "c").as_ref(), Some(&noted));
        assert_eq!(last_rehearsal(state, "other"), None);

        let path = state.join("b1");
        fs::create_dir(&path).unwrap();
        let backup =
            LastBackup { path: path.clone(), time: "2026-11-22T09:00:00Z".into(), node: "node1".into(), version: 5, degraded: vec![] };
        record(state, "c", &backup).unwrap();
        assert_eq!(last_rehearsal(state, "c").as_ref(), Some(&noted));
        let proof = Proof { time: "2026-11-22T13:00:00+02:00".into(), node: "node2".into(), mfsmaster: "3.0.117".into(), version: 5 };
        proof.write(&path).unwrap();
        assert_eq!(last_rehearsal(state, "c").map(|l| (l.version, l.took_ms)), Some((5, None)));
    }
}
