#![allow(clippy::unwrap_used)]

use super::*;
use crate::archive::LastBackup;
use crate::fact::journal::Switchover;
use crate::health::Records;
use crate::health::testing::{drbd, healthy};
use crate::health::{MasterAnswer, judge};
use crate::protocol::{Bound, CheckLoop, ChunkLoop, Maintenance, MissingChunk, MissingChunks, Quota};

fn shown(report: &ClusterReport) -> String {
    within(report, 80, false)
}

fn within(report: &ClusterReport, width: u16, verbose: bool) -> String {
    let text = render(report, &judge(report), false, Some(width), verbose);
    for line in text.lines() {
        assert!(line.chars().count() <= usize::from(width), "{} columns: {line}", line.chars().count());
    }
    text
}

/// Many things wrong at once.
fn ill() -> ClusterReport {
    let mut report = healthy();
    report.lose("node5");
    report.node_mut("node1").drbd = Some(drbd("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----"));
    report.node_mut("node2").drbd = Some(drbd("cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----"));
    report.node_mut("node2").master_enabled = Some(true);
    report.node_mut("node2").agent.as_mut().unwrap().healthy = false;
    report.node_mut("node2").agent.as_mut().unwrap().note = "fault: disk is Outdated".to_owned();
    report.node_mut("node4").disks.as_mut().unwrap()[0].damaged = true;
    report.node_mut("node7").mounts[0].mounted = Some(false);
    let told = report.told_mut();
    told.sessions.remove(1);
    told.sessions[1].connections = 0;
    told.metaloggers.remove(1);
    (told.chunks.all.missing, told.chunks.all.endangered) = (3, 12_345);
    let server = &mut told.chunkservers[2];
    (server.connected, server.version, server.maintenance) = (false, None, Maintenance::Temporary(Some(1792)));
    report
}

/// What else a master may tell, and what is noted of the past.
fn rich() -> ClusterReport {
    let mut report = ill();
    report.asked_at = 1_795_346_900;
    let backup = LastBackup {
        path: "/var/backups/mfs/reference-20261122T100000Z".into(),
        time: "2026-11-22T10:00:00Z".to_owned(),
        node: "node1".to_owned(),
        version: 10_120,
        degraded: vec!["the last change is not in it".to_owned()],
    };
    let switchover = Switchover {
        time: "2026-11-21T04:05:06Z".to_owned(),
        run: "r".to_owned(),
        result: "done".to_owned(),
        from: "node2".to_owned(),
        to: "node1".to_owned(),
        gap_ms: Some(5240),
        total_ms: 17_300,
    };
    let looked = vec!["this machine".to_owned(), "node1".to_owned()];
    report.records = Some(Records {
        backup: Some(backup),
        rehearsal: None,
        switchover: Some(switchover),
        looked_for_backups: "/root/.local/state/mfsctl".to_owned(),
        looked_for_switchovers: looked,
    });
    report.node_mut("node3").disks.as_mut().unwrap()[0].last_error = Some(crate::protocol::DiskError { chunk: 77, time: 1_795_346_800 });
    report.node_mut("node1").metalogger_copy.as_mut().unwrap().next_change = Some(10_000);
    report.node_mut("node1").metalogger_copy.as_mut().unwrap().change_age = Some(700);
    let told = report.told_mut();
    told.sessions[1].expires = 85_000;
    let table = &mut told.chunks.table;
    (table[1][1], table[2][0], table[2][1], table[2][2], table[0][2], table[10][10]) = (4, 3, 12_345, 1200, 9, 1);
    told.chunks.progress.disconnecting = true;
    let bound = Bound { used: 70, soft: Some(50), hard: Some(100) };
    let none = Bound { used: 7_000_000, soft: None, hard: None };
    let size = Bound { used: 7_000_000, soft: None, hard: Some(9_000_000) };
    told.further.quotas = Some(vec![Quota {
        path: "/business1".to_owned(),
        exceeded: true,
        since: Some(1_795_340_000),
        grace: Some(604_800),
        inodes: bound,
        length: none,
        size,
        real_size: none,
    }]);
    let words = vec!["currently unavailable chunk 000000000000004D".to_owned()];
    told.further.check_loop = Some(CheckLoop {
        started: Some(1_795_346_000),
        ended: Some(1_795_346_300),
        files: 1900,
        undergoal_files: 2,
        missing_files: 3,
        chunks: 13_582,
        undergoal_chunks: 2,
        missing_chunks: 3,
        words,
    });
    told.further.chunk_loop =
        Some(ChunkLoop { started: None, ended: Some(1_795_346_000), copied: 12, moved: 1, deleted: 0, left_undone: Some(5) });
    let chunk = |chunk| MissingChunk { chunk, inode: 12, index: 0 };
    told.further.missing = Some(MissingChunks { listed: 7, first: (77..84).map(chunk).collect() });
    told.further.unread = vec!["SCLASS_INFO: cannot read the answer of 2 bytes: more expected".to_owned()];
    report
}

