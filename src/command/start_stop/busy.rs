//! Who keeps clients' mounts busy, looked up on all of them before anything is stopped.

use std::collections::BTreeSet;

use crate::command::operation::Operation;
use crate::fact::holder;
use crate::inventory::model::Role;
use crate::step::start_stop::mounted_here;
use crate::step::{ClusterState, facts_of};

/// `NODE: PATH: less (pid 12, ann) has PATH/x open`, one line each; what could not be learnt is a line too.
pub fn busy(operation: &mut Operation, nodes: &BTreeSet<String>, state: &ClusterState) -> Vec<String> {
    let cluster = operation.cluster;
    let clients = cluster.with_role(Role::Client).map(|n| &n.name).filter(|name| nodes.contains(*name));
    let mut seen: ClusterState = clients.filter_map(|name| facts_of(state, name).map(|facts| (name.clone(), Ok(facts.clone())))).collect();
    operation.fleet.see_holders(&seen.keys().cloned().collect(), &mut seen);
    let mut lines = Vec::new();
    for node in &cluster.nodes {
        match seen.get(&node.name) {
            Some(Ok(facts)) => {
                let points = mounted_here(node, facts);
                for path in &points {
                    let all = facts.holders.get(*path).map(Vec::as_slice).unwrap_or_default();
                    lines.extend(holder::staying(all, &points).map(|holder| format!("{}: {path}: {holder}", node.name)));
                }
            }
            Some(Err(reason)) => lines.push(format!("{}: who uses its mounts is not known: {reason}", node.name)),
            None => {}
        }
    }
    lines
}
