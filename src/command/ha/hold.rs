//! `mfsctl ha hold` and `release`: the takeover suspended on both masters, for a while, by somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::json;

use super::layers;
use crate::command::operation::{self, Operation};
use crate::context::Context;
use crate::engine::run::{HostResult, StopKind, Stopped};
use crate::error::{Error, Kind, Result};
use crate::fact::ha_report::{HaReport, Pause};
use crate::health::takeover::{Layers, after_release};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::{Cluster, Role};
use crate::remote::Request;
use crate::report;

/// Longest hold, as the script on the nodes has it.
const LONGEST: Duration = Duration::from_secs(3600);
/// Shortest hold worth the name.
const SHORTEST: Duration = Duration::from_secs(60);
/// A takeover that began before the hold ends within this time.
const SETTLES: Duration = Duration::from_secs(60);

/// Suspend the takeover on both masters for a while
///
/// Until the hold ends neither master promotes or demotes itself: mfsmaster can be
/// stopped, keepalived restarted, a machine worked on. It ends by itself, on a node
/// also when that node restarts. Again gives it a new end, but never an earlier one
/// to somebody else's. It does not suspend fencing: a Primary that loses its peer
/// and the votes still restarts itself.
///
/// When one master cannot be reached the hold is refused: set on one side only, the
/// other may still take over. --limit says that this is wanted.
///
/// Exit status: 0 on hold, 1 on hold nowhere, 2 wrong inventory or flags, 3 refused and
/// nothing changed, 4 on hold on one side only, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl ha hold --for 45m --reason "new switch in rack 2"
///   mfsctl ha hold --for 10m --limit node1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct HoldArgs {
    /// How long: 90s, 30m, 1h; from one minute to one hour
    #[arg(long = "for", default_value = "30m", value_name = "TIME", value_parser = duration)]
    pub time: Duration,
    /// Why, shown to everybody who asks for the status
    #[arg(long, default_value = "maintenance", value_name = "TEXT")]
    pub reason: String,
    /// Only this master, knowing that the other may still take over
    #[arg(long, value_name = "NODE")]
    pub limit: Option<String>,
}

/// End a hold before its time
///
/// Says first what the takeover will do then: keepalived may have elected another
/// node meanwhile, which becomes active at once. Asks before that, and before it
/// ends a hold of somebody else.
///
/// Exit status: 0 no hold is left, 1 failed, 2 wrong inventory, 3 refused and nothing
/// changed, 4 a hold may be left, 5 another operator is at work, 130 interrupted.
///
/// Examples:
///   mfsctl ha release
///   mfsctl ha release --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ReleaseArgs {
    /// Do not ask before something moves, or somebody else's hold ends
    #[arg(short, long)]
    pub yes: bool,
}

/// A time span for people: a number with `s`, `m` or `h`.
fn duration(text: &str) -> std::result::Result<Duration, String> {
    let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('s') => (number, 1),
        Some(number) if text.ends_with('m') => (number, 60),
        Some(number) => (number, 3600),
        None => return Err("write a number with its unit: 90s, 30m, 1h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write a whole number with its unit: 90s, 30m, 1h".to_owned())?;
    let time = Duration::from_secs(number.saturating_mul(factor));
    if (SHORTEST..=LONGEST).contains(&time) { Ok(time) } else { Err("a hold lasts from 1m to 1h; set it again for longer work".to_owned()) }
}

