//! `status --watch` in a real terminal: it draws although no node answers, and gives the terminal back however it ends.
//!
//! The terminal is `script`'s (Debian: bsdutils, always installed). All nodes are a closed port of the loopback.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const INVENTORY: &str = "name: nobody
vip: 172.16.0.47
masters: {disk: /dev/sdb}
drbd: {secret: !file secret}
moosefs: {auth: !file secret}
ha: {witness_secret: !file secret}
ssh: {user: root, port: 1}
chunkservers: {disks: [/mnt/mfs1]}
exports: [{network: 172.16.0.0/24, path: /, options: [rw]}]
nodes:
  node1: {address: 172.16.0.41, roles: [master, metalogger], ssh: {host: 127.0.0.9}}
  node2: {address: 172.16.0.42, roles: [master, metalogger], ssh: {host: 127.0.0.9}}
  node3: {address: 172.16.0.43, roles: [chunkserver], ssh: {host: 127.0.0.9}}
";
/// Leaving the other screen, and showing the cursor (xterm's control sequences).
const RESTORED: [&str; 2] = ["\u{1b}[?1049l", "\u{1b}[?25h"];

struct Watched {
    child: Child,
    stdin: ChildStdin,
    seen: Arc<Mutex<String>>,
    _home: tempfile::TempDir,
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("i.yaml"), INVENTORY).unwrap();
    let secret = home.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    home
}

impl Watched {
    fn start() -> Self {
        let home = home();
        let binary = env!("CARGO_BIN_EXE_mfsctl");
        let line = format!("stty rows 24 cols 80; echo pid $$; exec {binary} -i i.yaml status --watch 1");
        let mut command = Command::new("script");
        command.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(home.path());
        command
            .env_clear()
            .env("HOME", home.path())
            .env("TERM", "xterm")
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("SHELL", "/bin/sh");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let seen = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&seen);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut piece) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..count]));
            }
        });
        let watched = Self { child, stdin, seen, _home: home };
        watched.wait_for("HA pair");
        watched
    }

    fn text(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    fn wait_for(&self, words: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.text().contains(words) {
            assert!(Instant::now() < end, "{words:?} never came:\n{}", self.text());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn pid(&self) -> String {
        let text = self.text();
        text.split_once("pid ").unwrap().1.split_whitespace().next().unwrap().to_owned()
    }

    fn press(&mut self, keys: &[u8]) {
        self.stdin.write_all(keys).unwrap();
        self.stdin.flush().unwrap();
    }

    /// The exit status, and everything that was written.
    fn end(mut self) -> (Option<i32>, String) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                thread::sleep(Duration::from_millis(200));
                return (status.code(), self.text());
            }
            if Instant::now() > end {
                let _ = self.child.kill();
                panic!("it did not end:\n{}", self.text());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn assert_restored(text: &str) {
    for sequence in RESTORED {
        assert!(text.contains(sequence), "{sequence:?} is missing in {text:?}");
    }
    let (_, after) = text.rsplit_once(RESTORED[0]).unwrap();
    assert!(!after.contains("HA pair"), "drawn after the end: {after:?}");
}

#[test]
fn keys_work_and_q_leaves() {
    let mut watched = Watched::start();
    watched.wait_for("SILENT");
    watched.press(b"?");
    watched.wait_for("Shift-Tab");
    watched.press(b"\x1b");
    watched.press(b"p");
    watched.wait_for("PAUSED");
    watched.press(b"q");
    let (code, text) = watched.end();
    assert_eq!(code, Some(0), "{text}");
    assert_restored(&text);
}

#[test]
fn signals_and_ctrl_c_give_the_terminal_back() {
    for signal in ["TERM", "HUP", "INT"] {
        let watched = Watched::start();
        let pid = watched.pid();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        let (code, text) = watched.end();
        assert_eq!(code, Some(130), "{signal}: {text}");
        assert_restored(&text);
        assert!(text.contains("stopped by a signal"), "{signal}: {text}");
    }
    let mut watched = Watched::start();
    watched.press(b"\x03");
    let (code, text) = watched.end();
    assert_eq!(code, Some(0), "{text}");
    assert_restored(&text);
}

#[test]
fn without_a_terminal_it_is_refused_with_a_hint() {
    let home = home();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfsctl"));
        command.env_clear().env("HOME", home.path()).current_dir(Path::new(home.path()));
        let output = command.args(["-i", "i.yaml", "status", "--watch"]).args(args).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, out, err) = run(&[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("needs a terminal") && err.contains("hint:"), "{err}");
    for args in [&["--check"][..], &["0"], &["--to", "x"], &["--format", "json"]] {
        let (code, _, err) = run(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
    }
}
