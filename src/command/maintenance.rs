//! `mfsctl maintenance`: a chunkserver may be away for a while without the others copying what it holds.

pub mod switch;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::failover::{Seen, locked_look, look};
use crate::command::operation::{self, Operation};
use crate::command::servers;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::{ClusterReport, MasterAnswer};
use crate::inventory::model::{Cluster, Node, Role};
use crate::protocol::{Chunkserver, Maintenance, MasterReport};
use crate::report;
use crate::report::table::{self, plain};

/// Let a chunkserver be away for a while without its chunks being copied elsewhere
///
/// Examples:
///   mfsctl maintenance on node3 --for 1h --reason "new memory"
///   mfsctl maintenance off node3
///   mfsctl maintenance show
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    On(OnArgs),
    Off(OffArgs),
    /// Show which chunkservers are in maintenance, until when, and who began it
    ///
    /// Exit status: 0 shown, 2 wrong inventory, 3 the master does not answer.
    ///
    /// Examples:
    ///   mfsctl maintenance show
    ///   mfsctl maintenance show --format json
    #[command(verbatim_doc_comment)]
    Show,
}

/// Begin it
///
/// The master is told in its own protocol, over the ssh connection, and its list of
/// chunkservers is read again: only what it shows is believed. Chunks of a server in
/// maintenance are not copied while it is away; they can be read as long as another
/// copy is there.
///
/// It ends by itself when the time is over, also when mfsctl, this machine or a
/// master is gone by then: a timer on both masters sees to it. Again gives it a new
/// end. While another chunkserver is away or in maintenance it is refused.
///
/// Exit status: 0 on, 1 on for none of them, 2 wrong inventory or names, 3 refused and
/// nothing changed, 4 on for some of them, 5 another operator is at work,
/// 130 interrupted.
///
/// Examples:
///   mfsctl maintenance on node3
///   mfsctl maintenance on node3 --for 2h --reason "disk swap"
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct OnArgs {
    /// The chunkserver
    #[arg(value_name = "NODE", required = true)]
    nodes: Vec<String>,
    /// How long: 90s, 30m, 2h; from one minute to one day
    #[arg(long = "for", default_value = "30m", value_name = "TIME", value_parser = duration)]
    time: Duration,
    /// Why, shown to everybody who asks for the status
    #[arg(long, default_value = "maintenance", value_name = "TEXT")]
    reason: String,
    /// Though another chunkserver is away or in maintenance: chunks with two copies may be unreadable
    #[arg(long)]
    more_than_one: bool,
}

/// End it
///
/// Exit status: 0 none of them is in maintenance, 1 all still are, 2 wrong inventory or
/// names, 3 refused and nothing changed, 4 some still are, 5 another operator is at
/// work, 130 interrupted.
///
/// Examples:
///   mfsctl maintenance off node3
///   mfsctl maintenance off node3 node4
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct OffArgs {
    /// Chunkservers
    #[arg(value_name = "NODE", required = true)]
    nodes: Vec<String>,
}

/// A time span for people: a number with `s`, `m` or `h`, within a day.
pub fn duration(text: &str) -> std::result::Result<Duration, String> {
    let words = "write a whole number with its unit: 90s, 30m, 2h";
    let unit = text.chars().last().ok_or(words)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(words.to_owned()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| words.to_owned())?;
    let time = number.saturating_mul(factor);
    if (60..=86_400).contains(&time) { Ok(Duration::from_secs(time)) } else { Err("from one minute to one day".to_owned()) }
}

/// Runs it.
///
/// # Errors
/// Wrong input; a master that does not answer; what could not be switched.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    match &args.command {
        Sub::On(args) => on(context, &mut operation, args),
        Sub::Off(args) => off(context, &mut operation, args),
        Sub::Show => {
            let seen = look(&mut operation);
            operation.monitor.clear();
            told(&seen.report)?;
            show(context, &cluster, &seen.report);
            Ok(())
        }
    }
}

fn on(context: &Context, operation: &mut Operation, args: &OnArgs) -> Result<()> {
    let cluster = operation.cluster;
    let nodes = named(cluster, &args.nodes)?;
    let seen = locked_look(operation, "maintenance on")?;
    let wanted = known(cluster, &seen.report, &nodes)?;
    if !args.more_than_one {
        refuse_others(&seen.report, &wanted)?;
    }
    operation.begin()?;
    let note: String = args.reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (failed, switched) = match switch::prepare(operation, &seen) {
        Err(reason) => (vec![reason], 0),
        Ok(()) => each(&wanted, |server| switch::on(operation, server, args.time, &note)),
    };
    conclude(context, operation, &failed, switched)
}

fn off(context: &Context, operation: &mut Operation, args: &OffArgs) -> Result<()> {
    let cluster = operation.cluster;
    let nodes = named(cluster, &args.nodes)?;
    let seen = locked_look(operation, "maintenance off")?;
    let wanted = known(cluster, &seen.report, &nodes)?;
    operation.begin()?;
    let (failed, switched) = each(&wanted, |server| switch::off(operation, server));
    conclude(context, operation, &failed, switched)
}

/// Switches each: why some failed, and how many did not.
fn each(wanted: &[(&Node, Chunkserver)], mut switch: impl FnMut(&Chunkserver) -> std::result::Result<(), String>) -> (Vec<String>, usize) {
    let failed: Vec<String> =
        wanted.iter().filter_map(|(node, server)| switch(server).err().map(|reason| format!("{}: {reason}", node.name))).collect();
    let switched = wanted.len() - failed.len();
    (failed, switched)
}

