//! What `doctor` finds beyond `status`: every rule of the survey and of the takeover's layers told once, and rules about
//! what only it asks: clocks, ports, MTU, units in force, what provision would still change.

mod beyond;

use std::collections::BTreeMap;

use super::catalogue::{node, pair, takeover};
use super::ports::Attempt;
use super::takeover::Layers;
use super::{ClusterReport, Finding, Found, Severity};
use crate::fact::checkup::Checkup;
use crate::inventory::model::Cluster;
use crate::step::{ClusterState, Refusal};

/// Name of the rules of this room.
const RULE: &str = "doctor";

/// What provision would still do on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The node.
    pub node: String,
    /// Stages with something to do, and what, in words.
    pub stages: Vec<(String, Vec<String>)>,
    /// Why it would not go on.
    pub refused: Option<Refusal>,
}

/// Everything that was seen.
pub struct Seen<'a> {
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// What `status` knows.
    pub report: &'a ClusterReport,
    /// The survey's facts.
    pub state: &'a ClusterState,
    /// The takeover's layers on both masters.
    pub layers: &'a [Layers],
    /// What only doctor asked, by node, or why it could not.
    pub examined: &'a BTreeMap<String, Result<Checkup, String>>,
    /// Ports tried.
    pub attempts: &'a [Attempt],
    /// What provision would do.
    pub drift: &'a [Drift],
}

/// All findings, the worst first; nothing is told twice.
#[must_use]
pub fn judge(seen: &Seen) -> Vec<Finding> {
    let mut all = super::judge(seen.report);
    let layers = super::takeover::judge(seen.layers);
    let new: Vec<Finding> = layers.into_iter().filter(|f| !all.iter().any(|known| same(known, f))).collect();
    all.extend(new);
    all.extend(super::ports::judge(seen.report, seen.attempts));
    all.extend(beyond(seen));
    all.sort_by_key(|f| std::cmp::Reverse(f.severity));
    all
}

/// Whether the takeover's layers tell what the survey told: the same of the same subject, or another word for the same
/// connection of DRBD.
fn same(known: &Finding, layer: &Finding) -> bool {
    let connection = known.rule == "drbd-connection" && known.severity > Severity::Ok;
    let of_drbd = layer.id.is_some_and(|id| id.starts_with("drbd-"));
    let off = known.id == Some(node::MASTER_UNREACHABLE.id) && layer.id == Some(takeover::TAKEOVER_UNASKED.id);
    known.subject == layer.subject && (known.id == layer.id || (connection && of_drbd) || off)
}

/// Whether `--fix` mends it: the steps of playbook doctor-fix act on what the survey saw.
#[must_use]
pub fn fixable(finding: &Finding) -> bool {
    let ids = [pair::MASTER_AT_BOOT, node::NOT_AT_BOOT, node::UNITS_STALE, node::SECRET_READABLE, node::LEFTOVERS].map(|e| e.id);
    finding.rule != RULE && finding.id.is_some_and(|id| ids.contains(&id))
}

fn beyond(seen: &Seen) -> Vec<Finding> {
    let mut found = Found { rule: RULE, findings: Vec::new() };
    for (name, examined) in seen.examined {
        match examined {
            Ok(checkup) => {
                let Some(node) = seen.cluster.node(name) else { continue };
                beyond::node(seen, node, checkup, &mut found);
            }
            Err(reason) => {
                let fix = "run `mfsctl doctor` again; if it stays, see what it says";
                found.tell(&node::NOT_EXAMINED, name, format!("could not be examined: {reason}"), "an answer", fix);
            }
        }
    }
    beyond::network(seen, &mut found);
    beyond::exposed(seen, &mut found);
    beyond::drift(seen, &mut found);
    found.findings
}

#[cfg(test)]
#[path = "doctor/tests.rs"]
mod tests;
