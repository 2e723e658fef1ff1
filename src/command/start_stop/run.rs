//! What start, stop and restart have in common: a part of a playbook carried out until nothing is left, and told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::converge::Job;
use crate::engine::run::{HostResult, StopKind};
use crate::error::{Error, Kind, Result, word};
use crate::health::ClusterReport;
use crate::health::gate::{Answer, Sight};
use crate::inventory::model::{Cluster, Role};
use crate::playbook::Playbook;
use crate::playbook::plan::{Plan, Scope};
use crate::report;
use crate::step::{self, ClusterState, Consent};

use super::what::What;
use crate::command::failover::Seen;

/// Which of the three was asked for: hints name flags that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Stop,
    Start,
    Restart,
}

/// The embedded playbook of that name.
pub fn playbook(name: &str) -> Result<Playbook> {
    crate::playbook::embedded(name).map_err(|e| Error::failed(e.to_string()))
}

/// Nodes that are left out (`skip`); refused when they may not be. A master is left out of a start only.
pub fn left_out(command: Command, what: &What, cluster: &Cluster, state: &ClusterState, skip: bool) -> Result<BTreeSet<String>> {
    let lost = what.unreachable(state);
    let master = |name: &String| what.roles.contains(&Role::Master) && cluster.node(name).is_some_and(|n| n.is(Role::Master));
    let barred: Vec<String> = lost
        .iter()
        .filter(|(name, _)| !skip || (command != Command::Start && master(name)))
        .map(|(name, reason)| format!("{name}: {reason}"))
        .collect();
    if barred.is_empty() {
        return Ok(lost.into_iter().map(|(name, _)| name).collect());
    }
    let error = Error::new(Kind::Refused, format!("refused, nothing was changed: not all nodes can be asked\n{}", barred.join("\n")));
    Err(error.hint(match command {
        Command::Start => "bring them back, or leave them out: `mfsctl start --skip-unreachable`",
        Command::Stop => "bring them back, or leave them out with --skip-unreachable (a master that cannot be asked may serve: it is never left out of a stop)",
        Command::Restart => "bring them back, or restart other nodes by name; `mfsctl stop` and `mfsctl start` know --skip-unreachable",
    }))
}

/// `--unsafe` names what was asked for, so that a line from the shell's history fits nothing else.
pub fn accepted(what: &What, accept: Option<&str>) -> Result<()> {
    match accept.filter(|name| *name != what.name) {
        Some(name) => Err(Error::input(format!("--unsafe {}: that is not what was asked for: {}", word(name), what.name))
            .hint(format!("write --unsafe {}", what.name))),
        None => Ok(()),
    }
}

/// What was seen, for gates and checks: from the node that serves to the other.
pub fn sight<'a>(cluster: &'a Cluster, report: &'a ClusterReport, state: &'a ClusterState, active: &str) -> Option<Sight<'a>> {
    let from = cluster.node(active)?;
    let to = cluster.peer(from)?;
    Some(Sight { cluster, report, state, from, to })
}

/// Plans a part of a playbook.
pub fn plan(cluster: &Cluster, playbook: &Playbook, scope: &Scope, consent: &Consent, state: &ClusterState) -> Result<Plan> {
    Job { playbook, cluster, scope, consent }.plan(state).map_err(Error::failed)
}

/// Carries a plan out until nothing is left of it, or nothing more can be done.
pub fn carry_out(
    operation: &mut Operation,
    playbook: &Playbook,
    scope: &Scope,
    consent: &Consent,
    plan: Plan,
    state: ClusterState,
) -> Result<BTreeMap<String, HostResult>> {
    let job = Job { playbook, cluster: operation.cluster, scope, consent };
    operation.converge(&job, plan, state)
}

/// Whether all hosts went to the end.
pub fn well(results: &BTreeMap<String, HostResult>) -> bool {
    results.values().all(|r| r.stopped.is_none())
}

