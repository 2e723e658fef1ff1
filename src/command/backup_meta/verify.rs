//! Proves a backup: its checksums, what the files hold, and a restore in a scratch directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::{Args, archive_error};
use crate::archive::{self, Manifest, Proof};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::event::{Event, What};
use crate::engine::fleet::target;
use crate::error::{Error, Kind, Result, word};
use crate::inventory::model::{Cluster, Role};
use crate::metadata::{Header, Metadata};
use crate::remote::local::LocalTransport;
use crate::remote::{Connect, Request, Transport, pieces};
use crate::report;
use crate::report::backup::{Verified, verified};
use crate::step::Progress;

/// Where scratch directories are made: on the node's disk, not on the metadata volume.
const SCRATCH: &str = "/var/tmp";
/// What mfsmaster takes for an empty file system (3.0.117: 465 MB), bytes; metadata is several times as large in memory as
/// on the disk, on top of it.
const MEMORY: u64 = 512 << 20;
/// Longest time of a restore, and seconds mfsmaster gets of it.
const DEADLINE: Duration = Duration::from_secs(3600);
const WITHIN: &str = "3500";
const KEEP: &str = include_str!("../../../playbooks/files/mfs-metadata/scratch.sh");
const RESTORE: &str = concat!(
    include_str!("../../../playbooks/files/mfs-metadata/master.sh"),
    include_str!("../../../playbooks/files/mfs-metadata/restore.sh")
);

/// Why a backup is not proved.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// It does not restore to what it says.
    Backup(String),
    /// It could not be tried.
    Trial(String),
}

/// Verifies one, on a node or here.
///
/// # Errors
/// Exit status 3 when the backup is damaged or does not restore; 1 when it could not be tried.
pub fn run(context: &Context, args: &Args, cluster: &Cluster, connector: &dyn Connect, backup: &Path) -> Result<()> {
    let manifest = intact(backup)?;
    if manifest.cluster != cluster.name {
        return Err(Error::input(format!("{}: a backup of {}, not of {}", backup.display(), manifest.cluster, cluster.name)));
    }
    let mut operation = Operation::new(context, cluster, connector)?;
    operation.begin()?;
    let outcome = prove(args, &mut operation, backup, &manifest);
    operation.monitor.clear();
    operation.end_as(if outcome.is_ok() { "done" } else { "failed" }, &BTreeMap::new(), None);
    let proof = outcome?;
    if let Err(error) = proof.write(backup) {
        report::say(&format!("warning: that it restores is not noted beside it: {error}"));
    }
    let told = Verified { backup: backup.to_owned(), manifest: &manifest, restored: &proof };
    if context.json() {
        report::data(&serde_json::to_string_pretty(&told).map_err(|e| Error::failed(e.to_string()))?);
    } else if !args.quiet {
        report::data(&verified(&told));
    }
    Ok(())
}

/// Nothing that a backup consists of is there: another directory was named. One that lost its checksums is damaged.
fn is_no_backup(dir: &Path) -> bool {
    let part =
        |name: &str| name == archive::SUMS || name == archive::MANIFEST || name.starts_with("metadata") || name.starts_with("changelog");
    std::fs::read_dir(dir).is_ok_and(|entries| entries.flatten().all(|e| !part(&e.file_name().to_string_lossy())))
}

/// Checksums first, then whether the files hold what the manifest says.
fn intact(backup: &Path) -> Result<Manifest> {
    archive::check(backup).map_err(|error| match error {
        archive::ArchiveError::Io { .. } if !backup.is_dir() || is_no_backup(backup) => {
            Error::input(error.to_string()).hint("--verify takes the directory of one backup")
        }
        archive::ArchiveError::Io { .. } => Error::new(Kind::Refused, error.to_string()),
        other => archive_error(other),
    })?;
    let manifest = Manifest::read(backup).map_err(archive_error)?;
    let held = archive::read_directory(backup).map_err(|e| Error::failed(format!("{}: {e}", backup.display())))?;
    match held.best() {
        Some(best) if best.next == manifest.version && best.base == manifest.base => Ok(manifest),
        best => {
            let reaches = best.map_or("nothing".to_owned(), |b| format!("version {}", b.next));
            Err(Error::new(
                Kind::Refused,
                format!("{}: it holds {reaches}, its manifest says version {}", backup.display(), manifest.version),
            ))
        }
    }
}

