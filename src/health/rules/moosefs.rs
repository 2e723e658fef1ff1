//! Rules about what the MooseFS master tells: itself, its chunkservers, their disks, the chunks.

use super::super::catalogue::moosefs;
use super::super::{CLUSTER, ClusterReport, Found, MasterAnswer};
use crate::inventory::model::{Role, VersionLine};
use crate::protocol::{Load, Maintenance};

/// Share of space used from which on a warning is given; chunkservers refuse new chunks near the end.
const SPACE_WARNING: f64 = 90.0;
/// Share of space used from which on it is critical.
const SPACE_CRITICAL: f64 = 95.0;

pub fn answers(report: &ClusterReport, found: &mut Found) {
    let wanted = "an answer on port 9421";
    match &report.master {
        MasterAnswer::Answered { address, report, .. } => {
            let message = format!("the MooseFS master answers at {address}, metadata version {}", report.info.metadata_version);
            if report.info.serving {
                found.ok(CLUSTER, message, wanted);
            } else {
                found.tell(
                    &moosefs::MASTER_NOT_SERVING,
                    CLUSTER,
                    format!("{message}, but does not serve"),
                    "a serving master",
                    "see its log",
                );
            }
        }
        MasterAnswer::Silent { reason } => {
            let fix = "see whether it runs on the Primary; after a crash it loads its metadata first, which can take a while";
            found.tell(&moosefs::MASTER_SILENT, CLUSTER, format!("the MooseFS master does not answer: {reason}"), wanted, fix);
        }
    }
}

pub fn version(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let (major, line) = match report.version_line {
        VersionLine::V2 => (2, "2.0"),
        VersionLine::V3 => (3, "3.0"),
        VersionLine::V4 => (4, "4"),
    };
    let message = format!("the master runs MooseFS {}", told.version);
    if told.version.major == major {
        found.ok(CLUSTER, message, format!("line {line}"));
    } else {
        found.tell(
            &moosefs::MASTER_LINE,
            CLUSTER,
            message,
            format!("line {line}, as the inventory says"),
            "correct the inventory, or upgrade the cluster",
        );
    }
}

pub fn connected(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let wanted = "connected to the master";
    for node in report.with_role(Role::Chunkserver) {
        let (entry, message) = match report.chunkserver(node) {
            Some(s) if s.connected => {
                found.ok(&node.name, format!("chunkserver {} is connected", s.id), wanted);
                continue;
            }
            Some(s) if s.maintenance != Maintenance::Off => {
                (&moosefs::CHUNKSERVER_AWAY_PLANNED, format!("chunkserver {} is away, in maintenance", s.id))
            }
            Some(s) => (&moosefs::CHUNKSERVER_AWAY, format!("chunkserver {} is away", s.id)),
            None => (&moosefs::CHUNKSERVER_NEVER_SEEN, "the master does not know a chunkserver at this address".to_owned()),
        };
        let fix = match node.chunkserver_running {
            Some(true) => "its daemon runs: see its log, and the master's for `access denied` (AUTH_CODE) or another metadata id",
            Some(false) => "its daemon does not run: see its log, then start it (`systemctl start moosefs-chunkserver`)",
            None => "see that the node is up and its daemon runs",
        };
        found.tell(entry, &node.name, message, wanted, fix);
    }
    for server in told.chunkservers.iter().filter(|s| !report.with_role(Role::Chunkserver).any(|n| report.comes_from(n, s.address))) {
        let state = if server.connected { "connected" } else { "away" };
        let name = report.name_of(server.address);
        found.tell(
            &moosefs::CHUNKSERVER_STRANGE,
            &name,
            format!("chunkserver {} ({}:{}, {state}) is not in the inventory", server.id, server.address, server.port),
            "every chunkserver in the inventory",
            "add it to the inventory, or remove it from the master",
        );
    }
}

