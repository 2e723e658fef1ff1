//! The command line as a person meets it: help, wrong flags, wrong inventories. Nothing here contacts a host.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use assert_cmd::Command;

fn mfsctl(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfsctl"));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("COLUMNS", "100").current_dir(home);
    command
}

fn run(args: &[&str]) -> (i32, String, String) {
    let home = tempfile::tempdir().unwrap();
    let output = mfsctl(home.path()).args(args).timeout(std::time::Duration::from_secs(60)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_command_has_help_with_its_own_examples() {
    let (code, out, _) = run(&["--help"]);
    assert_eq!(code, 0);
    for command in [
        "lab",
        "inventory",
        "provision",
        "status",
        "doctor",
        "failover",
        "failback",
        "notify",
        "ha",
        "split-brain",
        "backup-meta",
        "maintenance",
        "client",
        "tenant",
        "upgrade",
        "logs",
        "support-bundle",
        "exporter",
        "history",
        "playbook",
        "completions",
    ] {
        assert!(out.contains(command), "{command} is missing:\n{out}");
        let (code, out, err) = run(&[command, "--help"]);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("Usage: mfsctl"), "{out}");
    }
    for command in [
        "lab",
        "inventory",
        "provision",
        "status",
        "doctor",
        "failover",
        "failback",
        "notify",
        "ha",
        "split-brain",
        "backup-meta",
        "client",
        "tenant",
        "logs",
        "support-bundle",
        "exporter",
        "history",
    ] {
        let (_, out, _) = run(&[command, "--help"]);
        assert!(out.contains("Examples:"), "{command} --help shows no examples:\n{out}");
    }
    assert!(run(&["provision", "--help"]).1.contains("Exit status"));
}

#[test]
fn findings_are_explained_without_an_inventory() {
    let (code, out, err) = run(&["doctor", "--explain", "stale-metadata"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("stale-metadata (critical)") && out.contains("why: ") && out.contains("fix: "), "{out}");
    let (code, out, _) = run(&["doctor", "--explain", "vip-two", "--format", "json"]);
    let entry: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, entry["id"].as_str(), entry["severity"].as_str()), (0, Some("vip-two"), Some("critical")));
    let (code, out, err) = run(&["doctor", "--explain", "stale-metdata"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("did you mean") && err.contains("stale-metadata"), "{err}");
    let (code, out, _) = run(&["doctor", "--list"]);
    assert!(code == 0 && out.contains("drbd-diskless") && out.contains("port-blocked"), "{out}");
    let all: serde_json::Value = serde_json::from_str(&run(&["doctor", "--list", "--format", "json"]).1).unwrap();
    assert!(all.as_array().unwrap().len() > 90 && all[0]["fix"].is_string());
    for args in
        [&["doctor", "--dry-run"][..], &["doctor", "--yes"], &["doctor", "--list", "--fix"], &["doctor", "--list", "--explain", "x"]]
    {
        assert_eq!(run(args).0, 2, "{args:?}");
    }
    let (code, _, err) = run(&["-i", "nowhere.yaml", "doctor"]);
    assert!(code == 2 && err.contains("nowhere.yaml"), "{err}");
}

#[test]
fn wrong_flags_are_input_errors_with_a_hint() {
    for args in [&["provison"][..], &["provision", "--dryrun"], &["--jobs", "0", "status"], &["--format", "xml", "status"]] {
        let (code, out, err) = run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains("error:"), "{err}");
    }
    assert!(run(&["provison"]).2.contains("provision"), "the closest command is named");
}

#[test]
fn a_check_says_one_line_also_when_it_is_used_wrongly() {
    for format in ["json", "prometheus"] {
        let (code, out, err) = run(&["status", "--check", "--format", format]);
        assert_eq!((code, out.lines().count(), err.as_str()), (3, 1, ""), "{out}");
        assert!(out.starts_with("MFS UNKNOWN - --check prints a line of its own"), "{out}");
    }
    assert_eq!(run(&["status", "--check", "--exit-zero"]).0, 2);
}

