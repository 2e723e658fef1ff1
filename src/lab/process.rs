//! Which processes are the lab's own, so that only those are ever killed.
//!
//! A virtual machine is a session of several host processes. They are found by the
//! session recorded at the start, and by the disk named on their command line, which
//! needs no record at all.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::error::{LabError, Result};

/// A process that cannot be mistaken for a later one of the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// Start in clock ticks since the host booted: field 22 of proc(5)'s stat.
    pub started: u64,
}

/// What /proc/PID/stat says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    state: char,
    session: u32,
    started: u64,
}

/// Parses proc(5) stat; the name in parentheses may hold anything.
fn parse_stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Stat { state: fields.first()?.chars().next()?, session: fields.get(3)?.parse().ok()?, started: fields.get(19)?.parse().ok()? })
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

impl Identity {
    /// The identity of a process that runs now.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        stat(pid).map(|s| Self { pid, started: s.started })
    }

    /// Whether exactly this process still runs (a zombie does not).
    #[must_use]
    pub fn alive(self) -> bool {
        stat(self.pid).is_some_and(|s| s.started == self.started && s.state != 'Z' && s.state != 'X')
    }
}

/// How the lab's own processes are known.
#[derive(Debug, Clone)]
pub struct Mark {
    /// How the name of the program's file begins, e.g. `linux`: a search for the word is not to be killed.
    pub program: String,
    /// Beginning of one word of the command line, e.g. `ubd0=/var/lib/mfsctl/lab/lab/nodes/node1/root.cow,`.
    pub word: String,
    /// The session leader, when recorded.
    pub leader: Option<Identity>,
}

/// Processes that carry the mark, without zombies.
#[must_use]
pub fn find(mark: &Mark) -> Vec<Identity> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let own = std::process::id();
    let leader = mark.leader.filter(|l| stat(l.pid).is_none_or(|s| s.started == l.started));
    entries
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        .filter_map(|pid| {
            let stat = stat(pid)?;
            if matches!(stat.state, 'Z' | 'X') {
                return None;
            }
            // A session's id is not reused while a member lives, so a later start than the leader's is a member's.
            let member = leader.is_some_and(|l| stat.session == l.pid && stat.started >= l.started);
            (member || carries(pid, mark)).then_some(Identity { pid, started: stat.started })
        })
        .collect()
}

/// Whether the process runs the mark's program with the mark's word among its arguments.
fn carries(pid: u32, mark: &Mark) -> bool {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    words.split(|b| *b == 0).any(|w| w.starts_with(mark.word.as_bytes()))
        && fs::read_link(format!("/proc/{pid}/exe"))
            .is_ok_and(|exe| exe.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&mark.program)))
}

/// Kills every process that carries the mark, and makes sure that none is left.
///
/// The programs inside a virtual machine are processes of this computer. Held by seccomp they can do nothing by themselves. Where
/// they are held by ptrace, and the one that holds them dies first, they go on for a moment, and what they ask of their kernel is
/// done to this computer, as root: a machine's disk was overwritten with what mfsmaster sent to its chunkserver. Hence the holders
/// are stopped, those they hold are killed, and the holders last.
///
/// # Errors
/// Some survive SIGKILL for 10 s.
pub fn end(what: &str, mark: &Mark) -> Result<usize> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut ended = 0;
    loop {
        let found = find(mark);
        if found.is_empty() {
            return Ok(ended);
        }
        if Instant::now() > deadline {
            return Err(LabError::Unkillable { what: what.into(), pids: found.iter().map(|i| i.pid).collect() });
        }
        ended = ended.max(found.len());
        // A debugger's hold on the machine itself is none of these.
        let by_one_of_them = |identity: &Identity| holder(identity.pid).is_some_and(|pid| found.iter().any(|i| i.pid == pid));
        let (held, holders): (Vec<Identity>, Vec<Identity>) = found.iter().partition(|identity| by_one_of_them(identity));
        if held.is_empty() {
            found.iter().for_each(|identity| signal(*identity, Signal::KILL));
        } else {
            holders.iter().for_each(|identity| signal(*identity, Signal::STOP));
            let stands = |identity: &Identity| stat(identity.pid).is_none_or(|s| matches!(s.state, 'T' | 't' | 'Z' | 'X'));
            // Until they stand still they could let go of somebody.
            if holders.iter().all(stands) {
                held.iter().for_each(|identity| signal(*identity, Signal::KILL));
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The process that holds this one by ptrace.
fn holder(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("TracerPid:"))?.trim().parse().ok().filter(|pid| *pid != 0)
}

/// Sends a signal to exactly this process: the handle is taken before the identity is checked.
fn signal(identity: Identity, signal: Signal) {
    let Some(pid) = i32::try_from(identity.pid).ok().and_then(Pid::from_raw) else { return };
    if let Ok(handle) = pidfd_open(pid, PidfdFlags::empty())
        && identity.alive()
    {
        let _ = pidfd_send_signal(handle, signal);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_name_with_parentheses_does_not_confuse_the_parser() {
        let text = "42 (a) b (c)) t 1 40 41 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2";
        assert_eq!(parse_stat(text), Some(Stat { state: 't', session: 41, started: 987_654 }));
        assert_eq!(parse_stat("42 (x"), None);
    }

    #[test]
    fn another_start_time_is_another_process() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.alive());
        assert!(!Identity { started: own.started + 1, ..own }.alive());
    }

    /// The children are held at a signal; let go, they would go on and make the file. So many that one of them would have the time.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn what_is_held_does_not_go_on_by_itself() {
        const HOLDER: &str = "$SIG{USR1} = sub { open(F, '>', $ARGV[1]) && close(F) };
            for (1 .. 100) { if (!fork) { syscall(101, 0, 0, 0, 0); kill 'USR1', $$; sleep 50; exit } } sleep 50";
        let dir = tempfile::tempdir().unwrap();
        let escaped = dir.path().join("escaped");
        let word = format!("lab-held-{}", std::process::id());
        let mut parent = Command::new("perl").args(["-e", HOLDER, &word]).arg(&escaped).spawn().unwrap();
        let mark = Mark { program: "perl".into(), word, leader: None };
        let begin = Instant::now();
        while find(&mark).iter().filter(|i| holder(i.pid).is_some() && stat(i.pid).is_some_and(|s| s.state == 't')).count() < 100 {
            assert!(begin.elapsed() < Duration::from_secs(10), "not all are held");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(end("test", &mark).unwrap(), 101);
        assert!(!parent.wait().unwrap().success());
        std::thread::sleep(Duration::from_millis(300));
        assert!(!escaped.exists());
    }

    #[test]
    fn only_marked_processes_are_ended() {
        let word = format!("lab-mark-{}", std::process::id());
        let spawn = |name: &str| Command::new("sh").args(["-c", "sleep 50; :", name]).spawn().unwrap();
        let (mut marked, mut other) = (spawn(&format!("{word}=1")), spawn("other"));
        std::thread::sleep(Duration::from_millis(100));
        let program = fs::read_link(format!("/proc/{}/exe", marked.id())).unwrap();
        let mark = Mark { program: program.file_name().unwrap().to_string_lossy().into_owned(), word, leader: None };
        assert_eq!(end("test", &mark).unwrap(), 1);
        assert!(!marked.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
