//! Parts of the cluster as a whole: address, replication, daemons, takeover.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::inventory::diagnostic::Placed;
use crate::inventory::document::{HaPart, Layer, MooseFsPart};
use crate::inventory::keys::{DRBD, HA, KEEPALIVED, MOOSEFS, VIP};
use crate::inventory::model::{Drbd, Ha, Keepalived, VersionLine, Vip};
use crate::inventory::read::node;
use crate::inventory::reader::{Fields, Reader};
use crate::inventory::rule;
use crate::inventory::secret::Secret;
use crate::inventory::tree::{Kind, Tree};

/// Reads an IPv4 address that a machine can have.
pub fn address(r: &mut Reader<'_>, tree: &Tree, what: &str) -> Option<Placed<Ipv4Addr>> {
    let text = r.text(tree, what)?;
    let Ok(address) = text.value.parse::<Ipv4Addr>() else {
        let hint = match text.value.split_once('/') {
            Some((address, prefix)) if address.parse::<Ipv4Addr>().is_ok() => {
                format!("write {address} only; the prefix {prefix} belongs to vip.prefix")
            }
            _ => "write four numbers from 0 to 255, e.g. 172.16.0.41".to_owned(),
        };
        r.error(text.at, format!("{what} is not an IPv4 address: {:?}", text.value), hint);
        return None;
    };
    if address.is_loopback() || address.is_unspecified() || address.is_multicast() || address.is_broadcast() {
        r.error(text.at, format!("{what} cannot be {address}"), "use an address of the cluster's network; chunkservers refuse loopback");
        return None;
    }
    Some(Placed::new(address, text.at))
}

