//! The pair of masters: the layers side by side, and how replication is.

use super::{Word, dash, either, tone, unknown, word};
use crate::fact::drbd_status::{DrbdResource, Sync, SyncKind};
use crate::fact::ha_report::SpaceState;
use crate::health::{ClusterReport, NodeView, drbd};
use crate::inventory::model::Role;
use crate::report::format::{bytes, duration, grouped};
use crate::report::table::Tone;

/// A row for each property, a column for each master.
pub fn rows(report: &ClusterReport, masters: &[&NodeView]) -> Vec<Vec<Word>> {
    type Cell = fn(&ClusterReport, &NodeView) -> Word;
    let rows: [(&str, Cell); 9] = [
        ("reachable", |_, n| either(Some(n.reachable), "yes", "NO", Some(true))),
        ("virtual address", |r, n| match n.vip_present {
            Some(true) => word(r.vip.to_string(), if n.is_primary() == Some(false) { Tone::Bad } else { Tone::Good }),
            Some(false) => dash(),
            None => unknown(),
        }),
        ("DRBD role", |_, n| n.drbd.as_ref().map_or_else(|| absent(n), |d| word(d.role.word(), Tone::Plain))),
        ("DRBD data", |_, n| n.drbd.as_ref().map_or_else(|| absent(n), |d| word(d.disk.word(), tone(drbd::disk(&d.disk).severity)))),
        ("DRBD connection", |_, n| {
            n.drbd.as_ref().map_or_else(|| absent(n), |d| word(drbd::state(d), tone(drbd::connection(&d.connection).severity)))
        }),
        ("metadata volume", |_, n| {
            let cell = either(n.volume_mounted, "mounted", "not mounted", n.is_primary());
            let Some(space) = n.agent.as_ref().and_then(|a| a.space.as_ref()).filter(|_| n.volume_mounted == Some(true)) else {
                return cell;
            };
            let text = format!("{}, {} MiB free", cell.0, space.free_mib);
            match space.state {
                SpaceState::Ok => (text, cell.1),
                SpaceState::Low => word(text, Tone::Warn),
                SpaceState::Full => word(format!("{text}: FULL"), Tone::Bad),
            }
        }),
        ("MooseFS master", |_, n| {
            let mut cell = either(n.master_running, "running", "stopped", n.is_primary());
            if n.master_enabled == Some(true) {
                cell = word(cell.0 + ", starts at boot", Tone::Bad);
            }
            cell
        }),
        ("metadata version", |r, n| match r.told() {
            Some(told) if n.master_running == Some(true) && n.vip_present != Some(false) => {
                word(grouped(told.info.metadata_version), Tone::Plain)
            }
            _ => dash(),
        }),
        ("takeover agent", |_, n| n.agent.as_ref().map_or_else(unknown, |a| word(&a.note, if a.healthy { Tone::Good } else { Tone::Bad }))),
    ];
    let row = |(name, cell): &(&str, Cell)| {
        let mut words = vec![word(name, Tone::Plain)];
        words.extend(masters.iter().map(|n| cell(report, n)));
        words
    };
    rows.iter().map(row).collect()
}

pub fn absent(node: &NodeView) -> Word {
    if node.reachable { word("not up", Tone::Bad) } else { unknown() }
}

/// The node and resource with the word on a sync: its target knows best what is left, else whoever tells of one.
pub fn syncing(report: &ClusterReport) -> Option<(&NodeView, &DrbdResource, &Sync)> {
    let told = report.with_role(Role::Master).filter_map(|n| Some((n, n.drbd.as_ref()?, n.drbd.as_ref()?.sync.as_ref()?)));
    told.max_by_key(|(_, drbd, sync)| (sync.kind == SyncKind::Resync, drbd.connection.word() == "SyncTarget"))
}

/// A sync under way in words: what is sent where, how much is left, how fast and how long; `None` without one.
#[must_use]
pub fn replication(report: &ClusterReport) -> Option<String> {
    let (node, drbd, sync) = syncing(report)?;
    let peer = report.with_role(Role::Master).find(|n| n.name != node.name).map_or("its peer", |n| n.name.as_str());
    let what = match (sync.kind, drbd.connection.word()) {
        (SyncKind::Verify, _) => "both copies are being compared".to_owned(),
        (_, "SyncTarget" | "PausedSyncT") => format!("{} receives what it lacks from {peer}; until the end it cannot take over", node.name),
        _ => format!("{} sends {peer} what it lacks; until the end {peer} cannot take over", node.name),
    };
    let mut words = format!("{what}: {:.1} % done", sync.percent);
    if let Some(left) = sync.left_kib {
        words += &format!(", {} left", bytes(left.saturating_mul(1024)));
    }
    match sync.speed_kib_s {
        Some(0) | None => words += ", standing still",
        Some(speed) => words += &format!(" at {}/s", bytes(speed.saturating_mul(1024))),
    }
    if let Some(seconds) = sync.finish_seconds {
        words += &format!(", about {} to go", duration(seconds));
    }
    Some(words)
}
