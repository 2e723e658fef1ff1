//! The master's configuration, the same on both masters, and its unit, which only the takeover service may start.

use super::exports::forget_marks;
use super::file::{self, ManagedFile};
use super::mfs_keys::{self, Daemon};
use super::{Action, Outcome, Refusal, StepDef, View, template};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::Topology;

const TOPOLOGY: &str = include_str!("../../playbooks/files/mfstopology.cfg.j2");

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "master-unit", about: "The master never starts at boot by itself", plan: unit },
    StepDef { name: "master-config", about: "mfsmaster.cfg and mfstopology.cfg", plan: config },
];

/// The port clients connect to.
#[must_use]
pub fn client_port(view: &View) -> u16 {
    port(view, "MATOCL_LISTEN_PORT", 9421)
}

/// A listening port of the master: as set in the free settings, else the built-in one.
#[must_use]
pub fn port(view: &View, key: &str, default: u16) -> u16 {
    view.cluster.moosefs.master.get(key).and_then(|p| p.parse().ok()).unwrap_or(default)
}

fn unit(view: &View) -> Outcome {
    let facts = &view.facts.moosefs;
    if facts.runs("mfsmaster") && view.facts.mounts.at(&view.cluster.mount_point).is_none() {
        return Outcome::refused(
            format!("mfsmaster runs on {}, where {} is not mounted: it serves other metadata", view.node.name, view.cluster.mount_point),
            "look at what it serves (`mfscli -SIM`, DATA_PATH in its .cfg), keep that, stop it, then run this again",
        );
    }
    let fact = view.facts.units.get(layout::MASTER_UNIT);
    if fact.exists() && !fact.is_enabled() {
        return Outcome::Unchanged(format!("{} does not start at boot", layout::MASTER_UNIT));
    }
    let title = "keep moosefs-master from starting at boot";
    Outcome::Do(vec![Action::run(title, ["systemctl", "disable", layout::MASTER_UNIT])])
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
