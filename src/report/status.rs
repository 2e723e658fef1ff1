//! `mfsctl status` for people and for programs.

use serde::Serialize;

use super::format::{bytes, clean, duration, grouped, percent, wrap};
use super::table::{Tone, Word, render_within};
use crate::fact::ha_report::SpaceState;
use crate::health::{self, ClusterReport, Finding, NodeView, Severity, drbd};
use crate::inventory::model::Role;
use crate::protocol::{Chunkserver, Maintenance};

/// Version of [`Document`]'s form; raised when a field changes its meaning or goes away.
const FORMAT: u32 = 1;

/// What `--format json` prints; described in docs/status.md.
#[derive(Serialize)]
pub struct Document<'a> {
    format: u32,
    healthy: bool,
    findings: &'a [Finding],
    report: &'a ClusterReport,
}

impl<'a> Document<'a> {
    /// Joins a report and what was found in it.
    #[must_use]
    pub fn new(report: &'a ClusterReport, findings: &'a [Finding]) -> Self {
        Self { format: FORMAT, healthy: health::is_healthy(findings), findings, report }
    }
}

/// One line on the whole: `healthy`, or how many of what was found.
#[must_use]
pub fn headline(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (critical, warnings, notices) = (count(Severity::Critical), count(Severity::Warning), count(Severity::Notice));
    let mut parts = Vec::new();
    for (number, one, many) in [(critical, "critical", "critical"), (warnings, "warning", "warnings"), (notices, "notice", "notices")] {
        if number > 0 {
            parts.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    }
    let word = if critical + warnings == 0 { "healthy" } else { "NOT HEALTHY" };
    if parts.is_empty() { word.to_owned() } else { format!("{word} ({})", parts.join(", ")) }
}

/// Renders everything, tables at most `width` columns wide (at least 60), else as wide as they need.
#[must_use]
pub fn render(report: &ClusterReport, findings: &[Finding], color: bool, width: Option<u16>) -> String {
    let width = width.map(|w| w.max(60));
    let paragraph = usize::from(width.unwrap_or(100));
    let table = |title: &str, headers: &[&str], rows: &[Vec<Word>]| render_within(title, headers, rows, color, width);
    let masters: Vec<&NodeView> = report.with_role(Role::Master).collect();
    let mut names = vec!["HA pair"];
    names.extend(masters.iter().map(|n| n.name.as_str()));

    let mut out = format!("{}: {}\n\n", clean(&report.cluster), headline(findings));
    out += &without_title(&table("", &names, &pair(report, &masters)));
    out += "\n";
    out += &table("Chunkservers", &["node", "id", "version", "state", "disks", "used", "chunks"], &chunkservers(report));
    out += &wrap("Chunks: ", &chunk_line(report), paragraph);
    out += &wrap("Space: ", &space_line(report), paragraph);
    out += "\n";
    out += &table("Metaloggers", &["node", "daemon", "connected", "version"], &metaloggers(report));
    out += "\n";
    out += &table("Clients", &["node", "mount", "folder", "mounted", "session", "version"], &clients(report));
    out += &listed(findings, color, paragraph);
    out
}

fn without_title(text: &str) -> String {
    text.strip_prefix('\n').unwrap_or(text).to_owned()
}

fn word(text: impl AsRef<str>, tone: Tone) -> Word {
    (clean(text.as_ref()), tone)
}

fn unknown() -> Word {
    word("?", Tone::Dim)
}

fn dash() -> Word {
    word("-", Tone::Dim)
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Ok => Tone::Good,
        Severity::Notice => Tone::Plain,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    }
}

/// Yes and no in words of their own, with the tone of `right` when it is as it should be.
fn either(value: Option<bool>, yes: &str, no: &str, right: Option<bool>) -> Word {
    let Some(value) = value else { return unknown() };
    let tone = if right == Some(value) { Tone::Good } else { Tone::Bad };
    word(if value { yes } else { no }, if right.is_none() { Tone::Plain } else { tone })
}

