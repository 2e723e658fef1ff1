//! One virtual machine: its command line, its disks, its beginning and its end.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::error::{LabError, Result};
use super::namespace;
use super::network::{hardware_address, tap};
use super::process::{self, Identity, Mark};
use super::spec::{LabSpec, NodeSpec};

/// What a booted machine writes on its console, followed by its host key.
const READY: &str = "lab-ready ";
/// Time a boot may take: 6 s alone, 17 s when eight share two idle cores, 100 s were seen on a machine ten times overloaded.
pub const BOOT_DEADLINE: Duration = Duration::from_secs(300);

/// Files of one machine.
#[derive(Debug, Clone)]
pub struct Machine<'a> {
    lab: &'a LabSpec,
    node: &'a NodeSpec,
    lab_dir: PathBuf,
    dir: PathBuf,
}

impl<'a> Machine<'a> {
    /// The machine of a node whose lab keeps its state in a directory.
    #[must_use]
    pub fn new(lab: &'a LabSpec, node: &'a NodeSpec, lab_dir: &Path) -> Self {
        Self { lab, node, lab_dir: lab_dir.to_owned(), dir: lab_dir.join("nodes").join(&node.name) }
    }

    /// Console of the current (or last) boot; the one before is beside it as `console.log.1`.
    #[must_use]
    pub fn console(&self) -> PathBuf {
        self.dir.join("console.log")
    }

