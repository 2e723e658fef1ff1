//! Brings a copy of a source to the node that restores: kept on the source's node, brought here, sent there, verified at each end.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::command::operation::Operation;
use crate::command::split_brain::fetch::{self, Saved};
use crate::engine::history;
use crate::fact::restore::command;
use crate::health::restore::{Place, Source};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::inventory::model::Role;
use crate::metadata::Kind;
use crate::remote::{Request, Transport, pieces};
use crate::report::format;
use crate::step::restore::work;

/// Longest time for copying a directory on its node.
const SLOW: Duration = Duration::from_secs(7500);

/// Where copies are brought to here: `$XDG_STATE_HOME/mfsctl/restore/CLUSTER/RUN`.
///
/// # Errors
/// When there is no place for the journal, beside which it is.
pub fn here(cluster: &str, run: &str) -> Result<PathBuf, String> {
    let journal = history::path()?;
    Ok(journal.parent().map(Path::to_path_buf).unwrap_or_default().join("restore").join(cluster).join(run))
}

/// Makes the source's files a directory of the restore on `target`, and gives its name there.
///
/// # Errors
/// What went wrong, with the node it went wrong on.
pub fn carry(operation: &mut Operation, source: &Source, run: &str, target: &str) -> Result<String, String> {
    let Some(node) = &source.node else {
        let saved = of_directory(Path::new(&source.path))?;
        return send(operation, Path::new(&source.path), &saved, run, target);
    };
    let saved = keep(operation, source, node, run)?;
    if node == target {
        return saved.dir.rsplit('/').next().map(str::to_owned).ok_or_else(|| format!("{node}: a copy without a name"));
    }
    let place = here(&operation.cluster.name, run)?.join(format!("{node}-{}", name_of(&saved)));
    operation.monitor.note(&format!("{node}: bringing {} of metadata to {}", format::bytes(saved.bytes()), place.display()));
    with_slot(operation, node, |operation, transport| fetch::bring(transport, &saved, &place, &mut |_| breathe(operation)))?;
    send(operation, &place, &saved, run, target)
}

/// A verified copy on the source's own node.
fn keep(operation: &mut Operation, source: &Source, node: &str, run: &str) -> Result<Saved, String> {
    let work = work(run);
    let name = match source.place {
        Place::Volume => "volume".to_owned(),
        Place::Metalogger => "metalogger".to_owned(),
        // Whatever it is called elsewhere, one name for one place.
        _ => format!("metalogger-{}", &hex(&Sha256::digest(source.path.as_bytes()))[..8]),
    };
    let of = if source.place == Place::Volume { "@VIEW" } else { source.path.as_str() };
    let mut argv = command(&["keep", &work, of, &name, "live"]);
    if source.place == Place::Volume {
        argv.splice(0..0, [HA_SCRIPT.to_owned(), "view".to_owned()]);
    }
    let answer = on_node(operation, node, argv)?;
    fetch::parse(&answer).ok_or_else(|| format!("{node}: it answered oddly: {}", answer.trim()))
}

