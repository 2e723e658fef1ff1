//! The planned switchover as the nodes see it: who yields, when that ends, and what is told of the times.

use crate::sandbox::{Node, text};

#[test]
fn an_active_node_in_sync_yields_at_once_until_the_peer_is_primary() {
    let node = Node::alone("node1");
    node.serving();
    node.ha(&["prepare"]);
    node.write("run/health", "0\n");
    assert_eq!(node.status(&["yield", "60", "run-7"]), 0);
    assert_eq!(node.read("run/health"), "1\n", "keepalived sees it without waiting for the agent");
    let told = node.ha(&["check"]);
    assert!(!told.status.success() && text(&told.stdout).contains("yields to node2 (run-7)"), "{}", text(&told.stdout));
    assert_eq!((node.says("yield"), node.says("switchover")), ("run-7".to_owned(), "node2 run-7".to_owned()));

    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    assert_eq!(node.status(&["check"]), 0, "from now on it is the standby");
    assert_eq!((node.says("yield"), node.says("switchover")), (String::new(), "node2 run-7".to_owned()), "the marker stays");
    assert_eq!(node.status(&["unyield"]), 0);
    assert_eq!(node.says("switchover"), "");
}

#[test]
fn the_agent_makes_a_node_that_yielded_fit_again() {
    let node = Node::alone("node1");
    node.serving();
    let agent = node.spawn(&["agent"]);
    node.until("it is fit", |n| n.read("run/health") == "0\n");
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!(node.read("run/health"), "1\n", "the agent leaves it unfit");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    node.until("it is fit as a standby", |n| n.read("run/health") == "0\n" && !n.exists("run/yield"));
    drop(agent);
}

#[test]
fn without_a_peer_that_takes_it_the_node_serves_on() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    node.write("run/yield", "1 x\n");
    assert_eq!(node.status(&["check"]), 0, "it ended by itself");
}

#[test]
fn yielding_is_refused_where_it_would_harm() {
    let refused = |node: &Node, why: &str| {
        let out = node.ha(&["yield", "60", "x"]);
        assert!(!out.status.success() && text(&out.stderr).contains(why), "{why}: {}", text(&out.stderr));
        assert!(!node.exists("run/yield") && !node.exists("run/switchover"));
    };
    let node = Node::alone("node1");
    refused(&node, "not Primary");
    node.serving();
    node.drbd("cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----");
    refused(&node, "replication is SyncSource UpToDate/Inconsistent");
    node.drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----");
    refused(&node, "WFConnection");
    node.serving();
    node.write("run/busy", "");
    refused(&node, "under way");
    std::fs::remove_file(node.path("run/busy")).unwrap();
    assert_eq!(node.status(&["hold", "60", "patching"]), 0);
    refused(&node, "on hold (patching)");
    node.ha(&["unhold"]);
    for seconds in ["", "x", "601", "-1"] {
        assert_ne!(node.status(&["yield", seconds, "x"]), 0);
    }
}

#[test]
fn the_timeline_names_every_step_in_order() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    node.ha(&["notify", "fault"]);
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.says("role"), "Primary", "it serves on until the peer is elected");
    assert_eq!(node.status(&["let-go"]), 0);
    assert_eq!(node.status(&["reconcile"]), 0);
    let timeline = text(&node.ha(&["timeline"]).stdout);
    let mut lines = timeline.lines();
    let now: u64 = lines.next().unwrap().strip_prefix("now ").unwrap().parse().unwrap();
    let marks: Vec<(u64, &str)> = lines.map(|l| l.split_once(' ').unwrap()).map(|(at, what)| (at.parse().unwrap(), what)).collect();
    assert!(marks.is_sorted_by_key(|(at, _)| *at) && marks.last().unwrap().0 <= now);
    let words: Vec<&str> = marks.iter().map(|(_, what)| *what).collect();
    let expected = ["yield: begin", "demote: begin", "demote: mfsmaster stopped", "demote: 10.0.0.9 removed"];
    assert_eq!(words[..4], expected, "{timeline}");
    assert_eq!(words.last(), Some(&"demote: done"));
}

