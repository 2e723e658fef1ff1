//! Folds defaults, cluster, groups and nodes into the resolved cluster.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::check;
use super::diagnostic::{Findings, Placed, Pos};
use super::document::{Document, Layer, NodePart, PlacedSettings};
use super::model::{ChunkDisk, Cluster, Export, Layout, MasterStorage, MooseFs, Mount, Node, Role, Settings};
use super::read::node::plain_mount;
use super::secret::Secret;

/// A node folded, with the places its checks need.
pub struct Folded<'d> {
    /// As written.
    pub part: &'d NodePart,
    /// Cluster, groups and node folded.
    pub layer: Layer,
    /// Roles; empty when none were readable.
    pub roles: BTreeSet<Role>,
    /// Mounts, tenants' mounts included.
    pub mounts: Vec<Placed<Mount>>,
    /// Data directories.
    pub disks: Vec<Placed<ChunkDisk>>,
}

impl Folded<'_> {
    /// Whether the node has a role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.part.name.value
    }

    /// Where its name stands.
    #[must_use]
    pub fn at(&self) -> Pos {
        self.part.name.at
    }
}

/// Checks the document as a whole and resolves it. `None` when there are errors.
pub fn resolve(doc: &Document, findings: &mut Findings) -> Option<Cluster> {
    let folded: Vec<Folded<'_>> = doc.nodes.iter().map(|part| fold(doc, part)).collect();
    let witnesses = witnesses(doc, &folded);
    check::all(doc, &folded, &witnesses, findings);
    if !findings.clean() {
        return None;
    }
    let priorities = priorities(doc, &folded);
    let moosefs = doc.moosefs.as_ref()?;
    let mut ha = doc.ha.values.clone()?;
    ha.witnesses = witnesses;
    Some(Cluster {
        name: doc.name.clone(),
        nodes: folded.iter().zip(priorities).map(|(node, priority)| node_of(node, priority)).collect::<Option<_>>()?,
        vip: doc.vip.as_ref()?.value.clone(),
        drbd: doc.drbd.as_ref()?.value.clone(),
        mount_point: doc.mount_point.clone(),
        moosefs: MooseFs {
            version: moosefs.version,
            auth: moosefs.auth.clone(),
            master: plain(&moosefs.master),
            data_dir: moosefs.data_dir.clone(),
            cgi_port: moosefs.cgi_port.value,
        },
        keepalived: doc.keepalived.clone()?,
        ha,
        repositories: doc.repositories.clone()?,
        exports: exports(doc),
        topology: doc.topology.clone(),
        tenants: doc.tenants.iter().map(|t| t.tenant.clone()).collect(),
        notify: doc.notify.clone(),
    })
}

fn fold<'d>(doc: &'d Document, part: &'d NodePart) -> Folded<'d> {
    let mut layer = doc.shared.clone();
    for group in doc.groups.iter().filter(|g| g.nodes.iter().any(|n| n.value == part.name.value)) {
        layer = layer.under(&group.layer);
    }
    layer = layer.under(&part.layer);
    let roles: BTreeSet<Role> = layer.roles.iter().flatten().map(|r| r.value).collect();
    let mut mounts = Vec::new();
    if roles.contains(&Role::Client) {
        let tenants = tenant_mounts(doc, part);
        match &layer.mounts {
            Some(own) => mounts.extend(own.iter().cloned()),
            None if tenants.is_empty() => mounts.push(Placed::new(plain_mount("/mnt/mfs".to_owned()), part.name.at)),
            None => {}
        }
        mounts.extend(tenants);
    }
    let disks = if roles.contains(&Role::Chunkserver) { layer.disks.clone().unwrap_or_default() } else { Vec::new() };
    Folded { part, layer, roles, mounts, disks }
}

fn tenant_mounts(doc: &Document, part: &NodePart) -> Vec<Placed<Mount>> {
    let mine = doc.tenants.iter().filter(|t| t.clients.iter().any(|c| c.value == part.name.value));
    mine.map(|t| {
        let mount = Mount {
            folder: t.tenant.folder.clone(),
            password: t.export.password.clone(),
            form: t.form,
            ..plain_mount(t.mount.value.clone())
        };
        Placed::new(mount, t.mount.at)
    })
    .collect()
}

