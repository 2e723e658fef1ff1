//! A plan and its results for people and for programs.

use serde_json::{Value, json};
use similar::TextDiff;

use super::mask::{Masker, mask_keys};
use super::table::{self, Tone, Word, plain};
use crate::engine::run::{HostResult, StopKind};
use crate::playbook::plan::{HostPlan, Plan};
use crate::remote::shell;
use crate::step::{Action, ActionKind, Otherwise, Outcome, WriteFile};

/// The plan as text: every host, stage and action; with `diff`, what changes in files; with `verbose`, commands and reasons.
#[must_use]
pub fn text(plan: &Plan, diff: bool, verbose: bool, masker: &Masker) -> String {
    let mut out = String::new();
    for host in &plan.hosts {
        out.push_str(&host_text(host, diff, verbose));
    }
    let hosts = plan.hosts.iter().filter(|h| h.actions().next().is_some()).count();
    out.push_str(&match plan.len() {
        0 => "nothing to do\n".to_owned(),
        n => format!("{n} actions on {hosts} hosts\n"),
    });
    masker.mask(&out)
}

fn host_text(host: &HostPlan, diff: bool, verbose: bool) -> String {
    let mut out = String::new();
    if let Some(reason) = &host.unknown {
        return format!("{}: not known: {reason}\n", host.node);
    }
    if host.actions().next().is_none() && host.refusal().is_none() && !verbose {
        return format!("{}: nothing to do\n", host.node);
    }
    out.push_str(&format!("{}:\n", host.node));
    for stage in &host.stages {
        for step in &stage.steps {
            match &step.outcome {
                Outcome::Unchanged(why) if verbose => out.push_str(&format!("  = {}: {}: {why}\n", stage.id, step.name)),
                Outcome::Unchanged(_) => {}
                Outcome::Refused(r) => out.push_str(&format!("  ! {}: refused: {}\n      fix: {}\n", stage.id, r.found, r.fix)),
                Outcome::Do(actions) => {
                    for action in actions {
                        out.push_str(&action_text(&stage.id, action, diff, verbose));
                    }
                }
            }
        }
    }
    out
}

fn action_text(stage: &str, action: &Action, diff: bool, verbose: bool) -> String {
    let condition = match &action.guard {
        Some(guard) if guard.otherwise == Otherwise::Skip => format!(" (only if {})", guard.because.trim_start_matches("only if ")),
        _ => String::new(),
    };
    let mut out = format!("  + {stage}: {}{condition}\n", action.title);
    match &action.kind {
        ActionKind::Run(run) if verbose => {
            for line in shell::join(&run.argv).lines() {
                out.push_str(&format!("      $ {line}\n"));
            }
        }
        ActionKind::Write(write) if diff => out.push_str(&unified(write)),
        _ => {}
    }
    out
}

/// The change of a file as a unified diff, its secrets masked.
#[must_use]
pub fn unified(write: &WriteFile) -> String {
    let masker = Masker::of(write.secrets.clone());
    let before = write.before.as_deref().unwrap_or_default();
    if before == write.content {
        return String::new();
    }
    // Masked texts may be equal where only a secret changed: then that is what is said.
    let secret = !write.secrets.is_empty();
    let show = |text: &str| if secret { mask_keys(&masker.mask(text)) } else { text.to_owned() };
    let (old, new) = (show(before), show(&write.content));
    if old == new {
        return "      (only a secret changes)\n".to_owned();
    }
    let from = if write.before.is_some() { write.path.as_str() } else { "/dev/null" };
    let diff = TextDiff::from_lines(old.as_str(), new.as_str()).unified_diff().context_radius(2).header(from, &write.path).to_string();
    diff.lines().map(|line| format!("      {line}\n")).collect()
}

/// The plan as JSON.
#[must_use]
pub fn json(plan: &Plan, diff: bool, masker: &Masker) -> Value {
    let action = |a: &Action| {
        let mut value = json!({ "title": masker.mask(&a.title) });
        match &a.kind {
            ActionKind::Run(run) => value["run"] = json!(run.argv.iter().map(|w| masker.mask(w)).collect::<Vec<_>>()),
            ActionKind::Write(write) => {
                value["write"] = json!(write.path);
                if diff {
                    value["diff"] = json!(masker.mask(&unified(write)));
                }
            }
        }
        if let Some(guard) = &a.guard {
            let key = if guard.otherwise == Otherwise::Skip { "only_if" } else { "requires" };
            value[key] = json!(guard.because);
        }
        value
    };
    let step = |s: &crate::playbook::plan::PlannedStep| match &s.outcome {
        Outcome::Do(actions) => json!({ "step": s.name, "actions": actions.iter().map(action).collect::<Vec<_>>() }),
        Outcome::Unchanged(why) => json!({ "step": s.name, "unchanged": masker.mask(why) }),
        Outcome::Refused(r) => json!({ "step": s.name, "refused": masker.mask(&r.found), "fix": r.fix }),
    };
    let hosts = plan.hosts.iter().map(|h| {
        let stages: Vec<Value> =
            h.stages.iter().map(|s| json!({ "stage": s.id, "steps": s.steps.iter().map(step).collect::<Vec<_>>() })).collect();
        json!({ "node": h.node, "unknown": h.unknown, "actions": h.actions().count(), "stages": stages })
    });
    json!({ "playbook": plan.playbook, "actions": plan.len(), "hosts": hosts.collect::<Vec<_>>() })
}

/// What became of each host, as JSON; in the order given.
#[must_use]
pub fn hosts(rows: &[(String, String, HostResult)], masker: &Masker) -> Vec<Value> {
    let host = |(node, _, r): &(String, String, HostResult)| {
        let stopped = r.stopped.as_ref().map(|s| json!({ "stage": s.stage, "action": s.action, "reason": masker.mask(&s.reason) }));
        json!({ "node": node, "result": verdict(r).0, "done": r.done, "skipped": r.skipped, "stopped": stopped })
    };
    rows.iter().map(host).collect()
}

/// One word for how a host ended.
#[must_use]
pub fn verdict(result: &HostResult) -> (&'static str, Tone) {
    match result.stopped.as_ref().map(|s| s.kind) {
        None if result.done.is_empty() => ("nothing to do", Tone::Good),
        None => ("done", Tone::Good),
        Some(StopKind::Failed) => ("FAILED", Tone::Bad),
        Some(StopKind::Refused) => ("REFUSED", Tone::Bad),
        Some(StopKind::Unknown) => ("UNREACHABLE", Tone::Bad),
        Some(StopKind::Unclear) => ("UNCLEAR", Tone::Bad),
        Some(StopKind::Blocked) => ("not done", Tone::Warn),
        Some(StopKind::Interrupted) => ("interrupted", Tone::Warn),
    }
}

/// The summary: a row a host.
#[must_use]
pub fn summary(rows: &[(String, String, HostResult)], color: bool, masker: &Masker) -> String {
    let rows: Vec<Vec<Word>> = rows
        .iter()
        .map(|(node, roles, result)| {
            let (word, tone) = verdict(result);
            let why = result.stopped.as_ref().map_or_else(String::new, |s| {
                let first = s.reason.lines().next().unwrap_or_default();
                format!("{}: {first}", s.stage)
            });
            vec![plain(node), plain(roles), plain(result.done.len().to_string()), (word.to_owned(), tone), plain(masker.mask(&why))]
        })
        .collect();
    table::render("Summary", &["node", "roles", "actions", "result", "why"], &rows, color)
}
