//! Runs a plan: each host goes through its stages in order and waits only for the stages its own depend on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::act::{self, ActError, Done};
use super::event::{Event, Sink, What};
use super::fleet::{Fleet, Gate, Slot};
use super::interrupt::Interrupt;
use crate::inventory::model::Node;
use crate::playbook::Stage;
use crate::playbook::plan::{HostPlan, HostStage, Plan};
use crate::remote::{Connect, RemoteError};
use crate::step::{Action, Outcome};

/// What became of one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostResult {
    /// Titles of the actions carried out, with their stages.
    pub done: Vec<(String, String)>,
    /// Titles of actions whose guards said that they are not needed.
    pub skipped: Vec<(String, String)>,
    /// Where it stopped, and why.
    pub stopped: Option<Stopped>,
    /// Whether the step was done after which there is no way back.
    pub committed: bool,
}

/// Where and why a host stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Stage id.
    pub stage: String,
    /// The action's title, when one was running.
    pub action: Option<String>,
    /// Why.
    pub reason: String,
    /// What kind of stop it is.
    pub kind: StopKind,
}

/// Why hosts stopped, a line each; not those that only waited for another one.
#[must_use]
pub fn stopped<'a>(results: impl IntoIterator<Item = (&'a String, &'a HostResult)>) -> Vec<String> {
    let line = |(node, r): (&String, &HostResult)| {
        let s = r.stopped.as_ref().filter(|s| s.kind != StopKind::Blocked)?;
        let action = s.action.as_deref().map(|a| format!(" ({a})")).unwrap_or_default();
        Some(format!("{node}: {}{action}: {}", s.stage, s.reason))
    };
    results.into_iter().filter_map(line).collect()
}

/// Kinds of stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// An action failed.
    Failed,
    /// A step refused.
    Refused,
    /// The host was never reached.
    Unknown,
    /// The connection died or the deadline passed: whether the action took effect is unknown.
    Unclear,
    /// Another host's stage failed.
    Blocked,
    /// The operator stopped it.
    Interrupted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ended {
    Well,
    Badly(String),
}

/// Which stages ended where.
struct Board<'a> {
    plan: &'a Plan,
    ended: Mutex<BTreeMap<(String, String), Ended>>,
    changed: Condvar,
}

enum Ready {
    Go,
    Wait(String),
    Blocked(String),
}

impl<'a> Board<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self { plan, ended: Mutex::new(BTreeMap::new()), changed: Condvar::new() }
    }

    fn hosts_of(&self, stage: &'a str) -> impl Iterator<Item = &'a HostPlan> {
        self.plan.hosts.iter().filter(move |h| h.stages.iter().any(|s| s.id == stage))
    }

    fn end(&self, node: &str, stage: &str, how: Ended) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).insert((node.to_owned(), stage.to_owned()), how);
        self.changed.notify_all();
    }

    fn ready(&self, ended: &BTreeMap<(String, String), Ended>, stage: &'a Stage) -> Ready {
        for id in &stage.after {
            for host in self.hosts_of(id) {
                match ended.get(&(host.node.clone(), id.clone())) {
                    Some(Ended::Well) => {}
                    Some(Ended::Badly(reason)) => return Ready::Blocked(format!("{id} on {}: {reason}", host.node)),
                    None => return Ready::Wait(format!("{id} on {}", host.node)),
                }
            }
        }
        for id in &stage.after_any {
            let mut reasons = Vec::new();
            let mut well = 0;
            for host in self.hosts_of(id) {
                match ended.get(&(host.node.clone(), id.clone())) {
                    Some(Ended::Well) => well += 1,
                    Some(Ended::Badly(reason)) => reasons.push(format!("{id} on {}: {reason}", host.node)),
                    None => return Ready::Wait(format!("{id} on {}", host.node)),
                }
            }
            if well == 0 && !reasons.is_empty() {
                return Ready::Blocked(reasons.join("; "));
            }
        }
        Ready::Go
    }

    /// Waits until a stage may begin; `Err` names what blocks it.
    fn wait(&self, stage: &'a Stage, slot: &mut Slot, interrupt: &Interrupt, waiting: impl Fn(String)) -> Result<(), (StopKind, String)> {
        let mut told = String::new();
        loop {
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            match self.ready(&ended, stage) {
                Ready::Go => return Ok(()),
                Ready::Blocked(by) => return Err((StopKind::Blocked, by)),
                Ready::Wait(what) if what != told => {
                    waiting(what.clone());
                    told = what;
                }
                Ready::Wait(_) => {}
            }
            if interrupt.requested() {
                return Err((StopKind::Interrupted, "stopped by the operator".to_owned()));
            }
            let waited = self.changed.wait_timeout(ended, Duration::from_secs(1)).unwrap_or_else(PoisonError::into_inner);
            drop(waited);
            if let Some(transport) = slot.open()
                && let Err(error) = transport.breathe()
            {
                slot.close();
                return Err((StopKind::Unclear, error.to_string()));
            }
        }
    }
}

