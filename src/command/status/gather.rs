//! Asking a whole cluster at once: each node over its connection, the MooseFS master and
//! the chunkservers over those connections in their own protocol, so that nothing is exposed.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use crate::engine::event::{Event, Sink, What};
use crate::engine::fleet::{First, Fleet};
use crate::fact::HostFacts;
use crate::fact::takeover;
use crate::health::{ClusterReport, MasterAnswer, NodeView};
use crate::inventory::layout::moosefs::chunkserver_port;
use crate::inventory::model::{Cluster, Node, Role};
use crate::protocol::{Disk, Disks, Master, MasterReport};
use crate::remote::{Connect, Transport};
use crate::step::ClusterState;

/// Longest wait for a byte from a MooseFS daemon; they answer within milliseconds.
const DEADLINE: Duration = Duration::from_secs(5);

/// How a node's facts are learnt.
pub type Observe<'a> = dyn Fn(&Cluster, &Node, &mut dyn Transport) -> Result<HostFacts, String> + Sync + 'a;

/// A node's word on the master, if it was a node to ask.
pub type Word = Option<Result<(Ipv4Addr, Box<MasterReport>), String>>;

/// Learns a node's facts by the survey.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn survey(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> Result<HostFacts, String> {
    crate::survey::observe(cluster, node, transport).map_err(|e| e.to_string())
}

/// Learns what a report needs of a node's facts.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn judged(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> Result<HostFacts, String> {
    crate::survey::judged(cluster, node, transport).map_err(|e| e.to_string())
}

/// Asks everybody at once, at most `jobs` nodes at a time.
#[must_use]
pub fn gather(cluster: &Cluster, connector: &dyn Connect, jobs: usize, observe: &Observe) -> ClusterReport {
    let mut fleet = Fleet::new(cluster, connector, jobs);
    sight(cluster, &mut fleet, observe, &|_, _| Ok(()), &|_| {}).0
}

/// Asks everybody at once over a fleet's connections, made where there are none: the judged report, and the facts
/// it stands on. `first` is called on each host's thread between connecting and asking (see [`Fleet::observe_after`]).
pub fn sight(cluster: &Cluster, fleet: &mut Fleet, observe: &Observe, first: First, sink: Sink) -> (ClusterReport, ClusterState) {
    let connector = fleet.connector();
    let all: BTreeSet<String> = cluster.nodes.iter().map(|n| n.name.clone()).collect();
    let unreachable = |node: &Node, reason: &str| (NodeView::unreachable(node, without_name(node, reason)), None, Err(reason.to_owned()));
    let mut seen = fleet.each(&all, |node, slot, gate| {
        let connected = gate.pass(|| slot.connect(connector, node).map(|_| ()).map_err(|e| e.to_string()));
        if let Err(reason) = first(node, slot).and(connected) {
            return unreachable(node, &reason);
        }
        gate.pass(|| {
            let begin = Instant::now();
            let looked = match slot.open() {
                Some(transport) => look(cluster, node, transport, observe),
                None => unreachable(node, "the connection is lost"),
            };
            match &looked.2 {
                Ok(_) => sink(Event { node: node.name.clone(), what: What::Observed(begin.elapsed()) }),
                Err(reason) => {
                    sink(Event { node: node.name.clone(), what: What::Unknown(reason.clone()) });
                    slot.close();
                }
            }
            looked
        })
    });

    let mut state = ClusterState::new();
    let (mut nodes, mut answers) = (Vec::new(), Vec::new());
    for node in &cluster.nodes {
        if let Some((view, word, facts)) = seen.remove(&node.name) {
            state.insert(node.name.clone(), facts);
            answers.extend(word.map(|w| (node.name.clone(), view.vip_present, w)));
            nodes.push(view);
        }
    }
    let master = MasterAnswer::choose(answers).unwrap_or_else(|| from_elsewhere(cluster, &nodes, fleet));
    let mut report = ClusterReport::new(cluster, nodes, master);
    report.asked_at = now() as i64;
    (report, state)
}

