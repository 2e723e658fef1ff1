#![allow(clippy::unwrap_used)]

use super::*;

fn manifest() -> Manifest {
    let text = r#"{"format": 1, "cluster": "c", "node": "n", "role": "master", "path": "/d", "id": "6b02c020d883eb1c", "version": 203,
        "base": "metadata.mfs.back", "base_version": 125, "last_change": null, "master_version": null, "moosefs": null,
        "degraded": [], "time": "t", "mfsctl": "0"}"#;
    serde_json::from_str(text).unwrap()
}

const HEAD: &str = "4d46534d20322e3000000000000000cb6b02c020d883eb1c";

#[test]
fn only_what_the_manifest_says_is_proof() {
    let good = format!("rc|0\nmfsmaster|3.0.117-1\nhead|{HEAD}|sealed\n@log\nmetadata have been cleaned\n");
    assert_eq!(judge(&good, &manifest()), Ok("3.0.117-1".to_owned()));
    let refused = |text: &str, part: &str| {
        let failure = judge(text, &manifest());
        assert!(matches!(&failure, Err(Failure::Backup(why)) if why.contains(part)), "{failure:?}");
    };
    refused("rc|134\n@log\nabort\n", "ended with 134: abort");
    refused("rc|0\nmfsmaster|3\n@log\n\nnothing done\n", "wrote no metadata: nothing done");
    refused(&good.replace("sealed", "open"), "not whole");
    refused(&good.replace("cb6b", "ca6b"), "gives version 202, its manifest says 203");
    refused(&good.replace("eb1c", "eb1d"), "its manifest says 6b02c020d883eb1c");
    // What the node did to it says nothing of the backup.
    for killed in ["rc|137\n@log\nKilled\n", "rc|143\n@log\n", "rc|124\n@log\n", ""] {
        assert!(matches!(judge(killed, &manifest()), Err(Failure::Trial(_))), "{killed}");
    }
}

#[test]
fn a_directory_that_is_no_backup_is_named() {
    assert_eq!(intact(Path::new("/no/such")).unwrap_err().kind, Kind::Input);
    let dir = tempfile::tempdir().unwrap();
    let error = intact(dir.path()).unwrap_err();
    assert!(error.kind == Kind::Input && error.hints[0].contains("directory of one backup"), "{error}");
    // What lost its checksums is a backup, and damaged.
    std::fs::write(dir.path().join("metadata.mfs.back"), "").unwrap();
    assert_eq!(intact(dir.path()).unwrap_err().kind, Kind::Refused);
}