/// A row for each property, a column for each master.
fn pair(report: &ClusterReport, masters: &[&NodeView]) -> Vec<Vec<Word>> {
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

fn absent(node: &NodeView) -> Word {
    if node.reachable { word("not up", Tone::Bad) } else { unknown() }
}

fn chunkservers(report: &ClusterReport) -> Vec<Vec<Word>> {
    let mut rows: Vec<Vec<Word>> =
        report.with_role(Role::Chunkserver).map(|n| chunkserver_row(report, &n.name, Some(n), report.chunkserver(n))).collect();
    if let Some(told) = report.told() {
        let strange = told.chunkservers.iter().filter(|s| !report.with_role(Role::Chunkserver).any(|n| report.comes_from(n, s.address)));
        rows.extend(strange.map(|s| chunkserver_row(report, &report.name_of(s.address), None, Some(s))));
    }
    rows
}

fn chunkserver_row(report: &ClusterReport, name: &str, node: Option<&NodeView>, server: Option<&Chunkserver>) -> Vec<Word> {
    let disks = node.map_or_else(unknown, disks_of);
    let Some(server) = server else {
        let state = match node.and_then(|n| n.chunkserver_running) {
            _ if report.told().is_some() => word("never seen", Tone::Bad),
            Some(true) => word("daemon runs", Tone::Plain),
            Some(false) => word("stopped", Tone::Bad),
            None => unknown(),
        };
        return vec![word(name, Tone::Plain), dash(), dash(), state, disks, dash(), dash()];
    };
    let master = report.told().map(|t| t.version);
    let version = server.version.map_or_else(dash, |v| {
        let same = master == Some(v);
        word(v.to_string(), if same { Tone::Plain } else { Tone::Warn })
    });
    vec![
        word(name, Tone::Plain),
        word(format!("{} {}", server.id, server.labels).trim_end(), Tone::Plain),
        version,
        state_of(server),
        disks,
        word(format!("{} of {}", percent(server.used, server.total), bytes(server.total)), Tone::Plain),
        word(grouped(u64::from(server.chunks)), Tone::Plain),
    ]
}

fn state_of(server: &Chunkserver) -> Word {
    match (server.connected, server.maintenance) {
        (true, Maintenance::Off) => word("connected", Tone::Good),
        (true, _) => word("maintenance", Tone::Warn),
        (false, Maintenance::Off) => word("AWAY", Tone::Bad),
        (false, Maintenance::Temporary(Some(left))) => word(format!("away, {} left", duration(u64::from(left))), Tone::Warn),
        (false, _) => word("away, maintenance", Tone::Warn),
    }
}

fn disks_of(node: &NodeView) -> Word {
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

fn chunk_line(report: &ClusterReport) -> String {
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

fn space_line(report: &ClusterReport) -> String {
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

fn metaloggers(report: &ClusterReport) -> Vec<Vec<Word>> {
    let row = |node: &NodeView| {
        let seen = report.told().map(|t| t.metaloggers.iter().find(|m| report.comes_from(node, m.address)));
        vec![
            word(&node.name, Tone::Plain),
            either(node.metalogger_running, "running", "stopped", Some(true)),
            either(seen.map(|s| s.is_some()), "yes", "NO", Some(true)),
            seen.flatten().map_or_else(dash, |m| word(m.version.to_string(), Tone::Plain)),
        ]
    };
    report.with_role(Role::Metalogger).map(row).collect()
}

fn clients(report: &ClusterReport) -> Vec<Vec<Word>> {
    let mut rows = Vec::new();
    for node in report.with_role(Role::Client) {
        for mount in &node.mounts {
            let session = report.told().map(|t| {
                let mine = t.sessions.iter().filter(|s| report.comes_from(node, s.address) && s.mount_point == mount.path);
                mine.max_by_key(|s| s.connections)
            });
            let (state, version) = match session {
                None => (unknown(), dash()),
                Some(None) => (word("NONE", Tone::Bad), dash()),
                Some(Some(s)) if s.connections == 0 => {
                    (word(format!("{}, away", s.id), Tone::Warn), word(s.version.to_string(), Tone::Plain))
                }
                Some(Some(s)) => (word(s.id.to_string(), Tone::Good), word(s.version.to_string(), Tone::Plain)),
            };
            rows.push(vec![
                word(&node.name, Tone::Plain),
                word(&mount.path, Tone::Plain),
                word(&mount.folder, Tone::Plain),
                if mount.answers == Some(false) { word("HANGS", Tone::Bad) } else { either(mount.mounted, "yes", "NO", Some(true)) },
                state,
                version,
            ]);
        }
    }
    rows
}

/// Findings that are not ok, the worst first, each with its fix.
pub(super) fn listed(findings: &[Finding], color: bool, width: usize) -> String {
    let bad: Vec<&Finding> = findings.iter().filter(|f| f.severity > Severity::Ok).collect();
    if bad.is_empty() {
        return String::new();
    }
    let mut out = "\nFindings\n".to_owned();
    for finding in bad {
        let label = finding.severity.word().to_uppercase();
        let text = wrap(
            "  ",
            &format!("{label} {}: {} [{}]", finding.subject, clean(&finding.message), finding.id.unwrap_or(finding.rule)),
            width,
        );
        out += &if color { text.replacen(&label, &painted(&label, finding.severity), 1) } else { text };
        out += &wrap("    wanted: ", &clean(&finding.wanted), width);
        out += &wrap("    fix: ", &clean(&finding.fix), width);
    }
    out
}

/// The ANSI colour of a severity around a word (ECMA-48, SGR).
fn painted(label: &str, severity: Severity) -> String {
    let code = match severity {
        Severity::Critical => "1;31",
        Severity::Warning => "33",
        Severity::Notice | Severity::Ok => "36",
    };
    format!("\u{1b}[{code}m{label}\u{1b}[0m")
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
