#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::fact::side::parse;

const M1: &str = include_str!("../../tests/fixtures/ha/side-split-m1.txt");
const M2: &str = include_str!("../../tests/fixtures/ha/side-split-m2.txt");

fn sides() -> (Side, Side) {
    (parse(M1).unwrap(), parse(M2).unwrap())
}

fn generation(text: &str) -> Generation {
    Generation::read(text).unwrap()
}

#[test]
fn generations_compare_as_drbd_does_at_a_handshake() {
    let told = |a: &str, b: &str| compare(Some(&generation(a)), Some(&generation(b)));
    // The lowest bit of the current one only says who is Primary.
    assert_eq!(told("A1:0:B0:0", "A0:0:B0:0"), Relation::Same);
    assert_eq!(told("C0:A0:B0:0", "A0:0:B0:0"), Relation::FirstNewer);
    assert_eq!(told("A0:0:B0:0", "C0:A0:B0:0"), Relation::SecondNewer);
    assert_eq!(told("D0:C0:A0:0", "A0:0:B0:0"), Relation::FirstNewer);
    assert_eq!(told("C0:A0:B0:0", "D0:A0:B0:0"), Relation::Diverged);
    assert_eq!(told("C0:A0:0:0", "D0:E0:A0:0"), Relation::Diverged);
    assert_eq!(told("C0:A0:0:0", "D0:E0:F0:0"), Relation::Unrelated);
    assert_eq!(compare(None, Some(&generation("A0:0:0:0"))), Relation::Unknown);
}

#[test]
fn a_real_split_brain_is_seen_compared_and_judged() {
    let (m1, m2) = sides();
    let verdict = judge(&m1, &m2);
    assert_eq!((verdict.state, verdict.relation), (State::SplitBrain, Relation::Diverged));
    assert!(verdict.because.iter().any(|b| b.contains("Split-Brain detected")), "{:?}", verdict.because);
    // Five files were made while both were together: 25 changes after the first four, and one more.
    assert_eq!(verdict.common, Some(31));
    let [Some(one), Some(two)] = &verdict.own else { panic!("both were read") };
    assert_eq!((one.ids, one.operations["CREATE"], two.operations["CREATE"]), (Some((31, 234)), 40, 3));
    assert_eq!(two.ids, Some((31, 85)));
    assert!(one.files > two.files && two.files > 0);
    assert_eq!(verdict.keep.as_deref(), Some("m1"));
    assert!(verdict.reason.contains("serves clients now"), "{}", verdict.reason);
    // The order in which they are named changes nothing.
    let other = judge(&m2, &m1);
    assert_eq!((other.keep, other.common, other.state), (verdict.keep, verdict.common, verdict.state));
}

#[test]
fn whoever_is_only_asked_about_one_side_recommends_nothing() {
    let (m1, mut m2) = sides();
    m2.unread = Some("no loop device".into());
    let verdict = judge(&m1, &m2);
    assert_eq!((verdict.state, verdict.common, verdict.keep), (State::SplitBrain, None, None));
    assert!(verdict.own[1].is_none() && verdict.reason.contains("m2"));
}

#[test]
fn no_recommendation_where_the_signs_disagree() {
    let (mut m1, mut m2) = sides();
    (m1.vip, m2.vip, m2.listening) = (false, true, true);
    let verdict = judge(&m1, &m2);
    assert_eq!(verdict.keep, None);
    assert!(verdict.reason.contains("yet m2 is the one that serves"), "{}", verdict.reason);
    let (m1, mut m2) = sides();
    m2.metadata[0].id = Some("0000000000000001".into());
    let verdict = judge(&m1, &m2);
    assert_eq!((verdict.keep, verdict.common), (None, None));
    assert!(verdict.reason.contains("different file systems"));
}

#[test]
fn a_side_without_own_changes_of_files_costs_nothing() {
    let (mut m1, m2) = sides();
    m1.changes = m1.changes.range(..30).map(|(id, c)| (*id, c.clone())).collect();
    m1.listening = false;
    let verdict = judge(&m1, &m2);
    assert_eq!(verdict.keep.as_deref(), Some("m2"));
    assert!(verdict.reason.contains("loses no change"), "{}", verdict.reason);
}

#[test]
fn what_is_no_split_brain_is_told_apart() {
    let with = |change: &dyn Fn(&mut Side, &mut Side)| {
        let (mut m1, mut m2) = sides();
        m1.generation = Some(generation("C0:A0:B0:0"));
        m2.generation = Some(generation("A0:0:B0:0"));
        m1.kernel.clear();
        m2.kernel.clear();
        change(&mut m1, &mut m2);
        judge(&m1, &m2).state
    };
    let cut = |side: &mut Side| side.connection = "WFConnection".into();
    assert_eq!(with(&|a, b| (cut(a), cut(b)).1), State::Disconnected);
    // Cut by hand, without a word of the kernel's.
    assert_eq!(with(&|_, _| ()), State::Disconnected);
    assert_eq!(with(&|a, _| a.kernel.push("drbd mfs: Authentication of peer failed, trying again.".into())), State::WrongSecret);
    assert_eq!(with(&|a, _| a.kernel.push("block drbd0: The peer's disk size is too small!".into())), State::SizesDiffer);
    assert_eq!(with(&|a, b| (a.generation, b.generation) = (None, None)), State::Unknown);
    assert_eq!(with(&|a, _| a.generation = Some(generation("1110:2220:3330:0"))), State::Unrelated);
    let connected = |a: &mut Side, b: &mut Side, state: &str| {
        for side in [a, b] {
            (side.connection, side.disk, side.peer_disk) = (state.into(), "UpToDate".into(), "UpToDate".into());
        }
    };
    assert_eq!(with(&|a, b| connected(a, b, "Connected")), State::InSync);
    assert_eq!(with(&|a, b| connected(a, b, "SyncSource")), State::Resyncing);
    // An old split brain in the kernel's log is no present one.
    assert_eq!(with(&|a, b| (a.kernel.push("Split-Brain detected".into()), cut(a), cut(b)).1), State::Disconnected);
}

/// Only the newest changes are told. Where those of one side all come after the other's last one, their numbers say nothing.
#[test]
fn nothing_is_recommended_where_the_changelogs_do_not_reach_back() {
    let (mut m1, m2) = sides();
    m1.changes = m1.changes.range(200..).map(|(id, c)| (*id, c.clone())).collect();
    for (first, second) in [(&m1, &m2), (&m2, &m1)] {
        let verdict = judge(first, second);
        assert_eq!((verdict.state, verdict.common, verdict.keep), (State::SplitBrain, None, None));
        assert!(verdict.reason.contains("do not reach back"), "{}", verdict.reason);
    }
}

/// The sides are asked at once, and notice a cut within seconds of each other.
#[test]
fn a_line_that_only_one_side_knows_to_be_lost_is_not_connected() {
    let (mut m1, mut m2) = sides();
    (m1.connection, m2.connection) = ("WFConnection".into(), "Connected".into());
    for (first, second) in [(&m1, &m2), (&m2, &m1)] {
        assert_eq!(judge(first, second).state, State::Disconnected);
    }
}
