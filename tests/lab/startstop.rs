//! Stop and start: the whole cluster with its power cut in between, roles and nodes, refusals, and mfsctl killed on the
//! way; the files of a client are the same afterwards.

use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

const ALL: [&str; 7] = ["m1", "m2", "cs1", "cs2", "cs3", "cl1", "cl2"];
const STOP: &[&str] = &["stop", "--yes", "--reason", "power works"];
const START: &[&str] = &["start", "--yes"];
/// Long enough for a loaded machine.
const LIMIT: u64 = 500;
/// Nobody holds the operator lock: a killed run's ends with its connection.
const FREE: &str = "flock -n /run/lock/mfsctl-operator.lock true";
/// A client that holds a file of the mount open, in a directory of it.
const HOLD: &str = "cd /mnt/mfs/d1 && exec 7</mnt/mfs/d1/f1 && exec sleep 4711";

pub const SHORT: &[Scenario] = &[
    ("the_lab_comes_up_and_is_provisioned", provisioned),
    ("files_with_known_checksums", files),
    ("a_busy_mount_is_named_and_nothing_is_stopped", busy),
    ("ok_to_stop_says_yes_and_for_goal_one_no", goal_one),
    ("everything_stops_and_stays_stopped", everything_stops),
    ("after_a_power_cut_of_all_start_brings_all_back", power_cut),
];

pub const LONG: &[Scenario] = &[
    ("the_lab_comes_up_and_is_provisioned", provisioned),
    ("files_with_known_checksums", files),
    ("a_chunkserver_stops_in_maintenance_and_comes_back", one_chunkserver),
    ("what_is_not_safe_is_refused", refusals),
    ("chunkservers_restart_one_by_one", restarts),
    ("a_standby_stops_and_an_active_does_not", masters),
    ("a_busy_mount_is_detached_only_by_word", lazy),
    ("killed_on_the_way_down_and_up_it_goes_on", killed),
    ("everything_stops_and_stays_stopped", everything_stops),
    ("after_a_power_cut_of_all_start_brings_all_back", power_cut),
];

fn provisioned(w: &mut World) {
    w.up();
    w.mfsctl(&["provision", "--yes"], 900).ends(0);
}

fn files(w: &mut World) {
    w.sh("cl1", "mfssetgoal 2 /mnt/mfs && mkdir /mnt/mfs/d1 && cd /mnt/mfs/d1 && for n in 1 2 3 4 5 6 7 8; do head -c 3000000 /dev/urandom >f$n; sync f$n; done");
    w.sh("cl1", "cd /mnt/mfs && find . -type f | sort | xargs sha256sum >/root/sums && sync /root/sums && [ $(wc -l </root/sums) -ge 8 ]");
    whole(w);
    the_same(w);
}

fn busy(w: &mut World) {
    w.sh("cl1", &format!("setsid sh -c '{HOLD}' >/dev/null 2>&1 </dev/null &"));
    let ran = w.mfsctl(STOP, 180).ends(3).says(&["nothing was changed", "cl1: /mnt/mfs: sleep (pid ", ", root) works in /mnt/mfs/d1"]);
    println!("  refused after {:.1} s", ran.elapsed.as_secs_f64());
    for (node, process) in [("m1", "mfsmaster"), ("cs1", "mfschunkserver"), ("cl1", "mfsmount"), ("cl2", "mfsmount")] {
        w.sh(node, &format!("pgrep -x {process}"));
    }
    w.sh("cl1", "pkill -f 'sleep 471[1]'");
}

fn goal_one(w: &mut World) {
    let safe = w.mfsctl(&["ok-to-stop", "cs1", "--format", "json"], 120).ends(0).json();
    assert_eq!((&safe["verdict"], &safe["suffers"]["chunks"]["missing"]["most"]), (&"safe".into(), &0.into()), "{safe:#}");
    w.sh("cl1", "mkdir /mnt/mfs/one && mfssetgoal 1 /mnt/mfs/one && echo single >/mnt/mfs/one/file && sync /mnt/mfs/one/file");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let ran = w.mfsctl(&["ok-to-stop", "cs1"], 120);
        if ran.code == Some(3) {
            ran.says(&["NOT safe to stop", "one copy only is wanted", "goal of 2"]);
            break;
        }
        assert!(Instant::now() < end, "goal 1 is not seen: {}", ran.out);
    }
    w.sh("cl1", "rm -r /mnt/mfs/one");
}

