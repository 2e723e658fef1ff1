//! `mfsctl grow`: the metadata volume becomes larger on both masters, while it is in use.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use crate::command::failover::switchover::refuse;
use crate::command::operation::Operation;
use crate::command::status::gather;
use crate::context::Context;
use crate::engine::run::{self, HostResult};
use crate::error::{Error, Kind, Result};
use crate::fact::growth::{self, Layers};
use crate::fact::{HostFacts, block};
use crate::health::ClusterReport;
use crate::health::gate::{self, Answer, Sight};
use crate::inventory::model::{Cluster, Node, Role};
use crate::inventory::unit;
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self};
use crate::report;
use crate::step::grow::{self, Growing, Wish};
use crate::step::{self, ClusterState, Consent, View};
use crate::survey;

/// Longest time the sizes of one master may take to tell.
const SIZES_WITHIN: Duration = Duration::from_secs(60);

/// Make the metadata volume larger, online, on both masters
///
/// The logical volumes on both masters, then DRBD, then the file system, each on
/// both sides before the next; the service goes on. The new part is synchronised
/// and until that has ended the standby cannot take over: how long is shown.
///
/// The size wanted is the inventory's (masters.size): edit it and run this. With
/// --size it is the one given, and the line for the inventory is printed. Without
/// either all the room there is on both is used. --disk adds an empty disk first,
/// the same path on both masters or NODE:PATH for each. A disk that holds anything
/// is refused; so are masters that are not connected and equal, sizes that would
/// differ, and a smaller size: a volume never shrinks.
///
/// It can be stopped anywhere and run again.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags,
/// 3 refused and nothing changed, 4 not finished (run it again), 5 another operator is
/// at work, 130 interrupted.
///
/// Examples:
///   mfsctl grow --dry-run
///   mfsctl grow --size 40GiB
///   mfsctl grow --disk /dev/sdc
///   mfsctl grow --disk node1:/dev/sdc --disk node2:/dev/sdd --size 60GiB --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Size of the volume afterwards, as 40GiB [default: masters.size, else all there is]
    #[arg(long, value_name = "SIZE")]
    pub size: Option<String>,
    /// An empty disk to add to the volume group: on both masters, or NODE:PATH (may be repeated)
    #[arg(long, value_name = "[NODE:]PATH")]
    pub disk: Vec<String>,
    /// Ask the gates, print the plan and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    pub yes: bool,
}

/// What was seen of the pair.
struct Seen {
    report: ClusterReport,
    state: ClusterState,
    layers: BTreeMap<String, Layers>,
}

/// Runs it.
///
/// # Errors
/// Wrong input, gates that do not pass, refusals, and every end that is not the one wanted.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let wish = wish(&cluster, args)?;
    let playbook = playbook::embedded("grow").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = look(&mut operation, &wish, !args.dry_run)?;
    operation.monitor.clear();
    let (from, to) = pair(&cluster, &seen.state)?;
    let sight = Sight { cluster: &cluster, report: &seen.report, state: &seen.state, from, to };
    let gates = gate::ask(&playbook.gates, &sight);
    let bytes = target(&cluster, &seen, &wish, [from, to])?;
    let growing = Growing { bytes, disks: wish.disks.clone(), layers: seen.layers.clone() };
    let consent = Consent { growing: Some(growing), ..Consent::default() };
    let scope = Scope { hosts: Some([from.name.clone(), to.name.clone()].into()), ..Scope::default() };
    let plan = plan::plan(&playbook, &cluster, &seen.state, &scope, &consent).map_err(Error::failed)?;
    refuse_refused(&plan)?;
    if plan.is_empty() {
        return nothing(context, &cluster, bytes, &seen.layers);
    }
    if args.dry_run {
        show(context, &operation, &gates, &plan, bytes);
        return refuse(context, &gates);
    }
    if !context.json() {
        report::say(report::switchover::answers("Gates", &gates, context.color).trim_end());
    }
    refuse(context, &gates)?;
    report::say(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
    operation.confirm(args.yes, &question(&cluster, from, to, bytes, &seen))?;
    operation.begin()?;
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let results = run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
    operation.end(&results);
    conclude(context, &mut operation, &wish, bytes, &results)
}

