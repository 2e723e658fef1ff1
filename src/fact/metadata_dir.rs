//! A metadata directory on its host: files, headers, changelogs with their gaps, tails and checksums.
//!
//! The question is not part of every survey: it reads whole changelogs (100 MB take some seconds), and
//! is asked only where metadata is backed up or restored.

use super::{Answer, FactError, Question};
use crate::metadata::{Block, Changelog, Content, Directory, File, Header, Kind, Metadata, Range, Stamp, Tail};
use crate::remote::shell;

const NAME: &str = "metadata-dir";
const LINES: &str = "metadata-lines";
/// Functions that tell what a metadata directory holds: `mfs_gather`, `mfs_lines`.
pub const SCRIPT: &str = include_str!("../../playbooks/files/mfs-metadata/gather.sh");

/// How much of the changelogs to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each from its beginning to its end.
    All,
    /// Only those with changes near or after the newest whole metadata; of older ones their ends.
    Needed,
}

/// Lines of one changelog that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    /// File name.
    pub name: String,
    /// First and last change of them.
    pub range: Range,
    /// How many.
    pub lines: u64,
    /// SHA-256 of the lines with their newlines, in hex.
    pub sha256: String,
}

/// Asks for everything of a directory.
#[must_use]
pub fn ask(path: &str, scope: Scope) -> Question {
    let scope = match scope {
        Scope::All => "all",
        Scope::Needed => "needed",
    };
    Question { name: NAME.to_owned(), script: format!("{SCRIPT}\nmfs_gather {} {scope}\n", shell::quote(path)) }
}

/// Asks for the checksum of the lines of that range, of each changelog that has some: to settle what
/// [`crate::metadata::compare`] leaves open.
#[must_use]
pub fn ask_lines(path: &str, range: Range) -> Question {
    Question { name: LINES.to_owned(), script: format!("{SCRIPT}\nmfs_lines {} {} {}\n", shell::quote(path), range.from, range.to) }
}

/// Reads the answer to [`ask`] of the same path.
///
/// # Errors
/// When it is cut off or a line is not of the form asked for.
pub fn parse(path: &str, answer: &Answer) -> Result<Directory, FactError> {
    let mut directory = Directory { path: path.to_owned(), ..Directory::default() };
    let mut blocks = Vec::new();
    let mut missing = Vec::new();
    let mut hash = None;
    let mut ended = false;
    for line in answer.text.lines() {
        let wrong = |what: &str| FactError::new(NAME, what, line);
        let fields: Vec<&str> = line.split('|').collect();
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong("a number"));
        match fields[..] {
            ["dir", "absent"] => {}
            ["dir", "present", available] => (directory.present, directory.available) = (true, number(available)?),
            ["file", name, size, modified, owner, group, mode] => directory.files.push(File {
                name: name.to_owned(),
                kind: Kind::of(name),
                size: number(size)?,
                modified: modified.parse().map_err(|_| wrong("a time"))?,
                owner: owner.to_owned(),
                group: group.to_owned(),
                mode: u32::from_str_radix(mode, 8).map_err(|_| wrong("an octal mode"))?,
                content: Content::Other,
            }),
            ["end", left_out] => (directory.left_out, ended) = (number(left_out)?, true),
            ["gap", from, to] => missing.push(Range { from: number(from)?, to: number(to)? }),
            ["block", from, to, lines] => {
                let range = Range { from: number(from)?, to: number(to)? };
                let sha256 = hash.take().ok_or_else(|| wrong("a checksum before a block"))?;
                blocks.push(Block { range, lines: number(lines)?, sha256 });
            }
            _ => {
                if let Some(found) = checksum(line) {
                    hash = Some(found);
                    continue;
                }
                let content = content(&fields, &mut missing, &mut blocks).ok_or_else(|| wrong("a line of a metadata directory"))?;
                let file = directory.files.last_mut().ok_or_else(|| wrong("a file before what it holds"))?;
                // `metadata.crc` has no header.
                file.content = if file.kind == Kind::Checksums { Content::Other } else { content };
            }
        }
    }
    if !ended {
        return Err(FactError::new(NAME, "the end of the answer", answer.text.lines().last().unwrap_or_default()));
    }
    directory.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(directory)
}

