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
