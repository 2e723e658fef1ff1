//! The planned switchover: gates, question, the playbook's run, checks against what was seen before, receipt.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::sight::{Seen, Way, locked_look, look};
use super::verdict::{BACK_WITHIN, End, conclude};
use super::{probe, receipt};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::act::ActError;
use crate::engine::history::Receipt;
use crate::engine::run::{self, HostResult};
use crate::error::{Error, Kind, Result, word};
use crate::fact::drbd_status::DrbdRole;
use crate::fact::takeover::master_port;
use crate::health::gate::{self, Answer};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self, Playbook};
use crate::remote::Request as Command;
use crate::report;
use crate::step::{self, ClusterState, Consent};

/// What is wanted.
pub struct Request {
    /// The command's name.
    pub what: &'static str,
    /// The node to move to; the other one when not named.
    pub to: Option<String>,
    /// Wait for a resync that is under way.
    pub wait: bool,
    /// Gates that are not asked: what they look at is what this switchover is a part of.
    pub besides: &'static [&'static str],
    /// Only tell.
    pub dry_run: bool,
    /// Do not ask.
    pub yes: bool,
}

/// Moves the service.
///
/// # Errors
/// Wrong input, gates that do not pass, and every end that is not the one wanted.
pub fn switchover(context: &Context, request: &Request) -> Result<()> {
    let cluster = context.cluster()?;
    let mut playbook = playbook::embedded("failover").map_err(|e| Error::failed(e.to_string()))?;
    playbook.gates.retain(|gate| !request.besides.contains(&gate.as_str()));
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    named(&cluster, request)?;
    let mut seen = if request.dry_run { look(&mut operation) } else { locked_look(&mut operation, request.what)? };
    let way = way(&cluster, request, &seen.state)?;
    if !request.dry_run {
        seen = until_it_rests(&mut operation, way, seen);
    }
    if step::is_primary(&cluster, &seen.state, &way.to.name) {
        return already(context, &mut operation, request, way, &seen);
    }
    let mut gates = gate::ask(&playbook.gates, &way.sight(&seen));
    if request.wait && only_resync(&gates) {
        wait_for_sync(&mut operation, way)?;
        seen = look(&mut operation);
        gates = gate::ask(&playbook.gates, &way.sight(&seen));
    }
    let forecast = receipt::forecast(&operation.receipts());
    let plan = plan(&playbook, way, &seen)?;
    operation.monitor.clear();
    if request.dry_run {
        return dry_run(context, &operation, way, &gates, &plan, &forecast);
    }
    if !context.json() {
        report::say(report::switchover::answers("Gates", &gates, context.color).trim_end());
    }
    refuse(context, &gates)?;
    let question = format!("{} takes over from {}: {forecast}", way.to.name, way.from.name);
    operation.confirm(request.yes, &question)?;
    operation.begin()?;
    act(context, &mut operation, &playbook, way, &plan, &seen)
}

/// The master that a flag names.
///
/// # Errors
/// When no master has that name.
pub fn master<'a>(cluster: &'a Cluster, flag: &str, name: &str) -> Result<&'a Node> {
    let none = || Error::input(format!("{flag} {}: no master of that name", word(name))).hint(the_masters(cluster));
    cluster.with_role(Role::Master).find(|n| n.name == name).ok_or_else(none)
}

/// The hint that names them.
pub fn the_masters(cluster: &Cluster) -> String {
    let masters: Vec<&str> = cluster.with_role(Role::Master).map(|n| n.name.as_str()).collect();
    format!("the masters are {}", masters.join(" and "))
}

/// The node named must be a master.
fn named(cluster: &Cluster, request: &Request) -> Result<()> {
    let count = cluster.with_role(Role::Master).count();
    if count != 2 {
        return Err(Error::input(format!("{} has {count} masters; a switchover needs two", cluster.name)));
    }
    request.to.as_deref().map_or(Ok(()), |name| master(cluster, "--to", name).map(drop))
}

