#![allow(clippy::unwrap_used, clippy::type_complexity)]

use super::*;
use crate::fact::ha_report::Pause;
use crate::fact::ha_report::parse;

fn pair() -> (HaReport, HaReport) {
    let mut active = parse(include_str!("../../tests/fixtures/ha/report-active.txt")).unwrap();
    active.hold = None;
    let mut standby = active.clone();
    (standby.node, standby.wish, standby.role, standby.peer_role) = ("m2".into(), "backup".into(), "Secondary".into(), "Primary".into());
    (standby.mounted, standby.listening, standby.vip, standby.master) = (false, false, false, "inactive".into());
    (active, standby)
}

/// From one witness to three, of which one is silent.
fn change_of_witnesses(report: &mut HaReport, silent: &str) {
    let address = |n: &str| format!("10.0.0.{n}").parse().unwrap();
    let vote = |n: &str| (address(n), if n == silent { Vote::Silent } else { Vote::Free });
    report.votes = Some(["1", "2", "3"].map(vote).into());
    report.witness_lists = vec![["1", "2", "3"].map(address).into(), vec![address("1")]];
}

fn told(change: impl Fn(&mut HaReport, &mut HaReport)) -> String {
    let (mut active, mut standby) = pair();
    change(&mut active, &mut standby);
    let layers = [("m1".to_owned(), Ok(active)), ("m2".to_owned(), Ok(standby))];
    judge(&layers).iter().map(|f| format!("{} {}: {}\n", f.severity.word(), f.subject, f.message)).collect()
}

#[test]
fn a_healthy_pair_has_nothing_to_say() {
    assert_eq!(told(|_, _| ()), "");
}

#[test]
fn every_contradiction_is_named() {
    let hold = || Some(Pause { left: 90, why: "new switch".into(), by: "ann@desk".into() });
    let held = |votes: &str| Some([("10.0.0.1".parse().unwrap(), Vote::Held(votes.into()))].into());
    let cases: Vec<(Box<dyn Fn(&mut HaReport, &mut HaReport)>, &str)> = vec![
        (Box::new(|_, b| b.role = "Primary".into()), "critical cluster: m1 and m2 are both Primary"),
        (Box::new(|_, b| b.vip = true), "critical m2: it has the virtual address, yet it is not Primary"),
        (Box::new(|a, _| a.role = "Secondary".into()), "neither master is Primary"),
        (Box::new(|a, _| a.mounted = false), "critical m1: it is Primary, yet the volume is not mounted"),
        (Box::new(|a, _| a.listening = false), "critical m1: it is Primary, yet mfsmaster does not listen"),
        (Box::new(|_, b| b.listening = true), "critical m2: mfsmaster listens, yet it is not Primary"),
        (Box::new(|_, b| b.wish = "master".into()), "critical cluster: keepalived wishes m1 and m2 to be active at once"),
        (Box::new(|a, _| a.wish = "backup".into()), "warning m1: wish and role disagree: m1 stops mfsmaster"),
        (Box::new(move |a, _| a.hold = hold()), "warning cluster: the hold is on m1 only"),
        (Box::new(move |a, b| (a.hold, b.hold) = (hold(), hold())), "warning m2: on hold for another 90 s, by ann@desk: new switch"),
        (Box::new(move |a, _| (a.hold, a.wish) = (hold(), "stop".into())), "warning m1: when the hold ends: m1 stops mfsmaster"),
        (Box::new(|a, _| a.keepalived = "failed".into()), "warning m1: keepalived is failed"),
        (Box::new(|_, b| b.agent = "inactive".into()), "warning m2: mfs-ha-agent is inactive"),
        (Box::new(|_, b| b.connection = "StandAlone".into()), "warning m2: replication is StandAlone"),
        (
            Box::new(move |a, _| (a.holding, a.votes) = (true, held("m2"))),
            "critical m1: it believes that it holds the votes, the witnesses name m2",
        ),
        (Box::new(|a, _| a.votes = Some([("10.0.0.1".parse().unwrap(), Vote::Silent)].into())), "without a majority it cannot go on alone"),
        (Box::new(|_, b| change_of_witnesses(b, "1")), "without a majority it cannot go on alone"),
        (Box::new(|_, b| change_of_witnesses(b, "2")), "1 of 3 witnesses do not answer: 10.0.0.2"),
        (
            Box::new(|_, b| b.new_chunks_untold = Some("chunkserver 10.0.0.12 cannot tell: see its journal".into())),
            "warning m2: at a start it would not learn which new chunks are nowhere: chunkserver 10.0.0.12 cannot tell",
        ),
        (Box::new(|_, b| b.witnesses_change = true), "warning m2: a majority of the witnesses of before is needed too"),
        (Box::new(|a, _| a.peer_role = "Primary".into()), "warning m1: it takes m2 for Primary, which calls itself Secondary"),
        (
            Box::new(|a, _| a.space = crate::fact::ha_report::Space::parse("low 20 505 25")),
            "warning m1: the metadata volume is nearly full: 20 of 505 MiB free, 25 MiB in reserve",
        ),
        (
            Box::new(|a, _| a.space = crate::fact::ha_report::Space::parse("full 3 505 0")),
            "critical m1: the metadata volume is FULL: 3 of 505 MiB free, no reserve",
        ),
        (Box::new(|_, b| (b.healthy, b.why) = (Some(false), "the disk is Diskless".into())), "warning m2: unfit: the disk is Diskless"),
    ];
    for (change, expected) in cases {
        let text = told(change);
        assert!(text.contains(expected), "{expected:?} is not in:\n{text}");
    }
    let lost = judge(&[("m1".into(), Ok(pair().0)), ("m2".into(), Err("unreachable".into()))]);
    assert!(lost[0].message.contains("could not be asked: unreachable") && !healthy(&lost));
    assert!(!told(|_, b| change_of_witnesses(b, "2")).contains("without a majority"));
}

#[test]
fn a_change_under_way_is_no_fault() {
    let text = told(|a, _| (a.busy, a.mounted, a.listening) = (true, false, false));
    assert_eq!(text, "notice m1: a promotion or demotion is under way\n");
}

#[test]
fn what_a_release_sets_off() {
    let (mut active, mut standby) = pair();
    assert!(after_release(&[("m1".into(), Ok(active.clone())), ("m2".into(), Ok(standby.clone()))]).is_empty());
    (active.wish, standby.wish) = ("undecided".into(), "master".into());
    let words = after_release(&[("m1".into(), Ok(active)), ("m2".into(), Ok(standby))]);
    assert!(words[0].contains("keepalived was restarted") && words[1].contains("m2 becomes active"), "{words:?}");
}