/// Lines of mfsexports.cfg, the tenants' last.
///
/// The master walks all lines that fit a client, whose password is right, and keeps a later one if it is
/// read-write where the kept one is not, or leaves root alone where the kept one does not, or has a
/// password where the kept one has none, or has the longer path (mfsmaster/exports.c). So a tenant's line
/// wins over general ones for certain only when it comes after them.
pub fn exports(doc: &Document) -> Vec<Export> {
    let line = |path: &str, options: &[&str]| Export {
        network: "*".to_owned(),
        path: path.to_owned(),
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        password: None,
    };
    let mut lines: Vec<Export> = match &doc.exports {
        Some(written) => written.iter().map(|e| e.value.clone()).collect(),
        None => vec![line("/", &["rw", "alldirs", "maproot=0"]), line(".", &["rw"])],
    };
    lines.extend(doc.tenants.iter().map(|t| t.export.clone()));
    lines
}

/// Names of the witnesses: those written, or chunkservers and metaloggers that are not masters.
fn witnesses(doc: &Document, nodes: &[Folded<'_>]) -> Vec<String> {
    match &doc.ha.witnesses {
        Some(written) => written.iter().map(|w| w.value.clone()).collect(),
        None => nodes
            .iter()
            .filter(|n| !n.is(Role::Master) && (n.is(Role::Chunkserver) || n.is(Role::Metalogger)))
            .map(|n| n.name().to_owned())
            .collect(),
    }
}

/// Priorities by node: the one written, else 150 for the preferred master and 100 for the other.
pub fn priorities(doc: &Document, nodes: &[Folded<'_>]) -> Vec<Option<u8>> {
    let first = nodes.iter().find(|n| n.is(Role::Master)).map(Folded::name);
    let preferred = doc.preferred.as_ref().map(|p| p.value.as_str()).or(first);
    let usual = |n: &Folded<'_>| if Some(n.name()) == preferred { 150 } else { 100 };
    nodes.iter().map(|n| n.is(Role::Master).then(|| n.part.priority.as_ref().map_or_else(|| usual(n), |p| p.value))).collect()
}

fn node_of(node: &Folded<'_>, priority: Option<u8>) -> Option<Node> {
    let address: Ipv4Addr = node.part.address.as_ref()?.value;
    let own = |role, settings: &PlacedSettings| if node.is(role) { plain(settings) } else { Settings::new() };
    Some(Node {
        name: node.name().to_owned(),
        address,
        roles: node.roles.clone(),
        ssh: node.layer.ssh.clone(),
        storage: node.is(Role::Master).then(|| storage(&node.layer)),
        priority,
        disks: node.disks.iter().map(|d| d.value.clone()).collect(),
        mounts: node.mounts.iter().map(|m| m.value.clone()).collect(),
        chunkserver: own(Role::Chunkserver, &node.layer.chunkserver),
        metalogger: own(Role::Metalogger, &node.layer.metalogger),
    })
}

/// Storage of a master with the defaults filled in.
fn storage(layer: &Layer) -> MasterStorage {
    let part = &layer.storage;
    MasterStorage {
        disk: part.disk.as_ref().map(|d| d.value.clone()).unwrap_or_default(),
        layout: part.layout.unwrap_or(Layout::Partition),
        vg: part.vg.clone().unwrap_or_else(|| "vgdrbr".to_owned()),
        lv: part.lv.clone().unwrap_or_else(|| "mfs".to_owned()),
        size: part.size.as_ref().and_then(|s| s.value),
    }
}

fn plain(settings: &PlacedSettings) -> Settings {
    settings.iter().map(|(k, v)| (k.clone(), v.value.clone())).collect()
}

/// Whether a secret was read at all: a missing one is empty.
#[must_use]
pub fn given(secret: &Secret) -> bool {
    !secret.expose().is_empty()
}
