//! The planned switchover on a small cluster that serves: moved, moved back, refused, undone, cut off and run again,
//! while a client writes.

use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

/// A client that appends a number a time, syncs it, and only then counts it as written; errors go to a log of their own.
const WRITER: &str = "n=0; while [ ! -e /root/stop ]; do n=$((n + 1)); \
    if echo $n >>/mnt/mfs/numbers && sync /mnt/mfs/numbers; then echo $n >/root/written; else echo $n >>/root/errors; fi; sleep 0.2; done";
const SERVES: &str = "ip -o -4 addr | grep -q '172.16.1.47/' && grep -q ':24CD 00000000:0000 0A' /proc/net/tcp";
/// Long enough for a loaded machine.
const LIMIT: u64 = 400;

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up_and_is_provisioned", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
    }),
    ("a_client_begins_to_write", |w| {
        w.sh("cl", "rm -f /root/stop /root/written /root/errors /mnt/mfs/numbers");
        w.sh("cl", &format!("setsid sh -c '{WRITER}' >/dev/null 2>&1 </dev/null &"));
        w.wait("cl", "[ -s /root/written ]", 30);
    }),
    ("a_dry_run_asks_every_gate_and_moves_nothing", |w| {
        let active = active(w);
        let asked = w.mfsctl(&["failover", "--dry-run", "--format", "json"], 120).ends(0).json();
        assert_eq!(asked["from"], active);
        assert!(asked["gates"].as_array().unwrap().iter().all(|g| g["passed"] == true), "{asked:#}");
        assert!(asked["plan"]["hosts"].as_array().unwrap().len() == 2);
        w.mfsctl(&["failover", "--to", "cs"], 60).ends(2).says(&["no master of that name"]);
        w.mfsctl(&["failover"], 120).ends(3).says(&["nobody to ask"]);
        w.sh(&active, SERVES);
    }),
    ("the_standby_takes_over_and_a_second_run_has_nothing_to_do", |w| {
        let (from, to) = (active(w), standby(w));
        let ran = w.mfsctl(&["failover", "--yes", "--format", "json"], LIMIT).ends(0);
        let told = ran.json();
        assert_eq!((told["result"].as_str(), told["to"].as_str()), (Some("done"), Some(to.as_str())));
        let gap = told["receipt"]["gap_ms"].as_u64().expect("a probe saw the gap");
        println!("  {from} -> {to}: {:.1} s, gap {:.1} s", told["receipt"]["total_ms"].as_f64().unwrap() / 1000.0, gap as f64 / 1000.0);
        assert!(told["receipt"]["phases"].as_array().unwrap().len() >= 10, "{told:#}");
        passive(w, &from);
        w.mfsctl(&["failover", "--to", &to, "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["history"], 30).ends(0).says(&["failover", "done"]);
        no_error_and_all_there(w);
    }),
    ("what_is_not_in_sync_is_not_moved", |w| {
        let (from, to) = (active(w), standby(w));
        w.sh(&to, "drbdadm disconnect mfs");
        w.mfsctl(&["failover", "--yes"], 180).ends(3).says(&["replication-in-sync", "nothing was changed"]);
        w.sh(&from, SERVES);
        w.sh(&to, "drbdadm connect mfs");
        fit(w, &to);
    }),
    ("a_standby_nobody_elects_leaves_the_old_master_serving", |w| {
        let (from, to) = (active(w), standby(w));
        let served = w.sh(&from, "cut -d' ' -f22 /proc/$(pgrep -x mfsmaster | head -n 1)/stat");
        w.sh(&to, "pkill -STOP keepalived");
        w.mfsctl(&["failover", "--yes"], LIMIT).ends(6).says(&["keepalived elects it", "serves as before"]);
        w.sh(&to, "pkill -CONT keepalived");
        assert_eq!(w.sh(&from, "cut -d' ' -f22 /proc/$(pgrep -x mfsmaster | head -n 1)/stat"), served, "it never stopped serving");
        assert_eq!(w.sh(&from, "ls /run/mfs-ha/switchover 2>/dev/null | wc -l").trim(), "0");
        fit(w, &to);
    }),
    ("a_second_operator_is_refused_meanwhile", |w| {
        let to = standby(w);
        let child = w.start(&w.inventory(), &["failover", "--yes"]);
        w.wait("m1", "[ -s /run/lock/mfsctl-operator.lock.holder ]", 60);
        w.mfsctl(&["failover", "--yes"], 120).ends(5).says(&["another operator is at work", "failover, since"]);
        finish(child, Duration::from_secs(LIMIT), &["failover"]).ends(0);
        w.sh(&to, SERVES);
    }),
    ("killed_on_the_way_it_goes_on_to_the_same_end", |w| {
        for (number, point) in KILLS.iter().enumerate() {
            let (from, to) = (active(w), standby(w));
            fit(w, &to);
            w.wait("m1", FREE, 60);
            w.wait("m2", FREE, 60);
            let mut child = w.start(&w.inventory(), &["failover", "--yes"]);
            let node = if point.on_target { &to } else { &from };
            let begin = Instant::now();
            while w.try_sh(node, point.when, 20).0 != 0 {
                assert!(begin.elapsed() < Duration::from_secs(120), "point {number} never came");
                thread::sleep(Duration::from_millis(100));
            }
            child.kill().unwrap();
            let killed = finish(child, Duration::from_secs(10), &["failover"]);
            w.wait("m1", FREE, 60);
            w.wait("m2", FREE, 60);
            let ran = w.mfsctl(&["failover", "--yes"], LIMIT).ends(0);
            println!("  killed {}: {:?}, then {:.0} s", point.name, killed.code, ran.elapsed.as_secs_f64());
            w.sh(&to, SERVES);
            passive(w, &from);
            w.mfsctl(&["failover", "--to", &to, "--yes"], 120).ends(0).says(&["nothing to do"]);
        }
        no_error_and_all_there(w);
    }),
    ("failback_goes_home", |w| {
        if active(w) == "m1" {
            w.mfsctl(&["failback", "--yes"], 120).ends(0).says(&["nothing to do"]);
            w.mfsctl(&["failover", "--yes"], LIMIT).ends(0);
        }
        fit(w, "m1");
        w.mfsctl(&["failback", "--wait", "--yes"], LIMIT).ends(0);
        w.sh("m1", SERVES);
        w.mfsctl(&["failback", "--yes"], 120).ends(0).says(&["nothing to do"]);
        w.sh("cl", "touch /root/stop");
        no_error_and_all_there(w);
    }),
    ("an_active_master_that_lives_is_not_forced_aside", |w| {
        w.mfsctl(&["failover", "--force", "--yes"], 120).ends(3).says(&["both masters can be asked"]);
        w.mfsctl(&["failover", "--force", "--to", "m2", "--yes"], 120).ends(3).says(&["m1 can be asked and is Primary"]);
        w.mfsctl(&["failover", "--dead", "m1"], 30).ends(2);
        w.sh("m1", SERVES);
    }),
    ("where_the_votes_are_free_force_needs_no_name", |w| {
        // Without keepalived nothing is taken over by itself.
        w.sh("m2", "systemctl stop keepalived");
        w.lab().crash("m1").unwrap();
        w.wait("m2", "grep -q 'cs:WFConnection' /proc/drbd", 60);
        let told = w
            .mfsctl(&["failover", "--force", "--dry-run"], 180)
            .ends(0)
            .says(&["m2 takes over without m1", "nothing that was acknowledged"]);
        assert!(told.out.contains("not known") && told.out.contains("wait until keepalived elects it"), "{}", told.out);
        w.mfsctl(&["failover", "--force", "--dead", "m2"], 180).ends(2);
        let ran = w.mfsctl(&["failover", "--force", "--yes"], LIMIT).ends(0);
        println!("  m2 serves after {:.0} s of --force", ran.elapsed.as_secs_f64());
        w.sh("m2", SERVES);
        w.wait("cl", "cat /mnt/mfs/numbers >/dev/null", 120);
        w.lab().boot("m1").unwrap();
        w.lab().wait_ssh("m1", Duration::from_secs(120)).unwrap();
        fit(w, "m1");
        passive(w, "m1");
        no_error_and_all_there(w);
    }),
    ("without_a_majority_the_dead_must_be_named", |w| {
        w.sh("m1", "systemctl stop keepalived");
        w.lab().crash("m2").unwrap();
        w.lab().crash("cs").unwrap();
        w.wait("m1", "grep -q 'cs:WFConnection' /proc/drbd", 60);
        w.mfsctl(&["failover", "--force", "--yes"], 180).ends(3).says(&["m2 must be off and stay off", "--dead m2"]);
        assert_ne!(w.try_sh("m1", SERVES, 20).0, 0, "a refusal changes nothing");
        w.mfsctl(&["failover", "--force", "--dead", "m2"], LIMIT).ends(0).says(&["m1 serves"]);
        w.sh("m1", SERVES);
        for node in ["cs", "m2"] {
            w.lab().boot(node).unwrap();
            w.lab().wait_ssh(node, Duration::from_secs(120)).unwrap();
        }
        fit(w, "m2");
        passive(w, "m2");
        w.wait("cl", "cat /mnt/mfs/numbers >/dev/null", 180);
        no_error_and_all_there(w);
        w.wait("m1", "[ ! -e /var/lib/mfs-ha/holding ]", 60);
    }),
];

/// A moment of a switchover at which mfsctl is killed.
struct Kill {
    name: &'static str,
    on_target: bool,
    when: &'static str,
}

const KILLS: &[Kill] = &[
    Kill { name: "while the active node yields", on_target: false, when: "[ -e /run/mfs-ha/yield ]" },
    Kill { name: "while the master stops", on_target: false, when: "grep -q 'demote: begin' /run/mfs-ha/timeline" },
    Kill { name: "after the point of no return", on_target: true, when: "grep -q ' ro:Primary/' /proc/drbd" },
];

/// Nobody holds the operator lock: a killed run's ends with its connection.
const FREE: &str = "flock -n /run/lock/mfsctl-operator.lock true";

fn active(w: &World) -> String {
    let holds = |node: &&str| w.try_sh(node, SERVES, 20).0 == 0;
    let mut nodes = ["m1", "m2"].into_iter().filter(holds);
    nodes.next().expect("a master serves").to_owned()
}

fn standby(w: &World) -> String {
    if active(w) == "m1" { "m2".to_owned() } else { "m1".to_owned() }
}

/// A standby that may take over, in sync.
fn fit(w: &World, node: &str) {
    w.wait(node, "[ \"$(cat /run/mfs-ha/health)\" = 0 ] && grep -q 'cs:Connected .*ds:UpToDate/UpToDate' /proc/drbd", 120);
}

fn passive(w: &World, node: &str) {
    assert_ne!(
        w.try_sh(node, "pgrep -x mfsmaster || mountpoint -q /data/drbd || ip -o -4 addr | grep -q '172.16.1.47/'", 20).0,
        0,
        "{node}"
    );
}

/// The writer met no error, and every number it counted as written is in the file.
fn no_error_and_all_there(w: &World) {
    assert_eq!(w.try_sh("cl", "cat /root/errors", 20).0, 1, "a client saw an error");
    let written: u64 = w.sh("cl", "cat /root/written").trim().parse().unwrap();
    let count: u64 =
        w.sh("cl", &format!("awk '$1 + 0 >= 1 && $1 + 0 <= {written}' /mnt/mfs/numbers | sort -un | wc -l")).trim().parse().unwrap();
    assert_eq!(count, written, "acknowledged numbers are missing");
}
