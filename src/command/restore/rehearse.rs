//! `restore-meta --rehearse`: a restore in a scratch directory of a node, to its end but for the last step.

use std::time::{Duration, Instant};

use serde_json::json;

use super::carry::{self, carry, on_node, with_slot};
use super::look::Seen;
use super::{Args, choose};
use crate::archive::{self, LastRehearsal};
use crate::command::backup_meta::state_dir;
use crate::command::operation::Operation;
use crate::command::status::gather::ask_master;
use crate::context::Context;
use crate::engine::history;
use crate::error::{Error, Kind, Result};
use crate::fact::restore::{Built, command};
use crate::health::restore::{Choice, Judgement};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Node, Role};
use crate::report::{self, format};
use crate::step;
use crate::step::restore::{Build, build_command};

/// Memory mfsmaster takes for itself (3.0.117: 454 MiB with 29 inodes), and what a byte of metadata takes when it is loaded.
const MEMORY: (u64, u64) = (512 << 20, 4);

/// What came of it.
struct Rehearsed {
    built: Built,
    copying: Duration,
    building: Duration,
    live: (Option<u64>, Option<u64>),
}

/// Rehearses.
///
/// # Errors
/// Nothing to restore from, no node that can, and whatever a real restore would have failed with.
pub fn rehearse(context: &Context, operation: &mut Operation, args: &Args, seen: &Seen) -> Result<()> {
    let judgement = seen.judge(args.from.as_deref())?;
    let choice = choose(context, operation, seen, &judgement)?;
    let node = node(operation, args, seen, &choice)?;
    let said = format!("rehearsing on {node}: {}", report::restore::best(&judgement, &choice));
    operation.monitor.clear();
    if args.dry_run {
        if context.json() {
            report::data(&format!("{:#}", json!({ "on": node, "choice": report::restore::choice_document(&judgement, &choice) })));
        } else {
            report::data(&said);
        }
        return Ok(());
    }
    report::say(&said);
    let run = format!("rehearsal-{}-{}", history::new_id(&jiff::Zoned::now()).replace([':', '.', '_'], "-"), std::process::id());
    let result = work(operation, seen, &choice, &run, &node);
    clean(operation, seen, &choice, &run, &node);
    operation.monitor.clear();
    let rehearsed = result.map_err(|reason| {
        let error = Error::failed(format!("the rehearsal failed; the cluster was not touched\n{reason}"));
        judgement.sources.iter().filter(|j| j.reach.is_some() && j.source != choice.base).fold(error, |error, other| {
            error.hint(format!("--from {} reaches version {}", other.name, other.reach.as_ref().map_or(0, |r| r.next)))
        })
    })?;
    note(operation, &node, &judgement, &choice, &rehearsed);
    tell(context, &node, &judgement, &choice, &rehearsed);
    Ok(())
}

/// Where it is done: not on the node that serves, if another one can.
fn node(operation: &Operation, args: &Args, seen: &Seen, choice: &Choice) -> Result<String> {
    let cluster = operation.cluster;
    let able = |n: &&Node| seen.sites.get(&n.name).is_some_and(|s| s.told.mfsmaster.is_some());
    let serves = |n: &Node| step::facts_of(&seen.state, &n.name).is_some_and(|f| f.moosefs.runs("mfsmaster"));
    let bytes = size(seen, choice);
    let need = MEMORY.0 + MEMORY.1 * bytes;
    let chosen = match &args.on {
        Some(name) => {
            let node = cluster.node(name).ok_or_else(|| Error::input(format!("--on {name}: no node of that name")))?;
            if let Some((_, why)) = seen.unreachable.iter().find(|(n, _)| n == name) {
                return Err(Error::new(Kind::Refused, format!("--on {name}: {why}")));
            }
            Some(node).filter(able).ok_or_else(|| {
                Error::new(Kind::Refused, format!("--on {name}: mfsmaster is not installed there, and only it can read metadata"))
                    .hint("the masters have it")
            })?
        }
        None => {
            let mut nodes: Vec<&Node> = cluster.nodes.iter().filter(able).collect();
            nodes.sort_by_key(|n| (serves(n), !n.is(Role::Metalogger)));
            nodes.first().copied().ok_or_else(|| {
                Error::new(Kind::Refused, "no node that can be asked has mfsmaster, and only it can read metadata")
                    .hint("bring a master back, or install the package moosefs-master on another node and name it with --on")
            })?
        }
    };
    let told = seen.sites.get(&chosen.name).map(|s| (s.told.memory, s.told.free)).unwrap_or_default();
    if told.0 < need {
        return Err(Error::new(
            Kind::Refused,
            format!(
                "{} has {} of memory left, {} may be needed to load the metadata",
                chosen.name,
                format::bytes(told.0),
                format::bytes(need)
            ),
        )
        .hint("choose another node with --on"));
    }
    Ok(chosen.name.clone())
}

