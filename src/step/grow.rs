//! The metadata volume grows online: disk, volume group, logical volumes on both masters, then DRBD, then XFS.
//!
//! The layers grow from below, each on both sides before the next: DRBD takes the smaller of the two volumes and says
//! nothing. Between the volumes and DRBD its metadata lies where the volume ended before; DRBD's tools move it when
//! the volume is attached again, so a power cut there is harmless.

use std::collections::BTreeMap;
use std::time::Duration;

use super::disk::human;
use super::drbd::{sync, with_state};
use super::lvm::{self, size_word};
use super::{Action, Outcome, ProgressOf, Refusal, StepDef, View};
use crate::fact::growth::Layers;
use crate::inventory::model::{Cluster, MasterStorage};

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "grow-disk", about: "One more disk in the volume group", plan: disk },
    StepDef { name: "grow-volume", about: "The logical volume has the wanted size", plan: volume },
    StepDef { name: "grow-replica", about: "DRBD uses all of both volumes, and the new part is synchronised", plan: replica },
    StepDef { name: "grow-peer", about: "The standby's device is as large", plan: peer },
    StepDef { name: "grow-filesystem", about: "XFS uses all of the device", plan: filesystem },
];

/// What was agreed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growing {
    /// Bytes of both logical volumes afterwards.
    pub bytes: u64,
    /// Disks to add, by node.
    pub disks: BTreeMap<String, String>,
    /// Sizes as they were found, by node.
    pub layers: BTreeMap<String, Layers>,
}

/// What the operator asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Bytes; without it the inventory's size, or all there is.
    pub size: Option<u64>,
    /// Disks to add, by node.
    pub disks: BTreeMap<String, String>,
}

/// XFS leaves out a last group smaller than 64 blocks; no extent is that small.
const XFS_REST: u64 = 1 << 20;

/// 0 when both sides are connected, equal, and this one is Primary.
const EQUAL_AND_PRIMARY: &str = r#"
case $(state "$1" "$2") in "cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate"*) exit 0 ;; esac
state "$1" "$2" >&2; exit 1"#;
/// 0 while the volume `$1` has less than `$2` bytes.
const SMALLER: &str = r#"[ "$(blockdev --getsize64 "$1")" -lt "$2" ]"#;
/// 0 once the device `$1` has at least `$2` bytes.
const AS_LARGE: &str = r#"read -r n </sys/class/block/${1##*/}/size && [ $((n * 512)) -ge "$2" ] && exit 0
echo "$1 has $((n * 512)) bytes, not $2" >&2; exit 1"#;
/// 0 when `$1` is mounted at `$2` as XFS.
const MOUNTED: &str = r#"grep -q "^$1 $2 xfs " /proc/mounts"#;

/// Bytes of internal DRBD metadata at the end of a volume (DRBD's guide: a bit for 4 KiB of each peer, and 36 KiB).
#[must_use]
pub fn metadata_bytes(volume: u64, peers: u64) -> u64 {
    let sectors = volume / 512;
    (sectors.div_ceil(1 << 18) * 8 * peers + 72) * 512
}

/// Whether a device uses all of a volume. DRBD 9 reserves room for more peers than there are; how many is not told.
#[must_use]
pub fn uses_all(device: u64, volume: u64, nine: bool) -> bool {
    let page = 4096;
    device + metadata_bytes(volume, if nine { 8 } else { 1 }) + page >= volume
}

/// Whether a file system uses all of a device.
#[must_use]
pub fn fills(filesystem: u64, device: u64) -> bool {
    filesystem + XFS_REST > device
}

