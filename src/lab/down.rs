//! `lab down`: no process, namespace, tap or file is left, also when the records are lost.

use std::fs;
use std::path::Path;

use rustix::fs::FlockOperation;

use super::error::{LabError, Result};
use super::process::Mark;
use super::spec::check_name;
use super::{Dirs, lock, network, process, server};

/// Ends a lab. With `keep_disks` the next `up` boots the same machines again. Gives whether there was anything to end.
///
/// # Errors
/// A process survives, or a file cannot be removed.
pub fn down(dirs: &Dirs, name: &str, keep_disks: bool) -> Result<bool> {
    check_name(name).map_err(|fault| LabError::Spec { name: name.into(), faults: vec![fault] })?;
    if !rustix::process::geteuid().is_root() {
        return Err(LabError::NotRoot);
    }
    let _lock = lock(dirs, name, FlockOperation::LockExclusive)?;
    let dir = dirs.lab(name);
    let there = dir.exists() || network::exists(name);
    if keep_disks {
        stop(name, &dir)?;
    } else {
        sweep(name, &dir)?;
    }
    Ok(there)
}

/// Ends everything and removes the directory.
pub(super) fn sweep(name: &str, dir: &Path) -> Result<()> {
    stop(name, dir)?;
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(LabError::io(dir))?;
    }
    Ok(())
}

/// Ends machines, server and network.
fn stop(name: &str, dir: &Path) -> Result<()> {
    // All machines of a lab boot from disks below its directory; no record is needed to find them.
    let machines = Mark { program: "linux".into(), word: format!("ubd0={}/nodes/", dir.display()), leader: None };
    process::end(&format!("lab {name}"), &machines)?;
    process::end(&format!("lab {name}: package server"), &server::mark(dir))?;
    network::remove(name)
}
