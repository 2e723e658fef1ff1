//! The directory backups are kept in: one writer at a time, whole backups only, the oldest given up.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::{ArchiveError, MANIFEST, Manifest, Proof, SUMS, at, sums};

/// Beginning of the names of what is being written or given up; left behind by a cut only.
const HIDDEN: &str = ".mfsctl-partial-";
/// The file whose lock keeps a second writer out.
const LOCK: &str = ".mfsctl-backup.lock";

/// A directory of backups, locked.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    _lock: File,
}

/// A whole backup.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Its directory.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// That it was restored once.
    pub proof: Option<Proof>,
}

impl Backup {
    /// Whether nothing was amiss when it was made, or a restore of it worked.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.manifest.degraded.is_empty() || self.proof.is_some()
    }
}

/// A backup that is being written; gone when it is dropped before its end.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    kept: bool,
}

impl Shelf {
    /// Takes the directory, made when it is missing, and removes what a cut run left.
    ///
    /// # Errors
    /// [`ArchiveError::Busy`] when another writes there.
    pub fn open(dir: &Path) -> Result<Self, ArchiveError> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(at(dir))?;
        let path = dir.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(at(&path))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|e| match e {
            rustix::io::Errno::WOULDBLOCK => ArchiveError::Busy(dir.to_owned()),
            other => at(&path)(other.into()),
        })?;
        for entry in fs::read_dir(dir).map_err(at(dir))? {
            let stale = entry.map_err(at(dir))?.path();
            if name(&stale).starts_with(HIDDEN) {
                fs::remove_dir_all(&stale).map_err(at(&stale))?;
            }
        }
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    /// Bytes that can be written there.
    ///
    /// # Errors
    /// When the file system does not say.
    pub fn available(&self) -> Result<u64, ArchiveError> {
        super::available(&self.dir).map_err(at(&self.dir))
    }

    /// Begins a backup.
    ///
    /// # Errors
    /// When its directory cannot be made.
    pub fn begin(&self) -> Result<Partial, ArchiveError> {
        let path = self.dir.join(format!("{HIDDEN}{:08x}", rand::random::<u32>()));
        DirBuilder::new().mode(0o700).create(&path).map_err(at(&path))?;
        Ok(Partial { path, kept: false })
    }

    /// Ends a backup: writes manifest and checksums, waits for the disk, and gives it its name.
    ///
    /// # Errors
    /// When something cannot be written; nothing is left then.
    pub fn finish(&self, mut partial: Partial, manifest: &Manifest) -> Result<PathBuf, ArchiveError> {
        let text = serde_json::to_string_pretty(manifest).unwrap_or_default() + "\n";
        partial.write(MANIFEST, text.as_bytes())?;
        let list = sums::list(&partial.path)?;
        partial.write(SUMS, list.as_bytes())?;
        sync(&partial.path)?;
        loop {
            let path = self.dir.join(format!("{}-{}", manifest.cluster, jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ")));
            if path.exists() {
                thread::sleep(Duration::from_millis(200));
                continue;
            }
            fs::rename(&partial.path, &path).map_err(at(&path))?;
            partial.kept = true;
            sync(&self.dir)?;
            return Ok(path);
        }
    }

    /// Gives up a cluster's backups but the newest `keep`; the newest sound one stays whatever its age. Gives the
    /// directories removed.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn keep(&self, cluster: &str, keep: usize) -> Result<Vec<PathBuf>, ArchiveError> {
        let all = backups(&self.dir, cluster)?;
        let sound = all.iter().rposition(Backup::is_sound);
        let old = all.len().saturating_sub(keep.max(1));
        let mut removed = Vec::new();
        for (_, backup) in all.iter().enumerate().take(old).filter(|(n, _)| Some(*n) != sound) {
            // Under its hidden name a half removed one is nobody's backup.
            let hidden = self.dir.join(format!("{HIDDEN}{}", name(&backup.path)));
            fs::rename(&backup.path, &hidden).map_err(at(&backup.path))?;
            fs::remove_dir_all(&hidden).map_err(at(&hidden))?;
            removed.push(backup.path.clone());
        }
        Ok(removed)
    }
}

impl Partial {
    /// Its directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new file in it, for writing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, name: &str) -> Result<File, ArchiveError> {
        let path = self.path.join(name);
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&path).map_err(at(&path))
    }

    /// Removes every file, for another attempt.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn clear(&self) -> Result<(), ArchiveError> {
        for entry in fs::read_dir(&self.path).map_err(at(&self.path))? {
            let path = entry.map_err(at(&self.path))?.path();
            fs::remove_file(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let mut file = self.create(name)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(&self.path.join(name)))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A cluster's whole backups in a directory, the oldest first. Only what mfsctl made itself counts: a directory
/// named by the cluster and a time, with checksums and a manifest of that cluster.
///
/// # Errors
/// When the directory cannot be listed.
pub fn backups(dir: &Path, cluster: &str) -> Result<Vec<Backup>, ArchiveError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        let path = entry.path();
        let time = name(&path).strip_prefix(&format!("{cluster}-")).map(str::to_owned);
        if !entry.file_type().map_err(at(&path))?.is_dir() || !time.is_some_and(|t| is_time(&t)) || !path.join(SUMS).is_file() {
            continue;
        }
        if let Ok(manifest) = Manifest::read(&path)
            && manifest.cluster == cluster
        {
            found.push(Backup { proof: Proof::read(&path), path, manifest });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// `20261123T221500Z`
fn is_time(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        })
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|n| n.to_str()).unwrap_or_default()
}

fn sync(dir: &Path) -> Result<(), ArchiveError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir))
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
