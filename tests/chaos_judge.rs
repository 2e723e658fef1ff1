//! The judge of `make chaos` judged: what is lost, damaged or claimed twice is found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs, dead_code)]

#[path = "lab/recorder/check.rs"]
mod check;
#[path = "lab/recorder/record.rs"]
mod record;
#[path = "lab/chaos/timeline.rs"]
mod timeline;
#[path = "lab/recorder/write.rs"]
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use timeline::{Claims, History, Look, claims};

/// A run of some records on a directory of this machine.
struct Run {
    _dir: tempfile::TempDir,
    data: PathBuf,
    log: PathBuf,
}

fn run() -> Run {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let (to, by) = (data.clone(), log.clone());
    let writer = std::thread::spawn(move || write::run(&to, &by, 2, 5));
    let begin = Instant::now();
    while fs::read_to_string(&log).is_ok_and(|l| l.lines().filter(|l| l.starts_with("A m")).count() < 6) || !log.exists() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::write(dir.path().join("log.stop"), "").unwrap();
    writer.join().unwrap().unwrap();
    Run { _dir: dir, data, log }
}

fn value(data: &Path, log: &Path, key: &str) -> u64 {
    let said = check::compare(data, log).unwrap();
    let found = said.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
    found.unwrap_or_else(|| panic!("no {key} in {said}"))
}

#[test]
fn all_that_was_acknowledged_is_found() {
    let r = run();
    assert!(value(&r.data, &r.log, "records") > 5);
    for key in ["lost", "damaged", "files_lost", "files_damaged", "hanging"] {
        assert_eq!(value(&r.data, &r.log, key), 0, "{}", check::compare(&r.data, &r.log).unwrap());
    }
}

#[test]
fn what_is_missing_damaged_or_in_the_wrong_place_is_found() {
    let r = run();
    let file = r.data.join("t0.0");
    let whole = fs::read(&file).unwrap();
    let size = usize::try_from(record::SIZE).unwrap();
    fs::write(&file, &whole[..whole.len() - size]).unwrap();
    assert_eq!(value(&r.data, &r.log, "lost"), 1);
    let mut zeros = whole.clone();
    zeros[size..2 * size].fill(0);
    fs::write(&file, &zeros).unwrap();
    assert_eq!(value(&r.data, &r.log, "lost"), 1);
    let mut flipped = whole.clone();
    flipped[size + 9] ^= 1;
    fs::write(&file, &flipped).unwrap();
    assert_eq!(value(&r.data, &r.log, "damaged"), 1);
    let mut swapped = whole.clone();
    swapped.copy_within(..size, size);
    fs::write(&file, &swapped).unwrap();
    assert_eq!(value(&r.data, &r.log, "damaged"), 1);
    fs::remove_file(&file).unwrap();
    assert!(value(&r.data, &r.log, "lost") > 1);
}

/// mfsmaster may hold a chunk for missing whose copies are all there; what is read later is not lost, and is told.
#[test]
fn what_can_be_read_after_a_while_is_not_lost() {
    let r = run();
    let (file, aside) = (r.data.join("t0.0"), r.data.join("aside"));
    fs::rename(&file, &aside).unwrap();
    // A link to itself: there, and not to be read.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    let to = file.clone();
    let back = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        fs::rename(&aside, &to).unwrap();
    });
    let said = check::compare(&r.data, &r.log).unwrap();
    back.join().unwrap();
    assert!(said.contains("\nlost=0\n") && said.contains(&format!("\nunreadable={}:", file.display())), "{said}");
    assert!(check::compare(&r.data, &r.log).unwrap().contains("\nunreadable=\n"));
}

/// The last operation of a run may end with an error and never be acknowledged: how long it took counts, and when.
#[test]
fn an_operation_that_failed_and_was_never_acknowledged_is_told() {
    let r = run();
    let mut log = fs::read_to_string(&r.log).unwrap();
    let began: u64 = log.lines().find_map(|l| l.strip_prefix("T ")?.parse().ok()).unwrap();
    log.push_str("E c 2 900 130000 128000 6\n");
    fs::write(&r.log, log).unwrap();
    let said = check::compare(&r.data, &r.log).unwrap();
    let end = began + 130_000;
    assert!(said.contains(&format!("\nfailed={end}:128000:c:6\n")), "{said}");
    assert!(said.lines().any(|l| l.starts_with("long=") && l.contains(&format!("{end}:128000"))), "{said}");
    assert!(said.contains("\nerrors=c:6x1\n"), "{said}");
}

