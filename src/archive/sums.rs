//! Checksums of a backup's files, as `sha256sum -c` reads them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{ArchiveError, at, damaged};

/// Name of the list in a backup.
pub const SUMS: &str = "SHA256SUMS";

/// SHA-256 of a file, in hex.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(buffer.get(..n).unwrap_or_default()),
        }
    }
    Ok(hasher.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

/// The list for all of a directory's files but itself, by name.
pub(super) fn list(dir: &Path) -> Result<String, ArchiveError> {
    let mut sums = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let path = entry.map_err(at(dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name != SUMS {
            sums.insert(name, sha256(&path).map_err(at(&path))?);
        }
    }
    Ok(sums.into_iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect())
}

/// Checks every file of a backup against the list.
///
/// # Errors
/// The first that is missing, differs, or is metadata the list does not name.
pub fn check(dir: &Path) -> Result<(), ArchiveError> {
    let path = dir.join(SUMS);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let mut named = BTreeMap::new();
    for line in text.lines() {
        let (sum, name) = line.split_once("  ").ok_or_else(|| damaged(&path, format!("not a line of checksums: {line:?}")))?;
        if name.contains('/') || sum.len() != 64 {
            return Err(damaged(&path, format!("not a line of checksums: {line:?}")));
        }
        named.insert(name, sum);
    }
    if !named.contains_key(super::MANIFEST) {
        return Err(damaged(&path, "it does not name the manifest"));
    }
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let name = entry.map_err(at(dir))?.file_name().to_string_lossy().into_owned();
        if (name.starts_with("metadata") || name.starts_with("changelog")) && !named.contains_key(name.as_str()) {
            return Err(damaged(&dir.join(&name), "it is no part of the backup"));
        }
    }
    for (name, sum) in named {
        let file = dir.join(name);
        if sha256(&file).map_err(at(&file))? != sum {
            return Err(damaged(&file, "its SHA-256 is not the one it had: it has changed since the backup was made"));
        }
    }
    Ok(())
}
