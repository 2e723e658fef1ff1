//! The planned switchover: the active node yields, its peer is elected and takes over, and both are looked at until
//! it is so. The nodes do the moving by themselves, so that it also ends well when mfsctl is cut off from them.

use std::time::Duration;

use super::{Action, Outcome, StepDef, View};
use crate::inventory::layout::takeover as at;

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "takeover-yield", about: "The active node lets its peer be elected, and serves on", plan: give },
    StepDef { name: "takeover-let-go", about: "The active node stops serving, now that its peer is elected", plan: let_go },
    StepDef { name: "takeover-keep", about: "The active node serves on, or again", plan: keep },
    StepDef { name: "takeover-decline", about: "This node takes nothing over", plan: decline },
    StepDef { name: "takeover-elected", about: "keepalived elects this node", plan: elected },
    StepDef { name: "drbd-promote", about: "This node is Primary: the point of no return", plan: promoted },
    StepDef { name: "takeover-serving", about: "This node serves at the virtual address", plan: serving },
    StepDef { name: "takeover-standby", about: "This node let go of everything and is the standby", plan: standby },
];

/// How long a node yields at most: an election takes a few seconds, and whoever is elected stays so.
const YIELD_SECONDS: u32 = 30;
/// Longest time of an election (three advertisements and their skew, with room for a busy node); well within the yield.
const ELECTED_WITHIN: Duration = Duration::from_secs(15);
/// Longest time loading the metadata may take; it ends earlier when it fails.
const SERVES_WITHIN: Duration = Duration::from_secs(900);
/// The exit status of `mfs-ha await` that means "never".
const NEVER: i32 = 3;

fn await_state(title: String, state: &str, within: Duration) -> Action {
    Action::wait(title, [at::HA_SCRIPT, "await", state, "5"], Duration::from_millis(200), within).hopeless(NEVER)
}

fn give(view: &View) -> Outcome {
    let Some(peer) = view.cluster.peer(view.node) else {
        return Outcome::refused("the cluster has one master", "a switchover needs a second one");
    };
    let argv = [at::HA_SCRIPT.to_owned(), "yield".to_owned(), YIELD_SECONDS.to_string(), "mfsctl".to_owned()];
    Outcome::Do(vec![Action::run(format!("let {} be elected", peer.name), argv)])
}

fn let_go(view: &View) -> Outcome {
    let Some(peer) = view.cluster.peer(view.node) else {
        return Outcome::refused("the cluster has one master", "a switchover needs a second one");
    };
    Outcome::Do(vec![Action::run(format!("let {} take over", peer.name), [at::HA_SCRIPT, "let-go"])])
}

fn keep(view: &View) -> Outcome {
    let vip = view.cluster.vip.address;
    Outcome::Do(vec![
        Action::run("yield no longer", [at::HA_SCRIPT, "unyield"]),
        await_state(format!("wait until it serves at {vip} again"), "serving", SERVES_WITHIN),
    ])
}

fn decline(_: &View) -> Outcome {
    Outcome::Do(vec![Action::run("take nothing over", [at::HA_SCRIPT, "decline", "switchover undone"])])
}

fn elected(_: &View) -> Outcome {
    Outcome::Do(vec![await_state("wait until keepalived elects it".to_owned(), "elected", ELECTED_WITHIN)])
}

fn promoted(view: &View) -> Outcome {
    // The peer gets its time to stop, then this node its time to promote.
    let within = view.cluster.ha.stop_wait + view.cluster.ha.promote_wait + Duration::from_secs(30);
    Outcome::Do(vec![await_state("wait until it is Primary".to_owned(), "primary", within)])
}

fn serving(view: &View) -> Outcome {
    let vip = view.cluster.vip.address;
    Outcome::Do(vec![await_state(format!("wait until it serves at {vip}"), "serving", SERVES_WITHIN)])
}

fn standby(view: &View) -> Outcome {
    let within = view.cluster.ha.stop_wait + Duration::from_secs(60);
    Outcome::Do(vec![
        await_state("wait until it is the standby".to_owned(), "standby", within),
        Action::run("note that the switchover is over", [at::HA_SCRIPT, "unyield"]),
    ])
}
