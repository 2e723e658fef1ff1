//! What is known of a whole cluster at one moment: each node's state, and the master's word.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};

use serde::Serialize;

use super::local::Local;
use crate::archive::{LastBackup, LastRehearsal};
use crate::fact::drbd_status::{DrbdResource, DrbdRole};
use crate::fact::ha_report::{Pause, Space};
use crate::fact::journal::Switchover;
use crate::fact::maintenance::{Limit, Limits};
use crate::inventory::model::{Cluster, Node, Role, VersionLine};
use crate::protocol::{Chunkserver, Disk, MasterReport, Session};

/// How long a master keeps an absent client's session unless told otherwise (mfsmaster.cfg, SESSION_SUSTAIN_TIME), seconds.
const SUSTAIN: u32 = 86_400;

/// A whole cluster at one moment. Its serialised form is that of `mfsctl status --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterReport {
    /// Name of the cluster.
    pub cluster: String,
    /// The virtual address.
    pub vip: Ipv4Addr,
    /// Where the metadata volume belongs.
    pub mount_point: String,
    /// DRBD resource.
    pub resource: String,
    /// MooseFS release line wanted.
    pub version_line: VersionLine,
    /// How many witnesses hold votes.
    pub witnesses: usize,
    /// All nodes, in inventory order.
    pub nodes: Vec<NodeView>,
    /// What the MooseFS master said.
    pub master: MasterAnswer,
    /// The operator's clock when it was asked, seconds since 1970; 0 when nobody noted it.
    pub asked_at: i64,
    /// Seconds for which the master keeps the session of an absent client (SESSION_SUSTAIN_TIME).
    pub session_sustain: u32,
    /// What is known of backups, rehearsals and switchovers; `None` where that was not looked up.
    pub records: Option<Records>,
}

/// What was done lately, as far as it is noted anywhere that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Records {
    /// The last backup of the metadata.
    pub backup: Option<LastBackup>,
    /// The last time metadata was restored for trial.
    pub rehearsal: Option<LastRehearsal>,
    /// The last planned switchover.
    pub switchover: Option<Switchover>,
    /// Where backups and rehearsals are noted.
    pub looked_for_backups: String,
    /// Where switchovers were looked for: this machine's journal, and the masters that could be asked.
    pub looked_for_switchovers: Vec<String>,
}

/// What the MooseFS master said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "answer")]
pub enum MasterAnswer {
    /// It answered.
    Answered {
        /// Node through which it was asked.
        through: String,
        /// Address that answered.
        address: Ipv4Addr,
        /// Its answer.
        report: Box<MasterReport>,
    },
    /// It did not.
    Silent {
        /// Why, for people.
        reason: String,
    },
}

/// One node at one moment. `None` means not known: the node was not reached, or it has no such role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeView {
    /// Inventory name.
    pub name: String,
    /// Cluster address.
    pub address: Ipv4Addr,
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// Whether it could be asked.
    pub reachable: bool,
    /// Why not.
    pub unreachable_reason: Option<String>,
    /// What `uname -n` says.
    pub uname: Option<String>,
    /// Its clock less the operator's, milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Masters: whether the virtual address is on an interface.
    pub vip_present: Option<bool>,
    /// Masters: the DRBD resource; `None` also when it is not up.
    pub drbd: Option<DrbdResource>,
    /// Masters: the kernel's last word about a refused connection.
    pub drbd_log: Option<String>,
    /// Masters: whether the metadata volume is mounted at its place.
    pub volume_mounted: Option<bool>,
    /// Masters: whether the MooseFS master runs.
    pub master_running: Option<bool>,
    /// Masters: whether the MooseFS master would start at boot.
    pub master_enabled: Option<bool>,
    /// Masters: what the takeover agent says of this node.
    pub agent: Option<AgentView>,
    /// Masters: when maintenances of chunkservers end by themselves.
    #[serde(skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Masters: the last switchover in the journal kept there.
    #[serde(skip)]
    pub switchover: Option<Switchover>,
    /// Metaloggers: whether the daemon runs.
    pub metalogger_running: Option<bool>,
    /// Metaloggers: what they have of the metadata.
    pub metalogger_copy: Option<CopyView>,
    /// Chunkservers: whether the daemon runs.
    pub chunkserver_running: Option<bool>,
    /// Chunkservers: data directories the inventory wants.
    pub disks_wanted: Vec<String>,
    /// Chunkservers: disks as the daemon tells them.
    pub disks: Option<Vec<Disk>>,
    /// Chunkservers: why the disks are not known.
    pub disks_reason: Option<String>,
    /// Clients: the mounts the inventory wants.
    pub mounts: Vec<MountView>,
    /// Its own files, units and packages, held against the inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
}

