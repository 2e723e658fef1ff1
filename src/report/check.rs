//! `mfsctl status --check`: one line and an exit status as Nagios, Icinga and their kin want them
//! (Monitoring Plugins Development Guidelines: 0 ok, 1 warning, 2 critical, 3 unknown; `| label=value;warn;crit;min;max`).

use super::format::clean;
use super::status::headline;
use crate::health::{ClusterReport, Finding, Severity};
use crate::inventory::model::Role;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing worse than a notice.
    Ok,
    /// Safety or redundancy is reduced.
    Warning,
    /// Data or service is lost, or the next fault loses it.
    Critical,
    /// Nobody could be asked.
    Unknown,
}

impl Verdict {
    /// The exit status of the convention.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How many findings the line names; the rest are counted.
const NAMED: usize = 3;

/// The verdict, and the line with its performance data.
#[must_use]
pub fn line(report: &ClusterReport, findings: &[Finding]) -> (Verdict, String) {
    let verdict = if report.nodes.iter().all(|n| !n.reachable) {
        Verdict::Unknown
    } else {
        match findings.iter().map(|f| f.severity).max() {
            Some(Severity::Critical) => Verdict::Critical,
            Some(Severity::Warning) => Verdict::Warning,
            _ => Verdict::Ok,
        }
    };
    let bad: Vec<&Finding> = findings.iter().filter(|f| f.severity > Severity::Notice).collect();
    let id = |f: &Finding| f.id.unwrap_or(f.rule);
    let mut said = vec![headline(findings)];
    said.extend(bad.iter().take(NAMED).map(|f| format!("{}: {} [{}]", f.subject, f.message, id(f))));
    if bad.len() > NAMED {
        let mut rest: Vec<&str> = bad[NAMED..].iter().map(|f| id(f)).collect();
        rest.dedup();
        said.push(format!("and {} more: {}", bad.len() - NAMED, rest.join(", ")));
    }
    // The bar parts words from numbers, so none may stand among the words.
    let words = clean(&said.join("; ")).replace('|', "/");
    (verdict, format!("MFS {} - {}: {words} | {}", verdict.word(), clean(&report.cluster).replace('|', "/"), numbers(report).join(" ")))
}

/// The line of a check that could not be made at all.
#[must_use]
pub fn unknown(reason: &str) -> (Verdict, String) {
    let words: Vec<&str> = reason.split_whitespace().collect();
    (Verdict::Unknown, format!("MFS {} - {}", Verdict::Unknown.word(), clean(&words.join(" ")).replace('|', "/")))
}

/// Performance data; what is not known is left out.
fn numbers(report: &ClusterReport) -> Vec<String> {
    let reachable = report.nodes.iter().filter(|n| n.reachable).count();
    let mut out = vec![format!("nodes={reachable};{all}:;;0;{all}", all = report.nodes.len())];
    let Some(told) = report.told() else { return out };
    let wanted = report.with_role(Role::Chunkserver).count();
    let connected = report.with_role(Role::Chunkserver).filter(|n| report.chunkserver(n).is_some_and(|s| s.connected)).count();
    let (total, free) = (told.info.total_space, told.info.free_space.unwrap_or(told.info.available_space));
    let sum = &told.chunks.all;
    out.push(format!("chunkservers={connected};;{wanted}:;0;{wanted}"));
    out.push(format!("chunks={};;;0", sum.chunks()));
    out.push(format!("missing={};;0;0", sum.missing));
    out.push(format!("endangered={};0;;0", sum.endangered));
    out.push(format!("undergoal={};0;;0", sum.undergoal));
    out.push(format!("used={}B;{};{};0;{total}", total.saturating_sub(free), total / 100 * 90, total / 100 * 95));
    out.push(format!("files={};;;0", told.info.files));
    out.push(format!("sessions={};;;0", told.sessions.iter().filter(|s| s.connections > 0).count()));
    out.push(format!("metadata_version={}c", told.info.metadata_version));
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::health::testing::healthy;
    use crate::health::{MasterAnswer, judge};

    fn checked(report: &ClusterReport) -> (Verdict, String) {
        let (verdict, line) = line(report, &judge(report));
        assert_eq!(line.matches('|').count(), 1, "{line}");
        assert!(!line.contains('\n'), "{line}");
        (verdict, line)
    }

    #[test]
    fn a_healthy_cluster_is_ok() {
        let (verdict, line) = checked(&healthy());
        assert_eq!(verdict, Verdict::Ok);
        insta::assert_snapshot!(line);
    }

    #[test]
    fn the_worst_finding_decides_and_the_first_three_are_named() {
        let mut report = healthy();
        report.told_mut().chunks.all.endangered = 2;
        let (verdict, line) = checked(&report);
        assert_eq!((verdict.status(), line.starts_with("MFS WARNING - ")), (1, true), "{line}");
        assert!(line.contains("endangered=2;0;;0") && line.contains("2 chunks are endangered"), "{line}");

        report.lose("node3");
        report.lose("node4");
        report.lose("node2");
        report.told_mut().chunks.all.missing = 7;
        let (verdict, line) = checked(&report);
        assert_eq!((verdict.status(), verdict.word()), (2, "CRITICAL"), "{line}");
        assert!(line.contains("and 2 more") && line.contains("nodes=5;8:;;0;8"), "{line}");
    }

    #[test]
    fn nobody_to_ask_is_unknown_and_a_silent_master_is_critical() {
        let mut report = healthy();
        report.master = MasterAnswer::Silent { reason: "refused | by \u{1b}[2J\nall".to_owned() };
        assert_eq!(checked(&report).0, Verdict::Critical);
        for node in report.nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>() {
            report.lose(&node);
        }
        assert_eq!(checked(&report).0.status(), 3);
        assert_eq!(unknown("a\nb | c").1, "MFS UNKNOWN - a b / c");
    }
}
