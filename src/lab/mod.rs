//! A whole cluster of real machines on one computer, under User-Mode Linux.
//!
//! What hurts in production (DRBD refusing, a busy mount, a virtual address on two
//! nodes) shows only on real kernels. A lab is a set of virtual machines in a network
//! namespace of their own; nothing leaves it. This room knows no inventory: it makes
//! what a [`LabSpec`] says.

mod cache;
mod debian;
mod down;
mod enterprise;
mod error;
mod faults;
mod host;
mod http;
mod image;
mod inventory;
mod kernel;
mod machine;
mod namespace;
mod network;
mod process;
mod progress;
mod repository;
mod server;
mod spec;
mod ssh;
mod tool;
mod up;

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

pub use down::down;
pub use enterprise::{RpmRepository, rpm_repository};
pub use error::{LabError, Result};
pub use faults::parse_shift;
pub use inventory::{Source, inventory_path, overlay, overlay_path};
pub use network::Cuts;
pub use progress::{Event, Progress, silent, step};
pub use server::{PORT, serve};
pub use spec::{
    CHUNK_DISK, DiskSpec, LabSpec, MASTER_DISK, MASTER_MEMORY, NODE_MEMORY, NodeSpec, check_name, free_address, network, up_command,
};
pub use tool::Output;
pub use up::{Up, UpOptions, up};

use machine::{BOOT_DEADLINE, Machine};
use process::Identity;
use ssh::Login;

/// Where the lab keeps things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// Kernel, image and packages; may be removed when no lab is there.
    pub cache: PathBuf,
    /// One directory for each lab: disks, keys, records. Not under `/run`: disks there would live in memory.
    pub state: PathBuf,
}

impl Dirs {
    /// From `MFSCTL_LAB_CACHE` and `MFSCTL_LAB_STATE`; else `/var/cache/mfsctl` (or `$XDG_CACHE_HOME/mfsctl`) and `/var/lib/mfsctl/lab`.
    #[must_use]
    pub fn from_env() -> Self {
        let path = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Self {
            cache: path("MFSCTL_LAB_CACHE")
                .or_else(|| path("XDG_CACHE_HOME").map(|p| p.join("mfsctl")))
                .unwrap_or_else(|| PathBuf::from("/var/cache/mfsctl")),
            state: path("MFSCTL_LAB_STATE").unwrap_or_else(|| PathBuf::from("/var/lib/mfsctl/lab")),
        }
    }

    /// Directory of one lab.
    #[must_use]
    pub fn lab(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    /// Names of the labs that are there.
    #[must_use]
    pub fn labs(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.state).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter(|e| e.path().join(RECORD).exists()).filter_map(|e| e.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

const RECORD: &str = "lab.json";

/// What a lab was made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    spec: LabSpec,
    image: PathBuf,
    /// The program of the machines' kernel; empty for a lab of before, which must be made anew.
    #[serde(default)]
    kernel: PathBuf,
    repository: PathBuf,
}

/// State of one node.
#[derive(Debug, Clone, Serialize)]
pub struct NodeState {
    /// Node name.
    pub name: String,
    /// Address.
    pub address: Ipv4Addr,
    /// Memory in MiB.
    pub memory_mb: u32,
    /// Leading process on the host while it runs.
    pub pid: Option<u32>,
    /// Taken off the network altogether.
    pub cut: bool,
    /// Nodes it does not hear.
    pub cut_from: Vec<String>,
}

/// A lab that exists.
#[derive(Debug, Clone)]
pub struct Lab {
    dirs: Dirs,
    dir: PathBuf,
    record: Record,
}

impl Lab {
    /// Opens a lab by name in the usual directories.
    ///
    /// # Errors
    /// There is none, or its record does not read.
    pub fn open(name: &str) -> Result<Self> {
        Self::open_in(&Dirs::from_env(), name)
    }

    /// Opens a lab by name.
    ///
    /// # Errors
    /// There is none, or its record does not read.
    pub fn open_in(dirs: &Dirs, name: &str) -> Result<Self> {
        check_name(name).map_err(|fault| LabError::Spec { name: name.into(), faults: vec![fault] })?;
        let dir = dirs.lab(name);
        let path = dir.join(RECORD);
        let text = match fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(LabError::NoLab { name: name.into(), path: dir }),
            other => other.map_err(LabError::io(&path))?,
        };
        let record = serde_json::from_slice(&text).map_err(|e| LabError::Broken { path, reason: e.to_string() })?;
        Ok(Self { dirs: dirs.clone(), dir, record })
    }

    /// What it is made of.
    #[must_use]
    pub fn spec(&self) -> &LabSpec {
        &self.record.spec
    }

    /// Its directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The inventory it is a twin of; [`overlay`] belongs over it.
    #[must_use]
    pub fn inventory(&self) -> PathBuf {
        inventory::real(&self.dir)
    }

    /// Private key for root, `admin` and `operator` (whose sudo asks for the password `operator`) on every node.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.login().key
    }

    /// Host keys of its nodes.
    #[must_use]
    pub fn known_hosts(&self) -> PathBuf {
        self.login().known_hosts
    }

