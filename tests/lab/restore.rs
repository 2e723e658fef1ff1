//! Metadata damaged and destroyed under a real cluster, and brought back: rehearsed, torn, gone from the volume, killed at points.

use std::io::BufRead;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

const RESTORE: &[&str] = &["restore-meta", "--yes"];
const DATA: &str = "/data/drbd/mfs";

pub const SCENARIOS: &[Scenario] = &[
    ("a_cluster_with_checksummed_files", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        write_files(w, "a");
        w.mfsctl(&["restore-meta", "--list"], 180).ends(0).says(&["volume on", "metalogger of m1", "Lost: nothing"]);
        w.mfsctl(RESTORE, 180).ends(0).says(&["nothing to do: mfsmaster serves"]);
    }),
    ("a_rehearsal_equals_the_live_master_and_leaves_nothing", |w| {
        // Somebody writes meanwhile.
        w.sh("cl", "(while [ ! -e /tmp/stop ]; do date >/mnt/mfs/busy; sleep 0.2; done) >/dev/null 2>&1 &");
        // The one that serves has no memory for two here.
        let standby = other(&active(w));
        for on in [&["--on", standby][..], &[]] {
            let args = [&["restore-meta", "--rehearse", "--format", "json"], on].concat();
            let told = w.mfsctl(&args, 300).ends(0).json();
            assert_eq!((&told["as_live"], &told["on"]), (&true.into(), &standby.into()), "{told:#}");
        }
        let told = w.mfsctl(&["restore-meta", "--rehearse", "--from", "m1", "--format", "json"], 300).ends(0).json();
        assert_eq!(told["choice"]["from"], "m1", "{told:#}");
        w.sh("cl", "touch /tmp/stop");
        for node in ["m1", "m2"] {
            w.sh(node, "[ -z \"$(ls /var/lib/mfsctl-restore 2>/dev/null)\" ]");
        }
        w.mfsctl(&["restore-meta", "--rehearse", "--on", "cs"], 180).ends(3).says(&["mfsmaster is not installed there"]);
        check_files(w, "a");
    }),
    ("a_power_cut_loses_nothing", |w| {
        write_files(w, "b");
        let active = active(w);
        w.lab().crash(&active).unwrap();
        w.wait(other(&active), "mfs-ha wait-serving 5", 180);
        check_files(w, "b");
        w.lab().boot(&active).unwrap();
        in_sync(w, 240);
        w.mfsctl(RESTORE, 180).ends(0).says(&["nothing to do"]);
    }),
    ("a_gap_that_the_takeover_refuses_is_filled_from_both_places", |w| {
        write_files(w, "c");
        let active = down(w);
        // Twenty changes out of the middle of the newest changelog, on the volume and on the metalogger beside it; a torn end too.
        opened(
            w,
            &active,
            &format!(
                "f=$(ls -t {DATA}/changelog.*.mfs | head -n 1); n=$(wc -l <$f); \
             awk -v a=$((n / 2)) 'NR < a || NR > a + 20' $f >/tmp/holed && cat /tmp/holed >$f; printf '999999: 17' >>$f"
            ),
        );
        w.sh(&active, "systemctl stop moosefs-metalogger; for f in /var/lib/mfs/changelog_ml*.mfs; do : >$f; done");
        let planned = w.mfsctl(&["restore-meta", "--dry-run"], 240).ends(0).says(&["Lost: nothing"]);
        assert!(planned.out.contains("cut off in a copy"), "{}", planned.out);
        w.mfsctl(RESTORE, 600).ends(0).says(&["done: the metadata is restored"]);
        check_files(w, "c");
        w.wait(&active, "systemctl is-active -q moosefs-metalogger", 30);
    }),
    ("both_masters_metadata_destroyed_killed_at_points_and_run_again", |w| {
        write_files(w, "d");
        let active = down(w);
        opened(w, &active, &format!("rm -rf {DATA}"));
        // One metalogger lags: it has lost the newest of its changelogs.
        w.sh("m1", "systemctl stop moosefs-metalogger; rm -f /var/lib/mfs/changelog_ml.0.mfs");
        let listed = w.mfsctl(&["restore-meta", "--list", "--format", "json"], 180).ends(0).json();
        assert_eq!(listed["choice"]["from"], "m2", "{listed:#}");
        for step in ["hold: suspend", "keep: copy", "open: become Primary", "build: build", "install: put", "release: end the hold"] {
            let ended = kill_after(w, step);
            println!("  killed after {step:?}: {ended}");
        }
        let done = w.mfsctl(RESTORE, 900).ends(0);
        println!("  the last run: {:.1} s", done.elapsed.as_secs_f64());
        check_files(w, "d");
        for node in ["m1", "m2"] {
            w.sh(node, "ls -d /var/lib/mfsctl-restore/*/metalogger && ! test -e /var/lib/mfsctl-restore/under-way && mfs-ha status | grep -qx hold=");
            w.wait(node, "systemctl is-active -q moosefs-metalogger", 30);
        }
        in_sync(w, 120);
    }),
    ("an_older_copy_is_taken_only_when_its_loss_is_typed", |w| {
        write_files(w, "e");
        w.sh("m1", "systemctl stop moosefs-metalogger");
        write_files(w, "f");
        w.mfsctl(&["restore-meta", "--from", "m1", "--yes"], 240).ends(3).says(&["--accept-loss", "Lost:", "changes"]);
        check_files(w, "f");
        w.sh("m1", "systemctl start moosefs-metalogger");
        w.mfsctl(&["status"], 120);
    }),
];

