//! What can be changed: one file a subject. A step is pure: facts → actions,
//! "nothing to do: why", or "refused: why".

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod alerts;
pub mod cgi;
pub mod chunk_disk;
pub mod chunkserver;
pub mod client;
pub mod daemon;
pub mod disk;
pub mod doctor;
pub mod drbd;
pub mod exports;
pub mod file;
pub mod filesystem;
pub mod fstab;
pub mod grow;
pub mod ha;
pub mod leaving;
pub mod lvm;
pub mod maintenance;
pub mod managed;
pub mod master;
pub mod metadata;
pub mod metalogger;
pub mod mfs_keys;
pub mod names;
pub mod package;
pub mod pgp;
pub mod repository;
pub mod restore;
pub mod split_brain;
pub mod start_stop;
pub mod switchover;
pub mod template;
pub mod tenant;
#[cfg(test)]
pub mod testing;
pub mod unmount;
pub mod upgrade;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::fact::HostFacts;
use crate::fact::drbd_status::{self, Disk, DrbdRole};
use crate::inventory::model::{Cluster, Node};

/// A named step of a playbook.
#[derive(Clone, Copy)]
pub struct StepDef {
    /// Name used in playbooks, `drbd-metadata`.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Plans it for one host.
    pub plan: fn(&View) -> Outcome,
}

/// What a survey gave for each node: facts, or why there are none.
pub type ClusterState = BTreeMap<String, Result<HostFacts, String>>;

/// What a step sees.
pub struct View<'a> {
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// The node planned for.
    pub node: &'a Node,
    /// Facts of that node.
    pub facts: &'a HostFacts,
    /// Facts of all nodes.
    pub state: &'a ClusterState,
    /// Marks pending on this node: those found there, and those that earlier steps of this plan set.
    pub pending: &'a BTreeSet<String>,
    /// What the operator allowed in so many words.
    pub consent: &'a Consent,
}

/// What the operator allowed in so many words.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Disks, as `node:/dev/sdb`, that may be overwritten though they hold something.
    pub overwrite: BTreeSet<String>,
    /// Split brain: the master whose data stay; the other one's changes are discarded.
    pub keep: Option<String>,
    /// The restore of the metadata that was agreed to.
    pub restore: Option<restore::Restoring>,
    /// The stop that was agreed to.
    pub stopping: Option<start_stop::Stopping>,
    /// How the metadata volume is to grow.
    pub growing: Option<grow::Growing>,
    /// What is to leave the cluster, or to stay after all.
    pub leaving: Option<leaving::Wish>,
    /// What is to be unmounted, and whether though it is in use.
    pub unmount: unmount::Wish,
    /// Folder of a tenant whose data the operator gave up.
    pub delete_folder: Option<String>,
    /// The release to upgrade to, and what of it is missing where.
    pub upgrade: Option<upgrade::Upgrading>,
    /// Who gave the consent, `user@host`; empty where it does not matter.
    pub operator: String,
}

/// What a step decided for one host.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// These actions, in this order.
    Do(Vec<Action>),
    /// Nothing to do, and why.
    Unchanged(String),
    /// It must not be done: nothing on this host after this step is done either.
    Refused(Refusal),
}

/// Why a step will not act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What was found, with the value measured.
    pub found: String,
    /// What to do about it.
    pub fix: String,
}

/// One change on one host.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// One line for people, imperative: `create volume group vgdrbr on /dev/sdb1`.
    pub title: String,
    /// What is done.
    pub kind: ActionKind,
    /// Checked on the node in the same breath as the change.
    pub guard: Option<Guard>,
    /// Pending marks removed in the same breath after success.
    pub clears: Vec<String>,
}

/// What an action does; there are only these two.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionKind {
    /// Runs a command.
    Run(Run),
    /// Puts a file in place, atomically.
    Write(WriteFile),
}

/// A command.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Standard input; never shown (it may hold a secret).
    pub stdin: Vec<u8>,
    /// Longest time it may take, all repeats included.
    pub deadline: Duration,
    /// Exit statuses that count as done.
    pub ok: Vec<i32>,
    /// Run again every so often until it succeeds (then it must be read-only or idempotent).
    pub every: Option<Duration>,
    /// Exit statuses with which a repeated command says that waiting is of no use.
    pub hopeless: Vec<i32>,
    /// How to read a progress from its standard output, for repeated commands.
    pub progress: Option<ProgressOf>,
}

