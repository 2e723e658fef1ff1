//! DRBD under the metadata volume: module, configuration, metadata, connection, first synchronisation.

pub(super) mod sync;

pub use sync::wait_in_sync;
#[cfg(test)]
mod tests;
mod volume;

use serde_json::json;

use super::file::{self, ManagedFile};
use super::{Action, Outcome, Refusal, StepDef, View, template};
use crate::fact::drbd::Freshness;
use crate::fact::system::Family;
use crate::inventory::layout::takeover as at;
use crate::inventory::model::Cluster;

/// The steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "drbd-module", about: "DRBD's kernel module is loaded, now and at boot", plan: module },
    StepDef { name: "drbd-config", about: "DRBD's configuration, the same on both masters", plan: config },
    StepDef { name: "drbd-metadata", about: "DRBD's metadata on an empty volume", plan: volume::metadata },
    StepDef { name: "drbd-up", about: "The resource is up and connected to its peer", plan: volume::up },
    StepDef { name: "drbd-connected", about: "Both sides are up and connected", plan: volume::connected },
    StepDef { name: "drbd-first-sync", about: "Both sides hold the same data, and one may write", plan: sync::first },
    StepDef { name: "drbd-primary", about: "The active node is primary until the takeover decides", plan: sync::primary },
];

const CONF: &str = include_str!("../../playbooks/files/drbd.conf");
const COMMON: &str = include_str!("../../playbooks/files/drbd-global_common.conf");
const RESOURCE: &str = include_str!("../../playbooks/files/drbd-mfs.res");

/// Shell function `state MINOR RESOURCE`: prints `cs:… ro:…/… ds:…/…` for either generation. Generation 9
/// tells them one by one, and knows of a primary peer only through its status.
const STATE: &str = r#"
state() {
  line=$(sed -n "s/^ *$1: \(cs:.*\)/\1/p" /proc/drbd 2>/dev/null)
  if [ -z "$line" ] && ! grep -q '^version: 8' /proc/drbd 2>/dev/null; then
    peer=Secondary
    ! drbdsetup status "$2" | sed 1d | grep -q role:Primary || peer=Primary
    line="cs:$(drbdadm cstate "$2") ro:$(drbdadm role "$2")/$peer ds:$(drbdadm dstate "$2") "
  fi
  printf '%s\n' "$line"
}
"#;

/// `sh -c` with [`STATE`] and the given body; `$1` is the minor, `$2` the resource.
pub(super) fn with_state(cluster: &Cluster, body: &str) -> Vec<String> {
    let drbd = &cluster.drbd;
    vec!["sh".into(), "-c".into(), format!("{STATE}{body}"), "mfsctl".into(), drbd.minor().to_string(), drbd.resource.clone()]
}

/// Whether the peers run DRBD 9: by the module found, else by what the distribution offers
/// (its kernel's 8.4 on Debian and Ubuntu, kmod-drbd84 on EL7, kmod-drbd9x from EL8 on).
fn is_nine(view: &View) -> bool {
    view.facts.drbd.is_nine().unwrap_or(view.facts.system.os.family() == Some(Family::Dnf))
}

fn module(view: &View) -> Outcome {
    let file = ManagedFile::new(at::DRBD_MODULES_LOAD, "drbd\n");
    let mut actions = match file::actions(view, vec![file]) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    if view.facts.drbd.status.version.is_none() {
        actions.push(Action::run("load the kernel module drbd", ["modprobe", "drbd"]));
        actions.push(Action::run("check that the kernel has it", ["test", "-r", "/proc/drbd"]));
    }
    let version = view.facts.drbd.status.version.clone().unwrap_or_default();
    Outcome::from_actions(actions, format!("module {version} is loaded, now and at boot"))
}

