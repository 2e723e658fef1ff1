//! Each gate and check, passed and not.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::fact::moosefs::MetaFile;
use crate::fact::unit::Unit;
use crate::health::testing;
use crate::inventory::layout::takeover as at;
use crate::protocol::StoreStatus;
use crate::step::testing::World;

const ID: u64 = 0x5B0E_11D0_0000_0001;

/// What was seen of the reference cluster in good health, node1 active, to change.
struct Seen {
    world: World,
    report: ClusterReport,
}

impl Seen {
    fn healthy() -> Self {
        let mut world = World::new();
        for node in ["node1", "node2"] {
            let facts = world.facts(node);
            for unit in [at::KEEPALIVED_UNIT, at::HA_AGENT_UNIT, at::HA_UNIT] {
                facts.units.0.insert(unit.to_owned(), Unit { active: "active".to_owned(), ..Unit::default() });
            }
            let header = Header::Saved { format: "MFSM 2.0".to_owned(), version: 10_000, id: ID };
            facts.moosefs.metalogger.headers.insert("metadata_ml.mfs.back".to_owned(), header.clone());
            if node == "node1" {
                facts.moosefs.data.headers.insert("metadata.mfs.back".to_owned(), header);
                facts.moosefs.data.files.insert("metadata.mfs.back".to_owned(), MetaFile { size: 100 << 20, ..MetaFile::default() });
                facts.system.free.insert("/data/drbd".to_owned(), 300 << 20);
            }
            world.file(node, "/etc/mfs/mfsmaster.cfg", "AUTH_CODE = x\n", 0o640);
        }
        Self { world, report: testing::healthy() }
    }

    /// The same after a switchover to node2.
    fn moved() -> Self {
        let mut seen = Self::healthy();
        let (one, two) = (seen.report.node_mut("node1").clone(), seen.report.node_mut("node2").clone());
        let swap = |into: &mut NodeView, of: NodeView| {
            let (name, address) = (into.name.clone(), into.address);
            *into = NodeView { name, address, ..of };
        };
        swap(seen.report.node_mut("node1"), two);
        swap(seen.report.node_mut("node2"), one);
        let data = std::mem::take(&mut seen.world.facts("node1").moosefs.data);
        seen.world.facts("node2").moosefs.data = data;
        seen
    }

    fn sight(&self) -> Sight<'_> {
        let node = |name: &str| self.world.cluster.node(name).unwrap();
        Sight { cluster: &self.world.cluster, report: &self.report, state: &self.world.state, from: node("node1"), to: node("node2") }
    }

    /// Names of the gates that do not pass, and all they said.
    fn closed(&self) -> (Vec<&'static str>, String) {
        let names: Vec<String> = crate::health::gate::before::GATES.iter().map(|g| g.name.to_owned()).collect();
        closed(ask(&names, &self.sight()))
    }

    /// The same of the checks after a switchover from a healthy cluster.
    fn failed(&self) -> (Vec<&'static str>, String) {
        let names: Vec<String> = crate::health::gate::after::CHECKS.iter().map(|c| c.name.to_owned()).collect();
        closed(verify(&names, &Seen::healthy().sight(), &self.sight()))
    }
}

fn closed(answers: Vec<Answer>) -> (Vec<&'static str>, String) {
    let closed: Vec<Answer> = answers.into_iter().filter(|a| !a.passed).collect();
    assert!(closed.iter().all(|a| !a.fix.is_empty() && !a.wanted.is_empty() && !a.measured.is_empty()));
    (closed.iter().map(|a| a.name).collect(), closed.iter().map(|a| format!("{}\n", a.measured)).collect())
}

#[test]
fn a_healthy_pair_passes_every_gate() {
    assert_eq!(Seen::healthy().closed(), (Vec::new(), String::new()));
}

