//! What a disk holds, and whether it may be used: data is sacred.

use super::{Action, Refusal, View};
use crate::fact::block::Probe;

/// Succeeds only on a device nothing is recognised on; prints what it found.
/// `blkid` answers 2 for "nothing", and 0 on an empty partition, whose entry in the table it describes.
const EMPTY: &str = r#"[ -b "$1" ] || { echo "$1 is not a block device"; exit 1; }
found=$(blkid -p -o value -s TYPE -s PTTYPE "$1" 2>&1)
case $? in 0|2) ;; *) echo "$1: ${found:-cannot be read}"; exit 1 ;; esac
rest=$(wipefs -p "$1" 2>&1) || { echo "$1: $rest"; exit 1; }
[ -z "$found$rest" ] || { echo "$1 holds $found $rest"; exit 1; }"#;

/// Succeeds only when nothing on the device is mounted, swapped to or built upon.
const IDLE: &str = r#"used=$(lsblk -nro TYPE,MOUNTPOINT "$1") || exit 1
echo "$used" | while read -r kind at; do
    case $kind in disk|part) [ -z "$at" ] || { echo "mounted at $at"; exit 1; } ;; *) echo "in use by a $kind"; exit 1 ;; esac
done"#;

/// Guard: nothing is on the device.
#[must_use]
pub fn empty_guard(device: &str) -> Vec<String> {
    ["sh", "-c", EMPTY, "mfsctl-empty", device].map(str::to_owned).to_vec()
}

/// The probe of a device that exists, is writable, and is of use.
///
/// # Errors
/// When it is missing (the disks that exist are named) or read-only.
pub fn probe<'a>(view: &'a View, device: &str, setting: &str) -> Result<&'a Probe, Refusal> {
    let blocks = &view.facts.blocks;
    let Some(probe) = blocks.probes.get(device) else {
        let disks = blocks.disks();
        let others = if disks.is_empty() { "none was found".to_owned() } else { disks.join(", ") };
        return Err(Refusal {
            found: format!("there is no block device {device} on {}; its disks: {others}", view.node.name),
            fix: format!("correct {setting} of {} in the inventory, or attach the disk", view.node.name),
        });
    };
    if blocks.device(&probe.path).is_some_and(|d| d.read_only) {
        return Err(Refusal { found: format!("{device} is read-only"), fix: format!("correct {setting}, or make it writable") });
    }
    Ok(probe)
}

/// Who uses a device or anything on it: mounts, swap, LVM, RAID, encryption, DRBD.
#[must_use]
pub fn users(view: &View, path: &str) -> Vec<String> {
    let blocks = &view.facts.blocks;
    let mut users = Vec::new();
    for (at, device) in blocks.tree(path).into_iter().enumerate() {
        let dev = format!("/dev/{}", device.kname);
        if device.mountpoint == "[SWAP]" || view.facts.mounts.swaps.contains(&dev) {
            users.push(format!("{dev} is swap"));
        } else if !device.mountpoint.is_empty() {
            users.push(format!("{dev} is mounted at {}", device.mountpoint));
        } else if let Some(mount) = view.facts.mounts.of(&dev).next() {
            users.push(format!("{dev} is mounted at {}", mount.target));
        } else if at > 0 && device.kind != "part" {
            users.push(format!("{} ({}) lies on it", device.name, device.kind));
        }
    }
    users
}

/// What is on a device, in words; empty when nothing is.
#[must_use]
pub fn contents(view: &View, probe: &Probe) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(table) = probe.table() {
        let count = probe.partitions.len();
        found.push(format!("a {table} partition table with {count} partition{}", if count == 1 { "" } else { "s" }));
    }
    if let Some(fs) = probe.fs() {
        found.push(signature(view, &probe.path, fs, probe.label()));
    } else if probe.ambivalent || (probe.table().is_none() && !probe.signatures.is_empty()) {
        found.push(format!(
            "signatures of {}",
            if probe.signatures.is_empty() { "several kinds".to_owned() } else { probe.signatures.join(", ") }
        ));
    }
    if let Some(why) = &probe.unreadable {
        found.push(format!("something that cannot be read ({why})"));
    }
    for part in &probe.partitions {
        let what = contents(view, part);
        let what = if what.is_empty() { "nothing recognised".to_owned() } else { what.join(" and ") };
        found.push(format!("{}: {what}", part.path));
    }
    found
}

fn signature(view: &View, path: &str, fs: &str, label: Option<&str>) -> String {
    match fs {
        "LVM2_member" => match view.facts.blocks.pv(path) {
            Some(pv) if pv.vg.is_empty() => "an LVM physical volume of no volume group".to_owned(),
            Some(pv) => format!("an LVM physical volume of volume group {}", pv.vg),
            None if view.facts.blocks.lvm => "an LVM physical volume unknown to LVM".to_owned(),
            None => "an LVM physical volume (lvm2 is not installed, so its volume group is not known)".to_owned(),
        },
        "drbd" => "DRBD metadata".to_owned(),
        "swap" => "swap space".to_owned(),
        "linux_raid_member" => "a member of a software RAID".to_owned(),
        "crypto_LUKS" => "an encrypted volume (LUKS)".to_owned(),
        other => match label {
            Some(label) => format!("a file system ({other}, label {label})"),
            None => format!("a file system ({other})"),
        },
    }
}

