//! `mfsctl stop`, `start` and `restart`: the cluster, a role or nodes, in the order that keeps data safe.

mod busy;
mod run;
mod what;

mod restart;
mod start;
mod stop;

use crate::context::Context;
use crate::error::Result;

/// Stop the cluster, a role of it or nodes, in the safe order
///
/// Clients unmount first (who keeps a mount busy is named, and then nothing is
/// stopped), then chunkservers, then metaloggers, then the master, whose metadata must
/// be whole on the volume afterwards. A master that was stopped stays so whatever
/// keepalived elects, also after a boot, until `mfsctl start`; status shows who stopped
/// it and when. Chunkservers, metaloggers and mounts come back with a boot, and wait for
/// the master.
///
/// What is not the whole cluster is stopped only where `mfsctl ok-to-stop` would say
/// yes. --unsafe with its name passes that by.
///
/// Exit status: 0 stopped or nothing to do, 1 failed, 2 wrong inventory or flags,
/// 3 refused and nothing changed, 4 not all is stopped (named; run it again), 5 another
/// operator is at work, 130 interrupted.
///
/// Examples:
///   mfsctl stop --dry-run
///   mfsctl stop --yes --reason "power works in hall 2"
///   mfsctl stop clients --lazy
///   mfsctl stop node3
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct StopArgs {
    /// Nodes, or roles: masters, metaloggers, chunkservers, clients [default: the whole cluster]
    pub what: Vec<String>,
    /// Say what would be done and what speaks against it, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
    /// Detach mounts that are in use: their programs keep open files until they end
    #[arg(long)]
    pub lazy: bool,
    /// Why, for those who look at the status meanwhile
    #[arg(long, value_name = "TEXT", default_value = "planned stop")]
    pub reason: String,
    /// Go on although it is not safe; the name of what is stopped, as asked for
    #[arg(long = "unsafe", value_name = "NAME")]
    pub accept: Option<String>,
    /// Leave nodes out that cannot be reached (never a master)
    #[arg(long)]
    pub skip_unreachable: bool,
}

/// Start the cluster, a role of it or nodes, in the safe order
///
/// The masters may serve again and one does; chunkservers start and all are connected
/// with no chunk missing; metaloggers start; clients mount. Each is waited for, and what
/// did not come in time is named. On a cluster that runs it has nothing to do.
///
/// Exit status: 0 started or nothing to do, 1 failed, 2 wrong inventory or flags,
/// 3 refused and nothing changed, 4 not all is up (named; run it again), 5 another
/// operator is at work, 130 interrupted.
///
/// Examples:
///   mfsctl start
///   mfsctl start --yes --skip-unreachable
///   mfsctl start node3 --dry-run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct StartArgs {
    /// Nodes, or roles: masters, metaloggers, chunkservers, clients [default: the whole cluster]
    pub what: Vec<String>,
    /// Print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
    /// Leave nodes out that cannot be reached
    #[arg(long)]
    pub skip_unreachable: bool,
}

/// Restart the cluster, a role of it or nodes
///
/// The whole cluster: `stop`, then `start`. A role or nodes: one service after the
/// other, each chunkserver only when every chunk has its copies again. mfsmaster is
/// restarted where it serves, without a takeover.
///
/// Exit status: as of `mfsctl stop`.
///
/// Examples:
///   mfsctl restart chunkservers
///   mfsctl restart node3 --dry-run
///   mfsctl restart masters --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct RestartArgs {
    /// Nodes, or roles: masters, metaloggers, chunkservers, clients [default: the whole cluster]
    pub what: Vec<String>,
    /// Say what would be done and what speaks against it, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
    /// Go on although it is not safe; the name of what is restarted, as asked for
    #[arg(long = "unsafe", value_name = "NAME")]
    pub accept: Option<String>,
}

/// Runs `stop`.
///
/// # Errors
/// Wrong input, refusals, and what is not stopped.
pub fn stop(context: &Context, args: &StopArgs) -> Result<()> {
    stop::stop(context, args, run::Command::Stop)
}

/// Runs `start`.
///
/// # Errors
/// Wrong input, refusals, and what is not up.
pub fn start(context: &Context, args: &StartArgs) -> Result<()> {
    start::start(context, args)
}

/// Runs `restart`.
///
/// # Errors
/// As [`stop`] and [`start`].
pub fn restart(context: &Context, args: &RestartArgs) -> Result<()> {
    restart::restart(context, args)
}
