//! Gates of an upgrade, asked before anything is touched: each says what it measured, what is wanted, and what to do.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::ClusterReport;
use super::gate::Answer;
use crate::fact::release::{self, Releases};
use crate::inventory::model::{Cluster, Node, Role, VersionLine};
use crate::protocol::{ChunkMatrix, Chunkserver, Maintenance, MasterReport, Removal};
use crate::step::upgrade as step;
use crate::step::{self as steps, ClusterState};

/// Bytes that must be free where packages are unpacked.
const NEEDED: u64 = 100 << 20;

/// What is upgraded in one go; the order of an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Both masters.
    Masters,
    /// Metaloggers.
    Metaloggers,
    /// Chunkservers.
    Chunkservers,
    /// Clients.
    Clients,
}

impl Part {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Masters, Self::Metaloggers, Self::Chunkservers, Self::Clients];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Masters => "masters",
            Self::Metaloggers => "metaloggers",
            Self::Chunkservers => "chunkservers",
            Self::Clients => "clients",
        }
    }

    /// The role of its nodes.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Masters => Role::Master,
            Self::Metaloggers => Role::Metalogger,
            Self::Chunkservers => Role::Chunkserver,
            Self::Clients => Role::Client,
        }
    }

    /// Packages it upgrades where they are installed; the first is the one that names its version.
    #[must_use]
    pub fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Masters => step::MASTER,
            Self::Metaloggers => step::METALOGGER,
            Self::Chunkservers => step::CHUNKSERVER,
            Self::Clients => step::CLIENT,
        }
    }

    /// The program that runs.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Masters => "mfsmaster",
            Self::Metaloggers => "mfsmetalogger",
            Self::Chunkservers => "mfschunkserver",
            Self::Clients => "mfsmount",
        }
    }
}

/// What the hosts said of their packages, or why they could not be asked.
pub type AllReleases = BTreeMap<String, Result<Releases, String>>;

/// What the gates judge.
pub struct Look<'a> {
    /// The cluster wanted.
    pub cluster: &'a Cluster,
    /// Its state.
    pub report: &'a ClusterReport,
    /// The facts it stands on.
    pub state: &'a ClusterState,
    /// Packages of all nodes.
    pub releases: &'a AllReleases,
    /// The chunks as counted some seconds before.
    pub earlier: Option<&'a ChunkMatrix>,
    /// What is upgraded.
    pub part: Part,
    /// Version of the packages to upgrade to.
    pub version: &'a str,
    /// Earlier parts come first in the same run: their order is no question.
    pub in_order: bool,
    /// Chunks with one wanted copy are accepted: they cannot be read while their server restarts.
    pub accept_single: bool,
    /// The chunkserver an earlier run was at work on.
    pub under_way: Option<&'a str>,
}

/// Packages of the part that a node has in another version.
#[must_use]
pub fn missing(releases: &Releases, part: Part, version: &str) -> Vec<String> {
    let other = |name: &&&str| releases.installed.get(**name).is_some_and(|v| v != version);
    part.packages().iter().filter(other).map(|n| (*n).to_owned()).collect()
}

/// Whether a node is at that version: its packages, and every process of the part runs what is installed.
/// A daemon must run, but for the standby's master.
#[must_use]
pub fn is_done(releases: &Releases, part: Part, version: &str) -> bool {
    let installed = part.packages().first().is_some_and(|name| releases.installed.get(*name).is_some_and(|v| v == version));
    let runs = match (part, releases.current(part.program())) {
        (Part::Masters | Part::Clients, None) => true,
        (_, current) => current == Some(true),
    };
    installed && missing(releases, part, version).is_empty() && runs
}

