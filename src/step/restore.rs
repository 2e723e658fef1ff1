//! Restoring the metadata: everything that could be lost is kept aside, the metadata is built in a scratch directory
//! by mfsmaster itself, and only what came out as expected takes its place; then the takeover starts it as ever.

use std::time::Duration;

use super::daemon::script;
use super::{Action, Outcome, StepDef, View};
use crate::fact::drbd_status::DrbdRole;
use crate::fact::restore::command;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Cluster, Role};

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "restore-begin", about: "The node notes the restore that is under way", plan: begin },
    StepDef { name: "restore-hold", about: "Neither master promotes or demotes itself meanwhile", plan: hold },
    StepDef {
        name: "metalogger-quiet",
        about: "The metalogger is stopped: a restored master would make it throw its copy away",
        plan: quiet,
    },
    StepDef { name: "metalogger-keep", about: "The metalogger's copy is kept aside", plan: keep_copy },
    StepDef { name: "restore-let-go", about: "This master serves nobody", plan: let_go },
    StepDef { name: "volume-open", about: "The volume is mounted on the node that restores, by the votes as ever", plan: open },
    StepDef { name: "volume-keep", about: "What lies on the volume is kept aside", plan: keep_volume },
    StepDef {
        name: "restore-build",
        about: "mfsmaster builds the metadata in a scratch directory; version and id are checked",
        plan: build,
    },
    StepDef {
        name: "restore-install",
        about: "The new directory takes the old one's place, which stays beside it: the point of no return",
        plan: install,
    },
    StepDef { name: "volume-close", about: "The volume is let go", plan: close },
    StepDef { name: "faults-forgotten", about: "Failed starts of before no longer keep a master from being elected", plan: forget },
    StepDef { name: "restore-release", about: "The hold of this restore ends", plan: release },
    StepDef { name: "restore-serving", about: "mfsmaster answers at the virtual address", plan: serving },
    StepDef { name: "metalogger-again", about: "The metalogger runs and has downloaded what is served", plan: again },
    StepDef { name: "metalogger-back", about: "The metalogger runs as it did before", plan: back },
    StepDef { name: "restore-finish", about: "The node notes that the restore is over; the copies stay", plan: finish },
];

/// Why this playbook's hold is set; a hold with another reason is somebody else's.
pub const HOLD_REASON: &str = "restore-meta";
/// Longest hold the takeover script takes.
const HOLD_SECONDS: &str = "3600";
/// Longest time for copying a directory, and for mfsmaster to read and write the metadata.
const SLOW: Duration = Duration::from_secs(7500);
/// Longest time from the end of the hold to an answer: an election, a promotion, loading the metadata.
const SERVES_WITHIN: &str = "900";
/// Seconds a metalogger gets for its download, one restart included.
const COPIED_WITHIN: &str = "120";

/// 0 when this node is on hold, Primary and mounted, and no mfsmaster runs.
const READY: &str = r#"said=$(/usr/local/sbin/mfs-ha status) || exit 1
for word in role=Primary mounted=yes listening=no; do
  echo "$said" | grep -qx "$word" || { echo "not $word" >&2; exit 1; }
done
echo "$said" | grep -q '^hold=.' || { echo 'not on hold' >&2; exit 1; }
! pgrep -x mfsmaster >/dev/null || { echo 'mfsmaster runs' >&2; exit 1; }"#;
/// 0 when the hold is the restore's own.
const OURS: &str = r"/usr/local/sbin/mfs-ha status | grep -qx 'hold=restore-meta'";
/// 0 when no mfsmaster runs.
const NONE_RUNS: &str = r#"! pgrep -x mfsmaster >/dev/null || { echo "mfsmaster runs though its unit is stopped: pid $(pgrep -x mfsmaster | tr '\n' ' ')" >&2; exit 1; }"#;

/// A restore under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restoring {
    /// Name of its directory on every node.
    pub run: String,
    /// The master on which the metadata is built and put in place.
    pub target: String,
    /// Whether an earlier run of it was cut off.
    pub continues: bool,
    /// What it is built from.
    pub build: Build,
}

/// What metadata is built from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// Names of metadata files, to be tried in turn.
    pub metadata: Vec<String>,
    /// The copy they are in, by its name in the restore's directory on the target.
    pub base: String,
    /// A copy whose changelogs add to it.
    pub extension: Option<String>,
    /// The file system's id; `None` of one that is new.
    pub id: Option<u64>,
    /// The version it comes to, at least.
    pub version: u64,
}