/// Runs a plan to its end on all its hosts.
pub fn run(plan: &Plan, fleet: &mut Fleet, interrupt: &Interrupt, sink: Sink) -> BTreeMap<String, HostResult> {
    let hosts: BTreeSet<String> = plan.hosts.iter().map(|h| h.node.clone()).collect();
    let board = Board::new(plan);
    let connector = fleet.connector();
    fleet.each(&hosts, |node, slot, gate| {
        let Some(host) = plan.host(&node.name) else { return HostResult::default() };
        let worker = Worker { plan, board: &board, node, host, connector, gate, interrupt, sink };
        let result = worker.run(slot);
        sink(Event { node: node.name.clone(), what: What::Finished });
        result
    })
}

/// Undoes what the results of a run say was begun, last stage first, each ended before the one before it, well or not.
/// Not for a run that passed its point of no return.
pub fn undo(plan: &Plan, results: &BTreeMap<String, HostResult>, fleet: &mut Fleet, sink: Sink) -> BTreeMap<String, HostResult> {
    let begun = |node: &str, stage: &str| {
        results.get(node).is_some_and(|r| {
            r.done.iter().any(|(s, _)| s == stage)
                || r.stopped.as_ref().is_some_and(|s| s.stage == stage && s.action.is_some() && s.kind != StopKind::Refused)
        })
    };
    let mut total: BTreeMap<String, HostResult> = BTreeMap::new();
    for stage in plan.stages.iter().rev().filter(|s| !s.undo.is_empty()) {
        let id = format!("undo {}", stage.id);
        let back = |host: &HostPlan| {
            let steps = host.stages.iter().find(|s| s.id == stage.id)?.undo.clone();
            begun(&host.node, &stage.id).then(|| HostPlan {
                node: host.node.clone(),
                unknown: None,
                stages: vec![HostStage { id: id.clone(), steps, undo: Vec::new() }],
            })
        };
        let hosts = plan.hosts.iter().filter_map(back).collect();
        let alone = Stage { id: id.clone(), after: Vec::new(), after_any: Vec::new(), commit: None, undo: Vec::new(), ..stage.clone() };
        let back = Plan { playbook: plan.playbook.clone(), stages: vec![alone], hosts };
        // What was asked to stop must not stop halfway back.
        for (node, result) in run(&back, fleet, &Interrupt::default(), sink) {
            let sum = total.entry(node).or_default();
            sum.done.extend(result.done);
            sum.stopped = result.stopped.or(sum.stopped.take());
        }
    }
    total
}

struct Worker<'a> {
    plan: &'a Plan,
    board: &'a Board<'a>,
    node: &'a Node,
    host: &'a HostPlan,
    connector: &'a dyn Connect,
    gate: &'a Gate,
    interrupt: &'a Interrupt,
    sink: Sink<'a>,
}

