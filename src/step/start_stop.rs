//! Stopping and starting what is provisioned: unmounted and mounted, daemons ended and begun, masters kept from serving
//! by a durable word of their own (`mfs-ha stay-down`), so that keepalived never fights a planned stop.

use std::time::Duration;

use serde::Serialize;

use super::daemon::script;
use super::unmount::unmount;
use super::{Action, Outcome, StepDef, View, client, master};
use crate::fact::HostFacts;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Node, Role};

const STOP_UNIT: &str = include_str!("../../playbooks/files/mfs-stop-unit.sh");
const JOINED: &str = include_str!("../../playbooks/files/mfs-joined.sh");
const WHOLE: &str = include_str!("../../playbooks/files/mfs-whole.sh");
/// Longest time a daemon may take to stop: upstream's chunkserver unit allows ten minutes.
const STOPPED_WITHIN: Duration = Duration::from_secs(660);
/// Longest time an election, a promotion and the loading of the metadata may take together.
const SERVES_WITHIN: Duration = Duration::from_secs(900);
/// Longest time until all chunkservers are connected, and again until no chunk is missing.
const WHOLE_WITHIN: Duration = Duration::from_secs(300);

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "client-left", about: "MooseFS is unmounted, who keeps it busy is named", plan: unmounted },
    StepDef { name: "chunkserver-stopped", about: "The chunkserver has ended cleanly", plan: chunkserver },
    StepDef { name: "metalogger-stopped", about: "The metalogger has ended cleanly", plan: metalogger },
    StepDef { name: "takeover-down", about: "This master serves nothing and takes nothing over, also after a boot", plan: down },
    StepDef { name: "takeover-back", about: "This master may serve and take over again", plan: back },
    StepDef { name: "master-serves", about: "The master answers at the virtual address", plan: serves },
    StepDef { name: "chunkservers-whole", about: "Every chunkserver is connected and no chunk is missing", plan: whole },
    StepDef { name: "client-mounted", about: "MooseFS is mounted and answers", plan: mounted },
];

/// What a stop was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stopping {
    /// Detach mounts that are in use.
    pub lazy: bool,
    /// Why, for those who look later.
    pub why: String,
    /// Version of the metadata that the master told before.
    pub version: u64,
}

/// Mount points of the inventory at which MooseFS is mounted, the deepest first: one may lie on another.
#[must_use]
pub fn mounted_here<'a>(node: &'a Node, facts: &HostFacts) -> Vec<&'a str> {
    let mut here: Vec<&str> = node.mounts.iter().map(|m| m.path.as_str()).filter(|path| facts.client_mount(path).is_some()).collect();
    here.sort_by_key(|path| std::cmp::Reverse(path.len()));
    here
}

fn unmounted(view: &View) -> Outcome {
    let lazy = view.consent.stopping.as_ref().is_some_and(|s| s.lazy);
    let here = mounted_here(view.node, view.facts);
    Outcome::from_actions(here.into_iter().map(|path| unmount(path, lazy)).collect(), "nothing of MooseFS is mounted")
}

fn chunkserver(view: &View) -> Outcome {
    stopped(view, layout::CHUNKSERVER_UNIT, "mfschunkserver")
}

fn metalogger(view: &View) -> Outcome {
    stopped(view, layout::METALOGGER_UNIT, "mfsmetalogger")
}

fn stopped(view: &View, unit: &str, process: &str) -> Outcome {
    let name = unit.trim_end_matches(".service");
    if !view.facts.units.get(unit).is_active() && !view.facts.moosefs.runs(process) {
        return Outcome::Unchanged(format!("{name} does not run"));
    }
    let action = Action::run(format!("stop {name} and see it ended"), script(STOP_UNIT, &[unit, process]));
    Outcome::Do(vec![action.within(STOPPED_WITHIN)])
}