/// What a takeover agent says of its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentView {
    /// Whether the node may serve, or take over.
    pub healthy: bool,
    /// Its words.
    pub note: String,
    /// A hold of the takeover there.
    pub hold: Option<Pause>,
    /// Space of the metadata volume, on the active node.
    pub space: Option<Space>,
}

/// What a metalogger has of the metadata. Ages are by its node's clock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CopyView {
    /// The id after the last change it has: the version a restore from it reaches.
    pub next_change: Option<u64>,
    /// Seconds since it received a change.
    pub change_age: Option<i64>,
    /// Version of its whole copy, from which a restore begins.
    pub saved_version: Option<u64>,
    /// Seconds since that was downloaded.
    pub saved_age: Option<i64>,
}

impl CopyView {
    /// Changes the master has made and this copy has not; both were asked at nearly, not exactly, the same time.
    #[must_use]
    pub fn behind(&self, master: u64) -> Option<u64> {
        self.next_change.map(|next| master.saturating_sub(next))
    }
}

/// One mount of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountView {
    /// Mount point.
    pub path: String,
    /// Folder of the file system.
    pub folder: String,
    /// Whether it is mounted now.
    pub mounted: Option<bool>,
    /// Whether it answered within the survey's time limit.
    pub answers: Option<bool>,
}

/// A word on the master: the node it came through, whether that holds the virtual address, and what was told at which
/// address, or why nothing was.
pub type MasterWord = (String, Option<bool>, Result<(Ipv4Addr, Box<MasterReport>), String>);

impl MasterAnswer {
    /// The word that counts of several: that through the holder of the virtual address when both masters answer. `None`
    /// when there is none.
    #[must_use]
    pub fn choose(mut words: Vec<MasterWord>) -> Option<Self> {
        words.sort_by_key(|(_, vip, word)| (word.is_err(), *vip != Some(true)));
        Some(match words.into_iter().next()? {
            (through, _, Ok((address, report))) => Self::Answered { through, address, report },
            (_, _, Err(reason)) => Self::Silent { reason },
        })
    }
}

impl NodeView {
    /// A node of the inventory of which nothing is known yet, taken as reached.
    #[must_use]
    pub fn new(node: &Node) -> Self {
        Self {
            name: node.name.clone(),
            address: node.address,
            roles: node.roles.clone(),
            reachable: true,
            unreachable_reason: None,
            uname: None,
            clock_offset_ms: None,
            vip_present: None,
            drbd: None,
            drbd_log: None,
            volume_mounted: None,
            master_running: None,
            master_enabled: None,
            agent: None,
            limits: Limits::new(),
            switchover: None,
            metalogger_running: None,
            metalogger_copy: None,
            chunkserver_running: None,
            disks_wanted: node.disks.iter().map(|d| d.path.clone()).collect(),
            disks: None,
            disks_reason: None,
            mounts: node
                .mounts
                .iter()
                .filter(|m| m.present)
                .map(|m| MountView { path: m.path.clone(), folder: m.folder.clone(), mounted: None, answers: None })
                .collect(),
            local: None,
        }
    }

    /// A node that could not be asked.
    #[must_use]
    pub fn unreachable(node: &Node, reason: impl Into<String>) -> Self {
        Self { reachable: false, unreachable_reason: Some(reason.into()), ..Self::new(node) }
    }