fn prove(args: &Args, operation: &mut Operation, backup: &Path, manifest: &Manifest) -> Result<Proof> {
    let (node, mut transport): (String, Box<dyn Transport>) = if args.local {
        ("this machine".to_owned(), Box::new(LocalTransport::new("this machine")))
    } else {
        let node = place(args, operation)?;
        let found = operation.cluster.node(&node).ok_or_else(|| Error::input(format!("--on: there is no node {node}")))?;
        let transport = operation.fleet.connector().connect(&target(found)).map_err(crate::command::operation::remote_error)?;
        (node, transport)
    };
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let mut progress = |title: &str, fraction: f64| {
        if interrupt.requested() {
            return Err("stopped by the operator".to_owned());
        }
        if !args.quiet {
            let progress = Progress { fraction, note: format!("{:.0} %", fraction * 100.0) };
            monitor.show(&Event { node: node.clone(), what: What::Progress { title: title.to_owned(), progress } });
        }
        Ok(())
    };
    let tried = restore(transport.as_mut(), backup, manifest, &mut progress);
    tried
        .map(|mfsmaster| Proof {
            time: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            node: node.clone(),
            mfsmaster,
            version: manifest.version,
        })
        .map_err(|failure| match failure {
            _ if interrupt.requested() => Error::new(Kind::Interrupted, "stopped by the operator; the backup is as it was"),
            Failure::Backup(why) => Error::new(Kind::Refused, format!("{}: it does not restore: {why}", backup.display()))
                .hint("keep it, but do not count on it; take an older backup"),
            Failure::Trial(why) => Error::failed(format!("{node}: the backup could not be tried: {why}"))
                .hint("--on names another master, --local tries it here"),
        })
}

/// The master to try it on: the one named, else one that does not serve, else the one that does.
fn place(args: &Args, operation: &mut Operation) -> Result<String> {
    let cluster = operation.cluster;
    if let Some(name) = &args.on {
        return match cluster.node(name) {
            Some(node) if node.is(Role::Master) => Ok(name.clone()),
            Some(_) => Err(Error::input(format!("--on: {name} is no master")).hint("mfsmaster is installed on masters only")),
            None => Err(Error::input(format!("--on: there is no node {}", word(name)))),
        };
    }
    let masters = cluster.with_role(Role::Master).map(|n| n.name.clone()).collect();
    let state = operation.observe(&masters);
    let mut able: Vec<(&String, bool)> =
        state.iter().filter_map(|(name, facts)| Some((name, facts.as_ref().ok()?.moosefs.runs("mfsmaster")))).collect();
    able.sort_by_key(|(_, serves)| *serves);
    let reasons = || state.values().filter_map(|f| f.as_ref().err().cloned()).collect::<Vec<_>>().join("; ");
    able.first().map(|(name, _)| (*name).clone()).ok_or_else(|| {
        Error::failed(format!("no master can be asked: {}", reasons()))
            .hint("--local tries it on this machine, where mfsmaster must be installed")
    })
}

