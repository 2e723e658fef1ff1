//! A backup from its making to its proof, on this machine: real files, the real scripts, and a stand-in for mfsmaster.
//! The real one restores one in the lab (group `backup`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mfsctl::archive::{Manifest, Role, Shelf, check};
use mfsctl::command::backup_meta::bring::{Wanted, bring};
use mfsctl::command::backup_meta::verify::{Failure, restore};
use mfsctl::remote::local::LocalTransport;
use mfsctl::remote::{Output, RemoteError, Request, Stream, Transport};
use tempfile::TempDir;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metadata-dirs/m1.crash2")
}

/// Backs up the crashed master of the fixtures.
fn backup(shelf: &Shelf) -> (PathBuf, Manifest) {
    let partial = shelf.begin().unwrap();
    let mut connect = || Ok(Box::new(LocalTransport::new("n")) as Box<dyn Transport>);
    let wanted = Wanted { dir: fixture().display().to_string(), id: None, at_least: Some(203) };
    let brought = bring(&mut connect, &wanted, &partial, 1 << 30, &mut |_, _| Ok(())).unwrap();
    let manifest = Manifest {
        format: 1,
        cluster: "prod".into(),
        node: "n".into(),
        role: Role::Master,
        path: wanted.dir,
        id: brought.best.id.map(|id| format!("{id:016x}")),
        version: brought.best.next,
        base: brought.best.base,
        base_version: brought.best.version,
        last_change: None,
        master_version: Some(203),
        moosefs: None,
        degraded: brought.degraded,
        time: "t".into(),
        mfsctl: "0".into(),
    };
    (shelf.finish(partial, &manifest).unwrap(), manifest)
}

/// A node whose commands find this mfsmaster first.
struct Node {
    inner: LocalTransport,
    path: String,
    scratch: Option<String>,
}

impl Node {
    fn with(programs: &Path) -> Self {
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        Self { inner: LocalTransport::new("n"), path, scratch: None }
    }
}

impl Transport for Node {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        let argv = ["env".to_owned(), format!("PATH={}", self.path)].into_iter().chain(request.argv.clone()).collect();
        self.inner.run(&Request { argv, ..request.clone() })
    }
    fn stream(&mut self, request: &Request, take: mfsctl::remote::Take) -> Result<mfsctl::remote::Streamed, RemoteError> {
        self.inner.stream(request, take)
    }
    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        let line = self.inner.hold(request)?;
        self.scratch = line.split(' ').next().map(str::to_owned);
        Ok(line)
    }
    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.inner.tell(line)
    }
    fn tcp<'a>(&'a mut self, host: &str, port: u16, deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        self.inner.tcp(host, port, deadline)
    }
}

/// Does as `mfsmaster restore` does with the fixture: the metadata with the version after the last change.
fn stand_in(body: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("mfsmaster");
    let text = format!(
        "#!/bin/sh\n[ \"$1\" != -v ] || {{ echo 'version: 3.0.117-1'; exit 0; }}\n\
         [ \"$1 $2 $4\" = '-n -c restore' ] || exit 9\n\
         data=$(sed -n 's/^DATA_PATH = //p' \"$3\")\n\
         [ -f \"$data/metadata.mfs.back\" ] || exit 1\n{body}\n"
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

const WORKS: &str = r#"n=$(tail -n 1 "$data/changelog.0.mfs"); n=$((${n%%:*} + 1))
{ head -c 15 "$data/metadata.mfs.back"; printf "\\$(printf %o "$n")"; tail -c +17 "$data/metadata.mfs.back"; } >"$data/metadata.mfs""#;

fn prove(node: &mut Node, path: &Path, manifest: &Manifest) -> Result<String, Failure> {
    let proof = restore(node, path, manifest, &mut |_, _| Ok(()));
    let scratch = node.scratch.clone().expect("a scratch directory");
    assert!(scratch.starts_with("/var/tmp/mfsctl-verify-"), "{scratch}");
    assert!(!Path::new(&scratch).exists(), "nothing is left of it");
    proof
}

#[test]
fn a_backup_restores_to_the_version_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let (path, manifest) = backup(&Shelf::open(dir.path()).unwrap());
    check(&path).unwrap();
    let program = stand_in(WORKS);
    assert_eq!(prove(&mut Node::with(program.path()), &path, &manifest), Ok("3.0.117-1".to_owned()));
    check(&path).expect("the backup is as it was");

    let later = Manifest { version: 204, ..manifest.clone() };
    assert_eq!(
        prove(&mut Node::with(program.path()), &path, &later),
        Err(Failure::Backup("it gives version 203, its manifest says 204".into()))
    );
    for (body, why) in [
        ("echo 'hole in change files' >&2; exit 1", "ended with 1: hole in change files"),
        ("kill -ABRT $$", "ended with 134"),
        (":", "wrote no metadata"),
    ] {
        let failure = prove(&mut Node::with(stand_in(body).path()), &path, &manifest);
        assert!(matches!(&failure, Err(Failure::Backup(reason)) if reason.contains(why)), "{failure:?}");
    }
}

#[test]
fn a_connection_that_dies_leaves_no_scratch() {
    let dir = tempfile::tempdir().unwrap();
    let (path, manifest) = backup(&Shelf::open(dir.path()).unwrap());
    let mut node = Node::with(stand_in(WORKS).path());
    let stopped = restore(&mut node, &path, &manifest, &mut |_, _| Err("stop".into()));
    assert_eq!(stopped, Err(Failure::Trial("stop".into())));
    let scratch = node.scratch.clone().unwrap();
    assert!(Path::new(&scratch).is_dir());
    drop(node);
    for _ in 0..100 {
        if !Path::new(&scratch).exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{scratch} is still there");
}
