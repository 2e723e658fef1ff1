//! Copying a metadata directory over a real connection, and one that dies in the middle.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use mfsctl::archive::Shelf;
use mfsctl::command::backup_meta::bring::{Wanted, bring};
use mfsctl::remote::{Connect, Request};

use crate::server::{Server, guard};

#[test]
fn a_large_directory_comes_whole_and_a_dead_connection_leaves_nothing() {
    guard(60, || {
        let server = Server::plain();
        let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/metadata-dirs/m1.crash2");
        fs::copy(fixture.join("metadata.mfs.back"), there.path().join("metadata.mfs.back")).unwrap();
        let log: String = (100..300_000).map(|id| format!("{id}: 1795342930|WRITE({id},0,1,{},0):{id}\n", id * 7)).collect();
        fs::write(there.path().join("changelog.0.mfs"), &log).unwrap();
        let wanted = Wanted { dir: there.path().display().to_string(), id: None, at_least: Some(300_000) };
        let shelf = Shelf::open(here.path()).unwrap();
        let (connector, target) = (server.connector(), server.target());
        let mut connect = || connector.connect(&target).map_err(|e| e.to_string());

        let partial = shelf.begin().unwrap();
        let mut pieces = 0;
        let brought = bring(&mut connect, &wanted, &partial, 1 << 30, &mut |_, _| {
            pieces += 1;
            Ok(())
        });
        assert_eq!((brought.unwrap().best.next, pieces), (300_000, 1 + log.len().div_ceil(8 << 20)));
        assert!(fs::read(partial.path().join("changelog.0.mfs")).unwrap() == log.as_bytes());
        drop(partial);

        // The session of the copy is killed at its first piece, by another one.
        let mut other = server.connect();
        // No brackets stand in the command line looked for, so this one does not find itself.
        let holders = "grep -ls 'metadata_ml[.]mfs[.]back changelog' /proc/[0-9]*/cmdline";
        let partial = shelf.begin().unwrap();
        let died = bring(&mut connect, &wanted, &partial, 1 << 30, &mut |_, _| {
            let found = other.run(&Request::script(holders)).unwrap().text();
            let pid =
                found.lines().find_map(|l| l.strip_prefix("/proc/")?.strip_suffix("/cmdline")).expect("files are held open").to_owned();
            // Up to the sshd of the session: whose command line says so.
            let kill = format!(
                "at={pid}; until tr '\\0' ' ' </proc/$at/cmdline | grep -q '^sshd: '; do at=$(awk '{{print $4}}' /proc/$at/stat); done; kill -KILL $at"
            );
            assert!(other.run(&Request::script(&kill)).unwrap().success());
            Ok(())
        });
        assert!(died.is_err(), "{died:?}");
        drop(partial);
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 1, "the lock is all there is");
        for _ in 0..50 {
            if other.run(&Request::script(holders)).unwrap().text().is_empty() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("files are still held open");
    });
}
