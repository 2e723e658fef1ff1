//! What the dashboard knows and where the operator is in it.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::health::{self, ClusterReport, Finding, MasterAnswer, NodeView};
use crate::inventory::model::Cluster;
use crate::protocol::{MasterReport, Session};
use crate::report::status::pair;

/// A node's word on the master: what it told and at which address, or why it told nothing.
pub type Word = Result<(Ipv4Addr, Box<MasterReport>), String>;

/// Each session's operations in this hour and in the last one.
pub type Counters = BTreeMap<u32, (u64, u64)>;

/// What came of looking at one node.
#[derive(Debug, Clone)]
pub struct Look {
    /// The node.
    pub node: String,
    /// The operator's clock at its end, seconds since 1970.
    pub at: f64,
    /// The node, or why it could not be asked.
    pub view: Result<NodeView, String>,
    /// What the master said through it, if it was asked there.
    pub word: Option<Word>,
}

/// What is known of one node.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The last view it gave, and when.
    pub good: Option<(NodeView, f64)>,
    /// Why the last look failed.
    pub failed: Option<String>,
    /// When the look under way began.
    pub asking: Option<f64>,
    /// What the master said through it in the last look.
    pub word: Option<Word>,
    /// Whether any look has ended.
    pub ended: bool,
}

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The layers of both masters side by side.
    Pair,
    /// Metaloggers, with the master they follow.
    Loggers,
    /// Clients.
    Clients,
    /// Replication of the metadata volume.
    Replication,
    /// Chunk health, space, operations.
    Chunks,
    /// Chunkservers and disks.
    Servers,
    /// What is not as it should be.
    Findings,
}

impl Pane {
    /// All of them, in the order of Tab.
    pub const ALL: [Pane; 7] = [Pane::Pair, Pane::Replication, Pane::Chunks, Pane::Loggers, Pane::Servers, Pane::Clients, Pane::Findings];

    /// Place in arrays by pane.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// By what it can be sorted; the first is as it comes.
    #[must_use]
    pub fn sorts(self) -> &'static [&'static str] {
        match self {
            Pane::Loggers => &["inventory", "behind", "age"],
            Pane::Clients => &["inventory", "operations", "seen"],
            Pane::Servers => &["inventory", "used", "state", "chunks"],
            Pane::Findings => &["severity", "node", "rule"],
            Pane::Pair | Pane::Replication | Pane::Chunks => &[],
        }
    }
}

/// A node opened with Enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The node.
    pub node: String,
    /// First line shown.
    pub scroll: usize,
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Model {
    /// The inventory.
    pub cluster: Arc<Cluster>,
    /// Seconds between looks.
    pub interval: u16,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// The operator's clock, seconds since 1970.
    pub now: f64,
    /// When the dashboard began.
    pub began: f64,
    /// Each node of the inventory.
    pub seen: BTreeMap<String, Seen>,
    /// What is true now: nodes that do not answer are that.
    pub report: ClusterReport,
    /// What is shown: of nodes and a master that do not answer, the last that is known.
    pub shown: ClusterReport,
    /// When the master told what is shown.
    pub told_at: Option<f64>,
    /// What is found in `report`; empty until every node had its chance.
    pub findings: Vec<Finding>,
    /// Whether every node had its chance.
    pub judged: bool,
    /// The pane with the focus.
    pub focus: Pane,
    /// Selected row of each pane.
    pub cursor: [usize; 7],
    /// Sort of each pane, an index into [`Pane::sorts`].
    pub sort: [usize; 7],
    /// The node that is open.
    pub open: Option<Open>,
    /// Whether the help is shown.
    pub help: bool,
    /// Whether nobody is asked for now.
    pub paused: bool,
    /// Clients' operations a second, a sample an interval; `None` where it was not known.
    pub operations: VecDeque<Option<u64>>,
    /// Speed of a sync in KiB a second, a sample an interval.
    pub sync: VecDeque<Option<u64>>,
    /// Operations a second of each session, from the last two times the master told.
    pub rates: BTreeMap<u32, f64>,
    /// The second in which everything was put together last.
    pub ticked: f64,
    /// When the last sample was taken.
    pub sampled: f64,
    /// Sessions' counters when the master told last, and when that was.
    pub counters: Option<(f64, Counters)>,
}

/// Seconds for a look, after which a node counts as one that does not answer.
pub const LATE: f64 = 10.0;
/// Seconds after the start until nodes that have not answered yet are held against them.
const FIRST: f64 = 3.0;
/// Samples kept for sparklines.
const KEPT: usize = 200;

impl Model {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(cluster: Arc<Cluster>, interval: u16, now: f64) -> Self {
        let silent = || MasterAnswer::Silent { reason: "not asked yet".to_owned() };
        let report = ClusterReport::new(&cluster, cluster.nodes.iter().map(NodeView::new).collect(), silent());
        let seen = cluster.nodes.iter().map(|n| (n.name.clone(), Seen::default())).collect();
        let mut model = Self {
            interval,
            size: (80, 24),
            now,
            began: now,
            seen,
            shown: report.clone(),
            report,
            told_at: None,
            findings: Vec::new(),
            judged: false,
            focus: Pane::Pair,
            cursor: [0; 7],
            sort: [0; 7],
            open: None,
            help: false,
            paused: false,
            operations: VecDeque::new(),
            sync: VecDeque::new(),
            rates: BTreeMap::new(),
            ticked: now,
            sampled: now,
            counters: None,
            cluster,
        };
        model.rebuild();
        model
    }