/// Looks at one node: what it is like, and the daemons asked from there.
///
/// A node that cannot be asked is the view of one, and the reason in place of its facts.
pub fn look(
    cluster: &Cluster,
    node: &Node,
    transport: &mut dyn Transport,
    observe: &Observe,
) -> (NodeView, Word, Result<HostFacts, String>) {
    let sent = now();
    let facts = match observe(cluster, node, transport) {
        Ok(facts) => facts,
        Err(reason) => return (NodeView::unreachable(node, without_name(node, &reason)), None, Err(reason)),
    };
    let mut view = NodeView::from_facts(cluster, node, &facts, sent, now());
    let mut word = None;
    if node.is(Role::Master) && (view.vip_present == Some(true) || view.master_running == Some(true)) {
        // Only addresses the node has: a connection to one that nobody has is answered after seconds, and costs the
        // ssh connection with what it holds.
        let own = [cluster.vip.address, node.address];
        let addresses = if view.vip_present == Some(true) { &own[..] } else { &own[1..] };
        word = Some(ask_master(cluster, addresses, transport));
    }
    if node.is(Role::Chunkserver) && view.chunkserver_running != Some(false) {
        match ask_disks(node, transport) {
            Ok(disks) => view.disks = Some(disks),
            Err(reason) => view.disks_reason = Some(reason),
        }
    }
    (view, word, Ok(facts))
}

/// No master node said anything: another node may reach the virtual address, if it is with one that could not be asked.
fn from_elsewhere(cluster: &Cluster, nodes: &[NodeView], fleet: &mut Fleet) -> MasterAnswer {
    let (masters, others): (Vec<_>, Vec<_>) = nodes.iter().partition(|n| n.roles.contains(&Role::Master));
    if masters.iter().all(|n| n.reachable) {
        return MasterAnswer::Silent { reason: format!("no master node has {} or runs mfsmaster", cluster.vip.address) };
    }
    for view in others.into_iter().chain(masters).filter(|n| n.reachable) {
        if let Some(transport) = fleet.slot(&view.name).open() {
            return match ask_master(cluster, &[cluster.vip.address], transport) {
                Ok((address, report)) => MasterAnswer::Answered { through: view.name.clone(), address, report },
                Err(reason) => MasterAnswer::Silent { reason },
            };
        }
    }
    MasterAnswer::Silent { reason: "no node could be asked".to_owned() }
}

/// Asks the master at the first of these addresses that answers, from the node of this connection.
///
/// # Errors
/// What each address answered instead.
pub fn ask_master(
    cluster: &Cluster,
    addresses: &[Ipv4Addr],
    transport: &mut dyn Transport,
) -> Result<(Ipv4Addr, Box<MasterReport>), String> {
    let port = takeover::master_port(cluster);
    let mut reasons = Vec::new();
    for address in addresses {
        let answer = transport
            .tcp(&address.to_string(), port, DEADLINE)
            .map_err(|e| e.to_string())
            .and_then(|mut stream| Master::ask(stream.as_mut()).map_err(|e| e.to_string()));
        match answer {
            Ok(report) => return Ok((*address, Box::new(report))),
            Err(reason) => reasons.push(format!("{address}:{port}: {reason}")),
        }
    }
    Err(reasons.join("; "))
}

/// Asks the chunkserver of a node for its disks, from that node.
///
/// # Errors
/// Why there is no answer.
pub fn ask_disks(node: &Node, transport: &mut dyn Transport) -> Result<Vec<Disk>, String> {
    let mut stream =
        transport.tcp(&node.address.to_string(), chunkserver_port(node), DEADLINE).map_err(|e| without_name(node, &e.to_string()))?;
    Disks::ask(stream.as_mut()).map_err(|e| e.to_string())
}

/// A reason without the node's name in front, which stands next to it anyway.
#[must_use]
pub fn without_name(node: &Node, reason: &str) -> String {
    reason.strip_prefix(&format!("{}: ", node.name)).unwrap_or(reason).to_owned()
}

/// The operator's clock, seconds since 1970.
#[must_use]
pub fn now() -> f64 {
    jiff::Timestamp::now().as_microsecond() as f64 / 1e6
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;
