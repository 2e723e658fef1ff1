//! `mfsctl stop`.

use serde_json::json;

use super::StopArgs;
use super::busy::busy;
use super::run::{self, Command, conclude};
use super::what::What;
use crate::command::failover::{Seen, locked_look, look};
use crate::command::operation::{self, Operation};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::gate::{self, Answer};
use crate::health::ok_to_stop::{self, Judgement, Parting, Verdict};
use crate::inventory::model::{Cluster, Role};
use crate::playbook::Playbook;
use crate::playbook::plan::Plan;
use crate::report;
use crate::step::start_stop::Stopping;
use crate::step::{self, Consent};

/// What speaks against a stop.
pub struct Against {
    gates: Vec<Answer>,
    judgement: Option<Judgement>,
    busy: Vec<String>,
    /// The node that serves, where it alone would be stopped.
    serves: Option<String>,
}

/// Stages of a role.
pub fn stages(role: Role) -> &'static [&'static str] {
    match role {
        Role::Master => &["standby", "master"],
        Role::Metalogger => &["metaloggers"],
        Role::Chunkserver => &["chunkservers"],
        Role::Client => &["clients"],
    }
}

/// What the steps need to know.
pub fn consent(seen: &Seen, lazy: bool, why: &str) -> Consent {
    let version = seen.report.told().map_or(0, |t| t.info.metadata_version);
    Consent { stopping: Some(Stopping { lazy, why: why.to_owned(), version }), operator: operation::operator(), ..Consent::default() }
}

pub fn stop(context: &Context, args: &StopArgs, asked: Command) -> Result<()> {
    let cluster = context.cluster()?;
    let what = What::parse(&cluster, &args.what)?;
    run::accepted(&what, args.accept.as_deref())?;
    let playbook = run::playbook("stop")?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = if args.dry_run { look(&mut operation) } else { locked_look(&mut operation, "stop")? };
    operation.monitor.clear();
    let without = run::left_out(asked, &what, &cluster, &seen.state, args.skip_unreachable)?;
    let consent = consent(&seen, args.lazy, &args.reason);
    let scope = what.scope(stages, &without);
    let plan = run::plan(&cluster, &playbook, &scope, &consent, &seen.state)?;
    let against = against(&mut operation, &playbook, &what, &seen, &plan, args.lazy);
    if args.dry_run {
        return dry_run(context, &operation, (args, asked), &what, &against, &plan);
    }
    refuse(context, asked, args.accept.as_deref(), &what, &against)?;
    if !plan.is_empty() {
        if !context.json() {
            report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        }
        operation.confirm(args.yes, &format!("stop {}: {} actions", what.name, plan.len()))?;
        operation.begin()?;
    }
    let served = stops_master(&cluster, &seen, &plan);
    let results = run::carry_out(&mut operation, &playbook, &scope, &consent, plan, seen.state.clone())?;
    let mut checks = Vec::new();
    if let Some(active) = served.filter(|_| run::well(&results)) {
        let now = look(&mut operation);
        let before = run::sight(&cluster, &seen.report, &seen.state, &active);
        if let (Some(before), Some(now)) = (before, run::sight(&cluster, &now.report, &now.state, &active)) {
            checks = gate::verify(&playbook.verify, &before, &now);
        }
    }
    conclude(context, &mut operation, ("stop", &what.name), &results, &checks)
}

/// The node whose mfsmaster a plan ends.
fn stops_master(cluster: &Cluster, seen: &Seen, plan: &Plan) -> Option<String> {
    let active = run::active(cluster, seen).filter(|name| step::is_primary(cluster, &seen.state, name))?;
    let acts = |host: &crate::playbook::plan::HostPlan| host.stages.iter().any(|s| s.id == "master" && host.actions().next().is_some());
    plan.host(&active).filter(|host| acts(host)).map(|_| active)
}

