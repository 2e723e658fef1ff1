use super::*;
use crate::health::testing::{drbd, healthy};
use crate::protocol::{Maintenance, Removal};
use crate::step::testing;

fn names(nodes: &[&str]) -> BTreeSet<String> {
    nodes.iter().map(|n| (*n).to_owned()).collect()
}

/// The reference cluster with `chunks` of (wanted, present), spread so that each server has that many copies.
fn seen(chunks: &[(usize, usize, u32)], copies: [u32; 3]) -> ClusterReport {
    let mut report = healthy();
    let told = report.told_mut();
    for (wanted, present, count) in chunks {
        told.chunks.table[*wanted][*present] = *count;
    }
    told.chunks.all.single_copy = u64::from(told.chunks.table[1][1]);
    for (server, copies) in told.chunkservers.iter_mut().zip(copies) {
        server.chunks = copies;
    }
    for session in &mut told.sessions {
        session.open_files = 0;
    }
    report
}

fn asked(report: &ClusterReport, nodes: &[&str]) -> Judgement {
    judge(&testing::cluster(), report, &Parting::machines(&names(nodes)))
}

fn against(judgement: &Judgement) -> Vec<&'static str> {
    judgement.against().map(|r| r.name).collect()
}

#[test]
fn one_of_three_chunkservers_with_goal_two_is_safe() {
    let report = seen(&[(2, 2, 30)], [20, 20, 20]);
    let judgement = asked(&report, &["node3"]);
    assert_eq!((judgement.verdict, against(&judgement)), (Verdict::Safe, vec![]), "{judgement:#?}");
    let chunks = judgement.suffers.chunks.unwrap_or_default();
    assert_eq!((chunks.missing, chunks.endangered_most, chunks.undergoal_most), (Between::default(), 20, 20));
    assert_eq!((judgement.suffers.chunkservers_left, judgement.suffers.replication_held_seconds), (2, Some(1800)));
    assert_eq!(judgement.suffers.votes, Votes { left: 2, needed: 2, total: 3 });
}

#[test]
fn two_of_three_would_take_chunks_and_the_votes_along() {
    let judgement = asked(&seen(&[(2, 2, 30)], [20, 20, 20]), &["node3", "node4"]);
    assert_eq!(against(&judgement), ["chunks-lost", "witnesses"]);
    let chunks = judgement.suffers.chunks.unwrap_or_default();
    assert_eq!((chunks.missing.least, chunks.missing.most), (0, 20), "40 copies make 20 chunks of two");
    let services =
        judge(&testing::cluster(), &seen(&[(3, 3, 7)], [7, 7, 7]), &Parting::services(&names(&["node3", "node4"]), [Role::Chunkserver]));
    assert_eq!(against(&services), Vec::<&str>::new(), "a service that stops leaves the machine its vote");
}

#[test]
fn goal_one_counts_as_stable_and_is_refused_where_it_may_lie() {
    let report = seen(&[(2, 2, 30), (1, 1, 6)], [22, 22, 22]);
    let judgement = asked(&report, &["node3"]);
    assert_eq!(against(&judgement), ["chunks-lost"]);
    assert_eq!(judgement.suffers.chunks.map(|c| c.single_copy), Some(Between { least: 0, most: 6 }));
    // 25 copies, of which 20 at most can be copies of the 20 chunks with two
    let judgement = asked(&seen(&[(2, 2, 20), (1, 1, 6)], [25, 11, 10]), &["node3"]);
    assert_eq!(judgement.suffers.chunks.map(|c| c.single_copy), Some(Between { least: 5, most: 6 }));
    // no copy at all there
    let judgement = asked(&seen(&[(1, 1, 6)], [0, 3, 3]), &["node3"]);
    assert_eq!(judgement.verdict, Verdict::Safe, "{judgement:#?}");
}

#[test]
fn a_server_that_just_connected_and_tells_no_chunks_is_not_believed() {
    let judgement = asked(&seen(&[(1, 1, 6)], [0, 2, 2]), &["node3"]);
    assert_eq!(judgement.suffers.chunks.map(|c| c.single_copy), Some(Between { least: 0, most: 6 }));
    let mut report = seen(&[(2, 2, 3)], [2, 2, 2]);
    report.told_mut().chunks.progress.connecting = true;
    assert_eq!(asked(&report, &["node3"]).verdict, Verdict::Unknown);
}

