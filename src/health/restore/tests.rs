#![allow(clippy::unwrap_used)]

use std::io::Cursor;

use super::*;
use crate::metadata::{Changelog, Content, File, Metadata};

const ID: u64 = 0x6b02_c020_d883_eb1c;

fn metadata(version: u64, id: u64) -> Vec<u8> {
    [&b"MFSM 2.0"[..], &version.to_be_bytes(), &id.to_be_bytes(), b"...", b"[MFS EOF MARKER]"].concat()
}

fn changes(range: std::ops::RangeInclusive<u64>) -> Vec<u8> {
    range.map(|n| format!("{n}: {}|CREATE(1,f{n})\n", 1_700_000_000 + n)).collect::<String>().into_bytes()
}

fn directory(files: &[(&str, Vec<u8>)]) -> Directory {
    let file = |(name, bytes): &(&str, Vec<u8>)| {
        let kind = Kind::of(name);
        let content = if kind.is_changelog() {
            Content::Changelog(Box::new(Changelog::read(Cursor::new(bytes), bytes.len() as u64).unwrap()))
        } else {
            Content::Metadata(Metadata::read(Cursor::new(bytes)).unwrap())
        };
        let (owner, group) = ("mfs".to_owned(), "mfs".to_owned());
        File { name: (*name).to_owned(), kind, size: bytes.len() as u64, modified: 1_700_000_100, owner, group, mode: 0o640, content }
    };
    Directory { path: "/d".into(), present: true, available: 1 << 30, files: files.iter().map(file).collect(), left_out: 0 }
}

fn source(place: Place, node: &str, found: Result<Directory, String>) -> Source {
    let node = (!node.is_empty()).then(|| node.to_owned());
    Source { place, node, path: "/d".into(), current: matches!(place, Place::Volume | Place::Metalogger), how: String::new(), found }
}

fn volume(files: &[(&str, Vec<u8>)]) -> Source {
    source(Place::Volume, "m1", Ok(directory(files)))
}

fn logger(node: &str, from: u64, last: u64) -> Source {
    let files = [("metadata_ml.mfs.back", metadata(from, ID)), ("changelog_ml.0.mfs", changes(from..=last))];
    source(Place::Metalogger, node, Ok(directory(&files)))
}

fn judged(sources: &[Source]) -> Judgement {
    judge(sources, &Known::default(), None)
}

#[test]
fn a_crashed_volume_loses_nothing_and_needs_nobody() {
    let sources = [
        logger("m2", 100, 199),
        volume(&[("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", changes(90..=199))]),
        logger("m1", 100, 150),
    ];
    let judgement = judged(&sources);
    let choice = judgement.choice.unwrap();
    assert_eq!((choice.base, choice.extension, choice.next, choice.loss.is_known()), (1, None, 200, false));
    let rows: Vec<(&str, Verdict, Option<u64>)> = judgement.sources.iter().map(|j| (j.place.as_str(), j.verdict, j.behind)).collect();
    let wanted = [
        ("volume on m1", Verdict::Best, Some(0)),
        ("metalogger of m2", Verdict::Usable, Some(0)),
        ("metalogger of m1", Verdict::Usable, Some(49)),
    ];
    assert_eq!(rows, wanted);
    assert_eq!(judgement.sources[2].behind_seconds, Some(49));
    assert!(judgement.id_from.contains("the volume on m1"));
}

#[test]
fn a_torn_volume_is_used_and_a_metalogger_ahead_adds_to_it() {
    let torn = [changes(90..=180), b"181: 17000".to_vec()].concat();
    let sources = [volume(&[("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", torn)]), logger("m2", 100, 185)];
    let choice = judged(&sources).choice.unwrap();
    // The metalogger alone reaches as far: one source is better than two.
    assert_eq!((choice.base, choice.extension, choice.next), (1, None, 186));
    // It began later than the volume's metadata: only both together reach so far.
    let files = [("changelog_ml.0.mfs", changes(150..=185))];
    let sources = [sources[0].clone(), source(Place::Metalogger, "m2", Ok(directory(&files)))];
    let judgement = judged(&sources);
    let choice = judgement.choice.as_ref().unwrap();
    assert_eq!((choice.base, choice.extension, choice.next), (0, Some(1), 186));
    assert!(judgement.sources[0].torn && judgement.sources[0].reason.contains("cut off in a copy"), "{:?}", judgement.sources[0]);
}

