//! What the metadata can be restored from: which source reaches furthest, what is lost with it, and why others are not used.

mod why;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::metadata::{Candidate, Directory, Kind, Range, Stamp, compare};

/// Where a copy lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The replicated volume, on a master.
    Volume,
    /// A metalogger's directory.
    Metalogger,
    /// A copy kept on a node by an earlier restore or a healed split brain.
    Kept,
    /// A directory on the operator's machine.
    Backup,
}

/// One place and what was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Kind of place.
    pub place: Place,
    /// The node it is on; `None` for the operator's machine.
    pub node: Option<String>,
    /// Directory there.
    pub path: String,
    /// Whether it is of now: the volume, a metalogger, or what the restore under way kept. Other copies are of some earlier
    /// time, perhaps of a history that was given up since, and are taken only when nothing of now is left, or when named.
    pub current: bool,
    /// How it was read, where that is worth a word.
    pub how: String,
    /// What is there, or why that is not known.
    pub found: Result<Directory, String>,
}

impl Source {
    /// What `--from` calls it: `volume`, a metalogger's node, `NODE:PATH` or a local path.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.place, &self.node) {
            (Place::Volume, _) => "volume".to_owned(),
            (Place::Metalogger, Some(node)) => node.clone(),
            (_, Some(node)) => format!("{node}:{}", self.path),
            (_, None) => self.path.clone(),
        }
    }

    /// Where it is, for people.
    #[must_use]
    pub fn place(&self) -> String {
        let node = self.node.as_deref().unwrap_or("here");
        match self.place {
            Place::Volume => format!("volume on {node}"),
            Place::Metalogger => format!("metalogger of {node}"),
            Place::Kept => format!("kept on {node}: {}", self.path),
            Place::Backup => format!("backup {}", self.path),
        }
    }

    /// Whether it is the volume, or a copy of it that a restore kept.
    #[must_use]
    pub fn of_the_volume(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.place == Place::Volume || (self.place == Place::Kept && name.starts_with("volume"))
    }

    /// Whether `--from` names it.
    #[must_use]
    pub fn is(&self, from: &str) -> bool {
        let on_node = self.node.as_ref().map(|node| (format!("{node}:{}", self.path), format!("{node}:volume")));
        from == self.name()
            || on_node.is_some_and(|(path, volume)| from == path || (self.place == Place::Volume && from == volume))
            || (self.node.is_none() && from.trim_end_matches('/') == self.path.trim_end_matches('/'))
    }
}

/// Of how much use a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A restore takes this one.
    Best,
    /// A restore could take it.
    Usable,
    /// Nothing can be restored from it.
    Unusable,
}

/// A source, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Its index among the sources.
    #[serde(skip)]
    pub source: usize,
    /// Its name, as `--from` takes it.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// What it reaches; `None` when there is no whole metadata of this file system in it.
    pub reach: Option<Candidate>,
    /// Changes behind the newest known; `None` when it has no metadata.
    pub behind: Option<u64>,
    /// Seconds between its last change and the newest known, where both have a time.
    pub behind_seconds: Option<u64>,
    /// Whether a changelog ends in the middle of a line, or in NUL bytes.
    pub torn: bool,
    /// Of how much use it is.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// What is lost with a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Changes that some source has, or the master told of, and that will be gone.
    pub changes: Option<Range>,
    /// Between these times, seconds since 1970: the last change restored, the last one known.
    pub times: (Option<u64>, Option<u64>),
    /// What may be missing beyond what anybody knows.
    pub unknown: Option<String>,
}

impl Loss {
    /// Whether it must be accepted in so many words.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.changes.is_some() || self.unknown.is_some()
    }
}

/// What to restore from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Index of the source whose metadata is used.
    #[serde(skip)]
    pub base: usize,
    /// Index of a source whose changelogs add to it.
    #[serde(skip)]
    pub extension: Option<usize>,
    /// Names of metadata files that reach the same, the best first.
    pub metadata: Vec<String>,
    /// The file system's id; `None` when it is new.
    pub id: Option<u64>,
    /// Version of the first of the metadata files.
    pub version: u64,
    /// The version it is restored to: the last change and one.
    pub next: u64,
    /// Its last change, when a changelog has it.
    pub last: Option<Stamp>,
    /// What is lost.
    pub loss: Loss,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The file system meant.
    pub id: Option<u64>,
    /// Who says so.
    pub id_from: String,
    /// Sources, the best first.
    pub sources: Vec<Judged>,
    /// The best choice; `None` when nothing can be restored.
    pub choice: Option<Choice>,
}

