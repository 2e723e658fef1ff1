//! The resolved cluster: what every layer above plans against.
//!
//! Defaults, groups and node overrides are already folded in, secrets already
//! read, every value already validated. Nothing here knows about YAML.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;

use super::secret::Secret;

/// Free key/value settings of one daemon's `.cfg` file, in the order written.
pub type Settings = IndexMap<String, String>;

/// A whole cluster, ready to be planned for.
#[derive(Debug, Clone, Serialize)]
pub struct Cluster {
    /// Name of the cluster; used in the journal, lock and messages.
    pub name: String,
    /// All nodes, in inventory order.
    pub nodes: Vec<Node>,
    /// The floating address of the active master.
    pub vip: Vip,
    /// DRBD resource shared by the masters.
    pub drbd: Drbd,
    /// Where the metadata volume is mounted while Primary, e.g. `/data/drbd`.
    pub mount_point: String,
    /// MooseFS version line, secrets and cluster-wide daemon settings.
    pub moosefs: MooseFs,
    /// keepalived settings, the same on both masters.
    pub keepalived: Keepalived,
    /// Node-side takeover settings.
    pub ha: Ha,
    /// Where packages come from.
    pub repositories: Repositories,
    /// Lines of mfsexports.cfg, tenants' lines included, in order.
    pub exports: Vec<Export>,
    /// Lines of mfstopology.cfg.
    pub topology: Vec<Topology>,
    /// Businesses with a directory, an export and mounts of their own.
    pub tenants: Vec<Tenant>,
    /// Alert receivers.
    pub notify: Notify,
}

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// One of the two metadata masters.
    Master,
    /// Keeps a running copy of metadata and changelogs.
    Metalogger,
    /// Stores chunks.
    Chunkserver,
    /// Mounts the file system.
    Client,
}

/// One machine.
#[derive(Debug, Clone, Serialize)]
pub struct Node {
    /// Inventory name; must equal `uname -n` on masters (DRBD's `on` section).
    pub name: String,
    /// Cluster address.
    pub address: Ipv4Addr,
    /// Roles, never empty.
    pub roles: BTreeSet<Role>,
    /// How mfsctl reaches it.
    pub ssh: Ssh,
    /// Masters only: the disk under the metadata volume.
    pub storage: Option<MasterStorage>,
    /// Masters only: keepalived priority (1–253; the one that serves has 254); the higher one is preferred.
    pub priority: Option<u8>,
    /// Chunkservers only: data directories.
    pub disks: Vec<ChunkDisk>,
    /// Clients only: mounts, tenants' mounts included.
    pub mounts: Vec<Mount>,
    /// Settings of mfschunkserver.cfg after cluster, group and node are folded.
    pub chunkserver: Settings,
    /// Settings of mfsmetalogger.cfg after folding.
    pub metalogger: Settings,
}

/// How mfsctl reaches a node. Unset fields fall back to `~/.ssh/config`, then to ssh's defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ssh {
    /// Host name or address to connect to; the node's address when unset.
    pub host: Option<String>,
    /// Port; 22 when set nowhere.
    pub port: Option<u16>,
    /// Login name.
    pub user: Option<String>,
    /// Private keys to try, in order.
    pub identities: Vec<PathBuf>,
    /// Jump host as `[user@]host[:port]`.
    pub jump: Option<String>,
    /// Password for login, when keys are not used.
    pub password: Option<Secret>,
    /// Password for sudo, when it asks for one.
    pub sudo_password: Option<Secret>,
    /// A known_hosts file used instead of the user's.
    pub known_hosts: Option<PathBuf>,
    /// Network namespace the connecting thread enters first (the lab's).
    pub netns: Option<PathBuf>,
}

/// The virtual IP.
#[derive(Debug, Clone, Serialize)]
pub struct Vip {
    /// The address.
    pub address: Ipv4Addr,
    /// Prefix length, 1–32.
    pub prefix: u8,
    /// Interface on the masters; found from the node's own address when unset.
    pub interface: Option<String>,
    /// The name all nodes know it by: `mfsmaster`.
    pub name: String,
}

/// How the disk under the metadata volume is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One partition of type Linux LVM over the disk, PV on it.
    Partition,
    /// PV on the whole disk.
    WholeDisk,
    /// The volume group exists already and is only used.
    ExistingVg,
}

/// Storage of one master.
#[derive(Debug, Clone, Serialize)]
pub struct MasterStorage {
    /// The dedicated disk, e.g. `/dev/sdb`; unused with [`Layout::ExistingVg`].
    pub disk: String,
    /// Layout of that disk.
    pub layout: Layout,
    /// Volume group, `vgdrbr`.
    pub vg: String,
    /// Logical volume, `mfs`.
    pub lv: String,
    /// Size of the LV in bytes; all free extents when `None`.
    pub size: Option<u64>,
}

