//! `mfsctl split-brain resolve`: keeps one side, discards the other's changes once its metadata is kept aside twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::json;

use super::{fetch, look, print};
use crate::command::failover::switchover::master;
use crate::command::operation::{self, Operation};
use crate::context::Context;
use crate::engine::run::{self, HostResult, StopKind, Stopped};
use crate::error::{Error, Kind, Result};
use crate::fact::side::Side;
use crate::health::split_brain::{State, Verdict, judge};
use crate::inventory::model::{Cluster, Role};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self, Playbook};
use crate::report::{self, format, split_brain};
use crate::step::{ClusterState, Consent};

/// What comes before the copy is brought here, after it, and all that is left once the sides are connected.
const BEFORE: &[&str] = &["hold", "let-go", "save"];
const AFTER: &[&str] = &["hold", "part", "discard", "connect", "synchronise", "release", "serving"];
const REST: &[&str] = &["synchronise", "release", "serving"];

/// Heal a split brain: keep one side, discard the changes of the other
///
/// Shows both sides, asks, suspends the takeover, demotes the discarded side if it
/// serves, keeps its metadata and changelogs on that node and on this machine (both
/// verified), makes it give up its changes, waits until both sides are equal, gives
/// the votes back and ends the hold. It can be stopped anywhere and run again.
///
/// When changes are lost the name of the discarded node must be typed; --yes does not
/// cover that, --discard NODE does, for scripts.
///
/// Exit status: 0 healed or nothing to do, 1 failed, 2 wrong inventory or flags,
/// 3 refused and nothing changed, 4 not finished (run it again), 5 another operator is
/// at work, 7 the end could not be seen (run it again), 130 interrupted.
///
/// Examples:
///   mfsctl split-brain resolve --keep node1
///   mfsctl split-brain resolve --keep node1 --dry-run
///   mfsctl split-brain resolve --keep node1 --discard node2 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ResolveArgs {
    /// The master whose data stay
    #[arg(long, value_name = "NODE")]
    pub keep: String,
    /// The master whose changes are lost: what would have to be typed
    #[arg(long, value_name = "NODE")]
    pub discard: Option<String>,
    /// Print what would be done and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting (never covers the loss of changes)
    #[arg(short, long)]
    pub yes: bool,
}

/// Runs it.
pub fn resolve(context: &Context, args: &ResolveArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let discard = other(&cluster, args)?;
    let playbook = playbook::embedded("split-brain").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let masters: BTreeSet<String> = cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    let state = if args.dry_run { operation.observe(&masters) } else { operation.lock_and_observe("split-brain resolve", &masters)? };
    let sides = look(&cluster, &mut operation.fleet).map_err(|e| Error { message: format!("{}\nnothing was changed", e.message), ..e })?;
    operation.monitor.clear();
    let verdict = judge(&sides[0], &sides[1]);
    let consent = Consent { keep: Some(args.keep.clone()), operator: operation::operator(), ..Consent::default() };
    let mut healing = Healing { context, playbook, consent, masters, total: BTreeMap::new(), copy: None };
    match verdict.state {
        State::InSync | State::Resyncing => {
            refuse_overwritten(&sides, &args.keep)?;
            return healing.rest(&mut operation, state, args, verdict.state);
        }
        State::SplitBrain => {}
        other => {
            print(context, &cluster, &sides, &verdict);
            return Err(Error::new(Kind::Refused, format!("{}; nothing was changed", other.words().0)).hint(other.words().1));
        }
    }
    if !context.json() || args.dry_run {
        print(context, &cluster, &sides, &verdict);
    }
    fit_to_be_kept(&sides, &args.keep)?;
    room_for_the_copies(&sides, &discard, fetch::room())?;
    let whole = healing.plan(&cluster, &state, &[])?;
    refuse_refused(&whole)?;
    announce(&operation, &whole, &sides, &verdict, &args.keep, &discard);
    if args.dry_run {
        return Ok(());
    }
    let position = usize::from(sides[1].node == discard);
    operation.confirm(args.yes, &format!("keep {}, discard {discard}", args.keep))?;
    if let Some(loss) = split_brain::loss(verdict.own[position].as_ref(), verdict.common) {
        operation.confirm_typed(&discard, args.discard.as_deref(), "--discard", &format!("{discard} loses: {loss}"))?;
    }
    operation.begin()?;
    let outcome = healing.heal(&mut operation, &state, &discard);
    operation.end(&healing.total);
    operation.monitor.clear();
    healing.conclude(&mut operation, outcome)
}

