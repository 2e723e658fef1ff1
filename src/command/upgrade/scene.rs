//! What is looked at before a node is touched, what is left to do, and how an action is done on one node.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::failover::{Seen, locked_look, look};
use crate::command::operation::Operation;
use crate::command::servers;
use crate::engine::act;
use crate::engine::event::{Event, What};
use crate::error::{Error, Kind, Result};
use crate::fact::Answer as FactAnswer;
use crate::fact::release::{self, Releases};
use crate::health::MasterAnswer;
use crate::health::gate::Answer;
use crate::health::upgrade::{self, AllReleases, Look, Part};
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{Playbook, Selector, Stage};
use crate::protocol::{ChunkMatrix, Maintenance};
use crate::remote::Request;
use crate::step::daemon::script;
use crate::step::repository::tool;
use crate::step::upgrade::{Upgrading, sources};
use crate::step::{self, Action, ClusterState, Consent};

/// Time between two counts of the chunks.
const BETWEEN: Duration = Duration::from_secs(4);
/// Longest time a node may take to tell its packages, its repositories read anew.
const TELLING: Duration = Duration::from_secs(240);
/// What a maintenance that an upgrade began says of itself.
pub const NOTE: &str = "upgrade to ";

/// Everything seen at one moment.
pub struct Scene {
    pub seen: Seen,
    pub releases: AllReleases,
    earlier: Option<ChunkMatrix>,
}

/// What is left to do in a part.
#[derive(Debug, Clone)]
pub struct Work {
    pub part: Part,
    pub version: String,
    /// Nodes that are not done, in inventory order.
    pub left: Vec<String>,
    upgrading: Upgrading,
}

impl Work {
    pub fn is_done(&self) -> bool {
        self.left.is_empty()
    }

    pub fn words(&self) -> String {
        match self.left.as_slice() {
            [] => format!("nothing to do: all run {}", self.version),
            left => format!("to {}, in this order: {}", self.version, left.join(", ")),
        }
    }

    /// The plan of all its nodes.
    pub fn plan(&self, playbook: &Playbook, cluster: &Cluster, state: &ClusterState) -> Result<Plan> {
        self.plan_of(playbook, cluster, state, &self.left, |_| true)
    }

    /// The plan of some nodes, of those stages of the part that are wanted.
    pub fn plan_of(
        &self,
        playbook: &Playbook,
        cluster: &Cluster,
        state: &ClusterState,
        nodes: &[String],
        wanted: impl Fn(&Stage) -> bool,
    ) -> Result<Plan> {
        let selector = match self.part {
            Part::Masters => Selector::Masters,
            Part::Metaloggers => Selector::Metaloggers,
            Part::Chunkservers => Selector::Chunkservers,
            Part::Clients => Selector::Clients,
        };
        let mut mine = playbook.clone();
        mine.stages.retain(|s| (s.on == selector || s.on == Selector::All) && wanted(s));
        let scope = Scope { hosts: Some(nodes.iter().cloned().collect()), ..Scope::default() };
        let consent = Consent { upgrade: Some(self.upgrading.clone()), ..Consent::default() };
        plan::plan(&mine, cluster, state, &scope, &consent).map_err(Error::failed)
    }
}

impl Scene {
    /// Looks at everything, twice at the chunks; with `lock` the operator lock is taken, with `refresh` repositories are read anew.
    pub fn look(operation: &mut Operation, lock: Option<&str>, refresh: bool) -> Result<Self> {
        let mut seen = match lock {
            Some(what) => locked_look(operation, what)?,
            None => look(operation),
        };
        let begin = Instant::now();
        let earlier = seen.report.told().map(|t| t.chunks.clone());
        let releases = releases(operation, &seen.state, refresh);
        thread::sleep(BETWEEN.saturating_sub(begin.elapsed()));
        if earlier.is_some() {
            let cluster = operation.cluster;
            match (servers::told(cluster, &mut operation.fleet), &mut seen.report.master) {
                (Ok(newer), MasterAnswer::Answered { report, .. }) => *report = newer,
                (Err(reason), master) => *master = MasterAnswer::Silent { reason },
                _ => {}
            }
        }
        Ok(Self { seen, releases, earlier })
    }