impl MasterStorage {
    /// Path of the logical volume, `/dev/VG/LV`.
    #[must_use]
    pub fn lv_path(&self) -> String {
        format!("/dev/{}/{}", self.vg, self.lv)
    }
}

/// The DRBD resource.
#[derive(Debug, Clone, Serialize)]
pub struct Drbd {
    /// Resource name, `mfs`.
    pub resource: String,
    /// Device, `/dev/drbd0`.
    pub device: String,
    /// Replication port, 7788.
    pub port: u16,
    /// Replication protocol: `A`, `B` or `C`; anything but C can lose acknowledged writes.
    pub protocol: char,
    /// cram-hmac-alg, e.g. `sha1`.
    pub cram_hmac_alg: String,
    /// Shared secret of the peers.
    pub secret: Secret,
    /// Fixed resync rate, in DRBD's notation (`200M`: bytes per second).
    pub resync_rate: String,
    /// Seconds a booting node waits for its peer (wfc, degr-wfc, outdated-wfc).
    pub startup_timeout: u32,
}

impl Drbd {
    /// Minor number of the device: the digits at its end.
    #[must_use]
    pub fn minor(&self) -> u32 {
        self.device.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
    }
}

/// MooseFS itself.
#[derive(Debug, Clone, Serialize)]
pub struct MooseFs {
    /// Version line wanted.
    pub version: VersionLine,
    /// AUTH_CODE shared by master and chunkservers.
    pub auth: Secret,
    /// Settings of mfsmaster.cfg on top of the typed ones.
    pub master: Settings,
    /// Directory under the mount point that is DATA_PATH: `mfs`.
    pub data_dir: String,
    /// Port of the CGI server, 9425.
    pub cgi_port: u16,
}

/// A supported line of MooseFS releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum VersionLine {
    /// 2.0.x
    #[serde(rename = "2.0")]
    V2,
    /// 3.0.x
    #[serde(rename = "3.0")]
    V3,
    /// 4.x
    #[serde(rename = "4")]
    V4,
}

/// keepalived.
#[derive(Debug, Clone, Serialize)]
pub struct Keepalived {
    /// virtual_router_id, 1–255.
    pub router_id: u8,
    /// Seconds between adverts; fractions need VRRP version 3.
    pub advert_interval: f64,
    /// Unicast to the peer, or multicast.
    pub unicast: bool,
    /// VRRP password, at most 8 characters (keepalived cuts the rest); version 2 only.
    pub password: Option<Secret>,
}

/// Deadlines and witnesses of the node-side takeover.
#[derive(Debug, Clone, Serialize)]
pub struct Ha {
    /// Names of the nodes that hold votes (chunkservers and metaloggers that are not masters).
    pub witnesses: Vec<String>,
    /// Port of the vote service.
    pub witness_port: u16,
    /// Shared secret between masters and witnesses.
    pub witness_secret: Secret,
    /// Longest time `promote` may take up to DRBD Primary.
    #[serde(serialize_with = "duration")]
    pub promote_wait: Duration,
    /// Longest time a clean stop of the master may take before KILL.
    #[serde(serialize_with = "duration")]
    pub stop_wait: Duration,
    /// How long a primary without its peer tries for votes before it fences itself.
    #[serde(serialize_with = "duration")]
    pub fence_wait: Duration,
    /// How long a secondary waits before it claims votes.
    #[serde(serialize_with = "duration")]
    pub fence_handicap: Duration,
    /// MiB kept in reserve on the metadata volume; `None` lets the node choose by the volume's size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve_mib: Option<u64>,
}

/// Where MooseFS packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MooseFsSource {
    /// The project's official repository for the version line.
    Official,
    /// The distribution's own packages.
    Distribution,
    /// A mirror, e.g. an offline one.
    Mirror(Mirror),
}

/// A package repository given by URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mirror {
    /// Base URL (`http://10.0.0.1/debian`).
    pub url: String,
    /// apt suite (`bookworm`, `./` for a flat one); unused by yum.
    pub suite: String,
    /// apt components; unused by yum.
    pub components: Vec<String>,
    /// The signing key itself, ASCII armoured, read from a file on the operator's machine.
    pub key: Option<String>,
    /// apt: use only this repository for every package, switching other sources off.
    pub exclusive: bool,
}

