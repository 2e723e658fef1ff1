//! The volume under DRBD: partition, physical volume, volume group, logical volume; the same size on both masters.

use std::time::Duration;

use super::disk::{self, human};
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View};
use crate::fact::HostFacts;
use crate::fact::block::{GPT_LVM, Probe, Vg};
use crate::fact::system::Family;
use crate::inventory::model::{Layout, MasterStorage};

/// Steps of this file.
pub const STEPS: &[StepDef] =
    &[StepDef { name: "lvm", about: "A logical volume for the metadata, the same size on both masters", plan: step }];

const MIB: u64 = 1 << 20;
/// Bytes of one extent; given explicitly, so that sizes can be foretold.
const EXTENT: u64 = 4 * MIB;
/// Name of the partition in the GPT: on the disk itself, it tells that mfsctl made it.
const PARTITION_NAME: &str = "mfsctl";
/// Sectors of 512 bytes before the partition: 1 MiB.
const FIRST_SECTOR: u64 = 2048;

fn step(view: &View) -> Outcome {
    let Some(storage) = &view.node.storage else { return Outcome::Unchanged("no volume is wanted here".to_owned()) };
    match plan(view, storage) {
        Ok(actions) => {
            let size = view.facts.blocks.lv(&storage.vg, &storage.lv).map(|lv| human(lv.size)).unwrap_or_default();
            Outcome::from_actions(actions, format!("{} exists ({size})", storage.lv_path()))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn plan(view: &View, storage: &MasterStorage) -> Result<Vec<Action>, Refusal> {
    let size = agreed_size(view, storage)?;
    volume(view, storage, size, "masters.disk")
}

/// Actions that make a logical volume exist and be active on its disk; also for chunkservers' disks.
/// `setting` names the place in the inventory for messages.
///
/// # Errors
/// When the disk or the volume group is not what it should be: what was found, and what to do.
pub fn volume(view: &View, storage: &MasterStorage, size: Size, setting: &str) -> Result<Vec<Action>, Refusal> {
    let blocks = &view.facts.blocks;
    let MasterStorage { vg, lv, .. } = storage;
    let mut actions = match blocks.vg(vg) {
        Some(group) => {
            usable_group(view, storage, group, setting)?;
            Vec::new()
        }
        None if storage.layout == Layout::ExistingVg => {
            let known: Vec<&str> = blocks.vgs.iter().map(|v| v.name.as_str()).collect();
            let known = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
            return Err(Refusal {
                found: format!("there is no volume group {vg} on {} ({known})", view.node.name),
                fix: "make it first, correct its name, or let mfsctl make it (layout: partition or whole-disk)".to_owned(),
            });
        }
        None => group(view, storage, setting, Join::Create)?,
    };
    match blocks.lv(vg, lv) {
        Some(volume) if volume.is_active() => {}
        Some(_) => actions.push(Action::run(format!("activate {vg}/{lv}"), ["lvchange", "-a", "y", &format!("{vg}/{lv}")])),
        None => actions.push(create(vg, lv, size)),
    }
    Ok(actions)
}

/// How large a new volume becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// All free extents.
    All,
    /// Bytes, whole extents.
    Bytes(u64),
}

fn create(vg: &str, lv: &str, size: Size) -> Action {
    let (flag, value) = match size {
        Size::All => ("-l", "100%FREE".to_owned()),
        Size::Bytes(bytes) => ("-L", format!("{bytes}b")),
    };
    let title = match size {
        Size::All => format!("create logical volume {vg}/{lv} over all free extents"),
        Size::Bytes(bytes) => format!("create logical volume {vg}/{lv} of {}", human(bytes)),
    };
    // Free extents belong to nobody: what an earlier volume left in them is wiped, or later probes would mistake it for ours.
    Action::run(title, ["lvcreate", "-y", "-W", "y", "-n", lv, flag, &value, vg]).only_if(
        format!("only if {vg}/{lv} does not exist"),
        ["sh", "-c", r#"! lvs "$1" >/dev/null 2>&1"#, "mfsctl-no-lv", &format!("{vg}/{lv}")],
    )
}

/// What becomes of the volume group when a disk is made part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    /// It is made.
    Create,
    /// It gets one more disk.
    Extend,
}

impl Join {
    fn action(self, vg: &str, target: &str, note: &str) -> Action {
        match self {
            Self::Create => {
                let argv = ["vgcreate", "-s", "4m", "--dataalignment", "1m", vg, target];
                Action::run(format!("create volume group {vg} on {target}{note}"), argv)
            }
            Self::Extend => {
                Action::run(format!("add {target}{note} to volume group {vg}"), ["vgextend", "--dataalignment", "1m", vg, target])
            }
        }
    }
}

/// Actions that make one more disk part of a volume group that exists: empty, or ours half made, under the rules of the first one.
///
/// # Errors
/// What the disk holds otherwise.
pub fn extension(view: &View, storage: &MasterStorage, disk: &str) -> Result<Vec<Action>, Refusal> {
    if view.facts.blocks.probes.get(disk).is_some_and(|probe| is_in(view, &storage.vg, probe)) {
        return Ok(Vec::new());
    }
    group(view, &further(storage, disk), "--disk", Join::Extend)
}

/// Bytes that one more disk adds to a volume group; 0 when it is part of it already, `None` when it is not there to tell.
#[must_use]
pub fn room_of(view: &View, storage: &MasterStorage, disk: &str) -> Option<u64> {
    let blocks = &view.facts.blocks;
    let probe = blocks.probes.get(disk)?;
    if is_in(view, &storage.vg, probe) {
        return Some(0);
    }
    let extent = blocks.vg(&storage.vg).map_or(EXTENT, |vg| vg.extent.max(1));
    let bytes = probe.sectors * 512;
    let device = if further(storage, disk).layout == Layout::Partition { partition_bytes(bytes) } else { bytes };
    Some(device.saturating_sub(MIB) / extent * extent)
}

/// The storage as it would be with that disk alone.
fn further(storage: &MasterStorage, disk: &str) -> MasterStorage {
    let layout = if storage.layout == Layout::Partition { Layout::Partition } else { Layout::WholeDisk };
    MasterStorage { disk: disk.to_owned(), layout, ..storage.clone() }
}

/// Whether a disk, or a partition of it, is a physical volume of that group.
fn is_in(view: &View, vg: &str, probe: &Probe) -> bool {
    let mut own = std::iter::once(&probe.path).chain(probe.partitions.iter().map(|p| &p.path));
    own.any(|path| view.facts.blocks.pv(path).is_some_and(|pv| pv.vg == vg))
}

/// Partition (when wanted) and volume group on a disk that is empty, ours half-made, or given up by the operator.
fn group(view: &View, storage: &MasterStorage, setting: &str, join: Join) -> Result<Vec<Action>, Refusal> {
    let probe = disk::probe(view, &storage.disk, setting)?;
    if storage.layout == Layout::Partition && view.facts.blocks.device(&probe.path).is_some_and(|d| d.kind == "part") {
        return Err(Refusal {
            found: format!("{} is a partition, not a disk", storage.disk),
            fix: format!("give the whole disk as {setting}, or layout: whole-disk to use the partition as it is"),
        });
    }
    let target = match storage.layout {
        Layout::Partition => disk::partition(&probe.path, 1),
        Layout::WholeDisk | Layout::ExistingVg => probe.path.clone(),
    };
    let mut actions = Vec::new();
    match found(view, storage, probe) {
        Found::Empty => actions.extend(partition(view, storage, probe)),
        Found::Partition { typed } => {
            if !typed {
                actions.push(Action::run(
                    format!("set the type of {target} to Linux LVM"),
                    ["parted", "-s", &probe.path, "set", "1", "lvm", "on"],
                ));
            }
        }
        Found::Volume => {
            // What the physical volume has already cannot be said again.
            let mut action = join.action(&storage.vg, &target, ", a physical volume already");
            if let ActionKind::Run(run) = &mut action.kind {
                run.argv.retain(|word| word != "--dataalignment" && word != "1m");
            }
            return Ok(vec![action]);
        }
        Found::Other => {
            actions.extend(disk::make_way(view, &storage.disk, probe)?);
            actions.extend(partition(view, storage, probe));
        }
    }
    let create = join.action(&storage.vg, &target, "");
    actions.push(create.require(format!("{target} is empty"), disk::empty_guard(&target)));
    Ok(actions)
}

/// What stands on the disk, as far as it is ours.
enum Found {
    /// Nothing.
    Empty,
    /// The one partition mfsctl makes, nothing in it.
    Partition {
        /// Its type is Linux LVM.
        typed: bool,
    },
    /// A physical volume in no group, just where mfsctl makes one.
    Volume,
    /// Anything else.
    Other,
}

/// A half-made disk is recognised by what only mfsctl writes: one GPT partition named `mfsctl`.
/// A physical volume that belongs to no group counts as ours where ours would be: LVM knows of no data in it.
fn found(view: &View, storage: &MasterStorage, probe: &Probe) -> Found {
    let orphan = |p: &Probe| p.fs() == Some("LVM2_member") && view.facts.blocks.pv(&p.path).is_some_and(|pv| pv.vg.is_empty());
    if !disk::users(view, &probe.path).is_empty() {
        return Found::Other;
    }
    if probe.is_empty() {
        return Found::Empty;
    }
    if storage.layout == Layout::WholeDisk {
        return if orphan(probe) && probe.table().is_none() { Found::Volume } else { Found::Other };
    }
    let [part] = probe.partitions.as_slice() else { return Found::Other };
    if probe.table() != Some("gpt") || part.tags.get("PART_ENTRY_NAME").map(String::as_str) != Some(PARTITION_NAME) {
        return Found::Other;
    }
    if orphan(part) {
        Found::Volume
    } else if part.is_empty() {
        Found::Partition { typed: part.tags.get("PART_ENTRY_TYPE").is_some_and(|t| t.eq_ignore_ascii_case(GPT_LVM)) }
    } else {
        Found::Other
    }
}

/// One partition of type Linux LVM over the whole disk. `sfdisk` writes table, name and type at once; the one of
/// Enterprise Linux 7 and older knows no GPT, there `parted` does.
fn partition(view: &View, storage: &MasterStorage, probe: &Probe) -> Vec<Action> {
    if storage.layout != Layout::Partition {
        return Vec::new();
    }
    let disk = &probe.path;
    let sectors = partition_bytes(probe.sectors * 512) / 512;
    let title = format!("make one partition of type Linux LVM over all of {disk} ({})", human(sectors * 512));
    let make = if view.facts.system.os.family() == Some(Family::Yum) {
        let (first, last) = (format!("{FIRST_SECTOR}s"), format!("{}s", FIRST_SECTOR + sectors - 1));
        Action::run(title, ["parted", "-s", disk, "mklabel", "gpt", "mkpart", PARTITION_NAME, &first, &last, "set", "1", "lvm", "on"])
    } else {
        let table = format!("label: gpt\nstart={FIRST_SECTOR}, size={sectors}, type={}, name={PARTITION_NAME}\n", GPT_LVM.to_uppercase());
        Action::run(title, ["sfdisk", "--quiet", "--label", "gpt", disk]).input(table)
    };
    let path = disk::partition(disk, 1);
    let wait = Action::wait(format!("wait for {path}"), ["test", "-b", &path], Duration::from_millis(300), Duration::from_secs(20));
    vec![make.require(format!("{disk} is empty"), disk::empty_guard(disk)), wait]
}

/// Whole MiB, one MiB free on either side: the GPT and its copy.
fn partition_bytes(disk: u64) -> u64 {
    (disk / MIB).saturating_sub(2) * MIB
}

/// A group that exists must be whole and, unless it is only used, lie on the disk the inventory names.
fn usable_group(view: &View, storage: &MasterStorage, group: &Vg, setting: &str) -> Result<(), Refusal> {
    let (blocks, vg) = (&view.facts.blocks, &storage.vg);
    if group.attributes.chars().nth(3) == Some('p') {
        return Err(Refusal {
            found: format!("volume group {vg} lacks one of its disks (vgs shows {})", group.attributes),
            fix: "bring the disk back, or repair the group by hand (vgreduce --removemissing)".to_owned(),
        });
    }
    if storage.layout == Layout::ExistingVg {
        return Ok(());
    }
    let paths: Vec<&str> = blocks.pvs.iter().filter(|p| p.vg == *vg).map(|p| p.path.as_str()).collect();
    let on_disk = blocks.probes.get(&storage.disk).is_some_and(|probe| {
        let mut own = std::iter::once(&probe.path).chain(probe.partitions.iter().map(|p| &p.path));
        own.any(|path| paths.contains(&path.as_str()))
    });
    if on_disk {
        return Ok(());
    }
    Err(Refusal {
        found: format!("volume group {vg} exists on {}, not on {} as the inventory says", paths.join(", "), storage.disk),
        fix: format!("correct {setting}, choose another vg, or set layout: existing-vg to use the group as it is"),
    })
}

/// Bytes a new volume can have at most, from what the survey saw; `None` when the disk is not there to tell.
fn capacity(facts: &HostFacts, storage: &MasterStorage) -> Option<u64> {
    if let Some(vg) = facts.blocks.vg(&storage.vg) {
        return Some(vg.free);
    }
    let disk = facts.blocks.probes.get(&storage.disk)?.sectors * 512;
    let device = match storage.layout {
        Layout::Partition => partition_bytes(disk),
        Layout::WholeDisk => disk,
        Layout::ExistingVg => return None,
    };
    Some(device.saturating_sub(MIB) / EXTENT * EXTENT)
}

/// What one master's volume is or would become by itself.
struct Volume {
    bytes: u64,
    exists: bool,
}

fn own_size(facts: &HostFacts, storage: &MasterStorage) -> Option<Volume> {
    if let Some(lv) = facts.blocks.lv(&storage.vg, &storage.lv) {
        return Some(Volume { bytes: lv.size, exists: true });
    }
    let extent = facts.blocks.vg(&storage.vg).map_or(EXTENT, |vg| vg.extent.max(1));
    let bytes = match storage.size {
        Some(size) => size.div_ceil(extent) * extent,
        None => capacity(facts, storage)?,
    };
    Some(Volume { bytes, exists: false })
}

/// The size both masters' volumes have or get. DRBD would silently use the smaller one.
fn agreed_size(view: &View, storage: &MasterStorage) -> Result<Size, Refusal> {
    let node = &view.node.name;
    let Some(own) = own_size(view.facts, storage) else { return Ok(Size::All) };
    let exact = |bytes: u64| format!("{} ({bytes} bytes)", human(bytes));
    if own.exists {
        let extent = view.facts.blocks.vg(&storage.vg).map_or(EXTENT, |vg| vg.extent.max(1));
        if let Some(size) = storage.size.map(|s| s.div_ceil(extent) * extent).filter(|s| *s != own.bytes) {
            return Err(Refusal {
                found: format!("{}/{} on {node} has {}, masters.size asks for {}", storage.vg, storage.lv, exact(own.bytes), exact(size)),
                fix: if size > own.bytes {
                    "`mfsctl grow` takes both masters' volumes there; or set masters.size to the size it has".to_owned()
                } else {
                    "set masters.size to the size it has: a volume is never made smaller".to_owned()
                },
            });
        }
    } else if let Some(room) = capacity(view.facts, storage).filter(|room| own.bytes > *room || *room == 0) {
        return Err(Refusal {
            found: format!("the volume needs {}, {} on {node} has room for {}", exact(own.bytes), storage.disk, exact(room)),
            fix: "lower masters.size, or use a larger disk".to_owned(),
        });
    }
    let size = if storage.size.is_some() { Size::Bytes(own.bytes) } else { Size::All };
    let Some(peer) = view.cluster.peer(view.node) else { return Ok(size) };
    let peer_facts = view.state.get(&peer.name).and_then(|facts| facts.as_ref().ok());
    let Some(other) = peer_facts.zip(peer.storage.as_ref()).and_then(|(facts, storage)| own_size(facts, storage)) else { return Ok(size) };
    if own.bytes == other.bytes || (own.exists && !other.exists) {
        return Ok(size);
    }
    if other.exists && !own.exists && storage.size.is_none() && own.bytes > other.bytes {
        return Ok(Size::Bytes(other.bytes));
    }
    let verb = |volume: &Volume| if volume.exists { "has" } else { "would get" };
    let smaller = own.bytes.min(other.bytes);
    Err(Refusal {
        found: format!(
            "the volumes of both masters must be the same size: {node} {} {}, {} {} {}",
            verb(&own),
            exact(own.bytes),
            peer.name,
            verb(&other),
            exact(other.bytes)
        ),
        fix: if own.exists && other.exists {
            format!("`mfsctl grow --size {}` makes the smaller one as large", size_word(own.bytes.max(other.bytes)))
        } else {
            format!("set masters.size to {} MiB or less, or use disks of one size", smaller / MIB)
        },
    })
}

/// A size as it is written in the inventory and on the command line.
#[must_use]
pub fn size_word(bytes: u64) -> String {
    match bytes {
        b if b % (1 << 30) == 0 => format!("{}GiB", b >> 30),
        b if b % MIB == 0 => format!("{}MiB", b / MIB),
        b => b.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "lvm_tests.rs"]
mod tests;
