//! `mfsctl ha`: the takeover itself: its layers, and its suspension for work on the masters.

mod hold;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::command::status::gather::without_name;
use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Result};
use crate::fact::ha_report::{self, HaReport};
use crate::health::takeover::{Layers, healthy, judge};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::Cluster;
use crate::remote::{Exit, Output, RemoteError, Request};
use crate::report::status::headline;
use crate::report::{self, table};

/// Longest wait for a node's report; it asks the witnesses for four seconds at most.
const DEADLINE: Duration = Duration::from_secs(30);

/// See the takeover's layers, or suspend it for a while
///
/// Examples:
///   mfsctl ha status
///   mfsctl ha hold --for 45m --reason "new switch in rack 2"
///   mfsctl ha release
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Hold(hold::HoldArgs),
    Release(hold::ReleaseArgs),
    /// Show every layer of the takeover on both masters side by side
    ///
    /// keepalived's wish, DRBD, the volume, mfsmaster, the virtual address, what
    /// the agent says, faults and holds with the time left, the votes and who
    /// holds them, as both nodes see it. What contradicts is named.
    ///
    /// Exit status: 0 healthy, 1 not healthy or not known, 2 wrong inventory.
    ///
    /// Examples:
    ///   mfsctl ha status
    ///   mfsctl ha status --format json | jq .findings
    #[command(verbatim_doc_comment)]
    Status,
}

/// Runs it.
///
/// # Errors
/// Wrong input; an unhealthy takeover; what `hold` and `release` end with.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.command {
        Sub::Hold(args) => hold::hold(context, args),
        Sub::Release(args) => hold::release(context, args),
        Sub::Status => status(context),
    }
}

fn status(context: &Context) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let layers = layers(&cluster, &mut fleet);
    let findings = judge(&layers);
    if context.json() {
        report::data(&format!("{:#}", report::ha::document(&cluster, &layers, &findings)));
    } else {
        let width = table::terminal_width().unwrap_or(100);
        report::data(&report::ha::render(&cluster, &layers, &findings, context.color, Some(width)));
    }
    if healthy(&findings) {
        return Ok(());
    }
    Err(Error::failed(format!("{}: takeover {}", cluster.name, headline(&findings))))
}

/// Asks both masters at once for their layers, in one round trip each; the preferred one comes first.
pub fn layers(cluster: &Cluster, fleet: &mut Fleet) -> Vec<Layers> {
    let masters = cluster.masters();
    let names: BTreeSet<String> = masters.iter().map(|n| n.name.clone()).collect();
    let connector = fleet.connector();
    let mut seen = fleet.each(&names, |node, slot, gate| {
        gate.pass(|| {
            let ran = slot.connect(connector, node).and_then(|t| t.run(&Request::new([HA_SCRIPT, "report"]).within(DEADLINE)));
            // The next look makes a new one.
            if matches!(ran, Err(RemoteError::Lost { .. })) {
                slot.close();
            }
            let told = ran.map_err(|e| e.to_string()).and_then(|output| told(&output));
            told.map_err(|reason| without_name(node, &reason))
        })
    });
    masters.iter().filter_map(|n| seen.remove(&n.name).map(|report| (n.name.clone(), report))).collect()
}

fn told(output: &Output) -> std::result::Result<HaReport, String> {
    match output.exit {
        Exit::Code(0) => ha_report::parse(&output.text()).map_err(|e| e.to_string()),
        Exit::Code(64 | 126 | 127) => Err("its takeover script is missing or too old: run `mfsctl provision`".to_owned()),
        _ => Err(format!("mfs-ha report failed: {}", output.error_text().trim())),
    }
}
