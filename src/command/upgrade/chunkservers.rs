//! Chunkservers one by one: each is back with its chunks, and every chunk has its copies, before the next one is touched.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::scene::{NOTE, Scene, Work, act, releases_of, wait};
use super::{Job, halted};
use crate::command::failover::switchover;
use crate::command::maintenance::switch;
use crate::command::operation::Operation;
use crate::command::servers;
use crate::command::status::gather;
use crate::engine::run::{HostResult, StopKind, Stopped};
use crate::error::Result;
use crate::health::gate::Answer;
use crate::health::upgrade::{Part, unsafe_chunks};
use crate::inventory::model::{Node, Role};
use crate::protocol::{ChunkMatrix, Maintenance};

/// A count of chunks that has not risen for this long does not rise any more: what is missing was deleted meanwhile.
const STILL: Duration = Duration::from_secs(15);
/// Longest time the counters get to settle before the gates are asked.
const COUNTED: Duration = Duration::from_secs(120);
/// Time between the two counts that must both be good.
const TWICE: Duration = Duration::from_secs(4);

/// Upgrades all that are not done.
///
/// # Errors
/// Gates that do not pass; a node that did not come back.
pub fn run(job: &mut Job) -> Result<()> {
    let cluster = job.operation.cluster;
    let mut scene = Scene::look(&mut job.operation, Some("upgrade chunkservers"), false)?;
    let mut work = look_for(job, &scene)?;
    if work.is_done() {
        return Ok(());
    }
    // The masters may have moved a moment ago: chunks are counted anew then. What is wrong for long the gates refuse.
    if scene.under_way(cluster).is_none() {
        let _ = healthy(&mut job.operation, job.args.wait.min(COUNTED));
        scene = Scene::look(&mut job.operation, None, false)?;
        work = look_for(job, &scene)?;
    }
    let gates = gates(job, &scene, &work);
    job.operation.monitor.clear();
    switchover::refuse(job.context, &gates)?;
    job.operation.begin()?;
    let mut results = BTreeMap::new();
    loop {
        let under_way = scene.under_way(cluster);
        let next = under_way.clone().or_else(|| work.left.first().cloned());
        let Some(node) = next.and_then(|name| cluster.node(&name)) else { break };
        let closed: Vec<Answer> = gates_now(job, &scene, &work);
        let outcome = if let Some(first) = closed.first() {
            Err(format!("not begun: {}: {} (wanted: {}); {}", first.name, first.measured, first.wanted, first.fix))
        } else {
            one(job, &scene, &work, node)
        };
        match outcome {
            Ok(done) => {
                let seconds = job.operation.seconds();
                job.operation.monitor.note(&format!(
                    "{}: upgraded to {}, the cluster is healthy ({seconds} s since the beginning)",
                    node.name, work.version
                ));
                results.insert(node.name.clone(), HostResult { done, ..HostResult::default() });
            }
            Err(reason) => {
                let message = stands(job, &work, node, &reason);
                let stopped = Stopped { stage: "chunkserver".to_owned(), action: None, reason, kind: StopKind::Failed };
                results.insert(node.name.clone(), HostResult { stopped: Some(stopped), ..HostResult::default() });
                job.operation.end(&results);
                job.operation.monitor.clear();
                return Err(halted(message));
            }
        }
        scene = Scene::look(&mut job.operation, None, false)?;
        work = look_for(job, &scene)?;
    }
    job.operation.end(&results);
    job.operation.monitor.clear();
    Ok(())
}

/// Cut off right after a node came back, chunks are still being copied: that is waited for, as the run that was cut off
/// would have. `true` when there was something to wait for.
pub fn settle(operation: &mut Operation, scene: &Scene, work: &Work, within: Duration) -> bool {
    let cluster = operation.cluster;
    let begun = !work.is_done() && work.left.len() < cluster.with_role(Role::Chunkserver).count();
    let waits = begun && scene.under_way(cluster).is_none();
    if waits {
        let _ = healthy(operation, within);
    }
    waits
}

fn look_for(job: &Job, scene: &Scene) -> Result<Work> {
    scene.work(job.operation.cluster, Part::Chunkservers, job.args.to.as_deref(), job.args.stop_within)
}

fn gates(job: &Job, scene: &Scene, work: &Work) -> Vec<Answer> {
    let cluster = job.operation.cluster;
    scene.gates(cluster, work, false, job.args.accept_goal_1, scene.under_way(cluster).as_deref())
}

fn gates_now(job: &Job, scene: &Scene, work: &Work) -> Vec<Answer> {
    gates(job, scene, work).into_iter().filter(|a| !a.passed).collect()
}

