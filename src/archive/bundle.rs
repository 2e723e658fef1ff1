//! One compressed archive of many small texts, with a manifest of their checksums and of what could not be had.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{ArchiveError, at, damaged};

/// Name of the manifest in the archive.
pub const CONTENTS: &str = "MANIFEST.json";

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Form of this file: 1.
    pub format: u32,
    /// Cluster's name.
    pub cluster: String,
    /// When it was made, RFC 3339.
    pub time: String,
    /// Version of mfsctl.
    pub mfsctl: String,
    /// Every file but this one.
    pub files: Vec<Entry>,
    /// What could not be had.
    pub missing: Vec<Missing>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path, below the archive's only directory.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// Something that could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Of which node.
    pub node: String,
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// An archive being written. Nothing stands at its path before it is finished; dropped, nothing ever does.
pub struct Bundle {
    path: PathBuf,
    root: String,
    tar: tar::Builder<GzEncoder<NamedTempFile>>,
    contents: Contents,
    mtime: u64,
}

impl Bundle {
    /// Begins an archive at `path`, readable for its owner only, with the one directory `root` in it; `mtime` is its files' time,
    /// seconds since 1970.
    ///
    /// # Errors
    /// When there is a file already, or the directory cannot be written.
    pub fn begin(path: &Path, root: &str, mtime: u64, contents: Contents) -> Result<Self, ArchiveError> {
        if path.symlink_metadata().is_ok() {
            return Err(damaged(path, "there is a file already"));
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Made with mode 0600.
        let draft = tempfile::Builder::new().prefix(".mfsctl-").tempfile_in(parent).map_err(at(parent))?;
        let tar = tar::Builder::new(GzEncoder::new(draft, Compression::default()));
        Ok(Self { path: path.to_owned(), root: root.to_owned(), tar, contents, mtime })
    }

    /// Adds a file. A path with `..` or of nothing is refused: it comes from what a node said.
    ///
    /// # Errors
    /// When it cannot be written, or the path is no good.
    pub fn add(&mut self, path: &str, text: &str) -> Result<(), ArchiveError> {
        let path = path.trim_start_matches('/');
        if path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Err(damaged(&self.path, format!("{path:?} is no path for a file in it")));
        }
        self.put(path, text.as_bytes()).map_err(at(&self.path))?;
        let sha256 = Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        self.contents.files.push(Entry { path: path.to_owned(), size: text.len() as u64, sha256 });
        Ok(())
    }

    /// Notes what could not be had.
    pub fn missing(&mut self, node: &str, what: &str, why: &str) {
        self.contents.missing.push(Missing { node: node.to_owned(), what: what.to_owned(), why: why.to_owned() });
    }

    /// Writes the manifest, and puts the archive in its place at once.
    ///
    /// # Errors
    /// When it cannot be written, or another file came there meanwhile.
    pub fn finish(mut self) -> Result<Contents, ArchiveError> {
        let mut manifest = serde_json::to_string_pretty(&self.contents).unwrap_or_default();
        manifest.push('\n');
        self.put(CONTENTS, manifest.as_bytes()).map_err(at(&self.path))?;
        let Self { path, tar, contents, .. } = self;
        let draft = tar.into_inner().and_then(GzEncoder::finish).map_err(at(&path))?;
        draft.as_file().sync_all().map_err(at(&path))?;
        draft.persist_noclobber(&path).map_err(|e| at(&path)(e.error))?;
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(at(parent))?;
        Ok(contents)
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.mtime);
        self.tar.append_data(&mut header, format!("{}/{path}", self.root), bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn contents() -> Contents {
        let text = |t: &str| t.to_owned();
        Contents { format: 1, cluster: text("c"), time: text("t"), mfsctl: text("0"), files: Vec::new(), missing: Vec::new() }
    }

    #[test]
    fn what_was_added_is_read_back_with_its_sums() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.tar.gz");
        let mut bundle = Bundle::begin(&path, "root", 1_700_000_000, contents()).unwrap();
        let long = format!("nodes/n/{}/x.txt", "a".repeat(150));
        bundle.add("/etc/mfs/a.cfg", "hello\n").unwrap();
        bundle.add(&long, "").unwrap();
        bundle.missing("n2", "everything", "no route to host");
        for wrong in ["../x", "a//b", "", "/", "a/./b"] {
            assert!(bundle.add(wrong, "x").is_err(), "{wrong}");
        }
        assert!(!path.exists(), "nothing is there before it is whole");
        let written = bundle.finish().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()));
        let mut files = std::collections::BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            files.insert(name, text);
        }
        assert_eq!(files["root/etc/mfs/a.cfg"], "hello\n");
        assert!(files.contains_key(&format!("root/{long}")));
        let manifest: Contents = serde_json::from_str(&files["root/MANIFEST.json"]).unwrap();
        assert_eq!((manifest.files.len(), manifest.missing[0].node.as_str()), (2, "n2"));
        assert_eq!(manifest.files[0].sha256, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
        assert_eq!(manifest, written);
        let taken = Bundle::begin(&path, "root", 0, contents()).err().unwrap();
        assert!(taken.to_string().contains("already"), "{taken}");
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut bundle = Bundle::begin(&dir.path().join("b"), "r", 0, contents()).unwrap();
        bundle.add("a", "x").unwrap();
        drop(bundle);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(Bundle::begin(Path::new("/no/such/dir/b"), "r", 0, contents()).is_err());
    }
}
