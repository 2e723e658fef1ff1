//! What ends the maintenance of chunkservers in time. The master keeps a maintenance for ever, in its metadata; a timer on
//! both masters ends it, so that one begun and forgotten (or begun by a mfsctl that died) does not hold replication back.

use std::time::Duration;

use super::file::{self, ManagedFile};
use super::{Action, ActionKind, Outcome, StepDef, View};
use crate::inventory::layout::maintenance as at;

/// The steps of this file.
pub const STEPS: &[StepDef] =
    &[StepDef { name: "maintenance-limit", about: "A timer that ends the maintenance of chunkservers in time", plan }];

/// The script, as it stands on the masters.
pub const SCRIPT: &str = include_str!("../../playbooks/files/mfs-maintenance");
const SERVICE: &str = include_str!("../../playbooks/files/mfs-maintenance.service");
const TIMER: &str = include_str!("../../playbooks/files/mfs-maintenance.timer");

fn plan(view: &View) -> Outcome {
    let files = vec![
        ManagedFile::new(at::SCRIPT, SCRIPT).mode(0o755),
        ManagedFile::new(at::SERVICE_UNIT_FILE, SERVICE),
        ManagedFile::new(at::TIMER_UNIT_FILE, TIMER),
    ];
    let mut actions = match file::actions(view, files) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let wrote = |path: &str| actions.iter().any(|a| matches!(&a.kind, ActionKind::Write(w) if w.path == path));
    let (timer, service) = (view.facts.units.get(at::TIMER_UNIT), view.facts.units.get(at::SERVICE_UNIT));
    let anew = wrote(at::TIMER_UNIT_FILE);
    if anew || wrote(at::SERVICE_UNIT_FILE) || timer.needs_reload || service.needs_reload {
        actions.push(Action::run("let systemd read its unit files again", ["systemctl", "daemon-reload"]));
    }
    if !timer.is_enabled() || !timer.is_active() || anew {
        let slow = Duration::from_secs(120);
        actions.push(Action::run("look at the time from boot on", ["systemctl", "enable", at::TIMER_UNIT]).within(slow));
        actions.push(Action::run("look at the time from now on", ["systemctl", "restart", at::TIMER_UNIT]));
    }
    Outcome::from_actions(actions, "a maintenance ends in time")
}