/// Asks everything that may speak against it; nothing when nothing is to be done.
pub fn against(operation: &mut Operation, playbook: &Playbook, what: &What, seen: &Seen, plan: &Plan, lazy: bool) -> Against {
    let cluster = operation.cluster;
    let mut against = Against { gates: Vec::new(), judgement: None, busy: Vec::new(), serves: None };
    if plan.is_empty() {
        return against;
    }
    let served = stops_master(cluster, seen, plan);
    if let Some(active) = &served {
        let sight = run::sight(cluster, &seen.report, &seen.state, active);
        against.gates = sight.map(|s| gate::ask(&playbook.gates, &s)).unwrap_or_default();
    }
    if !what.whole {
        let alone = cluster.with_role(Role::Master).any(|n| !what.nodes.contains(&n.name));
        against.serves = served.filter(|_| alone);
        let judgement = ok_to_stop::judge(cluster, &seen.report, &Parting::services(&what.nodes, what.roles.iter().copied()));
        // Who uses a mount is asked on the client itself.
        against.judgement = Some(judgement.without("clients"));
    }
    if what.roles.contains(&Role::Client) && !lazy {
        against.busy = busy(operation, &what.nodes, &seen.state);
    }
    operation.monitor.clear();
    against
}

/// Refuses, with all that speaks against it.
pub fn refuse(context: &Context, asked: Command, accept: Option<&str>, what: &What, against: &Against) -> Result<()> {
    if let Some(active) = &against.serves {
        let error =
            Error::new(Kind::Refused, format!("refused, nothing was changed: {active} serves, and the other master would take over"));
        return Err(error.hint(format!("`mfsctl failover` moves the service without harm; then stop {active}")));
    }
    if !against.busy.is_empty() {
        let message = format!("refused, nothing was changed: mounts are in use\n{}", against.busy.join("\n"));
        return Err(Error::new(Kind::Refused, message).hint(match asked {
            Command::Restart => "end these programs, or `mfsctl stop clients --lazy; mfsctl start clients`",
            _ => "end these programs, or detach the mounts under them with --lazy",
        }));
    }
    let closed: Vec<&Answer> = against.gates.iter().filter(|g| !g.passed).collect();
    let unsafe_ones: Vec<_> = against.judgement.iter().flat_map(Judgement::against).collect();
    if closed.is_empty() && unsafe_ones.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> = closed.iter().map(|g| format!("{}: {} (wanted: {})", g.name, g.measured, g.wanted)).collect();
    lines.extend(unsafe_ones.iter().map(|r| format!("{}: {} (wanted: {})", r.name, r.measured, r.wanted)));
    if accept.is_some() {
        report::say(&format!("going on although it is not safe:\n{}", lines.join("\n")));
        return Ok(());
    }
    if let Some(judgement) = against.judgement.as_ref().filter(|_| !context.json()) {
        report::say(report::ok_to_stop::render(judgement, context.color).trim_end());
    }
    let mut error = Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", lines.join("\n")));
    let fixes = closed.iter().map(|g| (g.name, &g.fix)).chain(unsafe_ones.iter().map(|r| (r.name, &r.fix)));
    for (name, fix) in fixes {
        error = error.hint(format!("{name}: {fix}"));
    }
    Err(error.hint(format!("if it is meant all the same: --unsafe {}", what.name)))
}

fn dry_run(
    context: &Context,
    operation: &Operation,
    (args, asked): (&StopArgs, Command),
    what: &What,
    against: &Against,
    plan: &Plan,
) -> Result<()> {
    if context.json() {
        let plan = report::plan::json(plan, false, &operation.masker);
        let safe = against.judgement.as_ref().is_none_or(|j| j.verdict == Verdict::Safe);
        let all = json!({ "gates": against.gates, "safe": safe, "ok_to_stop": against.judgement, "busy": against.busy, "plan": plan });
        report::data(&format!("{all:#}"));
    } else {
        if !against.gates.is_empty() {
            report::data(&report::switchover::answers("Gates", &against.gates, context.color));
        }
        report::data(&report::plan::text(plan, false, context.global.verbose > 0, &operation.masker));
    }
    refuse(context, asked, args.accept.as_deref(), what, against)
}
