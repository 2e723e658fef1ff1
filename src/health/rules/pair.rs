//! Rules about the two masters: one of them, and only one, may have each thing.

use super::super::catalogue::{Entry, pair, takeover};
use super::super::{CLUSTER, ClusterReport, Found, NodeView, Severity, drbd};
use crate::fact::drbd_status::{Connection, Disk, DrbdResource, DrbdRole};
use crate::fact::ha_report::{Space, SpaceState};
use crate::inventory::model::Role;

fn masters(report: &ClusterReport) -> impl Iterator<Item = &NodeView> {
    report.with_role(Role::Master).filter(|n| n.reachable)
}

fn unseen(report: &ClusterReport) -> bool {
    report.with_role(Role::Master).any(|n| !n.reachable)
}

fn names(nodes: &[&NodeView]) -> String {
    nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(" and ")
}

pub fn vip_holder(report: &ClusterReport, found: &mut Found) {
    if masters(report).all(|n| n.vip_present.is_none()) {
        return;
    }
    let holders: Vec<&NodeView> = masters(report).filter(|n| n.vip_present == Some(true)).collect();
    let wanted = "exactly one holder";
    match holders.as_slice() {
        [one] => found.ok(&one.name, format!("holds the virtual address {}", report.vip), wanted),
        [] if unseen(report) => found.tell(
            &pair::VIP_UNSEEN,
            CLUSTER,
            format!("no master that could be asked holds {}", report.vip),
            wanted,
            "reach the other master, or see whether it still serves before anything is moved",
        ),
        [] => found.tell(
            &pair::VIP_NOWHERE,
            CLUSTER,
            format!("nobody holds the virtual address {}", report.vip),
            wanted,
            "see why neither master took over: keepalived's and the takeover agent's journal on both",
        ),
        many => found.tell(
            &pair::VIP_TWO,
            CLUSTER,
            format!("{} both hold the virtual address {}", names(many), report.vip),
            wanted,
            "see which one is Primary and serves; take the address off the other (`ip address del`) and find why it kept it",
        ),
    }
}

pub fn primary(report: &ClusterReport, found: &mut Found) {
    if masters(report).all(|n| n.drbd.is_none()) {
        return;
    }
    let primaries: Vec<&NodeView> = masters(report).filter(|n| n.is_primary() == Some(true)).collect();
    let wanted = "exactly one Primary";
    match primaries.as_slice() {
        [one] => found.ok(&one.name, format!("is the only Primary of {}", report.resource), wanted),
        [] if unseen(report) || masters(report).any(|n| n.drbd.as_ref().is_some_and(|d| d.peer_role == DrbdRole::Primary)) => found.tell(
            &pair::DRBD_PRIMARY_UNSEEN,
            CLUSTER,
            format!("no master that could be asked is Primary of {}", report.resource),
            wanted,
            "reach the other master; do not promote this one before it is certain that the other is down",
        ),
        [] => found.tell(
            &pair::DRBD_NO_PRIMARY,
            CLUSTER,
            format!("neither master is Primary of {}: nothing serves metadata", report.resource),
            wanted,
            "see the takeover agent's journal on both for what keeps them from promoting",
        ),
        many => found.tell(
            &pair::DRBD_TWO_PRIMARIES,
            CLUSTER,
            format!("{} are both Primary of {}", names(many), report.resource),
            wanted,
            "stop the MooseFS master on the one without the virtual address at once, unmount it and make it Secondary; then compare both \
             sides' metadata before they are connected again",
        ),
    }
}

pub fn connection(report: &ClusterReport, found: &mut Found) {
    let alone = masters(report).filter(|n| n.drbd.as_ref().is_some_and(|d| d.connection == Connection::StandAlone)).count();
    for node in masters(report) {
        let Some(drbd) = &node.drbd else {
            if node.vip_present.is_some() || node.volume_mounted.is_some() {
                found.tell(
                    &pair::DRBD_DOWN,
                    &node.name,
                    format!("DRBD resource {} is not up", report.resource),
                    "Connected",
                    format!("see that the drbd module is loaded, then run `drbdadm up {}` there", report.resource),
                );
            }
            continue;
        };
        let told = drbd::connection(&drbd.connection);
        let entry = refused(drbd, node.drbd_log.as_deref(), alone > 1).or(told.entry);
        let mut message = format!("DRBD is {}: {}", drbd::state(drbd), told.meaning);
        if alone > 1 && drbd.connection == Connection::StandAlone {
            message += "; both masters are StandAlone, which is how a split brain looks";
        }
        if drbd.out_of_sync_kib > 0 && told.severity > Severity::Ok {
            message += &format!("; {} KiB differ", drbd.out_of_sync_kib);
        }
        if let (false, Some(log)) = (drbd.connection.is_connected(), &node.drbd_log) {
            message += &format!("; the kernel's last word: {log}");
        }
        match entry {
            None => found.ok(&node.name, message, "Connected"),
            Some(entry) => found.tell(entry, &node.name, message, "Connected", told.fix),
        }
    }
}

