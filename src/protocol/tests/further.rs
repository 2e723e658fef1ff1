//! What a master tells beside: classes, quotas, loops, missing chunks.

use super::super::{classes, loops, missing, quotas};
use super::*;

fn message(version: &str, state: &str, command: u64) -> Vec<u8> {
    let replay = Replay::new(version, state);
    let found = replay.messages.iter().find(|m| m["command"] == command && m["payload"] == "").unwrap();
    unhex(found["data"].as_str().unwrap())
}

#[test]
fn everything_captured_is_read() {
    each(|version, state, report| {
        let further = &report.further;
        assert_eq!(further.unread, [] as [&str; 0], "{version} {state}");
        assert_eq!(further.quotas, Some(vec![]), "{version} {state}");
        assert!(further.check_loop.is_some() && further.chunk_loop.is_some(), "{version} {state}");
        // Asked only when the matrix has some; the check of all files had not come by to list them.
        let missing = (report.chunks.all.missing > 0).then(MissingChunks::default);
        assert_eq!(further.missing, missing, "{version} {state}");
    });
}

#[test]
fn storage_classes_are_what_mfscli_says() {
    each(|version, state, report| {
        let classes = report.further.classes.unwrap();
        let lines = told(version, &format!("{state}.SC.txt"));
        let word = |fulfilled| if fulfilled == Fulfilled::Yes { "YES" } else { "NO" };
        if version.starts_with('3') {
            assert_eq!(classes.len(), lines.len(), "{version} {state}");
            for (class, line) in classes.iter().zip(&lines) {
                let mine = format!("{}|{}|{}|STD|{}|{}", class.id, class.name, admin(class.admin_only), class.files, class.directories);
                assert_eq!(mine, line[1..7].join("|"), "{state}");
                let number = |at: usize| line[at].parse::<u64>().unwrap_or(0);
                assert_eq!((class.under, class.exact + class.over), (number(7), number(8) + number(9) + number(10)), "{state} {line:?}");
                // three sets of labels: to create, to keep, to archive
                assert_eq!([word(class.keep), &class.copies.to_string()], [line[16].as_str(), line[17].as_str()], "{state} {line:?}");
            }
            return;
        }
        let common: Vec<&Vec<String>> = lines.iter().filter(|l| l[1] == "COMMON").collect();
        assert_eq!(classes.len(), common.len(), "{version} {state}");
        for (class, line) in classes.iter().zip(common) {
            let mine = format!("{}|{}|{}|{}", class.id, class.name, class.files, class.directories);
            assert_eq!(mine, [&line[2], &line[3], &line[12], &line[13]].map(String::as_str).join("|"), "{state}");
            let keep = lines.iter().find(|l| l[1] == "KEEP" && l[2] == class.id.to_string()).unwrap();
            let sum = |from: usize| keep[from].parse::<u64>().unwrap() + keep[from + 1].parse::<u64>().unwrap();
            assert_eq!((class.under, class.exact, class.over), (sum(3), sum(5), sum(7)), "{state} {keep:?}");
            assert_eq!(word(class.keep), keep[9], "{state} {keep:?}");
            assert!(keep[11].starts_with(&format!("COPIES: {}", class.copies)), "{state} {keep:?}");
        }
    });
}

fn admin(only: bool) -> &'static str {
    if only { "YES" } else { "NO" }
}

#[test]
fn loops_of_both_lines() {
    let idle = loops::chunks(&message("3.0.117", "healthy", 514)).unwrap();
    assert_eq!(idle, ChunkLoop { started: None, ended: None, copied: 0, moved: 0, deleted: 0, left_undone: Some(0) });
    let busy = loops::chunks(&message("3.0.117", "one-stopped-one-killed", 514)).unwrap();
    assert_eq!((busy.ended, busy.deleted, busy.moved, busy.left_undone), (Some(1_795_346_838), 2, 2, Some(9)));
    // fields in the order of MooseFS's own ChunkTestInfo96, each with its place as value
    let numbered: Vec<u8> = (0..24_u32).flat_map(u32::to_be_bytes).collect();
    let four = loops::chunks(&numbered).unwrap();
    assert_eq!((four.ended, four.deleted, four.copied, four.moved), (Some(1), (4..=11).sum(), (12..=20).sum(), 23));
    assert!(loops::chunks(&numbered[..92]).is_err());

    let check = loops::files(&message("4.59.2", "healthy", 512)).unwrap();
    assert_eq!((check.started, check.ended, check.files, check.words.len()), (None, Some(1_795_346_853), 0, 0));
    let mut payload: Vec<u8> = (1..=8_u32).flat_map(u32::to_be_bytes).collect();
    let words = "currently unavailable chunk\n".repeat(30);
    payload.extend(u32::try_from(words.len()).unwrap().to_be_bytes());
    payload.extend(words.as_bytes());
    let check = loops::files(&payload).unwrap();
    assert_eq!((check.files, check.missing_files, check.chunks, check.missing_chunks, check.words.len()), (3, 5, 6, 8, 20));
}