/// Copies the files into a scratch directory of the node, restores them there, and compares. Gives mfsmaster's version.
///
/// # Errors
/// [`Failure`] tells a backup that does not restore from a trial that could not be made.
pub fn restore(
    transport: &mut dyn Transport,
    backup: &Path,
    manifest: &Manifest,
    progress: &mut dyn FnMut(&str, f64) -> std::result::Result<(), String>,
) -> std::result::Result<String, Failure> {
    let trial = |e: &dyn ToString| Failure::Trial(e.to_string());
    let held = archive::read_directory(backup).map_err(|e| trial(&e))?;
    let total: u64 = held.files.iter().map(|f| f.size).sum();
    let base = held.file(&manifest.base).map_or(0, |f| f.size);
    let line = transport
        .hold(&Request { stdin: Vec::new(), ..Request::new(["sh", "-c", KEEP, "mfsctl-scratch", SCRATCH]) })
        .map_err(|e| trial(&e))?;
    let words: Vec<&str> = line.split(' ').collect();
    let [scratch, room, memory] = words[..] else { return Err(Failure::Trial(format!("no scratch directory: {line}"))) };
    let number = |text: &str| text.parse::<u64>().map_err(|e| trial(&e));
    // The restored metadata is another file about as large as the first, and a little more.
    let needed = total.saturating_add(base.saturating_mul(2)).saturating_add(64 << 20);
    if number(room)? < needed {
        return Err(Failure::Trial(format!("{SCRATCH} has {room} bytes free, {needed} are needed")));
    }
    let in_memory = base.saturating_mul(5).saturating_add(MEMORY);
    if number(memory)? < in_memory {
        return Err(Failure::Trial(format!("{memory} bytes of memory are free, {in_memory} are needed")));
    }
    let mut done = 0;
    for file in &held.files {
        let mut source = File::open(backup.join(&file.name)).map_err(|e| trial(&e))?;
        pieces::send(transport, &mut source, &format!("{scratch}/data/{}", file.name), &mut |sent| {
            done += sent;
            progress("copying the backup", done as f64 / total.max(1) as f64)
        })
        .map_err(|e| trial(&e))?;
    }
    // What arrived is what was checked here.
    let sums: Vec<String> = held
        .files
        .iter()
        .map(|f| archive::sha256(&backup.join(&f.name)).map(|sum| format!("{sum}  {}\n", f.name)))
        .collect::<std::io::Result<_>>()
        .map_err(|e| trial(&e))?;
    let check = Request {
        stdin: sums.concat().into_bytes(),
        ..Request::new(["sh", "-c", r#"cd "$1" && sha256sum --quiet -c -"#, "mfsctl-check", &format!("{scratch}/data")]).within(DEADLINE)
    };
    let checked = transport.run(&check).map_err(|e| trial(&e))?;
    if !checked.success() {
        return Err(Failure::Trial(format!("it did not arrive whole: {}", checked.error_text().trim())));
    }
    progress("restoring", 1.0).map_err(Failure::Trial)?;
    let output =
        transport.run(&Request::new(["sh", "-c", RESTORE, "mfsctl-restore", scratch, WITHIN]).within(DEADLINE)).map_err(|e| trial(&e))?;
    // The held process does so too when the connection ends; this is sooner.
    let _ = transport.run(&Request::new(["rm", "-rf", "--", scratch]));
    if !output.success() {
        return Err(Failure::Trial(output.error_text().trim().to_owned()));
    }
    judge(&output.text(), manifest)
}

/// Compares what was restored with the manifest.
fn judge(text: &str, manifest: &Manifest) -> std::result::Result<String, Failure> {
    let (head, log) = text.split_once("@log\n").unwrap_or((text, ""));
    let field = |key: &str| head.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('|'));
    let last: Vec<&str> = log.lines().filter(|l| !l.trim().is_empty()).collect();
    let said = last.get(last.len().saturating_sub(3)..).unwrap_or_default().join("; ");
    match field("rc") {
        Some("0") => {}
        // Killed from outside: 128 + SIGKILL, SIGTERM. That says nothing of the backup.
        Some(status @ ("137" | "143")) => {
            return Err(Failure::Trial(format!("mfsmaster restore was killed ({status}): was memory short? See the node's kernel log")));
        }
        Some("124") => return Err(Failure::Trial(format!("mfsmaster restore did not end within {WITHIN} s"))),
        Some(status) => return Err(Failure::Backup(format!("mfsmaster restore ended with {status}: {said}"))),
        None => return Err(Failure::Trial(format!("no answer of the restore: {said}"))),
    }
    let found = field("head").and_then(|h| h.split_once('|')).and_then(|(hex, seal)| {
        let bytes: Option<Vec<u8>> =
            hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect();
        Some(Metadata { header: Header::read(&bytes?), sealed: seal == "sealed" })
    });
    let found = found.ok_or_else(|| Failure::Backup(format!("mfsmaster restore wrote no metadata: {said}")))?;
    let Some(version) = found.version() else { return Err(Failure::Backup("the restored metadata is not whole".to_owned())) };
    if version != manifest.version {
        return Err(Failure::Backup(format!("it gives version {version}, its manifest says {}", manifest.version)));
    }
    let id = found.id().map(|id| format!("{id:016x}"));
    if manifest.id.is_some() && id != manifest.id {
        return Err(Failure::Backup(format!(
            "it gives file system {}, its manifest says {}",
            id.unwrap_or_default(),
            manifest.id.clone().unwrap_or_default()
        )));
    }
    Ok(field("mfsmaster").unwrap_or("?").to_owned())
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