/// What the kernel's last word makes of a connection that is refused: both sides alone is how a split brain looks
/// where nothing else is said.
fn refused(drbd: &DrbdResource, log: Option<&str>, both_alone: bool) -> Option<&'static Entry> {
    if drbd.connection.is_connected() {
        return None;
    }
    let says = |words: &[&str]| log.is_some_and(|log| words.iter().any(|w| log.contains(w)));
    let alone = drbd.connection == Connection::StandAlone;
    if says(&["Authentication of peer failed", "cram-hmac", "expected AuthChallenge"]) {
        Some(&pair::DRBD_SECRET_DIFFERS)
    } else if says(&["disk size is too small"]) {
        Some(&pair::DRBD_PEER_TOO_SMALL)
    } else if alone && (both_alone || says(&["Split-Brain detected", "nrelated data"])) {
        Some(&pair::SPLIT_BRAIN)
    } else {
        None
    }
}

pub fn disk(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let Some(drbd) = &node.drbd else { continue };
        let mut told = drbd::disk(&drbd.disk);
        if drbd.disk == Disk::Inconsistent && drbd.connection == Connection::SyncTarget {
            told.severity = Severity::Warning;
            told.fix = "wait until the resync ends";
        }
        let message = format!("its copy is {}: {}", drbd.disk, told.meaning);
        match told.entry {
            None => found.ok(&node.name, message, "UpToDate"),
            Some(entry) => {
                found.tell(entry, &node.name, message, "UpToDate", told.fix);
                found.milder(told.severity);
            }
        }
        if drbd.connection.is_connected() && drbd.disk == Disk::UpToDate && drbd.peer_disk == Disk::UpToDate && drbd.out_of_sync_kib > 0 {
            found.tell(
                &pair::DRBD_VERIFY_DIFFERS,
                &node.name,
                format!("both copies count as UpToDate, yet {} KiB differ (a verification found it)", drbd.out_of_sync_kib),
                "0 KiB",
                "disconnect and connect the Secondary (`drbdadm disconnect`, `drbdadm connect`): what differs is then resynced",
            );
        }
    }
}

pub fn io(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let Some(drbd) = &node.drbd else { continue };
        let wanted = "I/O running, quorum held";
        if drbd.suspended {
            found.tell(
                &pair::DRBD_FROZEN,
                &node.name,
                "I/O on the metadata volume is frozen: the peer is lost and this node has no leave to go on alone",
                wanted,
                "see that the witnesses answer and the other master is truly down; it goes on by itself once it has the votes",
            );
        } else if drbd.quorum == Some(false) {
            found.tell(&pair::DRBD_NO_QUORUM, &node.name, "DRBD has no quorum here", wanted, "reach the other master or the tiebreaker");
        } else {
            found.ok(&node.name, "I/O runs", wanted);
        }
    }
}

pub fn mounted(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let (Some(mounted), Some(primary)) = (node.volume_mounted, node.is_primary()) else { continue };
        let (place, wanted) = (&report.mount_point, "mounted on the Primary, and only there");
        match (mounted, primary) {
            (true, true) => found.ok(&node.name, format!("{place} is mounted"), wanted),
            (false, false) => found.ok(&node.name, format!("{place} is not mounted"), wanted),
            (true, false) => found.tell(
                &pair::MOUNTED_NOT_PRIMARY,
                &node.name,
                format!("{place} is mounted, yet this node is not Primary"),
                wanted,
                format!("see what is mounted there (`findmnt {place}`); it is not the replicated volume"),
            ),
            (false, true) => found.tell(
                &pair::PRIMARY_NOT_MOUNTED,
                &node.name,
                format!("this node is Primary, yet {place} is not mounted"),
                wanted,
                "see the takeover agent's journal; the mount failed or a takeover is under way",
            ),
        }
    }
}

pub fn vip_on_primary(report: &ClusterReport, found: &mut Found) {
    for node in masters(report).filter(|n| n.vip_present == Some(true)) {
        let wanted = "the virtual address on the Primary";
        match node.is_primary() {
            Some(true) => found.ok(&node.name, "virtual address and metadata are together", wanted),
            Some(false) => found.tell(
                &pair::VIP_NOT_ON_PRIMARY,
                &node.name,
                format!("holds {} but is not Primary: clients are sent to the wrong node", report.vip),
                wanted,
                "see the takeover agent's journal on both masters; a takeover is under way or has failed",
            ),
            None => {}
        }
    }
}