fn size(seen: &Seen, choice: &Choice) -> u64 {
    let directory = seen.sources.get(choice.base).and_then(|s| s.found.as_ref().ok());
    let file = directory.zip(choice.metadata.first()).and_then(|(d, name)| d.file(name));
    file.map_or(0, |f| f.size)
}

fn work(operation: &mut Operation, seen: &Seen, choice: &Choice, run: &str, node: &str) -> std::result::Result<Rehearsed, String> {
    let before = live(operation, seen);
    let began = Instant::now();
    let base = carry(operation, &seen.sources[choice.base], run, node)?;
    let extension = choice.extension.map(|n| carry(operation, &seen.sources[n], run, node)).transpose()?;
    let after = live(operation, seen);
    let copying = began.elapsed();
    let build = Build { metadata: choice.metadata.clone(), base, extension, id: choice.id, version: choice.next };
    operation.monitor.note(&format!("{node}: mfsmaster builds the metadata"));
    let began = Instant::now();
    let answer = on_node(operation, node, build_command(run, &build))?;
    let built = Built::parse(&answer).ok_or_else(|| format!("{node}: it answered oddly: {answer}"))?;
    Ok(Rehearsed { built, copying, building: began.elapsed(), live: (before, after) })
}

/// The version the serving master tells now.
fn live(operation: &mut Operation, seen: &Seen) -> Option<u64> {
    let through = match &seen.report.master {
        crate::health::MasterAnswer::Answered { through, .. } => through.clone(),
        crate::health::MasterAnswer::Silent { .. } => return None,
    };
    let cluster = operation.cluster;
    with_slot(operation, &through, |_, transport| ask_master(cluster, &[cluster.vip.address], transport))
        .ok()
        .map(|(_, report)| report.info.metadata_version)
}

/// Takes away everything it made, also after a failure.
fn clean(operation: &mut Operation, seen: &Seen, choice: &Choice, run: &str, node: &str) {
    let mut nodes = vec![node.to_owned()];
    nodes.extend([Some(choice.base), choice.extension].into_iter().flatten().filter_map(|n| seen.sources[n].node.clone()));
    nodes.sort();
    nodes.dedup();
    for node in nodes {
        if let Err(reason) = on_node(operation, &node, command(&["forget", layout::RESTORE_DIR, run])) {
            operation.monitor.note(&format!("warning: {}/{run} is left behind: {reason}", layout::RESTORE_DIR));
        }
    }
    if let Ok(place) = carry::here(&operation.cluster.name, run) {
        let _ = std::fs::remove_dir_all(place);
    }
}

/// Notes it for `status`.
fn note(operation: &Operation, node: &str, judgement: &Judgement, choice: &Choice, rehearsed: &Rehearsed) {
    let source = judgement.sources.iter().find(|j| j.source == choice.base).map(|j| j.name.clone());
    let last = LastRehearsal {
        time: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        node: node.to_owned(),
        source: source.unwrap_or_default(),
        version: rehearsed.built.version,
        took_ms: u64::try_from((rehearsed.copying + rehearsed.building).as_millis()).ok(),
    };
    let noted = state_dir().and_then(|state| archive::record_rehearsal(&state, &operation.cluster.name, &last).map_err(|e| e.to_string()));
    if let Err(reason) = noted {
        report::say(&format!("warning: the rehearsal is not noted for status: {reason}"));
    }
}

fn tell(context: &Context, node: &str, judgement: &Judgement, choice: &Choice, rehearsed: &Rehearsed) {
    let built = &rehearsed.built;
    let same = match rehearsed.live {
        (Some(before), Some(after)) => Some(before <= built.version && built.version <= after),
        _ => None,
    };
    if context.json() {
        let value = json!({
            "on": node, "choice": report::restore::choice_document(judgement, choice), "version": built.version,
            "id": built.id, "last_change": built.last_time, "changes": built.changes, "bytes": built.bytes,
            "copy_seconds": rehearsed.copying.as_secs_f64(), "build_seconds": rehearsed.building.as_secs_f64(),
            "live_before": rehearsed.live.0, "live_after": rehearsed.live.1, "as_live": same,
        });
        return report::data(&format!("{value:#}"));
    }
    let last = built.last_time.map_or_else(|| "not known".to_owned(), report::restore::time);
    let mut text = format!(
        "can be restored to version {} (file system {}), last change {last}\n  from {} and {} changes, {}\n  in {:.1} s: {:.1} s copying, {:.1} s building\n",
        format::grouped(built.version),
        built.id,
        built.metadata,
        format::grouped(built.changes),
        format::bytes(built.bytes),
        (rehearsed.copying + rehearsed.building).as_secs_f64(),
        rehearsed.copying.as_secs_f64(),
        rehearsed.building.as_secs_f64(),
    );
    match (same, rehearsed.live) {
        (Some(true), _) => text.push_str("  the same as the serving master had while it was copied\n"),
        (_, (Some(before), Some(after))) => {
            text.push_str(&format!(
                "  the serving master was at {} before and {} after the copy\n",
                format::grouped(before),
                format::grouped(after)
            ));
        }
        _ => {}
    }
    report::data(text.trim_end());
}
