//! `mfsctl provision`: bare servers become the cluster of the inventory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::command::operation::{self, Operation};
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::run::{HostResult, StopKind};
use crate::error::{Error, Kind, Result};
use crate::inventory::model::Role;
use crate::playbook;
use crate::playbook::plan::{Plan, Scope};
use crate::report;
use crate::step::Consent;

/// Turn bare servers into the cluster the inventory describes
///
/// Observes every node, prints what it would do, asks, does it, and observes
/// again until nothing is left to do. It can be stopped anywhere and run again:
/// what is done stays done, and the second run says "nothing to do".
///
/// A disk that holds anything mfsctl did not make is refused; --overwrite names
/// the disks that may be emptied.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags,
/// 3 refused and nothing changed, 4 some hosts are not done, 5 another operator is at
/// work, 130 interrupted.
///
/// Examples:
///   mfsctl provision --dry-run --diff
///   mfsctl provision --yes
///   mfsctl provision --limit node4,node5 --only chunkservers
///   mfsctl provision --overwrite node1:/dev/sdb
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Show how files change (secrets masked)
    #[arg(long)]
    pub diff: bool,
    /// Only these hosts: names, globs, roles (chunkservers), !exceptions
    #[arg(long, value_name = "HOSTS")]
    pub limit: Option<String>,
    /// Only these stages
    #[arg(long, value_name = "STAGES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// All stages but these
    #[arg(long, value_name = "STAGES", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Do not ask before acting (never covers --overwrite)
    #[arg(short, long)]
    pub yes: bool,
    /// A disk that may be overwritten though it holds something
    #[arg(long, value_name = "NODE:DISK")]
    pub overwrite: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// Wrong input, refusals, hosts not done, another operator, an interruption.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let hosts = args.limit.as_deref().map(|limit| operation::select(&cluster, limit)).transpose()?;
    let scope = Scope { hosts, only: args.only.clone(), skip: args.skip.clone() };
    let consent = Consent { overwrite: args.overwrite.iter().cloned().collect(), ..Consent::default() };
    check_overwrites(&cluster, &consent)?;
    let playbook = playbook::embedded("provision").map_err(|e| Error::failed(e.to_string()))?;
    let job = Job { playbook: &playbook, cluster: &cluster, scope: &scope, consent: &consent };
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    job.plan(&BTreeMap::new()).map_err(Error::input)?;
    let observed = job.observed();
    let state = if args.dry_run { operation.observe(&observed) } else { operation.lock_and_observe("provision", &observed)? };
    let plan = job.plan(&state).map_err(Error::input)?;
    if args.dry_run {
        return dry_run(context, args.diff, &operation, &plan);
    }
    refuse_before_harm(&cluster, &operation, &plan)?;
    if !plan.is_empty() {
        show_plan(args, &operation, &plan, context.global.verbose > 0);
        operation.confirm(args.yes, &format!("{} actions on {} hosts", plan.len(), busy(&plan)))?;
        operation.begin()?;
    }
    let results = operation.converge(&job, plan, state)?;
    conclude(context, &mut operation, results, "as the inventory says")
}

/// `--overwrite` must name a node and a disk of that node's in full.
fn check_overwrites(cluster: &crate::inventory::model::Cluster, consent: &Consent) -> Result<()> {
    for item in &consent.overwrite {
        let known = item.split_once(':').is_some_and(|(node, disk)| {
            cluster.node(node).is_some_and(|n| {
                n.storage.as_ref().is_some_and(|s| s.disk == disk) || n.disks.iter().any(|d| d.device.as_deref() == Some(disk))
            })
        });
        if !known {
            return Err(
                Error::input(format!("--overwrite {item}: the inventory has no such disk")).hint("write NODE:DISK as in node1:/dev/sdb")
            );
        }
    }
    Ok(())
}

/// Prints a plan that is not to be run.
///
/// # Errors
/// Hosts that refuse, or could not be asked.
pub fn dry_run(context: &Context, diff: bool, operation: &Operation, plan: &Plan) -> Result<()> {
    operation.monitor.clear();
    if context.json() {
        report::data(&format!("{:#}", report::plan::json(plan, diff, &operation.masker)));
    } else {
        report::data(&report::plan::text(plan, diff, context.global.verbose > 0, &operation.masker));
    }
    let refused = plan.hosts.iter().filter(|h| h.refusal().is_some()).count();
    let unknown = plan.hosts.iter().filter(|h| h.unknown.is_some()).count();
    match (refused, unknown) {
        (0, 0) => Ok(()),
        (0, n) => Err(Error::new(Kind::Incomplete, format!("{n} hosts could not be asked"))),
        (n, _) => Err(Error::new(Kind::Refused, format!("{n} hosts would be refused; nothing was changed"))),
    }
}

