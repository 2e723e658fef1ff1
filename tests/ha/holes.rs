//! Changes missing on the volume are taken from the metalogger beside it, only where they surely belong there.

use std::fs;

use crate::metadata::{change, check, kept, node_with};
use crate::sandbox::{Node, epoch, text};

/// A crashed master's directory (metadata at 125, changes to 202) and a metalogger that heard everything.
fn with_metalogger() -> Node {
    let node = node_with("m1.crash2");
    fs::create_dir(node.path("ml")).unwrap();
    fs::create_dir_all(node.path("data/.mfs-ha")).unwrap();
    node.write("data/.mfs-ha/reserve", "");
    node.write("mfsmetalogger.cfg", &format!("MASTER_HOST = 10.0.0.9\nDATA_PATH = {}\n", node.path("ml").display()));
    node.write("conf", &format!("{}\nMETALOGGER_CFG={}\n", node.read("conf"), node.path("mfsmetalogger.cfg").display()));
    let all = lines(&node);
    let (old, new) = all.split_at(140);
    node.write("ml/changelog_ml_back.0.mfs", &(all[..100].join("\n") + "\n"));
    node.write("ml/changelog_ml.1.mfs", &(old.join("\n") + "\n"));
    node.write("ml/changelog_ml.0.mfs", &(new.join("\n") + "\n"));
    node
}

fn lines(node: &Node) -> Vec<String> {
    node.read("data/mfs/changelog.0.mfs").lines().map(str::to_owned).collect()
}

fn number(line: &str) -> u32 {
    line.split(':').next().unwrap().parse().unwrap()
}

/// Takes changes off the volume.
fn hole(node: &Node, missing: std::ops::RangeInclusive<u32>) {
    let kept: Vec<String> = lines(node).into_iter().filter(|l| !missing.contains(&number(l))).collect();
    node.write("data/mfs/changelog.0.mfs", &(kept.join("\n") + "\n"));
}

/// mawk takes numbers above 2147483647 that begin alike for one key of an array.
#[test]
fn changes_of_any_number_are_told_apart() {
    let node = Node::alone("node1");
    let all = "9000000001: 1|ACCESS(1)\n9000000002: 1|ACCESS(2)\n9000000003: 1|ACCESS(3)\n";
    node.write("data/a", all);
    let out = node.shell("collect 9000000001 end \"$MOUNT_POINT/a\"; echo \"exit $?\"");
    assert_eq!(text(&out.stdout), format!("{all}exit 0\n"));
}

#[test]
fn a_hole_is_filled_and_what_was_there_is_kept() {
    let node = with_metalogger();
    let whole = node.read("data/mfs/changelog.0.mfs");
    hole(&node, 150..=160);
    let holed = node.read("data/mfs/changelog.0.mfs");
    assert_eq!(check(&node), Ok("-a".to_owned()), "{}", node.read("run/refused"));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), whole);
    let sets: Vec<_> = fs::read_dir(node.path("data/.mfs-ha")).unwrap().flatten().map(|d| d.path()).collect();
    let old = sets.iter().find_map(|d| fs::read_to_string(d.join("changelog.0.mfs.without-150")).ok());
    assert_eq!(old.as_deref(), Some(holed.as_str()), "{:?}", kept(&node));
    assert!(!node.exists("run/holes.missing"));
}

#[test]
fn two_holes_a_half_line_and_a_line_with_two_heads() {
    let node = with_metalogger();
    let whole = node.read("data/mfs/changelog.0.mfs");
    let all = lines(&node);
    hole(&node, 130..=131);
    hole(&node, 170..=180);
    // As a full volume leaves it: the beginning of 170, and 181 right behind it; 182 is the first whole line.
    let line = |n: u32| all.iter().find(|l| number(l) == n).unwrap().clone();
    for cut in [3, 12, line(170).len() - 1] {
        let broken = format!("{}{}", &line(170)[..cut], line(181));
        let damaged: Vec<String> = all
            .iter()
            .filter(|l| !(130..=131).contains(&number(l)) && !(170..=180).contains(&number(l)))
            .map(|l| if number(l) == 181 { broken.clone() } else { l.clone() })
            .collect();
        node.write("data/mfs/changelog.0.mfs", &(damaged.join("\n") + "\n"));
        // Sets are named after the second.
        fs::remove_dir_all(node.path("data/.mfs-ha")).unwrap();
        fs::create_dir(node.path("data/.mfs-ha")).unwrap();
        assert_eq!(check(&node), Ok("-a".to_owned()), "{broken}: {}", node.read("run/refused"));
        assert_eq!(node.read("data/mfs/changelog.0.mfs"), whole, "{broken}");
    }
}

#[test]
fn a_hole_between_two_files() {
    let node = with_metalogger();
    let all = lines(&node);
    let part = |range: std::ops::RangeInclusive<u32>| {
        all.iter().filter(|l| range.contains(&number(l))).map(|l| format!("{l}\n")).collect::<String>()
    };
    node.write("data/mfs/changelog.1.mfs", &part(1..=149));
    node.write("data/mfs/changelog.0.mfs", &part(161..=202));
    assert_eq!(check(&node), Ok("-a".to_owned()), "{}", node.read("run/refused"));
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), part(150..=202));
    assert_eq!(node.read("data/mfs/changelog.1.mfs"), part(1..=149));
}

/// What is refused leaves the volume's changelogs as they were.
fn refused(node: &Node, words: &str) {
    let before = node.read("data/mfs/changelog.0.mfs");
    let why = check(node).unwrap_err();
    assert!(why.contains("are missing before changelog.0.mfs: look for them on a metalogger (mfsctl restore-meta)"), "{why}");
    assert!(why.contains(words), "{words:?} is not in {why}");
    assert_eq!(node.read("data/mfs/changelog.0.mfs"), before);
}

