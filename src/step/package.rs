//! Packages: one installation a host, of everything its roles need and lack.

use std::time::Duration;

use super::repository::{family, tool};
use super::{Action, Outcome, Refusal, StepDef, View, disk};
use crate::fact::package::Policy;
use crate::fact::system::Family;
use crate::inventory::layout::storage::{APT_LIST, moosefs_mirror};
use crate::inventory::model::{Layout, MooseFsSource, Role, VersionLine};

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "packages", about: "All packages the node's roles need", plan: step }];

/// Installs with apt; arguments: version line, sources or `-`, packages.
pub const APT: &str = concat!(include_str!("../../playbooks/files/apt-lists.sh"), include_str!("../../playbooks/files/install-apt.sh"));
/// Installs with yum or dnf; arguments: version line, tool, packages.
pub const RPM: &str = include_str!("../../playbooks/files/install-rpm.sh");
/// Slow nodes install the masters' set in minutes; a mirror over a slow line adds to it.
const INSTALLING: Duration = Duration::from_secs(1800);
/// Bytes that must be free under `/` and `/var`: the masters' set takes some 60 MB, twice that while it is unpacked.
const NEEDED: u64 = 200 << 20;

fn step(view: &View) -> Outcome {
    match plan(view) {
        Ok(actions) => Outcome::from_actions(actions, "all packages are installed"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn plan(view: &View) -> Result<Vec<Action>, Refusal> {
    let family = family(view)?;
    let wanted = wanted(view, family);
    let facts = &view.facts.packages;
    right_line(view)?;
    let missing: Vec<String> = wanted.into_iter().filter(|name| facts.version(name).is_none()).collect();
    if missing.is_empty() {
        if facts.policy == Policy::Stale {
            let path = "/usr/sbin/policy-rc.d";
            return Ok(vec![Action::run(format!("remove {path}, left by an interrupted installation"), ["rm", "-f", "--", path])]);
        }
        return Ok(Vec::new());
    }
    if let Some(held) = facts.held.iter().find(|name| missing.contains(name)) {
        return Err(Refusal {
            found: format!("package {held} is needed on {}, but held back", view.node.name),
            fix: format!("allow it: apt-mark unhold {held}"),
        });
    }
    let system = &view.facts.system;
    for (path, free) in [("/", system.free_root), ("/var", system.free_var)] {
        if free < NEEDED {
            return Err(Refusal {
                found: format!(
                    "{path} on {} has {} free; installing packages needs {}",
                    view.node.name,
                    disk::human(free),
                    disk::human(NEEDED)
                ),
                fix: format!("make room under {path}"),
            });
        }
    }
    let exclusive = moosefs_mirror(view.cluster).is_some_and(|mirror| mirror.exclusive);
    let (script, second) = match family {
        Family::Apt => (APT, if exclusive { APT_LIST } else { "-" }),
        Family::Yum | Family::Dnf => (RPM, tool(family)),
    };
    let argv = ["sh", "-s", "--", prefix(view.cluster.moosefs.version), second];
    let argv = argv.into_iter().chain(missing.iter().map(String::as_str));
    Ok(vec![Action::run(format!("install {}", missing.join(", ")), argv).input(script).within(INSTALLING)])
}

/// What versions of a line begin with.
pub fn prefix(line: VersionLine) -> &'static str {
    match line {
        VersionLine::V2 => "2.",
        VersionLine::V3 => "3.",
        VersionLine::V4 => "4.",
    }
}

/// MooseFS packages of another line than the inventory's are an upgrade's business, which takes an order and a backup.
fn right_line(view: &View) -> Result<(), Refusal> {
    let prefix = prefix(view.cluster.moosefs.version);
    let installed = view.facts.packages.installed.iter().filter(|(name, _)| name.starts_with("moosefs-"));
    let bare = |version: &str| version.split_once(':').map_or(version, |(_, v)| v).to_owned();
    match installed.into_iter().find(|(_, package)| !bare(&package.version).starts_with(prefix)) {
        None => Ok(()),
        Some((name, package)) => Err(Refusal {
            found: format!(
                "{name} {} is installed on {}, the inventory says MooseFS {}",
                package.version,
                view.node.name,
                prefix.trim_end_matches('.')
            ),
            fix: "set moosefs.version to the version that runs; provision does not upgrade or downgrade".to_owned(),
        }),
    }
}

/// Packages this node's roles need, by the names of its family.
#[must_use]
pub fn wanted(view: &View, family: Family) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    let node = view.node;
    if node.is(Role::Master) {
        names.extend(["moosefs-master", "moosefs-cli"]);
        names.extend(if view.cluster.moosefs.version == VersionLine::V4 {
            &["moosefs-gui"][..]
        } else {
            &["moosefs-cgi", "moosefs-cgiserv"]
        });
        // A master that falls back to standby keeps its copies as a metalogger.
        names.push("moosefs-metalogger");
        names.extend(["keepalived", "lvm2", "xfsprogs"]);
        names.extend(drbd(view, family));
        names.push(if family == Family::Apt { "iputils-arping" } else { "iputils" });
        if node.storage.as_ref().is_some_and(|s| s.layout == Layout::Partition) {
            match family {
                Family::Apt => names.push("fdisk"),
                Family::Yum => names.push("parted"),
                Family::Dnf => {}
            }
        }
        let notify = &view.cluster.notify;
        if !notify.is_empty() {
            names.push("curl");
            // Where certificates of one's own are given, the system's may be missing.
            if notify.uses_tls() && notify.ca.is_none() {
                names.push("ca-certificates");
            }
        }
    }
    if node.is(Role::Metalogger) {
        names.push("moosefs-metalogger");
    }
    if node.is(Role::Chunkserver) {
        names.push("moosefs-chunkserver");
        for disk in node.disks.iter().filter(|d| d.device.is_some()) {
            names.push(if disk.fs == "ext4" { "e2fsprogs" } else { "xfsprogs" });
            if disk.lvm.is_some() {
                names.push("lvm2");
            }
        }
    }
    if node.is(Role::Client) {
        names.push("moosefs-client");
        names.extend(fuse(view, family));
    }
    if view.cluster.repositories.fastestmirror && family == Family::Yum {
        names.push("yum-plugin-fastestmirror");
    }
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Debian's kernels come with DRBD 8.4; Enterprise Linux takes module and tools from ELRepo.
fn drbd(view: &View, family: Family) -> &'static [&'static str] {
    match family {
        Family::Apt => &["drbd-utils"],
        Family::Yum => &["drbd84-utils", "kmod-drbd84"],
        Family::Dnf if view.cluster.repositories.elrepo => &["drbd9x-utils", "kmod-drbd9x"],
        Family::Dnf => &["drbd-utils", "kmod-drbd"],
    }
}

/// mount(8)'s helper for FUSE. The official packages for Debian and Ubuntu bring it as a dependency.
fn fuse(view: &View, family: Family) -> Option<&'static str> {
    match family {
        Family::Apt if view.cluster.repositories.moosefs == MooseFsSource::Official => None,
        Family::Apt if view.facts.system.os.major() >= 12 => Some("fuse3"),
        Family::Apt | Family::Yum | Family::Dnf => Some("fuse"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "package_tests.rs"]
mod tests;
