//! Files that steps manage: type, mode, owner and content, all of them in three processes on the node.

use std::collections::BTreeMap;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "files";
/// Larger files are not fetched: nothing mfsctl manages comes near.
const LARGEST: u64 = 1 << 20;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFact {
    /// Nothing.
    Missing,
    /// A regular file.
    Regular {
        /// Content; undecodable bytes replaced.
        content: String,
        /// Mode, owner and group.
        meta: Meta,
    },
    /// A directory.
    Directory(Meta),
    /// Something else, or too large: its type in `stat`'s words.
    Other(String),
}

/// Mode, owner and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits.
    pub mode: u32,
    /// Owner's name.
    pub owner: String,
    /// Group's name.
    pub group: String,
}

/// Facts of all paths asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, FileFact>);

impl Files {
    /// What stands at a path; `None` when it was not asked for.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&FileFact> {
        self.0.get(path)
    }

    /// Content of a regular file.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<&str> {
        match self.0.get(path) {
            Some(FileFact::Regular { content, .. }) => Some(content),
            _ => None,
        }
    }

    /// Sets one fact (used by tests and by the parser).
    pub fn insert(&mut self, path: impl Into<String>, fact: FileFact) {
        self.0.insert(path.into(), fact);
    }

    /// All paths with their facts.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &FileFact)> {
        self.0.iter()
    }
}

/// Asks for the given absolute paths.
#[must_use]
pub fn ask(paths: &[String]) -> Question {
    let script = format!(
        "set -- {}\n\
         stat -L -c '%F|%a|%U|%G|%s|%n' -- \"$@\" 2>/dev/null\n\
         echo ---\n\
         for f do shift; [ -f \"$f\" ] && set -- \"$@\" \"$f\"; done\n\
         [ $# -eq 0 ] || cat -- \"$@\"\n",
        shell::join(paths)
    );
    Question { name: NAME.to_owned(), script }
}

/// Reads the answer for the same paths; its text has a character for each byte.
///
/// # Errors
/// When the answer is not of the form asked for, or a file changed while it was read.
pub fn parse(paths: &[String], answer: &Answer) -> Result<Files, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let (stats, contents) = answer.text.split_once("---\n").ok_or_else(|| error("the separator line", &answer.text))?;
    let bytes = super::bytes(contents);
    let mut files = Files(paths.iter().map(|p| (p.clone(), FileFact::Missing)).collect());
    let mut rest = bytes.as_slice();
    for line in stats.lines() {
        let fields: Vec<&str> = line.splitn(6, '|').collect();
        let [kind, mode, owner, group, size, path] = fields[..] else { return Err(error("a stat line", line)) };
        let mode = u32::from_str_radix(mode, 8).map_err(|_| error("an octal mode", line))?;
        let meta = Meta { mode, owner: owner.to_owned(), group: group.to_owned() };
        let size: u64 = size.parse().map_err(|_| error("a size", line))?;
        let fact = match kind {
            "directory" => FileFact::Directory(meta),
            "regular file" | "regular empty file" => {
                let take = usize::try_from(size).map_err(|_| error("a size", line))?;
                let (content, left) = rest.split_at_checked(take).ok_or_else(|| error("a file that holds still", line))?;
                rest = left;
                if size > LARGEST {
                    FileFact::Other(format!("file of {size} bytes"))
                } else {
                    FileFact::Regular { content: String::from_utf8_lossy(content).into_owned(), meta }
                }
            }
            other => FileFact::Other(other.to_owned()),
        };
        files.0.insert(path.to_owned(), fact);
    }
    if !rest.is_empty() {
        return Err(error("files that hold still", stats));
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(dir: &std::path::Path, names: &[&str]) -> Files {
        let paths: Vec<String> = names.iter().map(|n| dir.join(n).display().to_string()).collect();
        let out = std::process::Command::new("sh").arg("-c").arg(ask(&paths).script).output().unwrap();
        parse(&paths, &Answer { text: out.stdout.iter().map(|b| char::from(*b)).collect(), status: 0 }).unwrap()
    }

    #[test]
    fn real_files_come_back_byte_for_byte() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a b'c"), "one\ntwo\n\n").unwrap();
        std::fs::write(dir.path().join("empty"), "").unwrap();
        std::fs::write(dir.path().join("no newline"), "x---\ny").unwrap();
        std::fs::write(dir.path().join("bytes"), b"\xff\0Z\xc3\xbc").unwrap();
        std::fs::create_dir(dir.path().join("dir")).unwrap();
        let files = read(dir.path(), &["missing", "a b'c", "dir", "bytes", "empty", "no newline"]);
        let content = |n: &str| files.content(&dir.path().join(n).display().to_string()).map(str::to_owned);
        assert_eq!(content("a b'c").as_deref(), Some("one\ntwo\n\n"));
        assert_eq!(content("empty").as_deref(), Some(""));
        assert_eq!(content("bytes").as_deref(), Some("\u{fffd}\0Zü"), "sizes count bytes");
        assert_eq!(content("no newline").as_deref(), Some("x---\ny"));
        assert_eq!(files.get(&dir.path().join("missing").display().to_string()), Some(&FileFact::Missing));
        assert!(matches!(files.get(&dir.path().join("dir").display().to_string()), Some(FileFact::Directory(_))));
    }

    #[test]
    fn a_file_that_shrank_is_noticed() {
        let paths = vec!["/a".to_owned()];
        let answer = Answer { text: "regular file|644|root|root|5|/a\n---\nab".to_owned(), status: 0 };
        assert!(parse(&paths, &answer).is_err());
    }
}