pub fn chunkserver_version(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    for server in &told.chunkservers {
        let Some(version) = server.version else { continue };
        let (name, wanted) = (report.name_of(server.address), format!("{}, the master's", told.version));
        let message = format!("its chunkserver runs {version}");
        if version == told.version {
            found.ok(&name, message, wanted);
        } else if version > told.version {
            found.tell(
                &moosefs::CHUNKSERVER_NEWER,
                &name,
                message + ", newer than the master",
                wanted,
                "upgrade the master: it goes first",
            );
        } else {
            let fix = "upgrade it, one chunkserver at a time; if the package is new, the old process still runs: restart it";
            found.tell(&moosefs::CHUNKSERVER_OLDER, &name, message + ", older than the master", wanted, fix);
        }
    }
}

pub fn maintenance(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    for server in &told.chunkservers {
        let name = report.name_of(server.address);
        let (entry, message) = match server.maintenance {
            Maintenance::Off => continue,
            Maintenance::On => {
                let message = "its chunkserver is in maintenance: what it holds is not replicated while it is away";
                let message = match report.limit_of(server) {
                    Some(limit) => format!("{message}; ends {} (begun by {}: {})", limit.remaining(), limit.by, limit.note),
                    None => message.to_owned(),
                };
                (&moosefs::CHUNKSERVER_MAINTENANCE, message)
            }
            Maintenance::Temporary(Some(left)) => {
                (&moosefs::CHUNKSERVER_STOPPED, format!("its chunkserver stopped cleanly: replication waits {left} s more for it"))
            }
            Maintenance::Temporary(None) => {
                (&moosefs::CHUNKSERVER_STOPPED, "its chunkserver stopped cleanly: replication waits some time for it".to_owned())
            }
        };
        let fix = if server.maintenance == Maintenance::On {
            match report.limit_of(server) {
                Some(_) => "wait, or end it when the work is done: `mfsctl maintenance off`",
                None => "end it when the work is done (`mfsctl maintenance off`): nothing else will",
            }
        } else {
            "start it again in time, or leave it: the maintenance ends by itself"
        };
        found.tell(entry, &name, message, "maintenance off", fix);
    }
}

pub fn load(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    for server in told.chunkservers.iter().filter(|s| s.connected) {
        let (name, wanted) = (report.name_of(server.address), "normal load");
        match server.load {
            Load::Normal => found.ok(&name, format!("queue of {} operations", server.queue), wanted),
            Load::Overloaded => {
                let fix = "look for a slow disk or a burst of work there; it gets no new chunks until then";
                found.tell(
                    &moosefs::CHUNKSERVER_OVERLOADED,
                    &name,
                    format!("its chunkserver is overloaded, queue of {} operations", server.queue),
                    wanted,
                    fix,
                );
            }
            Load::Grace(left) => {
                found.tell(&moosefs::CHUNKSERVER_GRACE, &name, format!("its chunkserver is used gently for {left} s more"), wanted, "wait");
            }
            Load::FastRebalance | Load::Rebalance => {
                found.tell(&moosefs::CHUNKSERVER_REBALANCING, &name, "its chunkserver moves chunks between its own disks", wanted, "wait");
            }
        }
    }
}

pub fn disks(report: &ClusterReport, found: &mut Found) {
    let wanted = "every disk ok";
    for node in report.with_role(Role::Chunkserver) {
        let Some(disks) = &node.disks else {
            if let Some(reason) = &node.disks_reason {
                let fix = "see that its daemon runs and port 9422 can be reached";
                found.tell(&moosefs::DISKS_UNKNOWN, &node.name, format!("its disks cannot be asked: {reason}"), wanted, fix);
            }
            continue;
        };
        let before = found.findings.len();
        for disk in disks {
            let message = format!("disk {} is {}", disk.path, disk.state());
            if disk.invalid || disk.damaged {
                let fix = "see the chunkserver's log; replace the disk, or repair it and restart the chunkserver";
                found.tell(&moosefs::DISK_DAMAGED, &node.name, message, wanted, fix);
            } else if let Some(error) = disk.last_error {
                let message =
                    format!("disk {} had an I/O error at {} (seconds since 1970) on chunk {:016X}", disk.path, error.time, error.chunk);
                found.tell(&moosefs::DISK_ERROR, &node.name, message, wanted, "check the disk (kernel log, SMART) before it fails");
            } else if disk.marked_for_removal || disk.scanning {
                found.tell(&moosefs::DISK_BUSY, &node.name, message, wanted, "wait until its chunks are read, or elsewhere");
            }
        }
        for path in &node.disks_wanted {
            if !disks.iter().any(|d| d.path.trim_end_matches('/') == path.trim_end_matches('/')) {
                let fix = "see mfshdd.cfg there and the chunkserver's log, then reload it";
                found.tell(
                    &moosefs::DISK_UNUSED,
                    &node.name,
                    format!("disk {path} is not used by the chunkserver"),
                    "every disk of the inventory used",
                    fix,
                );
            }
        }
        if found.findings.len() == before {
            found.ok(&node.name, format!("{} disks ok", disks.len()), wanted);
        }
    }
}

