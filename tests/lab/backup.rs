//! Backups of the metadata while a client writes: they restore in the real mfsmaster, and a damaged one is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use mfsctl::archive::Shelf;

use crate::Scenario;
use crate::harness::World;

/// A client that makes and removes files, as many as leave the nodes of a busy host able to answer: reading changelogs has the lowest
/// priority on a node, and a client without pauses takes all of it.
const LOAD: &str = "n=0; while [ ! -e /root/stop ]; do n=$((n + 1)); echo $n >/mnt/mfs/load-$((n % 50)); [ $((n % 7)) -ne 0 ] || rm -f /mnt/mfs/load-$((n % 50)); sleep 0.1; done";
/// Longest time of a backup, and of a proof, on a busy host, s.
const LONG: u64 = 600;

pub const SCENARIOS: &[Scenario] = &[
    ("the_pair_serves", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.sh("cl", "rm -f /root/stop; for i in 1 2 3; do echo kept$i >/mnt/mfs/kept$i; done; sync");
        w.sh("cl", &format!("setsid sh -c '{LOAD}' >/dev/null 2>&1 </dev/null &"));
        w.wait("cl", "[ -e /mnt/mfs/load-10 ]", 60);
    }),
    ("a_backup_under_load_restores", |w| {
        let served = master(w);
        let before = version(w);
        let made = w.mfsctl(&["backup-meta", "--to", &dir(w), "--format", "json"], LONG).ends(0).json();
        let reached = made["version"].as_u64().unwrap();
        assert!(reached >= before, "{reached} is behind {before}: {made:#}");
        assert_eq!((&made["degraded"], made["role"].as_str()), (&serde_json::json!([]), Some("master")));
        println!("  version {reached}, {} bytes, {} s", made["bytes"], made["seconds"]);
        let path = made["backup"].as_str().unwrap();
        assert!(Command::new("sha256sum").args(["--quiet", "-c", "SHA256SUMS"]).current_dir(path).status().unwrap().success());

        let proved = w.mfsctl(&["backup-meta", "--verify", path, "--format", "json"], LONG).ends(0).json();
        assert_eq!(proved["restored"]["version"].as_u64(), Some(reached));
        assert_ne!(proved["restored"]["node"], served.0.as_str(), "the standby does it");
        // On the node of the running master too, which goes on as if nothing were.
        let there = w.mfsctl(&["backup-meta", "--verify", path, "--on", &served.0], LONG);
        match there.code {
            Some(0) => there.says(&["as the manifest says"]),
            // The machine is small: beside a running master there may be too little memory.
            _ => there.ends(1).says(&["bytes of memory are free"]),
        };
        assert_eq!(master(w), served);
        for node in ["m1", "m2"] {
            w.wait(node, "! ls -d /var/tmp/mfsctl-verify-* 2>/dev/null && ! ls -A /data/drbd/mfs 2>/dev/null | grep mfsctl", 20);
        }
        w.mfsctl(&["history"], 30).ends(0).says(&["backup-meta", "done"]);
    }),
    ("many_backups_under_load_are_all_unbroken", |w| {
        for _ in 0..8 {
            let before = version(w);
            let ran = w.mfsctl(&["backup-meta", "--to", &dir(w), "--keep", "3", "--format", "json"], LONG).ends(0);
            let made = ran.json();
            println!("  {:.1} s, {} bytes", ran.elapsed.as_secs_f64(), made["bytes"]);
            assert!(made["version"].as_u64().unwrap() >= before);
        }
        assert_eq!(backups(w).len(), 3);
        w.mfsctl(&["backup-meta", "--verify", &newest(w), "--quiet"], LONG).ends(0);
    }),
    ("one_flipped_byte_is_refused", |w| {
        let path = PathBuf::from(newest(w));
        let log = fs::read_dir(&path).unwrap().flatten().map(|f| f.path()).find(|p| p.display().to_string().contains("changelog")).unwrap();
        let whole = fs::read(&log).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        fs::write(&log, flipped).unwrap();
        w.mfsctl(&["backup-meta", "--verify", &newest(w)], LONG).ends(3).says(&[
            "changelog",
            "has changed since",
            "do not restore from it",
        ]);
        fs::write(&log, whole).unwrap();
        w.mfsctl(&["backup-meta", "--verify", &newest(w)], LONG).ends(0);
    }),
    ("killed_in_the_middle_and_two_at_once", |w| {
        let (to, before) = (dir(w), backups(w));
        for wait in [300, 900, 1500, 2500] {
            let mut child = w.start(&w.inventory(), &["backup-meta", "--to", &to]);
            thread::sleep(Duration::from_millis(wait));
            let _ = child.kill();
            let _ = child.wait();
        }
        for path in backups(w) {
            assert!(before.contains(&path) || path.join("SHA256SUMS").is_file(), "{}", path.display());
        }
        let other = Shelf::open(Path::new(&to)).unwrap();
        w.mfsctl(&["backup-meta", "--to", &to], 60).ends(5).says(&["another backup is being written there"]);
        drop(other);
        w.mfsctl(&["backup-meta", "--to", &to, "--quiet"], LONG).ends(0);
        let left = fs::read_dir(&to).unwrap().flatten().filter(|f| f.file_name().to_string_lossy().starts_with(".mfsctl-partial"));
        assert_eq!(left.count(), 0);
    }),
    ("a_metalogger_is_copied_too", |w| {
        let ran = w.mfsctl(&["backup-meta", "--to", &dir(w), "--from", "metalogger", "--format", "json"], LONG).ends(0);
        assert_eq!(ran.json()["role"], "metalogger");
        w.mfsctl(&["backup-meta", "--verify", &newest(w)], LONG).ends(0);
    }),
    ("a_metalogger_is_copied_when_no_master_answers", |w| {
        let (node, _) = master(w);
        w.mfsctl(&["ha", "hold", "--for", "10m", "--reason", "no master for a while"], LONG).ends(0);
        w.sh(&node, "pkill -9 -x mfsmaster");
        w.mfsctl(&["backup-meta", "--to", &dir(w)], LONG).ends(1).says(&["no master to copy from", "--from metalogger"]);
        let kept = w.mfsctl(&["backup-meta", "--to", &dir(w), "--from", "metalogger", "--quiet"], LONG).ends(4);
        kept.says(&["is kept, but", "no master could tell how far it is"]);
        w.mfsctl(&["backup-meta", "--verify", &newest(w), "--quiet"], LONG).ends(0);
        w.mfsctl(&["ha", "release", "--yes"], LONG).ends(0);
    }),
    ("a_full_disk_and_a_silent_master_leave_nothing_half_done", |w| {
        let small = w.state().join("small");
        fs::create_dir_all(&small).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(&small).status().unwrap();
        assert!(mount.success());
        let full = w.mfsctl(&["backup-meta", "--to", small.to_str().unwrap()], LONG);
        let left: Vec<_> = fs::read_dir(&small).unwrap().flatten().map(|f| f.file_name()).collect();
        assert!(Command::new("umount").arg(&small).status().unwrap().success());
        full.ends(1).says(&["are free here"]);
        assert_eq!(left, [".mfsctl-backup.lock"]);

        let before = backups(w);
        for node in ["m1", "m2"] {
            w.lab().crash(node).unwrap();
        }
        w.mfsctl(&["backup-meta", "--to", &dir(w)], LONG).ends(1).says(&["no master to copy from", "--from metalogger"]);
        assert_eq!(backups(w), before);
    }),
];

