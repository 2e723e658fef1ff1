//! A lab and the mfsctl under test, every call with a deadline.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mfsctl::lab::{Dirs, Lab};

/// One lab, its inventory and the operator's files.
pub struct World {
    pub name: String,
    pub lab: Option<Lab>,
    dirs: Dirs,
    dir: PathBuf,
    source: String,
    /// Somebody else's lab: it stays.
    foreign: bool,
}

/// How a run of mfsctl ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    pub elapsed: Duration,
}

impl Ran {
    /// Fails the test unless it ended with `code`; everything it said is shown then.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert!(self.code == Some(code), "exit {:?} instead of {code} after {:?}\n{}\n{}", self.code, self.elapsed, self.out, self.err);
        self
    }

    /// Fails the test unless it said all of these.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.out.contains(part) || self.err.contains(part), "nothing says {part:?}:\n{}\n{}", self.out, self.err);
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}:\n{}\n{}", self.out, self.err))
    }
}

impl World {
    /// A lab that does not run yet.
    pub fn new(group: &str, inventory: &str) -> Self {
        let name = format!("test-{group}");
        let dir = std::env::temp_dir().join(format!("mfsctl-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let source = dir.join("source.yaml");
        fs::write(&source, inventory).unwrap();
        let mut world = Self { name, lab: None, dirs: Dirs::from_env(), dir, source: source.display().to_string(), foreign: false };
        world.down();
        world
    }

    /// A lab that runs already and stays.
    pub fn attach(name: &str) -> Self {
        let dirs = Dirs::from_env();
        let lab = Lab::open_in(&dirs, name).unwrap();
        let dir = std::env::temp_dir().join(format!("mfsctl-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let source = lab.inventory().display().to_string();
        Self { name: name.to_owned(), lab: Some(lab), dirs, dir, source, foreign: true }
    }

    /// Boots it.
    pub fn up(&mut self) -> Ran {
        self.up_with(&[])
    }

    /// Boots it with more words for `lab up`.
    pub fn up_with(&mut self, more: &[&str]) -> Ran {
        let name = self.name.clone();
        let words = [&["lab", "--name", &name, "up"], more].concat();
        let ran = self.mfsctl_on(&self.source.clone(), &words, 900).ends(0);
        self.lab = Some(Lab::open_in(&self.dirs, &self.name).unwrap());
        ran
    }

    pub fn lab(&self) -> &Lab {
        self.lab.as_ref().expect("the lab runs")
    }

    /// How mfsctl is told of the lab's inventory.
    pub fn inventory(&self) -> String {
        format!("lab:{}", self.name)
    }

    /// The inventory the lab is a twin of.
    pub fn source(&self) -> PathBuf {
        PathBuf::from(&self.source)
    }

    /// Where mfsctl keeps its journal and copies.
    pub fn state(&self) -> PathBuf {
        self.dir.join("state")
    }

    /// Changes the inventory for good.
    pub fn edit(&self, from: &str, to: &str) {
        edit_file(Path::new(&self.source), from, to);
    }

    /// Takes everything from one text up to another out of the inventory, for good.
    pub fn cut_out(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.source).unwrap();
        let (begin, end) = (text.find(from).unwrap(), text.find(to).unwrap());
        fs::write(&self.source, format!("{}{}", &text[..begin], &text[end..])).unwrap();
    }

    /// Runs mfsctl on the lab's inventory with a text replaced, only for this run.
    pub fn with(&self, from: &str, to: &str, args: &[&str], seconds: u64) -> Ran {
        self.with_file(&PathBuf::from(&self.source), from, to, args, seconds)
    }

    /// Runs mfsctl while a text in one of the lab's files is replaced.
    pub fn with_file(&self, path: &Path, from: &str, to: &str, args: &[&str], seconds: u64) -> Ran {
        let text = fs::read_to_string(path).unwrap();
        edit_file(path, from, to);
        let ran = self.mfsctl(args, seconds);
        fs::write(path, text).unwrap();
        ran
    }

    /// Runs mfsctl on the lab's inventory.
    pub fn mfsctl(&self, args: &[&str], seconds: u64) -> Ran {
        self.mfsctl_on(&self.inventory(), args, seconds)
    }

    /// Runs mfsctl on another inventory.
    pub fn mfsctl_on(&self, inventory: &str, args: &[&str], seconds: u64) -> Ran {
        finish(self.start(inventory, args), Duration::from_secs(seconds), args)
    }

    /// Starts mfsctl, for tests that do something to it meanwhile.
    pub fn start(&self, inventory: &str, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_mfsctl"))
            .args(["-i", inventory])
            .args(args)
            .env("XDG_STATE_HOME", self.dir.join("state"))
            .env("HOME", &self.dir)
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs a shell line on a node and gives what it printed; fails the test when it fails.
    #[track_caller]
    pub fn sh(&self, node: &str, line: &str) -> String {
        let (code, text) = self.try_sh(node, line, 60);
        assert!(code == 0, "{node}: {line}: exit {code}: {text}");
        text
    }

    /// Runs a shell line on a node; gives its exit status and all it printed.
    pub fn try_sh(&self, node: &str, line: &str, seconds: u64) -> (i32, String) {
        self.try_sh_with(node, line, b"", seconds)
    }

    /// The same with an input. A login that did not come about on a busy host is tried again: nothing has run yet.
    pub fn try_sh_with(&self, node: &str, line: &str, input: &[u8], seconds: u64) -> (i32, String) {
        let begin = Instant::now();
        loop {
            let (code, text) = match self.lab().exec_as("root", node, &["sh", "-c", line], input, Duration::from_secs(seconds)) {
                Ok(output) => (output.code.unwrap_or(-1), format!("{}{}", output.text(), output.error_text())),
                Err(error) => (-1, error.to_string()),
            };
            let no_login = code == 255 && text.contains("timed out during banner exchange");
            if !no_login || begin.elapsed() > Duration::from_secs(seconds.max(60)) {
                return (code, text);
            }
        }
    }

    /// Waits until a shell line succeeds on a node.
    #[track_caller]
    pub fn wait(&self, node: &str, line: &str, seconds: u64) -> Duration {
        let begin = Instant::now();
        loop {
            let (code, text) = self.try_sh(node, line, 20);
            if code == 0 {
                return begin.elapsed();
            }
            assert!(begin.elapsed() < Duration::from_secs(seconds), "{node}: not within {seconds} s: {line}: exit {code}: {text}");
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Shows what the nodes know about a failure.
    pub fn tell_all(&self) {
        let Some(lab) = &self.lab else { return };
        for node in lab.spec().nodes.iter().map(|n| n.name.clone()) {
            let ask = "cat /proc/drbd 2>/dev/null; ip -o -4 addr; systemctl --failed --no-legend --plain; journalctl -b --no-pager -n 40";
            let (code, text) = self.try_sh(&node, ask, 30);
            eprintln!("---- {node} ({code})\n{text}");
        }
    }

    fn down(&mut self) {
        self.lab = None;
        let _ = self.mfsctl_on(&self.source.clone(), &["lab", "--name", &self.name.clone(), "down"], 120);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::env::var_os("MFSCTL_TEST_KEEP").is_none() {
            if !self.foreign {
                self.down();
            }
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Replaces a text that must be there.
pub fn edit_file(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from:?}:\n{text}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Waits for a child and collects what it says; kills it at the deadline.
pub fn finish(mut child: Child, limit: Duration, args: &[&str]) -> Ran {
    let begin = Instant::now();
    let reader = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut stream) = stream {
                let _ = stream.read_to_end(&mut text);
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let out = reader(child.stdout.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let err = reader(child.stderr.take().map(|s| Box::new(s) as Box<dyn Read + Send>));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begin.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(Duration::from_millis(50));
    };
    let ran = Ran { code: status.and_then(|s| s.code()), out: out.join().unwrap(), err: err.join().unwrap(), elapsed: begin.elapsed() };
    assert!(status.is_some(), "mfsctl {args:?} did not end within {limit:?}:\n{}\n{}", ran.out, ran.err);
    ran
}
