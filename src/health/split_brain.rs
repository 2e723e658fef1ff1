//! Whether the two sides of the replicated volume diverged, what each has that the other lacks, and which to keep.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fact::side::{Generation, Side};

/// What the two sides are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Both hold the same generation.
    Same,
    /// The first is newer, and DRBD can bring the second up to it.
    FirstNewer,
    /// The second is newer.
    SecondNewer,
    /// Both went on alone: each has changes the other lacks.
    Diverged,
    /// They never belonged together.
    Unrelated,
    /// One of them could not be read.
    Unknown,
}

/// Compares generations as DRBD does at a handshake (`drbd_uuid_compare` in drbd_receiver.c).
#[must_use]
pub fn compare(first: Option<&Generation>, second: Option<&Generation>) -> Relation {
    let (Some(a), Some(b)) = (first, second) else { return Relation::Unknown };
    let knows = |g: &Generation, id: u64| id != 0 && (g.bitmap == id || g.history.contains(&id));
    if a.current == b.current {
        return Relation::Same;
    }
    match (knows(a, b.current), knows(b, a.current)) {
        (true, false) => return Relation::FirstNewer,
        (false, true) => return Relation::SecondNewer,
        _ => {}
    }
    let older = |g: &Generation| std::iter::once(g.bitmap).chain(g.history.iter().copied()).collect::<Vec<u64>>();
    if older(a).into_iter().any(|id| knows(b, id)) { Relation::Diverged } else { Relation::Unrelated }
}

/// What keeps the sides apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Connected and equal.
    InSync,
    /// Connected, and one side is being brought up to the other.
    Resyncing,
    /// Each side has changes the other lacks.
    SplitBrain,
    /// The volumes never belonged together.
    Unrelated,
    /// The shared secrets differ.
    WrongSecret,
    /// The volumes differ in size.
    SizesDiffer,
    /// They are not connected; once they are, DRBD knows what to do.
    Disconnected,
    /// It cannot be told.
    Unknown,
}

impl State {
    /// What it is, and what to do, in a sentence each.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::InSync => ("no split brain: both sides are connected and hold the same data", "nothing"),
            Self::Resyncing => ("no split brain: one side is being brought up to the other", "wait until the resync ends"),
            Self::SplitBrain => (
                "SPLIT BRAIN: both sides went on alone, each has changes the other lacks",
                "decide which side to keep, then run `mfsctl split-brain resolve --keep NODE`",
            ),
            Self::Unrelated => (
                "no split brain: the volumes never belonged together (one was made anew, or exchanged)",
                "find out which one holds the metadata (docs/drbd.md); nothing here overwrites either",
            ),
            Self::WrongSecret => (
                "no split brain: the sides refuse each other because their shared secrets differ",
                "run `mfsctl provision` for both masters, which gives both the same secret",
            ),
            Self::SizesDiffer => (
                "no split brain: the sides refuse each other because their volumes differ in size",
                "make both logical volumes the same size, then run `drbdadm adjust` on both",
            ),
            Self::Disconnected => (
                "no split brain: the sides are not connected, and when they are, DRBD knows which is newer",
                "mend the network between the masters, or run `drbdadm adjust` where a side is StandAlone",
            ),
            Self::Unknown => ("it cannot be told whether this is a split brain", "bring up the resource on both masters (`drbdadm up`)"),
        }
    }
}

/// What one side has that the other lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Own {
    /// First and last change id.
    pub ids: Option<(u64, u64)>,
    /// Times of these two, seconds since 1970.
    pub times: Option<(u64, u64)>,
    /// How many changes. When the common version is not known: how many are at hand, which tells nothing of how many both have.
    pub count: usize,
    /// How many of them change files or directories, not only sessions, chunks or access times.
    pub files: usize,
    /// How often each operation occurs.
    pub operations: BTreeMap<String, usize>,
}

/// The judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What keeps the sides apart.
    pub state: State,
    /// What the generations say.
    pub relation: Relation,
    /// What was seen that tells so.
    pub because: Vec<String>,
    /// The last version both had (the id of the first change that differs); `None` when it is not in reach.
    pub common: Option<u64>,
    /// What each side has that the other lacks, in the order of the sides; `None` where its data could not be read.
    pub own: [Option<Own>; 2],
    /// The node to keep, if that can be told.
    pub keep: Option<String>,
    /// Why, or why it cannot be told.
    pub reason: String,
}

/// Operations that only keep the books: none of them makes, changes or removes a file.
const BOOKKEEPING: &[&str] = &[
    "ACCESS",
    "AMTIME",
    "CHUNKADD",
    "CHUNKDEL",
    "CSDBOP",
    "EMPTYRESERVED",
    "EMPTYSUSTAINED",
    "EMPTYTRASH",
    "FREEINODES",
    "IDLE",
    "INCVERSION",
    "NEXTCHUNKID",
    "NODECHANGE",
    "RELEASE",
    "ACQUIRE",
    "ROLLBACK",
    "SESADD",
    "SESCHANGED",
    "SESCONNECTED",
    "SESDEL",
    "SESDISCONNECTED",
    "SETVERSION",
    "TESTACL",
    "UNLOCK",
    "RENUMERATEEDGES",
];

const CONNECTED: &[&str] = &["Connected", "VerifyS", "VerifyT"];
const RESYNCING: &[&str] = &[
    "SyncSource",
    "SyncTarget",
    "PausedSyncS",
    "PausedSyncT",
    "StartingSyncS",
    "StartingSyncT",
    "WFBitMapS",
    "WFBitMapT",
    "WFSyncUUID",
    "Ahead",
    "Behind",
];