fn down(view: &View) -> Outcome {
    let (facts, cluster) = (view.facts, view.cluster);
    let primary = super::is_primary(cluster, view.state, &view.node.name);
    let serves = primary || facts.moosefs.runs("mfsmaster") || facts.mounts.at(&cluster.mount_point).is_some();
    if let Some((_, why)) = facts.takeover.down.as_ref().filter(|_| !serves) {
        return Outcome::Unchanged(format!("stopped on purpose: {why}"));
    }
    let stopping = view.consent.stopping.clone().unwrap_or_default();
    let version = if serves { stopping.version } else { 0 }.to_string();
    let argv = [at::HA_SCRIPT, "stay-down", &version, &stopping.why, &view.consent.operator];
    let title = if serves { "stop mfsmaster, let go of address and volume, stay so" } else { "take nothing over" };
    // An older mfs-ha would only print its usage.
    let knows = ["grep", "-q", "stay-down)", at::HA_SCRIPT];
    let order = Action::run(title, argv).require("mfs-ha can be stopped on purpose (`mfsctl provision` brings it up to date)", knows);
    let within = cluster.ha.stop_wait + Duration::from_secs(120);
    let wait = Action::wait("wait until it is down", [at::HA_SCRIPT, "await", "down", "5"], Duration::from_millis(200), within);
    Outcome::Do(vec![order, wait])
}

fn back(view: &View) -> Outcome {
    let units = [at::HA_AGENT_UNIT, at::HA_UNIT, at::KEEPALIVED_UNIT];
    let dead: Vec<&str> = units.into_iter().filter(|unit| !view.facts.units.get(unit).is_active()).collect();
    let mut actions = Vec::new();
    if view.facts.takeover.down.is_some() {
        actions.push(Action::run("let it serve and take over again", [at::HA_SCRIPT, "come-back"]));
    }
    if !dead.is_empty() {
        let argv = ["systemctl", "start"].into_iter().chain(dead.iter().copied());
        actions.push(Action::run(format!("start {}", dead.join(", ")), argv));
    }
    Outcome::from_actions(actions, "it may serve and take over")
}

/// Whether some master serves at the virtual address, as the facts show it.
fn somebody_serves<'a>(view: &View<'a>) -> Option<&'a Node> {
    view.cluster.with_role(Role::Master).find(|n| {
        super::facts_of(view.state, &n.name).is_some_and(|f| f.network.has(view.cluster.vip.address) && f.moosefs.runs("mfsmaster"))
    })
}

fn serves(view: &View) -> Outcome {
    if let Some(node) = somebody_serves(view) {
        return Outcome::Unchanged(format!("{} serves", node.name));
    }
    let title = format!("wait until a master serves at {}", view.cluster.vip.address);
    Outcome::Do(vec![Action::wait(title, [at::HA_SCRIPT, "wait-serving", "1"], Duration::from_secs(2), SERVES_WITHIN)])
}

/// The chunkservers' connections show that nothing has to be waited for; the checks at the end ask for the chunks.
fn whole(view: &View) -> Outcome {
    let port = master::port(view, "MATOCS_LISTEN_PORT", 9420);
    let peers = somebody_serves(view).and_then(|n| super::facts_of(view.state, &n.name)).and_then(|f| f.moosefs.peers.get(&port));
    // One that cannot be reached was left out by the operator, or has stopped the run already.
    let dead = |n: &&Node| matches!(view.state.get(&n.name), Some(Err(_)));
    let servers: Vec<_> = view.cluster.with_role(Role::Chunkserver).filter(|n| !dead(n)).collect();
    if servers.iter().all(|n| peers.is_some_and(|p| p.contains(&n.address))) {
        return Outcome::Unchanged(format!("all {} chunkservers are connected", servers.len()));
    }
    let vip = view.cluster.vip.address.to_string();
    let (port, seconds) = (master::client_port(view).to_string(), WHOLE_WITHIN.as_secs().to_string());
    let mut arguments = vec![vip.clone(), port.clone(), seconds.clone()];
    arguments.extend(servers.iter().map(|n| format!("{}={}", n.name, n.address)));
    let slack = Duration::from_secs(60);
    Outcome::Do(vec![
        Action::run(format!("wait until all {} chunkservers are connected", servers.len()), script(JOINED, &arguments))
            .within(WHOLE_WITHIN + slack),
        Action::run("wait until no chunk is missing", script(WHOLE, &[vip, port, seconds])).within(WHOLE_WITHIN + slack),
    ])
}

fn mounted(view: &View) -> Outcome {
    let present = view.node.mounts.iter().filter(|m| m.present).count();
    Outcome::from_actions(client::mounts_now(view), format!("{present} mounted, and answering"))
}

#[cfg(test)]
#[path = "start_stop_tests.rs"]
mod tests;