/// What stands now, and how it ended: what failed, and how many were switched.
fn conclude(context: &Context, operation: &mut Operation, failed: &[String], switched: usize) -> Result<()> {
    let Seen { report, .. } = look(operation);
    let word = if failed.is_empty() { "done" } else { "incomplete" };
    operation.end_as(word, &BTreeMap::new(), None);
    operation.monitor.clear();
    show(context, operation.cluster, &report);
    if failed.is_empty() {
        return Ok(());
    }
    let kind = if switched > 0 { Kind::Incomplete } else { Kind::Failed };
    Err(Error::new(kind, failed.join("\n")).hint("run it again; `mfsctl maintenance show` says what stands"))
}

/// Nodes by name; each must be a chunkserver.
fn named<'a>(cluster: &'a Cluster, names: &[String]) -> Result<Vec<&'a Node>> {
    let mut nodes = Vec::new();
    for name in names {
        for chosen in operation::named(cluster, name)? {
            let node = cluster.node(&chosen).ok_or_else(|| Error::input(format!("{chosen}: no such node")))?;
            if !node.is(Role::Chunkserver) {
                return Err(Error::input(format!("{chosen} is no chunkserver: only those can be in maintenance")));
            }
            if !nodes.iter().any(|n: &&Node| n.name == node.name) {
                nodes.push(node);
            }
        }
    }
    Ok(nodes)
}

/// The master's word, or why there is none.
fn told(report: &ClusterReport) -> Result<&MasterReport> {
    match &report.master {
        MasterAnswer::Answered { report, .. } => Ok(report),
        MasterAnswer::Silent { reason } => {
            Err(Error::new(Kind::Refused, format!("the master does not answer: {reason}; nothing was changed"))
                .hint("maintenance is kept by the master; `mfsctl status` says how it is"))
        }
    }
}

/// Their entries in the master's list.
fn known<'a>(cluster: &Cluster, report: &ClusterReport, nodes: &[&'a Node]) -> Result<Vec<(&'a Node, Chunkserver)>> {
    let told = told(report)?;
    let entry = |node: &&'a Node| {
        let server = servers::of_node(told, node, cluster).cloned();
        server.map(|s| (*node, s)).ok_or_else(|| {
            Error::new(Kind::Refused, format!("{}: the master knows no chunkserver at {}; nothing was changed", node.name, node.address))
                .hint("see `mfsctl status`")
        })
    };
    nodes.iter().map(entry).collect()
}

/// One at a time: another one that is away or in maintenance may hold the only other copy.
fn refuse_others(report: &ClusterReport, wanted: &[(&Node, Chunkserver)]) -> Result<()> {
    let told = told(report)?;
    let is_wanted = |s: &Chunkserver| wanted.iter().any(|(_, w)| (w.address, w.port) == (s.address, s.port));
    let others: Vec<String> = told
        .chunkservers
        .iter()
        .filter(|s| !is_wanted(s) && (!s.connected || s.maintenance == Maintenance::On))
        .map(|s| format!("{} is {}", report.name_of(s.address), if s.connected { "in maintenance" } else { "away" }))
        .collect();
    let refusal = |why: &str| {
        Err(Error::new(Kind::Refused, format!("{why}; nothing was changed"))
            .hint("one at a time; with --more-than-one, knowing that chunks whose copies are on both cannot be read"))
    };
    match (others.is_empty(), wanted.len()) {
        (false, _) => refusal(&others.join(", ")),
        (true, 2..) => refusal("more than one chunkserver named"),
        _ => Ok(()),
    }
}

fn show(context: &Context, cluster: &Cluster, report: &ClusterReport) {
    let Some(told) = report.told() else { return };
    if context.json() {
        let rows: Vec<Value> = told
            .chunkservers
            .iter()
            .map(|s| {
                let limit = report.limit_of(s);
                json!({ "node": report.name_of(s.address), "address": s.address, "port": s.port, "connected": s.connected,
                    "maintenance": s.maintenance, "limit": limit })
            })
            .collect();
        return report::data(&format!("{:#}", json!({ "cluster": cluster.name, "chunkservers": rows })));
    }
    let row = |s: &Chunkserver| {
        let limit = report.limit_of(s).filter(|_| s.maintenance == Maintenance::On);
        let (state, ends) = match s.maintenance {
            Maintenance::Off => ("off".to_owned(), String::new()),
            Maintenance::On => ("on".to_owned(), limit.map_or_else(|| "never by itself".to_owned(), |l| l.remaining())),
            Maintenance::Temporary(left) => {
                ("temporary".to_owned(), left.map_or_else(|| "by itself".to_owned(), |l| format!("in {} min", l.div_ceil(60))))
            }
        };
        let link = if s.connected { "connected" } else { "away" };
        let (by, note) = limit.map(|l| (l.by.as_str(), l.note.as_str())).unwrap_or_default();
        vec![plain(report.name_of(s.address)), plain(link), plain(state), plain(ends), plain(by), plain(note)]
    };
    let rows: Vec<_> = told.chunkservers.iter().map(row).collect();
    report::data(&table::render("Maintenance", &["chunkserver", "", "maintenance", "ends", "by", "why"], &rows, context.color));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::step::testing::cluster;

    #[test]
    fn times_have_units_and_limits() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("24h").unwrap(), Duration::from_secs(86_400));
        for wrong in ["", "30", "h", "1.5h", "59s", "25h", "-1m", "ä", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_chunkservers_can_be_named() {
        let cluster = cluster();
        let names = |list: &[&str]| named(&cluster, &list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["node3", "node3"]).unwrap().len(), 1);
        assert_eq!(names(&["node1"]).unwrap_err().kind, Kind::Input);
        assert_eq!(names(&["node99"]).unwrap_err().kind, Kind::Input);
    }
}
