//! Metaloggers and clients, one by one: nothing of the cluster's data depends on a single one of them.

use std::collections::BTreeMap;

use super::scene::{Scene, act, releases_of, wait};
use super::{Job, halted};
use crate::command::failover::switchover;
use crate::command::operation::Operation;
use crate::command::servers;
use crate::engine::run::{HostResult, StopKind, Stopped};
use crate::error::Result;
use crate::health::upgrade::Part;
use crate::inventory::model::{Node, Role};

/// Upgrades all that are not done. A client whose mount is in use does not keep the others from it.
///
/// # Errors
/// Gates that do not pass; nodes that are not done.
pub fn run(job: &mut Job) -> Result<()> {
    let (cluster, part) = (job.operation.cluster, job.part);
    let what = format!("upgrade {}", part.word());
    let scene = Scene::look(&mut job.operation, Some(&what), false)?;
    let work = scene.work(cluster, part, job.args.to.as_deref(), job.args.stop_within)?;
    if work.is_done() {
        return Ok(());
    }
    let gates = scene.gates(cluster, &work, false, job.args.accept_goal_1, None);
    job.operation.monitor.clear();
    switchover::refuse(job.context, &gates)?;
    job.operation.begin()?;
    let mut results = BTreeMap::new();
    let mut failed = Vec::new();
    for node in work.left.iter().filter_map(|name| cluster.node(name)) {
        let plan = work.plan_of(job.playbook, cluster, &scene.seen.state, std::slice::from_ref(&node.name), |_| true)?;
        let outcome = if job.operation.interrupt.requested() {
            Err("stopped by the operator before it was touched".to_owned())
        } else {
            act(&mut job.operation, &plan, &node.name).and_then(|done| runs(&mut job.operation, node, part, job.args.wait).map(|()| done))
        };
        match outcome {
            Ok(done) => {
                job.operation.monitor.note(&format!("{}: upgraded to {}", node.name, work.version));
                results.insert(node.name.clone(), HostResult { done, ..HostResult::default() });
            }
            Err(reason) => {
                failed.push(format!("{}: {reason}", node.name));
                let stopped = Stopped { stage: part.word().to_owned(), action: None, reason, kind: StopKind::Failed };
                results.insert(node.name.clone(), HostResult { stopped: Some(stopped), ..HostResult::default() });
                if part == Part::Metaloggers || job.operation.interrupt.requested() {
                    break;
                }
            }
        }
    }
    job.operation.end(&results);
    job.operation.monitor.clear();
    let untouched: Vec<&str> = work.left.iter().filter(|n| !results.contains_key(*n)).map(String::as_str).collect();
    if !untouched.is_empty() {
        failed.push(format!("left alone: {}", untouched.join(", ")));
    }
    if failed.is_empty() { Ok(()) } else { Err(halted(failed.join("\n"))) }
}

/// The new program runs, and the master sees it where it sees such nodes.
fn runs(operation: &mut Operation, node: &Node, part: Part, within: std::time::Duration) -> std::result::Result<(), String> {
    let cluster = operation.cluster;
    wait(operation, &format!("{} runs the new program", node.name), within, |operation| {
        match releases_of(operation, node)?.current(part.program()) {
            Some(true) => {}
            Some(false) => return Err(format!("the old {} still runs", part.program())),
            None if part == Part::Clients => {}
            None => return Err(format!("{} does not run", part.program())),
        }
        if part == Part::Metaloggers {
            let told = servers::told(cluster, &mut operation.fleet)?;
            let mine = |a| a == node.address || (node.is(Role::Master) && a == cluster.vip.address);
            if !told.metaloggers.iter().any(|m| mine(m.address)) {
                return Err("the master does not see it".to_owned());
            }
        }
        Ok(())
    })
}