    /// How its processes are known: by session, and by the disk they were given.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let leader = fs::read(self.dir.join("machine.json")).ok().and_then(|t| serde_json::from_slice(&t).ok());
        Mark { program: "linux".into(), word: format!("ubd0={},", self.cow().display()), leader }
    }

    /// The leading process while the machine runs.
    #[must_use]
    pub fn running(&self) -> Option<Identity> {
        self.mark().leader.filter(|l| l.alive())
    }

    /// Its ssh host key as it said at its first boot, `ssh-ed25519 AAAA… name`.
    #[must_use]
    pub fn host_key(&self) -> Option<String> {
        fs::read_to_string(self.dir.join("host-key")).ok().map(|k| k.trim().to_owned()).filter(|k| !k.is_empty())
    }

    fn cow(&self) -> PathBuf {
        self.dir.join("root.cow")
    }

    /// Powers it on. Its disks stay as they are; a first boot that never ended begins anew.
    ///
    /// # Errors
    /// Kernel or image are gone, a file cannot be written, or the machine cannot be started.
    pub fn start(&self, kernel: &Path, image: &Path, public_key: &str) -> Result<()> {
        for (what, path) in [("kernel", kernel), ("image", image)] {
            let reason = format!("the {what} this lab was made from is gone: `mfsctl lab down`, then `up`");
            fs::metadata(path).map_err(|_| LabError::Broken { path: path.to_owned(), reason })?;
        }
        process::end(&self.node.name, &self.mark())?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(LabError::io(&self.dir))?;
        if self.host_key().is_none() {
            let _ = fs::remove_file(self.cow());
        }
        let disks = self.disks()?;
        let _ = fs::remove_dir_all(self.lab_dir.join("uml").join(self.umid()));
        let _ = fs::rename(self.console(), self.dir.join("console.log.1"));
        let console = create_private(&self.console())?;
        let errors = console.try_clone().map_err(LabError::io(&self.console()))?;
        let words = self.command_line(image, &disks, public_key);
        let button = self.button()?;
        let child = namespace::within(&namespace::path(&self.lab.name), || {
            pin(self.lab.nodes.iter().position(|n| n.name == self.node.name).unwrap_or(0));
            // A session of its own, so that all its processes can be found and no terminal's end takes it along.
            let mut command = Command::new("setsid");
            // Read by bash, not executed: while another machine's start is between fork and exec, it has this file open for writing too.
            command.arg("bash").arg(&button).args(&words).env("UML_PROGRAM", kernel).current_dir(&self.dir);
            command.stdin(Stdio::null()).stdout(console).stderr(errors);
            command.spawn().map_err(LabError::act("start the machine"))
        })?;
        let Some(identity) = Identity::of(child.id()) else {
            return Err(self.died());
        };
        // The child outlives this process; collecting it is a thread's work while we are here.
        std::thread::spawn(move || {
            let mut child = child;
            child.wait()
        });
        write_json(&self.dir.join("machine.json"), &identity)
    }

    /// Waits until the machine says for the `boots`-th time on this console that it answers ssh; keeps its host key.
    ///
    /// # Errors
    /// It stops, or says nothing within the deadline.
    pub fn wait_ready(&self, boots: usize, deadline: Instant) -> Result<()> {
        let begun = Instant::now();
        loop {
            if let Some(key) = ready_lines(&self.console_text()).nth(boots.saturating_sub(1)) {
                let path = self.dir.join("host-key");
                return if self.host_key().as_deref() == Some(key) { Ok(()) } else { fs::write(&path, key).map_err(LabError::io(&path)) };
            }
            if self.running().is_none() {
                return Err(self.died());
            }
            if Instant::now() > deadline {
                let what = format!("{}: boot", self.node.name);
                return Err(LabError::Timeout { what, seconds: begun.elapsed().as_secs(), detail: self.console_text() });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// How often the machine has come up since it was powered on.
    #[must_use]
    pub fn boots(&self) -> usize {
        ready_lines(&self.console_text()).count()
    }

    fn console_text(&self) -> String {
        fs::read(self.console()).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    /// Power cut: every process of the machine is killed at once. What it had not synced is lost, as in life.
    ///
    /// # Errors
    /// A process survives.
    pub fn cut_power(&self) -> Result<usize> {
        process::end(&self.node.name, &self.mark())
    }

    fn died(&self) -> LabError {
        LabError::Died { node: self.node.name.clone(), console: self.console_text() }
    }

    /// The script that starts the machine and, as its argv[0], restarts it.
    fn button(&self) -> Result<PathBuf> {
        let path = self.dir.join("power");
        write_atomic(&path, include_bytes!("power.sh"))?;
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(LabError::io(&path))?;
        Ok(path)
    }

    fn umid(&self) -> String {
        self.node.name.clone()
    }

    /// Makes the disks that are not there yet, sparse; gives their paths in order.
    fn disks(&self) -> Result<Vec<PathBuf>> {
        let make = |(index, disk): (usize, &super::spec::DiskSpec)| {
            let path = self.dir.join(format!("disk{}.img", index + 1));
            if !path.exists() {
                create_private(&path)?.set_len(disk.size).map_err(LabError::io(&path))?;
            }
            Ok(path)
        };
        self.node.disks.iter().enumerate().map(make).collect()
    }

    /// The words after `linux.uml`.
    fn command_line(&self, image: &Path, disks: &[PathBuf], public_key: &str) -> Vec<String> {
        let address = self.node.address;
        let mut words = vec![
            format!("uml_dir={}/", self.lab_dir.join("uml").display()),
            format!("umid={}", self.umid()),
            format!("mem={}M", self.node.memory_mb),
            format!("ubd0={},{}", self.cow().display(), image.display()),
        ];
        words.extend(disks.iter().enumerate().map(|(i, path)| format!("ubd{}={}", i + 1, path.display())));
        words.extend(
            ["seccomp=auto", "root=/dev/ubda", "rw", "quiet", "lsm=yama", "con=null", "ssl=null", "con0=null,fd:1"].map(str::to_owned),
        );
        // A guest's root could mount the host's files; an empty directory is all it finds.
        words.push(format!("hostfs={}", self.lab_dir.join("empty").display()));
        words.push(format!("vec0:transport=tap,ifname={},depth=128,gro=1,mac={}", tap(address), hardware_address(address)));
        words.push(format!("lab.host={}", self.node.name));
        words.push(format!("lab.ip={address}/{}", self.lab.prefix));
        let mut key = public_key.split_whitespace();
        words.push(format!("lab.key={}_{}", key.next().unwrap_or_default(), key.next().unwrap_or_default()));
        let links = self.links();
        if !links.is_empty() {
            words.push(format!("lab.links={links}"));
        }
        words
    }

    /// `ubdb:sdb,…` for disks that the inventory knows by another name.
    fn links(&self) -> String {
        let letters = ('b'..='p').map(|c| format!("ubd{c}"));
        let named = self.node.disks.iter().map(|d| d.device.trim_start_matches("/dev/"));
        let pairs: Vec<String> =
            letters.zip(named).filter(|(real, name)| real != name).map(|(real, name)| format!("{real}:{name}")).collect();
        pairs.join(",")
    }
}

/// Binds this thread, and so what it starts, to one processor. A guest's system calls and page faults are handed
/// between host processes; across processors each hand-over costs more than twice as much (100 forks: 5.2 s, 2.2 s).
fn pin(index: usize) {
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let processors: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu)).collect();
    if let Some(cpu) = processors.get(index % processors.len().max(1)) {
        let mut one = CpuSet::new();
        one.set(*cpu);
        // Without it the machine is only slower.
        let _ = sched_setaffinity(None, &one);
    }
}

fn ready_lines(console: &str) -> impl Iterator<Item = &str> {
    // A line without its end may still be being written.
    let whole = console.rfind('\n').map_or("", |end| &console[..end]);
    whole.lines().filter_map(|l| Some(l.get(l.find(READY)? + READY.len()..)?.trim()))
}

fn create_private(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(LabError::io(path))
}

/// Writes a value so that a reader sees the old one or the new one.
///
/// # Errors
/// The file cannot be written.
pub fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_vec_pretty(value).map_err(|e| LabError::Broken { path: path.to_owned(), reason: e.to_string() })?;
    write_atomic(path, &text)
}

