//! Reads a metadata directory on this machine, as `fact::metadata_dir` reads one on a node.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::metadata::{Changelog, Content, Directory, File, Kind, Metadata, Range, digest};

/// Reads all metadata and changelogs of a directory to their ends; owners are given by number.
///
/// # Errors
/// When the directory cannot be listed. A file that cannot be read is [`Content::Unread`].
pub fn read_directory(path: &Path) -> io::Result<Directory> {
    let mut directory = Directory { path: path.display().to_string(), ..Directory::default() };
    let entries = match fs::read_dir(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(directory),
        entries => entries?,
    };
    directory.present = true;
    directory.available = super::available(path)?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let kind = name.to_str().map_or(Kind::Other, Kind::of);
        let text = name.to_string_lossy();
        if !(text.starts_with("metadata") || text.starts_with("changelog")) {
            continue;
        }
        // A link is followed, as mfsmaster follows it.
        let Ok(about) = fs::metadata(entry.path()).map_err(|_| ()) else { continue };
        if !about.is_file() {
            continue;
        }
        if text.bytes().any(|b| !(b.is_ascii_alphanumeric() || b"._-".contains(&b))) {
            directory.left_out += 1;
            continue;
        }
        let content = content(&entry.path(), kind, &about).unwrap_or_else(|e| Content::Unread(e.to_string()));
        directory.files.push(File {
            name: text.into_owned(),
            kind,
            size: about.len(),
            modified: about.mtime(),
            owner: about.uid().to_string(),
            group: about.gid().to_string(),
            mode: about.permissions().mode() & 0o7777,
            content,
        });
    }
    directory.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(directory)
}

/// Changes that two changelogs of a directory both have, but not alike, from `from` on; mfsmaster would take either
/// without a word. Names the two files and the range both have.
///
/// # Errors
/// When a changelog cannot be read.
pub fn differing(directory: &Directory, from: u64) -> io::Result<Vec<(String, String, Range)>> {
    let whole = |log: &Changelog| Some(Range { from: log.first?.id.max(from), to: log.last?.id }).filter(|r| r.from <= r.to);
    let logs: Vec<(&File, Range)> = directory.changelogs().filter_map(|(file, log)| Some((file, whole(log)?))).collect();
    let hash = |file: &File, range| digest(fs::File::open(Path::new(&directory.path).join(&file.name))?, file.size, range);
    let mut found = Vec::new();
    for (n, (first, range)) in logs.iter().enumerate() {
        for (second, other) in logs.iter().skip(n + 1) {
            if let Some(both) = range.common(*other)
                && hash(first, both)? != hash(second, both)?
            {
                found.push((first.name.clone(), second.name.clone(), both));
            }
        }
    }
    Ok(found)
}

/// Bytes of a file that may be in no disk block: a sparse file of terabytes is not read.
const HOLES_LIMIT: u64 = 64 << 20;

fn content(path: &Path, kind: Kind, about: &fs::Metadata) -> io::Result<Content> {
    if kind.is_changelog() {
        if about.len().saturating_sub(about.blocks() * 512) > HOLES_LIMIT {
            return Ok(Content::Unread("sparse: most of it is not on the disk".to_owned()));
        }
        return Ok(Content::Changelog(Box::new(Changelog::read(fs::File::open(path)?, about.len())?)));
    }
    match kind {
        Kind::Checksums | Kind::Other => Ok(Content::Other),
        _ => Ok(Content::Metadata(Metadata::read(fs::File::open(path)?)?)),
    }
}
