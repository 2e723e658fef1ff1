//! The master's configuration, the same on both masters. Only the takeover may start the master, so it is off at boot.

use super::exports::forget_marks;
use super::file::{self, ManagedFile};
use super::mfs_keys::{self, Daemon};
use super::{Action, Outcome, Refusal, StepDef, View, template};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::layout::takeover::MASTER_UNIT;
use crate::inventory::model::Topology;

const TOPOLOGY: &str = include_str!("../../playbooks/files/mfstopology.cfg.j2");

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "master-unit", about: "The master never starts at boot by itself", plan: unit },
    StepDef { name: "master-config", about: "mfsmaster.cfg and mfstopology.cfg", plan: config },
];

/// Packages enable what they install: the takeover starts the master, and nothing else may.
fn unit(view: &View) -> Outcome {
    let unit = view.facts.units.get(MASTER_UNIT);
    if unit.exists() && !unit.is_enabled() {
        return Outcome::Unchanged("moosefs-master does not start at boot by itself".to_owned());
    }
    Outcome::Do(vec![Action::run("keep moosefs-master from starting at boot", ["systemctl", "disable", MASTER_UNIT])])
}

/// The port clients connect to.
#[must_use]
pub fn client_port(view: &View) -> u16 {
    port(view, "MATOCL_LISTEN_PORT", 9421)
}

/// A listening port of the master: as set in the free settings, else the built-in one.
#[must_use]
pub fn port(view: &View, key: &str, default: u16) -> u16 {
    layout::master_port(view.cluster, key, default)
}

/// The file mfsmaster.cfg as it should be.
fn master_cfg(view: &View) -> Result<ManagedFile, Refusal> {
    let moosefs = &view.cluster.moosefs;
    let auth = moosefs.auth.expose();
    let data_path = view.cluster.data_path();
    // Mode 2 syncs every change before it is acknowledged: with the default, a power cut loses what clients were told is done.
    let typed = [
        ("WORKING_USER", "mfs"),
        ("WORKING_GROUP", "mfs"),
        ("DATA_PATH", data_path.as_str()),
        ("EXPORTS_FILENAME", layout::EXPORTS_CFG),
        ("TOPOLOGY_FILENAME", layout::TOPOLOGY_CFG),
        ("AUTH_CODE", auth),
        ("CHANGELOG_SAVE_MODE", "2"),
        ("BACK_LOGS", "50"),
    ];
    let file = mfs_keys::file(Daemon::Master, moosefs.version, &view.cluster.name, layout::MASTER_CFG, &typed, &moosefs.master)?;
    auth_is_sound(auth)?;
    let mark = Daemon::Master.mark(view.facts.files.content(layout::MASTER_CFG), &file.content);
    Ok(file.secret(&moosefs.auth).marks(mark))
}

/// Refuses an AUTH_CODE that the daemons' parser would cut.
///
/// # Errors
/// When it is empty, or has control characters or spaces at an end.
pub fn auth_is_sound(auth: &str) -> Result<(), Refusal> {
    if !auth.is_empty() && auth.trim() == auth && !auth.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Refusal {
        found: "moosefs.auth is empty, has control characters, or spaces at an end".to_owned(),
        fix: "choose one without: master and chunkservers would read different codes".to_owned(),
    })
}

fn topology_cfg(view: &View) -> Result<ManagedFile, Refusal> {
    #[derive(serde::Serialize)]
    struct Context<'a> {
        cluster: &'a str,
        lines: &'a [Topology],
    }
    let context = Context { cluster: &view.cluster.name, lines: &view.cluster.topology };
    let content = template::render("mfstopology.cfg.j2", TOPOLOGY, context)?;
    Ok(ManagedFile::new(layout::TOPOLOGY_CFG, content).marks("moosefs-master:reload"))
}

fn config(view: &View) -> Outcome {
    let actions = master_cfg(view).and_then(|master| file::actions(view, vec![master, topology_cfg(view)?]));
    match actions {
        Ok(mut actions) => {
            forget_marks(view, &mut actions);
            Outcome::from_actions(actions, "mfsmaster.cfg and mfstopology.cfg are as they should be")
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::fact::moosefs::Process;

    fn with_user(world: &mut World, node: &str) {
        for file in [layout::MASTER_CFG, layout::EXPORTS_CFG] {
            let content = world.facts(node).files.content(file).unwrap().to_owned();
            let meta = crate::fact::file::Meta { mode: 0o640, owner: "root".into(), group: "mfs".into() };
            world.facts(node).files.insert(file, crate::fact::file::FileFact::Regular { content, meta });
        }
    }

    #[test]
    fn both_masters_get_the_same_files_and_then_nothing() {
        let mut world = World::new();
        world.cluster.moosefs.master.insert("ATIME_MODE".into(), "2".into());
        world.cluster.topology.push(Topology { network: "172.16.0.43".into(), switch: 2 });
        let (one, two) = (world.plan("node1", config), world.plan("node2", config));
        assert_eq!(one, two);
        insta::assert_snapshot!(show(&one));
        world.apply_writes("node1", &one);
        assert!(matches!(world.plan("node1", config), Outcome::Unchanged(_)));
    }

    #[test]
    fn a_running_master_is_told_what_changed() {
        let mut world = World::new();
        let written = world.plan("node1", config);
        world.apply_writes("node1", &written);
        let exports = world.plan("node1", super::super::exports::STEPS[0].plan);
        world.apply_writes("node1", &exports);
        with_user(&mut world, "node1");
        world.facts("node1").moosefs.processes.push(Process { pid: 1, name: "mfsmaster".into(), age: 1.0 });
        world.cluster.moosefs.master.insert("BACK_LOGS".into(), "60".into());
        let outcome = world.plan("node1", config);
        let [action] = actions(&outcome) else { unreachable!("{outcome:?}") };
        assert!(show(&outcome).contains("marks [\"moosefs-master:reload\"]") && show(&outcome).contains("BACK_LOGS = 60"));
        assert_eq!(action.title, "change /etc/mfs/mfsmaster.cfg");
        world.cluster.moosefs.master.insert("NICE_LEVEL".into(), "-5".into());
        assert!(show(&world.plan("node1", config)).contains("marks [\"moosefs-master:restart\"]"));
    }

    #[test]
    fn a_slip_in_the_settings_is_refused() {
        let mut world = World::new();
        world.cluster.moosefs.master.insert("BACKLOGS".into(), "60".into());
        let outcome = world.plan("node1", config);
        assert!(matches!(&outcome, Outcome::Refused(r) if r.fix == "did you mean BACK_LOGS?"), "{outcome:?}");
    }

    #[test]
    fn an_auth_code_that_would_be_cut_is_refused() {
        let mut world = World::new();
        world.cluster.moosefs.auth = crate::inventory::secret::Secret::new("abc ");
        assert!(matches!(world.plan("node1", config), Outcome::Refused(_)));
    }
}
