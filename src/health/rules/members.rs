//! Rules about metaloggers and clients.

use super::super::catalogue::moosefs;
use super::super::{ClusterReport, Found};
use crate::inventory::model::Role;

pub fn metaloggers(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let wanted = "connected to the master";
    for node in report.with_role(Role::Metalogger) {
        if let Some(logger) = told.metaloggers.iter().find(|m| report.comes_from(node, m.address)) {
            found.ok(&node.name, format!("metalogger {} is connected", logger.version), wanted);
            continue;
        }
        let fix = match node.metalogger_running {
            Some(true) => "its daemon runs: see its log, and that it reaches the virtual address on port 9419",
            Some(false) => "its daemon does not run: see its log, then start it (`systemctl start moosefs-metalogger`)",
            None => "see that the node is up and its daemon runs",
        };
        found.tell(
            &moosefs::METALOGGER_AWAY,
            &node.name,
            "its metalogger is not connected: its copy of the metadata grows old",
            wanted,
            fix,
        );
    }
}

/// Seconds after which a change the master has made should long have reached a connected metalogger.
const LAG: i64 = 60;

pub fn copies(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let wanted = "the master's version, and a whole copy to begin a restore from";
    for node in report.with_role(Role::Metalogger) {
        let connected = told.metaloggers.iter().any(|m| report.comes_from(node, m.address));
        let Some(copy) = node.metalogger_copy.as_ref().filter(|_| connected) else { continue };
        let behind = copy.behind(told.info.metadata_version);
        match (behind, copy.change_age, copy.saved_version) {
            (Some(behind), Some(age @ LAG..), _) if behind > 0 => {
                let message = format!("its copy of the metadata is {behind} changes behind the master, and got none for {age} s");
                let fix =
                    "see its log and the space left there; a restart downloads everything again (`systemctl restart moosefs-metalogger`)";
                found.tell(&moosefs::METALOGGER_BEHIND, &node.name, message, wanted, fix);
            }
            (_, _, None) => {
                let message = "its metalogger has no whole copy of the metadata yet: nothing can be restored from it alone";
                let fix = "restart it when the master has stored its metadata once: it downloads at its start, else within a day";
                found.tell(&moosefs::METALOGGER_NO_BASE, &node.name, message, wanted, fix);
            }
            (Some(behind), _, Some(_)) => found.ok(&node.name, format!("its copy of the metadata is {behind} changes behind"), wanted),
            (None, _, Some(_)) => {}
        }
    }
}

pub fn clients(report: &ClusterReport, found: &mut Found) {
    for node in report.with_role(Role::Client) {
        for mount in &node.mounts {
            let path = &mount.path;
            let session = report.session(node, path);
            let live = session.is_some_and(|s| s.connections > 0);
            if mount.answers == Some(false) {
                let fix = "see whether the MooseFS master answers; a mount that hung too long is unmounted (`umount -l`) and mounted again";
                found.tell(
                    &moosefs::MOUNT_HANGS,
                    &node.name,
                    format!("{path} is mounted but does not answer: programs that use it hang"),
                    "an answer",
                    fix,
                );
                continue;
            }
            match (mount.mounted, report.told().is_some()) {
                (Some(false), _) => {
                    let fix = format!("run `mount {path}` there and read what it says");
                    found.tell(&moosefs::MOUNT_MISSING, &node.name, format!("{path} is not mounted"), "mounted", fix);
                }
                (None, true) if !live => {
                    let fix = "see that the node is up and has it mounted";
                    found.tell(
                        &moosefs::MOUNT_NO_SESSION,
                        &node.name,
                        format!("the master sees no session of {path}"),
                        "a session with a connection",
                        fix,
                    );
                }
                (Some(true), true) if !live => {
                    let message =
                        format!("{path} is mounted, but the master sees no connection from it: it hangs, or mounts another cluster");
                    let fix = format!("see that the node reaches the virtual address on port 9421; else unmount and mount {path} again");
                    found.tell(&moosefs::MOUNT_NO_SESSION, &node.name, message, "a session with a connection", fix);
                }
                (Some(true), true) => found.ok(&node.name, format!("{path} is mounted and seen by the master"), "mounted, with a session"),
                (None, _) | (Some(true), false) => {}
            }
        }
    }
}
