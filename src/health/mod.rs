//! Facts → findings: every rule one small pure function over a [`ClusterReport`].
//!
//! A rule says what it measured, what is wanted and what to do about the difference.
//! What is not known (a node that could not be asked) is no finding of a rule: the rule
//! about unreachable nodes has said it already.

pub mod catalogue;
pub mod clients;
pub mod doctor;
pub mod drbd;
pub mod forced;
pub mod gate;
pub mod local;
pub mod ok_to_stop;
pub mod ports;
pub mod report;
pub mod restore;
mod rules;
pub mod split_brain;
pub mod started;
pub mod takeover;
pub mod tenants;
pub mod upgrade;
pub mod view;

use serde::Serialize;

use catalogue::Entry;

pub use report::{AgentView, ClusterReport, CopyView, MasterAnswer, MountView, NodeView, Records};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing; the cluster is healthy.
    Notice,
    /// Safety or redundancy is reduced; the cluster is not healthy.
    Warning,
    /// Data or service is lost, or the next fault loses it.
    Critical,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Ok => "ok",
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// What a rule found about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its entry of the [`catalogue`], stable for programs; absent when the severity is [`Severity::Ok`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'static str>,
    /// How bad it is.
    pub severity: Severity,
    /// A node's name, or `cluster`.
    pub subject: String,
    /// Name of the rule, stable for programs.
    pub rule: &'static str,
    /// What was measured, in a sentence.
    pub message: String,
    /// What is wanted: the threshold.
    pub wanted: String,
    /// What to do; empty when the severity is [`Severity::Ok`].
    pub fix: String,
}

/// A rule.
pub struct Rule {
    /// Name, as in [`Finding::rule`].
    pub name: &'static str,
    /// What it looks at, in a line.
    pub about: &'static str,
    check: fn(&ClusterReport, &mut Found),
}

/// Collects a rule's findings.
struct Found {
    rule: &'static str,
    findings: Vec<Finding>,
}

impl Found {
    /// Adds what is wrong, as bad as the catalogue says.
    fn tell(&mut self, entry: &Entry, subject: &str, message: impl Into<String>, wanted: impl Into<String>, fix: impl Into<String>) {
        let finding = Finding {
            id: Some(entry.id),
            severity: entry.severity,
            subject: subject.to_owned(),
            rule: self.rule,
            message: message.into(),
            wanted: wanted.into(),
            fix: fix.into(),
        };
        self.findings.push(finding);
    }

    /// Makes the last one milder than the catalogue says: the circumstances are known.
    fn milder(&mut self, severity: Severity) {
        if let Some(last) = self.findings.last_mut() {
            last.severity = last.severity.min(severity);
        }
    }

    fn ok(&mut self, subject: &str, message: impl Into<String>, wanted: impl Into<String>) {
        self.findings.push(Finding {
            id: None,
            severity: Severity::Ok,
            subject: subject.to_owned(),
            rule: self.rule,
            message: message.into(),
            wanted: wanted.into(),
            fix: String::new(),
        });
    }
}

/// The subject of findings about no single node.
pub const CLUSTER: &str = "cluster";

/// Applies every rule; the worst findings come first, else in the order of the rules.
#[must_use]
pub fn judge(report: &ClusterReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        let mut found = Found { rule: rule.name, findings: Vec::new() };
        (rule.check)(report, &mut found);
        findings.append(&mut found.findings);
    }
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    findings
}

/// Whether nothing is worse than a notice.
#[must_use]
pub fn is_healthy(findings: &[Finding]) -> bool {
    findings.iter().all(|f| f.severity <= Severity::Notice)
}

