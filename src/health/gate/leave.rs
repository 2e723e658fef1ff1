//! The gates of leaving the cluster, and how far a chunkserver's data have gone elsewhere.

use super::{Answer, Said};
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::{Cluster, Node, Role};
use crate::protocol::{Chunkserver, MasterReport, Removal};
use crate::step::disk::human;
use crate::step::{self, ClusterState, leaving};

/// Votes are decided by a majority of witnesses; with fewer than three one that is away decides alone.
const WITNESSES: usize = 3;

/// What is to leave, and how the cluster is.
#[derive(Clone, Copy)]
pub struct Leaver<'a> {
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// Its state.
    pub report: &'a ClusterReport,
    /// The facts it stands on.
    pub state: &'a ClusterState,
    /// The node.
    pub node: &'a Node,
    /// One of its data directories; the whole node without it.
    pub disk: Option<&'a str>,
}

/// How far the data have gone elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drain {
    /// The chunkserver has not taken the mark yet, or cannot be asked.
    Unmarked,
    /// The counters cannot be trusted yet.
    Counting,
    /// So many chunks have too few copies elsewhere.
    Left(u64),
    /// Every chunk has its copies elsewhere.
    Done,
}

/// Asks every gate that matters to what leaves.
#[must_use]
pub fn ask(leaver: &Leaver) -> Vec<Answer> {
    let mut answers = Vec::new();
    if leaver.node.is(Role::Chunkserver) {
        answers.push(others_connected(leaver).named("chunkservers-connected"));
        answers.push(chunks_whole(leaver).named("chunks-whole"));
        answers.push(enough_servers(leaver).named("enough-chunkservers"));
        answers.push(space(leaver).named("space-elsewhere"));
        if leaver.disk.is_some() {
            answers.push(other_disk(leaver).named("another-disk"));
        }
    }
    if leaver.disk.is_none() && leaver.cluster.ha.witnesses.contains(&leaver.node.name) {
        answers.push(witnesses(leaver).named("witnesses"));
    }
    if leaver.disk.is_none() && leaver.node.is(Role::Metalogger) {
        answers.push(metaloggers(leaver).named("metaloggers-left"));
    }
    answers
}

/// Gates that a person may answer with "I know": no data depend on them.
pub const ACCEPTABLE: &[&str] = &["witnesses", "metaloggers-left"];

impl<'a> Leaver<'a> {
    fn told(&self) -> Option<&'a MasterReport> {
        self.report.told()
    }

    fn view(&self) -> Option<&'a NodeView> {
        self.report.nodes.iter().find(|n| n.name == self.node.name)
    }

    /// The master's word about the chunkserver that leaves.
    #[must_use]
    pub fn server(&self) -> Option<&'a Chunkserver> {
        self.report.chunkserver(self.view()?)
    }

    /// Connected chunkservers that stay and take chunks.
    fn others(&self) -> Vec<&'a Chunkserver> {
        let own = self.server().map(|s| (s.address, s.port));
        let stays = |s: &&Chunkserver| s.connected && s.total > 0 && Some((s.address, s.port)) != own;
        self.told().map(|t| t.chunkservers.iter().filter(stays).collect()).unwrap_or_default()
    }

    /// Bytes of chunks that must go elsewhere.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match self.disk {
            None => self.server().map(|s| s.used + s.removal_used),
            Some(path) => {
                let disks = self.view()?.disks.as_ref()?;
                disks.iter().find(|d| same(&d.path, path)).map(|d| d.used)
            }
        }
    }

    /// How far it is.
    #[must_use]
    pub fn drain(&self) -> Drain {
        let (Some(told), Some(server)) = (self.told(), self.server().filter(|s| s.connected)) else { return Drain::Unmarked };
        let Some(disks) = self.view().and_then(|v| v.disks.as_ref()) else { return Drain::Unmarked };
        let mine: Vec<_> = disks.iter().filter(|d| self.disk.is_none_or(|path| same(&d.path, path))).collect();
        if mine.is_empty() || !mine.iter().all(|d| d.marked_for_removal && !d.scanning) {
            return Drain::Unmarked;
        }
        // The chunkserver tells the master some seconds after it took the mark; until then nothing seems to be left.
        if server.removal_chunks == 0 && mine.iter().any(|d| d.chunks > 0) {
            return Drain::Counting;
        }
        let regular = &told.chunks.regular;
        let left = regular.missing + regular.endangered + regular.undergoal;
        match server.removal {
            _ if left > 0 => Drain::Left(left),
            _ if !told.chunks.progress.is_settled() => Drain::Counting,
            Removal::None | Removal::Ready => Drain::Done,
            Removal::Validating | Removal::InProgress => Drain::Counting,
        }
    }
}

