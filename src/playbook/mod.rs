//! Runbooks as data: YAML → typed playbook; playbook + cluster + facts → [`plan::Plan`].
//!
//! The fields are a closed set: no conditions, loops or variables. What needs an `if` is a step.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod plan;

use serde::{Deserialize, Serialize};

use crate::error::word;
use crate::health::gate;
use crate::inventory::model::{Cluster, Node, Role};
use crate::step::{self, ClusterState};

/// A runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Name, as in `mfsctl playbook show NAME`.
    pub name: String,
    /// One line for people.
    pub about: String,
    /// Names of gates, all asked before anything is touched (see [`gate::GATES`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<String>,
    /// Stages, in order.
    pub stages: Vec<Stage>,
    /// Names of checks that must hold afterwards (see [`gate::CHECKS`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
}

/// Some steps on some nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stage {
    /// Name used by `--only`, `--skip` and `after`.
    pub id: String,
    /// For people.
    pub title: String,
    /// On which nodes.
    pub on: Selector,
    /// Names of steps, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// A command of the site's own, run after the steps: program and arguments, as they are, without a shell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// Earlier stages that must have succeeded on all their nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Earlier stages that must have ended on all their nodes and succeeded on one at least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_any: Vec<String>,
    /// One of its steps: once that is done there is no way back, only forward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Steps that undo this stage when the run fails before the point of no return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<String>,
}

/// Groups of nodes a stage can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selector {
    /// Every node.
    All,
    /// Both masters.
    Masters,
    /// The active master.
    Active,
    /// The other one.
    Standby,
    /// Nodes that keep metadata copies.
    Metaloggers,
    /// Nodes that store chunks.
    Chunkservers,
    /// Nodes that mount the file system.
    Clients,
    /// The first client of the inventory.
    FirstClient,
    /// Nodes that hold votes.
    Witnesses,
}

impl Selector {
    /// Whether it names this node.
    #[must_use]
    pub fn matches(self, cluster: &Cluster, state: &ClusterState, node: &Node) -> bool {
        let active = || step::active_master(cluster, state).is_some_and(|a| a.name == node.name);
        match self {
            Self::All => true,
            Self::Masters => node.is(Role::Master),
            Self::Active => active(),
            Self::Standby => node.is(Role::Master) && !active(),
            Self::Metaloggers => node.is(Role::Metalogger),
            Self::Chunkservers => node.is(Role::Chunkserver),
            Self::Clients => node.is(Role::Client),
            Self::FirstClient => cluster.with_role(Role::Client).next().is_some_and(|first| first.name == node.name),
            Self::Witnesses => cluster.ha.witnesses.contains(&node.name),
        }
    }
}

/// Why a playbook cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaybookError {
    /// Not the YAML it should be; the place is in the message.
    #[error("{name}: {source}")]
    Syntax {
        /// File or playbook name.
        name: String,
        /// The parser's words.
        source: serde_yaml::Error,
    },
    /// It names something that does not exist, or in the wrong order.
    #[error("{name}: {reason}")]
    Meaning {
        /// File or playbook name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// There is none of that name.
    #[error("there is no playbook {name}; known are: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// All names.
        known: String,
    },
}

/// Playbooks embedded in the binary.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("provision", include_str!("../../playbooks/provision.yaml")),
    ("failover", include_str!("../../playbooks/failover.yaml")),
    ("split-brain", include_str!("../../playbooks/split-brain.yaml")),
    ("restore-meta", include_str!("../../playbooks/restore-meta.yaml")),
    ("stop", include_str!("../../playbooks/stop.yaml")),
    ("start", include_str!("../../playbooks/start.yaml")),
    ("maintenance", include_str!("../../playbooks/maintenance.yaml")),
    ("grow", include_str!("../../playbooks/grow.yaml")),
    ("leave", include_str!("../../playbooks/leave.yaml")),
    ("client-mount", include_str!("../../playbooks/client-mount.yaml")),
    ("client-umount", include_str!("../../playbooks/client-umount.yaml")),
    ("tenant-remove", include_str!("../../playbooks/tenant-remove.yaml")),
    ("upgrade", include_str!("../../playbooks/upgrade.yaml")),
    ("doctor-fix", include_str!("../../playbooks/doctor-fix.yaml")),
];