    /// What is left to do in a part.
    ///
    /// # Errors
    /// When no node has or is offered the version.
    pub fn work(&self, cluster: &Cluster, part: Part, to: Option<&str>, stop_within: Duration) -> Result<Work> {
        let known = cluster.with_role(part.role()).any(|n| self.releases.get(&n.name).is_some_and(|r| r.is_ok()));
        if !known {
            return Err(
                Error::failed(format!("none of the {} could be asked; nothing was changed", part.word())).hint("see `mfsctl status`")
            );
        }
        let version = upgrade::target(cluster, part, &self.releases, to).map_err(|e| {
            Error::new(Kind::Refused, format!("refused, nothing was changed: packages-offered: {e}"))
                .hint("set up the repository that offers it on every node; --to names a version")
        })?;
        let mut upgrading = Upgrading { version: version.clone(), stop_within, ..Upgrading::default() };
        let mut left = Vec::new();
        let active = step::active_master(cluster, &self.seen.state).map(|n| n.name.clone());
        for node in cluster.with_role(part.role()) {
            let Some(Ok(releases)) = self.releases.get(&node.name) else {
                left.push(node.name.clone());
                continue;
            };
            let packages = upgrade::missing(releases, part, &version);
            let stale = match releases.current(part.program()) {
                Some(current) => !current,
                None => matches!(part, Part::Metaloggers | Part::Chunkservers),
            };
            // Only the active master's program matters; the standby's starts when it takes over.
            let stale = stale && (part != Part::Masters || active.as_ref() == Some(&node.name));
            if !packages.is_empty() {
                upgrading.packages.insert(node.name.clone(), packages);
            }
            if stale {
                upgrading.stale.insert(node.name.clone(), BTreeSet::from([part.program().to_owned()]));
            }
            if stale || upgrading.packages.contains_key(&node.name) || !self.at_work(cluster, part, node) {
                left.push(node.name.clone());
            }
        }
        Ok(Work { part, version, left, upgrading })
    }

    /// Whether nothing is left of an upgrade that was cut off after the daemon was started.
    fn at_work(&self, cluster: &Cluster, part: Part, node: &Node) -> bool {
        part != Part::Chunkservers || self.under_way(cluster).as_deref() != Some(&node.name)
    }

    /// The chunkserver whose maintenance an upgrade began and has not ended.
    pub fn under_way(&self, cluster: &Cluster) -> Option<String> {
        let told = self.seen.report.told()?;
        let ours = |n: &&Node| {
            servers::of_node(told, n, cluster).is_some_and(|s| {
                s.maintenance != Maintenance::Off && self.seen.report.limit_of(s).is_some_and(|l| l.note.starts_with(NOTE))
            })
        };
        cluster.with_role(Role::Chunkserver).find(ours).map(|n| n.name.clone())
    }

    /// Every gate of the part.
    pub fn gates(&self, cluster: &Cluster, work: &Work, in_order: bool, accept_single: bool, under_way: Option<&str>) -> Vec<Answer> {
        upgrade::gates(&Look {
            cluster,
            report: &self.seen.report,
            state: &self.seen.state,
            releases: &self.releases,
            earlier: self.earlier.as_ref(),
            part: work.part,
            version: &work.version,
            in_order,
            accept_single,
            under_way,
        })
    }
}

/// Asks every node that could be observed for its packages, all at once.
fn releases(operation: &mut Operation, state: &ClusterState, refresh: bool) -> AllReleases {
    let cluster = operation.cluster;
    let hosts: BTreeSet<String> = cluster.nodes.iter().map(|n| n.name.clone()).collect();
    operation.fleet.each(&hosts, |node, slot, gate| {
        let facts = match state.get(&node.name) {
            Some(Ok(facts)) => facts,
            Some(Err(reason)) => return Err(reason.clone()),
            None => return Err("it was not asked".to_owned()),
        };
        let family = facts.system.os.family().ok_or("its distribution is not known")?;
        let words = [tool(family), sources(cluster), if refresh { "refresh" } else { "-" }];
        let request = Request::new(script(release::SCRIPT, &words)).within(TELLING);
        gate.pass(|| ask(slot.open().ok_or("no connection")?, &request))
    })
}

