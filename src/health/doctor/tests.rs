#![allow(clippy::unwrap_used)]

use super::beyond::filters_vrrp;
use super::*;
use crate::fact::ha_report::parse;
use crate::fact::unit::Unit;
use crate::health::testing::{drbd, healthy};
use crate::inventory::layout::takeover::{MASTER_DROP_IN, MASTER_UNIT};
use crate::step::testing::World;

const ACTIVE: &str = include_str!("../../../tests/fixtures/ha/report-active.txt");

/// A cluster in good health, examined.
struct Case {
    world: World,
    report: ClusterReport,
    layers: Vec<Layers>,
    examined: BTreeMap<String, Result<Checkup, String>>,
    drift: Vec<Drift>,
}

impl Case {
    fn new() -> Self {
        let mut world = World::new();
        let report = healthy();
        for master in ["node1", "node2"] {
            let unit = Unit { load: "loaded".into(), ..Unit::default() };
            world.facts(master).units.0.insert(MASTER_UNIT.into(), unit);
            let meta = crate::fact::file::Meta { mode: 0o644, owner: "root".into(), group: "root".into() };
            let content = "[Unit]\nAssertPathIsMountPoint=/data/drbd\n".to_owned();
            world.facts(master).files.insert(MASTER_DROP_IN, crate::fact::file::FileFact::Regular { content, meta });
        }
        let checkup = |master: bool| {
            let unit =
                [("Type", "simple"), ("PIDFile", ""), ("TimeoutStartUSec", "infinity"), ("TimeoutStopUSec", "1min"), ("Restart", "no")];
            Checkup {
                mtu: Some(("vec0".into(), 1500)),
                pings: master.then_some((true, true)),
                vip_name: Some(world.cluster.vip.address),
                master_unit: if master { unit.map(|(k, v)| (k.to_owned(), v.to_owned())).into() } else { BTreeMap::new() },
                ..Checkup::default()
            }
        };
        let examined = world.cluster.nodes.iter().map(|n| (n.name.clone(), Ok(checkup(n.storage.is_some())))).collect();
        let drift = world.cluster.nodes.iter().map(|n| Drift { node: n.name.clone(), stages: Vec::new(), refused: None }).collect();
        let mut active = parse(ACTIVE).unwrap();
        (active.node, active.hold) = ("node1".into(), None);
        let mut standby = active.clone();
        (standby.node, standby.wish, standby.role, standby.peer_role) =
            ("node2".into(), "backup".into(), "Secondary".into(), "Primary".into());
        (standby.mounted, standby.listening, standby.vip, standby.master) = (false, false, false, "inactive".into());
        let layers = vec![("node1".to_owned(), Ok(active)), ("node2".to_owned(), Ok(standby))];
        Self { world, report, layers, examined, drift }
    }

    fn checkup(&mut self, node: &str) -> &mut Checkup {
        self.examined.get_mut(node).unwrap().as_mut().unwrap()
    }

    fn layer(&mut self, at: usize) -> &mut crate::fact::ha_report::HaReport {
        self.layers[at].1.as_mut().unwrap()
    }

    fn judge(&self) -> Vec<Finding> {
        judge(&Seen {
            cluster: &self.world.cluster,
            report: &self.report,
            state: &self.world.state,
            layers: &self.layers,
            examined: &self.examined,
            attempts: &[],
            drift: &self.drift,
        })
    }

    fn told(&self) -> Vec<String> {
        let told = self.judge();
        told.iter().filter_map(|f| f.id.map(|id| format!("{id} {}", f.subject))).filter(|t| t != "protocol-open cluster").collect()
    }
}

fn told(change: impl FnOnce(&mut Case)) -> Vec<String> {
    let mut case = Case::new();
    change(&mut case);
    case.told()
}

#[test]
fn a_healthy_cluster_has_one_notice() {
    let case = Case::new();
    assert_eq!(case.told(), Vec::<String>::new());
    assert_eq!(case.judge().iter().filter(|f| f.id == Some("protocol-open")).count(), 1);
    assert!(crate::health::is_healthy(&case.judge()));
}

#[test]
fn nothing_is_told_twice() {
    let two = told(|c| {
        c.report.node_mut("node2").vip_present = Some(true);
        c.layer(1).vip = true;
    });
    assert_eq!(two.iter().filter(|t| *t == "vip-two cluster").count(), 1, "{two:?}");
    assert_eq!(two.iter().filter(|t| *t == "vip-not-on-primary node2").count(), 1, "{two:?}");
    let alone = told(|c| {
        let words = "cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----";
        c.report.node_mut("node1").drbd = Some(drbd(words));
        c.report.node_mut("node1").drbd_log = Some("Split-Brain detected but unresolved".into());
        c.layer(0).connection = "StandAlone".into();
    });
    let about = alone.iter().filter(|t| t.ends_with(" node1")).collect::<Vec<_>>();
    assert_eq!(about, ["split-brain node1"], "{alone:?}");
    let lost = told(|c| {
        c.report.lose("node2");
        c.layers[1].1 = Err("no route to host".into());
    });
    assert_eq!(
        lost.iter().filter(|t| t.ends_with("node2") && !t.starts_with("metalogger")).collect::<Vec<_>>(),
        ["master-unreachable node2"]
    );
    let script = told(|c| c.layers[1].1 = Err("its takeover script is missing".into()));
    assert_eq!(script, ["takeover-unasked node2"]);
    let wishes = told(|c| c.layer(1).wish = "master".into());
    assert!(wishes.contains(&"vrrp-two-masters cluster".to_owned()), "{wishes:?}");
}

