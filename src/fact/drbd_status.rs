//! How DRBD is doing, in one shape for both generations.
//!
//! 8.4 tells it in `/proc/drbd`; 9 keeps only its version there and tells the rest through
//! `drbdsetup status` (`--json`, or `--verbose --statistics` where a build has no JSON).
//! The words are 8.4's: 9's `Connecting` is [`Connection::WFConnection`], and a replication
//! state of 9 (`SyncSource`) takes the place of its `Connected`, as 8.4 shows it.

mod json;
mod proc;
mod text;

use serde::{Serialize, Serializer};

use super::FactError;

/// An enum of words that DRBD prints, keeping unknown ones as they are.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// A word this program does not know, kept as printed.
            Other(String),
        }

        impl $name {
            /// Reads DRBD's word.
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                match word {
                    $(stringify!($variant) => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// DRBD's word.
            #[must_use]
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                    Self::Other(word) => word,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

words! {
    /// State of the connection to the peer, replication included (`cs:` of `/proc/drbd`).
    Connection {
        /// The minor exists but nothing is attached or connected.
        Unconfigured,
        /// No connection, and none is tried: after `disconnect`, a refused handshake, or a split brain.
        StandAlone,
        /// Leaving the connection on purpose.
        Disconnecting,
        /// About to try again.
        Unconnected,
        /// The peer stopped answering in time.
        Timeout,
        /// The connection broke.
        BrokenPipe,
        /// The connection broke.
        NetworkFailure,
        /// The peer spoke nonsense.
        ProtocolError,
        /// The peer is closing the connection.
        TearDown,
        /// Waiting until the peer can be reached.
        WFConnection,
        /// Handshake under way.
        WFReportParams,
        /// Connected, writes are replicated.
        Connected,
        /// A full sync towards the peer begins.
        StartingSyncS,
        /// A full sync from the peer begins.
        StartingSyncT,
        /// Exchanging what differs, towards the peer.
        WFBitMapS,
        /// Exchanging what differs, from the peer.
        WFBitMapT,
        /// A sync is about to begin.
        WFSyncUUID,
        /// Sending what the peer lacks.
        SyncSource,
        /// Receiving what this node lacks.
        SyncTarget,
        /// Online verification, this side started it.
        VerifyS,
        /// Online verification, the peer started it.
        VerifyT,
        /// Sync towards the peer, paused.
        PausedSyncS,
        /// Sync from the peer, paused.
        PausedSyncT,
        /// Congested: this side writes on alone, the peer falls behind.
        Ahead,
        /// Congested: this side falls behind.
        Behind,
    }
}

words! {
    /// Role of a node for a resource.
    DrbdRole {
        /// May write; at most one node.
        Primary,
        /// Receives only.
        Secondary,
        /// Not known: no connection.
        Unknown,
    }
}

words! {
    /// State of the data on one side.
    Disk {
        /// No backing device, or it was detached after an error.
        Diskless,
        /// Reading the metadata.
        Attaching,
        /// Letting the backing device go.
        Detaching,
        /// The backing device failed.
        Failed,
        /// Talking about which side has the newer data.
        Negotiating,
        /// Not usable: never synced, or in the middle of a sync.
        Inconsistent,
        /// Usable but old.
        Outdated,
        /// The peer's, while there is no connection.
        DUnknown,
        /// Usable, not known whether newest.
        Consistent,
        /// Usable and newest.
        UpToDate,
    }
}

/// All resources known to the kernel of one node.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DrbdStatus {
    /// Kernel module's version, `8.4.11`; `None` when the module is not loaded.
    pub version: Option<String>,
    /// Resources (one entry a volume), in the order shown. Empty when none is up.
    pub resources: Vec<DrbdResource>,
}

/// One volume of one resource, seen from one node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DrbdResource {
    /// Resource name; `/proc/drbd` alone does not tell it.
    pub name: Option<String>,
    /// Minor number of `/dev/drbdN`.
    pub minor: Option<u32>,
    /// Volume number in the resource, 0 for the first.
    pub volume: u32,
    /// Connection, replication included.
    pub connection: Connection,
    /// This node's role.
    pub role: DrbdRole,
    /// The peer's role.
    pub peer_role: DrbdRole,
    /// This node's data.
    pub disk: Disk,
    /// The peer's data.
    pub peer_disk: Disk,
    /// Replication protocol `A`, `B` or `C`; told only while 8.4 is connected or waiting.
    pub protocol: Option<char>,
    /// I/O state flags of `/proc/drbd` (`r-----`), empty for DRBD 9.
    pub flags: String,
    /// Whether I/O is frozen (fencing under way, or no quorum on DRBD 9).
    pub suspended: bool,
    /// Quorum, where DRBD 9 tells it.
    pub quorum: Option<bool>,
    /// A resync or verification under way.
    pub sync: Option<Sync>,
    /// KiB known to differ from the peer's.
    pub out_of_sync_kib: u64,
    /// The peer's name, where DRBD 9 tells it.
    pub peer_name: Option<String>,
    /// Other connections of a DRBD 9 resource, e.g. to a diskless tiebreaker.
    pub other_peers: Vec<OtherPeer>,
}

/// A further connection of a DRBD 9 resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherPeer {
    /// Its name.
    pub name: String,
    /// Connection to it.
    pub connection: Connection,
    /// Its role.
    pub role: DrbdRole,
    /// Its data; `Diskless` for a tiebreaker.
    pub disk: Disk,
}

