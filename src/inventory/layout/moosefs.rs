//! Paths and units of the MooseFS daemons and clients.

use super::super::model::{Cluster, Mount, Node, Role, VersionLine};

/// Directory of the daemons' configuration.
pub const CONFIG_DIR: &str = "/etc/mfs";
/// Configuration of the master.
pub const MASTER_CFG: &str = "/etc/mfs/mfsmaster.cfg";
/// Who may mount what.
pub const EXPORTS_CFG: &str = "/etc/mfs/mfsexports.cfg";
/// Which address belongs to which rack.
pub const TOPOLOGY_CFG: &str = "/etc/mfs/mfstopology.cfg";
/// Configuration of the metalogger.
pub const METALOGGER_CFG: &str = "/etc/mfs/mfsmetalogger.cfg";
/// Configuration of the chunkserver.
pub const CHUNKSERVER_CFG: &str = "/etc/mfs/mfschunkserver.cfg";
/// Data directories of the chunkserver.
pub const HDD_CFG: &str = "/etc/mfs/mfshdd.cfg";
/// Settings of the CGI server's successor in 4.x.
pub const GUI_CFG: &str = "/etc/mfs/mfsgui.cfg";
/// Options of single mounts, passwords among them; 0600.
pub const MOUNTS_DIR: &str = "/etc/mfs/mounts";
/// Has the kernel's FUSE loaded before mounts at boot: not every system makes `/dev/fuse` by itself in time.
pub const FUSE_MODULE: &str = "/etc/modules-load.d/mfsctl-fuse.conf";
/// System-wide table of mounts.
pub const FSTAB: &str = "/etc/fstab";
/// DATA_PATH of metaloggers and chunkservers when nothing else is set.
pub const DATA_DIR: &str = "/var/lib/mfs";
/// Where `mfs-tenants.sh` mounts the whole file system for a moment.
pub const ADMIN_MOUNT: &str = "/run/mfsctl-admin/mnt";
/// Which tenants' directories were made, written after they were; see the `tenants` step.
pub const TENANTS_STAMP: &str = "/var/lib/mfsctl/tenants";
/// What leaves the cluster, or has left it, noted on the node itself.
pub const LEAVING_FILE: &str = "/var/lib/mfsctl/leaving";
/// Where restores work and keep copies, a directory each. Not under `/var/lib/mfsctl`, which only root may enter: mfsmaster works here.
pub const RESTORE_DIR: &str = "/var/lib/mfsctl-restore";
/// Drop-in of the CGI server.
pub const CGI_DROP_IN: &str = "/etc/systemd/system/moosefs-cgiserv.service.d/mfsctl.conf";
/// Drop-in of the chunkserver.
pub const CHUNKSERVER_DROP_IN: &str = "/etc/systemd/system/moosefs-chunkserver.service.d/mfsctl.conf";

/// The master's unit.
pub const MASTER_UNIT: &str = "moosefs-master.service";
/// The metalogger's unit.
pub const METALOGGER_UNIT: &str = "moosefs-metalogger.service";
/// The chunkserver's unit.
pub const CHUNKSERVER_UNIT: &str = "moosefs-chunkserver.service";

/// The unit of the web monitor: 4.x has a program of its own instead of the CGI server.
#[must_use]
pub fn cgi_unit(version: VersionLine) -> &'static str {
    match version {
        VersionLine::V2 | VersionLine::V3 => "moosefs-cgiserv.service",
        VersionLine::V4 => "moosefs-gui.service",
    }
}

/// The options file of a mount, one a mount point: `/etc/mfs/mounts/mnt-mfs.cfg` for `/mnt/mfs`.
#[must_use]
pub fn mount_cfg(mount: &Mount) -> String {
    format!("{MOUNTS_DIR}/{}.cfg", mount_name(&mount.path))
}

/// A word for a mount point, different for different ones: `/` becomes `-`, anything but letters, digits, `.` and `_` its hex code.
#[must_use]
pub fn mount_name(path: &str) -> String {
    let mut name = String::new();
    for byte in path.trim_matches('/').bytes() {
        match byte {
            b'/' => name.push('-'),
            b'.' | b'_' => name.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

/// A listening port of the master: as set in the free settings, else the built-in one (man mfsmaster.cfg).
#[must_use]
pub fn master_port(cluster: &Cluster, key: &str, default: u16) -> u16 {
    cluster.moosefs.master.get(key).and_then(|p| p.trim().parse().ok()).unwrap_or(default)
}

/// The port this node's chunkserver listens on (man mfschunkserver.cfg).
#[must_use]
pub fn chunkserver_port(node: &Node) -> u16 {
    node.chunkserver.get("CSSERV_LISTEN_PORT").and_then(|p| p.trim().parse().ok()).unwrap_or(9422)
}

/// DATA_PATH of this node's metalogger.
#[must_use]
pub fn metalogger_dir(node: &Node) -> &str {
    node.metalogger.get("DATA_PATH").map_or(DATA_DIR, String::as_str)
}

/// Whether this node makes the tenants' directories.
#[must_use]
pub fn makes_tenants(cluster: &Cluster, node: &Node) -> bool {
    cluster.with_role(Role::Client).next().is_some_and(|first| first.name == node.name)
}

/// Files managed on this node.
#[must_use]
pub fn files(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    let mut add = |paths: &[&str]| files.extend(paths.iter().map(|p| (*p).to_owned()));
    add(&[LEAVING_FILE]);
    if node.is(Role::Master) {
        add(&[MASTER_CFG, EXPORTS_CFG, TOPOLOGY_CFG]);
        add(if cluster.moosefs.version == VersionLine::V4 { &[GUI_CFG] } else { &[CGI_DROP_IN] });
    }
    if node.is(Role::Metalogger) {
        add(&[METALOGGER_CFG]);
    }
    if node.is(Role::Chunkserver) {
        add(&[CHUNKSERVER_CFG, HDD_CFG, CHUNKSERVER_DROP_IN]);
    }
    if node.is(Role::Client) {
        add(&[FSTAB, FUSE_MODULE]);
        if makes_tenants(cluster, node) {
            add(&[TENANTS_STAMP]);
        }
        files.extend(node.mounts.iter().map(mount_cfg));
    }
    files
}

/// Units looked at on this node.
#[must_use]
pub fn units(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut units = Vec::new();
    if node.is(Role::Master) {
        units.extend([MASTER_UNIT, cgi_unit(cluster.moosefs.version), "keepalived.service"]);
    }
    if node.is(Role::Metalogger) {
        units.push(METALOGGER_UNIT);
    }
    if node.is(Role::Chunkserver) {
        units.push(CHUNKSERVER_UNIT);
    }
    units.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_get_words_of_their_own() {
        assert_eq!(mount_name("/mnt/mfs"), "mnt-mfs");
        assert_ne!(mount_name("/mnt/a-b"), mount_name("/mnt/a/b"));
        assert_eq!(mount_name("/mnt/a b"), "mnt-a%20b");
    }
}
