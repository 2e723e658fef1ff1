//! Who keeps clients' mounts busy, looked up on all of them before anything is stopped.

use std::collections::BTreeSet;

use crate::command::operation::Operation;
use crate::fact::holder::How;
use crate::inventory::model::Role;
use crate::step::{ClusterState, facts_of};

/// `NODE: PATH: less (pid 12, ann) has PATH/x open`, one line each; what could not be learnt is a line too.
pub fn busy(operation: &mut Operation, nodes: &BTreeSet<String>, state: &ClusterState) -> Vec<String> {
    let cluster = operation.cluster;
    let asked = cluster.with_role(Role::Client).filter(|n| nodes.contains(&n.name) && facts_of(state, &n.name).is_some());
    let asked: Vec<_> = asked.collect();
    let mut seen = state.clone();
    operation.fleet.see_holders(&asked.iter().map(|n| n.name.clone()).collect(), &mut seen);
    let mut lines = Vec::new();
    for node in asked {
        let facts = match seen.get(&node.name) {
            Some(Ok(facts)) => facts,
            Some(Err(reason)) => {
                lines.push(format!("{}: who uses its mounts is not known: {reason}", node.name));
                continue;
            }
            None => continue,
        };
        for path in node.mounts.iter().map(|m| &m.path) {
            let holders = facts.holders.get(path).into_iter().flatten();
            // A mount of MooseFS on this one is unmounted before it.
            let others = holders.filter(|h| h.how != How::Mount || facts.client_mount(&h.path).is_none());
            lines.extend(others.map(|holder| format!("{}: {path}: {holder}", node.name)));
        }
    }
    lines
}