/// The end of a run: journal, table or JSON, and the exit status.
pub fn conclude(
    context: &Context,
    operation: &mut Operation,
    what: (&str, &str),
    results: &BTreeMap<String, HostResult>,
    checks: &[Answer],
) -> Result<()> {
    let failed = checks.iter().any(|c| !c.passed);
    let word = match (operation.interrupt.requested(), well(results) && !failed) {
        (true, _) => "interrupted",
        (false, true) => "done",
        (false, false) => "incomplete",
    };
    operation.end_as(word, results, None);
    operation.monitor.clear();
    tell(context, operation, word, results, checks);
    if operation.interrupt.requested() {
        return Err(
            Error::new(Kind::Interrupted, "stopped by the operator").hint("run the same command again: it goes on where it stopped")
        );
    }
    let (command, name) = what;
    if well(results) && !failed {
        let done: usize = results.values().map(|r| r.done.len()).sum();
        let seconds = operation.seconds();
        report::say(&match done {
            0 => format!("nothing to do: {command} {name} is so already ({seconds} s)"),
            n => format!("done: {command} {name}: {n} actions in {seconds} s"),
        });
        return Ok(());
    }
    let mut message = format!("{command} {name}: not all is done");
    for (node, result) in results {
        if let Some(stop) = result.stopped.as_ref().filter(|s| s.kind != StopKind::Blocked) {
            let action = stop.action.as_deref().map(|a| format!(" ({a})")).unwrap_or_default();
            message.push_str(&format!("\n{node}: {}{action}: {}", stop.stage, stop.reason));
        }
    }
    message.push_str(&report::switchover::failed(checks));
    let error = Error::new(Kind::Incomplete, operation.masker.mask(&message));
    let error = checks.iter().filter(|c| !c.passed).fold(error, |e, c| e.hint(format!("{}: {}", c.name, c.fix)));
    Err(error.hint("mend what is named above and run the same command again: what is done stays done"))
}

fn tell(context: &Context, operation: &Operation, word: &str, results: &BTreeMap<String, HostResult>, checks: &[Answer]) {
    let rows = operation.rows(results);
    if context.json() {
        let hosts = report::plan::hosts(&rows, &operation.masker);
        let all = json!({ "run": operation.run_id, "result": word, "seconds": operation.seconds(), "hosts": hosts, "checks": checks });
        return report::data(&format!("{all:#}"));
    }
    report::data(&report::plan::summary(&rows, context.color, &operation.masker));
    if !checks.is_empty() {
        report::data(&report::switchover::answers("Checks", checks, context.color));
    }
}

/// The node that serves, by name.
pub fn active(cluster: &Cluster, seen: &Seen) -> Option<String> {
    step::active_master(cluster, &seen.state).map(|n| n.name.clone())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_is_left_out_only_with_flags_the_command_has() {
        let cluster = crate::step::testing::cluster();
        let what = What::parse(&cluster, &["node3".to_owned()]).unwrap();
        let state = ClusterState::from([("node3".to_owned(), Err("no route".to_owned()))]);
        let refused = |command| left_out(command, &what, &cluster, &state, false).unwrap_err();
        for (command, flag) in [(Command::Stop, true), (Command::Start, true), (Command::Restart, false)] {
            let error = refused(command);
            assert_eq!((error.kind, error.hints[0].contains("leave them out")), (Kind::Refused, flag), "{error}");
        }
        assert_eq!(left_out(Command::Stop, &what, &cluster, &state, true).unwrap(), ["node3".to_owned()].into());
    }

    #[test]
    fn masters_are_left_out_of_a_start_only() {
        let cluster = crate::step::testing::cluster();
        let what = What::parse(&cluster, &[]).unwrap();
        let state = ClusterState::from([("node1".to_owned(), Err("no route".to_owned()))]);
        assert!(left_out(Command::Start, &what, &cluster, &state, true).is_ok());
        assert!(left_out(Command::Stop, &what, &cluster, &state, true).is_err());
    }

    #[test]
    fn unsafe_names_what_was_asked_for() {
        let cluster = crate::step::testing::cluster();
        let what = What::parse(&cluster, &["node3".to_owned()]).unwrap();
        assert!(accepted(&what, Some("node3")).is_ok() && accepted(&what, None).is_ok());
        assert_eq!(accepted(&what, Some("node4")).unwrap_err().kind, Kind::Input);
    }
}
