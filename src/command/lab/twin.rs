//! From an inventory to its virtual twin: the same names and addresses, sparse disks.

use std::collections::BTreeSet;
use std::path::Path;

use crate::context::inventory_error;
use crate::error::{Error, Result};
use crate::inventory::model::{Cluster, Layout, Node, Role};
use crate::inventory::source::Placeholders;
use crate::inventory::{self, Diagnostic, LoadOptions, Surroundings, Text};
use crate::lab::{CHUNK_DISK, DiskSpec, LabSpec, MASTER_DISK, MASTER_MEMORY, NODE_MEMORY, NodeSpec, Source, free_address, network};

/// The inventory of the lab nobody described: the reference cluster.
const BUILT_IN: &str = include_str!("../../../inventory/lab.yaml");

/// Size of a disk added with `--spare`.
const SPARE_DISK: u64 = 512 << 20;

/// The lab wanted, and the inventory it is a twin of: the one of `--inventory` when that file
/// is there, the built-in one for `-i lab` and where no inventory is.
///
/// # Errors
/// The inventory is wrong, or no address is left for the bridge.
pub fn wanted(path: &Path, name: &str) -> Result<(LabSpec, Source)> {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let wrong = |diagnostics: Vec<Diagnostic>| inventory_error(&diagnostics);
    if path == Path::new("lab") || (path == Path::new("inventory.yaml") && !path.exists()) {
        let text = Text { name: "the lab's own inventory".into(), text: BUILT_IN.into() };
        let surroundings = Surroundings { base: Path::new("/"), home: None, source: &Placeholders, readable_file: None };
        let loaded = inventory::parse(&[text], &surroundings).map_err(wrong)?;
        return Ok((spec_of(&loaded.cluster, name)?, Source::Text(BUILT_IN.into())));
    }
    let loaded = inventory::load(path, &options).map_err(wrong)?;
    let absolute = std::fs::canonicalize(path).map_err(|e| Error::input(format!("{}: {e}", path.display())))?;
    Ok((spec_of(&loaded.cluster, name)?, Source::File(absolute)))
}

/// The twin of a cluster.
///
/// # Errors
/// No address of the nodes' network is left for the bridge.
pub fn spec_of(cluster: &Cluster, name: &str) -> Result<LabSpec> {
    let addresses: Vec<_> = cluster.nodes.iter().map(|n| n.address).collect();
    let Some(first) = addresses.first().copied() else {
        return Err(Error::input("the inventory has no nodes"));
    };
    let mut prefix = if cluster.vip.prefix <= 30 { cluster.vip.prefix } else { 24 };
    while prefix > 8 && addresses.iter().any(|a| network(*a, prefix) != network(first, prefix)) {
        prefix -= 1;
    }
    let used: BTreeSet<_> = addresses.iter().copied().chain([cluster.vip.address]).collect();
    let gateway = free_address(first, prefix, &used).ok_or_else(|| {
        Error::input(format!("the nodes' network {first}/{prefix} has no address left for the lab's bridge")).hint("use a wider prefix")
    })?;
    Ok(LabSpec { name: name.into(), prefix, gateway, nodes: cluster.nodes.iter().map(node).collect() })
}

/// Adds disks that the inventory does not know of, each as `NODE:DEVICE`.
///
/// # Errors
/// A word of another form, a node that is not there, a disk it has already.
pub fn add_spares(spec: &mut LabSpec, spares: &[String]) -> Result<()> {
    for word in spares {
        let wrong = |why: &str| Error::input(format!("--spare {word}: {why}")).hint("write NODE:DEVICE as in node1:/dev/ubdc");
        let (name, device) =
            word.split_once(':').filter(|(_, device)| device.starts_with("/dev/")).ok_or_else(|| wrong("no disk of a node"))?;
        let node = spec.nodes.iter_mut().find(|n| n.name == name).ok_or_else(|| wrong("the lab has no such node"))?;
        if node.disks.iter().any(|d| d.device == device) {
            return Err(wrong("it has that disk already"));
        }
        node.disks.push(DiskSpec { device: device.to_owned(), size: SPARE_DISK });
    }
    Ok(())
}

fn node(node: &Node) -> NodeSpec {
    let mut disks: Vec<DiskSpec> = Vec::new();
    let mut add = |device: &str, size: u64| {
        let device = whole_disk(device).to_owned();
        match disks.iter_mut().find(|d| d.device == device) {
            Some(disk) => disk.size += size,
            None => disks.push(DiskSpec { device, size }),
        }
    };
    if let Some(storage) = &node.storage {
        let size = storage.size.map_or(MASTER_DISK, |wanted| wanted.saturating_add(64 << 20).max(MASTER_DISK));
        add(if storage.layout == Layout::ExistingVg { "/dev/ubdb" } else { &storage.disk }, size);
    }
    for device in node.disks.iter().filter_map(|d| d.device.as_deref()) {
        add(device, CHUNK_DISK);
    }
    let memory_mb = if node.is(Role::Master) { MASTER_MEMORY } else { NODE_MEMORY };
    NodeSpec { name: node.name.clone(), address: node.address, memory_mb, disks }
}

/// The disk a partition is on: `/dev/sdb1` → `/dev/sdb`, `/dev/nvme0n1p2` → `/dev/nvme0n1`.
fn whole_disk(device: &str) -> &str {
    let base = device.trim_end_matches(|c: char| c.is_ascii_digit());
    if base.len() == device.len() {
        return device;
    }
    if ["/dev/nvme", "/dev/mmcblk"].iter().any(|p| device.starts_with(p)) {
        return base.strip_suffix('p').unwrap_or(device);
    }
    base
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn spare_disks_are_added_where_they_fit() {
        let mut spec = LabSpec::reference("lab");
        add_spares(&mut spec, &["node1:/dev/ubdc".to_owned()]).unwrap();
        assert_eq!(spec.node("node1").unwrap().disks[1], DiskSpec { device: "/dev/ubdc".into(), size: SPARE_DISK });
        for wrong in ["node1:/dev/ubdb", "node9:/dev/ubdc", "node1", "node1:ubdc"] {
            assert!(add_spares(&mut spec, &[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_built_in_inventory_is_the_reference() {
        let (spec, source) = wanted(Path::new("lab"), "lab").unwrap();
        assert_eq!(spec, LabSpec::reference("lab"));
        assert_eq!(source, Source::Text(BUILT_IN.into()));
    }

    #[test]
    fn a_file_is_twinned_with_its_own_disk_names() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory/reference.yaml");
        let (spec, source) = wanted(&path, "x").unwrap();
        assert_eq!(spec.node("node2").unwrap().disks, [DiskSpec { device: "/dev/sdb".into(), size: MASTER_DISK }]);
        assert_eq!(source, Source::File(path.canonicalize().unwrap()));
        assert!(wanted(Path::new("/nowhere/inventory.yaml"), "x").is_err());
    }

    #[test]
    fn partitions_belong_to_disks() {
        for (device, disk) in [
            ("/dev/sdb1", "/dev/sdb"),
            ("/dev/sdb", "/dev/sdb"),
            ("/dev/nvme0n1p2", "/dev/nvme0n1"),
            ("/dev/nvme0n1", "/dev/nvme0n1"),
            ("/dev/ubdb12", "/dev/ubdb"),
        ] {
            assert_eq!(whole_disk(device), disk);
        }
    }
}