/// Replaces a file at once; only its owner may read it.
///
/// # Errors
/// The file cannot be written.
pub fn write_atomic(path: &Path, content: &[u8]) -> Result<()> {
    let draft = path.with_extension(format!("new{}", std::process::id()));
    create_private(&draft)?.write_all(content).and_then(|()| fs::rename(&draft, path)).map_err(LabError::io(path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_names_disks_network_and_identity() {
        let mut spec = LabSpec::reference("lab");
        spec.nodes[0].disks[0].device = "/dev/sdb".into();
        let machine = Machine::new(&spec, &spec.nodes[0], Path::new("/s/lab"));
        let words = machine.command_line(Path::new("/c/disk.img"), &[PathBuf::from("/s/lab/d.img")], "ssh-ed25519 AAAA lab");
        for word in [
            "umid=node1",
            "mem=1024M",
            "ubd0=/s/lab/nodes/node1/root.cow,/c/disk.img",
            "ubd1=/s/lab/d.img",
            "vec0:transport=tap,ifname=tapac100029,depth=128,gro=1,mac=02:6d:ac:10:00:29",
            "lab.ip=172.16.0.41/24",
            "lab.key=ssh-ed25519_AAAA",
            "lab.links=ubdb:sdb",
        ] {
            assert!(words.iter().any(|w| w == word), "{word} is not in {words:?}");
        }
        assert!(words.iter().any(|w| w.starts_with(&machine.mark().word)));
    }

    /// A kernel that takes the timer's signal gets it every few seconds; one that would end of it does not.
    #[test]
    fn a_machine_whose_timer_is_lost_is_woken() {
        let dir = tempfile::tempdir().unwrap();
        let button = dir.path().join("power");
        fs::write(&button, include_bytes!("power.sh")).unwrap();
        let bash = which::which("bash").unwrap();
        let run = |body: &str| {
            let mut command = Command::new("setsid");
            command.arg("bash").arg(&button).args(["-c", body]).env("UML_PROGRAM", &bash);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
        };
        let awake = run("trap 'echo woken; exit' ALRM; for i in {1..200}; do sleep 0.1; done");
        let asleep = run("for i in {1..70}; do sleep 0.1; done; echo slept on");
        for (child, said) in [(awake, "woken\n"), (asleep, "slept on\n")] {
            assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap(), said);
        }
    }

    #[test]
    fn only_whole_ready_lines_count() {
        let console = "boot\nlab-ready ssh-ed25519 AAA node1\nmore\n[x] lab-ready ssh-ed25519 AAA node1\nlab-ready ssh-ed2";
        assert_eq!(ready_lines(console).collect::<Vec<_>>(), ["ssh-ed25519 AAA node1"; 2]);
        assert_eq!(ready_lines("lab-ready x").count(), 0);
    }
}