pub fn vip_and_master(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let (Some(vip), Some(running), Some(primary)) = (node.vip_present, node.master_running, node.is_primary()) else { continue };
        let wanted = "the virtual address where the master runs";
        let fix = "see the takeover agent's journal there and `mfsctl ha status`";
        match (vip, running) {
            (true, false) => {
                let message = format!("holds {}, but no MooseFS master runs here", report.vip);
                found.tell(&pair::VIP_WITHOUT_MASTER, &node.name, message, wanted, fix);
            }
            (false, true) if primary => {
                let message = format!("the MooseFS master runs here on the Primary, but {} is not here", report.vip);
                found.tell(&pair::MASTER_WITHOUT_VIP, &node.name, message, wanted, fix);
            }
            _ => found.ok(&node.name, "virtual address and master are together, or both elsewhere", wanted),
        }
    }
}

pub fn master_running(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let (Some(running), Some(primary)) = (node.master_running, node.is_primary()) else { continue };
        let wanted = "running on the Primary, and only there";
        match (running, primary) {
            (true, true) => found.ok(&node.name, "the MooseFS master runs", wanted),
            (false, false) => found.ok(&node.name, "the MooseFS master does not run", wanted),
            (true, false) => found.tell(&pair::MASTER_ON_STANDBY,
                &node.name,
                "a MooseFS master runs here, where the metadata volume is not: it serves other metadata, and metaloggers that meet it lose theirs",
                wanted,
                "stop it at once (`systemctl stop moosefs-master`); copy the metaloggers' directories before they are used",
            ),
            (false, true) => found.tell(&pair::MASTER_NOT_RUNNING,
                &node.name,
                "this node is Primary, yet the MooseFS master does not run",
                wanted,
                "see `journalctl -u moosefs-master` and the takeover agent's journal",
            ),
        }
    }
}

pub fn master_at_boot(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let wanted = "not enabled at boot";
        match node.master_enabled {
            Some(true) => found.tell(
                &pair::MASTER_AT_BOOT,
                &node.name,
                "moosefs-master starts at boot by itself, whether or not the metadata volume is there",
                wanted,
                "run `systemctl disable moosefs-master` there: the takeover agent starts it",
            ),
            Some(false) => found.ok(&node.name, "moosefs-master is not enabled", wanted),
            None => {}
        }
    }
}

pub fn agent(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let Some(agent) = &node.agent else { continue };
        let wanted = "no fault";
        if agent.healthy {
            found.ok(&node.name, format!("takeover agent: {}", agent.note), wanted);
        } else {
            let (entry, fix) = match agent.note.contains("stopped on purpose") {
                true => (
                    &takeover::STOPPED_ON_PURPOSE,
                    "`mfsctl start` when the work is done: until then it neither serves nor takes over, also after a boot",
                ),
                false => (&takeover::AGENT_UNFIT, "see the agent's journal on that node; until then it does not serve or take over"),
            };
            found.tell(entry, &node.name, format!("takeover agent reports: {}", agent.note), wanted, fix);
        }
    }
}

pub fn volume_space(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        if let Some(space) = node.agent.as_ref().and_then(|a| a.space.as_ref()) {
            judge_space(found, &node.name, space);
        }
    }
}

/// What the active node's agent says of the room on the metadata volume.
pub fn judge_space(found: &mut Found, node: &str, space: &Space) {
    let wanted = "room, and a reserve";
    let fix = "free or add space on the volume (`mfsctl grow`); old sets under .mfs-ha and backups kept there may go";
    let words = space.words();
    match space.state {
        SpaceState::Ok => found.ok(node, format!("metadata volume: {words}"), wanted),
        SpaceState::Low => found.tell(&takeover::VOLUME_LOW, node, format!("the metadata volume is nearly full: {words}"), wanted, fix),
        SpaceState::Full => found.tell(
            &takeover::VOLUME_FULL,
            node,
            format!("the metadata volume is FULL: {words}; changes may soon not be written"),
            wanted,
            format!("{fix}; do not stop or kill mfsmaster before"),
        ),
    }
}

pub fn hold(report: &ClusterReport, found: &mut Found) {
    for node in masters(report) {
        let Some(agent) = &node.agent else { continue };
        let wanted = "no hold";
        match &agent.hold {
            None => found.ok(&node.name, "the takeover is not on hold", wanted),
            Some(hold) => {
                let by = if hold.by.is_empty() { String::new() } else { format!(" by {}", hold.by) };
                found.tell(
                    &takeover::TAKEOVER_HOLD,
                    &node.name,
                    format!("the takeover is on hold for another {}{by}: {}", hold.remaining(), hold.why),
                    wanted,
                    "run `mfsctl ha release` when the work is done; it ends by itself",
                );
            }
        }
    }
}

pub fn witnesses(report: &ClusterReport, found: &mut Found) {
    let wanted = "3 or more";
    let message = format!("{} witnesses hold votes", report.witnesses);
    if report.witnesses >= 3 {
        found.ok(CLUSTER, message, wanted);
    } else {
        let fix = "give more nodes (chunkservers, metaloggers that are no masters) a vote: fewer cannot lose one and still decide";
        found.tell(&takeover::WITNESSES_FEW, CLUSTER, message, wanted, fix);
    }
}
