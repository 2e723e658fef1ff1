//! The restore itself: question, the playbook in two parts with the choice made anew between them, checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::carry::carry;
use super::look::{self, Seen};
use super::{Args, choose, see};
use crate::command::operation::{self, Operation};
use crate::command::status::gather;
use crate::context::Context;
use crate::engine::run::{self, HostResult, StopKind, Stopped};
use crate::error::{Error, Kind, Result};
use crate::fact::restore::command;
use crate::health::gate::{self, Answer, Sight};
use crate::health::restore::{Choice, Judgement};
use crate::inventory::model::{Cluster, Node};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self, Playbook};
use crate::remote::Request;
use crate::report;
use crate::step::restore::{Build, Restoring, archive, takes_part, work};
use crate::step::{self, Consent};

/// What comes before the choice is made for good, and after it; and all that is left once it is put in place.
const BEFORE: &[&str] = &["hold", "keep", "let-go", "open"];
const AFTER: &[&str] = &["build", "install", "release", "serving", "metaloggers", "finish"];
const REST: &[&str] = &["release", "serving", "metaloggers", "finish"];
/// Longest look at what lies on the volume: a checksum of the whole metadata.
const UNTOUCHED_WITHIN: Duration = Duration::from_secs(300);
/// Longest time chunkservers get to come back.
const BACK_WITHIN: Duration = Duration::from_secs(150);

/// Restores.
///
/// # Errors
/// Refusals, and every end that is not the one wanted.
pub fn restore(context: &Context, operation: &mut Operation, args: &Args, backups: &[PathBuf]) -> Result<()> {
    let cluster = operation.cluster;
    let seen = if args.dry_run {
        see(operation, backups)?
    } else {
        operation.locked("restore-meta", |fleet, first, sink| look::look(cluster, fleet, backups, first, sink))??
    };
    operation.monitor.clear();
    let playbook = playbook::embedded("restore-meta").map_err(|e| Error::failed(e.to_string()))?;
    let begun = seen.sites.values().find_map(|s| s.told.run.clone());
    let target = target(cluster, &seen)?;
    let consent = Consent { operator: operation::operator(), ..Consent::default() };
    let mut work = Work { context, playbook, consent, target: target.name.clone(), total: BTreeMap::new(), begun: Vec::new() };
    let run = begun.clone().unwrap_or_else(|| operation.run_id.clone());
    let continues = begun.is_some();
    work.consent.restore = Some(Restoring { run, target: target.name.clone(), continues, build: Build::default() });
    let installed = begun.is_some() && seen.sites.values().any(|s| s.told.done.contains("installed"));
    // Or it was not needed: the takeover went on by itself when the hold of a run that was cut off had expired.
    if installed || (begun.is_some() && seen.live().is_some() && args.from.is_none()) {
        return work.rest(operation, args, &seen);
    }
    if let (Some(version), None) = (seen.live(), &args.from) {
        report::say(&format!("nothing to do: mfsmaster serves at version {version}"));
        report::say("to go back to another state of the metadata, name it with --from; --list shows what there is");
        return Ok(());
    }
    let judgement = seen.judge(args.from.as_deref())?;
    let choice = choose(context, operation, &seen, &judgement)?;
    if let Some(restoring) = &mut work.consent.restore {
        restoring.build = supposed(&seen, &choice, &target.name);
    }
    let gates = gate::ask(&work.playbook.gates, &sight(cluster, &seen, target));
    let whole = work.plan(cluster, &seen, &[])?;
    announce(context, operation, args, &seen, &judgement, &choice, &gates, &whole, begun.as_deref());
    refuse(&gates, &whole)?;
    if args.dry_run {
        return Ok(());
    }
    ask(operation, args, &seen, &choice)?;
    operation.begin()?;
    let outcome = work.go(operation, args, backups, &seen, &choice);
    work.conclude(operation, outcome)
}

/// The master that restores: the Primary, else the preferred one whose data is up to date.
fn target<'a>(cluster: &'a Cluster, seen: &Seen) -> Result<&'a Node> {
    let masters = cluster.masters();
    let reachable: Vec<&&Node> = masters.iter().filter(|n| seen.sites.contains_key(&n.name)).collect();
    let up_to_date = |n: &&&&Node| {
        let resource = step::facts_of(&seen.state, &n.name).and_then(|f| f.drbd.resource(cluster));
        resource.is_some_and(|r| r.disk == crate::fact::drbd_status::Disk::UpToDate)
    };
    let primary = reachable.iter().find(|n| step::is_primary(cluster, &seen.state, &n.name));
    let best = primary.or_else(|| reachable.iter().find(up_to_date)).or_else(|| reachable.first());
    best.map(|n| **n).ok_or_else(|| {
        let lines: Vec<String> = seen.unreachable.iter().map(|(node, why)| format!("{node}: {why}")).collect();
        Error::new(Kind::Refused, format!("no master can be asked; nothing was changed\n{}", lines.join("\n")))
            .hint("bring one of them back; mfsctl status says how they fail")
    })
}

