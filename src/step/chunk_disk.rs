//! Chunkservers' data directories: on their own file system where a device is given, and the chunkserver's own.
//!
//! A directory whose device is not mounted must never be filled: its chunks would lie on the root disk and be gone
//! once the device is mounted over them. So such a mount point stays root's, and only the mounted file system is
//! given to `mfs`: without its device a chunkserver cannot use it, and starts with the others.

use super::fstab::{self, Block};
use super::{Action, Outcome, Refusal, StepDef, View, filesystem};
use crate::inventory::model::ChunkDisk;

/// The user chunkservers run as.
const USER: &str = "mfs";

/// Steps of this file.
pub const STEPS: &[StepDef] =
    &[StepDef { name: "chunk-disks", about: "Data directories: file systems, mounts, owner", plan: chunk_disks }];

fn chunk_disks(view: &View) -> Outcome {
    match actions(view) {
        Ok(actions) => {
            let paths: Vec<&str> = view.node.disks.iter().map(|d| d.path.as_str()).collect();
            Outcome::from_actions(actions, format!("{}: there, and the chunkserver's own", paths.join(", ")))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn actions(view: &View) -> Result<Vec<Action>, Refusal> {
    let mut actions = Vec::new();
    for disk in &view.node.disks {
        check(view, disk)?;
        if disk.device.is_some() {
            actions.extend(filesystem::device_filesystem(view, disk)?);
        }
    }
    let table = fstab::ensure(view, Block::ChunkDisks, &filesystem::chunk_entries(view.node))?;
    let changed = table.is_some();
    actions.extend(table);
    actions.extend(fstab::settle(view, changed));
    for disk in &view.node.disks {
        actions.extend(mount(view, disk));
        actions.extend(own(view, disk));
    }
    Ok(actions)
}

/// Refuses a directory that holds what is not a chunkserver's, or chunks that a mount would hide.
fn check(view: &View, disk: &ChunkDisk) -> Result<(), Refusal> {
    let Some(found) = view.facts.moosefs.disks.get(&disk.path) else { return Ok(()) };
    let mounted = view.facts.mounts.at(&disk.path).is_some();
    if let (Some(device), false, true) = (&disk.device, mounted, found.used) {
        return Err(Refusal {
            found: format!("{} holds chunks, but {device} is not mounted there: they lie on another file system", disk.path),
            fix: format!("stop the chunkserver, move what is in {} aside, mount {device}, and bring it back there", disk.path),
        });
    }
    let ours = disk.device.is_none() || mounted;
    if ours && !found.used && !found.foreign.is_empty() {
        return Err(Refusal {
            found: format!("{} holds what is not a chunkserver's: {}", disk.path, found.foreign.join(", ")),
            fix: "move it away, or name an empty directory".to_owned(),
        });
    }
    if ours && found.used && found.owner != USER {
        return Err(Refusal {
            found: format!("{} holds chunks and belongs to {}, not to {USER}", disk.path, found.owner),
            fix: format!("if they are this cluster's: `chown -R {USER}:{USER} {}`", disk.path),
        });
    }
    Ok(())
}

fn mount(view: &View, disk: &ChunkDisk) -> Option<Action> {
    let device = disk.device.as_ref().filter(|_| view.facts.mounts.at(&disk.path).is_none())?;
    let action = Action::run(format!("mount {device} on {}", disk.path), ["mount", disk.path.as_str()]);
    Some(action.only_if(format!("{} is not mounted yet", disk.path), ["sh", "-c", "! mountpoint -q \"$1\"", "mfsctl", &disk.path]))
}

/// Gives the directory (with a device: the mounted file system) to the chunkserver; its content is not touched.
fn own(view: &View, disk: &ChunkDisk) -> Option<Action> {
    let mounted = view.facts.mounts.at(&disk.path).is_some();
    let found = view.facts.moosefs.disks.get(&disk.path).filter(|_| disk.device.is_none() || mounted);
    if found.is_some_and(|f| f.owner == USER && f.mode & 0o700 == 0o700) {
        return None;
    }
    let argv = ["install", "-d", "-o", USER, "-g", USER, "-m", "0750", disk.path.as_str()];
    let action = Action::run(format!("give {} to {USER}", disk.path), argv);
    Some(match disk.device {
        Some(_) => action.require(format!("{} is mounted", disk.path), ["mountpoint", "-q", &disk.path]),
        None => action,
    })
}
