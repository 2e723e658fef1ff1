//! The node-side scripts of maintenance and upgrades, run for real: with stand-ins for systemd and mfscli, and with
//! processes that hold real locks.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const STOP: &str = include_str!("../playbooks/files/mfs-stop.sh");
const MAINTENANCE: &str = include_str!("../playbooks/files/mfs-maintenance");

/// Knows one unit, whose process stands in the file `main`; asked to stop it sends TERM, unless `deaf` is there.
const SYSTEMCTL: &str = r#"#!/bin/sh
main=$(cat "$ROOM/main")
case "$*" in
"show -p MainPID"*) echo "MainPID=$main" ;;
"stop --no-block"*) [ -e "$ROOM/deaf" ] || [ "$main" = 0 ] || kill -TERM "$main" 2>/dev/null; exit 0 ;;
is-active*) [ "$main" != 0 ] && [ -e "/proc/$main/stat" ] && ! grep -q ') Z' "/proc/$main/stat" && echo active || echo inactive ;;
esac
"#;

/// Takes the lock, takes a name, and stays.
const HOLD: &str = "import fcntl,sys,time,os\nf=open(sys.argv[1],'w')\nfcntl.lockf(f,fcntl.LOCK_EX)\nf.write(str(os.getpid()))\nf.flush()\n\
    open('/proc/self/comm','w').write(sys.argv[2])\nprint('ready',flush=True)\ntime.sleep(120)\n";

struct Room(tempfile::TempDir);

/// A process that ends with the test.
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Room {
    fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        fs::create_dir(room.path("bin")).unwrap();
        room.program("systemctl", SYSTEMCTL);
        room.main(0);
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn main(&self, pid: u32) {
        fs::write(self.path("main"), pid.to_string()).unwrap();
    }

    fn holds(&self, lock: &str, name: &str) -> Holder {
        use std::io::BufRead;
        let mut child = Command::new("python3").args(["-c", HOLD]).arg(self.path(lock)).arg(name).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Holder(child)
    }

    fn run(&self, script: &str, words: &[&str]) -> (Option<i32>, String, String) {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let Output { status, stdout, stderr } = Command::new("sh")
            .args(["-c", script, "mfsctl"])
            .args(words)
            .env("PATH", path)
            .env("ROOM", self.0.path())
            .env("MFS_MAINTENANCE_DIR", self.path("limits"))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (status.code(), text(stdout), text(stderr))
    }

    fn stop(&self, seconds: &str) -> (Option<i32>, String, String) {
        let (own, disk) = (self.path("own.lock"), self.path("disk.lock"));
        self.run(STOP, &["a.service", "mfsstandin", seconds, own.to_str().unwrap(), disk.to_str().unwrap()])
    }
}

#[test]
fn one_that_stops_is_not_spoken_of() {
    let room = Room::new();
    let mut holder = room.holds("own.lock", "mfsstandin");
    room.main(holder.0.id());
    let reaper = std::thread::spawn(move || holder.0.wait().unwrap());
    assert_eq!(room.stop("20"), (Some(0), String::new(), String::new()));
    reaper.join().unwrap();
    // and again: a lock file that nobody holds is harmless
    assert_eq!(room.stop("20").0, Some(0));
}

#[test]
fn a_suspended_one_is_killed_aloud() {
    let room = Room::new();
    let mut holder = room.holds("own.lock", "mfsstandin");
    let pid = holder.0.id();
    room.main(pid);
    fs::write(room.path("deaf"), "").unwrap();
    assert!(Command::new("kill").args(["-STOP", &pid.to_string()]).status().unwrap().success());
    let reaper = std::thread::spawn(move || holder.0.wait().unwrap());
    let (code, said, errors) = room.stop("1");
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.contains(&format!("! process {pid} of a.service, the one named in")) && said.contains("sent TERM"), "{said}");
    assert!(said.contains(&format!("! process {pid} still runs 10 s after TERM: sent KILL")), "{said}");
    reaper.join().unwrap();
}

#[test]
fn a_second_process_on_the_lock_is_ended_and_a_foreign_one_is_not() {
    let room = Room::new();
    let mut holder = room.holds("disk.lock", "mfsstandin");
    let pid = holder.0.id();
    let reaper = std::thread::spawn(move || holder.0.wait().unwrap());
    let (code, said, errors) = room.stop("1");
    assert_eq!(code, Some(0), "{errors}");
    assert!(said.contains(&format!("! a second mfsstandin, process {pid}, which a.service did not start, holds the lock")), "{said}");
    reaper.join().unwrap();
    let mut foreign = room.holds("disk.lock", "backup");
    let (code, said, errors) = room.stop("1");
    assert!(code == Some(1) && said.is_empty() && errors.contains("backup, which is no mfsstandin: not ended"), "{said}{errors}");
    std::thread::sleep(Duration::from_millis(50));
    assert!(foreign.0.try_wait().unwrap().is_none(), "it lives");
}

#[test]
fn the_time_of_a_maintenance_is_kept_told_and_ended() {
    let room = Room::new();
    room.program("mfscli", "#!/bin/sh\nprintf '%s ' \"$@\" >>\"$ROOM/asked\"\ncat \"$ROOM/answer\"\n");
    let answer = |text: &str| fs::write(room.path("answer"), text).unwrap();
    let limit = |seconds: &str| room.run(MAINTENANCE, &["limit", "10.0.0.3:9422", seconds, "10.0.0.9", "9421", "ann|@desk", "disk swap"]);
    assert_eq!(limit("100").0, Some(0));
    assert_eq!(room.run(MAINTENANCE, &["list"]).1, "10.0.0.3:9422 100 ann@desk|disk swap\n");
    assert_eq!(room.run(MAINTENANCE, &["expire"]).0, Some(0));
    assert!(!room.path("asked").exists(), "it is not time");
    // Over, but the master does not answer: kept, and tried again.
    limit("0");
    answer("master servers not found !!!\n");
    let (code, _, errors) = room.run(MAINTENANCE, &["expire"]);
    assert!(code == Some(1) && errors.contains("not found !!!"), "{errors}");
    answer("Chunkserver 10.0.0.3/9422 has been switched to standard mode\n");
    assert_eq!(room.run(MAINTENANCE, &["expire"]).0, Some(0));
    assert_eq!(fs::read_dir(room.path("limits")).unwrap().count(), 0);
    assert!(fs::read_to_string(room.path("asked")).unwrap().contains("-n -H 10.0.0.9 -P 9421 -CM0/10.0.0.3/9422"));
    assert_eq!(room.run(MAINTENANCE, &["clear", "10.0.0.3:9422"]).0, Some(0), "nothing there is fine");
    assert_eq!(room.run(MAINTENANCE, &["limit", "10.0.0.3:9422"]).0, Some(64));
}
