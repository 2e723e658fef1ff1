//! Chunks that mfsmaster had written down and no chunkserver heard of: taken back before the start, when that is certain.

use std::fs;
use std::time::{Duration, Instant};

use crate::metadata::{check, filled};
use crate::sandbox::{Node, epoch, text};
use crate::votes::Witnesses;

/// A file made and written to, and the writer's next look at it (3.0.117, `CHANGELOG_SAVE_MODE = 2`).
const BEGUN: &str = "203: 1795473221|CREATE(1,f|x,1,438,18,0,0,0):40\n204: 1795473221|ACQUIRE(1,40)\n\
                     205: 1795473221|WRITE(40,0,1,0):4011\n206: 1795473221|AMTIME(40,1795473221,1795473221,1795473221)\n";
const CHUNK: &str = "0000000000000FAB";

/// Two chunkservers of two disks each, which are witnesses too, and a witness beside them.
struct World {
    witnesses: Witnesses,
    node: Node,
    at: String,
}

/// mfschunkserver.cfg as provision writes it.
fn provisioned() -> String {
    let steps = include_str!("../../src/step/snapshots/mfsctl__step__chunkserver__tests__the_files_then_nothing.snap");
    let lines = steps.lines().skip_while(|l| *l != "- write /etc/mfs/mfschunkserver.cfg").skip(2);
    let text: String = lines.map_while(|l| l.strip_prefix("    | ")).map(|l| format!("{l}\n")).collect();
    assert!(text.contains("\nHDD_CONF_FILENAME = /etc/mfs/mfshdd.cfg\n"), "{text}");
    text
}

impl World {
    fn new(changes: &str) -> Self {
        let witnesses = Witnesses::new(3);
        for server in 1..=2 {
            for disk in ["hdd1", "hdd2"] {
                let path = witnesses.path(&format!("cs{server}/{disk}"));
                for folder in 0..256 {
                    fs::create_dir_all(path.join(format!("{folder:02X}"))).unwrap();
                }
                fs::write(path.join(".metaid"), "id").unwrap();
            }
            let disks = witnesses.path(&format!("cs{server}"));
            // Marks, a limit, an empty line, a comment, no newline at the end.
            let list = format!("# disks\n\n*~{0}/hdd1/ -5GiB\n{0}/hdd2", disks.display());
            fs::write(witnesses.path(&format!("mfshdd{server}.cfg")), list).unwrap();
            fs::write(witnesses.path(&format!("uptime{server}")), "180.00 1.00\n").unwrap();
            let own = witnesses.path(&format!("mfshdd{server}.cfg")).display().to_string();
            fs::write(witnesses.path(&format!("mfschunkserver{server}.cfg")), provisioned().replace("/etc/mfs/mfshdd.cfg", &own)).unwrap();
        }
        let node = filled(witnesses.node("node1"), "m1.crash2");
        let world = Self { witnesses, node, at: (epoch() - 5).to_string() };
        world.chunkservers("127.0.0.1 127.0.0.2");
        world.append(changes);
        world
    }

    fn chunkservers(&self, addresses: &str) {
        let conf = self.node.read("conf");
        self.node.write("conf", &format!("{conf}CHUNKSERVERS='{addresses}'\n"));
    }

    /// Changes as they would be written now: `1795473221` stands for a moment ago.
    fn append(&self, changes: &str) {
        let changes = changes.replace("1795473221", &self.at);
        let before = self.node.read("data/mfs/changelog.0.mfs");
        self.node.write("data/mfs/changelog.0.mfs", &(before + &changes));
    }

    fn give(&self, place: &str, chunk: &str) {
        fs::write(self.witnesses.path(place).join(format!("chunk_{chunk}_00000001.mfs")), "MFSC 1.0").unwrap();
    }

