//! The first metadata of a new cluster: made only where none exists anywhere.
//!
//! An empty file system over a lost or hidden one is the worst thing that can be done to a cluster: chunkservers
//! that meet it stop, metaloggers throw their copies away. So every place where metadata of this cluster could lie
//! is looked at first, and a place that cannot be looked at counts as a reason to stop.

use std::time::Duration;

use super::daemon::{hex_port, script};
use super::master::client_port;
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::fact::HostFacts;
use crate::fact::moosefs::{Directory, Header};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Node, Role};

const FIRST: &str = include_str!("../../playbooks/files/mfs-first-metadata.sh");
/// File in DATA_PATH while the first metadata is being made; see the script.
const BEGUN: &str = ".mfsctl-first-metadata";
/// Skips the work when metadata came into being since the facts were gathered.
const NONE_YET: &str = r#"[ -e "$1/.mfsctl-first-metadata" ] || ! { [ -e "$1/metadata.mfs" ] || [ -e "$1/metadata.mfs.back" ]; }"#;

/// Steps of this file.
pub const STEPS: &[StepDef] =
    &[StepDef { name: "first-metadata", about: "An empty file system, only where no metadata exists anywhere", plan: first_metadata }];

fn first_metadata(view: &View) -> Outcome {
    let cluster = view.cluster;
    let facts = &view.facts.moosefs;
    let mounted = view.facts.mounts.at(&cluster.mount_point).is_some();
    let keeper = takeover_runs(view);
    if mounted && facts.data.files.contains_key(BEGUN) {
        return make(view, "finish the first metadata (an earlier run was cut off)");
    }
    if mounted && facts.data.metadata().next().is_some() {
        return Outcome::Unchanged(describe(&facts.data, &cluster.data_path()));
    }
    if let Some(keeper) = keeper {
        if mounted {
            return Outcome::refused(
                format!(
                    "{} holds no metadata, yet the takeover service runs on {keeper}: metadata was there and is lost",
                    cluster.data_path()
                ),
                "do not start anything; find the newest copy: `mfsctl restore-meta`",
            );
        }
        return Outcome::Unchanged(format!("the takeover service runs on {keeper} and mounts the volume itself"));
    }
    match evidence(view) {
        Some(refusal) => Outcome::Refused(refusal),
        None => make(view, "make the first metadata: an empty file system, started once and stopped cleanly"),
    }
}

fn make(view: &View, title: &str) -> Outcome {
    let (mount, data) = (&view.cluster.mount_point, view.cluster.data_path());
    let port = hex_port(client_port(view));
    let arguments = [mount.as_str(), &data, layout::MASTER_CFG, &port];
    let action = Action::run(title, script(FIRST, &arguments)).within(Duration::from_secs(300));
    Outcome::Do(vec![action.only_if(format!("no metadata in {data} yet"), script(NONE_YET, &[&data]))])
}

fn describe(data: &Directory, path: &str) -> String {
    let saved = |name: &str| match data.headers.get(name) {
        Some(Header::Saved { version, id, .. }) => Some(format!("{path}/{name} is there: version {version}, id {id:016x}")),
        _ => None,
    };
    let names: Vec<&str> = data.metadata().take(3).collect();
    saved("metadata.mfs").or_else(|| saved("metadata.mfs.back")).unwrap_or_else(|| format!("{path} holds {}", names.join(", ")))
}

/// The node on which keepalived runs, which decides who serves from then on.
fn takeover_runs<'a>(view: &View<'a>) -> Option<&'a str> {
    let active = |n: &&Node| matches!(view.state.get(&n.name), Some(Ok(f)) if f.units.get("keepalived.service").is_active());
    view.cluster.with_role(Role::Master).find(active).map(|n| n.name.as_str())
}

/// The first sign of metadata anywhere, or of a place that could not be looked at.
fn evidence(view: &View) -> Option<Refusal> {
    let holders = view.cluster.nodes.iter().filter(|n| n.is(Role::Master) || n.is(Role::Metalogger));
    holders.filter_map(|node| on_node(view, node)).next()
}

