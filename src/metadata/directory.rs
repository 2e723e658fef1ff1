//! A directory as a whole: what it can be restored to, and which of several to restore from.

use std::cmp::Reverse;

use serde::Serialize;

use super::{Changelog, Kind, Metadata, Range, Stamp, Tail, joined};

/// One file, with what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Name without a directory.
    pub name: String,
    /// What it is by its name.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Modification time, seconds since 1970.
    pub modified: i64,
    /// Owner's name.
    pub owner: String,
    /// Group's name.
    pub group: String,
    /// Permission bits.
    pub mode: u32,
    /// What it holds.
    pub content: Content,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Both ends of metadata.
    Metadata(Metadata),
    /// A changelog, read to its end.
    Changelog(Box<Changelog>),
    /// First and last change of a changelog that was not read between them, as it is older than the newest metadata.
    Ends(Range),
    /// It could not be read, or was too large to; why.
    Unread(String),
    /// Neither metadata nor a changelog.
    Other,
}

/// A metadata directory of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Directory {
    /// Path on the host.
    pub path: String,
    /// Whether it is there.
    pub present: bool,
    /// Bytes available on its file system.
    pub available: u64,
    /// Its metadata and changelogs; other files are left out.
    pub files: Vec<File>,
    /// Files left out because of their names, or because there are too many.
    pub left_out: u64,
}

/// A metadata file of a directory and how far the changelogs beside it carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Name of the metadata file.
    pub base: String,
    /// The file system's id; `None` when the metadata is new and no changelog sets it.
    pub id: Option<u64>,
    /// Version of the metadata file.
    pub version: u64,
    /// Version after every change that follows in an unbroken row: the last one's number and one.
    pub next: u64,
    /// Whether no change of the directory lies beyond a gap.
    pub contiguous: bool,
    /// The changes missing at the first gap, when there is one.
    pub missing: Option<Range>,
    /// Changelogs with changes from the version on.
    pub changelogs: Vec<String>,
    /// Those of them that must be cut to whole lines first.
    pub torn: Vec<String>,
    /// Those of them that are damaged inside, disordered or unread; nothing can be promised with such.
    pub doubtful: Vec<String>,
    /// The last change, when a changelog has it.
    pub last: Option<Stamp>,
}

impl Directory {
    /// The file of that name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|f| f.name == name)
    }

    /// Its changelogs that were read to the end.
    pub fn changelogs(&self) -> impl Iterator<Item = (&File, &Changelog)> {
        self.files.iter().filter_map(|f| match &f.content {
            Content::Changelog(log) => Some((f, log.as_ref())),
            _ => None,
        })
    }

    /// Every whole metadata file with what the changelogs add to it, the best first.
    /// `metadata.mfs.empty` and files under other names count for nothing.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = self
            .files
            .iter()
            .filter(|file| file.kind.is_base())
            .filter_map(|file| match &file.content {
                Content::Metadata(metadata) => Some(self.candidate(file, metadata.version()?, metadata.id())),
                _ => None,
            })
            .collect();
        found.sort_by_key(|candidate| Reverse(candidate.rank()));
        found
    }

    /// What the directory can best be restored to.
    #[must_use]
    pub fn best(&self) -> Option<Candidate> {
        self.candidates().into_iter().next()
    }

    fn candidate(&self, base: &File, version: u64, id: Option<u64>) -> Candidate {
        let mut all = Vec::new();
        let mut found = Candidate {
            base: base.name.clone(),
            id,
            version,
            next: version,
            contiguous: true,
            missing: None,
            changelogs: Vec::new(),
            torn: Vec::new(),
            doubtful: Vec::new(),
            last: None,
        };
        for file in self.files.iter().filter(|f| f.kind.is_changelog()) {
            let last = match &file.content {
                Content::Changelog(log) => {
                    found.id = found.id.or(log.meta_id);
                    all.extend(log.runs());
                    if log.last.is_some_and(|last| last.id >= version) {
                        found.last = found.last.max(log.last);
                    }
                    // A torn file without one whole line may hold any change.
                    log.last.map_or(if log.tail == Tail::Clean { 0 } else { version }, |last| last.id)
                }
                Content::Ends(range) => {
                    all.push(*range);
                    range.to
                }
                _ => version,
            };
            if last < version {
                continue;
            }
            found.changelogs.push(file.name.clone());
            match &file.content {
                Content::Changelog(log) if log.tail != Tail::Clean => found.torn.push(file.name.clone()),
                Content::Changelog(log) if log.in_order() && log.gaps as usize <= log.missing.len() => {}
                _ => found.doubtful.push(file.name.clone()),
            }
        }
        for run in joined(all) {
            if run.from > found.next {
                found.missing = Some(Range { from: found.next, to: run.from - 1 });
                found.contiguous = false;
                break;
            }
            found.next = found.next.max(run.to.saturating_add(1));
        }
        found.last = found.last.filter(|last| last.id < found.next);
        found
    }
}

impl Candidate {
    /// Order of preference among copies of one file system; every one has a whole metadata file.
    fn rank(&self) -> impl Ord + use<> {
        (self.doubtful.is_empty(), self.torn.is_empty(), self.contiguous, self.next, self.version)
    }
}

/// The best of several hosts' directories: of the same file system, without doubt about a changelog, without a torn
/// tail, unbroken, and then the one that reaches furthest. With no `id` given, any file system counts as the same.
#[must_use]
pub fn best(directories: &[Directory], id: Option<u64>) -> Option<(&Directory, Candidate)> {
    let every = directories.iter().flat_map(|d| d.candidates().into_iter().map(move |c| (d, c)));
    let same = every.filter(|(_, c)| id.is_none() || c.id == id);
    // Of equals the first stays.
    same.reduce(|best, other| if other.1.rank() > best.1.rank() { other } else { best })
}