fn sight<'a>(cluster: &'a Cluster, seen: &'a Seen, target: &'a Node) -> Sight<'a> {
    let from = cluster.peer(target).unwrap_or(target);
    Sight { cluster, report: &seen.report, state: &seen.state, from, to: target }
}

/// What is to be built, as far as it can be told before the copies are made.
fn supposed(seen: &Seen, choice: &Choice, target: &str) -> Build {
    let name = |n: usize| {
        let source = &seen.sources[n];
        match (&source.place, source.node.as_deref()) {
            (crate::health::restore::Place::Volume, _) => "volume".to_owned(),
            (crate::health::restore::Place::Metalogger, Some(node)) if node == target => "metalogger".to_owned(),
            _ => format!("a copy of the {}", source.place()),
        }
    };
    Build {
        metadata: choice.metadata.clone(),
        base: name(choice.base),
        extension: choice.extension.map(name),
        id: choice.id,
        version: choice.next,
    }
}

#[allow(clippy::too_many_arguments)]
fn announce(
    context: &Context,
    operation: &Operation,
    args: &Args,
    seen: &Seen,
    judgement: &Judgement,
    choice: &Choice,
    gates: &[Answer],
    plan: &Plan,
    begun: Option<&str>,
) {
    if context.json() {
        if args.dry_run {
            let choice = report::restore::choice_document(judgement, choice);
            let plan = report::plan::json(plan, false, &operation.masker);
            report::data(&format!("{:#}", json!({ "choice": choice, "gates": gates, "goes_on": begun, "plan": plan })));
        }
        return;
    }
    let mut text = report::restore::render(operation.cluster, judgement, context.color, report::table::terminal_width());
    text.push_str(&report::switchover::answers("Gates", gates, context.color));
    text.push_str(&report::plan::text(plan, false, context.global.verbose > 0, &operation.masker));
    if let Some(run) = begun {
        text.push_str(&format!("The restore {run} was begun and not ended: this one goes on in its directories.\n"));
    }
    for (node, reason) in &seen.unreachable {
        text.push_str(&format!("{node} could not be asked ({reason}): nothing of it is used or kept.\n"));
    }
    if args.dry_run { report::data(&text) } else { report::say(text.trim_end()) }
}

fn refuse(gates: &[Answer], plan: &Plan) -> Result<()> {
    let closed: Vec<&Answer> = gates.iter().filter(|g| !g.passed).collect();
    if !closed.is_empty() {
        let message = format!(
            "refused, nothing was changed: {} of {} gates do not pass{}",
            closed.len(),
            gates.len(),
            report::switchover::failed(gates)
        );
        return Err(closed.iter().fold(Error::new(Kind::Refused, message), |e, g| e.hint(format!("{}: {}", g.name, g.fix))));
    }
    let refused: Vec<String> = plan
        .hosts
        .iter()
        .filter_map(|h| h.refusal().map(|(_, step, r)| format!("{}: {step}: {}\n  fix: {}", h.node, r.found, r.fix)))
        .collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", refused.join("\n"))))
    }
}

fn ask(operation: &mut Operation, args: &Args, seen: &Seen, choice: &Choice) -> Result<()> {
    let loss = report::restore::loss(&choice.loss);
    let serves = if seen.live().is_some() { "; mfsmaster serves now, and its clients stand still meanwhile" } else { "" };
    let what = format!("restore the metadata to version {}{serves}. Lost: {loss}", choice.next);
    if !choice.loss.is_known() {
        return operation.confirm(args.yes, &what);
    }
    operation.confirm_typed(
        &choice.next.to_string(),
        args.accept_loss.map(|version| version.to_string()).as_deref(),
        "--accept-loss",
        &what,
    )
}

/// How it ended.
enum Outcome {
    /// It serves, and all checks hold, or which do not.
    Serves(Vec<Answer>),
    /// Nothing was put in place, and everything was undone, or what of that failed.
    Undone(Vec<String>),
    /// It is in place, and something after that failed.
    Stopped,
}

/// A restore under way.
struct Work<'a> {
    context: &'a Context,
    playbook: Playbook,
    consent: Consent,
    target: String,
    total: BTreeMap<String, HostResult>,
    begun: Vec<(Plan, BTreeMap<String, HostResult>)>,
}

