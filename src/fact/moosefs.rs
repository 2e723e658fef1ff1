//! MooseFS on a host: processes, connections, metadata directories, chunk directories, answers of mounts.
//!
//! One question of about a dozen processes. Nothing in it touches a MooseFS mount
//! without a time limit: a mount without its master hangs whoever looks at it.

mod ask;
mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

pub use ask::ask;
pub use parse::parse;

const NAME: &str = "moosefs";

/// Everything found; the default is a host without MooseFS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MooseFs {
    /// Numeric ids of the system user `mfs`.
    pub user: Option<(u32, u32)>,
    /// Running MooseFS processes.
    pub processes: Vec<Process>,
    /// Addresses connected to the master's ports for metaloggers and chunkservers, by local port.
    pub peers: BTreeMap<u16, BTreeSet<Ipv4Addr>>,
    /// Masters: what lies in DATA_PATH, whether or not the volume is mounted over it.
    pub data: Directory,
    /// Masters: headers of metadata in the packages' own directory, which a single master would use.
    pub elsewhere: BTreeMap<String, Header>,
    /// Masters: names directly under the mount point of the metadata volume.
    pub under_mount_point: Vec<String>,
    /// What lies in the metalogger's directory.
    pub metalogger: Directory,
    /// Chunkservers: data directories, by path; missing ones are absent.
    pub disks: BTreeMap<String, DiskDir>,
    /// Space of mounted MooseFS mounts by mount point; `None` for one that did not answer within the time limit.
    pub answers: BTreeMap<String, Option<Space>>,
    /// Directories of tenants as seen through a mount of `/`, by folder; `None` when no such mount answered.
    pub tenants: Option<BTreeMap<String, TenantDir>>,
    /// CGI programs and their permission bits.
    pub cgi: BTreeMap<String, u32>,
}

/// A running process.
#[derive(Debug, Clone, PartialEq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Its name: `mfsmaster`, `mfschunkserver`…
    pub name: String,
    /// Seconds since it started.
    pub age: f64,
}

/// A metadata directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Plain files by name.
    pub files: BTreeMap<String, MetaFile>,
    /// Headers of `metadata.mfs`, `metadata.mfs.back` and `metadata_ml.mfs.back`, where they exist.
    pub headers: BTreeMap<String, Header>,
}

/// One file of a metadata directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaFile {
    /// Bytes.
    pub size: u64,
    /// Modification time, seconds since the epoch.
    pub modified: i64,
    /// Owner's name.
    pub owner: String,
}

/// The first 24 bytes of a metadata file: 8 bytes of format, then version and id as big-endian 64-bit numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    /// `MFSM NEW`: an empty file system that has not been saved yet.
    Fresh,
    /// Saved metadata.
    Saved {
        /// `MFSM 2.0`
        format: String,
        /// Id of the next change.
        version: u64,
        /// Id of the file system.
        id: u64,
    },
    /// Anything else, as far as it is readable.
    Foreign(String),
}

/// A data directory of a chunkserver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiskDir {
    /// Permission bits.
    pub mode: u32,
    /// Owner's name.
    pub owner: String,
    /// Whether a chunkserver has used it (it holds `.metaid` or `.lock`).
    pub used: bool,
    /// A few names in it that are not a chunkserver's.
    pub foreign: Vec<String>,
    /// Space of the file system it lies on.
    pub space: Option<Space>,
}

/// Space of a file system, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Space {
    /// Size.
    pub total: u64,
    /// Free for unprivileged users.
    pub available: u64,
}

/// A tenant's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantDir {
    /// Permission bits.
    pub mode: u32,
    /// `uid:gid`, numeric.
    pub ids: String,
    /// `user:group` by name.
    pub names: String,
}

impl MooseFs {
    /// Whether a process of that name runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> bool {
        self.processes.iter().any(|p| p.name == name)
    }
}

impl Directory {
    /// Names of files that are, or belong to, a master's metadata; `metadata.mfs.empty` of the packages is none.
    pub fn metadata(&self) -> impl Iterator<Item = &str> {
        self.names(&["metadata.mfs", "changelog."])
    }

    /// Names of files that are a metalogger's copy.
    pub fn copies(&self) -> impl Iterator<Item = &str> {
        self.names(&["metadata_ml.", "changelog_ml"])
    }

    /// Whether saved metadata is among the headers.
    #[must_use]
    pub fn has_saved(&self) -> bool {
        self.headers.values().any(|h| matches!(h, Header::Saved { .. }))
    }

    fn names<'a>(&'a self, starts: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let matching = |n: &&String| n.as_str() != "metadata.mfs.empty" && starts.iter().any(|s| n.starts_with(s));
        self.files.keys().filter(matching).map(String::as_str)
    }
}
