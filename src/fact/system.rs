//! The system itself: distribution, kernel, name, clock, memory, free space.

use std::collections::BTreeMap;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "system";

/// How packages are managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Debian, Ubuntu.
    Apt,
    /// Enterprise Linux up to 7.
    Yum,
    /// Enterprise Linux 8 and later.
    Dnf,
}

/// The distribution, from os-release(5); EL6 has none, there `/etc/redhat-release` is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Os {
    /// `ID`: `debian`, `ubuntu`, `centos`, `rocky`…
    pub id: String,
    /// `ID_LIKE`.
    pub like: String,
    /// `VERSION_ID`: `12`, `22.04`, `7`, `9.3`.
    pub version: String,
    /// `VERSION_CODENAME`: `bookworm`; empty on EL.
    pub codename: String,
    /// `PRETTY_NAME`, for people.
    pub pretty: String,
}

/// Who starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Init {
    /// systemd is process 1.
    #[default]
    Systemd,
    /// Anything else: `service` and `chkconfig`.
    Sysv,
}

/// Facts of the system.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct System {
    /// The distribution.
    pub os: Os,
    /// `uname -n`.
    pub hostname: String,
    /// `uname -r`.
    pub kernel: String,
    /// `uname -m`.
    pub arch: String,
    /// Who starts services.
    pub init: Init,
    /// The node's clock, seconds since 1970; compare with when the question was sent and answered.
    pub epoch: f64,
    /// Seconds since boot.
    pub uptime: f64,
    /// Changes with every boot.
    pub boot_id: String,
    /// Memory, bytes.
    pub memory: u64,
    /// Memory available without swapping, bytes; 0 on kernels before 3.14.
    pub memory_available: u64,
    /// Free bytes of the file system under `/`.
    pub free_root: u64,
    /// Free bytes of the file system under `/var`.
    pub free_var: u64,
    /// Free bytes of file systems by mount point: those of `/`, `/var` and the directories asked for.
    pub free: BTreeMap<String, u64>,
}

impl Os {
    /// How packages are managed; `None` on a distribution mfsctl does not know.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        let is = |names: &[&str]| std::iter::once(self.id.as_str()).chain(self.like.split_whitespace()).any(|w| names.contains(&w));
        if is(&["debian", "ubuntu"]) {
            Some(Family::Apt)
        } else if is(&["rhel", "centos", "fedora"]) {
            Some(if self.major() >= 8 { Family::Dnf } else { Family::Yum })
        } else {
            None
        }
    }

    /// First number of the version: 12, 22, 7; 0 when there is none.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.version.split('.').next().and_then(|v| v.parse().ok()).unwrap_or(0)
    }
}

/// Asks; four processes.
#[must_use]
pub fn ask(directories: &[String]) -> Question {
    let script = "read -r n </proc/sys/kernel/hostname; read -r r </proc/sys/kernel/osrelease\n\
                  if [ -r /proc/sys/kernel/arch ]; then read -r m </proc/sys/kernel/arch; else m=$(uname -m); fi\n\
                  echo \"$n $r $m\"\n\
                  date +%s.%N\n\
                  [ -d /run/systemd/system ] && echo systemd || echo sysv\n\
                  df -P -k / /var @DIRECTORIES 2>/dev/null\n\
                  echo ---\n\
                  set -- /etc/os-release; [ -r \"$1\" ] || set -- /etc/redhat-release\n\
                  cat /proc/uptime /proc/sys/kernel/random/boot_id /proc/meminfo - \"$1\" 2>/dev/null <<END\n\
                  ---\n\
                  END\n\
                  :\n";
    Question { name: NAME.to_owned(), script: script.replace("@DIRECTORIES", &shell::join(directories)) }
}

