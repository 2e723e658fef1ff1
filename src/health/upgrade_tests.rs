//! Each gate closes for its own reason, and only that one.

use std::collections::BTreeSet;

use super::*;
use crate::fact::release::Process;
use crate::health::testing;
use crate::step::testing::World;

struct Seen {
    world: World,
    report: ClusterReport,
    releases: AllReleases,
    version: String,
    under_way: Option<&'static str>,
    accept: bool,
}

fn releases(packages: &[&str], version: &str, programs: &[&str]) -> Releases {
    let offers = packages.iter().map(|p| ((*p).to_owned(), BTreeSet::from(["3.0.117-1".to_owned(), "3.0.118-1".to_owned()])));
    Releases {
        installed: packages.iter().map(|p| ((*p).to_owned(), version.to_owned())).collect(),
        offers: offers.collect(),
        processes: programs.iter().map(|p| Process { name: (*p).to_owned(), pid: 7, current: true }).collect(),
        ..Releases::default()
    }
}

impl Seen {
    /// Masters and metaloggers are done, chunkservers are next.
    fn healthy() -> Self {
        let mut world = World::new();
        let mut all = AllReleases::new();
        for node in world.cluster.nodes.clone() {
            let of = if node.is(Role::Master) {
                releases(&["moosefs-master", "moosefs-cli", "moosefs-metalogger"], "3.0.118-1", &["mfsmaster", "mfsmetalogger"])
            } else if node.is(Role::Chunkserver) {
                releases(&["moosefs-chunkserver", "moosefs-common"], "3.0.117-1", &["mfschunkserver"])
            } else {
                releases(&["moosefs-client"], "3.0.117-1", &["mfsmount"])
            };
            all.insert(node.name.clone(), Ok(of));
            let system = &mut world.facts(&node.name).system;
            (system.free_root, system.free_var) = (1 << 30, 1 << 30);
        }
        let mut report = testing::healthy();
        let sums = &mut report.told_mut().chunks;
        (sums.all.missing, sums.all.endangered, sums.all.undergoal, sums.all.single_copy) = (0, 0, 0, 0);
        Self { world, report, releases: all, version: "3.0.118-1".to_owned(), under_way: None, accept: false }
    }

    fn of(&mut self, node: &str) -> &mut Releases {
        self.releases.get_mut(node).unwrap().as_mut().unwrap()
    }

    fn closed(&self, part: Part) -> (Vec<&'static str>, String) {
        let look = Look {
            cluster: &self.world.cluster,
            report: &self.report,
            state: &self.world.state,
            releases: &self.releases,
            earlier: self.report.told().map(|t| &t.chunks),
            part,
            version: &self.version,
            in_order: false,
            accept_single: self.accept,
            under_way: self.under_way,
        };
        let all = gates(&look);
        assert!(all.iter().all(|a| a.passed == a.fix.is_empty()), "a closed gate says what to do, an open one nothing");
        let closed: Vec<&Answer> = all.iter().filter(|a| !a.passed).collect();
        (closed.iter().map(|a| a.name).collect(), closed.iter().map(|a| format!("{}: {} ({})\n", a.name, a.measured, a.fix)).collect())
    }
}

#[test]
fn a_healthy_cluster_passes_every_gate() {
    assert_eq!(Seen::healthy().closed(Part::Chunkservers), (Vec::new(), String::new()));
    assert_eq!(Seen::healthy().closed(Part::Masters).0, Vec::<&str>::new());
}

