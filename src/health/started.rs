//! Whether what was started is seen where it belongs: by the master, and on its own node.

use std::collections::BTreeSet;

use super::gate::Answer;
use super::{ClusterReport, NodeView};
use crate::inventory::model::Role;

/// Judges these roles of these nodes, as far as the nodes can be asked.
#[must_use]
pub fn judge(report: &ClusterReport, nodes: &BTreeSet<String>, roles: &BTreeSet<Role>) -> Vec<Answer> {
    let of = |role: Role| -> Vec<&NodeView> {
        let wanted = roles.contains(&role);
        report.with_role(role).filter(|n| wanted && n.reachable && nodes.contains(&n.name)).collect()
    };
    let told = report.told();
    let serves = |n: &NodeView| n.vip_present == Some(true) && n.master_running == Some(true);
    let fit = |n: &NodeView| serves(n) || n.agent.as_ref().is_some_and(|a| a.healthy);
    let logs = |n: &NodeView| told.is_some_and(|t| t.metaloggers.iter().any(|m| report.comes_from(n, m.address)));
    let answers = |n: &NodeView| n.mounts.iter().all(|m| m.mounted == Some(true) && m.answers != Some(false));
    let seen = |n: &NodeView| report.chunkserver(n).is_some_and(|s| s.connected);
    let rows = [
        row("masters-fit", &of(Role::Master), "serving, or fit to take over", &fit),
        row("chunkservers-seen", &of(Role::Chunkserver), "connected to the master", &seen),
        row("metaloggers-seen", &of(Role::Metalogger), "connected to the master", &logs),
        row("mounts-answer", &of(Role::Client), "mounted and answering", &answers),
    ];
    rows.into_iter().flatten().collect()
}

fn row(name: &'static str, all: &[&NodeView], wanted: &str, up: &dyn Fn(&NodeView) -> bool) -> Option<Answer> {
    if all.is_empty() {
        return None;
    }
    let missing: Vec<&str> = all.iter().filter(|n| !up(n)).map(|n| n.name.as_str()).collect();
    let passed = missing.is_empty();
    let measured = if passed { format!("all {}", all.len()) } else { format!("not: {}", missing.join(", ")) };
    let fix = if passed { String::new() } else { "`mfsctl status` says more; see the journal of its unit there".to_owned() };
    Some(Answer { name, passed, measured, wanted: wanted.to_owned(), fix })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::testing::healthy;

    #[test]
    fn what_is_up_passes_and_what_is_not_is_named() {
        let mut report = healthy();
        let nodes: BTreeSet<String> = report.nodes.iter().map(|n| n.name.clone()).collect();
        let roles = BTreeSet::from([Role::Master, Role::Metalogger, Role::Chunkserver, Role::Client]);
        assert!(judge(&report, &nodes, &roles).iter().all(|a| a.passed), "{:?}", judge(&report, &nodes, &roles));
        report.told_mut().chunkservers[1].connected = false;
        report.told_mut().metaloggers.pop();
        report.node_mut("node7").mounts[0].mounted = Some(false);
        if let Some(agent) = report.node_mut("node2").agent.as_mut() {
            agent.healthy = false;
        }
        let said: Vec<String> = judge(&report, &nodes, &roles).into_iter().map(|a| a.measured).collect();
        assert_eq!(said, ["not: node2", "not: node4", "not: node2", "not: node7"]);
        report.lose("node4");
        let one = judge(&report, &["node4".to_owned()].into(), &[Role::Chunkserver].into());
        assert!(one.is_empty(), "one that cannot be asked was left out");
    }
}
