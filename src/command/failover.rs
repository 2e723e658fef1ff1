//! `mfsctl failover` and `failback`: the service moves to the other master, planned.

mod force;
mod probe;
mod receipt;
mod sight;
pub mod switchover;
mod verdict;

use crate::context::Context;
use crate::error::{Error, Result};

pub use sight::{Seen, locked_look, look};
use switchover::{Request, switchover};

/// Move the metadata master to the standby
///
/// Asks every gate before anything is touched (replication in sync, standby fit,
/// same versions and configuration, space, chunkservers and metaloggers), says how
/// long clients will stall, and asks. Then the active node lets go, the standby
/// takes over, and what was there before is compared with what is there now.
///
/// Until the standby is Primary any failure is undone and the old master serves
/// on; after that the nodes go forward by themselves, also without mfsctl. Run
/// again after an interruption, it goes on towards the same node.
///
/// Exit status: 0 done or nothing to do, 1 failed before anything was changed, 2 wrong
/// inventory or flags, 3 refused and nothing changed, 4 moved but not everything is
/// back, 5 another operator is at work, 6 failed and everything is as it was, 7 the end
/// could not be seen, 130 interrupted.
///
/// With --force the other node takes over though the active one cannot be asked. It
/// says what is known, what is not and what may be lost. Where the witnesses' votes
/// cannot prove that the active node is out, its name must be typed (or given with
/// --dead), and data that is not up to date is used only with --accept-loss.
///
/// Examples:
///   mfsctl failover --dry-run
///   mfsctl failover --yes
///   mfsctl failover --to node2
///   mfsctl failover --force --dry-run
///   mfsctl failover --force --dead node1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The master to move to [default: the one that does not serve]
    #[arg(long, value_name = "NODE")]
    pub to: Option<String>,
    /// Ask the gates, print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
    /// The active node is gone: let the other take over without it
    #[arg(long)]
    pub force: bool,
    /// With --force: this node is off and stays off; two masters at once destroy data
    #[arg(long, value_name = "NODE", requires = "force")]
    pub dead: Option<String>,
    /// With --force: go on with data that is not up to date, the loss is accepted
    #[arg(long, requires = "force")]
    pub accept_loss: bool,
}

/// Move the metadata master back to the preferred node
///
/// The same as `failover --to` the master with the highest keepalived priority.
/// Refused until replication is in sync; with --wait it waits for that first.
///
/// Exit status: as of `mfsctl failover`.
///
/// Examples:
///   mfsctl failback --dry-run
///   mfsctl failback --wait --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct BackArgs {
    /// Wait until a resync under way has ended
    #[arg(long)]
    pub wait: bool,
    /// Ask the gates, print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs `failover`.
///
/// # Errors
/// Wrong input, gates that do not pass, and every end that is not the one wanted.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.force {
        return force::force(context, args);
    }
    switchover(context, &Request { what: "failover", to: args.to.clone(), wait: false, besides: &[], dry_run: args.dry_run, yes: args.yes })
}

/// Runs `failback`.
///
/// # Errors
/// As [`run`].
pub fn back(context: &Context, args: &BackArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let preferred = cluster.masters().first().map(|n| n.name.clone()).ok_or_else(|| Error::input("the cluster has no master"))?;
    switchover(
        context,
        &Request { what: "failback", to: Some(preferred), wait: args.wait, besides: &[], dry_run: args.dry_run, yes: args.yes },
    )
}
