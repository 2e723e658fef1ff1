//! Paths and names of names, repositories, packages, disks and the volume's mount.

use super::super::model::{Cluster, Layout, Mirror, MooseFsSource, Node, Role};

/// Names and addresses.
pub const HOSTS: &str = "/etc/hosts";
/// System-wide table of mounts.
pub const FSTAB: &str = "/etc/fstab";
/// apt: the MooseFS repository.
pub const APT_LIST: &str = "/etc/apt/sources.list.d/mfsctl-moosefs.list";
/// apt: the key that signs it.
pub const APT_KEY: &str = "/etc/apt/keyrings/mfsctl-moosefs.asc";
/// yum and dnf: the MooseFS repository, written by mfsctl.
pub const YUM_REPO: &str = "/etc/yum.repos.d/mfsctl-moosefs.repo";
/// yum and dnf: the official repository's own file, fetched by the node.
pub const YUM_OFFICIAL: &str = "/etc/yum.repos.d/MooseFS.repo";
/// rpm: the key that signs MooseFS packages.
pub const YUM_KEY: &str = "/etc/pki/rpm-gpg/RPM-GPG-KEY-MooseFS";
/// yum and dnf: an ELRepo mirror, written by mfsctl.
pub const ELREPO_REPO: &str = "/etc/yum.repos.d/mfsctl-elrepo.repo";
/// rpm: the key that signs ELRepo's packages.
pub const ELREPO_KEY: &str = "/etc/pki/rpm-gpg/RPM-GPG-KEY-elrepo.org";
/// keepalived's unit: once it runs, takeover owns the volume's mount.
pub const KEEPALIVED_UNIT: &str = "keepalived.service";

/// Files managed on this node.
#[must_use]
pub fn files(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut files = vec![HOSTS, APT_LIST, APT_KEY, YUM_REPO, YUM_OFFICIAL, YUM_KEY];
    if node.is(Role::Master) {
        files.extend([ELREPO_REPO, ELREPO_KEY, cluster.mount_point.as_str()]);
    }
    if node.disks.iter().any(|d| d.device.is_some()) || !node.mounts.is_empty() {
        files.push(FSTAB);
    }
    files.extend(node.disks.iter().map(|d| d.path.as_str()));
    files.into_iter().map(str::to_owned).collect()
}

/// Units looked at on this node.
#[must_use]
pub fn units(_cluster: &Cluster, node: &Node) -> Vec<String> {
    if node.is(Role::Master) { vec![KEEPALIVED_UNIT.to_owned()] } else { Vec::new() }
}

/// Packages looked at on this node: of all families and version lines, because the survey asks before it knows which apply.
#[must_use]
pub fn packages(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    if node.is(Role::Master) {
        names.extend(["moosefs-master", "moosefs-cli", "moosefs-cgi", "moosefs-cgiserv", "moosefs-gui", "moosefs-metalogger"]);
        names.extend(["drbd-utils", "drbd84-utils", "kmod-drbd84", "drbd9x-utils", "kmod-drbd9x", "elrepo-release"]);
        names.extend(["keepalived", "lvm2", "xfsprogs", "fdisk", "parted", "kmod", "psmisc", "iputils-arping", "iputils", "curl"]);
        names.push("ca-certificates");
    }
    if node.is(Role::Metalogger) {
        names.push("moosefs-metalogger");
    }
    if node.is(Role::Chunkserver) {
        names.extend(["moosefs-chunkserver", "lvm2", "xfsprogs", "e2fsprogs"]);
    }
    if node.is(Role::Client) {
        names.extend(["moosefs-client", "fuse", "fuse3"]);
    }
    if node.is(Role::Master) || matches!(cluster.repositories.moosefs, MooseFsSource::Official) {
        names.extend(["curl", "ca-certificates"]);
    }
    names.push("yum-plugin-fastestmirror");
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Block devices probed on this node.
#[must_use]
pub fn devices(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut devices = Vec::new();
    if let Some(storage) = &node.storage {
        if storage.layout != Layout::ExistingVg {
            devices.push(storage.disk.clone());
        }
        devices.push(storage.lv_path());
        devices.push(cluster.drbd.device.clone());
    }
    for disk in &node.disks {
        devices.extend(disk.device.clone());
        devices.extend(disk.lvm.as_ref().map(|(vg, lv)| format!("/dev/{vg}/{lv}")));
    }
    devices
}

/// Whether LVM is used on this node.
#[must_use]
pub fn uses_lvm(node: &Node) -> bool {
    node.storage.is_some() || node.disks.iter().any(|d| d.lvm.is_some())
}

/// Directories that are to be mount points of block devices on this node.
#[must_use]
pub fn mount_points(cluster: &Cluster, node: &Node) -> Vec<String> {
    let mut dirs = Vec::new();
    if node.is(Role::Master) {
        dirs.push(cluster.mount_point.clone());
    }
    dirs.extend(node.disks.iter().filter(|d| d.device.is_some()).map(|d| d.path.clone()));
    dirs
}

/// The mirror MooseFS packages come from, when they come from one.
#[must_use]
pub fn moosefs_mirror(cluster: &Cluster) -> Option<&Mirror> {
    match &cluster.repositories.moosefs {
        MooseFsSource::Mirror(mirror) => Some(mirror),
        MooseFsSource::Official | MooseFsSource::Distribution => None,
    }
}