/// What is known beside the sources.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Ids of file systems on the chunkservers, with how many of them say so.
    pub chunks: BTreeMap<u64, usize>,
    /// The version a running master told.
    pub live: Option<u64>,
}

/// Judges all sources. `from` restricts the choice to one of them.
#[must_use]
pub fn judge(sources: &[Source], known: &Known, from: Option<usize>) -> Judgement {
    let (id, id_from) = file_system(sources, known, from);
    let reach: Vec<Option<Candidate>> = sources.iter().map(|s| furthest(s.found.as_ref().ok()?, id)).collect();
    let any_current = sources.iter().zip(&reach).any(|(s, r)| s.current && r.is_some());
    let eligible = |n: usize| from.is_none_or(|from| from == n) && (from.is_some() || sources[n].current || !any_current);
    let newest = newest(sources, &reach, known, any_current);
    let ids: BTreeSet<u64> = reach.iter().flatten().filter_map(|c| c.id).collect();
    // Of several file systems none is taken unless somebody tells which.
    let choice = if id.is_none() && ids.len() > 1 {
        None
    } else {
        choose(sources, &reach, newest, &Wanted { named: from.is_some(), live: known.live.is_some(), eligible: &eligible })
    };
    let mut judged: Vec<Judged> = sources
        .iter()
        .enumerate()
        .map(|(n, source)| {
            let used = choice.as_ref().is_some_and(|c| c.base == n || c.extension == Some(n));
            let torn = reach[n].as_ref().is_some_and(|c| !c.torn.is_empty());
            let last = reach[n].as_ref().and_then(|c| c.last);
            let verdict = match (&reach[n], used) {
                (Some(_), true) => Verdict::Best,
                (Some(_), false) => Verdict::Usable,
                (None, _) => Verdict::Unusable,
            };
            Judged {
                source: n,
                name: source.name(),
                place: source.place(),
                behind: reach[n].as_ref().and_then(|c| newest.next.checked_sub(c.next)),
                behind_seconds: last.and_then(|l| Some(newest.time?.saturating_sub(l.time))),
                torn,
                verdict,
                reason: why::reason(
                    source,
                    reach[n].as_ref(),
                    id,
                    newest,
                    choice.as_ref().filter(|_| used).map(|c| c.extension == Some(n)),
                ),
                reach: reach[n].clone(),
            }
        })
        .collect();
    let base = choice.as_ref().map(|c| c.base);
    judged.sort_by_key(|j| {
        let reach = j.reach.as_ref().map(|c| (c.next, c.torn.is_empty(), c.version));
        let old = !sources[j.source].current && any_current;
        (j.verdict == Verdict::Unusable, Some(j.source) != base, old, Reverse(reach), sources[j.source].place)
    });
    Judgement { id, id_from, sources: judged, choice }
}

/// The file system meant: what the chunks belong to decides, since chunkservers stop when another one is served.
fn file_system(sources: &[Source], known: &Known, from: Option<usize>) -> (Option<u64>, String) {
    if let Some((id, count)) = known.chunks.iter().max_by_key(|(_, count)| **count) {
        return (Some(*id), format!("{count} chunkserver disk{} belong{} to it", s(*count), if *count == 1 { "s" } else { "" }));
    }
    let id_of = |source: &Source| furthest_any(source.found.as_ref().ok()?)?.id;
    if let Some((source, id)) = from.and_then(|n| Some((&sources[n], id_of(&sources[n])?))) {
        return (Some(id), format!("{} is of it", source.place()));
    }
    let volume = sources.iter().filter(|s| s.place == Place::Volume).find_map(|s| Some((s, id_of(s)?)));
    if let Some((source, id)) = volume {
        return (Some(id), format!("the {} is of it", source.place()));
    }
    let mut votes: BTreeMap<u64, usize> = BTreeMap::new();
    for id in sources.iter().filter_map(id_of) {
        *votes.entry(id).or_default() += 1;
    }
    let most = votes.iter().max_by_key(|(_, n)| **n).map(|(id, n)| (*id, *n));
    match most {
        Some((id, count)) if votes.values().filter(|n| **n == count).count() == 1 => {
            (Some(id), format!("{count} of the sources are of it"))
        }
        Some(_) => {
            (None, "the sources are of different file systems, and no chunkserver tells which is meant: choose with --from".to_owned())
        }
        None => (None, "nobody knows".to_owned()),
    }
}

