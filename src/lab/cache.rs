//! Things that take a minute to make and are kept: the image and the package repository.
//!
//! An entry is a directory named after a digest of all that defines it. It is built under
//! another name and renamed when complete; a stamp lists its files with size and time, so
//! that a half-built or damaged entry is noticed and made again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::{LabError, Result};
use super::progress::{Event, Progress};

const STAMP: &str = "stamp.json";

/// Size in bytes and time of last change in nanoseconds since 1970.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Print(u64, i128);

type Stamp = BTreeMap<PathBuf, Print>;

/// A directory of cached entries.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// A cache in a directory, made when first used.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where an entry of that kind and definition is, or will be.
    #[must_use]
    pub fn path(&self, kind: &str, definition: &[&str]) -> PathBuf {
        self.root.join(format!("{kind}-{}", digest(definition)))
    }

    /// The entry of a kind and definition: the kept one when whole, else a new one made by `build` in the
    /// directory it is given. Two builds of a kind exclude each other, also across processes.
    ///
    /// # Errors
    /// The directory cannot be written, or what `build` ends with.
    pub fn entry(
        &self,
        kind: &str,
        definition: &[&str],
        progress: Progress<'_>,
        build: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let path = self.path(kind, definition);
        if whole(&path) {
            return Ok(path);
        }
        fs::create_dir_all(&self.root).map_err(LabError::io(&self.root))?;
        let _lock = self.lock(kind, progress)?;
        if whole(&path) {
            return Ok(path);
        }
        if path.exists() {
            progress(Event::Note(&format!("{}: not whole, made again", path.display())));
            remove(&path)?;
        }
        self.clear_leftovers(kind);
        let work = self.root.join(format!(".building-{kind}-{}", std::process::id()));
        remove(&work)?;
        fs::create_dir(&work).map_err(LabError::io(&work))?;
        build(&work)?;
        let stamp = serde_json::to_vec(&prints(&work)?).map_err(|e| LabError::Broken { path: work.clone(), reason: e.to_string() })?;
        fs::write(work.join(STAMP), stamp).map_err(LabError::io(&work))?;
        rustix::fs::sync();
        fs::rename(&work, &path).map_err(LabError::io(&path))?;
        Ok(path)
    }

    /// Removes what killed builds left; what one of their last processes still writes goes next time.
    fn clear_leftovers(&self, kind: &str) {
        let prefix = format!(".building-{kind}-");
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                let _ = remove(&entry.path());
            }
        }
    }

    fn lock(&self, kind: &str, progress: Progress<'_>) -> Result<File> {
        let path = self.root.join(format!(".{kind}.lock"));
        let file = File::create(&path).map_err(LabError::io(&path))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            progress(Event::Note(&format!("another mfsctl is making the {kind}: waiting for it")));
            flock(&file, FlockOperation::LockExclusive).map_err(|e| LabError::Io { what: path.display().to_string(), source: e.into() })?;
        }
        Ok(file)
    }
}

/// Sixteen hexadecimal digits that stand for a definition.
fn digest(definition: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in definition {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// Whether every file of an entry is as its stamp says.
fn whole(path: &Path) -> bool {
    let Ok(text) = fs::read(path.join(STAMP)) else { return false };
    let Ok(stamp) = serde_json::from_slice::<Stamp>(&text) else { return false };
    !stamp.is_empty() && stamp.iter().all(|(file, expected)| print(&path.join(file)).is_ok_and(|p| p == *expected))
}

fn print(file: &Path) -> std::io::Result<Print> {
    let meta = fs::symlink_metadata(file)?;
    Ok(Print(meta.size(), i128::from(meta.mtime()) * 1_000_000_000 + i128::from(meta.mtime_nsec())))
}

/// Every regular file below a directory, by its path there.
fn prints(root: &Path) -> Result<Stamp> {
    let mut stamp = Stamp::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).map_err(LabError::io(&dir))? {
            let path = entry.map_err(LabError::io(&dir))?.path();
            let meta = fs::symlink_metadata(&path).map_err(LabError::io(&path))?;
            if meta.is_dir() {
                open.push(path);
            } else if meta.is_file() {
                let inside = path.strip_prefix(root).unwrap_or(&path).to_owned();
                stamp.insert(inside, print(&path).map_err(LabError::io(&path))?);
            }
        }
    }
    Ok(stamp)
}

/// Removes a directory tree, refusing while something is mounted inside.
fn remove(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let inside = |line: &str| line.split(' ').nth(4).is_some_and(|m| Path::new(m).starts_with(path));
    if let Some(line) = mounts.lines().find(|l| inside(l)) {
        let reason = format!("{} is mounted in it: unmount that first", line.split(' ').nth(4).unwrap_or_default());
        return Err(LabError::Broken { path: path.to_owned(), reason });
    }
    fs::remove_dir_all(path).map_err(LabError::io(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::progress::silent;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn make(text: &'static str, count: &AtomicUsize) -> impl FnOnce(&Path) -> Result<()> {
        count.fetch_add(1, Ordering::SeqCst);
        move |dir| {
            fs::create_dir(dir.join("sub")).map_err(LabError::io(dir))?;
            fs::write(dir.join("sub/file"), text).map_err(LabError::io(dir))
        }
    }

    #[test]
    fn an_entry_is_made_once_and_again_when_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("cache"));
        let built = AtomicUsize::new(0);
        let build = |d: &Path| make("text", &built)(d);
        let path = cache.entry("image", &["a"], &silent, build).unwrap();
        assert_eq!(cache.entry("image", &["a"], &silent, build).unwrap(), path);
        assert_eq!(built.load(Ordering::SeqCst), 1);
        fs::write(path.join("sub/file"), "cut").unwrap();
        cache.entry("image", &["a"], &silent, build).unwrap();
        assert_eq!(built.load(Ordering::SeqCst), 2);
        fs::remove_file(path.join("sub/file")).unwrap();
        cache.entry("image", &["a"], &silent, build).unwrap();
        fs::remove_file(path.join(STAMP)).unwrap();
        cache.entry("image", &["a"], &silent, build).unwrap();
        assert_eq!(built.load(Ordering::SeqCst), 4);
        assert_ne!(cache.entry("image", &["b"], &silent, build).unwrap(), path);
    }

    #[test]
    fn a_build_cut_short_leaves_no_entry() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().to_owned());
        let failing = |d: &Path| {
            fs::write(d.join("half"), "").unwrap();
            Err(LabError::NotRoot)
        };
        assert!(cache.entry("image", &["a"], &silent, failing).is_err());
        let built = AtomicUsize::new(0);
        let left = dir.path().join(".building-image-1");
        fs::create_dir(&left).unwrap();
        let path = cache.entry("image", &["a"], &silent, make("text", &built)).unwrap();
        assert!(!path.join("half").exists() && !left.exists());
    }

    #[test]
    fn parts_of_a_definition_do_not_run_together() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]).len(), 16);
    }
}
