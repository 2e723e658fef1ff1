//! Both masters: the metadata backed up, the standby first, the switchover, then the other one.

use std::collections::BTreeMap;

use super::Job;
use super::halted;
use super::scene::{Scene, Work, act};
use crate::cli::{Format, Global};
use crate::command::backup_meta;
use crate::command::failover::switchover::{self, Request};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::run::HostResult;
use crate::error::{Error, Result};
use crate::health::gate::{self, Answer, Sight};
use crate::health::upgrade::Part;
use crate::inventory::model::{Cluster, Node};
use crate::playbook;
use crate::step;

/// The gate of a switchover that an upgrade is the reason of.
const BESIDES: &[&str] = &["same-versions"];
/// Standby, switchover, the other one, and twice as much for what changes meanwhile.
const ROUNDS: usize = 6;

/// Upgrades both. Each round looks anew and does the one thing that is next, so that it goes on wherever it was cut off.
///
/// # Errors
/// Gates that do not pass; no backup; a switchover that did not end well.
pub fn run(job: Job) -> Result<()> {
    let Job { context, args, playbook, operation, .. } = job;
    let cluster = operation.cluster;
    let connector = operation.fleet.connector();
    let mut operation = operation;
    let (mut backed_up, mut worked) = (false, false);
    for _ in 0..ROUNDS {
        let scene = Scene::look(&mut operation, Some("upgrade masters"), false)?;
        let work = scene.work(cluster, Part::Masters, args.to.as_deref(), args.stop_within)?;
        if work.is_done() {
            return if worked { hooks(&mut operation, playbook, &scene, &work) } else { Ok(()) };
        }
        let gates = scene.gates(cluster, &work, false, args.accept_goal_1, None);
        operation.monitor.clear();
        switchover::refuse(context, &gates)?;
        worked = true;
        let (active, standby) = pair(cluster, &scene)?;
        let active_left = work.left.contains(&active.name);
        if active_left {
            switchover::refuse(context, &movable(cluster, &scene, active, standby)?)?;
        }
        if active_left && !backed_up {
            operation.monitor.note("the metadata is backed up first");
            back_up(context, args.backup_to.clone())?;
            backed_up = true;
        }
        if work.left.contains(&standby.name) {
            operation.begin()?;
            let plan = work.plan_of(playbook, cluster, &scene.seen.state, std::slice::from_ref(&standby.name), |s| !s.steps.is_empty())?;
            let outcome = act(&mut operation, &plan, &standby.name);
            let done = outcome.clone().unwrap_or_default();
            let results = BTreeMap::from([(standby.name.clone(), HostResult { done, ..HostResult::default() })]);
            operation.end_as(if outcome.is_ok() { "done" } else { "incomplete" }, &results, None);
            operation.monitor.clear();
            outcome.map_err(|e| halted(format!("{}: {e}\n  {} serves as before, untouched", standby.name, active.name)))?;
            operation.monitor.note(&format!("{}: has the packages of {}", standby.name, work.version));
        } else {
            operation.monitor.note(&format!("{} takes over with the new program", standby.name));
            // The switchover takes the operator lock for itself.
            drop(operation);
            let to = Some(standby.name.clone());
            let request = Request { what: "upgrade masters", to, wait: true, besides: BESIDES, dry_run: false, yes: true };
            switchover::switchover(&quiet(context), &request)?;
            operation = Operation::new(context, cluster, connector)?;
            continue;
        }
        // One operation holds one lock; the next round takes it again.
        drop(operation);
        operation = Operation::new(context, cluster, connector)?;
    }
    Err(halted(
        "the masters are not all upgraded, though everything was done: `mfsctl upgrade masters --dry-run` says what is left".to_owned(),
    ))
}

fn pair<'a>(cluster: &'a Cluster, scene: &Scene) -> Result<(&'a Node, &'a Node)> {
    let none =
        || Error::input(format!("{} has no second master: an upgrade of the masters moves the service to it meanwhile", cluster.name));
    let active = step::active_master(cluster, &scene.seen.state).ok_or_else(none)?;
    Ok((active, cluster.peer(active).ok_or_else(none)?))
}

/// Gates of the switchover that will be needed, asked before the first package.
fn movable(cluster: &Cluster, scene: &Scene, from: &Node, to: &Node) -> Result<Vec<Answer>> {
    let mut names = playbook::embedded("failover").map_err(|e| Error::failed(e.to_string()))?.gates;
    names.retain(|name| !BESIDES.contains(&name.as_str()));
    let sight = Sight { cluster, report: &scene.seen.report, state: &scene.seen.state, from, to };
    Ok(gate::ask(&names, &sight))
}

fn back_up(context: &Context, to: Option<std::path::PathBuf>) -> Result<()> {
    let dir = match to {
        Some(dir) => dir,
        None => backup_meta::state_dir().map_err(Error::failed)?.join("backups"),
    };
    let args = backup_meta::Args::into(dir);
    backup_meta::run(&quiet(context), &args).map_err(|e| {
        let hint =
            "the backup made before an upgrade is the only way back from MooseFS 4: see to it first; --backup-to names another place";
        Error::new(e.kind, format!("nothing was upgraded: {}", e.message)).hint(hint)
    })
}

/// The same settings, with results as tables: JSON is for the upgrade's own result alone.
fn quiet(context: &Context) -> Context {
    let global = Global { format: Format::Table, ..context.global.clone() };
    Context { global, color: context.color, interactive: context.interactive }
}

/// The site's own commands, on both.
fn hooks(operation: &mut Operation, playbook: &playbook::Playbook, scene: &Scene, work: &Work) -> Result<()> {
    let cluster = operation.cluster;
    if playbook.stages.iter().all(|s| !s.steps.is_empty()) {
        return Ok(());
    }
    let names: Vec<String> = cluster.with_role(Part::Masters.role()).map(|n| n.name.clone()).collect();
    let plan = work.plan_of(playbook, cluster, &scene.seen.state, &names, |s| s.steps.is_empty())?;
    for name in &names {
        act(operation, &plan, name).map_err(|e| halted(format!("{name}: {e}")))?;
    }
    Ok(())
}