#[test]
fn words_are_checked_before_anything_is_contacted() {
    let home = tempfile::tempdir().unwrap();
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml");
    for (args, part) in [
        (&["failover", "--force", "--dead", "node9"][..], "--dead node9: no master of that name"),
        (&["failover", "--force", "--to", "node1", "--dead", "node1"], "a node that is dead cannot take over"),
        (&["upgrade", "all", "--to", "abc"], "a version looks like"),
        (&["upgrade", "all", "--to", ""], "--to"),
        (&["restore-meta", "--accept-loss", "abc"], "--accept-loss"),
        (&["stop", "node3", "--unsafe", "node4"], "write --unsafe node3"),
        (&["restart", "node3", "--unsafe", "node4"], "write --unsafe node3"),
        (&["maintenance", "on", "nope"], "error: \"nope\" is no"),
        (&["provision", "--only", ""], "there is no stage \"\" in provision"),
        (&["history", "--from", "nope"], "its nodes are node1"),
        (&["support-bundle", "--to", "/nonexistent/x"], "hint: name a file in a directory"),
    ] {
        let output = mfsctl(home.path()).arg("-i").arg(&inventory).args(args).timeout(std::time::Duration::from_secs(5)).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(part), "{args:?}: {err}");
    }
}

#[test]
fn a_missing_inventory_is_named() {
    for command in ["provision", "status"] {
        let (code, out, err) = run(&["-i", "nowhere.yaml", command]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains("nowhere.yaml") && err.contains("hint:"), "{err}");
    }
}

#[test]
fn a_lab_that_does_not_run_is_named() {
    let (code, _, err) = run(&["-i", "lab:nosuchlab", "status"]);
    assert_eq!(code, 2);
    assert!(err.contains("nosuchlab") && err.contains("lab up --name nosuchlab"), "{err}");
    for name in ["lab:", "lab:a b", "lab:../../x"] {
        let (code, _, err) = run(&["-i", name, "status"]);
        assert!(code == 2 && err.contains("is not a lab's name"), "{name}: {err}");
    }
}

#[test]
fn an_overwrite_of_an_unknown_disk_is_refused_before_anything_is_contacted() {
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml");
    let inventory = inventory.display().to_string();
    let (code, _, err) = run(&["-i", &inventory, "provision", "--overwrite", "node1:/dev/sda"]);
    assert_eq!(code, 2);
    assert!(err.contains("node1:/dev/sda"), "{err}");
    let (code, _, err) = run(&["-i", &inventory, "provision", "--limit", "node99"]);
    assert_eq!(code, 2);
    assert!(err.contains("node99") && err.contains("hint:"), "{err}");
}

