//! `mfsctl split-brain`: both sides went on alone: see it for what it is, and heal it.

pub mod fetch;
mod resolve;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Kind, Result};
use crate::fact::side::{self, Side};
use crate::health::split_brain::{State, Verdict, judge};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::Cluster;
use crate::remote::{Exit, Request, Transport};
use crate::report::{self, table};

/// Longest wait for a side; a snapshot whose journal is replayed takes seconds.
const DEADLINE: Duration = Duration::from_secs(180);

/// See whether the masters' data diverged, and heal it
///
/// Examples:
///   mfsctl split-brain show
///   mfsctl split-brain resolve --keep node1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Show whether it is a split brain, and what each side has that the other lacks
    ///
    /// Changes nothing. The side that is not mounted is read through a snapshot that
    /// touches neither DRBD nor the volume group. Compares DRBD's generations, the
    /// metadata's id and version, and every change since the last one both sides have,
    /// and says which side to keep when that can be told.
    ///
    /// Exit status: 0 no split brain, both sides in sync; 1 anything else; 2 wrong inventory.
    ///
    /// Examples:
    ///   mfsctl split-brain show
    ///   mfsctl split-brain show --format json | jq .verdict
    #[command(verbatim_doc_comment)]
    Show,
    Resolve(resolve::ResolveArgs),
}

/// Runs it.
///
/// # Errors
/// A wrong inventory; sides that differ; what `resolve` ends with.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.command {
        Sub::Show => show(context),
        Sub::Resolve(args) => resolve::resolve(context, args),
    }
}

fn show(context: &Context) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let sides = look(&cluster, &mut fleet)?;
    let verdict = judge(&sides[0], &sides[1]);
    print(context, &cluster, &sides, &verdict);
    match verdict.state {
        State::InSync => Ok(()),
        state => Err(Error::failed(format!("{}: {}", cluster.name, state.words().0)).hint(state.words().1)),
    }
}

fn print(context: &Context, cluster: &Cluster, sides: &[Side; 2], verdict: &Verdict) {
    if context.json() {
        report::data(&format!("{:#}", report::split_brain::document(cluster, sides, verdict)));
    } else {
        let width = table::terminal_width().unwrap_or(100);
        report::data(&report::split_brain::render(cluster, sides, verdict, context.color, Some(width)));
    }
}

/// Asks both masters for their sides at once; the preferred one comes first.
///
/// # Errors
/// When one of them cannot be asked: one side alone tells nothing.
fn look(cluster: &Cluster, fleet: &mut Fleet) -> Result<[Side; 2]> {
    let masters = cluster.masters();
    let names: BTreeSet<String> = masters.iter().map(|n| n.name.clone()).collect();
    let connector = fleet.connector();
    let mut seen =
        fleet.each(&names, |node, slot, gate| gate.pass(|| slot.connect(connector, node).map_err(|e| e.to_string()).and_then(ask)));
    let lost: Vec<String> = seen
        .iter()
        .filter_map(|(node, side)| {
            let reason = side.as_ref().err()?;
            Some(format!("{node} could not be asked: {}", reason.strip_prefix(&format!("{node}: ")).unwrap_or(reason)))
        })
        .collect();
    if !lost.is_empty() {
        return Err(Error::new(Kind::Failed, lost.join("\n")).hint("both sides are needed to tell a split brain: reach the other one"));
    }
    let mut sides = masters.iter().filter_map(|n| seen.remove(&n.name)?.ok());
    match (sides.next(), sides.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => Err(Error::input("the inventory has no two masters: there is nothing to compare")),
    }
}

fn ask(transport: &mut (dyn Transport + 'static)) -> std::result::Result<Side, String> {
    let output = transport.run(&Request::new([HA_SCRIPT, "side"]).within(DEADLINE)).map_err(|e| e.to_string())?;
    match output.exit {
        Exit::Code(0) => side::parse(&output.text()).map_err(|e| e.to_string()),
        Exit::Code(64 | 126 | 127) => Err("its takeover script is missing or too old: run `mfsctl provision`".to_owned()),
        _ => Err(format!("mfs-ha side failed: {}", output.error_text().trim())),
    }
}
