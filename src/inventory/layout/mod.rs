//! Where things live on a node: one place for every path and unit name, so that
//! facts ask for exactly the files that steps write.

pub mod alerts;
pub mod logs;
pub mod maintenance;
pub mod moosefs;
pub mod storage;
pub mod takeover;

use super::model::{Cluster, Node, Role};

/// Directory of pending-work marks: written before a file changes, removed after its daemon took it.
pub const PENDING_DIR: &str = "/var/lib/mfsctl/pending";
/// The operator lock on masters.
pub const LOCK_FILE: &str = "/run/lock/mfsctl-operator.lock";
/// The journal of runs kept on masters.
pub const JOURNAL_FILE: &str = "/var/log/mfsctl/history.jsonl";

/// Files managed on this node that hold a secret: nobody but their owner and group may read them.
#[must_use]
pub fn secrets(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut files = Vec::new();
    if node.is(Role::Master) {
        files.extend([moosefs::MASTER_CFG, moosefs::EXPORTS_CFG, takeover::HA_CONF, alerts::CONF].map(str::to_owned));
        files.push(takeover::drbd_resource(cluster));
        if cluster.keepalived.password.is_some() {
            files.push(takeover::KEEPALIVED_CONF.to_owned());
        }
    }
    if node.is(Role::Chunkserver) {
        files.push(moosefs::CHUNKSERVER_CFG.to_owned());
    }
    if takeover::is_witness(cluster, node) {
        files.push(takeover::WITNESS_CONF.to_owned());
    }
    files.extend(node.mounts.iter().map(moosefs::mount_cfg));
    files
}

/// Units of this node's roles that start at boot by themselves.
#[must_use]
pub fn boot_units(cluster: &Cluster, node: &Node) -> Vec<&'static str> {
    let mut units = Vec::new();
    if node.is(Role::Master) {
        units.extend([takeover::HA_UNIT, takeover::HA_AGENT_UNIT, takeover::KEEPALIVED_UNIT]);
    }
    if node.is(Role::Metalogger) {
        units.push(moosefs::METALOGGER_UNIT);
    }
    if node.is(Role::Chunkserver) {
        units.push(moosefs::CHUNKSERVER_UNIT);
    }
    if takeover::is_witness(cluster, node) {
        units.push(takeover::WITNESS_SOCKET);
    }
    units
}

/// Directories in which a run interrupted while it wrote may have left its temporary file.
#[must_use]
pub fn written_dirs(cluster: &Cluster, node: &Node) -> Vec<String> {
    let parent = |path: &String| path.rsplit_once('/').map(|(dir, _)| dir.to_owned());
    let dirs: std::collections::BTreeSet<String> = files(cluster, node).iter().filter_map(parent).filter(|d| !d.is_empty()).collect();
    dirs.into_iter().collect()
}

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
