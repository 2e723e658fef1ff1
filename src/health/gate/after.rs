//! The checks after a switchover: compared with what was seen before it.

use super::{Check, Said, Sight};
use crate::fact::drbd_status::{Connection, Disk};
use crate::inventory::model::Role;

pub const CHECKS: &[Check] = &[
    Check { name: "one-master-answers", about: "one master answers at the virtual address", ask: one_answers },
    Check { name: "target-is-active", about: "the target is Primary, mounted, holds the address and serves", ask: target_active },
    Check { name: "old-master-inactive", about: "the old active node let go of everything", ask: old_inactive },
    Check { name: "metadata-id-same", about: "it is the same file system", ask: same_id },
    Check { name: "metadata-version-not-lower", about: "no change of the metadata went lost", ask: version_not_lower },
    Check { name: "chunkservers-back", about: "the chunkservers connected before are connected again", ask: chunkservers },
    Check { name: "sessions-back", about: "the clients connected before are connected again", ask: sessions },
    Check { name: "chunks-not-worse", about: "no more chunks are missing than before", ask: chunks },
    Check { name: "replication-in-sync-again", about: "both copies are up to date", ask: in_sync },
];

const SEE: &str = "`mfsctl status` and `journalctl -t mfs-ha` on both masters say more";

fn one_answers(_: &Sight, now: &Sight) -> Said {
    let wanted = "an answer at the virtual address";
    match &now.report.master {
        super::MasterAnswer::Answered { address, report, .. } => {
            let right = *address == now.report.vip;
            Said::when(right, format!("MooseFS {} answers at {address}", report.version_text), wanted, SEE)
        }
        super::MasterAnswer::Silent { reason } => Said::when(false, format!("no answer: {reason}"), wanted, SEE),
    }
}

fn target_active(_: &Sight, now: &Sight) -> Said {
    let wanted = format!("{} is Primary, mounted, holds the address, serves", now.to.name);
    let Some(view) = now.view(now.to).filter(|v| v.reachable) else { return Said::unknown(&now.to.name, wanted, SEE) };
    let layers = [
        ("Primary", view.is_primary() == Some(true)),
        ("mounted", view.volume_mounted == Some(true)),
        ("address", view.vip_present == Some(true)),
        ("mfsmaster", view.master_running == Some(true)),
    ];
    let missing: Vec<&str> = layers.iter().filter(|(_, is)| !is).map(|(word, _)| *word).collect();
    let measured = if missing.is_empty() { "all of it".to_owned() } else { format!("not: {}", missing.join(", ")) };
    Said::when(missing.is_empty(), measured, wanted, SEE)
}

fn old_inactive(_: &Sight, now: &Sight) -> Said {
    let wanted = format!("{} has no master, no mount, no address, and is fit to take over", now.from.name);
    let Some(view) = now.view(now.from).filter(|v| v.reachable) else { return Said::unknown(&now.from.name, wanted, SEE) };
    let layers = [
        ("Primary", view.is_primary() == Some(true)),
        ("mounted", view.volume_mounted == Some(true)),
        ("address", view.vip_present == Some(true)),
        ("mfsmaster", view.master_running == Some(true)),
        ("unfit", !view.agent.as_ref().is_some_and(|a| a.healthy)),
    ];
    let still: Vec<&str> = layers.iter().filter(|(_, is)| *is).map(|(word, _)| *word).collect();
    let measured = if still.is_empty() { "it is the standby".to_owned() } else { format!("still: {}", still.join(", ")) };
    Said::when(still.is_empty(), measured, wanted, SEE)
}

fn same_id(before: &Sight, now: &Sight) -> Said {
    let (old, new) = (before.metadata_id(before.from), now.metadata_id(now.to));
    let word = |id: Option<u64>| id.map_or_else(|| "not known".to_owned(), |id| format!("{id:016X}"));
    let fix = "STOP: this is another file system; stop the clients and read docs/takeover.md before anything else";
    Said::when(new.is_some() && (old.is_none() || old == new), word(new), format!("{} as before", word(old)), fix)
}

fn version_not_lower(before: &Sight, now: &Sight) -> Said {
    let version = |sight: &Sight| sight.told().map(|t| t.info.metadata_version);
    let fix = "STOP: changes were lost; keep both copies of the metadata and read docs/takeover.md";
    match (version(before), version(now)) {
        (Some(old), Some(new)) => Said::when(new >= old, new.to_string(), format!("at least {old}"), fix),
        (None, Some(new)) => Said::when(true, format!("{new} (not known before)"), "known", ""),
        (_, None) => Said::unknown("the metadata version", "known", SEE),
    }
}

fn chunkservers(before: &Sight, now: &Sight) -> Said {
    let connected = |sight: &Sight| -> Vec<String> {
        let all = sight.report.with_role(Role::Chunkserver);
        all.filter(|n| sight.report.chunkserver(n).is_some_and(|c| c.connected)).map(|n| n.name.clone()).collect()
    };
    let (old, new) = (connected(before), connected(now));
    let away: Vec<&str> = old.iter().filter(|n| !new.contains(n)).map(String::as_str).collect();
    let measured = if away.is_empty() { format!("{} connected", new.len()) } else { format!("not back: {}", away.join(", ")) };
    Said::when(away.is_empty(), measured, format!("the {} from before", old.len()), "see their mfschunkserver's journal")
}

fn sessions(before: &Sight, now: &Sight) -> Said {
    let connected = |sight: &Sight| -> Vec<(u32, String)> {
        let all = sight.told().map(|t| t.sessions.as_slice()).unwrap_or_default();
        all.iter()
            .filter(|s| s.connections > 0)
            .map(|s| (s.id, format!("{} on {}", s.mount_point, sight.report.name_of(s.address))))
            .collect()
    };
    let (old, new) = (connected(before), connected(now));
    let away: Vec<&str> = old.iter().filter(|(id, _)| !new.iter().any(|(n, _)| n == id)).map(|(_, name)| name.as_str()).collect();
    let measured = if away.is_empty() { format!("{} connected", new.len()) } else { format!("not back: {}", away.join(", ")) };
    Said::when(away.is_empty(), measured, format!("the {} from before", old.len()), "see whether those clients reach the virtual address")
}

fn chunks(before: &Sight, now: &Sight) -> Said {
    let missing = |sight: &Sight| sight.told().map(|t| t.chunks.all.missing);
    match (missing(before), missing(now)) {
        (Some(old), Some(new)) => {
            Said::when(new <= old, format!("{new} missing"), format!("at most {old}, as before"), "see `mfsctl status`")
        }
        (None, Some(new)) => Said::when(true, format!("{new} missing (not known before)"), "known", ""),
        (_, None) => Said::unknown("the chunks' state", "known", SEE),
    }
}

fn in_sync(_: &Sight, now: &Sight) -> Said {
    let wanted = "Connected, UpToDate on both";
    let Some(drbd) = now.view(now.to).and_then(|v| v.drbd.as_ref()) else { return Said::unknown("replication", wanted, SEE) };
    let passed = drbd.connection == Connection::Connected && drbd.disk == Disk::UpToDate && drbd.peer_disk == Disk::UpToDate;
    Said::when(passed, format!("{} {}/{}", drbd.connection, drbd.disk, drbd.peer_disk), wanted, "see docs/drbd.md")
}
