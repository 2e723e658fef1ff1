//! The switch against a master that keeps its word, and against one that only says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::cli::{Format, Global, When};
use crate::context::Context;
use crate::inventory::model::Cluster;
use crate::remote::fake::{FakeConnector, Reply};
use crate::step::testing::cluster;

/// Serves what a master said in one of two moments: one chunkserver in maintenance, or none. Orders change the moment.
fn master(on: Arc<AtomicBool>, obeys: bool) -> impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static {
    move |requests: &[u8]| {
        let (mut rest, mut out) = (requests, Vec::new());
        while let [a, b, c, d, e, f, g, h, after @ ..] = rest {
            let (command, length) = (u32::from_be_bytes([*a, *b, *c, *d]), u32::from_be_bytes([*e, *f, *g, *h]));
            let (payload, next) = after.split_at(length as usize);
            let data = if command == 524 {
                on.store(obeys && payload[0] == 2, Ordering::SeqCst);
                vec![0]
            } else {
                let moment = if on.load(Ordering::SeqCst) { "one-in-maintenance" } else { "healthy" };
                captured(moment, command, payload)
            };
            out.extend((command + 1).to_be_bytes());
            out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            out.extend(data);
            rest = next;
        }
        out
    }
}

fn captured(moment: &str, command: u32, payload: &[u8]) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/wire/3.0.117/{moment}.json", env!("CARGO_MANIFEST_DIR"));
    let capture: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let hex: String = payload.iter().map(|b| format!("{b:02x}")).collect();
    let found = capture["messages"].as_array().unwrap().iter().find(|m| m["command"] == command && m["payload"] == hex).unwrap();
    let data = found["data"].as_str().unwrap();
    (0..data.len()).step_by(2).map(|at| u8::from_str_radix(&data[at..at + 2], 16).unwrap()).collect()
}

fn operation<'a>(cluster: &'a Cluster, fake: &'a FakeConnector) -> Operation<'a> {
    let global = Global {
        inventory: "x".into(),
        format: Format::Table,
        color: When::Never,
        verbose: 0,
        accept_new_host_keys: false,
        age_identity: Vec::new(),
        jobs: 4,
    };
    let mut operation = Operation::new(&Context { global, color: false, interactive: false }, cluster, fake).unwrap();
    for name in ["node1", "node2"] {
        operation.fleet.slot(name).connect(fake, cluster.node(name).unwrap()).unwrap();
    }
    operation
}

/// The chunkserver that the second moment shows in maintenance.
fn server(operation: &mut Operation, on: &AtomicBool) -> Chunkserver {
    on.store(true, Ordering::SeqCst);
    let told = servers::told(operation.cluster, &mut operation.fleet).unwrap();
    on.store(false, Ordering::SeqCst);
    told.chunkservers.into_iter().find(|s| s.maintenance == Maintenance::On).unwrap()
}

#[test]
fn its_end_is_kept_on_both_masters_before_it_begins_and_forgotten_after_it_ended() {
    let (cluster, fake, on) = (cluster(), FakeConnector::new(), Arc::new(AtomicBool::new(false)));
    fake.host("node1").serve(9421, master(on.clone(), true));
    let mut operation = operation(&cluster, &fake);
    let server = server(&mut operation, &on);
    super::on(&mut operation, &server, Duration::from_secs(600), "disk swap").unwrap();
    assert!(on.load(Ordering::SeqCst));
    for name in ["node1", "node2"] {
        let first = fake.host(name).commands().remove(0);
        let key = format!("{}:{}", server.address, server.port);
        assert!(first.starts_with(&format!("{SCRIPT} limit {key} 600 172.16.0.47 9421 ")) && first.ends_with("'disk swap'"), "{first}");
    }
    off(&mut operation, &server).unwrap();
    assert!(!on.load(Ordering::SeqCst));
    assert!(fake.host("node2").commands().last().unwrap().contains("clear"));
}

#[test]
fn without_a_master_that_keeps_its_end_it_is_not_begun() {
    let (cluster, fake, on) = (cluster(), FakeConnector::new(), Arc::new(AtomicBool::new(false)));
    fake.host("node1").serve(9421, master(on.clone(), true));
    for name in ["node1", "node2"] {
        fake.host(name).otherwise(Reply::exit(1, "no space left"));
    }
    let mut operation = operation(&cluster, &fake);
    let server = server(&mut operation, &on);
    let error = super::on(&mut operation, &server, Duration::from_secs(600), "x").unwrap_err();
    assert!(error.contains("not begun") && error.contains("no space left"), "{error}");
    assert!(!on.load(Ordering::SeqCst));
}
