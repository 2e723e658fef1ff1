//! The numbered-record client: writes records, says which were acknowledged, and reads them back elsewhere.
//!
//! Standard library only, so that one call of rustc links it statically for any node of the lab.
//!
//! - `recorder write DIR LOG THREADS PAUSE_MS`: until LOG.stop exists; LOG has only what was fsynced on the mount.
//! - `recorder check DIR LOG`: reads DIR back, on another client, against LOG; prints `key=value` lines.
//! - `recorder watch VIP`: on a master, a line about twice a second on the console, which outlives its power.
//! - `recorder metadata DIR SECONDS THREADS`: how many files a second can be created.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod check;
mod metadata;
mod record;
mod watch;
mod write;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["write", dir, log, threads, pause] => match (threads.parse(), pause.parse()) {
            (Ok(threads), Ok(pause)) => write::run(Path::new(dir), Path::new(log), threads, pause),
            _ => Err(std::io::Error::other("THREADS and PAUSE_MS are numbers")),
        },
        ["check", dir, log] => check::run(Path::new(dir), Path::new(log)),
        ["watch", vip] => watch::run(vip),
        ["metadata", dir, seconds, threads] => match (seconds.parse(), threads.parse()) {
            (Ok(seconds), Ok(threads)) => metadata::run(Path::new(dir), seconds, threads),
            _ => Err(std::io::Error::other("SECONDS and THREADS are numbers")),
        },
        _ => Err(std::io::Error::other(
            "usage: recorder write DIR LOG THREADS PAUSE_MS | check DIR LOG | watch VIP | metadata DIR SECONDS THREADS",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recorder: {error}");
            ExitCode::FAILURE
        }
    }
}
