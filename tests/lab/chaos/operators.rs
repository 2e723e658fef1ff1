//! Faults that people make: two at once, a run that dies half-way, a move at the wrong moment, and one who looks after the node.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::arena::{Arena, Roles};
use super::scenarios::{Done, forget_restart};
use crate::harness::finish;

/// Seconds a move may take on a busy host before the run counts as stuck.
const LIMIT: u64 = 300;
/// Nobody holds the operator lock: a killed run's ends with its connection.
const FREE: &str = "flock -n /run/lock/mfsctl-operator.lock true";

fn switchover(a: &Arena, expected: i32) -> Result<String, String> {
    let ran = a.world.mfsctl(&["failover", "--yes"], LIMIT);
    let said = format!("{} {}", ran.out, ran.err);
    if ran.code == Some(expected) { Ok(said) } else { Err(format!("mfsctl failover: exit {:?}, not {expected}: {said}", ran.code)) }
}

pub fn planned_switchover(a: &Arena, r: &Roles) -> Done {
    fit(a, &r.standby)?;
    switchover(a, 0).map(drop)
}

/// What ended on a node in the fault before keeps it from taking over for some minutes at most, and each move would be refused.
fn fit(a: &Arena, node: &str) -> Done {
    a.until(&format!("{node} is fit to take over"), 330, || a.sh(node, "mfs-ha check").is_ok())
}

pub fn two_operators(a: &Arena, r: &Roles) -> Done {
    fit(a, &r.standby)?;
    let first = a.world.start(&a.world.inventory(), &["failover", "--yes"]);
    let locked = a.until("the first run is at work", 60, || a.sh("m1", "[ -s /run/lock/mfsctl-operator.lock.holder ]").is_ok());
    let second = switchover(a, 5);
    let first = finish(first, Duration::from_secs(LIMIT), &["failover"]);
    locked?;
    let said = second?;
    if !said.contains("another operator is at work") || !said.contains("failover, since") {
        return Err(format!("the second run does not name the first: {said}"));
    }
    if first.code == Some(0) { Ok(()) } else { Err(format!("the first run: exit {:?}: {} {}", first.code, first.out, first.err)) }
}

/// A moment of a switchover: what holds on which node from then on.
struct Point {
    name: &'static str,
    on_target: bool,
    when: &'static str,
}

const POINTS: [Point; 10] = [
    Point { name: "while the gates are asked", on_target: false, when: "! flock -n /run/lock/mfsctl-operator.lock true" },
    Point { name: "while the active node yields", on_target: false, when: "[ -e /run/mfs-ha/yield ]" },
    Point { name: "when the target is elected", on_target: true, when: "grep -q master /run/mfs-ha/wish" },
    Point { name: "when the active node lets go", on_target: false, when: "grep -q 'demote: begin' /run/mfs-ha/timeline" },
    Point { name: "when mfsmaster has stopped", on_target: false, when: "! pgrep -x mfsmaster" },
    Point { name: "when the volume is unmounted", on_target: false, when: "! mountpoint -q /data/drbd" },
    Point { name: "when the old active is Secondary", on_target: false, when: "grep -q ' ro:Secondary/' /proc/drbd" },
    Point { name: "when the target is Primary", on_target: true, when: "grep -q ' ro:Primary/' /proc/drbd" },
    Point { name: "when the target has mounted the volume", on_target: true, when: "mountpoint -q /data/drbd" },
    Point { name: "when the target serves", on_target: true, when: "grep -q ':24CD 00000000:0000 0A' /proc/net/tcp" },
];

/// Each run takes the next point.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Goes on behind the points of so many earlier runs.
pub fn points_done(runs: usize) {
    NEXT.store(runs, Ordering::Relaxed);
}

pub fn mfsctl_killed(a: &Arena, r: &Roles) -> Done {
    let point = &POINTS[NEXT.fetch_add(1, Ordering::Relaxed) % POINTS.len()];
    let node = if point.on_target { &r.standby } else { &r.active };
    fit(a, &r.standby)?;
    a.sh(&r.active, "rm -f /run/mfs-ha/timeline")?;
    let mut child = a.world.start(&a.world.inventory(), &["failover", "--yes"]);
    // Asked by the node itself, ten times a second: the moments are short.
    let wait = format!("for i in $(seq 900); do ( {} ) >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1", point.when);
    let (code, said) = a.world.try_sh(node, &wait, 120);
    let _ = child.kill();
    let killed = finish(child, Duration::from_secs(10), &["failover"]);
    if code != 0 {
        return Err(format!("{}: never came: {said} {} {}", point.name, killed.out, killed.err));
    }
    for master in [&r.active, &r.standby] {
        a.until("the killed run's lock is gone", 60, || a.sh(master, FREE).is_ok())?;
    }
    println!("  killed {}: exit {:?}", point.name, killed.code);
    switchover(a, 0).map(drop).map_err(|e| format!("killed {}: {e}", point.name))
}

/// The resync is made slow enough to be met: some megabytes at a small rate.
pub fn while_resyncing(a: &Arena, r: &Roles) -> Done {
    for node in [&r.active, &r.standby] {
        a.sh(node, "drbdadm disk-options --c-plan-ahead=0 --resync-rate=200k mfs")?;
    }
    a.sh(&r.standby, "drbdadm disconnect mfs")?;
    let written = a.sh(&r.active, "dd if=/dev/urandom of=/data/drbd/.chaos bs=1M count=8 conv=fsync status=none");
    a.sh(&r.standby, "drbdadm connect mfs")?;
    let resyncs = a.until("the resync runs", 60, || a.sh(&r.active, "grep -q 'cs:SyncSource' /proc/drbd").is_ok());
    let refused = written.and(resyncs).and_then(|()| switchover(a, 3));
    for node in [&r.active, &r.standby] {
        a.sh(node, "drbdadm adjust mfs")?;
    }
    a.sh(&r.active, "rm -f /data/drbd/.chaos")?;
    let said = refused?;
    if said.contains("replication-in-sync") && said.contains("nothing was changed") {
        Ok(())
    } else {
        Err(format!("the refusal does not say why: {said}"))
    }
}

pub fn on_hold(a: &Arena, r: &Roles) -> Done {
    let said = |args: &[&str]| {
        let ran = a.world.mfsctl(args, 120);
        if ran.code == Some(0) { Ok(()) } else { Err(format!("mfsctl {args:?}: exit {:?}: {} {}", ran.code, ran.out, ran.err)) }
    };
    forget_restart(a, &r.active)?;
    said(&["ha", "hold", "--for", "5m", "--reason", "chaos"])?;
    a.sh(&r.active, "pkill -KILL -x mfsmaster")?;
    a.pause(8);
    let nothing_moves = a.sh(&r.active, "grep -q ' ro:Primary/' /proc/drbd && ! pgrep -x mfsmaster").map(drop);
    said(&["ha", "release", "--yes"])?;
    nothing_moves.and_then(|()| a.serves(&r.active, 90))
}
