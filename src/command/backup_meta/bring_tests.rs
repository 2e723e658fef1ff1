#![allow(clippy::unwrap_used)]

use super::*;
use crate::archive::Shelf;
use crate::remote::local::LocalTransport;
use crate::remote::{Output, RemoteError, Stream};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const ID: u64 = 0x6b02_c020_d883_eb1c;

/// A master's or metalogger's directory, and a shelf for backups.
struct World {
    there: TempDir,
    here: TempDir,
    shelf: Shelf,
}

impl World {
    fn of(fixture: &str) -> Self {
        let there = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metadata-dirs").join(fixture);
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::write(there.path().join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
        }
        let here = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(here.path()).unwrap();
        Self { there, here, shelf }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.there.path().join(name)
    }

    fn change(&self, name: &str, edit: impl Fn(String) -> String) {
        fs::write(self.file(name), edit(fs::read_to_string(self.file(name)).unwrap())).unwrap();
    }

    fn wanted(&self) -> Wanted {
        Wanted { dir: self.there.path().display().to_string(), id: Some(ID), at_least: Some(203) }
    }

    fn bring(&self, wanted: &Wanted, progress: &mut Progress) -> (Partial, Result<Brought, String>) {
        let partial = self.shelf.begin().unwrap();
        let mut connect = || Ok(Box::new(LocalTransport::new("n")) as Box<dyn Transport>);
        let brought = bring(&mut connect, wanted, &partial, 1 << 30, progress);
        (partial, brought)
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn quiet(_: u64, _: u64) -> Result<(), String> {
    Ok(())
}

/// What the master writes next.
fn more(ids: std::ops::RangeInclusive<u64>) -> String {
    ids.map(|id| format!("{id}: 1795342999|ACCESS({id})\n")).collect()
}

#[test]
fn what_is_needed_and_no_more() {
    let world = World::of("m1.crash2");
    fs::write(world.file("changelog.7.mfs"), more(1..=20)).unwrap();
    fs::write(world.file("metadata.mfs.empty"), b"MFSM NEW").unwrap();
    let (partial, brought) = world.bring(&world.wanted(), &mut quiet);
    let brought = brought.unwrap();
    assert_eq!((brought.best.next, brought.best.version, brought.degraded), (203, 125, vec![]));
    assert_eq!(names(partial.path()), ["changelog.0.mfs", "metadata.mfs.back"]);
    for name in names(partial.path()) {
        assert_eq!(fs::read(partial.path().join(&name)).unwrap(), fs::read(world.file(&name)).unwrap());
    }
    assert_eq!(names(world.there.path()).len(), 5, "nothing is added there");
}

#[test]
fn a_new_cluster_and_a_metalogger() {
    let world = World::of("m1.crash1");
    let (partial, brought) = world.bring(&Wanted { at_least: Some(123), ..world.wanted() }, &mut quiet);
    assert_eq!((brought.unwrap().best.next, names(partial.path()).len()), (123, 2));
    let world = World::of("ml2.crash2");
    let (partial, brought) = world.bring(&world.wanted(), &mut quiet);
    let brought = brought.unwrap();
    assert_eq!((brought.best.next, brought.degraded.len()), (203, 0));
    assert_eq!(names(partial.path()), ["changelog_ml.0.mfs", "metadata_ml.mfs.back"]);
    assert!(World::of("ml1.crash2").bring(&world.wanted(), &mut quiet).1.is_ok(), "the directory asked for counts");
    let empty = World::of("ml1.crash2");
    let (_, brought) = empty.bring(&empty.wanted(), &mut quiet);
    assert!(brought.unwrap_err().contains("no whole metadata"));
}

#[test]
fn a_line_being_written_is_cut_off_here_and_not_there() {
    let world = World::of("m1.crash2");
    world.change("changelog.0.mfs", |text| text + &more(203..=204) + "205: 17953");
    let (partial, brought) = world.bring(&Wanted { at_least: Some(204), ..world.wanted() }, &mut quiet);
    let brought = brought.unwrap();
    assert_eq!((brought.best.next, brought.degraded, brought.best.torn), (205, vec![], vec![]));
    assert!(fs::read_to_string(partial.path().join("changelog.0.mfs")).unwrap().ends_with("ACCESS(204)\n"));
    assert!(fs::read_to_string(world.file("changelog.0.mfs")).unwrap().ends_with("205: 17953"));
}

#[test]
fn a_full_hour_in_mid_copy_mixes_nothing() {
    let world = World::of("m1.crash2");
    let before = fs::read(world.file("metadata.mfs.back")).unwrap();
    let mut turned = false;
    let (partial, brought) = world.bring(&world.wanted(), &mut |_, _| {
        if !std::mem::replace(&mut turned, true) {
            fs::rename(world.file("changelog.0.mfs"), world.file("changelog.1.mfs")).unwrap();
            fs::write(world.file("changelog.0.mfs"), more(203..=300)).unwrap();
            fs::remove_file(world.file("metadata.mfs.back")).unwrap();
            fs::write(world.file("metadata.mfs.back"), b"another file").unwrap();
        }
        Ok(())
    });
    assert_eq!(brought.unwrap().best.next, 203);
    assert_eq!(fs::read(partial.path().join("metadata.mfs.back")).unwrap(), before);
}

/// A node where something happens between looking and pinning.
struct Hooked<'a>(LocalTransport, Option<Box<dyn FnOnce() + Send + 'a>>);

impl Transport for Hooked<'_> {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        self.0.run(request)
    }
    fn stream(&mut self, request: &Request, take: crate::remote::Take) -> Result<crate::remote::Streamed, RemoteError> {
        self.0.stream(request, take)
    }
    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        if let Some(hook) = self.1.take() {
            hook();
        }
        self.0.hold(request)
    }
    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.0.tell(line)
    }
    fn tcp<'a>(&'a mut self, host: &str, port: u16, deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        self.0.tcp(host, port, deadline)
    }
}

