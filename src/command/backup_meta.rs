//! `mfsctl backup-meta`: metadata and changelogs to this machine, and the proof that a backup restores.

pub mod bring;
mod source;
pub mod verify;

use std::path::{Path, PathBuf};

use crate::archive::{self, ArchiveError, ChangeTime, LastBackup, Manifest, Shelf};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::event::{Event, What};
use crate::engine::fleet::target;
use crate::engine::history;
use crate::error::{Error, Kind, Result};
use crate::inventory::model::Cluster;
use crate::remote::Connect;
use crate::report;
use crate::report::backup::{Made, made};
use crate::step::Progress;

/// Room left free here beside a backup, bytes.
const SPARE: u64 = 16 << 20;

/// Back up the metadata, or prove that a backup restores
///
/// Copies the metadata file and every change after it from the active master
/// (or, with --from, from a metalogger) into a directory of its own under --to,
/// CLUSTER-TIME. A 4.x master is asked to store its metadata first. The copy is
/// checked before it gets its name: header, end marker, an unbroken row of
/// changes up to the version the master told before. SHA256SUMS and
/// manifest.json lie beside it. The master is not disturbed and nothing is
/// written on its volume.
///
/// With --verify a backup is restored by `mfsmaster restore` in a scratch
/// directory, on a master that does not serve (or here, with --local), and must
/// reach the version its manifest names.
///
/// Exit status: 0 done, 1 failed and nothing kept, 2 wrong inventory or flags,
/// 3 the backup to verify is damaged or does not restore, 4 kept, but it is less
/// than it should be (said how), 5 another backup is being written there,
/// 130 interrupted and nothing kept.
///
/// Examples:
///   mfsctl backup-meta --to /backup/mfs --keep 48
///   mfsctl backup-meta --to /backup/mfs --from metalogger --quiet
///   mfsctl backup-meta --verify /backup/mfs/prod-20261123T221500Z
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Directory the backups are kept in; made when it is missing
    #[arg(long, value_name = "DIR", required_unless_present = "verify")]
    pub to: Option<PathBuf>,
    /// Copy a metalogger's files: of this node, or `metalogger` for the one that reaches furthest
    #[arg(long, value_name = "NODE", conflicts_with = "verify")]
    pub from: Option<String>,
    /// Give up this cluster's older backups there but the newest N (the newest sound one always stays)
    #[arg(long, value_name = "N", conflicts_with = "verify", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
    /// Restore this backup in a scratch directory, to prove it
    #[arg(long, value_name = "BACKUP", conflicts_with = "to")]
    pub verify: Option<PathBuf>,
    /// Prove it on this master
    #[arg(long, value_name = "NODE", requires = "verify", conflicts_with_all = ["local", "to"])]
    pub on: Option<String>,
    /// Prove it on this machine, where mfsmaster must be installed
    #[arg(long, requires = "verify", conflicts_with = "to")]
    pub local: bool,
    /// Say nothing but what is wrong, for cron
    #[arg(short, long)]
    pub quiet: bool,
}

impl Args {
    /// A backup of the active master into a directory.
    #[must_use]
    pub fn into(to: PathBuf) -> Self {
        Self { to: Some(to), from: None, keep: None, verify: None, on: None, local: false, quiet: false }
    }
}

/// Makes or proves a backup.
///
/// # Errors
/// When none could be made, it is less than it should be, or it does not restore.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    match (&args.verify, &args.to) {
        (Some(backup), _) => verify::run(context, args, &cluster, &connector, backup),
        (None, Some(to)) => back_up(context, args, &cluster, &connector, to),
        (None, None) => Err(Error::input("--to is missing")),
    }
}

fn back_up(context: &Context, args: &Args, cluster: &Cluster, connector: &dyn Connect, to: &Path) -> Result<()> {
    // A wrong --from is told before anything is made or asked.
    let choice = source::Choice::read(cluster, args.from.as_deref())?;
    let shelf = Shelf::open(to).map_err(archive_error)?;
    let mut operation = Operation::new(context, cluster, connector)?;
    operation.begin()?;
    let outcome = make(args, &mut operation, &shelf, &choice);
    operation.monitor.clear();
    let result = match &outcome {
        Ok(made) if made.manifest.degraded.is_empty() => "done",
        Ok(_) => "incomplete",
        Err(_) if operation.interrupt.requested() => "interrupted",
        Err(_) => "failed",
    };
    operation.end_as(result, &std::collections::BTreeMap::new(), None);
    let done = outcome?;
    let kept = args.keep.map_or(Ok(Vec::new()), |keep| shelf.keep(&cluster.name, keep as usize));
    let (removed, stuck) = match kept {
        Ok(removed) => (removed, None),
        Err(error) => (Vec::new(), Some(format!("an older one could not be removed: {error}"))),
    };
    let told =
        Made { backup: done.path.clone(), manifest: &done.manifest, bytes: size_of(&done.path), seconds: operation.seconds(), removed };
    if context.json() {
        report::data(&serde_json::to_string_pretty(&told).map_err(|e| Error::failed(e.to_string()))?);
    } else if !args.quiet {
        report::data(&made(&told));
    }
    let reasons: Vec<String> = done.manifest.degraded.iter().cloned().chain(stuck).collect();
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Error::new(Kind::Incomplete, format!("{} is kept, but {}", done.path.display(), reasons.join("; ")))
        .hint("see `mfsctl status`; a backup from the other source (--from) may reach further"))
}