#[test]
fn a_node_that_yields_serves_on_until_it_is_told_or_the_time_is_over() {
    let node = Node::alone("node1");
    node.serving();
    assert_ne!(node.status(&["let-go"]), 0, "it does not yield");
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    for state in ["fault", "backup"] {
        node.ha(&["notify", state]);
        node.ha(&["reconcile"]);
        assert_eq!(node.says("listening"), "yes", "{state}");
    }
    node.write("run/serve-on", "1 long ago\n");
    node.ha(&["reconcile"]);
    assert_eq!((node.says("role"), node.says("listening")), ("Secondary".to_owned(), "no".to_owned()));

    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    node.ha(&["notify", "stop"]);
    node.ha(&["reconcile"]);
    assert_eq!(node.says("listening"), "no", "keepalived's own end is not waited out");
}

#[test]
fn what_is_undone_serves_on_until_it_is_elected_again() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["yield", "60", "x"]), 0);
    node.ha(&["notify", "fault"]);
    assert_eq!(node.status(&["unyield"]), 0);
    node.ha(&["reconcile"]);
    assert_eq!(node.says("listening"), "yes");
    assert_eq!(node.status(&["check"]), 0, "keepalived may elect it");
    node.ha(&["notify", "master"]);
    node.ha(&["reconcile"]);
    assert_eq!(node.says("role"), "Primary");
}

/// mfsctl lost sight of the node that takes over, and asks the old one to serve on: that never comes.
#[test]
fn who_waits_for_the_old_one_to_serve_is_told_that_the_other_is_primary() {
    let node = Node::alone("node1");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    let told = node.ha(&["await", "serving", "5"]);
    assert_eq!((told.status.code(), text(&told.stdout).trim()), (Some(3), "node2 is Primary"));
    node.drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(node.status(&["await", "serving", "1"]), 1);
}

#[test]
fn without_witnesses_only_a_person_says_that_the_peer_is_dead() {
    let node = Node::alone("node2");
    for (state, refused) in [
        ("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate", true),
        ("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown", false),
    ] {
        node.drbd(&format!("{state} C r-----"));
        assert_ne!(node.status(&["fence"]), 4, "{state}: nobody said so yet");
        assert_ne!(node.status(&["seize", "yes"]), 0);
        assert_eq!(node.status(&["seize", "THE-PEER-IS-DEAD", "WITHOUT-WITNESSES"]) != 0, refused, "{state}");
        assert_eq!(node.exists("var/holding"), !refused);
    }
    assert_eq!(node.status(&["fence"]), 4);
    assert_eq!(node.status(&["check"]), 0, "the holder of the votes is fit");
    node.write("run/alone", "1 long ago\n");
    assert_ne!(node.status(&["fence"]), 4, "the word ends by itself");
}

#[test]
fn a_node_stands_for_election_only_on_hold() {
    let node = Node::alone("node2");
    node.ha(&["prepare"]);
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----");
    assert_ne!(node.status(&["stand"]), 0);
    assert_eq!(node.status(&["hold", "60", "forced takeover"]), 0);
    assert_eq!(node.status(&["stand"]), 0);
    let agent = node.spawn(&["agent"]);
    std::thread::sleep(std::time::Duration::from_millis(3500));
    assert_eq!(node.read("run/health"), "0\n", "the agent does not take it back while on hold");
    drop(agent);
}

#[test]
fn older_data_becomes_primary_only_with_the_votes_and_in_so_many_words() {
    let node = Node::alone("node2");
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----");
    assert_ne!(node.status(&["force-primary"]), 0);
    assert_ne!(node.status(&["force-primary", "I-ACCEPT-THE-LOSS"]), 0, "the votes are missing");
    assert!(!node.read("calls").contains("--force"));
    assert_eq!(node.status(&["seize", "THE-PEER-IS-DEAD", "WITHOUT-WITNESSES"]), 0);
    node.drbd("cs:Connected ro:Secondary/Primary ds:Outdated/UpToDate C r-----");
    assert_ne!(node.status(&["force-primary", "I-ACCEPT-THE-LOSS"]), 0, "the peer is there");
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:Diskless/DUnknown C r-----");
    assert_ne!(node.status(&["force-primary", "I-ACCEPT-THE-LOSS"]), 0, "there is no data");
    node.drbd("cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----");
    assert_eq!(node.status(&["force-primary", "I-ACCEPT-THE-LOSS"]), 0, "{}", node.read("log"));
    assert!(node.read("calls").contains("drbdadm primary --force mfs"));
    assert_eq!(node.says("role"), "Primary");
}
