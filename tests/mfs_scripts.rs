//! The node-side scripts of MooseFS, run for real in a directory of their own, with stand-ins for the daemons.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SAVED: &str = "MFSM 2.0 some metadata [MFS EOF MARKER]";

/// A master that keeps its files as the real one does, and cuts the script off where `DIE` says.
const MFSMASTER: &str = r#"#!/bin/sh
shift 2
all=; [ "$1" != -a ] || { all=1; shift; }
[ "$DIE" != "before-$1" ] || kill -9 $PPID
case $1 in
start)
    [ ! -e "$STATE/listening" ] || exit 1
    if [ -e "$DATA/metadata.mfs" ]; then mv "$DATA/metadata.mfs" "$DATA/metadata.mfs.back"
    elif [ -z "$all" ] || [ ! -e "$DATA/metadata.mfs.back" ]; then echo "can't find metadata.mfs" >&2; exit 1; fi
    echo "1: 1|SETMETAID(1)" >"$DATA/changelog.0.mfs"
    echo start $all >>"$STATE/log"
    : >"$STATE/listening" ;;
stop)
    [ -e "$STATE/listening" ] || exit 0
    rm "$STATE/listening"
    mv "$DATA/metadata.mfs.back" "$DATA/metadata.mfs.back.1"
    printf '%s' "$SAVED" >"$DATA/metadata.mfs"
    echo stop >>"$STATE/log" ;;
esac
[ "$DIE" != "after-$1" ] || kill -9 $PPID
"#;

struct Node {
    root: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let node = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(node.path("bin")).unwrap();
        fs::create_dir_all(node.path("mount")).unwrap();
        node.program("mfsmaster", MFSMASTER);
        node.program("mountpoint", "#!/bin/sh\n[ ! -e \"$STATE/unmounted\" ]\n");
        node.program("install", "#!/bin/sh\nfor d; do :; done; mkdir -p \"$d\"\n");
        node.program("grep", "#!/bin/sh\n[ -e \"$STATE/listening\" ]\n");
        for name in ["chown", "sync", "sleep"] {
            node.program(name, "#!/bin/sh\n");
        }
        node
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn data(&self, name: &str) -> PathBuf {
        self.path("mount/mfs").join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn first_metadata(&self, die: &str) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let script = fs::read_to_string("playbooks/files/mfs-first-metadata.sh").unwrap();
        let arguments = [self.path("mount"), self.path("mount/mfs"), PathBuf::from("/etc/mfs/mfsmaster.cfg"), PathBuf::from("24CD")];
        Command::new("sh")
            .args(["-c", &script, "mfsctl"])
            .args(arguments)
            .env("PATH", path)
            .env("STATE", self.root.path())
            .env("DATA", self.path("mount/mfs"))
            .env("SAVED", SAVED)
            .env("DIE", die)
            .output()
            .unwrap()
    }

    fn is_done(&self, output: &Output) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read_to_string(self.data("metadata.mfs")).unwrap(), SAVED);
        assert!(!self.data(".mfsctl-first-metadata").exists() && !self.data("metadata.mfs.empty").exists());
        assert!(!self.path("listening").exists());
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_first_metadata_is_started_once_and_saved() {
    let node = Node::new();
    write(&node.data("metadata.mfs.empty"), "MFSM NEW");
    node.is_done(&node.first_metadata(""));
    assert_eq!(fs::read_to_string(node.path("log")).unwrap(), "start\nstop\n");
}

#[test]
fn cut_off_anywhere_it_comes_to_the_same_end() {
    for die in ["before-start", "after-start", "before-stop", "after-stop"] {
        let node = Node::new();
        assert!(!node.first_metadata(die).status.success(), "{die}");
        assert!(node.data(".mfsctl-first-metadata").exists(), "{die}");
        node.is_done(&node.first_metadata(""));
    }
}

#[test]
fn a_power_cut_while_the_master_ran_is_recovered() {
    let node = Node::new();
    assert!(!node.first_metadata("after-start").status.success());
    fs::remove_file(node.path("listening")).unwrap();
    node.is_done(&node.first_metadata(""));
    assert_eq!(fs::read_to_string(node.path("log")).unwrap(), "start\nstart 1\nstop\n");
}

#[test]
fn metadata_that_is_there_is_never_touched() {
    for name in ["metadata.mfs", "metadata.mfs.back", "changelog.0.mfs"] {
        let node = Node::new();
        write(&node.data(name), "precious");
        let output = node.first_metadata("");
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("this is not a new cluster"), "{name}");
        assert_eq!(fs::read_to_string(node.data(name)).unwrap(), "precious");
        assert!(!node.path("log").exists());
    }
}

#[test]
fn nothing_is_made_where_the_volume_is_not_mounted_or_a_master_serves() {
    let node = Node::new();
    write(&node.path("unmounted"), "");
    assert!(!node.first_metadata("").status.success());
    assert!(!node.path("mount/mfs").exists());
    let node = Node::new();
    node.program("mfsmaster", "#!/bin/sh\n");
    write(&node.path("listening"), "");
    let output = node.first_metadata("");
    assert!(String::from_utf8_lossy(&output.stderr).contains("another master listens"));
    assert!(!node.data("metadata.mfs").exists());
}

/// Runs the wait for chunkservers against a captured answer of mfscli.
fn joined(servers: &[&str], answer: &str, log: &str) -> Output {
    let node = Node::new();
    node.program("mfscli", &format!("#!/bin/sh\ncat tests/fixtures/moosefs/mfscli/{answer}\n"));
    node.program("journalctl", &format!("#!/bin/sh\necho '{log}'\n"));
    fs::remove_file(node.path("bin/grep")).unwrap();
    let path = format!("{}:{}", node.path("bin").display(), std::env::var("PATH").unwrap());
    let script = fs::read_to_string("playbooks/files/mfs-joined.sh").unwrap();
    Command::new("sh").args(["-c", &script, "mfsctl", "127.0.0.1", "9421", "0"]).args(servers).env("PATH", path).output().unwrap()
}

#[test]
fn joined_chunkservers_are_told_from_missing_ones() {
    assert!(joined(&["cs1=10.99.0.21", "cs3=10.99.0.23"], "scs.txt", "").status.success());
    let output = joined(&["cs1=10.99.0.21", "cs9=10.99.0.2", "cs8=10.99.0.29"], "scs.txt", "nothing of note");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text, "not connected after 0 s: cs9 (10.99.0.2) cs8 (10.99.0.29)\n");
    let output = joined(&["cs9=10.99.0.29"], "scs.txt", "mfsmaster: access denied - check password");
    assert!(String::from_utf8_lossy(&output.stderr).contains("its AUTH_CODE is another one"));
    let output = joined(&["cs1=10.99.0.21"], "refused.txt", "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("the master does not answer on 127.0.0.1:9421"));
}