/// The size both volumes are to get.
///
/// # Errors
/// When it is smaller than what is there, or there is no room for it: the figures, and what to do.
pub fn target(views: &[View], wish: &Wish) -> Result<u64, Refusal> {
    let mut step = 1;
    let (mut largest, mut wanted) = (0, None);
    let mut rooms: Vec<(&str, u64, u64)> = Vec::new();
    for view in views {
        let (storage, volume, room) = room(view, wish)?;
        let extent = view.facts.blocks.vg(&storage.vg).map_or(1, |vg| vg.extent.max(1));
        step = lcm(step, extent);
        largest = largest.max(volume);
        wanted = wanted.max(storage.size);
        rooms.push((&view.node.name, volume, room));
    }
    let exact = |bytes: u64| format!("{} ({bytes} bytes)", human(bytes));
    let smallest_room = rooms.iter().map(|r| r.2).min().unwrap_or(0);
    let all = smallest_room / step * step;
    let inventory = wanted.map(|bytes| bytes.div_ceil(step) * step);
    let target = match (wish.size, inventory) {
        (Some(size), _) => size.div_ceil(step) * step,
        (None, Some(size)) if wish.disks.is_empty() || size > largest => size,
        (None, _) => all.max(largest),
    };
    if target < largest {
        let from = if wish.size.is_some() { "--size" } else { "masters.size of the inventory" };
        return Err(Refusal {
            found: format!("{from} asks for {}, the volume has {}", exact(target), exact(largest)),
            fix: "a volume is never made smaller: XFS cannot shrink; ask for more, or write the size it has".to_owned(),
        });
    }
    if let Some((node, volume, room)) = rooms.iter().find(|r| r.2 < target) {
        let sizes: Vec<String> = rooms.iter().map(|(node, volume, _)| format!("{node}'s has {}", human(*volume))).collect();
        return Err(Refusal {
            found: format!(
                "{node} has room for {}, the volumes are to have {} ({}); {} more are needed there",
                exact(*room),
                exact(target),
                sizes.join(", "),
                human(target - (*room).max(*volume))
            ),
            fix: "ask for less, or add a disk on both masters with --disk".to_owned(),
        });
    }
    Ok(target)
}

/// One master's volume, and how large it could become.
fn room<'a>(view: &View<'a>, wish: &Wish) -> Result<(&'a MasterStorage, u64, u64), Refusal> {
    let node = &view.node.name;
    let missing = |what: String| Refusal { found: format!("{what} on {node}"), fix: "run `mfsctl provision` first".to_owned() };
    let storage = view.node.storage.as_ref().ok_or_else(|| missing("no volume is wanted".to_owned()))?;
    let blocks = &view.facts.blocks;
    let group = blocks.vg(&storage.vg).ok_or_else(|| missing(format!("there is no volume group {}", storage.vg)))?;
    let volume = blocks.lv(&storage.vg, &storage.lv).ok_or_else(|| missing(format!("there is no volume {}", storage.lv_path())))?;
    let more = match wish.disks.get(node) {
        Some(disk) => lvm::room_of(view, storage, disk).map_or_else(|| super::disk::probe(view, disk, "--disk").map(|_| 0), Ok)?,
        None => 0,
    };
    Ok((storage, volume.size, volume.size + group.free + more))
}

fn lcm(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a / x.max(1) * b
}

/// The line the inventory needs so that it says what is there; `None` when it does.
#[must_use]
pub fn line(cluster: &Cluster, bytes: u64) -> Option<String> {
    let differs = cluster.nodes.iter().filter_map(|n| n.storage.as_ref()?.size).any(|size| size != bytes);
    differs.then(|| format!("size: {}", size_word(bytes)))
}

fn growing<'a>(view: &View<'a>) -> Result<(&'a Growing, &'a MasterStorage), Outcome> {
    match (&view.consent.growing, &view.node.storage) {
        (Some(growing), Some(storage)) => Ok((growing, storage)),
        _ => Err(Outcome::refused("nobody said how large the volume is to become", "run `mfsctl grow`")),
    }
}