    /// Why a node counts as one that does not answer, if it does.
    #[must_use]
    pub fn silence(&self, node: &str) -> Option<String> {
        let seen = self.seen.get(node)?;
        if let Some(reason) = &seen.failed {
            return Some(reason.clone());
        }
        let waited = seen.asking.map_or(0.0, |since| self.now - since);
        if waited > LATE || (!seen.ended && self.now - self.began > FIRST) {
            return Some(format!("no answer for {waited:.0} s"));
        }
        None
    }

    /// Seconds since a node gave the view that is shown, when it does not answer now.
    #[must_use]
    pub fn age(&self, node: &str) -> Option<u64> {
        self.silence(node)?;
        let at = self.seen.get(node)?.good.as_ref()?.1;
        // `as` saturates
        Some((self.now - at).max(0.0) as u64)
    }

    /// Seconds since the master told what is shown, when it does not answer now.
    #[must_use]
    pub fn told_age(&self) -> Option<u64> {
        if self.report.told().is_some() {
            return None;
        }
        Some((self.now - self.told_at?).max(0.0) as u64)
    }

    /// Whether there is room for a row of each disk.
    #[must_use]
    pub fn is_tall(&self) -> bool {
        self.size.1 >= 36
    }

    /// Puts the reports together from what is known of each node, and judges.
    pub fn rebuild(&mut self) {
        let (mut nodes, mut shown, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for node in &self.cluster.nodes {
            let Some(seen) = self.seen.get(&node.name) else { continue };
            let last = seen.good.as_ref().map(|(view, _)| view.clone());
            match self.silence(&node.name) {
                Some(reason) => {
                    nodes.push(NodeView::unreachable(node, &reason));
                    shown.push(match last {
                        Some(view) => NodeView { reachable: false, unreachable_reason: Some(reason), ..view },
                        None => NodeView::unreachable(node, reason),
                    });
                }
                None => {
                    let view = last.unwrap_or_else(|| NodeView::new(node));
                    words.extend(seen.word.clone().map(|w| (node.name.clone(), view.vip_present, w)));
                    nodes.push(view.clone());
                    shown.push(view);
                }
            }
        }
        let master = MasterAnswer::choose(words).unwrap_or(MasterAnswer::Silent { reason: "no node could ask it".to_owned() });
        if let MasterAnswer::Answered { .. } = &master {
            self.shown.master = master.clone();
        }
        (self.report.nodes, self.report.master) = (nodes, master);
        self.shown.nodes = shown;
        // `as` saturates
        (self.report.asked_at, self.shown.asked_at) = (self.now as i64, self.now as i64);
        self.judged = self.seen.values().all(|s| s.ended) || self.now - self.began > FIRST;
        self.findings = if self.judged { health::judge(&self.report) } else { Vec::new() };
        self.findings.retain(|f| f.severity > health::Severity::Ok);
    }

    /// Notes the counters of a report that has just come, and what they say about rates.
    pub fn count(&mut self, sessions: &[Session], at: f64) {
        let counters: Counters = sessions.iter().map(|s| (s.id, s.operations)).collect();
        if let Some((before, last)) = &self.counters {
            let seconds = at - before;
            if seconds < 0.5 {
                return;
            }
            let rate = |(id, now): (&u32, &(u64, u64))| Some((*id, grown(*last.get(id)?, *now)? as f64 / seconds));
            self.rates = counters.iter().filter_map(rate).collect();
        }
        self.told_at = Some(at);
        self.counters = Some((at, counters));
    }

    /// Takes the samples of sparklines, once an interval.
    pub fn sample(&mut self) {
        if self.paused || self.now - self.sampled < f64::from(self.interval) {
            return;
        }
        self.sampled = self.now;
        let operations = (self.report.told().is_some() && self.counters.is_some()).then(|| self.rate());
        keep(&mut self.operations, operations);
        let syncing = pair::syncing(&self.report).map(|(_, _, sync)| sync.speed_kib_s.unwrap_or(0));
        let known = self.report.nodes.iter().any(|n| n.drbd.is_some());
        keep(&mut self.sync, if known { Some(syncing.unwrap_or(0)) } else { None });
    }

    /// Clients' operations a second, all together.
    #[must_use]
    pub fn rate(&self) -> u64 {
        // `as` saturates
        self.rates.values().sum::<f64>().round() as u64
    }
}

fn keep(samples: &mut VecDeque<Option<u64>>, sample: Option<u64>) {
    samples.push_back(sample);
    while samples.len() > KEPT {
        samples.pop_front();
    }
}

/// Operations between two looks at a session's counters of this hour and of the last: at the turn of an hour the first
/// becomes the second. `None` when the counters fit neither, as after a restart of the master.
fn grown(before: (u64, u64), now: (u64, u64)) -> Option<u64> {
    if now.1 == before.1 && now.0 >= before.0 {
        return Some(now.0 - before.0);
    }
    Some(now.1.checked_sub(before.0)? + now.0)
}

#[cfg(test)]
mod tests {
    use super::grown;

    #[test]
    fn operations_across_the_turn_of_an_hour() {
        assert_eq!(grown((10, 5), (17, 5)), Some(7));
        assert_eq!(grown((10, 5), (3, 12)), Some(5));
        assert_eq!(grown((10, 5), (0, 0)), None);
        assert_eq!(grown((0, 0), (0, 0)), Some(0));
    }
}
