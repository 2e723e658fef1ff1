//! Reading a side for a restore, and opening its volume: only where nobody writes, only on hold.

use crate::sandbox::{Node, text};

#[test]
fn a_mounted_volume_is_read_where_it_is() {
    let node = Node::alone("node1");
    node.serving();
    let out = node.ha(&["view", "sh", "-c", "echo \"$VIEW|$VIEW_HOW\""]);
    assert_eq!(text(&out.stdout).trim(), format!("{}|the mounted volume", node.path("data/mfs").display()));
    assert_eq!(node.status(&["view"]), 64);
    assert_eq!(node.status(&["view", "false"]), 1);
}

/// Programs with which a second mapping of the volume seems to be made: the view is the sandbox's data directory.
fn mappable(node: &Node, while_read: &str) {
    node.fake("drbdadm", "echo \"$S/lv\"");
    node.fake("blockdev", "echo 2048");
    node.fake("dmsetup", "case $1 in table) echo '0 2048 linear 8:1 0' ;; info) exit 1 ;; esac");
    node.fake("losetup", "echo /dev/loop9");
    node.fake("modprobe", ":");
    node.fake("mount", "cp -r \"$S/data/mfs\" \"$S/run/view/\" && echo \"/dev/mapper/v $S/run/view xfs ro 0 0\" >>\"$PROC/mounts\"");
    node.fake("umount", "rm -r \"$S/run/view/mfs\" && sed -i '/run.view/d' \"$PROC/mounts\"");
    node.fake("reader", &format!("ls \"$VIEW\"; {while_read}"));
}

#[test]
fn two_secondaries_are_read_and_whoever_receives_is_not() {
    let node = Node::alone("node1");
    mappable(&node, ":");
    node.write("data/mfs/metadata.mfs", "x");
    node.drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----");
    let out = node.ha(&["view", "reader"]);
    assert_eq!((out.status.code(), text(&out.stdout).trim()), (Some(0), "metadata.mfs"), "{}", text(&out.stderr));
    for state in [
        "cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----",
        "cs:SyncTarget ro:Secondary/Secondary ds:Inconsistent/UpToDate C r-----",
    ] {
        node.drbd(state);
        let out = node.ha(&["view", "reader"]);
        assert!(text(&out.stderr).contains("it receives the peer's writes"), "{state}: {}", text(&out.stderr));
    }
}

#[test]
fn what_was_written_to_meanwhile_does_not_count() {
    for change in ["s|ro:Secondary/Secondary|ro:Secondary/Primary|", "s|nr:0|nr:4|"] {
        let node = Node::alone("node1");
        mappable(&node, &format!("sed -i '{change}' \"$PROC/drbd\""));
        let out = node.ha(&["view", "reader"]);
        assert!(!out.status.success() && text(&out.stderr).contains("became Primary while it was read"), "{change}: {}", text(&out.stderr));
    }
}

#[test]
fn the_volume_is_opened_on_hold_only_and_without_address_and_master() {
    let node = Node::alone("node1");
    let refused = node.ha(&["open-volume"]);
    assert!(text(&refused.stderr).contains("only on hold"), "{}", text(&refused.stderr));
    assert_eq!(node.says("role"), "Secondary");
    assert!(node.ha(&["hold", "600", "restore-meta", "test"]).status.success());
    assert!(node.ha(&["open-volume"]).status.success(), "{}", node.read("log"));
    let is = |key: &str| node.says(key);
    assert_eq!((is("role").as_str(), is("mounted").as_str(), is("vip").as_str(), is("listening").as_str()), ("Primary", "yes", "no", "no"));
    // Again is no harm, and demote ends it.
    assert!(node.ha(&["open-volume"]).status.success());
    assert!(node.ha(&["demote"]).status.success());
    assert_eq!((is("role").as_str(), is("mounted").as_str()), ("Secondary", "no"));
    // The votes decide as ever.
    node.write("primary-fails", "no majority");
    assert!(text(&node.ha(&["open-volume"]).stderr).contains("no majority"));
    std::fs::remove_file(node.path("primary-fails")).unwrap();
    node.write("unit", "active\n");
    assert!(text(&node.ha(&["open-volume"]).stderr).contains("mfsmaster runs here"));
}

#[test]
fn without_room_for_the_view_that_is_the_reason() {
    let node = Node::alone("node1");
    mappable(&node, ":");
    node.fake("df", "echo Filesystem; echo 'x 900000 899000 3072 99% /'");
    node.drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----");
    let out = node.ha(&["view", "reader"]);
    assert!(!out.status.success() && text(&out.stderr).contains("has 3 MiB free, 16 MiB are needed"), "{}", text(&out.stderr));
}
