#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;

use super::*;
use crate::fact::moosefs::Process;
use crate::fact::network::Address;
use crate::health::{Severity, judge};
use crate::remote::RemoteError;
use crate::remote::fake::{Call, FakeConnector};
use crate::step::testing::cluster;

/// Serves captured messages of a master or chunkserver.
fn captured(requests: &[u8]) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire/3.0.117/healthy.json");
    let capture: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut rest, mut out) = (requests, Vec::new());
    while let [a, b, c, d, e, f, g, h, after @ ..] = rest {
        let (command, length) = (u32::from_be_bytes([*a, *b, *c, *d]), u32::from_be_bytes([*e, *f, *g, *h]));
        let (payload, next) = after.split_at(length as usize);
        let hex: String = payload.iter().map(|b| format!("{b:02x}")).collect();
        let found = capture["messages"].as_array().unwrap().iter().find(|m| m["command"] == command && m["payload"] == hex).unwrap();
        let data = found["data"].as_str().unwrap();
        out.extend((command + 1).to_be_bytes());
        out.extend(u32::try_from(data.len() / 2).unwrap().to_be_bytes());
        out.extend((0..data.len()).step_by(2).map(|at| u8::from_str_radix(&data[at..at + 2], 16).unwrap()));
        rest = next;
    }
    out
}

/// Facts of the reference cluster with node1 active.
fn observe(cluster: &Cluster, node: &Node, _: &mut dyn Transport) -> Result<HostFacts, String> {
    let mut facts = HostFacts::default();
    facts.system.hostname.clone_from(&node.name);
    facts.system.epoch = now();
    if node.name == "node1" {
        facts.network.addresses.push(Address { interface: "vec0".into(), address: cluster.vip.address, prefix: 32 });
    }
    if node.is(Role::Chunkserver) {
        facts.moosefs.processes.push(Process { pid: 7, name: "mfschunkserver".into(), age: 60.0 });
    }
    Ok(facts)
}

fn tcp_calls(fake: &FakeConnector, node: &str) -> Vec<(String, u16)> {
    let tcp = |call: &Call| if let Call::Tcp(host, port) = call { Some((host.clone(), *port)) } else { None };
    fake.host(node).history().iter().filter_map(tcp).collect()
}

fn silent(report: &ClusterReport) -> &str {
    match &report.master {
        MasterAnswer::Silent { reason } => reason,
        MasterAnswer::Answered { .. } => "it answered",
    }
}

#[test]
fn the_master_is_asked_through_the_holder_of_the_address() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    fake.host("node1").serve(9421, captured);
    for node in ["node3", "node4", "node5"] {
        fake.host(node).serve(9422, captured);
    }
    let report = gather(&cluster, &fake, 32, &observe);
    let MasterAnswer::Answered { through, address, report: told } = &report.master else { unreachable!("{}", silent(&report)) };
    assert_eq!((through.as_str(), *address), ("node1", cluster.vip.address));
    assert_eq!(told.chunkservers.len(), 3);
    assert_eq!(tcp_calls(&fake, "node1"), [("172.16.0.47".to_owned(), 9421)]);
    assert_eq!(tcp_calls(&fake, "node2"), []);
    assert_eq!(
        report.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(),
        cluster.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>()
    );
    assert!(report.nodes.iter().all(|n| n.reachable && n.clock_offset_ms == Some(0)));
    assert_eq!(report.with_role(Role::Chunkserver).filter(|n| n.disks.as_ref().is_some_and(|d| d.len() == 1)).count(), 3);
}

#[test]
fn the_nodes_own_address_is_tried_when_the_virtual_one_fails() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let mut node = fake.connect(&crate::engine::fleet::target(&cluster.nodes[0])).unwrap();
    let reason = ask_master(&cluster, &[cluster.vip.address, Ipv4Addr::new(172, 16, 0, 41)], node.as_mut()).unwrap_err();
    assert_eq!(tcp_calls(&fake, "node1").len(), 2);
    assert!(reason.contains("172.16.0.47:9421: ") && reason.contains("; 172.16.0.41:9421: "), "{reason}");
}