fn ask(transport: &mut dyn crate::remote::Transport, request: &Request) -> std::result::Result<Releases, String> {
    let output = transport.run(request).map_err(|e| e.to_string())?;
    release::parse(&FactAnswer { text: output.text(), status: 0 }).map_err(|e| e.to_string())
}

/// Asks one node again which programs it runs, without reading repositories.
pub fn releases_of(operation: &mut Operation, node: &Node) -> std::result::Result<Releases, String> {
    let request = Request::new(script(release::SCRIPT, &["none", "-", "-"])).within(Duration::from_secs(60));
    let connector = operation.fleet.connector();
    let transport = operation.fleet.slot(&node.name).connect(connector, node).map_err(|e| e.to_string())?;
    ask(transport, &request)
}

/// Does everything a plan has for a node; what a daemon's stop says aloud is shown. The connections of the masters, on
/// which the operator lock lives, are kept alive meanwhile. Gives the titles of what was done.
pub fn act(operation: &mut Operation, plan: &Plan, node: &str) -> std::result::Result<Vec<(String, String)>, String> {
    let mut done = Vec::new();
    let Some(host) = plan.host(node) else { return Ok(done) };
    if let Some(reason) = &host.unknown {
        return Err(reason.clone());
    }
    if let Some((stage, step, refusal)) = host.refusal() {
        return Err(format!("{stage}: {step}: {} ({})", refusal.found, refusal.fix));
    }
    let actions = host.stages.iter().flat_map(|s| s.steps.iter().map(move |step| (&s.id, step)));
    for (stage, step) in actions {
        let step::Outcome::Do(actions) = &step.outcome else { continue };
        for action in actions {
            one(operation, node, stage, action).map_err(|e| format!("{}: {e}", action.title))?;
            done.push((stage.clone(), action.title.clone()));
        }
    }
    Ok(done)
}

fn one(operation: &mut Operation, name: &str, stage: &str, action: &Action) -> std::result::Result<(), String> {
    let begin = Instant::now();
    let (stage, title) = (stage.to_owned(), action.title.clone());
    operation.monitor.show(&Event { node: name.to_owned(), what: What::Started { stage: stage.clone(), title: title.clone() } });
    let mut hosts: BTreeSet<String> = operation.cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    hosts.insert(name.to_owned());
    let (connector, interrupt) = (operation.fleet.connector(), operation.interrupt.clone());
    let mut results: BTreeMap<String, Option<std::result::Result<String, String>>> = operation.fleet.each(&hosts, |node, slot, _| {
        (node.name == name).then(|| {
            let transport = slot.connect(connector, node).map_err(|e| e.to_string())?;
            act::heard(action, transport, &interrupt).map_err(|e| e.to_string())
        })
    });
    let result = results.remove(name).flatten().unwrap_or_else(|| Err("no such node".to_owned()));
    match &result {
        Ok(said) => {
            for line in said.lines().filter_map(|l| l.strip_prefix("! ")) {
                operation.monitor.note(&format!("{name}: {line}"));
            }
            let what = What::Done { stage, title, skipped: None, elapsed: begin.elapsed() };
            operation.monitor.show(&Event { node: name.to_owned(), what });
        }
        Err(reason) => {
            let what = What::Failed { stage, title, reason: reason.clone() };
            operation.monitor.show(&Event { node: name.to_owned(), what });
        }
    }
    result.map(|_| ())
}

/// Waits until `ready` is true, every second; else says what it said last. Connections are kept alive.
pub fn wait(
    operation: &mut Operation,
    what: &str,
    within: Duration,
    mut ready: impl FnMut(&mut Operation) -> std::result::Result<(), String>,
) -> std::result::Result<(), String> {
    let end = Instant::now() + within;
    loop {
        let reason = match ready(operation) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        };
        if operation.interrupt.requested() {
            return Err(format!("stopped by the operator while waiting until {what}: {reason}"));
        }
        if Instant::now() >= end {
            return Err(format!("not within {} s: {what}: {reason}", within.as_secs()));
        }
        operation.breathe().map_err(|e| e.to_string())?;
        thread::sleep(Duration::from_secs(1));
    }
}
