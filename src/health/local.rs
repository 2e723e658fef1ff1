//! What of a node's own files, units and packages the rules want to know: facts held against the inventory. No secret is in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::fact::HostFacts;
use crate::fact::file::FileFact;
use crate::fact::moosefs::Header;
use crate::inventory::layout::moosefs as mfs;
use crate::inventory::layout::takeover as ha;
use crate::inventory::model::{Cluster, Node, Role};
use crate::protocol::Version;
use crate::step::doctor::{not_at_boot, readable_secrets, stale_units};
use crate::step::ha::{SCRIPT, WITNESS_SCRIPT};

/// A node's own state. Lists are empty, and options `None`, where the node has no such role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Local {
    /// Masters: metadata found in the DATA_PATH while the volume is not mounted over it.
    pub stale_metadata: Vec<String>,
    /// Masters: what else lies directly under the mount point then.
    pub under_mount_point: Vec<String>,
    /// Masters: `metadata.mfs.empty` is in the DATA_PATH.
    pub template: bool,
    /// Masters: files with saved metadata in the package's own directory.
    pub elsewhere: Vec<String>,
    /// Masters: size of the logical volume, bytes.
    pub volume_bytes: Option<u64>,
    /// Masters: version of the DRBD module loaded.
    pub drbd_version: Option<String>,
    /// Masters: whether the DRBD secret in the resource's file is the inventory's.
    pub drbd_secret_matches: Option<bool>,
    /// Masters: CHANGELOG_SAVE_MODE as written; empty when the file has none.
    pub changelog_mode: Option<String>,
    /// Masters: mfsmaster.cfg is there and mfsexports.cfg is not.
    pub exports_missing: bool,
    /// Chunkservers: whether the AUTH_CODE in its file is the inventory's.
    pub auth_matches: Option<bool>,
    /// Chunkservers: how many directories mfshdd.cfg names.
    pub directories: Option<usize>,
    /// Chunkservers: directories with a device of their own that are not mounted.
    pub unmounted_disks: Vec<String>,
    /// Daemons told another master than the inventory's, by file.
    pub master_hosts: BTreeMap<String, String>,
    /// Bytes free of `/`, `/var`.
    pub free: BTreeMap<String, u64>,
    /// Files with secrets that everybody may read.
    pub readable_secrets: Vec<String>,
    /// Lines of fstab, from 1, with an export's password.
    pub fstab_passwords: Vec<usize>,
    /// Scripts that are not this version's.
    pub old_scripts: Vec<String>,
    /// Units that run and would not start at boot.
    pub not_at_boot: Vec<String>,
    /// Units whose changed files systemd has not read.
    pub stale_units: Vec<String>,
    /// Marks of work begun and not finished.
    pub pending: BTreeSet<String>,
    /// Temporary files that interrupted runs left.
    pub leftovers: BTreeSet<String>,
    /// Versions of MooseFS packages, by package.
    pub installed: BTreeMap<String, String>,
}

impl Local {
    /// A node as its facts show it.
    #[must_use]
    pub fn of(cluster: &Cluster, node: &Node, facts: &HostFacts) -> Self {
        let mut local = Self {
            free: [("/".to_owned(), facts.system.free_root), ("/var".to_owned(), facts.system.free_var)].into(),
            readable_secrets: readable_secrets(cluster, node, facts),
            fstab_passwords: fstab_passwords(facts.files.content(mfs::FSTAB).unwrap_or_default()),
            old_scripts: old_scripts(facts),
            not_at_boot: not_at_boot(cluster, node, facts),
            stale_units: stale_units(facts),
            pending: facts.pending.clone(),
            leftovers: facts.leftovers.clone(),
            installed: installed(facts),
            master_hosts: master_hosts(cluster, node, facts),
            ..Self::default()
        };
        if node.is(Role::Master) {
            local.master(cluster, facts);
        }
        if node.is(Role::Chunkserver) {
            local.chunkserver(cluster, node, facts);
        }
        local
    }

