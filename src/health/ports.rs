//! The connections the roles need, pair by pair: who must reach whom on which port, which are rightly closed now,
//! and what was found when each node tried.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::Serialize;

use super::catalogue::{Entry, node};
use super::{ClusterReport, Finding, Found, NodeView};
use crate::fact::drbd_status::Connection;
use crate::fact::reach::{Reach, Reached};
use crate::inventory::layout::moosefs;
use crate::inventory::model::{Cluster, Node, Role};

/// What a port should be at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "why")]
pub enum Expect {
    /// Somebody must accept.
    Open,
    /// Nobody listens now, for that reason; the machine must answer all the same.
    Closed(String),
    /// It is not known what should be.
    Either(String),
    /// Not tried: the connection in use proves it.
    InUse,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Node that tries.
    pub from: String,
    /// Node it wants, or `mfsmaster`, the virtual address by its name.
    pub to: String,
    /// Address.
    pub address: Ipv4Addr,
    /// Port.
    pub port: u16,
    /// What it is for.
    pub service: &'static str,
    /// What it should be.
    pub expected: Expect,
    /// What it was; `None` when the node could not try.
    pub found: Option<Reach>,
}

impl Attempt {
    /// Whether it was as it should be; `None` when that cannot be said.
    #[must_use]
    pub fn as_expected(&self) -> Option<bool> {
        match (&self.expected, self.found) {
            (Expect::InUse, _) => Some(true),
            (_, None | Some(Reach::Unknown)) | (Expect::Either(_), _) => None,
            (Expect::Open, Some(found)) => Some(found == Reach::Open),
            // Something else listens there: not this room's to judge.
            (Expect::Closed(_), Some(Reach::Open)) => None,
            (Expect::Closed(_), Some(found)) => Some(found == Reach::Refused),
        }
    }
}

/// Every connection the roles need, in the order of the nodes.
#[must_use]
pub fn wanted(cluster: &Cluster, report: &ClusterReport) -> Vec<Attempt> {
    let mut all = Vec::new();
    for node in &cluster.nodes {
        let Some(view) = view(report, node).filter(|v| v.reachable) else { continue };
        let mut add = |to: &str, address: Ipv4Addr, port: u16, service: &'static str, expected: Expect| {
            all.push(Attempt { from: node.name.clone(), to: to.to_owned(), address, port, service, expected, found: None });
        };
        for (role, key, default, service) in MASTER_PORTS {
            if node.is(role) {
                let port = moosefs::master_port(cluster, key, default);
                add(&cluster.vip.name, cluster.vip.address, port, service, at_the_address(report));
                // What is refused by the standby is not filtered: after a takeover it will do.
                for standby in standbys(cluster, report).filter(|s| s.name != node.name) {
                    add(&standby.name, standby.address, port, service, Expect::Closed("no master runs on the standby".to_owned()));
                }
            }
        }
        if let Some(peer) = cluster.peer(node).filter(|_| node.is(Role::Master)) {
            add(&peer.name, peer.address, cluster.drbd.port, "replication", replication(report, view, peer));
            if view.vip_present != Some(true) {
                add(&cluster.vip.name, cluster.vip.address, cluster.moosefs.cgi_port, "web monitor", at_the_address(report));
            }
        }
        if node.is(Role::Client) || node.is(Role::Chunkserver) {
            for server in cluster.with_role(Role::Chunkserver).filter(|s| s.name != node.name) {
                add(&server.name, server.address, moosefs::chunkserver_port(server), "chunks", chunkserver(report, server));
            }
        }
    }
    all
}

/// Role that connects to the master, the setting of the port, its default (man mfsmaster.cfg), and what it is for.
const MASTER_PORTS: [(Role, &str, u16, &str); 3] = [
    (Role::Metalogger, "MATOML_LISTEN_PORT", 9419, "metaloggers"),
    (Role::Chunkserver, "MATOCS_LISTEN_PORT", 9420, "chunkservers"),
    (Role::Client, "MATOCL_LISTEN_PORT", 9421, "clients"),
];

fn view<'a>(report: &'a ClusterReport, node: &Node) -> Option<&'a NodeView> {
    report.nodes.iter().find(|n| n.name == node.name)
}

fn at_the_address(report: &ClusterReport) -> Expect {
    let holder = report.with_role(Role::Master).find(|n| n.vip_present == Some(true));
    match holder {
        Some(holder) if holder.master_running == Some(true) => Expect::Open,
        Some(holder) => Expect::Either(format!("no MooseFS master runs on {}", holder.name)),
        None => Expect::Either("nobody is known to hold the virtual address".to_owned()),
    }
}

