//! Rules about a node's own files, units, packages and disks.

use std::collections::BTreeMap;

use super::super::catalogue::{moosefs, node, pair, takeover};
use super::super::local::{Local, moosefs_version};
use super::super::{CLUSTER, ClusterReport, Found, NodeView};
use crate::inventory::model::Role;

/// Below that much free space of a system disk packages and logs no longer fit, bytes.
const NODE_LOW: u64 = 256 << 20;
/// Below that much nothing is written any more, bytes.
const NODE_FULL: u64 = 16 << 20;

fn each(report: &ClusterReport) -> impl Iterator<Item = (&NodeView, &Local)> {
    report.nodes.iter().filter_map(|n| n.local.as_ref().map(|local| (n, local)))
}

fn masters(report: &ClusterReport) -> impl Iterator<Item = (&NodeView, &Local)> {
    each(report).filter(|(n, _)| n.is(Role::Master))
}

pub fn under_the_volume(report: &ClusterReport, found: &mut Found) {
    let place = &report.mount_point;
    for (view, local) in masters(report) {
        let name = &view.name;
        let before = found.findings.len();
        if !local.stale_metadata.is_empty() {
            let message = format!("metadata lies under the unmounted {place}: {}", local.stale_metadata.join(", "));
            let fix = format!(
                "while {place} is not mounted there: `mkdir -m 700 /root/stale-metadata && mv {place}/* /root/stale-metadata/`; start no master there before"
            );
            found.tell(&pair::STALE_METADATA, name, message, "an empty directory under the volume", fix);
        } else if !local.under_mount_point.is_empty() {
            let message = format!("the unmounted {place} is not empty: {}", local.under_mount_point.join(", "));
            let fix = format!("look at it, and move it out of {place} while the volume is not mounted there");
            found.tell(&pair::MOUNT_POINT_NOT_EMPTY, name, message, "an empty directory under the volume", fix);
        }
        if local.template {
            let fix = format!("`rm {place}/*/metadata.mfs.empty` there");
            found.tell(&pair::METADATA_TEMPLATE, name, "metadata.mfs.empty is in the DATA_PATH", "no metadata.mfs.empty", fix);
        }
        if !local.elsewhere.is_empty() {
            let message = format!("saved metadata of another place: {}", local.elsewhere.join(", "));
            let fix = "move it away once it is sure that nobody needs it";
            found.tell(&pair::METADATA_ELSEWHERE, name, message, "metadata on the volume only", fix);
        }
        if found.findings.len() == before {
            found.ok(name, format!("nothing is hidden under {place}"), "an empty directory under the volume");
        }
    }
}

pub fn volume_sizes(report: &ClusterReport, found: &mut Found) {
    let sizes: Vec<(&str, u64)> = masters(report).filter_map(|(n, l)| Some((n.name.as_str(), l.volume_bytes?))).collect();
    let [(one, a), (two, b)] = sizes[..] else { return };
    let wanted = "the same size on both";
    if a == b {
        found.ok(CLUSTER, format!("both logical volumes have {a} bytes"), wanted);
    } else {
        let small = if a < b { one } else { two };
        let fix = format!("extend the volume on {small}: `mfsctl grow` does both and compares");
        found.tell(&pair::VOLUME_SIZES_DIFFER, CLUSTER, format!("{one} has {a} bytes, {two} {b} bytes"), wanted, fix);
    }
}