fn s(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn furthest_any(directory: &Directory) -> Option<Candidate> {
    directory.candidates().into_iter().max_by_key(|c| (c.next, c.version))
}

/// The candidate of a directory that reaches furthest. A torn end is cut off in the copy, so it counts for nothing here.
fn furthest(directory: &Directory, id: Option<u64>) -> Option<Candidate> {
    // Empty metadata without a change after it would be an EMPTY file system.
    let fits = |c: &Candidate| c.next > 1 && (id.is_none() || c.id.is_none() || c.id == id);
    directory.candidates().into_iter().filter(fits).max_by_key(|c| (c.next, c.version))
}

/// The newest change anybody knows of.
#[derive(Debug, Clone, Copy, Default)]
struct Newest {
    next: u64,
    time: Option<u64>,
}

fn newest(sources: &[Source], reach: &[Option<Candidate>], known: &Known, any_current: bool) -> Newest {
    let mut newest = Newest { next: known.live.unwrap_or(0), time: None };
    for (source, reach) in sources.iter().zip(reach).filter(|(s, _)| s.current || !any_current) {
        let Ok(directory) = &source.found else { continue };
        if !tells(directory, reach.as_ref()) {
            continue;
        }
        let last = directory.changelogs().filter_map(|(_, log)| log.last).max();
        let next = reach.as_ref().map_or(0, |r| r.next).max(last.map_or(0, |l| l.id + 1));
        if next > newest.next || (next == newest.next && newest.time.is_none()) {
            newest = Newest { next, time: last.map(|l| l.time) };
        }
    }
    newest
}

/// Whether a directory tells how far this file system went: with whole metadata of it, or with changelogs, though nothing can be
/// restored from these alone, unless metadata of another one lies beside them.
fn tells(directory: &Directory, reach: Option<&Candidate>) -> bool {
    reach.is_some() || (directory.candidates().is_empty() && directory.changelogs().any(|(_, log)| log.last.is_some()))
}

/// What may be chosen.
struct Wanted<'a> {
    /// The operator named one.
    named: bool,
    /// A master serves: its own volume is the truth, and whoever was read a moment later only seems to be ahead.
    live: bool,
    /// Whether a source may be the base.
    eligible: &'a dyn Fn(usize) -> bool,
}

/// What to take: the furthest reach, without another source's help where that adds nothing.
fn choose(sources: &[Source], reach: &[Option<Candidate>], newest: Newest, wanted: &Wanted) -> Option<Choice> {
    let mut best = None;
    for base in (0..sources.len()).filter(|n| (wanted.eligible)(*n)) {
        let (Ok(directory), Some(alone)) = (&sources[base].found, &reach[base]) else { continue };
        // The operator's word for one place means that place alone.
        let lives = wanted.live && sources[base].place == Place::Volume;
        let others = (0..sources.len()).filter(|n| !wanted.named && !lives && *n != base && sources[base].current && sources[*n].current);
        let extended = others.filter_map(|n| extended(directory, alone, sources, n).map(|c| (n, c))).max_by_key(|(_, c)| c.next);
        let (extension, candidate) = match extended {
            Some((n, longer)) if longer.next > alone.next => (Some(n), longer),
            _ => (None, alone.clone()),
        };
        let key =
            (lives, candidate.next, extension.is_none(), candidate.doubtful.is_empty(), Reverse(sources[base].place), candidate.version);
        let newest = if lives { Newest { next: candidate.next, time: None } } else { newest };
        let mut loss = loss(sources, &candidate, base, newest);
        if !wanted.live && loss.unknown.is_none() {
            loss.unknown = unsure(sources, reach, &candidate, base);
        }
        if best.as_ref().is_none_or(|(_, known)| key > *known) {
            let choice = Choice {
                base,
                extension,
                metadata: files(directory, &candidate, sources, extension),
                id: candidate.id,
                version: candidate.version,
                next: candidate.next,
                last: candidate.last,
                loss,
            };
            best = Some((choice, key));
        }
    }
    best.map(|(choice, _)| choice)
}

