//! The metadata check before every start, on directories that real masters left (3.0.117).

use std::fs;
use std::path::Path;

use crate::sandbox::{Node, text};

pub fn node_with(state: &str) -> Node {
    filled(Node::alone("node1"), state)
}

/// The node, serving but for its mfsmaster, with the metadata of that state.
pub fn filled(node: Node, state: &str) -> Node {
    node.serving();
    node.write("unit", "inactive\n");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metadata-dirs").join(state);
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::write(node.path("data/mfs").join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
    }
    node
}

/// The start option found, or why it must not start.
pub fn check(node: &Node) -> Result<String, String> {
    let out = node.ha(&["before-master"]);
    if out.status.success() { Ok(node.read("run/start-option").trim().to_owned()) } else { Err(node.read("run/refused")) }
}

pub fn change(node: &Node, file: &str, edit: impl Fn(Vec<u8>) -> Vec<u8>) {
    let path = node.path("data/mfs").join(file);
    fs::write(&path, edit(fs::read(&path).unwrap())).unwrap();
}

pub fn kept(node: &Node) -> Vec<String> {
    let Ok(sets) = fs::read_dir(node.path("data/.mfs-ha")) else { return Vec::new() };
    let files = sets.flatten().flat_map(|set| fs::read_dir(set.path()).unwrap().flatten());
    let mut names: Vec<String> = files.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn after_a_clean_stop_a_plain_start() {
    let node = node_with("m1.clean1");
    assert_eq!(check(&node), Ok(String::new()));
    assert_eq!(kept(&node), Vec::<String>::new());
    assert_eq!(text(&node.ha(&["exec-master"]).stdout), "mfsmaster -c /etc/mfs/mfsmaster.cfg -f start\n");
}

#[test]
fn after_a_crash_minus_a_with_copies_kept() {
    for state in ["m1.crash1", "m1.crash2"] {
        let node = node_with(state);
        assert_eq!(check(&node), Ok("-a".to_owned()), "{state}");
        assert!(kept(&node).contains(&"changelog.0.mfs".to_owned()) && kept(&node).contains(&"metadata.mfs.back".to_owned()));
        assert_eq!(text(&node.ha(&["exec-master"]).stdout), "mfsmaster -c /etc/mfs/mfsmaster.cfg -a -f start\n");
    }
    let node = node_with("m1.crash2");
    let out = node.ha(&["before-master"]);
    assert!(text(&out.stderr).contains("metadata.mfs.back at version 125 and changelogs up to version 203"), "{}", text(&out.stderr));
}

#[test]
fn an_old_metadata_file_beside_newer_changelogs_is_not_started_plainly() {
    let node = node_with("m1.crash2");
    let old = fs::read(node.path("data/mfs/metadata.mfs.back")).unwrap();
    fs::write(node.path("data/mfs/metadata.mfs"), old).unwrap();
    assert_eq!(check(&node), Ok("-a".to_owned()));
}

/// All are looked at together, unless one is too short for that.
#[test]
fn the_newest_whole_metadata_counts_whatever_lies_beside_it() {
    let node = node_with("m1.crash2");
    let whole = fs::read(node.path("data/mfs/metadata.mfs.back")).unwrap();
    let version = |bytes: &[u8], version: u64| [&bytes[..8], &version.to_be_bytes(), &bytes[16..]].concat();
    let found = |node: &Node| text(&node.shell("best_metadata; echo $BEST $BEST_VERSION $PLAIN $PLAIN_VERSION").stdout);
    let put = |name: &str, bytes: &[u8]| fs::write(node.path("data/mfs").join(name), bytes).unwrap();
    put("metadata.mfs.back.1", &version(&whole, 120));
    put("metadata.mfs.back.2", &version(&whole, 1 << 40));
    assert_eq!(found(&node), format!("metadata.mfs.back.2 {} no 0\n", 1u64 << 40));
    // Torn: whatever it says at its beginning.
    put("metadata.mfs.back.2", &version(&whole, 1 << 40)[..whole.len() - 1]);
    assert_eq!(found(&node), "metadata.mfs.back 125 no 0\n");
    put("metadata.mfs", &version(&whole, 130));
    assert_eq!(found(&node), "metadata.mfs 130 yes 130\n");
    for short in [&b""[..], b"MFSM", b"MFSM 2.0\0\0\0\0\0\0\x01", b"MFSM NEW"] {
        put("metadata.mfs.back.2", short);
        assert_eq!(found(&node), "metadata.mfs 130 yes 130\n", "{short:?}");
    }
}

#[test]
fn only_the_last_three_sets_of_copies_are_kept() {
    let node = node_with("m1.crash2");
    for set in ["20200101T000001", "20200101T000002", "20200101T000003"] {
        fs::create_dir_all(node.path("data/.mfs-ha").join(set)).unwrap();
    }
    node.write("data/.mfs-ha/20200101Txyz", "not one of them");
    assert_eq!(check(&node), Ok("-a".to_owned()));
    let mut sets: Vec<String> =
        fs::read_dir(node.path("data/.mfs-ha")).unwrap().flatten().map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    sets.sort();
    assert_eq!(sets.len(), 4, "{sets:?}");
    assert_eq!(&sets[..3], ["20200101T000002", "20200101T000003", "20200101Txyz"]);
}

/// In their order by number, not by name, and with more of them than usual.
#[test]
fn changelogs_are_read_in_the_order_of_their_numbers() {
    let order = |names: &[u32]| {
        let node = node_with("m1.clean1");
        fs::remove_dir_all(node.path("data/mfs")).unwrap();
        fs::create_dir(node.path("data/mfs")).unwrap();
        names.iter().for_each(|n| node.write(&format!("data/mfs/changelog.{n}.mfs"), "1: 1|X()\n"));
        node.write("data/mfs/changelog.3x.mfs", "1: 1|X()\n");
        node.write("data/mfs/changelog.4.mfs", "");
        text(&node.shell("find_logs; echo $logs").stdout).trim().to_owned()
    };
    assert_eq!(order(&[10, 9, 0, 2, 100]), "0 2 9 10 100");
    assert_eq!(order(&[10, 2000, 0, 2]), "0 2 10 2000");
    assert_eq!(order(&[]), "");
}

#[test]
fn a_new_file_system_starts_plainly() {
    let node = node_with("m1.clean1");
    fs::remove_dir_all(node.path("data/mfs")).unwrap();
    fs::create_dir(node.path("data/mfs")).unwrap();
    node.write("data/mfs/metadata.mfs", "MFSM NEW");
    assert_eq!(check(&node), Ok(String::new()));
}

#[test]
fn torn_tails_are_cut_and_kept() {
    for torn in [&b"203: 17953424"[..], b"\0\0\0\0\0\0", b"203: 1795342444|CRE\0\0\0", b"203: 1795342444|WRI\0\0TE(1)\n", b"garbage\n"] {
        let node = node_with("m1.crash2");
        let whole = fs::read(node.path("data/mfs/changelog.0.mfs")).unwrap();
        change(&node, "changelog.0.mfs", |mut bytes| {
            bytes.extend(torn);
            bytes
        });
        let result = check(&node);
        if torn.windows(2).any(|w| w == b"\0\0") && torn.ends_with(b")\n") {
            // Its NULs are inside a line that otherwise looks whole: it must go as well.
            assert_eq!(fs::read(node.path("data/mfs/changelog.0.mfs")).unwrap(), whole, "{torn:?}");
        }
        assert_eq!(result, Ok("-a".to_owned()), "{torn:?}: {}", node.read("run/refused"));
        assert_eq!(fs::read(node.path("data/mfs/changelog.0.mfs")).unwrap(), whole);
        let cut = kept(&node).into_iter().find(|n| n.contains(".cut-at-")).expect("the tail is kept");
        assert_eq!(cut, format!("changelog.0.mfs.cut-at-{}", whole.len()));
        let found = fs::read_dir(node.path("data/.mfs-ha")).unwrap().flatten().find_map(|d| fs::read(d.path().join(&cut)).ok());
        assert_eq!(found.unwrap(), torn);
    }
}

#[test]
fn only_the_empty_file_or_nothing_at_all_is_refused() {
    let node = node_with("m1.clean1");
    fs::remove_dir_all(node.path("data/mfs")).unwrap();
    fs::create_dir(node.path("data/mfs")).unwrap();
    assert!(check(&node).unwrap_err().contains("no valid metadata"));
    node.write("data/mfs/metadata.mfs.empty", "MFSM NEW");
    assert!(check(&node).unwrap_err().contains("EMPTY file system"));
}

#[test]
fn the_empty_file_beside_real_metadata_is_moved_away() {
    let node = node_with("m1.crash2");
    node.write("data/mfs/metadata.mfs.empty", "MFSM NEW");
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert!(!node.exists("data/mfs/metadata.mfs.empty"));
    assert!(kept(&node).contains(&"metadata.mfs.empty".to_owned()));
}

#[test]
fn a_torn_metadata_file_gives_way_to_the_one_before() {
    let node = node_with("m1.crash2");
    let back = fs::read(node.path("data/mfs/metadata.mfs.back")).unwrap();
    fs::write(node.path("data/mfs/metadata.mfs"), &back[..back.len() / 2]).unwrap();
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert!(!node.exists("data/mfs/metadata.mfs"));
    assert!(kept(&node).contains(&"metadata.mfs".to_owned()));
}

#[test]
fn a_hole_in_the_changelogs_is_named() {
    let node = node_with("m1.crash2");
    change(&node, "changelog.0.mfs", |bytes| {
        let lines = text(&bytes);
        lines.lines().filter(|l| !l.starts_with("150:") && !l.starts_with("151:")).flat_map(|l| format!("{l}\n").into_bytes()).collect()
    });
    let why = check(&node).unwrap_err();
    assert!(why.contains("changes 150 to 151 are missing"), "{why}");
}

#[test]
fn changelogs_are_read_oldest_first() {
    let node = node_with("m1.crash2");
    let lines = node.read("data/mfs/changelog.0.mfs");
    let (old, new): (Vec<&str>, Vec<&str>) = lines.lines().partition(|l| l.split(':').next().unwrap().parse::<u32>().unwrap() < 160);
    node.write("data/mfs/changelog.10.mfs", &(old.join("\n") + "\n"));
    node.write("data/mfs/changelog.2.mfs", &(new.join("\n") + "\n"));
    node.write("data/mfs/changelog.0.mfs", "203: 1795342444|ACCESS(1)\n");
    let out = node.ha(&["before-master"]);
    assert!(text(&out.stderr).contains("up to version 204"), "{}{}", text(&out.stderr), node.read("run/refused"));
}

#[test]
fn locks_of_writes_under_way_are_given_back_once() {
    let node = node_with("m1.crash2");
    let whole = node.read("data/mfs/changelog.0.mfs");
    let more = "203: 1795342500|WRITE(5,0,1,0):7\n204: 1795342500|WRITE(6,0,0,0):8\n205: 1795342501|UNLOCK(7)\n\
                206: 1795342501|TRUNC(9,0):10\n207: 1795342502|WRITE(7,0,1,0):11\n208: 1795342502|CHUNKDEL(11,1)\n\
                209: 1795342503|WRITE(8,0,0,0):0\n";
    node.write("data/mfs/changelog.0.mfs", &format!("{whole}{more}"));
    let out = node.ha(&["before-master"]);
    assert!(text(&out.stderr).contains("2 writes were under way"), "{}", text(&out.stderr));
    let after = node.read("data/mfs/changelog.0.mfs");
    let added: Vec<&str> = after.strip_prefix(&format!("{whole}{more}")).unwrap().lines().collect();
    assert_eq!(added.len(), 2);
    for (number, chunk) in [8, 10].iter().enumerate() {
        assert!(added.iter().any(|l| l.ends_with(&format!("1795342503|UNLOCK({chunk})"))), "{added:?}");
        assert!(added[number].starts_with(&format!("{}: ", 210 + number)), "{added:?}");
    }
    assert!(text(&out.stderr).contains("up to version 212"));
    // Another start finds nothing to do.
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), after);
}

