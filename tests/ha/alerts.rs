//! What the takeover tells, and that telling costs it nothing.

use std::time::{Duration, Instant};

use crate::sandbox::{Node, text};

/// A node whose alerts are taken by nobody: they stay to be read.
fn telling(name: &str) -> Node {
    told_to(Node::alone(name))
}

pub fn told_to(node: Node) -> Node {
    let dir = node.dir.path().display().to_string();
    std::fs::create_dir_all(node.path("alerts/in")).unwrap();
    std::fs::create_dir_all(node.path("last/in")).unwrap();
    node.write("conf", &format!("{}\nALERTS={dir}/alerts/in LAST_WORDS={dir}/last/in\n", node.read("conf")));
    node
}

/// `severity kind: text` of each alert, in order.
pub fn told(node: &Node) -> Vec<String> {
    read(node, "alerts/in")
}

fn read(node: &Node, sub: &str) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(node.path(sub)).unwrap().map(|e| e.unwrap().path()).collect();
    // By uptime, then by number.
    names.sort_by_key(|n| {
        let name = n.file_name().unwrap().to_str().unwrap().to_owned();
        name.split('.').map(|part| part.parse::<u64>().unwrap()).collect::<Vec<_>>()
    });
    let line = |text: String| {
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[3]), (4, "."), "{text}");
        format!("{} {}: {}", lines[0], lines[1], lines[2])
    };
    names.into_iter().map(|n| line(std::fs::read_to_string(n).unwrap())).collect()
}

fn wish(node: &Node, state: &str) {
    assert_eq!(node.status(&["notify", state]), 0);
    assert_eq!(node.status(&["reconcile"]), 0, "{}", node.read("log"));
}

#[test]
fn becoming_active_and_passive_with_the_reasons() {
    let node = telling("node1");
    wish(&node, "master");
    wish(&node, "fault");
    let told = told(&node);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("warning active: became the active master in "), "{told:?}");
    assert!(told[0].ends_with("s: node2 is connected and does not serve"), "{told:?}");
    assert_eq!(told[1], "notice passive: gave up the service: keepalived wishes fault");
    wish(&node, "fault");
    assert_eq!(read(&node, "alerts/in").len(), 2, "nothing happened, nothing is told");
    node.serving();
    node.write("run/switchover", "node2 run-7\n");
    wish(&node, "stop");
    assert_eq!(read(&node, "alerts/in")[2], "notice passive: gave up the service: planned switchover to node2");
}

#[test]
fn the_peer_that_died_is_named_by_the_one_that_lives() {
    let node = telling("node1");
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----");
    node.ha(&["prepare"]);
    node.shell("seconds; put \"$RUN/lost\" $((NOW - 4))");
    wish(&node, "master");
    let told = told(&node);
    let words = "node2 cannot be seen (replication WFConnection, for ";
    assert!(told.iter().any(|t| t.contains("became the active master") && t.contains(words)), "{told:?}");
}

/// keepalived may elect this node before DRBD has noticed that the peer is gone.
#[test]
fn a_peer_that_died_was_not_letting_go() {
    let node = telling("node1");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    assert_eq!(node.status(&["notify", "master"]), 0);
    let worker = node.spawn(&["reconcile"]);
    std::thread::sleep(std::time::Duration::from_millis(700));
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----");
    node.until("it tells", |n| told(n).iter().any(|t| t.contains("became the active master")));
    assert!(told(&node).iter().any(|t| t.contains("node2 cannot be seen (replication WFConnection, for ")), "{:?}", told(&node));
    drop(worker);
}

#[test]
fn faults_refusals_and_torn_tails() {
    let node = telling("node1");
    node.write("mount-fails", "");
    wish(&node, "master");
    let all = told(&node);
    assert!(all[0].starts_with("critical fault: unfit for 20 s: promotion failed: mount /dev/drbd0: wrong fs type"), "{all:?}");
    assert!(!all.iter().any(|t| t.contains("became the active")), "{all:?}");
    let node = telling("node1");
    node.serving();
    assert_ne!(node.status(&["before-master"]), 0);
    assert!(told(&node)[0].starts_with("critical start-refused: mfsmaster not started: no valid metadata in "), "{:?}", told(&node));
    let node = telling("node1");
    node.write("data/mfs/changelog.0.mfs", "1: 1700000000|CREATE(1,2)\n2: 17000000");
    assert!(node.shell("prepare; set_aside=$MOUNT_POINT/.mfs-ha/x; cut_torn_tails").status.success());
    assert!(told(&node)[0].starts_with("warning torn-tail: metadata: 11 torn bytes cut off changelog.0.mfs at 26"), "{:?}", told(&node));
}