#[test]
fn a_full_hour_between_looking_and_copying_costs_nothing_or_another_attempt() {
    for turns in [1, 2] {
        let world = World::of("m1.crash2");
        let dir = world.there.path().to_owned();
        let turn = move || {
            for n in 0..turns {
                for number in (0..3).rev() {
                    let _ = fs::rename(dir.join(format!("changelog.{number}.mfs")), dir.join(format!("changelog.{}.mfs", number + 1)));
                }
                let from = 203 + 50 * n;
                fs::write(dir.join("changelog.0.mfs"), more(from..=from + 49)).unwrap();
            }
        };
        let mut hook: Option<Box<dyn FnOnce() + Send>> = Some(Box::new(turn));
        let mut connections = 0;
        let mut connect = || {
            connections += 1;
            Ok(Box::new(Hooked(LocalTransport::new("n"), hook.take())) as Box<dyn Transport>)
        };
        let partial = world.shelf.begin().unwrap();
        let brought = bring(&mut connect, &world.wanted(), &partial, 1 << 30, &mut quiet).unwrap();
        assert_eq!((brought.best.next, brought.degraded), (203 + 50 * turns, vec![]), "{turns}");
        assert_eq!(connections, turns, "the next number is copied too, the one after it needs another look");
    }
}

#[test]
fn what_is_less_than_it_should_be_is_kept_and_said() {
    let world = World::of("m1.crash2");
    let (_, behind) = world.bring(&Wanted { at_least: Some(210), ..world.wanted() }, &mut quiet);
    assert_eq!(behind.unwrap().degraded, ["it reaches version 203, 7 behind the master's 210"]);
    world.change("changelog.0.mfs", |text| text.lines().filter(|l| !l.starts_with("150: ")).map(|l| format!("{l}\n")).collect());
    let (_, hole) = world.bring(&world.wanted(), &mut quiet);
    let hole = hole.unwrap();
    assert_eq!((hole.best.next, hole.degraded.len()), (150, 2));
    assert!(hole.degraded[0].contains("changes 150-150 are missing"), "{:?}", hole.degraded);

    let world = World::of("ml2.crash2");
    fs::copy(world.file("changelog_ml.0.mfs"), world.file("changelog_ml_back.0.mfs")).unwrap();
    world.change("changelog_ml_back.0.mfs", |text| text.replacen("CREATE(", "CREATF(", 1));
    let (_, other) = world.bring(&world.wanted(), &mut quiet);
    assert!(other.unwrap().degraded[0].contains("tell changes 125-202 differently"));
}

#[test]
fn a_stranger_no_room_and_a_cut_leave_nothing() {
    let world = World::of("m1.crash2");
    let (partial, stranger) = world.bring(&Wanted { id: Some(7), ..world.wanted() }, &mut quiet);
    assert!(stranger.unwrap_err().contains("another file system (id 6b02c020d883eb1c)"));
    drop(partial);
    let (partial, absent) = world.bring(&Wanted { dir: "/no/such".into(), ..world.wanted() }, &mut quiet);
    assert!(absent.unwrap_err().contains("there is no such directory"));
    drop(partial);
    let partial = world.shelf.begin().unwrap();
    let mut connect = || Ok(Box::new(LocalTransport::new("n")) as Box<dyn Transport>);
    assert!(bring(&mut connect, &world.wanted(), &partial, 1000, &mut quiet).unwrap_err().contains("only 1000 are free here"));
    drop(partial);
    let (partial, cut) = world.bring(&world.wanted(), &mut |_, _| Err("cut".into()));
    assert_eq!(cut.unwrap_err(), "cut");
    drop(partial);
    let mut broken = || Err("unreachable".to_owned());
    let partial = world.shelf.begin().unwrap();
    assert!(bring(&mut broken, &world.wanted(), &partial, 1 << 30, &mut quiet).is_err());
    drop(partial);
    assert_eq!(names(world.here.path()), [".mfsctl-backup.lock"]);
}

#[test]
fn only_plain_answers_of_the_pinning_process_are_taken() {
    assert_eq!(parse("7 10:5:metadata.mfs"), Some(vec![Pinned { path: "/proc/7/fd/10".into(), size: 5, name: "metadata.mfs".into() }]));
    for wrong in ["", "x 1:2:metadata.mfs", "7 1:2:../x", "7 1:2:.hidden", "7 1:x:metadata.mfs", "7 1:2", "7 1;2:3:x"] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}