fn edit_ml(node: &Node, edit: impl Fn(&str) -> Option<String>) {
    for file in ["changelog_ml_back.0.mfs", "changelog_ml.1.mfs", "changelog_ml.0.mfs"] {
        let text: String = node.read(&format!("ml/{file}")).lines().filter_map(&edit).map(|l| l + "\n").collect();
        node.write(&format!("ml/{file}"), &text);
    }
}

/// What becomes of one line of a metalogger's changelog: none is a line it lacks.
type Edit = Box<dyn Fn(&str) -> Option<String>>;

#[test]
fn only_lines_that_surely_belong_there() {
    let cases: [(&str, Edit); 6] = [
        ("has no change 155", Box::new(|l| (number(l) != 155).then(|| l.to_owned()))),
        // Torn inside the metalogger's own file.
        ("has no change 155", Box::new(|l| Some(if number(l) == 155 { l[..9].to_owned() } else { l.to_owned() }))),
        // Another master's history, before or after.
        ("change 140 in ", Box::new(|l| Some(if number(l) == 140 { l.replace('(', "(7") } else { l.to_owned() }))),
        ("change 199 in ", Box::new(|l| Some(if number(l) == 199 { l.replace('(', "(7") } else { l.to_owned() }))),
        // Nothing that both have right before, or right after.
        ("cannot be told to be of the same file system", Box::new(|l| (number(l) >= 150).then(|| l.to_owned()))),
        ("does not have what follows them", Box::new(|l| (number(l) <= 160).then(|| l.to_owned()))),
    ];
    for (words, edit) in cases {
        let node = with_metalogger();
        hole(&node, 150..=160);
        edit_ml(&node, edit);
        refused(&node, words);
    }
    let node = with_metalogger();
    hole(&node, 150..=160);
    fs::remove_dir_all(node.path("ml")).unwrap();
    refused(&node, "there is no directory");
    // Two copies of one change that differ.
    let node = with_metalogger();
    hole(&node, 150..=160);
    node.write("ml/changelog_ml.7.mfs", "155: 1795342444|CREATE(9,x)\n");
    refused(&node, "with the same number differ");
}

#[test]
fn without_a_change_before_it_the_metadata_must_be_of_the_same_file_system() {
    for same in [true, false] {
        let node = with_metalogger();
        // 125 is the version of the metadata: nothing before it is on the volume.
        hole(&node, 1..=130);
        let mut back = fs::read(node.path("data/mfs/metadata.mfs.back")).unwrap();
        if !same {
            back[16] ^= 1;
        }
        fs::write(node.path("ml/metadata_ml.mfs.back"), back).unwrap();
        if same {
            assert_eq!(check(&node), Ok("-a".to_owned()), "{}", node.read("run/refused"));
            assert_eq!(number(&lines(&node)[0]), 125);
        } else {
            refused(&node, "cannot be told to be of the same file system");
        }
    }
}

#[test]
fn the_last_changes_of_a_volume_that_was_full_are_taken_too() {
    let full: [fn(&Node); 3] = [
        |n| fs::remove_file(n.path("data/.mfs-ha/reserve")).unwrap(),
        |n| n.write("run/was-full", ""),
        // The beginning of the line that found no room.
        |n| change(n, "changelog.0.mfs", |bytes| [bytes, b"191: 17".to_vec()].concat()),
    ];
    for (case, full) in full.into_iter().enumerate() {
        let node = with_metalogger();
        let whole = node.read("data/mfs/changelog.0.mfs");
        hole(&node, 191..=999);
        full(&node);
        assert_eq!(check(&node), Ok("-a".to_owned()), "{case}: {}", node.read("run/refused"));
        assert_eq!(node.read("data/mfs/changelog.0.mfs"), whole, "{case}");
        let out = text(&node.ha(&["before-master"]).stderr);
        assert!(out.contains("changelogs up to version 203"), "{out}");
    }
    // Nobody was full: what only the metalogger has is of another time.
    let node = with_metalogger();
    hole(&node, 191..=999);
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert_eq!(lines(&node).len(), 190);
    // Nobody was full, but they are of just now: the file system had shut itself down under mfsmaster.
    let node = with_metalogger();
    hole(&node, 191..=999);
    let now = epoch();
    edit_ml(&node, |l| {
        let (head, change) = l.split_once('|').unwrap();
        Some(if number(l) < 191 { l.to_owned() } else { format!("{}: {now}|{change}", head.split(':').next().unwrap()) })
    });
    assert_eq!(check(&node), Ok("-a".to_owned()), "{}", node.read("run/refused"));
    assert_eq!(lines(&node).len(), 202, "{}", node.read("log"));
    // Another history is not taken, and is no reason to refuse.
    let node = with_metalogger();
    hole(&node, 191..=999);
    node.write("run/was-full", "");
    edit_ml(&node, |l| Some(if number(l) == 190 { l.replace('(', "(7") } else { l.to_owned() }));
    assert_eq!(check(&node), Ok("-a".to_owned()));
    assert_eq!(lines(&node).len(), 190);
    // Complete metadata needs none, whatever a metalogger says: it may be a restored one.
    let node = with_metalogger();
    hole(&node, 126..=999);
    fs::rename(node.path("data/mfs/metadata.mfs.back"), node.path("data/mfs/metadata.mfs")).unwrap();
    node.write("run/was-full", "");
    hole(&node, 125..=999);
    assert_eq!(check(&node), Ok(String::new()), "{}", node.read("run/refused"));
    assert_eq!(lines(&node).len(), 124);
}
