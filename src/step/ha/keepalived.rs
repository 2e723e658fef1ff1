//! keepalived's configuration: election only, health from a file, nothing moved by it.

use serde_json::json;

use crate::inventory::layout::takeover as at;
use crate::inventory::model::Cluster;
use crate::step::file::{self, ManagedFile};
use crate::step::{Action, Outcome, Refusal, View, template};

const CONF: &str = include_str!("../../../playbooks/files/keepalived.conf");

/// The address that keepalived adds to `lo` where it elects the node.
pub fn elected(cluster: &Cluster) -> String {
    format!("127.77.0.{}", cluster.keepalived.router_id)
}

/// Plans `keepalived-config`.
pub fn plan(view: &View) -> Outcome {
    let file = match render(view) {
        Ok(file) => file,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let mut actions = match file::actions(view, vec![file]) {
        Ok(actions) => actions,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    if !actions.is_empty() {
        actions.splice(0..0, file::set_packaged_aside(view, at::KEEPALIVED_CONF));
        actions.push(Action::run("make the takeover's directories", [at::HA_SCRIPT, "prepare"]));
        let check = Action::run("let keepalived check its configuration", ["keepalived", "--config-test", "-f", at::KEEPALIVED_CONF]);
        let able = ["sh", "-c", "keepalived --help 2>&1 | grep -q config-test"];
        actions.push(check.only_if("this keepalived can", able));
    }
    Outcome::from_actions(actions, "as rendered")
}

fn render(view: &View) -> Result<ManagedFile, Refusal> {
    let (cluster, node, network) = (view.cluster, view.node, &view.facts.network);
    let keepalived = &cluster.keepalived;
    let refuse = |found: String, fix: &str| Refusal { found, fix: fix.to_owned() };
    let peer = cluster.peer(node).ok_or_else(|| refuse(format!("{} has no second master beside it", node.name), "add a second master"))?;
    let interface = match &cluster.vip.interface {
        Some(name) if network.addresses.iter().any(|a| a.interface == *name) => name.clone(),
        Some(name) => {
            let found = format!("there is no interface {name} with an IPv4 address on {} (it has {})", node.name, interfaces(view));
            return Err(refuse(found, "correct vip.interface in the inventory, or leave it out: the node's own address tells it"));
        }
        None => network.interface_of(node.address).map(str::to_owned).ok_or_else(|| {
            let found = format!("no interface of {} has its address {} (it has {})", node.name, node.address, interfaces(view));
            refuse(found, "correct the node's address, or name the interface with vip.interface in the inventory")
        })?,
    };
    let advert = keepalived.advert_interval;
    if let Some(password) = &keepalived.password {
        if password.expose().chars().count() > 8 {
            return Err(refuse(
                "keepalived.password is longer than the 8 characters VRRP has".to_owned(),
                "shorten it to at most 8 characters",
            ));
        }
        if password.expose().chars().any(|c| c.is_whitespace() || "\"'!#{}".contains(c)) {
            return Err(refuse(
                "keepalived.password has a character keepalived's configuration cannot hold".to_owned(),
                "use letters and digits",
            ));
        }
        if advert.fract() != 0.0 {
            let found = format!("keepalived.advert_interval {advert} is a fraction, which needs VRRP 3, and VRRP 3 has no password");
            return Err(refuse(found, "use whole seconds, or leave the password out"));
        }
    }
    let context = json!({
        "node": node.name, "track_file": view.facts.takeover.tracks_files(&view.facts.system), "instance": cluster.drbd.resource, "interface": interface,
        "router_id": keepalived.router_id, "priority": node.priority.unwrap_or(100),
        "version": if keepalived.password.is_some() { 2 } else { 3 }, "advert_interval": advert.to_string(),
        "password": keepalived.password.as_ref().map(|p| p.expose()),
        "unicast": keepalived.unicast, "address": node.address, "peer_address": peer.address,
        "dummy": elected(cluster),
    });
    let mut file = ManagedFile::new(at::KEEPALIVED_CONF, template::render("keepalived.conf", CONF, context)?).marks(at::MARK_KEEPALIVED);
    if let Some(password) = &keepalived.password {
        file = file.mode(0o600).secret(password);
    }
    Ok(file)
}

fn interfaces(view: &View) -> String {
    let mut names: Vec<String> = view.facts.network.addresses.iter().map(|a| format!("{} {}", a.interface, a.address)).collect();
    names.dedup();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