/// What a repeated command's output tells the progress of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressOf {
    /// A resync, read from `/proc/drbd` (8.4) or `drbdsetup status --statistics` (9).
    DrbdSync,
}

impl ProgressOf {
    /// Reads how far it is; `None` when the text does not tell.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Progress> {
        match self {
            Self::DrbdSync => drbd_sync(text),
        }
    }
}

fn drbd_sync(text: &str) -> Option<Progress> {
    let json = text.trim_start().starts_with('[');
    let status = if json { drbd_status::parse("", text) } else { drbd_status::parse(text, "") }.ok()?;
    let sync = status.resources.iter().find_map(|r| r.sync.as_ref())?;
    let left = sync.finish_seconds.map(|s| format!(", {}:{:02} left", s / 60, s % 60)).unwrap_or_default();
    Some(Progress { fraction: sync.percent / 100.0, note: format!("{:.0} %{left}", sync.percent) })
}

/// How far something is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// 0.0–1.0.
    pub fraction: f64,
    /// For people: `12.4 of 20.0 GiB, 0:40 left`.
    pub note: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFile {
    /// Absolute path; parent directories are made (0755) when missing.
    pub path: String,
    /// New content.
    pub content: String,
    /// What stands there now, for the diff; `None` when there is no file.
    pub before: Option<String>,
    /// Permission bits, e.g. 0o640.
    pub mode: u32,
    /// Owner.
    pub owner: String,
    /// Group.
    pub group: String,
    /// Texts masked wherever this file is shown.
    pub secrets: Vec<crate::inventory::secret::Secret>,
    /// Pending marks set before the file changes.
    pub marks: Vec<String>,
}

/// A cheap read-only condition, checked on the node right before the change, because facts age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The condition: exit 0 means "go on".
    pub argv: Vec<String>,
    /// What a failing condition means.
    pub otherwise: Otherwise,
    /// What the condition is, for people: `only if /dev/drbd0 holds no file system`.
    pub because: String,
}

/// What happens when a guard's condition does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// The change is not needed: skip it.
    Skip,
    /// The host is not as planned for: stop this host, change nothing.
    Stop,
}

impl Action {
    /// A plain command with a deadline of two minutes.
    pub fn run<S: Into<String>>(title: impl Into<String>, argv: impl IntoIterator<Item = S>) -> Self {
        let argv = argv.into_iter().map(Into::into).collect();
        let run = Run {
            argv,
            stdin: Vec::new(),
            deadline: Duration::from_secs(120),
            ok: vec![0],
            every: None,
            hopeless: Vec::new(),
            progress: None,
        };
        Self { title: title.into(), kind: ActionKind::Run(run), guard: None, clears: Vec::new() }
    }

    /// Repeats a read-only or idempotent command every `every` until it succeeds or `deadline` passes.
    pub fn wait<S: Into<String>>(title: impl Into<String>, argv: impl IntoIterator<Item = S>, every: Duration, deadline: Duration) -> Self {
        let mut action = Self::run(title, argv).within(deadline);
        if let ActionKind::Run(run) = &mut action.kind {
            run.every = Some(every);
        }
        action
    }

    /// Replaces the deadline of a command.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        if let ActionKind::Run(run) = &mut self.kind {
            run.deadline = deadline;
        }
        self
    }

    /// Ends the waiting of a repeated command at once when it exits with this status.
    #[must_use]
    pub fn hopeless(mut self, status: i32) -> Self {
        if let ActionKind::Run(run) = &mut self.kind {
            run.hopeless.push(status);
        }
        self
    }

    /// Gives a command its standard input.
    #[must_use]
    pub fn input(mut self, stdin: impl Into<Vec<u8>>) -> Self {
        if let ActionKind::Run(run) = &mut self.kind {
            run.stdin = stdin.into();
        }
        self
    }

    /// Reads a progress from the output of a repeated command.
    #[must_use]
    pub fn progress(mut self, of: ProgressOf) -> Self {
        if let ActionKind::Run(run) = &mut self.kind {
            run.progress = Some(of);
        }
        self
    }

    /// Does it only if the condition holds, else skips it.
    #[must_use]
    pub fn only_if<S: Into<String>>(self, because: impl Into<String>, argv: impl IntoIterator<Item = S>) -> Self {
        self.guarded(because, argv, Otherwise::Skip)
    }

    /// Stops the host if the condition does not hold.
    #[must_use]
    pub fn require<S: Into<String>>(self, because: impl Into<String>, argv: impl IntoIterator<Item = S>) -> Self {
        self.guarded(because, argv, Otherwise::Stop)
    }

    fn guarded<S: Into<String>>(mut self, because: impl Into<String>, argv: impl IntoIterator<Item = S>, otherwise: Otherwise) -> Self {
        self.guard = Some(Guard { argv: argv.into_iter().map(Into::into).collect(), otherwise, because: because.into() });
        self
    }

    /// Removes a pending mark after success.
    #[must_use]
    pub fn clears(mut self, mark: impl Into<String>) -> Self {
        self.clears.push(mark.into());
        self
    }
}