/// Package repositories.
#[derive(Debug, Clone, Serialize)]
pub struct Repositories {
    /// MooseFS packages.
    pub moosefs: MooseFsSource,
    /// Use ELRepo on EL masters for DRBD (its mirror when given).
    pub elrepo: bool,
    /// ELRepo mirror base URL.
    pub elrepo_mirror: Option<Mirror>,
    /// Install yum-plugin-fastestmirror on EL7 and older.
    pub fastestmirror: bool,
}

/// One line of mfsexports.cfg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// `*`, address, `a.b.c.d/len`, or `from-to`.
    pub network: String,
    /// `/`, `/sub/folder`, or `.` for the meta file system.
    pub path: String,
    /// Options but `password`, in order: `rw`, `alldirs`, `maproot=0`…
    pub options: Vec<String>,
    /// Password a client must give.
    pub password: Option<Secret>,
}

/// One line of mfstopology.cfg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topology {
    /// Network in the same forms as in exports.
    pub network: String,
    /// Switch (rack) number.
    pub switch: u32,
}

/// A business with its own directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Name.
    pub name: String,
    /// Folder in the file system, `/business1`.
    pub folder: String,
    /// Numeric or symbolic owner of the directory, `uid:gid`.
    pub owner: Option<String>,
    /// Mode of the directory, octal, e.g. 0o770.
    #[serde(serialize_with = "octal")]
    pub mode: u32,
    /// Copies of each chunk of new files, 1–9; left as it is when unset.
    pub goal: Option<u8>,
    /// Seconds deleted files stay in the trash; left as it is when unset.
    pub trashtime: Option<u32>,
    /// Hard limit of its size, bytes; left as it is when unset.
    pub quota: Option<u64>,
    /// Nodes that mount it.
    pub clients: Vec<String>,
    /// Mount point on them.
    pub mount: String,
}

/// One data directory of a chunkserver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChunkDisk {
    /// Directory, `/mnt/mfs1`.
    pub path: String,
    /// Limit as in mfshdd.cfg (`100GiB`, `-5GiB`, `0.9`), unlimited when unset.
    pub limit: Option<String>,
    /// Mark as in mfshdd.cfg: `*` (mark for removal), `<`, `>`; none when unset.
    pub mark: Option<char>,
    /// A block device for this directory; the directory is used as it is when unset.
    pub device: Option<String>,
    /// Make a VG/LV on the device (`vg/lv`) and the file system on that.
    pub lvm: Option<(String, String)>,
    /// File system made on the device, `xfs` or `ext4`.
    pub fs: String,
}

/// Form of the fstab line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MountForm {
    /// `mfsmount PATH fuse options,_netdev 0 0`.
    Classic,
    /// `mfsmaster:/folder PATH moosefs options,_netdev 0 0`.
    Nfs,
}

/// One mount of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// Mount point, `/mnt/mfs`.
    pub path: String,
    /// Folder in the file system, `/`.
    pub folder: String,
    /// Master's client port, 9421.
    pub port: u16,
    /// Further mfsmount options, in order.
    pub options: Vec<String>,
    /// Export password; never written into fstab.
    pub password: Option<Secret>,
    /// Form of the fstab line.
    pub form: MountForm,
    /// `false`: make sure it is not mounted and not in fstab.
    pub present: bool,
}

/// Alert receivers (sent by the nodes; see the takeover documentation).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notify {
    /// SMTP accounts, tried in turn.
    pub smtp: Vec<Smtp>,
    /// Receivers of mail.
    pub to: Vec<String>,
    /// Gets every alert as JSON.
    pub webhook: Option<Webhook>,
    /// Certificates (PEM) trusted besides the system's own.
    pub ca: Option<Secret>,
}

impl Notify {
    /// Whether nobody is to be told of anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.to.is_empty() && self.webhook.is_none()
    }

    /// Every secret of it, for masking.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let mut all: Vec<Secret> = self.smtp.iter().filter_map(|s| s.password.clone()).collect();
        if let Some(webhook) = &self.webhook {
            all.push(webhook.url.clone());
            all.extend(webhook.secret_parts());
            all.extend(webhook.token.clone());
            // What follows the name is the secret, also where it stands alone.
            all.extend(webhook.headers.iter().filter_map(|h| h.expose().split_once(':')).map(|(_, value)| Secret::new(value.trim())));
        }
        all
    }

    /// Whether certificates are checked on any way.
    #[must_use]
    pub fn uses_tls(&self) -> bool {
        self.smtp.iter().any(|s| s.security != "none") || self.webhook.as_ref().is_some_and(|w| w.url.expose().starts_with("https:"))
    }
}

