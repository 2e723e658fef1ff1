//! `mfsctl status` for people and for programs.

pub(super) mod further;
pub(super) mod members;
pub(super) mod pair;
pub(super) mod records;
pub(super) mod storage;

use serde::Serialize;

use super::format::{clean, duration, wrap};
use super::table::{Tone, Word, render_within};
use crate::health::{self, ClusterReport, Finding, NodeView, Severity};
use crate::inventory::model::Role;

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

/// From how many columns on tables say more.
const WIDE: u16 = 120;

/// Renders everything, tables at most `width` columns wide (at least 60), else as wide as they need; from 120 columns on
/// they have more of them. `verbose` adds the matrix of goals, classes, quotas, the master's own checks and every disk.
#[must_use]
pub fn render(report: &ClusterReport, findings: &[Finding], color: bool, width: Option<u16>, verbose: bool) -> String {
    let width = width.map(|w| w.max(60));
    let wide = width.is_none_or(|w| w >= WIDE);
    let paragraph = usize::from(width.unwrap_or(100));
    let table = |title: &str, headers: &[&str], rows: &[Vec<Word>]| render_within(title, headers, rows, color, width);
    let masters: Vec<&NodeView> = report.with_role(Role::Master).collect();
    let mut names = vec!["HA pair"];
    names.extend(masters.iter().map(|n| n.name.as_str()));

    let mut out = format!("{}: {}\n\n", clean(&report.cluster), headline(findings));
    out += &without_title(&table("", &names, &pair::rows(report, &masters)));
    if let Some(words) = pair::replication(report) {
        out += &wrap("Replication: ", &words, paragraph);
    }
    out += "\n";
    out += &table("Chunkservers", storage::headers(wide), &storage::chunkservers(report, wide));
    out += &wrap("Chunks: ", &storage::chunk_line(report), paragraph);
    out += &wrap("Space: ", &storage::space_line(report), paragraph);
    let disks = storage::disks(report, verbose, wide);
    if !disks.is_empty() {
        out += "\n";
        out += &table("Disks", storage::DISKS, &disks);
    }
    out += "\n";
    out += &table("Metaloggers", members::METALOGGERS, &members::metaloggers(report, wide));
    out += "\n";
    out += &table("Clients", members::headers(wide), &members::clients(report, wide));
    if verbose {
        out += &further::render(report, color, width);
    }
    if let Some(records) = &report.records {
        out += "\n";
        for (title, words) in records::lines(records, report.asked_at) {
            out += &wrap(title, &words, paragraph);
        }
    }
    out += &listed(findings, color, paragraph);
    out
}

/// How long ago something was, `3:12 ago`; nothing when the present is not known.
pub(super) fn ago(now: i64, then: i64) -> Option<String> {
    (now > 0).then(|| format!("{} ago", duration(u64::try_from(now.saturating_sub(then)).unwrap_or(0))))
}

fn without_title(text: &str) -> String {
    text.strip_prefix('\n').unwrap_or(text).to_owned()
}

pub(super) fn word(text: impl AsRef<str>, tone: Tone) -> Word {
    (clean(text.as_ref()), tone)
}

pub(super) fn unknown() -> Word {
    word("?", Tone::Dim)
}

pub(super) fn dash() -> Word {
    word("-", Tone::Dim)
}

pub(super) fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Ok => Tone::Good,
        Severity::Notice => Tone::Plain,
        Severity::Warning => Tone::Warn,
        Severity::Critical => Tone::Bad,
    }
}

/// Yes and no in words of their own, with the tone of `right` when it is as it should be.
pub(super) fn either(value: Option<bool>, yes: &str, no: &str, right: Option<bool>) -> Word {
    let Some(value) = value else { return unknown() };
    let tone = if right == Some(value) { Tone::Good } else { Tone::Bad };
    word(if value { yes } else { no }, if right.is_none() { Tone::Plain } else { tone })
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
        out += &text.replacen(&label, &painted(&label, finding.severity, color), 1);
        out += &wrap("    wanted: ", &clean(&finding.wanted), width);
        out += &wrap("    fix: ", &clean(&finding.fix), width);
    }
    out
}

/// The ANSI colour of a severity around a word (ECMA-48, SGR).
pub(super) fn painted(label: &str, severity: Severity, color: bool) -> String {
    let code = match severity {
        Severity::Critical => "1;31",
        Severity::Warning => "33",
        Severity::Notice | Severity::Ok => "36",
    };
    if color { format!("\u{1b}[{code}m{label}\u{1b}[0m") } else { label.to_owned() }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