#[test]
fn locks_long_over_and_those_before_the_last_changes_are_left() {
    let node = node_with("m1.crash2");
    let whole = node.read("data/mfs/changelog.0.mfs");
    let more = "203: 1795342500|WRITE(5,0,1,0):7\n204: 1795342700|ACCESS(1)\n";
    node.write("data/mfs/changelog.0.mfs", &format!("{whole}{more}"));
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), format!("{whole}{more}"));
    // Changelogs that end before the metadata begins must not get a hole.
    let node = node_with("m1.clean1");
    node.write("data/mfs/changelog.0.mfs", "1: 1795342500|WRITE(5,0,1,0):7\n");
    assert_eq!(check(&node), Ok(String::new()));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), "1: 1795342500|WRITE(5,0,1,0):7\n");
}

#[test]
fn it_refuses_anywhere_but_on_the_mounted_primary() {
    let node = node_with("m1.clean1");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    assert!(check(&node).unwrap_err().contains("Secondary"));
    node.serving();
    node.write("proc/mounts", "/dev/sda1 / ext4 rw 0 0\n");
    assert!(check(&node).unwrap_err().contains("holds nothing, not /dev/drbd0"));
    let data = node.path("data");
    node.write("proc/mounts", &format!("/dev/sdb1 {} xfs rw 0 0\n", data.display()));
    assert!(check(&node).unwrap_err().contains("holds /dev/sdb1"));
    node.write("proc/mounts", &format!("/dev/drbd0 {0} xfs rw 0 0\ntmpfs {0}/mfs tmpfs rw 0 0\n", data.display()));
    assert!(check(&node).unwrap_err().contains("a mount of its own"));
    node.serving();
    fs::remove_dir_all(node.path("data/mfs")).unwrap();
    assert!(check(&node).unwrap_err().contains("no directory"));
}