/// Reads `vip`: an address or a mapping.
pub fn vip(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<Vip>> {
    let default = |address| Vip { address, prefix: 24, interface: None, name: "mfsmaster".to_owned() };
    if let Kind::Scalar { .. } = tree.kind {
        return address(r, tree, "the vip").map(|a| Placed::new(default(a.value), a.at));
    }
    let fields = r.fields(tree, &VIP, "vip")?;
    let address = fields.get("address").and_then(|t| address(r, t, "the vip"));
    let prefix = fields.get("prefix").and_then(|t| r.int(t, "vip prefix", 1, 32));
    let interface = fields.get("interface").and_then(|t| r.checked(t, "vip interface", rule::interface));
    let name = fields.get("name").and_then(|t| r.checked(t, "vip name", rule::host_name));
    let address = address?;
    let mut vip = default(address.value);
    vip.prefix = prefix.map_or(vip.prefix, |p| p.value);
    vip.interface = interface.map(|i| i.value);
    vip.name = name.map_or(vip.name, |n| n.value);
    Some(Placed::new(vip, address.at))
}

/// Reads `drbd`, placed at its port.
pub fn drbd(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<Drbd>> {
    let fields = r.fields(tree, &DRBD, "drbd")?;
    let secret = fields.get("secret").and_then(|t| r.checked_secret(t, "drbd secret", rule::drbd_secret));
    let protocol = fields.get("protocol").and_then(|t| r.word(t, "drbd protocol", &["A", "B", "C"]));
    if let Some(p) = protocol.as_ref().filter(|p| p.value != "C") {
        let message = format!("drbd protocol {} can lose writes that clients were told are safe", p.value);
        r.findings.warn(p.at, message, "use C, the default");
    }
    let checked = |r: &mut Reader<'_>, key: &str, what: &str, rule: fn(&str) -> rule::Verdict, default: &str| {
        fields.get(key).and_then(|t| r.checked(t, what, rule)).map_or_else(|| default.to_owned(), |v| v.value)
    };
    let resource = checked(r, "resource", "drbd resource", rule::drbd_name, "mfs");
    let device = checked(r, "device", "drbd device", rule::drbd_device, "/dev/drbd0");
    let resync_rate = checked(r, "resync_rate", "resync_rate", rule::drbd_rate, "200M");
    let port = fields.get("port").and_then(|t| r.port(t, "drbd port")).map_or(7788, |p| p.value);
    let alg = fields.get("cram_hmac_alg").and_then(|t| r.word(t, "cram_hmac_alg", &["sha1", "sha256", "sha512", "md5"]));
    let startup = fields.get("startup_timeout").and_then(|t| r.int(t, "startup_timeout", 1, 3600));
    let drbd = Drbd {
        resource,
        device,
        port,
        protocol: protocol.and_then(|p| p.value.chars().next()).unwrap_or('C'),
        cram_hmac_alg: alg.map_or("sha1", |a| a.value).to_owned(),
        secret: secret?.value,
        resync_rate,
        startup_timeout: startup.map_or(15, |s| s.value),
    };
    Some(Placed::new(drbd, fields.place("port")))
}

/// Reads `moosefs`; the settings of metaloggers and chunkservers go to the shared layer.
pub fn moosefs(r: &mut Reader<'_>, tree: &Tree, shared: &mut Layer) -> Option<MooseFsPart> {
    let fields = r.fields(tree, &MOOSEFS, "moosefs")?;
    let version = fields.get("version").map(|t| version(r, t));
    let auth = fields.get("auth").and_then(|t| r.checked_secret(t, "moosefs auth", rule::auth_code));
    let data_dir = fields.get("data_dir").and_then(|t| r.checked(t, "data_dir", rule::directory_name));
    let cgi_port = fields.get("cgi_port").and_then(|t| r.port(t, "cgi_port"));
    let mut settings = |key: &str, own| fields.get(key).map(|t| node::settings(r, t, &format!("moosefs.{key}"), own)).unwrap_or_default();
    let master = settings("master", node::MASTER_OWN);
    shared.metalogger = settings("metalogger", node::METALOGGER_OWN);
    shared.chunkserver = settings("chunkserver", node::CHUNKSERVER_OWN);
    if let Some(mode) = master.get("CHANGELOG_SAVE_MODE").filter(|mode| mode.value != "2") {
        let message = format!("CHANGELOG_SAVE_MODE = {} loses acknowledged changes when the active master loses power", mode.value);
        r.findings.warn(mode.at, message, "leave it out: mfsctl sets 2, which lost nothing in tests");
    }
    Some(MooseFsPart {
        version: version.unwrap_or(Some(VersionLine::V3))?,
        auth: auth?.value,
        master,
        data_dir: data_dir.map_or_else(|| "mfs".to_owned(), |d| d.value),
        cgi_port: cgi_port.unwrap_or(Placed::new(9425, fields.place("cgi_port"))),
    })
}

fn version(r: &mut Reader<'_>, tree: &Tree) -> Option<VersionLine> {
    let text = r.text(tree, "moosefs version")?;
    match text.value.as_str() {
        "2" | "2.0" => Some(VersionLine::V2),
        "3" | "3.0" => Some(VersionLine::V3),
        "4" | "4.x" | "4.0" => Some(VersionLine::V4),
        other => {
            r.error(text.at, format!("unknown MooseFS version {other:?}"), "known lines: 2.0, 3.0, 4");
            None
        }
    }
}

/// Reads `keepalived`; everything has a default.
pub fn keepalived(r: &mut Reader<'_>, tree: Option<&Tree>) -> Keepalived {
    let default = Keepalived { router_id: 51, advert_interval: 0.5, unicast: true, password: None };
    let Some(fields) = tree.and_then(|t| r.fields(t, &KEEPALIVED, "keepalived")) else { return default };
    let router = fields.get("router_id").and_then(|t| r.int(t, "router_id", 1, 255));
    let interval = fields.get("advert_interval").and_then(|t| r.number(t, "advert_interval"));
    if let Some(i) = interval.as_ref().filter(|i| !(0.1..=40.0).contains(&i.value)) {
        r.error(i.at, format!("advert_interval {} is out of range", i.value), "from 0.1 to 40 seconds");
    }
    let mode = fields.get("mode").and_then(|t| r.word(t, "mode", &["unicast", "multicast"]));
    let password = fields.get("password").and_then(|t| r.checked_secret(t, "keepalived password", rule::vrrp_password));
    if let Some(i) = interval.as_ref().filter(|i| i.value.fract() != 0.0 && password.is_some()) {
        let message = format!("a keepalived password has no effect with advert_interval {}", i.value);
        r.error(i.at, message, "fractions of a second need VRRP version 3, which has no authentication: use 1, or remove the password");
    }
    let usual = if password.is_some() { 1.0 } else { default.advert_interval };
    Keepalived {
        router_id: router.map_or(default.router_id, |v| v.value),
        advert_interval: interval.map_or(usual, |i| i.value),
        unicast: mode.is_none_or(|m| m.value == "unicast"),
        password: password.map(|p| p.value),
    }
}

/// Reads `ha`; whether a secret is needed is known only when the witnesses are.
pub fn ha(r: &mut Reader<'_>, top: &Fields<'_>) -> HaPart {
    let mut values = Ha {
        witnesses: Vec::new(),
        witness_port: 9479,
        witness_secret: Secret::new(""),
        promote_wait: Duration::from_secs(30),
        stop_wait: Duration::from_secs(45),
        fence_wait: Duration::from_secs(10),
        fence_handicap: Duration::from_millis(500),
        reserve_mib: None,
    };
    let Some(fields) = top.get("ha").and_then(|t| r.fields(t, &HA, "ha")) else {
        return HaPart { at: top.place("ha"), port_at: top.place("ha"), values: Some(values), ..HaPart::default() };
    };
    let witnesses = fields.get("witnesses").map(|t| r.texts(t, "ha.witnesses", false));
    if let Some(port) = fields.get("witness_port").and_then(|t| r.port(t, "witness_port")) {
        values.witness_port = port.value;
    }
    let secret = fields.get("witness_secret");
    if let Some(secret) = secret.and_then(|t| r.checked_secret(t, "witness_secret", rule::witness_secret)) {
        values.witness_secret = secret.value;
    }
    let mut wait = |key: &str, slot: &mut Duration| {
        if let Some(duration) = fields.get(key).and_then(|t| r.duration(t, key)) {
            *slot = duration;
        }
    };
    wait("promote_wait", &mut values.promote_wait);
    wait("stop_wait", &mut values.stop_wait);
    wait("fence_wait", &mut values.fence_wait);
    wait("fence_handicap", &mut values.fence_handicap);
    values.reserve_mib = fields.get("reserve").and_then(|t| match &t.kind {
        Kind::Scalar { text, .. } if text == "none" => Some(0),
        // Below a MiB it would be no reserve.
        _ => r.size(t, "reserve").map(|size| size.value.div_ceil(1024 * 1024)),
    });
    HaPart { at: top.place("ha"), port_at: fields.place("witness_port"), values: Some(values), witnesses, secret_written: secret.is_some() }
}