#[test]
fn a_settings_port_is_used() {
    let (mut cluster, fake) = (cluster(), FakeConnector::new());
    cluster.moosefs.master.insert("MATOCL_LISTEN_PORT".into(), "19421".into());
    fake.host("node1").serve(19421, captured);
    let report = gather(&cluster, &fake, 32, &observe);
    assert!(report.told().is_some(), "{}", silent(&report));
}

#[test]
fn both_masters_unreachable_another_node_asks() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    for node in ["node1", "node2"] {
        let error = RemoteError::Unreachable { node: node.into(), reason: "no route to host".into() };
        fake.host(node).down(Some(error));
    }
    fake.host("node3").serve(9421, captured);
    let report = gather(&cluster, &fake, 32, &observe);
    let MasterAnswer::Answered { through, .. } = &report.master else { unreachable!("{}", silent(&report)) };
    assert_eq!(through, "node3");
    assert_eq!(report.nodes[0].unreachable_reason.as_deref(), Some("unreachable: no route to host"));
    assert!(judge(&report).iter().any(|f| f.rule == "node-reachable" && f.severity == Severity::Critical && f.subject == "node1"));
}

#[test]
fn an_address_that_no_master_node_has_is_not_connected_to() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let nowhere = |cluster: &Cluster, node: &Node, transport: &mut dyn Transport| {
        observe(cluster, node, transport).map(|mut facts| {
            facts.network.addresses.clear();
            facts
        })
    };
    let report = gather(&cluster, &fake, 32, &nowhere);
    assert!(silent(&report).contains("no master node has 172.16.0.47"), "{}", silent(&report));
    for node in &cluster.nodes {
        assert!(!tcp_calls(&fake, &node.name).iter().any(|(_, port)| *port == 9421), "{}", node.name);
    }
    // A master that runs without it is asked at its own.
    let alone = |cluster: &Cluster, node: &Node, transport: &mut dyn Transport| {
        nowhere(cluster, node, transport).map(|mut facts| {
            if node.name == "node2" {
                facts.moosefs.processes.push(Process { pid: 8, name: "mfsmaster".into(), age: 60.0 });
            }
            facts
        })
    };
    let _ = gather(&cluster, &fake, 32, &alone);
    assert_eq!(tcp_calls(&fake, "node2"), [("172.16.0.42".to_owned(), 9421)]);
    assert_eq!(tcp_calls(&fake, "node1"), []);
}

#[test]
fn nobody_answers() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    for node in &cluster.nodes {
        fake.host(&node.name).down(Some(RemoteError::Unreachable { node: node.name.clone(), reason: "down".into() }));
    }
    let report = gather(&cluster, &fake, 2, &observe);
    assert_eq!(silent(&report), "no node could be asked");
    assert!(report.nodes.iter().all(|n| !n.reachable));
    // it can still be shown
    let _ = crate::report::status::render(&report, &judge(&report), false, Some(80), false);
}

#[test]
fn garbage_on_the_port_is_a_reason_not_a_crash() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    fake.host("node1").serve(9421, |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let report = gather(&cluster, &fake, 32, &observe);
    assert!(silent(&report).contains("is over the limit"), "{}", silent(&report));
}

#[test]
fn disks_of_a_running_chunkserver_are_asked_on_its_own_node() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let node = cluster.node("node3").unwrap();
    fake.host("node3").serve(9422, captured);
    let mut transport = fake.connect(&crate::engine::fleet::target(node)).unwrap();
    let disks = ask_disks(node, transport.as_mut()).unwrap();
    assert_eq!(disks[0].path, "/lab/wire/3.0.117/hdd2/");
    assert_eq!(tcp_calls(&fake, "node3"), [("172.16.0.43".to_owned(), 9422)]);
}
