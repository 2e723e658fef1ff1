//! `mfsctl status`: how the cluster is, and what to do about what is wrong.

pub mod gather;
mod records;
mod watch;

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::cli::Format;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::{self, ClusterReport};
use crate::report::status::{Document, headline, render};
use crate::report::{self, check, metrics, table};

/// Show how the cluster is, and what to do about what is wrong
///
/// Asks every node once and the MooseFS master over its own protocol; changes
/// nothing. Prints the pair of masters (virtual address, DRBD, mount, master),
/// chunkservers, metaloggers, clients and the health of chunks, then every
/// finding with its fix, the worst first.
///
/// --watch keeps the connections and shows all of it live on the whole screen,
/// with panes to move between, sort and open (? shows the keys). A node that
/// does not answer holds up nothing: its last view stays, with its age.
///
/// -v adds the matrix of goals and copies, storage classes, quotas, the master's
/// own checks and every disk.
///
/// Exit status: 0 healthy (notices allowed), 1 not healthy or not known,
/// 2 wrong inventory or flags. With --check as monitoring plugins: 0 ok,
/// 1 warning, 2 critical, 3 unknown.
///
/// Examples:
///   mfsctl status
///   mfsctl status -v
///   mfsctl status --watch 5
///   mfsctl status --format json | jq .findings
///   mfsctl status --check
///   mfsctl status --format prometheus --to /var/lib/prometheus/node-exporter/mfs.prom
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Exit with 0 also when the cluster is not healthy
    #[arg(long)]
    pub exit_zero: bool,
    /// One line with performance data, and the exit status of a monitoring plugin
    #[arg(long, conflicts_with_all = ["exit_zero", "to"])]
    pub check: bool,
    /// Show it live on the whole screen, every node asked again after so many seconds [default: 3]
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "3",
        value_parser = clap::value_parser!(u16).range(1..=3600),
        conflicts_with_all = ["exit_zero", "check", "to"]
    )]
    pub watch: Option<u16>,
    /// Write to this file instead of standard output, replaced at once so that no reader meets half of it
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

/// Gathers, judges, prints.
///
/// # Errors
/// A wrong inventory; a cluster that is not healthy, unless `--exit-zero`.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if let Some(seconds) = args.watch {
        return watch::run(context, seconds);
    }
    if args.check {
        return check(context);
    }
    let report = gather(context)?;
    let findings = health::judge(&report);
    let text = match context.global.format {
        Format::Json => serde_json::to_string_pretty(&Document::new(&report, &findings)).map_err(|e| Error::failed(e.to_string()))?,
        Format::Prometheus => metrics::render(&report, &findings),
        Format::Table => {
            let width = table::terminal_width().unwrap_or(80);
            render(&report, &findings, context.color && args.to.is_none(), Some(width), context.global.verbose > 0)
        }
    };
    match &args.to {
        Some(path) => write(path, &text)?,
        None => report::data(&text),
    }
    if args.exit_zero || health::is_healthy(&findings) {
        return Ok(());
    }
    Err(Error::failed(format!("{}: {}", report.cluster, headline(&findings))))
}

/// The monitoring plugin: whatever happens, one line on standard output.
fn check(context: &Context) -> Result<()> {
    if context.global.format != Format::Table {
        return conclude(check::unknown("--check prints a line of its own: take --format away"));
    }
    conclude(match gather(context) {
        Ok(report) => check::line(&report, &health::judge(&report)),
        Err(error) => check::unknown(&error.message),
    })
}

fn conclude((verdict, line): (check::Verdict, String)) -> Result<()> {
    report::data(&line);
    match verdict {
        check::Verdict::Ok => Ok(()),
        other => Err(Error::new(Kind::Verdict(other.status()), "")),
    }
}

/// Puts a text in a file's place at once; readable for all, as collectors run as other users.
fn write(path: &Path, text: &str) -> Result<()> {
    let wrong = |e: std::io::Error| Error::failed(format!("{}: {e}", path.display())).hint("its directory must exist and be writable");
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".mfsctl-").tempfile_in(parent).map_err(wrong)?;
    draft.write_all(text.as_bytes()).map_err(wrong)?;
    if !text.ends_with('\n') {
        draft.write_all(b"\n").map_err(wrong)?;
    }
    draft.as_file().set_permissions(Permissions::from_mode(0o644)).map_err(wrong)?;
    draft.persist(path).map(|_| ()).map_err(|e| wrong(e.error))
}

/// Asks everybody.
///
/// # Errors
/// Only for a wrong inventory: nodes that cannot be asked are part of the report.
pub fn gather(context: &Context) -> Result<ClusterReport> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut report = gather::gather(&cluster, &connector, usize::from(context.global.jobs), &gather::judged);
    report.records = Some(records::look(&report));
    Ok(report)
}