fn on_node(view: &View, node: &Node) -> Option<Refusal> {
    let facts = match view.state.get(&node.name) {
        Some(Ok(facts)) => facts,
        Some(Err(reason)) => return Some(unseen(node, reason)),
        None => return Some(unseen(node, "it was not asked")),
    };
    if node.is(Role::Master)
        && let Some(refusal) = on_master(view, node, facts)
    {
        return Some(refusal);
    }
    let copies: Vec<&str> = facts.moosefs.metalogger.copies().filter(|n| *n != "metadata_ml.tmp").collect();
    let sized = |n: &&str| facts.moosefs.metalogger.files.get(*n).is_some_and(|f| f.size > 8);
    copies.into_iter().find(sized).map(|name| Refusal {
        found: format!("{} holds a metalogger's copy, {}/{name}, but no master has metadata", node.name, layout::metalogger_dir(node)),
        fix: "if it is this cluster's, restore from it: `mfsctl restore-meta`; if it is of no worth, move it away".to_owned(),
    })
}

fn on_master(view: &View, node: &Node, facts: &HostFacts) -> Option<Refusal> {
    let moosefs = &facts.moosefs;
    let mount_point = &view.cluster.mount_point;
    let data_path = view.cluster.data_path();
    let mounted = facts.mounts.at(mount_point).is_some();
    if mounted && node.name != view.node.name {
        return Some(Refusal {
            found: format!("{mount_point} is mounted on {} too, and {} is about to become active", node.name, view.node.name),
            fix: format!("find out which of the two holds the data; unmount {mount_point} on the other one"),
        });
    }
    let in_data = moosefs.data.metadata().next().map(|n| format!("{data_path}/{n}"));
    let looks = |n: &&String| n.as_str() != "metadata.mfs.empty" && (n.starts_with("metadata.mfs") || n.starts_with("changelog."));
    let above = || moosefs.under_mount_point.iter().find(looks).map(|n| format!("{mount_point}/{n}"));
    if let Some(path) = in_data.or_else(above) {
        let place = if mounted { "on the volume" } else { "in the directory under the unmounted volume" };
        return Some(Refusal {
            found: format!("{} holds {path}, {place}", node.name),
            fix: "if it is this cluster's metadata, put it where it belongs with `mfsctl restore-meta`; if it is stale, move it away"
                .to_owned(),
        });
    }
    let (path, header) = moosefs.elsewhere.iter().find(|(_, h)| matches!(h, Header::Saved { .. }))?;
    let Header::Saved { version, .. } = header else { return None };
    Some(Refusal {
        found: format!("{} holds the metadata of a master that is not replicated: {path}, version {version}", node.name),
        fix: format!("stop that master cleanly and copy its metadata.mfs to {data_path}; or move it away if it is of no worth"),
    })
}