/// Sets it.
pub fn hold(context: &Context, args: &HoldArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let wanted = wanted(&cluster, args.limit.as_deref())?;
    let reason: String = args.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    operation.lock_and_observe("ha hold", &wanted)?;
    let before = layers(&cluster, &mut operation.fleet);
    refuse_one_sided(&before, &wanted)?;
    let by = operation::operator();
    refuse_shorter(&before, &wanted, &by, args.time)?;
    operation.begin()?;
    let (seconds, begin) = (args.time.as_secs().to_string(), Instant::now());
    let mut results = each(&mut operation, &wanted, &[HA_SCRIPT, "hold", &seconds, &reason, &by], "hold the takeover");
    let after = settled(&cluster, &mut operation, &before);
    // Both count whole seconds, and the answer takes some time.
    let set = |left: u64| Duration::from_secs(left + 5) + begin.elapsed() >= args.time;
    let holds = |r: &HaReport| r.hold.as_ref().is_some_and(|h| h.by == by && set(h.left));
    verify(&mut results, &after, "the hold", holds);
    operation.end(&results);
    operation.monitor.clear();
    show(context, &operation, &before, &after);
    if let Some((node, _)) = after.iter().find(|(_, r)| r.as_ref().is_ok_and(|r| r.busy)) {
        report::say(&format!("warning: a takeover that began before goes on at {node}; see `mfsctl ha status`"));
    }
    let failed: Vec<String> = failures(&results);
    if failed.is_empty() {
        if args.limit.is_some() && after.len() > wanted.len() {
            report::say("on hold on one side only: the other one may still take over");
        }
        return Ok(());
    }
    let kind = if results.values().any(|r| r.stopped.is_none()) { Kind::Incomplete } else { Kind::Failed };
    Err(Error::new(kind, format!("not on hold everywhere\n{}", failed.join("\n")))
        .hint("run it again, or `mfsctl ha release`; a hold that was set ends by itself"))
}

/// Ends it.
pub fn release(context: &Context, args: &ReleaseArgs) -> Result<()> {
    let cluster = context.cluster()?;
    let masters = wanted(&cluster, None)?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    operation.lock_and_observe("ha release", &masters)?;
    let before = layers(&cluster, &mut operation.fleet);
    let held = |r: &HaReport| r.hold.is_some();
    let holding: BTreeSet<String> = before.iter().filter(|(_, r)| r.as_ref().is_ok_and(held)).map(|(n, _)| n.clone()).collect();
    let unknown: Vec<&Layers> = before.iter().filter(|(_, r)| r.is_err()).collect();
    operation.monitor.clear();
    if holding.is_empty() {
        return match unknown.as_slice() {
            [] => {
                report::say("nothing to do: there is no hold");
                Ok(())
            }
            some => Err(Error::new(Kind::Incomplete, format!("no hold where it could be asked; {}", not_asked(some)))
                .hint("a hold there ends by itself within an hour, or when that node restarts")),
        };
    }
    let mut moves = ended_early(&before, &operation::operator());
    moves.extend(after_release(&before));
    if !moves.is_empty() {
        operation.confirm(args.yes, &format!("when the hold ends:\n  {}\nRelease it", moves.join("\n  ")))?;
    }
    operation.begin()?;
    let mut results = each(&mut operation, &holding, &[HA_SCRIPT, "unhold"], "end the hold");
    let after = settled(&cluster, &mut operation, &before);
    verify(&mut results, &after, "the end of the hold", |r| !held(r));
    operation.end(&results);
    operation.monitor.clear();
    show(context, &operation, &before, &after);
    let mut failed = failures(&results);
    if !unknown.is_empty() {
        failed.push(not_asked(&unknown));
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::new(Kind::Incomplete, format!("a hold may be left\n{}", failed.join("\n")))
        .hint("run it again; until then that side neither takes over nor lets go; its hold ends by itself"))
}

fn wanted(cluster: &Cluster, limit: Option<&str>) -> Result<BTreeSet<String>> {
    let masters: BTreeSet<String> = cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    let Some(limit) = limit else { return Ok(masters) };
    let chosen = operation::select(cluster, limit)?;
    match chosen.iter().find(|n| !masters.contains(*n)) {
        Some(other) => Err(Error::input(format!("--limit: {other} is no master: the takeover runs on masters only"))),
        None => Ok(chosen),
    }
}

fn not_asked(unknown: &[&Layers]) -> String {
    let each = unknown.iter().filter_map(|(n, r)| r.as_ref().err().map(|e| format!("{n} could not be asked: {e}")));
    each.collect::<Vec<_>>().join("; ")
}

