//! `mfsctl tenant remove`: mounts and export gone, then the entry; the data stay unless they are given up in so many words.

use std::collections::BTreeSet;

use crate::command::client::umount::refuse_held;
use crate::command::client::until;
use crate::command::failover;
use crate::command::operation::Operation;
use crate::command::provision;
use crate::command::tenant::{concerned, entry, refuse_silence};
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::run;
use crate::error::{Error, Kind, Result, word};
use crate::health::{clients, tenants};
use crate::inventory::model::Tenant;
use crate::playbook;
use crate::playbook::plan::Scope;
use crate::report;
use crate::step::Consent;
use crate::step::unmount::Wish;

/// Take a tenant away: its mounts, its export, its entry in the inventory
///
/// Its folder stays with all that is in it, with its goal, trash time and quota, unless
/// --delete-data is given: then the tenant's name must be typed (or given with the flag,
/// for scripts; --yes does not cover it), and everything in the folder is deleted. Deleted
/// files stay in the trash for their trash time.
///
/// The entry leaves the inventory last: a run that was cut off is finished by the same
/// command. A mount that is in use, or somebody else connected to the folder, is refused
/// by name before anything is touched.
///
/// Exit status: 0 done, 1 failed, 2 wrong inventory or no such tenant, 3 refused and
/// nothing changed, 4 not all is done: run it again, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl tenant remove business1
///   mfsctl tenant remove business1 --delete-data
///   mfsctl tenant remove business1 --delete-data business1 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct RemoveArgs {
    /// Name of the tenant
    pub name: String,
    /// Delete its folder and everything in it; scripts repeat the name
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub delete_data: Option<String>,
    /// Print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting (never covers --delete-data)
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs it.
///
/// # Errors
/// Wrong input, refusals, and every end that is not the one wanted.
pub fn remove(context: &Context, args: &RemoveArgs) -> Result<()> {
    let old = context.cluster()?;
    let Some(tenant) = old.tenant(&args.name).cloned() else {
        let known: Vec<&str> = old.tenants.iter().map(|t| t.name.as_str()).collect();
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("its tenants are {}", known.join(", ")) };
        return Err(Error::input(format!("the inventory has no tenant {}; nothing was changed", word(&args.name))).hint(known));
    };
    // What cannot be written at the end is refused at the beginning.
    let draft = entry::without(context, &old, &args.name)?;
    let cluster = old.without(&tenant, true);
    let playbook = playbook::embedded("tenant-remove").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { failover::look(&mut operation) } else { failover::locked_look(&mut operation, "tenant remove")? };
    refuse_silence(&seen.report.master)?;
    let nodes: BTreeSet<String> = tenant.clients.iter().cloned().collect();
    let others = tenants::users(&tenant, &clients::rows(&old, &seen.report, &seen.state), false);
    if !others.is_empty() {
        let message = format!("refused, nothing was changed: {} is also in use by {}", tenant.folder, others.join(", "));
        return Err(Error::new(Kind::Refused, message).hint("unmount these first (mfsctl client umount NODE --path PATH)"));
    }
    let mut state = seen.state;
    operation.fleet.see_holders(&nodes, &mut state);
    let scope = Scope { hosts: Some(concerned(&cluster, &tenant)), ..Scope::default() };
    let wish = Wish { paths: BTreeSet::from([tenant.mount.clone()]), nodes, lazy: false };
    let unmount = Consent { unmount: wish, ..Consent::default() };
    let consent = Consent { delete_folder: args.delete_data.as_ref().map(|_| tenant.folder.clone()), ..unmount.clone() };
    let plan = Job { playbook: &playbook, cluster: &cluster, scope: &scope, consent: &consent }.plan(&state).map_err(Error::failed)?;
    if args.dry_run {
        return provision::dry_run(context, false, &operation, &plan);
    }
    refuse_held(&operation, &plan)?;
    operation.monitor.clear();
    report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
    ask(&mut operation, args, &tenant)?;
    operation.begin()?;
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let sink = |event| monitor.show(&event);
    let mut results = run::run(&plan, &mut operation.fleet, &interrupt, &sink);
    if results.values().all(|r| r.stopped.is_none()) && !interrupt.requested() {
        // Whether all is so now is seen without the deletion, which cannot be seen.
        let job = Job { playbook: &playbook, cluster: &cluster, scope: &scope, consent: &unmount };
        let again = operation.fleet.observe(&job.observed(), &sink);
        let rest = job.plan(&again).map_err(Error::failed)?;
        let more = operation.converge(&job, rest, again)?;
        for (node, result) in more {
            let sum = results.entry(node).or_default();
            sum.done.extend(result.done);
            sum.stopped = result.stopped;
        }
    }
    let done = results.values().all(|r| r.stopped.is_none()) && !interrupt.requested();
    let users = |rows: &[clients::Row]| tenants::users(&tenant, rows, true);
    let rows = if done { until(&mut operation, |rows| users(rows).is_empty()) } else { Vec::new() };
    if done {
        draft.write_and_forget()?;
    }
    provision::conclude(context, &mut operation, results, "without it")?;
    report::say(&match consent.delete_folder {
        Some(folder) => format!("{folder} is deleted; its files stay in the trash for their trash time"),
        None => format!("{} stays in the file system with all that is in it", tenant.folder),
    });
    match users(&rows).as_slice() {
        [] => Ok(()),
        left => Err(Error::new(Kind::Incomplete, format!("removed, but the master still sees {}", left.join(", ")))
            .hint("mfsctl client list shows how it goes on")),
    }
}

fn ask(operation: &mut Operation, args: &RemoveArgs, tenant: &Tenant) -> Result<()> {
    match &args.delete_data {
        None => operation.confirm(args.yes, &format!("tenant {} goes; its data stay in {}", tenant.name, tenant.folder)),
        Some(given) => {
            let given = Some(given.as_str()).filter(|g| !g.is_empty());
            let what = format!("tenant {} goes, and EVERYTHING in {} is deleted", tenant.name, tenant.folder);
            operation.confirm_typed(&tenant.name, given, "--delete-data", &what)
        }
    }
}
