//! The takeover set going, in the order that moves nothing: who serves already is confirmed, not demoted.

use std::time::Duration;

use crate::fact::HostFacts;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::Cluster;
use crate::step::{Action, Outcome, View};

/// drbd-utils 9 brings `drbd@RESOURCE.target`; older ones only `drbd.service`. Told apart on the node, which may
/// get the package in this very run. `$1` is the target, `$2` the unit that activates the volume.
const ENABLE_DRBD: &str = r#"
if [ -e /lib/systemd/system/drbd@.target ] || [ -e /usr/lib/systemd/system/drbd@.target ]; then
  systemctl -q disable drbd.service 2>/dev/null
  systemctl enable "$1" "$2" && systemctl start "$2" "$1"
else
  systemctl enable drbd.service
fi"#;
/// 0 when the agent calls this node fit; else says why not.
const FIT: &str = r#"read -r health <"$1" && [ "$health" = 0 ] && exit 0; cat "${1%health}why" >&2; exit 1"#;
/// The stage before this one saw it serve; this is the look of the standby itself.
const SERVES_WITHIN: Duration = Duration::from_secs(60);

/// Plans `ha-units`.
pub fn plan(view: &View) -> Outcome {
    let (facts, cluster) = (view.facts, view.cluster);
    let mut actions = Vec::new();
    if !drbd_at_boot(cluster, facts) {
        let argv = ["sh", "-c", ENABLE_DRBD, "mfsctl", &at::drbd_target(cluster), &at::drbd_lvchange(cluster)];
        actions.push(Action::run("bring DRBD up at boot", argv).within(Duration::from_secs(180)));
    }
    for (unit, what) in [(at::HA_AGENT_UNIT, "agent"), (at::HA_UNIT, "worker")] {
        let fact = facts.units.get(unit);
        if !fact.is_enabled() {
            actions.push(Action::run(format!("run the takeover's {what} at boot"), ["systemctl", "enable", unit]));
        }
        if !fact.is_active() || view.pending.contains(at::MARK_HA) {
            actions.push(Action::run(format!("start the takeover's {what}"), ["systemctl", "restart", unit]));
        }
    }
    if view.pending.contains(at::MARK_HA)
        && let Some(last) = actions.last_mut()
    {
        last.clears.push(at::MARK_HA.to_owned());
    }
    keepalived(view, &mut actions);
    let why = facts.takeover.wish.as_deref().unwrap_or("no wish yet");
    Outcome::from_actions(actions, format!("all running and enabled at boot; keepalived wishes: {why}"))
}

fn drbd_at_boot(cluster: &Cluster, facts: &HostFacts) -> bool {
    let (target, lvchange) = (facts.units.get(&at::drbd_target(cluster)), facts.units.get(&at::drbd_lvchange(cluster)));
    let old = facts.units.get(at::DRBD_UNIT);
    if target.exists() { target.is_enabled() && lvchange.is_enabled() && !old.is_enabled() } else { old.is_enabled() }
}

fn keepalived(view: &View, actions: &mut Vec<Action>) {
    let unit = view.facts.units.get(at::KEEPALIVED_UNIT);
    let changed = view.pending.contains(at::MARK_KEEPALIVED);
    if !unit.is_active() {
        // keepalived begins as backup wherever it begins. The one whose volume is mounted goes first, and becomes
        // master for want of another; the other joins when the service answers.
        if !view.is_active() {
            let serving = [at::HA_SCRIPT, "wait-serving", "1"];
            actions.push(Action::wait("wait until the active master serves", serving, Duration::from_secs(2), SERVES_WITHIN));
        }
        // Unfit, it would begin in fault, and fault means: let go.
        let fit = ["sh", "-c", FIT, "mfsctl", at::HA_HEALTH];
        actions.push(Action::wait("wait until the agent calls this node fit", fit, Duration::from_secs(1), Duration::from_secs(120)));
        actions.push(Action::run("start keepalived", ["systemctl", "start", at::KEEPALIVED_UNIT]).clears(at::MARK_KEEPALIVED));
    } else if changed {
        let reload = Action::run("let keepalived read its configuration again", ["systemctl", "reload", at::KEEPALIVED_UNIT]);
        actions.push(reload.clears(at::MARK_KEEPALIVED));
    }
    if !unit.is_enabled() {
        actions.push(Action::run("run keepalived at boot", ["systemctl", "enable", at::KEEPALIVED_UNIT]));
    }
}