/// Judges two sides.
#[must_use]
pub fn judge(first: &Side, second: &Side) -> Verdict {
    let relation = compare(first.generation.as_ref(), second.generation.as_ref());
    let (state, because) = state(first, second, relation);
    let common = common(first, second);
    let own = [own(first, common), own(second, common)];
    let (keep, reason) = if state == State::SplitBrain { recommend([first, second], &own, common) } else { (None, String::new()) };
    Verdict { state, relation, because, common, own, keep, reason }
}

fn state(first: &Side, second: &Side, relation: Relation) -> (State, Vec<String>) {
    let sides = [first, second];
    let both = |states: &[&str]| sides.iter().all(|s| states.contains(&s.connection.as_str()));
    let seen: Vec<String> = sides.iter().map(|s| format!("{} is {}, {}, {}", s.node, s.role, s.connection, s.disk)).collect();
    if both(CONNECTED) && sides.iter().all(|s| s.disk == "UpToDate" && s.peer_disk == "UpToDate") {
        return (State::InSync, seen);
    }
    if both(CONNECTED) || sides.iter().any(|s| RESYNCING.contains(&s.connection.as_str())) {
        return (State::Resyncing, seen);
    }
    // One has seen already that the line is lost, or is back, and the other has not.
    if sides.iter().any(|s| CONNECTED.contains(&s.connection.as_str())) {
        return (State::Disconnected, seen);
    }
    let last = |word: &str| sides.iter().find_map(|s| s.kernel.last().filter(|l| l.contains(word)).map(|l| format!("{}: {l}", s.node)));
    let with = |state: State, line: Option<String>| (state, seen.iter().cloned().chain(line).collect());
    match relation {
        Relation::Diverged => {
            let line =
                sides.iter().find_map(|s| s.kernel.iter().rev().find(|l| l.contains("Split-Brain")).map(|l| format!("{}: {l}", s.node)));
            return with(State::SplitBrain, line);
        }
        Relation::Unrelated => return with(State::Unrelated, last("nrelated data")),
        Relation::Unknown => return with(State::Unknown, None),
        _ => {}
    }
    let secret = last("Authentication").or_else(|| last("cram-hmac")).or_else(|| last("AuthChallenge"));
    let alone = sides.iter().any(|s| s.connection == "StandAlone");
    match (alone, secret, last("size is too small")) {
        (true, Some(line), _) => with(State::WrongSecret, Some(line)),
        (true, None, Some(line)) => with(State::SizesDiffer, Some(line)),
        _ => with(State::Disconnected, None),
    }
}

/// The first id whose change is not the same on both sides, if both tell a change before it that is.
fn common(first: &Side, second: &Side) -> Option<u64> {
    if first.unread.is_some() || second.unread.is_some() || (first.id().is_some() && second.id().is_some() && first.id() != second.id()) {
        return None;
    }
    let from = *first.changes.keys().next()?.max(second.changes.keys().next()?);
    let mut same = None;
    for (id, change) in first.changes.range(from..) {
        match second.changes.get(id) {
            Some(other) if other.line == change.line => same = Some(id + 1),
            _ => break,
        }
    }
    same
}

fn own(side: &Side, common: Option<u64>) -> Option<Own> {
    if side.unread.is_some() {
        return None;
    }
    let mut own = Own::default();
    for (id, change) in side.changes.range(common.unwrap_or(0)..) {
        own.count += 1;
        own.files += usize::from(!BOOKKEEPING.contains(&change.operation.as_str()));
        *own.operations.entry(change.operation.clone()).or_default() += 1;
        own.ids = Some((own.ids.map_or(*id, |(from, _)| from), *id));
        own.times = Some((own.times.map_or(change.time, |(from, _)| from), change.time));
    }
    Some(own)
}

/// The side whose loss costs least, if everything points the same way.
fn recommend(sides: [&Side; 2], own: &[Option<Own>; 2], common: Option<u64>) -> (Option<String>, String) {
    let [Some(a), Some(b)] = own else {
        let unread: Vec<&str> = sides.iter().filter(|s| s.unread.is_some()).map(|s| s.node.as_str()).collect();
        return (None, format!("the data of {} could not be read, so nothing can be compared", unread.join(" and ")));
    };
    let name = |n: usize| sides[n].node.clone();
    if sides[0].id().is_some() && sides[1].id().is_some() && sides[0].id() != sides[1].id() {
        return (None, "the sides hold metadata of different file systems: only a person can tell which is the right one".to_owned());
    }
    if common.is_none() {
        let why = "the changelogs at hand do not reach back to where the sides parted: what each made on its own cannot be counted";
        return (None, why.to_owned());
    }
    let better = match a.files.cmp(&b.files).then(a.count.cmp(&b.count)) {
        std::cmp::Ordering::Greater => 0,
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => return (None, format!("both sides made equally many changes ({}) on their own", a.count)),
    };
    let worse = 1 - better;
    let (more, less) = if better == 0 { (a, b) } else { (b, a) };
    let why = format!("{} made {} changes to files on its own, {} made {}", name(better), more.files, name(worse), less.files);
    let serves = |n: usize| sides[n].vip && sides[n].listening;
    if less.files == 0 {
        return (Some(name(better)), format!("{why}: discarding {} loses no change of a file", name(worse)));
    }
    if serves(worse) && !serves(better) {
        return (
            None,
            format!("{why}, yet {} is the one that serves clients now: look at what each side has before choosing", name(worse)),
        );
    }
    let served = if serves(better) { ", and it serves clients now" } else { "" };
    (Some(name(better)), format!("{why}{served}"))
}

#[cfg(test)]
#[path = "split_brain_tests.rs"]
mod tests;