/// From where to where: a switchover that was not seen to its end goes on towards its own target.
fn way<'a>(cluster: &'a Cluster, request: &Request, state: &ClusterState) -> Result<Way<'a>> {
    let masters: Vec<&Node> = cluster.with_role(Role::Master).collect();
    let left = |n: &&&Node| step::facts_of(state, &n.name).and_then(|f| f.takeover.switchover.clone());
    let begun = masters.iter().find_map(|n| left(&n)).filter(|name| masters.iter().any(|n| n.name == *name));
    if let (Some(begun), None) = (&begun, &request.to) {
        report::say(&format!("a switchover to {begun} was begun and its end not seen: going on towards {begun}"));
    }
    let active = step::active_master(cluster, state);
    let wanted = request.to.clone().or(begun);
    let to = match wanted {
        Some(name) => masters.iter().find(|n| n.name == name),
        None => masters.iter().find(|n| active.is_none_or(|a| a.name != n.name)),
    };
    let to = *to.ok_or_else(|| Error::input("there is no master to move to"))?;
    let from = masters.into_iter().find(|n| n.name != to.name).ok_or_else(|| Error::input("there is no second master"))?;
    Ok(Way { cluster, from, to })
}

/// A switchover that was begun goes on by itself: while it is between the two nodes nothing can be judged.
fn until_it_rests(operation: &mut Operation, way: Way, seen: Seen) -> Seen {
    let end = Instant::now() + way.cluster.ha.stop_wait + way.cluster.ha.promote_wait + BACK_WITHIN;
    let serves = ["one-active".to_owned(), "master-answers".to_owned()];
    let mut seen = seen;
    let mut told = false;
    while begun(&seen, way.from) || begun(&seen, way.to) {
        let rests =
            step::is_primary(way.cluster, &seen.state, &way.to.name) || gate::ask(&serves, &way.sight(&seen)).iter().all(|g| g.passed);
        if rests || operation.interrupt.requested() || Instant::now() > end {
            break;
        }
        if !told {
            operation.monitor.note(&format!("{} is taking over: waiting for that", way.to.name));
            told = true;
        }
        thread::sleep(Duration::from_secs(1));
        seen = look(operation);
    }
    seen
}

/// Whether a switchover from this node was begun and its end not seen.
fn begun(seen: &Seen, node: &Node) -> bool {
    step::facts_of(&seen.state, &node.name).is_some_and(|f| f.takeover.switchover.is_some())
}

/// The target is Primary: nothing is to be moved, but an earlier switchover may want to be seen to its end.
fn already(context: &Context, operation: &mut Operation, request: &Request, way: Way, seen: &Seen) -> Result<()> {
    let checks = ["one-master-answers", "target-is-active", "old-master-inactive", "chunkservers-back", "replication-in-sync-again"]
        .map(str::to_owned);
    let mut answers = gate::verify(&checks, &way.sight(seen), &way.sight(seen));
    let unfinished = begun(seen, way.from) || begun(seen, way.to);
    if unfinished && !request.dry_run {
        let end = Instant::now() + BACK_WITHIN;
        while answers.iter().any(|a| !a.passed) && Instant::now() < end {
            thread::sleep(Duration::from_secs(1));
            let now = look(operation);
            answers = gate::verify(&checks, &way.sight(&now), &way.sight(&now));
        }
        for node in [way.from, way.to].into_iter().filter(|n| begun(seen, n)) {
            let forget = Command::new([HA_SCRIPT, "unyield"]).within(Duration::from_secs(30));
            if let Some(Err(error)) = operation.fleet.slot(&node.name).open().map(|t| t.run(&forget)) {
                operation.monitor.note(&format!("warning: {error}"));
            }
        }
    }
    operation.monitor.clear();
    let passed = answers.iter().all(|a| a.passed);
    let result = match (passed, unfinished) {
        (false, _) => "incomplete",
        (true, true) => "done",
        (true, false) => "nothing to do",
    };
    if context.json() {
        report::data(&format!("{:#}", json!({ "result": result, "active": way.to.name, "checks": answers })));
    } else if !passed {
        report::data(&report::switchover::answers("Checks", &answers, context.color));
    }
    if !passed {
        let message = format!("{} is active already, but not all is well{}", way.to.name, report::switchover::failed(&answers));
        return Err(Error::new(Kind::Incomplete, message).hint("mfsctl status says what to do"));
    }
    report::say(&match unfinished {
        true => format!("done: {} is active; the switchover that was begun earlier has ended well", way.to.name),
        false => format!("nothing to do: {} is active", way.to.name),
    });
    Ok(())
}