/// The chunkserver writes its directories with a slash at the end.
fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn silent() -> Said {
    Said::unknown("the master's word", "an answer", "see `mfsctl status`: the master must serve")
}

fn others_connected(leaver: &Leaver) -> Said {
    if leaver.told().is_none() {
        return silent();
    }
    let others = leaver.report.with_role(Role::Chunkserver).filter(|n| n.name != leaver.node.name);
    let left = |n: &&NodeView| leaver.cluster.node(&n.name).is_some_and(|n| leaving::has_left(leaver.state, n));
    let (mut count, mut away) = (0, Vec::new());
    for node in others.filter(|n| !left(n)) {
        count += 1;
        if !leaver.report.chunkserver(node).is_some_and(|s| s.connected) {
            away.push(node.name.as_str());
        }
    }
    let measured = if away.is_empty() { format!("all {count} others connected") } else { format!("not connected: {}", away.join(", ")) };
    Said::when(away.is_empty(), measured, "every other chunkserver connected", "bring it back first: copies may be only there")
}

fn chunks_whole(leaver: &Leaver) -> Said {
    let Some(told) = leaver.told() else { return silent() };
    let (all, settled) = (&told.chunks.all, told.chunks.progress.is_settled());
    let measured = format!("missing {}, endangered {}, under goal {}", all.missing, all.endangered, all.undergoal);
    let measured = if settled { measured } else { format!("{measured}, still counting") };
    let whole = settled && all.missing + all.endangered + all.undergoal == 0;
    Said::when(whole, measured, "0, 0, 0", "wait until the master has replicated them (`mfsctl status`), then run again")
}

fn enough_servers(leaver: &Leaver) -> Said {
    let Some(told) = leaver.told() else { return silent() };
    let in_use = |(_, row): &(usize, &[u32; 11])| row.iter().any(|n| *n > 0);
    let goal = told.chunks.table.iter().enumerate().skip(1).filter(in_use).map(|(goal, _)| goal).max().unwrap_or(1);
    let others = leaver.others().len();
    let fix = "add a chunkserver first, or lower the goal (mfssetgoal); to move data between disks of one server use mark: '<'";
    Said::when(others >= goal, format!("{others} others take chunks"), format!("{goal}, the highest goal in use"), fix)
}

fn space(leaver: &Leaver) -> Said {
    let (Some(need), true) = (leaver.bytes(), leaver.told().is_some()) else { return silent() };
    let free: u64 = leaver.others().iter().map(|s| s.total.saturating_sub(s.used)).sum();
    // A tenth stays free: chunks are not of one size, and copies must lie on different servers.
    let usable = free / 10 * 9;
    Said::when(
        usable >= need,
        format!("{} free elsewhere", human(free)),
        format!("{} to move, and a tenth left over", human(need)),
        "add a chunkserver or a disk first, or delete what is not needed",
    )
}

fn other_disk(leaver: &Leaver) -> Said {
    let departure = step::facts_of(leaver.state, &leaver.node.name).map(leaving::noted).unwrap_or_default();
    let stays = |path: &str| Some(path) != leaver.disk && departure.stage(Some(path)).is_none();
    let others: Vec<&str> = leaver.node.disks.iter().map(|d| d.path.as_str()).filter(|p| stays(p)).collect();
    let measured = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    let fix = format!("to take the whole chunkserver out: mfsctl node remove {}", leaver.node.name);
    Said::when(!others.is_empty(), measured, "another data directory that stays", fix)
}

fn witnesses(leaver: &Leaver) -> Said {
    let stays = leaver.cluster.ha.witnesses.iter().filter(|name| **name != leaver.node.name);
    let left = |name: &&String| leaver.cluster.node(name).is_some_and(|n| leaving::has_left(leaver.state, n));
    let count = stays.filter(|name| !left(name)).count();
    Said::when(
        count >= WITNESSES,
        format!("{count} witnesses stay"),
        format!("{WITNESSES} or more, so that one may be away"),
        "name another node under ha.witnesses and provision first; or --accept witnesses: takeover is then less sure",
    )
}

fn metaloggers(leaver: &Leaver) -> Said {
    if leaver.told().is_none() {
        return silent();
    }
    let others = leaver.report.with_role(Role::Metalogger).filter(|n| n.name != leaver.node.name);
    let count = others.filter(|n| n.metalogger_running == Some(true)).count();
    let fix = "start another metalogger first; or --accept metaloggers-left: no second copy of the metadata is kept then";
    Said::when(count >= 1, format!("{count} others run"), "1 or more", fix)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "leave_tests.rs"]
mod tests;