/// Hours of changelogs are the rule: those before the metadata are not read, but a torn end is found in every one.
#[test]
fn old_changelogs_are_looked_at_only_where_they_end() {
    let node = node_with("m1.crash2");
    let hour = |number: u32| format!("{0}: 1795342000|ACCESS(1)\n{1}: 1795342001|ACCESS(1)\n", 100 - 2 * number, 101 - 2 * number);
    for number in 2..40 {
        node.write(&format!("data/mfs/changelog.{number}.mfs"), &hour(number));
    }
    // A hole where nothing is read from.
    fs::remove_file(node.path("data/mfs/changelog.20.mfs")).unwrap();
    node.write("data/mfs/changelog.7.mfs", "");
    let ends: [(u32, &[u8]); 4] = [(30, b"41: 17953"), (31, b"\0\0\0"), (32, b"\n"), (33, b"37: 1795342000|WRI\n")];
    for (number, end) in ends {
        change(&node, &format!("changelog.{number}.mfs"), |all| [&all[..], end].concat());
    }
    // Longer than what is looked at first, but whole.
    let name = "x".repeat(9000);
    change(&node, "changelog.34.mfs", |all| [&all[..], format!("34: 1795342000|CREATE(1,{name})\n").as_bytes()].concat());
    let long = node.read("data/mfs/changelog.34.mfs");
    assert_eq!(check(&node), Ok("-a".to_owned()), "{}", node.read("run/refused"));
    for (number, _) in ends {
        assert_eq!(node.read(&format!("data/mfs/changelog.{number}.mfs")), hour(number), "{number}");
    }
    assert_eq!(node.read("data/mfs/changelog.34.mfs"), long);
    let cut: Vec<String> = kept(&node).into_iter().filter(|name| name.contains(".cut-at-")).collect();
    assert_eq!(cut.len(), 4, "{cut:?}");
}
