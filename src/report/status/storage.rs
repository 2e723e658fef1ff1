//! Chunkservers, their disks, chunks and space.

use super::{Word, ago, dash, unknown, word};
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::Role;
use crate::protocol::{Chunkserver, Disk, Load, Maintenance};
use crate::report::format::{bytes, duration, grouped, percent};
use crate::report::table::Tone;

/// Headers of [`disks`].
pub const DISKS: &[&str] = &["node", "disk", "state", "used", "size", "chunks", "last error"];

/// Disks shown whatever their state; of more only those with something amiss, unless everything is wanted.
const FEW: usize = 12;
/// Shares of space from which on a bar warns, and is bad.
const FULL: (f64, f64) = (0.90, 0.95);

/// Headers of [`chunkservers`].
#[must_use]
pub fn headers(wide: bool) -> &'static [&'static str] {
    const ALL: &[&str] = &["node", "id", "version", "state", "disks", "used", "chunks", "errors", "queue", "address"];
    if wide { ALL } else { &ALL[..7] }
}

/// A share as a bar of that many cells: `██░░░░░░░░`. Whatever is used shows at least one full cell.
#[must_use]
pub fn bar(part: u64, whole: u64, width: usize) -> String {
    let share = if whole == 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) };
    // `as` saturates
    let full = ((share * width as f64).round() as usize).clamp(usize::from(share > 0.0), width);
    "█".repeat(full) + &"░".repeat(width - full)
}

