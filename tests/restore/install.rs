//! Putting the metadata in place: the old directory or the new one, never a mixture, and what was there stays.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::sandbox::{Node, version};

fn built() -> Node {
    let node = Node::new();
    node.with("metadata-dirs/m1.crash2", "data");
    fs::write(node.path("data/stats.mfs"), "statistics").unwrap();
    fs::write(node.path("data/metadata.mfs.empty"), "MFSM NEW").unwrap();
    node.restore(203, &["metadata.mfs.back"]).unwrap();
    node
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let Ok(all) = fs::read_dir(dir) else { return BTreeMap::new() };
    all.flatten().map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn the_new_one_has_the_metadata_alone_and_the_old_one_stays_whole() {
    let node = built();
    let old = files(&node.path("data"));
    assert_eq!(node.install().unwrap(), "installed=now\n");
    let names: Vec<String> = files(&node.path("data")).into_keys().collect();
    assert_eq!(names, ["metadata.mfs", "stats.mfs"]);
    assert_eq!(version(&node.path("data/metadata.mfs")), 203);
    assert_eq!(files(&node.path("archive/run/before")), old);
    // mfsmaster has renamed the file since.
    fs::rename(node.path("data/metadata.mfs"), node.path("data/metadata.mfs.back")).unwrap();
    assert_eq!(node.install().unwrap(), "installed=before\n");
    assert!(!node.path("data/metadata.mfs").exists());
}

#[test]
fn what_a_failed_install_left_alone_is_told_from_what_it_did() {
    let node = built();
    let text = |sub: &str| node.path(sub).display().to_string();
    let untouched = || node.ran(&["untouched", &text("work"), &text("data"), &text("archive/run")]);
    node.program("df", "#!/bin/sh\necho Filesystem; echo 'x 100 90 10 90% /'\n");
    assert!(node.install().is_err());
    untouched().unwrap();
    fs::remove_file(node.path("bin/df")).unwrap();
    node.install().unwrap();
    assert!(untouched().unwrap_err().contains("has the restored metadata"));
    // Between the two renames.
    fs::remove_file(node.path("work/installed")).unwrap();
    fs::remove_dir_all(node.path("data")).unwrap();
    assert!(untouched().unwrap_err().contains("was moved to"));
}

#[test]
fn a_directory_that_is_gone_is_made() {
    let node = built();
    fs::remove_dir_all(node.path("data")).unwrap();
    node.install().unwrap();
    assert_eq!(version(&node.path("data/metadata.mfs")), 203);
    assert!(!node.path("archive/run/before").exists());
}

#[test]
fn refusals_change_nothing() {
    let node = built();
    let old = files(&node.path("data"));
    fs::write(node.path("bin/pgrep.finds"), "").unwrap();
    assert!(node.install().unwrap_err().contains("mfsmaster runs here"));
    fs::remove_file(node.path("bin/pgrep.finds")).unwrap();
    node.program("df", "#!/bin/sh\necho Filesystem; echo 'x 100 90 10 90% /'\n");
    assert!(node.install().unwrap_err().contains("MiB are needed"));
    fs::remove_file(node.path("bin/df")).unwrap();
    node.edit("work/result/metadata.mfs", |mut b| {
        b[99] ^= 1;
        b
    });
    assert!(node.install().unwrap_err().contains("is damaged"));
    fs::remove_dir_all(node.path("work/result")).unwrap();
    assert!(node.install().unwrap_err().contains("no metadata to put in place"));
    assert_eq!(files(&node.path("data")), old);
}

#[test]
fn killed_at_every_step_it_is_the_old_one_or_none_or_the_new_one() {
    let mut at = 1;
    loop {
        let node = built();
        node.mortal();
        let old = files(&node.path("data"));
        let words = node.install_words();
        let died = node.dies(&words.iter().map(String::as_str).collect::<Vec<_>>(), at);
        let now = files(&node.path("data"));
        let new = now.contains_key("metadata.mfs") && now.len() == 2;
        assert!(now == old || now.is_empty() || new, "at {at}: {:?}", now.keys());
        node.install().unwrap_or_else(|e| panic!("at {at}: {e}"));
        assert_eq!(version(&node.path("data/metadata.mfs")), 203);
        assert_eq!(files(&node.path("archive/run/before")), old, "at {at}");
        if !died {
            break;
        }
        at += 1;
        assert!(at < 60);
    }
    assert!(at > 8, "it was cut off {at} times only");
}

#[test]
fn a_rehearsal_leaves_nothing_and_only_a_rehearsal_is_forgotten() {
    let node = Node::new();
    let home = node.path("home").display().to_string();
    fs::create_dir_all(node.path("home/rehearsal-20260101T000000-ab12-77/scratch")).unwrap();
    fs::create_dir_all(node.path("home/20260101T000000-ab12")).unwrap();
    node.ran(&["forget", &home, "rehearsal-20260101T000000-ab12-77"]).unwrap();
    assert!(!node.path("home/rehearsal-20260101T000000-ab12-77").exists());
    for wrong in ["20260101T000000-ab12", "rehearsal-../20260101T000000-ab12", "rehearsal-x/..", ""] {
        assert!(node.ran(&["forget", &home, wrong]).is_err(), "{wrong}");
    }
    assert!(node.path("home/20260101T000000-ab12").exists());
}

#[test]
fn a_copy_sent_in_pieces_arrives_whole_or_not_at_all() {
    let node = Node::new();
    let work = node.path("work").display().to_string();
    assert_eq!(node.ran(&["receive", &work, "brought-1", "10"]).unwrap(), "saved=\n");
    let part = node.path("work/brought-1.new");
    fs::write(part.join("metadata.mfs"), "abc").unwrap();
    fs::write(part.join("SHA256SUMS"), "0000  metadata.mfs\n").unwrap();
    assert!(node.ran(&["arrived", &work, "brought-1"]).unwrap_err().contains("did not arrive whole"));
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    fs::write(part.join("SHA256SUMS"), format!("{sum}  metadata.mfs\n")).unwrap();
    node.ran(&["arrived", &work, "brought-1"]).unwrap();
    assert!(node.ran(&["receive", &work, "brought-1", "10"]).unwrap().contains(&format!("file={sum} 3 metadata.mfs")));
}
