//! Paths, units and marks of the alerts that masters send.

use super::super::model::{Node, Role};

/// The script that queues and sends.
pub const SCRIPT: &str = "/usr/local/sbin/mfs-alert";
/// Its settings; hold passwords, 0600.
pub const CONF: &str = "/etc/mfs-alert.conf";
/// Certificates trusted besides the system's own.
pub const CA: &str = "/etc/mfs-alert.pem";
/// The unit that starts the sender when something waits.
pub const PATH_UNIT: &str = "mfs-alert.path";
/// The sender's unit.
pub const SERVICE_UNIT: &str = "mfs-alert.service";
/// File of the path unit.
pub const PATH_UNIT_FILE: &str = "/etc/systemd/system/mfs-alert.path";
/// File of the sender's unit.
pub const SERVICE_UNIT_FILE: &str = "/etc/systemd/system/mfs-alert.service";
/// Where alerts are dropped and wait.
pub const RUN_DIR: &str = "/run/mfs-alert";
/// Copies that survive a reboot.
pub const VAR_DIR: &str = "/var/lib/mfs-alert";

/// A sender at work still has the old script or settings, or the path unit the old file.
pub const MARK: &str = "mfs-alert:restart";

/// Files on masters, also where nobody is to be told: what was there once must go.
pub const FILES: [&str; 5] = [SCRIPT, CONF, CA, PATH_UNIT_FILE, SERVICE_UNIT_FILE];

/// Files managed on this node.
#[must_use]
pub fn files(node: &Node) -> Vec<String> {
    if node.is(Role::Master) { FILES.map(str::to_owned).to_vec() } else { Vec::new() }
}

/// Units looked at on this node.
#[must_use]
pub fn units(node: &Node) -> Vec<String> {
    if node.is(Role::Master) { [PATH_UNIT, SERVICE_UNIT].map(str::to_owned).to_vec() } else { Vec::new() }
}
