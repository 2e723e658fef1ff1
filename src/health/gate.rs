//! Gates, asked before a switchover touches anything, and checks, which must hold after it. Each says what it
//! measured, what is wanted and what to do about the difference.

mod after;
mod before;
pub mod leave;
mod restore;
mod stop;

use serde::Serialize;

use super::{ClusterReport, MasterAnswer, NodeView};
use crate::fact::HostFacts;
use crate::fact::moosefs::Header;
use crate::inventory::model::{Cluster, Node};
use crate::protocol::MasterReport;
use crate::step::{self, ClusterState};

/// What was seen of the cluster at one moment, and which way the service is to move.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// Its state, judged from facts and the master's word.
    pub report: &'a ClusterReport,
    /// The facts themselves.
    pub state: &'a ClusterState,
    /// The node that serves before.
    pub from: &'a Node,
    /// The node that serves after.
    pub to: &'a Node,
}

/// What a gate or check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Name of the gate or check.
    pub name: &'static str,
    /// Whether it lets the operation pass.
    pub passed: bool,
    /// What was measured.
    pub measured: String,
    /// The threshold.
    pub wanted: String,
    /// What to do; empty when it passed.
    pub fix: String,
}

/// What a gate or check says; [`Answer`] without the name.
pub(super) struct Said {
    passed: bool,
    measured: String,
    wanted: String,
    fix: String,
}

impl Said {
    fn when(passed: bool, measured: impl Into<String>, wanted: impl Into<String>, fix: impl Into<String>) -> Self {
        let fix = if passed { String::new() } else { fix.into() };
        Self { passed, measured: measured.into(), wanted: wanted.into(), fix }
    }

    fn unknown(what: &str, wanted: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::when(false, format!("{what} is not known"), wanted, fix)
    }

    fn named(self, name: &'static str) -> Answer {
        Answer { name, passed: self.passed, measured: self.measured, wanted: self.wanted, fix: self.fix }
    }
}

/// A gate.
pub struct Gate {
    /// Name used in playbooks.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    ask: fn(&Sight) -> Said,
}

/// A check.
pub struct Check {
    /// Name used in playbooks.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    ask: fn(&Sight, &Sight) -> Said,
}

/// All gates: of a switchover, and of a restore.
pub const GATES: [&[Gate]; 2] = [before::GATES, restore::GATES];
/// All checks.
pub const CHECKS: [&[Check]; 3] = [after::CHECKS, restore::CHECKS, stop::CHECKS];

/// A gate by name.
#[must_use]
pub fn gate(name: &str) -> Option<&'static Gate> {
    GATES.into_iter().flatten().find(|g| g.name == name)
}

/// A check by name.
#[must_use]
pub fn check(name: &str) -> Option<&'static Check> {
    CHECKS.into_iter().flatten().find(|c| c.name == name)
}

/// Asks the named gates, all of them.
#[must_use]
pub fn ask(names: &[String], sight: &Sight) -> Vec<Answer> {
    names.iter().filter_map(|n| gate(n)).map(|g| (g.ask)(sight).named(g.name)).collect()
}

/// Asks the named checks, all of them: how it was before, and is now.
#[must_use]
pub fn verify(names: &[String], before: &Sight, now: &Sight) -> Vec<Answer> {
    names.iter().filter_map(|n| check(n)).map(|c| (c.ask)(before, now).named(c.name)).collect()
}

impl Sight<'_> {
    fn view(&self, node: &Node) -> Option<&NodeView> {
        self.report.nodes.iter().find(|n| n.name == node.name)
    }

    fn facts(&self, node: &Node) -> Option<&HostFacts> {
        step::facts_of(self.state, &node.name)
    }

    fn told(&self) -> Option<&MasterReport> {
        self.report.told()
    }

    /// Why the master's word is missing.
    fn silence(&self) -> &str {
        match &self.report.master {
            MasterAnswer::Silent { reason } => reason,
            MasterAnswer::Answered { .. } => "",
        }
    }

    /// Id of the file system: the master's word (4.x), else the header of its metadata on the mounted volume.
    fn metadata_id(&self, node: &Node) -> Option<u64> {
        let of = |header: &Header| match header {
            Header::Saved { id, .. } => Some(*id),
            _ => None,
        };
        let on_volume = || self.facts(node).and_then(|f| f.moosefs.data.headers.values().find_map(of));
        self.told().and_then(|t| t.info.metadata_id).or_else(on_volume)
    }
}

#[cfg(test)]
#[path = "gate/tests.rs"]
mod tests;