#[test]
fn both_volumes_gone_the_better_metalogger_is_taken() {
    let gap = [changes(100..=150), changes(160..=199)].concat();
    let holed = [("metadata_ml.mfs.back", metadata(100, ID)), ("changelog_ml.0.mfs", gap)];
    let sources =
        [source(Place::Volume, "m1", Ok(directory(&[]))), source(Place::Metalogger, "m1", Ok(directory(&holed))), logger("m2", 100, 190)];
    let judgement = judged(&sources);
    let choice = judgement.choice.unwrap();
    // What the other has beyond its gap follows the 190 of this one.
    assert_eq!((choice.base, choice.extension, choice.next, choice.loss.changes), (1, Some(2), 200, None));
    // The last second before the end may be in neither.
    assert!(choice.loss.unknown.unwrap().contains("after version 200"));
    let alone = judge(&sources, &Known::default(), Some(1)).choice.unwrap();
    assert_eq!((alone.next, alone.loss.changes), (151, Some(Range { from: 151, to: 199 })));
    assert_eq!(alone.loss.times.1, Some(1_700_000_199));
    let empty = judgement.sources.iter().find(|j| j.place == "volume on m1").unwrap();
    assert_eq!((empty.verdict, empty.reason.as_str()), (Verdict::Unusable, "it holds no metadata"));
}

#[test]
fn what_the_chunks_belong_to_decides_and_foreign_metadata_is_never_taken() {
    let foreign = [("metadata_ml.mfs.back", metadata(500, 7)), ("changelog_ml.0.mfs", changes(500..=900))];
    let sources = [source(Place::Metalogger, "m1", Ok(directory(&foreign))), logger("m2", 100, 190)];
    assert_eq!(judged(&sources).choice, None, "one against one: nobody can tell");
    let known = Known { chunks: BTreeMap::from([(ID, 3)]), live: None };
    let judgement = judge(&sources, &known, None);
    assert_eq!(judgement.choice.as_ref().map(|c| (c.base, c.next)), Some((1, 191)));
    let other = judgement.sources.iter().find(|j| j.name == "m1").unwrap();
    assert!(other.verdict == Verdict::Unusable && other.reason.contains("another file system (0000000000000007)"), "{other:?}");
    assert_eq!(judge(&sources, &known, Some(0)).choice, None);
}

#[test]
fn another_history_adds_nothing() {
    let other: Vec<u8> = (1..=5000).map(|n| format!("{n}: {}|CREATE(9,x{n})\n", 1_700_000_000 + n)).collect::<String>().into_bytes();
    let sources = [
        volume(&[("metadata.mfs.back", metadata(2000, ID)), ("changelog.0.mfs", changes(1000..=4500))]),
        source(Place::Metalogger, "m2", Ok(directory(&[("changelog_ml.0.mfs", other)]))),
    ];
    let choice = judged(&sources).choice.unwrap();
    assert_eq!((choice.base, choice.extension, choice.next), (0, None, 4501));
}

#[test]
fn metadata_alone_must_be_accepted() {
    let sources = [volume(&[("metadata.mfs.back", metadata(100, ID)), ("metadata.mfs.back.1", metadata(50, ID))])];
    let loss = judged(&sources).choice.unwrap().loss;
    assert!(loss.changes.is_none() && loss.is_known() && loss.unknown.unwrap().contains("after version 100"));
    let clean = [volume(&[("metadata.mfs", metadata(100, ID))])];
    assert!(!judged(&clean).choice.unwrap().loss.is_known());
    // What the master told is lost with a metalogger that did not hear of it.
    let live = judge(&[logger("m2", 100, 120)], &Known { live: Some(140), ..Known::default() }, None);
    assert_eq!(live.choice.unwrap().loss.changes, Some(Range { from: 121, to: 139 }));
    // A metalogger read a moment later is not ahead of the volume that serves.
    let sources = [volume(&[("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", changes(100..=139))]), logger("m2", 100, 145)];
    let choice = judge(&sources, &Known { live: Some(141), ..Known::default() }, None).choice.unwrap();
    assert_eq!((choice.base, choice.next, choice.loss.is_known()), (0, 140, false));
}

#[test]
fn only_who_can_know_says_that_nothing_is_lost() {
    let gone = source(Place::Volume, "m1", Ok(directory(&[])));
    let unknown = |sources: &[Source]| judged(sources).choice.unwrap().loss.unknown.unwrap_or_default();
    // One that stopped an hour ago looks like one that is up to date.
    assert!(unknown(&[gone, logger("m1", 100, 150)]).contains("up to a second later"));
    let unread = source(Place::Volume, "m1", Err("it receives the peer's writes".into()));
    assert!(unknown(&[unread, logger("m1", 100, 150)]).contains("after version 151"));
    // The volume's changelogs tell how far it went though its metadata is gone; what a metalogger lacks of them is added, or named.
    let log = volume(&[("changelog.0.mfs", changes(140..=160))]);
    let choice = judged(&[log.clone(), logger("m1", 100, 150)]).choice.unwrap();
    assert_eq!((choice.base, choice.extension, choice.next, choice.loss.is_known()), (1, Some(0), 161, false));
    let choice = judged(&[volume(&[("changelog.0.mfs", changes(155..=160))]), logger("m1", 100, 150)]).choice.unwrap();
    assert_eq!((choice.next, choice.loss.changes, choice.loss.unknown), (151, Some(Range { from: 151, to: 160 }), None));
    // Changelogs beside another file system's metadata tell nothing of this one.
    let foreign = volume(&[("metadata.mfs.back", metadata(100, 7)), ("changelog.0.mfs", changes(100..=900))]);
    let known = Known { chunks: BTreeMap::from([(ID, 1)]), live: None };
    let loss = judge(&[foreign, logger("m1", 100, 150)], &known, None).choice.unwrap().loss;
    assert!(loss.changes.is_none() && loss.unknown.is_some(), "{loss:?}");
    // A torn end is taken for one that was never acknowledged only when another place does not know better.
    let torn =
        volume(&[("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", [changes(90..=180), b"181: 17000".to_vec()].concat())]);
    assert!(unknown(std::slice::from_ref(&torn)).contains("change 181 was begun"));
    assert!(unknown(&[torn.clone(), logger("m1", 100, 170)]).contains("is torn"));
    assert_eq!(unknown(&[torn, logger("m1", 100, 180)]), "");
}