/// Metadata and changelogs of a directory here.
fn of_directory(dir: &Path) -> Result<Saved, String> {
    let told = |e: std::io::Error| format!("{}: {e}", dir.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(told)? {
        let entry = entry.map_err(told)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = Kind::of(&name);
        if kind.is_base() || kind.is_changelog() {
            files.push((name, entry.metadata().map_err(told)?.len(), crate::archive::sha256(&entry.path()).map_err(told)?));
        }
    }
    files.sort();
    Ok(Saved { dir: dir.display().to_string(), files })
}

/// The list of a copy, as `sha256sum` writes it.
fn sums(saved: &Saved) -> String {
    saved.files.iter().map(|(name, _, sum)| format!("{sum}  {name}\n")).collect()
}

/// A name for what it holds: the same again is not sent twice.
fn name_of(saved: &Saved) -> String {
    format!("brought-{}", &hex(&Sha256::digest(sums(saved).as_bytes()))[..12])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Sends a directory of this machine to the restore's directory on a node.
fn send(operation: &mut Operation, dir: &Path, saved: &Saved, run: &str, target: &str) -> Result<String, String> {
    let (work, name, list) = (work(run), name_of(saved), sums(saved));
    operation.monitor.note(&format!("{target}: sending {} of metadata", format::bytes(saved.bytes())));
    let bytes = saved.bytes().to_string();
    if on_node(operation, target, command(&["receive", &work, &name, &bytes]))?.contains("file=") {
        return Ok(name);
    }
    let part = format!("{work}/{name}.new");
    with_slot(operation, target, |operation, transport| {
        for (file, ..) in &saved.files {
            let mut from = File::open(dir.join(file)).map_err(|e| format!("{}: {e}", dir.join(file).display()))?;
            pieces::send(transport, &mut from, &format!("{part}/{file}"), &mut |_| breathe(operation))?;
        }
        pieces::send(transport, &mut list.as_bytes(), &format!("{part}/SHA256SUMS"), &mut |_| Ok(()))
    })
    .map_err(|e| format!("{target}: {e}"))?;
    on_node(operation, target, command(&["arrived", &work, &name]))?;
    Ok(name)
}

/// Runs a command that must succeed.
///
/// # Errors
/// What it said, or why it could not be run.
pub fn ran(transport: &mut dyn Transport, argv: Vec<String>) -> Result<String, String> {
    let output = transport.run(&Request::new(argv).within(SLOW)).map_err(|e| e.to_string())?;
    if output.success() { Ok(output.text()) } else { Err(output.error_text().trim().to_owned()) }
}

/// Runs a command on one node, however long it takes, while the connections that hold the operator lock are kept alive.
///
/// # Errors
/// What it said, or why it could not be run, with the node in front.
pub fn on_node(operation: &mut Operation, node: &str, argv: Vec<String>) -> Result<String, String> {
    let masters = operation.cluster.with_role(Role::Master).map(|n| n.name.clone());
    let hosts: BTreeSet<String> = masters.chain([node.to_owned()]).collect();
    let connector = operation.fleet.connector();
    let mut results = operation.fleet.each(&hosts, |known, slot, _| {
        (known.name == node).then(|| {
            let transport = slot.connect(connector, known).map_err(|e| e.to_string())?;
            ran(transport, argv.clone()).map_err(|e| format!("{node}: {e}"))
        })
    });
    results.remove(node).flatten().unwrap_or_else(|| Err(format!("{node}: no such node")))
}

/// Works on one connection while the others are kept alive.
///
/// # Errors
/// That of the work, or that there is no connection.
pub fn with_slot<T>(
    operation: &mut Operation,
    node: &str,
    work: impl FnOnce(&mut Operation, &mut (dyn Transport + 'static)) -> Result<T, String>,
) -> Result<T, String> {
    let mut slot = std::mem::take(operation.fleet.slot(node));
    let connector = operation.fleet.connector();
    let known = operation.cluster.node(node);
    let connected =
        known.ok_or_else(|| format!("{node}: no such node")).and_then(|n| slot.connect(connector, n).map_err(|e| e.to_string()));
    let result = connected.and_then(|transport| work(operation, transport));
    *operation.fleet.slot(node) = slot;
    result
}

fn breathe(operation: &mut Operation) -> Result<(), String> {
    if operation.interrupt.requested() {
        return Err("stopped by the operator".to_owned());
    }
    operation.breathe().map_err(|e| e.message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_named_by_its_content() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("metadata.mfs"), "one").unwrap();
        std::fs::write(dir.path().join("changelog.0.mfs"), "two").unwrap();
        std::fs::write(dir.path().join("README"), "no").unwrap();
        let saved = of_directory(dir.path()).unwrap();
        let names: Vec<&str> = saved.files.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!((names, saved.bytes()), (vec!["changelog.0.mfs", "metadata.mfs"], 6));
        let before = name_of(&saved);
        std::fs::write(dir.path().join("changelog.0.mfs"), "too").unwrap();
        assert_ne!(name_of(&of_directory(dir.path()).unwrap()), before);
        assert!(before.starts_with("brought-") && before.len() == 20);
    }
}
