//! `lab up`: from nothing, from a half-dead lab or from a running one to a running one.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;

use super::cache::Cache;
use super::error::{LabError, Result};
use super::machine::{BOOT_DEADLINE, write_atomic, write_json};
use super::progress::{Event, Progress, step};
use super::spec::{LabSpec, NodeSpec};
use super::{Dirs, Lab, RECORD, Record, Source, host, image, inventory, kernel, lock, network, repository, server, ssh};

/// What `up` is to make.
pub struct UpOptions<'a> {
    /// The lab wanted.
    pub spec: LabSpec,
    /// The inventory it is a twin of.
    pub inventory: Source,
    /// The mfsctl program, which also serves the packages.
    pub program: PathBuf,
    /// Who is told.
    pub progress: Progress<'a>,
}

/// What `up` did.
#[derive(Debug)]
pub struct Up {
    /// The lab, running.
    pub lab: Lab,
    /// Nodes that were booted; none when all ran already.
    pub booted: Vec<String>,
}

/// Brings a lab up. Nodes that run stay untouched, dead ones are booted with their disks.
///
/// # Errors
/// The host lacks something, the lab exists with another shape, or a part does not come up.
pub fn up(dirs: &Dirs, options: UpOptions<'_>) -> Result<Up> {
    options.spec.check()?;
    host::check()?;
    let progress = options.progress;
    let name = options.spec.name.clone();
    let _lock = lock(dirs, &name, FlockOperation::LockExclusive)?;
    let lab = match Lab::open_in(dirs, &name) {
        Ok(mut lab) => {
            if let Some(difference) = difference(&lab.record.spec, &options.spec) {
                return Err(LabError::Differs { name, difference });
            }
            lab.record.spec = options.spec;
            lab
        }
        Err(LabError::NoLab { .. }) => make(dirs, options.spec, progress)?,
        Err(other) => return Err(other),
    };
    write_json(&lab.dir.join(RECORD), &lab.record)?;
    if !lab.record.spec.nodes.iter().all(|n| lab.machine(n).running().is_some()) || !network::exists(&name) {
        step(progress, "network", || network::create(&lab.record.spec).and_then(|()| network::apply(&lab.record.spec, &lab.cuts())))?;
    }
    server::ensure(&lab, &options.program)?;
    let booted = boot(&lab, progress)?;
    if !booted.is_empty() || !lab.known_hosts().exists() {
        write_known_hosts(&lab)?;
        step(progress, "ssh answers", || {
            booted.iter().filter(|n| !lab.cuts().nodes.contains(*n)).try_for_each(|n| lab.wait_ssh(n, Duration::from_secs(60)))
        })?;
    }
    inventory::write(&lab, &options.inventory)?;
    Ok(Up { lab, booted })
}

/// Kernel, image, packages and the lab's own directory.
fn make(dirs: &Dirs, spec: LabSpec, progress: Progress<'_>) -> Result<Lab> {
    let cache = Cache::new(dirs.cache.clone());
    let kernel = kernel::ensure(&cache, progress)?;
    let image = image::ensure(&cache, &kernel, progress)?;
    let repository = repository::ensure(&cache, &image, progress)?;
    let dir = dirs.lab(&spec.name);
    // A directory without a record is what a killed `up` or `down` left.
    super::down::sweep(&spec.name, &dir)?;
    for path in [dir.join("uml"), dir.join("empty"), dir.join("nodes")] {
        DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(LabError::io(&path))?;
    }
    let key = dir.join(inventory::KEY);
    fs::copy(&repository.key, &key).map_err(LabError::io(&key))?;
    Ok(Lab { dirs: dirs.clone(), dir, record: Record { spec, image: image.disk, kernel: kernel.program, repository: repository.root } })
}

/// The first thing in which an existing lab does not serve the one wanted; further nodes are no difference.
fn difference(have: &LabSpec, want: &LabSpec) -> Option<String> {
    if (have.prefix, have.gateway) != (want.prefix, want.gateway) {
        return Some(format!("its bridge is {}/{}, not {}/{}", have.gateway, have.prefix, want.gateway, want.prefix));
    }
    have.nodes.iter().find_map(|node| match want.node(&node.name) {
        None => Some(format!("it has a node {}", node.name)),
        Some(wanted) if wanted != node => Some(format!("{} has another address, memory or disks", node.name)),
        Some(_) => None,
    })
}

fn boot(lab: &Lab, progress: Progress<'_>) -> Result<Vec<String>> {
    let off = |n: &&NodeSpec| lab.machine(n).running().is_none() || lab.machine(n).host_key().is_none();
    let dead: Vec<&NodeSpec> = lab.record.spec.nodes.iter().filter(off).collect();
    if dead.is_empty() {
        return Ok(Vec::new());
    }
    let title = if dead.len() == 1 { format!("boot {}", dead[0].name) } else { format!("boot {} nodes", dead.len()) };
    step(progress, &title, || {
        let key = lab.login().ensure_key()?;
        dead.iter().try_for_each(|node| lab.machine(node).start(&lab.record.kernel, &lab.record.image, &key))?;
        let deadline = Instant::now() + BOOT_DEADLINE;
        for (done, node) in dead.iter().enumerate() {
            progress(Event::Count { step: &title, done, of: dead.len() });
            lab.machine(node).wait_ready(1, deadline)?;
        }
        Ok(())
    })?;
    Ok(dead.iter().map(|n| n.name.clone()).collect())
}

fn write_known_hosts(lab: &Lab) -> Result<()> {
    let nodes = lab.record.spec.nodes.iter();
    let keys = nodes.filter_map(|n| Some((n.name.as_str(), n.address, lab.machine(n).host_key()?)));
    write_atomic(&lab.known_hosts(), ssh::known_hosts(keys).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_nodes_are_no_difference_and_changed_ones_are() {
        let have = LabSpec::reference("lab");
        let mut want = have.clone();
        want.nodes.push(NodeSpec {
            name: "node9".into(),
            address: std::net::Ipv4Addr::new(172, 16, 0, 49),
            memory_mb: 320,
            disks: Vec::new(),
        });
        assert_eq!(difference(&have, &want), None);
        assert_eq!(difference(&want, &have).as_deref(), Some("it has a node node9"));
        want.nodes[0].memory_mb = 2048;
        assert!(difference(&have, &want).is_some_and(|d| d.contains("node1")));
        want.prefix = 16;
        assert!(difference(&have, &want).is_some_and(|d| d.contains("bridge")));
    }
}
