//! One node's world in a directory. The fake programs keep its state in files and note every call.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// drbdadm: `primary` obeys the file `primary-fails`; mount and umount edit /proc/mounts; systemctl keeps `unit`.
const FAKES: &[(&str, &str)] = &[
    (
        "drbdadm",
        r#"
case $1 in
primary) [ ! -e "$S/primary-fails" ] || { cat "$S/primary-fails" >&2; exit 17; }
  sed -i 's|ro:[A-Za-z]*/|ro:Primary/|' "$PROC/drbd" ;;
secondary) [ ! -e "$S/secondary-fails" ] || { echo 'Device is held open by someone' >&2; exit 11; }
  sed -i 's|ro:[A-Za-z]*/|ro:Secondary/|' "$PROC/drbd" ;;
esac"#,
    ),
    (
        "mount",
        r#"[ ! -e "$S/mount-fails" ] || { echo 'wrong fs type' >&2; exit 32; }
echo "/dev/drbd0 $MOUNT_POINT xfs rw 0 0" >>"$PROC/mounts""#,
    ),
    (
        "umount",
        r#"[ ! -e "$S/umount-fails" ] || { echo 'target is busy' >&2; exit 32; }
sed -i "\| $MOUNT_POINT |d" "$PROC/mounts""#,
    ),
    (
        "ip",
        r#"case $1 in
-o) cat "$S/addresses" ;;
addr) case $2 in
  add) echo "2: eth0 inet $3 scope global eth0" >>"$S/addresses" ;;
  del) sed -i "\| $3 |d" "$S/addresses" ;; esac ;;
esac"#,
    ),
    (
        "systemctl",
        r#"case $1 in
-q) [ -e "$S/unit-failed" ] || exit 1 ;;
show) case $* in *MainPID*) echo "MainPID=$(cat "$S/main-pid" 2>/dev/null)" ;; *) echo "ActiveState=$(cat "$S/unit")" ;; esac ;;
start) [ ! -e "$S/start-fails" ] || { echo 'Job failed' >&2; exit 1; }
  echo active >"$S/unit"; [ -e "$S/never-listens" ] || echo '0: 00000000:24CD 00000000:0000 0A x' >>"$PROC/net/tcp"
  [ ! -e "$S/dies-loading" ] || echo failed >"$S/unit" ;;
