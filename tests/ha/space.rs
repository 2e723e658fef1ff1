//! A full metadata volume: room ahead, the reserve, and what is done about changes that were not written.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sandbox::{Node, text};

const MIB: u64 = 1024 * 1024;

/// An active node whose volume seems to have 1000 MiB, `free` of them not used.
fn active(free: u64) -> Node {
    let node = Node::alone("node1");
    node.serving();
    let dir = node.dir.path().display().to_string();
    std::fs::create_dir_all(node.path("alerts/in")).unwrap();
    node.write("conf", &format!("{}\nALERTS={dir}/alerts/in\n", node.read("conf")));
    node.fake("stat", r#"case $1 in -f) read -r free <"$S/free"; echo "$free 1048576 1000" ;; *) exec /usr/bin/stat "$@" ;; esac"#);
    // The real one; what it takes from the volume is not counted.
    node.fake(
        "fallocate",
        r#"[ ! -e "$S/fallocate-fails" ] || { echo 'No space left on device' >&2; exit 1; }; exec /usr/bin/fallocate "$@""#,
    );
    room(&node, free);
    assert_eq!(node.status(&["notify", "master"]), 0);
    node
}

fn room(node: &Node, free: u64) {
    node.write("free", &format!("{free}\n"));
}

/// A look of the agent, with what it does aside.
fn look(node: &Node) {
    let out = node.shell("prepare; snapshot; space_at=0; watch_space; wait");
    assert!(out.status.success(), "{}", text(&out.stderr));
}

fn told(node: &Node) -> String {
    let mut names: Vec<_> = std::fs::read_dir(node.path("alerts/in")).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    let read = |path| std::fs::read_to_string(path).unwrap().lines().take(3).collect::<Vec<_>>().join(" ");
    let all: Vec<String> = names.iter().map(read).collect();
    names.iter().for_each(|n| std::fs::remove_file(n).unwrap());
    all.join("\n")
}

const RESERVE: &str = "data/.mfs-ha/reserve";

#[test]
fn the_reserve_is_made_given_up_at_once_and_made_again_only_with_ample_room() {
    let node = active(800);
    look(&node);
    assert_eq!(node.path(RESERVE).metadata().unwrap().blocks() * 512 / MIB, 50, "5 % of the volume, really taken");
    look(&node);
    assert_eq!(node.says("space"), "ok 800 1000 50");
    assert_eq!(told(&node), "");
    room(&node, 49);
    look(&node);
    assert_eq!(node.says("space"), "low 49 1000 50");
    assert_eq!(
        told(&node),
        format!(
            "warning volume-low the metadata volume is nearly full: 49 MiB of 1000 MiB free on {}, 50 MiB in reserve",
            node.path("data").display()
        )
    );
    room(&node, 5);
    look(&node);
    assert!(!node.exists(RESERVE), "{}", node.read("log"));
    assert!(node.says("space").starts_with("full 5 1000"));
    assert!(told(&node).starts_with("critical volume-full the metadata volume is full: 5 MiB of 1000 MiB free"));
    // What was given up is free now; that is no ample room.
    for (free, state) in [(55, "full"), (60, "full"), (120, "low"), (149, "low")] {
        room(&node, free);
        look(&node);
        assert_eq!(node.says("space"), format!("{state} {free} 1000 0"));
        assert!(!node.exists(RESERVE));
    }
    room(&node, 150);
    look(&node);
    assert!(node.exists(RESERVE));
    assert!(node.read("log").contains("there is room again: 149") || told(&node).contains("notice volume-ok"), "{}", node.read("log"));
}

#[test]
fn a_look_costs_a_second_at_most_and_the_agent_gives_up_within_two() {
    let node = active(800);
    let _agent = node.spawn(&["agent"]);
    node.until("the reserve stands", |n| n.exists(RESERVE));
    room(&node, 1);
    let begin = std::time::Instant::now();
    node.until("it is given up", |n| !n.exists(RESERVE));
    assert!(begin.elapsed().as_millis() < 2500, "{:?}", begin.elapsed());
    node.until("it is told", |n| n.read("run/space").starts_with("full"));
}

#[test]
fn the_size_is_that_of_the_settings_and_follows_them() {
    let node = active(800);
    node.write("conf", &format!("{}\nRESERVE=20\n", node.read("conf")));
    look(&node);
    assert_eq!(node.path(RESERVE).metadata().unwrap().len(), 20 * MIB);
    node.write("conf", &format!("{}\nRESERVE=30\n", node.read("conf")));
    look(&node);
    assert_eq!(node.path(RESERVE).metadata().unwrap().len(), 30 * MIB);
    node.write("conf", &format!("{}\nRESERVE=0\n", node.read("conf")));
    look(&node);
    assert!(!node.exists(RESERVE), "none is wanted");
    assert!(node.says("space").starts_with("ok "));
}

#[test]
fn a_reserve_that_cannot_be_made_leaves_nothing_behind() {
    let node = active(800);
    node.write("fallocate-fails", "");
    look(&node);
    assert!(!node.exists(RESERVE) && !node.exists("data/.mfs-ha/reserve.new"));
    assert!(node.read("log").contains("no reserve: No space left"), "{}", node.read("log"));
}

#[test]
fn a_standby_looks_at_nothing() {
    let node = active(800);
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    node.write("proc/mounts", "");
    look(&node);
    assert!(!node.exists(RESERVE) && !node.read("calls").contains("stat -f"));
    assert_eq!(node.says("space"), "");
}

#[test]
fn the_changelog_being_written_gets_room_ahead_and_old_ones_give_it_back() {
    let node = active(800);
    let log = "data/mfs/changelog.0.mfs";
    node.write(log, "1: 1|A()\n");
    look(&node);
    let taken = |name: &str| node.path(name).metadata().unwrap().blocks() * 512;
    assert!(taken(log) >= 7 * MIB, "{}", taken(log));
    assert_eq!(node.read(log), "1: 1|A()\n", "not a byte of it changed");
    // mfsmaster rotates; nothing makes a file it has not made.
    std::fs::rename(node.path(log), node.path("data/mfs/changelog.1.mfs")).unwrap();
    look(&node);
    assert!(!node.exists(log));
    let old = std::process::Command::new("touch").args(["-d", "10 minutes ago"]).arg(node.path("data/mfs/changelog.1.mfs")).status();
    assert!(old.unwrap().success());
    let out = node.shell("prepare; seconds() { NOW=1200; }; trim_old_logs");
    assert!(out.status.success());
    assert_eq!(node.read("data/mfs/changelog.1.mfs"), "1: 1|A()\n");
    // Only XFS gives back what stands behind the end when nothing is cut off; the call is what counts here.
    assert!(node.shell("prepare; free_space; : >\"$DATA_PATH/changelog.0.mfs\"; keep_room_ahead").status.success());
    assert_eq!(taken(log), 0, "an empty file is not touched");
}

/// A master that tells its version (INFO, as 3.0.117 does) at the address of the active node.
fn telling(node: &Node) -> Arc<AtomicU64> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let version = Arc::new(AtomicU64::new(0));
    let now = Arc::clone(&version);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = [0; 8];
            if stream.read_exact(&mut question).is_err() || question != [0, 0, 1, 0xfe, 0, 0, 0, 0] {
                continue;
            }
            let mut answer = vec![0, 0, 1, 0xff, 0, 0, 0, 149];
            answer.extend([0u8; 121]);
            answer.extend(now.load(Ordering::Relaxed).to_be_bytes());
            answer.extend([0u8; 20]);
            let _ = stream.write_all(&answer);
        }
    });
    node.write("conf", &format!("{}\nVIP=127.0.0.1 MASTER_PORT={port} INTERFACE=lo\n", node.read("conf")));
    node.write("proc/net/tcp", &format!("  sl\n0: 00000000:{port:04X} 00000000:0000 0A x\n"));
    node.write("addresses", "1: lo inet 127.0.0.1/8 scope host lo\n");
    version
}