fn everything_stops(w: &mut World) {
    w.mfsctl(&["stop", "--dry-run"], 120).ends(0).says(&["unmount /mnt/mfs", "stop moosefs-chunkserver", "stop mfsmaster"]);
    let ran = w.mfsctl(STOP, LIMIT).ends(0).says(&["metadata-stored-whole", "done: stop startstop"]);
    println!("  stopped in {:.0} s", ran.elapsed.as_secs_f64());
    stopped(w);
    w.mfsctl(STOP, 180).ends(0).says(&["nothing to do"]);
    w.mfsctl(&["status", "--format", "json"], 120).ends(1).says(&["stopped on purpose since 20", "power works"]);
    w.mfsctl(&["ha", "status", "--format", "json"], 120).ends(1).says(&["stopped on purpose since 20"]);
    // keepalived has had the time to elect somebody.
    thread::sleep(Duration::from_secs(10));
    stopped(w);
}

fn power_cut(w: &mut World) {
    for node in ALL {
        w.lab().crash(node).unwrap();
    }
    for node in ALL {
        w.lab().boot(node).unwrap();
    }
    for node in ALL {
        w.lab().wait_ssh(node, Duration::from_secs(240)).unwrap();
    }
    for master in ["m1", "m2"] {
        w.wait(master, "systemctl -q is-active keepalived mfs-ha mfs-ha-agent && grep -q 'ds:UpToDate/UpToDate' /proc/drbd", 180);
    }
    thread::sleep(Duration::from_secs(10));
    for master in ["m1", "m2"] {
        assert_ne!(w.try_sh(master, "pgrep -x mfsmaster || mountpoint -q /data/drbd", 20).0, 0, "{master} began to serve after the boot");
    }
    let ran = w.mfsctl(START, LIMIT).ends(0).says(&["no-chunk-missing", "done: start startstop"]);
    println!("  started in {:.0} s", ran.elapsed.as_secs_f64());
    the_same(w);
    w.mfsctl(START, 180).ends(0).says(&["nothing to do"]);
    healthy(w);
}

fn one_chunkserver(w: &mut World) {
    w.mfsctl(&["stop", "cs1", "--yes"], LIMIT).ends(0);
    assert_eq!(w.try_sh("cs1", "pgrep -x mfschunkserver", 20).0, 1);
    w.mfsctl(&["stop", "cs1", "--yes"], 180).ends(0).says(&["nothing to do"]);
    w.mfsctl(&["status", "--exit-zero", "--format", "json"], 120).ends(0).says(&["stopped cleanly"]);
    w.mfsctl(&["stop", "cs2", "--yes"], 180).ends(3).says(&["other-chunkservers", "not connected: cs1", "--unsafe cs2"]);
    w.sh("cs2", "pgrep -x mfschunkserver");
    the_same(w);
    w.mfsctl(&["start", "cs1", "--yes"], LIMIT).ends(0).says(&["chunkservers-seen"]);
    w.mfsctl(&["start", "chunkservers", "--yes"], LIMIT).ends(0).says(&["nothing to do"]);
    whole(w);
}