/// How a share of space used is meant.
#[must_use]
pub fn fullness(part: u64, whole: u64) -> Tone {
    let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    match share {
        s if s >= FULL.1 => Tone::Bad,
        s if s >= FULL.0 => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// A row for each disk: all of a few, or of many those that are not ok.
#[must_use]
pub fn disks(report: &ClusterReport, all: bool, wide: bool) -> Vec<Vec<Word>> {
    let every: Vec<(&NodeView, &Disk)> = report.nodes.iter().flat_map(|n| n.disks.iter().flatten().map(move |d| (n, d))).collect();
    let all = all || every.len() <= FEW;
    every.into_iter().filter(|(_, d)| all || !d.is_ok()).map(|(n, d)| disk_row(report, &n.name, d, wide)).collect()
}

/// One disk.
fn disk_row(report: &ClusterReport, node: &str, disk: &Disk, wide: bool) -> Vec<Word> {
    let state = match disk {
        Disk { invalid: true, .. } | Disk { damaged: true, .. } => Tone::Bad,
        Disk { marked_for_removal: true, .. } | Disk { scanning: true, .. } | Disk { last_error: Some(_), .. } => Tone::Warn,
        _ => Tone::Good,
    };
    let error = disk.last_error.map_or_else(dash, |e| {
        let when = ago(report.asked_at, i64::from(e.time)).unwrap_or_else(|| format!("{} (epoch)", e.time));
        word(if wide { format!("{when}, chunk {:016X}", e.chunk) } else { when }, Tone::Warn)
    });
    vec![
        word(node, Tone::Plain),
        word(&disk.path, Tone::Plain),
        word(disk.state(), state),
        (
            format!("{} {}", bar(disk.used, disk.total, if wide { 10 } else { 6 }), percent(disk.used, disk.total)),
            fullness(disk.used, disk.total),
        ),
        word(bytes(disk.total), Tone::Plain),
        word(grouped(u64::from(disk.chunks)), Tone::Plain),
        error,
    ]
}

/// A row for each chunkserver of the inventory, then those only the master knows.
#[must_use]
pub fn chunkservers(report: &ClusterReport, wide: bool) -> Vec<Vec<Word>> {
    let mut rows: Vec<Vec<Word>> =
        report.with_role(Role::Chunkserver).map(|n| chunkserver_row(report, &n.name, Some(n), report.chunkserver(n), wide)).collect();
    if let Some(told) = report.told() {
        let strange = told.chunkservers.iter().filter(|s| !report.with_role(Role::Chunkserver).any(|n| report.comes_from(n, s.address)));
        rows.extend(strange.map(|s| chunkserver_row(report, &report.name_of(s.address), None, Some(s), wide)));
    }
    rows
}

fn chunkserver_row(report: &ClusterReport, name: &str, node: Option<&NodeView>, server: Option<&Chunkserver>, wide: bool) -> Vec<Word> {
    let disks = node.map_or_else(unknown, disks_of);
    let Some(server) = server else {
        let state = match node.and_then(|n| n.chunkserver_running) {
            _ if report.told().is_some() => word("never seen", Tone::Bad),
            Some(true) => word("daemon runs", Tone::Plain),
            Some(false) => word("stopped", Tone::Bad),
            None => unknown(),
        };
        let mut row = vec![word(name, Tone::Plain), dash(), dash(), state, disks, dash(), dash()];
        row.extend(std::iter::repeat_with(dash).take(if wide { 3 } else { 0 }));
        return row;
    };
    let master = report.told().map(|t| t.version);
    let version = server.version.map_or_else(dash, |v| {
        let same = master == Some(v);
        word(v.to_string(), if same { Tone::Plain } else { Tone::Warn })
    });
    let used = format!("{} of {}", percent(server.used, server.total), bytes(server.total));
    let mut row = vec![
        word(name, Tone::Plain),
        word(format!("{} {}", server.id, server.labels).trim_end(), Tone::Plain),
        version,
        state_of(server),
        disks,
        if wide {
            (format!("{} {used}", bar(server.used, server.total, 10)), fullness(server.used, server.total))
        } else {
            word(used, Tone::Plain)
        },
        word(grouped(u64::from(server.chunks)), Tone::Plain),
    ];
    if wide {
        row.push(word(server.errors.to_string(), if server.errors == 0 { Tone::Plain } else { Tone::Warn }));
        row.push(word(load(server), if server.load == Load::Overloaded { Tone::Warn } else { Tone::Plain }));
        row.push(word(server.address.to_string(), Tone::Dim));
    }
    row
}

/// How the master uses a chunkserver, with its queue.
fn load(server: &Chunkserver) -> String {
    match server.load {
        Load::Normal => format!("{}", server.queue),
        Load::Grace(left) => format!("{}, gently for {left} s", server.queue),
        Load::FastRebalance | Load::Rebalance => format!("{}, rebalances", server.queue),
        Load::Overloaded => format!("{}, OVERLOADED", server.queue),
    }
}

pub fn state_of(server: &Chunkserver) -> Word {
    match (server.connected, server.maintenance) {
        (true, Maintenance::Off) => word("connected", Tone::Good),
        (true, _) => word("maintenance", Tone::Warn),
        (false, Maintenance::Off) => word("AWAY", Tone::Bad),
        (false, Maintenance::Temporary(Some(left))) => word(format!("away, {} left", duration(u64::from(left))), Tone::Warn),
        (false, _) => word("away, maintenance", Tone::Warn),
    }
}

pub fn disks_of(node: &NodeView) -> Word {
    match &node.disks {
        None => unknown(),
        Some(disks) => {
            let good = disks.iter().filter(|d| d.is_ok()).count();
            let missing = node.disks_wanted.iter().any(|w| !disks.iter().any(|d| d.path.trim_end_matches('/') == w.trim_end_matches('/')));
            let all = disks.len().max(node.disks_wanted.len());
            if good == disks.len() && !missing {
                word(format!("{good} ok"), Tone::Good)
            } else {
                word(format!("{good} of {all} ok"), Tone::Bad)
            }
        }
    }
}

#[must_use]
pub fn chunk_line(report: &ClusterReport) -> String {
    let Some(told) = report.told() else { return "not known, the MooseFS master does not answer".to_owned() };
    let sum = &told.chunks.all;
    let settled = if told.chunks.progress.is_settled() { "" } else { " (still counting: chunkservers are connecting or disconnecting)" };
    format!(
        "{} · missing {} · endangered {} · under goal {} · over goal {}{settled}",
        grouped(sum.chunks()),
        grouped(sum.missing),
        grouped(sum.endangered),
        grouped(sum.undergoal),
        grouped(sum.overgoal)
    )
}

#[must_use]
pub fn space_line(report: &ClusterReport) -> String {
    let Some(told) = report.told() else { return "not known".to_owned() };
    let info = &told.info;
    let used = info.total_space.saturating_sub(info.free_space.unwrap_or(info.available_space));
    format!(
        "{} of {} used ({}) · trash {} (files: {}) · files {} · directories {}",
        bytes(used),
        bytes(info.total_space),
        percent(used, info.total_space),
        bytes(info.trash_space),
        grouped(u64::from(info.trash_files)),
        grouped(u64::from(info.files)),
        grouped(u64::from(info.directories))
    )
}
