//! Metadata directories that real masters and metaloggers left (3.0.117), read by the library and by the shell
//! script that reads them on nodes: both must say the same, also of damaged ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use mfsctl::archive::read_directory;
use mfsctl::fact::{Answer, metadata_dir};
use mfsctl::metadata::{Content, Directory, Kind, Range, Tail, best, compare};
use proptest::prelude::*;
use tempfile::TempDir;

/// The cluster the directories are of.
const ID: u64 = 0x6b02_c020_d883_eb1c;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metadata-dirs").join(name)
}

fn copy_of(name: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixture(name)).unwrap() {
        let entry = entry.unwrap();
        fs::write(dir.path().join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
    }
    dir
}

/// Runs a question with the given shell, and with that awk when it is named.
fn run(question: &str, shell: &str, awk: Option<&str>) -> Answer {
    let shims = tempfile::tempdir().unwrap();
    if let Some(awk) = awk {
        symlink(which::which(awk).unwrap(), shims.path().join("awk")).unwrap();
    }
    let path = format!("{}:{}", shims.path().display(), std::env::var("PATH").unwrap());
    let out = Command::new(shell).arg("-c").arg(question).env("PATH", path).output().unwrap();
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    Answer { text: String::from_utf8(out.stdout).unwrap(), status: out.status.code().unwrap() }
}

/// What the script says; owners and space are the machine's business.
fn told_by(shell: &str, awk: Option<&str>, dir: &Path, scope: metadata_dir::Scope) -> Directory {
    let path = dir.to_str().unwrap();
    plain(metadata_dir::parse(path, &run(&metadata_dir::ask(path, scope).script, shell, awk)).unwrap())
}

fn plain(mut directory: Directory) -> Directory {
    directory.available = 0;
    for file in &mut directory.files {
        file.owner.clear();
        file.group.clear();
    }
    directory
}

fn both(dir: &Path) -> Directory {
    let read = plain(read_directory(dir).unwrap());
    assert_eq!(told_by("sh", None, dir, metadata_dir::Scope::All), read);
    read
}

#[test]
fn the_script_and_the_library_agree_with_every_shell_and_awk_here() {
    let awks: Vec<&str> = ["mawk", "gawk", "original-awk"].into_iter().filter(|awk| which::which(awk).is_ok()).collect();
    assert!(!awks.is_empty());
    for name in ["m1.clean1", "m1.crash1", "m1.crash2", "ml1.crash2", "ml2.crash2"] {
        let dir = fixture(name);
        let read = plain(read_directory(&dir).unwrap());
        for shell in ["sh", "bash"] {
            for awk in &awks {
                assert_eq!(told_by(shell, Some(awk), &dir, metadata_dir::Scope::All), read, "{name} with {shell} and {awk}");
            }
        }
    }
    assert!(!both(Path::new("/no/such/directory")).present);
}

#[test]
fn shellcheck_finds_nothing() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks/files/mfs-metadata");
    for (script, shell) in [("gather.sh", "sh"), ("scratch.sh", "sh"), ("master.sh", "sh"), ("restore.sh", "sh"), ("pin.sh", "bash")] {
        let out = Command::new("shellcheck")
            .args(["-s", shell])
            .arg(dir.join(script))
            .output()
            .expect("shellcheck: install the package shellcheck");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    }
}

#[test]
fn what_the_real_directories_can_be_restored_to() {
    for (name, base, version, next) in [
        ("m1.clean1", "metadata.mfs", 125, 125),
        ("m1.crash1", "metadata.mfs.back", 1, 123),
        ("m1.crash2", "metadata.mfs.back", 125, 203),
        ("ml2.crash2", "metadata_ml.mfs.back", 125, 203),
    ] {
        let best = both(&fixture(name)).best().unwrap();
        assert_eq!((best.base.as_str(), best.version, best.next), (base, version, next), "{name}");
        assert!(best.contiguous && best.torn.is_empty() && best.doubtful.is_empty() && best.missing.is_none(), "{name}");
        assert_eq!(best.id, Some(ID), "{name}");
    }
    // A new cluster's metalogger has every change but no metadata to begin from.
    let without = both(&fixture("ml1.crash2"));
    assert_eq!(without.best(), None);
    assert_eq!(without.changelogs().map(|(_, log)| log.lines).sum::<u64>(), 202);
}