fn active(w: &World) -> String {
    w.wait("m1", "mfs-ha wait-serving 5", 180);
    let here = w.try_sh("m1", "mountpoint -q /data/drbd", 20).0 == 0;
    if here { "m1" } else { "m2" }.to_owned()
}

fn other(node: &str) -> &'static str {
    if node == "m1" { "m2" } else { "m1" }
}

fn in_sync(w: &World, seconds: u64) {
    w.wait("m1", "grep -q 'cs:Connected ro:.* ds:UpToDate/UpToDate' /proc/drbd", seconds);
}

/// Nobody serves, and the files on the volume are those of a running mfsmaster. The hold is one that a restore which was cut off
/// would leave: without it the takeover would mend by itself what it can.
fn down(w: &World) -> String {
    in_sync(w, 120);
    let active = active(w);
    for node in ["m1", "m2"] {
        w.sh(node, "mfs-ha hold 3600 restore-meta test");
    }
    w.sh(&active, "pkill -9 -x mfsmaster; sleep 2; mfs-ha demote");
    active
}

/// Does something to the volume.
fn opened(w: &World, node: &str, damage: &str) {
    w.sh(node, &format!("mfs-ha open-volume && {{ {damage}; }} && mfs-ha demote"));
}

fn write_files(w: &World, set: &str) {
    let write = format!(
        "cd /mnt/mfs && mkdir -p {set} && cd {set} && for i in $(seq 30); do head -c $((i * 1000)) /dev/urandom >f$i; done && \
         sha256sum f* >/root/sums.{set} && sync"
    );
    w.wait("cl", &format!("timeout 60 sh -c '{write}'"), 180);
}

fn check_files(w: &World, set: &str) {
    w.wait("cl", &format!("timeout 60 sh -c 'cd /mnt/mfs/{set} && sha256sum -c --quiet /root/sums.{set}'"), 240);
}

/// Starts a restore and kills it once it has done that step, or lets it end by itself; tells which.
fn kill_after(w: &World, step: &str) -> String {
    for master in ["m1", "m2"] {
        w.wait(master, "[ ! -e /run/lock/mfsctl-operator.lock ] || flock -n /run/lock/mfsctl-operator.lock true", 60);
    }
    let mut child = w.start(&w.inventory(), RESTORE);
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || std::io::BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|l| sender.send(l)));
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(180) {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) if line.contains(step) && line.trim_end().ends_with(" s)") => break,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            _ => {}
        }
    }
    let _ = child.kill();
    finish(child, Duration::from_secs(30), RESTORE).code.map_or_else(|| "killed".to_owned(), |code| format!("it had ended with {code}"))
}
