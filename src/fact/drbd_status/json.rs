//! `drbdsetup status --json --statistics` of DRBD 9 (field names: drbdsetup(8) and its source in drbd-utils).

use serde::Deserialize;

use super::{Connection, Disk, DrbdResource, DrbdRole, FactError, OtherPeer, Sync, SyncKind};

#[derive(Deserialize)]
struct Resource {
    name: String,
    role: String,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    devices: Vec<Device>,
    #[serde(default)]
    connections: Vec<Link>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Device {
    volume: u32,
    minor: u32,
    disk_state: String,
    quorum: Option<bool>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    name: String,
    #[serde(rename = "connection-state")]
    state: String,
    #[serde(rename = "peer-role")]
    role: Option<String>,
    #[serde(default)]
    peer_devices: Vec<PeerDevice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PeerDevice {
    volume: u32,
    replication_state: Option<String>,
    peer_disk_state: Option<String>,
    #[serde(default)]
    peer_client: bool,
    /// KiB.
    #[serde(default)]
    out_of_sync: u64,
    percent_in_sync: Option<f64>,
    percent_resync_done: Option<f64>,
    done: Option<f64>,
    /// Sectors of 512 bytes, unlike `out-of-sync`.
    rs_total: Option<u64>,
    estimated_seconds_to_finish: Option<f64>,
    #[serde(rename = "db/dt [MiB/s]")]
    speed_mib_s: Option<f64>,
}

/// drbdsetup's stand-in for "no end in sight".
const NEVER: f64 = 987_654_321.0;

pub(super) fn parse(text: &str) -> Result<Vec<DrbdResource>, FactError> {
    let resources: Vec<Resource> =
        serde_json::from_str(text).map_err(|e| FactError::new("drbd", &format!("drbdsetup's JSON ({e})"), text))?;
    Ok(resources.iter().flat_map(|r| r.devices.iter().map(|d| volume(r, d))).collect())
}

fn volume(resource: &Resource, device: &Device) -> DrbdResource {
    let mut links: Vec<(&Link, Option<&PeerDevice>)> =
        resource.connections.iter().map(|l| (l, l.peer_devices.iter().find(|p| p.volume == device.volume))).collect();
    // The peer that holds data comes first: a tiebreaker is a client, or at least diskless.
    links.sort_by_key(|(_, peer)| {
        peer.map_or(1, |p| if p.peer_client { 2 } else { u8::from(p.peer_disk_state.as_deref() == Some("Diskless")) })
    });

    let mut out = DrbdResource::new(Connection::StandAlone);
    out.name = Some(resource.name.clone());
    out.minor = Some(device.minor);
    out.volume = device.volume;
    out.role = DrbdRole::from_word(&resource.role);
    out.disk = Disk::from_word(&device.disk_state);
    out.suspended = resource.suspended;
    out.quorum = device.quorum;
    let mut links = links.into_iter();
    if let Some((link, peer)) = links.next() {
        let other = peer_of(link, peer);
        (out.connection, out.peer_role, out.peer_disk) = (other.connection, other.role, other.disk);
        out.peer_name = Some(other.name).filter(|n| !n.is_empty());
        out.out_of_sync_kib = peer.map_or(0, |p| p.out_of_sync);
        out.sync = peer.and_then(|p| progress(p, &out.connection));
    }
    out.other_peers = links.map(|(link, peer)| peer_of(link, peer)).collect();
    out
}

fn peer_of(link: &Link, peer: Option<&PeerDevice>) -> OtherPeer {
    OtherPeer {
        name: link.name.clone(),
        connection: Connection::joined(&link.state, peer.and_then(|p| p.replication_state.as_deref())),
        role: link.role.as_deref().map_or(DrbdRole::Unknown, DrbdRole::from_word),
        disk: peer.and_then(|p| p.peer_disk_state.as_deref()).map_or(Disk::DUnknown, Disk::from_word),
    }
}

fn progress(peer: &PeerDevice, connection: &Connection) -> Option<Sync> {
    let kind = match connection {
        Connection::SyncSource | Connection::SyncTarget => SyncKind::Resync,
        Connection::VerifyS | Connection::VerifyT => SyncKind::Verify,
        _ => return None,
    };
    let percent = peer.percent_resync_done.or(peer.done).or(peer.percent_in_sync)?;
    // `as` saturates, and a negative or absent estimate becomes none
    let whole = |value: f64| (value.is_finite() && value >= 0.0).then_some(value as u64);
    Some(Sync {
        kind,
        percent,
        left_kib: (kind == SyncKind::Resync).then_some(peer.out_of_sync),
        total_kib: peer.rs_total.map(|sectors| sectors / 2),
        finish_seconds: peer.estimated_seconds_to_finish.filter(|s| *s < NEVER).and_then(whole),
        speed_kib_s: peer.speed_mib_s.and_then(|s| whole(s * 1024.0)),
    })
}
