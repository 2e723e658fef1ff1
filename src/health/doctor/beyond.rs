//! Rules about what only `doctor` asks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::super::catalogue::{moosefs, node as on_node, pair};
use super::super::{CLUSTER, Found};
use super::Seen;
use crate::fact::checkup::{self, Checkup};
use crate::inventory::layout::takeover::{MASTER_DROP_IN, MASTER_UNIT};
use crate::inventory::model::{Node, Role, VersionLine};
use crate::step::facts_of;

/// Everything about one node.
pub fn node(seen: &Seen, node: &Node, checkup: &Checkup, found: &mut Found) {
    names(seen, node, checkup, found);
    for path in &checkup.readable {
        let fix = format!("`chmod o-rwx {path}` there; the secret in it is the one in use, or was");
        found.tell(&on_node::SECRET_READABLE, &node.name, format!("{path} is readable for everybody"), "its owner and group only", fix);
    }
    if let Some(first) = checkup.torn.first() {
        let message = format!("{} finished changelogs end in the middle of a line, the first is {first}", checkup.torn.len());
        found.tell(&pair::CHANGELOG_TORN, &node.name, message, "every finished changelog ends with a newline", pair::CHANGELOG_TORN.fix);
    }
    if node.is(Role::Master) {
        master(seen, node, checkup, found);
    }
}

fn names(seen: &Seen, node: &Node, checkup: &Checkup, found: &mut Found) {
    let vip = &seen.cluster.vip;
    let wanted = format!("{} for the name {}", vip.address, vip.name);
    let fix = format!("run `mfsctl provision --limit {} --only names`", node.name);
    match checkup.vip_name {
        Some(address) if address == vip.address => found.ok(&node.name, format!("{} is {address}", vip.name), wanted),
        Some(address) => found.tell(&on_node::VIP_NAME_WRONG, &node.name, format!("{} is {address} there", vip.name), wanted, fix),
        None => found.tell(&on_node::VIP_NAME_WRONG, &node.name, format!("{} has no address there", vip.name), wanted, fix),
    }
}

fn master(seen: &Seen, node: &Node, checkup: &Checkup, found: &mut Found) {
    let name = &node.name;
    let Some(facts) = facts_of(seen.state, name) else { return };
    let unit = facts.units.get(MASTER_UNIT);
    for starter in &checkup.starters {
        let (kind, path) = starter.split_once(' ').unwrap_or(("", starter));
        // systemd passes over a SysV script whose name a unit of its own has (man systemd-sysv-generator).
        if kind == "rc" && path.ends_with("moosefs-master") && unit.exists() {
            continue;
        }
        let fix = match kind {
            "rc" => format!("`rm {path}` there"),
            _ => format!("take the line with mfsmaster out of {path}"),
        };
        found.tell(&pair::MASTER_AT_BOOT_OTHERWISE, name, format!("{path} starts mfsmaster"), "only the takeover starts mfsmaster", fix);
    }
    if unit.exists() {
        let guarded = facts.files.content(MASTER_DROP_IN).is_some_and(|text| text.contains("AssertPathIsMountPoint="));
        let fix = format!("run `mfsctl provision --limit {name} --only takeover`");
        if guarded {
            found.ok(name, "moosefs-master starts only where the volume is mounted", "an assertion in its unit");
        } else {
            let message = format!("moosefs-master has no assertion that {} is mounted", seen.cluster.mount_point);
            found.tell(&pair::MASTER_UNGUARDED, name, message, "AssertPathIsMountPoint in its drop-in", fix.clone());
        }
        in_force(seen, name, checkup, &fix, found);
    }
    firewall(seen, node, checkup, found);
}

/// The unit of mfsmaster as systemd has it, all drop-ins read.
fn in_force(seen: &Seen, name: &str, checkup: &Checkup, fix: &str, found: &mut Found) {
    let value = |key: &str| checkup.master_unit.get(key).map_or("", String::as_str);
    if checkup.master_unit.is_empty() {
        return;
    }
    if value("Type") == "forking" || !value("PIDFile").is_empty() {
        let message = format!("moosefs-master has Type={} PIDFile={}", value("Type"), value("PIDFile"));
        found.tell(&pair::UNIT_PACKAGED, name, message, "Type=simple, no PIDFile", fix);
        return;
    }
    // A value this program cannot read is none it can judge.
    let limit = |key: &str| checkup::span(value(key)).ok();
    let stop_wait = seen.cluster.ha.stop_wait.as_secs_f64();
    let mut wrong = Vec::new();
    if let Some(Some(start)) = limit("TimeoutStartUSec") {
        wrong.push(format!("a start may take {start:.0} s only"));
    }
    match limit("TimeoutStopUSec") {
        Some(Some(stop)) if (stop - stop_wait).abs() >= 1.0 => wrong.push(format!("a stop may take {stop:.0} s")),
        Some(None) => wrong.push("a stop may take for ever".to_owned()),
        _ => {}
    }
    if !matches!(value("Restart"), "" | "no") {
        wrong.push(format!("Restart={}", value("Restart")));
    }
    let wanted = format!("no limit of a start, {stop_wait:.0} s for a stop, Restart=no");
    if wrong.is_empty() {
        found.ok(name, "moosefs-master's time limits fit the takeover", wanted);
    } else {
        found.tell(&pair::UNIT_TIMEOUTS, name, format!("moosefs-master: {}", wrong.join(", ")), wanted, fix);
    }
}

