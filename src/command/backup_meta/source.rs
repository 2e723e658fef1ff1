//! Where a backup is taken from, and how far it must reach.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use super::bring::{self, Wanted};
use crate::archive::Role as Whose;
use crate::command::operation::Operation;
use crate::command::status::gather::ask_master;
use crate::error::{Error, Result, word};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Cluster, Node, Role};
use crate::metadata::{self, Directory, Header};
use crate::protocol::MasterReport;
use crate::remote::{Request, Transport};

/// Longest wait for a 4.x master to store its metadata; without it the changelogs are longer, no more.
const STORE: Duration = Duration::from_secs(600);

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The master that serves.
    Master,
    /// The metalogger of that node.
    Of(String),
    /// The metalogger that reaches furthest.
    Best,
}

impl Choice {
    /// Reads `--from`.
    ///
    /// # Errors
    /// When it names no node, or one without a metalogger.
    pub fn read(cluster: &Cluster, from: Option<&str>) -> Result<Self> {
        match from {
            None => Ok(Self::Master),
            Some("metalogger") => Ok(Self::Best),
            Some(name) => {
                let hint = "name a node with the role metalogger, or `metalogger` for the best of them";
                let node = cluster.node(name).ok_or_else(|| Error::input(format!("--from: there is no node {}", word(name))).hint(hint))?;
                if !node.is(Role::Metalogger) {
                    return Err(Error::input(format!("--from: {name} has no metalogger")).hint(hint));
                }
                Ok(Self::Of(name.to_owned()))
            }
        }
    }
}

/// Where from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Node.
    pub node: String,
    /// Whose files.
    pub role: Whose,
    /// What to copy.
    pub wanted: Wanted,
    /// The master's MooseFS.
    pub moosefs: Option<String>,
    /// What is not known, and makes the backup less than it should be.
    pub doubts: Vec<String>,
}

/// The master that serves.
struct Serving {
    node: String,
    address: Ipv4Addr,
    report: Box<MasterReport>,
    id: Option<u64>,
}

/// Finds the source.
///
/// # Errors
/// When the master does not answer and is the source, or no metalogger has a copy.
pub fn find(operation: &mut Operation, choice: &Choice) -> Result<Source> {
    let cluster = operation.cluster;
    let serving = serving(operation);
    let known = |role, node: String, dir: String, serving: &Serving| Source {
        node,
        role,
        wanted: Wanted { dir, id: serving.id, at_least: Some(serving.report.info.metadata_version) },
        moosefs: Some(serving.report.version_text.clone()),
        doubts: Vec::new(),
    };
    if *choice == Choice::Master {
        let mut serving = serving.map_err(|reason| {
            Error::failed(format!("no master to copy from: {reason}")).hint("`--from metalogger` copies a metalogger's files instead")
        })?;
        if serving.report.version.major >= 4 {
            store(operation, &mut serving);
        }
        return Ok(known(Whose::Master, serving.node.clone(), cluster.data_path(), &serving));
    }
    let id = serving.as_ref().ok().and_then(|s| s.id);
    let node = match choice {
        Choice::Of(name) => name.clone(),
        _ => furthest(operation, id)?,
    };
    let dir = cluster.node(&node).map_or(layout::DATA_DIR, layout::metalogger_dir).to_owned();
    Ok(match serving {
        Ok(serving) => known(Whose::Metalogger, node, dir, &serving),
        Err(reason) => Source {
            node,
            role: Whose::Metalogger,
            wanted: Wanted { dir, id: None, at_least: None },
            moosefs: None,
            doubts: vec![format!("no master could tell how far it is: {reason}")],
        },
    })
}

