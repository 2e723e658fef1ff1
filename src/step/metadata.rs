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