/// The master that is not kept.
fn other(cluster: &Cluster, args: &ResolveArgs) -> Result<String> {
    let keep = master(cluster, "--keep", &args.keep)?;
    let other = &cluster.peer(keep).ok_or_else(|| Error::input("the inventory has no second master"))?.name;
    match &args.discard {
        Some(discard) if discard != other => Err(Error::input(format!("--keep {} --discard {discard}: these do not fit", args.keep))
            .hint(format!("keeping {} discards {other}", args.keep))),
        _ => Ok(other.clone()),
    }
}

fn fit_to_be_kept(sides: &[Side; 2], keep: &str) -> Result<()> {
    let Some(side) = sides.iter().find(|s| s.node == keep) else { return Ok(()) };
    // Consistent: it was restarted and has not met its peer; meeting it as the source makes it UpToDate.
    if matches!(side.disk.as_str(), "UpToDate" | "Consistent") {
        return Ok(());
    }
    Err(Error::new(Kind::Refused, format!("{keep} cannot be kept: its disk is {}; nothing was changed", side.disk))
        .hint("bring its volume up there first (`drbdadm adjust`, see its kernel log), or keep the other side"))
}

/// What has no room for the copies is known before anybody's service is stopped for them.
fn room_for_the_copies(sides: &[Side; 2], discard: &str, here: Option<u64>) -> Result<()> {
    let Some((need, free)) = sides.iter().find(|s| s.node == discard).and_then(|s| s.room) else { return Ok(()) };
    let refused = |place: &str, free: u64| {
        let (free, need) = (format::bytes(free), format::bytes(need * 1024));
        Error::new(Kind::Refused, format!("{place} has {free} free, the copy of {discard}'s metadata needs {need}; nothing was changed"))
    };
    if free < need {
        return Err(refused(&format!("{discard}:/var/lib/mfs-ha"), free * 1024).hint("make room there and run it again"));
    }
    match here.filter(|here| *here < need * 1024) {
        Some(here) => {
            Err(refused("this machine", here).hint("make room here, or set XDG_STATE_HOME to a directory with room, and run it again"))
        }
        None => Ok(()),
    }
}

/// Once DRBD copies, it is decided which side is kept.
fn refuse_overwritten(sides: &[Side; 2], keep: &str) -> Result<()> {
    let targets = ["SyncTarget", "PausedSyncT", "WFBitMapT", "StartingSyncT", "WFSyncUUID", "Behind"];
    match sides.iter().find(|s| s.node == keep && targets.contains(&s.connection.as_str())) {
        None => Ok(()),
        Some(side) => Err(Error::new(Kind::Refused, format!("{keep} is being overwritten already ({})", side.connection))
            .hint("the other side was kept: run it again with that one; what was discarded lies in /var/lib/mfs-ha/split-brain")),
    }
}

fn refuse_refused(plan: &Plan) -> Result<()> {
    let lines: Vec<String> = plan
        .hosts
        .iter()
        .filter_map(|h| match (&h.unknown, h.refusal()) {
            (Some(reason), _) => Some(format!("{}: not known: {reason}", h.node)),
            (None, Some((_, step, r))) => Some(format!("{}: {step}: {}\n  fix: {}", h.node, r.found, r.fix)),
            _ => None,
        })
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", lines.join("\n")))) }
}