/// What the metadata reaches with the changelogs of another source too, if both tell the same history.
fn extended(directory: &Directory, alone: &Candidate, sources: &[Source], other: usize) -> Option<Candidate> {
    let other = sources.get(other)?.found.as_ref().ok()?;
    if !compare(directory, other, alone.version.saturating_sub(1000)).differ.is_empty() {
        return None;
    }
    // Another file system's changes would only be noticed where numbers meet.
    let theirs: BTreeSet<Option<u64>> = other.candidates().iter().map(|c| c.id).collect();
    if alone.id.is_some() && !theirs.is_empty() && !theirs.contains(&alone.id) {
        return None;
    }
    union(directory, other).candidates().into_iter().find(|c| c.base == alone.base)
}

fn union(directory: &Directory, other: &Directory) -> Directory {
    let mut both = directory.clone();
    both.files.extend(other.files.iter().filter(|f| f.kind.is_changelog()).cloned());
    both
}

/// The metadata files that reach as far as the best: another is tried when mfsmaster cannot read the first.
fn files(directory: &Directory, best: &Candidate, sources: &[Source], extension: Option<usize>) -> Vec<String> {
    let other = extension.and_then(|n| sources[n].found.as_ref().ok());
    let all = other.map_or_else(|| directory.candidates(), |other| union(directory, other).candidates());
    let mut alike: Vec<&Candidate> = all.iter().filter(|c| c.next == best.next && c.id == best.id).collect();
    alike.sort_by_key(|c| Reverse(c.version));
    alike.into_iter().map(|c| c.base.clone()).collect()
}

fn loss(sources: &[Source], taken: &Candidate, base: usize, newest: Newest) -> Loss {
    let mut loss = Loss { times: (taken.last.map(|l| l.time), newest.time), ..Loss::default() };
    if newest.next > taken.next {
        loss.changes = Some(Range { from: taken.next, to: newest.next - 1 });
    }
    let source = &sources[base];
    let file = source.found.as_ref().ok().and_then(|d| d.file(&taken.base));
    let stored = file.map(|f| f.modified).and_then(|m| u64::try_from(m).ok());
    let clean = file.is_some_and(|f| f.kind == Kind::Current);
    if taken.changelogs.is_empty() && !clean && loss.changes.is_none() {
        loss.times.0 = loss.times.0.or(stored);
        loss.unknown = Some(format!(
            "{} has no changelog that goes on from its metadata: every change after version {} is missing, and nobody knows how many",
            source.place(),
            taken.next
        ));
    } else if source.place == Place::Backup && loss.changes.is_none() {
        loss.unknown = Some("what was changed after the backup was taken is missing, and nobody knows how much that is".to_owned());
    }
    loss
}

/// What nobody knows where no master serves: how far the volume went when only a metalogger is left, which hears of a change up to a second
/// later; and what a torn end had, when nobody else reaches as far.
fn unsure(sources: &[Source], reach: &[Option<Candidate>], taken: &Candidate, base: usize) -> Option<String> {
    let tells = |n: usize| sources[n].current && sources[n].found.as_ref().is_ok_and(|d| tells(d, reach[n].as_ref()));
    if !(0..sources.len()).any(|n| sources[n].of_the_volume() && tells(n)) {
        return Some(format!(
            "nothing on the volume tells how far it went, and a metalogger hears of a change up to a second later: what was changed after \
             version {} is missing, and nobody knows how much that is",
            taken.next
        ));
    }
    let others = (0..sources.len()).filter(|n| *n != base && sources[*n].current);
    let confirmed = others.filter_map(|n| reach[n].as_ref()).any(|r| r.next >= taken.next);
    (!taken.torn.is_empty() && !confirmed).then(|| {
        format!(
            "the end of {} is torn, and no other copy reaches as far: change {} was begun there, and perhaps more",
            taken.torn.join(", "),
            taken.next
        )
    })
}

#[cfg(test)]
#[path = "restore/tests.rs"]
mod tests;
