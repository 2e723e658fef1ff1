//! DRBD on a master, and what lies under it: module, resource, backing volume.
//!
//! A healthy pair is told by `/proc` and `/sys` alone; programs are asked only where something is amiss,
//! so that a survey of a finished cluster stays quick.

use super::drbd_status::{self, DrbdResource, DrbdStatus};
use super::{Answer, FactError, Question};
use crate::inventory::model::{Cluster, Node};
use crate::remote::shell;

const NAME: &str = "drbd";

/// Generation identifiers of a volume whose metadata was just made and that never held data
/// (`UUID_JUST_CREATED` in the kernel's drbd.h), as `drbdadm get-gi` prints them.
const JUST_CREATED: &str = "0000000000000004:0000000000000000:";

/// What lies on the backing volume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Backing {
    /// There is no such block device (not made yet, or inactive).
    #[default]
    Absent,
    /// A device without any signature.
    Blank,
    /// DRBD's metadata.
    Drbd,
    /// Something else, in `blkid`'s words: `xfs`, `LVM2_member`, `dos partition table`.
    Other(String),
}

/// DRBD's facts of one master.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drbd {
    /// Resources as the kernel has them.
    pub status: DrbdStatus,
    /// Version of the module on disk, where it is not loaded.
    pub available: Option<String>,
    /// Version of drbd-utils; not asked when all is well.
    pub utils: Option<String>,
    /// The backing volume.
    pub backing: Backing,
    /// Its size in bytes.
    pub bytes: Option<u64>,
    /// What `drbdadm sh-dev` objected to: `'mfs' not defined in your config (for this host).`
    pub objection: Option<String>,
    /// Generation identifiers (`drbdadm get-gi`); not asked when all is well.
    pub generation: Option<String>,
    /// The kernel's last words about a refused connection, newest last.
    pub kernel_log: Vec<String>,
}

/// Whether a volume ever held data of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// No metadata, or metadata just made: nothing can be lost.
    Fresh,
    /// It holds, or held, data.
    Used,
    /// It has metadata, but nobody could read its generation.
    Unknown,
}

impl Drbd {
    /// The cluster's resource in the kernel.
    #[must_use]
    pub fn resource(&self, cluster: &Cluster) -> Option<&DrbdResource> {
        self.status.resource(&cluster.drbd.resource, cluster.drbd.minor())
    }

    /// Whether the backing volume ever held data of the resource.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        match (&self.generation, &self.backing) {
            (Some(generation), _) if generation.starts_with(JUST_CREATED) => Freshness::Fresh,
            (Some(_), _) | (None, Backing::Other(_)) => Freshness::Used,
            (None, Backing::Absent | Backing::Blank) => Freshness::Fresh,
            (None, Backing::Drbd) => Freshness::Unknown,
        }
    }

    /// Whether DRBD is of generation 9, by the module loaded or on disk; `None` when neither is known.
    #[must_use]
    pub fn is_nine(&self) -> Option<bool> {
        let version = self.status.version.as_ref().or(self.available.as_ref())?;
        Some(!version.starts_with("8."))
    }
}

/// Asks a master; other nodes have nothing to say.
#[must_use]
pub fn ask(cluster: &Cluster, node: &Node) -> Option<Question> {
    let storage = node.storage.as_ref()?;
    let drbd = &cluster.drbd;
    let words = [drbd.resource.clone(), drbd.minor().to_string(), storage.lv_path()];
    let script = format!("set -- {}\n{SCRIPT}", shell::join(&words));
    Some(Question { name: NAME.to_owned(), script })
}

/// Sections `@name` with lines; `$1` resource, `$2` minor, `$3` volume.
const SCRIPT: &str = r#"echo @proc; well=no
if [ -r /proc/drbd ]; then
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in *" $2: cs:Connected "*" ds:UpToDate/UpToDate "*) well=yes ;; esac
  done </proc/drbd
fi
device=$(readlink -f "$3"); size=/sys/class/block/${device##*/}/size
echo @sectors; [ ! -b "$device" ] || [ ! -r "$size" ] || { read -r size <"$size" && echo "$size"; }
if [ $well = yes ]; then
  echo @backing; echo drbd
  return 0
fi
if command -v drbdsetup >/dev/null && [ -r /proc/drbd ]; then
  echo @setup
  grep -q '^version: 8' /proc/drbd || timeout 5 drbdsetup status --json 2>/dev/null || timeout 5 drbdsetup status --verbose --statistics 2>/dev/null
fi
[ -r /proc/drbd ] || { echo @available; modinfo -F version drbd 2>/dev/null; }
echo @backing
if [ -b "$device" ]; then
  type=$(blkid -p -o value -s TYPE "$device" 2>/dev/null); table=$(blkid -p -o value -s PTTYPE "$device" 2>/dev/null)
  if [ -n "$type" ]; then echo "$type"
  elif [ -n "$table" ]; then echo "$table partition table"
  else blkid -p "$device" >/dev/null 2>&1; case $? in 2) echo blank ;; *) echo 'several signatures' ;; esac
  fi
fi
if command -v drbdadm >/dev/null; then
  echo @utils; timeout 5 drbdadm --version 2>/dev/null | sed -n 's/^DRBDADM_VERSION=//p'
  if [ -e "/etc/drbd.d/$1.res" ]; then
    echo @objection; timeout 5 drbdadm sh-dev "$1" 2>&1 >/dev/null
    echo @generation; timeout 5 drbdadm get-gi "$1" 2>/dev/null </dev/null
  fi
fi
echo @kernel
dmesg 2>/dev/null | grep drbd | grep -E 'Authentication of peer failed|disk size is too small|Split-Brain detected|[Uu]nrelated data|cram-hmac|expected AuthChallenge' | tail -n 3
return 0
"#;

/// Reads the answer.
///
/// # Errors
/// When DRBD's status has another form than either generation's, or a number is none.
pub fn parse(answer: &Answer) -> Result<Drbd, FactError> {
    if !answer.text.starts_with("@proc") {
        return Err(FactError::new(NAME, "the section @proc", &answer.text));
    }
    let section = |name: &str| {
        let mut lines = answer.text.lines().skip_while(|l| l.strip_prefix('@') != Some(name));
        lines.next()?;
        let body: Vec<&str> = lines.take_while(|l| !l.starts_with('@')).collect();
        Some(body.join("\n")).filter(|t| !t.trim().is_empty())
    };
    let line = |name: &str| section(name).and_then(|t| t.lines().next().map(|l| l.trim().to_owned()));
    let status = drbd_status::parse(&section("proc").unwrap_or_default(), &section("setup").unwrap_or_default())?;
    let sectors = line("sectors").map(|s| s.parse::<u64>().map_err(|_| FactError::new(NAME, "a number of sectors", &s))).transpose()?;
    let backing = match line("backing").as_deref() {
        None => Backing::Absent,
        Some("blank") => Backing::Blank,
        Some("drbd") => Backing::Drbd,
        Some(other) => Backing::Other(other.to_owned()),
    };
    Ok(Drbd {
        status,
        available: line("available"),
        utils: line("utils"),
        backing,
        bytes: sectors.map(|s| s * 512),
        objection: line("objection"),
        generation: line("generation"),
        kernel_log: section("kernel").map(|t| t.lines().map(str::to_owned).collect()).unwrap_or_default(),
    })
}

#[cfg(test)]
#[path = "drbd/tests.rs"]
mod tests;
