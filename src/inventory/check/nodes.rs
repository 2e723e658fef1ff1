//! Names, addresses, roles, priorities, witnesses and ports.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::inventory::diagnostic::{Findings, Pos};
use crate::inventory::document::{Document, PlacedSettings};
use crate::inventory::model::Role;
use crate::inventory::reader::did_you_mean;
use crate::inventory::resolve::{self, Folded, given};

/// Addresses are unique, the VIP is free and inside the masters' network.
pub fn names_and_addresses(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    let mut seen: BTreeMap<Ipv4Addr, (&str, Pos)> = BTreeMap::new();
    for node in nodes {
        let Some(address) = &node.part.address else { continue };
        if let Some((other, at)) = seen.insert(address.value, (node.name(), address.at)) {
            let place = findings.place(at, address.at);
            findings.error(
                address.at,
                format!("{} is also the address of node {other:?} ({place})", address.value),
                "each node has an address of its own",
            );
        }
    }
    let lower = |n: &Folded<'_>| n.name().to_lowercase();
    for (i, node) in nodes.iter().enumerate() {
        if let Some(other) = nodes[..i].iter().find(|o| lower(o) == lower(node) && o.name() != node.name()) {
            findings.error(
                node.at(),
                format!("node name {:?} differs from {:?} only by capitals", node.name(), other.name()),
                "host names do not tell capitals apart",
            );
        }
    }
    let Some(vip) = &doc.vip else { return };
    if let Some(node) = nodes.iter().find(|n| n.name() == vip.value.name) {
        findings.error(node.at(), format!("node {:?} has the name of the vip", node.name()), "rename the node, or set vip.name");
    }
    if let Some((name, _)) = seen.get(&vip.value.address) {
        findings.error(
            vip.at,
            format!("the vip {} is the address of node {name:?}", vip.value.address),
            "use a free address of the masters' network",
        );
    }
    let mask = u32::MAX.checked_shl(32 - u32::from(vip.value.prefix)).unwrap_or(0);
    let number = u32::from(vip.value.address);
    if vip.value.prefix < 31 && (number & !mask == 0 || number & !mask == !mask) {
        findings.error(
            vip.at,
            format!("the vip {} is the network or broadcast address of its /{}", vip.value.address, vip.value.prefix),
            "use a host address, or correct vip.prefix",
        );
    }
    for node in nodes.iter().filter(|n| n.is(Role::Master)) {
        let Some(address) = &node.part.address else { continue };
        if u32::from(address.value) & mask != number & mask {
            let message = format!(
                "the vip {}/{} is outside the network of master {:?} ({})",
                vip.value.address,
                vip.value.prefix,
                node.name(),
                address.value
            );
            findings.error(vip.at, message, "the vip and both masters share one network: correct the address or vip.prefix");
        }
    }
}

/// Groups name existing nodes, each once.
pub fn groups(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    for group in &doc.groups {
        known_nodes(&group.nodes, &format!("group {:?}", group.name), nodes, findings);
    }
}