#[test]
fn each_thing_examined_has_its_finding() {
    type Change = Box<dyn FnOnce(&mut Case)>;
    let cases: Vec<(Change, &str)> = vec![
        (Box::new(|c| c.checkup("node6").vip_name = Some([10, 0, 0, 1].into())), "vip-name-wrong node6"),
        (Box::new(|c| c.checkup("node3").vip_name = None), "vip-name-wrong node3"),
        (Box::new(|c| c.checkup("node3").mtu = Some(("eth0".into(), 9000))), "mtu-differs cluster"),
        (Box::new(|c| c.checkup("node1").pings = Some((true, false))), "mtu-path node1"),
        (Box::new(|c| c.checkup("node1").readable.push("/etc/mfs-ha.conf.mfsctl-previous".into())), "secret-readable node1"),
        (Box::new(|c| c.checkup("node1").torn.push("/data/drbd/mfs/changelog.3.mfs".into())), "changelog-torn node1"),
        (Box::new(|c| c.checkup("node2").starters.push("rc /etc/rc3.d/S20mfsmaster".into())), "master-at-boot-otherwise node2"),
        (Box::new(|c| c.checkup("node2").starters.push("line /etc/rc.local".into())), "master-at-boot-otherwise node2"),
        (
            Box::new(|c| {
                c.checkup("node1").master_unit.insert("Type".into(), "forking".into());
            }),
            "unit-packaged node1",
        ),
        (
            Box::new(|c| {
                c.checkup("node1").master_unit.insert("TimeoutStopUSec".into(), "30min".into());
            }),
            "unit-timeouts node1",
        ),
        (
            Box::new(|c| {
                c.world.facts("node1").files.insert(MASTER_DROP_IN, crate::fact::file::FileFact::Missing);
            }),
            "master-unguarded node1",
        ),
        (
            Box::new(|c| c.checkup("node1").firewall = vec!["-P INPUT DROP".into(), "-A INPUT -i lo -j ACCEPT".into()]),
            "vrrp-filtered node1",
        ),
        (
            Box::new(|c| {
                c.examined.insert("node4".into(), Err("timed out".into()));
            }),
            "not-examined node4",
        ),
        (Box::new(|c| c.drift[2].stages.push(("chunkservers".into(), vec!["change /etc/mfs/mfshdd.cfg".into()]))), "drift node3"),
        (
            Box::new(|c| c.drift[0].refused = Some(Refusal { found: "/dev/sdb holds xfs".into(), fix: "look".into() })),
            "provision-refuses node1",
        ),
        (Box::new(|c| c.world.cluster.moosefs.version = crate::inventory::model::VersionLine::V4), "gui-open cluster"),
        (
            Box::new(|c| {
                let meta =
                    crate::inventory::model::Export { network: "*".into(), path: ".".into(), options: vec!["rw".into()], password: None };
                c.world.cluster.exports.push(meta);
            }),
            "meta-export-open cluster",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(told(change), [expected]);
    }
}

#[test]
fn what_explains_itself_is_no_finding() {
    // A link whose name a unit has.
    assert_eq!(told(|c| c.checkup("node2").starters.push("rc /etc/rc3.d/S20moosefs-master".into())), Vec::<String>::new());
    // Without ping nothing is known.
    assert_eq!(told(|c| c.checkup("node1").pings = None), Vec::<String>::new());
}

#[test]
fn rules_that_let_the_peer_in() {
    let peer = [172, 16, 0, 42].into();
    let filters = |rules: &[&str]| filters_vrrp(&rules.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>(), peer);
    assert!(!filters(&[]));
    assert!(!filters(&["-P INPUT ACCEPT"]));
    assert!(filters(&["-P INPUT DROP", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"]));
    assert!(!filters(&["-P INPUT DROP", "-A INPUT -p vrrp -j ACCEPT"]));
    assert!(!filters(&["-P INPUT DROP", "-A INPUT -s 172.16.0.0/24 -j ACCEPT"]));
    assert!(filters(&["-P INPUT DROP", "-A INPUT -s 10.0.0.0/8 -j ACCEPT"]));
    assert!(filters(&["\t\ttype filter hook input priority filter; policy drop;", "\t\ttcp dport 22 accept"]));
    assert!(!filters(&["\t\ttype filter hook input priority filter; policy drop;", "\t\tip protocol 112 accept"]));
    assert!(!filters(&["\t\ttype filter hook input priority filter; policy drop;", "\t\tip saddr 172.16.0.42 accept"]));
}

#[test]
fn only_what_needs_no_decision_is_fixable() {
    let mut case = Case::new();
    case.report.node_mut("node2").master_enabled = Some(true);
    case.checkup("node1").readable.push("/etc/mfs-ha.conf.mfsctl-previous".into());
    case.report.node_mut("node2").vip_present = Some(true);
    let fixable: Vec<_> = case.judge().iter().filter(|f| fixable(f)).filter_map(|f| f.id).collect();
    assert_eq!(fixable, ["master-at-boot"]);
}
