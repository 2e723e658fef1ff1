//! The vote service of a witness: a socket unit and a small script.

use serde_json::json;

use super::{daemon_reload, master_addresses, wrote};
use crate::inventory::layout::takeover as at;
use crate::inventory::model::{Cluster, Role};
use crate::remote::shell::quote;
use crate::step::file::{self, ManagedFile};
use crate::step::{Action, Outcome, Refusal, View, template};

/// The script.
pub const SCRIPT: &str = include_str!("../../../playbooks/files/mfs-witness");
const CONF: &str = include_str!("../../../playbooks/files/mfs-witness.conf");
const SOCKET: &str = include_str!("../../../playbooks/files/mfs-witness.socket");
const SERVICE: &str = include_str!("../../../playbooks/files/mfs-witness@.service");

/// Plans `witness`.
pub fn plan(view: &View) -> Outcome {
    let mut actions = match files(view).and_then(|files| file::actions(view, files)) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let unit = view.facts.units.get(at::WITNESS_SOCKET);
    let unit_files = [at::WITNESS_SOCKET_FILE, at::WITNESS_SERVICE_FILE];
    if unit_files.iter().any(|f| wrote(&actions, f)) || unit.needs_reload {
        actions.push(daemon_reload());
    }
    if !unit.is_enabled() {
        actions.push(Action::run("answer for the votes at boot", ["systemctl", "enable", at::WITNESS_SOCKET]));
    }
    if !unit.is_active() || view.pending.contains(at::MARK_WITNESS) || wrote(&actions, at::WITNESS_SOCKET_FILE) {
        actions.push(Action::run("answer for the votes", ["systemctl", "restart", at::WITNESS_SOCKET]).clears(at::MARK_WITNESS));
    }
    let count = view.cluster.ha.witnesses.len();
    Outcome::from_actions(actions, format!("one of {count} witnesses, answering on port {}", view.cluster.ha.witness_port))
}

fn files(view: &View) -> Result<Vec<ManagedFile>, Refusal> {
    let (cluster, ha) = (view.cluster, &view.cluster.ha);
    let conf = json!({
        "secret": quote(ha.witness_secret.expose()), "masters": quote(&master_addresses(cluster).join(" ")),
        "nodes": quote(&master_names(cluster).join(" ")), "resource": quote(&cluster.drbd.resource),
    });
    let socket = json!({ "resource": cluster.drbd.resource, "address": view.node.address, "port": ha.witness_port });
    Ok(vec![
        ManagedFile::new(at::WITNESS_SCRIPT, SCRIPT).mode(0o755),
        ManagedFile::new(at::WITNESS_CONF, template::render("mfs-witness.conf", CONF, conf)?).mode(0o600).secret(&ha.witness_secret),
        ManagedFile::new(at::WITNESS_SOCKET_FILE, template::render("mfs-witness.socket", SOCKET, socket)?).marks(at::MARK_WITNESS),
        ManagedFile::new(at::WITNESS_SERVICE_FILE, SERVICE),
    ])
}

fn master_names(cluster: &Cluster) -> Vec<String> {
    cluster.with_role(Role::Master).map(|m| m.name.clone()).collect()
}
