//! Masters and witnesses that stop: who serves then, and whether it may.

use serde::Serialize;

use super::{Parting, Reasons, Suffers, list};
use crate::fact::drbd_status::Disk;
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::{Cluster, Role};

/// Votes of the witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Votes {
    /// Witnesses that stay and can be reached.
    pub left: usize,
    /// A master without its peer goes on only with so many.
    pub needed: usize,
    /// All witnesses.
    pub total: usize,
}

pub(super) fn judge(cluster: &Cluster, report: &ClusterReport, parting: &Parting, reasons: &mut Reasons, suffers: &mut Suffers) {
    suffers.votes = votes(cluster, report, parting);
    let masters: Vec<&NodeView> = report.with_role(Role::Master).collect();
    let ending: Vec<&NodeView> = masters.iter().filter(|n| parting.ends(n, Role::Master)).copied().collect();
    let staying: Vec<&NodeView> = masters.iter().filter(|n| !parting.ends(n, Role::Master)).copied().collect();
    let witness_goes = cluster.ha.witnesses.iter().any(|w| parting.machine(w));
    if !ending.is_empty() {
        who_serves(&ending, &staying, reasons);
    }
    if witness_goes || (!ending.is_empty() && !staying.is_empty()) {
        quorum(suffers.votes, ending.is_empty(), reasons);
    }
}

fn votes(cluster: &Cluster, report: &ClusterReport, parting: &Parting) -> Votes {
    let there = |name: &&String| !parting.machine(name) && report.nodes.iter().any(|n| n.name == **name && n.reachable);
    let total = cluster.ha.witnesses.len();
    Votes { left: cluster.ha.witnesses.iter().filter(there).count(), needed: if total == 0 { 0 } else { total / 2 + 1 }, total }
}

/// The one that serves must stay; the one that stays must have the data.
fn who_serves(ending: &[&NodeView], staying: &[&NodeView], reasons: &mut Reasons) {
    let wanted = "the node that serves stays, with its data up to date";
    let name = "master";
    let Some(stays) = staying.first() else {
        let names: Vec<&str> = ending.iter().map(|n| n.name.as_str()).collect();
        let fix = "leave one master running, or stop the whole cluster: `mfsctl stop`";
        reasons.when(name, false, format!("no master stays ({})", list(&names)), wanted, fix);
        return;
    };
    let serves = |n: &NodeView| n.is_primary() == Some(true) || n.vip_present == Some(true) || n.master_running == Some(true);
    if let Some(active) = ending.iter().find(|n| serves(n)) {
        let ready = stays.agent.as_ref().is_some_and(|a| a.healthy);
        let measured = match (stays.reachable, ready) {
            (true, true) => format!("{} serves; {} is fit to take over", active.name, stays.name),
            (true, false) => format!("{} serves, and {} is not fit to take over", active.name, stays.name),
            (false, _) => format!("{} serves, and {} cannot be asked", active.name, stays.name),
        };
        let fix = format!("move the service first: `mfsctl failover --to {}`", stays.name);
        reasons.when(name, false, measured, wanted, fix);
        return;
    }
    if !stays.reachable {
        let reason = stays.unreachable_reason.as_deref().unwrap_or_default();
        reasons.unknown(name, format!("{} cannot be asked: {reason}", stays.name), wanted, "mend the connection to it first");
        return;
    }
    let disk = stays.drbd.as_ref().map(|d| &d.disk);
    let safe = serves(stays) && disk == Some(&Disk::UpToDate);
    let disk = disk.map_or_else(|| "its volume is not up".to_owned(), |d| format!("its volume {d}"));
    let measured = match serves(stays) {
        true => format!("{} serves, {disk}; nobody can take over from it meanwhile", stays.name),
        false => format!("{} does not serve, {disk}", stays.name),
    };
    reasons.when(name, safe, measured, wanted, "see `mfsctl status`: wait for the resync, or bring the volume up there first");
}

/// Without its peer a master goes on only with a majority of the votes; with it, they are what stands between it and a standstill.
fn quorum(votes: Votes, peer_stays: bool, reasons: &mut Reasons) {
    let Votes { left, needed, total } = votes;
    let wanted = format!("{needed} of {total}");
    if total == 0 {
        let measured = "no witnesses: a master alone goes on, and never takes over";
        reasons.when("witnesses", true, measured, "3 witnesses", "");
        return;
    }
    let measured = match (left >= needed, peer_stays) {
        (true, _) => format!("{left} of {total} stay, as far as they can be reached"),
        (false, true) => format!("{left} of {total} stay: a master that lost its peer then would fence itself"),
        (false, false) => format!("{left} of {total} stay: the master that stays would fence itself"),
    };
    reasons.when("witnesses", left >= needed, measured, wanted, "stop fewer at once, or bring other witnesses back first");
}
