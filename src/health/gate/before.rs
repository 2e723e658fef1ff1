//! The gates of a switchover.

use std::collections::BTreeSet;

use super::{Gate, Said, Sight};
use crate::fact::drbd_status::{Connection, Disk};
use crate::fact::file::FileFact;
use crate::fact::ha_report::SpaceState;
use crate::fact::moosefs::Header;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Node, Role};
use crate::step::facts_of;

pub const GATES: &[Gate] = &[
    Gate { name: "master-answers", about: "the active master answers its own protocol", ask: master_answers },
    Gate { name: "one-active", about: "one node is Primary, holds the address and serves", ask: one_active },
    Gate { name: "standby-ready", about: "the takeover agent calls the standby fit", ask: standby_ready },
    Gate { name: "replication-in-sync", about: "both copies of the metadata volume are up to date", ask: in_sync },
    Gate { name: "takeover-runs", about: "keepalived, agent and worker run on both masters", ask: takeover_runs },
    Gate { name: "standby-clean", about: "nothing lies under the standby's mount point", ask: standby_clean },
    Gate { name: "same-versions", about: "both masters have the same packages", ask: same_versions },
    Gate { name: "same-configuration", about: "both masters have the same configuration", ask: same_configuration },
    Gate { name: "volume-space", about: "the metadata fits on its volume twice more", ask: volume_space },
    Gate { name: "metadata-stored", about: "the last store of the metadata went well", ask: metadata_stored },
    Gate { name: "chunkservers-connected", about: "every chunkserver is connected", ask: chunkservers },
    Gate { name: "metaloggers-current", about: "metaloggers are connected and keep this file system", ask: metaloggers },
];

/// Packages that both masters must have in the same version.
const PACKAGES: &[&str] = &["moosefs-master", "moosefs-metalogger", "drbd-utils", "drbd84-utils", "drbd9x-utils", "keepalived"];

fn master_answers(sight: &Sight) -> Said {
    let wanted = "an answer";
    match sight.told() {
        Some(report) => {
            Said::when(true, format!("MooseFS {}, metadata version {}", report.version_text, report.info.metadata_version), wanted, "")
        }
        None => Said::when(
            false,
            format!("no answer: {}", sight.silence()),
            wanted,
            "if the active node is gone, `mfsctl failover --force`; else see `mfsctl status`",
        ),
    }
}

fn one_active(sight: &Sight) -> Said {
    let wanted = format!("{} alone is Primary, holds {} and serves", sight.from.name, sight.report.vip);
    let masters: Vec<_> = sight.report.with_role(Role::Master).collect();
    let named = |test: &dyn Fn(&&&super::NodeView) -> bool| -> Vec<&str> { masters.iter().filter(test).map(|n| n.name.as_str()).collect() };
    let primary = named(&|n| n.is_primary() == Some(true));
    let vip = named(&|n| n.vip_present == Some(true));
    let running = named(&|n| n.master_running == Some(true));
    let from = [sight.from.name.as_str()];
    let measured = format!("Primary: {}; address: {}; mfsmaster: {}", list(&primary), list(&vip), list(&running));
    let passed = primary == from && vip == from && running == from && masters.iter().all(|n| n.reachable);
    Said::when(passed, measured, wanted, "see `mfsctl status`; while the pair is torn, nothing is moved")
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") }
}

fn standby_ready(sight: &Sight) -> Said {
    let wanted = "fit to take over";
    match sight.view(sight.to) {
        Some(view) if !view.reachable => Said::when(
            false,
            format!("{} cannot be asked: {}", sight.to.name, view.unreachable_reason.as_deref().unwrap_or_default()),
            wanted,
            "mend the connection to it first",
        ),
        Some(view) => {
            let healthy = view.agent.as_ref().is_some_and(|a| a.healthy);
            let note = view.agent.as_ref().map_or("no agent", |a| a.note.as_str());
            Said::when(
                healthy,
                format!("{}: {note}", sight.to.name),
                wanted,
                format!("a fault ends by itself within minutes; `mfs-ha status` on {} says more", sight.to.name),
            )
        }
        None => Said::unknown(&sight.to.name, wanted, "see `mfsctl status`"),
    }
}