/// The master that answers, the one with the virtual address first.
fn serving(operation: &mut Operation) -> std::result::Result<Serving, String> {
    let cluster = operation.cluster;
    let masters: BTreeSet<String> = cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    let state = operation.observe(&masters);
    let mut running: Vec<&Node> = Vec::new();
    let mut reasons = Vec::new();
    for node in cluster.with_role(Role::Master) {
        match state.get(&node.name) {
            Some(Ok(facts)) if facts.moosefs.runs("mfsmaster") => running.push(node),
            Some(Ok(_)) => reasons.push(format!("{}: mfsmaster does not run", node.name)),
            Some(Err(reason)) => reasons.push(reason.clone()),
            None => {}
        }
    }
    let facts = |node: &Node| state.get(&node.name).and_then(|f| f.as_ref().ok());
    running.sort_by_key(|node| !facts(node).is_some_and(|f| f.network.has(cluster.vip.address)));
    for node in running {
        let Some(transport) = operation.fleet.slot(&node.name).open() else { continue };
        match ask_master(cluster, &[node.address, cluster.vip.address], transport) {
            Ok((address, report)) => {
                let headers = facts(node).into_iter().flat_map(|f| f.moosefs.data.headers.values());
                let mut ids = headers.filter_map(|h| if let Header::Saved { id, .. } = h { Some(*id) } else { None });
                let id = report.info.metadata_id.filter(|id| *id != 0).or_else(|| ids.next());
                return Ok(Serving { node: node.name.clone(), address, report, id });
            }
            Err(reason) => reasons.push(format!("{}: {reason}", node.name)),
        }
    }
    Err(reasons.join("; "))
}

/// Has a 4.x master store its metadata now, and waits for it. A master that does not is copied as it is: the
/// changelogs carry the rest.
fn store(operation: &mut Operation, serving: &mut Serving) {
    let cluster = operation.cluster;
    let before = stored(&serving.report);
    let Some(transport) = operation.fleet.slot(&serving.node).open() else { return };
    let request = Request::new(["mfssupervisor", "-H", &serving.address.to_string(), "-s"]).within(Duration::from_secs(30));
    let asked = transport.run(&request).is_ok_and(|output| output.success());
    let until = Instant::now() + STORE;
    let mut done = false;
    while asked && !done && Instant::now() < until && !operation.interrupt.requested() {
        thread::sleep(Duration::from_secs(1));
        let Some(transport) = operation.fleet.slot(&serving.node).open() else { break };
        let Ok((_, report)) = ask_master(cluster, &[serving.address], transport) else { break };
        done = stored(&report) != before;
        serving.report = report;
    }
    if !done {
        operation
            .monitor
            .note("warning: the master did not store its metadata when asked; its last stored one and the changes since are copied");
    }
}

fn stored(report: &MasterReport) -> (Option<u32>, Option<u64>) {
    (report.info.last_store_time, report.info.last_store_metadata_version)
}

/// The node whose metalogger reaches furthest.
fn furthest(operation: &mut Operation, id: Option<u64>) -> Result<String> {
    let cluster = operation.cluster;
    let connector = operation.fleet.connector();
    let nodes: BTreeSet<String> = cluster.with_role(Role::Metalogger).map(|n| n.name.clone()).collect();
    let seen = operation.fleet.each(&nodes, |node, slot, gate| {
        gate.pass(|| {
            let transport: &mut dyn Transport = slot.connect(connector, node).map_err(|e| e.to_string())?;
            bring::look(transport, layout::metalogger_dir(node)).map_err(|e| format!("{}: {e}", node.name))
        })
    });
    let mut reasons = Vec::new();
    let mut directories: Vec<Directory> = Vec::new();
    for (node, looked) in seen {
        match looked {
            // The host stands in for the path, by which the best one is known again.
            Ok(directory) => directories.push(Directory { path: node, ..directory }),
            Err(reason) => reasons.push(reason),
        }
    }
    let best = metadata::best(&directories, id).map(|(directory, _)| directory.path.clone());
    best.ok_or_else(|| {
        reasons.extend(directories.iter().map(|d| format!("{}: no whole metadata of this file system", d.path)));
        Error::failed(format!("no metalogger to copy from: {}", reasons.join("; "))).hint(
            "a metalogger of a new cluster has its first copy after the master was stopped and started once and the metalogger restarted",
        )
    })
}