#[test]
fn files_that_came_back_went_or_stand_where_they_were_are_found() {
    let r = run();
    let (new, kept) = record::names(&r.data, 2, 1);
    fs::rename(&kept, &new).unwrap();
    assert_eq!(value(&r.data, &r.log, "files_damaged"), 1, "the rename is undone");
    fs::remove_file(&new).unwrap();
    assert_eq!(value(&r.data, &r.log, "files_lost"), 1);
    fs::write(record::names(&r.data, 2, 0).1, "back").unwrap();
    assert_eq!(value(&r.data, &r.log, "files_damaged"), 1, "a removed file is back");
}

fn looks(begin: Instant, seconds: std::ops::Range<u64>, line: &str) -> Vec<Look> {
    let every = (seconds.start * 5)..(seconds.end * 5);
    every.map(|n| Look::read(line, begin + Duration::from_millis(200 * n)).expect(line)).collect()
}

const SERVES: &str = "chaos-watch 7 up=1.2 role=Primary cs=Connected ds=UpToDate/UpToDate frozen=0 vip=1 listens=1 mounted=1 .";
const FROZEN: &str = "chaos-watch 7 up=1.2 role=Primary cs=WFConnection ds=UpToDate/DUnknown frozen=1 vip=1 listens=1 mounted=1 .";
const STANDBY: &str = "chaos-watch 7 up=1.2 role=Secondary cs=Connected ds=UpToDate/UpToDate frozen=0 vip=0 listens=0 mounted=0 .";

#[test]
fn claims_are_counted_only_where_they_overlap_and_can_do_harm() {
    let now = Instant::now();
    let close = |found: f64, wanted: f64| (found - wanted).abs() < 0.45;
    let history = |looks: Vec<Look>| History { looks, away: Vec::new() };
    // One after the other.
    let a = history([looks(now, 0..5, SERVES), looks(now, 5..10, STANDBY)].concat());
    let b = history([looks(now, 0..5, STANDBY), looks(now, 5..10, SERVES)].concat());
    assert_eq!(claims(&a, &b, now), Claims::default());
    // Three seconds too early.
    let early = history([looks(now, 0..2, STANDBY), looks(now, 2..10, SERVES)].concat());
    let found = claims(&a, &early, now);
    assert!(close(found.two_primaries, 3.0) && close(found.two_masters, 3.0) && close(found.two_addresses, 3.0), "{found:?}");
    assert!(claims(&a, &early, now + Duration::from_secs(6)) == Claims::default());
    // Frozen, and out of reach.
    let mut cut = history([looks(now, 0..2, SERVES), looks(now, 2..8, FROZEN)].concat());
    let mut other = history([looks(now, 0..4, STANDBY), looks(now, 4..10, SERVES)].concat());
    let found = claims(&cut, &other, now);
    assert!(close(found.frozen_primary, 4.0) && close(found.two_addresses, 4.0) && found.two_primaries.abs() < 0.01, "{found:?}");
    assert!(close(found.two_masters, 4.0), "{found:?}");
    // Frozen with its address aside; a master that is not frozen counts without an address too.
    for (line, wanted) in [(FROZEN.replace("vip=1", "vip=0"), 0.0), (SERVES.replace("vip=1", "vip=0"), 4.0)] {
        let aside = history([looks(now, 0..2, SERVES), looks(now, 2..8, &line)].concat());
        assert!(close(claims(&aside, &other, now).two_masters, wanted), "{line}");
    }
    cut.away.push((now + Duration::from_secs(1), None));
    let found = claims(&cut, &other, now);
    assert!(found.two_addresses.abs() < 0.01 && found.two_masters.abs() < 0.01 && close(found.frozen_primary, 4.0), "{found:?}");
    // A node that says nothing claims nothing.
    other.looks.retain(|l| l.at < now + Duration::from_secs(1));
    assert_eq!(claims(&cut, &other, now), Claims::default());
}

#[test]
fn torn_lines_of_a_console_are_no_looks() {
    for line in ["", "chaos-watch 7 up=1.2 role=Prim", "login: chaos-watch 7", &SERVES[..SERVES.len() - 1], "chaos-watch 7 role=Primary ."]
    {
        assert_eq!(Look::read(line, Instant::now()), None, "{line}");
    }
    assert!(Look::read(SERVES, Instant::now()).unwrap().serves());
    assert!(Look::read(STANDBY, Instant::now()).unwrap().healthy_standby());
}