#[test]
fn health_and_replication_as_the_agent_sees_them() {
    let node = telling("node1");
    let agent = node.spawn(&["agent"]);
    node.until("it is fit", |n| n.read("run/health") == "0\n");
    node.drbd("cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----");
    node.until("it is unfit", |n| n.read("run/health") == "1\n");
    node.drbd("cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----");
    std::thread::sleep(Duration::from_millis(1500));
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    node.until("it is fit again", |n| told(n).len() == 5);
    drop(agent);
    // A new agent tells nothing twice.
    let again = node.spawn(&["agent"]);
    std::thread::sleep(Duration::from_millis(2500));
    drop(again);
    let kinds: Vec<String> = told(&node).iter().map(|t| t.split([' ', ':']).nth(1).unwrap().to_owned()).collect();
    assert_eq!(kinds, ["healthy", "replication-lost", "unhealthy", "replication-synced", "healthy"], "{:?}", told(&node));
    assert!(told(&node)[2].contains("unfit: replication is StandAlone"), "{:?}", told(&node));
}

#[test]
fn a_node_that_boots_gives_its_peer_a_minute() {
    let node = telling("node1");
    node.ha(&["prepare"]);
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----");
    node.shell("snapshot; seconds; put \"$RUN/lost\" $((NOW - 30)); watch_replication");
    assert_eq!(told(&node).len(), 0);
    node.shell("snapshot; seconds; put \"$RUN/lost\" $((NOW - 61)); watch_replication; watch_replication");
    assert_eq!(told(&node).len(), 1);
    assert!(told(&node)[0].contains("no replication since this node is up"), "{:?}", told(&node));
}

#[test]
fn votes_won_and_lost() {
    let node = told_to(Node::new("node1", "127.0.0.1 127.0.0.2 127.0.0.3", 1));
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----");
    assert_eq!(node.status(&["fence"]), 1);
    assert!(told(&node)[0].starts_with("critical votes-lost: no majority of the witnesses"), "{:?}", told(&node));
    // Another promotion.
    std::fs::remove_file(node.path("run/refusal")).unwrap();
    let out = node.shell("prepare; claim() { return 0; }; fence");
    assert_eq!(out.status.code(), Some(4), "{}", text(&out.stderr));
    assert!(told(&node)[1].starts_with("warning votes-won: "), "{:?}", told(&node));
}

#[test]
fn holds_set_released_and_expired() {
    let node = telling("node1");
    assert_eq!(node.status(&["hold", "60", "new disks"]), 0);
    assert_eq!(node.status(&["unhold"]), 0);
    node.write("run/hold", "1 long ago\n");
    node.ha(&["check"]);
    let told = told(&node);
    assert_eq!(told[0], "notice hold: on hold for 60 s, no takeover meanwhile: new disks");
    assert_eq!(told[1], "notice hold-released: the hold is released");
    assert_eq!(told[2], "warning hold-expired: the hold has expired, this node acts by itself again (long ago)");
    assert_eq!(node.status(&["hold", "tomorrow"]), 64);
    assert_eq!(read(&node, "alerts/in").len(), 3, "what was refused is not told");
}

#[test]
fn restarting_the_master_by_hand_is_not_told_as_a_hold() {
    let node = telling("node1");
    wish(&node, "master");
    assert!(node.ha(&["restart-master"]).status.success());
    assert!(!told(&node).iter().any(|t| t.contains("hold")), "{:?}", told(&node));
}

#[test]
fn a_node_that_fences_itself_leaves_word_on_its_disk() {
    let node = telling("node1");
    node.serving();
    node.write("secondary-fails", "");
    assert_eq!(node.status(&["notify", "fault"]), 0);
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.read("proc/sysrq-trigger"), "b\n", "{}", node.read("log"));
    node.until("the words are on the disk", |n| !read(n, "last/in").is_empty());
    assert!(read(&node, "last/in")[0].starts_with("critical self-fence: fenced itself and reboots: cannot let go"));
}

#[test]
fn drbds_handlers_tell_and_return_at_once() {
    let node = telling("node1");
    node.drbd("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----");
    for handler in ["split-brain", "pri-lost-after-sb", "pri-on-incon-degr"] {
        assert_eq!(node.status(&["drbd-event", handler]), 0);
    }
    assert_eq!(node.status(&["drbd-event", "surprise"]), 64);
    let told = told(&node);
    assert_eq!(told.len(), 3);
    assert!(told[0].starts_with("critical split-brain: SPLIT BRAIN: ") && told[0].ends_with("(Primary, StandAlone, UpToDate/DUnknown)"));
    assert!(node.read("log").contains("SPLIT BRAIN"), "{}", node.read("log"));
}

#[test]
fn alerts_that_cannot_be_written_change_nothing() {
    // Not configured at all; a directory that takes no file; one that is a file.
    for broken in ["", "ALERTS=/proc/self/task LAST_WORDS=/proc/self/task\n", "ALERTS=/dev/null\n"] {
        let node = Node::alone("node1");
        node.write("conf", &format!("{}\n{broken}", node.read("conf")));
        let begin = Instant::now();
        wish(&node, "master");
        assert_eq!(node.says("role"), "Primary");
        wish(&node, "fault");
        assert_eq!(node.says("role"), "Secondary");
        assert!(begin.elapsed() < Duration::from_secs(15));
        let out = node.shell("prepare; alert warning x y; echo $?");
        assert_eq!((text(&out.stdout).as_str(), text(&out.stderr).as_str()), ("0\n", ""), "{broken}");
    }
}
