//! A master's world for the sender of alerts, in a directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A sandboxed master with the sender installed.
pub struct Node {
    pub dir: tempfile::TempDir,
}

impl Node {
    /// Settings as the node's file has them, shell assignments; short pauses are set already.
    pub fn new(settings: &str) -> Self {
        let node = Self { dir: tempfile::tempdir().unwrap() };
        let dir = node.dir.path().display().to_string();
        fs::create_dir(node.path("bin")).unwrap();
        node.program("mfs-alert", mfsctl::step::alerts::SCRIPT);
        node.program("mfs-ha", mfsctl::step::ha::SCRIPT);
        node.program("bin/logger", &format!("#!/bin/sh\nshift 3\necho \"$*\" >>{dir}/log\n"));
        node.program("bin/systemctl", "#!/bin/sh\necho active\n");
        let own = format!(
            "NODE=m1 CLUSTER=test RUN={dir}/run VAR={dir}/var PATH={dir}/bin:$PATH\n\
             FIRST_PAUSE=1 LAST_PAUSE=2 CONNECT=3 DEADLINE=4 NAP=0.1\n{settings}\n"
        );
        fs::write(node.path("conf"), own).unwrap();
        // What the path unit makes.
        for sub in ["run/in", "var/in"] {
            fs::create_dir_all(node.path(sub)).unwrap();
        }
        node
    }

    pub fn path(&self, sub: &str) -> PathBuf {
        self.dir.path().join(sub)
    }

    pub fn read(&self, sub: &str) -> String {
        fs::read_to_string(self.path(sub)).unwrap_or_default()
    }

    pub fn program(&self, sub: &str, text: &str) {
        fs::write(self.path(sub), text).unwrap();
        fs::set_permissions(self.path(sub), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Adds to the settings.
    pub fn set(&self, more: &str) {
        fs::write(self.path("conf"), self.read("conf") + more + "\n").unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg(self.path("mfs-alert")).args(args).env("MFS_ALERT_CONF", self.path("conf")).stdin(Stdio::null());
        command
    }

    /// Runs `mfs-alert ARGS` to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What `mfs-alert ARGS` prints; it must succeed.
    #[track_caller]
    pub fn says(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}: {out:?}");
        String::from_utf8(out.stdout).unwrap()
    }

    /// The worker in the background.
    pub fn worker(&self) -> Running {
        Running(self.command(&["work"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Runs the worker until nothing waits.
    #[track_caller]
    pub fn work(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        let mut worker = self.worker();
        while worker.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "it does not end; log:\n{}\n{}", self.read("log"), self.says(&["queue"]));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Alerts as the takeover drops them: a fragment that sees its functions.
    pub fn takeover(&self, fragment: &str) -> Output {
        let script = format!(
            "MFS_HA_FUNCTIONS_ONLY=yes; . {0}/mfs-ha; ALERTS={0}/run/in LAST_WORDS={0}/var/in; {fragment}",
            self.dir.path().display()
        );
        Command::new("sh").arg("-c").arg(script).stdin(Stdio::null()).output().unwrap()
    }

    /// Drops one alert.
    #[track_caller]
    pub fn alert(&self, severity: &str, kind: &str, text: &str) {
        let out = self.takeover(&format!("alert {severity} {kind} {}", mfsctl::remote::shell::quote(text)));
        assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
    }

    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !holds(self) {
            assert!(Instant::now() < end, "{what} did not happen; log:\n{}", self.read("log"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// So many files lie in a directory.
    pub fn count(&self, sub: &str) -> usize {
        fs::read_dir(self.path(sub)).map_or(0, Iterator::count)
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

/// Settings of a mail account.
pub fn account(number: usize, port: u16, security: &str) -> String {
    format!(
        "ACCOUNTS={number} A{number}_HOST=127.0.0.1 A{number}_PORT={port} A{number}_SECURITY={security} A{number}_FROM=mfs@example.com \
         A{number}_LOGIN='' A{number}_PASSWORD=''\n"
    )
}
