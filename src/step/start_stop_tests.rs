#![allow(clippy::expect_used)]

use super::super::testing::{World, actions};
use super::super::{ActionKind, Consent};
use super::*;
use crate::fact::moosefs::Process;
use crate::fact::mount::Mounted;
use crate::fact::network::Address;

fn titles(outcome: &Outcome) -> Vec<&str> {
    actions(outcome).iter().map(|a| a.title.as_str()).collect()
}

fn argv(action: &Action) -> Vec<String> {
    match &action.kind {
        ActionKind::Run(run) => run.argv.clone(),
        ActionKind::Write(_) => Vec::new(),
    }
}

fn runs(world: &mut World, node: &str, name: &str) {
    world.facts(node).moosefs.processes.push(Process { pid: 7, name: name.to_owned(), age: 5.0 });
}

#[test]
fn what_runs_is_stopped_and_what_does_not_is_left() {
    let mut world = World::new();
    assert!(matches!(world.plan("node3", chunkserver), Outcome::Unchanged(_)));
    runs(&mut world, "node3", "mfschunkserver");
    assert_eq!(titles(&world.plan("node3", chunkserver)), ["stop moosefs-chunkserver and see it ended"]);
    runs(&mut world, "node1", "mfsmetalogger");
    let outcome = world.plan("node1", metalogger);
    assert_eq!(argv(&actions(&outcome)[0])[4..], ["moosefs-metalogger.service", "mfsmetalogger"]);
}

#[test]
fn a_mount_is_left_and_only_by_word_detached() {
    let mut world = World::new();
    assert!(matches!(world.plan("node6", unmounted), Outcome::Unchanged(_)));
    let mount = Mounted { source: "mfs#mfsmaster:9421".into(), target: "/mnt/mfs".into(), fs: "fuse".into(), options: Vec::new() };
    world.facts("node6").mounts.mounted.push(mount);
    assert_eq!(argv(&actions(&world.plan("node6", unmounted))[0])[4..], ["/mnt/mfs", ""]);
    world.consent = Consent { stopping: Some(Stopping { lazy: true, ..Stopping::default() }), ..Consent::default() };
    assert_eq!(argv(&actions(&world.plan("node6", unmounted))[0])[4..], ["/mnt/mfs", "lazy"]);
}

#[test]
fn the_one_that_serves_is_told_its_version_and_the_other_none() {
    let mut world = World::new();
    runs(&mut world, "node1", "mfsmaster");
    let stopping = Stopping { lazy: false, why: "new rack".into(), version: 4711 };
    world.consent = Consent { stopping: Some(stopping), operator: "ann@desk".into(), ..Consent::default() };
    let outcome = world.plan("node1", down);
    assert_eq!(argv(&actions(&outcome)[0])[1..], ["stay-down", "4711", "new rack", "ann@desk"]);
    assert_eq!(argv(&actions(&world.plan("node2", down))[0])[2], "0");
    world.facts("node2").takeover.down = Some((1, "new rack".into()));
    assert_eq!(world.plan("node2", down), Outcome::Unchanged("stopped on purpose: new rack".into()));
    // told so, but cut off before it was down
    world.facts("node1").takeover.down = Some((1, "new rack".into()));
    assert_eq!(titles(&world.plan("node1", down)).len(), 2);
}

#[test]
fn coming_back_takes_the_word_away_and_starts_what_is_dead() {
    let mut world = World::new();
    world.facts("node1").takeover.down = Some((1, "x".into()));
    assert_eq!(titles(&world.plan("node1", back))[0], "let it serve and take over again");
    for unit in [at::HA_AGENT_UNIT, at::HA_UNIT, at::KEEPALIVED_UNIT] {
        let up = crate::fact::unit::Unit { load: "loaded".into(), active: "active".into(), ..Default::default() };
        world.facts("node1").units.0.insert(unit.into(), up);
    }
    assert_eq!(titles(&world.plan("node1", back)), ["let it serve and take over again"]);
    world.facts("node1").takeover.down = None;
    assert!(matches!(world.plan("node1", back), Outcome::Unchanged(_)));
}

#[test]
fn a_master_and_all_chunkservers_are_waited_for_at_the_virtual_address() {
    let mut world = World::new();
    assert_eq!(titles(&world.plan("node1", serves)), ["wait until a master serves at 172.16.0.47"]);
    let outcome = world.plan("node1", whole);
    assert_eq!(titles(&outcome), ["wait until all 3 chunkservers are connected", "wait until no chunk is missing"]);
    assert_eq!(argv(&actions(&outcome)[0])[4..7], ["172.16.0.47", "9421", "300"]);
    let vip = Address { interface: "eth0".into(), address: std::net::Ipv4Addr::new(172, 16, 0, 47), prefix: 24 };
    world.facts("node2").network.addresses.push(vip);
    runs(&mut world, "node2", "mfsmaster");
    assert_eq!(world.plan("node1", serves), Outcome::Unchanged("node2 serves".into()));
    let all = world.cluster.with_role(Role::Chunkserver).map(|n| n.address).collect();
    world.facts("node2").moosefs.peers.insert(9420, all);
    assert!(matches!(world.plan("node1", whole), Outcome::Unchanged(_)));
}

#[test]
fn the_scripts_are_clean() {
    for (name, text) in [("stop-unit", STOP_UNIT), ("whole", WHOLE)] {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        let out = std::process::Command::new("shellcheck").args(["-s", "sh"]).arg(&path).output().expect("shellcheck");
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stdout));
    }
}

#[test]
fn a_provision_does_not_wait_for_what_was_stopped_on_purpose() {
    let mut world = World::new();
    world.facts("node1").takeover.down = Some((1, "new rack".into()));
    let serving = super::super::find("master-serving").expect("a step").plan;
    match world.plan("node1", serving) {
        Outcome::Refused(refusal) => assert!(refusal.found.contains("new rack") && refusal.fix.contains("mfsctl start")),
        other => unreachable!("{other:?}"),
    }
}
