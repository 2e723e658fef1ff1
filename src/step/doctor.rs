//! What `doctor --fix` may do: nothing that moves a service, touches data or needs a decision.

use super::{Action, Outcome, StepDef, View};
use crate::fact::HostFacts;
use crate::fact::file::FileFact;
use crate::inventory::layout;
use crate::inventory::layout::takeover::MASTER_UNIT;
use crate::inventory::model::{Cluster, Node, Role};

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "doctor-boot", about: "What runs starts at boot, and mfsmaster does not", plan: boot },
    StepDef { name: "doctor-units", about: "systemd works by the unit files on disk", plan: units },
    StepDef { name: "doctor-secrets", about: "Files with secrets are not readable for everybody", plan: secrets },
    StepDef { name: "doctor-leftovers", about: "Temporary files of interrupted runs are gone", plan: leftovers },
];

/// Units of the node's roles that run and are not enabled: what does not run is another matter, it may be stopped on purpose.
#[must_use]
pub fn not_at_boot(cluster: &Cluster, node: &Node, facts: &HostFacts) -> Vec<String> {
    let missing = |unit: &&str| {
        let fact = facts.units.get(unit);
        fact.exists() && fact.is_active() && fact.enabled == "disabled"
    };
    layout::boot_units(cluster, node).into_iter().filter(missing).map(str::to_owned).collect()
}

/// Units whose changed files systemd has not read.
#[must_use]
pub fn stale_units(facts: &HostFacts) -> Vec<String> {
    facts.units.0.iter().filter(|(_, u)| u.exists() && u.needs_reload).map(|(name, _)| name.clone()).collect()
}

/// Files with secrets that everybody may read.
#[must_use]
pub fn readable_secrets(cluster: &Cluster, node: &Node, facts: &HostFacts) -> Vec<String> {
    let readable = |path: &String| match facts.files.get(path) {
        Some(FileFact::Regular { meta, .. }) => meta.mode & 0o004 != 0,
        _ => false,
    };
    layout::secrets(cluster, node).into_iter().filter(readable).collect()
}

fn boot(view: &View) -> Outcome {
    let mut actions = Vec::new();
    if view.node.is(Role::Master) && view.facts.units.get(MASTER_UNIT).is_enabled() {
        actions.push(Action::run("keep moosefs-master from starting at boot", ["systemctl", "disable", MASTER_UNIT]));
    }
    for unit in not_at_boot(view.cluster, view.node, view.facts) {
        actions.push(Action::run(format!("start {unit} at boot"), ["systemctl", "enable", &unit]));
    }
    Outcome::from_actions(actions, "what runs starts at boot, and mfsmaster does not")
}

fn units(view: &View) -> Outcome {
    let stale = stale_units(view.facts);
    if stale.is_empty() {
        return Outcome::Unchanged("systemd has read its unit files".to_owned());
    }
    Outcome::Do(vec![Action::run(format!("let systemd read {} again", stale.join(", ")), ["systemctl", "daemon-reload"])])
}

fn secrets(view: &View) -> Outcome {
    let close = |path: String| Action::run(format!("take {path} from everybody's eyes"), ["chmod", "o-rwx", "--", &path]);
    let files = readable_secrets(view.cluster, view.node, view.facts);
    Outcome::from_actions(files.into_iter().map(close).collect(), "no file with a secret is readable for everybody")
}

fn leftovers(view: &View) -> Outcome {
    let remove = |path: &String| Action::run(format!("remove {path}, left by an interrupted run"), ["rm", "-f", "--", path]);
    Outcome::from_actions(view.facts.leftovers.iter().map(remove).collect(), "no interrupted run left a file")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions};
    use super::*;
    use crate::fact::file::Meta;
    use crate::fact::unit::Unit;

    fn unit(active: &str, enabled: &str) -> Unit {
        Unit { load: "loaded".into(), active: active.into(), enabled: enabled.into(), ..Unit::default() }
    }

    fn titles(outcome: &Outcome) -> Vec<String> {
        actions(outcome).iter().map(|a| a.title.clone()).collect()
    }

    #[test]
    fn nothing_is_done_where_nothing_is_wrong() {
        let mut world = World::new();
        for step in STEPS {
            assert!(matches!(world.plan("node1", step.plan), Outcome::Unchanged(_)), "{}", step.name);
        }
        // Enabled but stopped, or stopped and not enabled: not this command's to decide.
        world.facts("node3").units.0.insert("moosefs-chunkserver.service".into(), unit("inactive", "disabled"));
        assert!(matches!(world.plan("node3", boot), Outcome::Unchanged(_)));
    }

    #[test]
    fn boot_units_and_secrets_are_put_right() {
        let mut world = World::new();
        world.facts("node2").units.0.insert(MASTER_UNIT.into(), unit("inactive", "enabled"));
        world.facts("node2").units.0.insert("keepalived.service".into(), unit("active", "disabled"));
        assert_eq!(titles(&world.plan("node2", boot)), ["keep moosefs-master from starting at boot", "start keepalived.service at boot"]);
        let meta = |mode| Meta { mode, owner: "root".into(), group: "mfs".into() };
        for (path, mode) in [("/etc/mfs/mfsmaster.cfg", 0o644), ("/etc/mfs-ha.conf", 0o600), ("/etc/hosts", 0o644)] {
            world.facts("node2").files.insert(path, FileFact::Regular { content: String::new(), meta: meta(mode) });
        }
        assert_eq!(titles(&world.plan("node2", secrets)), ["take /etc/mfs/mfsmaster.cfg from everybody's eyes"]);
        world.facts("node2").leftovers.insert("/etc/mfs/.mfsctl.aB3xYz".into());
        assert_eq!(titles(&world.plan("node2", leftovers)), ["remove /etc/mfs/.mfsctl.aB3xYz, left by an interrupted run"]);
        world.facts("node2").units.0.get_mut(MASTER_UNIT).unwrap().needs_reload = true;
        assert_eq!(titles(&world.plan("node2", units)), ["let systemd read moosefs-master.service again"]);
    }
}
