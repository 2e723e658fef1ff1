use super::*;
use crate::health::testing;
use crate::inventory::model::ChunkDisk;
use crate::step::testing::World;

struct Seen {
    world: World,
    report: ClusterReport,
}

impl Seen {
    fn new() -> Self {
        let mut report = testing::healthy();
        report.told_mut().chunks.table[2][2] = 1234;
        Self { world: World::new(), report }
    }

    fn leaver<'a>(&'a self, node: &str, disk: Option<&'a str>) -> Leaver<'a> {
        let node = self.world.cluster.node(node).unwrap();
        Leaver { cluster: &self.world.cluster, report: &self.report, state: &self.world.state, node, disk }
    }

    fn closed(&self, node: &str, disk: Option<&str>) -> Vec<&'static str> {
        ask(&self.leaver(node, disk)).into_iter().filter(|a| !a.passed).map(|a| a.name).collect()
    }
}

#[test]
fn three_witnesses_of_three_are_too_few_to_lose_one() {
    let mut seen = Seen::new();
    assert_eq!(seen.closed("node3", None), ["witnesses"]);
    seen.world.cluster.ha.witnesses.retain(|w| w != "node3");
    assert!(seen.closed("node3", None).is_empty());
    assert!(seen.closed("node6", None).is_empty(), "a client may always go");
}

#[test]
fn chunkservers_chunks_goals_and_space_are_asked() {
    let mut seen = Seen::new();
    seen.world.cluster.ha.witnesses.clear();
    seen.report.told_mut().chunks.table[3][3] = 1;
    assert_eq!(seen.closed("node3", None), ["enough-chunkservers"], "two stay, one chunk wants three");
    seen.report.told_mut().chunks.table[3][3] = 0;
    seen.report.told_mut().chunks.all.undergoal = 1;
    assert_eq!(seen.closed("node3", None), ["chunks-whole"]);
    seen.report.told_mut().chunks.all.undergoal = 0;
    seen.report.told_mut().chunks.progress.connecting = true;
    assert_eq!(seen.closed("node3", None), ["chunks-whole"]);
    seen.report.told_mut().chunks.progress.connecting = false;
    for server in &mut seen.report.told_mut().chunkservers {
        server.used = 600_000_000;
    }
    assert_eq!(seen.closed("node3", None), ["space-elsewhere"]);
    let away = &mut seen.report.told_mut().chunkservers[1];
    (away.connected, away.used) = (false, 0);
    assert_eq!(seen.closed("node3", None), ["chunkservers-connected", "enough-chunkservers", "space-elsewhere"]);
}

#[test]
fn the_only_disk_is_not_taken_alone() {
    let mut seen = Seen::new();
    assert_eq!(seen.closed("node3", Some("/mnt/mfs1")), ["another-disk"]);
    let second = ChunkDisk { path: "/mnt/mfs2".into(), limit: None, mark: None, device: None, lvm: None, fs: "xfs".into() };
    seen.world.node("node3").disks.push(second);
    assert!(seen.closed("node3", Some("/mnt/mfs1")).is_empty());
    assert_eq!(seen.leaver("node3", Some("/mnt/mfs1")).bytes(), Some(18_841_600));
}

#[test]
fn a_last_metalogger_is_missed() {
    let mut seen = Seen::new();
    for name in ["node1", "node2"] {
        seen.report.node_mut(name).metalogger_running = Some(false);
    }
    seen.world.node("node6").roles.insert(Role::Metalogger);
    assert_eq!(seen.closed("node6", None), ["metaloggers-left"]);
}

#[test]
fn draining_ends_when_all_copies_are_elsewhere() {
    let mut seen = Seen::new();
    let drain = |seen: &Seen| seen.leaver("node3", None).drain();
    assert_eq!(drain(&seen), Drain::Unmarked);
    seen.report.node_mut("node3").disks.as_mut().unwrap()[0].marked_for_removal = true;
    assert_eq!(drain(&seen), Drain::Counting, "five chunks are there, and the master was not told of the mark");
    seen.report.told_mut().chunkservers[0].removal_chunks = 5;
    seen.report.told_mut().chunks.regular.undergoal = 4;
    seen.report.told_mut().chunks.regular.endangered = 1;
    assert_eq!(drain(&seen), Drain::Left(5));
    seen.report.told_mut().chunks.regular.undergoal = 0;
    seen.report.told_mut().chunks.regular.endangered = 0;
    seen.report.told_mut().chunkservers[0].removal = Removal::InProgress;
    assert_eq!(drain(&seen), Drain::Counting);
    seen.report.told_mut().chunkservers[0].removal = Removal::Ready;
    assert_eq!(drain(&seen), Drain::Done);
    seen.report.told_mut().chunkservers[0].connected = false;
    assert_eq!(drain(&seen), Drain::Unmarked, "what cannot be asked is not done");
}
