//! Joining: the node's own stages of `provision`, what the masters must know of it, and until the master sees it.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Request, Seen, look, refuse_refused, unfinished, wanted};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::run::{self, HostResult};
use crate::error::{Error, Result};
use crate::health::ClusterReport;
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self, Playbook};
use crate::report;
use crate::step::leaving::{self, Wish};
use crate::step::{self, ClusterState, Consent};

/// Longest time the master may take to see what joined.
const SEEN_WITHIN: Duration = Duration::from_secs(150);
/// What masters do before the node: it may mount and has a name.
const BEFORE: &[&str] = &["names", "master-config", "serving"];
/// What they do after it: it may be asked for its vote.
const AFTER: &[&str] = &["takeover", "serving", "standby"];
/// What a data directory needs.
const DISK: &[&str] = &["packages", "chunkservers"];

/// One part of the way: these hosts, these stages.
fn parts(cluster: &Cluster, request: &Request) -> Vec<Scope> {
    let scope = |hosts: Vec<String>, only: &[&str]| Scope {
        hosts: Some(hosts.into_iter().collect()),
        only: only.iter().map(|s| (*s).to_owned()).collect(),
        ..Scope::default()
    };
    let node = || vec![request.node.to_owned()];
    if request.disk.is_some() {
        return vec![scope(node(), DISK)];
    }
    let masters = || cluster.with_role(Role::Master).map(|n| n.name.clone()).collect::<Vec<_>>();
    vec![scope(masters(), BEFORE), scope(node(), &[]), scope(masters(), AFTER)]
}

/// Makes a node or a data directory part of the cluster.
pub fn join(context: &Context, request: &Request) -> Result<()> {
    let cluster = context.cluster()?;
    let node = wanted(&cluster, request)?;
    let provision = playbook::embedded("provision").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let mut seen = look(&mut operation, (!request.dry_run).then_some(request.what))?;
    operation.monitor.clear();
    let wish = Wish { node: node.name.clone(), disk: request.disk.map(str::to_owned), to: None };
    let leaves = step::facts_of(&seen.state, &node.name).is_some_and(|f| leaving::noted(f).stage(request.disk).is_some());
    if let (true, Some(Ok(facts))) = (leaves, seen.state.get_mut(&node.name)) {
        leaving::take_back(facts, &wish);
    }
    let scopes = parts(&cluster, request);
    let consent = Consent { leaving: Some(wish), ..Consent::default() };
    let plain = Consent::default();
    let planned = |scope: &Scope| plan::plan(&provision, &cluster, &seen.state, scope, &plain).map_err(Error::failed);
    let plans = scopes.iter().map(planned).collect::<Result<Vec<Plan>>>()?;
    refuse_refused(&plans.iter().collect::<Vec<_>>())?;
    let open = missing(&seen.report, node, request.disk);
    let count = plans.iter().map(Plan::len).sum::<usize>() + usize::from(leaves);
    if count == 0 && open.is_empty() {
        return nothing(context, request);
    }
    for plan in plans.iter().filter(|p| !p.is_empty()) {
        report::say(report::plan::text(plan, false, context.global.verbose > 0, &operation.masker).trim_end());
    }
    if leaves {
        report::say(&format!("{}: take back the note that it leaves", node.name));
    }
    if request.dry_run {
        let plans: Vec<_> = plans.iter().map(|p| report::plan::json(p, false, &operation.masker)).collect();
        if context.json() {
            report::data(&format!("{:#}", json!({ "node": node.name, "disk": request.disk, "taken_back": leaves, "plans": plans })));
        }
        return Ok(());
    }
    if count > 0 {
        operation.confirm(request.yes, &format!("{count} actions"))?;
        operation.begin()?;
    }
    let mut total = BTreeMap::new();
    let ended = act(&mut operation, &provision, &scopes, &consent, leaves, seen, &mut total);
    operation.end(&total);
    operation.monitor.clear();
    let lines = run::stopped(&total);
    if !lines.is_empty() || operation.interrupt.requested() {
        return Err(unfinished(&operation, &lines.join("\n")));
    }
    ended?;
    until_seen(&mut operation, node, request.disk)?;
    tell(context, request, "done", &operation);
    Ok(())
}

