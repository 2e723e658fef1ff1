//! Backups of metadata on this machine: what each holds and proves, how a new one comes to be, which ones stay; and archives
//! of what somebody needs who is to help.

mod bundle;
mod last;
mod manifest;
mod read;
mod shelf;
mod sums;

use std::io;
use std::path::{Path, PathBuf};

pub use bundle::{Bundle, CONTENTS, Contents, Missing};
pub use last::{LastBackup, LastRehearsal, last_backup, last_rehearsal, record, record_rehearsal};
pub use manifest::{ChangeTime, MANIFEST, Manifest, Proof, Role};
pub use read::{differing, read_directory};
pub use shelf::{Backup, Partial, Shelf, backups};
pub use sums::{SUMS, check, sha256};

/// Why a backup could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Another mfsctl writes into the same directory.
    #[error("{}: another backup is being written there", .0.display())]
    Busy(PathBuf),
    /// The system said no.
    #[error("{}: {source}", .path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// It is not, or no longer, what was written.
    #[error("{}: {reason}", .path.display())]
    Damaged {
        /// File or directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Bytes that can be written to the file system of a path.
///
/// # Errors
/// When it does not say.
pub fn available(path: &Path) -> io::Result<u64> {
    let space = rustix::fs::statvfs(path)?;
    Ok(space.f_bavail.saturating_mul(space.f_frsize))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Io { path, source }
}

fn damaged(path: &Path, reason: impl Into<String>) -> ArchiveError {
    ArchiveError::Damaged { path: path.to_owned(), reason: reason.into() }
}