#[test]
fn everything_at_80_columns() {
    insta::assert_snapshot!(within(&rich(), 80, true));
}

#[test]
fn everything_at_140_columns() {
    insta::assert_snapshot!(within(&rich(), 140, true));
}

#[test]
fn where_nothing_is_known_it_says_where_it_looked() {
    let mut report = healthy();
    let looked_for_switchovers = vec!["this machine".to_owned(), "node1".to_owned()];
    report.records = Some(Records { looked_for_backups: "/s".to_owned(), looked_for_switchovers, ..Records::default() });
    let text = shown(&report);
    assert!(text.contains("Last backup: none known (looked in /s on this machine"), "{text}");
    assert!(text.contains("Last switchover: none known (looked in the journals of this machine, node1)"), "{text}");
}

#[test]
fn of_many_disks_only_the_bad_ones_are_shown_unless_asked() {
    let mut report = healthy();
    let disks = report.node_mut("node3").disks.as_mut().unwrap();
    *disks = (0..20).map(|n| crate::health::testing::disk(&format!("/mnt/d{n}/"))).collect();
    disks[7].damaged = true;
    assert_eq!(storage::disks(&report, false, true).len(), 1);
    assert_eq!(storage::disks(&report, true, true).len(), 22);
}

#[test]
fn bars() {
    assert_eq!(
        [storage::bar(0, 10, 4), storage::bar(1, 100, 4), storage::bar(5, 10, 4), storage::bar(20, 10, 4)],
        ["░░░░", "█░░░", "██░░", "████"]
    );
    assert_eq!(storage::bar(1, 0, 2), "░░");
}

#[test]
fn healthy_cluster() {
    insta::assert_snapshot!(shown(&healthy()));
}

#[test]
fn ill_cluster() {
    insta::assert_snapshot!(shown(&ill()));
}

#[test]
fn silent_master_and_a_sync() {
    let mut report = healthy();
    report.master = MasterAnswer::Silent { reason: "172.16.0.47:9421: connection refused".to_owned() };
    let text = include_str!("../../tests/fixtures/drbd/proc/connected-secondary-primary.node2.txt");
    report.node_mut("node2").drbd = Some(crate::fact::drbd_status::parse(text, "").unwrap().resources.remove(0));
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn lost_standby() {
    let mut report = healthy();
    report.lose("node2");
    report.node_mut("node1").drbd = Some(drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----"));
    report.node_mut("node6").mounts[0].answers = Some(false);
    insta::assert_snapshot!(shown(&report));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let report = ill();
    let findings = judge(&report);
    let (plain, colored) = (render(&report, &findings, false, Some(80), true), render(&report, &findings, true, Some(80), true));
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped += before;
        rest = after.split_once('m').unwrap().1;
    }
    stripped += rest;
    assert_ne!(plain, colored);
    assert_eq!(plain, stripped);
}

#[test]
fn words_from_nodes_cannot_steer_the_terminal() {
    let mut report = healthy();
    report.node_mut("node1").agent.as_mut().unwrap().note = "\u{1b}]0;x\u{7}".to_owned();
    report.node_mut("node3").disks.as_mut().unwrap()[0].path = "/a\u{1b}[2J".to_owned();
    assert!(!shown(&report).contains('\u{1b}'));
}

#[test]
fn json_has_the_documented_form() {
    let report = healthy();
    let mut ill = ill();
    ill.nodes.truncate(1);
    for (name, report) in [("json_healthy", &report), ("json_ill", &ill)] {
        let findings = judge(report);
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&Document::new(report, &findings)).unwrap());
    }
}

#[test]
fn headlines() {
    assert_eq!(headline(&judge(&healthy())), "healthy");
    assert_eq!(headline(&judge(&ill())), "NOT HEALTHY (4 critical, 9 warnings, 1 notice)");
}