/// Every name is a node's; none is there twice.
pub fn known_nodes(names: &[crate::inventory::diagnostic::Placed<String>], what: &str, nodes: &[Folded<'_>], findings: &mut Findings) {
    let all: Vec<&str> = nodes.iter().map(Folded::name).collect();
    for (i, name) in names.iter().enumerate() {
        if !all.contains(&name.value.as_str()) {
            findings.error(name.at, format!("{what} names an unknown node {:?}", name.value), did_you_mean(&name.value, &all));
        } else if names[..i].iter().any(|n| n.value == name.value) {
            findings.error(name.at, format!("{what} names node {:?} twice", name.value), "keep one");
        }
    }
}

/// Two masters exactly; something to store data on; roles for everybody.
pub fn roles(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    let start = doc.nodes_at;
    for node in nodes.iter().filter(|n| n.roles.is_empty() && !n.layer.roles_broken) {
        findings.error(
            node.at(),
            format!("node {:?} has no roles", node.name()),
            "add `roles: [master, metalogger, chunkserver, client]`, those that apply",
        );
    }
    if nodes.is_empty() || nodes.iter().any(|n| n.layer.roles_broken) {
        if nodes.is_empty() && findings.clean() {
            findings.error(start, "no nodes", "write `NAME: {address: …, roles: […]}` lines");
        }
        return;
    }
    let masters: Vec<&Folded<'_>> = nodes.iter().filter(|n| n.is(Role::Master)).collect();
    match masters.len() {
        2 => {}
        0 | 1 => findings.error(start, format!("{} of two masters", masters.len()), "give exactly two nodes the role master"),
        n => {
            let names: Vec<&str> = masters.iter().map(|m| m.name()).collect();
            findings.error(
                masters.get(2).map_or(start, |m| m.at()),
                format!("{n} masters: {}", names.join(", ")),
                "give exactly two nodes the role master",
            );
        }
    }
    if !nodes.iter().any(|n| n.is(Role::Chunkserver)) {
        findings.error(start, "no chunkserver: there is nothing to store data on", "give at least one node the role chunkserver");
    }
    if !nodes.iter().any(|n| n.is(Role::Metalogger)) {
        findings.warn(
            start,
            "no metalogger: nothing keeps a second running copy of the metadata",
            "give the masters the role metalogger too",
        );
    }
    if !doc.tenants.is_empty() && !nodes.iter().any(|n| n.is(Role::Client)) {
        findings.error(start, "tenants need a client: their folders are made through one", "give a node the role client");
    }
}

/// The preferred master exists, and the two priorities differ.
pub fn priorities(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    let masters: Vec<&str> = nodes.iter().filter(|n| n.is(Role::Master)).map(Folded::name).collect();
    let broken = nodes.iter().any(|n| n.layer.roles_broken);
    if let Some(preferred) = doc.preferred.as_ref().filter(|p| !broken && !masters.contains(&p.value.as_str())) {
        findings.error(
            preferred.at,
            format!("masters.preferred names {:?}, which is not a master", preferred.value),
            format!("masters: {}", masters.join(", ")),
        );
    }
    for node in nodes.iter().filter(|n| !n.is(Role::Master) && !n.roles.is_empty()) {
        if let Some(priority) = &node.part.priority {
            findings.warn(priority.at, format!("priority of node {:?} has no effect: it is not a master", node.name()), "remove it");
        }
    }
    let both: Vec<(&Folded<'_>, Option<u8>)> = nodes.iter().zip(resolve::priorities(doc, nodes)).filter(|(_, p)| p.is_some()).collect();
    if let [(a, first), (b, second)] = both.as_slice()
        && first == second
    {
        let at = b.part.priority.as_ref().or(a.part.priority.as_ref()).map_or(b.at(), |p| p.at);
        findings.error(
            at,
            format!("masters {:?} and {:?} have the same priority", a.name(), b.name()),
            "the higher priority is the preferred master: make them differ",
        );
    }
}

/// Witnesses exist, are not masters, share a secret, and are enough for a majority.
pub fn witnesses(doc: &Document, nodes: &[Folded<'_>], witnesses: &[String], findings: &mut Findings) {
    let written = doc.ha.witnesses.as_deref().unwrap_or_default();
    known_nodes(written, "ha.witnesses", nodes, findings);
    for witness in written {
        if nodes.iter().any(|n| n.name() == witness.value && n.is(Role::Master)) {
            findings.error(
                witness.at,
                format!("master {:?} cannot be a witness", witness.value),
                "witnesses decide between the masters: use chunkservers or metaloggers",
            );
        }
    }
    let at = written.first().map_or(doc.ha.at, |w| w.at);
    if !witnesses.is_empty() && !doc.ha.secret_written && !doc.ha.values.as_ref().is_some_and(|h| given(&h.witness_secret)) {
        findings.error(
            doc.ha.at,
            "missing key \"witness_secret\" in ha",
            "the masters prove themselves to the witnesses with it: any random text of 8 to 128 characters",
        );
    }
    if nodes.is_empty() || nodes.iter().any(|n| n.layer.roles_broken) {
        return;
    }
    if witnesses.len() < 3 {
        let message =
            format!("{} for takeover votes, three are needed to survive the loss of one", count(witnesses.len(), "witness", "witnesses"));
        findings.warn(at, message, "add chunkservers, or metaloggers that are not masters");
    } else if !written.is_empty() && witnesses.len().is_multiple_of(2) {
        let message = format!("{} witnesses: an even number survives no more losses than one fewer, and can tie", witnesses.len());
        findings.warn(at, message, "name an odd number in ha.witnesses");
    }
}

/// `1 witness`, `2 witnesses`.
fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// No two services of a node listen on one port.
pub fn ports(doc: &Document, nodes: &[Folded<'_>], witnesses: &[String], findings: &mut Findings) {
    for node in nodes {
        let mut used: Vec<(u16, String, Pos)> = Vec::new();
        // With a host of its own the port may be that of a forwarder.
        if node.layer.ssh.host.is_none() {
            used.push((node.layer.ssh.port.unwrap_or(22), "ssh".to_owned(), node.at()));
        }
        let mut take = |port: u16, service: &str, at: Pos, findings: &mut Findings| {
            if let Some((_, other, _)) = used.iter().find(|(p, _, _)| *p == port) {
                let message = format!("port {port} is used twice on node {:?}: {other} and {service}", node.name());
                findings.error(at, message, "give one of them another port");
            }
            used.push((port, service.to_owned(), at));
        };
        if node.is(Role::Master) {
            let settings = doc.moosefs.as_ref().map(|m| &m.master);
            for (key, usual, service) in [
                ("MATOML_LISTEN_PORT", 9419, "master (metaloggers)"),
                ("MATOCS_LISTEN_PORT", 9420, "master (chunkservers)"),
                ("MATOCL_LISTEN_PORT", 9421, "master (clients)"),
            ] {
                let (port, at) = listen(settings, key, usual, node.at());
                take(port, service, at, findings);
            }
            if let Some(moosefs) = &doc.moosefs {
                take(moosefs.cgi_port.value, "web monitor (cgi_port)", moosefs.cgi_port.at, findings);
            }
            if let Some(drbd) = &doc.drbd {
                take(drbd.value.port, "drbd", drbd.at, findings);
            }
        }
        if node.is(Role::Chunkserver) {
            let (port, at) = listen(Some(&node.layer.chunkserver), "CSSERV_LISTEN_PORT", 9422, node.at());
            take(port, "chunkserver", at, findings);
        }
        if let Some(ha) = doc.ha.values.as_ref().filter(|_| witnesses.iter().any(|w| w == node.name())) {
            take(ha.witness_port, "witness", doc.ha.port_at, findings);
        }
    }
}

fn listen(settings: Option<&PlacedSettings>, key: &str, usual: u16, at: Pos) -> (u16, Pos) {
    match settings.and_then(|s| s.get(key)) {
        Some(set) => (set.value.parse().unwrap_or(usual), set.at),
        None => (usual, at),
    }
}
