//! Mounts, tenants and exports.

use crate::inventory::check::nodes::known_nodes;
use crate::inventory::check::storage::inside;
use crate::inventory::diagnostic::Findings;
use crate::inventory::document::Document;
use crate::inventory::model::{Export, Mount, Role};
use crate::inventory::resolve::{self, Folded};
use crate::inventory::rule::network;

/// No two mounts of a client share a directory or lie in one another, nor with chunks.
pub fn mounts(nodes: &[Folded<'_>], findings: &mut Findings) {
    for node in nodes {
        if !node.is(Role::Client) {
            if let Some(mount) = node.part.layer.mounts.as_ref().and_then(|m| m.first()).filter(|_| !node.roles.is_empty()) {
                findings.warn(
                    mount.at,
                    format!("mounts of node {:?} have no effect: it is not a client", node.name()),
                    "remove them, or add the role",
                );
            }
            continue;
        }
        for (i, mount) in node.mounts.iter().enumerate() {
            let path = &mount.value.path;
            for other in node.mounts[..i].iter().filter(|o| o.value.path == *path || (o.value.present && mount.value.present)) {
                let place = findings.place(other.at, mount.at);
                if *path == other.value.path {
                    findings.error(
                        mount.at,
                        format!("{path} is mounted twice on node {:?} (first in {place})", node.name()),
                        "each mount has a directory of its own",
                    );
                } else if inside(path, &other.value.path) || inside(&other.value.path, path) {
                    let message = format!("mounts {} and {path} of node {:?} lie in one another", other.value.path, node.name());
                    findings.error(
                        mount.at,
                        message,
                        "use directories side by side: an outage of the outer one takes the inner one with it",
                    );
                }
            }
            for disk in &node.disks {
                let chunks = &disk.value.path;
                if path == chunks || inside(path, chunks) || inside(chunks, path) {
                    findings.error(
                        mount.at,
                        format!("mount {path} and chunk directory {chunks} of node {:?} overlap", node.name()),
                        "use directories side by side",
                    );
                }
            }
        }
    }
}

/// Tenants are unique, do not lie in one another, and are mounted by clients.
pub fn tenants(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    for (i, tenant) in doc.tenants.iter().enumerate() {
        let name = &tenant.tenant.name;
        for other in &doc.tenants[..i] {
            let place = findings.place(other.at, tenant.at);
            let (a, b) = (&other.tenant.folder, &tenant.tenant.folder);
            if other.tenant.name == *name {
                findings.error(tenant.at, format!("tenant {name:?} is there twice (first in {place})"), "keep one");
            } else if a == b {
                findings.error(
                    tenant.at,
                    format!("tenants {:?} and {name:?} have the same folder {b}", other.tenant.name),
                    "give each its own",
                );
            } else if inside(a, b) || inside(b, a) {
                findings.error(
                    tenant.at,
                    format!("the folders {a} and {b} of two tenants lie in one another"),
                    "whoever mounts the outer one reads the inner one: put them side by side",
                );
            }
        }
        known_nodes(&tenant.clients, &format!("tenant {name:?}"), nodes, findings);
        for client in &tenant.clients {
            let Some(node) = nodes.iter().find(|n| n.name() == client.value) else { continue };
            if !node.is(Role::Client) && !node.roles.is_empty() {
                findings.error(
                    client.at,
                    format!("tenant {name:?} is mounted by {:?}, which is not a client", client.value),
                    "give that node the role client",
                );
            }
            let reaches =
                |a: std::net::Ipv4Addr| network(&tenant.export.network).is_some_and(|(from, to)| (from..=to).contains(&u32::from(a)));
            if let Some(address) = node.part.address.as_ref().filter(|a| !reaches(a.value)) {
                let message = format!("tenant {name:?} is not exported to its client {:?} ({})", client.value, address.value);
                findings.error(client.at, message, format!("its network {} must contain the client's address", tenant.export.network));
            }
        }
    }
}

/// Warns of mounts that no export allows: the master would refuse them.
pub fn reachable(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    if !findings.clean() {
        return;
    }
    let exports = resolve::exports(doc);
    for node in nodes {
        let Some(address) = node.part.address.as_ref().map(|a| u32::from(a.value)) else { continue };
        for mount in node.mounts.iter().filter(|m| m.value.present) {
            let Mount { folder, password, .. } = &mount.value;
            let allows = |e: &&Export| {
                let under = e.options.iter().any(|o| o == "alldirs") && inside(folder, &e.path);
                network(&e.network).is_some_and(|(from, to)| (from..=to).contains(&address))
                    && e.path != "."
                    && (e.path == *folder || under)
            };
            let fitting: Vec<&Export> = exports.iter().filter(allows).collect();
            let message = if fitting.is_empty() {
                format!("no export lets node {:?} mount {folder}", node.name())
            } else if !fitting.iter().any(|e| e.password.is_none() || e.password == *password) {
                format!("node {:?} mounts {folder} with {} password", node.name(), if password.is_some() { "a wrong" } else { "no" })
            } else {
                continue;
            };
            findings.warn(
                mount.at,
                message,
                "the master would refuse it: compare the mount's folder and password with exports and tenants",
            );
        }
    }
}

/// Warns where an export without a password opens a folder that has one.
pub fn exports(doc: &Document, nodes: &[Folded<'_>], findings: &mut Findings) {
    let locked: Vec<_> = doc.tenants.iter().filter(|t| t.export.password.is_some()).collect();
    let opens = |e: &Export, folder: &str| e.password.is_none() && e.path != "." && (e.path == folder || inside(folder, &e.path));
    let fix = "limit its network to the nodes that may see everything (`network: 10.0.0.11`, or `from-to`), or give it a password";
    let Some(written) = &doc.exports else {
        if let Some(tenant) = locked.first() {
            findings.warn(
                tenant.at,
                "the password of this tenant protects nothing: by default everybody may mount / without one",
                format!("write `exports:`; {fix}"),
            );
        }
        return;
    };
    if findings.clean() && !written.iter().any(|e| e.value.path != ".") && doc.tenants.is_empty() {
        findings.warn(
            doc.exports_at,
            "no export but the meta file system: no client can mount",
            "add `{path: /, options: [rw, alldirs, maproot=0]}` to exports",
        );
    }
    let clients: Vec<u32> =
        nodes.iter().filter(|n| n.is(Role::Client)).filter_map(|n| n.part.address.as_ref()).map(|a| u32::from(a.value)).collect();
    for export in written {
        let Some((from, to)) = network(&export.value.network) else { continue };
        let only_ours = u64::from(to - from) < clients.len() as u64 && (from..=to).all(|a| clients.contains(&a));
        let Some(tenant) = locked.iter().find(|t| opens(&export.value, &t.export.path)).filter(|_| !only_ours) else { continue };
        let message =
            format!("this export opens the folder of tenant {:?} without its password to {}", tenant.tenant.name, export.value.network);
        findings.warn(export.at, message, fix);
    }
}