    fn master(&mut self, cluster: &Cluster, facts: &HostFacts) {
        let data = &facts.moosefs.data;
        if facts.mounts.at(&cluster.mount_point).is_none() {
            self.stale_metadata = data.metadata().map(str::to_owned).collect();
            let listed = facts.mounts.listed.get(&cluster.mount_point).map(Vec::as_slice).unwrap_or_default();
            let names: BTreeSet<&String> = facts.moosefs.under_mount_point.iter().chain(listed).collect();
            self.under_mount_point = names.into_iter().cloned().collect();
        }
        self.template = data.files.contains_key("metadata.mfs.empty");
        let saved = |(path, header): (&String, &Header)| matches!(header, Header::Saved { .. }).then(|| path.clone());
        self.elsewhere = facts.moosefs.elsewhere.iter().filter_map(saved).collect();
        self.volume_bytes = facts.drbd.bytes;
        self.drbd_version = facts.drbd.status.version.clone();
        let resource = facts.files.content(&ha::drbd_resource(cluster));
        self.drbd_secret_matches = resource.and_then(shared_secret).map(|found| found == cluster.drbd.secret.expose());
        let config = facts.files.content(mfs::MASTER_CFG);
        self.changelog_mode = config.map(|text| setting(text, "CHANGELOG_SAVE_MODE").unwrap_or_default().to_owned());
        self.exports_missing = config.is_some() && facts.files.get(mfs::EXPORTS_CFG) == Some(&FileFact::Missing);
    }

    fn chunkserver(&mut self, cluster: &Cluster, node: &Node, facts: &HostFacts) {
        let config = facts.files.content(mfs::CHUNKSERVER_CFG);
        self.auth_matches = config.map(|text| setting(text, "AUTH_CODE") == Some(cluster.moosefs.auth.expose()));
        let lines = |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).count();
        self.directories = facts.files.content(mfs::HDD_CFG).map(lines);
        let configured = self.directories.is_some();
        let away = node.disks.iter().filter(|d| configured && d.device.is_some() && facts.mounts.at(&d.path).is_none());
        self.unmounted_disks = away.map(|d| d.path.clone()).collect();
    }
}

/// A setting of a MooseFS configuration: the last `KEY = value` counts.
#[must_use]
pub fn setting<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let value = |line: &'a str| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim())
    };
    text.lines().filter(|l| !l.trim_start().starts_with('#')).filter_map(value).next_back()
}

/// The secret in a DRBD resource's file.
fn shared_secret(text: &str) -> Option<&str> {
    let line = text.lines().map(str::trim).find_map(|l| l.strip_prefix("shared-secret"))?;
    Some(line.trim().trim_end_matches(';').trim().trim_matches('"'))
}

/// Mount options with a password (man mfsmount: `mfspassword`, `mfsmd5pass`), on lines of MooseFS.
fn fstab_passwords(fstab: &str) -> Vec<usize> {
    let has = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.first().is_some_and(|f| f.contains("mfs")) || fields.get(2).is_some_and(|f| *f == "moosefs");
        let secret = |option: &str| ["mfspassword=", "mfsmd5pass="].iter().any(|s| option.starts_with(s));
        ours && fields.iter().any(|field| field.split(',').any(secret))
    };
    fstab.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with('#') && has(l)).map(|(at, _)| at + 1).collect()
}

fn old_scripts(facts: &HostFacts) -> Vec<String> {
    let old = |(path, wanted): &(&str, &str)| facts.files.content(path).is_some_and(|found| found != *wanted);
    [(ha::HA_SCRIPT, SCRIPT), (ha::WITNESS_SCRIPT, WITNESS_SCRIPT)].iter().filter(|p| old(p)).map(|(path, _)| (*path).to_owned()).collect()
}

fn installed(facts: &HostFacts) -> BTreeMap<String, String> {
    let ours = facts.packages.installed.iter().filter(|(name, _)| name.starts_with("moosefs-"));
    ours.map(|(name, package)| (name.clone(), package.version.clone())).collect()
}

fn master_hosts(cluster: &Cluster, node: &Node, facts: &HostFacts) -> BTreeMap<String, String> {
    let right = |host: &str, settings: &crate::inventory::model::Settings| {
        host == cluster.vip.name || host == cluster.vip.address.to_string() || settings.get("MASTER_HOST").is_some_and(|own| own == host)
    };
    let files = [(Role::Metalogger, mfs::METALOGGER_CFG, &node.metalogger), (Role::Chunkserver, mfs::CHUNKSERVER_CFG, &node.chunkserver)];
    let mut wrong = BTreeMap::new();
    for (_, path, settings) in files.into_iter().filter(|(role, ..)| node.is(*role)) {
        let Some(text) = facts.files.content(path) else { continue };
        // The daemons' own default (man mfschunkserver.cfg).
        let host = setting(text, "MASTER_HOST").unwrap_or("mfsmaster");
        if !right(host, settings) {
            wrong.insert(path.to_owned(), host.to_owned());
        }
    }
    wrong
}

/// A package's version as MooseFS counts.
#[must_use]
pub fn moosefs_version(package: &str) -> Option<Version> {
    Version::parse(package.split_once(':').map_or(package, |(_, upstream)| upstream))
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