#[test]
fn copies_more_than_wanted_and_fewer_are_counted_right() {
    // one copy too many each: losing one is no loss, losing two is
    let over = seen(&[(2, 3, 10)], [10, 10, 10]);
    let one = asked(&over, &["node3"]).suffers.chunks.unwrap_or_default();
    assert_eq!((one.missing.most, one.endangered_most, one.undergoal_most), (0, 0, 0));
    let two = asked(&over, &["node3", "node4"]).suffers.chunks.unwrap_or_default();
    assert_eq!((two.missing.most, two.endangered_most, two.undergoal_most), (0, 10, 10));
    let mut report = seen(&[(2, 1, 4), (2, 2, 6)], [6, 5, 5]);
    report.told_mut().chunks.all.endangered = 4;
    let judgement = asked(&report, &["node3"]);
    assert_eq!(against(&judgement), ["chunks", "chunks-lost"]);
    assert_eq!(judgement.suffers.chunks.map(|c| (c.missing.most, c.single_copy.most)), Some((4, 0)));
}

#[test]
fn another_one_away_or_being_emptied_is_refused() {
    let mut report = seen(&[(3, 3, 5)], [5, 5, 5]);
    report.told_mut().chunkservers[1].connected = false;
    let judgement = asked(&report, &["node3"]);
    assert!(against(&judgement).contains(&"other-chunkservers"), "{judgement:#?}");
    assert_eq!(judgement.suffers.replication_held_seconds, None, "it is away without maintenance");
    report.told_mut().chunkservers[1].maintenance = Maintenance::Temporary(None);
    assert_eq!(asked(&report, &["node3"]).suffers.replication_held_seconds, Some(1800));
    let mut report = seen(&[(3, 3, 5)], [5, 5, 5]);
    report.told_mut().chunkservers[2].removal = Removal::InProgress;
    assert_eq!(against(&asked(&report, &["node3"])), ["removal"]);
    let mut report = seen(&[(3, 3, 5)], [5, 5, 5]);
    let mut stranger = report.told_mut().chunkservers[0].clone();
    (stranger.address, stranger.connected) = (std::net::Ipv4Addr::new(10, 9, 9, 9), false);
    report.told_mut().chunkservers.push(stranger);
    assert_eq!(against(&asked(&report, &["node3"])), ["other-chunkservers"]);
}

#[test]
fn the_one_that_serves_moves_first_and_the_standby_only_with_data_elsewhere() {
    let report = seen(&[], [0, 0, 0]);
    let judgement = asked(&report, &["node1"]);
    assert_eq!(against(&judgement), ["master"]);
    assert!(judgement.reasons.iter().any(|r| r.fix.contains("failover --to node2")));
    assert_eq!(asked(&report, &["node2"]).verdict, Verdict::Safe);
    assert!(against(&asked(&report, &["node1", "node2"])).contains(&"master"));
    let mut syncing = report.clone();
    syncing.node_mut("node1").drbd = Some(drbd("cs:SyncTarget ro:Primary/Secondary ds:Inconsistent/UpToDate C r-----"));
    assert_eq!(against(&asked(&syncing, &["node2"])), ["master"]);
    let mut lost = report.clone();
    lost.lose("node1");
    assert_eq!(asked(&lost, &["node2"]).verdict, Verdict::Unknown);
    let mut alone = report;
    alone.lose("node3");
    alone.lose("node4");
    assert_eq!(against(&asked(&alone, &["node2"])), ["witnesses"], "the one that stays would fence itself");
}

#[test]
fn metaloggers_and_open_files() {
    let mut report = seen(&[], [0, 0, 0]);
    let both = judge(&testing::cluster(), &report, &Parting::services(&names(&["node1", "node2"]), [Role::Metalogger]));
    assert_eq!(against(&both), ["metaloggers-left"]);
    let one = judge(&testing::cluster(), &report, &Parting::services(&names(&["node2"]), [Role::Metalogger]));
    assert_eq!((one.verdict, one.suffers.metaloggers_left), (Verdict::Safe, 1));
    assert_eq!(asked(&report, &["node6"]).suffers.mounts, ["node6:/mnt/mfs"]);
    report.told_mut().sessions[0].open_files = 2;
    assert_eq!(against(&asked(&report, &["node6"])), ["clients"]);
}

#[test]
fn a_silent_master_leaves_it_unknown() {
    let mut report = seen(&[], [0, 0, 0]);
    report.master = crate::health::MasterAnswer::Silent { reason: "refused".to_owned() };
    assert_eq!(asked(&report, &["node3"]).verdict, Verdict::Unknown);
    assert_eq!(asked(&report, &["node6"]).verdict, Verdict::Unknown);
}