fn dir(w: &World) -> String {
    w.state().join("backups-made").display().to_string()
}

fn backups(w: &World) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir(w)).unwrap().flatten().map(|f| f.path()).collect();
    found.retain(|p| !p.file_name().unwrap().to_string_lossy().starts_with('.'));
    found.sort();
    found
}

fn newest(w: &World) -> String {
    backups(w).last().unwrap().display().to_string()
}

/// The node that serves and when its mfsmaster was started.
fn master(w: &World) -> (String, String) {
    let ask = "cut -d' ' -f22 /proc/$(pgrep -xo mfsmaster)/stat";
    let serves = |node: &str| w.try_sh(node, "ip -o -4 addr | grep -q '172.16.1.47/' && pgrep -x mfsmaster", 30).0 == 0;
    // A node of a busy host may not answer at once.
    let begin = Instant::now();
    let node = loop {
        match ["m1", "m2"].into_iter().find(|n| serves(n)) {
            Some(node) => break node,
            None => assert!(begin.elapsed() < Duration::from_secs(300), "no master serves"),
        }
    };
    (node.to_owned(), w.sh(node, ask))
}

fn version(w: &World) -> u64 {
    let told = w.mfsctl(&["status", "--format", "json", "--exit-zero"], LONG).ends(0).json();
    told["report"]["master"]["report"]["info"]["metadata_version"].as_u64().unwrap_or_else(|| panic!("{told:#}"))
}
