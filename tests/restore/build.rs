//! Building metadata from damaged directories: everything whole is used, nothing else, and what comes out is what was expected.

use std::fs;
use std::process::Command;

use crate::sandbox::{ID, Node, value, version, with_each};

const BACK: &[&str] = &["metadata.mfs.back"];

fn crashed(node: &Node) {
    node.with("metadata-dirs/m1.crash2", "data");
}

#[test]
fn a_crashed_directory_comes_out_at_the_last_change() {
    with_each(|node| {
        crashed(node);
        let told = node.restore(203, BACK).unwrap();
        assert_eq!((value(&told, "version"), value(&told, "id"), value(&told, "changes")), ("203".into(), ID.into(), "78".into()));
        assert_eq!(version(&node.path("work/result/metadata.mfs")), 203);
        // Again is no work, and the directory itself was not touched.
        let log = fs::metadata(node.path("work/restore.log")).unwrap().modified().unwrap();
        assert_eq!(node.restore(203, BACK).unwrap(), told);
        assert_eq!(fs::metadata(node.path("work/restore.log")).unwrap().modified().unwrap(), log);
        assert!(node.path("data/metadata.mfs.back").exists() && !node.path("data/metadata.mfs").exists());
    });
}

#[test]
fn torn_and_nul_tails_cost_only_what_is_torn() {
    type Tear = fn(Vec<u8>) -> Vec<u8>;
    let tears: [(Tear, u64); 4] = [
        (|b| [&b[..], b"203: 17953424"].concat(), 203),
        (|b| [&b[..], &[0; 4096]].concat(), 203),
        // A line without its newline may be half a line.
        (|b| b[..b.len() - 1].to_vec(), 202),
        (|b| [&b[..b.len() - 20], &[0; 20]].concat(), 202),
    ];
    for (tear, reaches) in tears {
        with_each(|node| {
            crashed(node);
            node.edit("data/changelog.0.mfs", tear);
            let whole = node.restore(203, BACK);
            if reaches == 203 {
                assert_eq!(value(&whole.unwrap(), "version"), "203");
            } else {
                let complaint = whole.unwrap_err();
                assert!(complaint.contains("reach version 202, not 203") && complaint.contains("nothing was changed"), "{complaint}");
                assert_eq!(value(&node.restore(202, BACK).unwrap(), "version"), "202");
            }
        });
    }
}

#[test]
fn a_gap_is_named_and_never_skipped() {
    with_each(|node| {
        crashed(node);
        node.lines("data/changelog.0.mfs", |n, l| (!(150..=160).contains(&n)).then(|| l.to_owned()));
        let complaint = node.restore(203, BACK).unwrap_err();
        assert!(complaint.contains("changes 150 to 160 are missing"), "{complaint}");
        let told = node.restore(150, BACK).unwrap();
        assert_eq!((value(&told, "version"), value(&told, "gap"), value(&told, "beyond")), ("150".into(), "150 160".into(), "202".into()));
    });
}

#[test]
fn metadata_that_cannot_be_read_is_refused_with_the_reason() {
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let cases: [(&str, Damage); 4] = [
        ("it has no end marker", |b| b[..b.len() - 40].to_vec()),
        ("begins with \"GIF8\"", |mut b| {
            b[..8].copy_from_slice(b"GIF8\0\0\0\0");
            b
        }),
        ("foreign metadata is never used", |mut b| {
            b[16] ^= 1;
            b
        }),
        ("no end marker", |_| Vec::new()),
    ];
    for (words, damage) in cases {
        let node = Node::new();
        crashed(&node);
        node.edit("data/metadata.mfs.back", damage);
        let words = if words.starts_with("begins") { "is no metadata" } else { words };
        let complaint = node.restore(203, BACK).unwrap_err();
        assert!(complaint.contains(words) || (words == "no end marker" && complaint.contains("is no metadata")), "{words}: {complaint}");
        assert!(!node.path("work/result").exists());
    }
    let node = Node::new();
    assert!(node.restore(203, BACK).unwrap_err().contains("holds neither metadata nor changelogs"));
    fs::write(node.path("data/metadata.mfs.empty"), b"MFSM NEW").unwrap();
    assert!(node.restore(1, &["metadata.mfs.empty"]).unwrap_err().contains("is an empty file system"));
}

#[test]
fn another_base_is_tried_when_the_first_is_damaged_inside() {
    with_each(|node| {
        crashed(node);
        // The real one counts on its sections: one whose length leads nowhere.
        node.edit("data/metadata.mfs.back", |mut b| {
            b[40..47].copy_from_slice(b"DAMAGED");
            for byte in &mut b[32..40] {
                *byte = 0xff;
            }
            b
        });
        let both = ["metadata.mfs.back", "metadata.mfs.back.1"];
        let alone = node.restore(203, BACK).unwrap_err();
        assert!(alone.contains("nothing was changed") && alone.contains("restore.log"), "{alone}");
        let told = node.restore(203, &both).unwrap();
        assert_eq!(
            (value(&told, "version"), value(&told, "metadata"), value(&told, "changes")),
            ("203".into(), both[1].into(), "202".into())
        );
    });
}

