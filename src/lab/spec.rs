//! What a lab is made of, in plain values of its own: no inventory is known here.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::error::{LabError, Result};

/// Memory of a metadata master, MiB: mfsmaster preallocates 210 MB and is OOM-killed at 320.
pub const MASTER_MEMORY: u32 = 1024;
/// Memory of any other node, MiB.
pub const NODE_MEMORY: u32 = 320;
/// Size of a master's data disk: small, so that a first DRBD sync takes seconds.
pub const MASTER_DISK: u64 = 1 << 30;
/// Size of a chunkserver's disk; sparse on the host.
pub const CHUNK_DISK: u64 = 2 << 30;

/// One lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabSpec {
    /// Name: part of the namespace's name and of paths.
    pub name: String,
    /// Prefix length of the nodes' network.
    pub prefix: u8,
    /// Address of the host's end of the bridge; the package repository answers there.
    pub gateway: Ipv4Addr,
    /// The machines.
    pub nodes: Vec<NodeSpec>,
}

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// Host name, also `uname -n`.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Memory in MiB.
    pub memory_mb: u32,
    /// Its disks beside the one it boots from.
    pub disks: Vec<DiskSpec>,
}

/// One empty disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskSpec {
    /// Path on the node: `/dev/ubdb` is the real name of the first one; others, such as `/dev/sdb`, become a
    /// symbolic link to it (and `/dev/sdb1` to its partitions).
    pub device: String,
    /// Bytes; sparse on the host.
    pub size: u64,
}

impl LabSpec {
    /// The reference cluster: two masters, three chunkservers, three clients.
    #[must_use]
    pub fn reference(name: &str) -> Self {
        let node = |number: u8, last: u8, memory_mb, size: Option<u64>| NodeSpec {
            name: format!("node{number}"),
            address: Ipv4Addr::new(172, 16, 0, last),
            memory_mb,
            disks: size.map(|size| DiskSpec { device: "/dev/ubdb".into(), size }).into_iter().collect(),
        };
        let masters = (1..=2).map(|n| node(n, 40 + n, MASTER_MEMORY, Some(MASTER_DISK)));
        let chunkservers = (3..=5).map(|n| node(n, 40 + n, NODE_MEMORY, Some(CHUNK_DISK)));
        let clients = (6..=8).map(|n| node(n, 5 + n, NODE_MEMORY, None));
        Self {
            name: name.into(),
            prefix: 24,
            gateway: Ipv4Addr::new(172, 16, 0, 254),
            nodes: masters.chain(chunkservers).chain(clients).collect(),
        }
    }

    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&NodeSpec> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// Finds every fault at once.
    ///
    /// # Errors
    /// [`LabError::Spec`] with a sentence for each fault.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        if let Err(fault) = check_name(&self.name) {
            faults.push(fault);
        }
        if self.nodes.is_empty() {
            faults.push("has no nodes".into());
        }
        if !(8..=30).contains(&self.prefix) {
            faults.push(format!("prefix /{} is not between /8 and /30", self.prefix));
        }
        let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::from([self.gateway]));
        for node in &self.nodes {
            faults.extend(node.faults());
            if !names.insert(&node.name) {
                faults.push(format!("two nodes are called {}", node.name));
            }
            if !addresses.insert(node.address) {
                faults.push(format!("{}: address {} is taken", node.name, node.address));
            }
            if network(node.address, self.prefix) != network(self.gateway, self.prefix) {
                faults.push(format!("{}: {} is not in the bridge's network {}/{}", node.name, node.address, self.gateway, self.prefix));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(LabError::Spec { name: self.name.clone(), faults }) }
    }
}

impl NodeSpec {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.name.is_empty() || self.name.len() > 63 || self.name.starts_with('-') || !self.name.chars().all(plain) {
            faults.push(format!("{:?} is not a host name (letters, digits and -)", self.name));
        }
        if self.memory_mb < 128 {
            faults.push(format!("{}: {} MiB of memory do not boot; 128 is the least", self.name, self.memory_mb));
        }
        if self.disks.len() > 14 {
            faults.push(format!("{}: {} disks, 14 are possible", self.name, self.disks.len()));
        }
        for disk in &self.disks {
            let short = disk.device.strip_prefix("/dev/").unwrap_or_default();
            let plain = short.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            if short.is_empty() || !plain || short == "ubda" {
                faults.push(format!("{}: {:?} is not a disk a lab can make, e.g. /dev/ubdb or /dev/sdb", self.name, disk.device));
            }
            if disk.size < 16 << 20 {
                faults.push(format!("{}: {}: {} bytes are less than 16 MiB", self.name, disk.device, disk.size));
            }
        }
        let devices: BTreeSet<_> = self.disks.iter().map(|d| &d.device).collect();
        if devices.len() != self.disks.len() {
            faults.push(format!("{}: a disk is named twice", self.name));
        }
        faults
    }
}

/// Whether a name may stand in paths and namespaces.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> std::result::Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 32 || !name.chars().all(plain) || name.starts_with('-') {
        return Err(format!("{name:?} is not a lab's name (1–32 of a–z, 0–9 and -)"));
    }
    Ok(())
}

/// The command that makes the lab of that name.
#[must_use]
pub fn up_command(name: &str) -> String {
    if name == "lab" { "mfsctl lab up".to_owned() } else { format!("mfsctl lab up --name {name}") }
}

/// The network part of an address.
#[must_use]
pub fn network(address: Ipv4Addr, prefix: u8) -> u32 {
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
    u32::from(address) & mask
}

/// The highest address of a network that nobody uses, for the bridge.
#[must_use]
pub fn free_address(inside: Ipv4Addr, prefix: u8, used: &BTreeSet<Ipv4Addr>) -> Option<Ipv4Addr> {
    let first = network(inside, prefix);
    let last = first | u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    (first + 1..last).rev().map(Ipv4Addr::from).find(|a| !used.contains(a))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_sound() {
        let spec = LabSpec::reference("lab");
        spec.check().unwrap();
        assert_eq!(spec.nodes.len(), 8);
        assert_eq!(spec.node("node8").unwrap().address, Ipv4Addr::new(172, 16, 0, 13));
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let mut spec = LabSpec::reference("Bad Name");
        spec.nodes[0].name = "node_1".into();
        spec.nodes[1].address = spec.gateway;
        spec.nodes[2].address = Ipv4Addr::new(10, 0, 0, 1);
        spec.nodes[3].disks[0].device = "/dev/ubda".into();
        spec.nodes[4].disks[0].size = 1;
        spec.nodes[5].memory_mb = 10;
        spec.nodes[7].name = "node7".into();
        let said = spec.check().unwrap_err().to_string();
        for part in [
            "\"Bad Name\"",
            "\"node_1\"",
            "is taken",
            "10.0.0.1 is not in",
            "/dev/ubda",
            "less than 16 MiB",
            "10 MiB",
            "two nodes are called node7",
        ] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }

    #[test]
    fn the_bridge_takes_a_free_address() {
        let used = BTreeSet::from([Ipv4Addr::new(10, 1, 2, 6), Ipv4Addr::new(10, 1, 2, 5)]);
        assert_eq!(free_address(Ipv4Addr::new(10, 1, 2, 5), 29, &used), Some(Ipv4Addr::new(10, 1, 2, 4)));
        let full = BTreeSet::from([Ipv4Addr::new(10, 1, 2, 6), Ipv4Addr::new(10, 1, 2, 5)]);
        assert_eq!(free_address(Ipv4Addr::new(10, 1, 2, 5), 30, &full), None);
    }
}
