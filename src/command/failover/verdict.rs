//! How a takeover ended, by what is seen on the nodes.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::sight::{Seen, Way, look};
use crate::command::operation::Operation;
use crate::engine::run::{self, HostResult};
use crate::health::gate::{self, Answer};
use crate::inventory::model::{Cluster, Node};
use crate::playbook::Playbook;
use crate::report;
use crate::step;

/// Longest time chunkservers and clients get to come back before it is said that they did not.
pub const BACK_WITHIN: Duration = Duration::from_secs(90);
/// Longest time masters that cannot be asked are asked again.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

/// How it ended, by what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As wanted.
    Done,
    /// The service was not moved.
    RolledBack,
    /// It was, and not all is well.
    Incomplete,
    /// It cannot be seen.
    Unknown,
}

impl End {
    /// The result in the history and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::RolledBack => "rolled back",
            Self::Incomplete => "incomplete",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether that node serves, without the other one.
pub fn serves(cluster: &Cluster, seen: &Seen, from: &Node, to: &Node) -> Vec<Answer> {
    let checks = ["one-master-answers", "target-is-active"].map(str::to_owned);
    let sight = Way { cluster, from, to }.sight(seen);
    gate::verify(&checks, &sight, &sight)
}

/// Looks until it is as wanted, or clear that it is not; the nodes are believed, not the run. With why it is not.
pub fn conclude(
    operation: &mut Operation,
    playbook: &Playbook,
    way: Way,
    before: &Seen,
    results: &BTreeMap<String, HostResult>,
) -> (End, String, Vec<Answer>) {
    let begin = Instant::now();
    loop {
        let now = look(operation);
        let checks = gate::verify(&playbook.verify, &way.sight(before), &way.sight(&now));
        if checks.iter().all(|c| c.passed) {
            return (End::Done, String::new(), checks);
        }
        let held = serves(way.cluster, &now, way.to, way.from).iter().all(|c| c.passed);
        // One that serves on although keepalived has elected the other lets go as soon as its time is over.
        let elected = step::facts_of(&now.state, &way.from.name).is_some_and(|f| f.takeover.wish.as_deref() == Some("master"));
        if held && elected {
            return (End::RolledBack, operation.masker.mask(&reason(results)), checks);
        }
        let blind = [way.from, way.to].iter().all(|n| step::facts_of(&now.state, &n.name).is_none());
        let waited = begin.elapsed();
        if blind && waited > SEEN_WITHIN {
            return (End::Unknown, format!("neither {} nor {} can be asked", way.from.name, way.to.name), checks);
        }
        if !blind && waited > BACK_WITHIN {
            let failed = report::switchover::failed(&checks);
            if step::is_primary(way.cluster, &now.state, &way.to.name) {
                return (End::Incomplete, failed, checks);
            }
            let why = match step::facts_of(&now.state, &way.to.name) {
                _ if held => format!("{} serves, and is not the one keepalived has elected{failed}", way.from.name),
                None => format!("{} cannot be asked{failed}", way.to.name),
                Some(_) => format!("no node serves yet{failed}"),
            };
            return (End::Unknown, why, checks);
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Why the run stopped, of all hosts.
fn reason(results: &BTreeMap<String, HostResult>) -> String {
    let lines = run::stopped(results);
    if lines.is_empty() { "the takeover went back by itself: journalctl -t mfs-ha on both says why".to_owned() } else { lines.join("\n") }
}
