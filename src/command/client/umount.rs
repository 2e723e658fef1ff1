//! `mfsctl client umount`: gone for now, with who holds what is in use.

use std::collections::BTreeSet;

use crate::command::client::{named, until};
use crate::command::failover;
use crate::command::operation::Operation;
use crate::command::provision;
use crate::context::Context;
use crate::engine::converge::Job;
use crate::error::{Error, Kind, Result};
use crate::health::clients;
use crate::playbook;
use crate::playbook::plan::{Plan, Scope};
use crate::report;
use crate::step::unmount::Wish;
use crate::step::{ClusterState, Consent, facts_of};

/// Unmount MooseFS from clients, for now
///
/// A mount that is in use is refused, and who holds it is named: process, user, path.
/// One refusal stops all of it before anything is touched. --lazy detaches what is in
/// use: nobody new gets in, but who holds something keeps it, and stays connected.
///
/// Lines of /etc/fstab stay: the next boot, `mfsctl client mount` and `mfsctl provision`
/// mount again. To have a mount gone for good, write `present: false` into the inventory
/// (or take it out) and run `mfsctl provision`, or `mfsctl tenant remove`.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or names, 3 refused
/// and nothing changed, 4 some are not unmounted, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl client umount node7
///   mfsctl client umount --path /mnt/business1
///   mfsctl client umount node7 --lazy --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct UmountArgs {
    /// Only these clients: names, globs, groups, !exceptions
    pub nodes: Vec<String>,
    /// Only this mount point (may be repeated); all of MooseFS when not given
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// Detach mounts that are in use
    #[arg(long)]
    pub lazy: bool,
    /// Print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs it.
///
/// # Errors
/// Wrong names, mounts in use, and every end that is not the one wanted.
pub fn umount(context: &Context, args: &UmountArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let hosts = named(&cluster, &args.nodes)?;
    let paths: BTreeSet<String> = args.path.iter().map(|p| if p.len() > 1 { p.trim_end_matches('/') } else { p }.to_owned()).collect();
    let playbook = playbook::embedded("client-umount").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { failover::look(&mut operation) } else { failover::locked_look(&mut operation, "client umount")? };
    let mut state = seen.state;
    known(&operation, &hosts, &paths, &state)?;
    operation.fleet.see_holders(&hosts, &mut state);
    let scope = Scope { hosts: Some(hosts.clone()), ..Scope::default() };
    let consent = Consent { unmount: Wish { paths: paths.clone(), lazy: args.lazy, ..Wish::default() }, ..Consent::default() };
    let job = Job { playbook: &playbook, cluster: &cluster, scope: &scope, consent: &consent };
    let plan = job.plan(&state).map_err(Error::failed)?;
    if args.dry_run {
        return provision::dry_run(context, false, &operation, &plan);
    }
    refuse_held(&operation, &plan)?;
    let acted = !plan.is_empty();
    if acted {
        operation.monitor.clear();
        report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        operation.confirm(args.yes, &format!("{} actions on {} clients", plan.len(), provision::busy(&plan)))?;
        operation.begin()?;
    }
    let held = holders(&plan, &state, &paths);
    let results = operation.converge(&job, plan, state)?;
    let concerned = |node: &str, path: &str| hosts.contains(node) && (paths.is_empty() || paths.contains(path));
    let done = results.values().all(|r| r.stopped.is_none());
    // The master forgets a session within a second of its unmounting; one that is held on to lives on, and is told.
    let gone = |rows: &[clients::Row]| clients::connected(rows, concerned).next().is_none();
    let rows = if acted && done && held.is_empty() { until(&mut operation, gone) } else { Vec::new() };
    provision::conclude(context, &mut operation, results, "without a mount of MooseFS, as far as asked")?;
    for line in held {
        report::say(&format!("detached, and held on to: {line}"));
    }
    let left: Vec<String> = clients::connected(&rows, concerned).collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Error::new(Kind::Incomplete, format!("unmounted, but the master still sees:\n{}", left.join("\n")))
        .hint("mfsctl client list shows how it goes on; a client's process that hangs can be ended on its node (mfsmount)"))
}

/// A path must be a mount of one of these clients, wanted or found.
fn known(operation: &Operation, hosts: &BTreeSet<String>, paths: &BTreeSet<String>, state: &ClusterState) -> Result<()> {
    for path in paths {
        let wanted = operation.cluster.nodes.iter().any(|n| hosts.contains(&n.name) && n.mounts.iter().any(|m| m.path == *path));
        let found = hosts.iter().filter_map(|n| facts_of(state, n)).any(|f| f.mounts.of_moosefs().contains(&path.as_str()));
        if !wanted && !found {
            operation.monitor.clear();
            return Err(no_such_mount(path, hosts, state));
        }
    }
    Ok(())
}

/// A mount that the inventory does not have may be on a node that did not answer.
fn no_such_mount(path: &str, hosts: &BTreeSet<String>, state: &ClusterState) -> Error {
    let lost = hosts.iter().filter_map(|n| state.get(n).and_then(|facts| facts.as_ref().err()).map(|reason| format!("{n}: {reason}")));
    let lost: Vec<String> = lost.collect();
    if lost.is_empty() {
        return Error::input(format!("--path {path}: no client named has such a mount of MooseFS"))
            .hint("mfsctl client list shows them; nothing was changed");
    }
    let message = format!("refused, nothing was changed: --path {path}: not in the inventory, and not all clients could be asked");
    Error::new(Kind::Refused, format!("{message}\n{}", lost.join("\n"))).hint("mend the connection to them first, or name other clients")
}

/// Stops before anything is touched when a host refuses: a mount is held.
///
/// # Errors
/// Every refusal, with the fix of the first.
pub fn refuse_held(operation: &Operation, plan: &Plan) -> Result<()> {
    let refusals: Vec<_> = plan.hosts.iter().filter_map(|h| h.refusal().map(|(_, _, r)| (h.node.as_str(), r))).collect();
    let Some((_, first)) = refusals.first() else { return Ok(()) };
    operation.monitor.clear();
    let lines: Vec<String> = refusals.iter().map(|(node, r)| operation.masker.mask(&format!("{node}: {}", r.found))).collect();
    Err(Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", lines.join("\n"))).hint(first.fix.clone()))
}

/// Who held what is detached all the same.
fn holders(plan: &Plan, state: &ClusterState, paths: &BTreeSet<String>) -> Vec<String> {
    let concerned = |path: &str| paths.is_empty() || paths.contains(path);
    let detached = plan.hosts.iter().filter(|h| h.actions().next().is_some());
    detached
        .filter_map(|host| facts_of(state, &host.node).map(|f| (host, f)))
        .flat_map(|(host, facts)| {
            facts.holders.iter().filter(|(p, _)| concerned(p)).flat_map(|(_, all)| all).map(|holder| format!("{}: {holder}", host.node))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_may_be_where_nobody_could_look() {
        let hosts = BTreeSet::from(["node7".to_owned(), "node8".to_owned()]);
        let mut state = ClusterState::new();
        assert_eq!(no_such_mount("/x", &hosts, &state).kind, Kind::Input);
        state.insert("node8".to_owned(), Err("no route".to_owned()));
        let error = no_such_mount("/x", &hosts, &state);
        assert!(error.kind == Kind::Refused && error.message.contains("node8: no route"), "{error}");
    }
}
