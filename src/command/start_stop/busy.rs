//! Who keeps clients' mounts busy, looked up on all of them before anything is stopped.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::command::operation::Operation;
use crate::inventory::model::Role;
use crate::remote::{Exit, Request};
use crate::step::{ClusterState, facts_of, start_stop};

const LOOK_WITHIN: Duration = Duration::from_secs(60);

/// `NODE: PATH: process 12 of ann (less x) uses PATH/x`, one line each; what could not be learnt is a line too.
pub fn busy(operation: &mut Operation, nodes: &BTreeSet<String>, state: &ClusterState) -> Vec<String> {
    let cluster = operation.cluster;
    let clients: BTreeSet<String> = nodes
        .iter()
        .filter(|name| cluster.node(name).is_some_and(|n| n.is(Role::Client)) && facts_of(state, name).is_some())
        .cloned()
        .collect();
    let found = operation.fleet.each(&clients, |node, slot, gate| {
        let Some(facts) = facts_of(state, &node.name) else { return Vec::new() };
        let mut lines = Vec::new();
        for path in node.mounts.iter().map(|m| &m.path).filter(|path| facts.client_mount(path).is_some()) {
            let request = Request::new(start_stop::look_at_mount(path)).within(LOOK_WITHIN);
            let answer = gate.pass(|| slot.open().map(|t| t.run(&request)));
            match answer {
                Some(Ok(output)) if output.exit == Exit::Code(0) => {}
                Some(Ok(output)) => {
                    let text = String::from_utf8_lossy(&output.stdout).into_owned();
                    lines.extend(text.lines().map(|line| format!("{}: {path}: {line}", node.name)));
                }
                Some(Err(error)) => lines.push(format!("{}: {path}: who uses it is not known: {error}", node.name)),
                None => lines.push(format!("{}: {path}: who uses it is not known: the connection is lost", node.name)),
            }
        }
        lines
    });
    found.into_values().flatten().collect()
}
