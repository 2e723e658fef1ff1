//! `mfsctl history`: the journal of runs.

use serde_json::json;

use crate::command::operation;
use crate::context::Context;
use crate::engine::fleet::target;
use crate::engine::history::{self, Run};
use crate::error::{Error, Result};
use crate::inventory::layout::JOURNAL_FILE;
use crate::remote::{Connect, Request};
use crate::report;
use crate::report::table::{self, Tone, Word, plain};

/// Show what was done to clusters from here, or to a cluster from anywhere
///
/// Every run that changes something is written down on this machine and on the
/// masters, its beginning and its end; a run without an end was cut off or still
/// goes on.
///
/// Examples:
///   mfsctl history
///   mfsctl history --from node1
///   mfsctl history 20261122T131000-1a2b
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Show this run whole
    pub run: Option<String>,
    /// How many runs, the last ones
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    pub last: usize,
    /// Read the journal kept on this master
    #[arg(long, value_name = "NODE")]
    pub from: Option<String>,
}

/// Prints it.
///
/// # Errors
/// When the journal cannot be read, or has no such run.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let (runs, unreadable) = match &args.from {
        Some(node) => from_master(context, node)?,
        None => {
            let path = history::path().map_err(Error::failed)?;
            history::read(&path).map_err(|e| Error::failed(format!("{}: {e}", path.display())))?
        }
    };
    if unreadable > 0 {
        report::say(&format!("warning: {unreadable} lines of the journal make no sense"));
    }
    if let Some(id) = &args.run {
        let found = runs.iter().find(|r| r.begin.run == *id);
        let found = found.ok_or_else(|| Error::input(format!("there is no run {id}")).hint("mfsctl history lists them"))?;
        report::data(&if context.json() { format!("{:#}", json!(found)) } else { whole(found) });
        return Ok(());
    }
    let shown = &runs[runs.len().saturating_sub(args.last)..];
    if context.json() {
        report::data(&format!("{:#}", json!(shown)));
        return Ok(());
    }
    let rows: Vec<Vec<Word>> = shown.iter().map(row).collect();
    report::data(&table::render("Runs", &["run", "operator", "cluster", "command", "result", "s"], &rows, context.color));
    Ok(())
}

fn from_master(context: &Context, name: &str) -> Result<(Vec<Run>, usize)> {
    let cluster = context.cluster()?;
    let node = cluster.node(name).ok_or_else(|| Error::input(format!("the inventory has no node {name}")))?;
    let mut transport = context.connector().connect(&target(node)).map_err(operation::remote_error)?;
    let script = format!("[ ! -e {JOURNAL_FILE} ] || cat {JOURNAL_FILE}");
    let output = transport.run(&Request::new(["sh", "-c", &script])).map_err(operation::remote_error)?;
    if !output.success() {
        return Err(Error::failed(format!("{name}: {}", output.error_text())));
    }
    history::parse(output.stdout.as_slice()).map_err(|e| Error::failed(format!("{name}: {e}")))
}

fn row(run: &Run) -> Vec<Word> {
    let (result, tone) = match &run.end {
        None => ("cut off or running", Tone::Warn),
        Some(end) if end.result == "done" => ("done", Tone::Good),
        Some(end) => (end.result.as_str(), Tone::Bad),
    };
    let seconds = run.end.as_ref().map_or_else(String::new, |e| e.seconds.to_string());
    let begin = &run.begin;
    vec![plain(&begin.run), plain(&begin.operator), plain(&begin.cluster), plain(&begin.command), (result.to_owned(), tone), plain(seconds)]
}

fn whole(run: &Run) -> String {
    let begin = &run.begin;
    let mut out = format!("{}  {}  {}\n  {}\n", begin.run, begin.time, begin.operator, begin.command);
    match &run.end {
        None => out.push_str("  cut off, or still running\n"),
        Some(end) => {
            out.push_str(&format!("  {} after {} s\n", end.result, end.seconds));
            for (node, host) in &end.hosts {
                out.push_str(&format!("{node}:\n"));
                out.extend(host.done.iter().map(|d| format!("  + {d}\n")));
                out.extend(host.stopped.iter().map(|s| format!("  ! {s}\n")));
            }
        }
    }
    out
}
