//! A restore cut off at ten points, in turn by SIGKILL and by the loss of its connections; each next run goes on.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{LONG, RESTORE};
use crate::harness::{World, finish};

/// How a run is cut off.
#[derive(Debug, Clone, Copy)]
enum How {
    /// SIGKILL to mfsctl.
    Kill,
    /// Every connection to the masters ends, and mfsctl is left to itself.
    Cut,
}

/// Once this has been done for the first time in a run, and how. What comes before the new metadata is in place is done anew by each run.
const POINTS: &[(&[&str], How)] = &[
    (&["hold: note"], How::Cut),
    (&["hold: suspend"], How::Kill),
    (&["keep: copy"], How::Cut),
    (&["let-go: "], How::Kill),
    (&["open: become Primary"], How::Cut),
    // Nothing is sent where the node that has the copy came to be the Primary meanwhile.
    (&["sending ", "build: suspend"], How::Kill),
    (&["build: suspend"], How::Cut),
    (&["build: build"], How::Kill),
    (&["install: put"], How::Cut),
    (&["release: end the hold"], How::Kill),
];

/// Strikes at all of them, then lets a run end; `version` is what the restore comes to.
pub fn at_every_point(w: &World, version: u64) {
    let accepted = version.to_string();
    let args = [RESTORE, &["--accept-loss", &accepted]].concat();
    for (point, how) in POINTS {
        free(w);
        let mut child = w.start(&w.inventory(), &args);
        let stderr = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || std::io::BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|l| sender.send(l)));
        let (reached, mut said) = wait_for(&lines, point);
        match how {
            How::Kill => {
                let _ = child.kill();
            }
            How::Cut => ["m1", "m2"].iter().for_each(|node| {
                // This connection too.
                w.try_sh(node, "pkill -9 -f '^sshd: .*(@notty|\\[priv\\])'", 60);
            }),
        }
        let code = finish(child, Duration::from_secs(LONG), &args).code;
        said.extend(lines.try_iter());
        println!("  {how:?} after {point:?}: {}", code.map_or_else(|| "killed".to_owned(), |code| format!("it ended with {code}")));
        assert!(reached, "it never came to {point:?}:\n{}", said.join("\n"));
        if let How::Cut = how {
            // Undone, or to be run again: never a crash, and never without a word of what to do.
            assert!(matches!(code, Some(0 | 1 | 4 | 6 | 7)), "{code:?}:\n{}", said.join("\n"));
            assert!(code == Some(0) || said.iter().any(|l| l.starts_with("hint: ")), "{}", said.join("\n"));
        }
    }
    free(w);
    let done = w.mfsctl(&args, LONG).ends(0);
    println!("  the last run: {:.1} s", done.elapsed.as_secs_f64());
}

/// A run that was cut off holds its lock until the node notices, half a minute at most.
fn free(w: &World) {
    for master in ["m1", "m2"] {
        w.wait(master, "[ ! -e /run/lock/mfsctl-operator.lock ] || flock -n /run/lock/mfsctl-operator.lock true", 120);
    }
}

/// Listens until one of these words is told; `false` when the run ends before.
fn wait_for(lines: &Receiver<String>, point: &[&str]) -> (bool, Vec<String>) {
    let begin = Instant::now();
    let mut said = Vec::new();
    while begin.elapsed() < Duration::from_secs(LONG) {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                said.push(line);
                if said.last().is_some_and(|line| point.iter().any(|p| line.contains(p))) {
                    return (true, said);
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    (false, said)
}