/// Reads and checks a playbook.
///
/// # Errors
/// Unknown fields, steps, stages; stages named before they come; nothing in it.
pub fn parse(name: &str, text: &str) -> Result<Playbook, PlaybookError> {
    let playbook: Playbook = serde_yaml::from_str(text).map_err(|source| PlaybookError::Syntax { name: name.to_owned(), source })?;
    let meaning = |reason: String| PlaybookError::Meaning { name: name.to_owned(), reason };
    let mut seen: Vec<&str> = Vec::new();
    for stage in &playbook.stages {
        if seen.contains(&stage.id.as_str()) {
            return Err(meaning(format!("stage {} stands twice", stage.id)));
        }
        if let Some(unknown) = stage.steps.iter().chain(&stage.undo).find(|s| step::find(s).is_none()) {
            return Err(meaning(format!("stage {}: there is no step {}", stage.id, word(unknown))));
        }
        if stage.run.first().is_some_and(|program| !program.starts_with('/')) {
            return Err(meaning(format!("stage {}: run needs the whole path of its program", stage.id)));
        }
        if let Some(later) = stage.after.iter().chain(&stage.after_any).find(|a| !seen.contains(&a.as_str())) {
            return Err(meaning(format!("stage {}: waits for {later}, which is no earlier stage", stage.id)));
        }
        if let Some(commit) = stage.commit.as_ref().filter(|c| !stage.steps.contains(c)) {
            return Err(meaning(format!("stage {}: commits at {commit}, which is none of its steps", stage.id)));
        }
        seen.push(&stage.id);
    }
    if playbook.stages.iter().filter(|s| s.commit.is_some()).count() > 1 {
        return Err(meaning("it has two points of no return".to_owned()));
    }
    if let Some(unknown) = playbook.gates.iter().find(|g| gate::gate(g).is_none()) {
        return Err(meaning(format!("there is no gate {}", word(unknown))));
    }
    if let Some(unknown) = playbook.verify.iter().find(|c| gate::check(c).is_none()) {
        return Err(meaning(format!("there is no check {}", word(unknown))));
    }
    if let Some(empty) = playbook.stages.iter().find(|s| s.steps.is_empty() && s.run.is_empty()) {
        return Err(meaning(format!("stage {} has neither steps nor run", empty.id)));
    }
    if seen.is_empty() { Err(meaning("it has no stages".to_owned())) } else { Ok(playbook) }
}

/// Checks that a site's own copy of a playbook only adds to it: every stage is there, in its order, as it is, and what
/// was added are commands (`run`).
///
/// # Errors
/// What is missing or changed.
pub fn extends(site: &Playbook, ours: &Playbook) -> Result<(), PlaybookError> {
    let meaning = |reason: String| PlaybookError::Meaning { name: site.name.clone(), reason };
    let mut left = ours.stages.iter();
    for stage in &site.stages {
        if !ours.stages.iter().any(|s| s.id == stage.id) {
            if stage.steps.is_empty() {
                continue;
            }
            return Err(meaning(format!("stage {} is added: it may only run commands (run), not steps", stage.id)));
        }
        match left.next() {
            Some(expected) if expected.id != stage.id => {
                return Err(meaning(format!("it lacks stage {} before {}", expected.id, stage.id)));
            }
            Some(expected) if expected != stage => return Err(meaning(format!("stage {} differs from mfsctl's own", stage.id))),
            _ => {}
        }
    }
    match left.next() {
        None => Ok(()),
        Some(missing) => Err(meaning(format!("it lacks stage {}", missing.id))),
    }
}

/// The embedded playbook of that name.
///
/// # Errors
/// When there is none.
pub fn embedded(name: &str) -> Result<Playbook, PlaybookError> {
    let known = || EMBEDDED.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
    let (name, text) =
        EMBEDDED.iter().find(|(n, _)| *n == name).ok_or_else(|| PlaybookError::Unknown { name: name.to_owned(), known: known() })?;
    parse(name, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        let wrong = |text: &str| parse("p", text).unwrap_err().to_string();
        let stage = "name: p\nabout: x\nstages:\n";
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all, steps: [no-such]}}\n")).contains("there is no step no-such"));
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all, steps: [], after: [b]}}\n")).contains("waits for b"));
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all, steps: [], when: x}}\n")).contains("when"));
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: moon, steps: []}}\n")).contains("moon"));
        assert!(
            wrong(&format!("{stage}  - {{id: a, title: A, on: all, steps: [], undo: [no-such]}}\n")).contains("there is no step no-such")
        );
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all, steps: [], commit: hostname}}\n")).contains("none of its steps"));
        assert!(wrong(&format!("gates: [moon]\n{stage}  - {{id: a, title: A, on: all, steps: []}}\n")).contains("no gate moon"));
        assert!(wrong(&format!("verify: [moon]\n{stage}  - {{id: a, title: A, on: all, steps: []}}\n")).contains("no check moon"));
        assert!(wrong("name: p\nabout: x\nstages: []\n").contains("no stages"));
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all}}\n")).contains("neither steps nor run"));
        assert!(wrong(&format!("{stage}  - {{id: a, title: A, on: all, run: [hook]}}\n")).contains("whole path"));
    }

    #[test]
    fn a_site_adds_commands_and_takes_nothing_away() {
        let ours = embedded("upgrade").unwrap();
        let mut site = ours.clone();
        let hook = "{id: told, title: Tell, on: chunkservers, run: [/usr/local/bin/told, \"a b\"]}";
        site.stages.insert(2, serde_yaml::from_str(hook).unwrap());
        assert!(extends(&site, &ours).is_ok());
        site.stages.remove(0);
        assert!(extends(&site, &ours).unwrap_err().to_string().contains("lacks stage"));
        let mut changed = ours.clone();
        changed.stages[0].steps.clear();
        assert!(extends(&changed, &ours).unwrap_err().to_string().contains("differs"));
        let mut more = ours.clone();
        more.stages[0].id = "own".to_owned();
        assert!(extends(&more, &ours).is_err());
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        assert!(embedded("x").unwrap_err().to_string().contains("provision"));
    }
}
