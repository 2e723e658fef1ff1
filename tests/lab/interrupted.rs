//! One provision, stopped at ten points in ten ways; each next run goes on, and the last finishes.

use std::io::BufRead;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::{World, finish};

const YES: &[&str] = &["provision", "--yes"];

/// When to strike: after this many actions of the run are done, and how.
const STRIKES: &[(usize, How)] = &[
    (3, How::Signal("INT")),
    (6, How::Signal("KILL")),
    (5, How::CutPower("m2")),
    (8, How::CutLine("m1")),
    (10, How::Signal("KILL")),
    (9, How::CutPower("m1")),
    (12, How::Signal("TERM")),
    (11, How::CutLine("m2")),
    (10, How::Signal("KILL")),
    (8, How::CutPower("cs")),
];

enum How {
    /// A signal to mfsctl.
    Signal(&'static str),
    /// A node loses its power in mid-command.
    CutPower(&'static str),
    /// A node loses its network for a while.
    CutLine(&'static str),
}

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up", |w| {
        w.up();
    }),
    ("ten_interruptions", |w| {
        for (number, (after, how)) in STRIKES.iter().enumerate() {
            let ended = strike(w, *after, how);
            println!("  interruption {}: after {after} actions: {} (exit {ended:?})", number + 1, how.words());
        }
    }),
    ("the_next_run_finishes", |w| {
        let ran = w.mfsctl(YES, 600);
        assert!(ran.code == Some(0), "{:?}\n{}\n{}", ran.code, ran.out, ran.err);
    }),
    ("and_then_there_is_nothing_to_do", |w| {
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do: all 4 hosts"]);
    }),
    ("no_step_was_done_wrong_twice", |w| {
        // One volume group, one file system made once, one metadata id, equal sizes, no temporary files.
        for node in ["m1", "m2"] {
            assert_eq!(w.sh(node, "vgs --noheadings -o vg_name | wc -l").trim(), "1");
            assert_eq!(w.sh(node, "lvs --noheadings -o lv_name | wc -l").trim(), "1");
            assert_eq!(w.sh(node, "ls -A /var/lib/mfsctl/pending 2>/dev/null | wc -l").trim(), "0");
            let left = w.sh(node, "find /etc /usr/local/sbin -name '.mfsctl.*'");
            assert_eq!(left, "", "{node}: temporary files stay");
            assert_eq!(w.sh(node, "grep -c 'mfsctl begin' /etc/hosts").trim(), "1");
            assert_eq!(w.sh(node, "ls /usr/sbin/policy-rc.d 2>/dev/null | wc -l").trim(), "0");
        }
        w.sh("cl", "echo whole >/mnt/mfs/file && sync /mnt/mfs/file && grep -q whole /mnt/mfs/file");
        // One chunkserver cannot keep the two copies the default goal asks for: that, and only that, is warned of.
        let status = w.mfsctl(&["status"], 120).says(&["Primary", "UpToDate", "missing 0"]);
        assert!(matches!(status.code, Some(0 | 1)), "{:?}\n{}\n{}", status.code, status.out, status.err);
    }),
];

/// Starts a run, strikes once it has done that many actions, and waits for its end.
fn strike(w: &World, after: usize, how: &How) -> Option<i32> {
    // A run that was cut off holds its lock until the node notices, half a minute at most.
    for master in ["m1", "m2"] {
        w.wait(master, "[ ! -e /run/lock/mfsctl-operator.lock ] || flock -n /run/lock/mfsctl-operator.lock true", 60);
    }
    let mut child = w.start(&w.inventory(), YES);
    let lines = listen(&mut child);
    let actions = || lines.lock().unwrap().iter().filter(|line| line.trim_end().ends_with(" s)")).count();
    let begin = Instant::now();
    while actions() < after && begin.elapsed() < Duration::from_secs(240) {
        if let Some(status) = child.try_wait().unwrap() {
            println!("  it ended by itself, before the strike:");
            lines.lock().unwrap().iter().rev().take(12).rev().for_each(|line| println!("    {line}"));
            return status.code();
        }
        thread::sleep(Duration::from_millis(20));
    }
    match how {
        How::Signal(signal) => {
            let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
            assert!(sent.success());
            finish(child, Duration::from_secs(400), YES).code
        }
        How::CutPower(node) => {
            w.lab().crash(node).unwrap();
            let ended = finish(child, Duration::from_secs(400), YES);
            w.lab().boot(node).unwrap();
            ended.code
        }
        How::CutLine(node) => {
            w.lab().cut(node, &[]).unwrap();
            let ended = finish(child, Duration::from_secs(400), YES);
            w.lab().heal(None).unwrap();
            w.lab().wait_ssh(node, Duration::from_secs(90)).unwrap();
            ended.code
        }
    }
}

/// What a run tells, line by line.
fn listen(child: &mut Child) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&lines);
    let stderr = child.stderr.take().unwrap();
    thread::spawn(move || {
        for line in std::io::BufReader::new(stderr).lines().map_while(Result::ok) {
            shared.lock().unwrap().push(line);
        }
    });
    lines
}

impl How {
    fn words(&self) -> String {
        match self {
            Self::Signal(signal) => format!("SIG{signal} to mfsctl"),
            Self::CutPower(node) => format!("power of {node} cut"),
            Self::CutLine(node) => format!("{node} cut off the network"),
        }
    }
}
