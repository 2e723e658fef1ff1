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

pub use crate::metadata::Header;

const NAME: &str = "moosefs";

/// Everything found; the default is a host without MooseFS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MooseFs {
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
    /// Id of the last change the metalogger received.
    pub metalogger_last: Option<u64>,
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantDir {
    /// Permission bits.
    pub mode: u32,
    /// `uid:gid`, numeric.
    pub ids: String,
    /// `user:group` by name.
    pub names: String,
    /// Goal, where settings were asked for.
    pub goal: Option<u8>,
    /// Trash time in seconds, where settings were asked for.
    pub trashtime: Option<u32>,
    /// Hard limit of the size in bytes, where settings were asked for and there is one.
    pub quota: Option<u64>,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::fact::Answer;
    use crate::inventory::model::{Cluster, Node, Role};
    use crate::inventory::{LoadOptions, load};

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/moosefs");

    fn cluster(root: &Path) -> Cluster {
        let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
        let mut cluster = load(Path::new("inventory/reference.yaml"), &options).unwrap().cluster;
        cluster.mount_point = root.display().to_string();
        for node in &mut cluster.nodes {
            node.metalogger.insert("DATA_PATH".into(), format!("{FIXTURES}/metalogger"));
            for disk in &mut node.disks {
                disk.path = root.join("disk").display().to_string();
            }
        }
        cluster
    }

    fn observe(cluster: &Cluster, node: &Node) -> MooseFs {
        let out = std::process::Command::new("sh").arg("-c").arg(ask(cluster, node).script).output().unwrap();
        assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
        parse(cluster, node, &Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap()
    }

    fn copy(from: &str, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(format!("{FIXTURES}/{from}")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }

    #[test]
    fn a_master_after_a_clean_stop_and_its_metalogger() {
        let root = tempfile::tempdir().unwrap();
        let mut cluster = cluster(root.path());
        copy("clean", Path::new(&cluster.data_path()));
        let facts = observe(&cluster, cluster.with_role(Role::Master).next().unwrap());
        let saved = Header::Saved { format: "MFSM 2.0".into(), version: 125, id: 7_710_936_759_315_720_988 };
        assert_eq!(facts.data.headers, BTreeMap::from([("metadata.mfs".to_owned(), saved.clone())]));
        assert_eq!(facts.data.files["changelog.0.mfs"].size, 5253);
        assert_eq!(facts.metalogger.headers, BTreeMap::from([("metadata_ml.mfs.back".to_owned(), saved)]));
        assert!(facts.metalogger.copies().any(|n| n == "changelog_ml.0.mfs"));
        let text = std::fs::read_to_string(format!("{FIXTURES}/metalogger/changelog_ml.0.mfs")).unwrap();
        let last = text.lines().last().unwrap().split_once(": ").unwrap().0.parse().unwrap();
        assert_eq!(facts.metalogger_last, Some(last));
        assert!(facts.data.has_saved() && facts.elsewhere.is_empty());
        // Two changes were made before it came back to the master: it has them as a part of what it downloaded.
        let logger = root.path().join("logger");
        copy("metalogger", &logger);
        for node in &mut cluster.nodes {
            node.metalogger.insert("DATA_PATH".into(), logger.display().to_string());
        }
        std::fs::write(
            logger.join("changelog_ml_back.0.mfs"),
            format!("{}: 1700000000|SESDISCONNECTED(1)\n{}: 1700000000|SESDISCONNECTED(2)\n", last + 1, last + 2),
        )
        .unwrap();
        let facts = observe(&cluster, cluster.with_role(Role::Master).next().unwrap());
        assert_eq!(facts.metalogger_last, Some(last + 2));
        // Its disk was full in the middle of a line, then it was restarted and downloaded all: the torn end hides nothing.
        std::fs::write(logger.join("changelog_ml.0.mfs"), "97: 1700000000|CREATE(2,30,1").unwrap();
        let facts = observe(&cluster, cluster.with_role(Role::Master).next().unwrap());
        assert_eq!(facts.metalogger_last, Some(last + 2));
    }

    #[test]
    fn a_crashed_master_a_fresh_one_and_none() {
        let root = tempfile::tempdir().unwrap();
        let cluster = cluster(root.path());
        let node = cluster.with_role(Role::Master).next().unwrap();
        let none = observe(&cluster, node);
        assert_eq!((none.data, none.under_mount_point), (Directory::default(), Vec::new()));
        let data = cluster.data_path();
        copy("crash", Path::new(&data));
        let facts = observe(&cluster, node);
        assert!(facts.data.has_saved());
        assert_eq!(facts.data.metadata().collect::<Vec<_>>(), ["changelog.0.mfs", "metadata.mfs.back", "metadata.mfs.back.1"]);
        std::fs::write(format!("{data}/metadata.mfs.back"), "MFSM NEW").unwrap();
        std::fs::write(format!("{data}/metadata.mfs"), "").unwrap();
        std::fs::write(format!("{data}/.mfsctl-first-metadata"), "").unwrap();
        let facts = observe(&cluster, node);
        assert_eq!(facts.data.headers["metadata.mfs.back"], Header::Fresh);
        assert_eq!(facts.data.headers["metadata.mfs"], Header::Foreign(String::new()));
        assert!(facts.data.files.contains_key(".mfsctl-first-metadata"));
        assert_eq!(facts.under_mount_point, std::slice::from_ref(&cluster.moosefs.data_dir));
    }

    #[test]
    fn disks_used_foreign_empty_and_missing() {
        let root = tempfile::tempdir().unwrap();
        let cluster = cluster(root.path());
        let node = cluster.with_role(Role::Chunkserver).next().unwrap();
        let disk = root.path().join("disk");
        let path = disk.display().to_string();
        assert!(observe(&cluster, node).disks.is_empty());
        std::fs::create_dir(&disk).unwrap();
        let facts = observe(&cluster, node);
        assert!(!facts.disks[&path].used && facts.disks[&path].foreign.is_empty());
        assert!(facts.disks[&path].space.unwrap().total > 0);
        for name in ["00", "FF", "lost+found", "a file", "b", "c", "d"] {
            std::fs::create_dir(disk.join(name)).unwrap();
        }
        assert_eq!(observe(&cluster, node).disks[&path].foreign, ["a file", "b", "c"]);
        std::fs::write(disk.join(".metaid"), "12345678").unwrap();
        let facts = observe(&cluster, node);
        assert!(facts.disks[&path].used && facts.disks[&path].foreign.is_empty());
    }

    #[test]
    fn a_client_without_a_mount_is_quick_and_says_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut cluster = cluster(root.path());
        cluster.tenants.push(crate::inventory::model::Tenant { name: "t".into(), folder: "/t".into(), mode: 0o770, ..Default::default() });
        let facts = observe(&cluster, cluster.with_role(Role::Client).next().unwrap());
        assert!(facts.answers.is_empty() && facts.tenants.is_none());
    }

    #[test]
    fn processes_peers_mounts_and_tenants_are_read() {
        let root = tempfile::tempdir().unwrap();
        let mut cluster = cluster(root.path());
        let text = "== uptime\n1000.50\n== kernel\n\
            321 (mfsmaster) S 1 321 321 0 -1 4194624 1 0 0 0 5 3 0 0 20 0 1 0 90050 1 2 3\n\
               3: 2F0010AC:24CC 2B0010AC:C3F2 01 00000000:00000000 00:00000000 00000000   420        0 1 1\n   \
            4: 0000000000000000FFFF00002F0010AC:24CB 0000000000000000FFFF00002A0010AC:C3F2 01 0:0 0:0 0 420 0 1 1\n\
            == answers\n4096|100|50|/mnt/mfs\nno answer|/mnt/b c\n\
            == tenants\n/mnt/mfs\n770|1000:1000|u:g|/mnt/mfs/business1\nstatus 1\n\
            == goals\n/mnt/mfs/business1: 2\n== trashtimes\n/mnt/mfs/business1: 129600\n/mnt/mfs/none: 1\n== quotas\n\
            /mnt/mfs/business1: (current values | soft quota | hard quota) ; soft quota grace period: default\n \
            inodes   |                    9 |                    - |                    - |\n \
            size     |             69279744 |            104857600 |                 1000 |\n";
        let client = cluster.nodes.iter().position(|n| n.is(Role::Client)).unwrap();
        cluster.nodes[client].mounts.truncate(1);
        let facts = parse(&cluster, &cluster.nodes[client], &Answer { text: text.to_owned(), status: 0 }).unwrap();
        assert_eq!(facts.processes, [Process { pid: 321, name: "mfsmaster".into(), age: 100.0 }]);
        assert_eq!(facts.peers[&9420], BTreeSet::from([Ipv4Addr::new(172, 16, 0, 43)]));
        assert_eq!(facts.peers[&9419], BTreeSet::from([Ipv4Addr::new(172, 16, 0, 42)]));
        assert_eq!(facts.answers["/mnt/mfs"], Some(Space { total: 409_600, available: 204_800 }));
        assert_eq!(facts.answers["/mnt/b c"], None);
        let dir = &facts.tenants.unwrap()["/business1"];
        assert_eq!((dir.mode, dir.goal, dir.trashtime, dir.quota), (0o770, Some(2), Some(129_600), Some(1000)));
    }

    #[test]
    fn nonsense_is_an_error() {
        let cluster = cluster(Path::new("/nowhere"));
        for text in ["loose line\n", "== kernel\nx\n", "== kernel\n1 (mfsmaster\n", "== stat\na|b\n", "== headers\n00\n"] {
            assert!(parse(&cluster, &cluster.nodes[0], &Answer { text: text.to_owned(), status: 0 }).is_err(), "{text}");
        }
    }
}
