//! How a backup went, and what a verified one proves.

use std::path::PathBuf;

use serde::Serialize;

use super::format;
use crate::archive::{Manifest, Proof};

/// A backup that was made.
#[derive(Debug, Serialize)]
pub struct Made<'a> {
    /// Its directory; `path` is the one on the node.
    pub backup: PathBuf,
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: &'a Manifest,
    /// Size of its files, bytes.
    pub bytes: u64,
    /// How long it took, seconds.
    pub seconds: u64,
    /// Older ones given up.
    pub removed: Vec<PathBuf>,
}

/// Words for a person.
#[must_use]
pub fn made(made: &Made) -> String {
    let m = made.manifest;
    let mut text =
        format!("{}\n  version {} of {}, from {} ({})", made.backup.display(), format::grouped(m.version), m.cluster, m.node, m.path);
    if let Some(last) = &m.last_change {
        text += &format!("\n  last change {} at {}", format::grouped(last.id), last.time);
    }
    text += &format!("\n  {} in {} s", format::bytes(made.bytes), made.seconds);
    if m.degraded.is_empty() {
        text += &format!(", with every change since version {} of {}", format::grouped(m.base_version), m.base);
    }
    for why in &m.degraded {
        text += &format!("\n  degraded: {why}");
    }
    for path in &made.removed {
        text += &format!("\n  removed {}", path.display());
    }
    text
}

/// A backup that was restored to try it.
#[derive(Debug, Serialize)]
pub struct Verified<'a> {
    /// Its directory; `path` is the one on the node.
    pub backup: PathBuf,
    /// What it says of itself.
    #[serde(flatten)]
    pub manifest: &'a Manifest,
    /// What the restore gave.
    pub restored: &'a Proof,
}

/// Words for a person.
#[must_use]
pub fn verified(verified: &Verified) -> String {
    let (m, proof) = (verified.manifest, verified.restored);
    format!(
        "{}\n  restored on {} with mfsmaster {}: version {} of file system {}, as the manifest says; scratch removed",
        verified.backup.display(),
        proof.node,
        proof.mfsmaster,
        format::grouped(proof.version),
        m.id.as_deref().unwrap_or("without an id")
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let text = r#"{"format": 1, "cluster": "prod", "node": "node1", "role": "master", "path": "/data/drbd/mfs", "id": "6b02c020d883eb1c",
            "version": 10203, "base": "metadata.mfs.back", "base_version": 9000, "last_change": {"id": 10202, "time": "2026-11-23T22:15:07Z"},
            "master_version": 10203, "moosefs": "3.0.117", "degraded": [], "time": "2026-11-23T22:15:08Z", "mfsctl": "0.1.0"}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_key_once_and_both_directories() {
        let manifest = manifest();
        let proof = Proof { time: "t".into(), node: "node2".into(), mfsmaster: "3.0.117-1".into(), version: 10203 };
        let (backup, removed) = (PathBuf::from("/backup/prod-1"), vec![PathBuf::from("/backup/prod-0")]);
        let made = serde_json::to_string(&Made { backup: backup.clone(), manifest: &manifest, bytes: 5, seconds: 2, removed }).unwrap();
        let verified = serde_json::to_string(&Verified { backup, manifest: &manifest, restored: &proof }).unwrap();
        for text in [made, verified] {
            assert_eq!(text.matches("\"path\":").count(), 1, "{text}");
            let told: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!((told["backup"].as_str(), told["path"].as_str()), (Some("/backup/prod-1"), Some("/data/drbd/mfs")));
        }
    }

    #[test]
    fn for_people() {
        let mut manifest = manifest();
        let told = |manifest: &Manifest| {
            made(&Made { backup: "/backup/prod-1".into(), manifest, bytes: 61_885, seconds: 2, removed: vec!["/backup/prod-0".into()] })
        };
        let sound = told(&manifest);
        assert!(sound.contains("with every change since version") && sound.contains("removed /backup/prod-0"), "{sound}");
        manifest.degraded = vec!["behind".into()];
        let less = told(&manifest);
        assert!(!less.contains("with every change") && less.contains("degraded: behind"), "{less}");
    }
}
