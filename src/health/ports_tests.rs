#![allow(clippy::unwrap_used)]

use super::*;
use crate::health::testing::{drbd, healthy};
use crate::step::testing;

fn tried(report: &ClusterReport, found: impl Fn(&Attempt) -> Reach) -> Vec<Attempt> {
    let mut all = wanted(&testing::cluster(), report);
    for attempt in &mut all {
        attempt.found = (attempt.expected != Expect::InUse).then(|| found(attempt));
    }
    all
}

fn as_it_should(attempt: &Attempt) -> Reach {
    match attempt.expected {
        Expect::Open | Expect::InUse | Expect::Either(_) => Reach::Open,
        Expect::Closed(_) => Reach::Refused,
    }
}

fn told(report: &ClusterReport, attempts: &[Attempt]) -> Vec<String> {
    judge(report, attempts).iter().map(|f| format!("{} {}: {}", f.id.unwrap(), f.subject, f.message)).collect()
}

#[test]
fn the_reference_cluster_needs_these() {
    let report = healthy();
    let all = tried(&report, as_it_should);
    assert_eq!(told(&report, &all), Vec::<String>::new());
    assert!(all.iter().all(|a| a.as_expected() == Some(true)));
    let has = |from: &str, to: &str, port: u16| all.iter().find(|a| a.from == from && a.to == to && a.port == port).map(|a| &a.expected);
    assert_eq!(has("node3", "mfsmaster", 9420), Some(&Expect::Open));
    assert!(matches!(has("node6", "node2", 9421), Some(Expect::Closed(_))));
    assert_eq!(has("node6", "node5", 9422), Some(&Expect::Open));
    assert_eq!(has("node3", "node4", 9422), Some(&Expect::Open));
    assert_eq!(has("node3", "node3", 9422), None);
    assert_eq!(has("node1", "node2", 7788), Some(&Expect::InUse));
    assert_eq!(has("node2", "mfsmaster", 9425), Some(&Expect::Open));
    assert_eq!(has("node2", "mfsmaster", 9419), Some(&Expect::Open));
    assert_eq!(has("node3", "mfsmaster", 9421), None);
    let targets = targets(&all);
    assert!(!targets["node1"].contains(&([172, 16, 0, 42].into(), 7788)), "a connection in use is not touched");
    assert_eq!(targets["node6"].len(), 5);
}

#[test]
fn ports_come_from_the_inventory() {
    let mut cluster = testing::cluster();
    cluster.moosefs.master.insert("MATOCS_LISTEN_PORT".into(), "9520".into());
    cluster.nodes[3].chunkserver.insert("CSSERV_LISTEN_PORT".into(), "9522".into());
    let all = wanted(&cluster, &healthy());
    assert!(all.iter().any(|a| a.port == 9520) && !all.iter().any(|a| a.port == 9420));
    assert!(all.iter().any(|a| a.to == "node4" && a.port == 9522));
}

#[test]
fn refused_and_silent_are_told_apart_and_by_port() {
    let report = healthy();
    let all = tried(&report, |a| match (a.to.as_str(), a.port) {
        ("node4", 9422) if a.from != "node3" => Reach::Timeout,
        ("mfsmaster", 9421) => Reach::Refused,
        ("node2", 9420) => Reach::Unreachable,
        _ => as_it_should(a),
    });
    let told = told(&report, &all);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with("port-closed node1: node6, node7, node8 is refused at 172.16.0.47:9421"), "{told:#?}");
    assert!(
        told[1].starts_with("port-blocked node2: node3, node4, node5 is told that there is no way")
            && told[1].contains("when it is needed")
    );
    assert!(told[2].starts_with("port-blocked node4: node5, node6, node7, node8 gets no answer at 172.16.0.44:9422"), "{told:#?}");
}

#[test]
fn what_is_down_for_another_reason_is_no_finding_of_ports() {
    let mut report = healthy();
    report.lose("node5");
    report.node_mut("node4").chunkserver_running = Some(false);
    report.node_mut("node1").master_running = Some(false);
    let all = tried(&report, |a| if a.to == "node5" { Reach::Timeout } else { Reach::Refused });
    let told = told(&report, &all);
    assert!(told.iter().all(|t| t.contains("9422") && t.contains("node3")), "only node3's chunkserver runs and refuses: {told:#?}");
    assert_eq!(told.len(), 1);
    assert!(all.iter().all(|a| a.from != "node5"));
}

#[test]
fn replication_is_tried_only_while_it_is_not_connected() {
    let mut report = healthy();
    for node in ["node1", "node2"] {
        report.node_mut(node).drbd = Some(drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----"));
    }
    let all = tried(&report, |a| if a.port == 7788 { Reach::Timeout } else { as_it_should(a) });
    let told = told(&report, &all);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("172.16.0.41:7788 (replication)") || told[1].contains("172.16.0.41:7788 (replication)"), "{told:#?}");
    report.node_mut("node2").drbd = Some(drbd("cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----"));
    let expected = wanted(&testing::cluster(), &report).into_iter().find(|a| a.from == "node1" && a.port == 7788).unwrap().expected;
    assert!(matches!(expected, Expect::Closed(why) if why.contains("StandAlone")));
}
