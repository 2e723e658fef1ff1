//! The commented inventory that `mfsctl inventory init` writes.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// What a new inventory is made from.
#[derive(Debug, Clone)]
pub struct Starter {
    /// Name of the cluster.
    pub name: String,
    /// The virtual IP.
    pub vip: Ipv4Addr,
    /// Disk of the masters.
    pub disk: String,
    /// Masters, which are metaloggers too.
    pub masters: Vec<(String, Ipv4Addr)>,
    /// Chunkservers.
    pub chunkservers: Vec<(String, Ipv4Addr)>,
    /// Clients.
    pub clients: Vec<(String, Ipv4Addr)>,
}

/// Random secrets of a new inventory.
pub struct Secrets {
    /// DRBD's shared secret.
    pub drbd: String,
    /// AUTH_CODE.
    pub auth: String,
    /// The witnesses' secret.
    pub witness: String,
}

impl Secrets {
    /// Fresh ones of 32 letters and digits (190 bits) from the system's random generator.
    #[must_use]
    pub fn random() -> Self {
        Self { drbd: secret(), auth: secret(), witness: secret() }
    }
}

/// One of 32 letters and digits.
#[must_use]
pub fn secret() -> String {
    use rand::distr::{Alphanumeric, SampleString};
    Alphanumeric.sample_string(&mut rand::rng(), 32)
}

impl Default for Starter {
    /// The reference cluster.
    fn default() -> Self {
        let nodes = |list: &[(&str, u8)]| list.iter().map(|(n, last)| ((*n).to_owned(), Ipv4Addr::new(172, 16, 0, *last))).collect();
        Self {
            name: "mfs".to_owned(),
            vip: Ipv4Addr::new(172, 16, 0, 47),
            disk: "/dev/sdb".to_owned(),
            masters: nodes(&[("node1", 41), ("node2", 42)]),
            chunkservers: nodes(&[("node3", 43), ("node4", 44), ("node5", 45)]),
            clients: nodes(&[("node6", 11), ("node7", 12), ("node8", 13)]),
        }
    }
}

impl Starter {
    /// What two of its machines have in common, though none may.
    #[must_use]
    pub fn clash(&self) -> Option<String> {
        let nodes: Vec<_> = [&self.masters, &self.chunkservers, &self.clients].into_iter().flatten().collect();
        nodes.iter().enumerate().find_map(|(at, (name, address))| {
            if *address == self.vip {
                return Some(format!("the virtual IP {address} is the address of {name}"));
            }
            let (other, theirs) = nodes[..at].iter().find(|(other, theirs)| other == name || theirs == address)?;
            Some(if other == name {
                format!("two nodes are named {name}")
            } else {
                format!("{other} and {name} have one address, {theirs}")
            })
        })
    }

    /// The text of the inventory.
    #[must_use]
    pub fn render(&self, secrets: &Secrets) -> String {
        let Self { name, vip, disk, .. } = self;
        let mut text = format!(
            "# A MooseFS cluster, as mfsctl provisions and runs it.\n\
             # Check it:   mfsctl -i THIS_FILE inventory check\n\
             # All keys:   mfsctl inventory schema, and docs/inventory.md\n\
             # This file holds secrets: keep it 0600, or move them out with !env, !file, !command or !age.\n\
             name: {name}\n\n\
             # The virtual IP: clients and chunkservers find the active master here, under the name mfsmaster.\n\
             vip: {vip}\n\n\
             # How nodes are reached. Unset keys come from ~/.ssh/config. A user other than root needs sudo.\n\
             ssh:\n  user: root\n\n\
             # A disk on both masters that holds nothing else: it carries the metadata, mirrored by DRBD.\n\
             masters:\n  disk: {disk}\n\n\
             drbd:\n  secret: {drbd}\n\n\
             moosefs:\n  version: \"3.0\"          # 2.0, 3.0 or 4\n  auth: {auth}\n\n\
             # Chunkservers hold the votes that keep a cut-off master from going on alone.\n\
             ha:\n  witness_secret: {witness}\n\n\
             repositories:\n  moosefs: official       # or distribution, or {{mirror: {{url: …, key: !file key.asc}}}}\n\n\
             # Who may mount what. `.` is the trash. Without a password everybody in the network may.\n\
             exports:\n",
            drbd = secrets.drbd,
            auth = secrets.auth,
            witness = secrets.witness,
        );
        for (path, options) in [("/", "rw, alldirs, maproot=0"), (".", "rw")] {
            let _ = writeln!(text, "  - {{network: \"*\", path: {path}, options: [{options}]}}");
        }
        text.push_str(
            "\n# Directories that take the chunks; best one a disk, e.g. {path: /mnt/mfs1, device: /dev/sdb}.\n\
             chunkservers:\n  disks: [/mnt/mfs1]\n\n\
             clients:\n  mounts: [/mnt/mfs]\n\n\
             # A directory, an export and mounts for each business:\n\
             # tenants:\n#   - {name: business1, password: …, clients: [NODE], mount: /mnt/business1}\n\n\
             # Who is told of takeovers and faults (docs/alerts.md); `mfsctl notify test` tries it:\n\
             # notify:\n#   to: [ops@example.com]\n\
             #   smtp:\n#     - {host: mail.example.com, from: mfs@example.com, user: mfs, password: …}\n\n\
             # Names of masters must be what `uname -n` says on them.\n\
             nodes:\n",
        );
        for (nodes, roles) in [(&self.masters, "master, metalogger"), (&self.chunkservers, "chunkserver"), (&self.clients, "client")] {
            for (node, address) in nodes {
                let _ = writeln!(text, "  {node}: {{address: {address}, roles: [{roles}]}}");
            }
        }
        text
    }
}