pub fn settings(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report) {
        let name = &view.name;
        let before = found.findings.len();
        if local.drbd_secret_matches == Some(false) {
            let fix = format!("run `mfsctl provision --limit {name} --only drbd`");
            found.tell(
                &pair::DRBD_SECRET_DIFFERS,
                name,
                "its DRBD secret is not the inventory's",
                "the inventory's drbd.secret on both masters",
                fix,
            );
        }
        if let Some(mode) = local.changelog_mode.as_ref().filter(|m| *m != "2") {
            let told = if mode.is_empty() { "not set (0)" } else { mode };
            let fix = format!("run `mfsctl provision --limit {name} --only master-config`");
            found.tell(&pair::CHANGELOG_MODE, name, format!("CHANGELOG_SAVE_MODE is {told}"), "2", fix);
        }
        if local.exports_missing {
            let fix = format!("run `mfsctl provision --limit {name} --only master-config`; do not reload the master before");
            found.tell(&pair::EXPORTS_MISSING, name, "mfsexports.cfg is missing", "mfsexports.cfg beside mfsmaster.cfg", fix);
        }
        if local.auth_matches == Some(false) {
            let connected = report.chunkserver(view).is_some_and(|s| s.connected);
            let fix = format!("run `mfsctl provision --limit {name} --only chunkservers`");
            let wanted = "the inventory's moosefs.auth in mfschunkserver.cfg";
            if connected || report.told().is_none() {
                let message = "its file has another AUTH_CODE; the daemon has not read it yet";
                found.tell(&moosefs::AUTH_CODE_UNREAD, name, message, wanted, fix);
            } else {
                let message = "its AUTH_CODE is not the cluster's, and the master has no connection of it";
                found.tell(&moosefs::AUTH_CODE_DIFFERS, name, message, wanted, fix);
            }
        }
        for (path, host) in &local.master_hosts {
            let wanted = format!("the virtual address {} by its name", report.vip);
            let fix = format!("run `mfsctl provision --limit {name}`");
            found.tell(&node::MASTER_HOST_DIFFERS, name, format!("{path}: MASTER_HOST is {host}"), wanted, fix);
        }
        if found.findings.len() == before {
            found.ok(name, "its settings fit the cluster's", "secrets, masters and modes of the inventory");
        }
    }
}

pub fn chunk_disks(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report).filter(|(n, _)| n.is(Role::Chunkserver)) {
        let name = &view.name;
        let before = found.findings.len();
        if local.directories == Some(0) {
            let fix = format!("run `mfsctl provision --limit {name} --only chunkservers`");
            found.tell(&moosefs::NO_DISKS, name, "mfshdd.cfg names no directory", "every directory of the inventory", fix);
        }
        for path in &local.unmounted_disks {
            let fix = format!("`mount {path}` there, see why it was not mounted, then `systemctl restart moosefs-chunkserver`");
            found.tell(&moosefs::DISK_NOT_MOUNTED, name, format!("{path} is not mounted"), "its own device mounted there", fix);
        }
        if found.findings.len() == before {
            found.ok(name, "its directories are where they should be", "every disk mounted and named");
        }
    }
}

pub fn node_space(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report) {
        let name = &view.name;
        let Some((path, free)) = local.free.iter().min_by_key(|(_, free)| **free) else { continue };
        let mib = free >> 20;
        let (message, wanted) = (format!("{path} has {mib} MiB free"), format!("{} MiB or more", NODE_LOW >> 20));
        let fix = format!("free space under {path} there (`du -x --max-depth=3 {path} | sort -n`, `journalctl --vacuum-size=100M`)");
        match *free {
            free if free < NODE_FULL => found.tell(&node::NODE_FULL, name, message, wanted, fix),
            free if free < NODE_LOW => found.tell(&node::NODE_LOW, name, message, wanted, fix),
            _ => found.ok(name, message, wanted),
        }
    }
}

pub fn secrets(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report) {
        let name = &view.name;
        for path in &local.readable_secrets {
            let fix = format!("`chmod o-rwx {path}` there (`mfsctl doctor --fix` does it)");
            found.tell(&node::SECRET_READABLE, name, format!("{path} is readable for everybody"), "its owner and group only", fix);
        }
        for line in &local.fstab_passwords {
            let fix = format!("run `mfsctl provision --limit {name} --only clients`; a foreign line is mended by hand (mfscfgfile=, 0600)");
            found.tell(&node::PASSWORD_IN_FSTAB, name, format!("/etc/fstab line {line} has a password"), "no password there", fix);
        }
        if local.readable_secrets.is_empty() && local.fstab_passwords.is_empty() {
            found.ok(name, "files with secrets are not readable for everybody", "its owner and group only");
        }
    }
}