/// Takes the note back, then each part in turn, until one stops.
fn act(
    operation: &mut Operation,
    provision: &Playbook,
    scopes: &[Scope],
    consent: &Consent,
    leaves: bool,
    seen: Seen,
    total: &mut BTreeMap<String, HostResult>,
) -> Result<()> {
    let cluster = operation.cluster;
    let mut state = seen.state;
    if leaves {
        state = look(operation, None)?.state;
        let back = playbook::embedded("leave").map_err(|e| Error::failed(e.to_string()))?;
        let hosts = consent.leaving.iter().map(|w| w.node.clone()).collect();
        let scope = Scope { hosts: Some(hosts), only: vec!["back".to_owned()], ..Scope::default() };
        let plan = plan::plan(&back, cluster, &state, &scope, consent).map_err(Error::failed)?;
        let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
        merge(total, run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event)));
        if total.values().any(|r| r.stopped.is_some()) {
            return Ok(());
        }
        state = look(operation, None)?.state;
    }
    let plain = Consent::default();
    for scope in scopes {
        let job = Job { playbook: provision, cluster, scope, consent: &plain };
        state.extend(observed(operation, &job));
        let plan = job.plan(&state).map_err(Error::failed)?;
        merge(total, operation.converge(&job, plan, state.clone())?);
        if total.values().any(|r| r.stopped.is_some()) {
            return Ok(());
        }
    }
    Ok(())
}

fn observed(operation: &mut Operation, job: &Job) -> ClusterState {
    operation.observe(&job.observed())
}

fn merge(total: &mut BTreeMap<String, HostResult>, results: BTreeMap<String, HostResult>) {
    for (node, result) in results {
        let sum = total.entry(node).or_default();
        sum.done.extend(result.done);
        sum.skipped.extend(result.skipped);
        sum.stopped = result.stopped;
    }
}

/// What the cluster does not see of it yet, in words.
fn missing(report: &ClusterReport, node: &Node, disk: Option<&str>) -> Vec<String> {
    let Some(told) = report.told() else { return vec!["the master does not answer".to_owned()] };
    let Some(view) = report.nodes.iter().find(|n| n.name == node.name) else { return Vec::new() };
    let mut open = Vec::new();
    if node.is(Role::Chunkserver) {
        if !report.chunkserver(view).is_some_and(|s| s.connected) {
            open.push("the chunkserver is not connected".to_owned());
        }
        let used = |path: &str| {
            let same = |d: &&crate::protocol::Disk| d.path.trim_end_matches('/') == path.trim_end_matches('/');
            view.disks.as_ref().and_then(|disks| disks.iter().find(same)).is_some_and(|d| !d.marked_for_removal && !d.invalid)
        };
        let wanted = node.disks.iter().filter(|d| d.mark.is_none()).map(|d| d.path.as_str());
        let unused = wanted.filter(|p| disk.is_none_or(|one| one == p.trim_end_matches('/'))).filter(|p| !used(p));
        open.extend(unused.map(|path| format!("the chunkserver does not use {path}")));
    }
    if disk.is_some() {
        return open;
    }
    if node.is(Role::Metalogger) && !told.metaloggers.iter().any(|m| report.comes_from(view, m.address)) {
        open.push("the metalogger is not connected".to_owned());
    }
    open.extend(view.mounts.iter().filter(|m| m.mounted != Some(true)).map(|m| format!("{} is not mounted", m.path)));
    open
}

fn until_seen(operation: &mut Operation, node: &Node, disk: Option<&str>) -> Result<()> {
    let end = Instant::now() + SEEN_WITHIN;
    loop {
        let seen = look(operation, None)?;
        let open = missing(&seen.report, node, disk);
        if open.is_empty() {
            return Ok(());
        }
        if Instant::now() > end || operation.interrupt.requested() {
            return Err(unfinished(operation, &format!("{}: {}", node.name, open.join("; "))));
        }
        operation.breathe()?;
        thread::sleep(Duration::from_secs(2));
    }
}

fn nothing(context: &Context, request: &Request) -> Result<()> {
    if context.json() {
        report::data(&format!("{:#}", json!({ "result": "nothing to do", "node": request.node, "disk": request.disk })));
    }
    report::say(&format!("nothing to do: {} is part of the cluster", request.disk.unwrap_or(request.node)));
    Ok(())
}

fn tell(context: &Context, request: &Request, result: &str, operation: &Operation) {
    if context.json() {
        let value = json!({ "result": result, "node": request.node, "disk": request.disk, "seconds": operation.seconds() });
        report::data(&format!("{value:#}"));
    }
    report::say(&match request.disk {
        Some(path) => format!("done: {} uses {path} ({} s)", request.node, operation.seconds()),
        None => format!("done: {} is part of the cluster, and seen by the master ({} s)", request.node, operation.seconds()),
    });
}
