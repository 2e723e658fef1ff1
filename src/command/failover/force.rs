//! `mfsctl failover --force`: the active master cannot be asked, and the other one takes over without it.

use std::time::Duration;

use serde_json::json;

use super::Args;
use super::switchover::{Seen, locked_look, look, master, the_masters};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::run;
use crate::error::{Error, Kind, Result};
use crate::health::forced::{self, Forced, Votes};
use crate::health::gate::{self, Sight};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::{HostPlan, HostStage, Plan, PlannedStep};
use crate::playbook::{Selector, Stage};
use crate::remote::Request;
use crate::report;
use crate::step::switchover::Means;
use crate::step::{self, Outcome};

/// Longest time the taker gets to be seen as the active master after it said that it serves.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

/// Takes over without the other node.
///
/// # Errors
/// Refusals with what is known, and every end that is not the one wanted.
pub fn force(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    names(&cluster, args)?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { look(&mut operation) } else { locked_look(&mut operation, "failover --force")? };
    let (node, peer) = sides(&cluster, args, &seen)?;
    refuse_living(&cluster, peer, &seen)?;
    let facts = step::facts_of(&seen.state, &node.name);
    let drbd = facts.and_then(|f| f.drbd.resource(&cluster));
    if step::is_primary(&cluster, &seen.state, &node.name) && facts.is_some_and(|f| f.network.has(cluster.vip.address)) {
        report::say(&format!("nothing to do: {} is active", node.name));
        return Ok(());
    }
    let votes = votes(&mut operation, node, peer)?;
    let judged = forced::judge(&node.name, &peer.name, drbd, &votes)
        .map_err(|(why, fix)| Error::new(Kind::Refused, format!("{why}; nothing was changed")).hint(fix))?;
    let plan = plan(&cluster, node, &judged);
    operation.monitor.clear();
    tell(context, args, &operation, node, peer, &judged, &plan);
    if args.dry_run {
        return Ok(());
    }
    consent(&mut operation, args, node, peer, &judged)?;
    operation.begin()?;
    act(&mut operation, &cluster, node, peer, &plan)
}

/// Flags that no look at the nodes can make right.
fn names(cluster: &Cluster, args: &Args) -> Result<()> {
    for (flag, name) in [("--to", &args.to), ("--dead", &args.dead)] {
        name.as_deref().map_or(Ok(()), |name| master(cluster, flag, name).map(drop))?;
    }
    match (&args.to, &args.dead) {
        (Some(to), Some(dead)) if to == dead => {
            let what = format!("--to {to} --dead {dead}: a node that is dead cannot take over");
            Err(Error::input(what).hint(the_masters(cluster)))
        }
        _ => Ok(()),
    }
}

/// The node that takes over, and the one that is gone.
fn sides<'a>(cluster: &'a Cluster, args: &Args, seen: &Seen) -> Result<(&'a Node, &'a Node)> {
    let masters: Vec<&Node> = cluster.with_role(Role::Master).collect();
    let reachable = |n: &&&Node| step::facts_of(&seen.state, &n.name).is_some();
    let node = match &args.to {
        Some(name) => master(cluster, "--to", name)?,
        None => {
            // With two that answer, the one said to be dead is not meant to take over.
            let answering: Vec<&&Node> = masters.iter().filter(reachable).collect();
            let spared = |n: &&&&Node| answering.len() < 2 || args.dead.as_deref() != Some(n.name.as_str());
            let mut able = answering.iter().filter(spared).copied();
            match (able.next(), able.next()) {
                (Some(one), None) => *one,
                (None, _) => {
                    return Err(Error::new(Kind::Refused, "no master can be asked; nothing was changed")
                        .hint("bring one of them back; mfsctl status says how they fail"));
                }
                (Some(_), Some(_)) => {
                    return Err(Error::new(Kind::Refused, "both masters can be asked; nothing was changed")
                        .hint("`mfsctl failover` moves the service in peace; with --to NODE the other one is forced aside"));
                }
            }
        }
    };
    if !reachable(&&node) {
        let why = seen.state.get(&node.name).and_then(|f| f.as_ref().err()).map_or("it was not asked", String::as_str);
        return Err(Error::new(Kind::Refused, format!("{}: {why}; nothing was changed", node.name))
            .hint("only a node that can be asked can take over"));
    }
    let peer = cluster.peer(node).ok_or_else(|| Error::input("the cluster has one master"))?;
    if let Some(dead) = args.dead.as_ref().filter(|d| **d != peer.name) {
        return Err(Error::input(format!("--dead {dead}: the node that would have to be dead is {}", peer.name)));
    }
    Ok((node, peer))
}

/// A peer that can be asked and still has the volume is asked aside by itself, never forced.
fn refuse_living(cluster: &Cluster, peer: &Node, seen: &Seen) -> Result<()> {
    if !step::is_primary(cluster, &seen.state, &peer.name) {
        return Ok(());
    }
    Err(Error::new(Kind::Refused, format!("{} can be asked and is Primary: it is not gone; nothing was changed", peer.name))
        .hint("`mfsctl failover` moves the service in peace")
        .hint(format!(
            "if its master hangs: on {}, `mfs-ha decline` after `mfs-ha demote`, or power it off; then run this again",
            peer.name
        )))
}