impl Work<'_> {
    fn plan(&self, cluster: &Cluster, seen: &Seen, only: &[&str]) -> Result<Plan> {
        let asked = |n: &&Node| takes_part(n) && seen.sites.contains_key(&n.name);
        let hosts = Some(cluster.nodes.iter().filter(asked).map(|n| n.name.clone()).collect::<BTreeSet<String>>());
        let only = only.iter().map(|s| (*s).to_owned()).collect();
        plan::plan(&self.playbook, cluster, &seen.state, &Scope { hosts, only, skip: Vec::new() }, &self.consent).map_err(Error::failed)
    }

    /// Runs the named stages; false when a host stopped.
    fn act(&mut self, operation: &mut Operation, seen: &Seen, only: &[&str]) -> Result<bool> {
        let plan = self.plan(operation.cluster, seen, only)?;
        let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
        let results = run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
        for (node, result) in &results {
            let sum = self.total.entry(node.clone()).or_default();
            sum.done.extend(result.done.clone());
            sum.skipped.extend(result.skipped.clone());
            sum.stopped = result.stopped.clone();
            sum.committed |= result.committed;
        }
        self.begun.push((plan, results));
        Ok(self.total.values().all(|r| r.stopped.is_none()))
    }

    fn go(&mut self, operation: &mut Operation, args: &Args, backups: &[PathBuf], seen: &Seen, choice: &Choice) -> Result<Outcome> {
        if !self.act(operation, seen, BEFORE)? {
            return Ok(self.undo(operation));
        }
        let now = match self.choose_again(operation, args, backups, choice) {
            Ok(now) => now,
            Err(reason) => {
                self.stop("build", "choose what to build from", reason);
                return Ok(self.undo(operation));
            }
        };
        let well = self.act(operation, &now, AFTER)?;
        if !well && (!self.total.values().any(|r| r.committed) || self.untouched(operation)) {
            return Ok(self.undo(operation));
        }
        if !well {
            return Ok(Outcome::Stopped);
        }
        Ok(Outcome::Serves(self.check(operation, seen)))
    }

    /// Nothing changes any more: what is there now must reach at least as far as what was agreed to.
    fn choose_again(
        &mut self,
        operation: &mut Operation,
        args: &Args,
        backups: &[PathBuf],
        agreed: &Choice,
    ) -> std::result::Result<Seen, String> {
        let now = see(operation, backups).map_err(|e| e.message)?;
        let judgement = now.judge(args.from.as_deref()).map_err(|e| e.message)?;
        let choice = judgement.choice.as_ref().ok_or("there is nothing left to restore from")?;
        if choice.next < agreed.next || choice.id != agreed.id {
            return Err(format!("what is left now is another than what was agreed to: {}", report::restore::best(&judgement, choice)));
        }
        let run = self.consent.restore.as_ref().map(|r| r.run.clone()).unwrap_or_default();
        let target = self.target.clone();
        let base = carry(operation, &now.sources[choice.base], &run, &target)?;
        let extension = choice.extension.map(|n| carry(operation, &now.sources[n], &run, &target)).transpose()?;
        if let Some(restoring) = &mut self.consent.restore {
            restoring.build = Build { metadata: choice.metadata.clone(), base, extension, id: choice.id, version: choice.next };
        }
        Ok(now)
    }

    /// Whether the volume surely is as it was, though the step that puts the metadata in its place was begun.
    fn untouched(&self, operation: &mut Operation) -> bool {
        let Some(restoring) = &self.consent.restore else { return false };
        let (work, data, archive) = (work(&restoring.run), operation.cluster.data_path(), archive(operation.cluster, &restoring.run));
        let asked = Request::new(command(&["untouched", &work, &data, &archive])).within(UNTOUCHED_WITHIN);
        operation.fleet.slot(&self.target).open().is_some_and(|node| node.run(&asked).is_ok_and(|said| said.success()))
    }

    fn stop(&mut self, stage: &str, action: &str, reason: String) {
        let stopped = Stopped { stage: stage.to_owned(), action: Some(action.to_owned()), reason, kind: StopKind::Failed };
        self.total.entry(self.target.clone()).or_default().stopped = Some(stopped);
    }

    /// Back to how it was; the copies stay.
    fn undo(&mut self, operation: &mut Operation) -> Outcome {
        operation.monitor.note("not done; going back");
        let mut left = Vec::new();
        for (plan, results) in std::mem::take(&mut self.begun).iter().rev() {
            let monitor = &operation.monitor;
            let back = run::undo(plan, results, &mut operation.fleet, &|event| monitor.show(&event));
            left.extend(back.iter().filter_map(|(node, r)| Some(format!("{node}: {}", r.stopped.as_ref()?.reason))));
        }
        Outcome::Undone(left)
    }

    /// What an earlier run left to do once its metadata was in place.
    fn rest(&mut self, operation: &mut Operation, args: &Args, seen: &Seen) -> Result<()> {
        let run = self.consent.restore.as_ref().map(|r| r.run.clone()).unwrap_or_default();
        let plan = self.plan(operation.cluster, seen, REST)?;
        let how = if seen.live().is_some() { "mfsmaster serves again" } else { "its metadata is in place" };
        report::say(&format!("the restore {run} was not ended and {how}: what is left of it is finished"));
        if args.dry_run {
            report::data(&report::plan::text(&plan, false, self.context.global.verbose > 0, &operation.masker));
            return Ok(());
        }
        operation.begin()?;
        let outcome = self.act(operation, seen, REST);
        let outcome = outcome.map(|well| if well { Outcome::Serves(self.check(operation, seen)) } else { Outcome::Stopped });
        self.conclude(operation, outcome)
    }

    /// From the clients' side: asked until it is well, or long enough.
    fn check(&self, operation: &mut Operation, before: &Seen) -> Vec<Answer> {
        let begin = Instant::now();
        loop {
            let cluster = operation.cluster;
            let Some(target) = cluster.node(&self.target) else { return Vec::new() };
            let (report, state) = gather::sight(cluster, &mut operation.fleet, &gather::survey, &|_, _| Ok(()), &|_| {});
            let from = cluster.peer(target).unwrap_or(target);
            let now = Sight { cluster, report: &report, state: &state, from, to: target };
            let answers = gate::verify(&self.playbook.verify, &sight(cluster, before, target), &now);
            if answers.iter().all(|a| a.passed) || begin.elapsed() > BACK_WITHIN || operation.interrupt.requested() {
                return answers;
            }
            thread::sleep(Duration::from_secs(2));
        }
    }

    fn conclude(&mut self, operation: &mut Operation, outcome: Result<Outcome>) -> Result<()> {
        let word = match &outcome {
            Ok(Outcome::Serves(answers)) if answers.iter().all(|a| a.passed) => "done",
            Ok(Outcome::Undone(left)) if left.is_empty() => "rolled back",
            _ => "incomplete",
        };
        operation.end_as(word, &self.total, None);
        operation.monitor.clear();
        let outcome = outcome?;
        let restoring = self.consent.restore.clone().unwrap_or_default();
        let copies = work(&restoring.run);
        let stopped = run::stopped(&self.total).join("\n");
        if self.context.json() {
            let checks = if let Outcome::Serves(answers) = &outcome { answers.as_slice() } else { &[] };
            let value = json!({
                "run": operation.run_id, "result": word, "seconds": operation.seconds(), "restore": restoring.run, "on": self.target,
                "version": restoring.build.version, "checks": checks, "stopped": stopped, "copies": copies,
            });
            report::data(&format!("{value:#}"));
        }
        let copies = format!("everything that was there is kept in {copies} on masters and metaloggers, and on the volume");
        let again = "mend what is named above and run the same command again: what is done stays done";
        match outcome {
            Outcome::Serves(answers) if answers.iter().all(|a| a.passed) => {
                report::say(&format!("done: the metadata is restored and served ({} s); {copies}", operation.seconds()));
                Ok(())
            }
            Outcome::Serves(answers) => {
                let message =
                    format!("the metadata is restored and served, but not all is well{}; {copies}", report::switchover::failed(&answers));
                let failed = answers.into_iter().filter(|a| !a.passed);
                Err(failed.fold(Error::new(Kind::Incomplete, message), |e, a| e.hint(format!("{}: {}", a.name, a.fix))))
            }
            Outcome::Undone(left) if left.is_empty() => {
                let kind = if operation.interrupt.requested() { Kind::Interrupted } else { Kind::RolledBack };
                let message = operation.masker.mask(&format!("{stopped}\nnothing was put in place, everything is as it was; {copies}"));
                Err(Error::new(kind, message.trim().to_owned()).hint(again).hint("another source is named with --from"))
            }
            Outcome::Undone(left) => {
                let message = format!("{stopped}\nnothing was put in place, but not everything could be undone:\n{}", left.join("\n"));
                Err(Error::new(Kind::Incomplete, operation.masker.mask(message.trim()))
                    .hint(again)
                    .hint("the hold ends by itself within an hour"))
            }
            Outcome::Stopped => {
                let unseen = self.total.values().filter_map(|r| r.stopped.as_ref()).any(|s| s.kind == StopKind::Unclear);
                let kind = if unseen { Kind::Unknown } else { Kind::Incomplete };
                let place = if unseen {
                    "whether the restored metadata is in place could not be seen"
                } else {
                    "the restored metadata is in place"
                };
                let message = format!("{stopped}\n{place}, and the restore is not finished");
                Err(Error::new(kind, operation.masker.mask(message.trim())).hint(again))
            }
        }
    }
}
