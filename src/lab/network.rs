//! The lab's network: a namespace with one bridge and a tap for each node. There is no
//! route out of it. A node is cut off by taking its tap off the bridge, a pair of nodes
//! by a rule of the bridge that drops what one sends the other.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::error::Result;
use super::namespace;
use super::spec::LabSpec;
use super::tool::Tool;

/// The bridge's name in the namespace.
pub const BRIDGE: &str = "br0";
/// The table of cuts.
const TABLE: &str = "mfslab";

/// Name of a node's tap: fits 15 characters, differs as addresses do.
#[must_use]
pub fn tap(address: Ipv4Addr) -> String {
    format!("tap{:08x}", u32::from(address))
}

/// Hardware address of a node: locally administered, the same at every boot.
#[must_use]
pub fn hardware_address(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:6d:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// Whether the namespace is there.
#[must_use]
pub fn exists(lab: &str) -> bool {
    // A killed `ip netns add` leaves a plain file where the namespace should be mounted.
    let path = namespace::path(lab);
    path.exists() && namespace::within(&path, || Ok(())).is_ok()
}

/// Makes namespace, bridge and taps; what is there already stays.
///
/// # Errors
/// `ip` fails.
pub fn create(spec: &LabSpec) -> Result<()> {
    let name = namespace::name(&spec.name);
    if !exists(&spec.name) {
        remove(&spec.name)?;
        Tool::new("ip").args(["netns", "add", &name]).run()?;
    }
    let present = Tool::new("ip").args(["-n", &name, "-o", "link", "show"]).run()?.text();
    let has = |link: &str| present.lines().any(|l| l.split(": ").nth(1).is_some_and(|n| n.split('@').next() == Some(link)));
    let mut batch = String::new();
    if !has(BRIDGE) {
        batch += &format!("link set lo up\nlink add {BRIDGE} type bridge forward_delay 0 mcast_snooping 0\n");
        batch += &format!("addr add {}/{} dev {BRIDGE}\nlink set {BRIDGE} up\n", spec.gateway, spec.prefix);
    }
    for tap in spec.nodes.iter().map(|n| tap(n.address)).filter(|t| !has(t)) {
        batch += &format!("tuntap add dev {tap} mode tap\nlink set {tap} master {BRIDGE} up\n");
    }
    if !batch.is_empty() {
        Tool::new("ip").args(["-n", &name, "-batch", "-"]).input(batch).run()?;
    }
    Ok(())
}

/// Removes the namespace with all in it.
///
/// # Errors
/// `ip` fails.
pub fn remove(lab: &str) -> Result<()> {
    if namespace::path(lab).exists() {
        Tool::new("ip").args(["netns", "delete", &namespace::name(lab)]).run()?;
    }
    Ok(())
}

/// Faults of the network now in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cuts {
    /// Nodes off the bridge.
    pub nodes: BTreeSet<String>,
    /// Pairs that do not hear each other, each in order of names.
    pub pairs: BTreeSet<(String, String)>,
}

impl Cuts {
    /// Adds a cut between two nodes.
    pub fn add_pair(&mut self, a: &str, b: &str) {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        self.pairs.insert((first.to_owned(), second.to_owned()));
    }

    /// Takes back every cut of a node.
    pub fn heal(&mut self, node: &str) {
        self.nodes.remove(node);
        self.pairs.retain(|(a, b)| a != node && b != node);
    }

    /// Whether the network is whole.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.pairs.is_empty()
    }
}

/// Makes the network as the cuts say: taps on or off the bridge, rules replaced in one transaction.
///
/// # Errors
/// `ip` or `nft` fails.
pub fn apply(spec: &LabSpec, cuts: &Cuts) -> Result<()> {
    let name = namespace::name(&spec.name);
    let path = namespace::path(&spec.name);
    let rules = ruleset(spec, cuts);
    namespace::within(&path, || Tool::new("nft").args(["-f", "-"]).input(rules).run())?;
    Tool::new("ip").args(["-n", &name, "-batch", "-"]).input(links(spec, cuts)).run().map(drop)
}

fn links(spec: &LabSpec, cuts: &Cuts) -> String {
    let line = |node: &super::spec::NodeSpec| {
        let place = if cuts.nodes.contains(&node.name) { "nomaster".into() } else { format!("master {BRIDGE}") };
        format!("link set {} {place}\n", tap(node.address))
    };
    spec.nodes.iter().map(line).collect()
}

fn ruleset(spec: &LabSpec, cuts: &Cuts) -> String {
    let mut text = format!("add table bridge {TABLE}\ndelete table bridge {TABLE}\n");
    if cuts.pairs.is_empty() {
        return text;
    }
    text += &format!("table bridge {TABLE} {{\n chain forward {{\n  type filter hook forward priority 0; policy accept;\n");
    for (a, b) in &cuts.pairs {
        if let (Some(a), Some(b)) = (spec.node(a), spec.node(b)) {
            let (a, b) = (tap(a.address), tap(b.address));
            text += &format!("  iifname \"{a}\" oifname \"{b}\" drop\n  iifname \"{b}\" oifname \"{a}\" drop\n");
        }
    }
    text + " }\n}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_kernel() {
        assert_eq!(tap(Ipv4Addr::new(172, 16, 0, 41)), "tapac100029");
        assert!(tap(Ipv4Addr::BROADCAST).len() <= 15);
        assert_eq!(hardware_address(Ipv4Addr::new(172, 16, 0, 41)), "02:6d:ac:10:00:29");
    }

    #[test]
    fn a_pair_is_cut_both_ways_and_a_node_off_the_bridge() {
        let spec = LabSpec::reference("lab");
        let mut cuts = Cuts::default();
        cuts.add_pair("node2", "node1");
        cuts.add_pair("node1", "node2");
        cuts.nodes.insert("node3".into());
        assert_eq!(cuts.pairs.len(), 1);
        let rules = ruleset(&spec, &cuts);
        assert!(rules.contains("iifname \"tapac100029\" oifname \"tapac10002a\" drop"), "{rules}");
        assert!(rules.contains("iifname \"tapac10002a\" oifname \"tapac100029\" drop"), "{rules}");
        let links = links(&spec, &cuts);
        assert!(links.contains("link set tapac10002b nomaster\n") && links.contains("link set tapac100029 master br0\n"), "{links}");
    }

    #[test]
    fn healing_a_node_takes_back_all_its_cuts() {
        let mut cuts = Cuts::default();
        cuts.add_pair("a", "b");
        cuts.add_pair("b", "c");
        cuts.nodes.insert("a".into());
        cuts.heal("a");
        assert_eq!(cuts.pairs.len(), 1);
        cuts.heal("b");
        assert!(cuts.is_empty());
        assert_eq!(ruleset(&LabSpec::reference("lab"), &cuts).lines().count(), 2);
    }
}
