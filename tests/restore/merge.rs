//! Two places used together: only where both tell the same history.

use crate::sandbox::{Node, value};

const BACK: &[&str] = &["metadata.mfs.back"];

/// A volume and a metalogger that heard everything.
fn pair() -> Node {
    let node = Node::new();
    node.with("metadata-dirs/m1.crash2", "data");
    node.with("moosefs/metalogger", "ml");
    node
}

fn only(from: u64, to: u64) -> impl Fn(u64, &str) -> Option<String> {
    move |n, l| (from..=to).contains(&n).then(|| l.to_owned())
}

#[test]
fn what_the_volume_lacks_at_its_end_and_in_the_middle_is_added() {
    let node = pair();
    node.lines("data/changelog.0.mfs", |n, l| (n <= 190 && !(150..=160).contains(&n)).then(|| l.to_owned()));
    let told = node.restore(203, BACK).unwrap();
    assert_eq!((value(&told, "version"), value(&told, "added"), value(&told, "dropped")), ("203".into(), "23".into(), "0".into()));
}

#[test]
fn one_that_lags_adds_nothing_and_is_no_harm() {
    let node = pair();
    node.lines("ml/changelog_ml.0.mfs", only(0, 170));
    let told = node.restore(203, BACK).unwrap();
    assert_eq!((value(&told, "version"), value(&told, "added")), ("203".into(), "0".into()));
}

#[test]
fn another_history_is_refused() {
    for at in [130, 185] {
        let node = pair();
        node.lines("data/changelog.0.mfs", only(0, 190));
        node.lines("ml/changelog_ml.0.mfs", |n, l| Some(if n == at { l.replace('(', "(7") } else { l.to_owned() }));
        let complaint = node.restore(203, BACK).unwrap_err();
        assert!(complaint.contains(&format!("change {at} is another one")), "{complaint}");
    }
}

#[test]
fn nothing_is_added_whose_neighbours_are_unknown() {
    // Of another file system, with nothing in common.
    let node = pair();
    node.lines("data/changelog.0.mfs", only(0, 100));
    node.lines("ml/changelog_ml_back.0.mfs", only(0, 0));
    node.edit("ml/metadata_ml.mfs.back", |mut b| {
        b[16] ^= 1;
        b
    });
    std::fs::remove_file(node.path("ml/metadata_ml.mfs.back.1")).unwrap();
    let complaint = node.restore(203, BACK).unwrap_err();
    assert!(complaint.contains("only in one of the two places"), "{complaint}");
    // The same id is proof enough where the volume has no change after its metadata.
    let node = pair();
    node.lines("data/changelog.0.mfs", only(0, 100));
    assert_eq!(value(&node.restore(203, BACK).unwrap(), "added"), "78");
}

#[test]
fn locks_given_back_by_a_takeover_are_no_other_history() {
    // The takeover appended them to what the volume had; the metalogger had heard more.
    let node = pair();
    node.lines("data/changelog.0.mfs", only(0, 190));
    node.edit("data/changelog.0.mfs", |b| [&b[..], b"191: 1795342932|UNLOCK(7)\n192: 1795342932|UNLOCK(9)\n"].concat());
    let told = node.restore(203, BACK).unwrap();
    assert_eq!((value(&told, "version"), value(&told, "added"), value(&told, "dropped")), ("203".into(), "12".into(), "2".into()));
    // As far as the volume alone goes they are its own.
    node.lines("ml/changelog_ml.0.mfs", only(0, 190));
    let told = node.restore(193, BACK).unwrap();
    assert_eq!((value(&told, "version"), value(&told, "dropped")), ("193".into(), "0".into()));
    // Followed by another change they were served: then it is another history.
    let node = pair();
    node.lines("data/changelog.0.mfs", only(0, 190));
    node.edit("data/changelog.0.mfs", |b| [&b[..], b"191: 1795342932|UNLOCK(7)\n192: 1795342933|CREATE(1,x)\n"].concat());
    assert!(node.restore(193, BACK).unwrap_err().contains("change 191 is another one"));
}

#[test]
fn two_lines_of_one_number_in_one_place() {
    let node = pair();
    node.edit("data/changelog.0.mfs", |b| [&b[..], b"180: 1795342932|CREATE(1,other)\n"].concat());
    assert!(node.restore(203, BACK).unwrap_err().contains("two changes have the number 180"));
}
