//! The reference cluster built in code, and facts to plan it against: what tests of steps start from.

#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use super::{Action, ActionKind, ClusterState, Consent, Otherwise, Outcome, View};
use crate::fact::HostFacts;
use crate::fact::block::{Device, Probe};
use crate::fact::file::{FileFact, Meta};
use crate::fact::network::Address;
use crate::fact::system::{Os, System};
use crate::inventory::layout;
use crate::inventory::model::*;
use crate::inventory::secret::Secret;

/// The reference cluster of eight nodes, Debian's own packages.
#[must_use]
pub fn cluster() -> Cluster {
    let mut nodes = Vec::new();
    for (n, last) in [(1, 41), (2, 42), (3, 43), (4, 44), (5, 45), (6, 11), (7, 12), (8, 13)] {
        let roles = match n {
            1 | 2 => BTreeSet::from([Role::Master, Role::Metalogger]),
            3..=5 => BTreeSet::from([Role::Chunkserver]),
            _ => BTreeSet::from([Role::Client]),
        };
        let master = roles.contains(&Role::Master);
        let disk =
            ChunkDisk { path: "/mnt/mfs1".into(), limit: None, mark: None, device: Some("/dev/ubdb".into()), lvm: None, fs: "xfs".into() };
        let mount = Mount {
            path: "/mnt/mfs".into(),
            folder: "/".into(),
            port: 9421,
            options: Vec::new(),
            password: Some(Secret::new("export-password")),
            form: MountForm::Classic,
            present: true,
        };
        nodes.push(Node {
            name: format!("node{n}"),
            address: Ipv4Addr::new(172, 16, 0, last),
            storage: master.then(|| MasterStorage {
                disk: "/dev/ubdb".into(),
                layout: Layout::Partition,
                vg: "vgdrbr".into(),
                lv: "mfs".into(),
                size: None,
            }),
            priority: master.then_some(if n == 1 { 150 } else { 100 }),
            disks: if roles.contains(&Role::Chunkserver) { vec![disk] } else { Vec::new() },
            mounts: if roles.contains(&Role::Client) { vec![mount] } else { Vec::new() },
            roles,
            ssh: Ssh::default(),
            chunkserver: Settings::new(),
            metalogger: Settings::new(),
        });
    }
    Cluster {
        name: "reference".into(),
        nodes,
        vip: Vip { address: Ipv4Addr::new(172, 16, 0, 47), prefix: 24, interface: None, name: "mfsmaster".into() },
        drbd: Drbd {
            resource: "mfs".into(),
            device: "/dev/drbd0".into(),
            port: 7788,
            protocol: 'C',
            cram_hmac_alg: "sha1".into(),
            secret: Secret::new("drbd-secret"),
            resync_rate: "200M".into(),
            startup_timeout: 15,
        },
        mount_point: "/data/drbd".into(),
        moosefs: MooseFs {
            version: VersionLine::V3,
            auth: Secret::new("auth-code"),
            master: Settings::new(),
            data_dir: "mfs".into(),
            cgi_port: 9425,
        },
        keepalived: Keepalived { router_id: 47, advert_interval: 1.0, unicast: true, password: Some(Secret::new("vrrppass")) },
        ha: Ha {
            witnesses: vec!["node3".into(), "node4".into(), "node5".into()],
            witness_port: 7799,
            witness_secret: Secret::new("witness-secret"),
            promote_wait: Duration::from_secs(60),
            stop_wait: Duration::from_secs(60),
            fence_wait: Duration::from_secs(10),
            fence_handicap: Duration::from_secs(3),
            reserve_mib: None,
        },
        repositories: Repositories { moosefs: MooseFsSource::Distribution, elrepo: true, elrepo_mirror: None, fastestmirror: false },
        exports: vec![Export {
            network: "172.16.0.0/24".into(),
            path: "/".into(),
            options: vec!["rw".into(), "alldirs".into(), "maproot=0".into()],
            password: Some(Secret::new("export-password")),
        }],
        topology: Vec::new(),
        tenants: Vec::new(),
        notify: Notify::default(),
    }
}

/// Facts of a node on which nothing has been done: Debian 12, every managed file missing, empty disks of 3 GiB.
#[must_use]
pub fn bare(cluster: &Cluster, node: &Node) -> HostFacts {
    let mut facts = HostFacts::default();
    for path in layout::files(cluster, node) {
        facts.files.insert(path, FileFact::Missing);
    }
    let meta = Meta { mode: 0o644, owner: "root".into(), group: "root".into() };
    facts.files.insert("/etc/hosts", FileFact::Regular { content: "127.0.0.1 localhost\n".into(), meta });
    facts.system = System {
        os: Os {
            id: "debian".into(),
            version: "12".into(),
            codename: "bookworm".into(),
            pretty: "Debian GNU/Linux 12 (bookworm)".into(),
            ..Os::default()
        },
        hostname: node.name.clone(),
        kernel: "6.1.176".into(),
        arch: "x86_64".into(),
        free_root: 3 << 30,
        free_var: 3 << 30,
        memory: 1 << 30,
        ..System::default()
    };
    facts.network.addresses.push(Address { interface: "vec0".into(), address: node.address, prefix: 24 });
    facts.blocks.lvm = true;
    facts.blocks.devices.push(disk("ubda", 4 << 30, "/"));
    facts.blocks.devices.push(disk("ubdb", 3 << 30, ""));
    for path in layout::storage::devices(cluster, node) {
        if path == "/dev/ubdb" {
            facts.blocks.probes.insert(path.clone(), Probe { path, sectors: (3 << 30) / 512, ..Probe::default() });
        }
    }
    facts
}

