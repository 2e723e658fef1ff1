//! What is shipped: shellcheck, and no surprises in other shells.

use std::process::{Command, Stdio};

use mfsctl::step::ha;

fn lint(name: &str, script: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, script).unwrap();
    let out = Command::new("shellcheck").args(["-s", "sh"]).arg(&path).output().expect("shellcheck: install the package shellcheck");
    assert!(out.status.success(), "{name}:\n{}", String::from_utf8_lossy(&out.stdout));
    for shell in ["dash", "bash"] {
        let status = Command::new(shell).arg("-n").arg(&path).stderr(Stdio::inherit()).status().unwrap();
        assert!(status.success(), "{shell} -n {name}");
    }
}

#[test]
fn scripts_are_clean() {
    lint("mfs-ha", ha::SCRIPT);
    lint("mfs-witness", ha::WITNESS_SCRIPT);
    lint("mfs-restore", mfsctl::fact::restore::SCRIPT);
    lint("mfs-ha-healthy", include_str!("../../playbooks/files/mfs-ha-healthy"));
}

#[test]
fn an_installed_script_takes_no_settings_from_its_caller() {
    for script in [ha::SCRIPT, ha::WITNESS_SCRIPT] {
        assert!(script.contains("\n/usr/local/sbin/mfs-"), "the installed path keeps its own settings");
    }
}

#[test]
fn no_arguments_and_unknown_ones_explain_themselves() {
    let node = crate::sandbox::Node::alone("node1");
    assert_eq!(node.status(&[]), 64);
    assert_eq!(node.status(&["frobnicate"]), 64);
    assert_eq!(node.status(&["notify", "sideways"]), 64);
    assert_eq!(node.status(&["hold", "tomorrow"]), 64);
    assert!(crate::sandbox::text(&node.ha(&["help"]).stdout).contains("restart-master"));
}
