//! `mfsctl restart`: one service after the other, each waited for.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::run::{self, Command, conclude};
use super::what::What;
use super::{RestartArgs, StartArgs, StopArgs, start, stop};
use crate::command::failover::{Seen, locked_look, look};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::act;
use crate::engine::run::{HostResult, StopKind, Stopped};
use crate::error::{Error, Kind, Result};
use crate::health::gate::Answer;
use crate::health::ok_to_stop::{self, Parting, Verdict};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::{Cluster, Role};
use crate::report;
use crate::step::{self, Action, Consent};

/// Longest time until every chunk has its copies again after a chunkserver came back.
const HEALTHY_WITHIN: Duration = Duration::from_secs(900);
/// Longest time mfsmaster may take to store and load its metadata.
const MASTER_WITHIN: Duration = Duration::from_secs(1800);
/// The order: nothing is restarted while what it needs may still be restarted under it.
const ORDER: [Role; 4] = [Role::Master, Role::Metalogger, Role::Chunkserver, Role::Client];

pub fn restart(context: &Context, args: &RestartArgs) -> Result<()> {
    if args.what.is_empty() {
        return whole(context, args);
    }
    let cluster = context.cluster()?;
    let what = What::parse(&cluster, &args.what)?;
    run::accepted(&what, args.accept.as_deref())?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { look(&mut operation) } else { locked_look(&mut operation, "restart")? };
    operation.monitor.clear();
    run::left_out(Command::Restart, &what, &cluster, &seen.state, false)?;
    let services = services(&cluster, &what, &seen);
    say_services(context, &services);
    judge(context, args, &mut operation, &what, &services, &seen)?;
    if args.dry_run {
        return Ok(());
    }
    operation.confirm(args.yes, &format!("restart {}: {} services, one after the other", what.name, services.len()))?;
    operation.begin()?;
    let (mut results, mut checks) = (BTreeMap::<String, HostResult>::new(), Vec::new());
    for (node, role) in &services {
        let one = one(&mut operation, args, node, *role);
        let (done, seen) = one.unwrap_or_else(|error| (failed(error), Vec::new()));
        let good = done.stopped.is_none() && seen.iter().all(|c| c.passed);
        let sum = results.entry(node.clone()).or_default();
        sum.done.extend(done.done);
        sum.stopped = done.stopped;
        checks = seen;
        // The others stay as they are: one that does not come back is enough.
        if !good || operation.interrupt.requested() {
            break;
        }
    }
    conclude(context, &mut operation, ("restart", &what.name), &results, &checks)
}

fn whole(context: &Context, args: &RestartArgs) -> Result<()> {
    let down = StopArgs {
        what: Vec::new(),
        dry_run: args.dry_run,
        yes: args.yes,
        lazy: false,
        reason: "restart of the whole cluster".to_owned(),
        accept: args.accept.clone(),
        skip_unreachable: false,
    };
    stop::stop(context, &down, Command::Restart)?;
    if args.dry_run {
        report::say("then: mfsctl start");
        return Ok(());
    }
    start::start(context, &StartArgs { what: Vec::new(), dry_run: false, yes: true, skip_unreachable: false })
}

/// What is restarted, in this order: nodes with their roles. A standby runs no mfsmaster.
fn services(cluster: &Cluster, what: &What, seen: &Seen) -> Vec<(String, Role)> {
    let runs = |name: &str, role: Role| role != Role::Master || step::is_primary(cluster, &seen.state, name);
    let of = |role: Role| {
        let mine = cluster.with_role(role).filter(move |n| what.nodes.contains(&n.name) && runs(&n.name, role));
        mine.map(move |n| (n.name.clone(), role))
    };
    ORDER.into_iter().filter(|role| what.roles.contains(role)).flat_map(of).collect()
}

fn say_services(context: &Context, services: &[(String, Role)]) {
    let lines: Vec<String> = services.iter().map(|(node, role)| format!("{node}: {}", role.word())).collect();
    match context.json() {
        true => {}
        false => report::say(&format!("one after the other:\n{}", lines.join("\n"))),
    }
}

