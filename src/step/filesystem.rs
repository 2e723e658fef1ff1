//! File systems on block devices: the metadata volume's, and those of chunkservers' data directories.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::fstab::{self, Block, Entry};
use super::lvm::{self, Size};
use super::{Action, Outcome, Refusal, StepDef, View, disk};
use crate::fact::block::Probe;
use crate::fact::file::FileFact;
use crate::inventory::layout::storage::{FSTAB, KEEPALIVED_UNIT};
use crate::inventory::model::{ChunkDisk, Layout, MasterStorage};

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "mount-point", about: "An empty directory where the metadata volume is mounted", plan: mount_point },
    StepDef { name: "filesystem", about: "XFS on the DRBD device, made once, mounted on the active master", plan: filesystem },
];

/// Options of the metadata volume's mount.
const METADATA_OPTIONS: &str = "noatime,nodev,nosuid,noexec";
/// Options of chunk disks; a missing one must not stop a boot.
const CHUNK_OPTIONS: &str = "noatime,nodev,nosuid,noexec,nofail";
/// Succeeds when the device holds a file system of that type and nothing is mounted at the path.
const READY: &str = r#"type=$(blkid -p -o value -s TYPE "$1" 2>&1)
[ "$type" = "$2" ] || { echo "$1 holds ${type:-no file system}"; exit 1; }
! mountpoint -q "$3" || { echo "$3 has something mounted already"; exit 1; }"#;
const NOT_MOUNTED: &str = r#"! mountpoint -q "$1""#;
const MAKING: Duration = Duration::from_secs(600);