/// Reads the answer.
///
/// # Errors
/// When a part is missing or no number stands where one belongs.
pub fn parse(answer: &Answer) -> Result<System, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let mut parts = answer.text.split("---\n");
    let (Some(host), Some(proc), Some(release)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(error("three parts", &answer.text));
    };
    let mut lines = host.lines();
    let mut next = |what: &str| lines.next().ok_or_else(|| error(what, host));
    let uname = next("uname")?;
    let [hostname, kernel, arch] = uname.split_whitespace().collect::<Vec<_>>()[..] else { return Err(error("uname -nrm", uname)) };
    let clock = next("the clock")?;
    // A date without nanoseconds (busybox) prints the letter N or nothing after the point.
    let epoch = clock.trim_end_matches(['N', '%']).trim_end_matches('.').parse().map_err(|_| error("seconds since 1970", clock))?;
    let init = if next("init")? == "systemd" { Init::Systemd } else { Init::Sysv };
    let free = lines.filter_map(df_line).collect::<Vec<_>>();
    let bytes = |at: usize| free.get(at).map(|(_, bytes)| *bytes);
    let (Some(free_root), Some(free_var)) = (bytes(0), bytes(1).or(bytes(0))) else {
        return Err(error("free space of / and /var", host));
    };

    let mut lines = proc.lines();
    let uptime = lines.next().and_then(|l| l.split(' ').next()).and_then(|v| v.parse().ok()).ok_or_else(|| error("uptime", proc))?;
    let boot_id = lines.next().ok_or_else(|| error("boot id", proc))?.to_owned();
    let mem = |key: &str| {
        let line = proc.lines().find(|l| l.starts_with(key))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    let memory = mem("MemTotal:").ok_or_else(|| error("MemTotal", proc))?;
    Ok(System {
        os: os(release),
        hostname: hostname.to_owned(),
        kernel: kernel.to_owned(),
        arch: arch.to_owned(),
        init,
        epoch,
        uptime,
        boot_id,
        memory,
        memory_available: mem("MemAvailable:").unwrap_or(0),
        free_root,
        free_var,
        free: free.into_iter().collect(),
    })
}

/// `df -P -k`: the fourth column is what users may still take, in KiB. The header's is a word.
/// Mount point and free bytes of a line of `df -P -k`: device, blocks, used, available, percent, mount point.
fn df_line(line: &str) -> Option<(String, u64)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let kib: u64 = fields.get(3)?.parse().ok()?;
    Some((fields.get(5..)?.join(" "), kib * 1024))
}

fn os(text: &str) -> Os {
    let value = |key: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned())
    };
    if let Some(id) = value("ID") {
        let codename = value("VERSION_CODENAME").or_else(|| value("UBUNTU_CODENAME")).unwrap_or_default();
        let version = value("VERSION_ID").unwrap_or_default();
        let pretty = value("PRETTY_NAME").unwrap_or_else(|| format!("{id} {version}"));
        return Os { like: value("ID_LIKE").unwrap_or_default(), id, version, codename, pretty };
    }
    // "CentOS release 6.10 (Final)"
    let line = text.lines().next().unwrap_or_default();
    let version = line.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default().to_owned();
    let id = line.split_whitespace().next().unwrap_or_default().to_lowercase();
    let like = if version.is_empty() { String::new() } else { "rhel".to_owned() };
    Os { id, like, version, codename: String::new(), pretty: line.to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<System, FactError> {
        parse(&Answer { text: text.to_owned(), status: 0 })
    }

    #[test]
    fn debian_12() {
        let system = of(include_str!("../../tests/fixtures/system/debian12.txt")).unwrap();
        assert_eq!((system.hostname.as_str(), system.os.major(), system.os.family()), ("node1", 12, Some(Family::Apt)));
        assert_eq!((system.os.codename.as_str(), system.init), ("bookworm", Init::Systemd));
        assert_eq!((system.memory, system.free_root, system.free_var), (1_009_032 * 1024, 2_831_676 * 1024, 2_831_676 * 1024));
        assert!((system.epoch - 1_764_000_000.25).abs() < 1e-6 && (system.uptime - 35.41).abs() < 1e-9);
    }

    #[test]
    fn enterprise_linux() {
        let el7 = of(include_str!("../../tests/fixtures/system/centos7.txt")).unwrap();
        assert_eq!((el7.os.family(), el7.os.major()), (Some(Family::Yum), 7));
        assert!(el7.free_var > el7.free_root);
        let el9 = of(include_str!("../../tests/fixtures/system/rocky9.txt")).unwrap();
        assert_eq!((el9.os.family(), el9.os.version.as_str()), (Some(Family::Dnf), "9.3"));
        let el6 = of(include_str!("../../tests/fixtures/system/centos6.txt")).unwrap();
        assert_eq!((el6.os.family(), el6.os.version.as_str(), el6.init), (Some(Family::Yum), "6.10", Init::Sysv));
    }

    #[test]
    fn an_unknown_distribution_has_no_family() {
        assert_eq!(os("ID=alpine\nVERSION_ID=3.20\n").family(), None);
        assert_eq!(os("").family(), None);
    }

    #[test]
    fn a_cut_answer_is_an_error() {
        assert!(of("node1 6.1 x86_64\n1.5\nsystemd\n").is_err());
        assert!(of("node1\n---\n---\n").is_err());
    }

    #[test]
    fn the_question_works_here() {
        let out = std::process::Command::new("sh").arg("-c").arg(ask(&["/no/such".to_owned()]).script).output().unwrap();
        let system = of(&String::from_utf8(out.stdout).unwrap()).unwrap();
        assert!(system.memory > 0 && system.free_root > 0 && system.epoch > 1.7e9 && !system.boot_id.is_empty());
    }
}
