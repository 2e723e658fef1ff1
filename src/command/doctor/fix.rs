//! Mending what is safe to mend: the playbook doctor-fix, through the same plan, act and verify as every change; then a new look.

use std::collections::BTreeMap;

use super::{Args, examine, show};
use crate::command::operation::Operation;
use crate::command::provision::{busy, dry_run};
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::run::HostResult;
use crate::error::{Error, Kind, Result};
use crate::inventory::model::Cluster;
use crate::playbook;
use crate::playbook::plan::Scope;
use crate::remote::Connect;
use crate::report;
use crate::step::Consent;

/// Runs it.
///
/// # Errors
/// Refusals, hosts not done, another operator; a cluster that is not healthy afterwards.
pub fn run(context: &Context, args: &Args, cluster: &Cluster, connector: &dyn Connect) -> Result<()> {
    let playbook = playbook::embedded("doctor-fix").map_err(|e| Error::failed(e.to_string()))?;
    let (scope, consent) = (Scope::default(), Consent::default());
    let job = Job { playbook: &playbook, cluster, scope: &scope, consent: &consent };
    let mut operation = Operation::new(context, cluster, connector)?;
    let observed = job.observed();
    let state = if args.dry_run { operation.observe(&observed) } else { operation.lock_and_observe("doctor --fix", &observed)? };
    let plan = job.plan(&state).map_err(Error::input)?;
    if args.dry_run {
        return dry_run(context, false, &operation, &plan);
    }
    operation.monitor.clear();
    let mut results = BTreeMap::new();
    if plan.is_empty() {
        report::say("nothing to mend without a decision");
    } else {
        report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        operation.confirm(args.yes, &format!("{} actions on {} hosts", plan.len(), busy(&plan)))?;
        operation.begin()?;
        results = operation.converge(&job, plan, state)?;
        operation.monitor.clear();
        operation.end(&results);
    }
    if operation.interrupt.requested() {
        return Err(Error::new(Kind::Interrupted, "stopped by the operator").hint("run the same command again: what is done stays done"));
    }
    let fixed = done(&results);
    for (node, action) in &fixed {
        report::say(&operation.masker.mask(&format!("{node}: done: {action}")));
    }
    let diagnosis = examine::examine(cluster, &mut operation.fleet)?;
    let verdict = show(context, &operation.masker, &diagnosis, &fixed);
    not_done(&results, &operation).map_or(verdict, Err)
}

fn done(results: &BTreeMap<String, HostResult>) -> Vec<(String, String)> {
    results.iter().flat_map(|(node, r)| r.done.iter().map(|(_, title)| (node.clone(), title.clone()))).collect()
}

/// Hosts on which a fix failed; one that could not be asked is a finding, not a failure of a fix.
fn not_done(results: &BTreeMap<String, HostResult>, operation: &Operation) -> Option<Error> {
    let failed = results.iter().filter_map(|(node, r)| r.stopped.as_ref().filter(|s| s.action.is_some()).map(|s| (node, s)));
    let lines: Vec<String> = failed.map(|(node, s)| format!("{node}: {}: {}", s.action.as_deref().unwrap_or(&s.stage), s.reason)).collect();
    (!lines.is_empty()).then(|| Error::new(Kind::Incomplete, operation.masker.mask(&format!("not mended\n{}", lines.join("\n")))))
}
