//! Paths, units and marks of DRBD, keepalived, the takeover scripts and the witnesses.

use super::super::model::{Cluster, Node, Role};

/// Loads the module at boot.
pub const DRBD_MODULES_LOAD: &str = "/etc/modules-load.d/drbd.conf";
/// DRBD's main configuration: includes the other two.
pub const DRBD_CONF: &str = "/etc/drbd.conf";
/// Settings common to all resources.
pub const DRBD_COMMON: &str = "/etc/drbd.d/global_common.conf";
/// The takeover script.
pub const HA_SCRIPT: &str = "/usr/local/sbin/mfs-ha";
/// Health as an exit status, for a keepalived that cannot track a file.
pub const HA_HEALTHY: &str = "/usr/local/sbin/mfs-ha-healthy";
/// Settings of the takeover script; holds the witness secret, 0600.
pub const HA_CONF: &str = "/etc/mfs-ha.conf";
/// Where the agent publishes this node's health: 0 is fit.
pub const HA_HEALTH: &str = "/run/mfs-ha/health";
/// The worker's unit.
pub const HA_UNIT: &str = "mfs-ha.service";
/// The agent's unit.
pub const HA_AGENT_UNIT: &str = "mfs-ha-agent.service";
/// File of the worker's unit.
pub const HA_UNIT_FILE: &str = "/etc/systemd/system/mfs-ha.service";
/// File of the agent's unit.
pub const HA_AGENT_UNIT_FILE: &str = "/etc/systemd/system/mfs-ha-agent.service";
/// keepalived's configuration.
pub const KEEPALIVED_CONF: &str = "/etc/keepalived/keepalived.conf";
/// keepalived's unit.
pub const KEEPALIVED_UNIT: &str = "keepalived.service";
/// keepalived's drop-in.
pub const KEEPALIVED_DROP_IN: &str = "/etc/systemd/system/keepalived.service.d/mfs-ha.conf";
/// The master's unit.
pub const MASTER_UNIT: &str = "moosefs-master.service";
/// The master's drop-in.
pub const MASTER_DROP_IN: &str = "/etc/systemd/system/moosefs-master.service.d/mfs-ha.conf";
/// Drop-in of the old unit that brings up all resources.
pub const DRBD_DROP_IN: &str = "/etc/systemd/system/drbd.service.d/mfs-ha.conf";
/// The vote service's script.
pub const WITNESS_SCRIPT: &str = "/usr/local/sbin/mfs-witness";
/// Settings of the vote service; holds the witness secret, 0600.
pub const WITNESS_CONF: &str = "/etc/mfs-witness.conf";
/// The vote service's socket unit.
pub const WITNESS_SOCKET: &str = "mfs-witness.socket";
/// File of the socket unit.
pub const WITNESS_SOCKET_FILE: &str = "/etc/systemd/system/mfs-witness.socket";
/// File of the unit started once a connection.
pub const WITNESS_SERVICE_FILE: &str = "/etc/systemd/system/mfs-witness@.service";

/// DRBD's configuration changed and the kernel has not been told.
pub const MARK_ADJUST: &str = "drbd:adjust";
/// The takeover's scripts or settings changed and worker and agent still run the old ones.
pub const MARK_HA: &str = "mfs-ha:restart";
/// keepalived's configuration changed.
pub const MARK_KEEPALIVED: &str = "keepalived:reload";
/// The vote service's socket changed.
pub const MARK_WITNESS: &str = "mfs-witness:restart";
/// mfsmaster must read its configuration again.
pub const MARK_MASTER_RELOAD: &str = "moosefs-master:reload";
/// mfsmaster must be restarted.
pub const MARK_MASTER_RESTART: &str = "moosefs-master:restart";

/// The resource's file.
#[must_use]
pub fn drbd_resource(cluster: &Cluster) -> String {
    format!("/etc/drbd.d/{}.res", cluster.drbd.resource)
}

/// The unit that keeps the resource configured, from drbd-utils 9.
#[must_use]
pub fn drbd_target(cluster: &Cluster) -> String {
    format!("drbd@{}.target", cluster.drbd.resource)
}

/// The unit that configures the resource at boot, from drbd-utils 9.
#[must_use]
pub fn drbd_instance(cluster: &Cluster) -> String {
    format!("drbd@{}.service", cluster.drbd.resource)
}

/// Its drop-in.
#[must_use]
pub fn drbd_instance_drop_in(cluster: &Cluster) -> String {
    format!("/etc/systemd/system/{}.d/mfs-ha.conf", drbd_instance(cluster))
}

/// The unit that activates the logical volume at boot, from drbd-utils 9.
#[must_use]
pub fn drbd_lvchange(cluster: &Cluster) -> String {
    format!("drbd-lvchange@{}.service", cluster.drbd.resource)
}

/// The old unit that brings up all resources; used only where there is no `drbd@.target`.
pub const DRBD_UNIT: &str = "drbd.service";

/// Whether the node holds votes.
#[must_use]
pub fn is_witness(cluster: &Cluster, node: &Node) -> bool {
    cluster.ha.witnesses.contains(&node.name)
}

/// Files managed on this node.
#[must_use]
pub fn files(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    if node.is(Role::Master) {
        files.extend(
            [
                DRBD_MODULES_LOAD,
                DRBD_CONF,
                DRBD_COMMON,
                HA_SCRIPT,
                HA_HEALTHY,
                HA_CONF,
                HA_UNIT_FILE,
                HA_AGENT_UNIT_FILE,
                KEEPALIVED_CONF,
                KEEPALIVED_DROP_IN,
                MASTER_DROP_IN,
            ]
            .map(str::to_owned),
        );
        files.push(drbd_resource(cluster));
        files.extend([DRBD_DROP_IN.to_owned(), drbd_instance_drop_in(cluster)]);
    }
    if is_witness(cluster, node) {
        files.extend([WITNESS_SCRIPT, WITNESS_CONF, WITNESS_SOCKET_FILE, WITNESS_SERVICE_FILE].map(str::to_owned));
    }
    files
}

/// Units looked at on this node.
#[must_use]
pub fn units(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    if node.is(Role::Master) {
        units.extend([DRBD_UNIT, HA_UNIT, HA_AGENT_UNIT, KEEPALIVED_UNIT, MASTER_UNIT].map(str::to_owned));
        units.push(drbd_target(cluster));
        units.push(drbd_instance(cluster));
        units.push(drbd_lvchange(cluster));
    }
    if is_witness(cluster, node) {
        units.push(WITNESS_SOCKET.to_owned());
    }
    units
}
