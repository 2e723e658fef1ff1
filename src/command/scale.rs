//! `mfsctl node` and `mfsctl disk`: nodes and data directories join and leave, their data moved elsewhere first.

mod join;
mod leave;

use crate::command::operation::Operation;
use crate::command::status::gather;
use crate::context::Context;
use crate::error::{Error, Kind, Result, word};
use crate::health::ClusterReport;
use crate::health::gate::Answer;
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::Plan;
use crate::report;
use crate::step::ClusterState;

/// Add a node of the inventory to the cluster, or remove one after its data went elsewhere
///
/// Examples:
///   mfsctl node add node9
///   mfsctl node remove node5 --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct NodeArgs {
    #[command(subcommand)]
    command: NodeCommand,
}

#[derive(Debug, clap::Subcommand)]
enum NodeCommand {
    /// Provision just this node, and what others must know of it
    ///
    /// The node stands in the inventory already. Its own stages of `provision` are run,
    /// and on the masters names, exports and the list of witnesses; then it is waited for
    /// until the master sees it. A node that is leaving, or has left, is taken back.
    ///
    /// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags,
    /// 3 refused and nothing changed, 4 not finished (run it again), 5 another operator is
    /// at work, 130 interrupted.
    ///
    /// Examples:
    ///   mfsctl node add node9 --dry-run
    ///   mfsctl node add node9 --yes
    #[command(verbatim_doc_comment)]
    Add(NodeAdd),
    /// Take a node out of the cluster: chunkserver, metalogger, client
    ///
    /// A client's mounts are unmounted. A chunkserver's disks are marked for removal and
    /// it is waited for, with progress, until every chunk has its copies elsewhere; then
    /// it is stopped, also at boot, and the master forgets it. Refused while another
    /// chunkserver is away, chunks lack copies, too few chunkservers would stay for the
    /// highest goal in use, or there is no room for its data.
    ///
    /// It can be stopped anywhere: the marks stay, and the same command goes on;
    /// `mfsctl node add` takes them back. At the end the inventory must lose the node;
    /// until then `provision` refuses it, so that it does not come back by itself. Nothing
    /// on its disks is erased. A node that is dead for good is only forgotten by the
    /// master, once all its chunks have their copies elsewhere.
    ///
    /// When no chunk was moved for 45 minutes it ends (exit status 4) and nothing is lost:
    /// mend what holds it up (a storage class that only this node can serve) and run it
    /// again, or take the node back.
    ///
    /// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags,
    /// 3 refused and nothing changed, 4 not finished (run it again), 5 another operator is
    /// at work, 130 interrupted.
    ///
    /// Examples:
    ///   mfsctl node remove node5 --dry-run
    ///   mfsctl node remove node5
    ///   mfsctl node remove node5 --accept witnesses --yes
    #[command(verbatim_doc_comment)]
    Remove(NodeRemove),
}

#[derive(Debug, clap::Args)]
struct NodeAdd {
    /// The node
    node: String,
    /// Print the plan and stop
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
struct NodeRemove {
    /// The node
    node: String,
    /// A gate that may stay closed, known and accepted: witnesses, metaloggers-left (may be repeated)
    #[arg(long, value_name = "GATE")]
    accept: Vec<String>,
    /// Ask the gates, print the plan and stop
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    yes: bool,
}

/// Add a data directory to a chunkserver, or remove one after its data went elsewhere
///
/// Examples:
///   mfsctl disk add node5 /mnt/mfs2
///   mfsctl disk remove node5 /mnt/mfs2 --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct DiskArgs {
    #[command(subcommand)]
    command: DiskCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DiskCommand {
    /// Make a data directory of the inventory ready, and wait until the chunkserver uses it
    ///
    /// One that is leaving, or has left, is taken back.
    ///
    /// Exit status: as of `mfsctl node add`.
    ///
    /// Examples:
    ///   mfsctl disk add node5 /mnt/mfs2
    #[command(verbatim_doc_comment)]
    Add(DiskOne),
    /// Take a data directory out of a chunkserver, once its chunks have their copies elsewhere
    ///
    /// As `mfsctl node remove`, for one path: marked for removal, waited for, taken out of
    /// mfshdd.cfg, unmounted. Nothing on it is erased. At the end the inventory must lose it.
    ///
    /// Exit status: as of `mfsctl node remove`.
    ///
    /// Examples:
    ///   mfsctl disk remove node5 /mnt/mfs2 --dry-run
    ///   mfsctl disk remove node5 /mnt/mfs2 --yes
    #[command(verbatim_doc_comment)]
    Remove(DiskOne),
}

#[derive(Debug, clap::Args)]
struct DiskOne {
    /// The chunkserver
    node: String,
    /// Its data directory, as in the inventory
    path: String,
    /// Print the plan and stop
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    yes: bool,
}

/// What is to join or leave.
struct Request<'a> {
    /// The command's name.
    what: &'static str,
    node: &'a str,
    disk: Option<&'a str>,
    accept: &'a [String],
    dry_run: bool,
    yes: bool,
}