fn announce(operation: &Operation, plan: &Plan, sides: &[Side; 2], verdict: &Verdict, keep: &str, discard: &str) {
    let mut lines = vec![report::plan::text(plan, false, false, &operation.masker)];
    lines.push(format!("{keep} is kept as it is."));
    let position = usize::from(sides[1].node == discard);
    lines.push(match split_brain::loss(verdict.own[position].as_ref(), verdict.common) {
        Some(loss) => format!("{discard} is discarded: {loss}. Its metadata and changelogs are kept there and here before."),
        None => format!("{discard} is discarded; it has no change of its own."),
    });
    if sides[position].listening {
        lines.push(format!(
            "{discard} serves now: its clients stand still until {keep}'s data are served, and files made since the two parted are \
             gone for them; what they have open then fails."
        ));
    }
    if verdict.keep.as_deref().is_some_and(|recommended| recommended == discard) {
        lines.push(format!("WARNING: {discard} is the side recommended to be kept: {}", verdict.reason));
    }
    report::say(&operation.masker.mask(&lines.join("\n")));
}

/// A healing under way.
struct Healing<'a> {
    context: &'a Context,
    playbook: Playbook,
    consent: Consent,
    masters: BTreeSet<String>,
    total: BTreeMap<String, HostResult>,
    copy: Option<(String, PathBuf, u64)>,
}