fn disk(view: &View) -> Outcome {
    let (growing, storage) = match growing(view) {
        Ok(agreed) => agreed,
        Err(refused) => return refused,
    };
    let Some(disk) = growing.disks.get(&view.node.name) else { return Outcome::Unchanged("no disk is to be added".to_owned()) };
    match lvm::extension(view, storage, disk) {
        Ok(actions) => Outcome::from_actions(actions, format!("{disk} is part of {}", storage.vg)),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn volume(view: &View) -> Outcome {
    let (growing, storage) = match growing(view) {
        Ok(agreed) => agreed,
        Err(refused) => return refused,
    };
    let path = storage.lv_path();
    let Some(lv) = view.facts.blocks.lv(&storage.vg, &storage.lv) else {
        return Outcome::refused(format!("there is no volume {path}"), "run `mfsctl provision` first");
    };
    if lv.size >= growing.bytes {
        return Outcome::Unchanged(format!("{path} has {}", human(lv.size)));
    }
    let title = format!("extend {path} from {} to {}", human(lv.size), human(growing.bytes));
    let extend = Action::run(title, ["lvextend", "-y", "-L", &format!("{}b", growing.bytes), &format!("{}/{}", storage.vg, storage.lv)]);
    let smaller = ["sh", "-c", SMALLER, "mfsctl-smaller", &path, &growing.bytes.to_string()];
    Outcome::Do(vec![extend.only_if("only if it is smaller", smaller)])
}

/// Sizes found on this node before.
fn layers(view: &View, growing: &Growing) -> Layers {
    growing.layers.get(&view.node.name).cloned().unwrap_or_default()
}

/// Whether the volumes below are as large as wanted on both masters already.
fn volumes_are_there(view: &View, growing: &Growing) -> bool {
    let masters = view.cluster.masters();
    masters.iter().all(|n| growing.layers.get(&n.name).is_some_and(|l| l.volume.is_some_and(|v| v >= growing.bytes)))
}

fn device_is_there(view: &View, growing: &Growing) -> bool {
    let nine = view.facts.drbd.is_nine().unwrap_or(false);
    layers(view, growing).device.is_some_and(|device| uses_all(device, growing.bytes, nine))
}

/// Least bytes of the device afterwards.
fn least(view: &View, growing: &Growing) -> u64 {
    let nine = view.facts.drbd.is_nine().unwrap_or(false);
    growing.bytes - metadata_bytes(growing.bytes, if nine { 8 } else { 1 }) - 4096
}

fn wait_as_large(view: &View, growing: &Growing) -> Action {
    let least = least(view, growing);
    let argv = ["sh", "-c", AS_LARGE, "mfsctl-as-large", &view.cluster.drbd.device, &least.to_string()];
    let title = format!("wait until {} has {}", view.cluster.drbd.device, human(least));
    Action::wait(title, argv, Duration::from_secs(1), Duration::from_secs(60))
}

fn replica(view: &View) -> Outcome {
    let (growing, _) = match growing(view) {
        Ok(agreed) => agreed,
        Err(refused) => return refused,
    };
    let device = &view.cluster.drbd.device;
    if volumes_are_there(view, growing) && device_is_there(view, growing) {
        return Outcome::Unchanged(format!("{device} uses all of both volumes"));
    }
    let resize = Action::run(format!("let {device} use all of both volumes"), ["drbdadm", "resize", &view.cluster.drbd.resource]);
    let resize = resize.require("both sides are connected and equal, and this one is Primary", with_state(view.cluster, EQUAL_AND_PRIMARY));
    let title = "synchronise the new part";
    let wait = Action::wait(title, with_state(view.cluster, sync::IN_SYNC), Duration::from_secs(1), sync::SYNC_WITHIN);
    Outcome::Do(vec![resize, wait_as_large(view, growing), wait.progress(ProgressOf::DrbdSync)])
}

fn peer(view: &View) -> Outcome {
    let (growing, _) = match growing(view) {
        Ok(agreed) => agreed,
        Err(refused) => return refused,
    };
    if device_is_there(view, growing) {
        return Outcome::Unchanged(format!("{} is as large", view.cluster.drbd.device));
    }
    Outcome::Do(vec![wait_as_large(view, growing)])
}

fn filesystem(view: &View) -> Outcome {
    let (growing, _) = match growing(view) {
        Ok(agreed) => agreed,
        Err(refused) => return refused,
    };
    let (device, path) = (&view.cluster.drbd.device, &view.cluster.mount_point);
    let found = layers(view, growing);
    let there = device_is_there(view, growing) && found.filesystem.zip(found.device).is_some_and(|(fs, device)| fills(fs, device));
    if there {
        return Outcome::Unchanged(format!("the file system uses all of {device}"));
    }
    let grow = Action::run(format!("let the file system at {path} use all of {device}"), ["xfs_growfs", "-d", path]);
    let mounted = ["sh", "-c", MOUNTED, "mfsctl-mounted", device, path];
    Outcome::Do(vec![grow.require(format!("{device} is mounted at {path}"), mounted)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "grow_tests.rs"]
mod tests;