fn only_resync(gates: &[Answer]) -> bool {
    let waits = ["replication-in-sync", "standby-ready"];
    gates.iter().any(|g| !g.passed && g.name == waits[0]) && gates.iter().all(|g| g.passed || waits.contains(&g.name))
}

/// Waits for a resync, with its progress.
fn wait_for_sync(operation: &mut Operation, way: Way) -> Result<()> {
    let action = step::drbd::wait_in_sync(way.cluster);
    let (monitor, interrupt) = (&operation.monitor, &operation.interrupt);
    let title = action.title.clone();
    let node = way.from.name.clone();
    let progress = |progress| {
        let what = crate::engine::event::What::Progress { title: title.clone(), progress };
        monitor.show(&crate::engine::event::Event { node: node.clone(), what });
    };
    // The other master's connection is kept alive meanwhile: its operator lock lives on it.
    let waited = operation.fleet.each(&[node.clone()].into(), |node, slot, _| {
        let transport = slot.open().ok_or_else(|| Error::failed(format!("{}: no connection", node.name)))?;
        crate::engine::act::act(&action, transport, interrupt, &progress).map(drop).map_err(|error| match error {
            ActError::Interrupted => Error::new(Kind::Interrupted, "stopped by the operator, nothing was changed"),
            error => Error::new(Kind::Refused, format!("{}: {}: {error}; nothing was changed", node.name, action.title)),
        })
    });
    waited.into_values().collect()
}

fn plan(playbook: &Playbook, way: Way, seen: &Seen) -> Result<Plan> {
    let hosts = Some([way.from.name.clone(), way.to.name.clone()].into());
    let scope = Scope { hosts, ..Scope::default() };
    plan::plan(playbook, way.cluster, &seen.state, &scope, &Consent::default()).map_err(Error::failed)
}

fn dry_run(context: &Context, operation: &Operation, way: Way, gates: &[Answer], plan: &Plan, forecast: &str) -> Result<()> {
    if context.json() {
        let plan = report::plan::json(plan, false, &operation.masker);
        let all = json!({ "from": way.from.name, "to": way.to.name, "gates": gates, "forecast": forecast, "plan": plan });
        report::data(&format!("{all:#}"));
    } else {
        report::data(&report::switchover::answers("Gates", gates, context.color));
        report::data(&report::plan::text(plan, false, context.global.verbose > 0, &operation.masker));
        report::data(forecast);
    }
    refuse(context, gates)
}

/// Nothing, when all gates pass.
///
/// # Errors
/// Those that do not.
pub fn refuse(context: &Context, gates: &[Answer]) -> Result<()> {
    let closed: Vec<&Answer> = gates.iter().filter(|g| !g.passed).collect();
    if closed.is_empty() {
        return Ok(());
    }
    let mut message = format!("refused, nothing was changed: {} of {} gates do not pass", closed.len(), gates.len());
    if context.json() {
        message.push_str(&report::switchover::failed(gates));
    }
    let error = Error::new(Kind::Refused, message);
    Err(closed.iter().fold(error, |error, g| error.hint(format!("{}: {}", g.name, g.fix))))
}

