//! Where things live on a node: one place for every path and unit name, so that
//! facts ask for exactly the files that steps write.

pub mod alerts;
pub mod logs;
pub mod maintenance;
pub mod moosefs;
pub mod storage;
pub mod takeover;

use super::model::{Cluster, Node};

/// Directory of pending-work marks: written before a file changes, removed after its daemon took it.
pub const PENDING_DIR: &str = "/var/lib/mfsctl/pending";
/// The operator lock on masters.
pub const LOCK_FILE: &str = "/run/lock/mfsctl-operator.lock";
/// The journal of runs kept on masters.
pub const JOURNAL_FILE: &str = "/var/log/mfsctl/history.jsonl";

/// Every file any step manages on this node; surveys fetch them all.
#[must_use]
pub fn files(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut files = storage::files(cluster, node);
    files.extend(takeover::files(cluster, node));
    files.extend(moosefs::files(cluster, node));
    files.extend(alerts::files(node));
    files.extend(maintenance::files(node));
    files.sort();
    files.dedup();
    files
}

/// Every unit any step looks at on this node.
#[must_use]
pub fn units(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut units = storage::units(cluster, node);
    units.extend(takeover::units(cluster, node));
    units.extend(moosefs::units(cluster, node));
    units.extend(alerts::units(node));
    units.extend(maintenance::units(node));
    units.sort();
    units.dedup();
    units
}
