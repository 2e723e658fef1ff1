//! The inventory a lab offers, so that `mfsctl -i lab …` finds its nodes: the one it is a
//! twin of, and an overlay with what only the lab knows.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::error::{LabError, Result};
use super::machine::write_atomic;
use super::repository::COMPONENT;
use super::server::PORT;
use super::{Dirs, Lab, debian};

/// Name of the file in the lab's directory.
pub(super) const FILE: &str = "inventory.yaml";
/// Name of the repository key's copy in the lab's directory.
pub(super) const KEY: &str = "repository.asc";
/// Name of the overlay in the lab's directory.
const OVERLAY: &str = "overlay.yaml";

/// The inventory a lab is a twin of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Text kept with the lab.
    Text(String),
    /// A file that stays where it is; its absolute path.
    File(PathBuf),
}

/// The inventory of a lab, as `-i lab` means it: the file itself, never a link to it.
#[must_use]
pub fn inventory_path(name: &str) -> PathBuf {
    real(&Dirs::from_env().lab(name))
}

/// What has to be laid over that inventory: login and package repository of the lab.
#[must_use]
pub fn overlay_path(name: &str) -> PathBuf {
    Dirs::from_env().lab(name).join(OVERLAY)
}

pub(super) fn real(dir: &Path) -> PathBuf {
    let path = dir.join(FILE);
    std::fs::canonicalize(&path).unwrap_or(path)
}

/// The top-level keys that lead into the lab: how to log in, and where packages come from.
#[must_use]
pub fn overlay(lab: &Lab) -> String {
    let dir = lab.dir.display();
    format!(
        "ssh:\n  user: root\n  identities: [{key}]\n  known_hosts: {known}\n  netns: {netns}\n\
         repositories:\n  moosefs:\n    mirror:\n      url: http://{gateway}:{PORT}/debian\n      suite: {suite}\n      \
         components: [{COMPONENT}]\n      key: !file {dir}/{KEY}\n      exclusive: true\n",
        key = lab.key().display(),
        known = lab.known_hosts().display(),
        netns = lab.namespace().display(),
        gateway = lab.record.spec.gateway,
        suite = debian::SUITE,
    )
}

/// Writes what `-i lab` loads: the inventory itself (or a link to it, so that paths in it keep their meaning) and the overlay.
pub(super) fn write(lab: &Lab, source: &Source) -> Result<()> {
    write_atomic(&lab.dir.join(OVERLAY), overlay(lab).as_bytes())?;
    let path = lab.dir.join(FILE);
    match source {
        Source::Text(text) => write_atomic(&path, text.as_bytes()),
        Source::File(file) => {
            let draft = lab.dir.join("inventory.new");
            let _ = std::fs::remove_file(&draft);
            symlink(file, &draft).and_then(|()| std::fs::rename(&draft, &path)).map_err(LabError::io(&path))
        }
    }
}