    /// Its network namespace.
    #[must_use]
    pub fn namespace(&self) -> PathBuf {
        namespace::path(&self.record.spec.name)
    }

    fn login(&self) -> Login {
        ssh::login(&self.record.spec.name, &self.dir)
    }

    fn node(&self, name: &str) -> Result<&NodeSpec> {
        self.record.spec.node(name).ok_or_else(|| LabError::NoNode {
            lab: self.record.spec.name.clone(),
            node: name.into(),
            known: self.record.spec.nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn machine<'a>(&'a self, node: &'a NodeSpec) -> Machine<'a> {
        Machine::new(&self.record.spec, node, &self.dir)
    }

    /// State of every node.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeState> {
        let cuts = self.cuts();
        let state = |node: &NodeSpec| NodeState {
            name: node.name.clone(),
            address: node.address,
            memory_mb: node.memory_mb,
            pid: self.machine(node).running().map(|i: Identity| i.pid),
            cut: cuts.nodes.contains(&node.name),
            cut_from: cuts
                .pairs
                .iter()
                .filter_map(|(a, b)| if *a == node.name { Some(b) } else { (*b == node.name).then_some(a) })
                .cloned()
                .collect(),
        };
        self.record.spec.nodes.iter().map(state).collect()
    }

    /// Runs a command as root on a node and collects its output.
    ///
    /// # Errors
    /// No such node, or no end within the deadline. A failed login is an output with code 255.
    pub fn exec(&self, node: &str, argv: &[&str], deadline: Duration) -> Result<Output> {
        self.exec_as("root", node, argv, b"", deadline)
    }

    /// Runs a command on a node as another user, with input.
    ///
    /// # Errors
    /// As [`Lab::exec`].
    pub fn exec_as(&self, user: &str, node: &str, argv: &[&str], input: &[u8], deadline: Duration) -> Result<Output> {
        self.login().exec(user, self.node(node)?.address, argv, input, deadline)
    }

    /// Runs ssh to a node on the caller's terminal; gives its exit code, 124 past the deadline.
    ///
    /// # Errors
    /// No such node, or ssh cannot be started.
    pub fn attach(&self, user: &str, node: &str, argv: &[&str], deadline: Option<Duration>) -> Result<i32> {
        self.login().attach(user, self.node(node)?.address, argv, deadline)
    }

    /// Waits until a node's sshd answers.
    ///
    /// # Errors
    /// It does not within the time.
    pub fn wait_ssh(&self, node: &str, limit: Duration) -> Result<()> {
        self.login().wait(node, self.node(node)?.address, limit)
    }

    /// File with all a node said on its console since it was powered on.
    ///
    /// # Errors
    /// No such node.
    pub fn console(&self, node: &str) -> Result<PathBuf> {
        Ok(self.machine(self.node(node)?).console())
    }

    /// Power cut. Gives the number of host processes ended; 0 when it was off.
    ///
    /// # Errors
    /// No such node, or a process survives.
    pub fn crash(&self, node: &str) -> Result<usize> {
        let _lock = lock(&self.dirs, &self.record.spec.name, FlockOperation::LockShared)?;
        self.machine(self.node(node)?).cut_power()
    }

    /// Powers a node on with its disks and waits until it answers ssh. `false` when it was on.
    ///
    /// # Errors
    /// It does not come up.
    pub fn boot(&self, node: &str) -> Result<bool> {
        let _lock = lock(&self.dirs, &self.record.spec.name, FlockOperation::LockShared)?;
        let machine = self.machine(self.node(node)?);
        if machine.running().is_some() {
            return Ok(false);
        }
        if !network::exists(&self.record.spec.name) {
            return Err(LabError::NotRunning { name: self.record.spec.name.clone() });
        }
        machine.start(&self.record.kernel, &self.record.image, &self.login().ensure_key()?)?;
        machine.wait_ready(1, Instant::now() + BOOT_DEADLINE)?;
        Ok(true)
    }

    /// Restarts a node the clean way, as `reboot` does, and waits until it answers ssh again.
    ///
    /// # Errors
    /// It cannot be told to, or does not come back.
    pub fn reboot(&self, node: &str) -> Result<()> {
        let machine = self.machine(self.node(node)?);
        let before = machine.boots();
        // The connection may die before the answer.
        let _ = self.exec(node, &["systemctl", "reboot"], Duration::from_secs(20));
        machine.wait_ready(before + 1, Instant::now() + BOOT_DEADLINE)
    }
}

/// Holds a lab against changes by others: shared for one node's power, exclusive for `up` and `down`.
fn lock(dirs: &Dirs, name: &str, operation: FlockOperation) -> Result<File> {
    fs::create_dir_all(&dirs.state).map_err(LabError::io(&dirs.state))?;
    let path = dirs.state.join(format!(".{name}.lock"));
    let file = File::create(&path).map_err(LabError::io(&path))?;
    flock(&file, operation).map_err(|e| LabError::Io { what: path.display().to_string(), source: e.into() })?;
    Ok(file)
}
