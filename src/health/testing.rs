//! The reference cluster in good health: what tests of rules and of their display start from.

#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;

use super::local::Local;
use super::{AgentView, ClusterReport, CopyView, MasterAnswer, NodeView};
use crate::fact::drbd_status;
use crate::fact::ha_report::{Space, SpaceState};
use crate::inventory::model::Role;
use crate::protocol::*;
use crate::step::testing;

/// The DRBD resource as `/proc/drbd` shows it in these words: `cs:… ro:… ds:… C r-----`.
#[must_use]
pub fn drbd(words: &str) -> drbd_status::DrbdResource {
    drbd_status::parse(&format!("version: 8.4.11\n 0: {words}\n    oos:0\n"), "").unwrap().resources.remove(0)
}

/// A master's view in good health.
fn master(view: NodeView, active: bool) -> NodeView {
    let words = if active {
        "cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----"
    } else {
        "cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----"
    };
    NodeView {
        vip_present: Some(active),
        drbd: Some(drbd(words)),
        volume_mounted: Some(active),
        master_running: Some(active),
        master_enabled: Some(false),
        agent: Some(AgentView {
            healthy: true,
            note: if active { "serving" } else { "ready to take over" }.to_owned(),
            hold: None,
            space: active.then_some(Space { state: SpaceState::Ok, free_mib: 7012, total_mib: 7894, reserve_mib: 394 }),
        }),
        metalogger_running: Some(true),
        metalogger_copy: Some(CopyView {
            next_change: Some(10_413),
            change_age: Some(4),
            saved_version: Some(10_120),
            saved_age: Some(3000),
        }),
        ..view
    }
}

/// What a node has of its own in good health.
fn local(master: bool) -> Local {
    let free = [("/".to_owned(), 3 << 30), ("/var".to_owned(), 3 << 30)].into();
    if !master {
        return Local { free, ..Local::default() };
    }
    Local {
        free,
        volume_bytes: Some(8 << 30),
        drbd_version: Some("8.4.11".to_owned()),
        drbd_secret_matches: Some(true),
        changelog_mode: Some("2".to_owned()),
        ..Local::default()
    }
}

/// A disk in good health.
#[must_use]
pub fn disk(path: &str) -> Disk {
    Disk {
        path: path.to_owned(),
        marked_for_removal: false,
        damaged: false,
        scanning: false,
        invalid: false,
        last_error: None,
        used: 18_841_600,
        total: 629_145_600,
        chunks: 5,
    }
}

/// A connected chunkserver.
#[must_use]
pub fn chunkserver(address: Ipv4Addr, id: u16) -> Chunkserver {
    Chunkserver {
        address,
        port: 9422,
        id,
        labels: "A".to_owned(),
        version: Some(Version::new(3, 0, 117)),
        connected: true,
        used: 18_841_600,
        total: 629_145_600,
        chunks: 5,
        removal_used: 0,
        removal_total: 0,
        removal_chunks: 0,
        removal: Removal::None,
        errors: 0,
        queue: 0,
        load: Load::Normal,
        maintenance: Maintenance::Off,
    }
}

/// The session of a client's mount.
#[must_use]
pub fn session(address: Ipv4Addr, id: u32) -> Session {
    Session {
        id,
        address,
        version: Version::new(3, 0, 117),
        mount_point: "/mnt/mfs".to_owned(),
        folder: "/".to_owned(),
        open_files: 2,
        connections: 1,
        expires: 0,
        read_only: false,
        any_address: false,
        ignore_gid: false,
        admin: false,
        map_all: false,
        root: (0, 0),
        all: (999, 999),
        operations: (120, 340),
    }
}

/// A master's answer in good health.
#[must_use]
pub fn told() -> MasterReport {
    let version = Version::new(3, 0, 117);
    let summary = Summary { stable: 1234, ..Summary::default() };
    MasterReport {
        version,
        version_text: "3.0.117-1".to_owned(),
        info: MasterInfo {
            version,
            memory: 212_705_280,
            cpu_system_percent: 1.28,
            cpu_user_percent: 0.03,
            total_space: 1_887_436_800,
            available_space: 1_830_932_480,
            free_space: Some(1_830_932_480),
            trash_space: 5000,
            trash_files: 1,
            sustained_space: 0,
            sustained_files: 0,
            inodes: 2000,
            directories: 100,
            files: 1900,
            chunks: 1234,
            chunk_copies: 2468,
            last_store_time: Some(1_795_346_000),
            last_store_duration_ms: 210,
            last_store_status: StoreStatus::Background,
            last_store_metadata_version: None,
            serving: true,
            metadata_version: 10_413,
            metadata_id: None,
            exports_checksum: Some(0x4450_9134_0B49_5209),
            clock_us: Some(1_795_346_817_366_899),
        },
        chunkservers: (1..=3_u8).map(|n| chunkserver(Ipv4Addr::new(172, 16, 0, 42 + n), u16::from(n))).collect(),
        chunks: ChunkMatrix {
            progress: Progress { disconnecting: false, connecting: false },
            all: summary,
            regular: summary,
            table: [[0; 11]; 11],
        },
        sessions: (1..=3_u8).map(|n| session(Ipv4Addr::new(172, 16, 0, 10 + n), u32::from(n))).collect(),
        // the active master's metalogger speaks to the virtual address from that address
        metaloggers: [47, 42].map(|last| Metalogger { address: Ipv4Addr::new(172, 16, 0, last), version }).to_vec(),
        exports: None,
        further: Further {
            quotas: Some(Vec::new()),
            classes: Some(vec![StorageClass {
                id: 2,
                name: "2".to_owned(),
                admin_only: false,
                files: 1900,
                directories: 100,
                copies: 2,
                keep: Fulfilled::Yes,
                under: 0,
                exact: 1234,
                over: 0,
            }]),
            ..Further::default()
        },
    }
}

/// The reference cluster, node1 active.
#[must_use]
pub fn healthy() -> ClusterReport {
    let cluster = testing::cluster();
    let nodes = cluster.nodes.iter().enumerate().map(|(at, node)| {
        let mut view = NodeView {
            uname: Some(node.name.clone()),
            clock_offset_ms: Some(i64::try_from(at).unwrap() * 10),
            local: Some(local(node.is(Role::Master))),
            ..NodeView::new(node)
        };
        if node.is(Role::Master) {
            view = master(view, at == 0);
        }
        if node.is(Role::Chunkserver) {
            view.chunkserver_running = Some(true);
            view.disks = Some(vec![disk("/mnt/mfs1/")]);
        }
        for mount in &mut view.mounts {
            (mount.mounted, mount.answers) = (Some(true), Some(true));
        }
        view
    });
    let nodes = nodes.collect();
    let master = MasterAnswer::Answered { through: "node1".to_owned(), address: Ipv4Addr::new(172, 16, 0, 47), report: Box::new(told()) };
    ClusterReport::new(&cluster, nodes, master)
}

impl ClusterReport {
    /// A node to change.
    pub fn node_mut(&mut self, name: &str) -> &mut NodeView {
        self.nodes.iter_mut().find(|n| n.name == name).unwrap()
    }

    /// The master's answer to change.
    pub fn told_mut(&mut self) -> &mut MasterReport {
        match &mut self.master {
            MasterAnswer::Answered { report, .. } => report,
            MasterAnswer::Silent { .. } => unreachable!("the test made the master silent"),
        }
    }

    /// A node that cannot be asked any more.
    pub fn lose(&mut self, name: &str) {
        let cluster = testing::cluster();
        *self.node_mut(name) = NodeView::unreachable(cluster.node(name).unwrap(), "no route to host");
    }
}
