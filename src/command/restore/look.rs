//! Asks every node for what it can give to a restore, and the master for its version, all at once; reads local backups.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::archive;
use crate::command::status::gather;
use crate::engine::event::Sink;
use crate::engine::fleet::{First, Fleet};
use crate::error::{Error, Result, word};
use crate::fact::HostFacts;
use crate::fact::restore::{self, Site};
use crate::health::restore::{Judgement, Known, Place, Source, judge};
use crate::health::{ClusterReport, MasterAnswer};
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::Transport;
use crate::step::ClusterState;
use crate::survey;

/// Longest time a node may take: it reads its changelogs to their ends.
const DEADLINE: Duration = Duration::from_secs(600);

/// Everything seen at one moment.
pub struct Seen {
    /// The judged state of the cluster.
    pub report: ClusterReport,
    /// Its facts.
    pub state: ClusterState,
    /// What each node has for a restore.
    pub sites: BTreeMap<String, Site>,
    /// Every place with metadata, or that should have some.
    pub sources: Vec<Source>,
    /// Nodes that could not be asked, with the reason.
    pub unreachable: Vec<(String, String)>,
    chunks: BTreeMap<u64, usize>,
}

impl Seen {
    /// Judges the sources; `from` names one of them.
    ///
    /// # Errors
    /// When there is no source of that name.
    pub fn judge(&self, from: Option<&str>) -> Result<Judgement> {
        let index = from.map(|from| self.find(from)).transpose()?;
        Ok(judge(&self.sources, &Known { chunks: self.chunks.clone(), live: self.live() }, index))
    }

    /// The version a serving master tells.
    pub fn live(&self) -> Option<u64> {
        match &self.report.master {
            MasterAnswer::Answered { report, .. } => Some(report.info.metadata_version),
            MasterAnswer::Silent { .. } => None,
        }
    }

    fn find(&self, from: &str) -> Result<usize> {
        self.sources.iter().position(|s| s.is(from)).ok_or_else(|| {
            let names: BTreeSet<String> = self.sources.iter().map(Source::name).collect();
            Error::input(format!("--from {}: there is no such source", word(from)))
                .hint(format!("there are {}", names.into_iter().collect::<Vec<_>>().join(", ")))
                .hint("a backup on this machine is named by its directory")
        })
    }
}

/// Looks at all of it. `first` is called on each host's thread once it is connected (see `Fleet::observe_after`).
///
/// # Errors
/// When no node can be asked and there is no backup, or a backup cannot be read.
pub fn look(cluster: &Cluster, fleet: &mut Fleet, backups: &[PathBuf], first: First, sink: Sink) -> Result<Seen> {
    let observe = |cluster: &Cluster, node: &Node, transport: &mut dyn Transport| -> std::result::Result<HostFacts, String> {
        gather::survey(cluster, node, transport)
    };
    let (report, state) = gather::sight(cluster, fleet, &observe, first, sink);
    let asked: BTreeSet<String> =
        cluster.nodes.iter().filter(|n| concerned(n) && matches!(state.get(&n.name), Some(Ok(_)))).map(|n| n.name.clone()).collect();
    let mut unreachable: Vec<(String, String)> = cluster
        .nodes
        .iter()
        .filter(|n| concerned(n))
        .filter_map(|n| Some((n.name.clone(), state.get(&n.name)?.as_ref().err()?.clone())))
        .collect();
    let answers = fleet.each(&asked, |node, slot, gate| {
        gate.pass(|| slot.open().ok_or_else(|| "the connection is lost".to_owned()).and_then(|transport| site(cluster, node, transport)))
    });
    let mut sites = BTreeMap::new();
    for (node, answer) in answers {
        match answer {
            Ok(site) => {
                sites.insert(node, site);
            }
            Err(reason) => unreachable.push((node, reason)),
        }
    }
    let mut sources = of_nodes(cluster, &state, &sites);
    for dir in backups {
        sources.extend(local(dir)?);
    }
    if sources.is_empty() && !unreachable.is_empty() {
        let lines: Vec<String> = unreachable.iter().map(|(node, reason)| format!("{node}: {reason}")).collect();
        return Err(Error::failed(format!("no node could be asked\n{}", lines.join("\n"))));
    }
    let mut chunks: BTreeMap<u64, usize> = BTreeMap::new();
    for id in sites.values().flat_map(|site| &site.ids) {
        *chunks.entry(*id).or_default() += 1;
    }
    Ok(Seen { report, state, sites, sources, unreachable, chunks })
}

