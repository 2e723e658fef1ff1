//! A real split brain: both masters serve and change different files; it is shown, refused, healed, killed in between.

use std::io::BufRead;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

const HEAL: &[&str] = &["split-brain", "resolve", "--keep", "m1", "--discard", "m2", "--yes"];

pub const SCENARIOS: &[Scenario] = &[
    ("the_pair_serves", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.sh("cl", "for i in 1 2 3; do echo both$i >/mnt/mfs/both$i; done; sync");
        w.mfsctl(&["split-brain", "show"], 120).ends(0).says(&["no split brain", "same data"]);
        w.mfsctl(HEAL, 120).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["ha", "status"], 120).ends(0).says(&["takeover healthy", "cs: free"]);
    }),
    ("a_hold_suspends_the_takeover_on_both", |w| {
        w.mfsctl(&["ha", "hold", "--for", "10m", "--reason", "new switch"], 180).ends(0).says(&[
            "m1: on hold for 10 min",
            "m2: on hold",
            "new switch",
        ]);
        w.mfsctl(&["ha", "hold", "--for", "9m"], 180).ends(0).says(&["a new end for the hold that was there", "9 min"]);
        w.mfsctl(&["status"], 120).ends(1).says(&["on hold for another", "mfsctl ha release"]);
        // mfsmaster dies on the held active, and keepalived restarts: nothing moves.
        w.sh("m1", "pkill -9 -x mfsmaster; systemctl restart keepalived");
        std::thread::sleep(Duration::from_secs(12));
        w.sh("m1", "grep -q 'ro:Primary/Secondary' /proc/drbd && mountpoint -q /data/drbd && ip -o -4 addr | grep -q 172.16.1.47/");
        assert_ne!(w.try_sh("m2", "mountpoint -q /data/drbd", 20).0, 0, "the standby took over");
        let told = w.mfsctl(&["ha", "status", "--format", "json"], 120).ends(1).json();
        assert_eq!((&told["nodes"][0]["layers"]["role"], &told["nodes"][0]["layers"]["listening"]), (&"Primary".into(), &false.into()));
        // What the release sets off is said, and asked.
        w.mfsctl(&["ha", "release"], 120).ends(3).says(&["when the hold ends"]);
        w.mfsctl(&["ha", "release", "--yes"], 180).ends(0).says(&["m1: released", "m2: released"]);
        w.mfsctl(&["ha", "release"], 120).ends(0).says(&["there is no hold"]);
        serving(w, 180);
    }),
    ("a_hold_of_one_side_is_refused", |w| {
        serving(w, 180);
        w.lab().cut("m2", &[]).unwrap();
        w.mfsctl(&["ha", "hold"], 180).ends(3).says(&["m2 could not be asked", "--limit m1", "nothing was changed"]);
        w.sh("m1", "mfs-ha status | grep -qx hold=");
        w.mfsctl(&["split-brain", "show"], 180).ends(1).says(&["m2 could not be asked"]);
        w.lab().heal(None).unwrap();
        in_sync(w, 120);
    }),
    ("a_cut_cable_is_no_split_brain", |w| {
        make_active(w, "m1");
        w.lab().cut("m1", &["m2"]).unwrap();
        w.wait("m1", "test -e /var/lib/mfs-ha/holding", 60);
        w.mfsctl(&["split-brain", "show"], 180).ends(1).says(&["no split brain: the sides are not connected"]);
        w.mfsctl(HEAL, 180).ends(3).says(&["no split brain", "nothing was changed"]);
    }),
    ("both_go_on_alone", |w| {
        w.sh("cl", "for i in $(seq 20); do echo one$i >/mnt/mfs/one$i; done; sync");
        w.lab().cut("m1", &[]).unwrap();
        w.sh("m2", "mfs-ha seize THE-PEER-IS-DEAD");
        w.wait("m2", "mfs-ha status | grep -qx listening=yes", 120);
        w.wait("cl", "timeout 20 sh -c 'for i in 1 2 3; do echo two$i >/mnt/mfs/two$i; done; sync'", 120);
        w.lab().heal(None).unwrap();
        w.wait("m1", "grep -q cs:StandAlone /proc/drbd", 60);
        w.wait("m2", "grep -q cs:StandAlone /proc/drbd", 60);
        // They hear each other again, and one lets go: of two that serve keepalived takes the higher address.
        w.wait("m1", "grep -q ro:Secondary /proc/drbd && ! mountpoint -q /data/drbd", 60);
    }),
    ("it_is_shown_for_what_it_is", |w| {
        let shown = w.mfsctl(&["split-brain", "show", "--format", "json"], 180).ends(1).json();
        assert_eq!(shown["verdict"]["state"], "split-brain", "{shown:#}");
        let creates = |side: usize| shown["verdict"]["own"][side]["operations"]["CREATE"].as_u64().unwrap_or(0);
        assert_eq!((creates(0), creates(1)), (20, 3), "{shown:#}");
        // m1 has more, and m2 is the one that clients see: a person has to look.
        assert_eq!(shown["verdict"]["keep"], serde_json::Value::Null, "{shown:#}");
        assert!(shown["verdict"]["reason"].as_str().unwrap().contains("yet m2 is the one that serves"), "{shown:#}");
        w.mfsctl(&["ha", "status"], 120).ends(1).says(&["believes that it holds the votes, the witnesses name m2"]);
        crate::doctor::all_tell(w, &["split-brain"], 2);
        // Reading left nothing behind.
        for node in ["m1", "m2"] {
            w.sh(
                node,
                "! dmsetup ls | grep view && ! losetup -a | grep view && ! test -d /run/mfs-ha/view && ! test -e /var/lib/mfs-ha/view.cow",
            );
        }
    }),
    ("changes_are_lost_only_when_their_node_is_named", |w| {
        w.mfsctl(&["split-brain", "resolve", "--keep", "m1", "--yes"], 180).ends(3).says(&["nobody to ask", "--discard m2"]);
        w.mfsctl(&["split-brain", "resolve", "--keep", "m1", "--discard", "m1"], 60).ends(2).says(&["do not fit"]);
        w.mfsctl(&["split-brain", "resolve", "--keep", "cs"], 60).ends(2).says(&["no master of that name"]);
        w.mfsctl(&["split-brain", "resolve", "--keep", "m1", "--dry-run"], 180).ends(0).says(&["giving up its own changes"]);
        w.sh("m2", "grep -q cs:StandAlone /proc/drbd && ! test -e /var/lib/mfs-ha/split-brain");
    }),
    ("a_copy_that_cannot_be_brought_here_ends_the_hold_and_discards_nothing", |w| {
        let place = w.state().join("mfsctl/split-brain");
        std::fs::write(&place, "in the way").unwrap();
        w.mfsctl(HEAL, 300).ends(4).says(&["going back", "bring the copy here", "not finished: SPLIT BRAIN"]);
        std::fs::remove_file(&place).unwrap();
        for node in ["m1", "m2"] {
            w.sh(node, "mfs-ha status | grep -qx hold=");
        }
        serving(w, 180);
        let shown = w.mfsctl(&["split-brain", "show", "--format", "json"], 180).ends(1).json();
        assert_eq!(shown["verdict"]["state"], "split-brain", "{shown:#}");
        assert_eq!(
            (&shown["sides"][1]["listening"], &shown["sides"][1]["vip"]),
            (&true.into(), &true.into()),
            "m2 serves as before: {shown:#}"
        );
    }),
    ("killed_after_each_step_it_goes_on", |w| {
        for step in ["hold: suspend", "save: keep its metadata", "discard: connect, giving up", "connect: connect with"] {
            let ended = kill_after(w, step);
            println!("  killed after {step:?}: {ended}");
        }
        let healed = w.mfsctl(HEAL, 300).ends(0);
        println!("  the last run: {:.1} s", healed.elapsed.as_secs_f64());
    }),
    ("the_kept_side_has_all_the_other_nothing_and_its_copy_is_whole", |w| {
        in_sync(w, 120);
        serving(w, 180);
        let kept = "timeout 20 sh -c 'for i in $(seq 20); do grep -qx one$i /mnt/mfs/one$i || exit 1; done; grep -qx both1 /mnt/mfs/both1'";
        w.wait("cl", kept, 120);
        assert_ne!(w.try_sh("cl", "ls /mnt/mfs/two1", 30).0, 0, "what was discarded is still there");
        w.sh("m2", "cd /var/lib/mfs-ha/split-brain/mfs-*/ && sha256sum -c --quiet SHA256SUMS");
        let copies: Vec<_> = glob(&w.state().join("mfsctl/split-brain/small"));
        assert_eq!(copies.len(), 1, "{copies:?}");
        let sums = std::process::Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&copies[0]).status().unwrap();
        assert!(sums.success());
        let metadata = std::fs::read(copies[0].join("metadata.mfs")).unwrap();
        assert!(metadata.starts_with(b"MFSM") && metadata.ends_with(b"[MFS EOF MARKER]"));
        // The discarded files are in the copy: mfsmaster itself can read it.
        let dump =
            "cd /var/lib/mfs-ha/split-brain/mfs-*/ && (mfsmetadump metadata.mfs || /usr/sbin/mfsmetadump metadata.mfs) | grep -c two";
        assert!(w.sh("m2", dump).trim().parse::<u32>().unwrap() >= 3);
        assert_eq!(w.sh("cs", "cat /var/lib/mfs-witness/mfs").trim(), "- -", "the votes are given back");
        for node in ["m1", "m2"] {
            w.sh(node, "mfs-ha status | grep -qx hold= && mfs-ha status | grep -qx holding=no && ! dmsetup ls | grep view");
        }
    }),
    ("a_second_resolve_has_nothing_to_do", |w| {
        w.mfsctl(HEAL, 180).ends(0).says(&["nothing to do"]);
        w.mfsctl(&["split-brain", "show"], 120).ends(0);
        w.mfsctl(&["ha", "status"], 120).ends(0);
    }),
];