#[test]
fn each_gate_closes_for_its_own_reason() {
    type Break = fn(&mut Seen);
    let cases: &[(&[&str], &str, Break)] = &[
        (&["replication-in-sync"], "SyncSource", |s| {
            s.report.node_mut("node1").drbd = Some(testing::drbd("cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----"));
        }),
        (&["one-active"], "address: node1 and node2", |s| s.report.node_mut("node2").vip_present = Some(true)),
        (&["one-active"], "Primary: nobody", |s| {
            s.report.node_mut("node1").drbd = Some(testing::drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----"));
        }),
        (&["standby-ready"], "neither the peer", |s| {
            let note = "neither the peer nor a majority of the witnesses can be seen".to_owned();
            s.report.node_mut("node2").agent = Some(crate::health::AgentView { healthy: false, note, hold: None, space: None });
        }),
        (&["takeover-runs"], "keepalived.service on node2", |s| {
            s.world.facts("node2").units.0.remove(at::KEEPALIVED_UNIT);
        }),
        (&["takeover-runs"], "node1 is on hold for 90 s more (patching)", |s| {
            s.world.facts("node1").takeover.hold =
                Some(crate::fact::ha_report::Pause { left: 90, why: "patching".to_owned(), by: String::new() });
        }),
        (&["standby-clean"], "metadata.mfs", |s| {
            s.world.facts("node2").mounts.listed.insert("/data/drbd".to_owned(), vec!["metadata.mfs".to_owned()]);
        }),
        (&["same-configuration"], "/etc/mfs/mfsmaster.cfg", |s| s.world.file("node2", "/etc/mfs/mfsmaster.cfg", "AUTH_CODE = y\n", 0o640)),
        (&["volume-space"], "199.0 MiB free", |s| {
            s.world.facts("node1").system.free.insert("/data/drbd".to_owned(), 199 << 20);
        }),
        (&["volume-space"], "the volume is full: 20 of 505 MiB free, no reserve", |s| {
            s.world.facts("node1").takeover.space = crate::fact::ha_report::Space::parse("full 20 505 0");
        }),
        (&["volume-space"], "not known", |s| {
            s.world.facts("node1").system.free.clear();
        }),
        (&["metadata-stored"], "storing failed", |s| s.report.told_mut().info.last_store_status = StoreStatus::Checksum),
        (&["chunkservers-connected"], "node4", |s| s.report.told_mut().chunkservers[1].connected = false),
        (&["metaloggers-current"], "node2 is not connected", |s| {
            s.report.told_mut().metaloggers.pop();
        }),
        (&["metaloggers-current"], "another file system", |s| {
            let header = Header::Saved { format: "MFSM 2.0".to_owned(), version: 1, id: 7 };
            s.world.facts("node2").moosefs.metalogger.headers.insert("metadata_ml.mfs.back".to_owned(), header);
        }),
        (&["metaloggers-current"], "no whole copy", |s| s.world.facts("node1").moosefs.metalogger.headers.clear()),
    ];
    for (names, words, harm) in cases {
        let mut seen = Seen::healthy();
        harm(&mut seen);
        let (closed, said) = seen.closed();
        assert_eq!(&closed, names, "{words}: {said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_is_not_known_closes_gates_instead_of_passing() {
    let mut seen = Seen::healthy();
    seen.report.master = MasterAnswer::Silent { reason: "connection refused".to_owned() };
    let (closed, said) = seen.closed();
    assert_eq!(closed, ["master-answers", "metadata-stored", "chunkservers-connected", "metaloggers-current"], "{said}");
    let mut seen = Seen::healthy();
    seen.report.lose("node2");
    seen.world.state.insert("node2".to_owned(), Err("no route to host".to_owned()));
    let (closed, said) = seen.closed();
    for gate in
        ["one-active", "standby-ready", "replication-in-sync", "takeover-runs", "standby-clean", "same-versions", "same-configuration"]
    {
        assert!(closed.contains(&gate), "{gate}: {said}");
    }
}

#[test]
fn a_good_switchover_passes_every_check() {
    assert_eq!(Seen::moved().failed(), (Vec::new(), String::new()));
}

#[test]
fn each_check_fails_for_its_own_reason() {
    type Break = fn(&mut Seen);
    let cases: &[(&[&str], &str, Break)] = &[
        (&["old-master-inactive"], "still: mounted", |s| s.report.node_mut("node1").volume_mounted = Some(true)),
        (&["target-is-active"], "not: address", |s| s.report.node_mut("node2").vip_present = Some(false)),
        (&["metadata-id-same"], "0000000000000007", |s| {
            let header = Header::Saved { format: "MFSM 2.0".to_owned(), version: 1, id: 7 };
            s.world.facts("node2").moosefs.data.headers.insert("metadata.mfs.back".to_owned(), header);
        }),
        (&["metadata-version-not-lower"], "10412", |s| s.report.told_mut().info.metadata_version = 10_412),
        (&["chunkservers-back"], "node3", |s| s.report.told_mut().chunkservers[0].connected = false),
        (&["sessions-back"], "/mnt/mfs on node7", |s| s.report.told_mut().sessions[1].connections = 0),
        (&["chunks-not-worse"], "5 missing", |s| s.report.told_mut().chunks.all.missing = 5),
        (&["replication-in-sync-again"], "WFConnection", |s| {
            s.report.node_mut("node2").drbd = Some(testing::drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----"));
        }),
    ];
    for (names, words, harm) in cases {
        let mut seen = Seen::moved();
        harm(&mut seen);
        let (failed, said) = seen.failed();
        assert_eq!(&failed, names, "{words}: {said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_cluster_that_did_not_move_fails_the_checks() {
    let (failed, said) = Seen::healthy().failed();
    assert_eq!(failed, ["target-is-active", "old-master-inactive", "metadata-id-same"], "{said}");
}

#[test]
fn a_stopped_master_must_have_stored_all_it_told() {
    let before = Seen::healthy();
    let said = |stored: Option<&str>| {
        let mut now = Seen::healthy();
        now.world.facts("node1").takeover.stored = stored.map(str::to_owned);
        closed(verify(&["metadata-stored-whole".to_owned()], &before.sight(), &now.sight())).1
    };
    let whole = format!("whole 10413 {ID:016x}");
    assert_eq!(said(Some(&whole)), "");
    assert_eq!(said(Some(&whole.replace("10413", "10500"))), "", "a later version is what the last changes made");
    assert!(said(Some(&whole.replace("10413", "10412"))).contains("10412"));
    assert!(said(Some(&whole.replace("5b0e", "6b0e"))).contains("6b0e"), "another file system");
    assert!(said(Some("torn metadata.mfs is not there, or not whole")).contains("torn"));
    assert!(said(None).contains("not known"));
}
