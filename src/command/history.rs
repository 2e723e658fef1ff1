//! `mfsctl history`: the journal of runs.

use serde_json::json;

use crate::command::operation;
use crate::context::Context;
use crate::engine::fleet::target;
use crate::engine::history::{self, Run};
use crate::error::{Error, Result, word};
use crate::inventory::layout::JOURNAL_FILE;
use crate::remote::{Connect, Request};
use crate::report;
use crate::report::format::{clean, duration, seconds};
use crate::report::table::{self, Tone, Word, plain};

/// Show what was done to clusters from here, or to a cluster from anywhere
///
/// Every run that changes something is written down on this machine and on the
/// masters, its beginning and its end; a run without an end was cut off or still
/// goes on. Shown are how it ended, how long it took, and for a switchover how
/// long clients waited (the gap). In JSON `outcome`, `seconds` and `gap_ms` stand
/// beside the journal's own entries.
///
/// Examples:
///   mfsctl history
///   mfsctl history --format json | jq '.[] | select(.gap_ms > 15000)'
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
        let found = found.ok_or_else(|| Error::input(format!("there is no run {}", word(id))).hint("mfsctl history lists them"))?;
        report::data(&if context.json() { format!("{:#}", document(found)) } else { whole(found) });
        return Ok(());
    }
    let shown = &runs[runs.len().saturating_sub(args.last)..];
    if context.json() {
        report::data(&format!("{:#}", json!(shown.iter().map(document).collect::<Vec<_>>())));
        return Ok(());
    }
    let rows: Vec<Vec<Word>> = shown.iter().map(row).collect();
    let headers = ["run", "operator", "cluster", "command", "outcome", "took", "gap"];
    report::data(&table::render("Runs", &headers, &rows, context.color));
    Ok(())
}

fn from_master(context: &Context, name: &str) -> Result<(Vec<Run>, usize)> {
    let cluster = context.cluster()?;
    let node = cluster.node(name).ok_or_else(|| {
        let known: Vec<&str> = cluster.nodes.iter().map(|n| n.name.as_str()).collect();
        Error::input(format!("--from: the inventory has no node {}", word(name))).hint(format!("its nodes are {}", known.join(", ")))
    })?;
    let mut transport = context.connector().connect(&target(node)).map_err(operation::remote_error)?;
    let script = format!("[ ! -e {JOURNAL_FILE} ] || cat {JOURNAL_FILE}");
    let output = transport.run(&Request::new(["sh", "-c", &script])).map_err(operation::remote_error)?;
    if !output.success() {
        return Err(Error::failed(format!("{name}: {}", output.error_text())));
    }
    history::parse(output.stdout.as_slice()).map_err(|e| Error::failed(format!("{name}: {e}")))
}

/// A run with what a program would have to look for.
fn document(run: &Run) -> serde_json::Value {
    json!({
        "begin": run.begin,
        "end": run.end,
        "outcome": outcome(run).0,
        "seconds": run.end.as_ref().map(|e| e.seconds),
        "gap_ms": gap(run),
    })
}

fn outcome(run: &Run) -> Word {
    match &run.end {
        None => ("cut off or running".to_owned(), Tone::Warn),
        Some(end) => {
            let tone = match end.result.as_str() {
                "done" => Tone::Good,
                "nothing to do" => Tone::Dim,
                "refused" | "interrupted" | "rolled back" => Tone::Warn,
                _ => Tone::Bad,
            };
            (end.result.clone(), tone)
        }
    }
}

fn row(run: &Run) -> Vec<Word> {
    let took = run.end.as_ref().map_or_else(|| "-".to_owned(), |e| duration(e.seconds));
    let begin = &run.begin;
    let words = [&begin.run, &begin.operator, &begin.cluster, &begin.command].map(|text| plain(clean(text)));
    words.into_iter().chain([outcome(run), plain(took), plain(gap(run).map_or_else(|| "-".to_owned(), seconds))]).collect()
}

/// How long clients waited, milliseconds; of a switchover where that was measured.
fn gap(run: &Run) -> Option<u64> {
    run.end.as_ref()?.receipt.as_ref()?.gap_ms
}

fn whole(run: &Run) -> String {
    let begin = &run.begin;
    let mut out = format!("{}  {}  {}\n  {}\n", begin.run, begin.time, begin.operator, begin.command);
    match &run.end {
        None => out.push_str("  cut off, or still running\n"),
        Some(end) => {
            out.push_str(&format!("  {} after {}\n", end.result, duration(end.seconds)));
            if let Some(receipt) = &end.receipt {
                let gap = receipt.gap_ms.map_or_else(|| "not measured".to_owned(), seconds);
                out.push_str(&format!("  from {} to {} in {}, gap {gap}\n", receipt.from, receipt.to, seconds(receipt.total_ms)));
                for phase in &receipt.phases {
                    out.push_str(&format!("    {:>8}  {}  {}\n", seconds(phase.at_ms), phase.node, phase.step));
                }
            }
            for (node, host) in &end.hosts {
                out.push_str(&format!("{node}:\n"));
                out.extend(host.done.iter().map(|d| format!("  + {d}\n")));
                out.extend(host.stopped.iter().map(|s| format!("  ! {s}\n")));
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const JOURNAL: &str = r#"{"event":"begin","run":"20261122T131000-1a2b","time":"2026-11-22T13:10:00Z","operator":"anna@ops","cluster":"c","command":"mfsctl failover","version":"0.1.0"}
{"event":"end","run":"20261122T131000-1a2b","time":"2026-11-22T13:11:12Z","result":"done","seconds":72,"hosts":{"node1":{"done":["yield: ask"]}},"receipt":{"from":"node1","to":"node2","total_ms":21000,"gap_ms":17240,"phases":[{"node":"node2","step":"promote: begin","at_ms":4100}]}}
{"event":"begin","run":"20261122T141000-1a2c","time":"2026-11-22T14:10:00Z","operator":"anna@ops","cluster":"c","command":"mfsctl provision","version":"0.1.0"}
"#;

    #[test]
    fn outcome_duration_and_gap_are_told() {
        let (runs, _) = history::parse(JOURNAL.as_bytes()).unwrap();
        let words = |run: &Run| row(run).into_iter().map(|(text, _)| text).collect::<Vec<_>>()[4..].to_vec();
        assert_eq!(words(&runs[0]), ["done", "1:12", "17.2 s"]);
        assert_eq!(words(&runs[1]), ["cut off or running", "-", "-"]);
        let first = document(&runs[0]);
        assert_eq!(
            (first["outcome"].as_str(), first["seconds"].as_u64(), first["gap_ms"].as_u64()),
            (Some("done"), Some(72), Some(17_240))
        );
        assert_eq!(first["begin"]["run"], "20261122T131000-1a2b", "the journal's own entry stays as it was");
        assert!(document(&runs[1])["gap_ms"].is_null() && document(&runs[1])["end"].is_null());
        let text = whole(&runs[0]);
        assert!(text.contains("done after 1:12") && text.contains("gap 17.2 s") && text.contains("4.1 s  node2  promote: begin"), "{text}");
    }
}
