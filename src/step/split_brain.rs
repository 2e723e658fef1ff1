//! Healing a split brain: one side is kept, the other gives up its changes once its metadata is kept aside.

use std::time::Duration;

use super::drbd::sync::{IN_SYNC, SYNC_WITHIN};
use super::drbd::with_state;
use super::{Action, Outcome, ProgressOf, StepDef, View};
use crate::inventory::layout::takeover as at;

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "takeover-hold", about: "Neither master promotes or demotes itself meanwhile", plan: hold },
    StepDef { name: "split-brain-let-go", about: "The side to be discarded serves nobody", plan: let_go },
    StepDef { name: "split-brain-save", about: "The discarded side's metadata is kept on its node", plan: save },
    StepDef { name: "split-brain-part", about: "The kept side waits with its answer until the other gives up", plan: part_ways },
    StepDef { name: "split-brain-discard", about: "The discarded side waits for the other's data", plan: discard },
    StepDef { name: "split-brain-connect", about: "The kept side sends its data", plan: connect },
    StepDef { name: "split-brain-synchronise", about: "Both sides hold the same data", plan: synchronise },
    StepDef { name: "votes-release", about: "The witnesses' votes are given back", plan: votes },
    StepDef { name: "takeover-release", about: "The takeover's hold of this playbook is ended", plan: release },
    StepDef { name: "pair-serving", about: "mfsmaster answers at the virtual address", plan: serving },
];

/// Why this playbook's hold is set; a hold with another reason is somebody else's.
pub const HOLD_REASON: &str = "split-brain resolve";
/// Longest hold the takeover script takes.
const HOLD_SECONDS: &str = "3600";
/// A foreign hold that lasts this long is long enough.
const LONG_ENOUGH: u64 = 1200;
/// `drbdadm disconnect` of what is not connected: nothing to do (drbdsetup's 10, drbd-utils' 162 "unknown connection").
const NOT_CONNECTED: &[i32] = &[0, 10, 162];

/// 0 when the two sides are not connected to each other.
const APART: &str = r#"
case $(state "$1" "$2") in cs:StandAlone\ *|cs:WFConnection\ *|cs:Connecting\ *|cs:Disconnecting\ *|cs:Unconnected\ *) exit 0 ;; esac
state "$1" "$2" >&2; exit 1"#;
/// 0 when this side tries no connection.
const ALONE: &str = r#"
case $(state "$1" "$2") in cs:StandAlone\ *) exit 0 ;; esac
exit 1"#;
/// 0 when the two sides are not connected and this one is neither Primary nor mounted.
const APART_AND_IDLE: &str = r#"
case $(state "$1" "$2") in *ro:Primary*) echo 'it is Primary' >&2; exit 1 ;; cs:StandAlone\ *|cs:WFConnection\ *|cs:Connecting\ *|cs:Unconnected\ *) ;;
*) state "$1" "$2" >&2; exit 1 ;; esac
/usr/local/sbin/mfs-ha saved-side"#;
/// 0 once the two sides speak to each other.
const TOGETHER: &str = r#"
case $(state "$1" "$2") in cs:StandAlone\ *|cs:WF[CR]*|cs:Connecting\ *|cs:Unconnected\ *|cs:\ *) state "$1" "$2" >&2; exit 1 ;; esac
exit 0"#;
/// 0 unless this side gave the connection up.
const NOT_REFUSED: &str = r#"
case $(state "$1" "$2") in cs:StandAlone\ *) dmesg | grep drbd | tail -n 3 >&2; exit 1 ;; esac
exit 0"#;

/// Which part this node has.
#[derive(PartialEq)]
enum Part {
    Kept,
    Discarded,
}

fn part(view: &View) -> Result<Part, Outcome> {
    match view.consent.keep.as_deref() {
        Some(keep) if keep == view.node.name => Ok(Part::Kept),
        Some(_) => Ok(Part::Discarded),
        None => Err(Outcome::refused("nobody said which side to keep", "run `mfsctl split-brain resolve --keep NODE`")),
    }
}

/// Whether the sides are connected already: then DRBD has decided, and nothing is discarded any more.
fn together(view: &View) -> Option<Outcome> {
    let resource = view.facts.drbd.resource(view.cluster)?;
    resource.connection.is_connected().then(|| Outcome::Unchanged(format!("the sides are connected ({})", resource.connection)))
}

/// Why a step of one side has nothing to do here: this is the other side (`otherwise`), or the sides are connected.
fn not_for(view: &View, side: Part, otherwise: &str) -> Option<Outcome> {
    match part(view) {
        Err(refused) => Some(refused),
        Ok(here) if here != side => Some(Outcome::Unchanged(otherwise.to_owned())),
        Ok(_) => together(view),
    }
}

fn hold(view: &View) -> Outcome {
    if let Some(hold) = &view.facts.takeover.hold
        && hold.left >= LONG_ENOUGH
    {
        return Outcome::Unchanged(format!("on hold for {} by {}: {}", hold.remaining(), hold.by, hold.why));
    }
    let hold = [at::HA_SCRIPT, "hold", HOLD_SECONDS, HOLD_REASON, &view.consent.operator];
    Outcome::Do(vec![Action::run("suspend the takeover for an hour at most", hold)])
}