fn refusals(w: &mut World) {
    w.mfsctl(&["stop", "m1", "cs1", "nobody"], 60).ends(2).says(&["nobody"]);
    w.mfsctl(&["stop", "cs1", "chunkservers"], 60).ends(2).says(&["together"]);
    w.mfsctl(&["stop", "chunkservers", "--yes"], 180).ends(3).says(&["chunks-lost", "no chunkserver stays"]);
    w.mfsctl(&["stop", "metaloggers", "--yes"], 180).ends(3).says(&["metaloggers-left"]);
    w.mfsctl(&["stop", "cs1", "--unsafe", "cs2", "--yes"], 180).ends(2).says(&["--unsafe cs1"]);
    w.mfsctl(&["ok-to-stop", "cs1", "cs2"], 120).ends(3).says(&["chunks-lost", "witnesses"]);
    // Out of sync: neither the pair nor its standby is stopped.
    w.sh("m2", "drbdadm disconnect mfs");
    w.mfsctl(STOP, 180).ends(3).says(&["replication-in-sync", "nothing was changed"]);
    w.sh("m1", "pgrep -x mfsmaster");
    w.sh("m2", "drbdadm connect mfs");
    fit(w);
    // On hold: nothing is stopped behind the back of who set it.
    w.mfsctl(&["ha", "hold", "--for", "10m", "--reason", "cabling"], 120).ends(0);
    w.mfsctl(STOP, 180).ends(3).says(&["on hold", "cabling"]);
    w.mfsctl(&["ha", "release", "--yes"], 120).ends(0);
    fit(w);
    // A node that cannot be asked.
    w.lab().crash("cl2").unwrap();
    w.mfsctl(STOP, 180).ends(3).says(&["cl2", "--skip-unreachable"]);
    w.lab().boot("cl2").unwrap();
    w.lab().wait_ssh("cl2", Duration::from_secs(240)).unwrap();
    w.mfsctl(&["start", "clients", "--yes"], LIMIT).ends(0);
}

fn restarts(w: &mut World) {
    let began = |w: &World| -> Vec<String> {
        ["cs1", "cs2", "cs3"].iter().map(|n| w.sh(n, "cut -d' ' -f22 /proc/$(pgrep -x mfschunkserver | head -n 1)/stat")).collect()
    };
    let before = began(w);
    let ran = w.mfsctl(&["restart", "chunkservers", "--yes"], 1200).ends(0);
    println!("  three chunkservers restarted in {:.0} s", ran.elapsed.as_secs_f64());
    assert!(before.iter().zip(began(w)).all(|(old, new)| *old != new));
    whole(w);
    let pid = w.sh("m1", "pgrep -x mfsmaster | head -n 1");
    w.mfsctl(&["restart", "masters", "--yes"], LIMIT).ends(0);
    assert_ne!(w.sh("m1", "pgrep -x mfsmaster | head -n 1"), pid);
    fit(w);
    the_same(w);
}

fn masters(w: &mut World) {
    w.mfsctl(&["stop", "m1", "--yes"], 180).ends(3).says(&["m1 serves", "mfsctl failover"]);
    w.mfsctl(&["ok-to-stop", "m1"], 120).ends(3).says(&["failover --to m2"]);
    w.mfsctl(&["stop", "m2", "--yes"], LIMIT).ends(0);
    assert_eq!(w.try_sh("m2", "pgrep -x mfsmetalogger", 20).0, 1);
    // A switchover to it is refused: it is stopped on purpose.
    w.mfsctl(&["failover", "--yes"], 180).ends(3).says(&["stopped on purpose"]);
    w.mfsctl(&["start", "m2", "--yes"], LIMIT).ends(0);
    w.sh("m1", "pgrep -x mfsmaster");
    fit(w);
}

fn lazy(w: &mut World) {
    w.sh("cl1", &format!("setsid sh -c '{HOLD}' >/dev/null 2>&1 </dev/null &"));
    w.mfsctl(&["stop", "clients", "--yes"], 180).ends(3).says(&["works in /mnt/mfs/d1", "--lazy"]);
    w.sh("cl2", "mountpoint -q /mnt/mfs");
    w.mfsctl(&["stop", "clients", "--yes", "--lazy"], LIMIT).ends(0);
    for client in ["cl1", "cl2"] {
        assert_ne!(w.try_sh(client, "mountpoint -q /mnt/mfs", 20).0, 0);
    }
    w.sh("cl1", "pkill -f 'sleep 471[1]'");
    w.mfsctl(&["start", "clients", "--yes"], LIMIT).ends(0);
    the_same(w);
}