fn act(context: &Context, operation: &mut Operation, playbook: &Playbook, way: Way, plan: &Plan, before: &Seen) -> Result<()> {
    let (stop, began) = (AtomicBool::new(false), Instant::now());
    let connector = operation.fleet.connector();
    let observer = observer(way.cluster, before);
    let (vip, port) = (way.cluster.vip.address.to_string(), master_port(way.cluster));
    let (results, (end, why, checks), gap) = thread::scope(|scope| {
        let probe = observer.map(|node| scope.spawn(|| probe::gap(connector, node, &vip, port, &stop)));
        let results = run(operation, way, plan);
        let concluded = conclude(operation, playbook, way, before, &results);
        stop.store(true, Ordering::Relaxed);
        let gap = probe.and_then(|p| p.join().ok()).flatten();
        (results, concluded, gap)
    });
    let moved = matches!(end, End::Done | End::Incomplete);
    let receipt = moved.then(|| receipt::receipt(&mut operation.fleet, &way.from.name, &way.to.name, began, gap));
    operation.end_as(end.word(), &results, receipt.clone());
    operation.monitor.clear();
    tell(context, operation, way, end, &checks, receipt.as_ref());
    match end {
        End::Done => Ok(()),
        End::RolledBack => Err(Error::new(Kind::RolledBack, format!("{why}\n{} serves as before", way.from.name))
            .hint("mend what is named above and run the same command again")),
        End::Incomplete => Err(Error::new(Kind::Incomplete, format!("{} has taken over, but not all is well{why}", way.to.name))
            .hint("there is no way back by itself: mend what is named above; mfsctl status shows how it is")),
        End::Unknown => Err(Error::new(Kind::Unknown, format!("how it ended could not be seen: {why}"))
            .hint("the nodes go on by themselves; mfsctl status shows how it is, the same command again goes on from there")),
    }
}

/// A node that is no master and could be asked: it sees the gap as clients do.
fn observer<'a>(cluster: &'a Cluster, seen: &Seen) -> Option<&'a Node> {
    let reachable = |node: &&Node| !node.is(Role::Master) && step::facts_of(&seen.state, &node.name).is_some();
    cluster.nodes.iter().filter(reachable).max_by_key(|n| n.is(Role::Client))
}

/// Runs the plan; what fails before the point of no return is undone.
fn run(operation: &mut Operation, way: Way, plan: &Plan) -> BTreeMap<String, HostResult> {
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let mut results = run::run(plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
    let committed = results.values().any(|r| r.committed);
    if !committed && results.values().any(|r| r.stopped.is_some()) && !taken(way, &look(operation).state) {
        let monitor = &operation.monitor;
        let sink = |event| monitor.show(&event);
        monitor.note("not done; going back");
        for (node, back) in run::undo(plan, &results, &mut operation.fleet, &sink) {
            let result = results.entry(node).or_default();
            result.done.extend(back.done);
            if let Some(stopped) = back.stopped {
                result.stopped.get_or_insert(stopped);
            }
        }
    }
    results
}

/// Whether the target is Primary, by what either node sees: whoever lost sight of it at that moment must not go back.
fn taken(way: Way, state: &ClusterState) -> bool {
    let told = step::facts_of(state, &way.from.name).and_then(|f| f.drbd.resource(way.cluster));
    step::is_primary(way.cluster, state, &way.to.name) || told.is_some_and(|r| r.peer_role == DrbdRole::Primary)
}

fn tell(context: &Context, operation: &Operation, way: Way, end: End, checks: &[Answer], receipt: Option<&Receipt>) {
    if context.json() {
        let value: Value = json!({
            "run": operation.run_id, "result": end.word(), "from": way.from.name, "to": way.to.name, "seconds": operation.seconds(),
            "checks": checks, "receipt": receipt,
        });
        return report::data(&format!("{value:#}"));
    }
    if end != End::RolledBack {
        report::data(&report::switchover::answers("Checks", checks, context.color));
    }
    if let Some(receipt) = receipt {
        report::data(&report::switchover::receipt(receipt, context.color));
    }
}