fn show_plan(args: &Args, operation: &Operation, plan: &Plan, verbose: bool) {
    operation.monitor.clear();
    report::say(&report::plan::text(plan, args.diff, verbose, &operation.masker));
}

/// How many hosts have something to do.
#[must_use]
pub fn busy(plan: &Plan) -> usize {
    plan.hosts.iter().filter(|h| h.actions().next().is_some()).count()
}

/// A refusal on a master stops all before anything is touched: everything else depends on them.
fn refuse_before_harm(cluster: &crate::inventory::model::Cluster, operation: &Operation, plan: &Plan) -> Result<()> {
    let is_master = |name: &str| cluster.node(name).is_some_and(|n| n.is(Role::Master));
    let refusals: Vec<_> = plan.hosts.iter().filter_map(|h| h.refusal().map(|r| (h.node.as_str(), r))).collect();
    let everything_refused = !refusals.is_empty() && plan.is_empty();
    if !everything_refused && !refusals.iter().any(|(node, _)| is_master(node)) {
        return Ok(());
    }
    operation.monitor.clear();
    let lines: Vec<String> = refusals.iter().map(|(node, (_, step, r))| format!("{node}: {step}: {}\n  fix: {}", r.found, r.fix)).collect();
    Err(Error::new(Kind::Refused, operation.masker.mask(&format!("refused, nothing was changed\n{}", lines.join("\n")))))
}

/// Ends a run: the journal, what became of each host, and the verdict. `idle` is how hosts are where nothing was to be done.
///
/// # Errors
/// Hosts that are not done, an interruption.
pub fn conclude(context: &Context, operation: &mut Operation, results: BTreeMap<String, HostResult>, idle: &str) -> Result<()> {
    operation.monitor.clear();
    operation.end(&results);
    let rows = operation.rows(&results);
    if context.json() {
        let hosts = report::plan::hosts(&rows, &operation.masker);
        report::data(&format!("{:#}", json!({ "run": operation.run_id, "seconds": operation.seconds(), "hosts": hosts })));
    } else {
        report::data(&report::plan::summary(&rows, context.color, &operation.masker));
    }
    verdict(&results, operation, idle)
}

fn verdict(results: &BTreeMap<String, HostResult>, operation: &Operation, idle: &str) -> Result<()> {
    let stopped: BTreeSet<&str> = results.iter().filter(|(_, r)| r.stopped.is_some()).map(|(n, _)| n.as_str()).collect();
    if operation.interrupt.requested() {
        return Err(
            Error::new(Kind::Interrupted, "stopped by the operator").hint("run the same command again: it goes on where it stopped")
        );
    }
    let seconds = operation.seconds();
    if stopped.is_empty() {
        let done: usize = results.values().map(|r| r.done.len()).sum();
        report::say(&match done {
            0 => format!("nothing to do: all {} hosts are {idle} ({seconds} s)", results.len()),
            n => format!("done: {n} actions on {} hosts in {seconds} s", results.values().filter(|r| !r.done.is_empty()).count()),
        });
        return Ok(());
    }
    let all: Vec<&str> = stopped.iter().copied().collect();
    let kind = if results.values().filter_map(|r| r.stopped.as_ref()).all(|s| s.kind == StopKind::Refused)
        && results.values().all(|r| r.done.is_empty())
    {
        Kind::Refused
    } else {
        Kind::Incomplete
    };
    let mut message = format!("not done on {}", all.join(", "));
    for (node, result) in results {
        if let Some(stop) = result.stopped.as_ref().filter(|s| s.kind != StopKind::Blocked) {
            let action = stop.action.as_deref().map(|a| format!(" ({a})")).unwrap_or_default();
            message.push_str(&format!("\n{node}: {}{action}: {}", stop.stage, stop.reason));
        }
    }
    Err(Error::new(kind, operation.masker.mask(&message))
        .hint("mend what is named above and run the same command again: what is done stays done"))
}
