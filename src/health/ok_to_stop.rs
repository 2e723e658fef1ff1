//! May these nodes stop, all of them together? What speaks against it, and what would suffer meanwhile.
//!
//! The master tells how many chunks have how many copies, and how many copies each chunkserver has, but not which
//! chunk lies where (neither 3.0 nor 4.x tells it, and a chunkserver does not know how many copies a chunk has
//! elsewhere). So harm to chunks is told as bounds, and judged by the worst.

mod chunks;
mod members;
mod pair;

use std::collections::BTreeSet;

use serde::Serialize;

use super::{ClusterReport, NodeView};
use crate::inventory::model::{Cluster, Role};

pub use chunks::{AtRisk, Between};
pub use pair::Votes;

/// What is to stop.
#[derive(Debug, Clone)]
pub struct Parting<'a> {
    nodes: &'a BTreeSet<String>,
    roles: Option<BTreeSet<Role>>,
}

impl<'a> Parting<'a> {
    /// Whole machines: all that runs there, the votes of witnesses included.
    #[must_use]
    pub fn machines(nodes: &'a BTreeSet<String>) -> Self {
        Self { nodes, roles: None }
    }

    /// Only the MooseFS services of these roles there; the machines run on, and hold their votes.
    #[must_use]
    pub fn services(nodes: &'a BTreeSet<String>, roles: impl IntoIterator<Item = Role>) -> Self {
        Self { nodes, roles: Some(roles.into_iter().collect()) }
    }

    /// Whether what this node does in that role ends.
    #[must_use]
    pub fn ends(&self, node: &NodeView, role: Role) -> bool {
        node.is(role) && self.nodes.contains(&node.name) && self.roles.as_ref().is_none_or(|r| r.contains(&role))
    }

    /// Whether the whole machine goes.
    fn machine(&self, name: &str) -> bool {
        self.roles.is_none() && self.nodes.contains(name)
    }
}

/// What a reason comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing speaks against it.
    Safe,
    /// What matters could not be learnt.
    Unknown,
    /// It must not be done now.
    Unsafe,
}

/// One reason: what was measured, what is wanted, and what to do about the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable name.
    pub name: &'static str,
    /// What it comes to.
    pub verdict: Verdict,
    /// What was measured.
    pub measured: String,
    /// The threshold.
    pub wanted: String,
    /// What to do; empty when nothing speaks against it.
    pub fix: String,
}

/// What would suffer while they are away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Suffers {
    /// Chunks, when the master told of them.
    pub chunks: Option<AtRisk>,
    /// Connected chunkservers that stay.
    pub chunkservers_left: usize,
    /// For how long no copies are made for those that stop, seconds; `None` when copies are made at once, or it is not known.
    pub replication_held_seconds: Option<u32>,
    /// Votes of witnesses that stay.
    pub votes: Votes,
    /// Connected metaloggers that stay.
    pub metaloggers_left: usize,
    /// Mounts that go away, `NODE:PATH`.
    pub mounts: Vec<String>,
    /// Files open through them.
    pub open_files: u32,
}

/// May these stop?
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The nodes asked about, in inventory order.
    pub nodes: Vec<String>,
    /// The worst of the reasons.
    pub verdict: Verdict,
    /// All reasons, those that speak for it too.
    pub reasons: Vec<Reason>,
    /// What would suffer.
    pub suffers: Suffers,
}

impl Judgement {
    /// The same without one reason, where its matter is looked at more closely elsewhere.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.reasons.retain(|r| r.name != name);
        self.verdict = worst(&self.reasons);
        self
    }

    /// The reasons that speak against it.
    pub fn against(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(|r| r.verdict != Verdict::Safe)
    }
}

/// Collects reasons.
#[derive(Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn add(
        &mut self,
        name: &'static str,
        verdict: Verdict,
        measured: impl Into<String>,
        wanted: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let fix = if verdict == Verdict::Safe { String::new() } else { fix.into() };
        self.0.push(Reason { name, verdict, measured: measured.into(), wanted: wanted.into(), fix });
    }

    fn when(&mut self, name: &'static str, safe: bool, measured: impl Into<String>, wanted: impl Into<String>, fix: impl Into<String>) {
        self.add(name, if safe { Verdict::Safe } else { Verdict::Unsafe }, measured, wanted, fix);
    }

    fn unknown(&mut self, name: &'static str, measured: impl Into<String>, wanted: impl Into<String>, fix: impl Into<String>) {
        self.add(name, Verdict::Unknown, measured, wanted, fix);
    }
}

/// Judges whether all that is to stop may stop, together and now.
#[must_use]
pub fn judge(cluster: &Cluster, report: &ClusterReport, parting: &Parting) -> Judgement {
    let (mut reasons, mut suffers) = (Reasons::default(), Suffers::default());
    chunks::judge(report, parting, &mut reasons, &mut suffers);
    pair::judge(cluster, report, parting, &mut reasons, &mut suffers);
    members::judge(report, parting, &mut reasons, &mut suffers);
    let verdict = worst(&reasons.0);
    let nodes = report.nodes.iter().filter(|n| parting.nodes.contains(&n.name)).map(|n| n.name.clone()).collect();
    Judgement { nodes, verdict, reasons: reasons.0, suffers }
}

fn worst(reasons: &[Reason]) -> Verdict {
    reasons.iter().map(|r| r.verdict).max().unwrap_or(Verdict::Safe)
}

/// Names for people.
fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
#[path = "ok_to_stop/tests.rs"]
mod tests;