/// The layout as a capture's length and beginning prove it: two quotas, on `/proj` and `/ec`, in 212 bytes.
#[test]
fn quotas_of_both_kinds_of_limit() {
    let mut payload = Vec::new();
    for (path, grace, flags, since) in [("/proj", 604_800_u32, 0b0101_0001_u8, 7_u32), ("/ec", 0, 0, 0)] {
        payload.extend(2_u32.to_be_bytes());
        payload.extend(u32::try_from(path.len()).unwrap().to_be_bytes());
        payload.extend(path.as_bytes());
        payload.extend(grace.to_be_bytes());
        payload.extend([u8::from(since > 0), flags]);
        payload.extend(since.to_be_bytes());
        for base in [10_u32, 20, 15] {
            payload.extend(base.to_be_bytes());
            payload.extend((1..=3_u64).flat_map(|n| (u64::from(base) * 10 + n).to_be_bytes()));
        }
    }
    assert_eq!(payload.len(), 212);
    let quotas = quotas::decode(&payload).unwrap();
    assert_eq!(quotas.iter().map(|q| q.path.as_str()).collect::<Vec<_>>(), ["/ec", "/proj"]);
    assert_eq!((quotas[0].grace, quotas[0].since, quotas[0].exceeded, quotas[0].share()), (None, None, false, None));
    let proj = &quotas[1];
    assert_eq!((proj.grace, proj.since, proj.exceeded), (Some(604_800), Some(7), true));
    assert_eq!(proj.inodes, Bound { used: 15, soft: Some(10), hard: Some(20) });
    assert_eq!(proj.length, Bound { used: 151, soft: None, hard: None });
    assert_eq!(proj.size, Bound { used: 152, soft: None, hard: Some(202) });
    assert_eq!(proj.share(), Some(1.5));
}

#[test]
fn of_many_missing_chunks_the_first_are_kept() {
    let entry: Vec<u8> = [7_u64.to_be_bytes().as_slice(), &8_u32.to_be_bytes(), &9_u32.to_be_bytes()].concat();
    let many = missing::decode(&entry.repeat(250)).unwrap();
    assert_eq!((many.listed, many.first.len()), (250, 100));
    assert_eq!(many.first[99], MissingChunk { chunk: 7, inode: 8, index: 9 });
    assert!(missing::decode(&entry[..15]).is_err());
}

#[test]
fn an_unknown_form_is_named_and_the_rest_is_told() {
    let mut replay = Replay::new("3.0.117", "healthy");
    for m in replay.messages.iter_mut().filter(|m| m["command"] == 514) {
        m["data"] = "0102".into();
    }
    let report = Master::ask(&mut replay).unwrap();
    assert_eq!(report.further.unread, ["CHUNKSTEST_INFO: cannot read the answer of 2 bytes: 72 or 96 bytes expected"]);
    assert!(report.further.chunk_loop.is_none() && report.further.classes.is_some());
}

proptest! {
    #[test]
    fn damaged_answers_never_panic(v in 0_usize..2, which in 0_usize..3, cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = message(VERSIONS[v], "one-stopped-one-killed", [542, 512, 514][which]);
        let at = cut.index(bytes.len());
        decode_further(&bytes[..at]);
        bytes[at] = byte;
        decode_further(&bytes);
    }
}

pub fn decode_further(bytes: &[u8]) {
    let _ = quotas::decode(bytes);
    let _ = loops::files(bytes);
    let _ = loops::chunks(bytes);
    let _ = missing::decode(bytes);
    for v in [Version::new(3, 0, 117), Version::new(4, 59, 2)] {
        let _ = classes::decode(v, bytes);
    }
}
