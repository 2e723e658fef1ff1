//! Chunkservers' data directories: on their own file system where a device is given, and the chunkserver's own.
//!
//! A directory whose device is not mounted must never be filled: its chunks would lie on the root disk and be gone
//! once the device is mounted over them. So such a mount point stays root's, and only the mounted file system is
//! given to `mfs`: without its device a chunkserver cannot use it, and starts with the others.

use super::{Action, Outcome, Refusal, StepDef, View, filesystem, leaving};
use crate::inventory::model::ChunkDisk;

/// The user chunkservers run as.
const USER: &str = "mfs";

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "chunk-disks", about: "Data directories: file systems, mounts, owner", plan: chunk_disks }];

fn chunk_disks(view: &View) -> Outcome {
    let node = leaving::effective(view);
    let view = &View { node: &node, ..*view };
    match actions(view) {
        Ok(actions) => {
            let paths: Vec<&str> = view.node.disks.iter().map(|d| d.path.as_str()).collect();
            Outcome::from_actions(actions, format!("{}: there, and the chunkserver's own", paths.join(", ")))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn actions(view: &View) -> Result<Vec<Action>, Refusal> {
    for disk in &view.node.disks {
        check(view, disk)?;
    }
    let mut actions = filesystem::chunk_disks(view)?;
    actions.extend(view.node.disks.iter().filter_map(|disk| own(view, disk)));
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions as of, cluster};
    use super::*;
    use crate::fact::moosefs::DiskDir;
    use crate::fact::mount::Mounted;

    const PATH: &str = "/mnt/mfs1";

    fn world(device: bool) -> World {
        let mut cluster = cluster();
        let node = cluster.nodes.iter_mut().find(|n| n.name == "node3").unwrap();
        if !device {
            node.disks[0].device = None;
        }
        World::of(cluster)
    }

    fn mount(world: &mut World) {
        let mounted = Mounted { source: "/dev/ubdb".into(), target: PATH.into(), fs: "xfs".into(), options: Vec::new() };
        world.facts("node3").mounts.mounted.push(mounted);
    }

    fn disk(world: &mut World, owner: &str, used: bool, foreign: &[&str]) {
        let foreign = foreign.iter().map(|n| (*n).to_owned()).collect();
        let dir = DiskDir { mode: 0o750, owner: owner.into(), used, foreign, space: None };
        world.facts("node3").moosefs.disks.insert(PATH.into(), dir);
    }

    fn refused(world: &World) -> String {
        match world.plan("node3", chunk_disks) {
            Outcome::Refused(refusal) => refusal.found,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_directory_is_made_once() {
        let mut world = world(false);
        let outcome = world.plan("node3", chunk_disks);
        let [action] = of(&outcome) else { unreachable!("{outcome:?}") };
        assert_eq!((action.title.as_str(), &action.guard), ("give /mnt/mfs1 to mfs", &None));
        disk(&mut world, "root", false, &[]);
        assert_eq!(of(&world.plan("node3", chunk_disks)).len(), 1);
        disk(&mut world, "mfs", false, &[]);
        assert!(matches!(world.plan("node3", chunk_disks), Outcome::Unchanged(_)));
        disk(&mut world, "mfs", true, &[]);
        assert!(matches!(world.plan("node3", chunk_disks), Outcome::Unchanged(_)));
    }

    #[test]
    fn only_a_mounted_file_system_is_given_away() {
        let mut world = world(true);
        mount(&mut world);
        disk(&mut world, "root", false, &[]);
        let view = world.view("node3");
        let action = own(&view, &view.node.disks[0]).unwrap();
        assert!(action.guard.is_some_and(|g| g.argv == ["mountpoint", "-q", PATH]));
        disk(&mut world, "mfs", false, &[]);
        let view = world.view("node3");
        assert_eq!(own(&view, &view.node.disks[0]), None);
    }

    #[test]
    fn a_directory_of_mfs_under_an_unmounted_device_is_not_taken_for_the_disk() {
        let mut world = world(true);
        disk(&mut world, "mfs", false, &[]);
        let view = world.view("node3");
        assert!(own(&view, &view.node.disks[0]).is_some());
    }

    #[test]
    fn what_is_not_a_chunkservers_is_refused() {
        let mut plain = world(false);
        disk(&mut plain, "mfs", false, &["photos", "tax"]);
        assert_eq!(refused(&plain), "/mnt/mfs1 holds what is not a chunkserver's: photos, tax");
        disk(&mut plain, "root", true, &[]);
        assert_eq!(refused(&plain), "/mnt/mfs1 holds chunks and belongs to root, not to mfs");
        let mut device = world(true);
        disk(&mut device, "mfs", true, &[]);
        assert!(refused(&device).contains("/dev/ubdb is not mounted there"));
    }
}
