//! From the tree to the typed document, one file for each part of an inventory.

mod cluster;
pub mod node;
mod notify;
mod repository;
mod share;

use super::document::{Document, Group, Layer, NodePart};
use super::keys::{GROUP, NODE, TOP};
use super::reader::{Fields, Reader};
use super::rule;
use super::tree::Tree;

/// Reads the whole inventory; every error is recorded in the reader's findings.
pub fn document(r: &mut Reader<'_>, tree: &Tree) -> Document {
    let mut doc = Document::default();
    let Some(top) = r.fields(tree, &TOP, "the inventory") else { return doc };
    doc.name = top.get("name").and_then(|t| r.checked(t, "name", rule::plain_name)).map(|n| n.value).unwrap_or_default();
    doc.vip = top.get("vip").and_then(|t| cluster::vip(r, t));
    doc.drbd = top.get("drbd").and_then(|t| cluster::drbd(r, t));
    if let Some(tree) = top.get("moosefs") {
        doc.moosefs = cluster::moosefs(r, tree, &mut doc.shared);
    }
    doc.keepalived = Some(cluster::keepalived(r, top.get("keepalived")));
    doc.ha = cluster::ha(r, &top);
    doc.repositories = Some(repository::repositories(r, top.get("repositories")));
    if let Some(tree) = top.get("ssh") {
        doc.shared.ssh = node::ssh(r, tree, "ssh");
    }
    masters(r, &top, &mut doc);
    if let Some(fields) = top.get("chunkservers").and_then(|t| r.fields(t, &super::keys::CHUNKSERVERS, "chunkservers")) {
        (doc.shared.disks, doc.shared.disks_broken) = node::disks(r, fields.get("disks"), "chunkservers");
        if let Some(tree) = fields.get("settings") {
            let settings = node::settings(r, tree, "chunkservers.settings", node::CHUNKSERVER_OWN);
            doc.shared.chunkserver.extend(settings);
        }
    }
    if let Some(fields) = top.get("clients").and_then(|t| r.fields(t, &super::keys::CLIENTS, "clients")) {
        doc.shared.mounts = fields.get("mounts").map(|t| node::mounts(r, t, "clients"));
    }
    doc.exports = top.get("exports").map(|t| share::exports(r, t));
    doc.topology = top.get("topology").map(|t| share::topology(r, t)).unwrap_or_default();
    doc.tenants = top.get("tenants").map(|t| share::tenants(r, t)).unwrap_or_default();
    doc.notify = top.get("notify").map(|t| notify::notify(r, t)).unwrap_or_default();
    doc.groups = top.get("groups").map(|t| groups(r, t)).unwrap_or_default();
    doc.nodes_at = top.place("nodes");
    doc.exports_at = top.place("exports");
    doc.nodes = top.get("nodes").map(|t| nodes(r, t)).unwrap_or_default();
    doc
}

fn masters(r: &mut Reader<'_>, top: &Fields<'_>, doc: &mut Document) {
    "/data/drbd".clone_into(&mut doc.mount_point);
    let Some(fields) = top.get("masters").and_then(|t| r.fields(t, &super::keys::MASTERS, "masters")) else { return };
    doc.shared.storage = node::storage(r, &fields, "masters");
    if let Some(path) = fields.get("mount_point").and_then(|t| r.checked(t, "mount point", rule::mount_path)) {
        doc.mount_point = path.value;
    }
    doc.preferred = fields.get("preferred").and_then(|t| r.text(t, "masters.preferred"));
}

fn groups(r: &mut Reader<'_>, tree: &Tree) -> Vec<Group> {
    let mut groups = Vec::new();
    for (key, tree) in r.named(tree, "groups") {
        let what = format!("group {:?}", key.text);
        if let Err(rule) = rule::plain_name(&key.text) {
            r.error(key.at, format!("unsafe group name {:?}", key.text), rule);
        }
        let Some(fields) = r.fields(tree, &GROUP, &what) else { continue };
        let nodes = fields.get("nodes").map(|t| r.texts(t, &format!("the nodes of {what}"), false)).unwrap_or_default();
        groups.push(Group { name: key.text.clone(), nodes, layer: node::layer(r, &fields, &what) });
    }
    groups
}

fn nodes(r: &mut Reader<'_>, tree: &Tree) -> Vec<NodePart> {
    let mut nodes = Vec::new();
    for (key, tree) in r.named(tree, "nodes") {
        let what = format!("node {:?}", key.text);
        if let Err(rule) = rule::host_name(&key.text) {
            r.error(key.at, format!("unsafe node name {:?}", key.text), rule);
        }
        let name = super::diagnostic::Placed::new(key.text.clone(), key.at);
        let Some(fields) = r.fields(tree, &NODE, &what) else {
            nodes.push(NodePart { name, address: None, priority: None, layer: Layer { roles_broken: true, ..Layer::default() } });
            continue;
        };
        let address = fields.get("address").and_then(|t| cluster::address(r, t, &format!("the address of {what}")));
        let priority = fields.get("priority").and_then(|t| r.int(t, "priority", 1, 253));
        nodes.push(NodePart { name, address, priority, layer: node::layer(r, &fields, &what) });
    }
    nodes
}
