//! `mfsctl client`: mounts of MooseFS on the clients: seen, made, and taken away for now.

pub mod umount;

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use crate::command::failover::{self, Seen};
use crate::command::operation::Operation;
use crate::command::provision;
use crate::command::status::gather;
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Kind, Result};
use crate::health::MasterAnswer;
use crate::health::clients::{self, Row, State};
use crate::inventory::model::{Cluster, Role};
use crate::inventory::select::select;
use crate::playbook;
use crate::playbook::plan::Scope;
use crate::report::{self, table};
use crate::step::Consent;

/// Longest time the master gets to see a mount that was made, or to forget one that is gone.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// List, mount and unmount the clients' mounts
///
/// Examples:
///   mfsctl client list
///   mfsctl client umount node7
///   mfsctl client mount node7
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Show every mount the inventory wants and every session the master sees
    ///
    /// Changes nothing. Mounts found on clients that the inventory does not have, and
    /// machines the inventory does not know, are listed too.
    ///
    /// Exit status: 0 every wanted mount is mounted, answers, and is seen by the master;
    /// 1 anything else; 2 wrong inventory.
    ///
    /// Examples:
    ///   mfsctl client list
    ///   mfsctl client list --format json | jq '.clients[] | select(.state != "well")'
    #[command(verbatim_doc_comment)]
    List,
    Mount(MountArgs),
    Umount(umount::UmountArgs),
}

/// Mount on clients what the inventory says, where it is not
///
/// Writes the lines of /etc/fstab and the options files as `provision` does, mounts,
/// and looks again: each mount answers, and the master sees it. Nothing is done where
/// all is well. Refused while no master answers: mounts would only hang.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or names, 3 refused
/// and nothing changed, 4 some are not mounted, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl client mount
///   mfsctl client mount node6 node7 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct MountArgs {
    /// Only these clients: names, globs, groups, !exceptions
    pub nodes: Vec<String>,
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
/// What the subcommand ends with.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.command {
        Sub::List => list(context),
        Sub::Mount(args) => mount(context, args),
        Sub::Umount(args) => umount::umount(context, args),
    }
}

fn list(context: &Context) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let (report, state) = gather::sight(&cluster, &mut fleet, &gather::survey, &|_, _| Ok(()), &|_| {});
    let rows = clients::rows(&cluster, &report, &state);
    if context.json() {
        report::data(&format!("{:#}", report::clients::document(&cluster.name, &rows)));
    } else {
        report::data(&report::clients::render(&rows, context.color, table::terminal_width()));
    }
    if let MasterAnswer::Silent { reason } = &report.master {
        report::say(&format!("the master does not answer, so no session is known: {reason}"));
    }
    for node in report.with_role(Role::Client).filter(|n| !n.reachable) {
        report::say(&format!("{}: {}", node.name, node.unreachable_reason.as_deref().unwrap_or_default()));
    }
    let ill = rows.iter().filter(|r| r.wanted && r.state.is_ill()).count();
    match ill {
        0 => Ok(()),
        n => Err(Error::failed(format!("{n} of {} mounts are not as they should be", rows.iter().filter(|r| r.wanted).count()))
            .hint("mfsctl client mount mounts what is not mounted, and anew what hangs")),
    }
}

/// The clients named, all when none is.
///
/// # Errors
/// A name that is none, or no client's.
fn named(cluster: &Cluster, nodes: &[String]) -> Result<BTreeSet<String>> {
    let clients: BTreeSet<String> = cluster.with_role(Role::Client).map(|n| n.name.clone()).collect();
    if nodes.is_empty() {
        return Ok(clients);
    }
    let chosen = select(cluster, &nodes.join(",")).map_err(|e| Error::input(e.to_string()).hint(e.hint()))?;
    let chosen: BTreeSet<String> = chosen.into_iter().map(|n| n.name.clone()).collect();
    if let Some(other) = nodes.iter().find(|n| chosen.contains(*n) && !clients.contains(*n)) {
        let known: Vec<&str> = clients.iter().map(String::as_str).collect();
        return Err(Error::input(format!("{other} is not a client")).hint(format!("the clients are {}", known.join(", "))));
    }
    let chosen: BTreeSet<String> = chosen.intersection(&clients).cloned().collect();
    if chosen.is_empty() { Err(Error::input(format!("{} names no client", nodes.join(", ")))) } else { Ok(chosen) }
}

fn mount(context: &Context, args: &MountArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let hosts = named(&cluster, &args.nodes)?;
    let playbook = playbook::embedded("client-mount").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { failover::look(&mut operation) } else { failover::locked_look(&mut operation, "client mount")? };
    if let MasterAnswer::Silent { reason } = &seen.report.master {
        operation.monitor.clear();
        return Err(Error::new(Kind::Refused, format!("refused, nothing was changed: no master answers, mounts would hang: {reason}"))
            .hint("mfsctl status says what to do about the master"));
    }
    let scope = Scope { hosts: Some(hosts.clone()), ..Scope::default() };
    let consent = Consent::default();
    let job = Job { playbook: &playbook, cluster: &cluster, scope: &scope, consent: &consent };
    let plan = job.plan(&seen.state).map_err(Error::failed)?;
    if args.dry_run {
        return provision::dry_run(context, false, &operation, &plan);
    }
    if !plan.is_empty() {
        operation.monitor.clear();
        report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        operation.confirm(args.yes, &format!("{} actions on {} clients", plan.len(), provision::busy(&plan)))?;
        operation.begin()?;
    }
    let (acted, before) = (!plan.is_empty(), clients::rows(&cluster, &seen.report, &seen.state));
    let results = operation.converge(&job, plan, seen.state)?;
    let ill = |rows: &[Row]| -> Vec<String> {
        rows.iter().filter(|r| r.node.as_ref().is_some_and(|n| hosts.contains(n)) && r.wanted && r.state.is_ill()).map(words).collect()
    };
    let rows = if acted { until(&mut operation, |rows| ill(rows).is_empty()) } else { before };
    provision::conclude(context, &mut operation, results, "mounted as the inventory says")?;
    match ill(&rows).as_slice() {
        [] => Ok(()),
        ill => Err(Error::new(Kind::Incomplete, format!("not all is well:\n{}", ill.join("\n")))
            .hint("mfsctl client list shows it; the node must reach the virtual address on the master's port")),
    }
}

/// Looks until it is as wanted, or [`SEEN_WITHIN`] has passed.
pub fn until(operation: &mut Operation, well: impl Fn(&[Row]) -> bool) -> Vec<Row> {
    let end = Instant::now() + SEEN_WITHIN;
    loop {
        let Seen { report, state } = failover::look(operation);
        let rows = clients::rows(operation.cluster, &report, &state);
        if well(&rows) || Instant::now() > end || operation.interrupt.requested() {
            return rows;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

fn words(row: &Row) -> String {
    let why = match row.state {
        State::NoSession => "mounted, but the master sees no connection of it",
        state => state.words(),
    };
    format!("{}: {}: {why}", row.node.as_deref().unwrap_or_default(), row.path)
}