/// A backup that has its name.
struct Done {
    path: PathBuf,
    manifest: Manifest,
}

fn make(args: &Args, operation: &mut Operation, shelf: &Shelf, choice: &source::Choice) -> Result<Done> {
    let (cluster, connector) = (operation.cluster, operation.fleet.connector());
    let source = source::find(operation, choice)?;
    let node = cluster.node(&source.node).ok_or_else(|| Error::failed(format!("{}: no such node", source.node)))?;
    let partial = shelf.begin().map_err(archive_error)?;
    let room = shelf.available().map_err(archive_error)?.saturating_sub(SPARE);
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let mut progress = |done: u64, total: u64| {
        if interrupt.requested() {
            return Err("stopped by the operator; nothing is kept".to_owned());
        }
        if !args.quiet {
            let note = format!("{} of {}", report::format::bytes(done), report::format::bytes(total));
            let progress = Progress { fraction: done as f64 / total.max(1) as f64, note };
            monitor.show(&Event { node: source.node.clone(), what: What::Progress { title: "copying".to_owned(), progress } });
        }
        Ok(())
    };
    let mut connect = || connector.connect(&target(node)).map_err(|e| e.to_string());
    let brought = bring::bring(&mut connect, &source.wanted, &partial, room, &mut progress);
    if interrupt.requested() {
        return Err(Error::new(Kind::Interrupted, "stopped by the operator; nothing is kept"));
    }
    let brought = brought.map_err(|reason| {
        Error::failed(format!("{}: no backup: {reason}", source.node))
            .hint("the earlier backups are as they were; run it again, or with --from for another source")
    })?;
    let best = &brought.best;
    let mut degraded = source.doubts.clone();
    degraded.extend(brought.degraded.iter().cloned());
    let time_of = |seconds: u64| i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok()).map(|t| t.to_string());
    let manifest = Manifest {
        format: 1,
        cluster: cluster.name.clone(),
        node: source.node.clone(),
        role: source.role,
        path: source.wanted.dir.clone(),
        id: best.id.map(|id| format!("{id:016x}")),
        version: best.next,
        base: best.base.clone(),
        base_version: best.version,
        last_change: best.last.and_then(|last| Some(ChangeTime { id: last.id, time: time_of(last.time)? })),
        master_version: source.wanted.at_least,
        moosefs: source.moosefs.clone(),
        degraded,
        time: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        mfsctl: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let path = shelf.finish(partial, &manifest).map_err(archive_error)?;
    note(cluster, &path, &manifest);
    Ok(Done { path, manifest })
}

/// Notes it for `status`; that it cannot be noted does not make the backup worse.
fn note(cluster: &Cluster, path: &Path, manifest: &Manifest) {
    let last = LastBackup {
        path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        time: manifest.time.clone(),
        node: manifest.node.clone(),
        version: manifest.version,
        degraded: manifest.degraded.clone(),
    };
    let noted = state_dir().and_then(|state| archive::record(&state, &cluster.name, &last).map_err(|e| e.to_string()));
    if let Err(reason) = noted {
        report::say(&format!("warning: the backup is not noted for status: {reason}"));
    }
}

/// Where this machine keeps what mfsctl knows: `$XDG_STATE_HOME/mfsctl`.
///
/// # Errors
/// When there is no home directory.
pub fn state_dir() -> std::result::Result<PathBuf, String> {
    Ok(history::path()?.parent().map(Path::to_path_buf).unwrap_or_default())
}

fn size_of(backup: &Path) -> u64 {
    let files = std::fs::read_dir(backup).into_iter().flatten().flatten();
    files.filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum()
}

/// An error of the archive, with its exit status and next step.
fn archive_error(error: ArchiveError) -> Error {
    let text = error.to_string();
    match error {
        ArchiveError::Busy(_) => Error::new(Kind::Locked, text),
        ArchiveError::Damaged { .. } => Error::new(Kind::Refused, text).hint("do not restore from it; take an older backup"),
        _ => Error::failed(text),
    }
}