/// The directory of a restore on a node.
#[must_use]
pub fn work(run: &str) -> String {
    format!("{}/{run}", layout::RESTORE_DIR)
}

/// The command that builds metadata in a restore's directory.
#[must_use]
pub fn build_command(run: &str, build: &Build) -> Vec<String> {
    let id = build.id.map_or_else(|| "-".to_owned(), |id| format!("{id:016x}"));
    let (work, version) = (work(run), build.version.to_string());
    let extension = build.extension.as_deref().unwrap_or("-");
    let mut words = vec!["build", &work, layout::MASTER_CFG, &id, &version, &build.base, extension];
    words.extend(build.metadata.iter().map(String::as_str));
    command(&words)
}

fn restoring<'a>(view: &View<'a>) -> Result<&'a Restoring, Outcome> {
    view.consent.restore.as_ref().ok_or_else(|| Outcome::refused("nobody said what to restore", "run `mfsctl restore-meta`"))
}

/// Plans for the target only.
fn on_target(view: &View, plan: impl FnOnce(&Restoring) -> Outcome) -> Outcome {
    match restoring(view) {
        Err(refused) => refused,
        Ok(restoring) if restoring.target != view.node.name => {
            Outcome::Unchanged(format!("{} restores, {} gets it from there", restoring.target, view.node.name))
        }
        Ok(restoring) => plan(restoring),
    }
}

fn planned(view: &View, plan: impl FnOnce(&Restoring) -> Outcome) -> Outcome {
    restoring(view).map_or_else(|refused| refused, plan)
}

fn begin(view: &View) -> Outcome {
    planned(view, |restoring| {
        let text = format!("target={}\noperator={}", restoring.target, view.consent.operator);
        Outcome::Do(vec![Action::run("note that a restore is under way", command(&["begin", layout::RESTORE_DIR, &restoring.run, &text]))])
    })
}

fn hold(view: &View) -> Outcome {
    if let Some(foreign) = foreign_hold(view) {
        return Outcome::refused(
            format!("it is on hold by {foreign}"),
            "wait for the end of that, or end it with `mfsctl ha release`; a hold lasts an hour at most",
        );
    }
    let hold = [at::HA_SCRIPT, "hold", HOLD_SECONDS, HOLD_REASON, &view.consent.operator];
    Outcome::Do(vec![Action::run("suspend the takeover for an hour at most", hold)])
}

fn foreign_hold(view: &View) -> Option<String> {
    let hold = view.facts.takeover.hold.as_ref().filter(|h| h.why != HOLD_REASON)?;
    Some(format!("{} for another {}: {}", hold.by, hold.remaining(), hold.why))
}

fn quiet(view: &View) -> Outcome {
    if !view.facts.units.get(layout::METALOGGER_UNIT).is_active() && !view.facts.moosefs.runs("mfsmetalogger") {
        return Outcome::Unchanged("the metalogger does not run".to_owned());
    }
    let stop = Action::run("stop moosefs-metalogger", ["systemctl", "stop", layout::METALOGGER_UNIT]);
    Outcome::Do(vec![stop.within(Duration::from_secs(180))])
}

fn back(view: &View) -> Outcome {
    // The run that was cut off had stopped it.
    let continues = view.consent.restore.as_ref().is_some_and(|r| r.continues);
    if !view.facts.units.get(layout::METALOGGER_UNIT).is_active() && !continues {
        return Outcome::Unchanged("the metalogger did not run".to_owned());
    }
    Outcome::Do(vec![Action::run("start moosefs-metalogger", ["systemctl", "start", layout::METALOGGER_UNIT])])
}

fn keep_copy(view: &View) -> Outcome {
    planned(view, |restoring| {
        let dir = layout::metalogger_dir(view.node);
        let work = work(&restoring.run);
        let words = ["keep", &work, dir, "metalogger", "still-or-none"];
        Outcome::Do(vec![Action::run(format!("copy {dir} to {work}/metalogger"), command(&words)).within(SLOW)])
    })
}

fn let_go(view: &View) -> Outcome {
    let facts = view.facts;
    let primary = facts.drbd.resource(view.cluster).is_some_and(|r| r.role == DrbdRole::Primary);
    let mounted = facts.mounts.at(&view.cluster.mount_point).is_some();
    let check = Action::run("make sure that no mfsmaster runs", script::<&str>(NONE_RUNS, &[]));
    if !primary && !mounted && !facts.moosefs.runs("mfsmaster") {
        return Outcome::Do(vec![check]);
    }
    let deadline = view.cluster.ha.stop_wait + Duration::from_secs(180);
    let demote = Action::run("stop mfsmaster, unmount, become secondary", [at::HA_SCRIPT, "demote"]).within(deadline);
    Outcome::Do(vec![demote, check])
}