/// Each of them alone must be safe to stop, as things are now.
fn judge(
    context: &Context,
    args: &RestartArgs,
    operation: &mut Operation,
    what: &What,
    services: &[(String, Role)],
    seen: &Seen,
) -> Result<()> {
    let playbook = run::playbook("stop")?;
    for (node, role) in services.iter().filter(|(_, role)| *role != Role::Master) {
        let one = What { name: what.name.clone(), ..What::one(node, *role) };
        let scope = one.scope(stop::stages, &std::collections::BTreeSet::new());
        let plan = run::plan(operation.cluster, &playbook, &scope, &stop::consent(seen, false, "restart"), &seen.state)?;
        let against = stop::against(operation, &playbook, &one, seen, &plan, false);
        stop::refuse(context, Command::Restart, args.accept.as_deref(), &one, &against)?;
    }
    Ok(())
}

/// Restarts one service and waits for it.
fn one(operation: &mut Operation, args: &RestartArgs, node: &str, role: Role) -> Result<(HostResult, Vec<Answer>)> {
    if role == Role::Master {
        return Ok((master(operation, node), Vec::new()));
    }
    let what = What::one(node, role);
    let seen = ready(operation, args, &what)?;
    let none = std::collections::BTreeSet::new();
    let (down, up) = (run::playbook("stop")?, run::playbook("start")?);
    let consent = stop::consent(&seen, false, "restart");
    let scope = what.scope(stop::stages, &none);
    let plan = run::plan(operation.cluster, &down, &scope, &consent, &seen.state)?;
    let mut result = run::carry_out(operation, &down, &scope, &consent, plan, seen.state)?.remove(node).unwrap_or_default();
    // What could not be stopped is still to be up at the end.
    let now = look(operation);
    let (scope, consent) = (what.scope(start::stages, &none), Consent::default());
    let plan = run::plan(operation.cluster, &up, &scope, &consent, &now.state)?;
    let started = run::carry_out(operation, &up, &scope, &consent, plan, now.state)?.remove(node).unwrap_or_default();
    result.done.extend(started.done);
    result.stopped = result.stopped.or(started.stopped);
    let checks = if result.stopped.is_none() { start::until_up(operation, &up, &what) } else { Vec::new() };
    Ok((result, checks))
}

/// Waits until this one may stop: what was restarted before it may still be on its way back.
fn ready(operation: &mut Operation, args: &RestartArgs, what: &What) -> Result<Seen> {
    let end = Instant::now() + HEALTHY_WITHIN;
    loop {
        let seen = look(operation);
        let judgement = ok_to_stop::judge(operation.cluster, &seen.report, &Parting::services(&what.nodes, what.roles.iter().copied()));
        let judgement = judgement.without("clients");
        let passing = ["chunks", "other-chunkservers", "metaloggers-left"];
        let heals = judgement.against().any(|r| passing.contains(&r.name));
        if judgement.verdict == Verdict::Safe || (args.accept.is_some() && !heals) {
            return Ok(seen);
        }
        if Instant::now() > end || !heals || operation.interrupt.requested() {
            let lines: Vec<String> = judgement.against().map(|r| format!("{}: {} (wanted: {})", r.name, r.measured, r.wanted)).collect();
            let message = format!("{} may not stop, it and what follows were left as they are\n{}", what.name, lines.join("\n"));
            return Err(Error::new(Kind::Incomplete, message));
        }
        thread::sleep(Duration::from_secs(2));
    }
}

fn master(operation: &mut Operation, node: &str) -> HostResult {
    let action = Action::run("restart mfsmaster, held where it is", [HA_SCRIPT, "restart-master"]).within(MASTER_WITHIN);
    let interrupt = operation.interrupt.clone();
    let Some(transport) = operation.fleet.slot(node).open() else {
        return failed(Error::failed(format!("{node}: the connection is lost")));
    };
    match act::act(&action, transport, &interrupt, &|_| {}) {
        Ok(_) => HostResult { done: vec![("master".to_owned(), action.title)], ..HostResult::default() },
        Err(error) => failed(Error::failed(format!("{}: {error}", action.title))),
    }
}

fn failed(error: Error) -> HostResult {
    let stopped = Stopped { stage: "restart".to_owned(), action: None, reason: error.message, kind: StopKind::Failed };
    HostResult { stopped: Some(stopped), ..HostResult::default() }
}
