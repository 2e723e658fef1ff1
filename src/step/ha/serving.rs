//! The active master serves at the virtual address, with the settings that are on its disk.

use std::time::Duration;

use crate::fact::takeover;
use crate::inventory::layout::takeover as at;
use crate::step::{Action, Outcome, View};

/// Longest time an election, a promotion and the loading of the metadata may take together.
const SERVES_WITHIN: Duration = Duration::from_secs(900);

/// Plans `master-serving` on the active master.
pub fn plan(view: &View) -> Outcome {
    let (facts, vip) = (view.facts, view.cluster.vip.address);
    if let Some((_, why)) = &facts.takeover.down {
        return Outcome::refused(format!("this master is stopped on purpose: {why}"), "run `mfsctl start` first: until then nobody serves");
    }
    let here = facts.network.has(vip);
    let running = facts.units.get(at::MASTER_UNIT).is_active();
    let serves = here
        && running
        && facts.network.listener(vip, takeover::master_port(view.cluster)).is_some()
        && facts.takeover.wish.as_deref() == Some("master");
    let restart = view.pending.contains(at::MARK_MASTER_RESTART);
    let reload = view.pending.contains(at::MARK_MASTER_RELOAD);
    let mut actions = Vec::new();
    if !serves {
        let wait = [at::HA_SCRIPT, "wait-serving", "1"];
        let wait = Action::wait(format!("wait until the master serves at {vip}"), wait, Duration::from_secs(2), SERVES_WITHIN);
        // Not running at the survey, it is started in this run, after its settings were written.
        if !running {
            return Outcome::Do(vec![wait.clears(at::MARK_MASTER_RESTART).clears(at::MARK_MASTER_RELOAD)]);
        }
        actions.push(wait);
    }
    if restart {
        let action = Action::run("restart mfsmaster, held where it is", [at::HA_SCRIPT, "restart-master"]).within(SERVES_WITHIN);
        actions.push(action.clears(at::MARK_MASTER_RESTART).clears(at::MARK_MASTER_RELOAD));
    } else if reload {
        actions.push(Action::run("let mfsmaster read its settings again", [at::HA_SCRIPT, "reload-master"]).clears(at::MARK_MASTER_RELOAD));
    }
    Outcome::from_actions(actions, format!("serves at {vip}"))
}
