//! Another release of MooseFS on a node: its packages, which start nothing, then the daemon stopped for good and started.
//! In which order nodes are worked on, and what is waited for in between, is the command's business.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::daemon::{self, mount_unit, script};
use super::package;
use super::repository::{family, tool};
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::fact::system::Family;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::layout::storage::{APT_LIST, moosefs_mirror};
use crate::inventory::model::Cluster;

const STOP: &str = include_str!("../../playbooks/files/mfs-stop.sh");
const MOUNT: &str = include_str!("../../playbooks/files/mfs-mount.sh");
/// Longest installation.
const INSTALLING: Duration = Duration::from_secs(1800);
/// What the stop script may take beyond the time the daemon is given: TERM, KILL, and systemd's own view of it.
const KILLING: Duration = Duration::from_secs(120);
/// Longest time a mount may take to answer.
const MOUNTING: Duration = Duration::from_secs(60);

/// The release to upgrade to, and what of it is missing where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upgrading {
    /// Version of the packages, as the package tool writes it.
    pub version: String,
    /// Packages to install, by node.
    pub packages: BTreeMap<String, Vec<String>>,
    /// Programs that run from a file that is no longer the one installed, or do not run though they should, by node.
    pub stale: BTreeMap<String, BTreeSet<String>>,
    /// How long a daemon may take to stop before it is made to.
    pub stop_within: Duration,
}

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "upgrade-master-packages", about: "The new packages of a master", plan: |v| packages(v, MASTER) },
    StepDef { name: "upgrade-metalogger-packages", about: "The new package of a metalogger", plan: |v| packages(v, METALOGGER) },
    StepDef { name: "upgrade-metalogger-stop", about: "The old metalogger is stopped", plan: |v| stop(v, &METALOGGER_DAEMON) },
    StepDef { name: "upgrade-metalogger-start", about: "The new metalogger runs", plan: |v| start(v, &METALOGGER_DAEMON) },
    StepDef { name: "upgrade-chunkserver-packages", about: "The new package of a chunkserver", plan: |v| packages(v, CHUNKSERVER) },
    StepDef {
        name: "upgrade-chunkserver-stop",
        about: "The old chunkserver is stopped, stuck or not",
        plan: |v| stop(v, &CHUNKSERVER_DAEMON),
    },
    StepDef { name: "upgrade-chunkserver-start", about: "The new chunkserver runs", plan: |v| start(v, &CHUNKSERVER_DAEMON) },
    StepDef { name: "upgrade-client-packages", about: "The new package of a client", plan: |v| packages(v, CLIENT) },
    StepDef { name: "upgrade-client-remount", about: "Mounts run the new program", plan: remount },
];

/// Packages of a master; those of them that are installed are upgraded.
pub const MASTER: &[&str] = &["moosefs-master", "moosefs-cli", "moosefs-cgi", "moosefs-cgiserv", "moosefs-gui", "moosefs-common"];
/// Packages of a metalogger.
pub const METALOGGER: &[&str] = &["moosefs-metalogger", "moosefs-common"];
/// Packages of a chunkserver.
pub const CHUNKSERVER: &[&str] = &["moosefs-chunkserver", "moosefs-common"];
/// Packages of a client.
pub const CLIENT: &[&str] = &["moosefs-client"];

/// A daemon that is stopped and started.
struct Daemon {
    unit: &'static str,
    program: &'static str,
    lock: &'static str,
}

const METALOGGER_DAEMON: Daemon = Daemon { unit: layout::METALOGGER_UNIT, program: "mfsmetalogger", lock: ".mfsmetalogger.lock" };
const CHUNKSERVER_DAEMON: Daemon = Daemon { unit: layout::CHUNKSERVER_UNIT, program: "mfschunkserver", lock: ".mfschunkserver.lock" };

fn upgrading<'a>(view: &'a View) -> Result<&'a Upgrading, Refusal> {
    let refusal = || Refusal { found: "no release to upgrade to is chosen".to_owned(), fix: "run `mfsctl upgrade`".to_owned() };
    view.consent.upgrade.as_ref().ok_or_else(refusal)
}

/// The only list of sources apt may use on this cluster's nodes, or `-`.
#[must_use]
pub fn sources(cluster: &Cluster) -> &'static str {
    if moosefs_mirror(cluster).is_some_and(|mirror| mirror.exclusive) { APT_LIST } else { "-" }
}

