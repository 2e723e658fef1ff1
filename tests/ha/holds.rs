//! Holds with a name and an end, what a report tells, and a side's data read and kept.

use crate::sandbox::{Node, text};

fn report(node: &Node) -> mfsctl::fact::ha_report::HaReport {
    let out = node.ha(&["report"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    mfsctl::fact::ha_report::parse(&text(&out.stdout)).unwrap_or_else(|e| panic!("{e}: {}", text(&out.stdout)))
}

#[test]
fn a_hold_names_who_set_it_and_when_it_ends() {
    let node = Node::alone("node1");
    assert_eq!(node.status(&["hold", "600", "new switch", "ann@desk"]), 0);
    let hold = report(&node).hold.unwrap();
    assert_eq!((hold.why.as_str(), hold.by.as_str()), ("new switch", "ann@desk"));
    assert!((595..=600).contains(&hold.left), "{}", hold.left);
    // Again: a new end.
    assert_eq!(node.status(&["hold", "60", "still", "bob@desk"]), 0);
    let hold = report(&node).hold.unwrap();
    assert!(hold.left <= 60 && hold.by == "bob@desk");
    assert_eq!(node.status(&["unhold"]), 0);
    assert_eq!(report(&node).hold, None);
    assert!(node.read("log").contains("hold ended with"), "{}", node.read("log"));
    assert_eq!(node.status(&["hold", "3601"]), 64);
}

#[test]
fn a_reason_of_several_lines_stays_one() {
    let node = Node::alone("node1");
    assert_eq!(node.status(&["hold", "600", "one\ntwo=\u{7}three", "ann\n@desk"]), 0);
    let hold = report(&node).hold.unwrap();
    assert_eq!((hold.why.as_str(), hold.by.as_str()), ("one two= three", "ann @desk"));
}

#[test]
fn a_restart_of_the_master_leaves_a_persons_hold_alone() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["hold", "600", "new switch", "ann@desk"]), 0);
    node.ha(&["restart-master"]);
    assert_eq!(report(&node).hold.map(|h| h.why), Some("new switch".into()));
    assert!(!report(&node).restarting && !node.exists("run/restarting"));
}

#[test]
fn held_in_every_layer() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["notify", "master"]), 0);
    assert_eq!(node.status(&["hold", "600", "test"]), 0);
    // mfsmaster dies: no fault.
    assert_eq!(node.status(&["master-exited"]), 0);
    assert!(!node.exists("run/fault"));
    // keepalived stops, or wishes otherwise: nothing moves.
    for (word, argument) in [("stop-all", ""), ("notify", "backup"), ("notify", "fault")] {
        assert_eq!(node.status(&[word, argument]), 0);
        assert_eq!(node.status(&["reconcile"]), 0);
        assert_eq!((node.says("role").as_str(), node.says("mounted").as_str()), ("Primary", "yes"), "{word} {argument}");
    }
    // keepalived hears of no change, for the worse or the better.
    let looks = "bad=0 good=0 told='' was_connected=no tidy_at=0 quorum_at=0 ask_at=99999999 nudge_at=99999999; tick; tick; tick";
    for (health, state) in
        [("0", "cs:StandAlone ro:Primary/Unknown ds:Diskless/Outdated"), ("1", "cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate")]
    {
        node.drbd(&format!("{state} C r-----"));
        node.write("run/health", &format!("{health}\n"));
        node.shell(looks);
        assert_eq!(node.read("run/health"), format!("{health}\n"));
    }
    assert_eq!(node.status(&["unhold"]), 0);
    node.shell(looks);
    assert_eq!(node.read("run/health"), "0\n");
}

#[test]
fn a_report_tells_what_the_agent_would_not() {
    let node = Node::alone("node1");
    node.write("run/fault", "99999999 promotion failed\n");
    node.write("run/busy", "");
    let told = report(&node);
    assert_eq!(told.fault.map(|f| f.why), Some("promotion failed".into()));
    assert!(told.busy && told.votes.is_some_and(|v| v.is_empty()));
    assert_eq!(told.keepalived, "unknown");
}

#[test]
fn a_mounted_side_is_read_where_it_is() {
    let node = Node::alone("node1");
    node.serving();
    let mut metadata = b"MFSM 2.0\0\0\0\0\0\0\0\x13\x6b\x03\x1f\xca\xfe\x27\xe6\x3d".to_vec();
    metadata.extend_from_slice(b"[MFS EOF MARKER]");
    std::fs::write(node.path("data/mfs/metadata.mfs.back"), &metadata).unwrap();
    node.write("data/mfs/changelog.1.mfs", "17: 1700000000|CREATE(1,a)\n");
    node.write("data/mfs/changelog.0.mfs", "18: 1700000001|CREATE(1,b)\n19: 17000");
    let side = mfsctl::fact::side::parse(&text(&node.ha(&["side"]).stdout)).unwrap();
    assert_eq!((side.unread, side.metadata.len(), side.changes.len()), (None, 1, 2));
    assert_eq!((side.metadata[0].version, side.metadata[0].id.as_deref()), (Some(19), Some("6b031fcafe27e63d")));
    // A running master's files change under the copy.
    let out = node.shell("GEN=X; with_view copy_side || echo \"$WHY\"");
    assert!(text(&out.stdout).contains("demote this node first"), "{}", text(&out.stdout));
}

#[test]
fn a_kept_copy_is_whole_named_by_its_content_and_found_again() {
    let node = Node::alone("node1");
    node.serving();
    node.write("proc/net/tcp", "  sl\n");
    node.write("data/mfs/metadata.mfs", "x");
    node.write("data/mfs/changelog.0.mfs", "1: 2|A()\n");
    node.write("data/mfs/stats.mfs", "not wanted");
    node.write(
        "bin/drbdadm",
        "#!/bin/sh\n[ $1 != get-gi ] || echo 8E7B13C2A0F6AF8A:0D0A4B3E5C6F7A80:0000000000000004:0000000000000000:1:1\n",
    );
    let save = || text(&node.ha(&["save-side"]).stdout);
    let first = save();
    let dir = first.lines().next().unwrap().strip_prefix("saved=").unwrap().to_owned();
    assert!(dir.contains("mfs-8E7B13C2A0F6AF8A-") && first.contains(" metadata.mfs") && !first.contains("stats"), "{first}");
    assert_eq!(save(), first, "the same again is the same copy");
    assert_eq!(text(&node.ha(&["saved-side"]).stdout), first);
    // Another content is another copy; a damaged one is no copy.
    node.write("data/mfs/metadata.mfs", "y");
    let second = save();
    assert_ne!(second, first);
    std::fs::write(format!("{dir}/metadata.mfs"), "damaged").unwrap();
    assert_eq!(text(&node.ha(&["saved-side"]).stdout), second);
    node.write("data/mfs/metadata.mfs", "x");
    let out = node.ha(&["save-side"]);
    assert!(!out.status.success() && text(&out.stderr).contains("damaged"), "{}", text(&out.stderr));
}

#[test]
fn a_secondary_whose_peer_writes_is_not_read() {
    let node = Node::alone("node1");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    let side = mfsctl::fact::side::parse(&text(&node.ha(&["side"]).stdout)).unwrap();
    assert!(side.unread.unwrap().contains("receives the peer's writes"));
    // Nor one whose device nobody can name.
    node.drbd("cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----");
    let side = mfsctl::fact::side::parse(&text(&node.ha(&["side"]).stdout)).unwrap();
    assert!(side.unread.unwrap().contains("no backing device"));
    assert!(!node.exists("run/view") && !node.exists("var/view.cow"));
}