/// A hold on one side only is no hold, unless somebody says that it is meant.
fn refuse_one_sided(before: &[Layers], wanted: &BTreeSet<String>) -> Result<()> {
    let lost: Vec<&Layers> = before.iter().filter(|(n, r)| wanted.contains(n) && r.is_err()).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let reached = before.iter().find_map(|(n, r)| r.as_ref().ok().map(|r| (n, r)));
    let message = match reached {
        None => "neither master could be asked".to_owned(),
        Some((node, report)) if report.role == "Primary" => format!(
            "a hold on {node} alone would keep it from letting go, yet the other one could still be elected and take over when {node} fails"
        ),
        Some((node, _)) => format!("a hold on {node} alone would keep it from taking over from a master of which nothing is known"),
    };
    let mut error = Error::new(Kind::Refused, format!("{}\n{message}; nothing was changed", not_asked(&lost)));
    if let Some((node, _)) = reached {
        error = error.hint(format!("reach the other one, or say `--limit {node}` if one side is what you want"));
    }
    Err(error)
}

/// Whoever set a hold counts on it to its end.
fn refuse_shorter(before: &[Layers], wanted: &BTreeSet<String>, by: &str, time: Duration) -> Result<()> {
    let longer = of_others(before, by).find(|(node, hold)| wanted.contains(*node) && Duration::from_secs(hold.left) > time);
    let Some((node, hold)) = longer else { return Ok(()) };
    Err(Error::new(Kind::Refused, format!("{node} is {}; this hold would end before that; nothing was changed", hold.told()))
        .hint("hold for at least as long; or ask them, and end theirs with `mfsctl ha release`"))
}

/// Holds of somebody else, each with its node.
fn of_others<'a>(before: &'a [Layers], by: &'a str) -> impl Iterator<Item = (&'a String, &'a Pause)> {
    let holds = before.iter().filter_map(|(node, report)| Some((node, report.as_ref().ok()?.hold.as_ref()?)));
    holds.filter(move |(_, hold)| hold.by != by)
}

/// What a release does to them, in words.
fn ended_early(before: &[Layers], by: &str) -> Vec<String> {
    of_others(before, by).map(|(node, hold)| format!("{node} is no longer {}", hold.told())).collect()
}

/// Runs one command on each node.
fn each(operation: &mut Operation, nodes: &BTreeSet<String>, argv: &[&str], title: &str) -> BTreeMap<String, HostResult> {
    let request = Request::new(argv.iter().copied()).within(Duration::from_secs(20));
    let connector = operation.fleet.connector();
    operation.fleet.each(nodes, |node, slot, gate| {
        let ran = gate.pass(|| slot.connect(connector, node).and_then(|t| t.run(&request)));
        match ran {
            Ok(output) if output.success() => HostResult { done: vec![("ha".to_owned(), title.to_owned())], ..HostResult::default() },
            Ok(output) => stopped(title, output.error_text().trim(), StopKind::Failed),
            Err(error) => stopped(title, &error.to_string(), StopKind::Unclear),
        }
    })
}

fn stopped(title: &str, reason: &str, kind: StopKind) -> HostResult {
    let stopped = Stopped { stage: "ha".to_owned(), action: Some(title.to_owned()), reason: reason.to_owned(), kind };
    HostResult { stopped: Some(stopped), ..HostResult::default() }
}