#[test]
fn what_holds_nothing_says_why() {
    let only = |files: &[(&str, Vec<u8>)]| {
        let judgement = judged(&[volume(files)]);
        assert_eq!(judgement.choice, None);
        judgement.sources[0].reason.clone()
    };
    assert!(only(&[("metadata.mfs.empty", b"MFSM NEW".to_vec())]).contains("EMPTY file system"));
    assert!(only(&[("metadata.mfs", metadata(9, ID)[..20].to_vec())]).contains("metadata.mfs is cut off"));
    let gif = [b"GIF89a..".to_vec(), metadata(9, ID)[8..].to_vec()].concat();
    assert!(only(&[("metadata.mfs", gif)]).contains("the header of metadata.mfs is damaged: it begins with \"GIF89a..\""));
    assert!(only(&[("changelog.0.mfs", changes(1..=3))]).contains("without metadata"));
    assert!(only(&[("metadata.mfs", b"MFSM NEW".to_vec())]).contains("EMPTY file system"));
    let unread = judged(&[source(Place::Volume, "m1", Err("it receives the peer's writes".into()))]);
    assert_eq!(unread.sources[0].reason, "it receives the peer's writes");
}

#[test]
fn metadata_that_reaches_the_same_is_tried_too() {
    let files = [
        ("metadata.mfs.back", metadata(150, ID)),
        ("metadata.mfs.back.1", metadata(100, ID)),
        ("metadata.mfs.back.2", metadata(7, ID)),
        ("changelog.0.mfs", changes(90..=199)),
    ];
    assert_eq!(judged(&[volume(&files)]).choice.unwrap().metadata, ["metadata.mfs.back", "metadata.mfs.back.1"]);
}

#[test]
fn a_history_that_was_given_up_is_not_taken_by_itself() {
    let kept = |current| Source {
        current,
        ..source(Place::Kept, "m1", Ok(directory(&[("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", changes(100..=900))])))
    };
    let files = [("metadata.mfs.back", metadata(100, ID)), ("changelog.0.mfs", changes(100..=199))];
    let judgement = judged(&[kept(false), volume(&files)]);
    assert_eq!(judgement.choice.as_ref().map(|c| (c.base, c.next, c.loss.is_known())), Some((1, 200, false)));
    let other = judgement.sources.last().unwrap();
    assert!(other.behind.is_none() && other.reason.contains("given up"), "{other:?}");
    // Named, or all that is left, it is.
    assert_eq!(judge(&[kept(false), volume(&files)], &Known::default(), Some(0)).choice.unwrap().next, 901);
    assert_eq!(judged(&[kept(false), volume(&[])]).choice.unwrap().next, 901);
    // What the restore under way kept is of now.
    assert_eq!(judged(&[kept(true), volume(&files)]).choice.unwrap().next, 901);
}

#[test]
fn places_have_names() {
    let backup = Source { path: "/b/x/".into(), ..source(Place::Backup, "", Err(String::new())) };
    assert!(backup.is("/b/x") && !backup.is("x"));
    let logger = logger("m2", 1, 2);
    assert!(logger.is("m2") && logger.is("m2:/d") && !logger.is("volume"));
    assert!(volume(&[]).is("volume") && volume(&[]).is("m1:volume") && !volume(&[]).is("m1"));
}

#[test]
fn a_changelog_that_tells_two_histories_says_so_and_another_source_is_taken() {
    let both = [changes(100..=180), changes(150..=199)].concat();
    let twofold = [("metadata_ml.mfs.back", metadata(100, ID)), ("changelog_ml.0.mfs", both)];
    let sources = [source(Place::Metalogger, "m1", Ok(directory(&twofold))), logger("m2", 100, 199)];
    let judgement = judged(&sources);
    assert_eq!(judgement.choice.unwrap().base, 1);
    let why = &judgement.sources.iter().find(|j| j.source == 0).unwrap().reason;
    assert!(why.contains("the numbers of changelog_ml.0.mfs go back: it tells two histories"), "{why}");
}
