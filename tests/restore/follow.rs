//! A metalogger after a restore: its copy begins anew, and what it had is kept.

use std::fs;

use crate::sandbox::Node;

/// Starts by downloading what is served; whatever changes come then go behind those of the file that is there.
const SYSTEMCTL: &str = r#"#!/bin/sh
dir=${0%/bin/*}
echo "$*" >>"$dir/told"
case $1 in restart)
	[ ! -e "$dir/silent" ] || exit 0
	sleep 0.1; cp "$dir/served" "$dir/ml/metadata_ml.mfs.back"; echo '3684: 1|ACCESS(1)' >>"$dir/ml/changelog_ml.0.mfs" ;;
esac
"#;

fn metalogger() -> Node {
    let node = Node::new();
    node.with("metadata-dirs/m1.crash2", "data");
    fs::copy(node.path("data/metadata.mfs.back"), node.path("served")).unwrap();
    fs::copy(node.path("data/metadata.mfs.back"), node.path("ml/metadata_ml.mfs.back")).unwrap();
    fs::write(node.path("ml/changelog_ml.0.mfs"), "4789: 1|ACCESS(1)\n4790: 1|ACCESS(1)\n").unwrap();
    fs::write(node.path("ml/changelog_ml_back.0.mfs"), "4700: 1|ACCESS(1)\n").unwrap();
    fs::write(node.path("ml/metadata.mfs.empty"), "MFSM NEW").unwrap();
    node.program("systemctl", SYSTEMCTL);
    node
}

fn follow(node: &Node) -> Result<String, String> {
    let text = |sub: &str| node.path(sub).display().to_string();
    node.ran(&["follow", &text("work"), "moosefs-metalogger", &text("ml"), "4"])
}

#[test]
fn changes_that_were_given_up_and_those_after_the_restore_are_never_in_one_file() {
    let node = metalogger();
    follow(&node).unwrap();
    assert_eq!(fs::read_to_string(node.path("ml/changelog_ml.0.mfs")).unwrap(), "3684: 1|ACCESS(1)\n");
    assert!(!node.path("ml/changelog_ml_back.0.mfs").exists());
    assert!(node.path("ml/metadata.mfs.empty").exists());
    assert!(fs::read_to_string(node.path("work/metalogger/changelog_ml.0.mfs")).unwrap().starts_with("4789: "));
    assert!(node.path("work/metalogger/SHA256SUMS").exists() && node.path("work/metalogger/changelog_ml_back.0.mfs").exists());
}

#[test]
fn a_copy_kept_earlier_stays_beside_one_of_what_came_since() {
    let node = metalogger();
    node.keep("ml", "metalogger").unwrap();
    fs::write(node.path("ml/changelog_ml.0.mfs"), "4789: 1|ACCESS(1)\n4790: 1|ACCESS(1)\n4791: 1|ACCESS(1)\n").unwrap();
    follow(&node).unwrap();
    assert_eq!(fs::read_to_string(node.path("work/metalogger/changelog_ml.0.mfs")).unwrap().lines().count(), 3);
    assert_eq!(fs::read_to_string(node.path("work/metalogger-1/changelog_ml.0.mfs")).unwrap().lines().count(), 2);
}

#[test]
fn what_was_downloaded_since_is_not_begun_anew_by_a_second_run() {
    let node = metalogger();
    fs::write(node.path("silent"), "").unwrap();
    assert!(follow(&node).unwrap_err().contains("was not downloaded within"));
    fs::remove_file(node.path("silent")).unwrap();
    follow(&node).unwrap();
    follow(&node).unwrap();
    assert_eq!(fs::read_to_string(node.path("ml/changelog_ml.0.mfs")).unwrap(), "3684: 1|ACCESS(1)\n3684: 1|ACCESS(1)\n");
    assert_eq!(fs::read_to_string(node.path("told")).unwrap().matches("stop").count(), 1);
}

#[test]
fn nothing_is_removed_before_it_is_kept() {
    let node = metalogger();
    node.program("df", "#!/bin/sh\necho Filesystem; echo 'x 100 90 10 90% /'\n");
    assert!(follow(&node).unwrap_err().contains("MiB are needed"));
    assert!(node.path("ml/changelog_ml.0.mfs").exists() && node.path("ml/metadata_ml.mfs.back").exists());
    fs::remove_file(node.path("bin/df")).unwrap();
    node.mortal();
    let text = |sub: &str| node.path(sub).display().to_string();
    let words = ["follow", &text("work"), "moosefs-metalogger", &text("ml"), "4"];
    let mut at = 1;
    while node.dies(&words, at) {
        let there = node.path("ml/changelog_ml.0.mfs").exists();
        let kept = node.path("work/metalogger/SHA256SUMS").exists();
        assert!(there || kept, "step {at}");
        at += 1;
        assert!(at < 60);
    }
    assert!(at > 5, "{at}");
    assert_eq!(fs::read_to_string(node.path("ml/changelog_ml.0.mfs")).unwrap(), "3684: 1|ACCESS(1)\n");
}
