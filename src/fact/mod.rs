//! What is true of a host: one file a subject, each with the shell that asks and the parser of its answer.
//!
//! Pure: this room formats read-only shell and parses text. `survey` carries both.
//! A question is a fragment of POSIX sh; it must work on dash and on EL7's bash,
//! change nothing, and answer quickly also where the thing it asks about is absent.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod alert;
pub mod block;
pub mod checkup;
pub mod drbd;
pub mod drbd_status;
pub mod file;
pub mod growth;
pub mod ha_report;
pub mod holder;
pub mod journal;
pub mod log;
pub mod maintenance;
pub mod metadata_dir;
pub mod moosefs;
pub mod mount;
pub mod network;
pub mod package;
pub mod reach;
pub mod release;
pub mod restore;
pub mod side;
pub mod support;
pub mod system;
pub mod takeover;
pub mod unit;

use std::collections::{BTreeMap, BTreeSet};

/// One question to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Section name, unique within a survey, `[a-z0-9-]+`.
    pub name: String,
    /// Shell fragment, run in a subshell of its own.
    pub script: String,
}

/// A host's answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Standard output, without the framing.
    pub text: String,
    /// Exit status of the fragment.
    pub status: i32,
}

/// The bytes of an answer that has a character for each (see `survey::frame::split`); other characters are none of it.
#[must_use]
pub fn bytes(raw: &str) -> Vec<u8> {
    raw.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

/// An answer that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{question}: cannot make sense of {what}: {found:?}")]
pub struct FactError {
    /// Section name.
    pub question: String,
    /// What was looked for.
    pub what: String,
    /// The text found, shortened.
    pub found: String,
}

impl FactError {
    /// Names the section, what was expected, and the text found (shortened to 120 characters).
    #[must_use]
    pub fn new(question: &str, what: &str, found: &str) -> Self {
        Self { question: question.to_owned(), what: what.to_owned(), found: found.chars().take(120).collect() }
    }
}

/// All answers of one host, by section name.
pub type Answers = BTreeMap<String, Answer>;

/// Everything known of one host; each field is one file of this room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostFacts {
    /// Managed files.
    pub files: file::Files,
    /// systemd units.
    pub units: unit::Units,
    /// MooseFS daemons, directories and mounts.
    pub moosefs: moosefs::MooseFs,
    /// Distribution, name, clock, memory, free space.
    pub system: system::System,
    /// Installed packages.
    pub packages: package::Packages,
    /// Disks and volumes.
    pub blocks: block::Blocks,
    /// What is mounted.
    pub mounts: mount::Mounts,
    /// Addresses and listening ports.
    pub network: network::Network,
    /// DRBD and what lies under it; masters only.
    pub drbd: drbd::Drbd,
    /// The takeover's own state; masters only.
    pub takeover: takeover::Takeover,
    /// When maintenances of chunkservers end by themselves; masters only.
    pub maintenance: maintenance::Limits,
    /// The last switchover in the journal; masters only.
    pub switchover: Option<journal::Switchover>,
    /// Who holds mounts, where that was asked (see [`crate::survey::holders`]).
    pub holders: holder::Holders,
    /// Marks of work begun and not finished (see [`crate::inventory::layout::PENDING_DIR`]).
    pub pending: BTreeSet<String>,
    /// Temporary files that interrupted runs left beside files they wrote.
    pub leftovers: BTreeSet<String>,
}

impl HostFacts {
    /// The MooseFS mount on that mount point: type `fuse`, source `mfs#HOST:PORT`.
    #[must_use]
    pub fn client_mount(&self, path: &str) -> Option<&mount::Mounted> {
        self.mounts.at(path).filter(|m| m.is_moosefs())
    }
}
