//! Rules about any node.

use super::super::catalogue::node;
use super::super::{CLUSTER, ClusterReport, Found};
use crate::inventory::model::Role;

/// Largest difference of clocks taken, milliseconds. A changelog carries whole seconds (`ID: epoch|OP(…)`, captures of
/// MooseFS 3.0.117), so that two of them, one of each node, are the least that can be told apart.
const CLOCK_LIMIT_MS: i64 = 2000;

pub fn reachable(report: &ClusterReport, found: &mut Found) {
    let mut lost = 0;
    for node in report.nodes.iter().filter(|n| !n.reachable) {
        lost += 1;
        let entry = if node.is(Role::Master) { &node::MASTER_UNREACHABLE } else { &node::NODE_UNREACHABLE };
        let reason = node.unreachable_reason.as_deref().unwrap_or("no reason known");
        let fix = format!("see that {} runs and that ssh reaches it; nothing is known of it until then", node.address);
        found.tell(entry, &node.name, format!("cannot be asked: {reason}"), "an answer over ssh", fix);
    }
    if lost == 0 {
        found.ok(CLUSTER, format!("all {} nodes answer", report.nodes.len()), "an answer over ssh");
    }
}

pub fn hostname(report: &ClusterReport, found: &mut Found) {
    for node in report.with_role(Role::Master) {
        let Some(uname) = &node.uname else { continue };
        if *uname == node.name {
            found.ok(&node.name, format!("its own name is {uname}"), "uname -n as in the inventory");
        } else {
            found.tell(
                &node::HOSTNAME_DIFFERS,
                &node.name,
                format!("its own name (uname -n) is {uname}"),
                format!("{}, the name in DRBD's configuration", node.name),
                format!("run `hostnamectl set-hostname {}` there, or rename the node in the inventory and provision again", node.name),
            );
        }
    }
}

pub fn clock(report: &ClusterReport, found: &mut Found) {
    let skews = report.clock_skew_ms();
    let wanted = format!("at most {} s from the middle of all nodes", CLOCK_LIMIT_MS / 1000);
    let mut worst = 0;
    for (name, skew) in &skews {
        worst = worst.max(skew.saturating_abs());
        if skew.saturating_abs() > CLOCK_LIMIT_MS {
            let way = if *skew > 0 { "ahead" } else { "behind" };
            let message = format!("its clock is {:.1} s {way}", skew.saturating_abs() as f64 / 1000.0);
            found.tell(
                &node::CLOCK_SKEW,
                name,
                message,
                &wanted,
                "start a time service there (chrony, systemd-timesyncd) and let it step the clock",
            );
        }
    }
    if !skews.is_empty() && worst <= CLOCK_LIMIT_MS {
        found.ok(CLUSTER, format!("clocks differ by at most {:.1} s", worst as f64 / 1000.0), wanted);
    }
}
