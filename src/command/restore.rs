//! `mfsctl restore-meta`: metadata that is damaged or gone, from the best of what is left.

mod look;

use std::path::PathBuf;

use crate::command::operation::Operation;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::restore::Judgement;
use crate::report::{self, table};

/// Restore the metadata from the best copy there is
///
/// Looks at the volume, every metalogger, copies kept by earlier restores and backups
/// on this machine, and tells of each how far it reaches, whether it is damaged and why
/// it is used or not.
///
/// --list shows that and stops. Nothing is changed and nothing is promoted: a volume
/// that is mounted nowhere is read through a second, read-only mapping of its blocks.
///
/// Exit status: 0 done, 1 nothing can be restored from, 2 wrong flags or inventory.
///
/// Examples:
///   mfsctl restore-meta --list
///   mfsctl restore-meta --list --backups /srv/mfs-backups --format json
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Show what there is to restore from, the best first, and stop
    #[arg(long, required = true)]
    pub list: bool,
    /// A directory of backups on this machine (may be repeated)
    #[arg(long, value_name = "DIR")]
    pub backups: Vec<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// A wrong inventory; no node that can be asked; nothing to restore from.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = look::look(&mut operation, &args.backups, &|_, _| Ok(()))?;
    operation.monitor.clear();
    let judgement = seen.judge(None)?;
    print(context, &operation, &judgement);
    for (node, reason) in &seen.unreachable {
        report::say(&format!("{node} could not be asked: {reason}"));
    }
    match judgement.choice {
        Some(_) => Ok(()),
        None => Err(Error::new(Kind::Failed, "nothing can be restored from")
            .hint("bring back the nodes that could not be asked, or name backups with --backups DIR")),
    }
}

fn print(context: &Context, operation: &Operation, judgement: &Judgement) {
    if context.json() {
        report::data(&format!("{:#}", report::restore::document(operation.cluster, judgement)));
    } else {
        let width = table::terminal_width().unwrap_or(140);
        report::data(&report::restore::render(operation.cluster, judgement, context.color, Some(width)));
    }
}