fn let_go(view: &View) -> Outcome {
    if let Some(outcome) = not_for(view, Part::Discarded, "this side is kept") {
        return outcome;
    }
    let facts = view.facts;
    let primary = facts.drbd.resource(view.cluster).is_some_and(|r| r.role == crate::fact::drbd_status::DrbdRole::Primary);
    let mounted = facts.mounts.at(&view.cluster.mount_point).is_some();
    if !primary && !mounted && !facts.moosefs.runs("mfsmaster") {
        return Outcome::Unchanged("it is Secondary and serves nobody".to_owned());
    }
    let deadline = view.cluster.ha.stop_wait + Duration::from_secs(180);
    let demote = Action::run("stop mfsmaster, unmount, become secondary", [at::HA_SCRIPT, "demote"]).within(deadline);
    Outcome::Do(vec![demote.require("the two sides are not connected", with_state(view.cluster, APART))])
}

fn save(view: &View) -> Outcome {
    if let Some(outcome) = not_for(view, Part::Discarded, "this side is kept") {
        return outcome;
    }
    let action = Action::run("keep its metadata and changelogs under /var/lib/mfs-ha/split-brain", [at::HA_SCRIPT, "save-side"]);
    Outcome::Do(vec![action.within(Duration::from_secs(1800))])
}

fn discard(view: &View) -> Outcome {
    if let Some(outcome) = not_for(view, Part::Discarded, "this side is kept") {
        return outcome;
    }
    let resource = view.cluster.drbd.resource.as_str();
    let guard = || with_state(view.cluster, APART_AND_IDLE);
    let because = "not connected, not Primary, and a whole copy of its metadata is kept";
    Outcome::Do(vec![
        accept(Action::run("end attempts to connect", ["drbdadm", "disconnect", resource]), NOT_CONNECTED).require(because, guard()),
        Action::run("stay secondary", ["drbdadm", "secondary", resource]),
        Action::run("connect, giving up its own changes", ["drbdadm", "connect", "--discard-my-data", resource]).require(because, guard()),
    ])
}

fn connect(view: &View) -> Outcome {
    if let Some(outcome) = not_for(view, Part::Kept, "this side waits for the other") {
        return outcome;
    }
    let connect = Action::run("connect with its data", ["drbdadm", "connect", &view.cluster.drbd.resource]);
    Outcome::Do(vec![connect.only_if("it is not connected yet", with_state(view.cluster, ALONE))])
}

/// An attempt to connect that was begun earlier would meet the other side's at once, and may itself carry
/// --discard-my-data, from a run that kept the other side: it is ended before.
fn part_ways(view: &View) -> Outcome {
    if let Some(outcome) = not_for(view, Part::Kept, "this side gives up in the next step") {
        return outcome;
    }
    let disconnect = accept(Action::run("end attempts to connect", ["drbdadm", "disconnect", &view.cluster.drbd.resource]), NOT_CONNECTED);
    Outcome::Do(vec![disconnect.only_if("the two sides are not connected", with_state(view.cluster, APART))])
}

fn synchronise(view: &View) -> Outcome {
    if view.facts.drbd.resource(view.cluster).is_some_and(crate::fact::drbd_status::DrbdResource::in_sync) {
        return Outcome::Unchanged("Connected, UpToDate/UpToDate".to_owned());
    }
    let second = Duration::from_secs(1);
    let meet = Action::wait("wait until both are connected", with_state(view.cluster, TOGETHER), second, Duration::from_secs(90));
    let equal = Action::wait("synchronise", with_state(view.cluster, IN_SYNC), second, SYNC_WITHIN).progress(ProgressOf::DrbdSync);
    Outcome::Do(vec![meet, equal.require("neither side refused the other again", with_state(view.cluster, NOT_REFUSED))])
}

fn votes(view: &View) -> Outcome {
    let in_sync = view.facts.drbd.resource(view.cluster).is_some_and(crate::fact::drbd_status::DrbdResource::in_sync);
    if in_sync && !view.facts.takeover.holding {
        return Outcome::Unchanged("it holds no votes".to_owned());
    }
    let wait = Action::wait("give the votes back", [at::HA_SCRIPT, "release"], Duration::from_secs(2), Duration::from_secs(60));
    Outcome::Do(vec![wait])
}

fn release(view: &View) -> Outcome {
    match &view.facts.takeover.hold {
        Some(hold) if hold.why != HOLD_REASON => {
            Outcome::Unchanged(format!("it is on hold by {} for another reason: {}", hold.by, hold.why))
        }
        // None yet, and one of ours will be there when it comes to this.
        None if synchronised(view) => Outcome::Unchanged("it is not on hold".to_owned()),
        _ => Outcome::Do(vec![Action::run("end the hold", [at::HA_SCRIPT, "unhold"])]),
    }
}

fn synchronised(view: &View) -> bool {
    view.facts.drbd.resource(view.cluster).is_some_and(crate::fact::drbd_status::DrbdResource::in_sync)
}