#[test]
fn each_gate_closes_for_its_own_reason() {
    type Harm = fn(&mut Seen);
    let cases: &[(&str, &str, Harm)] = &[
        ("nodes-reachable", "node4: no route", |s| {
            let _ = s.releases.insert("node4".into(), Err("no route".into()));
        }),
        ("not-older", "node3 has 3.0.119-1", |s| {
            let _ = s.of("node3").installed.insert("moosefs-chunkserver".into(), "3.0.119-1".into());
        }),
        ("packages-offered", "node5: moosefs-chunkserver is offered in 3.0.117-1", |s| {
            s.of("node5").offers.get_mut("moosefs-chunkserver").unwrap().remove("3.0.118-1");
        }),
        ("packages-offered", "moosefs-chunkserver is not installed", |s| {
            let _ = s.of("node5").installed.remove("moosefs-chunkserver");
        }),
        ("packages-not-held", "node4: moosefs-chunkserver", |s| {
            let _ = s.of("node4").held.insert("moosefs-chunkserver".into());
        }),
        ("disk-space", "node3 has 10 MiB", |s| s.world.facts("node3").system.free_var = 10 << 20),
        ("order", "node1 has moosefs-master 3.0.117-1", |s| {
            drop(s.of("node1").installed.insert("moosefs-master".into(), "3.0.117-1".into()))
        }),
        ("order", "mfsmetalogger of node2 is still the old program", |s| s.of("node2").processes[1].current = false),
        ("chunkservers-connected", "node4 is away", |s| s.report.told_mut().chunkservers[1].connected = false),
        ("chunkservers-connected", "does not know node5", |s| {
            let _ = s.report.told_mut().chunkservers.pop();
        }),
        ("no-maintenance", "node3", |s| s.report.told_mut().chunkservers[0].maintenance = Maintenance::On),
        ("chunks-safe", "2 under goal", |s| s.report.told_mut().chunks.all.undergoal = 2),
        ("chunks-safe", "1 endangered", |s| s.report.told_mut().chunks.all.endangered = 1),
        ("chunks-safe", "still being counted", |s| s.report.told_mut().chunks.progress.connecting = true),
        ("no-goal-1", "3 chunks", |s| s.report.told_mut().chunks.all.single_copy = 3),
        ("no-removal", "node3: 9 chunks", |s| {
            let server = &mut s.report.told_mut().chunkservers[0];
            (server.removal, server.removal_chunks) = (Removal::InProgress, 9);
        }),
    ];
    for (name, words, harm) in cases {
        let mut seen = Seen::healthy();
        harm(&mut seen);
        let (closed, said) = seen.closed(Part::Chunkservers);
        assert_eq!(closed, [*name], "{words}: {said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_one_under_way_may_be_away_and_in_maintenance() {
    let mut seen = Seen::healthy();
    let told = seen.report.told_mut();
    (told.chunkservers[0].connected, told.chunkservers[0].maintenance, told.chunks.all.undergoal) = (false, Maintenance::On, 4);
    assert_eq!(seen.closed(Part::Chunkservers).0, ["chunkservers-connected", "no-maintenance", "chunks-safe"]);
    seen.under_way = Some("node3");
    assert_eq!(seen.closed(Part::Chunkservers).0, Vec::<&str>::new());
    // but nobody else
    seen.report.told_mut().chunkservers[1].connected = false;
    assert_eq!(seen.closed(Part::Chunkservers).0, ["chunkservers-connected"]);
}

#[test]
fn goal_1_may_be_accepted_and_a_4_master_does_not_go_back() {
    let mut seen = Seen::healthy();
    seen.report.told_mut().chunks.all.single_copy = 3;
    seen.accept = true;
    assert_eq!(seen.closed(Part::Chunkservers).0, Vec::<&str>::new());
    let told = seen.report.told_mut();
    told.version = crate::protocol::Version::new(4, 59, 2);
    seen.of("node1").installed.insert("moosefs-master".into(), "4.59.2-1".into());
    let (closed, said) = seen.closed(Part::Masters);
    assert!(closed.contains(&"not-older") && said.contains("MooseFS 3 refuses what 4 has stored"), "{said}");
}

#[test]
fn the_newest_that_all_offer_is_the_target_and_a_node_is_done_when_it_runs_it() {
    let mut seen = Seen::healthy();
    let cluster = seen.world.cluster.clone();
    let to = |seen: &Seen, to: Option<&str>| target(&cluster, Part::Chunkservers, &seen.releases, to);
    assert_eq!(to(&seen, None).unwrap(), "3.0.118-1");
    assert_eq!(to(&seen, Some("3.0.117")).unwrap(), "3.0.117-1");
    assert!(to(&seen, Some("3.0.119")).unwrap_err().contains("3.0.119 is not offered"));
    seen.of("node4").offers.clear();
    assert_eq!(to(&seen, None).unwrap(), "3.0.117-1");
    assert_eq!(to(&seen, Some("3.0.118")).unwrap(), "3.0.118-1");
    let done = |r: &Releases| is_done(r, Part::Chunkservers, "3.0.118-1");
    let mut of = releases(&["moosefs-chunkserver"], "3.0.118-1", &["mfschunkserver"]);
    assert!(done(&of));
    of.processes[0].current = false;
    assert!(!done(&of));
    of.processes.clear();
    assert!(!done(&of), "it does not run");
    assert!(is_done(&releases(&["moosefs-master"], "3.0.118-1", &[]), Part::Masters, "3.0.118-1"), "a standby runs none");
}
