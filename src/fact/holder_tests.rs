//! Holders: from text, and of real processes of this machine.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Stdio};

use super::*;

const TEXT: &str = "== links
/proc/812/cwd|/mnt/mfs/a|b
/proc/812/fd/3|/mnt/mfs/log (deleted)
/proc/812/fd/4|/mnt/mfs/log (deleted)
/proc/9/root|/mnt/mfs
/proc/9/exe|/mnt/mfs/bin/x y
a line of a file's name
/proc/9/fd/5|/mnt/mfs2/other
/proc/812/maps:7f00-7f01 r--s 00000000 00:2b 123                        /mnt/mfs/with blank/x
/proc/812/maps:7f01-7f02 r--s 00001000 00:2b 123                        /mnt/mfs/with blank/x
== processes
/proc/812/status:Name:\ttail
/proc/812/status:Uid:\t1000\t0\t0\t0
/proc/9/status:Name:\tx y
/proc/9/status:Uid:\t4711\t4711\t4711\t4711
== users
joe:x:1000:1000::/home/joe:/bin/sh
== loops
/sys/block/loop0/loop/backing_file:/mnt/mfs/disk.img
/sys/block/loop1/loop/backing_file:/srv/disk.img
== swaps
/mnt/mfs/swap                           file\t\t524284\t0\t-2
/dev/sda2                               partition\t1\t0\t-3
== mounts
mfs\\043mfsmaster:9421 /mnt/mfs fuse rw 0 0
tmpfs /mnt/mfs/my\\040tmp tmpfs rw 0 0
tmpfs /mnt/mfs2/tmp tmpfs rw 0 0
";

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|p| (*p).to_owned()).collect()
}

#[test]
fn everybody_is_named() {
    let paths = paths(&["/mnt/mfs", "/mnt/idle"]);
    let holders = parse(&paths, &Answer { text: TEXT.to_owned(), status: 0 }).unwrap();
    let told: Vec<String> = holders["/mnt/mfs"].iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "/dev/loop0 of the kernel uses /mnt/mfs/disk.img",
            "the kernel swaps to /mnt/mfs/swap",
            "a file system (tmpfs) is mounted on /mnt/mfs/my tmp",
            "x y (pid 9, 4711) has its root at /mnt/mfs",
            "x y (pid 9, 4711) runs the program /mnt/mfs/bin/x y",
            "tail (pid 812, joe) works in /mnt/mfs/a|b",
            "tail (pid 812, joe) has /mnt/mfs/log (deleted) open",
            "tail (pid 812, joe) has /mnt/mfs/with blank/x in its memory",
        ]
    );
    assert!(holders["/mnt/idle"].is_empty());
    assert_eq!(super::told(&holders["/mnt/mfs"][3..], 1), "x y (pid 9, 4711) has its root at /mnt/mfs; and 4 more");
}

#[test]
fn an_answer_cut_off_is_an_error_and_nothing_asked_is_nothing_held() {
    let cut = TEXT.split("== swaps").next().unwrap();
    assert!(parse(&paths(&["/mnt/mfs"]), &Answer { text: cut.to_owned(), status: 0 }).is_err());
    assert!(parse(&[], &Answer::default()).unwrap().is_empty());
    assert_eq!(ask(&[]).script, ":");
}

#[test]
fn the_question_finds_real_processes() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().canonicalize().unwrap();
    let (held, idle, twin) = (base.join("held [1]*"), base.join("idle"), base.join("held [1]*x"));
    for dir in [&held, &idle, &twin] {
        std::fs::create_dir(dir).unwrap();
    }
    let file = held.join("a file");
    std::fs::write(&file, "x").unwrap();
    let sleep = |at: &std::path::Path, open: &std::path::Path| {
        let input = Stdio::from(std::fs::File::open(open).unwrap());
        Command::new("sleep").arg("60").current_dir(at).stdin(input).spawn().unwrap()
    };
    let (mut one, mut other) = (sleep(&held, &file), sleep(&twin, std::path::Path::new("/dev/null")));
    let asked: Vec<String> = [&held, &idle].iter().map(|p| p.display().to_string()).collect();
    let out = Command::new("sh").arg("-c").arg(ask(&asked).script).output().unwrap();
    for child in [&mut one, &mut other] {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let text = String::from_utf8(out.stdout).unwrap();
    let holders = parse(&asked, &Answer { text: text.clone(), status: 0 }).unwrap();
    let found: Vec<(u32, How)> = holders[&asked[0]].iter().map(|h| (h.pid, h.how)).collect();
    assert_eq!(found, [(one.id(), How::Directory), (one.id(), How::Open)], "{text}");
    assert!(holders[&asked[0]].iter().all(|h| h.process == "sleep" && !h.user.is_empty() && h.user != "?"), "{holders:?}");
    assert!(holders[&asked[1]].is_empty(), "{holders:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(== (links|processes|users|loops|swaps|mounts)\n|[ -~\t]{0,40}\n|/proc/[0-9]{1,12}/(maps:|fd/1[|]|status:)[ -~]{0,20}\n){0,12}") {
        let _ = parse(&paths(&["/mnt/mfs", "/"]), &Answer { text, status: 0 });
    }
}