/// What the flags ask for.
fn wish(cluster: &Cluster, args: &Args) -> Result<Wish> {
    let masters: Vec<&Node> = cluster.with_role(Role::Master).collect();
    if masters.len() != 2 || masters.iter().any(|n| n.storage.is_none()) {
        return Err(Error::input(format!("{} has not two masters with a volume", cluster.name)));
    }
    let size = args.size.as_deref().map(|text| {
        unit::size(text).ok_or_else(|| Error::input(format!("--size {text}: that is no size")).hint("write it as 40GiB or 500M"))
    });
    let mut disks = BTreeMap::new();
    for word in &args.disk {
        let named = word.split_once(':').filter(|(node, path)| path.starts_with('/') && masters.iter().any(|n| n.name == *node));
        let nodes: Vec<(&str, &str)> = match named {
            Some((node, path)) => vec![(node, path)],
            None if word.starts_with('/') => masters.iter().map(|n| (n.name.as_str(), word.as_str())).collect(),
            None => {
                return Err(
                    Error::input(format!("--disk {word}: no path and no disk of a master")).hint("write /dev/sdc or node1:/dev/sdc")
                );
            }
        };
        for (node, path) in nodes {
            if disks.insert(node.to_owned(), path.to_owned()).is_some() {
                return Err(Error::input(format!("--disk {word}: a second disk for {node}")).hint("add one disk at a time"));
            }
        }
    }
    if let Some(without) = masters.iter().find(|n| !disks.is_empty() && !disks.contains_key(&n.name)) {
        return Err(
            Error::input(format!("--disk: none for {}", without.name)).hint("both masters' volumes grow by the same: name one for each")
        );
    }
    Ok(Wish { size: size.transpose()?, disks })
}

/// Looks at every node, at the sizes on both masters, and at the disks to be added.
fn look(operation: &mut Operation, wish: &Wish, lock: bool) -> Result<Seen> {
    let cluster = operation.cluster;
    let (report, mut state) = if lock {
        operation.locked("grow", |fleet, first, sink| gather::sight(cluster, fleet, &gather::survey, first, sink))?
    } else {
        let monitor = &operation.monitor;
        gather::sight(cluster, &mut operation.fleet, &gather::survey, &|_, _| Ok(()), &|e| monitor.show(&e))
    };
    let masters: BTreeSet<String> = cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    let connector = operation.fleet.connector();
    let asked = operation.fleet.each(&masters, |node, slot, gate| {
        gate.pass(|| {
            let transport = slot.connect(connector, node).map_err(|e| e.to_string())?;
            let mut questions: Vec<_> = growth::ask(cluster, node).into_iter().collect();
            questions.extend(wish.disks.get(&node.name).map(|disk| block::ask(std::slice::from_ref(disk), false)));
            survey::ask(node, transport, &questions, SIZES_WITHIN).map_err(|e| e.to_string())
        })
    });
    let mut layers = BTreeMap::new();
    for (node, answers) in asked {
        let unknown = |reason: String| {
            Error::new(Kind::Refused, format!("{node}: {reason}; nothing was changed"))
                .hint("both masters must be reached to grow the volume")
        };
        let answers = answers.map_err(unknown)?;
        if let Some(answer) = answers.get("growth") {
            layers.insert(node.clone(), growth::parse(answer).map_err(|e| unknown(e.to_string()))?);
        }
        if let (Some(answer), Some(Ok(facts))) = (answers.get("block"), state.get_mut(&node)) {
            add_probes(facts, block::parse(answer).map_err(|e| unknown(e.to_string()))?);
        }
    }
    Ok(Seen { report, state, layers })
}

fn add_probes(facts: &mut HostFacts, found: block::Blocks) {
    facts.blocks.probes.extend(found.probes);
    if !found.devices.is_empty() {
        facts.blocks.devices = found.devices;
    }
}

/// The active master and the other one.
fn pair<'a>(cluster: &'a Cluster, state: &ClusterState) -> Result<(&'a Node, &'a Node)> {
    let from = step::active_master(cluster, state);
    from.and_then(|from| Some((from, cluster.peer(from)?))).ok_or_else(|| Error::input("the cluster has not two masters"))
}

fn target(cluster: &Cluster, seen: &Seen, wish: &Wish, nodes: [&Node; 2]) -> Result<u64> {
    let (pending, consent) = (BTreeSet::new(), Consent::default());
    let mut views = Vec::new();
    for node in nodes {
        let facts = step::facts_of(&seen.state, &node.name).ok_or_else(|| {
            let reason = seen.state.get(&node.name).and_then(|f| f.as_ref().err()).map_or("it was not asked", String::as_str);
            Error::new(Kind::Refused, format!("{}: {reason}; nothing was changed", node.name)).hint("both masters must be reached")
        })?;
        views.push(View { cluster, node, facts, state: &seen.state, pending: &pending, consent: &consent });
    }
    grow::target(&views, wish).map_err(|r| Error::new(Kind::Refused, format!("refused, nothing was changed: {}", r.found)).hint(r.fix))
}

fn refuse_refused(plan: &Plan) -> Result<()> {
    let line = |h: &plan::HostPlan| match (&h.unknown, h.refusal()) {
        (Some(reason), _) => Some(format!("{}: not known: {reason}", h.node)),
        (None, Some((_, step, r))) => Some(format!("{}: {step}: {}\n  fix: {}", h.node, r.found, r.fix)),
        _ => None,
    };
    let lines: Vec<String> = plan.hosts.iter().filter_map(line).collect();
    if lines.is_empty() { Ok(()) } else { Err(Error::new(Kind::Refused, format!("refused, nothing was changed\n{}", lines.join("\n")))) }
}

