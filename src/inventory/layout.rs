//! Where things live on a node: one place for every path and name, so that
//! facts ask for exactly the files that steps write.

/// Directory of pending-work marks: written before a file changes, removed after its daemon took it.
pub const PENDING_DIR: &str = "/var/lib/mfsctl/pending";
/// The operator lock and journal on masters.
pub const LOCK_FILE: &str = "/run/lock/mfsctl-operator.lock";
/// The journal of runs kept on masters.
pub const JOURNAL_FILE: &str = "/var/log/mfsctl/history.jsonl";
/// Hosts file.
pub const HOSTS: &str = "/etc/hosts";
/// fstab.
pub const FSTAB: &str = "/etc/fstab";
/// Daemons' configuration directory.
pub const MFS_ETC: &str = "/etc/mfs";
/// Takeover script.
pub const HA_SCRIPT: &str = "/usr/local/sbin/mfs-ha";
/// Settings of the takeover script; holds the witness secret, 0600.
pub const HA_CONF: &str = "/etc/mfs-ha.conf";
