//! `mfsctl ok-to-stop`: may these nodes stop, and what would suffer.

use crate::command::operation::named;
use crate::command::status::gather;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::ok_to_stop::{self, Judgement, Parting, Verdict};
use crate::report;

/// Say whether nodes may stop now, all of them together, and what would suffer
///
/// Looks at every node and asks the MooseFS master; changes nothing. Chunks (what is
/// missing or under goal now, and what could be meanwhile), other chunkservers, disks
/// being emptied, the pair of masters, the witnesses' votes, metaloggers and open files
/// of clients are judged, each with what was measured, what is wanted and what to do.
///
/// The master does not tell which server holds which chunk. Numbers of chunks are
/// therefore bounds, and the worst one counts: where files of goal 1 may lie on a node,
/// it is not safe to stop.
///
/// Exit status: 0 safe, 1 not known, 2 wrong inventory or flags, 3 not safe.
///
/// Examples:
///   mfsctl ok-to-stop node3
///   mfsctl ok-to-stop node3 node4 --format json | jq .suffers
///   mfsctl ok-to-stop node3 && mfsctl stop node3 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Nodes, roles or patterns, as of --limit
    #[arg(required = true, value_name = "NODE")]
    pub nodes: Vec<String>,
}

/// Gathers, judges, prints.
///
/// # Errors
/// Wrong input; it is not safe, or not known.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let nodes = named(&cluster, &args.nodes.join(","))?;
    let connector = context.connector();
    let seen = gather::gather(&cluster, &connector, usize::from(context.global.jobs), &gather::judged);
    let judgement = ok_to_stop::judge(&cluster, &seen, &Parting::machines(&nodes));
    if context.json() {
        report::data(&serde_json::to_string_pretty(&judgement).map_err(|e| Error::failed(e.to_string()))?);
    } else {
        report::data(&report::ok_to_stop::render(&judgement, context.color));
    }
    verdict(&judgement)
}

/// The end of a command that asked.
fn verdict(judgement: &Judgement) -> Result<()> {
    let kind = match judgement.verdict {
        Verdict::Safe => return Ok(()),
        Verdict::Unknown => Kind::Failed,
        Verdict::Unsafe => Kind::Refused,
    };
    Err(Error::new(kind, report::ok_to_stop::headline(judgement)))
}
