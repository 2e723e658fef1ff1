//! The keys of MooseFS's `.cfg` files: which a daemon knows, which of them a reload takes up, and the files made of them.
//!
//! The daemons ignore unknown keys without a word, so a typing error would change nothing and
//! nobody would see it. The lists are the names compiled into the daemons of 3.0.117; for 4.x the
//! effective configuration a master of 4.59.2 reports.

use serde::Serialize;

use super::file::ManagedFile;
use super::{Refusal, template};
use crate::inventory::model::{Settings, VersionLine};

const TEMPLATE: &str = include_str!("../../playbooks/files/mfs-daemon.cfg.j2");

/// A daemon with a `.cfg` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daemon {
    /// mfsmaster
    Master,
    /// mfsmetalogger
    Metalogger,
    /// mfschunkserver
    Chunkserver,
}

/// Keys of the process itself, the same for all daemons; read once at start.
const RUNTIME: &str = "WORKING_USER WORKING_GROUP SYSLOG_IDENT LOCK_MEMORY LIMIT_GLIBC_MALLOC_ARENAS DISABLE_OOM_KILLER \
    NICE_LEVEL FILE_UMASK DATA_PATH";
const MASTER: &str = "EXPORTS_FILENAME TOPOLOGY_FILENAME BACK_LOGS METADATA_SAVE_FREQ BACK_META_KEEP_PREVIOUS \
    CHANGELOG_PRESERVE_SECONDS CHANGELOG_SAVE_MODE MISSING_LOG_CAPACITY MATOML_LISTEN_HOST MATOML_LISTEN_PORT \
    MATOCS_LISTEN_HOST MATOCS_LISTEN_PORT MATOCS_TIMEOUT AUTH_CODE REMAP_BITS REMAP_SOURCE_IP_CLASS \
    REMAP_DESTINATION_IP_CLASS REPLICATIONS_DELAY_INIT REPLICATIONS_RESPECT_TOPOLOGY CREATIONS_RESPECT_TOPOLOGY \
    CHUNKS_UNIQUE_MODE CHUNKS_LOOP_MAX_CPS CHUNKS_LOOP_MIN_TIME CHUNKS_LOOP_TIME CHUNKS_SOFT_DEL_LIMIT CHUNKS_HARD_DEL_LIMIT \
    CHUNKS_WRITE_REP_LIMIT CHUNKS_READ_REP_LIMIT CS_HEAVY_LOAD_THRESHOLD CS_HEAVY_LOAD_RATIO_THRESHOLD \
    CS_HEAVY_LOAD_GRACE_PERIOD ACCEPTABLE_PERCENTAGE_DIFFERENCE ACCEPTABLE_DIFFERENCE PRIORITY_QUEUES_LENGTH \
    CS_MAINTENANCE_MODE_TIMEOUT CS_TEMP_MAINTENANCE_MODE_TIMEOUT CS_DAYS_TO_REMOVE_UNUSED MATOCL_LISTEN_HOST \
    MATOCL_LISTEN_PORT MATOCU_LISTEN_HOST MATOCU_LISTEN_PORT SESSION_SUSTAIN_TIME QUOTA_DEFAULT_GRACE_PERIOD QUOTA_TIME_LIMIT \
    ATIME_MODE RESERVE_SPACE MAX_ALLOWED_HARD_LINKS INODE_REUSE_DELAY";
const MASTER_4: &str = "LONG_CALL_TRIGGER_MS DEBUG_LOOP_SLEEP_MS SYSLOG_MIN_LEVEL SYSLOG_ELEVATE_TO MULTILAN_IPMAP_FILENAME \
    CHANGELOG_PRESERVE_MB DEFAULT_EC_DATA_PARTS KEEP_EMPTY_FILES_IN_TRASH JOBS_TIMER_MILLISECONDS MAX_FAILS_PER_CLASS \
    FAIL_CLASS_COUNTER_RESET_CALLS MAX_REBALANCE_FAILS FAIL_REBALANCE_COUNTER_RESET_CALLS CHUNK_PROTECTION_SECONDS \
    EXTRA_DEBUG_INFO FLOCK_MODE METADATA_SAVE_OFFSET MATOML_TIMEOUT MATOML_FORCE_TIMEOUT MATOCS_CHUNK_SERVER_CHECK_MODE \
    MATOCS_FORCE_TIMEOUT INSTANCE_NAME RESTRICT_INCOMPATIBLE_CLIENT_VERSIONS MATOCL_TIMEOUT MATOCL_FORCE_TIMEOUT";
const METALOGGER: &str = "BACK_LOGS BACK_META_KEEP_PREVIOUS META_DOWNLOAD_FREQ MASTER_RECONNECTION_DELAY BIND_HOST \
    MASTER_HOST MASTER_PORT MASTER_TIMEOUT";
