#![allow(clippy::unwrap_used)]

use super::*;
use crate::archive::{ChangeTime, Role, check};
use std::os::unix::fs::PermissionsExt;

fn manifest(cluster: &str, version: u64, degraded: bool) -> Manifest {
    Manifest {
        format: 1,
        cluster: cluster.to_owned(),
        node: "node1".to_owned(),
        role: Role::Master,
        path: "/data/drbd/mfs".to_owned(),
        id: Some("6b02c020d883eb1c".to_owned()),
        version,
        base: "metadata.mfs.back".to_owned(),
        base_version: 125,
        last_change: Some(ChangeTime { id: version - 1, time: "2026-11-23T12:00:00Z".to_owned() }),
        master_version: Some(version),
        moosefs: Some("3.0.117".to_owned()),
        degraded: if degraded { vec!["behind".to_owned()] } else { Vec::new() },
        time: "2026-11-23T12:00:00Z".to_owned(),
        mfsctl: "0".to_owned(),
    }
}

/// A backup named by hand, so that no test waits for the next second.
fn place(shelf: &Shelf, cluster: &str, time: &str, degraded: bool) -> PathBuf {
    let partial = shelf.begin().unwrap();
    partial.write("metadata.mfs.back", b"MFSM NEW").unwrap();
    let made = shelf.finish(partial, &manifest(cluster, 203, degraded)).unwrap();
    let path = shelf.dir.join(format!("{cluster}-{time}"));
    fs::rename(made, &path).unwrap();
    path
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|n| n != LOCK);
    names.sort();
    names
}

#[test]
fn a_backup_is_whole_private_and_checked_by_sha256sum() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(&dir.path().join("a/b")).unwrap();
    let partial = shelf.begin().unwrap();
    partial.write("metadata.mfs.back", b"MFSM NEW").unwrap();
    let path = shelf.finish(partial, &manifest("prod", 203, false)).unwrap();
    assert!(is_time(name(&path).strip_prefix("prod-").unwrap()));
    for (file, mode) in [("", 0o700), ("metadata.mfs.back", 0o600), (MANIFEST, 0o600), (SUMS, 0o600)] {
        assert_eq!(fs::metadata(path.join(file)).unwrap().permissions().mode() & 0o777, mode, "{file}");
    }
    let checked = std::process::Command::new("sha256sum").args(["--quiet", "-c", SUMS]).current_dir(&path).status().unwrap();
    assert!(checked.success());
    check(&path).unwrap();
    assert_eq!(Manifest::read(&path).unwrap(), manifest("prod", 203, false));

    // The proof of a restore is no part of it; a stranger's metadata would be.
    let proof = Proof { time: "t".into(), node: "n".into(), mfsmaster: "3.0.117".into(), version: 203 };
    proof.write(&path).unwrap();
    check(&path).unwrap();
    assert_eq!(backups(&shelf.dir, "prod").unwrap()[0].proof, Some(proof));
    fs::write(path.join("changelog.9.mfs"), b"").unwrap();
    assert!(check(&path).unwrap_err().to_string().contains("no part of the backup"));
    fs::remove_file(path.join("changelog.9.mfs")).unwrap();

    for file in ["metadata.mfs.back", MANIFEST] {
        let mut bytes = fs::read(path.join(file)).unwrap();
        bytes[5] ^= 1;
        fs::write(path.join(file), &bytes).unwrap();
        assert!(check(&path).unwrap_err().to_string().contains("has changed since"), "{file}");
        bytes[5] ^= 1;
        fs::write(path.join(file), &bytes).unwrap();
    }
    fs::remove_file(path.join("metadata.mfs.back")).unwrap();
    assert!(check(&path).is_err());
}

#[test]
fn one_writer_and_nothing_left_of_a_cut_one() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    assert!(matches!(Shelf::open(dir.path()), Err(ArchiveError::Busy(_))));
    let partial = shelf.begin().unwrap();
    partial.write("x", b"x").unwrap();
    assert_eq!(names(dir.path()).len(), 1);
    drop(partial);
    assert_eq!(names(dir.path()), Vec::<String>::new(), "given up in order");
    let cut = shelf.begin().unwrap();
    cut.write("x", b"x").unwrap();
    std::mem::forget(cut);
    drop(shelf);
    fs::create_dir(dir.path().join("prod-20261123T120000Z")).unwrap();
    Shelf::open(dir.path()).unwrap();
    assert_eq!(names(dir.path()), ["prod-20261123T120000Z"], "cut off without a chance, then removed by the next");
}

#[test]
fn the_oldest_go_and_the_newest_sound_one_stays() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let day = |day: u32| format!("202611{day:02}T120000Z");
    let old = place(&shelf, "prod", &day(1), false);
    let sound = place(&shelf, "prod", &day(2), false);
    for (n, degraded) in [(3, true), (4, true), (5, true)] {
        place(&shelf, "prod", &day(n), degraded);
    }
    // None of these is a backup of that cluster made by mfsctl.
    place(&shelf, "prod-2", &day(1), false);
    place(&shelf, "test", &day(1), false);
    fs::create_dir(dir.path().join(format!("prod-{}", day(6)))).unwrap();
    fs::create_dir(dir.path().join("prod-by-hand")).unwrap();
    fs::write(dir.path().join(format!("prod-{}", day(7))), b"a file").unwrap();
    std::os::unix::fs::symlink(&old, dir.path().join(format!("prod-{}", day(8)))).unwrap();

    assert_eq!(shelf.keep("prod", 2).unwrap(), [old, dir.path().join(format!("prod-{}", day(3)))]);
    assert!(sound.is_dir());
    assert_eq!(backups(dir.path(), "prod").unwrap().len(), 3);
    assert_eq!(names(dir.path()).len(), 3 + 6);
    assert!(shelf.keep("prod", 2).unwrap().is_empty() && shelf.keep("prod", 0).unwrap().len() == 1);
    assert!(sound.is_dir(), "0 keeps the newest and the newest sound one");
}