/// Makes way on a disk that holds something not ours: only with the operator's word for this very disk,
/// and never while it is in use.
///
/// # Errors
/// What the disk holds, and how to allow its end.
pub fn make_way(view: &View, device: &str, probe: &Probe) -> Result<Vec<Action>, Refusal> {
    let node = &view.node.name;
    let users = users(view, &probe.path);
    if !users.is_empty() {
        return Err(Refusal {
            found: format!("{device} on {node} is in use: {}", users.join("; ")),
            fix: "name another disk, or free this one by hand first".to_owned(),
        });
    }
    let key = format!("{node}:{device}");
    if !view.consent.overwrite.contains(&key) {
        return Err(Refusal {
            found: format!("{device} on {node} is not empty, and mfsctl did not make what is on it: {}", contents(view, probe).join("; ")),
            fix: format!("name another disk; or, if nothing on it is needed any more, allow its end with --overwrite {key}"),
        });
    }
    let groups: Vec<&str> = view.facts.blocks.tree(&probe.path).iter().filter_map(|d| vg_on(view, &format!("/dev/{}", d.kname))).collect();
    if let Some(spread) = groups.iter().find(|vg| view.facts.blocks.pvs.iter().filter(|p| p.vg == **vg).count() > 1) {
        return Err(Refusal {
            found: format!("{device} on {node} is one of several disks of volume group {spread}"),
            fix: format!("take it out of {spread} by hand first (pvmove, vgreduce), or name another disk"),
        });
    }
    let wipe = |path: &str| {
        let guard = ["sh", "-c", IDLE, "mfsctl-idle", probe.path.as_str()];
        Action::run(format!("ERASE all signatures on {path}"), ["wipefs", "-a", path]).require(format!("{device} is not in use"), guard)
    };
    let mut actions: Vec<Action> = probe.partitions.iter().map(|p| wipe(&p.path)).collect();
    actions.push(wipe(&probe.path));
    Ok(actions)
}

fn vg_on<'a>(view: &'a View, path: &str) -> Option<&'a str> {
    view.facts.blocks.pv(path).map(|pv| pv.vg.as_str()).filter(|vg| !vg.is_empty())
}

/// Path of a disk's partition, by the kernel's rule: a `p` between when the disk's name ends in a digit.
#[must_use]
pub fn partition(disk: &str, number: u32) -> String {
    let digit = disk.ends_with(|c: char| c.is_ascii_digit());
    format!("{disk}{}{number}", if digit { "p" } else { "" })
}

/// Bytes for people: `3.0 GiB`.
#[must_use]
pub fn human(bytes: u64) -> String {
    let (unit, name) = [(1_u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        .into_iter()
        .find(|(unit, _)| bytes >= *unit)
        .unwrap_or((1, "bytes"));
    if unit == 1 { format!("{bytes} bytes") } else { format!("{:.1} {name}", bytes as f64 / unit as f64) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::World;
    use super::*;

    #[test]
    fn partitions_are_named_as_the_kernel_does() {
        for (disk, part) in [
            ("/dev/sdb", "/dev/sdb1"),
            ("/dev/vdb", "/dev/vdb1"),
            ("/dev/ubdb", "/dev/ubdb1"),
            ("/dev/nvme0n1", "/dev/nvme0n1p1"),
            ("/dev/mmcblk0", "/dev/mmcblk0p1"),
        ] {
            assert_eq!(partition(disk, 1), part);
        }
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!((human(512), human(3 << 30), human(1_610_612_736)), ("512 bytes".into(), "3.0 GiB".into(), "1.5 GiB".into()));
    }

    /// The guards run for real, on image files and loop devices' stand-ins.
    #[test]
    fn the_empty_guard_tells_empty_from_used() {
        let guard = |path: &str| {
            // A plain file stands in for the device: all but the block-device test.
            let argv = empty_guard(path).iter().map(|w| w.replace("[ -b ", "[ -f ")).collect::<Vec<_>>();
            let out = std::process::Command::new(&argv[0]).args(&argv[1..]).output().unwrap();
            (out.status.success(), String::from_utf8(out.stdout).unwrap())
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("disk");
        let name = path.display().to_string();
        std::fs::File::create(&path).unwrap().set_len(32 << 20).unwrap();
        assert_eq!(guard(&name), (true, String::new()));
        let made = std::process::Command::new("mkfs.ext4").args(["-q", &name]).status().unwrap();
        assert!(made.success());
        let (ok, found) = guard(&name);
        assert!(!ok && found.contains("ext4"), "{found}");
        assert!(!guard("/no/such").0);
    }

    #[test]
    fn what_uses_a_disk_is_named() {
        let mut world = World::new();
        world.facts("node1").mounts.swaps.push("/dev/ubdb".into());
        assert_eq!(users(&world.view("node1"), "/dev/ubdb"), ["/dev/ubdb is swap"]);
        assert_eq!(users(&world.view("node1"), "/dev/ubda"), ["/dev/ubda is mounted at /"]);
    }
}