#[test]
fn alerts_that_nobody_is_to_get_are_an_input_error() {
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml");
    let inventory = inventory.display().to_string();
    let (code, out, err) = run(&["-i", &inventory, "notify", "test"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("names nobody") && err.contains("hint:") && err.contains("notify:"), "{err}");
    let home = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&inventory).unwrap();
    std::fs::write(home.path().join("i.yaml"), format!("{text}\nnotify: {{webhook: \"http://127.0.0.1:1/\"}}\n")).unwrap();
    let output = mfsctl(home.path()).args(["-i", "i.yaml", "notify", "test", "--limit", "clients"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("names no master"));
}

#[test]
fn flags_of_a_backup_are_checked_before_anything_is_made_or_asked() {
    let home = tempfile::tempdir().unwrap();
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml");
    let backups = home.path().join("backups");
    let run = |args: &[&str]| {
        let mut command = mfsctl(home.path());
        let output =
            command.arg("-i").arg(&inventory).arg("backup-meta").args(args).timeout(std::time::Duration::from_secs(60)).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let to = backups.to_str().unwrap();
    for (args, part) in [
        (&["--to", to, "--from", "nowhere"][..], "there is no node nowhere"),
        (&["--to", to, "--keep", "0"], "--keep"),
        (&["--verify", "/no/such/backup"], "/no/such/backup"),
        (&["--verify", home.path().to_str().unwrap()], "takes the directory of one backup"),
        (&["--verify", to, "--to", to], "cannot be used with"),
        (&["--to", to, "--local"], "--local"),
        (&["--to", to, "--on", "node1"], "--on"),
        (&[], "--to"),
    ] {
        let (code, err) = run(args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(part), "{args:?}: {err}");
    }
    assert!(!backups.exists());
}

#[test]
fn history_starts_empty() {
    let (code, out, _) = run(&["history"]);
    assert_eq!(code, 0);
    assert!(out.contains("(none)"), "{out}");
    let (code, out, _) = run(&["history", "--format", "json"]);
    assert_eq!((code, out.trim()), (0, "[]"));
    let (code, _, err) = run(&["history", "20200101T000000-abcd"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no run"), "{err}");
}

#[test]
fn playbooks_are_shown_and_checked() {
    let (code, out, _) = run(&["playbook", "show", "provision"]);
    assert_eq!(code, 0);
    assert!(out.contains("drbd-first-sync") && out.contains("client-mounts"), "{out}");
    let (code, _, err) = run(&["playbook", "show", "nothing"]);
    assert_eq!(code, 2);
    assert!(err.contains("provision"), "{err}");
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("p.yaml"), "name: p\nabout: a\nstages:\n  - {id: x, title: X, on: all, steps: [nonsense]}\n").unwrap();
    let output = mfsctl(home.path()).args(["playbook", "check", "p.yaml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no step nonsense"));
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = run(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("provision"), "{shell}");
    }
}

#[test]
fn growing_and_scaling_check_their_words_before_anything_is_contacted() {
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml").display().to_string();
    let ends = |args: &[&str], words: &[&str]| {
        let (code, _, err) = run(&[&["-i", &inventory], args].concat());
        assert_eq!(code, 2, "{args:?}: {err}");
        words.iter().for_each(|word| assert!(err.contains(word), "{args:?}: {err}"));
    };
    ends(&["grow", "--size", "lots"], &["--size lots", "40GiB"]);
    ends(&["grow", "--disk", "sdc"], &["--disk sdc", "node1:/dev/sdc"]);
    ends(&["grow", "--disk", "node1:/dev/sdc"], &["none for node2"]);
    ends(&["grow", "--disk", "/dev/sdc", "--disk", "/dev/sdd"], &["a second disk for node1"]);
    ends(&["node", "remove", "node1"], &["node1 is a master"]);
    ends(&["node", "add", "node99"], &["no node node99", "node3"]);
    ends(&["node", "remove", "node3", "--accept", "chunks-whole"], &["cannot be accepted"]);
    ends(&["disk", "remove", "node3", "/mnt/other"], &["/mnt/other", "it has /mnt/mfs1"]);
    for command in [&["grow"][..], &["node"], &["disk"], &["node", "add"], &["node", "remove"], &["disk", "add"], &["disk", "remove"]] {
        let (code, out, _) = run(&[command, &["--help"]].concat());
        assert!(code == 0 && out.contains("Examples:"), "{command:?}: {out}");
    }
}

#[test]
fn logs_bundles_and_the_exporter_check_their_words_before_anything_is_contacted() {
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/lab.yaml").display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (args, code, part) in [
        (&["logs", "node99"][..], 2, "node99"),
        (&["logs", "--since", "whenever"], 2, "10m"),
        (&["logs", "--unit", "apache"], 2, "keepalived"),
        (&["logs", "--grep", "("], 2, "--grep"),
        (&["logs", "--follow", "--until", "now"], 2, "cannot be used with"),
        (&["logs", "--lines", "0"], 2, "--lines"),
        (&["support-bundle", "--to", "/no/such/dir/x.tar.gz"], 2, "no such directory"),
        (&["support-bundle", "--to", "/etc/hostname"], 2, "already"),
        (&["support-bundle", "--since", "whenever"], 2, "--since"),
        (&["exporter", "--listen", "nowhere"], 2, "--listen"),
        (&["exporter", "--interval", "1"], 2, "--interval"),
        (&["exporter", "--listen", &address], 1, "--listen names another"),
    ] {
        let (found, out, err) = run(&[&["-i", &inventory], args].concat());
        assert_eq!((found, out.as_str()), (code, ""), "{args:?}: {err}");
        assert!(err.contains(part), "{args:?}: {err}");
    }
}
