//! The inventory as written: typed, with places, nothing folded yet.

use indexmap::IndexMap;
use std::net::Ipv4Addr;

use super::diagnostic::{Placed, Pos};
use super::model::{
    ChunkDisk, Drbd, Export, Ha, Keepalived, Layout, Mount, MountForm, Notify, Repositories, Role, Ssh, Tenant, Topology, VersionLine, Vip,
};
use super::secret::Secret;

/// Settings with the place of each key.
pub type PlacedSettings = IndexMap<String, Placed<String>>;

/// Everything read from the texts.
#[derive(Debug, Default)]
pub struct Document {
    /// Where `nodes` stands.
    pub nodes_at: Pos,
    /// `name`.
    pub name: String,
    /// `vip`, and where it stands.
    pub vip: Option<Placed<Vip>>,
    /// `masters`, `ssh`, `chunkservers`, `clients` and the cluster-wide daemon settings.
    pub shared: Layer,
    /// `masters.mount_point`.
    pub mount_point: String,
    /// `masters.preferred`.
    pub preferred: Option<Placed<String>>,
    /// `drbd`, with the place of its port.
    pub drbd: Option<Placed<Drbd>>,
    /// `moosefs`.
    pub moosefs: Option<MooseFsPart>,
    /// `keepalived`.
    pub keepalived: Option<Keepalived>,
    /// `ha`; witnesses are names still.
    pub ha: HaPart,
    /// `repositories`.
    pub repositories: Option<Repositories>,
    /// `exports`, when written.
    pub exports: Option<Vec<Placed<Export>>>,
    /// Where `exports` stands.
    pub exports_at: Pos,
    /// `topology`.
    pub topology: Vec<Topology>,
    /// `tenants`.
    pub tenants: Vec<TenantPart>,
    /// `notify`.
    pub notify: Notify,
    /// `groups`, in order.
    pub groups: Vec<Group>,
    /// `nodes`, in order.
    pub nodes: Vec<NodePart>,
}

/// `moosefs`.
#[derive(Debug)]
pub struct MooseFsPart {
    /// `version`.
    pub version: VersionLine,
    /// `auth`.
    pub auth: Secret,
    /// `master`.
    pub master: PlacedSettings,
    /// `data_dir`.
    pub data_dir: String,
    /// `cgi_port`.
    pub cgi_port: Placed<u16>,
}

/// `ha`.
#[derive(Debug, Default)]
pub struct HaPart {
    /// Where it stands; the document's start when it is not written.
    pub at: Pos,
    /// Deadlines, port and secret, with defaults filled in.
    pub values: Option<Ha>,
    /// `witnesses`, when written.
    pub witnesses: Option<Vec<Placed<String>>>,
    /// Place of the port.
    pub port_at: Pos,
    /// Whether a secret was written, even a wrong one.
    pub secret_written: bool,
}

/// One tenant.
#[derive(Debug)]
pub struct TenantPart {
    /// Where it stands.
    pub at: Pos,
    /// Directory.
    pub tenant: Tenant,
    /// Its line of mfsexports.cfg.
    pub export: Export,
    /// Nodes that mount it.
    pub clients: Vec<Placed<String>>,
    /// Mount point on them.
    pub mount: Placed<String>,
    /// Form of the fstab line.
    pub form: MountForm,
}

/// Settings of nodes that may stand on the cluster, a group or a node.
#[derive(Debug, Default, Clone)]
pub struct Layer {
    /// Roles.
    pub roles: Option<Vec<Placed<Role>>>,
    /// Connection.
    pub ssh: Ssh,
    /// Storage of a master.
    pub storage: StoragePart,
    /// Data directories.
    pub disks: Option<Vec<Placed<ChunkDisk>>>,
    /// Mounts.
    pub mounts: Option<Vec<Placed<Mount>>>,
    /// mfschunkserver.cfg.
    pub chunkserver: PlacedSettings,
    /// mfsmetalogger.cfg.
    pub metalogger: PlacedSettings,
    /// Roles were written, but not all could be read: nothing can be said of missing ones.
    pub roles_broken: bool,
    /// The same of disks.
    pub disks_broken: bool,
}

/// Storage of a master.
#[derive(Debug, Default, Clone)]
pub struct StoragePart {
    /// `disk`.
    pub disk: Option<Placed<String>>,
    /// `layout`.
    pub layout: Option<Layout>,
    /// `vg`.
    pub vg: Option<String>,
    /// `lv`.
    pub lv: Option<String>,
    /// `size`; `None` inside is "all".
    pub size: Option<Placed<Option<u64>>>,
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its nodes.
    pub nodes: Vec<Placed<String>>,
    /// What they share.
    pub layer: Layer,
}

/// A node.
#[derive(Debug)]
pub struct NodePart {
    /// Name and its place.
    pub name: Placed<String>,
    /// Address, when it could be read.
    pub address: Option<Placed<Ipv4Addr>>,
    /// Priority.
    pub priority: Option<Placed<u8>>,
    /// Its own settings.
    pub layer: Layer,
}

impl Layer {
    /// Lays a more specific layer over this one. Lists are replaced, settings are merged by key.
    #[must_use]
    pub fn under(&self, over: &Layer) -> Layer {
        Layer {
            roles: over.roles.clone().or_else(|| self.roles.clone()),
            ssh: ssh_under(&self.ssh, &over.ssh),
            storage: self.storage.under(&over.storage),
            disks: over.disks.clone().or_else(|| self.disks.clone()),
            mounts: over.mounts.clone().or_else(|| self.mounts.clone()),
            chunkserver: settings_under(&self.chunkserver, &over.chunkserver),
            metalogger: settings_under(&self.metalogger, &over.metalogger),
            roles_broken: if over.roles.is_some() { over.roles_broken } else { self.roles_broken || over.roles_broken },
            disks_broken: if over.disks.is_some() { over.disks_broken } else { self.disks_broken || over.disks_broken },
        }
    }
}

impl StoragePart {
    fn under(&self, over: &StoragePart) -> StoragePart {
        StoragePart {
            disk: over.disk.clone().or_else(|| self.disk.clone()),
            layout: over.layout.or(self.layout),
            vg: over.vg.clone().or_else(|| self.vg.clone()),
            lv: over.lv.clone().or_else(|| self.lv.clone()),
            size: over.size.clone().or_else(|| self.size.clone()),
        }
    }
}

fn ssh_under(base: &Ssh, over: &Ssh) -> Ssh {
    Ssh {
        host: over.host.clone().or_else(|| base.host.clone()),
        port: over.port.or(base.port),
        user: over.user.clone().or_else(|| base.user.clone()),
        identities: if over.identities.is_empty() { base.identities.clone() } else { over.identities.clone() },
        jump: over.jump.clone().or_else(|| base.jump.clone()),
        password: over.password.clone().or_else(|| base.password.clone()),
        sudo_password: over.sudo_password.clone().or_else(|| base.sudo_password.clone()),
        known_hosts: over.known_hosts.clone().or_else(|| base.known_hosts.clone()),
        netns: over.netns.clone().or_else(|| base.netns.clone()),
    }
}

fn settings_under(base: &PlacedSettings, over: &PlacedSettings) -> PlacedSettings {
    let mut all = base.clone();
    all.extend(over.iter().map(|(k, v)| (k.clone(), v.clone())));
    all
}