/// Whether rules that drop by default name VRRP, its group or the peer; anything cleverer than that is for people.
fn firewall(seen: &Seen, node: &Node, checkup: &Checkup, found: &mut Found) {
    let Some(peer) = seen.cluster.peer(node) else { return };
    if filters_vrrp(&checkup.firewall, peer.address) {
        let fix =
            format!("let protocol 112 in from {}: e.g. `iptables -I INPUT -p vrrp -s {} -j ACCEPT`, and keep it", peer.name, peer.address);
        let message = "its rules drop what they do not name, and name neither VRRP nor the other master";
        found.tell(&on_node::VRRP_FILTERED, &node.name, message, "VRRP adverts let in", fix);
    }
}

/// See [`firewall`].
#[must_use]
pub fn filters_vrrp(rules: &[String], peer: Ipv4Addr) -> bool {
    let drops = |line: &String| {
        let line = line.trim();
        let policy = line == "-P INPUT DROP" || (line.contains("hook input") && line.contains("policy drop"));
        let last = ["-A INPUT -j DROP", "-A INPUT -j REJECT", "reject with icmp"].iter().any(|start| line.starts_with(start));
        policy || last
    };
    let allows = |line: &String| {
        let accept = line.contains("ACCEPT") || line.contains("accept");
        let protocol = ["vrrp", "-p 112", "protocol 112", "224.0.0.18"].iter().any(|p| line.contains(p));
        let mut networks = line.split([' ', ',', '{', '}']).filter(|w| w.contains('.'));
        let from = networks.any(|w| match w.parse::<ipnet::Ipv4Net>() {
            Ok(net) => net.contains(&peer),
            Err(_) => w.parse() == Ok(peer),
        });
        let everything = line.trim() == "-A INPUT -j ACCEPT";
        accept && (protocol || from || everything)
    };
    rules.iter().any(drops) && !rules.iter().any(allows)
}

/// What is about several nodes: MTU.
pub fn network(seen: &Seen, found: &mut Found) {
    let well = seen.examined.iter().filter_map(|(name, e)| e.as_ref().ok().map(|c| (name.as_str(), c)));
    let mut by_mtu: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for (name, checkup) in well.clone() {
        if let Some((_, mtu)) = &checkup.mtu {
            by_mtu.entry(*mtu).or_default().push(name);
        }
    }
    let wanted = "one MTU on the whole network";
    match by_mtu.len() {
        0 => {}
        1 => by_mtu.keys().for_each(|mtu| found.ok(CLUSTER, format!("every interface has an MTU of {mtu}"), wanted)),
        _ => {
            let told: Vec<String> = by_mtu.iter().map(|(mtu, names)| format!("{mtu}: {}", names.join(", "))).collect();
            let fix = "give the odd ones the others' MTU (`ip link set dev INTERFACE mtu N`, and in the network's configuration)";
            found.tell(&on_node::MTU_DIFFERS, CLUSTER, told.join("; "), wanted, fix);
        }
    }
    for (name, checkup) in well {
        if let (Some((true, false)), Some((interface, mtu))) = (checkup.pings, &checkup.mtu) {
            let message = format!("the other master gets small packets of it, and none of {mtu} bytes");
            let fix = format!(
                "`ping -M do -s {} PEER` there; lower the MTU of {interface}, or let the switch pass that size",
                mtu.saturating_sub(28)
            );
            found.tell(&on_node::MTU_PATH, name, message, format!("packets of {mtu} bytes pass unsplit"), fix);
        }
    }
}

/// What anybody who reaches a port can do: by MooseFS's design, and by the inventory.
pub fn exposed(seen: &Seen, found: &mut Found) {
    let cluster = seen.cluster;
    let port = crate::fact::takeover::master_port(cluster);
    let wanted = "reached from the cluster's network only";
    let message = format!("port {port} of the master asks for no password: who reaches it can ask and command");
    let fix = format!("let port {port} in from the nodes of the inventory only (firewall of both masters)");
    found.tell(&moosefs::PROTOCOL_OPEN, CLUSTER, message, wanted, fix);
    if cluster.moosefs.version == VersionLine::V4 {
        let port = cluster.moosefs.cgi_port;
        let fix = format!("let port {port} in from trusted addresses only");
        found.tell(&moosefs::GUI_OPEN, CLUSTER, format!("the web monitor on port {port} takes orders without a password"), wanted, fix);
    }
    if cluster.exports.iter().any(|e| e.path == "." && e.network == "*" && e.password.is_none()) {
        let fix = "give `exports` with path `.` a network and a password, then `mfsctl provision --only master-config`";
        found.tell(&moosefs::META_EXPORT_OPEN, CLUSTER, "`.` is exported to * without a password", "a network, and a password", fix);
    }
}

/// What provision would still do.
pub fn drift(seen: &Seen, found: &mut Found) {
    let mut clean = BTreeSet::new();
    for drift in seen.drift {
        let name = &drift.node;
        if let Some(refusal) = &drift.refused {
            found.tell(&on_node::PROVISION_REFUSES, name, refusal.found.clone(), "provision goes through", refusal.fix.clone());
        }
        if !drift.stages.is_empty() {
            let told: Vec<String> = drift.stages.iter().map(|(stage, actions)| format!("{stage}: {}", actions.join(", "))).collect();
            let stages: Vec<&str> = drift.stages.iter().map(|(stage, _)| stage.as_str()).collect();
            let only = stages.join(",");
            let fix =
                format!("`mfsctl provision --limit {name} --only {only} --dry-run --diff` shows it; the same without --dry-run does it");
            found.tell(&on_node::DRIFT, name, format!("provision would change it ({})", told.join("; ")), "nothing left to do", fix);
        } else if drift.refused.is_none() {
            clean.insert(name.as_str());
        }
    }
    if !clean.is_empty() && clean.len() == seen.drift.len() {
        found.ok(CLUSTER, format!("all {} nodes are as the inventory says", clean.len()), "nothing left to do");
    }
}