#[test]
fn damage_is_seen_alike() {
    let whole = fs::read(fixture("m1.crash2").join("changelog.0.mfs")).unwrap();
    let cut = whole.len();
    let with = |tail: &[u8]| [&whole[..], tail].concat();
    let without_line = |number: usize| {
        let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
        [&lines[..number - 1], &lines[number..]].concat().concat()
    };
    let log = |bytes: &[u8]| {
        let dir = copy_of("m1.crash2");
        fs::write(dir.path().join("changelog.0.mfs"), bytes).unwrap();
        let read = both(dir.path());
        let Content::Changelog(log) = read.file("changelog.0.mfs").unwrap().content.clone() else { panic!("no changelog") };
        (log, read.best().unwrap())
    };
    for (tail, kind) in [
        (&b"203: 17953424"[..], Tail::Torn),
        (b"203: 1795342444|WRITE(1)", Tail::Torn),
        (b"garbage\n", Tail::Torn),
        (b"\n", Tail::Torn),
        (b"\0\0\0\0", Tail::Nul),
        (b"203: 1795342444|WRI\0\0TE(1)\n", Tail::Nul),
        (b"203: 1795342444|WRITE(1,\0\0)\n", Tail::Nul),
        (b"gar\0bage\n203: 1", Tail::Nul),
    ] {
        let (log, best) = log(&with(tail));
        assert_eq!((log.tail, log.whole, log.last.unwrap().id), (kind, cut as u64, 202), "{}", String::from_utf8_lossy(tail));
        assert_eq!((best.next, best.torn), (203, vec!["changelog.0.mfs".to_owned()]));
    }
    let (torn, best) = log(&whole[..whole.len() - 1]);
    assert_eq!((torn.tail, torn.last.unwrap().id, best.next), (Tail::Torn, 201, 202));
    let (gap, best) = log(&without_line(150));
    assert_eq!((gap.gaps, gap.missing, best.next), (1, vec![Range { from: 150, to: 150 }], 150));
    assert_eq!((best.contiguous, best.missing, best.last), (false, Some(Range { from: 150, to: 150 }), None));
    let (inside, best) = log(&[&whole[..5300], b"\0\0\0", &whole[5303..]].concat());
    assert_eq!((inside.damaged, inside.gaps, inside.tail), (1, 1, Tail::Clean));
    assert_eq!(best.doubtful, ["changelog.0.mfs"]);
    let (twice, best) = log(&[&whole[..], &whole[..]].concat());
    assert_eq!((twice.disordered, twice.blocks.len(), twice.lines), (1, 2, 404));
    assert_eq!(best.doubtful, ["changelog.0.mfs"]);
    let (empty, best) = log(b"");
    assert_eq!((empty.first, empty.tail, best.next), (None, Tail::Clean, 125));
    let (long, _) = log(&with(format!("203: 1|WRITE({})\n204: 1|WRITE(1)\n", "x".repeat(70_000)).as_bytes()));
    assert_eq!((long.damaged, long.last.unwrap().id, long.gaps), (1, 204, 1));
}

#[test]
fn torn_metadata_and_files_of_others_do_not_count() {
    let dir = copy_of("m1.crash2");
    let back = fs::read(dir.path().join("metadata.mfs.back")).unwrap();
    fs::write(dir.path().join("metadata.mfs"), &back[..back.len() - 1]).unwrap();
    fs::write(dir.path().join("metadata.mfs.empty"), b"MFSM NEW").unwrap();
    fs::write(dir.path().join("metadata.mfs.back.tmp"), &back).unwrap();
    fs::write(dir.path().join("metadata with spaces|and\nmore"), b"x").unwrap();
    fs::write(dir.path().join("metadata.crc"), b"HEAD").unwrap();
    fs::create_dir(dir.path().join("changelog.7.mfs")).unwrap();
    let read = both(dir.path());
    assert_eq!((read.left_out, read.candidates().len()), (1, 2));
    assert_eq!(read.best().unwrap().base, "metadata.mfs.back");
    assert_eq!(read.file("metadata.mfs.empty").unwrap().kind, Kind::Empty);
}

#[test]
fn a_sparse_file_of_terabytes_is_not_read() {
    let dir = copy_of("m1.crash2");
    let file = fs::OpenOptions::new().write(true).open(dir.path().join("changelog.0.mfs")).unwrap();
    file.set_len(4 << 40).unwrap_or_else(|_| file.set_len(4 << 30).unwrap());
    let started = std::time::Instant::now();
    for read in [told_by("sh", None, dir.path(), metadata_dir::Scope::All), read_directory(dir.path()).unwrap()] {
        assert!(matches!(read.file("changelog.0.mfs").unwrap().content, Content::Unread(_)), "{read:?}");
        assert_eq!(read.best().unwrap().doubtful, ["changelog.0.mfs"]);
    }
    assert!(started.elapsed().as_secs() < 10);
}