/// A webhook.
#[derive(Debug, Clone, Serialize)]
pub struct Webhook {
    /// Its address (a secret: such addresses carry tokens).
    pub url: Secret,
    /// Bearer token.
    pub token: Option<Secret>,
    /// Further headers, `Name: value` each.
    pub headers: Vec<Secret>,
}

impl Webhook {
    /// What stands behind the host, and its parts, which a server's answer may name alone. Short words, such as `services`,
    /// are no secrets.
    fn secret_parts(&self) -> Vec<Secret> {
        let url = self.url.expose();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let Some(at) = rest.find(['/', '?', '#']) else { return Vec::new() };
        let path = &rest[at..];
        let last = path.split(['?', '#']).next().and_then(|p| p.rsplit('/').next()).unwrap_or_default();
        let parts = path.split(['/', '?', '#', '&', '=']).filter(|part| part.len() >= 12);
        parts.chain([path, last].into_iter().filter(|part| part.len() >= 8)).map(Secret::new).collect()
    }
}

/// One SMTP account.
#[derive(Debug, Clone, Serialize)]
pub struct Smtp {
    /// Server name.
    pub host: String,
    /// Server port.
    pub port: u16,
    /// `none`, `starttls` or `tls`.
    pub security: String,
    /// Login, when it asks for one.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// Sender address.
    pub from: String,
}

/// Writes a duration as inventories do.
fn duration<S: serde::Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&super::unit::show_duration(*value))
}

/// Writes permissions as inventories do.
fn octal<S: serde::Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{mode:04o}"))
}

impl Tenant {
    /// Whether anything but the directory itself is set.
    #[must_use]
    pub fn has_settings(&self) -> bool {
        self.goal.is_some() || self.trashtime.is_some() || self.quota.is_some()
    }

    /// Whether a folder of the file system is the tenant's, or lies in it.
    #[must_use]
    pub fn covers(&self, folder: &str) -> bool {
        folder.strip_prefix(self.folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Cluster {
    /// The tenant of that name.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|t| t.name == name)
    }

    /// The same cluster without a tenant: its export is gone, and its mounts are gone too, or, if `kept`, stand there
    /// as those that must not be.
    #[must_use]
    pub fn without(&self, tenant: &Tenant, kept: bool) -> Self {
        let mut cluster = self.clone();
        cluster.tenants.retain(|t| t.name != tenant.name);
        // Tenants' lines stand after the general ones, so its own is the last of its folder.
        if let Some(at) = cluster.exports.iter().rposition(|e| e.path == tenant.folder) {
            cluster.exports.remove(at);
        }
        for node in cluster.nodes.iter_mut().filter(|n| tenant.clients.contains(&n.name)) {
            match kept {
                true => node.mounts.iter_mut().filter(|m| m.path == tenant.mount).for_each(|m| m.present = false),
                false => node.mounts.retain(|m| m.path != tenant.mount),
            }
        }
        cluster
    }

    /// Nodes with a role, in inventory order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |n| n.roles.contains(&role))
    }

    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.name == name)
    }

    /// Both masters, the preferred one (highest priority) first.
    #[must_use]
    pub fn masters(&self) -> Vec<&Node> {
        let mut masters: Vec<&Node> = self.with_role(Role::Master).collect();
        masters.sort_by_key(|n| std::cmp::Reverse(n.priority));
        masters
    }

    /// The other master.
    #[must_use]
    pub fn peer(&self, node: &Node) -> Option<&Node> {
        self.with_role(Role::Master).find(|n| n.name != node.name)
    }

    /// Every secret there is, for masking.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let mut all = vec![self.drbd.secret.clone(), self.moosefs.auth.clone(), self.ha.witness_secret.clone()];
        all.extend(self.keepalived.password.clone());
        all.extend(self.exports.iter().filter_map(|e| e.password.clone()));
        all.extend(self.nodes.iter().flat_map(|n| &n.mounts).filter_map(|m| m.password.clone()));
        all.extend(self.nodes.iter().flat_map(|n| [n.ssh.password.clone(), n.ssh.sudo_password.clone()]).flatten());
        all.extend(self.notify.secrets());
        all.retain(|s| !s.expose().is_empty());
        all
    }

    /// DATA_PATH of the master, e.g. `/data/drbd/mfs`.
    #[must_use]
    pub fn data_path(&self) -> String {
        format!("{}/{}", self.mount_point, self.moosefs.data_dir)
    }
}

impl Node {
    /// Whether the node has a role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

impl Role {
    /// The word used in inventories.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Master => "master",
            Role::Metalogger => "metalogger",
            Role::Chunkserver => "chunkserver",
            Role::Client => "client",
        }
    }
}
