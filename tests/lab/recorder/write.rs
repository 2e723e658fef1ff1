//! Writes numbered records and files until told to stop.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::record;

/// How long an operation may take before the log says that it hangs; ms.
const STALL: u64 = 4000;
/// How long the threads get to end; ms. An operation on a mount is given up after about 130 s.
const LAST: u64 = 170_000;

/// The log on this client's own disk. A line is on the disk before the next operation begins.
struct Log(Mutex<File>);

impl Log {
    fn line(&self, line: &str) {
        if let Ok(mut file) = self.0.lock() {
            let kept = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_data());
            if let Err(error) = kept {
                // Without its log the run proves nothing.
                eprintln!("recorder: the log: {error}");
                std::process::exit(3);
            }
        }
    }
}

/// What all threads share.
struct Shared {
    dir: PathBuf,
    log: Log,
    begin: Instant,
    stop: AtomicBool,
    pause: Duration,
}

impl Shared {
    fn millis(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// One thread's present operation: when it began (0 when idle), for the watch over stalls.
struct Worker {
    number: usize,
    since: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Worker {
    /// Does an operation until it succeeds or the run ends; `true` when it was acknowledged, which is logged.
    fn until_done(&self, kind: &str, id: u64, mut act: impl FnMut() -> io::Result<()>) -> bool {
        let first = self.shared.millis();
        loop {
            let begin = self.shared.millis();
            self.since.store(begin.max(1), Ordering::Relaxed);
            let result = act();
            self.since.store(0, Ordering::Relaxed);
            let end = self.shared.millis();
            match result {
                Ok(()) => {
                    self.shared.log.line(&format!("A {kind} {} {id} {end} {}", self.number, end - first));
                    return true;
                }
                Err(error) => {
                    let code = error.raw_os_error().unwrap_or(0);
                    self.shared.log.line(&format!("E {kind} {} {id} {end} {} {code}", self.number, end - begin));
                }
            }
            if self.shared.stop.load(Ordering::Relaxed) {
                return false;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn over(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Appends records. Each has its place, so trying one again cannot make two of it.
    fn records(&self) {
        let mut open: Option<(PathBuf, File)> = None;
        for id in 0.. {
            let (path, at) = record::place(&self.shared.dir, self.number, id);
            let line = record::make(self.number, id, record::now());
            let done = self.until_done("r", id, || {
                let file = match &mut open {
                    Some((name, file)) if *name == path => file,
                    other => {
                        &mut other
                            .insert((path.clone(), OpenOptions::new().create(true).append(false).write(true).truncate(false).open(&path)?))
                            .1
                    }
                };
                let written = file.write_all_at(&line, at).and_then(|()| file.sync_all());
                if written.is_err() {
                    // A handle that failed once stays failed.
                    open = None;
                }
                written
            });
            if !done || self.over() {
                return;
            }
            thread::sleep(self.shared.pause);
        }
    }

    /// Creates, renames and removes files. After a takeover an operation may have been done already, unanswered.
    fn files(&self) {
        for id in 0.. {
            let (new, kept) = record::names(&self.shared.dir, self.number, id);
            let line = record::make(self.number, id, record::now());
            let created = self.until_done("c", id, || {
                let open = || OpenOptions::new().create(true).truncate(true).write(true).open(&new);
                let file = match open() {
                    Err(e) if e.kind() == ErrorKind::AlreadyExists => open(),
                    other => other,
                }?;
                file.write_all_at(&line, 0)?;
                file.sync_all()
            });
            let renamed = created
                && self.until_done("m", id, || match fs::rename(&new, &kept) {
                    Err(e) if e.kind() == ErrorKind::NotFound && kept.try_exists()? => Ok(()),
                    other => other,
                });
            let done = renamed
                && (!record::passing(id)
                    || self.until_done("u", id, || match fs::remove_file(&kept) {
                        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
                        other => other,
                    }));
            if !done || self.over() {
                return;
            }
            thread::sleep(self.shared.pause);
        }
    }
}

/// Runs `threads` threads with records and one with files. The directory must not be there yet.
pub fn run(dir: &Path, log: &Path, threads: usize, pause: u64) -> io::Result<()> {
    fs::create_dir(dir)?;
    fs::create_dir(dir.join("new"))?;
    (0..8).try_for_each(|n| fs::create_dir_all(dir.join(format!("kept/{n}"))))?;
    let file = OpenOptions::new().create_new(true).append(true).open(log)?;
    let stop = PathBuf::from(format!("{}.stop", log.display()));
    let shared = Arc::new(Shared {
        dir: dir.to_owned(),
        log: Log(Mutex::new(file)),
        begin: Instant::now(),
        stop: AtomicBool::new(false),
        pause: Duration::from_millis(pause),
    });
    shared.log.line(&format!("T {}", record::now()));
    let mut running = Vec::new();
    for number in 0..=threads {
        let worker = Worker { number, since: Arc::new(AtomicU64::new(0)), shared: Arc::clone(&shared) };
        let since = Arc::clone(&worker.since);
        let handle = thread::spawn(move || if worker.number == threads { worker.files() } else { worker.records() });
        running.push((number, since, handle, 0));
    }
    let mut until = None;
    loop {
        thread::sleep(Duration::from_millis(250));
        let now = shared.millis();
        for (number, since, _, told) in &mut running {
            let began = since.load(Ordering::Relaxed);
            if began != 0 && began != *told && now.saturating_sub(began) > STALL {
                shared.log.line(&format!("S {number} {began}"));
                *told = began;
            }
        }
        if until.is_none() && stop.exists() {
            shared.stop.store(true, Ordering::Relaxed);
            until = Some(now + LAST);
        }
        if running.iter().all(|(_, _, handle, _)| handle.is_finished()) {
            shared.log.line("end");
            return Ok(());
        }
        if until.is_some_and(|until| now > until) {
            let hanging = running.iter().filter(|(_, _, handle, _)| !handle.is_finished()).count();
            shared.log.line(&format!("hanging {hanging}"));
            std::process::exit(4);
        }
    }
}
