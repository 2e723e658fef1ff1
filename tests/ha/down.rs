//! Stopped on purpose: durable, obeyed by every layer, and ended only by word.

use crate::metadata::filled;
use crate::sandbox::{Node, text};

const LOOKS: &str = "bad=0 good=0 told='' was_connected=no tidy_at=0 quorum_at=0 ask_at=99999999 nudge_at=99999999; tick; tick; tick";

#[test]
fn a_serving_node_lets_go_though_keepalived_wishes_it_to_serve() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["notify", "master"]), 0);
    assert_eq!(node.status(&["stay-down", "12", "new rack", "ann@desk"]), 0);
    assert_eq!(node.read("run/health"), "1\n", "unfit at once");
    assert_eq!(node.status(&["reconcile"]), 0);
    let state = ["role", "mounted", "vip", "master"].map(|key| node.says(key));
    assert_eq!(state, ["Secondary", "no", "no", "inactive"]);
    assert_eq!(node.status(&["await", "down", "2"]), 0);
    // Elected again, asked again, looked at again: it stays down, and says who and why.
    assert_eq!(node.status(&["notify", "master"]), 0);
    assert_eq!(node.status(&["reconcile"]), 0);
    node.shell(LOOKS);
    assert_eq!((node.says("role").as_str(), node.says("health").as_str()), ("Secondary", "1"));
    let why = node.says("why");
    assert!(why.starts_with("stopped on purpose since 20") && why.ends_with(" by ann@desk: new rack"), "{why}");
    // A boot takes /run away, not the word.
    std::fs::remove_dir_all(node.path("run")).unwrap();
    assert_eq!(node.status(&["notify", "master"]), 0);
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.says("role"), "Secondary");
    assert_eq!(node.status(&["come-back"]), 0);
    assert_eq!(node.status(&["come-back"]), 0);
    node.shell(LOOKS);
    assert_eq!(node.says("health"), "0");
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.says("role"), "Primary");
}

#[test]
fn the_first_who_stopped_it_stays_named_and_a_hold_comes_first() {
    let node = Node::alone("node2");
    assert_eq!(node.status(&["hold", "600", "work", "bob@desk"]), 0);
    assert_ne!(node.status(&["stay-down", "0", "x", "ann@desk"]), 0);
    assert!(!node.exists("var/down"));
    assert_eq!(node.status(&["unhold"]), 0);
    assert_eq!(node.status(&["stay-down", "0", "one\ntwo", "ann@desk"]), 0);
    assert_eq!(node.status(&["stay-down", "0", "later", "bob@desk"]), 0);
    node.shell(LOOKS);
    assert!(node.says("why").ends_with(" by ann@desk: one two"), "{}", node.says("why"));
    for wrong in ["", "x", "-1"] {
        assert_eq!(node.status(&["stay-down", wrong]), 64, "{wrong}");
    }
}

#[test]
fn what_was_stored_is_looked_at_before_the_volume_goes() {
    let stored = |state: &str, version: &str| {
        let node = filled(Node::alone("node1"), state);
        node.write("unit", "active\n");
        assert_eq!(node.status(&["stay-down", version, "x", "y"]), 0);
        let out = node.ha(&["reconcile"]);
        assert_eq!(node.says("mounted"), "no", "{}", text(&out.stderr));
        node.read("var/stored")
    };
    let whole = stored("m1.clean1", "1");
    let words: Vec<&str> = whole.split_whitespace().collect();
    assert_eq!((words[0], words.len(), words[2].len()), ("whole", 3, 16), "{whole}");
    let version: u64 = words[1].parse().unwrap();
    assert_eq!(stored("m1.clean1", &version.to_string()), whole);
    assert!(stored("m1.clean1", &(version + 1).to_string()).starts_with("torn metadata.mfs is of version"));
    assert!(stored("m1.crash1", "1").starts_with("torn metadata.mfs is not there"));
}

#[test]
fn an_end_of_mfsmaster_is_no_fault_then() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["notify", "master"]), 0);
    assert_eq!(node.status(&["stay-down", "1"]), 0);
    assert_eq!(node.status(&["master-exited"]), 0);
    assert!(!node.exists("run/fault") && !node.exists("run/restarted"));
}
