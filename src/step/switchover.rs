//! The planned switchover: the active node yields, its peer is elected and takes over, and both are looked at until
//! it is so. The nodes do the moving by themselves, so that it also ends well when mfsctl is cut off from them.

use std::time::Duration;

use serde::Serialize;

use super::drbd::with_state;
use super::{Action, Outcome, StepDef, View};
use crate::inventory::layout::takeover as at;
use crate::inventory::model::Cluster;

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
/// 0 unless this node is Primary.
const NOT_PRIMARY: &str = r#"
case $(state "$1" "$2") in *ro:Primary*) exit 1 ;; esac
exit 0"#;
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

/// How far a forced takeover has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// The witnesses can arbitrate: their votes prove that the peer cannot go on.
    Claim,
    /// The votes must be taken from the peer: a person says that it is dead.
    Seize,
    /// No majority of witnesses can be asked: a person alone says that it is dead.
    Alone,
}

/// Actions with which a node takes over though its peer is gone, and those that undo them. See [`Means`].
#[must_use]
pub fn forced(cluster: &Cluster, means: Means, older_data: bool) -> (Vec<Action>, Vec<Action>) {
    let ha = |words: &[&str]| std::iter::once(at::HA_SCRIPT).chain(words.iter().copied()).map(str::to_owned).collect::<Vec<_>>();
    let mut actions = vec![
        Action::run("start keepalived, agent and worker", ["systemctl", "start", at::HA_AGENT_UNIT, at::HA_UNIT, at::KEEPALIVED_UNIT]),
        Action::run("hold the takeover while the votes are taken", ha(&["hold", "300", "forced takeover"])),
        Action::run("forget earlier faults", ha(&["clear-fault"])),
        Action::run("stand for election", ha(&["stand"])),
        await_state("wait until keepalived elects it".to_owned(), "elected", Duration::from_secs(40)),
    ];
    match means {
        // The promotion itself claims them.
        Means::Claim => {}
        Means::Seize => actions.push(Action::run("take the votes from the dead peer", ha(&["seize", "THE-PEER-IS-DEAD"]))),
        Means::Alone => {
            actions.push(Action::run("go on without witnesses", ha(&["seize", "THE-PEER-IS-DEAD", "WITHOUT-WITNESSES"])));
        }
    }
    if older_data {
        if means == Means::Claim {
            actions.push(Action::run("take the votes", ha(&["seize", "THE-PEER-IS-DEAD"])));
        }
        actions.push(Action::run("make this side's data the only data", ha(&["force-primary", "I-ACCEPT-THE-LOSS"])));
    }
    actions.push(Action::run("end the hold: the takeover goes on", ha(&["unhold"])));
    let title = format!("wait until it serves at {}", cluster.vip.address);
    actions.push(await_state(title, "serving", SERVES_WITHIN));
    // One that is Primary already goes on.
    let decline = Action::run("take nothing over", ha(&["decline", "forced takeover undone"]));
    let undo = vec![decline.only_if("it is not Primary", with_state(cluster, NOT_PRIMARY)), Action::run("end the hold", ha(&["unhold"]))];
    (actions, undo)
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