    /// Whether it has a role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it is Primary of the metadata volume; `None` when that is not known.
    #[must_use]
    pub fn is_primary(&self) -> Option<bool> {
        match &self.drbd {
            Some(drbd) => Some(drbd.role == DrbdRole::Primary),
            None => self.reachable.then_some(false),
        }
    }
}

impl ClusterReport {
    /// Joins what was learnt of the nodes and from the master.
    #[must_use]
    pub fn new(cluster: &Cluster, nodes: Vec<NodeView>, master: MasterAnswer) -> Self {
        Self {
            cluster: cluster.name.clone(),
            vip: cluster.vip.address,
            mount_point: cluster.mount_point.clone(),
            resource: cluster.drbd.resource.clone(),
            version_line: cluster.moosefs.version,
            witnesses: cluster.ha.witnesses.len(),
            nodes,
            master,
            asked_at: 0,
            session_sustain: cluster.moosefs.master.get("SESSION_SUSTAIN_TIME").and_then(|t| t.trim().parse().ok()).unwrap_or(SUSTAIN),
            records: None,
        }
    }

    /// Nodes with a role, in inventory order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &NodeView> {
        self.nodes.iter().filter(move |n| n.is(role))
    }

    /// What the master told, when it did.
    #[must_use]
    pub fn told(&self) -> Option<&MasterReport> {
        match &self.master {
            MasterAnswer::Answered { report, .. } => Some(report),
            MasterAnswer::Silent { .. } => None,
        }
    }

    /// Whether a connection that the master sees from `address` comes from this node. The holder of the
    /// virtual address speaks to itself from that address; a master that cannot be asked may be the holder.
    #[must_use]
    pub fn comes_from(&self, node: &NodeView, address: Ipv4Addr) -> bool {
        let may_hold = |n: &NodeView| n.is(Role::Master) && n.vip_present.is_none();
        let held = self.nodes.iter().any(|n| n.vip_present == Some(true));
        address == node.address || (address == self.vip && (node.vip_present == Some(true) || (!held && may_hold(node))))
    }

    /// The session of a node's mount, one with a connection if there is one.
    #[must_use]
    pub fn session(&self, node: &NodeView, path: &str) -> Option<&Session> {
        let mine = self.told()?.sessions.iter().filter(|s| self.comes_from(node, s.address) && s.mount_point == path);
        mine.max_by_key(|s| s.connections)
    }

    /// The master's entry of a chunkserver, by the node's address.
    #[must_use]
    pub fn chunkserver(&self, node: &NodeView) -> Option<&Chunkserver> {
        let mut all = self.told()?.chunkservers.iter().filter(|s| self.comes_from(node, s.address));
        let first = all.next()?;
        // the same address may also have an old entry under another port: a connected one counts
        if first.connected { Some(first) } else { all.find(|s| s.connected).or(Some(first)) }
    }

    /// Chunkservers the master knows by the name of their node, or by address where the inventory has none.
    #[must_use]
    pub fn name_of(&self, address: Ipv4Addr) -> String {
        self.nodes.iter().find(|n| n.address == address).map_or_else(|| address.to_string(), |n| n.name.clone())
    }

    /// When the maintenance of a chunkserver ends by itself: the first end that a master keeps.
    #[must_use]
    pub fn limit_of(&self, server: &Chunkserver) -> Option<&Limit> {
        let key = SocketAddrV4::new(server.address, server.port);
        self.nodes.iter().filter_map(|n| n.limits.get(&key)).min_by_key(|l| l.left)
    }

    /// Clock offsets less their median, by node: the operator's own clock does not matter.
    #[must_use]
    pub fn clock_skew_ms(&self) -> BTreeMap<&str, i64> {
        let mut offsets: Vec<i64> = self.nodes.iter().filter_map(|n| n.clock_offset_ms).collect();
        offsets.sort_unstable();
        let Some(median) = offsets.get(offsets.len() / 2).copied() else { return BTreeMap::new() };
        self.nodes.iter().filter_map(|n| Some((n.name.as_str(), n.clock_offset_ms?.saturating_sub(median)))).collect()
    }
}