fn disk(name: &str, size: u64, mountpoint: &str) -> Device {
    Device { kname: name.into(), name: name.into(), kind: "disk".into(), size, mountpoint: mountpoint.into(), ..Device::default() }
}

/// A cluster with the facts of all its nodes; change what the test is about, then plan.
pub struct World {
    /// The cluster wanted.
    pub cluster: Cluster,
    /// Facts of all nodes.
    pub state: ClusterState,
    /// What the operator allowed.
    pub consent: Consent,
    /// Marks pending, the same on whichever node is planned.
    pub pending: BTreeSet<String>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The reference cluster, bare.
    #[must_use]
    pub fn new() -> Self {
        Self::of(cluster())
    }

    /// A given cluster, bare.
    #[must_use]
    pub fn of(cluster: Cluster) -> Self {
        let state = cluster.nodes.iter().map(|n| (n.name.clone(), Ok(bare(&cluster, n)))).collect::<BTreeMap<_, _>>();
        Self { cluster, state, consent: Consent::default(), pending: BTreeSet::new() }
    }

    /// Facts of a node, to change.
    pub fn facts(&mut self, node: &str) -> &mut HostFacts {
        self.state.get_mut(node).unwrap().as_mut().unwrap()
    }

    /// A node of the inventory, to change.
    pub fn node(&mut self, name: &str) -> &mut Node {
        self.cluster.nodes.iter_mut().find(|n| n.name == name).unwrap()
    }

    /// Lists as missing every managed file the facts do not mention yet: after the cluster was changed.
    pub fn resurvey(&mut self) {
        for node in &self.cluster.nodes {
            let Some(Ok(facts)) = self.state.get_mut(&node.name) else { continue };
            for path in layout::files(&self.cluster, node) {
                if facts.files.get(&path).is_none() {
                    facts.files.insert(path, FileFact::Missing);
                }
            }
        }
    }

    /// A root-owned regular file on a node.
    pub fn file(&mut self, node: &str, path: &str, content: &str, mode: u32) {
        let meta = Meta { mode, owner: "root".into(), group: "root".into() };
        self.facts(node).files.insert(path, FileFact::Regular { content: content.to_owned(), meta });
    }

    /// A root-owned directory on a node.
    pub fn dir(&mut self, node: &str, path: &str, mode: u32) {
        let meta = Meta { mode, owner: "root".into(), group: "root".into() };
        self.facts(node).files.insert(path, FileFact::Directory(meta));
    }

    /// What a step sees on a node.
    #[must_use]
    pub fn view(&self, node: &str) -> View<'_> {
        View {
            cluster: &self.cluster,
            node: self.cluster.node(node).unwrap(),
            facts: self.state[node].as_ref().unwrap(),
            state: &self.state,
            pending: &self.pending,
            consent: &self.consent,
        }
    }

    /// Plans a step on a node.
    #[must_use]
    pub fn plan(&self, node: &str, step: fn(&View) -> Outcome) -> Outcome {
        step(&self.view(node))
    }

    /// Takes the files an outcome writes as written, so that the next plan sees them.
    pub fn apply_writes(&mut self, node: &str, outcome: &Outcome) {
        for action in actions(outcome) {
            if let ActionKind::Write(write) = &action.kind {
                let meta = Meta { mode: write.mode, owner: write.owner.clone(), group: write.group.clone() };
                self.facts(node).files.insert(write.path.clone(), FileFact::Regular { content: write.content.clone(), meta });
            }
        }
    }
}

/// The actions of an outcome; none when it is another kind of outcome.
#[must_use]
pub fn actions(outcome: &Outcome) -> &[Action] {
    if let Outcome::Do(actions) = outcome { actions } else { &[] }
}

/// An outcome as text for snapshots: titles, commands, guards, marks; the content of files written.
#[must_use]
pub fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Unchanged(why) => format!("unchanged: {why}\n"),
        Outcome::Refused(refusal) => format!("refused: {}\nfix: {}\n", refusal.found, refusal.fix),
        Outcome::Do(actions) => actions.iter().map(show_action).collect(),
    }
}

fn show_action(action: &Action) -> String {
    let mut text = format!("- {}\n", action.title);
    if let Some(guard) = &action.guard {
        let word = match guard.otherwise {
            Otherwise::Skip => "only if",
            Otherwise::Stop => "require",
        };
        text += &format!("    {word} ({}): {}\n", guard.because, crate::remote::shell::join(&guard.argv));
    }
    match &action.kind {
        ActionKind::Run(run) => {
            text += &format!("    run ({} s", run.deadline.as_secs());
            if let Some(every) = run.every {
                text += &format!(", every {every:?}");
            }
            if run.ok != [0] {
                text += &format!(", ok {:?}", run.ok);
            }
            text += &format!("): {}\n", crate::remote::shell::join(&run.argv));
            if !run.stdin.is_empty() {
                text += &format!("    stdin: {} bytes\n", run.stdin.len());
            }
        }
        ActionKind::Write(write) => {
            text += &format!("    write {:04o} {}:{} marks {:?}\n", write.mode, write.owner, write.group, write.marks);
            for line in write.content.lines() {
                text += &format!("    | {line}\n");
            }
        }
    }
    if !action.clears.is_empty() {
        text += &format!("    clears {:?}\n", action.clears);
    }
    text
}
