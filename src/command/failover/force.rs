//! `mfsctl failover --force`: the active master cannot be asked, and the other one takes over without it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Args;
use super::sight::{Seen, locked_look, look};
use super::switchover::{master, the_masters};
use super::verdict::{End, serves};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::run::{self, Stopped};
use crate::error::{Error, Kind, Result};
use crate::health::forced::{self, Forced, Votes};
use crate::health::gate::Answer;
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
        return active(&cluster, &seen, peer, node);
    }
    let votes = votes(&mut operation, node, peer)?;
    let mut judged = forced::judge(&node.name, &peer.name, drbd, &votes)
        .map_err(|(why, fix)| Error::new(Kind::Refused, format!("{why}; nothing was changed")).hint(fix))?;
    judged.known.extend(facts.and_then(|f| f.takeover.hold.as_ref()).map(|hold| format!("{} is {}; this ends it", node.name, hold.told())));
    let plan = plan(&cluster, node, &judged);
    operation.monitor.clear();
    tell(context, args, &operation, node, peer, &judged, &plan);
    if args.dry_run {
        return Ok(());
    }
    consent(&mut operation, args, node, peer, &judged)?;
    operation.begin()?;
    act(context, &mut operation, &cluster, node, peer, &plan)
}

/// The node is Primary and has the address: nothing is to be taken over.
fn active(cluster: &Cluster, seen: &Seen, peer: &Node, node: &Node) -> Result<()> {
    let answers = serves(cluster, seen, peer, node);
    if answers.iter().all(|a| a.passed) {
        report::say(&format!("nothing to do: {} is active", node.name));
        return Ok(());
    }
    let what = format!("{} is Primary and has the address already, and does not serve; nothing was changed", node.name);
    Err(Error::new(Kind::Refused, format!("{what}{}", report::switchover::failed(&answers)))
        .hint(format!("it may be loading the metadata; on {}: journalctl -t mfs-ha -t mfsmaster", node.name)))
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
    let votes = Votes::parse(&output.text(), &peer.name);
    // A question that failed is no answer: without witnesses is what the inventory says.
    if output.success() && votes.total >= operation.cluster.ha.witnesses.len().min(1) {
        return Ok(votes);
    }
    let why = operation.masker.mask(output.error_text().trim());
    Err(Error::new(Kind::Refused, format!("{}: the witnesses could not be asked: mfs-ha votes: {why}; nothing was changed", node.name))
        .hint("run it again; another question may be under way"))
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

fn act(context: &Context, operation: &mut Operation, cluster: &Cluster, node: &Node, peer: &Node, plan: &Plan) -> Result<()> {
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let sink = |event| monitor.show(&event);
    let results = run::run(plan, &mut operation.fleet, &interrupt, &sink);
    let stopped = results.values().find_map(|r| r.stopped.clone());
    if stopped.is_some() {
        monitor.note("not done; going back where that still can be");
        run::undo(plan, &results, &mut operation.fleet, &sink);
    }
    // A peer without a connection could not be asked at the beginning: each look would wait for it as long as then.
    let slot = operation.fleet.slot(&peer.name);
    if slot.open().is_none() {
        slot.leave_alone("it could not be reached when this began, and is not asked again");
    }
    let begin = Instant::now();
    let (end, answers) = loop {
        let now = look(operation);
        let answers = serves(cluster, &now, peer, node);
        let end =
            end(step::facts_of(&now.state, &node.name).map(|_| step::is_primary(cluster, &now.state, &node.name)), &answers, &stopped);
        // One that is Primary goes on by itself, whatever was seen to stop.
        if matches!(end, End::Done | End::RolledBack) || begin.elapsed() > SEEN_WITHIN {
            break (end, answers);
        }
        std::thread::sleep(Duration::from_secs(1));
    };
    operation.end_as(end.word(), &results, None);
    operation.monitor.clear();
    if context.json() {
        let value = json!({
            "run": operation.run_id, "result": end.word(), "to": node.name, "without": peer.name, "seconds": operation.seconds(), "checks": answers,
        });
        report::data(&format!("{value:#}"));
    }
    let why = stopped.map(|s| format!("\n{}: {}", s.action.unwrap_or(s.stage), s.reason)).unwrap_or_default();
    let failed = report::switchover::failed(&answers);
    let journal = format!("on {}: journalctl -t mfs-ha; mend what it names and run the same command again", node.name);
    let error = match end {
        End::Done => {
            report::say(&format!("done: {} serves; when {} comes back it becomes the standby by itself", node.name, peer.name));
            return Ok(());
        }
        End::RolledBack => Error::new(Kind::RolledBack, format!("{} has not taken over and is not Primary{why}", node.name)).hint(journal),
        End::Incomplete => Error::new(Kind::Incomplete, format!("{} does not serve{why}{failed}", node.name)).hint(journal),
        End::Unknown => Error::new(Kind::Unknown, format!("how it ended could not be seen: {} cannot be asked{why}", node.name))
            .hint(format!("{} goes on by itself; `mfsctl status` shows how it is, the same command again goes on from there", node.name)),
    };
    Err(Error { message: operation.masker.mask(&error.message), ..error })
}

/// The end as it is seen now; `primary` is not known where the node cannot be asked.
fn end(primary: Option<bool>, answers: &[Answer], stopped: &Option<Stopped>) -> End {
    match primary {
        _ if answers.iter().all(|a| a.passed) => End::Done,
        None => End::Unknown,
        Some(false) if stopped.is_some() => End::RolledBack,
        Some(_) => End::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::run::StopKind;

    #[test]
    fn the_end_is_what_is_seen_not_what_stopped() {
        let answers =
            |passed| vec![Answer { name: "target-is-active", passed, measured: String::new(), wanted: String::new(), fix: String::new() }];
        let broken = Some(Stopped { stage: "force".into(), action: None, reason: "reset".into(), kind: StopKind::Unclear });
        for (primary, passed, stopped, wanted) in [
            (Some(true), true, &broken, End::Done),
            (Some(true), false, &broken, End::Incomplete),
            (Some(false), false, &broken, End::RolledBack),
            (Some(false), false, &None, End::Incomplete),
            (None, false, &broken, End::Unknown),
        ] {
            assert!(end(primary, &answers(passed), stopped) == wanted, "{primary:?} {passed}");
        }
    }
}