fn question(cluster: &Cluster, from: &Node, to: &Node, bytes: u64, seen: &Seen) -> String {
    let device = seen.layers.get(&from.name).and_then(|l| l.device).unwrap_or(0);
    let new = report::format::bytes(bytes.saturating_sub(device));
    format!(
        "the volume gets {}; while the new {new} are synchronised (at most {} a second) {} cannot take over",
        report::format::bytes(bytes),
        cluster.drbd.resync_rate,
        to.name
    )
}

fn show(context: &Context, operation: &Operation, gates: &[Answer], plan: &Plan, bytes: u64) {
    if context.json() {
        let plan = report::plan::json(plan, false, &operation.masker);
        return report::data(&format!("{:#}", json!({ "bytes": bytes, "gates": gates, "plan": plan })));
    }
    report::data(&report::switchover::answers("Gates", gates, context.color));
    report::data(&report::plan::text(plan, false, context.global.verbose > 0, &operation.masker));
}

fn nothing(context: &Context, cluster: &Cluster, bytes: u64, layers: &BTreeMap<String, Layers>) -> Result<()> {
    tell(context, cluster, "nothing to do", bytes, layers);
    report::say(&format!("nothing to do: the volumes, the device and the file system have {}", report::format::bytes(bytes)));
    Ok(())
}

/// The result, and the line the inventory lacks.
fn tell(context: &Context, cluster: &Cluster, result: &str, bytes: u64, layers: &BTreeMap<String, Layers>) {
    let line = grow::line(cluster, bytes);
    if context.json() {
        let value = json!({ "result": result, "bytes": bytes, "layers": layers, "inventory": line });
        report::data(&format!("{value:#}"));
    }
    if let Some(line) = line {
        report::say(&format!("write into the inventory, under masters (until then provision refuses): {line}"));
    }
}

/// Looks again; only what is seen counts.
fn conclude(context: &Context, operation: &mut Operation, wish: &Wish, bytes: u64, results: &BTreeMap<String, HostResult>) -> Result<()> {
    let seen = look(operation, wish, false);
    operation.monitor.clear();
    let again = "mend what is named and run the same command again: it goes on where it stopped";
    if operation.interrupt.requested() {
        return Err(
            Error::new(Kind::Interrupted, "stopped by the operator").hint("run the same command again: it goes on where it stopped")
        );
    }
    let stopped = run::stopped(results);
    let incomplete = |why: String| Err(Error::new(Kind::Incomplete, operation.masker.mask(&format!("not finished\n{why}"))).hint(again));
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return incomplete(format!("{}\n{}", stopped.join("\n"), error.message)),
    };
    let left = unequal(operation.cluster, &seen, bytes);
    if !left.is_empty() || !stopped.is_empty() {
        return incomplete([stopped, left].concat().join("\n"));
    }
    tell(context, operation.cluster, "done", bytes, &seen.layers);
    report::say(&format!(
        "done: volumes, device and file system have {} on both masters ({} s)",
        report::format::bytes(bytes),
        operation.seconds()
    ));
    Ok(())
}

/// What is not as it should be afterwards, in words.
fn unequal(cluster: &Cluster, seen: &Seen, bytes: u64) -> Vec<String> {
    let mut wrong = Vec::new();
    let active = step::active_master(cluster, &seen.state).map(|n| n.name.as_str());
    let devices: BTreeSet<Option<u64>> = seen.layers.values().map(|l| l.device).collect();
    if devices.len() != 1 {
        wrong.push(format!("the devices differ: {devices:?} bytes"));
    }
    for (node, layers) in &seen.layers {
        let facts = step::facts_of(&seen.state, node);
        let nine = facts.and_then(|f| f.drbd.is_nine()).unwrap_or(false);
        if layers.volume != Some(bytes) {
            wrong.push(format!("{node}: the volume has {:?} bytes, not {bytes}", layers.volume.unwrap_or(0)));
        }
        if !layers.device.is_some_and(|device| grow::uses_all(device, bytes, nine)) {
            wrong.push(format!("{node}: {} has {} bytes", cluster.drbd.device, layers.device.unwrap_or(0)));
        }
        if active == Some(node) && !layers.filesystem.zip(layers.device).is_some_and(|(fs, device)| grow::fills(fs, device)) {
            wrong.push(format!("{node}: the file system has {} bytes", layers.filesystem.unwrap_or(0)));
        }
        if !facts.and_then(|f| f.drbd.resource(cluster)).is_some_and(|r| r.in_sync()) {
            wrong.push(format!("{node}: the masters are not connected and equal"));
        }
    }
    wrong
}