#[test]
fn files_of_root_and_a_metaloggers_names() {
    with_each(|node| {
        node.with("moosefs/metalogger", "data");
        for entry in fs::read_dir(node.path("data")).unwrap() {
            let path = entry.unwrap().path();
            std::os::unix::fs::chown(&path, Some(0), Some(0)).ok();
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        let told = node.restore(203, &["metadata_ml.mfs.back"]).unwrap();
        assert_eq!((value(&told, "version"), value(&told, "id")), ("203".into(), ID.into()));
    });
}

#[test]
fn a_tool_that_restores_nothing_and_one_that_says_no_version() {
    let node = Node::new();
    crashed(&node);
    node.program("mfsmaster", "#!/bin/sh\necho 'version: 1.6.27'\n");
    node.program("mfsmetarestore", "#!/bin/sh\necho 'mfsmetarestore has been removed in version 1.7, use mfsmaster -a instead'\n");
    assert!(node.restore(203, BACK).unwrap_err().contains("mfsmetarestore is a stub"));
    // Where it is one still, it is used.
    node.program("mfsmetarestore", "#!/bin/sh\necho \"$*\" >\"$0.called\"\nmv \"$2\" \"$4\"; printf 'MFSM 2.0\\0\\0\\0\\0\\0\\0\\0\\313' | dd of=\"$4\" conv=notrunc 2>/dev/null\n");
    assert_eq!(value(&node.restore(203, BACK).unwrap(), "version"), "203");
    assert!(fs::read_to_string(node.path("bin/mfsmetarestore.called")).unwrap().starts_with("-m "));
    node.program("mfsmaster", "#!/bin/sh\nexit 127\n");
    fs::remove_dir_all(node.path("work/result")).unwrap();
    assert!(node.restore(203, BACK).unwrap_err().contains("does not say its version here"));
}

#[test]
fn what_comes_out_otherwise_is_not_used() {
    let node = Node::new();
    crashed(&node);
    node.program("mfsmaster", "#!/bin/sh\n[ \"$1\" != -v ] || { echo 'version: 3.0.117'; exit 0; }\ndir=$(sed -n 's/^DATA_PATH = //p' \"$3\"); mv \"$dir/metadata.mfs.back\" \"$dir/metadata.mfs\"\n");
    let complaint = node.restore(203, BACK).unwrap_err();
    assert!(complaint.contains("came out at version 125, not 203"), "{complaint}");
    assert!(!node.path("work/result").exists());
}

#[test]
fn a_full_disk_is_noticed_before() {
    let node = Node::new();
    crashed(&node);
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1500k", "tmpfs"]).arg(node.path("work")).status();
    if !mounted.is_ok_and(|s| s.success()) {
        eprintln!("not root: a small file system cannot be mounted");
        return;
    }
    fs::write(node.path("work/filler"), vec![1; 1_000_000]).unwrap();
    let complaint = node.restore(203, BACK);
    let gone = fs::remove_file(node.path("work/filler"));
    let umount = |node: &Node| Command::new("umount").arg("-l").arg(node.path("work")).status();
    let complaint = complaint.err();
    umount(&node).unwrap();
    gone.unwrap();
    assert!(complaint.as_ref().is_some_and(|c| c.contains("MiB are needed")), "{complaint:?}");
}

#[test]
fn killed_at_every_step_and_run_again() {
    with_each(|node| {
        crashed(node);
        node.mortal();
        let (work, data) = (node.path("work").display().to_string(), node.path("data").display().to_string());
        let keep: Vec<String> = ["keep", &work, &data, "volume", "still"].map(str::to_owned).to_vec();
        let build = node.build_words(203, "volume", "-", BACK);
        for command in [keep, build] {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let mut at = 1;
            while node.dies(&words, at) {
                // The next one finds what the dead one left.
                at += 1;
                assert!(at < 60, "{words:?} never ends");
            }
            assert!(at > 3, "{words:?} was cut off {at} times only");
            node.ran(&words).unwrap();
        }
        assert_eq!(version(&node.path("work/result/metadata.mfs")), 203);
    });
}

#[test]
fn a_copy_of_something_else_stays_beside_the_new_one() {
    let node = Node::new();
    crashed(&node);
    node.keep("data", "volume").unwrap();
    node.edit("data/changelog.0.mfs", |b| [&b[..], b"203: 1795342933|CREATE(1,x)\n"].concat());
    node.keep("data", "volume").unwrap();
    let sizes = ["volume-1", "volume"].map(|d| fs::metadata(node.path("work").join(d).join("changelog.0.mfs")).unwrap().len());
    assert!(sizes[0] < sizes[1]);
    // A damaged copy is not taken for one.
    node.edit("work/volume/metadata.mfs.back", |mut b| {
        b[100] ^= 1;
        b
    });
    assert!(node.build(203, "volume", "-", BACK).unwrap_err().contains("its sums do not fit"));
    node.keep("data", "volume").unwrap();
    assert_eq!(value(&node.build(203, "volume", "-", BACK).unwrap_or_else(|e| panic!("{e}")), "changes"), "79");
}
