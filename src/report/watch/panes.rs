//! What stands in the panes that are tables, and which node each row is of.

use std::cmp::Reverse;

use super::model::{Model, Pane};
use super::sheet::{Row, Sheet};
use crate::health::{CLUSTER, NodeView};
use crate::inventory::model::Role;
use crate::protocol::Session;
use crate::report::format::{clean, duration, grouped, percent};
use crate::report::status::{dash, members, pair, storage, unknown, word};
use crate::report::table::{Tone, Word};

/// The node each row of a pane is of, in the order shown; `cluster` is the whole.
#[must_use]
pub fn targets(model: &Model, pane: Pane) -> Vec<Option<String>> {
    match pane {
        Pane::Pair => model.shown.with_role(Role::Master).map(|n| Some(n.name.clone())).collect(),
        Pane::Replication => {
            let syncing = pair::syncing(&model.shown).map(|(n, _, _)| n.name.clone());
            vec![syncing.or_else(|| model.shown.with_role(Role::Master).next().map(|n| n.name.clone()))]
        }
        Pane::Chunks => vec![Some(CLUSTER.to_owned())],
        Pane::Loggers | Pane::Clients | Pane::Servers | Pane::Findings => {
            sheet(model, pane, false).rows.into_iter().map(|r| r.node).collect()
        }
    }
}

/// The table of a pane; `wide` has more columns, never other rows.
#[must_use]
pub fn sheet(model: &Model, pane: Pane, wide: bool) -> Sheet {
    match pane {
        Pane::Loggers => loggers(model, wide),
        Pane::Clients => clients(model, wide),
        Pane::Servers => servers(model, wide),
        Pane::Findings => findings(model),
        Pane::Pair | Pane::Replication | Pane::Chunks => Sheet::default(),
    }
}

/// A node's name, with the age of what is shown of it when it does not answer.
#[must_use]
pub fn label(model: &Model, node: &str) -> Word {
    match (model.age(node), model.silence(node)) {
        (Some(age), _) => word(format!("{node} ({})", duration(age)), Tone::Bad),
        (None, Some(_)) => word(format!("{node} SILENT"), Tone::Bad),
        (None, None) => word(node, Tone::Plain),
    }
}

fn row(model: &Model, node: &NodeView, cells: Vec<Word>) -> Row {
    Row { cells, node: Some(node.name.clone()), old: model.silence(&node.name).is_some() }
}

/// The way a pane is sorted, by name.
fn sort(model: &Model, pane: Pane) -> &'static str {
    pane.sorts().get(model.sort[pane.index()]).copied().unwrap_or_default()
}

fn loggers(model: &Model, wide: bool) -> Sheet {
    let mut nodes: Vec<&NodeView> = model.shown.with_role(Role::Metalogger).collect();
    let master = model.shown.told().map_or(0, |t| t.info.metadata_version);
    let copy = |n: &NodeView| n.metalogger_copy.clone().unwrap_or_default();
    match sort(model, Pane::Loggers) {
        "behind" => nodes.sort_by_key(|n| Reverse(copy(n).behind(master).unwrap_or(u64::MAX))),
        "age" => nodes.sort_by_key(|n| Reverse(copy(n).change_age.unwrap_or(i64::MAX))),
        _ => {}
    }
    let kept: &[usize] = if wide { &[0, 1, 2, 3, 4, 5, 6] } else { &[0, 2, 4, 5] };
    let rows = nodes.into_iter().map(|n| {
        let mut cells = members::metalogger(&model.shown, n, wide);
        cells[0] = label(model, &n.name);
        row(model, n, kept.iter().filter_map(|at| cells.get(*at).cloned()).collect())
    });
    Sheet { headers: kept.iter().map(|at| members::METALOGGERS[*at]).collect(), rows: rows.collect() }
}

fn clients(model: &Model, wide: bool) -> Sheet {
    let mut mounts: Vec<(&NodeView, usize, Option<&Session>)> = Vec::new();
    for node in model.shown.with_role(Role::Client) {
        mounts.extend(node.mounts.iter().enumerate().map(|(at, m)| (node, at, model.shown.session(node, &m.path))));
    }
    let rate = |s: Option<&Session>| s.and_then(|s| model.rates.get(&s.id).copied());
    match sort(model, Pane::Clients) {
        // `as` saturates
        "operations" => mounts.sort_by_key(|(_, _, s)| Reverse(rate(*s).map(|r| (r * 1000.0) as u64))),
        "seen" => mounts.sort_by_key(|(_, _, s)| s.map_or(2, |s| u8::from(s.connections > 0))),
        _ => {}
    }
    let rows = mounts.into_iter().map(|(node, at, session)| {
        let mount = &node.mounts[at];
        let mounted = match (mount.answers, mount.mounted) {
            (Some(false), _) => word("HANGS", Tone::Bad),
            (_, Some(true)) => word("yes", Tone::Good),
            (_, Some(false)) => word("NO", Tone::Bad),
            (_, None) => unknown(),
        };
        let seen = match (session, model.shown.told()) {
            (Some(s), _) => members::seen(&model.shown, s),
            (None, Some(_)) => word("never", Tone::Bad),
            (None, None) => unknown(),
        };
        let speed = rate(session).map_or_else(dash, |r| word(format!("{r:.0}"), Tone::Plain));
        let mut cells = vec![label(model, &node.name), word(&mount.path, Tone::Plain), mounted, seen, speed];
        if wide {
            let told = |words: fn(&Session) -> String| session.map_or_else(dash, |s| word(words(s), Tone::Plain));
            cells.push(told(|s| grouped(s.operations.1)));
            cells.push(told(|s| grouped(u64::from(s.open_files))));
            cells.push(told(|s| s.version.to_string()));
        }
        row(model, node, cells)
    });
    let mut headers = vec!["node", "mount", "there", "seen", "ops/s"];
    if wide {
        headers.extend(["last hour", "open", "version"]);
    }
    Sheet { headers, rows: rows.collect() }
}