impl Outcome {
    /// Actions, or `Unchanged` with the reason when there are none.
    pub fn from_actions(actions: Vec<Action>, unchanged: impl Into<String>) -> Self {
        if actions.is_empty() { Self::Unchanged(unchanged.into()) } else { Self::Do(actions) }
    }

    /// A refusal.
    pub fn refused(found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Refused(Refusal { found: found.into(), fix: fix.into() })
    }
}

/// All steps, by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static StepDef> {
    ALL.iter().flat_map(|group| group.iter()).find(|s| s.name == name)
}

/// Each file's steps.
pub const ALL: &[&[StepDef]] = &[
    names::STEPS,
    repository::STEPS,
    package::STEPS,
    lvm::STEPS,
    filesystem::STEPS,
    drbd::STEPS,
    ha::STEPS,
    switchover::STEPS,
    master::STEPS,
    exports::STEPS,
    metadata::STEPS,
    cgi::STEPS,
    alerts::STEPS,
    metalogger::STEPS,
    chunk_disk::STEPS,
    chunkserver::STEPS,
    tenant::STEPS,
    client::STEPS,
    unmount::STEPS,
    split_brain::STEPS,
    restore::STEPS,
    start_stop::STEPS,
    maintenance::STEPS,
    grow::STEPS,
    leaving::STEPS,
    upgrade::STEPS,
    doctor::STEPS,
];

impl View<'_> {
    /// The node that is, or is about to be, the active master: the DRBD Primary when there is exactly one,
    /// else the holder of the VIP, else the preferred master.
    #[must_use]
    pub fn active(&self) -> Option<&Node> {
        active_master(self.cluster, self.state)
    }

    /// Whether this node is that one.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active().is_some_and(|n| n.name == self.node.name)
    }
}

/// Facts of a node, if it could be asked.
#[must_use]
pub fn facts_of<'a>(state: &'a ClusterState, node: &str) -> Option<&'a HostFacts> {
    state.get(node).and_then(|facts| facts.as_ref().ok())
}

/// Whether a node is Primary, as far as it could be asked.
#[must_use]
pub fn is_primary(cluster: &Cluster, state: &ClusterState, node: &str) -> bool {
    facts_of(state, node).and_then(|f| f.drbd.resource(cluster)).is_some_and(|r| r.role == DrbdRole::Primary)
}

/// See [`View::active`]. Pure: the same facts give the same node on every host.
#[must_use]
pub fn active_master<'a>(cluster: &'a Cluster, state: &ClusterState) -> Option<&'a Node> {
    let masters = cluster.masters();
    let only = |test: &dyn Fn(&HostFacts) -> bool| {
        let mut holding = masters.iter().filter(|n| facts_of(state, &n.name).is_some_and(test));
        holding.next().filter(|_| holding.next().is_none()).copied()
    };
    let resource = |facts: &HostFacts| facts.drbd.resource(cluster).map(|r| (r.role.clone(), r.disk.clone()));
    only(&|facts| resource(facts).is_some_and(|(role, _)| role == DrbdRole::Primary))
        .or_else(|| only(&|facts| facts.network.has(cluster.vip.address)))
        .or_else(|| only(&|facts| resource(facts).is_some_and(|(_, disk)| disk == Disk::UpToDate)))
        .or_else(|| masters.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_steps_have_one_name() {
        let mut names: Vec<&str> = ALL.iter().flat_map(|group| group.iter()).map(|s| s.name).collect();
        names.sort_unstable();
        let twice: Vec<&&str> = names.windows(2).filter(|w| w[0] == w[1]).map(|w| &w[0]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