/// Reads the answer to [`ask_lines`].
///
/// # Errors
/// When it is cut off or a line is not of the form asked for.
pub fn parse_lines(answer: &Answer) -> Result<Vec<Lines>, FactError> {
    let mut found = Vec::new();
    let mut hash = None;
    for line in answer.text.lines() {
        let wrong = || FactError::new(LINES, "lines of a changelog", line);
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        match line.split('|').collect::<Vec<_>>()[..] {
            ["end", _] => return Ok(found),
            ["lines", name, from, to, lines] => found.push(Lines {
                name: name.to_owned(),
                range: Range { from: number(from)?, to: number(to)? },
                lines: number(lines)?,
                sha256: hash.take().ok_or_else(wrong)?,
            }),
            _ => hash = Some(checksum(line).ok_or_else(wrong)?),
        }
    }
    Err(FactError::new(LINES, "the end of the answer", ""))
}

/// `HEX  -`, as sha256sum prints it.
fn checksum(line: &str) -> Option<String> {
    let hex = line.strip_suffix("  -")?;
    (hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| hex.to_owned())
}

fn content(fields: &[&str], missing: &mut Vec<Range>, blocks: &mut Vec<Block>) -> Option<Content> {
    let number = |text: &str| text.parse::<u64>().ok();
    match *fields {
        ["head", hex, seal] => {
            let bytes = hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
            let header = Header::read(&bytes.collect::<Option<Vec<u8>>>()?);
            let sealed = match seal {
                "sealed" => true,
                "open" => false,
                _ => return None,
            };
            Some(Content::Metadata(Metadata { header, sealed }))
        }
        ["log", "ends", from, to] => Some(Content::Ends(Range { from: number(from)?, to: number(to)? })),
        ["unread", why] => {
            // What was printed before reading failed belongs to no whole answer.
            missing.clear();
            blocks.clear();
            Some(Content::Unread(why.to_owned()))
        }
        ["log", "whole", first, first_time, last, last_time, lines, damaged, disordered, gaps, whole, tail, meta_id, block] => {
            let stamp = |id: &str, time: &str| match id {
                "-" => Some(None),
                _ => Some(Some(Stamp { id: number(id)?, time: number(time)? })),
            };
            Some(Content::Changelog(Box::new(Changelog {
                first: stamp(first, first_time)?,
                last: stamp(last, last_time)?,
                lines: number(lines)?,
                damaged: number(damaged)?,
                disordered: number(disordered)?,
                gaps: number(gaps)?,
                missing: std::mem::take(missing),
                whole: number(whole)?,
                tail: match tail {
                    "clean" => Tail::Clean,
                    "torn" => Tail::Torn,
                    "nul" => Tail::Nul,
                    _ => return None,
                },
                meta_id: number(meta_id),
                block: number(block)?,
                blocks: std::mem::take(blocks),
            })))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer { text: text.to_owned(), status: 0 }
    }

    #[test]
    fn an_absent_directory_and_a_cut_answer() {
        assert!(!parse("/x", &answer("dir|absent\nend|0\n")).unwrap().present);
        let cut = parse("/x", &answer("dir|present|10\nfile|metadata.mfs|8|1|mfs|mfs|644\n")).unwrap_err();
        assert!(cut.to_string().contains("the end of the answer"), "{cut}");
        assert!(parse("/x", &answer("block|1|2|2\nend|0\n")).is_err());
        assert!(parse("/x", &answer("head|00|open\nend|0\n")).is_err());
        assert!(parse_lines(&answer("")).is_err());
    }

    #[test]
    fn a_file_that_could_not_be_read_keeps_nothing_of_its_half_answer() {
        let text = "dir|present|10\nfile|changelog.0.mfs|8|1|mfs|mfs|644\ngap|2|3\nunread|awk failed\nfile|changelog.1.mfs|0|1|mfs|mfs|644\n\
                    log|whole|-|-|-|-|0|0|0|0|0|clean|-|1000\nend|0\n";
        let read = parse("/x", &answer(text)).unwrap();
        assert_eq!(read.files[0].content, Content::Unread("awk failed".to_owned()));
        let (_, log) = read.changelogs().next().unwrap();
        assert!(log.missing.is_empty() && log.first.is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_read_or_refused(text in "((dir|file|head|log|gap|block|unread|end)(\\|[a-z0-9.-]{0,9}){0,14}\n){0,8}") {
            let _ = parse("/x", &answer(&text));
            let _ = parse_lines(&answer(&text));
        }
    }
}
