//! `mfsctl status`: how the cluster is, and what to do about what is wrong.

pub mod gather;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::health::{self, ClusterReport};
use crate::report::status::{Document, headline, render};
use crate::report::{self, table};

/// Show how the cluster is, and what to do about what is wrong
///
/// Asks every node once and the MooseFS master over its own protocol; changes
/// nothing. Prints the pair of masters (virtual address, DRBD, mount, master),
/// chunkservers, metaloggers, clients and the health of chunks, then every
/// finding with its fix, the worst first.
///
/// Exit status: 0 healthy (notices allowed), 1 not healthy or not known,
/// 2 wrong inventory or flags.
///
/// Examples:
///   mfsctl status
///   mfsctl status --format json | jq .findings
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Exit with 0 also when the cluster is not healthy
    #[arg(long)]
    pub exit_zero: bool,
}

/// Gathers, judges, prints.
///
/// # Errors
/// A wrong inventory; a cluster that is not healthy, unless `--exit-zero`.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let report = gather(context)?;
    let findings = health::judge(&report);
    if context.json() {
        let document = Document::new(&report, &findings);
        report::data(&serde_json::to_string_pretty(&document).map_err(|e| Error::failed(e.to_string()))?);
    } else {
        let width = table::terminal_width().unwrap_or(80);
        report::data(&render(&report, &findings, context.color, Some(width)));
    }
    if args.exit_zero || health::is_healthy(&findings) {
        return Ok(());
    }
    Err(Error::failed(format!("{}: {}", report.cluster, headline(&findings))))
}

/// Asks everybody.
///
/// # Errors
/// Only for a wrong inventory: nodes that cannot be asked are part of the report.
pub fn gather(context: &Context) -> Result<ClusterReport> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    Ok(gather::gather(&cluster, &connector, usize::from(context.global.jobs), &gather::survey))
}