/// What a progress belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncKind {
    /// Bringing one side up to date.
    Resync,
    /// Comparing both sides online.
    Verify,
}

/// Progress of a resync or an online verification.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sync {
    /// Which of the two.
    pub kind: SyncKind,
    /// 0.0–100.0.
    pub percent: f64,
    /// KiB still to do.
    pub left_kib: Option<u64>,
    /// KiB at the start of it.
    pub total_kib: Option<u64>,
    /// Estimated seconds to the end.
    pub finish_seconds: Option<u64>,
    /// Present speed in KiB a second.
    pub speed_kib_s: Option<u64>,
}

impl DrbdStatus {
    /// The resource of that name; where names are not told, the one of that minor.
    #[must_use]
    pub fn resource(&self, name: &str, minor: u32) -> Option<&DrbdResource> {
        let named = self.resources.iter().find(|r| r.name.as_deref() == Some(name));
        named.or_else(|| self.resources.iter().find(|r| r.name.is_none() && r.minor == Some(minor)))
    }
}

impl DrbdResource {
    fn new(connection: Connection) -> Self {
        Self {
            name: None,
            minor: None,
            volume: 0,
            connection,
            role: DrbdRole::Unknown,
            peer_role: DrbdRole::Unknown,
            disk: Disk::Diskless,
            peer_disk: Disk::DUnknown,
            protocol: None,
            flags: String::new(),
            suspended: false,
            quorum: None,
            sync: None,
            out_of_sync_kib: 0,
            peer_name: None,
            other_peers: Vec::new(),
        }
    }

    /// Connected with both sides' data newest: the only state without a fault.
    #[must_use]
    pub fn in_sync(&self) -> bool {
        matches!(self.connection, Connection::Connected | Connection::VerifyS | Connection::VerifyT)
            && self.disk == Disk::UpToDate
            && self.peer_disk == Disk::UpToDate
    }
}

impl Connection {
    /// Whether the peers speak to each other (8.4: `Connected` and every state after it).
    #[must_use]
    pub fn is_connected(&self) -> bool {
        use Connection::{
            Ahead, Behind, Connected, PausedSyncS, PausedSyncT, StartingSyncS, StartingSyncT, SyncSource, SyncTarget, VerifyS, VerifyT,
            WFBitMapS, WFBitMapT, WFSyncUUID,
        };
        matches!(
            self,
            Connected
                | StartingSyncS
                | StartingSyncT
                | WFBitMapS
                | WFBitMapT
                | WFSyncUUID
                | SyncSource
                | SyncTarget
                | VerifyS
                | VerifyT
                | PausedSyncS
                | PausedSyncT
                | Ahead
                | Behind
        )
    }

    /// Joins DRBD 9's two words into 8.4's one.
    fn joined(connection: &str, replication: Option<&str>) -> Self {
        match (connection, replication) {
            ("Connecting", _) => Self::WFConnection,
            ("Connected", None | Some("Established" | "Off")) => Self::Connected,
            ("Connected", Some(replication)) => Self::from_word(replication),
            (other, _) => Self::from_word(other),
        }
    }
}

impl Sync {
    /// How far it is, 0.0–1.0.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        (self.percent / 100.0).clamp(0.0, 1.0)
    }
}

/// Reads the status of one node.
///
/// `proc` is the text of `/proc/drbd` (empty without the module), `setup` what `drbdsetup status` printed
/// with `--json` or with `--verbose --statistics` (empty when it failed). Devices in `proc` mean 8.4: they
/// win, and `setup` only adds the resources' names. Otherwise `setup` tells everything.
///
/// # Errors
/// When a text has another form than either generation's.
pub fn parse(proc: &str, setup: &str) -> Result<DrbdStatus, FactError> {
    let mut status = proc::parse(proc)?;
    let told = if setup.trim_start().starts_with('[') { json::parse(setup)? } else { text::parse(setup)? };
    if status.resources.is_empty() {
        status.resources = told;
        return Ok(status);
    }
    for resource in &mut status.resources {
        if let Some(twin) = told.iter().find(|t| t.minor.is_some() && t.minor == resource.minor) {
            resource.name.clone_from(&twin.name);
            resource.volume = twin.volume;
        }
    }
    Ok(status)
}

#[cfg(test)]
#[path = "drbd_status/tests.rs"]
mod tests;
