//! `mfsctl upgrade`: another release of MooseFS, one node at a time, in the one order that is safe.

mod chunkservers;
mod masters;
mod nodes;
mod scene;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::command::failover::switchover;
use crate::command::maintenance::duration;
use crate::command::operation::Operation;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::health::upgrade::Part;
use crate::inventory::model::Cluster;
use crate::playbook::{self, Playbook};
use crate::report;

use scene::{Scene, Work};

/// Upgrade MooseFS to another release, one node at a time
///
/// The order is masters, metaloggers, chunkservers, clients; what would break it is
/// refused. Before anything is touched every gate is asked: all connected, no chunk
/// missing, endangered or under goal (counted twice), no goal-1 chunks, packages
/// offered and not held back, room on the disks, nothing older than what runs.
///
/// Masters: the metadata is backed up, the standby gets the packages, takes over,
/// then the other one gets them. Metaloggers: package, stop, start, connected again.
/// Chunkservers: package, maintenance on, stop (one that hangs is made to, and that is
/// said), start, connected with its chunks and the new program, maintenance off, and
/// only when every chunk has its copies again the next one. Clients: package, mounted
/// anew; a mount that is in use stays, and who uses it is named.
///
/// A daemon counts as upgraded when the program it runs is the file that the new
/// package installed. Run again after an interruption it goes on where it stopped and
/// restarts nothing that is done. What does not come back in time halts it: the
/// others are left alone, and what stands is said, the maintenance too.
///
/// A site's own commands between the nodes: with --playbooks DIR, DIR/upgrade.yaml is
/// mfsctl's own (`mfsctl playbook show upgrade --format json`) with stages like
/// `{id: told, title: Tell, on: chunkservers, run: [/usr/local/bin/told]}` added.
///
/// Exit status: 0 done or nothing to do, 1 failed, 2 wrong inventory or flags, 3 refused
/// and nothing changed, 4 halted or interrupted: run it again, 5 another operator is at
/// work, 130 interrupted before anything was changed.
///
/// Examples:
///   mfsctl upgrade all --dry-run
///   mfsctl upgrade all --to 3.0.118
///   mfsctl upgrade chunkservers --accept-goal-1 --yes
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to upgrade
    #[arg(value_enum)]
    what: What,
    /// Version to upgrade to, 3.0.118 or a package's whole version [default: the newest that all nodes are offered]
    #[arg(long, value_name = "VERSION", value_parser = version)]
    to: Option<String>,
    /// Ask the gates, print the plan and stop; reads the repositories' lists anew
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before acting
    #[arg(short, long)]
    yes: bool,
    /// Files of goal 1 may be out of reach while their chunkserver restarts
    #[arg(long)]
    accept_goal_1: bool,
    /// How long a node may take to be back, and the cluster to be healthy again
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = duration)]
    wait: Duration,
    /// How long a daemon may take to stop before it is made to
    #[arg(long, default_value = "5m", value_name = "TIME", value_parser = duration)]
    stop_within: Duration,
    /// When a chunkserver's maintenance ends by itself, should all this not get to its end
    #[arg(long = "for", default_value = "1h", value_name = "TIME", value_parser = duration)]
    time: Duration,
    /// Where the metadata is backed up before the masters [default: mfsctl's state directory]
    #[arg(long, value_name = "DIR")]
    backup_to: Option<PathBuf>,
    /// Directory with the site's own upgrade.yaml
    #[arg(long, value_name = "DIR")]
    playbooks: Option<PathBuf>,
}

/// A version of MooseFS, or of a package: digits first, then what apt and dnf allow in one.
fn version(text: &str) -> std::result::Result<String, String> {
    let fits = text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains('.')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".+-~:_^".contains(c));
    if fits { Ok(text.to_owned()) } else { Err("a version looks like 3.0.118, or 3.0.118-1 for a package".to_owned()) }
}

/// What can be upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Both masters, with a switchover in between
    Masters,
    /// Metaloggers, one by one
    Metaloggers,
    /// Chunkservers, one by one
    Chunkservers,
    /// Clients, one by one
    Clients,
    /// All of them, in this order
    All,
}

impl What {
    fn parts(self) -> Vec<Part> {
        match self {
            Self::Masters => vec![Part::Masters],
            Self::Metaloggers => vec![Part::Metaloggers],
            Self::Chunkservers => vec![Part::Chunkservers],
            Self::Clients => vec![Part::Clients],
            Self::All => Part::ALL.to_vec(),
        }
    }
}