stop) echo inactive >"$S/unit"; sed -i '/:24CD/d' "$PROC/net/tcp" ;;
esac"#,
    ),
    ("logger", r#"shift 3; echo "$*" >>"$S/log""#),
    ("arping", ":"),
    ("reboot", r#"echo reboot >>"$S/calls""#),
];

/// A sandboxed node.
pub struct Node {
    pub dir: tempfile::TempDir,
    name: String,
}

impl Node {
    /// A healthy, connected standby called `name` (node1 or node2), with these witnesses.
    pub fn new(name: &str, witnesses: &str, port: u16) -> Self {
        let node = Self { dir: tempfile::tempdir().unwrap(), name: name.to_owned() };
        for sub in ["bin", "run", "var", "proc/net", "proc/sys/kernel/random", "data/mfs"] {
            fs::create_dir_all(node.path(sub)).unwrap();
        }
        let peer = if name == "node1" { "node2" } else { "node1" };
        let dir = node.dir.path().display();
        node.write("mfs-ha", mfsctl::step::ha::SCRIPT);
        node.executable("mfs-ha");
        node.write(
            "conf",
            &format!(
                "NODE={name} PEER={peer} ADDRESS=10.0.0.1 PEER_ADDRESS=10.0.0.2 INTERFACE=\n\
                 VIP=10.0.0.9 VIP_PREFIX=24 MOUNT_POINT={dir}/data DATA_PATH={dir}/data/mfs\n\
                 WITNESSES='{witnesses}' WITNESS_PORT={port} WITNESS_SECRET='s3cret $x' WITNESS_WAIT=2\n\
                 RUN={dir}/run VAR={dir}/var PROC={dir}/proc MASTER_BIN={dir}/bin/mfsmaster\n\
                 PROMOTE_WAIT=2 STOP_WAIT=2 FENCE_WAIT=2 FENCE_HANDICAP_CENTIS=0 SETTLE=1\n\
                 S={dir} PATH={dir}/bin:$PATH\nexport S PROC MOUNT_POINT\n"
            ),
        );
        for (program, body) in FAKES {
            node.fake(program, body);
        }
        node.write("bin/mfsmaster", "#!/bin/sh\necho \"mfsmaster $*\"\n");
        node.executable("bin/mfsmaster");
        node.write("addresses", "1: lo inet 127.0.0.1/8 scope host lo\n2: eth0 inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n");
        node.write("unit", "inactive\n");
        node.write("proc/mounts", "/dev/sda1 / ext4 rw 0 0\n");
        node.write("proc/net/tcp", "  sl  local_address rem_address   st\n");
        for live in ["uptime", "sys/kernel/random/uuid"] {
            let path = node.path(&format!("proc/{live}"));
            std::os::unix::fs::symlink(Path::new("/proc").join(live), path).unwrap();
        }
        node.drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----");
        node
    }

    /// A connected standby without witnesses.
    pub fn alone(name: &str) -> Self {
        Self::new(name, "", 1)
    }

    pub fn path(&self, sub: &str) -> PathBuf {
        self.dir.path().join(sub)
    }

    pub fn write(&self, sub: &str, text: &str) {
        fs::write(self.path(sub), text).unwrap();
    }

    pub fn read(&self, sub: &str) -> String {
        fs::read_to_string(self.path(sub)).unwrap_or_default()
    }

    pub fn exists(&self, sub: &str) -> bool {
        self.path(sub).exists()
    }

    /// Puts a fake program, a shell script, in place of a real one.
    pub fn fake(&self, program: &str, body: &str) {
        self.write(&format!("bin/{program}"), &format!("#!/bin/sh\necho \"{program} $*\" >>\"$S/calls\"\n{body}\n"));
        self.executable(&format!("bin/{program}"));
    }

    fn executable(&self, sub: &str) {
        fs::set_permissions(self.path(sub), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets the state line of /proc/drbd.
    pub fn drbd(&self, state: &str) {
        self.write("proc/drbd", &format!("version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 059B\n 0: {state}\n    ns:0 nr:0\n"));
    }

    /// Primary, mounted, with the address, mfsmaster listening.
    pub fn serving(&self) {
        self.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
        self.write("proc/mounts", &format!("/dev/drbd0 {} xfs rw 0 0\n", self.path("data").display()));
        self.write("unit", "active\n");
        self.write("proc/net/tcp", "  sl\n0: 00000000:24CD 00000000:0000 0A x\n");
        self.write("addresses", "2: eth0 inet 10.0.0.1/24 scope global eth0\n2: eth0 inet 10.0.0.9/24 scope global eth0\n");
    }

    fn command(&self, shell: &str) -> Command {
        // Who runs the tests in the background may have them ignore an interruption.
        let mut command = Command::new("env");
        command.args(["--default-signal", shell]).env("MFS_HA_CONF", self.path("conf")).stdin(Stdio::null());
        command
    }

    /// Runs `mfs-ha ARGS`.
    pub fn ha(&self, args: &[&str]) -> Output {
        self.command("sh").arg(self.path("mfs-ha")).args(args).output().unwrap()
    }

    /// Starts `mfs-ha ARGS` in the background.
    pub fn spawn(&self, args: &[&str]) -> Running {
        let child = self.command("sh").arg(self.path("mfs-ha")).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Running(child.unwrap())
    }

    /// Runs a fragment that sees all functions and settings.
    pub fn shell(&self, fragment: &str) -> Output {
        let script = format!(
            "MFS_HA_FUNCTIONS_ONLY=yes; . {}; . {}; voters; {fragment}",
            self.path("mfs-ha").display(),
            self.path("conf").display()
        );
        self.command("sh").arg("-c").arg(script).output().unwrap()
    }

    /// Exit status of `mfs-ha ARGS`.
    pub fn status(&self, args: &[&str]) -> i32 {
        self.ha(args).status.code().unwrap_or(-1)
    }

    /// Value of a key of `mfs-ha status`.
    pub fn says(&self, key: &str) -> String {
        let out = text(&self.ha(&["status"]).stdout);
        let found = out.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=').map(str::to_owned));
        found.unwrap_or_else(|| panic!("no {key} in {out}"))
    }

    /// Waits for something, at most ten seconds.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(10);
        while !holds(self) {
            assert!(Instant::now() < end, "{}: {what} did not happen; log:\n{}", self.name, self.read("log"));
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

/// A process of a test, ended with it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Seconds since 1970.
pub fn epoch() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
