//! How a backup went, and what a verified one proves.

use std::path::PathBuf;

use serde::Serialize;

use super::format;
use crate::archive::{Manifest, Proof};

/// A backup that was made.
#[derive(Debug, Serialize)]
pub struct Made<'a> {
    /// Its directory.
    pub path: PathBuf,
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
        format!("{}\n  version {} of {}, from {} ({})", made.path.display(), format::grouped(m.version), m.cluster, m.node, m.path);
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
    /// Its directory.
    pub path: PathBuf,
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
        verified.path.display(),
        proof.node,
        proof.mfsmaster,
        format::grouped(proof.version),
        m.id.as_deref().unwrap_or("without an id")
    )
}