fn servers(model: &Model, wide: bool) -> Sheet {
    let mut nodes: Vec<&NodeView> = model.shown.with_role(Role::Chunkserver).collect();
    let server = |n: &NodeView| model.shown.chunkserver(n);
    match sort(model, Pane::Servers) {
        "used" => nodes.sort_by_key(|n| Reverse(server(n).map_or(0, |s| s.used.saturating_mul(10_000) / s.total.max(1)))),
        "state" => nodes.sort_by_key(|n| server(n).map_or(0, |s| 1 + u8::from(s.connected))),
        "chunks" => nodes.sort_by_key(|n| Reverse(server(n).map_or(0, |s| s.chunks))),
        _ => {}
    }
    let cells_of_bar = if wide { 10 } else { 5 };
    let used =
        |part, whole| (format!("{:>5} {}", percent(part, whole), storage::bar(part, whole, cells_of_bar)), storage::fullness(part, whole));
    let mut rows = Vec::new();
    for node in nodes {
        let told = server(node);
        let state = match (told, node.chunkserver_running) {
            (Some(s), _) => storage::state_of(s),
            (None, _) if model.shown.told().is_some() => word("never seen", Tone::Bad),
            (None, Some(true)) => word("runs", Tone::Plain),
            (None, Some(false)) => word("stopped", Tone::Bad),
            (None, None) => unknown(),
        };
        let bar = told.filter(|s| s.total > 0).map_or_else(dash, |s| used(s.used, s.total));
        let mut cells = vec![label(model, &node.name), state, storage::disks_of(node), bar];
        if wide {
            cells.push(told.map_or_else(dash, |s| word(grouped(u64::from(s.chunks)), Tone::Plain)));
            cells.push(told.map_or_else(dash, |s| word(s.errors.to_string(), if s.errors == 0 { Tone::Plain } else { Tone::Warn })));
            cells.push(told.map_or_else(dash, |s| word(s.queue.to_string(), Tone::Plain)));
        }
        let columns = cells.len();
        rows.push(row(model, node, cells));
        // Disks have rows of their own where there is room, bad ones always.
        for disk in node.disks.iter().flatten().filter(|d| model.is_tall() || !d.is_ok()) {
            let tone = if disk.is_ok() { Tone::Good } else { Tone::Bad };
            let mut cells = vec![
                word(format!("  {}", disk.path.trim_end_matches('/')), Tone::Plain),
                word(disk.state(), tone),
                (String::new(), Tone::Plain),
                used(disk.used, disk.total),
            ];
            if wide {
                cells.push(word(grouped(u64::from(disk.chunks)), Tone::Plain));
            }
            cells.resize(columns, (String::new(), Tone::Plain));
            rows.push(row(model, node, cells));
        }
    }
    let mut headers = vec!["node", "state", "disks", "used"];
    if wide {
        headers.extend(["chunks", "errors", "queue"]);
    }
    Sheet { headers, rows }
}

fn findings(model: &Model) -> Sheet {
    let mut found: Vec<_> = model.findings.iter().collect();
    match sort(model, Pane::Findings) {
        "node" => found.sort_by(|a, b| (&a.subject, Reverse(a.severity)).cmp(&(&b.subject, Reverse(b.severity)))),
        "rule" => found.sort_by(|a, b| (a.rule, &a.subject).cmp(&(b.rule, &b.subject))),
        _ => {}
    }
    let rows = found.into_iter().map(|f| {
        let tone = crate::report::status::tone(f.severity);
        Row {
            cells: vec![word(f.severity.word(), tone), word(&f.subject, Tone::Plain), word(clean(&f.message), Tone::Plain)],
            node: Some(f.subject.clone()),
            old: false,
        }
    });
    Sheet { headers: vec!["", "node", "what"], rows: rows.collect() }
}