pub fn boot(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report) {
        let name = &view.name;
        let before = found.findings.len();
        for unit in &local.not_at_boot {
            let fix = format!("`systemctl enable {unit}` there (`mfsctl doctor --fix` does it)");
            found.tell(&node::NOT_AT_BOOT, name, format!("{unit} runs and is not enabled at boot"), "enabled", fix);
        }
        if !local.stale_units.is_empty() {
            let message = format!("changed and not read by systemd: {}", local.stale_units.join(", "));
            let fix = "`systemctl daemon-reload` there (`mfsctl doctor --fix` does it)";
            found.tell(&node::UNITS_STALE, name, message, "systemd works by the files on disk", fix);
        }
        if !local.pending.is_empty() {
            let marks: Vec<&str> = local.pending.iter().map(String::as_str).collect();
            let fix = format!("run `mfsctl provision --limit {name}`");
            found.tell(&node::WORK_UNFINISHED, name, format!("begun and not finished: {}", marks.join(", ")), "no mark left", fix);
        }
        for path in &local.leftovers {
            let fix = format!("`rm {path}` there (`mfsctl doctor --fix` does it)");
            found.tell(&node::LEFTOVERS, name, format!("{path} was left by an interrupted run"), "no such file", fix);
        }
        if found.findings.len() == before {
            found.ok(name, "what runs starts at boot, nothing is left undone", "enabled, and no mark left");
        }
    }
}

pub fn scripts(report: &ClusterReport, found: &mut Found) {
    for (view, local) in each(report) {
        let wanted = concat!("those of mfsctl ", env!("CARGO_PKG_VERSION"));
        if local.old_scripts.is_empty() {
            found.ok(&view.name, "its scripts are this version's", wanted);
            continue;
        }
        let message = format!("not this version's: {}", local.old_scripts.join(", "));
        let fix = format!("run `mfsctl provision --limit {} --only witnesses,takeover,serving,standby`", view.name);
        found.tell(&takeover::SCRIPTS_OLD, &view.name, message, wanted, fix);
    }
}

pub fn packages(report: &ClusterReport, found: &mut Found) {
    let before = found.findings.len();
    pair_differs(report, found, "the DRBD module", &pair::DRBD_VERSIONS_DIFFER, |l| l.drbd_version.as_ref());
    pair_differs(report, found, "moosefs-master", &pair::MASTER_PACKAGES_DIFFER, |l| l.installed.get("moosefs-master"));
    for (view, local) in each(report) {
        let told = report.told();
        let server = view.is(Role::Chunkserver).then(|| report.chunkserver(view).and_then(|s| s.version)).flatten();
        let logger = told.and_then(|t| t.metaloggers.iter().find(|m| view.is(Role::Metalogger) && report.comes_from(view, m.address)));
        let master = told.filter(|_| view.master_running == Some(true) && view.vip_present == Some(true));
        let running = [
            ("moosefs-chunkserver", server),
            ("moosefs-metalogger", logger.map(|m| m.version)),
            ("moosefs-master", master.map(|t| t.version)),
        ];
        for (package, version) in running {
            let installed = local.installed.get(package).and_then(|v| moosefs_version(v));
            let (Some(version), Some(installed)) = (version, installed) else { continue };
            if version < installed {
                let daemon = package.trim_start_matches("moosefs-");
                let fix = match daemon {
                    "master" => "`mfsctl failover` to the other master, which starts the new one".to_owned(),
                    _ => format!("`systemctl restart {package}` there; one chunkserver at a time, or `mfsctl upgrade {daemon}s`"),
                };
                let message = format!("its {daemon} still runs {version}, {installed} is installed");
                found.tell(&moosefs::OLD_PROCESS, &view.name, message, "the installed version", fix);
            }
        }
    }
    if found.findings.len() == before {
        found.ok(CLUSTER, "what is installed is what runs, the same on both masters", "one version");
    }
}

fn pair_differs(
    report: &ClusterReport,
    found: &mut Found,
    what: &str,
    entry: &super::super::catalogue::Entry,
    version: impl Fn(&Local) -> Option<&String>,
) {
    let all: BTreeMap<&str, &String> = masters(report).filter_map(|(n, l)| Some((n.name.as_str(), version(l)?))).collect();
    let mut words = all.values();
    let first = words.next();
    if words.any(|v| Some(v) != first) {
        let told: Vec<String> = all.iter().map(|(node, v)| format!("{node} {v}")).collect();
        found.tell(entry, CLUSTER, format!("{what}: {}", told.join(", ")), "the same on both masters", entry.fix);
    }
}
