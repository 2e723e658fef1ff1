#![allow(clippy::unwrap_used)]

use super::*;
use crate::health::testing::{drbd, healthy};
use crate::health::{MasterAnswer, judge};

fn shown(report: &ClusterReport) -> String {
    let text = render(report, &judge(report), false, Some(80));
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
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
    let (plain, colored) = (render(&report, &findings, false, Some(80)), render(&report, &findings, true, Some(80)));
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