fn unseen(node: &Node, reason: &str) -> Refusal {
    Refusal {
        found: format!("{} could hold metadata of this cluster, but could not be looked at: {reason}", node.name),
        fix: format!("bring {} back, or take its role of master or metalogger away in the inventory", node.name),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions};
    use super::*;
    use crate::fact::moosefs::MetaFile;
    use crate::fact::mount::Mounted;
    use crate::fact::unit::Unit;

    fn mount(world: &mut World, node: &str) {
        let mounted = Mounted { source: "/dev/drbd0".into(), target: "/data/drbd".into(), fs: "xfs".into(), options: Vec::new() };
        world.facts(node).mounts.mounted.push(mounted);
    }

    fn file(size: u64) -> MetaFile {
        MetaFile { size, modified: 1, owner: "mfs".into() }
    }

    fn refused(world: &World) -> Refusal {
        match world.plan("node1", first_metadata) {
            Outcome::Refused(refusal) => refusal,
            other => unreachable!("{other:?}"),
        }
    }

    fn keepalived(world: &mut World, node: &str) {
        let unit = Unit { load: "loaded".into(), active: "active".into(), ..Unit::default() };
        world.facts(node).units.0.insert("keepalived.service".into(), unit);
    }

    #[test]
    fn a_new_cluster_gets_it_once_and_again_when_cut_off() {
        let mut world = World::new();
        let outcome = world.plan("node1", first_metadata);
        let [action] = actions(&outcome) else { unreachable!("{outcome:?}") };
        assert!(action.title.starts_with("make the first metadata") && action.guard.is_some());
        mount(&mut world, "node1");
        assert_eq!(world.plan("node1", first_metadata), outcome);
        let data = &mut world.facts("node1").moosefs.data;
        data.files.insert("metadata.mfs.back".into(), file(8));
        data.headers.insert("metadata.mfs.back".into(), Header::Fresh);
        data.files.insert(BEGUN.into(), file(0));
        let outcome = world.plan("node1", first_metadata);
        assert!(actions(&outcome)[0].title.starts_with("finish the first metadata"), "{outcome:?}");
    }

    #[test]
    fn metadata_on_the_volume_is_left_alone() {
        let mut world = World::new();
        mount(&mut world, "node1");
        let data = &mut world.facts("node1").moosefs.data;
        data.files.insert("metadata.mfs.back".into(), file(5807));
        data.headers.insert("metadata.mfs.back".into(), Header::Saved { format: "MFSM 2.0".into(), version: 125, id: 0x6b02 });
        let Outcome::Unchanged(why) = world.plan("node1", first_metadata) else { unreachable!() };
        assert_eq!(why, "/data/drbd/mfs/metadata.mfs.back is there: version 125, id 0000000000006b02");
        keepalived(&mut world, "node1");
        assert!(matches!(world.plan("node1", first_metadata), Outcome::Unchanged(_)));
        world.facts("node1").moosefs.data.headers.clear();
        assert!(matches!(world.plan("node1", first_metadata), Outcome::Unchanged(_)));
    }

    #[test]
    fn a_running_takeover_service_is_not_fought() {
        let mut world = World::new();
        keepalived(&mut world, "node2");
        assert!(matches!(world.plan("node1", first_metadata), Outcome::Unchanged(_)));
        mount(&mut world, "node1");
        assert!(refused(&world).found.contains("takeover service runs on node2"));
    }

    #[test]
    fn any_trace_of_metadata_anywhere_is_refused() {
        let mut world = World::new();
        world.facts("node2").moosefs.data.files.insert("metadata.mfs".into(), file(5807));
        assert_eq!(refused(&world).found, "node2 holds /data/drbd/mfs/metadata.mfs, in the directory under the unmounted volume");
        let mut world = World::new();
        world.facts("node1").moosefs.under_mount_point.push("metadata.mfs.back".into());
        assert!(refused(&world).found.contains("/data/drbd/metadata.mfs.back"));
        let mut world = World::new();
        world.facts("node2").moosefs.metalogger.files.insert("metadata_ml.mfs.back".into(), file(5807));
        assert!(refused(&world).fix.contains("restore-meta"));
        let mut world = World::new();
        let header = Header::Saved { format: "MFSM 2.0".into(), version: 9, id: 1 };
        world.facts("node2").moosefs.elsewhere.insert("/var/lib/mfs/metadata.mfs".into(), header);
        assert!(refused(&world).found.contains("/var/lib/mfs/metadata.mfs, version 9"));
        let mut world = World::new();
        mount(&mut world, "node2");
        assert!(refused(&world).found.contains("mounted on node2 too"));
    }

    #[test]
    fn a_place_that_cannot_be_looked_at_is_refused() {
        let mut world = World::new();
        world.state.insert("node2".into(), Err("unreachable".into()));
        assert!(refused(&world).found.contains("node2 could hold metadata"));
        world.state.remove("node2");
        assert!(refused(&world).found.contains("it was not asked"));
        world.state.insert("node8".into(), Err("unreachable".into()));
    }

    #[test]
    fn what_packages_and_an_unserved_metalogger_leave_is_no_metadata() {
        let mut world = World::new();
        world.facts("node2").moosefs.data.files.insert("metadata.mfs.empty".into(), file(8));
        world.facts("node2").moosefs.metalogger.files.insert("metadata_ml.tmp".into(), file(8));
        world.facts("node2").moosefs.metalogger.files.insert("changelog_ml_back.1.mfs".into(), file(0));
        world.facts("node2").moosefs.elsewhere.insert("/var/lib/mfs/metadata.mfs".into(), Header::Fresh);
        assert_eq!(actions(&world.plan("node1", first_metadata)).len(), 1);
    }
}