pub fn space(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let (total, free) = (told.info.total_space, told.info.free_space.unwrap_or(told.info.available_space));
    if total == 0 {
        return;
    }
    let used = 100.0 * (1.0 - free.min(total) as f64 / total as f64);
    let message = format!("{used:.0} % of the space is used");
    let fix = "add disks or chunkservers, purge the trash, or delete files";
    if used >= SPACE_CRITICAL {
        found.tell(&moosefs::SPACE_FULL, CLUSTER, message, format!("below {SPACE_CRITICAL} %"), fix);
    } else if used >= SPACE_WARNING {
        found.tell(&moosefs::SPACE_LOW, CLUSTER, message, format!("below {SPACE_WARNING} %"), fix);
    } else {
        found.ok(CLUSTER, message, format!("below {SPACE_WARNING} %"));
    }
}

pub fn chunks(report: &ClusterReport, found: &mut Found) {
    let Some(told) = report.told() else { return };
    let sum = &told.chunks.all;
    if !told.chunks.progress.is_settled() {
        let message = "chunkservers are just connecting or disconnecting: the counters of chunks are still moving";
        found.tell(&moosefs::CHUNKS_COUNTING, CLUSTER, message, "settled counters", "ask again in some seconds");
    }
    if sum.missing > 0 {
        let fix = if told.chunkservers.iter().all(|s| s.connected) {
            "every chunkserver is connected: copies may only have another version than mfsmaster expects, which it mends by itself \
             within its loop over all chunks (CHUNKS_LOOP_MIN_TIME, 300 s); look again then, and at the disks; repair or give up no file before"
        } else {
            "bring the missing chunkservers back; repair or give up no file before all of them are connected"
        };
        found.tell(
            &moosefs::CHUNKS_MISSING,
            CLUSTER,
            format!("{} chunks are missing: files with them cannot be read", sum.missing),
            "0 missing",
            fix,
        );
    }
    if sum.endangered > 0 {
        let fix = "bring missing chunkservers back, stop no other one; new copies are made by themselves";
        found.tell(
            &moosefs::CHUNKS_ENDANGERED,
            CLUSTER,
            format!("{} chunks are endangered: one copy is left of each", sum.endangered),
            "0 endangered",
            fix,
        );
    }
    if sum.undergoal > 0 {
        let fix = "bring missing chunkservers back, or wait: new copies are made by themselves";
        found.tell(
            &moosefs::CHUNKS_UNDERGOAL,
            CLUSTER,
            format!("{} chunks have fewer copies than wanted", sum.undergoal),
            "0 under goal",
            fix,
        );
    }
    if sum.single_copy > 0 {
        let fix = "give such files a goal of 2 or more, if they matter";
        let message = format!("{} chunks want a single copy: any chunkserver's end takes them along", sum.single_copy);
        found.tell(&moosefs::CHUNKS_SINGLE, CLUSTER, message, "2 or more copies of everything", fix);
    }
    if sum.missing + sum.endangered + sum.undergoal == 0 {
        found.ok(CLUSTER, format!("{} chunks, all with their copies", sum.chunks()), "0 missing, endangered or under goal");
    }
}