/// Masters that are surely not active.
fn standbys<'a>(cluster: &'a Cluster, report: &'a ClusterReport) -> impl Iterator<Item = &'a Node> {
    let passive = |v: &NodeView| v.vip_present == Some(false) && v.master_running == Some(false);
    cluster.with_role(Role::Master).filter(move |n| view(report, n).is_some_and(passive))
}

fn replication(report: &ClusterReport, own: &NodeView, peer: &Node) -> Expect {
    if own.drbd.as_ref().is_some_and(|d| d.connection.is_connected()) {
        return Expect::InUse;
    }
    match view(report, peer).filter(|p| p.reachable) {
        None => Expect::Either(format!("{} cannot be asked", peer.name)),
        // DRBD 8.4 listens only while it waits for its peer (drbd_receiver.c, conn_connect).
        Some(peer) => match &peer.drbd {
            Some(drbd) if drbd.connection == Connection::WFConnection => Expect::Open,
            Some(drbd) => Expect::Closed(format!("DRBD on {} is {}", peer.name, drbd.connection)),
            None => Expect::Closed(format!("DRBD is not up on {}", peer.name)),
        },
    }
}

fn chunkserver(report: &ClusterReport, server: &Node) -> Expect {
    match view(report, server).and_then(|v| v.chunkserver_running) {
        Some(true) => Expect::Open,
        Some(false) => Expect::Closed(format!("the chunkserver on {} does not run", server.name)),
        None => Expect::Either(format!("{} cannot be asked", server.name)),
    }
}

/// What each node has to try, once each.
#[must_use]
pub fn targets(attempts: &[Attempt]) -> BTreeMap<String, Vec<(Ipv4Addr, u16)>> {
    let mut all: BTreeMap<String, BTreeSet<(Ipv4Addr, u16)>> = BTreeMap::new();
    for attempt in attempts.iter().filter(|a| a.expected != Expect::InUse) {
        all.entry(attempt.from.clone()).or_default().insert((attempt.address, attempt.port));
    }
    all.into_iter().map(|(node, targets)| (node, targets.into_iter().collect())).collect()
}

/// Notes what the nodes found.
pub fn fill(attempts: &mut [Attempt], reached: &BTreeMap<String, Reached>) {
    for attempt in attempts {
        attempt.found = reached.get(&attempt.from).and_then(|r| r.get(&(attempt.address, attempt.port)).copied());
    }
}

/// Findings: one a port, with all nodes that do not reach it.
#[must_use]
pub fn judge(report: &ClusterReport, attempts: &[Attempt]) -> Vec<Finding> {
    let mut found = Found { rule: "ports", findings: Vec::new() };
    let mut groups: BTreeMap<(&str, Ipv4Addr, u16), Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        groups.entry((&attempt.to, attempt.address, attempt.port)).or_default().push(attempt);
    }
    for ((to, address, port), group) in groups {
        let wrong = |reach: Reach| -> Vec<&str> {
            let is = |a: &&&Attempt| a.as_expected() == Some(false) && a.found == Some(reach);
            group.iter().filter(is).map(|a| a.from.as_str()).collect()
        };
        let service = group.first().map_or("", |a| a.service);
        let rows: [(&Entry, Reach, &str); 3] = [
            (&node::PORT_CLOSED, Reach::Refused, "is refused"),
            (&node::PORT_BLOCKED, Reach::Timeout, "gets no answer"),
            (&node::PORT_BLOCKED, Reach::Unreachable, "is told that there is no way"),
        ];
        // The virtual address is where its holder is.
        let holder = report.nodes.iter().find(|n| address == report.vip && n.vip_present == Some(true)).map(|n| n.name.as_str());
        let subject = holder.unwrap_or(to);
        for (entry, reach, how) in rows {
            let from = wrong(reach);
            if from.is_empty() {
                continue;
            }
            let closed = group.iter().any(|a| from.contains(&a.from.as_str()) && matches!(a.expected, Expect::Closed(_)));
            let later = if closed { "; nobody listens there now, but it would be filtered when it is needed" } else { "" };
            let message = format!("{} {how} at {address}:{port} ({service}){later}", from.join(", "));
            let wanted = if closed { "refused now, open when it serves" } else { "open" };
            let fix = match reach {
                Reach::Refused => format!("on {subject}: `ss -ltnp | grep :{port}`; start the daemon, or let it listen on {address}"),
                _ => format!(
                    "let {} connect to {address} port {port}/tcp in the firewalls between (on {subject}: `nft list ruleset`)",
                    from.join(", ")
                ),
            };
            found.tell(entry, subject, message, wanted, fix);
        }
    }
    found.findings
}

#[cfg(test)]
#[path = "ports_tests.rs"]
mod tests;
