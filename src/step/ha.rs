//! The takeover: scripts, settings and units on the masters, keepalived, the witnesses, the serving master.

mod keepalived;
mod serving;
mod settings;
#[cfg(test)]
mod tests;
mod units;
mod witness;

use serde_json::json;

use super::file::{self, ManagedFile};
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View, template};
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Cluster, Role};

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "witness", about: "The vote service of a witness", plan: witness::plan },
    StepDef { name: "ha-files", about: "Script, settings and units of the takeover", plan: ha_files },
    StepDef { name: "keepalived-config", about: "keepalived elects the active master", plan: keepalived::plan },
    StepDef { name: "ha-units", about: "The takeover runs, now and at boot", plan: units::plan },
    StepDef { name: "master-serving", about: "The active master serves at the virtual address", plan: serving::plan },
];

const UNIT: &str = include_str!("../../playbooks/files/mfs-ha.service");
const AGENT_UNIT: &str = include_str!("../../playbooks/files/mfs-ha-agent.service");
const HEALTHY: &str = include_str!("../../playbooks/files/mfs-ha-healthy");
const MASTER_DROP_IN: &str = include_str!("../../playbooks/files/moosefs-master-mfs-ha.conf");
const DRBD_DROP_IN: &str = include_str!("../../playbooks/files/drbd-mfs-ha.conf");
const DRBD_INSTANCE_DROP_IN: &str = include_str!("../../playbooks/files/drbd-instance-mfs-ha.conf");
const KEEPALIVED_DROP_IN: &str = include_str!("../../playbooks/files/keepalived-mfs-ha.conf");

/// The takeover script: one file on the node, a file a subject here.
pub const SCRIPT: &str = concat!(
    include_str!("../../playbooks/files/mfs-ha/10-base.sh"),
    include_str!("../../playbooks/files/mfs-ha/20-state.sh"),
    include_str!("../../playbooks/files/mfs-ha/30-wishes.sh"),
    include_str!("../../playbooks/files/mfs-ha/33-down.sh"),
    include_str!("../../playbooks/files/mfs-ha/35-alerts.sh"),
    include_str!("../../playbooks/files/mfs-ha/40-votes.sh"),
    include_str!("../../playbooks/files/mfs-ha/50-health.sh"),
    include_str!("../../playbooks/files/mfs-ha/55-pulse.sh"),
    include_str!("../../playbooks/files/mfs-ha/60-worker.sh"),
    include_str!("../../playbooks/files/mfs-ha/65-space.sh"),
    include_str!("../../playbooks/files/mfs-ha/70-master.sh"),
    include_str!("../../playbooks/files/mfs-ha/72-holes.sh"),
    include_str!("../../playbooks/files/mfs-ha/75-report.sh"),
    include_str!("../../playbooks/files/mfs-ha/76-side.sh"),
    include_str!("../../playbooks/files/mfs-ha/75-locks.sh"),
    include_str!("../../playbooks/files/mfs-ha/80-main.sh"),
);

/// The vote service's script.
pub use witness::SCRIPT as WITNESS_SCRIPT;

/// Files systemd reads.
const UNIT_FILES: [&str; 5] = [at::HA_UNIT_FILE, at::HA_AGENT_UNIT_FILE, at::KEEPALIVED_DROP_IN, at::MASTER_DROP_IN, at::DRBD_DROP_IN];

fn ha_files(view: &View) -> Outcome {
    let cluster = view.cluster;
    let files = || -> Result<Vec<ManagedFile>, Refusal> {
        // A demotion: the master's stop, the umount and the volume's release, each with its own deadline.
        let stop_timeout = cluster.ha.stop_wait.as_secs() + 90;
        let unit = json!({ "resource": cluster.drbd.resource });
        let master = json!({ "mount_point": cluster.mount_point, "stop_wait": cluster.ha.stop_wait.as_secs() });
        let drop_in = json!({ "resource": cluster.drbd.resource, "stop_timeout": stop_timeout });
        let mut files = vec![
            ManagedFile::new(at::HA_SCRIPT, SCRIPT).mode(0o755).marks(at::MARK_HA),
            ManagedFile::new(at::HA_CONF, settings::render(view)?).mode(0o600).secret(&cluster.ha.witness_secret).marks(at::MARK_HA),
            ManagedFile::new(at::MASTER_DROP_IN, template::render("moosefs-master drop-in", MASTER_DROP_IN, master)?),
            ManagedFile::new(at::HA_UNIT_FILE, template::render("mfs-ha.service", UNIT, unit)?).marks(at::MARK_HA),
            ManagedFile::new(at::HA_AGENT_UNIT_FILE, AGENT_UNIT).marks(at::MARK_HA),
            ManagedFile::new(at::DRBD_DROP_IN, DRBD_DROP_IN),
            ManagedFile::new(at::drbd_instance_drop_in(cluster), DRBD_INSTANCE_DROP_IN),
            ManagedFile::new(at::KEEPALIVED_DROP_IN, template::render("keepalived drop-in", KEEPALIVED_DROP_IN, drop_in)?),
        ];
        if !view.facts.takeover.tracks_files(&view.facts.system) {
            files.push(ManagedFile::new(at::HA_HEALTHY, HEALTHY).mode(0o755));
        }
        Ok(files)
    };
    let mut actions = match files().and_then(|files| file::actions(view, files)) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    // What a dry run cannot show is said.
    for action in &mut actions {
        if matches!(&action.kind, ActionKind::Write(w) if w.path == at::HA_CONF && settings::names_earlier(&w.content)) {
            action.title.push_str(", with the witnesses of before; without them once both masters ask the new ones");
        }
    }
    let stale = |unit: &&str| view.facts.units.get(unit).needs_reload;
    if UNIT_FILES.iter().any(|path| wrote(&actions, path))
        || wrote(&actions, &at::drbd_instance_drop_in(cluster))
        || [at::HA_UNIT, at::HA_AGENT_UNIT, at::KEEPALIVED_UNIT, at::MASTER_UNIT, at::DRBD_UNIT, &at::drbd_instance(cluster)]
            .iter()
            .any(stale)
    {
        actions.push(daemon_reload());
    }
    Outcome::from_actions(actions, settings::words(view))
}

/// Whether one of the actions writes that path.
fn wrote(actions: &[Action], path: &str) -> bool {
    actions.iter().any(|a| matches!(&a.kind, ActionKind::Write(w) if w.path == path))
}

fn daemon_reload() -> Action {
    Action::run("let systemd read its unit files again", ["systemctl", "daemon-reload"])
}

/// Addresses of both masters, for the witnesses.
fn master_addresses(cluster: &Cluster) -> Vec<String> {
    cluster.with_role(Role::Master).map(|m| m.address.to_string()).collect()
}
