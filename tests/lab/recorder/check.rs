//! Reads everything back and compares it with what was acknowledged.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::record;

/// Gaps and operations shorter than this are not told; ms.
const NOTED: u64 = 500;

/// How long a file that is there but cannot be read is waited for: mfsmaster mends its idea of a chunk's version when its loop over
/// all chunks comes by, which takes 300 s at least (CHUNKS_LOOP_MIN_TIME).
const PATIENCE: Duration = Duration::from_secs(420);

/// A file's bytes, and for how long they could not be read; s.
fn patiently(path: &Path, until: Instant) -> io::Result<(Vec<u8>, Option<u64>)> {
    let begin = Instant::now();
    let mut failed = false;
    loop {
        match fs::read(path) {
            Ok(bytes) => return Ok((bytes, failed.then(|| begin.elapsed().as_secs()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound || Instant::now() >= until => return Err(error),
            Err(_) => failed = true,
        }
        thread::sleep(Duration::from_secs(2));
    }
}

/// What the log of a run says.
#[derive(Default)]
struct Acknowledged {
    /// Acknowledged records of a thread; they are numbered from 0.
    records: BTreeMap<usize, u64>,
    /// The last acknowledged step (c, m, u) of each file.
    files: BTreeMap<(usize, u64), char>,
    /// When each record was acknowledged, ms since the run began.
    times: Vec<u64>,
    /// When the run began, ms since 1970.
    began: u64,
    /// Operations that took long, also those that failed: when they ended and ms they took.
    long: Vec<(u64, u64)>,
    /// Operations that failed: when they ended, ms they took, `KIND:ERRNO`.
    failed: Vec<(u64, u64, String)>,
    stalls: u64,
    hanging: u64,
    ended: bool,
}

fn read_log(text: &str) -> Acknowledged {
    let mut found = Acknowledged::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|w| w.parse::<u64>().ok()).unwrap_or(0);
        let thread = usize::try_from(number(2)).unwrap_or(0);
        match words.as_slice() {
            ["A", kind, ..] => {
                let kind = kind.chars().next().unwrap_or('?');
                let (id, end, took) = (number(3), number(4), number(5));
                if kind == 'r' {
                    found.records.entry(thread).and_modify(|n| *n = (*n).max(id + 1)).or_insert(id + 1);
                    found.times.push(end);
                } else {
                    found.files.insert((thread, id), kind);
                }
                if took >= NOTED {
                    found.long.push((end, took));
                }
            }
            ["E", kind, ..] => {
                let (end, took, what) = (number(4), number(5), format!("{kind}:{}", number(6)));
                if took >= NOTED {
                    found.long.push((end, took));
                }
                found.failed.push((end, took, what));
            }
            ["T", ..] => found.began = number(1),
            ["S", ..] => found.stalls += 1,
            ["hanging", ..] => found.hanging = number(1),
            ["end"] => found.ended = true,
            _ => {}
        }
    }
    found
}

/// Compares a directory with a log and prints `key=value` lines.
pub fn run(dir: &Path, log: &Path) -> io::Result<()> {
    print!("{}", compare(dir, log)?);
    Ok(())
}

/// Compares a directory with a log.
pub fn compare(dir: &Path, log: &Path) -> io::Result<String> {
    let log = read_log(&fs::read_to_string(log)?);
    let mut faults = Vec::new();
    let mut unreadable = Vec::new();
    let until = Instant::now() + PATIENCE;
    let mut read = |path: &Path| {
        let (bytes, away) = patiently(path, until)?;
        unreadable.extend(away.map(|seconds| format!("{}:{seconds}", path.display())));
        io::Result::Ok(bytes)
    };
    let (mut lost, mut damaged) = (0_u64, 0_u64);
    let mut total = 0;
    for (thread, count) in &log.records {
        total += count;
        let mut file: (Option<std::path::PathBuf>, Vec<u8>) = (None, Vec::new());
        for id in 0..*count {
            let (path, at) = record::place(dir, *thread, id);
            if file.0.as_ref() != Some(&path) {
                let bytes = read(&path).unwrap_or_else(|error| {
                    faults.push(format!("{}: {error}", path.display()));
                    Vec::new()
                });
                file = (Some(path), bytes);
            }
            let at = usize::try_from(at).unwrap_or(0);
            let line = file.1.get(at..at + usize::try_from(record::SIZE).unwrap_or(64));
            match line {
                Some(line) if record::read(line) == Some((*thread, id)) => {}
                Some(line) if line.iter().any(|b| *b != 0) => {
                    damaged += 1;
                    faults.push(format!("record {id} of thread {thread} is damaged or out of order"));
                }
                _ => {
                    lost += 1;
                    faults.push(format!("record {id} of thread {thread} is missing"));
                }
            }
        }
    }
    let (mut files_lost, mut files_damaged) = (0_u64, 0_u64);
    // The last file of a thread may be a step further than was acknowledged.
    let last: BTreeMap<usize, u64> = log.files.keys().copied().collect();
    for ((thread, id), step) in &log.files {
        let (new, kept) = record::names(dir, *thread, *id);
        let here: Vec<Vec<u8>> = [&new, &kept].into_iter().filter_map(|p| read(p).ok()).collect();
        let open = last.get(thread) == Some(id);
        let right = match (step, here.as_slice()) {
            ('u', []) => true,
            ('u', _) => false,
            (_, []) => open && record::passing(*id) && *step == 'm',
            ('m', [one]) => kept.exists() && record::read(one) == Some((*thread, *id)),
            ('c', [one]) => (new.exists() || open) && record::read(one) == Some((*thread, *id)),
            _ => false,
        };
        if !right {
            faults.push(format!("file {id} of thread {thread}, acknowledged up to step {step}, is found {} times", here.len()));
            if here.is_empty() { files_lost += 1 } else { files_damaged += 1 }
        }
    }
    let mut times = log.times;
    times.sort_unstable();
    let gaps = times.windows(2).map(|w| (w[1], w[1] - w[0])).filter(|(_, took)| *took >= NOTED).collect::<Vec<_>>();
    let list = |spans: &[(u64, u64)]| spans.iter().map(|(end, took)| format!("{}:{took}", log.began + end)).collect::<Vec<_>>().join(",");
    let mut said = format!("records={total}\nlost={lost}\ndamaged={damaged}\n");
    said += &format!("files={}\nfiles_lost={files_lost}\nfiles_damaged={files_damaged}\n", log.files.len());
    said += &format!("unreadable={}\n", unreadable.join(","));
    said += &format!("gaps={}\nlong={}\n", list(&gaps), list(&log.long));
    let failed: Vec<String> = log.failed.iter().map(|(end, took, what)| format!("{}:{took}:{what}", log.began + end)).collect();
    said += &format!("failed={}\n", failed.join(","));
    let mut errors: BTreeMap<&str, u64> = BTreeMap::new();
    log.failed.iter().for_each(|(_, _, what)| *errors.entry(what).or_default() += 1);
    let errors: Vec<String> = errors.iter().map(|(k, n)| format!("{k}x{n}")).collect();
    said += &format!("errors={}\nstalls={}\nhanging={}\nended={}\n", errors.join(","), log.stalls, log.hanging, log.ended);
    faults.iter().take(10).for_each(|fault| said += &format!("fault={fault}\n"));
    Ok(said)
}