fn packages(view: &View, names: &[&str]) -> Outcome {
    let plan = || -> Result<Vec<Action>, Refusal> {
        let (upgrading, family) = (upgrading(view)?, family(view)?);
        let missing = upgrading.packages.get(&view.node.name).map(Vec::as_slice).unwrap_or_default();
        let mine: Vec<String> =
            missing.iter().filter(|n| names.contains(&n.as_str())).map(|n| format!("{n}={}", upgrading.version)).collect();
        if mine.is_empty() {
            return Ok(Vec::new());
        }
        let (script, second) = match family {
            Family::Apt => (package::APT, sources(view.cluster)),
            Family::Yum | Family::Dnf => (package::RPM, tool(family)),
        };
        let line = package::prefix(view.cluster.moosefs.version);
        let argv = ["sh", "-s", "--", line, second].into_iter().chain(mine.iter().map(String::as_str));
        Ok(vec![Action::run(format!("install {}", mine.join(", ")), argv).input(script).within(INSTALLING)])
    };
    match plan() {
        Ok(actions) => Outcome::from_actions(actions, "the new packages are installed"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// Whether the daemon must be started anew: its program is an old one, will be once the packages are in, or does not run.
fn stale(view: &View, program: &str) -> Result<bool, Refusal> {
    let upgrading = upgrading(view)?;
    let installs = upgrading.packages.get(&view.node.name).is_some_and(|p| p.iter().any(|n| n.ends_with(&program[3..])));
    Ok(installs || upgrading.stale.get(&view.node.name).is_some_and(|s| s.contains(program)))
}

fn stop(view: &View, daemon: &Daemon) -> Outcome {
    match stale(view, daemon.program) {
        Err(refusal) => Outcome::Refused(refusal),
        Ok(false) => Outcome::Unchanged(format!("{} runs the program that is installed", daemon.program)),
        Ok(true) => {
            let within = view.consent.upgrade.as_ref().map_or(Duration::from_secs(300), |u| u.stop_within);
            let mut words = vec![daemon.unit.to_owned(), daemon.program.to_owned(), within.as_secs().to_string()];
            words.push(format!("{}/{}", data_dir(view, daemon), daemon.lock));
            if daemon.program == CHUNKSERVER_DAEMON.program {
                words.extend(view.node.disks.iter().map(|d| format!("{}/.lock", d.path.trim_end_matches('/'))));
            }
            Outcome::Do(vec![Action::run(format!("stop the old {}", daemon.program), script(STOP, &words)).within(within + KILLING)])
        }
    }
}

fn data_dir<'a>(view: &'a View, daemon: &Daemon) -> &'a str {
    if daemon.program == METALOGGER_DAEMON.program { layout::metalogger_dir(view.node) } else { layout::DATA_DIR }
}

fn start(view: &View, daemon: &Daemon) -> Outcome {
    match stale(view, daemon.program) {
        Err(refusal) => Outcome::Refused(refusal),
        Ok(false) => Outcome::Unchanged(format!("{} runs the program that is installed", daemon.program)),
        Ok(true) => {
            let port = (daemon.program == CHUNKSERVER_DAEMON.program).then(|| layout::chunkserver_port(view.node));
            let begin = Action::run(format!("start the new {}", daemon.program), ["systemctl", "start", daemon.unit]);
            Outcome::Do(vec![begin.within(Duration::from_secs(360)), daemon::wait(daemon.unit, port)])
        }
    }
}

/// Mounts that are in use stay as they are, on the old program: who holds them is told.
fn remount(view: &View) -> Outcome {
    match stale(view, "mfsmount").and_then(|stale| Ok(stale || self::stale(view, "mfsclient")?)) {
        Err(refusal) => Outcome::Refused(refusal),
        Ok(false) => Outcome::Unchanged("the mounts run the program that is installed".to_owned()),
        Ok(true) => {
            let seconds = MOUNTING.as_secs().to_string();
            let anew = |path: &str| {
                let words = [path, &mount_unit(path), &seconds];
                Action::run(format!("mount {path} anew"), script(MOUNT, &words)).within(MOUNTING * 3)
            };
            let mounts = view.node.mounts.iter().filter(|m| m.present);
            Outcome::from_actions(mounts.map(|m| anew(&m.path)).collect(), "nothing is to be mounted")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::step::find;
    use crate::step::testing::World;

    fn world(upgrading: Option<Upgrading>) -> World {
        let mut world = World::new();
        world.consent.upgrade = upgrading;
        world
    }

    fn to(version: &str) -> Upgrading {
        Upgrading { version: version.to_owned(), stop_within: Duration::from_secs(60), ..Upgrading::default() }
    }

    fn titles(outcome: &Outcome) -> Vec<String> {
        match outcome {
            Outcome::Do(actions) => actions.iter().map(|a| a.title.clone()).collect(),
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn without_a_release_nothing_is_done() {
        let world = world(None);
        let outcome = (find("upgrade-chunkserver-packages").unwrap().plan)(&world.view("node3"));
        assert!(matches!(outcome, Outcome::Refused(_)));
    }

    #[test]
    fn a_chunkserver_is_installed_stopped_and_started() {
        let mut upgrading = to("3.0.118-1");
        upgrading.packages.insert("node3".into(), vec!["moosefs-chunkserver".into(), "moosefs-common".into(), "moosefs-client".into()]);
        let world = world(Some(upgrading));
        let plan = |step: &str| titles(&(find(step).unwrap().plan)(&world.view("node3")));
        assert_eq!(plan("upgrade-chunkserver-packages"), ["install moosefs-chunkserver=3.0.118-1, moosefs-common=3.0.118-1"]);
        assert_eq!(plan("upgrade-chunkserver-stop"), ["stop the old mfschunkserver"]);
        assert_eq!(plan("upgrade-chunkserver-start")[0], "start the new mfschunkserver");
        let other = (find("upgrade-chunkserver-stop").unwrap().plan)(&world.view("node4"));
        assert!(matches!(other, Outcome::Unchanged(_)));
    }

    #[test]
    fn a_daemon_on_an_old_program_is_started_anew_without_installing() {
        let mut upgrading = to("3.0.118-1");
        upgrading.stale.insert("node6".into(), BTreeSet::from(["mfsmount".to_owned()]));
        let world = world(Some(upgrading));
        let plan = |step: &str| (find(step).unwrap().plan)(&world.view("node6"));
        assert!(matches!(plan("upgrade-client-packages"), Outcome::Unchanged(_)));
        assert_eq!(titles(&plan("upgrade-client-remount")), ["mount /mnt/mfs anew"]);
    }
}