#[test]
fn the_metalogger_and_its_master_tell_the_same_and_a_stranger_does_not() {
    let (master, logger) = (both(&fixture("m1.crash2")), both(&fixture("ml2.crash2")));
    // The master has changes 1 to 202 in one file, the metalogger 1 to 124 and 125 to 202: lines settle it.
    let seen = compare(&master, &logger, 1);
    assert_eq!((seen.differ.len(), seen.open.clone()), (0, vec![Range { from: 1, to: 202 }]));
    let lines = |dir: &Path, range: Range| {
        let question = metadata_dir::ask_lines(dir.to_str().unwrap(), range);
        metadata_dir::parse_lines(&run(&question.script, "sh", None)).unwrap()
    };
    let range = Range { from: 125, to: 202 };
    let (ours, theirs) = (lines(&fixture("m1.crash2"), range), lines(&fixture("ml2.crash2"), range));
    assert_eq!((ours.len(), ours[0].lines, ours[0].range), (1, 78, range));
    assert_eq!(ours[0].sha256, theirs[0].sha256);
    assert!(compare(&master, &master, 125).agrees());

    let other = copy_of("m1.crash2");
    let text = fs::read_to_string(other.path().join("changelog.0.mfs")).unwrap();
    fs::write(other.path().join("changelog.0.mfs"), text.replace("150: ", "150: 1")).unwrap();
    let seen = compare(&master, &both(other.path()), 125);
    assert_eq!(seen.differ, [Range { from: 1, to: 202 }]);
    assert_ne!(lines(other.path(), range)[0].sha256, ours[0].sha256);
}

#[test]
fn the_best_of_several() {
    let (crash, clean, logger) = (both(&fixture("m1.crash2")), both(&fixture("m1.clean1")), both(&fixture("ml2.crash2")));
    let all = [clean.clone(), crash.clone(), logger.clone()];
    let (from, found) = best(&all, Some(ID)).unwrap();
    assert_eq!((from.path.as_str(), found.next), (crash.path.as_str(), 203));
    assert!(best(&all, Some(1)).is_none());
    // A torn tail counts against a copy, and what was cut off it could not be told.
    let torn = copy_of("m1.crash2");
    let mut bytes = fs::read(torn.path().join("changelog.0.mfs")).unwrap();
    bytes.extend(b"203: 17");
    fs::write(torn.path().join("changelog.0.mfs"), bytes).unwrap();
    let all = [both(torn.path()), logger.clone()];
    assert_eq!(best(&all, Some(ID)).unwrap().0.path, logger.path);
}

/// Changelogs of several thousand lines, over block borders, with an old one that need not be read.
#[test]
fn many_blocks_and_what_is_not_needed() {
    let dir = copy_of("m1.crash2");
    let line = |id: u64| format!("{id}: {}|WRITE({},0,1,{id},0):{id}\n", 1_795_342_932 + id / 50, id % 97);
    let write =
        |name: &str, ids: std::ops::RangeInclusive<u64>| fs::write(dir.path().join(name), ids.map(line).collect::<String>()).unwrap();
    write("changelog.1.mfs", 203..=3_456);
    write("changelog.0.mfs", 3_457..=9_999);
    let read = both(dir.path());
    assert_eq!(read.best().unwrap().next, 125, "what was in changelog.0 is gone");
    let blocks: Vec<Range> = read.changelogs().flat_map(|(_, log)| log.blocks.iter().map(|b| b.range)).collect();
    assert_eq!(blocks.len(), 7 + 4);
    assert_eq!((blocks[0], blocks[1]), (Range { from: 3_457, to: 3_999 }, Range { from: 4_000, to: 4_999 }));

    let mut newer = fs::read(dir.path().join("metadata.mfs.back")).unwrap();
    newer.splice(8..16, 9_000_u64.to_be_bytes());
    fs::write(dir.path().join("metadata.mfs.back"), newer).unwrap();
    let needed = told_by("sh", None, dir.path(), metadata_dir::Scope::Needed);
    assert_eq!(needed.file("changelog.1.mfs").unwrap().content, Content::Ends(Range { from: 203, to: 3_456 }));
    let best = needed.best().unwrap();
    assert_eq!((best.version, best.next, best.changelogs), (9_000, 10_000, vec!["changelog.0.mfs".to_owned()]));
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (1_u64..60, 0_u64..3, "[A-Z]{1,6}", "[a-z0-9,]{0,9}").prop_map(|(id, time, op, args)| format!("{id}: {time}|{op}({args})\n").into_bytes()),
        2 => Just(b"7: 1|SETMETAID(7710936759315720988)\n".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => Just(vec![0; 5]),
        1 => "[0-9]{1,17}: [0-9]{1,17}\\|A\\(\\)\n?".prop_map(String::into_bytes),
        1 => "[0-9:| A(\n]{0,14}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn both_agree_on_any_changelog(pieces in prop::collection::vec(piece(), 0..12), header in prop::collection::vec(any::<u8>(), 0..40)) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("changelog.3.mfs"), pieces.concat()).unwrap();
        fs::write(dir.path().join("metadata.mfs"), header).unwrap();
        both(dir.path());
    }
}