/// Metadata at version 1 and changes 1 to `last`, without those in `missing`.
fn changes(node: &Node, last: u64, missing: std::ops::Range<u64>) {
    node.write("data/mfs/metadata.mfs.back", "MFSM NEW");
    let lines = (1..=last).filter(|n| !missing.contains(n)).map(|n| format!("{n}: 1795|CREATE(1,f{n})\n"));
    node.write("data/mfs/changelog.0.mfs", &lines.collect::<String>());
}

fn look_twice(node: &Node) {
    for _ in 0..2 {
        let out = node.shell("prepare; snapshot; seconds; put \"$RUN/was-full\" 0; free_space; after_full");
        assert!(out.status.success(), "{}", text(&out.stderr));
    }
}

#[test]
fn a_volume_that_was_full_and_lacks_nothing_is_forgotten() {
    let node = active(800);
    let version = telling(&node);
    changes(&node, 20, 0..0);
    version.store(21, Ordering::Relaxed);
    look_twice(&node);
    assert!(!node.exists("run/was-full") && !node.exists("run/mend"), "{}", node.read("log"));
    assert!(node.read("log").contains("every change stands on it, up to version 21"));
    // Full still: nothing is told, and the next look is not at once.
    room(&node, 1);
    let told = node.read("log");
    look_twice(&node);
    assert!(node.read("run/was-full").trim().parse::<u64>().unwrap() > 30 && !node.exists("run/mend"));
    assert_eq!(node.read("log"), told);
}

