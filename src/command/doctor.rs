//! `mfsctl doctor`: every known fault of such a cluster, each with its id, what was measured, and its fix.

mod examine;
mod fix;

use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Result, word};
use crate::health::{catalogue, is_healthy};
use crate::report::mask::Masker;
use crate::report::status::headline;
use crate::report::{self, table};

/// Look for every known fault, and say how each is mended
///
/// Asks more than `status`: clocks with the round trip taken off, the ports the
/// roles need from each node to each other one (which also tells what a takeover
/// would meet), MTU, firewalls, units as they are in force, torn changelogs,
/// modes of files with secrets, and what `provision` would still change. It
/// changes nothing without --fix.
///
/// --fix mends what needs no decision and moves no service: units at boot, unit
/// files not read by systemd, modes of files with secrets, temporary files of
/// interrupted runs. It shows what it will do, asks, and looks again. For all
/// else the command to run is told.
///
/// Exit status: 0 healthy (notices allowed), 1 not healthy or not known,
/// 2 wrong inventory or flags. With --fix also 3 refused, 4 some hosts are not
/// done, 5 another operator is at work, 130 interrupted.
///
/// Examples:
///   mfsctl doctor
///   mfsctl doctor -v
///   mfsctl doctor --format json | jq -r '.findings[].id'
///   mfsctl doctor --explain stale-metadata
///   mfsctl doctor --list
///   mfsctl doctor --fix --dry-run
///   mfsctl doctor --fix --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Tell what a finding means and how it is mended; needs no cluster
    #[arg(long, value_name = "ID", conflicts_with_all = ["list", "fix"])]
    pub explain: Option<String>,
    /// List every finding there is; needs no cluster
    #[arg(long, conflicts_with = "fix")]
    pub list: bool,
    /// Mend what is safe to mend, then look again
    #[arg(long)]
    pub fix: bool,
    /// With --fix: print what would be done and stop
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// With --fix: do not ask before acting
    #[arg(short, long, requires = "fix")]
    pub yes: bool,
}

/// Runs it.
///
/// # Errors
/// Wrong input; a cluster that is not healthy; a fix that is refused or not done.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if let Some(id) = &args.explain {
        return explain(context, id);
    }
    if args.list {
        return list(context);
    }
    let cluster = context.cluster()?;
    let connector = context.connector();
    if args.fix {
        return fix::run(context, args, &cluster, &connector);
    }
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let diagnosis = examine::examine(&cluster, &mut fleet)?;
    show(context, &Masker::new(&cluster), &diagnosis, &[])
}

/// Prints a diagnosis; the verdict is its result. `fixed` is what was done on which node before.
///
/// # Errors
/// A cluster that is not healthy.
fn show(context: &Context, masker: &Masker, diagnosis: &examine::Diagnosis, fixed: &[(String, String)]) -> Result<()> {
    let name = &diagnosis.report.cluster;
    let text = if context.json() {
        format!("{:#}", report::doctor::document(name, &diagnosis.findings, &diagnosis.attempts, fixed))
    } else {
        let width = table::terminal_width().unwrap_or(80);
        let verbose = context.global.verbose > 0;
        report::doctor::render(name, &diagnosis.findings, &diagnosis.attempts, verbose, context.color, Some(width))
    };
    report::data(&masker.mask(&text));
    if is_healthy(&diagnosis.findings) {
        return Ok(());
    }
    Err(Error::failed(format!("{name}: {}", headline(&diagnosis.findings))))
}

fn explain(context: &Context, id: &str) -> Result<()> {
    let Some(entry) = catalogue::find(id) else {
        let near = catalogue::near(id);
        let hint = match near.is_empty() {
            true => "`mfsctl doctor --list` lists them all".to_owned(),
            false => format!("did you mean {}? `mfsctl doctor --list` lists them all", near.join(", ")),
        };
        return Err(Error::input(format!("there is no finding {}", word(id))).hint(hint));
    };
    if context.json() {
        report::data(&serde_json::to_string_pretty(entry).map_err(|e| Error::failed(e.to_string()))?);
    } else {
        report::data(&report::doctor::explained(entry, usize::from(table::terminal_width().unwrap_or(80))));
    }
    Ok(())
}

fn list(context: &Context) -> Result<()> {
    if context.json() {
        let all: Vec<_> = catalogue::all().collect();
        report::data(&serde_json::to_string_pretty(&all).map_err(|e| Error::failed(e.to_string()))?);
    } else {
        report::data(&report::doctor::listed(context.color, table::terminal_width()));
    }
    Ok(())
}