/// The version to upgrade to: the one asked for (`3.0.118`, or a package's whole version), else the newest that all
/// repositories offer in the inventory's line.
///
/// # Errors
/// What is offered instead.
pub fn target(cluster: &Cluster, part: Part, releases: &AllReleases, to: Option<&str>) -> Result<String, String> {
    let package = part.packages()[0];
    let prefix = match cluster.moosefs.version {
        VersionLine::V2 => "2.",
        VersionLine::V3 => "3.",
        VersionLine::V4 => "4.",
    };
    let known: Vec<(&Node, &Releases)> =
        cluster.with_role(part.role()).filter_map(|n| releases.get(&n.name).and_then(|r| r.as_ref().ok()).map(|r| (n, r))).collect();
    let mut all: Vec<&str> = known
        .iter()
        .flat_map(|(_, r)| r.offers.get(package).into_iter().flatten().chain(r.installed.get(package)))
        .map(String::as_str)
        .collect();
    all.sort_by(|l, r| release::order(l, r));
    all.dedup();
    let fits = |version: &&str| match to {
        Some(to) => *version == to || release::upstream(version) == to,
        None => release::upstream(version).starts_with(prefix),
    };
    // The highest that every host reaches; else the highest of all, which the gate then refuses host by host.
    let fitting: Vec<&str> = all.iter().copied().filter(|v| fits(v)).collect();
    let everywhere = fitting.iter().rev().find(|v| known.iter().all(|(_, r)| r.reaches(package, v)));
    let chosen = if to.is_some() { everywhere.or(fitting.last()) } else { everywhere };
    chosen.map(|v| (*v).to_owned()).ok_or_else(|| {
        let offered = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        format!("{package}: {} is not offered: the repositories of {} offer {offered}", to.unwrap_or("a version for all"), part.word())
    })
}

/// Asks every gate of the part.
#[must_use]
pub fn gates(look: &Look) -> Vec<Answer> {
    let mut answers = vec![reachable(look), master_answers(look), not_older(look), offered(look), not_held(look), space(look), order(look)];
    if look.part == Part::Chunkservers {
        answers.extend([connected(look), no_maintenance(look), chunks_safe(look), no_single(look), no_removal(look)]);
    }
    answers
}

fn answer(name: &'static str, wrong: Vec<String>, fine: impl Into<String>, wanted: impl Into<String>, fix: impl Into<String>) -> Answer {
    let passed = wrong.is_empty();
    let measured = if passed { fine.into() } else { wrong.join("; ") };
    Answer { name, passed, measured, wanted: wanted.into(), fix: if passed { String::new() } else { fix.into() } }
}

impl<'a> Look<'a> {
    fn nodes(&self) -> impl Iterator<Item = &'a Node> {
        self.cluster.with_role(self.part.role())
    }

    fn of(&self, node: &Node) -> Option<&'a Releases> {
        self.releases.get(&node.name).and_then(|r| r.as_ref().ok())
    }

    fn told(&self) -> Option<&'a MasterReport> {
        self.report.told()
    }

    fn servers(&self) -> impl Iterator<Item = (String, &'a Chunkserver)> {
        let named = |s: &'a Chunkserver| (self.report.name_of(s.address), s);
        let servers: Vec<_> = self.told().into_iter().flat_map(|t| t.chunkservers.iter()).map(named).collect();
        servers.into_iter()
    }

    fn is_under_way(&self, name: &str) -> bool {
        self.under_way == Some(name)
    }
}

fn reachable(look: &Look) -> Answer {
    let asked = |n: &&Node| n.is(look.part.role()) || n.is(Role::Master);
    let lost = look.cluster.nodes.iter().filter(asked).filter_map(|n| match look.releases.get(&n.name) {
        Some(Ok(_)) => None,
        Some(Err(reason)) => Some(format!("{}: {reason}", n.name)),
        None => Some(format!("{} was not asked", n.name)),
    });
    answer("nodes-reachable", lost.collect(), "all", "masters and all that are upgraded", "see `mfsctl status`; reach them first")
}

fn master_answers(look: &Look) -> Answer {
    let wrong = if look.told().is_some() { Vec::new() } else { vec!["it does not".to_owned()] };
    answer("master-answers", wrong, "it does", "an answer of the active master", "see `mfsctl status`")
}

