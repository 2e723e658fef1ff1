//! `drbdsetup status --verbose --statistics` as text: DRBD 9 builds without JSON, and 8.4 for the resources' names.
//!
//! Words are `key:value`; indentation tells the level (resource 0, its volume and its peers 2, a peer's
//! volume 4), and deeper lines continue the one above.

use super::{Connection, Disk, DrbdResource, DrbdRole, FactError, OtherPeer, Sync, SyncKind};

/// What the line being read belongs to.
enum Level {
    Resource,
    Volume,
    Peer,
    PeerVolume,
}

#[derive(Default)]
struct Peer {
    name: String,
    connection: String,
    role: Option<String>,
    volumes: Vec<PeerVolume>,
}

#[derive(Default)]
struct PeerVolume {
    volume: u32,
    replication: Option<String>,
    disk: Option<String>,
    done: Option<f64>,
    out_of_sync: u64,
    client: bool,
}

#[derive(Default)]
struct Block {
    name: String,
    role: String,
    suspended: bool,
    volumes: Vec<(u32, Option<u32>, String, Option<bool>)>,
    peers: Vec<Peer>,
}

pub(super) fn parse(text: &str) -> Result<Vec<DrbdResource>, FactError> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut level = Level::Resource;
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let mut words = line.split_whitespace().peekable();
        let Some(first) = words.peek().copied() else { continue };
        if indent == 0 {
            if !line.contains(" role:") {
                return Err(FactError::new("drbd", "`RESOURCE role:…`", line));
            }
            words.next();
            blocks.push(Block { name: first.to_owned(), ..Block::default() });
            level = Level::Resource;
        }
        let Some(block) = blocks.last_mut() else {
            return Err(FactError::new("drbd", "a resource before its details", line));
        };
        if indent == 2 && (first.starts_with("volume:") || first.starts_with("disk:")) {
            block.volumes.push((0, None, String::new(), None));
            level = Level::Volume;
        } else if indent == 2 {
            words.next();
            block.peers.push(Peer { name: first.to_owned(), connection: "Connected".to_owned(), ..Peer::default() });
            level = Level::Peer;
        } else if indent == 4 && matches!(level, Level::Peer | Level::PeerVolume) && starts_peer_volume(first) {
            if let Some(peer) = block.peers.last_mut() {
                peer.volumes.push(PeerVolume::default());
            }
            level = Level::PeerVolume;
        }
        for (key, value) in words.filter_map(|w| w.split_once(':')) {
            take(block, &level, key, value);
        }
    }
    Ok(blocks.iter().flat_map(|b| b.volumes.iter().map(|v| volume(b, v))).collect())
}

fn starts_peer_volume(word: &str) -> bool {
    ["volume:", "replication:", "peer-disk:"].iter().any(|key| word.starts_with(key))
}

fn take(block: &mut Block, level: &Level, key: &str, value: &str) {
    match level {
        Level::Resource => match key {
            "role" => value.clone_into(&mut block.role),
            "suspended" => block.suspended = value != "no",
            _ => {}
        },
        Level::Volume => {
            if let Some(volume) = block.volumes.last_mut() {
                match key {
                    "volume" => volume.0 = value.parse().unwrap_or(0),
                    "minor" => volume.1 = value.parse().ok(),
                    "disk" => value.clone_into(&mut volume.2),
                    "quorum" => volume.3 = Some(value == "yes"),
                    _ => {}
                }
            }
        }
        Level::Peer => {
            if let Some(peer) = block.peers.last_mut() {
                match key {
                    "connection" => value.clone_into(&mut peer.connection),
                    "role" => peer.role = Some(value.to_owned()),
                    _ => {}
                }
            }
        }
        Level::PeerVolume => {
            if let Some(volume) = block.peers.last_mut().and_then(|p| p.volumes.last_mut()) {
                match key {
                    "volume" => volume.volume = value.parse().unwrap_or(0),
                    "replication" => volume.replication = Some(value.to_owned()),
                    "peer-disk" => volume.disk = Some(value.to_owned()),
                    "peer-client" => volume.client = value == "yes",
                    "done" => volume.done = value.trim_end_matches('%').parse().ok(),
                    "out-of-sync" => volume.out_of_sync = value.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
    }
}

fn volume(block: &Block, (number, minor, disk, quorum): &(u32, Option<u32>, String, Option<bool>)) -> DrbdResource {
    let mut out = DrbdResource::new(Connection::StandAlone);
    out.name = Some(block.name.clone());
    out.minor = *minor;
    out.volume = *number;
    out.role = DrbdRole::from_word(&block.role);
    out.disk = Disk::from_word(disk);
    out.suspended = block.suspended;
    out.quorum = *quorum;
    let mut peers: Vec<(&Peer, Option<&PeerVolume>)> =
        block.peers.iter().map(|p| (p, p.volumes.iter().find(|v| v.volume == *number))).collect();
    peers.sort_by_key(|(_, v)| v.map_or(1, |v| if v.client { 2 } else { u8::from(v.disk.as_deref() == Some("Diskless")) }));
    let mut peers = peers.into_iter();
    if let Some((peer, v)) = peers.next() {
        let other = peer_of(peer, v);
        (out.connection, out.peer_role, out.peer_disk) = (other.connection, other.role, other.disk);
        out.peer_name = Some(other.name);
        out.out_of_sync_kib = v.map_or(0, |v| v.out_of_sync);
        out.sync = v.and_then(|v| v.done.map(|done| (v, done))).and_then(|(v, done)| progress(&out.connection, v, done));
    }
    out.other_peers = peers.map(|(peer, v)| peer_of(peer, v)).collect();
    out
}

fn peer_of(peer: &Peer, volume: Option<&PeerVolume>) -> OtherPeer {
    OtherPeer {
        name: peer.name.clone(),
        connection: Connection::joined(&peer.connection, volume.and_then(|v| v.replication.as_deref())),
        role: peer.role.as_deref().map_or(DrbdRole::Unknown, DrbdRole::from_word),
        disk: volume.and_then(|v| v.disk.as_deref()).map_or(Disk::DUnknown, Disk::from_word),
    }
}

fn progress(connection: &Connection, volume: &PeerVolume, percent: f64) -> Option<Sync> {
    let kind = match connection {
        Connection::SyncSource | Connection::SyncTarget => SyncKind::Resync,
        Connection::VerifyS | Connection::VerifyT => SyncKind::Verify,
        _ => return None,
    };
    let left_kib = (kind == SyncKind::Resync).then_some(volume.out_of_sync);
    Some(Sync { kind, percent, left_kib, total_kib: None, finish_seconds: None, speed_kib_s: None })
}
