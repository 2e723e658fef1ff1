//! Paths and units of names, repositories, disks, mounts of the system.

use super::super::model::{Cluster, Node};

/// Files managed on this node.
#[must_use]
pub fn files(_cluster: &Cluster, _node: &Node) -> Vec<String> {
    Vec::new()
}

/// Units looked at on this node.
#[must_use]
pub fn units(_cluster: &Cluster, _node: &Node) -> Vec<String> {
    Vec::new()
}