const CHUNKSERVER: &str = "HDD_CONF_FILENAME HDD_TEST_SPEED HDD_TEST_FREQ HDD_MIN_TEST_INTERVAL HDD_FADVISE_MIN_TIME \
    HDD_LEAVE_SPACE_DEFAULT HDD_REBALANCE_UTILIZATION HDD_HIGH_SPEED_REBALANCE_LIMIT HDD_ERROR_TOLERANCE_COUNT \
    HDD_ERROR_TOLERANCE_PERIOD HDD_FSYNC_BEFORE_CLOSE HDD_SPARSIFY_ON_WRITE HDD_RR_CHUNK_COUNT HDD_KEEP_DUPLICATES_HOURS \
    ALLOW_STARTING_WITH_INVALID_DISKS WORKERS_MAX WORKERS_MAX_IDLE LABELS BIND_HOST MASTER_HOST MASTER_PORT MASTER_TIMEOUT \
    MASTER_RECONNECTION_DELAY AUTH_CODE CHUNKS_PER_REGISTER_PACKET CSSERV_LISTEN_HOST CSSERV_LISTEN_PORT";

impl Daemon {
    /// Name of its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Master => "mfsmaster",
            Self::Metalogger => "mfsmetalogger",
            Self::Chunkserver => "mfschunkserver",
        }
    }

    /// Name of its unit without the suffix, as marks use it.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Master => "moosefs-master",
            Self::Metalogger => "moosefs-metalogger",
            Self::Chunkserver => "moosefs-chunkserver",
        }
    }

    /// Keys the daemon of a version line is known to have.
    pub fn keys(self, version: VersionLine) -> impl Iterator<Item = &'static str> {
        let own = match self {
            Self::Master => MASTER,
            Self::Metalogger => METALOGGER,
            Self::Chunkserver => CHUNKSERVER,
        };
        let newer = if self == Self::Master && version == VersionLine::V4 { MASTER_4 } else { "" };
        RUNTIME.split_whitespace().chain(own.split_whitespace()).chain(newer.split_whitespace())
    }

    /// Keys mfsctl sets itself from other places of the inventory.
    fn reserved(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Master => &[
                ("DATA_PATH", "mount_point and data_dir"),
                ("AUTH_CODE", "moosefs.auth"),
                ("EXPORTS_FILENAME", "exports"),
                ("TOPOLOGY_FILENAME", "topology"),
            ],
            Self::Metalogger => &[("MASTER_HOST", "vip")],
            Self::Chunkserver => &[("MASTER_HOST", "vip"), ("AUTH_CODE", "moosefs.auth"), ("HDD_CONF_FILENAME", "disks")],
        }
    }

    /// The mark a change of its file sets: `UNIT:restart` when a key changed that a reload does not take up.
    #[must_use]
    pub fn mark(self, before: Option<&str>, after: &str) -> String {
        let (old, new) = (pairs(before.unwrap_or_default()), pairs(after));
        let changed = |key: &str| value(&old, key) != value(&new, key);
        let restart = RUNTIME.split_whitespace().any(changed);
        format!("{}:{}", self.unit(), if restart { "restart" } else { "reload" })
    }
}

fn pairs(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().filter(|l| !l.trim_start().starts_with('#'));
    lines.filter_map(|l| l.split_once('=')).map(|(k, v)| (k.trim(), v.trim())).collect()
}

fn value<'a>(pairs: &[(&'a str, &'a str)], key: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(k, _)| *k == key).map(|(_, v)| *v)
}

/// Refuses settings the daemon would ignore, settings set elsewhere, and values its parser cannot read.
///
/// For 3.0 every unknown key is refused. The lists for 2.0 and 4.x are not complete, so there only a
/// key that looks like a slip of a known one is.
///
/// # Errors
/// Names the key and the nearest known one.
pub fn check(daemon: Daemon, version: VersionLine, settings: &Settings) -> Result<(), Refusal> {
    let program = daemon.program();
    for (key, value) in settings {
        if let Some((_, place)) = daemon.reserved().iter().find(|(k, _)| k == key) {
            return Err(Refusal {
                found: format!("{program}.cfg: {key} is set among the free settings"),
                fix: format!("remove it there: mfsctl sets {key} from {place}"),
            });
        }
        if value.chars().any(char::is_control) || value.trim() != value {
            return Err(Refusal {
                found: format!("{program}.cfg: the value of {key} has control characters, or spaces at an end"),
                fix: "write the value on one line: mfs daemons cut such values".to_owned(),
            });
        }
        if daemon.keys(version).any(|known| known == key) {
            continue;
        }
        let near = daemon.keys(version).map(|known| (distance(key, known), known)).min();
        let near = near.filter(|(distance, _)| *distance <= 1 + key.len() / 5).map(|(_, known)| known);
        if version != VersionLine::V3 && near.is_none() {
            continue;
        }
        return Err(Refusal {
            found: format!("{program}.cfg: {program} {} has no key {key}, and would ignore it", line_name(version)),
            fix: match near {
                Some(known) => format!("did you mean {known}?"),
                None => format!("remove it; the keys are listed in `man {program}.cfg`"),
            },
        });
    }
    Ok(())
}