fn not_older(look: &Look) -> Answer {
    let package = look.part.packages()[0];
    let newer = |n: &Node| {
        let installed = look.of(n)?.installed.get(package)?;
        (release::order(look.version, installed) == Ordering::Less).then(|| format!("{} has {installed}", n.name))
    };
    let wrong: Vec<String> = look.nodes().filter_map(newer).collect();
    let four =
        look.told().is_some_and(|t| t.version.major >= 4) && release::upstream(look.version).split('.').next().is_some_and(|m| m < "4");
    let fix = if look.part == Part::Masters && four {
        "there is no way back: MooseFS 4 has stored the metadata, and MooseFS 3 refuses what 4 has stored; only a restore of the metadata \
         kept before the upgrade (`mfsctl restore-meta`) goes back, and loses everything since"
    } else {
        "mfsctl upgrades, it never goes back; name a version with --to that is not older"
    };
    answer("not-older", wrong, "nothing newer is installed", format!("{} or older installed", look.version), fix)
}

fn offered(look: &Look) -> Answer {
    let lacks = |n: &Node| {
        let releases = look.of(n)?;
        let package = missing(releases, look.part, look.version).into_iter().find(|p| !releases.reaches(p, look.version))?;
        let offers = releases.offers.get(&package).map(|o| o.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        let trouble = releases.trouble.first().map(|t| format!(" ({t})")).unwrap_or_default();
        Some(format!("{}: {package} is offered in {}{trouble}", n.name, offers.unwrap_or_else(|| "no version".to_owned())))
    };
    let none = |n: &Node| {
        let package = look.part.packages()[0];
        look.of(n).filter(|r| !r.installed.contains_key(package)).map(|_| format!("{}: {package} is not installed", n.name))
    };
    let wrong: Vec<String> = look.nodes().filter_map(|n| none(n).or_else(|| lacks(n))).collect();
    let fix = "set up the repository with that release on every node (repositories in the inventory, then `mfsctl provision`)";
    answer("packages-offered", wrong, "on all", format!("{} installed or offered", look.version), fix)
}

fn not_held(look: &Look) -> Answer {
    let held = |n: &Node| {
        let releases = look.of(n)?;
        let held: Vec<String> = missing(releases, look.part, look.version).into_iter().filter(|p| releases.held.contains(p)).collect();
        (!held.is_empty()).then(|| format!("{}: {}", n.name, held.join(", ")))
    };
    let fix = "allow them: apt-mark unhold PACKAGE, or dnf versionlock delete PACKAGE";
    answer("packages-not-held", look.nodes().filter_map(held).collect(), "none is held back", "none held back", fix)
}

fn space(look: &Look) -> Answer {
    let full = |n: &Node| {
        let system = &steps::facts_of(look.state, &n.name)?.system;
        let free = system.free_root.min(system.free_var);
        let needs = look.of(n).is_some_and(|r| !missing(r, look.part, look.version).is_empty());
        (needs && free < NEEDED).then(|| format!("{} has {} MiB", n.name, free >> 20))
    };
    let wrong = look.nodes().filter_map(full).collect();
    answer("disk-space", wrong, "enough", format!("{} MiB free under / and /var", NEEDED >> 20), "make room there")
}

/// Masters, then metaloggers, then chunkservers, then clients: a newer one of a later kind may not work with an older one before it.
fn order(look: &Look) -> Answer {
    let mut wrong = Vec::new();
    for part in Part::ALL.into_iter().filter(|p| *p < look.part && !look.in_order) {
        for node in look.cluster.with_role(part.role()) {
            let Some(releases) = look.of(node) else { continue };
            let installed = releases.installed.get(part.packages()[0]).map_or("none", String::as_str);
            if release::order(installed, look.version) == Ordering::Less {
                wrong.push(format!("{} has {} {installed}", node.name, part.packages()[0]));
            } else if releases.current(part.program()) == Some(false) {
                wrong.push(format!("{} of {} is still the old program", part.program(), node.name));
            }
        }
    }
    let fix = "upgrade in this order: masters, metaloggers, chunkservers, clients (`mfsctl upgrade all`): an older master may not \
               understand a newer chunkserver or client";
    answer("order", wrong, "what comes first is done", format!("{} or newer on all that come before", look.version), fix)
}

fn connected(look: &Look) -> Answer {
    let mut wrong: Vec<String> =
        look.servers().filter(|(name, s)| !s.connected && !look.is_under_way(name)).map(|(n, _)| format!("{n} is away")).collect();
    let known = |n: &&Node| look.servers().any(|(name, _)| name == n.name);
    let unknown = look.nodes().filter(|n| !known(n) && !look.is_under_way(&n.name));
    wrong.extend(unknown.map(|n| format!("the master does not know {}", n.name)));
    let fix = "bring it back, or remove it from the master for good; one at a time may be away, and that will be the one that is upgraded";
    answer("chunkservers-connected", wrong, "all", "all connected, none away", fix)
}

fn no_maintenance(look: &Look) -> Answer {
    let on = |(name, s): &(String, &Chunkserver)| s.maintenance == Maintenance::On && !look.is_under_way(name);
    let wrong = look.servers().filter(on).map(|(n, _)| n).collect();
    answer("no-maintenance", wrong, "none", "no other chunkserver in maintenance", "end it: `mfsctl maintenance off NODE`")
}

/// Whether no chunk lacks a copy, twice in a row, with counters that are settled; else what is wrong.
#[must_use]
pub fn unsafe_chunks(earlier: Option<&ChunkMatrix>, now: &ChunkMatrix) -> Vec<String> {
    let mut wrong = Vec::new();
    for (when, chunks) in [(" some seconds ago", earlier), ("", Some(now))] {
        let Some(chunks) = chunks else { continue };
        let sums = chunks.all;
        for (what, count) in [("missing", sums.missing), ("endangered", sums.endangered), ("under goal", sums.undergoal)] {
            if count > 0 {
                wrong.push(format!("{count} {what}{when}"));
            }
        }
        if !chunks.progress.is_settled() {
            wrong.push(format!("still being counted{when}"));
        }
    }
    wrong
}

fn chunks_safe(look: &Look) -> Answer {
    // While the one under way is down, bringing it back is what makes the chunks safe.
    let down = look.servers().any(|(name, s)| look.is_under_way(&name) && !s.connected);
    let wrong = match look.told() {
        Some(told) if !down => unsafe_chunks(look.earlier, &told.chunks),
        Some(_) => Vec::new(),
        None => vec!["not known".to_owned()],
    };
    let fine = if down { "judged when the one under way is back" } else { "0 missing, 0 endangered, 0 under goal, twice" };
    answer(
        "chunks-safe",
        wrong,
        fine,
        "0 missing, 0 endangered, 0 under goal, counted twice",
        "wait for the replication; see `mfsctl status`",
    )
}

fn no_single(look: &Look) -> Answer {
    let count = look.told().map_or(0, |t| t.chunks.all.single_copy);
    let wrong = if count > 0 && !look.accept_single { vec![format!("{count} chunks")] } else { Vec::new() };
    let fine = if count > 0 { format!("{count} chunks, accepted") } else { "none".to_owned() };
    let fix = "files of goal 1 cannot be read or written while their chunkserver restarts: raise their goal (mfssetgoal -r 2), or accept it \
               with --accept-goal-1; those in the trash, and removed ones that a client still holds open, count as well";
    answer("no-goal-1", wrong, fine, "no chunk with goal 1", fix)
}

fn no_removal(look: &Look) -> Answer {
    let busy = |(_, s): &(String, &Chunkserver)| matches!(s.removal, Removal::Validating | Removal::InProgress);
    let wrong = look.servers().filter(busy).map(|(n, s)| format!("{n}: {} chunks are only on disks marked for removal", s.removal_chunks));
    answer("no-removal", wrong.collect(), "none", "no disk being emptied", "let it end first: `mfsctl status`")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "upgrade_tests.rs"]
mod tests;
