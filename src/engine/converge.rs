//! Plan, act, observe, and plan again until nothing is left: a command succeeds only when the last plan is empty.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Sink;
use super::fleet::Fleet;
use super::interrupt::Interrupt;
use super::run::{self, HostResult, StopKind, Stopped};
use crate::inventory::model::{Cluster, Role};
use crate::playbook::Playbook;
use crate::playbook::plan::{self, Plan, Scope};
use crate::step::{ClusterState, Consent};

/// Passes after which something that never holds is reported instead of tried again.
const PASSES: usize = 3;

/// What is to be done, and by whose leave.
pub struct Job<'a> {
    /// The runbook.
    pub playbook: &'a Playbook,
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// Which part.
    pub scope: &'a Scope,
    /// What the operator allowed.
    pub consent: &'a Consent,
}

impl Job<'_> {
    /// Nodes whose facts are needed: those in scope, and the masters, which all else depends on.
    #[must_use]
    pub fn observed(&self) -> BTreeSet<String> {
        let masters = self.cluster.with_role(Role::Master).map(|n| n.name.clone());
        match &self.scope.hosts {
            None => self.cluster.nodes.iter().map(|n| n.name.clone()).collect(),
            Some(hosts) => hosts.iter().cloned().chain(masters).collect(),
        }
    }

    /// Plans for a state.
    ///
    /// # Errors
    /// When the scope names a stage that does not exist.
    pub fn plan(&self, state: &ClusterState) -> Result<Plan, String> {
        plan::plan(self.playbook, self.cluster, state, self.scope, self.consent)
    }
}

/// Runs the first plan, then observes and plans again until nothing is left or nothing more can be done.
///
/// # Errors
/// When a later plan cannot be made.
pub fn converge(
    job: &Job,
    first: Plan,
    state: ClusterState,
    fleet: &mut Fleet,
    interrupt: &Interrupt,
    sink: Sink,
) -> Result<BTreeMap<String, HostResult>, String> {
    let mut total: BTreeMap<String, HostResult> = BTreeMap::new();
    let mut plan = first;
    let mut state = state;
    for pass in 1..=PASSES {
        let results = run::run(&plan, fleet, interrupt, sink);
        let acted: BTreeSet<String> = results.iter().filter(|(_, r)| touched(r)).map(|(node, _)| node.clone()).collect();
        let progress = results.values().any(|r| !r.done.is_empty());
        add(&mut total, results);
        if acted.is_empty() || interrupt.requested() || (pass > 1 && !progress) {
            break;
        }
        // Only hosts that were touched can have changed, and the masters, which others act upon.
        let again: BTreeSet<String> = acted.into_iter().chain(job.cluster.with_role(Role::Master).map(|n| n.name.clone())).collect();
        state.extend(fleet.observe(&again, sink));
        plan = job.plan(&state)?;
        forget_mended(&mut total, &plan);
        if plan.is_empty() {
            break;
        }
        if pass == PASSES {
            note_leftovers(&mut total, &plan);
        }
    }
    Ok(total)
}

/// Whether a host may be different now.
fn touched(result: &HostResult) -> bool {
    let begun = |s: &Stopped| s.action.is_some() && !matches!(s.kind, StopKind::Interrupted);
    !result.done.is_empty() || result.stopped.as_ref().is_some_and(begun)
}

/// What failed, or was unclear, and is now as it should be, did not fail after all: a wait that was too short, an answer that was lost.
fn forget_mended(total: &mut BTreeMap<String, HostResult>, plan: &Plan) {
    for (node, result) in total {
        let as_wanted = plan.host(node).is_some_and(|h| h.unknown.is_none() && h.refusal().is_none() && h.actions().next().is_none());
        if as_wanted && result.stopped.as_ref().is_some_and(|s| matches!(s.kind, StopKind::Failed | StopKind::Unclear)) {
            result.stopped = None;
        }
    }
}

/// Adds one pass to the total: actions add up, how it stopped is what the last pass says.
fn add(total: &mut BTreeMap<String, HostResult>, pass: BTreeMap<String, HostResult>) {
    for (node, result) in pass {
        let sum = total.entry(node).or_default();
        sum.done.extend(result.done);
        sum.skipped.extend(result.skipped);
        sum.stopped = result.stopped;
    }
}

/// What still is to be done after the last pass did not hold.
fn note_leftovers(total: &mut BTreeMap<String, HostResult>, plan: &Plan) {
    for host in &plan.hosts {
        let left: Vec<&str> = host.actions().map(|a| a.title.as_str()).collect();
        let result = total.entry(host.node.clone()).or_default();
        if !left.is_empty() && result.stopped.is_none() {
            let reason = format!("done {PASSES} times and still not so: {}", left.join("; "));
            result.stopped = Some(Stopped { stage: "verify".to_owned(), action: None, reason, kind: StopKind::Failed });
        }
    }
}