fn line_name(version: VersionLine) -> &'static str {
    match version {
        VersionLine::V2 => "2.0",
        VersionLine::V3 => "3.0",
        VersionLine::V4 => "4",
    }
}

/// Levenshtein distance, letters' case aside.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let step = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = step.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[derive(Serialize)]
struct Context<'a> {
    program: &'static str,
    cluster: &'a str,
    settings: Vec<(&'a str, &'a str)>,
}

/// A daemon's `.cfg`: the typed settings, each overridden by a free one of the same key, then the other free ones.
///
/// The file belongs to root and the group `mfs`, which the daemon needs to read it again at a reload.
///
/// # Errors
/// When the free settings do not pass [`check`].
pub fn file(
    daemon: Daemon,
    version: VersionLine,
    cluster: &str,
    path: &str,
    typed: &[(&str, &str)],
    free: &Settings,
) -> Result<ManagedFile, Refusal> {
    check(daemon, version, free)?;
    let over = |key: &str| free.get(key).map(String::as_str);
    let mut settings: Vec<(&str, &str)> = typed.iter().map(|(k, v)| (*k, over(k).unwrap_or(v))).collect();
    let others = free.iter().filter(|(k, _)| !typed.iter().any(|(t, _)| t == k));
    settings.extend(others.map(|(k, v)| (k.as_str(), v.as_str())));
    let content = template::render("mfs-daemon.cfg.j2", TEMPLATE, Context { program: daemon.program(), cluster, settings })?;
    Ok(ManagedFile::new(path, content).mode(0o640).owned("root", "mfs"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_slip_is_named_with_what_was_meant() {
        let refusal = check(Daemon::Master, VersionLine::V3, &settings(&[("BACK_LOG", "3")])).unwrap_err();
        assert_eq!(refusal.found, "mfsmaster.cfg: mfsmaster 3.0 has no key BACK_LOG, and would ignore it");
        assert_eq!(refusal.fix, "did you mean BACK_LOGS?");
        let refusal = check(Daemon::Metalogger, VersionLine::V3, &settings(&[("ATIME_MODE", "2")])).unwrap_err();
        assert!(refusal.fix.contains("man mfsmetalogger.cfg"), "{refusal:?}");
    }

    #[test]
    fn lists_that_are_not_complete_refuse_slips_only() {
        assert!(check(Daemon::Chunkserver, VersionLine::V4, &settings(&[("SOMETHING_OF_VERSION_FOUR", "1")])).is_ok());
        assert!(check(Daemon::Chunkserver, VersionLine::V4, &settings(&[("LABEL", "A")])).is_err());
        assert!(check(Daemon::Master, VersionLine::V4, &settings(&[("DEFAULT_EC_DATA_PARTS", "8")])).is_ok());
        assert!(check(Daemon::Master, VersionLine::V3, &settings(&[("DEFAULT_EC_DATA_PARTS", "8")])).is_err());
    }

    #[test]
    fn keys_set_elsewhere_and_broken_values_are_refused() {
        let refusal = check(Daemon::Master, VersionLine::V3, &settings(&[("DATA_PATH", "/x")])).unwrap_err();
        assert!(refusal.fix.contains("mount_point"), "{refusal:?}");
        assert!(check(Daemon::Master, VersionLine::V3, &settings(&[("ATIME_MODE", "2\nAUTH_CODE = x")])).is_err());
        assert!(check(Daemon::Master, VersionLine::V3, &settings(&[("ATIME_MODE", "2 ")])).is_err());
    }

    #[test]
    fn only_keys_of_the_process_need_a_restart() {
        let mark = |before: &str, after: &str| Daemon::Chunkserver.mark(Some(before), after);
        assert_eq!(mark("AUTH_CODE = a\n", "AUTH_CODE = b\n"), "moosefs-chunkserver:reload");
        assert_eq!(mark("NICE_LEVEL = 1\nLABELS = A\n", "NICE_LEVEL = 1\n"), "moosefs-chunkserver:reload");
        assert_eq!(mark("NICE_LEVEL = 1\n", "# NICE_LEVEL = 1\n"), "moosefs-chunkserver:restart");
        assert_eq!(Daemon::Chunkserver.mark(None, "DATA_PATH = /x\n"), "moosefs-chunkserver:restart");
    }
}
