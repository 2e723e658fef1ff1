//! The inventory a lab writes, so that `mfsctl -i lab …` finds its nodes: the text it was
//! made from, with the parts that only the lab knows put in place.

use std::path::PathBuf;

use super::repository::COMPONENT;
use super::server::PORT;
use super::{Dirs, Lab, debian};

/// Name of the file in the lab's directory.
pub(super) const FILE: &str = "inventory.yaml";
/// Name of the repository key's copy in the lab's directory.
pub(super) const KEY: &str = "repository.asc";
/// Top-level keys the overlay replaces.
const REPLACED: [&str; 2] = ["ssh:", "repositories:"];

/// The inventory of a lab, as `-i lab` means it.
#[must_use]
pub fn inventory_path(name: &str) -> PathBuf {
    Dirs::from_env().lab(name).join(FILE)
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

/// An inventory's text with its own top-level `ssh` and `repositories` replaced by an overlay.
#[must_use]
pub fn with_overlay(text: &str, overlay: &str) -> String {
    let mut kept = String::new();
    let mut dropping = false;
    for line in text.lines() {
        let top = !line.is_empty() && !line.starts_with([' ', '\t', '#', '-']);
        if top {
            dropping = REPLACED.iter().any(|key| line.starts_with(key));
        }
        if !dropping {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    format!("{kept}\n# Written by `mfsctl lab up`.\n{overlay}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_login_and_repositories_are_replaced_and_the_rest_kept() {
        let text = "name: x\nssh:\n  user: admin\n  identities:\n  - a\n\nnodes:\n  - name: n1\n    ssh: {port: 22}\nrepositories: {elrepo: true}\nvip: 1\n";
        let merged = with_overlay(text, "ssh: {}\n");
        assert_eq!(merged, "name: x\nnodes:\n  - name: n1\n    ssh: {port: 22}\nvip: 1\n\n# Written by `mfsctl lab up`.\nssh: {}\n");
    }
}