fn killed(w: &mut World) {
    let down = [
        ("while the clients unmount", "cl1", "! mountpoint -q /mnt/mfs"),
        ("while chunkservers stop", "cs1", "! pgrep -x mfschunkserver"),
        ("while the standby is told", "m2", "[ -e /var/lib/mfs-ha/down ]"),
        ("while the master stops", "m1", "[ -e /var/lib/mfs-ha/down ]"),
    ];
    let up = [
        ("while the masters may serve again", "m1", "[ ! -e /var/lib/mfs-ha/down ]"),
        ("while chunkservers start", "cs1", "pgrep -x mfschunkserver"),
        ("while metaloggers start", "m1", "pgrep -x mfsmetalogger"),
    ];
    for point in 0..down.len().max(up.len()) {
        if let Some((name, node, when)) = down.get(point) {
            strike(w, STOP, name, node, when);
        }
        w.mfsctl(STOP, LIMIT).ends(0);
        stopped(w);
        if let Some((name, node, when)) = up.get(point) {
            strike(w, START, name, node, when);
        }
        w.mfsctl(START, LIMIT).ends(0);
        the_same(w);
        fit(w);
    }
}

/// Kills a run at a moment.
fn strike(w: &World, args: &[&str], name: &str, node: &str, when: &str) {
    let mut child = w.start(&w.inventory(), args);
    let begin = Instant::now();
    while w.try_sh(node, when, 20).0 != 0 {
        assert!(begin.elapsed() < Duration::from_secs(300), "{name}: never came");
        thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    let ran = finish(child, Duration::from_secs(20), args);
    println!("  {} killed {name}: {:?}", args[0], ran.code);
    for master in ["m1", "m2"] {
        w.wait(master, FREE, 120);
    }
}

/// Nothing of MooseFS runs or is mounted, and both volumes are let go of.
fn stopped(w: &World) {
    for node in ALL {
        let (code, text) = w.try_sh(
            node,
            "ps -eo comm= | grep -xE 'mfs(master|chunkserver|metalogger|mount)'; grep -E 'mfs#|/data/drbd' /proc/mounts",
            20,
        );
        assert!(code != 0 && text.trim().is_empty(), "{node}: {text}");
    }
    for master in ["m1", "m2"] {
        w.sh(master, "grep -q 'ro:Secondary/Secondary ds:UpToDate/UpToDate' /proc/drbd && ! ip -o -4 addr | grep -q '172.16.15.47/'");
    }
    w.sh("m1", "grep -q '^whole ' /var/lib/mfs-ha/stored || [ ! -e /var/lib/mfs-ha/stored ]");
}

/// Both clients read what was written.
fn the_same(w: &World) {
    let sums = w.sh("cl1", "cat /root/sums");
    for client in ["cl1", "cl2"] {
        let (code, text) = w.try_sh_with(client, "cd /mnt/mfs && sha256sum -c --quiet -", sums.as_bytes(), 180);
        assert!(code == 0, "{client}: {text}");
    }
}

/// Every chunk has its copies.
fn whole(w: &World) {
    let end = Instant::now() + Duration::from_secs(240);
    while w.mfsctl(&["ok-to-stop", "cs1"], 120).code != Some(0) {
        assert!(Instant::now() < end, "not whole: {}", w.mfsctl(&["ok-to-stop", "cs1"], 120).out);
        thread::sleep(Duration::from_secs(2));
    }
}

fn healthy(w: &World) {
    let end = Instant::now() + Duration::from_secs(120);
    while w.mfsctl(&["status"], 120).code != Some(0) {
        assert!(Instant::now() < end, "{}", w.mfsctl(&["status"], 120).out);
        thread::sleep(Duration::from_secs(2));
    }
}

/// m1 serves, m2 may take over.
fn fit(w: &World) {
    for master in ["m1", "m2"] {
        w.wait(master, "[ \"$(cat /run/mfs-ha/health)\" = 0 ] && grep -q 'cs:Connected .*ds:UpToDate/UpToDate' /proc/drbd", 180);
    }
}