fn in_sync(sight: &Sight) -> Said {
    let wanted = "Connected, UpToDate on both, no resync";
    let words = |node: &Node| {
        let drbd = sight.view(node)?.drbd.as_ref()?;
        let well = drbd.connection == Connection::Connected
            && drbd.disk == Disk::UpToDate
            && drbd.peer_disk == Disk::UpToDate
            && drbd.sync.is_none()
            && !drbd.suspended;
        let sync = drbd.sync.as_ref().map(|s| format!(", resync at {:.0} %", s.percent)).unwrap_or_default();
        Some((well, format!("{}: {} {}/{}{sync}", node.name, drbd.connection, drbd.disk, drbd.peer_disk)))
    };
    match (words(sight.from), words(sight.to)) {
        (Some((one, from)), Some((two, to))) => Said::when(
            one && two,
            format!("{from}; {to}"),
            wanted,
            "wait for the resync (`mfsctl status` shows it) and run it again (`mfsctl failback --wait` waits by itself), or see docs/drbd.md",
        ),
        _ => Said::unknown("replication", wanted, "see `mfsctl status`"),
    }
}

fn takeover_runs(sight: &Sight) -> Said {
    let wanted = "running on both, not on hold";
    let mut missing = Vec::new();
    for node in [sight.from, sight.to] {
        let Some(facts) = sight.facts(node) else { return Said::unknown(&node.name, wanted, "mend the connection to it first") };
        let dead = [at::KEEPALIVED_UNIT, at::HA_AGENT_UNIT, at::HA_UNIT].into_iter().filter(|unit| !facts.units.get(unit).is_active());
        missing.extend(dead.map(|unit| format!("{unit} on {}", node.name)));
        if let Some(hold) = &facts.takeover.hold {
            return Said::when(
                false,
                format!("{} is on hold for {} s more ({})", node.name, hold.left, hold.why),
                wanted,
                "`mfsctl ha release` ends the hold; see first why it was set",
            );
        }
    }
    let measured = if missing.is_empty() { "all running".to_owned() } else { format!("not running: {}", missing.join(", ")) };
    Said::when(missing.is_empty(), measured, wanted, "`mfsctl provision` starts them; journalctl -u UNIT says why they ended")
}

fn standby_clean(sight: &Sight) -> Said {
    let wanted = "nothing under the mount point while nothing is mounted there";
    let Some(facts) = sight.facts(sight.to) else { return Said::unknown(&sight.to.name, wanted, "mend the connection to it first") };
    let point = &sight.cluster.mount_point;
    if let Some(mount) = facts.mounts.at(point) {
        return Said::when(false, format!("{} is mounted at {point} of {}", mount.source, sight.to.name), wanted, "unmount it there");
    }
    let found = facts.mounts.listed.get(point).cloned().unwrap_or_default();
    let measured =
        if found.is_empty() { format!("{point} of {} is empty", sight.to.name) } else { format!("{} under {point}", found.join(", ")) };
    Said::when(
        found.is_empty(),
        measured,
        wanted,
        format!("on {}: look at them, then move them away: a master started there by mistake would use them", sight.to.name),
    )
}

fn same_versions(sight: &Sight) -> Said {
    let wanted = "the same on both";
    let (Some(from), Some(to)) = (sight.facts(sight.from), sight.facts(sight.to)) else {
        return Said::unknown("a master", wanted, "mend the connection to it first");
    };
    let differ: Vec<String> = PACKAGES
        .iter()
        .filter(|name| from.packages.version(name) != to.packages.version(name))
        .map(|name| {
            let word = |version: Option<&str>| version.unwrap_or("none").to_owned();
            format!("{name} {} and {}", word(from.packages.version(name)), word(to.packages.version(name)))
        })
        .collect();
    let measured = match differ.as_slice() {
        [] => format!("moosefs-master {}", from.packages.version("moosefs-master").unwrap_or("not installed")),
        _ => differ.join("; "),
    };
    Said::when(
        differ.is_empty(),
        measured,
        wanted,
        "finish the upgrade of the standby first; older metadata programs must not follow newer ones",
    )
}

fn same_configuration(sight: &Sight) -> Said {
    let wanted = "the same on both";
    let (Some(from), Some(to)) = (sight.facts(sight.from), sight.facts(sight.to)) else {
        return Said::unknown("a master", wanted, "mend the connection to it first");
    };
    let resource = at::drbd_resource(sight.cluster);
    let files = crate::inventory::layout::files(sight.cluster, sight.to);
    let shared =
        |path: &&String| path.starts_with("/etc/mfs/mfs") || [at::DRBD_COMMON, at::HA_SCRIPT, resource.as_str()].contains(&path.as_str());
    let content = |facts: &crate::fact::HostFacts, path: &str| match facts.files.get(path) {
        Some(FileFact::Regular { content, .. }) => Some(content.clone()),
        _ => None,
    };
    let differ: Vec<String> = files.iter().filter(shared).filter(|p| content(from, p) != content(to, p)).cloned().collect();
    let measured = if differ.is_empty() { "no difference".to_owned() } else { format!("different: {}", differ.join(", ")) };
    Said::when(differ.is_empty(), measured, wanted, "`mfsctl provision --diff --dry-run` shows it, `mfsctl provision` mends it")
}

