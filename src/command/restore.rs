//! `mfsctl restore-meta`: metadata that is damaged or gone, from the best of what is left.

mod act;
pub mod carry;
mod look;
mod rehearse;

use std::path::PathBuf;

use crate::command::operation::Operation;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::restore::{Choice, Judgement};
use crate::report::{self, table};

use look::Seen;

/// Restore the metadata from the best copy there is
///
/// Looks at the volume, every metalogger, copies kept by earlier restores and backups
/// on this machine, and tells of each how far it reaches, whether it is damaged and why
/// it is used or not. --list shows that and stops; nothing is changed or promoted.
///
/// --rehearse builds the metadata in a scratch directory of a node with mfsmaster
/// itself, tells what it came to and how long it took, and takes everything away
/// again. The cluster is not touched.
///
/// Without either it restores: says what will be lost and asks, suspends the takeover,
/// stops masters and metaloggers, keeps everything aside on the nodes, builds the
/// metadata in a scratch directory, checks its version and id, only then puts it in
/// place, lets the takeover start it, looks from the clients' side and starts the
/// metaloggers last. Until it is put in place any failure is undone. It can be stopped
/// anywhere and run again. When changes are lost, the version it goes back to must be
/// typed; --yes does not cover that, --accept-loss VERSION does.
///
/// Exit status: 0 done or nothing to do, 1 nothing can be restored from, or a rehearsal
/// failed, 2 wrong flags or inventory, 3 refused and nothing changed, 4 not finished
/// (run it again), 5 another operator is at work, 6 failed and everything is as it was,
/// 7 the end could not be seen, 130 interrupted.
///
/// Examples:
///   mfsctl restore-meta --list
///   mfsctl restore-meta --rehearse
///   mfsctl restore-meta --dry-run
///   mfsctl restore-meta
///   mfsctl restore-meta --from node2
///   mfsctl restore-meta --from /srv/mfs-backups/2026-01-01 --accept-loss 120034 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Show what there is to restore from, the best first, and stop
    #[arg(long, conflicts_with_all = ["rehearse", "from", "dry_run", "accept_loss"])]
    pub list: bool,
    /// Build it in a scratch directory only, tell what it came to, and clean up
    #[arg(long, conflicts_with = "accept_loss")]
    pub rehearse: bool,
    /// With --rehearse: the node to do it on [default: one with mfsmaster that does not serve]
    #[arg(long, value_name = "NODE", requires = "rehearse")]
    pub on: Option<String>,
    /// Take this one: `volume`, a metalogger's node, NODE:PATH of a kept copy, or a directory here
    #[arg(long, value_name = "SOURCE")]
    pub from: Option<String>,
    /// A directory of backups on this machine (may be repeated)
    #[arg(long, value_name = "DIR")]
    pub backups: Vec<PathBuf>,
    /// Print what would be done and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting (never covers the loss of changes)
    #[arg(short, long)]
    pub yes: bool,
    /// Changes are lost: the version it goes back to, which would have to be typed
    #[arg(long, value_name = "VERSION")]
    pub accept_loss: Option<u64>,
}

/// Runs it.
///
/// # Errors
/// A wrong inventory; nothing to restore from; refusals; every end that is not the one wanted.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let backups = backups(args);
    if !args.list && !args.rehearse {
        return act::restore(context, &mut operation, args, &backups);
    }
    let seen = see(&mut operation, &backups)?;
    operation.monitor.clear();
    if args.rehearse {
        return rehearse::rehearse(context, &mut operation, args, &seen);
    }
    let judgement = seen.judge(None)?;
    print(context, &operation, &seen, &judgement);
    tell_unreachable(&seen);
    match judgement.choice {
        Some(_) => Ok(()),
        None => Err(nothing()),
    }
}

/// The directories named, and the one `--from` names, if it is one.
fn backups(args: &Args) -> Vec<PathBuf> {
    let from = args.from.as_ref().filter(|from| from.contains('/') && !from.contains(':')).map(PathBuf::from);
    args.backups.iter().cloned().chain(from).collect()
}

/// Looks at everything, without the operator lock.
fn see(operation: &mut Operation, backups: &[PathBuf]) -> Result<Seen> {
    let monitor = &operation.monitor;
    look::look(operation.cluster, &mut operation.fleet, backups, &|_, _| Ok(()), &|e| monitor.show(&e))
}

/// The choice, or everything there is and that nothing of it can be used.
fn choose(context: &Context, operation: &Operation, seen: &Seen, judgement: &Judgement) -> Result<Choice> {
    if let Some(choice) = &judgement.choice {
        return Ok(choice.clone());
    }
    print(context, operation, seen, judgement);
    tell_unreachable(seen);
    Err(nothing())
}

fn tell_unreachable(seen: &Seen) {
    for (node, reason) in &seen.unreachable {
        report::say(&format!("{node} could not be asked: {reason}"));
    }
}

fn nothing() -> Error {
    Error::new(Kind::Failed, "nothing can be restored from; nothing was changed")
        .hint("bring back the nodes that could not be asked, or name backups with --backups DIR")
}

fn print(context: &Context, operation: &Operation, seen: &Seen, judgement: &Judgement) {
    if context.json() {
        report::data(&format!("{:#}", report::restore::document(operation.cluster, judgement, &seen.unreachable)));
    } else {
        let width = table::terminal_width().unwrap_or(140);
        report::data(&report::restore::render(operation.cluster, judgement, context.color, Some(width)));
    }
}
