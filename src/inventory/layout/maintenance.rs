//! Where the time of chunkservers in maintenance is kept, on the masters.

use crate::inventory::model::{Node, Role};

/// The script.
pub const SCRIPT: &str = "/usr/local/sbin/mfs-maintenance";
/// Runs when it is time.
pub const SERVICE_UNIT: &str = "mfs-maintenance.service";
/// Looks whether it is.
pub const TIMER_UNIT: &str = "mfs-maintenance.timer";
/// Its file.
pub const SERVICE_UNIT_FILE: &str = "/etc/systemd/system/mfs-maintenance.service";
/// Its file.
pub const TIMER_UNIT_FILE: &str = "/etc/systemd/system/mfs-maintenance.timer";
/// One file a chunkserver, `IP:PORT`.
pub const DIR: &str = "/var/lib/mfsctl/maintenance";

/// Files managed on this node.
#[must_use]
pub fn files(node: &Node) -> Vec<String> {
    if node.is(Role::Master) { [SCRIPT, SERVICE_UNIT_FILE, TIMER_UNIT_FILE].map(str::to_owned).to_vec() } else { Vec::new() }
}

/// Units looked at on this node.
#[must_use]
pub fn units(node: &Node) -> Vec<String> {
    if node.is(Role::Master) { [TIMER_UNIT, SERVICE_UNIT].map(str::to_owned).to_vec() } else { Vec::new() }
}
