//! Metaloggers: configured, running, and holding a downloaded copy of the metadata.

use std::time::Duration;

use super::daemon::{self, script};
use super::file;
use super::master;
use super::mfs_keys::{self, Daemon};
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::fact::moosefs::Header;
use crate::inventory::layout::moosefs as layout;

const WAIT_COPY: &str = include_str!("../../playbooks/files/mfs-wait-copy.sh");
/// The file a metalogger makes of a complete download.
const COPY: &str = "metadata_ml.mfs.back";
/// Longest time from its start to a complete copy, one restart included.
const WAIT: Duration = Duration::from_secs(60);

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "metalogger-config", about: "mfsmetalogger.cfg", plan: config },
    StepDef { name: "metalogger-running", about: "The metalogger runs, at boot too, and holds a copy of the metadata", plan: running },
];

fn config(view: &View) -> Outcome {
    match cfg(view) {
        Ok(actions) => Outcome::from_actions(actions, "mfsmetalogger.cfg is as it should be"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn cfg(view: &View) -> Result<Vec<Action>, Refusal> {
    let port = master::port(view, "MATOML_LISTEN_PORT", 9419).to_string();
    // A download an hour keeps the copy near the changelogs that are kept; reconnecting fast keeps it so after a takeover.
    let mut typed = vec![
        ("WORKING_USER", "mfs"),
        ("WORKING_GROUP", "mfs"),
        ("DATA_PATH", layout::DATA_DIR),
        ("MASTER_HOST", view.cluster.vip.name.as_str()),
        ("MASTER_RECONNECTION_DELAY", "1"),
        ("META_DOWNLOAD_FREQ", "1"),
        ("BACK_META_KEEP_PREVIOUS", "3"),
        ("BACK_LOGS", "50"),
    ];
    if port != "9419" {
        typed.push(("MASTER_PORT", &port));
    }
    let moosefs = &view.cluster.moosefs;
    let settings = &view.node.metalogger;
    let file = mfs_keys::file(Daemon::Metalogger, moosefs.version, &view.cluster.name, layout::METALOGGER_CFG, &typed, settings)?;
    let mark = Daemon::Metalogger.mark(view.facts.files.content(layout::METALOGGER_CFG), &file.content);
    file::actions(view, vec![file.mode(0o644).owned("root", "root").marks(mark)])
}

fn running(view: &View) -> Outcome {
    let dir = layout::metalogger_dir(view.node);
    let mut actions = daemon::running(view, layout::METALOGGER_UNIT);
    let has_copy = matches!(view.facts.moosefs.metalogger.headers.get(COPY), Some(Header::Saved { .. }));
    if daemon::starts(&actions) {
        actions.push(daemon::wait(layout::METALOGGER_UNIT, None));
    }
    if !has_copy {
        if actions.is_empty() && nothing_to_download(view) {
            return Outcome::Unchanged(
                "the metalogger runs; the master has not saved metadata yet, so there is nothing to download".to_owned(),
            );
        }
        if !daemon::starts(&actions) {
            let title = "restart moosefs-metalogger, which downloads metadata only when it starts";
            actions.push(Action::run(title, ["systemctl", "restart", layout::METALOGGER_UNIT]));
        }
        let seconds = WAIT.as_secs().to_string();
        let wait = script(WAIT_COPY, &[layout::METALOGGER_UNIT, dir, &seconds]);
        actions.push(Action::run(format!("wait until {dir}/{COPY} is there"), wait).within(WAIT * 3));
    }
    Outcome::from_actions(actions, format!("the metalogger runs and holds a copy in {dir}"))
}

/// Whether the active master serves a file system that it has not saved once: such a one is discarded by metaloggers.
fn nothing_to_download(view: &View) -> bool {
    let active = view.active().and_then(|n| view.state.get(&n.name)).and_then(|f| f.as_ref().ok());
    active.is_some_and(|f| f.moosefs.runs("mfsmaster") && f.moosefs.data.headers.get("metadata.mfs.back") == Some(&Header::Fresh))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::fact::moosefs::Process;
    use crate::fact::unit::Unit;

    fn titles(outcome: &Outcome) -> Vec<&str> {
        actions(outcome).iter().map(|a| a.title.as_str()).collect()
    }

    fn up(world: &mut World) {
        let unit = Unit { load: "loaded".into(), active: "active".into(), enabled: "enabled".into(), ..Unit::default() };
        world.facts("node1").units.0.insert(layout::METALOGGER_UNIT.into(), unit);
    }

    #[test]
    fn the_file_then_nothing() {
        let mut world = World::new();
        world.node("node1").metalogger.insert("META_DOWNLOAD_FREQ".into(), "2".into());
        let outcome = world.plan("node1", config);
        insta::assert_snapshot!(show(&outcome));
        world.apply_writes("node1", &outcome);
        assert!(matches!(world.plan("node1", config), Outcome::Unchanged(_)));
    }

    #[test]
    fn it_is_started_waited_for_and_then_left_alone() {
        let mut world = World::new();
        let outcome = world.plan("node1", running);
        let copy = "wait until /var/lib/mfs/metadata_ml.mfs.back is there";
        assert_eq!(titles(&outcome), ["enable and start moosefs-metalogger", "wait until moosefs-metalogger runs", copy]);
        up(&mut world);
        let outcome = world.plan("node1", running);
        assert_eq!(titles(&outcome), ["restart moosefs-metalogger, which downloads metadata only when it starts", copy]);
        let header = Header::Saved { format: "MFSM 2.0".into(), version: 2, id: 1 };
        world.facts("node1").moosefs.metalogger.headers.insert(COPY.into(), header);
        assert!(matches!(world.plan("node1", running), Outcome::Unchanged(_)));
        world.pending.insert("moosefs-metalogger:reload".into());
        assert_eq!(titles(&world.plan("node1", running)), ["reload moosefs-metalogger"]);
        world.pending.insert("moosefs-metalogger:restart".into());
        let outcome = world.plan("node1", running);
        assert_eq!(titles(&outcome), ["restart moosefs-metalogger", "wait until moosefs-metalogger runs"]);
        assert_eq!(actions(&outcome)[0].clears, ["moosefs-metalogger:restart", "moosefs-metalogger:reload"]);
    }

    #[test]
    fn a_master_that_never_saved_is_not_waited_for() {
        let mut world = World::new();
        up(&mut world);
        let master = &mut world.facts("node1").moosefs;
        master.processes.push(Process { pid: 1, name: "mfsmaster".into(), age: 1.0 });
        master.data.headers.insert("metadata.mfs.back".into(), Header::Fresh);
        assert!(matches!(world.plan("node1", running), Outcome::Unchanged(_)));
    }
}