fn concerned(node: &Node) -> bool {
    node.is(Role::Master) || node.is(Role::Metalogger) || node.is(Role::Chunkserver)
}

/// Asks one node.
///
/// # Errors
/// When it cannot be asked, or its answer makes no sense.
pub fn site(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> std::result::Result<Site, String> {
    let answers = survey::ask(node, transport, &restore::ask(node), DEADLINE).map_err(|e| e.to_string())?;
    restore::parse(cluster, node, &answers).map_err(|e| e.to_string())
}

/// The sources on nodes. Of a volume whose sides are connected one side is enough: the one that could be read.
fn of_nodes(cluster: &Cluster, state: &ClusterState, sites: &BTreeMap<String, Site>) -> Vec<Source> {
    let mut sources = Vec::new();
    let connected = |name: &str| {
        let facts = state.get(name).and_then(|f| f.as_ref().ok());
        facts.and_then(|f| f.drbd.resource(cluster)).is_some_and(|r| r.connection.is_connected())
    };
    let sides = cluster.masters().into_iter().filter_map(|n| Some((n, sites.get(&n.name)?.volume.as_ref()?)));
    let mut sides: Vec<(&Node, &std::result::Result<_, String>)> = sides.collect();
    sides.sort_by_key(|(_, side)| side.is_err());
    for (at, (node, side)) in sides.iter().enumerate() {
        if at > 0 && connected(&node.name) && sides[0].1.is_ok() {
            continue;
        }
        let how = sites.get(&node.name).map(|s| s.how.clone()).unwrap_or_default();
        let path = cluster.data_path();
        sources.push(Source { place: Place::Volume, node: Some(node.name.clone()), path, current: true, how, found: (*side).clone() });
    }
    for node in &cluster.nodes {
        let Some(site) = sites.get(&node.name) else { continue };
        let source = |place, found: &crate::metadata::Directory| Source {
            place,
            node: Some(node.name.clone()),
            current: place == Place::Metalogger || site.told.run.as_ref().is_some_and(|run| found.path.contains(&format!("/{run}/"))),
            path: found.path.clone(),
            how: String::new(),
            found: Ok(found.clone()),
        };
        sources.extend(site.metalogger.iter().map(|found| source(Place::Metalogger, found)));
        sources.extend(site.kept.iter().map(|found| source(Place::Kept, found)));
    }
    sources
}

/// A directory on this machine, or the directories in it, that hold metadata.
///
/// # Errors
/// When it cannot be read, or holds none.
pub fn local(dir: &Path) -> Result<Vec<Source>> {
    let wrong = |e: std::io::Error| Error::input(format!("{}: {e}", dir.display()));
    let mut places = vec![dir.to_path_buf()];
    for entry in std::fs::read_dir(dir).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.is_dir() && !path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
            places.push(path);
        }
    }
    places.sort();
    let sources: Vec<Source> = places.iter().filter(|p| holds_metadata(p)).map(|p| backup(p)).collect();
    if sources.is_empty() {
        return Err(Error::input(format!("{}: no metadata in it, nor in a directory in it", dir.display())));
    }
    Ok(sources)
}

fn holds_metadata(dir: &Path) -> bool {
    let names = std::fs::read_dir(dir).into_iter().flatten().flatten();
    names.into_iter().any(|e| matches!(crate::metadata::Kind::of(&e.file_name().to_string_lossy()), kind if kind.is_base()))
}

fn backup(dir: &Path) -> Source {
    let path = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf()).display().to_string();
    let found = archive::read_directory(dir).map_err(|e| e.to_string());
    Source { place: Place::Backup, node: None, path, current: false, how: String::new(), found }
}