/// Starts a healing and kills it once it has done that step, or lets it end by itself; tells which.
fn kill_after(w: &World, step: &str) -> String {
    // The lock of a run that was killed lives half a minute at most.
    for master in ["m1", "m2"] {
        w.wait(master, "[ ! -e /run/lock/mfsctl-operator.lock ] || flock -n /run/lock/mfsctl-operator.lock true", 60);
    }
    let mut child = w.start(&w.inventory(), HEAL);
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || std::io::BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|l| sender.send(l)));
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(120) {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) if line.contains(step) && line.trim_end().ends_with(" s)") => break,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            _ => {}
        }
    }
    let _ = child.kill();
    finish(child, Duration::from_secs(30), HEAL).code.map_or_else(|| "killed".to_owned(), |code| format!("it had ended with {code}"))
}

fn glob(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(dir).map(|all| all.filter_map(|e| Some(e.ok()?.path())).collect()).unwrap_or_default()
}

fn in_sync(w: &World, seconds: u64) {
    w.wait("m1", "grep -q 'cs:Connected ro:.* ds:UpToDate/UpToDate' /proc/drbd", seconds);
}

/// Waits until somebody answers at the virtual address.
fn serving(w: &World, seconds: u64) {
    w.wait("m1", "mfs-ha wait-serving 5", seconds);
}

/// Moves the service to a master, by hand, if it is not there.
fn make_active(w: &World, node: &str) {
    serving(w, 120);
    let other = if node == "m1" { "m2" } else { "m1" };
    if w.try_sh(node, "mountpoint -q /data/drbd", 20).0 != 0 {
        w.sh(other, "mfs-ha yield 120 test");
        w.wait(node, "mfs-ha status | grep -qx listening=yes", 120);
        w.sh(other, "mfs-ha unyield");
    }
    in_sync(w, 60);
}