/// One chunkserver, from its package to a healthy cluster. What an earlier run did is not done again.
fn one(job: &mut Job, scene: &Scene, work: &Work, node: &Node) -> std::result::Result<Vec<(String, String)>, String> {
    let cluster = job.operation.cluster;
    if job.operation.interrupt.requested() {
        return Err("stopped by the operator before it was touched".to_owned());
    }
    let told = scene.seen.report.told().ok_or("the master does not answer")?;
    let server = servers::of_node(told, node, cluster).cloned().ok_or("the master does not know it")?;
    let kept = scene.seen.report.limit_of(&server).and_then(|l| l.note.rsplit_once(" chunks=")?.1.parse::<u32>().ok());
    let before = if scene.under_way(cluster).as_deref() == Some(&node.name) { kept.unwrap_or(server.chunks) } else { server.chunks };
    let mine = [node.name.clone()];
    let plan = |wanted: &dyn Fn(&crate::playbook::Stage) -> bool| {
        work.plan_of(job.playbook, cluster, &scene.seen.state, &mine, wanted).map_err(|e| e.to_string())
    };
    let (packages, replace, site) =
        (plan(&|s| s.id == "chunkserver-packages")?, plan(&|s| s.id == "chunkserver")?, plan(&|s| s.steps.is_empty())?);
    let operation = &mut job.operation;
    let mut done = act(operation, &packages, &node.name)?;
    switch::prepare(operation, &scene.seen)?;
    switch::on(operation, &server, job.args.time, &format!("{NOTE}{} chunks={before}", work.version))?;
    done.extend(act(operation, &replace, &node.name)?);
    back(operation, node, before, job.args.wait)?;
    switch::off(operation, &server)?;
    healthy(operation, job.args.wait)?;
    done.extend(act(operation, &site, &node.name)?);
    Ok(done)
}

/// Connected, the new program, its disks usable and read through, its chunks as before.
fn back(operation: &mut Operation, node: &Node, before: u32, within: Duration) -> std::result::Result<(), String> {
    let cluster = operation.cluster;
    let mut highest = (0, Instant::now());
    wait(operation, &format!("{} is back", node.name), within, |operation| {
        let told = servers::told(cluster, &mut operation.fleet)?;
        let server = servers::of_node(&told, node, cluster).ok_or("the master does not know it")?;
        if !server.connected {
            return Err("it is not connected to the master".to_owned());
        }
        match releases_of(operation, node)?.current("mfschunkserver") {
            Some(true) => {}
            Some(false) => return Err("the old program still runs".to_owned()),
            None => return Err("its daemon does not run".to_owned()),
        }
        let connector = operation.fleet.connector();
        let transport = operation.fleet.slot(&node.name).connect(connector, node).map_err(|e| e.to_string())?;
        let disks = gather::ask_disks(node, transport)?;
        if let Some(bad) = disks.iter().find(|d| d.damaged || d.invalid || d.scanning) {
            return Err(format!("disk {} is {}", bad.path, bad.state()));
        }
        if server.chunks > highest.0 {
            highest = (server.chunks, Instant::now());
        }
        if server.chunks >= before || (highest.1.elapsed() > STILL && highest.0 > before / 2) {
            return Ok(());
        }
        Err(format!("{} of its {before} chunks are there", server.chunks))
    })
}

/// Every chunk has its copies, counted twice.
fn healthy(operation: &mut Operation, within: Duration) -> std::result::Result<(), String> {
    let cluster = operation.cluster;
    let mut first: Option<(ChunkMatrix, Instant)> = None;
    wait(operation, "every chunk has its copies again", within, |operation| {
        let chunks = servers::told(cluster, &mut operation.fleet)?.chunks;
        let wrong = unsafe_chunks(None, &chunks);
        if !wrong.is_empty() {
            first = None;
            return Err(wrong.join(", "));
        }
        let (_, since) = first.get_or_insert((chunks, Instant::now()));
        if since.elapsed() >= TWICE { Ok(()) } else { Err("counted once".to_owned()) }
    })
}

/// What stands after a halt.
fn stands(job: &mut Job, work: &Work, node: &Node, reason: &str) -> String {
    let cluster = job.operation.cluster;
    let mut lines = vec![format!("{}: {reason}", node.name)];
    match Scene::look(&mut job.operation, None, false) {
        Err(error) => lines.push(format!("how it stands could not be seen: {error}")),
        Ok(scene) => {
            if let Some(Ok(releases)) = scene.releases.get(&node.name) {
                let package = releases.installed.get("moosefs-chunkserver").map_or("not installed", String::as_str);
                let runs = match releases.current("mfschunkserver") {
                    Some(true) => "the program installed runs",
                    Some(false) => "the old program still runs",
                    None => "its daemon does not run",
                };
                lines.push(format!("  {}: package {package}; {runs}", node.name));
            }
            let report = &scene.seen.report;
            match report.told().and_then(|t| servers::of_node(t, node, cluster)) {
                None => lines.push("  the master does not tell of it".to_owned()),
                Some(server) => {
                    let link = if server.connected { "connected" } else { "away" };
                    let maintenance = match (server.maintenance, report.limit_of(server)) {
                        (Maintenance::On, Some(limit)) => {
                            format!("in maintenance, which ends {} by itself: its chunks are not copied until then", limit.remaining())
                        }
                        (Maintenance::On, None) => "in maintenance without an end: `mfsctl maintenance off` ends it".to_owned(),
                        (Maintenance::Off, _) => "not in maintenance".to_owned(),
                        (Maintenance::Temporary(_), _) => "in the maintenance of its own stop, which ends by itself".to_owned(),
                    };
                    lines.push(format!("  the master sees it {link}, {maintenance}"));
                }
            }
        }
    }
    let others: Vec<&str> = work.left.iter().filter(|n| **n != node.name).map(String::as_str).collect();
    lines.push(if others.is_empty() { "  no other one was left to do".to_owned() } else { format!("  left alone: {}", others.join(", ")) });
    lines.join("\n")
}
