//! DRBD's states in words: what each means, and what to do about it.

use super::Severity;
use super::catalogue::{Entry, pair};
use crate::fact::drbd_status::{Connection, Disk, DrbdResource, Sync};

/// A state explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What it is as a finding; `None` when it is as it should be.
    pub entry: Option<&'static Entry>,
    /// How bad it is.
    pub severity: Severity,
    /// What it means.
    pub meaning: &'static str,
    /// What to do; empty when nothing.
    pub fix: &'static str,
}

const fn told(entry: &'static Entry, meaning: &'static str, fix: &'static str) -> Explained {
    Explained { entry: Some(entry), severity: entry.severity, meaning, fix }
}

const fn well(meaning: &'static str) -> Explained {
    Explained { entry: None, severity: Severity::Ok, meaning, fix: "" }
}

/// Explains the state of the connection.
#[must_use]
pub fn connection(state: &Connection) -> Explained {
    const WAIT: &str = "wait; it goes on by itself";
    match state {
        Connection::Connected => well("every write goes to both masters"),
        Connection::VerifyS | Connection::VerifyT => well("every write goes to both masters; their data are being compared"),
        Connection::SyncSource => {
            told(&pair::DRBD_SYNCING, "this node sends the peer what it lacks; until the end the peer cannot take over", WAIT)
        }
        Connection::SyncTarget => told(&pair::DRBD_SYNCING, "this node receives what it lacks; until the end it cannot take over", WAIT),
        Connection::PausedSyncS | Connection::PausedSyncT => told(
            &pair::DRBD_SYNC_PAUSED,
            "a resync stands still; its target cannot take over",
            "run `drbdadm resume-sync` on the node that paused it",
        ),
        Connection::StartingSyncS | Connection::StartingSyncT | Connection::WFBitMapS | Connection::WFBitMapT | Connection::WFSyncUUID => {
            told(&pair::DRBD_SYNCING, "a resync is about to begin", WAIT)
        }
        Connection::Ahead | Connection::Behind => told(
            &pair::DRBD_CONGESTED,
            "the network is congested: the Primary writes on alone and the peer falls behind",
            "look for what slows the replication network; it resyncs by itself afterwards",
        ),
        Connection::StandAlone => told(
            &pair::DRBD_STANDALONE,
            "there is no connection and none is tried: it was cut by hand, the peer was refused (secret, size), or the data of the two \
             diverged (split brain)",
            "run `mfsctl split-brain show`, which tells these apart; without a split brain run `drbdadm connect` there",
        ),
        Connection::WFConnection => told(
            &pair::DRBD_WAITING,
            "it waits for the peer, which cannot be reached on the replication port",
            "see that the other master runs, that its resource is up (`drbdadm up`), and that nothing blocks the port",
        ),
        Connection::Unconfigured => told(
            &pair::DRBD_UNCONFIGURED,
            "the device exists, but nothing is attached or connected",
            "see that the logical volume is active and has DRBD metadata, then run `drbdadm adjust`",
        ),
        Connection::Disconnecting
        | Connection::Unconnected
        | Connection::Timeout
        | Connection::BrokenPipe
        | Connection::NetworkFailure
        | Connection::ProtocolError
        | Connection::TearDown
        | Connection::WFReportParams => told(
            &pair::DRBD_CHANGING,
            "the connection is just being lost or made",
            "ask again in some seconds; if it stays, check the replication network",
        ),
        Connection::Other(_) => told(&pair::DRBD_STATE_UNKNOWN, "a state this program does not know", "see drbdsetup(8)"),
    }
}

/// Explains the state of a node's own data.
#[must_use]
pub fn disk(state: &Disk) -> Explained {
    const WAIT: &str = "ask again in some seconds";
    match state {
        Disk::UpToDate => well("the newest data"),
        Disk::Diskless => told(
            &pair::DRBD_DISKLESS,
            "no backing device: it was detached after an I/O error, or never attached",
            "check the disk and its kernel log; when it is sound run `drbdadm attach` on the Secondary (a Primary first hands over)",
        ),
        Disk::Failed => told(
            &pair::DRBD_DISK_FAILED,
            "the backing device failed",
            "replace the disk, then make the DRBD metadata anew and let it resync",
        ),
        Disk::Inconsistent => told(
            &pair::DRBD_INCONSISTENT,
            "not usable: it was never synchronised, or is in the middle of a resync",
            "let the resync end; if none runs, connect it to the peer that is UpToDate",
        ),
        Disk::Outdated => {
            told(&pair::DRBD_OUTDATED, "usable, but older than the peer's", "connect it to the peer that is UpToDate; it resyncs by itself")
        }
        Disk::Consistent => {
            told(&pair::DRBD_UNSURE, "usable, but whether it is the newest is known only once the peer is there", "connect it to the peer")
        }
        Disk::Attaching | Disk::Detaching | Disk::Negotiating => {
            told(&pair::DRBD_CHANGING, "the device is just being attached or detached", WAIT)
        }
        Disk::DUnknown => told(&pair::DRBD_UNSURE, "not known without a connection", WAIT),
        Disk::Other(_) => told(&pair::DRBD_STATE_UNKNOWN, "a state this program does not know", "see drbdsetup(8)"),
    }
}

/// How far a resync is, for people: `46.9 % done, 0:47 left`.
#[must_use]
pub fn progress(sync: &Sync) -> String {
    match sync.finish_seconds {
        Some(seconds) if seconds >= 3600 => {
            format!("{:.1} % done, {}:{:02}:{:02} left", sync.percent, seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        Some(seconds) => format!("{:.1} % done, {}:{:02} left", sync.percent, seconds / 60, seconds % 60),
        None => format!("{:.1} % done", sync.percent),
    }
}

/// The state of the connection with its progress, for people: `SyncTarget, 46.9 % done, 0:47 left`.
#[must_use]
pub fn state(drbd: &DrbdResource) -> String {
    match &drbd.sync {
        Some(sync) => format!("{}, {}", drbd.connection, progress(sync)),
        None => drbd.connection.to_string(),
    }
}