fn open(view: &View) -> Outcome {
    on_target(view, |_| {
        let within = view.cluster.ha.promote_wait + view.cluster.ha.stop_wait + Duration::from_secs(180);
        let title = format!("become Primary and mount {}, without serving", view.cluster.mount_point);
        Outcome::Do(vec![Action::run(title, [at::HA_SCRIPT, "open-volume"]).within(within)])
    })
}

fn keep_volume(view: &View) -> Outcome {
    on_target(view, |restoring| {
        let (work, data) = (work(&restoring.run), view.cluster.data_path());
        let words = ["keep", &work, &data, "volume", "still-or-none"];
        Outcome::Do(vec![Action::run(format!("copy {data} to {work}/volume"), command(&words)).within(SLOW)])
    })
}

fn build(view: &View) -> Outcome {
    on_target(view, |restoring| {
        let build = &restoring.build;
        let title = format!("build the metadata at version {} from {}/{}", build.version, build.base, build.metadata.join(" or "));
        Outcome::Do(vec![Action::run(title, build_command(&restoring.run, build)).within(SLOW)])
    })
}

/// Where the old directory goes: on the same volume, so that a rename moves it.
#[must_use]
pub fn archive(cluster: &Cluster, run: &str) -> String {
    format!("{}/.mfsctl-restore/{run}", cluster.mount_point)
}

fn install(view: &View) -> Outcome {
    on_target(view, |restoring| {
        let (work, data, archive) = (work(&restoring.run), view.cluster.data_path(), archive(view.cluster, &restoring.run));
        let setting = |key: &str| view.cluster.moosefs.master.get(key).map_or("mfs", String::as_str);
        let words = ["install", &work, &data, &archive, setting("WORKING_USER"), setting("WORKING_GROUP")];
        let action = Action::run(format!("put it in place of {data}, which moves to {archive}"), command(&words)).within(SLOW);
        Outcome::Do(vec![action.require("on hold, Primary, mounted, and no mfsmaster runs", script::<&str>(READY, &[]))])
    })
}

fn close(view: &View) -> Outcome {
    on_target(view, |_| {
        let deadline = view.cluster.ha.stop_wait + Duration::from_secs(180);
        Outcome::Do(vec![Action::run("unmount the volume, become secondary", [at::HA_SCRIPT, "demote"]).within(deadline)])
    })
}

fn forget(_: &View) -> Outcome {
    Outcome::Do(vec![Action::run("forget earlier faults", [at::HA_SCRIPT, "clear-fault"])])
}

fn release(_: &View) -> Outcome {
    let action = Action::run("end the hold", [at::HA_SCRIPT, "unhold"]);
    Outcome::Do(vec![action.only_if("the hold is this restore's", script::<&str>(OURS, &[]))])
}

fn serving(_: &View) -> Outcome {
    let wait = Action::run("wait until mfsmaster answers at the virtual address", [at::HA_SCRIPT, "wait-serving", SERVES_WITHIN]);
    Outcome::Do(vec![wait.within(Duration::from_secs(960))])
}

fn again(view: &View) -> Outcome {
    planned(view, |restoring| {
        let (work, dir) = (work(&restoring.run), layout::metalogger_dir(view.node));
        let words = ["follow", &work, layout::METALOGGER_UNIT, dir, COPIED_WITHIN];
        let title = "begin moosefs-metalogger's copy anew and wait for its download";
        Outcome::Do(vec![Action::run(title, command(&words)).within(Duration::from_secs(300))])
    })
}

fn finish(view: &View) -> Outcome {
    planned(view, |restoring| {
        let words = ["finish", layout::RESTORE_DIR, &restoring.run, "ended"];
        let kept = format!("note that the restore is over; {} keeps the copies", work(&restoring.run));
        Outcome::Do(vec![Action::run(kept, command(&words))])
    })
}

/// Whether a node has a part in a restore: a master, or a keeper of copies.
#[must_use]
pub fn takes_part(node: &crate::inventory::model::Node) -> bool {
    node.is(Role::Master) || node.is(Role::Metalogger)
}

#[cfg(test)]
mod tests;
