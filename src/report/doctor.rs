//! `mfsctl doctor` for people and for programs.

use serde_json::{Value, json};

use super::format::{clean, wrap};
use super::status::{headline, painted, tone};
use super::table::{Tone, Word, plain, render_within};
use crate::fact::reach::Reach;
use crate::health::catalogue::{self, Entry};
use crate::health::doctor::fixable;
use crate::health::ports::{Attempt, Expect};
use crate::health::{Finding, Severity, is_healthy};

/// Version of the document's form; raised when a field changes its meaning or goes away.
const FORMAT: u32 = 1;

/// Renders a diagnosis: findings by severity, each with its fix, the ports, a summary. With `verbose` also why each
/// matters, and every port tried.
#[must_use]
pub fn render(cluster: &str, findings: &[Finding], attempts: &[Attempt], verbose: bool, color: bool, width: Option<u16>) -> String {
    let paragraph = usize::from(width.unwrap_or(100).max(60));
    let mut out = String::new();
    for severity in [Severity::Critical, Severity::Warning, Severity::Notice] {
        let of: Vec<&Finding> = findings.iter().filter(|f| f.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        out += &format!("{}\n", painted(&format!("{} ({})", severity.word().to_uppercase(), of.len()), severity, color));
        for finding in of {
            out += &told(finding, verbose, paragraph);
        }
        out += "\n";
    }
    if verbose {
        out += &render_within("Ports", &["from", "to", "port", "for", "expected", "found"], &rows(attempts), color, width);
        out += "\n";
    }
    out += &wrap("Ports: ", &port_line(attempts, verbose), paragraph);
    let checked = findings.iter().filter(|f| f.severity == Severity::Ok).count();
    out += &wrap("Checks: ", &format!("{checked} found nothing wrong"), paragraph);
    let mendable = findings.iter().filter(|f| f.severity > Severity::Ok && fixable(f)).count();
    if mendable > 0 {
        out += &wrap("Mend: ", &format!("`mfsctl doctor --fix` mends {mendable} of these (--dry-run shows how)"), paragraph);
    }
    if findings.iter().any(|f| f.severity > Severity::Ok) {
        out += &wrap("More: ", "`mfsctl doctor --explain ID` tells what a finding leads to", paragraph);
    }
    out + &format!("{}: {}\n", clean(cluster), headline(findings))
}

fn told(finding: &Finding, verbose: bool, width: usize) -> String {
    let id = finding.id.unwrap_or(finding.rule);
    let mut out = wrap("  ", &format!("{id} · {}", clean(&finding.subject)), width);
    out += &wrap("    measured: ", &clean(&finding.message), width);
    out += &wrap("    wanted: ", &clean(&finding.wanted), width);
    out += &wrap("    fix: ", &clean(&finding.fix), width);
    if let Some(entry) = catalogue::find(id).filter(|_| verbose) {
        out += &wrap("    why: ", entry.why, width);
    }
    out
}

fn port_line(attempts: &[Attempt], verbose: bool) -> String {
    if attempts.is_empty() {
        return "none could be tried".to_owned();
    }
    let right = attempts.iter().filter(|a| a.as_expected() == Some(true)).count();
    let wrong = attempts.iter().filter(|a| a.as_expected() == Some(false)).count();
    let unknown = attempts.len() - right - wrong;
    let mut text = format!("{right} of {} as expected", attempts.len());
    if wrong > 0 {
        text += &format!(", {wrong} NOT");
    }
    if unknown > 0 {
        text += &format!(", {unknown} cannot be judged now");
    }
    if verbose { text } else { text + " (-v lists them)" }
}

fn rows(attempts: &[Attempt]) -> Vec<Vec<Word>> {
    let row = |a: &Attempt| {
        let tone = match a.as_expected() {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Dim,
        };
        let expected = match &a.expected {
            Expect::Open => "open".to_owned(),
            Expect::Closed(why) => format!("closed: {why}"),
            Expect::Either(why) => format!("?: {why}"),
            Expect::InUse => "open".to_owned(),
        };
        let found = match (&a.expected, a.found) {
            (Expect::InUse, _) => "in use",
            (_, found) => found.map_or("not tried", Reach::words),
        };
        vec![plain(&a.from), plain(clean(&a.to)), plain(a.port.to_string()), plain(a.service), plain(expected), (found.to_owned(), tone)]
    };
    attempts.iter().map(row).collect()
}

/// The document of `--format json`; described in docs/doctor.md. `fixed` are nodes and what was done there before.
#[must_use]
pub fn document(cluster: &str, findings: &[Finding], attempts: &[Attempt], fixed: &[(String, String)]) -> Value {
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let told = findings.iter().filter(|f| f.severity > Severity::Ok).map(|f| {
        let entry = f.id.and_then(catalogue::find);
        json!({
            "id": f.id, "severity": f.severity, "host": f.subject, "rule": f.rule,
            "title": entry.map(|e| e.title), "measured": f.message, "threshold": f.wanted,
            "why": entry.map(|e| e.why), "fix": f.fix, "fixable": fixable(f),
        })
    });
    let ports = attempts.iter().map(|a| {
        json!({
            "from": a.from, "to": a.to, "address": a.address, "port": a.port, "service": a.service,
            "expected": a.expected, "found": a.found, "as_expected": a.as_expected(),
        })
    });
    let fixed = fixed.iter().map(|(node, action)| json!({ "node": node, "action": action }));
    json!({
        "format": FORMAT, "cluster": cluster, "healthy": is_healthy(findings),
        "summary": {
            "critical": count(Severity::Critical), "warning": count(Severity::Warning),
            "notice": count(Severity::Notice), "ok": count(Severity::Ok),
        },
        "findings": told.collect::<Vec<_>>(), "ports": ports.collect::<Vec<_>>(), "fixed": fixed.collect::<Vec<_>>(),
    })
}

/// One entry of the catalogue.
#[must_use]
pub fn explained(entry: &Entry, width: usize) -> String {
    let mut out = format!("{} ({})\n", entry.id, entry.severity.word());
    out += &wrap("  ", entry.title, width.max(60));
    out += &wrap("  why: ", entry.why, width.max(60));
    out + &wrap("  fix: ", entry.fix, width.max(60))
}

/// The whole catalogue in short.
#[must_use]
pub fn listed(color: bool, width: Option<u16>) -> String {
    let mut out = String::new();
    for (title, entries) in catalogue::GROUPS {
        let row = |e: &&Entry| vec![plain(e.id), (e.severity.word().to_owned(), tone(e.severity)), plain(e.title)];
        let rows: Vec<Vec<Word>> = entries.iter().map(row).collect();
        out += &render_within(title, &["id", "severity", "finding"], &rows, color, width);
        out += "\n";
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
