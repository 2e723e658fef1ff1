//! The plan: the exact, ordered actions for each host. `--dry-run` prints it, the engine runs it: one value.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Playbook, Stage};
use crate::error::word;
use crate::inventory::model::{Cluster, Node};
use crate::step::{self, Action, ActionKind, ClusterState, Consent, Outcome, Refusal, View};

/// Longest time a site's own command may take.
const SITE_COMMAND: Duration = Duration::from_secs(600);

/// What part of a playbook is wanted.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Nodes; all when `None`.
    pub hosts: Option<BTreeSet<String>>,
    /// Stages; all when empty.
    pub only: Vec<String>,
    /// Stages left out.
    pub skip: Vec<String>,
}

/// Actions for all hosts.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the playbook.
    pub playbook: String,
    /// The stages in scope, in order.
    pub stages: Vec<Stage>,
    /// One entry a node in scope, in inventory order.
    pub hosts: Vec<HostPlan>,
}

/// Actions for one host.
#[derive(Debug, Clone)]
pub struct HostPlan {
    /// Node name.
    pub node: String,
    /// Why nothing is known of it, hence nothing planned.
    pub unknown: Option<String>,
    /// Its stages, in order, each with its steps.
    pub stages: Vec<HostStage>,
}

/// One stage on one host.
#[derive(Debug, Clone)]
pub struct HostStage {
    /// Stage id.
    pub id: String,
    /// Its steps, in order.
    pub steps: Vec<PlannedStep>,
    /// What undoes them, in order.
    pub undo: Vec<PlannedStep>,
}

/// One step on one host.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Name of the step.
    pub name: &'static str,
    /// What was decided.
    pub outcome: Outcome,
}

impl HostPlan {
    /// All actions, in order.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.stages.iter().flat_map(|s| &s.steps).flat_map(|s| match &s.outcome {
            Outcome::Do(actions) => actions.as_slice(),
            _ => &[],
        })
    }

    /// The first refusal, with stage and step.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &'static str, &Refusal)> {
        self.stages.iter().find_map(|stage| {
            stage.steps.iter().find_map(|step| match &step.outcome {
                Outcome::Refused(refusal) => Some((stage.id.as_str(), step.name, refusal)),
                _ => None,
            })
        })
    }
}

impl Plan {
    /// Number of actions on all hosts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hosts.iter().map(|h| h.actions().count()).sum()
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The plan of one host.
    #[must_use]
    pub fn host(&self, node: &str) -> Option<&HostPlan> {
        self.hosts.iter().find(|h| h.node == node)
    }
}

/// Plans a playbook for the facts at hand.
///
/// # Errors
/// When the scope names a stage the playbook does not have.
pub fn plan(playbook: &Playbook, cluster: &Cluster, state: &ClusterState, scope: &Scope, consent: &Consent) -> Result<Plan, String> {
    let known = |id: &String| playbook.stages.iter().any(|s| s.id == *id);
    if let Some(unknown) = scope.only.iter().chain(&scope.skip).find(|id| !known(id)) {
        let all: Vec<&str> = playbook.stages.iter().map(|s| s.id.as_str()).collect();
        return Err(format!("there is no stage {} in {}; its stages are: {}", word(unknown), playbook.name, all.join(", ")));
    }
    let wanted = |s: &&Stage| (scope.only.is_empty() || scope.only.contains(&s.id)) && !scope.skip.contains(&s.id);
    let stages: Vec<Stage> = playbook.stages.iter().filter(wanted).cloned().collect();
    let in_scope = |n: &&Node| scope.hosts.as_ref().is_none_or(|hosts| hosts.contains(&n.name));
    let hosts = cluster.nodes.iter().filter(in_scope).map(|n| host_plan(&stages, cluster, state, consent, n)).collect();
    Ok(Plan { playbook: playbook.name.clone(), stages, hosts })
}

fn host_plan(stages: &[Stage], cluster: &Cluster, state: &ClusterState, consent: &Consent, node: &Node) -> HostPlan {
    let mine = stages.iter().filter(|s| s.on.matches(cluster, state, node));
    let facts = match state.get(&node.name) {
        Some(Ok(facts)) => facts,
        unknown => {
            let reason = match unknown {
                Some(Err(reason)) => reason.clone(),
                _ => "it was not asked".to_owned(),
            };
            let stages = mine.map(|s| HostStage { id: s.id.clone(), steps: Vec::new(), undo: Vec::new() }).collect();
            return HostPlan { node: node.name.clone(), unknown: Some(reason), stages };
        }
    };
    let mut pending = facts.pending.clone();
    let mut refused = false;
    let mut plan_stage = |stage: &Stage| {
        let mut steps = Vec::new();
        for definition in stage.steps.iter().filter_map(|name| step::find(name)) {
            if refused {
                break;
            }
            let outcome = (definition.plan)(&View { cluster, node, facts, state, pending: &pending, consent });
            refused = matches!(outcome, Outcome::Refused(_));
            if let Outcome::Do(actions) = &outcome {
                carry_marks(actions, &mut pending);
            }
            steps.push(PlannedStep { name: definition.name, outcome });
        }
        if !stage.run.is_empty() && !refused {
            let action = Action::run(format!("run {}", crate::remote::shell::join(&stage.run)), stage.run.iter().cloned());
            steps.push(PlannedStep { name: "run", outcome: Outcome::Do(vec![action.within(SITE_COMMAND)]) });
        }
        let undo = |definition: &'static step::StepDef| {
            let outcome = (definition.plan)(&View { cluster, node, facts, state, pending: &pending, consent });
            PlannedStep { name: definition.name, outcome }
        };
        let undo = stage.undo.iter().filter_map(|name| step::find(name)).map(undo).collect();
        HostStage { id: stage.id.clone(), steps, undo }
    };
    let stages = mine.map(&mut plan_stage).collect();
    HostPlan { node: node.name.clone(), unknown: None, stages }
}

/// Marks that planned writes will set, and planned commands will clear, as later steps must see them.
fn carry_marks(actions: &[Action], pending: &mut BTreeSet<String>) {
    for action in actions {
        if let ActionKind::Write(write) = &action.kind {
            pending.extend(write.marks.iter().cloned());
        }
        for mark in &action.clears {
            pending.remove(mark);
        }
    }
}