#[test]
fn a_hole_is_mended_by_one_restart_and_never_twice_within_the_hour() {
    for (last, missing, words) in [(20, 8..12, "changes 8 to 11 are missing before"), (15, 0..0, "changes 16 to 20 are missing at the end")]
    {
        let node = active(800);
        let version = telling(&node);
        changes(&node, last, missing);
        version.store(21, Ordering::Relaxed);
        look_twice(&node);
        assert!(node.read("run/mend").contains(words), "{} {}", node.read("run/mend"), node.read("log"));
        assert_eq!(told(&node), "");
        // A clean stop stores everything: the fake unit's stop does so too.
        node.fake(
            "systemctl",
            r#"case $1 in
show) echo "ActiveState=$(cat "$S/unit")" ;;
stop) echo inactive >"$S/unit"; sed -i '/ 0A x/w '"$S/was" "$PROC/net/tcp"; sed -i '/ 0A x/d' "$PROC/net/tcp"
  [ -e "$S/stores-nothing" ] || { printf 'MFSM 2.0\0\0\0\0\0\0\0\25\0\0\0\0\0\0\0\1[MFS EOF MARKER]'; } >"$MOUNT_POINT/mfs/metadata.mfs" ;;
start) echo active >"$S/unit"; cat "$S/was" >>"$PROC/net/tcp" ;;
esac"#,
        );
        if last == 15 {
            node.write("stores-nothing", "");
        }
        node.shell("prepare; exec 9>\"$RUN/lock\"; mend_hole");
        let calls = node.read("calls");
        assert_eq!(calls.matches("systemctl stop").count(), 1, "{calls}");
        assert_eq!(node.read("unit"), "active\n");
        assert!(!node.exists("run/restarting") && !node.exists("run/mend"));
        let said = told(&node);
        assert!(said.contains("warning volume-hole") && said.contains(words), "{said}");
        if last == 20 {
            assert!(said.ends_with("notice volume-mended every change stands on the metadata volume again, up to version 21"), "{said}");
            assert!(!node.exists("run/was-full") && !node.exists("run/fault"));
        } else {
            assert!(said.contains("critical volume-hole mfsmaster was restarted and still"), "{said}");
            look_twice(&node);
            assert!(!node.exists("run/mend"), "never a loop");
            // Full again within the hour.
            node.shell("rm -f \"$RUN/holed\"");
            look_twice(&node);
            assert!(!node.exists("run/mend"));
            assert!(told(&node).contains("is not again"));
        }
    }
}

#[test]
fn no_restart_without_room_to_store_nor_on_hold() {
    let node = active(3);
    let version = telling(&node);
    changes(&node, 20, 8..12);
    version.store(21, Ordering::Relaxed);
    look_twice(&node);
    assert!(!node.exists("run/mend"));
    assert!(told(&node).contains("no room to store its metadata (3 MiB free)"));
    room(&node, 300);
    assert_eq!(node.status(&["hold", "60", "work"]), 0);
    look_twice(&node);
    assert!(!node.exists("run/mend"), "on hold");
    assert_eq!(node.status(&["unhold"]), 0);
    look_twice(&node);
    assert!(node.exists("run/mend"), "{}", node.read("log"));
}

#[test]
fn a_start_and_a_stop_on_a_full_volume_give_the_reserve_up() {
    for (free, there) in [(800, true), (3, false)] {
        let node = active(free);
        std::fs::create_dir_all(node.path("data/.mfs-ha")).unwrap();
        node.write(RESERVE, "");
        node.write("data/mfs/metadata.mfs", "MFSM NEW");
        assert_eq!(node.status(&["before-master"]), 0, "{}", node.read("run/refused"));
        assert_eq!(node.exists(RESERVE), there, "{free}");
        assert_eq!(node.exists("run/was-full"), !there, "what stands there is looked at after");
        node.write(RESERVE, "");
        assert!(node.shell("prepare; stop_master").status.success());
        assert_eq!(node.exists(RESERVE), there, "{free}");
    }
}

#[test]
fn sets_kept_before_a_start_do_not_count_the_reserve() {
    let node = active(800);
    for set in ["20260101T000000", "20260102T000000", "20260103T000000", "20260104T000000"] {
        std::fs::create_dir_all(node.path(&format!("data/.mfs-ha/{set}"))).unwrap();
    }
    node.write(RESERVE, "");
    assert!(node.shell("set_aside=$MOUNT_POINT/.mfs-ha/20260105T000000; keep_links").status.success());
    let mut names: Vec<_> =
        std::fs::read_dir(node.path("data/.mfs-ha")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["20260103T000000", "20260104T000000", "20260105T000000", "reserve"]);
    // The clock went back: the set that is just being made has the oldest name, and stays.
    assert!(node.shell("set_aside=$MOUNT_POINT/.mfs-ha/20250101T000000; keep_links").status.success());
    assert!(node.exists("data/.mfs-ha/20250101T000000") && node.exists("data/.mfs-ha/20260105T000000"));
}

#[test]
fn torn_bytes_are_kept_on_the_nodes_own_disk_when_the_volume_has_no_room() {
    let node = active(0);
    node.write("data/mfs/metadata.mfs", "MFSM NEW");
    node.write("data/mfs/changelog.0.mfs", "1: 1|A()\n2: 1|B(");
    assert_eq!(node.status(&["before-master"]), 0, "{}", node.read("run/refused"));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), "1: 1|A()\n");
    let set = std::fs::read_dir(node.path("var/set-aside")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_to_string(set.join("changelog.0.mfs.cut-at-9")).unwrap(), "2: 1|B(");
}