impl Healing<'_> {
    fn plan(&self, cluster: &Cluster, state: &ClusterState, only: &[&str]) -> Result<Plan> {
        let only = only.iter().map(|s| (*s).to_owned()).collect();
        let scope = Scope { hosts: Some(self.masters.clone()), only, skip: Vec::new() };
        plan::plan(&self.playbook, cluster, state, &scope, &self.consent).map_err(Error::failed)
    }

    /// Runs the named stages for a state; false when a host stopped.
    fn act(&mut self, operation: &mut Operation, state: &ClusterState, only: &[&str]) -> Result<bool> {
        let plan = self.plan(operation.cluster, state, only)?;
        let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
        let results = run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
        for (node, result) in results {
            let sum = self.total.entry(node).or_default();
            sum.done.extend(result.done);
            sum.skipped.extend(result.skipped);
            sum.stopped = result.stopped;
        }
        Ok(self.total.values().all(|r| r.stopped.is_none()))
    }

    /// All of it; true when every step went well.
    fn heal(&mut self, operation: &mut Operation, state: &ClusterState, discard: &str) -> Result<bool> {
        let mut well = self.act(operation, state, BEFORE)?;
        if well && let Err(reason) = self.fetch(operation, discard) {
            let stopped =
                Stopped { stage: "save".to_owned(), action: Some("bring the copy here".to_owned()), reason, kind: StopKind::Failed };
            self.total.entry(discard.to_owned()).or_default().stopped = Some(stopped);
            well = false;
        }
        if !well {
            // Nothing is discarded yet: whoever served is to serve again.
            self.go_back(operation, state)?;
            return Ok(false);
        }
        let state = operation.observe(&self.masters);
        self.act(operation, &state, AFTER)
    }

    /// Ends the hold that this run set, so that the pair goes on as before.
    fn go_back(&mut self, operation: &mut Operation, state: &ClusterState) -> Result<()> {
        let plan = self.plan(operation.cluster, state, BEFORE)?;
        let monitor = &operation.monitor;
        monitor.note("nothing is discarded yet: going back");
        for (node, back) in run::undo(&plan, &self.total, &mut operation.fleet, &|event| monitor.show(&event)) {
            self.total.entry(node).or_default().done.extend(back.done);
        }
        Ok(())
    }

    /// Brings the copy of the discarded side's metadata to this machine.
    fn fetch(&mut self, operation: &mut Operation, node: &str) -> std::result::Result<(), String> {
        let (interrupt, monitor, cluster) = (&operation.interrupt, &operation.monitor, &operation.cluster.name);
        // The other master's connection is kept alive meanwhile: its operator lock lives on it.
        let brought = operation.fleet.each(&[node.to_owned()].into(), |_, slot, _| {
            let transport = slot.open().ok_or_else(|| format!("{node}: the connection is lost"))?;
            let saved = fetch::find(transport)?;
            let place = fetch::place(cluster, node, &saved)?;
            monitor.note(&format!("{node}: bringing {} of its metadata to {}", format::bytes(saved.bytes()), place.display()));
            let stop = |_| if interrupt.requested() { Err("stopped by the operator".to_owned()) } else { Ok(()) };
            fetch::bring(transport, &saved, &place, &mut { stop })?;
            Ok((format!("{node}:{}", saved.dir), place, saved.bytes()))
        });
        self.copy = Some(brought.into_values().next().unwrap_or_else(|| Err(format!("{node}: it is not in the inventory")))?);
        Ok(())
    }

    /// What an earlier run left to do once the sides are connected.
    fn rest(&mut self, operation: &mut Operation, state: ClusterState, args: &ResolveArgs, found: State) -> Result<()> {
        let plan = self.plan(operation.cluster, &state, REST)?;
        if plan.is_empty() {
            report::say("nothing to do: there is no split brain, both sides are connected and equal");
            return Ok(());
        }
        report::say(&format!("{}; what is left of an earlier run is finished", found.words().0));
        if args.dry_run {
            report::say(&report::plan::text(&plan, false, false, &operation.masker));
            return Ok(());
        }
        operation.begin()?;
        let outcome = self.act(operation, &state, REST);
        operation.end(&self.total);
        operation.monitor.clear();
        self.conclude(operation, outcome)
    }

    /// Looks at both again; only what is seen counts.
    fn conclude(&mut self, operation: &mut Operation, outcome: Result<bool>) -> Result<()> {
        let copy =
            self.copy.as_ref().map(|(there, here, bytes)| json!({ "node": there, "here": here.display().to_string(), "bytes": bytes }));
        if let Some((there, here, bytes)) = &self.copy {
            report::say(&format!("the discarded side's metadata ({}) is kept:\n  {there}\n  {}", format::bytes(*bytes), here.display()));
        }
        let went_well = outcome?;
        let looked = look(operation.cluster, &mut operation.fleet);
        let state = looked.as_ref().map_or(State::Unknown, |sides| judge(&sides[0], &sides[1]).state);
        let stopped: Vec<String> = run::stopped(&self.total).iter().map(|line| operation.masker.mask(line)).collect();
        if self.context.json() {
            let document = json!({
                "run": operation.run_id, "seconds": operation.seconds(), "state": state, "copy": copy, "stopped": stopped,
            });
            report::data(&format!("{document:#}"));
        }
        let told = |text: String| operation.masker.mask(format!("{text}\n{}", stopped.join("\n")).trim_end());
        let again = "run the same command again: what is done stays done";
        let sides = match looked {
            Ok(sides) => sides,
            Err(error) => {
                return Err(Error::new(Kind::Unknown, told(format!("how it ended could not be seen: {}", error.message)))
                    .hint(format!("once both masters can be asked, {again}")));
            }
        };
        if went_well && state == State::InSync {
            report::say(&format!("healed: {} is kept, both sides are connected and equal ({} s)", self.kept(), operation.seconds()));
            return Ok(());
        }
        let error = match operation.interrupt.requested() {
            true => Error::new(Kind::Interrupted, "stopped by the operator").hint(again),
            false => Error::new(Kind::Incomplete, told(format!("not finished: {}", state.words().0)))
                .hint(format!("mend what is named above and {again}")),
        };
        match (sides.iter().any(|s| s.listening && s.vip), sides.iter().find(|s| !s.hold.is_empty())) {
            (false, Some(held)) => Err(error.hint(format!(
                "nobody serves clients now, and {} is on hold for an hour at most: `mfsctl ha release` lets the pair serve as before",
                held.node
            ))),
            _ => Err(error),
        }
    }

    fn kept(&self) -> &str {
        self.consent.keep.as_deref().unwrap_or_default()
    }
}