/// Every rule, in the order a person would look.
pub const RULES: &[Rule] = &[
    Rule { name: "node-reachable", about: "every node can be asked", check: rules::nodes::reachable },
    Rule { name: "hostname", about: "a master's own name is the one in DRBD's configuration", check: rules::nodes::hostname },
    Rule { name: "clock", about: "the nodes' clocks agree", check: rules::nodes::clock },
    Rule { name: "vip-holder", about: "exactly one node holds the virtual address", check: rules::pair::vip_holder },
    Rule { name: "drbd-primary", about: "exactly one node is Primary", check: rules::pair::primary },
    Rule { name: "drbd-connection", about: "the masters replicate", check: rules::pair::connection },
    Rule { name: "drbd-disk", about: "both copies of the metadata volume are up to date", check: rules::pair::disk },
    Rule { name: "drbd-io", about: "I/O on the metadata volume is not frozen", check: rules::pair::io },
    Rule { name: "volume-mounted", about: "the metadata volume is mounted on the Primary only", check: rules::pair::mounted },
    Rule { name: "volume-space", about: "the metadata volume has room, and its reserve", check: rules::pair::volume_space },
    Rule { name: "vip-on-primary", about: "the virtual address is where the metadata is", check: rules::pair::vip_on_primary },
    Rule { name: "master-and-vip", about: "master and virtual address are in one place", check: rules::pair::vip_and_master },
    Rule { name: "master-running", about: "the MooseFS master runs on the Primary only", check: rules::pair::master_running },
    Rule { name: "master-at-boot", about: "the MooseFS master never starts by itself", check: rules::pair::master_at_boot },
    Rule { name: "takeover-agent", about: "the takeover agents report no fault", check: rules::pair::agent },
    Rule { name: "takeover-hold", about: "the takeover is not suspended", check: rules::pair::hold },
    Rule { name: "witnesses", about: "enough witnesses to tell which master may serve", check: rules::pair::witnesses },
    Rule { name: "master-answers", about: "the MooseFS master answers its clients' port", check: rules::moosefs::answers },
    Rule { name: "master-version", about: "the MooseFS master is of the release line wanted", check: rules::moosefs::version },
    Rule { name: "chunkserver-connected", about: "every chunkserver is connected", check: rules::moosefs::connected },
    Rule { name: "chunkserver-version", about: "chunkservers run the master's version", check: rules::moosefs::chunkserver_version },
    Rule { name: "chunkserver-maintenance", about: "no chunkserver is left in maintenance", check: rules::moosefs::maintenance },
    Rule { name: "chunkserver-load", about: "no chunkserver is overloaded", check: rules::moosefs::load },
    Rule { name: "disks", about: "chunkservers' disks work", check: rules::moosefs::disks },
    Rule { name: "space", about: "there is space left", check: rules::moosefs::space },
    Rule { name: "chunks", about: "every chunk has its copies", check: rules::moosefs::chunks },
    Rule { name: "metalogger-connected", about: "every metalogger is connected", check: rules::members::metaloggers },
    Rule { name: "metalogger-copy", about: "every metalogger's copy is as new as the master", check: rules::members::copies },
    Rule { name: "client-mounts", about: "clients have mounted what they should", check: rules::members::clients },
    Rule { name: "under-the-volume", about: "nothing is hidden under the metadata volume", check: rules::local::under_the_volume },
    Rule { name: "volume-sizes", about: "the volumes under DRBD are of one size", check: rules::local::volume_sizes },
    Rule { name: "settings", about: "secrets and settings fit each other", check: rules::local::settings },
    Rule { name: "chunk-disks", about: "chunk directories are mounted and named", check: rules::local::chunk_disks },
    Rule { name: "node-space", about: "system disks have room", check: rules::local::node_space },
    Rule { name: "secret-files", about: "files with secrets are not for everybody", check: rules::local::secrets },
    Rule { name: "boot", about: "what runs starts at boot, and nothing is left undone", check: rules::local::boot },
    Rule { name: "scripts", about: "the takeover's scripts are this version's", check: rules::local::scripts },
    Rule { name: "packages", about: "what is installed is what runs", check: rules::local::packages },
];

#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