impl Worker<'_> {
    fn tell(&self, what: What) {
        (self.sink)(Event { node: self.node.name.clone(), what });
    }

    fn run(&self, slot: &mut Slot) -> HostResult {
        let mut result = HostResult::default();
        for planned in &self.host.stages {
            if let Err(stopped) = self.stage(planned, slot, &mut result) {
                self.report_stop(&stopped);
                result.stopped = Some(stopped);
                break;
            }
            self.board.end(&self.node.name, &planned.id, Ended::Well);
        }
        if let Some(stopped) = &result.stopped {
            // Whoever waits for this stage, or a later one of this host, waits for nothing.
            let from = self.host.stages.iter().position(|s| s.id == stopped.stage).unwrap_or(0);
            for stage in &self.host.stages[from..] {
                self.board.end(&self.node.name, &stage.id, Ended::Badly(first_line(&stopped.reason)));
            }
        }
        result
    }

    fn report_stop(&self, stopped: &Stopped) {
        let stage = stopped.stage.clone();
        self.tell(match stopped.kind {
            StopKind::Blocked => What::Blocked { stage, by: stopped.reason.clone() },
            StopKind::Unknown => What::Unknown(stopped.reason.clone()),
            _ => What::Failed { stage, title: stopped.action.clone().unwrap_or_default(), reason: stopped.reason.clone() },
        });
    }

    fn stage(&self, planned: &HostStage, slot: &mut Slot, result: &mut HostResult) -> Result<(), Stopped> {
        let stop = |kind, reason: String| Stopped { stage: planned.id.clone(), action: None, reason, kind };
        if let Some(reason) = &self.host.unknown {
            return Err(stop(StopKind::Unknown, reason.clone()));
        }
        let definition = self.plan.stages.iter().find(|s| s.id == planned.id);
        if let Some(stage) = definition {
            let waiting = |for_: String| self.tell(What::Waiting { stage: planned.id.clone(), for_ });
            self.board.wait(stage, slot, self.interrupt, waiting).map_err(|(kind, reason)| stop(kind, reason))?;
        }
        for step in &planned.steps {
            match &step.outcome {
                Outcome::Unchanged(_) => {}
                Outcome::Refused(refusal) => {
                    return Err(stop(StopKind::Refused, format!("{}: {}\n    fix: {}", step.name, refusal.found, refusal.fix)));
                }
                Outcome::Do(actions) => {
                    for action in actions {
                        self.action(&planned.id, action, slot, result)?;
                    }
                }
            }
            result.committed |= definition.is_some_and(|stage| stage.commit.as_deref() == Some(step.name));
        }
        Ok(())
    }

    fn action(&self, stage: &str, action: &Action, slot: &mut Slot, result: &mut HostResult) -> Result<(), Stopped> {
        let title = action.title.clone();
        let stop = |kind, reason: String| Stopped { stage: stage.to_owned(), action: Some(action.title.clone()), reason, kind };
        if self.interrupt.requested() {
            return Err(stop(StopKind::Interrupted, "stopped by the operator before this".to_owned()));
        }
        let begin = Instant::now();
        let outcome = self.gate.pass(|| {
            self.tell(What::Started { stage: stage.to_owned(), title: title.clone() });
            let transport = slot.connect(self.connector, self.node)?;
            let progress = |progress| self.tell(What::Progress { title: title.clone(), progress });
            act::act(action, transport, self.interrupt, &progress)
        });
        let elapsed = begin.elapsed();
        let entry = (stage.to_owned(), title.clone());
        let skipped = match outcome {
            Ok(Done::Changed) => {
                result.done.push(entry);
                None
            }
            Ok(Done::Skipped(because)) => {
                result.skipped.push(entry);
                Some(because)
            }
            Err(error) => {
                let kind = match &error {
                    ActError::Interrupted => StopKind::Interrupted,
                    ActError::Remote(RemoteError::Timeout { .. } | RemoteError::Lost { .. }) => StopKind::Unclear,
                    _ => StopKind::Failed,
                };
                if matches!(error, ActError::Remote(_)) {
                    slot.close();
                }
                return Err(stop(kind, error.to_string()));
            }
        };
        self.tell(What::Done { stage: stage.to_owned(), title, skipped, elapsed });
        Ok(())
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