/// Runs it.
///
/// # Errors
/// Wrong input, gates that do not pass, a node that did not come back.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let playbook = load(args.playbooks.as_deref())?;
    let parts: Vec<Part> = args.what.parts().into_iter().filter(|p| cluster.with_role(p.role()).next().is_some()).collect();
    if parts.is_empty() {
        return Err(Error::input("the cluster has no such nodes"));
    }
    let works = ask(context, args, &cluster, &playbook, &parts)?;
    if args.dry_run {
        return Ok(());
    }
    if works.iter().all(Work::is_done) {
        return done(context, &works, "nothing to do");
    }
    // Each part has a run, a lock and a line in the history of its own: between the masters there is a switchover.
    for part in parts {
        let connector = context.connector();
        let mut job = Job { context, args, playbook: &playbook, part, operation: Operation::new(context, &cluster, &connector)? };
        match part {
            Part::Masters => masters::run(job)?,
            Part::Chunkservers => chunkservers::run(&mut job)?,
            Part::Metaloggers | Part::Clients => nodes::run(&mut job)?,
        }
    }
    done(context, &works, "done")
}

/// One part under way.
struct Job<'a> {
    context: &'a Context,
    args: &'a Args,
    playbook: &'a Playbook,
    part: Part,
    operation: Operation<'a>,
}

/// All gates of all parts, before anything is touched; the plan; the question.
fn ask<'a>(context: &'a Context, args: &'a Args, cluster: &'a Cluster, playbook: &'a Playbook, parts: &[Part]) -> Result<Vec<Work>> {
    let connector = context.connector();
    let mut operation = Operation::new(context, cluster, &connector)?;
    let lock = (!args.dry_run).then_some("upgrade");
    let mut scene = Scene::look(&mut operation, lock, true)?;
    if parts.contains(&Part::Chunkservers) && !args.dry_run {
        let work = scene.work(cluster, Part::Chunkservers, args.to.as_deref(), args.stop_within)?;
        if chunkservers::settle(&mut operation, &scene, &work, args.wait) {
            scene = Scene::look(&mut operation, None, false)?;
        }
    }
    let mut works = Vec::new();
    let (mut closed, mut values) = (Vec::new(), Vec::new());
    for part in parts {
        let work = scene.work(cluster, *part, args.to.as_deref(), args.stop_within)?;
        let under_way = scene.under_way(cluster);
        let gates = scene.gates(cluster, &work, parts.len() > 1, args.accept_goal_1, under_way.as_deref());
        let plan = work.plan(playbook, cluster, &scene.seen.state)?;
        operation.monitor.clear();
        let title = format!("Gates of the {}", part.word());
        if context.json() {
            let plan = report::plan::json(&plan, false, &operation.masker);
            values.push(json!({ "part": part.word(), "to": work.version, "left": work.left, "gates": gates, "plan": plan }));
        } else {
            let text = report::switchover::answers(&title, &gates, context.color);
            if args.dry_run { report::data(&text) } else { report::say(text.trim_end()) }
        }
        if args.dry_run && !context.json() {
            report::data(&format!("{}: {}", part.word(), work.words()));
            report::data(&report::plan::text(&plan, false, context.global.verbose > 0, &operation.masker));
        }
        // A part with nothing left has nothing to be afraid of.
        if !work.is_done() {
            closed.extend(gates);
        }
        works.push(work);
    }
    if args.dry_run && context.json() {
        report::data(&format!("{:#}", Value::Array(values)));
    }
    switchover::refuse(context, &closed)?;
    if args.dry_run || works.iter().all(Work::is_done) {
        return Ok(works);
    }
    let words: Vec<String> = works.iter().filter(|w| !w.is_done()).map(|w| format!("{}: {}", w.part.word(), w.words())).collect();
    operation.confirm(args.yes, &words.join("\n"))?;
    Ok(works)
}

/// mfsctl's own playbook, or the site's, which adds to it.
fn load(dir: Option<&Path>) -> Result<Playbook> {
    let input = |e: playbook::PlaybookError| Error::input(e.to_string());
    let ours = playbook::embedded("upgrade").map_err(input)?;
    let Some(dir) = dir else { return Ok(ours) };
    let path = dir.join("upgrade.yaml");
    let text = std::fs::read_to_string(&path).map_err(|e| {
        Error::input(format!("{}: {e}", path.display())).hint("begin with `mfsctl playbook show upgrade --format json`, which is YAML too")
    })?;
    let site = playbook::parse(&path.display().to_string(), &text).map_err(input)?;
    playbook::extends(&site, &ours).map_err(input)?;
    Ok(site)
}

fn done(context: &Context, works: &[Work], word: &str) -> Result<()> {
    if context.json() {
        let parts: Vec<Value> = works.iter().map(|w| json!({ "part": w.part.word(), "to": w.version, "upgraded": w.left })).collect();
        report::data(&format!("{:#}", json!({ "result": word, "parts": parts })));
    }
    let versions: Vec<String> = works.iter().map(|w| format!("{} {}", w.part.word(), w.version)).collect();
    report::say(&format!("{word}: {}", versions.join(", ")));
    Ok(())
}

/// The end of a part that halted: what stands, and what was left alone.
fn halted(message: String) -> Error {
    Error::new(Kind::Incomplete, message)
        .hint("mend it, then run the same command again: it goes on there, and restarts nothing that is done")
}