fn mount_point(view: &View) -> Outcome {
    let path = &view.cluster.mount_point;
    if let Some(mounted) = view.facts.mounts.at(path) {
        if mounted.source == view.cluster.drbd.device {
            return Outcome::Unchanged(format!("{} is mounted there", mounted.source));
        }
        return Outcome::refused(
            format!("{} is mounted at {path} on {}, not {}", mounted.source, view.node.name, view.cluster.drbd.device),
            format!("unmount it, or choose another mount_point than {path}"),
        );
    }
    match directory(view, path) {
        Ok(action) => Outcome::from_actions(action.into_iter().collect(), format!("{path} exists and is empty")),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// Makes a directory to mount on; one with content is refused: what lies under a mount is read by mistake when the mount is missing.
fn directory(view: &View, path: &str) -> Result<Option<Action>, Refusal> {
    let make = || Action::run(format!("make directory {path}"), ["install", "-d", "-m", "0755", "-o", "root", "-g", "root", path]);
    match view.facts.files.get(path) {
        Some(FileFact::Directory(meta)) => {
            let names = view.facts.mounts.listed.get(path).map(Vec::as_slice).unwrap_or_default();
            if !names.is_empty() {
                return Err(Refusal {
                    found: format!("{path} on {} is not mounted, yet holds {}", view.node.name, names.join(", ")),
                    fix: format!(
                        "it was written while nothing was mounted: look whether it is needed, then move it away (mv {path} {path}.found)"
                    ),
                });
            }
            let as_wanted = meta.mode == 0o755 && meta.owner == "root" && meta.group == "root";
            Ok(if as_wanted { None } else { Some(make()) })
        }
        Some(FileFact::Regular { .. } | FileFact::Other(_)) => {
            Err(Refusal { found: format!("{path} on {} is not a directory", view.node.name), fix: "move it out of the way".to_owned() })
        }
        Some(FileFact::Missing) | None => Ok(Some(make())),
    }
}

fn filesystem(view: &View) -> Outcome {
    let (device, path) = (&view.cluster.drbd.device, &view.cluster.mount_point);
    if view.facts.mounts.at(path).is_some_and(|m| m.source == *device) {
        return Outcome::Unchanged(format!("{device} is mounted at {path}"));
    }
    if !view.is_active() {
        return Outcome::Unchanged("made and mounted on the active master only".to_owned());
    }
    let probe = view.facts.blocks.probes.get(device);
    let fs = probe.and_then(Probe::fs);
    if let Some(other) = fs.filter(|fs| *fs != "xfs") {
        return Outcome::refused(
            format!("{device} holds a file system of another kind ({other})"),
            format!("look what it is; when nothing on it is needed, clear it by hand on the active master: wipefs -a {device}"),
        );
    }
    let mut actions = Vec::new();
    if fs.is_none() {
        let make = Action::run(format!("make the XFS file system on {device}"), ["mkfs.xfs", "-q", "-L", "mfs-metadata", device]);
        actions.push(make.within(MAKING).only_if(format!("only if {device} holds nothing"), disk::empty_guard(device)));
    }
    if view.facts.units.get(KEEPALIVED_UNIT).is_active() {
        // A file system that cannot be seen (a secondary is not readable) is no reason to make one behind takeover's back.
        if fs.is_some() || probe.is_none_or(|p| !p.is_empty()) {
            return Outcome::Unchanged("keepalived runs: takeover mounts the volume where it becomes active".to_owned());
        }
        return Outcome::Do(actions);
    }
    let guard = ["sh", "-c", READY, "mfsctl-ready", device, "xfs", path];
    let mount = Action::run(format!("mount {device} at {path}"), ["mount", "-t", "xfs", "-o", METADATA_OPTIONS, device, path]);
    actions.push(mount.require(format!("{device} holds an XFS file system, and {path} is free"), guard));
    Outcome::Do(actions)
}

/// What a data directory's file system still needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceFilesystem {
    /// Before the line in /etc/fstab: volume, file system, mount point.
    pub prepare: Vec<Action>,
    /// Our line in /etc/fstab; none when a line of the administrator's mounts it already.
    pub entry: Option<Entry>,
    /// After the line: the mount.
    pub mount: Option<Action>,
}

/// Everything this chunkserver's data directories need before they are used: volumes, file systems, mount points,
/// their block in /etc/fstab, mounts. Empty when all is so. Directories without a device are left to the caller.
///
/// # Errors
/// The first disk that holds something else, is missing or in use; nothing is planned for the others then.
pub fn chunk_disks(view: &View) -> Result<Vec<Action>, Refusal> {
    let (mut actions, mut entries, mut mounts) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in view.node.disks.iter() {
        let Some(device) = &chunk.device else { continue };
        let one = device_filesystem(view, device, chunk.lvm.as_ref(), &chunk.fs, &chunk.path)?;
        actions.extend(one.prepare);
        entries.extend(one.entry);
        mounts.extend(one.mount);
    }
    if entries.is_empty() && actions.is_empty() && view.facts.files.get(FSTAB).is_none() {
        return Ok(actions);
    }
    let line = fstab::ensure(view, Block::ChunkDisks, &entries)?;
    let changed = line.is_some();
    actions.extend(line);
    // Where clients' mounts follow in the same plan, they see our mark and settle both.
    if view.node.mounts.is_empty() {
        actions.extend(fstab::settle(view, changed));
    }
    actions.extend(mounts);
    Ok(actions)
}

/// The lines of the chunk disks' block as [`chunk_disks`] plans it.
#[must_use]
pub fn chunk_entries(view: &View) -> Vec<Entry> {
    view.node.disks.iter().filter_map(|chunk| chunk_entry(view, chunk)).collect()
}

fn chunk_entry(view: &View, chunk: &ChunkDisk) -> Option<Entry> {
    let device = chunk.device.as_ref()?;
    device_entry(view, &volume_path(device, chunk.lvm.as_ref()), &chunk.fs, &chunk.path)
}

/// What a file system on a device (or on a logical volume on it) mounted at a path still needs.
/// A file system is ours when its label is the one mfsctl gives for this node and path.
///
/// # Errors
/// When the device is missing or in use or holds something else, or the mount point is not free.
pub fn device_filesystem(
    view: &View,
    device: &str,
    lvm: Option<&(String, String)>,
    fs: &str,
    path: &str,
) -> Result<DeviceFilesystem, Refusal> {
    let volume = volume_path(device, lvm);
    let mut wanted = DeviceFilesystem { entry: device_entry(view, &volume, fs, path), ..DeviceFilesystem::default() };
    if let Some(mounted) = view.facts.mounts.at(path) {
        if is_volume(view, &mounted.source, &volume, lvm) {
            return Ok(wanted);
        }
        return Err(Refusal {
            found: format!("{} is mounted at {path} on {}, not {volume}", mounted.source, view.node.name),
            fix: format!("unmount it, or correct the device of {path} in the inventory"),
        });
    }
    let probe = match lvm {
        None => Some(disk::probe(view, device, "chunkservers.disks")?),
        Some((vg, lv)) => {
            let (vg, lv) = (vg.clone(), lv.clone());
            let storage = MasterStorage { disk: device.to_owned(), layout: Layout::WholeDisk, vg, lv, size: None };
            wanted.prepare.extend(lvm::volume(view, &storage, Size::All, "chunkservers.disks")?);
            view.facts.blocks.probes.get(&volume)
        }
    };
    let label = label(&view.node.name, path);
    let ours = probe.is_some_and(|p| p.fs() == Some(fs) && p.label() == Some(label.as_str()));
    if !ours {
        if let Some(probe) = probe.filter(|p| !p.is_empty() || !disk::users(view, &p.path).is_empty()) {
            wanted.prepare.extend(disk::make_way(view, &volume, probe)?);
        }
        let make = match fs {
            "ext4" => Action::run(format!("make the ext4 file system on {volume}"), ["mkfs.ext4", "-q", "-m", "0", "-L", &label, &volume]),
            _ => Action::run(format!("make the XFS file system on {volume}"), ["mkfs.xfs", "-q", "-L", &label, &volume]),
        };
        wanted.prepare.push(make.within(MAKING).require(format!("{volume} is empty"), disk::empty_guard(&volume)));
    }
    wanted.prepare.extend(directory(view, path)?);
    let mount = Action::run(format!("mount {path}"), ["mount", path]);
    wanted.mount =
        Some(mount.only_if(format!("only if nothing is mounted at {path}"), ["sh", "-c", NOT_MOUNTED, "mfsctl-not-mounted", path]));
    Ok(wanted)
}

/// Ours is known by its label; one that was there before mfsctl, mounted already, by its UUID.
fn device_entry(view: &View, volume: &str, fs: &str, path: &str) -> Option<Entry> {
    let label = label(&view.node.name, path);
    let mounted = view.facts.mounts.at(path);
    let foreign = fstab::foreign(view.facts.files.content(FSTAB).unwrap_or_default());
    if mounted.is_some() && foreign.iter().any(|(_, _, target)| target.trim_end_matches('/') == path) {
        return None;
    }
    let probe = view.facts.blocks.probes.get(volume);
    let uuid = probe.filter(|p| mounted.is_some() && p.label() != Some(label.as_str())).and_then(|p| p.tags.get("UUID"));
    let source = uuid.map_or_else(|| format!("LABEL={label}"), |uuid| format!("UUID={uuid}"));
    let fs = mounted.map_or(fs, |m| m.fs.as_str()).to_owned();
    Some(Entry { source, target: path.to_owned(), fs, options: CHUNK_OPTIONS.to_owned(), pass: 0 })
}

/// Twelve characters, XFS's longest label; node and path are in it, so that a disk moved elsewhere is not taken for ours.
fn label(node: &str, path: &str) -> String {
    let digest = Sha256::digest(format!("{node}\0{path}").as_bytes());
    digest.iter().take(4).fold("mfs-".to_owned(), |label, byte| format!("{label}{byte:02x}"))
}

fn volume_path(device: &str, lvm: Option<&(String, String)>) -> String {
    lvm.map_or_else(|| device.to_owned(), |(vg, lv)| format!("/dev/{vg}/{lv}"))
}

/// Whether a source of /proc/mounts is that volume: by its path, its resolved path, or its device-mapper name
/// (where LVM doubles the hyphens of both names).
fn is_volume(view: &View, source: &str, volume: &str, lvm: Option<&(String, String)>) -> bool {
    let mapped = lvm.map(|(vg, lv)| format!("/dev/mapper/{}-{}", vg.replace('-', "--"), lv.replace('-', "--")));
    source == volume || mapped.as_deref() == Some(source) || view.facts.blocks.probes.get(volume).is_some_and(|p| p.path == source)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "filesystem_tests.rs"]
mod tests;