fn votes(operation: &mut Operation, node: &Node, peer: &Node) -> Result<Votes> {
    let transport = operation.fleet.slot(&node.name).open().ok_or_else(|| Error::failed(format!("{}: no connection", node.name)))?;
    let output = transport.run(&Request::new([HA_SCRIPT, "votes"]).within(Duration::from_secs(60)));
    let output = output.map_err(crate::command::operation::remote_error)?;
    Ok(Votes::parse(&output.text(), &peer.name))
}

fn plan(cluster: &Cluster, node: &Node, judged: &Forced) -> Plan {
    let (actions, undo) = step::switchover::forced(cluster, judged.means, judged.older_data);
    let planned = |actions| vec![PlannedStep { name: "forced-takeover", outcome: Outcome::Do(actions) }];
    let stage = Stage {
        id: "force".to_owned(),
        title: format!("{} takes over alone", node.name),
        on: Selector::Masters,
        steps: Vec::new(),
        run: Vec::new(),
        after: Vec::new(),
        after_any: Vec::new(),
        commit: None,
        undo: vec!["forced-takeover".to_owned()],
    };
    let host = HostStage { id: stage.id.clone(), steps: planned(actions), undo: planned(undo) };
    let hosts = vec![HostPlan { node: node.name.clone(), unknown: None, stages: vec![host] }];
    Plan { playbook: "failover --force".to_owned(), stages: vec![stage], hosts }
}

fn tell(context: &Context, args: &Args, operation: &Operation, node: &Node, peer: &Node, judged: &Forced, plan: &Plan) {
    if context.json() {
        if args.dry_run {
            let plan = report::plan::json(plan, false, &operation.masker);
            report::data(&format!("{:#}", json!({ "to": node.name, "without": peer.name, "judgement": judged, "plan": plan })));
        }
        return;
    }
    let mut text = format!("{} takes over without {}\n", node.name, peer.name);
    judged.known.iter().for_each(|line| text.push_str(&format!("  known:      {line}\n")));
    judged.unknown.iter().for_each(|line| text.push_str(&format!("  not known:  {line}\n")));
    text.push_str(&format!("  may be lost: {}\n", judged.loss));
    text.push_str(&report::plan::text(plan, false, context.global.verbose > 0, &operation.masker));
    if args.dry_run { report::data(&text) } else { report::say(text.trim_end()) }
}

fn consent(operation: &mut Operation, args: &Args, node: &Node, peer: &Node, judged: &Forced) -> Result<()> {
    if judged.older_data && !args.accept_loss {
        return Err(Error::new(Kind::Refused, format!("{}'s data is not up to date; nothing was changed", node.name))
            .hint(format!("what would be lost: {}", judged.loss))
            .hint("--accept-loss goes on with it; bringing the other node back loses nothing"));
    }
    if judged.means == Means::Claim && !judged.older_data {
        return operation.confirm(args.yes, &format!("{} takes over from {}; lost is {}", node.name, peer.name, judged.loss));
    }
    let what = format!("{} must be off and stay off: two masters at once destroy data. Lost may be {}", peer.name, judged.loss);
    operation.confirm_typed(&peer.name, args.dead.as_deref(), "--dead", &what)
}

fn act(operation: &mut Operation, cluster: &Cluster, node: &Node, peer: &Node, plan: &Plan) -> Result<()> {
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let sink = |event| monitor.show(&event);
    let results = run::run(plan, &mut operation.fleet, &interrupt, &sink);
    let stopped = results.values().find_map(|r| r.stopped.clone());
    if stopped.is_some() {
        run::undo(plan, &results, &mut operation.fleet, &sink);
    }
    let checks = ["one-master-answers", "target-is-active"].map(str::to_owned);
    let begin = std::time::Instant::now();
    // A peer without a connection could not be asked at the beginning: each look would wait for it as long as then.
    let slot = operation.fleet.slot(&peer.name);
    if slot.open().is_none() {
        slot.leave_alone("it could not be reached when this began, and is not asked again");
    }
    let answers = loop {
        let now = look(operation);
        let sight = Sight { cluster, report: &now.report, state: &now.state, from: peer, to: node };
        let answers = gate::verify(&checks, &sight, &sight);
        let well = answers.iter().all(|a| a.passed);
        if well || stopped.is_some() || begin.elapsed() > SEEN_WITHIN {
            break answers;
        }
        std::thread::sleep(Duration::from_secs(1));
    };
    let well = answers.iter().all(|a| a.passed);
    operation.end_as(if well { "done" } else { "incomplete" }, &results, None);
    operation.monitor.clear();
    if well {
        report::say(&format!("done: {} serves; when {} comes back it becomes the standby by itself", node.name, peer.name));
        return Ok(());
    }
    let why = stopped.map(|s| format!("\n{}: {}", s.action.unwrap_or(s.stage), s.reason)).unwrap_or_default();
    Err(Error::new(Kind::Incomplete, format!("{} does not serve{why}{}", node.name, report::switchover::failed(&answers)))
        .hint(format!("on {}: journalctl -t mfs-ha; mend what it names and run the same command again", node.name)))
}
