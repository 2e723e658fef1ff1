//! Why a source is used, could be used, or cannot.

use super::{Newest, Source};
use crate::metadata::{Candidate, Content, Directory, Header, Kind, Metadata};

/// Why a source is used, could be, or cannot; `used` tells whether it only extends the one chosen.
pub(super) fn reason(source: &Source, reach: Option<&Candidate>, id: Option<u64>, newest: Newest, used: Option<bool>) -> String {
    let directory = match &source.found {
        Err(why) => return why.clone(),
        Ok(directory) => directory,
    };
    let Some(reach) = reach else { return without_metadata(directory, id) };
    let mut words = Vec::new();
    match used {
        Some(true) => words.push("its changelogs add what the best lacks".to_owned()),
        Some(false) => words.push("it reaches furthest".to_owned()),
        None => {}
    }
    if reach.next > newest.next {
        words.push("it goes beyond what is of now: its history was given up, or what is of now was set back".to_owned());
    } else if !source.current && used.is_none() {
        words.push("of an earlier time".to_owned());
    }
    if !reach.torn.is_empty() {
        words.push(format!("the torn end of {} is cut off in a copy", reach.torn.join(", ")));
    }
    if let Some(gap) = reach.missing {
        words.push(format!("changes {gap} are missing in it, what follows them cannot be used"));
    }
    let twofold = |name: &&String| matches!(directory.file(name).map(|f| &f.content), Some(Content::Changelog(log)) if log.disordered > 0);
    let (twofold, damaged): (Vec<&String>, Vec<&String>) = reach.doubtful.iter().partition(twofold);
    for name in twofold {
        words.push(format!("the numbers of {name} go back: it tells two histories, and cannot be used where they meet"));
    }
    for name in damaged {
        words.push(format!("{name} is damaged inside or could not be read"));
    }
    if let Some(stray) = foreign(directory, id) {
        words.push(stray);
    }
    if words.is_empty() { "whole".to_owned() } else { words.join("; ") }
}

fn without_metadata(directory: &Directory, id: Option<u64>) -> String {
    if !directory.present {
        return "there is no such directory".to_owned();
    }
    if let Some(foreign) = foreign(directory, id) {
        return foreign;
    }
    let mut broken = directory.files.iter().filter(|f| f.kind.is_base()).map(|f| match &f.content {
        Content::Unread(why) => format!("{}: {why}", f.name),
        Content::Metadata(m) if m.header == Header::Fresh => format!("{} is an EMPTY file system", f.name),
        Content::Metadata(m) if !m.sealed => format!("{} is cut off or no metadata", f.name),
        Content::Metadata(Metadata { header: Header::Foreign(begin), .. }) => {
            format!("the header of {} is damaged: it begins with {begin:?}", f.name)
        }
        _ => format!("{} cannot be used", f.name),
    });
    if let Some(broken) = broken.next() {
        return broken;
    }
    if directory.files.iter().any(|f| f.kind == Kind::Empty) {
        return "only metadata.mfs.empty, which is an EMPTY file system".to_owned();
    }
    if directory.changelogs().next().is_some() {
        return "changelogs without metadata".to_owned();
    }
    "it holds no metadata".to_owned()
}

fn foreign(directory: &Directory, id: Option<u64>) -> Option<String> {
    let id = id?;
    let other = directory.candidates().into_iter().find_map(|c| Some((c.base, c.id.filter(|other| *other != id)?)));
    other.map(|(base, other)| format!("{base} is of another file system ({other:016x})"))
}