fn volume_space(sight: &Sight) -> Said {
    let Some(facts) = sight.facts(sight.from) else {
        return Said::unknown(&sight.from.name, "twice the metadata", "mend the connection to it first");
    };
    // The next master writes a whole new file while it keeps the old one.
    let metadata =
        facts.moosefs.data.files.iter().filter(|(name, _)| name.starts_with("metadata.mfs")).map(|(_, f)| f.size).max().unwrap_or(0);
    let wanted = format!("at least {} free", bytes(metadata * 2));
    if let Some(space) = facts.takeover.space.as_ref().filter(|s| s.state == SpaceState::Full) {
        let fix = format!("free or add space on {} first (`mfsctl grow`): the reserve is given up", sight.cluster.mount_point);
        return Said::when(false, format!("the volume is full: {}", space.words()), wanted, fix);
    }
    match facts.system.free.get(&sight.cluster.mount_point) {
        Some(free) => Said::when(
            *free >= metadata * 2,
            format!("{} free, metadata {}", bytes(*free), bytes(metadata)),
            wanted,
            format!("free or add space on {} (`mfsctl grow`)", sight.cluster.mount_point),
        ),
        None => Said::unknown("free space of the volume", wanted, "see whether it is mounted (`mfsctl status`)"),
    }
}

/// For people: binary units, one decimal.
fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{value:.1} {}", units[unit]) }
}

fn metadata_stored(sight: &Sight) -> Said {
    let wanted = "the last hourly store succeeded, or none was due yet";
    let Some(info) = sight.told().map(|t| &t.info) else { return Said::unknown("the last store", wanted, "see gate master-answers") };
    let failed = info.last_store_status == crate::protocol::StoreStatus::Checksum;
    let measured = match (failed, info.last_store_time) {
        (true, _) => "storing failed: the master keeps a checksum only".to_owned(),
        (false, None) => "none since the master started".to_owned(),
        (false, Some(_)) => format!("took {:.1} s", f64::from(info.last_store_duration_ms) / 1000.0),
    };
    Said::when(!failed, measured, wanted, "look for a full disk or lack of memory on the active node (journalctl -u moosefs-master)")
}

fn chunkservers(sight: &Sight) -> Said {
    let wanted = "all connected";
    if sight.told().is_none() {
        return Said::unknown("the chunkservers' state", wanted, "see gate master-answers");
    }
    let all: Vec<_> = sight.report.with_role(Role::Chunkserver).collect();
    let away: Vec<&str> =
        all.iter().filter(|n| !sight.report.chunkserver(n).is_some_and(|c| c.connected)).map(|n| n.name.as_str()).collect();
    let measured = match away.as_slice() {
        [] => format!("{} of {}", all.len(), all.len()),
        away => format!("not connected: {}", away.join(", ")),
    };
    Said::when(away.is_empty(), measured, wanted, "bring them back first: until they are, a mistake costs more")
}

fn metaloggers(sight: &Sight) -> Said {
    let wanted = "all connected, with metadata of the same file system";
    let Some(report) = sight.told() else { return Said::unknown("the metaloggers' state", wanted, "see gate master-answers") };
    let id = sight.metadata_id(sight.from);
    let connected: BTreeSet<_> = report.metaloggers.iter().map(|m| m.address).collect();
    let mut faults = Vec::new();
    let mut count = 0;
    for view in sight.report.with_role(Role::Metalogger) {
        count += 1;
        if !connected.iter().any(|address| sight.report.comes_from(view, *address)) {
            faults.push(format!("{} is not connected", view.name));
        }
        let copy = facts_of(sight.state, &view.name).and_then(|f| f.moosefs.metalogger.headers.get("metadata_ml.mfs.back"));
        match (copy, id) {
            (Some(Header::Saved { id: kept, .. }), Some(id)) if *kept != id => {
                faults.push(format!("{} keeps another file system ({kept:016X})", view.name))
            }
            (Some(Header::Saved { .. }), _) => {}
            _ => faults.push(format!("{} has no whole copy yet", view.name)),
        }
    }
    let measured = if faults.is_empty() { format!("{count} of {count}") } else { faults.join("; ") };
    Said::when(
        faults.is_empty(),
        measured,
        wanted,
        "restart the metalogger (`systemctl restart moosefs-metalogger`): it downloads at its start",
    )
}