/// Looks again once no promotion or demotion is under way and who answered before answers again (an mfsmaster that loads takes a small
/// node's processor), or after a minute.
fn settled(cluster: &Cluster, operation: &mut Operation, before: &[Layers]) -> Vec<Layers> {
    let end = Instant::now() + SETTLES;
    let answered: BTreeSet<&str> = before.iter().filter(|(_, r)| r.is_ok()).map(|(n, _)| n.as_str()).collect();
    loop {
        let seen = layers(cluster, &mut operation.fleet);
        let busy = seen.iter().any(|(node, r)| r.as_ref().map_or(answered.contains(node.as_str()), |r| r.busy));
        if !busy || Instant::now() >= end || operation.interrupt.requested() {
            return seen;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// What was done counts only when it is seen; what was unclear and is seen was done.
fn verify(results: &mut BTreeMap<String, HostResult>, after: &[Layers], what: &str, holds: impl Fn(&HaReport) -> bool) {
    for (node, seen) in after {
        let Some(result) = results.get_mut(node) else { continue };
        match seen {
            Ok(report) if holds(report) => result.stopped = None,
            Ok(_) if result.stopped.is_none() => *result = stopped("look again", &format!("{what} is not seen there"), StopKind::Failed),
            Err(reason) if result.stopped.is_none() => *result = stopped("look again", reason, StopKind::Unclear),
            _ => {}
        }
    }
}

fn failures(results: &BTreeMap<String, HostResult>) -> Vec<String> {
    results.iter().filter_map(|(node, r)| r.stopped.as_ref().map(|s| format!("{node}: {}", s.reason))).collect()
}

fn show(context: &Context, operation: &Operation, before: &[Layers], after: &[Layers]) {
    let was = |node: &str| before.iter().find(|(n, _)| n == node).and_then(|(_, r)| r.as_ref().ok()?.hold.clone());
    if context.json() {
        let nodes: Vec<_> = after
            .iter()
            .map(|(node, r)| json!({ "node": node, "before": was(node), "hold": r.as_ref().ok().and_then(|r| r.hold.clone()) }))
            .collect();
        report::data(&format!("{:#}", json!({ "run": operation.run_id, "nodes": nodes })));
        return;
    }
    for (node, seen) in after {
        let line = match (seen, was(node)) {
            (Err(reason), _) => format!("{node}: not known: {reason}"),
            (Ok(HaReport { hold: Some(hold), .. }), old) => {
                let new = match old {
                    Some(old) if old.by != hold.by => format!("in place of the hold by {}: {}: ", old.by, old.why),
                    Some(_) => "a new end for the hold that was there: ".to_owned(),
                    None => String::new(),
                };
                format!("{node}: {new}on hold for {}, by {}: {}", hold.remaining(), hold.by, hold.why)
            }
            (Ok(_), Some(_)) => format!("{node}: released"),
            (Ok(_), None) => format!("{node}: no hold"),
        };
        report::data(&operation.masker.mask(&line));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_and_limits() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("30m").unwrap(), Duration::from_secs(1800));
        assert_eq!(duration("1h").unwrap(), LONGEST);
        for wrong in ["", "30", "m", "1.5h", "-1m", "59s", "61m", "2h", "99999999999999999999h", "5d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hold_of_one_side_is_refused_and_says_what_it_would_mean() {
        let active = crate::fact::ha_report::parse(include_str!("../../../tests/fixtures/ha/report-active.txt")).unwrap();
        let seen = [("m1".to_owned(), Ok(active)), ("m2".to_owned(), Err("unreachable".to_owned()))];
        let both = BTreeSet::from(["m1".to_owned(), "m2".to_owned()]);
        let error = refuse_one_sided(&seen, &both).unwrap_err();
        assert_eq!(error.kind, Kind::Refused);
        assert!(error.to_string().contains("--limit m1") && error.to_string().contains("could still be elected"), "{error}");
        assert!(refuse_one_sided(&seen, &BTreeSet::from(["m1".to_owned()])).is_ok());
        let none = [("m1".to_owned(), Err("x".to_owned())), ("m2".to_owned(), Err("y".to_owned()))];
        assert!(!refuse_one_sided(&none, &both).unwrap_err().to_string().contains("--limit"));
    }

    #[test]
    fn a_hold_of_somebody_else_is_neither_shortened_nor_ended_without_a_word() {
        let mut report = crate::fact::ha_report::parse(include_str!("../../../tests/fixtures/ha/report-active.txt")).unwrap();
        report.hold = Some(Pause { left: 3000, why: "new disks".into(), by: "ann@desk".into() });
        let seen = [("m1".to_owned(), Ok(report)), ("m2".to_owned(), Err("unreachable".to_owned()))];
        let both = BTreeSet::from(["m1".to_owned(), "m2".to_owned()]);
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let error = refuse_shorter(&seen, &both, "bob@desk", minutes(5)).unwrap_err();
        assert_eq!(error.kind, Kind::Refused);
        assert!(error.to_string().contains("m1 is on hold for another 50 min, by ann@desk: new disks"), "{error}");
        assert!(refuse_shorter(&seen, &both, "bob@desk", minutes(60)).is_ok());
        assert!(refuse_shorter(&seen, &both, "ann@desk", minutes(5)).is_ok(), "one's own may end earlier");
        assert!(refuse_shorter(&seen, &BTreeSet::from(["m2".to_owned()]), "bob@desk", minutes(5)).is_ok());
        assert_eq!(ended_early(&seen, "bob@desk"), ["m1 is no longer on hold for another 50 min, by ann@desk: new disks"]);
        assert!(ended_early(&seen, "ann@desk").is_empty());
    }
}