/// Runs `node`.
///
/// # Errors
/// Wrong input, gates that do not pass, refusals, and every end that is not the one wanted.
pub fn node(context: &Context, args: &NodeArgs) -> Result<()> {
    match &args.command {
        NodeCommand::Add(a) => {
            join::join(context, &Request { what: "node add", node: &a.node, disk: None, accept: &[], dry_run: a.dry_run, yes: a.yes })
        }
        NodeCommand::Remove(a) => leave::leave(
            context,
            &Request { what: "node remove", node: &a.node, disk: None, accept: &a.accept, dry_run: a.dry_run, yes: a.yes },
        ),
    }
}

/// Runs `disk`.
///
/// # Errors
/// As [`node`].
pub fn disk(context: &Context, args: &DiskArgs) -> Result<()> {
    let (what, one) = match &args.command {
        DiskCommand::Add(one) => ("disk add", one),
        DiskCommand::Remove(one) => ("disk remove", one),
    };
    let path = one.path.trim_end_matches('/');
    let request = Request { what, node: &one.node, disk: Some(path), accept: &[], dry_run: one.dry_run, yes: one.yes };
    match &args.command {
        DiskCommand::Add(_) => join::join(context, &request),
        DiskCommand::Remove(_) => leave::leave(context, &request),
    }
}

/// What was seen at one moment.
struct Seen {
    report: ClusterReport,
    state: ClusterState,
}

/// Looks at every node; with `lock`, takes the operator lock on the way.
fn look(operation: &mut Operation, lock: Option<&str>) -> Result<Seen> {
    let cluster = operation.cluster;
    let (report, state) = match lock {
        Some(what) => operation.locked(what, |fleet, first, sink| gather::sight(cluster, fleet, &gather::survey, first, sink))?,
        None => gather::sight(cluster, &mut operation.fleet, &gather::survey, &|_, _| Ok(()), &|_| {}),
    };
    Ok(Seen { report, state })
}

/// The node asked for; it must not be a master when all of it is meant.
fn wanted<'a>(cluster: &'a Cluster, request: &Request) -> Result<&'a Node> {
    let node = cluster.node(request.node).ok_or_else(|| {
        let known: Vec<&str> = cluster.nodes.iter().map(|n| n.name.as_str()).collect();
        Error::input(format!("the inventory has no node {}", word(request.node))).hint(format!("its nodes are {}", known.join(", ")))
    })?;
    if request.disk.is_none() && node.is(Role::Master) {
        return Err(Error::input(format!("{} is a master: the pair is made by `mfsctl provision`, and always has two", node.name))
            .hint("`mfsctl failover` moves the service between them"));
    }
    if let Some(path) = request.disk
        && !node.disks.iter().any(|d| d.path.trim_end_matches('/') == path)
    {
        let paths: Vec<&str> = node.disks.iter().map(|d| d.path.as_str()).collect();
        let has = if paths.is_empty() { "it has none".to_owned() } else { format!("it has {}", paths.join(", ")) };
        return Err(Error::input(format!("{} has no data directory {} in the inventory", node.name, word(path))).hint(has));
    }
    Ok(node)
}

/// A refusal of a plan ends everything before anything is touched.
fn refuse_refused(plans: &[&Plan]) -> Result<()> {
    let line = |h: &crate::playbook::plan::HostPlan| match (&h.unknown, h.refusal()) {
        (Some(reason), _) => Some(format!("{}: not known: {reason}", h.node)),
        (None, Some((_, step, r))) => Some(format!("{}: {step}: {}\n  fix: {}", h.node, r.found, r.fix)),
        _ => None,
    };
    let lines: Vec<String> = plans.iter().flat_map(|p| &p.hosts).filter_map(line).collect();
    if lines.is_empty() { Ok(()) } else { Err(Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", lines.join("\n")))) }
}

/// Closed gates end everything before anything is touched.
fn refuse_closed(context: &Context, gates: &[Answer], accept: &[String]) -> Result<()> {
    let closed: Vec<&Answer> = gates.iter().filter(|g| !g.passed && !accept.iter().any(|a| a == g.name)).collect();
    if closed.is_empty() {
        return Ok(());
    }
    let mut message = format!("refused, nothing was changed: {} of {} gates do not pass", closed.len(), gates.len());
    if context.json() {
        message.push_str(&report::switchover::failed(gates));
    }
    let error = Error::new(Kind::Refused, message);
    Err(closed.iter().fold(error, |error, g| error.hint(format!("{}: {}", g.name, g.fix))))
}

/// The error of a run that did not come to its end.
fn unfinished(operation: &Operation, why: &str) -> Error {
    if operation.interrupt.requested() {
        return Error::new(Kind::Interrupted, "stopped by the operator").hint("run the same command again: it goes on where it stopped");
    }
    Error::new(Kind::Incomplete, operation.masker.mask(&format!("not finished\n{why}")))
        .hint("mend what is named above and run the same command again: it goes on where it stopped")
}