fn serving(view: &View) -> Outcome {
    if synchronised(view) && view.facts.takeover.hold.is_none() {
        return Outcome::Unchanged("the takeover decides who serves".to_owned());
    }
    let keepalived = view.state.values().flatten().any(|facts| facts.units.get(at::KEEPALIVED_UNIT).is_active());
    let foreign = view.state.values().flatten().any(|f| f.takeover.hold.as_ref().is_some_and(|h| h.why != HOLD_REASON));
    if !keepalived || foreign {
        return Outcome::Unchanged("the takeover is stopped or on hold: nobody is to serve by itself".to_owned());
    }
    let wait = Action::run("wait until mfsmaster answers at the virtual address", [at::HA_SCRIPT, "wait-serving", "150"]);
    Outcome::Do(vec![wait.within(Duration::from_secs(170))])
}

fn accept(mut action: Action, ok: &[i32]) -> Action {
    if let super::ActionKind::Run(run) = &mut action.kind {
        run.ok = ok.to_vec();
    }
    action
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::fact::HostFacts;
    use crate::fact::ha_report::Pause;
    use crate::step::{ClusterState, Consent};

    const SPLIT: &str = include_str!("../../tests/fixtures/drbd/proc/splitbrain-standalone.node1.txt");
    const IN_SYNC_NOW: &str = include_str!("../../tests/fixtures/drbd/proc/connected-primary-secondary.node1.txt");

    fn planned(proc: &str, node: usize, change: impl Fn(&mut HostFacts)) -> Vec<(&'static str, Outcome)> {
        let cluster = crate::step::testing::cluster();
        let mut facts = HostFacts::default();
        facts.drbd.status = crate::fact::drbd_status::parse(proc, "").unwrap();
        change(&mut facts);
        let state: ClusterState = [(cluster.nodes[node].name.clone(), Ok(facts.clone()))].into();
        let consent = Consent { keep: Some("node1".into()), ..Consent::default() };
        let pending = std::collections::BTreeSet::new();
        let view =
            View { cluster: &cluster, node: &cluster.nodes[node], facts: &facts, state: &state, pending: &pending, consent: &consent };
        STEPS.iter().map(|s| (s.name, (s.plan)(&view))).collect()
    }

    fn titles(plan: &[(&'static str, Outcome)]) -> Vec<String> {
        let actions = plan.iter().flat_map(|(_, o)| if let Outcome::Do(actions) = o { actions.clone() } else { Vec::new() });
        actions.map(|a| a.title).collect()
    }

    #[test]
    fn the_kept_side_gives_nothing_up_and_the_other_saves_before_it_does() {
        let kept = titles(&planned(SPLIT, 0, |_| ()));
        assert!(!kept.iter().any(|t| t.contains("giving up") || t.contains("unmount")), "{kept:?}");
        assert!(kept.contains(&"connect with its data".to_owned()));
        let other = titles(&planned(SPLIT, 1, |_| ()));
        let at = |what: &str| other.iter().position(|t| t.contains(what)).unwrap_or_else(|| panic!("{what}: {other:?}"));
        assert!(at("suspend") < at("unmount") && at("unmount") < at("keep its metadata") && at("keep its metadata") < at("giving up"));
        assert!(at("synchronise") < at("end the hold"));
    }

    #[test]
    fn nothing_is_given_up_without_a_whole_copy_or_while_connected() {
        let plan = planned(SPLIT, 1, |_| ());
        let Some((_, Outcome::Do(actions))) = plan.iter().find(|(name, _)| *name == "split-brain-discard") else { panic!("{plan:?}") };
        for action in actions.iter().filter(|a| !a.title.contains("secondary")) {
            let guard = action.guard.as_ref().unwrap();
            assert!(guard.argv.iter().any(|w| w.contains("saved-side")) && guard.otherwise == super::super::Otherwise::Stop);
        }
    }

    #[test]
    fn once_in_sync_nothing_is_left_but_what_an_interrupted_run_left() {
        let clean = planned(IN_SYNC_NOW, 1, |f| f.takeover.hold = Some(Pause { left: 3000, why: "new switch".into(), by: "a@b".into() }));
        assert_eq!(titles(&clean), Vec::<String>::new());
        let left = planned(IN_SYNC_NOW, 1, |f| {
            f.takeover.hold = Some(Pause { left: 3000, why: HOLD_REASON.into(), by: "mfsctl".into() });
            f.takeover.holding = true;
        });
        assert_eq!(titles(&left), ["give the votes back", "end the hold"]);
    }

    #[test]
    fn nobody_said_which_side() {
        let cluster = crate::step::testing::cluster();
        let (facts, state, pending) = (HostFacts::default(), ClusterState::new(), std::collections::BTreeSet::new());
        let consent = Consent::default();
        let view = View { cluster: &cluster, node: &cluster.nodes[1], facts: &facts, state: &state, pending: &pending, consent: &consent };
        for step in [let_go, save, part_ways, discard, connect] {
            assert!(matches!(step(&view), Outcome::Refused(_)));
        }
    }
}