    /// What the check appended, without numbers and times, sorted; and what it said.
    fn checked(&self) -> (Vec<String>, String) {
        let before = self.node.read("data/mfs/changelog.0.mfs");
        let out = self.node.ha(&["before-master"]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let after = self.node.read("data/mfs/changelog.0.mfs");
        let first = 1 + before.lines().count() + 203 - before.lines().position(|l| l.starts_with("203: ")).unwrap() - 1;
        let mut added = Vec::new();
        for (number, line) in after.strip_prefix(&before).unwrap().lines().enumerate() {
            let (id, rest) = line.split_once(": ").unwrap();
            assert_eq!(id, (first + number).to_string(), "{after}");
            added.push(rest.split_once('|').unwrap().1.to_owned());
        }
        let next = first + added.len();
        assert!(text(&out.stderr).contains(&format!("up to version {next};")), "{}", text(&out.stderr));
        added.sort();
        (added, text(&out.stderr))
    }
}

/// Whether answers of chunkservers stay behind.
fn left_over(node: &Node) -> bool {
    fs::read_dir(node.path("run")).unwrap().any(|e| e.unwrap().file_name().to_string_lossy().starts_with("chunks."))
}

#[test]
fn a_chunk_that_is_nowhere_is_taken_back_once() {
    let world = World::new(BEGUN);
    let (added, said) = world.checked();
    assert_eq!(added, ["ROLLBACK(40,0,0,4011)"]);
    assert!(said.contains("1 writes had made a chunk that no chunkserver has: taken back"), "{said}");
    assert!(world.node.read("data/mfs/changelog.0.mfs").ends_with(&format!("207: {}|ROLLBACK(40,0,0,4011)\n", world.at)));
    assert_eq!(world.checked().0, Vec::<String>::new());
    // The client tried again, and it happened again.
    world.append("208: 1795473221|WRITE(40,0,1,0):4012\n");
    assert_eq!(world.checked().0, ["ROLLBACK(40,0,0,4012)"]);
    // Nothing of a question stays on a witness.
    assert!(!world.witnesses.path("w1").exists() && !left_over(&world.node));
}

#[test]
fn an_empty_disk_marked_for_removal_is_no_doubt() {
    let world = World::new(BEGUN);
    for folder in 0..256 {
        fs::remove_dir(world.witnesses.path(&format!("cs1/hdd1/{folder:02X}"))).unwrap();
    }
    assert_eq!(world.checked().0, ["ROLLBACK(40,0,0,4011)"]);
}

#[test]
fn a_chunk_that_one_disk_has_stays() {
    for place in ["cs1/hdd1/00", "cs1/hdd2/AB", "cs2/hdd2/FF"] {
        let world = World::new(BEGUN);
        world.give(place, CHUNK);
        world.give(place, "0000000000000FAA");
        let (added, said) = world.checked();
        assert_eq!(added, ["UNLOCK(4011)"], "{place}");
        assert!(!said.contains("had made a chunk"), "{said}");
    }
}

#[test]
fn each_chunk_is_judged_by_itself() {
    let more = "207: 1795473221|CREATE(1,g,1,438,18,0,0,0):41\n208: 1795473221|WRITE(41,0,1,0):4012\n\
                209: 1795473221|WRITE(41,3,1,0):4013\n210: 1795473221|WRITE(9,0,1,0):4014\n";
    let world = World::new(&format!("{BEGUN}{more}"));
    world.give("cs2/hdd1/07", "0000000000000FAC");
    let (added, said) = world.checked();
    assert_eq!(added, ["ROLLBACK(40,0,0,4011)", "ROLLBACK(41,3,0,4013)", "UNLOCK(4012)", "UNLOCK(4014)"]);
    assert!(said.contains("4 writes were under way") && said.contains("2 writes had made a chunk"), "{said}");
}

#[test]
fn more_than_a_question_holds_are_left() {
    let many: String = (0..20u32)
        .map(|n| {
            format!(
                "{}: 1795473221|CREATE(1,g{n},1,438,18,0,0,0):{1}\n{2}: 1795473221|WRITE({1},0,1,0):{3}\n",
                203 + 2 * n,
                50 + n,
                204 + 2 * n,
                5000 + n
            )
        })
        .collect();
    let world = World::new(&many);
    // A busy machine is no doubt here.
    world.node.write("conf", &format!("{}CHUNKS_WAIT=30\n", world.node.read("conf")));
    let (added, _) = world.checked();
    let back = added.iter().filter(|change| change.starts_with("ROLLBACK")).count();
    assert_eq!((added.len(), back), (20, 16));
}

#[test]
fn only_a_chunk_that_was_surely_the_first_is_asked_for() {
    let cases = [
        ("an old file", "203: 1795473221|WRITE(5,0,1,0):4011\n"),
        ("nothing was made", "203: 1795473221|CREATE(1,f,1,438,18,0,0,0):40\n204: 1795473221|WRITE(40,0,0,0):4011\n"),
        ("shorter or longer since", "207: 1795473221|LENGTH(40,6,0)\n"),
        ("a copy since", "207: 1795473221|SNAPSHOT(1,2,x,0,0,0,,18):1,2,3,4,5,6\n"),
        ("removed since", "207: 1795473221|UNLINK(1,f):40\n"),
        ("replaced since", "207: 1795473221|MOVE(1,a,1,f|x):39\n"),
        ("renamed, then replaced", "207: 1795473221|MOVE(1,f|x,2,b):40\n208: 1795473221|MOVE(1,a,2,b):39\n"),
        ("a rename of another form", "207: 1795473221|MOVE(1,a,1,b,2):39\n"),
        (
            "removed while it is open, then written, then purged",
            "203: 1795473221|CREATE(1,g,1,438,18,0,0,0):41\n204: 1795473221|WRITE(41,0,1,0):4010\n205: 1795473221|UNLOCK(4010)\n\
             206: 1795473221|CREATE(1,f,1,438,18,0,0,0):40\n207: 1795473221|UNLINK(1,f):40\n208: 1795473221|LENGTH(40,0,0)\n\
             209: 1795473221|WRITE(40,0,1,0):4011\n210: 1795473221|EMPTYSUSTAINED(1795473221):1,0\n",
        ),
        ("something unknown since", "207: 1795473221|BREAKTHROUGH(1)\n"),
        ("written before", "207: 1795473221|UNLOCK(4011)\n208: 1795473221|WRITE(40,0,1,0):4011\n"),
        (
            "a copy before",
            "203: 1795473221|CREATE(1,f,1,438,18,0,0,0):40\n204: 1795473221|APPEND(40,5,0,1)\n205: 1795473221|WRITE(40,0,1,0):4011\n",
        ),
        ("truncated", "207: 1795473221|TRUNC(40,0):4011\n"),
    ];
    for (what, changes) in cases {
        let world = World::new(&if changes.starts_with("203") { changes.to_owned() } else { format!("{BEGUN}{changes}") });
        for server in 1..=3 {
            world.witnesses.deafen(server, true);
        }
        let began = Instant::now();
        let (added, said) = world.checked();
        assert_eq!(added, ["UNLOCK(4011)"], "{what}");
        assert!(!said.contains("had made a chunk") && began.elapsed() < Duration::from_secs(2), "{what}: {said}");
    }
    // Another file's changes do not matter; nor what is purged, or renamed under other names.
    for harmless in [
        "207: 1795473221|LENGTH(4,6,0)\n208: 1795473221|UNLINK(1,g):400\n",
        "207: 1795473221|EMPTYSUSTAINED(44):2,512\n208: 1795473221|EMPTYTRASH(7):1,2,9\n",
        "207: 1795473221|MOVE(2,a,3,f|x):39\n",
        "207: 1795473221|MOVE(1,f|x,2,b):40\n208: 1795473221|CREATE(1,f|x,1,438,18,0,0,0):50\n209: 1795473221|MOVE(1,a,1,f|x):39\n",
    ] {
        assert_eq!(World::new(&format!("{BEGUN}{harmless}")).checked().0, ["ROLLBACK(40,0,0,4011)"], "{harmless}");
    }
}

/// Behind the end of a file that was there before: the first write of the next 64 MiB.
#[test]
fn a_chunk_behind_the_end_of_an_older_file_is_taken_back_where_its_number_is_new() {
    // Another file's new chunk tells the numbers; length and write tell the place.
    let number = "203: 1795473221|CREATE(1,f,1,438,18,0,0,0):40\n204: 1795473221|WRITE(40,0,1,0):4010\n205: 1795473221|LENGTH(40,9,0)\n\
                  206: 1795473221|UNLOCK(4010)\n";
    let length = "207: 1795473221|LENGTH(5,67108864,0)\n";
    let write = "208: 1795473221|WRITE(5,1,1,0):4011\n";
    let (added, said) = World::new(&format!("{number}{length}{write}")).checked();
    assert_eq!(added, ["ROLLBACK(5,1,0,4011)"], "{said}");
    // Any chunk made later tells the numbers too.
    let later = "209: 1795473221|UNLOCK(4011)\n210: 1795473221|WRITE(5,2,1,0):4012\n";
    assert_eq!(World::new(&format!("{number}{length}{write}{later}")).checked().0, ["ROLLBACK(5,2,0,4012)"]);
    let renumbered = |changes: &str, from: u32| -> String {
        let lines = changes.lines().enumerate();
        lines.map(|(n, l)| format!("{}: {}\n", usize::try_from(from).unwrap() + n, l.split_once(": ").unwrap().1)).collect()
    };
    let cases = [
        ("its number may be an old one", format!("203: 1795473221|BREAKTHROUGH(1)\n{length}{write}")),
        ("its number is an old one", format!("{number}{length}208: 1795473221|WRITE(5,1,1,0):4009\n")),
        ("its number was seen before", format!("{number}{length}208: 1795473221|WRITE(9,0,1,0):4011\n{write}")),
        ("the end is not known", format!("{number}{write}")),
        ("the end of another file", format!("{number}207: 1795473221|LENGTH(6,67108864,0)\n{write}")),
        ("in front of the end", format!("{number}207: 1795473221|LENGTH(5,67108865,0)\n{write}")),
        ("longer since", format!("{number}{length}{write}209: 1795473221|LENGTH(5,67108900,0)\n")),
        ("perhaps purged", format!("{number}{length}{write}209: 1795473221|EMPTYSUSTAINED(3):1,5\n")),
        ("perhaps replaced", format!("{number}{length}{write}209: 1795473221|MOVE(1,a,1,b):39\n")),
        ("written before", format!("{number}{length}{write}209: 1795473221|UNLOCK(4011)\n210: 1795473221|WRITE(5,1,1,0):4012\n")),
        ("nothing was made", format!("{number}{length}208: 1795473221|WRITE(5,1,0,0):4011\n")),
        ("a copy between", format!("{number}{length}208: 1795473221|APPEND(5,6,0,1)\n{write}")),
        ("a chunk made by truncating", format!("{number}207: 1795473221|TRUNC(5,1,0):4010\n{length}{write}")),
    ];
    let world = World::new("");
    let whole = world.node.read("data/mfs/changelog.0.mfs");
    for (what, changes) in cases {
        world.node.write("data/mfs/changelog.0.mfs", &(whole.clone() + &renumbered(&changes, 203)));
        let (added, said) = world.checked();
        assert!(!added.is_empty() && added.iter().all(|change| change.starts_with("UNLOCK(")), "{what}: {added:?} {said}");
    }
    // One chunkserver has it, or cannot tell.
    let world = World::new(&format!("{number}{length}{write}"));
    world.give("cs1/hdd2/33", CHUNK);
    assert_eq!(world.checked().0, ["UNLOCK(4011)"]);
    let world = World::new(&format!("{number}{length}{write}"));
    world.witnesses.deafen(2, true);
    assert_eq!(world.checked().0, ["UNLOCK(4011)"]);
}

#[test]
fn changes_missing_from_what_is_looked_at_make_no_file_new() {
    let world = World::new(BEGUN);
    // So many changes between the two that only the later ones are looked at.
    let whole = world.node.read("data/mfs/changelog.0.mfs");
    let (head, tail) = whole.split_at(whole.find("205: ").unwrap());
    let between: String = (205..60_205).map(|n| format!("{n}: 1795473221|AMTIME(5,1795473221,1795473221,1795473221)\n")).collect();
    let tail = tail.replace("205: ", "60205: ").replace("206: ", "60206: ");
    world.node.write("data/mfs/changelog.1.mfs", &format!("{head}{between}"));
    world.node.write("data/mfs/changelog.0.mfs", &tail);
    let out = world.node.ha(&["before-master"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(world.node.read("data/mfs/changelog.0.mfs").ends_with(&format!("60207: {}|UNLOCK(4011)\n", world.at)));
}

/// An older state that somebody put there, or a wrong clock: other masters may have gone on from it.
#[test]
fn after_two_minutes_it_is_nobodys_to_take_back() {
    for (ago, taken) in [(110, true), (130, false), (-50, true), (-70, false)] {
        let mut world = World::new("");
        world.at = epoch().checked_add_signed(-ago).unwrap().to_string();
        world.append(BEGUN);
        let (added, said) = world.checked();
        assert_eq!(added, [if taken { "ROLLBACK(40,0,0,4011)" } else { "UNLOCK(4011)" }], "{ago}: {said}");
        assert_eq!(said.contains("s old: no new chunk is taken back"), !taken, "{said}");
    }
    // A write that had half a minute is none under way.
    let mut world = World::new(BEGUN);
    world.at = (epoch() + 27).to_string();
    world.append("207: 1795473221|ACCESS(1)\n");
    assert_eq!(world.checked().0, ["UNLOCK(4011)"]);
}

/// An UNLOCK of a chunk that was deleted in between would keep every master from starting.
#[test]
fn a_lock_from_before_missing_changes_is_left_alone() {
    let world = World::new("203: 1795473221|WRITE(5,0,1,0):4011\n");
    let of = |tail: &str| {
        fs::write(world.node.path("data/mfs/tail"), tail).unwrap();
        let line = "LOCKED=; logs=7; EXPECTED=302; cp \"$DATA_PATH/tail\" \"$DATA_PATH/changelog.7.mfs\"; find_locks; echo \"[$LOCKED]\"";
        text(&world.node.shell(line).stdout)
    };
    assert_eq!(of("300: 1795473221|WRITE(5,0,1,0):4011\n301: 1795473221|ACCESS(1)\n"), "[4011]\n");
    assert_eq!(of("203: 1795473221|WRITE(5,0,1,0):4011\n301: 1795473221|ACCESS(1)\n"), "[]\n");
}

/// A chunkserver that is connected and of which this node was not told has chunks that nobody asks for.
#[test]
fn a_chunkserver_that_is_not_known_here_is_a_doubt() {
    let world = World::new(BEGUN);
    let line = |port: &str, from: &str, state: &str| format!("   1: 2F0210AC:{port} {from}:D3A2 {state} 00000000:00000000 00:00000000\n");
    // One that is known, one of this machine's own, one that has gone, and one at another port.
    let connected = line("24CC", "0100007F", "01")
        + &line("24CC", "2B0210AC", "01")
        + &line("24CC", "0900000A", "01")
        + &line("24CC", "2C0210AC", "06")
        + &line("24CD", "2D0210AC", "01");
    world.node.write("proc/net/tcp", &format!("  sl  local_address rem_address   st\n{connected}"));
    let look = || {
        let out = world.node.shell("prepare; note_strangers");
        assert!(out.stderr.is_empty(), "{}", text(&out.stderr));
        world.node.exists("data/.mfs-ha/strangers")
    };
    // Somebody who only tries the port is gone with the next look.
    assert!(!look() && look() && look());
    assert_eq!(world.node.read("data/.mfs-ha/strangers"), " 172.16.2.43\n");
    let (added, said) = world.checked();
    assert_eq!(added, ["UNLOCK(4011)"]);
    assert!(said.contains("chunkserver 172.16.2.43 was connected, and is not known here"), "{said}");
    // Known now: it is asked like the others.
    let world = World::new(BEGUN);
    fs::create_dir_all(world.node.path("data/.mfs-ha")).unwrap();
    world.node.write("data/.mfs-ha/strangers", "127.0.0.2\n");
    assert_eq!(world.checked().0, ["ROLLBACK(40,0,0,4011)"]);
}

/// What is not found must not be what could not be looked for.
#[test]
fn a_look_that_was_cut_short_says_nothing() {
    let world = World::new(BEGUN);
    world.give("cs1/hdd2/7F", CHUNK);
    let script = world.witnesses.path("mfs-witness");
    let whole = fs::read_to_string(&script).unwrap();
    assert!(whole.contains("stat -c %n"));
    fs::write(&script, whole.replace("stat -c %n", "sh -c 'kill -9 $PPID' stat")).unwrap();
    let (added, said) = world.checked();
    assert_eq!(added, ["UNLOCK(4011)"]);
    assert!(said.contains("cannot tell"), "{said}");
}

/// However the list of disks is named, as long as it is the right one.
#[test]
fn a_list_of_disks_that_is_named_is_no_doubt() {
    for line in
        ["", "# HDD_CONF_FILENAME = /x\n", "HDD_CONF_FILENAME=LIST", " HDD_CONF_FILENAME =LIST\n", "\tHDD_CONF_FILENAME= LIST \nX = 1\n"]
    {
        let world = World::new(BEGUN);
        let list = world.witnesses.path("mfshdd2.cfg").display().to_string();
        fs::write(world.witnesses.path("mfschunkserver2.cfg"), line.replace("LIST", &list)).unwrap();
        assert_eq!(world.checked().0, ["ROLLBACK(40,0,0,4011)"], "{line:?}");
    }
}

/// The report says beforehand what a start would find.
#[test]
fn the_report_tells_whether_chunkservers_would() {
    type Spoil = fn(&World);
    let cases: [(&str, Option<&str>, Spoil); 4] = [
        ("new_chunks=known", None, |_| ()),
        ("new_chunks=not asked: no chunkserver is known", None, |w| w.chunkservers("")),
        ("new_chunks=unknown: chunkserver 127.0.0.2 did not tell", Some("chunkserver 127.0.0.2 did not tell"), |w| {
            w.witnesses.deafen(2, true)
        }),
        (
            "new_chunks=unknown: chunkserver 127.0.0.1 cannot tell: see its journal",
            Some("chunkserver 127.0.0.1 cannot tell: see its journal"),
            |w| fs::remove_file(w.witnesses.path("cs1/hdd1/.metaid")).unwrap(),
        ),
    ];
    for (line, untold, spoil) in cases {
        let world = World::new(BEGUN);
        spoil(&world);
        let told = text(&world.node.ha(&["report"]).stdout);
        assert!(told.lines().any(|l| l == line), "{line}: {told}");
        assert_eq!(mfsctl::fact::ha_report::parse(&told).unwrap().new_chunks_untold.as_deref(), untold);
        assert!(!left_over(&world.node));
    }
}

#[test]
fn any_doubt_leaves_it_as_it_is() {
    type Spoil = fn(&World);
    let cases: [(&str, Spoil); 15] = [
        ("chunkserver 127.0.0.2 did not tell", |w| w.witnesses.deafen(2, true)),
        ("chunkserver 127.0.0.9 is no witness", |w| w.chunkservers("127.0.0.1 127.0.0.2 127.0.0.9")),
        ("no chunkserver is known", |w| w.chunkservers("")),
        // A witness, but no chunkserver.
        ("chunkserver 127.0.0.3 cannot tell", |w| w.chunkservers("127.0.0.1 127.0.0.2 127.0.0.3")),
        ("chunkserver 127.0.0.1 cannot tell", |w| fs::write(w.witnesses.path("mfshdd1.cfg"), "# none\n").unwrap()),
        ("chunkserver 127.0.0.1 cannot tell", |w| fs::remove_dir_all(w.witnesses.path("cs1/hdd2")).unwrap()),
        ("chunkserver 127.0.0.1 cannot tell", |w| fs::remove_file(w.witnesses.path("cs1/hdd1/.metaid")).unwrap()),
        ("chunkserver 127.0.0.1 cannot tell", |w| fs::remove_dir(w.witnesses.path("cs1/hdd2/7F")).unwrap()),
        ("chunkserver 127.0.0.2 cannot tell", |w| {
            fs::write(w.witnesses.path("mfschunkserver2.cfg"), " HDD_CONF_FILENAME = /elsewhere\n").unwrap();
        }),
        ("chunkserver 127.0.0.2 cannot tell", |w| {
            fs::write(w.witnesses.path("mfschunkserver2.cfg"), "HDD_CONF_FILENAME=/elsewhere").unwrap();
        }),
        ("chunkserver 127.0.0.2 cannot tell", |w| {
            let other = w.witnesses.path("mfshdd2.cfg.old");
            fs::write(w.witnesses.path("mfschunkserver2.cfg"), format!("HDD_CONF_FILENAME = {}\n", other.display())).unwrap();
        }),
        ("chunkserver 127.0.0.2 cannot tell", |w| fs::remove_file(w.witnesses.path("mfschunkserver2.cfg")).unwrap()),
        ("chunkserver 127.0.0.2 cannot tell", |w| fs::write(w.witnesses.path("uptime2"), "179.99 300.00\n").unwrap()),
        ("chunkserver 127.0.0.1 cannot tell", |w| {
            let list = fs::read_to_string(w.witnesses.path("mfshdd1.cfg")).unwrap();
            fs::write(w.witnesses.path("mfshdd1.cfg"), format!("{list} odd\n")).unwrap();
        }),
        // A folder that cannot be looked into, as on a broken disk: not the same as a file that is not there.
        ("chunkserver 127.0.0.2 cannot tell", |w| {
            fs::remove_dir(w.witnesses.path("cs2/hdd2/7F")).unwrap();
            fs::write(w.witnesses.path("cs2/hdd2/7F"), "").unwrap();
        }),
    ];
    for (why, spoil) in cases {
        let world = World::new(BEGUN);
        spoil(&world);
        let began = Instant::now();
        let (added, said) = world.checked();
        assert_eq!(added, ["UNLOCK(4011)"], "{why}");
        assert!(said.contains(why) && said.contains("left as they are"), "{why}: {said}");
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
        assert_eq!(check(&world.node), Ok("-a".to_owned()));
    }
}

#[test]
fn a_witness_answers_only_what_is_well_asked() {
    let world = World::new("");
    world.give("cs1/hdd2/33", CHUNK);
    let ask_as = |secret: &str, token: &str| {
        let question = format!("mfs-ha \"$RUN/asked\" $WITNESS_PORT chunks $RESOURCE $NODE {token} 0 127.0.0.1");
        let fragment = format!("prepare; MFS_HA_SECRET={secret} bash -c \"$ask_witnesses\" {question}");
        world.node.shell(&fragment);
        world.node.read("run/asked.127.0.0.1").trim().to_owned()
    };
    let ask = |token: &str| ask_as("$WITNESS_SECRET", token);
    assert_eq!(ask("0000000000000FAA"), "yes - -");
    assert_eq!(ask("0000000000000FAA.0000000000000FAB"), "yes - 0000000000000FAB");
    for bad in ["FAB", "00000000000000FAB", "0000000000000fab", "0000000000000FAB-", &format!("{CHUNK}.").repeat(16)] {
        assert_eq!(ask(bad), "no - -", "{bad}");
    }
    assert_eq!(ask_as("x", CHUNK), "silent");
    assert!(!world.witnesses.path("w1").exists(), "it keeps nothing");
}
