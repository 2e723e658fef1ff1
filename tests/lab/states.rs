//! States of the whole cluster: `doctor`, `status` and `status --check` name each by its id, and no longer once it is over.

use std::time::{Duration, Instant};

use crate::Scenario;
use crate::doctor::{active, all_tell, ids, standby, until_only, until_tells};
use crate::harness::World;

/// What this small cluster has at all times: two witnesses, and exports for everybody.
const ALWAYS: &[&str] = &["witnesses-few", "protocol-open", "meta-export-open", "chunks-counting"];
const SYNCED: &str = "grep -q 'cs:Connected.*ds:UpToDate/UpToDate' /proc/drbd";

pub const SCENARIOS: &[Scenario] = &[
    ("healthy_and_nothing_else", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.wait("m1", SYNCED, 180);
        w.sh(
            "cl",
            "for i in $(seq 20); do head -c 100000 /dev/urandom >/mnt/mfs/$i; done; sync; cd /mnt/mfs && sha256sum [0-9]* >/root/sums",
        );
        until_only(w, ALWAYS);
        w.mfsctl(&["status", "--check"], 120).says(&["MFS"]);
        w.mfsctl(&["status"], 120).says(&["HEALTHY"]);
    }),
    ("the_standby_resynchronises", |w| {
        let (active, standby) = (active(w), standby(w));
        for node in ["m1", "m2"] {
            w.sh(node, "drbdadm disk-options --c-plan-ahead=0 --resync-rate=100k mfs");
        }
        w.sh(&standby, "drbdadm disconnect mfs");
        w.sh(&active, "dd if=/dev/urandom of=/data/drbd/.filler bs=1M count=12 conv=fsync status=none");
        w.sh(&standby, "drbdadm connect mfs");
        w.wait(&active, "grep -q cs:SyncSource /proc/drbd", 60);
        all_tell(w, &["drbd-syncing"], 1);
        let text = w.mfsctl(&["status"], 120).ends(1);
        assert!(text.out.lines().any(|l| l.contains('%') && l.to_lowercase().contains("sync")), "no progress: {}", text.out);
        for node in ["m1", "m2"] {
            w.sh(node, "drbdadm adjust mfs");
        }
        w.sh(&active, "rm /data/drbd/.filler");
        until_only(w, ALWAYS);
    }),
    ("the_standby_is_off", |w| {
        let standby = standby(w);
        w.lab().crash(&standby).unwrap();
        until_tells(w, "drbd-waiting", 60);
        all_tell(w, &["drbd-waiting", "master-unreachable"], 2);
        told_within(w, 60);
        w.lab().boot(&standby).unwrap();
        until_only(w, ALWAYS);
    }),
    ("the_active_is_off_and_the_other_serves", |w| {
        let (gone, other) = (active(w), standby(w));
        w.lab().crash(&gone).unwrap();
        w.wait(&other, "mfs-ha status | grep -qx listening=yes", 120);
        all_tell(w, &["master-unreachable"], 2);
        let told = ids(w, "status");
        assert!(!told.contains("master-silent") && !told.contains("vip-nowhere"), "the other one serves: {told:?}");
        w.lab().boot(&gone).unwrap();
        until_only(w, ALWAYS);
        assert_eq!(active(w), other);
    }),
    ("one_chunkserver_is_down_then_both", |w| {
        w.lab().crash("cs1").unwrap();
        until_tells(w, "chunks-endangered", 60);
        all_tell(w, &["chunkserver-away", "chunks-endangered"], 2);
        w.lab().crash("cs2").unwrap();
        until_tells(w, "chunks-missing", 60);
        all_tell(w, &["chunkserver-away", "chunks-missing"], 2);
        for node in ["cs1", "cs2"] {
            w.lab().boot(node).unwrap();
        }
        until_only(w, ALWAYS);
        w.sh("cl", "cd /mnt/mfs && sha256sum -c --quiet /root/sums");
    }),
];

/// A node that is off does not hold up the rest.
#[track_caller]
fn told_within(w: &World, seconds: u64) {
    let begin = Instant::now();
    w.mfsctl(&["status"], 120).ends(1).says(&["Chunkservers"]);
    assert!(begin.elapsed() < Duration::from_secs(seconds), "{:?}", begin.elapsed());
}
