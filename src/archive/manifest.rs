//! What a backup says of itself.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ArchiveError, at, damaged};

/// Name of the manifest in a backup.
pub const MANIFEST: &str = "manifest.json";
/// Name of the proof beside it, written when a restore of it worked.
const PROOF: &str = "restored.json";

/// Which program's files were copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The active master's own.
    Master,
    /// A metalogger's copy.
    Metalogger,
}

/// A change's number and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTime {
    /// Number of the change.
    pub id: u64,
    /// RFC 3339.
    pub time: String,
}

/// What a backup is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Form of this file: 1.
    pub format: u32,
    /// Cluster's name.
    pub cluster: String,
    /// Node the files are from.
    pub node: String,
    /// Whose they are there.
    pub role: Role,
    /// Directory there.
    pub path: String,
    /// The file system's id, 16 hex digits; `None` in a cluster that never stored metadata.
    pub id: Option<String>,
    /// Version a restore reaches: the id of the next change.
    pub version: u64,
    /// The metadata file a restore begins from.
    pub base: String,
    /// Version of that file.
    pub base_version: u64,
    /// The last change, when a changelog has it.
    pub last_change: Option<ChangeTime>,
    /// Version the master told before copying began.
    pub master_version: Option<u64>,
    /// MooseFS of the master, as it writes it.
    pub moosefs: Option<String>,
    /// Why this backup is less than it should be; empty for a sound one.
    pub degraded: Vec<String>,
    /// When it was finished, RFC 3339.
    pub time: String,
    /// Version of mfsctl.
    pub mfsctl: String,
}

impl Manifest {
    /// Reads the manifest of a backup.
    ///
    /// # Errors
    /// When it is missing, unreadable, or of another form.
    pub fn read(backup: &Path) -> Result<Self, ArchiveError> {
        let path = backup.join(MANIFEST);
        let text = fs::read(&path).map_err(at(&path))?;
        let manifest: Self = serde_json::from_slice(&text).map_err(|e| damaged(&path, format!("no manifest of a backup: {e}")))?;
        match manifest.format {
            1 => Ok(manifest),
            other => Err(damaged(&path, format!("form {other} is not known to this mfsctl"))),
        }
    }
}

/// That a backup was restored, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When, RFC 3339.
    pub time: String,
    /// Where.
    pub node: String,
    /// The mfsmaster that did it, as it names itself.
    pub mfsmaster: String,
    /// Version reached.
    pub version: u64,
}

impl Proof {
    /// The proof kept beside a backup, if there is one.
    #[must_use]
    pub fn read(backup: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(backup.join(PROOF)).ok()?).ok()
    }

    /// Keeps it beside the backup; it is no part of what the checksums cover.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, backup: &Path) -> Result<(), ArchiveError> {
        super::last::replace(&backup.join(PROOF), self)
    }
}