fn config(view: &View) -> Outcome {
    let (name, hostname, port) = (&view.node.name, &view.facts.system.hostname, view.cluster.drbd.port);
    if hostname != name {
        return Outcome::refused(
            format!("`uname -n` says {hostname}, the inventory says {name}: DRBD finds its section by that name"),
            format!("run `hostnamectl set-hostname {name}` on it, or call the node {hostname} in the inventory"),
        );
    }
    // DRBD's own socket is the kernel's: it has no process.
    let listeners = || view.facts.network.listeners.iter().filter(|l| l.port == port);
    if let Some((process, pid)) = listeners().find_map(|l| Some((l.process.as_ref()?, l.pid?))) {
        return Outcome::refused(
            format!("port {port} of {name} is taken by {process} (pid {pid})"),
            "stop that process, or give drbd.port another number in the inventory",
        );
    }
    let files = match files(view) {
        Ok(files) => files,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let mut actions = match file::actions(view, files) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    if !actions.is_empty() {
        let packaged = [at::DRBD_CONF, at::DRBD_COMMON].into_iter().filter_map(|path| file::set_packaged_aside(view, path));
        actions.splice(0..0, packaged);
        let resource = &view.cluster.drbd.resource;
        let check = Action::run(format!("check that resource {resource} is defined for this host"), ["drbdadm", "sh-dev", resource]);
        actions.push(check);
    }
    Outcome::from_actions(actions, "as rendered, the same on both masters")
}

fn files(view: &View) -> Result<Vec<ManagedFile>, Refusal> {
    let drbd = &view.cluster.drbd;
    let mut hosts = Vec::new();
    for master in view.cluster.masters() {
        let storage = master.storage.as_ref().ok_or_else(|| Refusal {
            found: format!("master {} has no storage in the inventory", master.name),
            fix: format!("give {} a disk for the metadata volume (storage.disk)", master.name),
        })?;
        hosts.push(json!({ "name": master.name, "address": master.address, "disk": storage.lv_path() }));
    }
    let secret = drbd.secret.expose();
    if secret.contains(['"', '\n', '\\']) || secret.len() > 63 {
        return Err(Refusal {
            found: "drbd.secret has a quote, a backslash or a line break, or is longer than 63 characters".to_owned(),
            fix: "choose a secret of at most 63 plain characters: DRBD's configuration cannot hold others".to_owned(),
        });
    }
    // The order must be the same on both nodes, whatever the priorities become: node ids of DRBD 9 follow it.
    hosts.sort_by_key(|h| h["name"].to_string());
    let common = json!({ "startup_timeout": drbd.startup_timeout, "resync_rate": drbd.resync_rate, "protocol": drbd.protocol });
    let resource = json!({
        "resource": drbd.resource, "device": drbd.device, "minor": drbd.minor(), "nine": is_nine(view), "port": drbd.port,
        "cram_hmac_alg": drbd.cram_hmac_alg, "secret": secret, "hosts": hosts,
    });
    Ok(vec![
        ManagedFile::new(at::DRBD_CONF, CONF),
        ManagedFile::new(at::DRBD_COMMON, template::render("drbd-global_common.conf", COMMON, common)?).marks(at::MARK_ADJUST),
        ManagedFile::new(at::drbd_resource(view.cluster), template::render("drbd-mfs.res", RESOURCE, resource)?)
            .mode(0o600)
            .secret(&drbd.secret)
            .marks(at::MARK_ADJUST),
    ])
}

/// Freshness of a master's volume, by name; `None` when its facts are not known.
fn freshness(view: &View, name: &str) -> Option<Freshness> {
    view.state.get(name)?.as_ref().ok().map(|facts| facts.drbd.freshness())
}

/// Both volumes' sizes when both are known and differ.
fn unequal(view: &View) -> Option<Refusal> {
    let sizes: Vec<(&str, u64)> = view
        .cluster
        .masters()
        .iter()
        .filter_map(|m| Some((m.name.as_str(), view.state.get(&m.name)?.as_ref().ok()?.drbd.bytes?)))
        .collect();
    let [(one, a), (other, b)] = sizes[..] else { return None };
    (a != b).then(|| Refusal {
        found: format!("the metadata volumes differ in size: {a} bytes on {one}, {b} bytes on {other}"),
        fix: "make both logical volumes the same size (set storage.size for both masters): DRBD replicates equal volumes".to_owned(),
    })
}
