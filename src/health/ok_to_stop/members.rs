//! Metaloggers and clients that stop.

use super::{Parting, Reasons, Suffers};
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::Role;

pub(super) fn judge(report: &ClusterReport, parting: &Parting, reasons: &mut Reasons, suffers: &mut Suffers) {
    metaloggers(report, parting, reasons, suffers);
    clients(report, parting, reasons, suffers);
}

fn metaloggers(report: &ClusterReport, parting: &Parting, reasons: &mut Reasons, suffers: &mut Suffers) {
    let (name, wanted) = ("metaloggers-left", "1 connected at least, for a copy of every change beside the pair");
    let Some(told) = report.told() else {
        if report.nodes.iter().any(|n| parting.ends(n, Role::Metalogger)) {
            reasons.unknown(name, "the MooseFS master does not answer", wanted, "see `mfsctl status`");
        }
        return;
    };
    let connected = |n: &&NodeView| told.metaloggers.iter().any(|m| report.comes_from(n, m.address));
    let all: Vec<&NodeView> = report.with_role(Role::Metalogger).filter(connected).collect();
    suffers.metaloggers_left = all.iter().filter(|n| !parting.ends(n, Role::Metalogger)).count();
    if suffers.metaloggers_left == all.len() {
        return;
    }
    let left = suffers.metaloggers_left;
    reasons.when(name, left > 0, format!("{left} of {} stay", all.len()), wanted, "start another metalogger first, or stop fewer at once");
}

/// A client's end hurts its own users only, but a program with an open file there loses it.
fn clients(report: &ClusterReport, parting: &Parting, reasons: &mut Reasons, suffers: &mut Suffers) {
    let ending: Vec<&NodeView> = report.nodes.iter().filter(|n| parting.ends(n, Role::Client)).collect();
    for node in &ending {
        let mounted = node.mounts.iter().filter(|m| m.mounted == Some(true));
        suffers.mounts.extend(mounted.map(|m| format!("{}:{}", node.name, m.path)));
    }
    if ending.is_empty() {
        return;
    }
    let (name, wanted) = ("clients", "no file open through its mounts");
    let Some(told) = report.told() else {
        reasons.unknown(name, "the MooseFS master does not answer", wanted, "see `mfsctl status`");
        return;
    };
    // Masters' own sessions come from the virtual address; those are not a client's.
    let from = |address| ending.iter().any(|n| report.comes_from(n, address));
    suffers.open_files = told.sessions.iter().filter(|s| s.connections > 0 && from(s.address)).map(|s| s.open_files).sum();
    let mounts = suffers.mounts.len();
    let measured = format!("{mounts} mounts, {} files open", suffers.open_files);
    let fix = "end the programs that use them first (`mfsctl stop NODE` names them), or accept that they lose their files";
    reasons.when(name, suffers.open_files == 0, measured, wanted, fix);
}
