//! The recorder on the lab's clients, and the watch on its masters.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::World;

/// Where the mount of both clients is.
const MOUNT: &str = "/mnt/mfs";
/// Threads with records and the pause between two; ms.
const LOAD: (&str, &str) = ("3", "80");

/// Links the recorder statically and puts it on these nodes.
pub fn install(world: &World, nodes: &[&str], vip: &str, masters: &[&str]) {
    let program = build(&std::env::temp_dir());
    let bytes = fs::read(&program).unwrap();
    let _ = fs::remove_file(&program);
    for node in nodes.iter().chain(masters) {
        let put = "cat >/usr/local/bin/recorder.new && chmod 755 /usr/local/bin/recorder.new && \
            mv -f /usr/local/bin/recorder.new /usr/local/bin/recorder && sync";
        let (code, text) = world.try_sh_with(node, put, &bytes, 120);
        assert!(code == 0, "{node}: {text}");
    }
    let unit = format!(
        "[Unit]\nDescription=Tells the console what this master takes itself for\nDefaultDependencies=no\n\
         [Service]\nExecStart=/usr/local/bin/recorder watch {vip}\nNice=-10\nOOMScoreAdjust=-1000\nRestart=always\n\
         [Install]\nWantedBy=sysinit.target\n"
    );
    for master in masters {
        let put = "cat >/etc/systemd/system/chaos-watch.service && systemctl daemon-reload && systemctl enable chaos-watch && \
            systemctl restart chaos-watch && sync";
        let (code, text) = world.try_sh_with(master, put, unit.as_bytes(), 120);
        assert!(code == 0, "{master}: {text}");
    }
}

/// Builds the recorder into a directory, without any library of the host; gives its path.
pub fn build(dir: &Path) -> std::path::PathBuf {
    let program = dir.join(format!("recorder-{}", std::process::id()));
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/recorder/main.rs");
    let built = Command::new(rustc)
        .args(["--edition", "2024", "-O", "-C", "target-feature=+crt-static", "-C", "strip=symbols", "-o"])
        .arg(&program)
        .arg(source)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

/// One run of the recorder. Reader and writer may be the same node: it mounts anew then, so that nothing is read from its memory.
pub struct Client<'a> {
    world: &'a World,
    writer: &'a str,
    reader: &'a str,
    name: String,
}

/// What was acknowledged and what is there.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    values: BTreeMap<String, String>,
    /// What is missing or damaged, in words.
    pub faults: Vec<String>,
}

impl Findings {
    /// Reads the `key=value` lines of the check.
    pub fn read(text: &str) -> Self {
        let mut found = Self::default();
        for (key, value) in text.lines().filter_map(|l| l.split_once('=')) {
            if key == "fault" {
                found.faults.push(value.to_owned());
            } else {
                found.values.insert(key.to_owned(), value.to_owned());
            }
        }
        found
    }

    /// A number; missing ones are a fault of the check itself.
    pub fn number(&self, key: &str) -> u64 {
        self.values.get(key).and_then(|v| v.parse().ok()).unwrap_or_else(|| panic!("the check says nothing of {key}: {self:?}"))
    }

    /// The longest of the gaps (`gaps`) or operations (`long`) that began between two times (ms since 1970); s. One that
    /// outlasts a fault is that fault's, not the next one's.
    pub fn longest(&self, key: &str, from: u64, to: u64) -> f64 {
        let begun = self.spans(key).filter(|(end, took)| (from..to).contains(&end.saturating_sub(*took)));
        begun.map(|(_, took)| took).max().unwrap_or_default() as f64 / 1000.0
    }

    /// The longest of the gaps that touch the time between two: when it ended (s since 1970), and its length; s.
    pub fn longest_pause(&self, from: u64, to: u64) -> (f64, f64) {
        let within = self.spans("gaps").filter(|(end, took)| *end >= from && end.saturating_sub(*took) <= to);
        let (took, end) = within.map(|(end, took)| (took, end)).max().unwrap_or_default();
        (end as f64 / 1000.0, took as f64 / 1000.0)
    }

    /// Ends (ms since 1970) and lengths (ms).
    fn spans(&self, key: &str) -> impl Iterator<Item = (u64, u64)> {
        self.text(key)
            .split(',')
            .filter_map(|w| w.split_once(':'))
            .filter_map(|(a, b)| Some((a.parse::<u64>().ok()?, b.parse::<u64>().ok()?)))
    }

    /// The operations begun between two times (ms since 1970) that failed, in words.
    pub fn failed(&self, from: u64, to: u64) -> Vec<String> {
        let told = |span: &str| {
            let mut words = span.splitn(3, ':');
            let (end, took) = (words.next()?.parse::<u64>().ok()?, words.next()?.parse::<u64>().ok()?);
            let began = (from..to).contains(&end.saturating_sub(took));
            began.then(|| {
                let (took, begun) = (took as f64 / 1000.0, end.saturating_sub(took).saturating_sub(from) as f64 / 1000.0);
                format!(
                    "an operation failed after {took:.1} s (operation:errno {}), begun {begun:.1} s after the fault",
                    words.next().unwrap_or("?")
                )
            })
        };
        self.text("failed").split(',').filter_map(told).collect()
    }

    pub fn text(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// Records and files that were acknowledged and are not there as acknowledged.
    pub fn lost(&self) -> u64 {
        ["lost", "damaged", "files_lost", "files_damaged"].iter().map(|k| self.number(k)).sum()
    }
}

impl<'a> Client<'a> {
    /// Starts writing and waits until records are acknowledged.
    pub fn start(world: &'a World, writer: &'a str, reader: &'a str, name: String) -> Self {
        let client = Self { world, writer, reader, name };
        let (threads, pause) = LOAD;
        let log = client.log();
        let (code, text) = world.try_sh(
            writer,
            &format!(
                "rm -f {log}*; rm -rf {MOUNT}/{0}; systemctl kill -s KILL 'recorder-*' 2>/dev/null; \
                 systemd-run -q --collect --unit=recorder-{0} recorder write {MOUNT}/{0} {log} {threads} {pause}",
                client.name
            ),
            100,
        );
        assert!(code == 0, "{writer}: {text}");
        world.wait(writer, &format!("[ $(grep -c '^A r' {log}) -ge 20 ]"), 60);
        client
    }

    fn log(&self) -> String {
        format!("/root/{}.log", self.name)
    }

    /// Waits until records are acknowledged again by every thread; `false` when they are not in time.
    pub fn goes_on(&self, limit: Duration) -> bool {
        let begin = Instant::now();
        let count = || self.world.try_sh(self.writer, &format!("grep -c '^A [rc]' {}", self.log()), 20).1.trim().parse().unwrap_or(0);
        let first: u64 = count();
        while begin.elapsed() < limit {
            if count() > first + 10 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        false
    }

    /// Stops writing and reads all back on the other client.
    pub fn finish(&self) -> Findings {
        self.finish_within(Duration::from_secs(190)).unwrap_or_else(|| panic!("{}: a write does not end", self.writer))
    }

    /// The same; `None` when a write that is under way does not end in time.
    pub fn finish_within(&self, limit: Duration) -> Option<Findings> {
        self.world.sh(self.writer, &format!(": >{}.stop", self.log()));
        let (begin, ended) = (Instant::now(), format!("! systemctl is-active -q recorder-{}", self.name));
        while self.world.try_sh(self.writer, &ended, 20).0 != 0 {
            if begin.elapsed() > limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        Some(self.read_back())
    }

    fn read_back(&self) -> Findings {
        let log = self.log();
        let text = self.world.sh(self.writer, &format!("cat {log}"));
        if self.reader == self.writer {
            self.world.wait(self.writer, &format!("{{ ! mountpoint -q {MOUNT} || umount {MOUNT}; }} && mount {MOUNT}"), 120);
        } else {
            let (code, said) = self.world.try_sh_with(self.reader, &format!("cat >{log}"), text.as_bytes(), 60);
            assert!(code == 0, "{}: {said}", self.reader);
        }
        let (code, text) = self.world.try_sh(self.reader, &format!("timeout 600 recorder check {MOUNT}/{} {log}", self.name), 620);
        assert!(code == 0, "{}: the check: {code}: {text}", self.reader);
        let found = Findings::read(&text);
        if found.lost() == 0 {
            // Not into the trash: it would grow with every run, and loading the metadata with it.
            let clear = format!("mfssettrashtime -r 0 {MOUNT}/{0} >/dev/null; rm -rf {MOUNT}/{0} {log}*", self.name);
            self.world.try_sh(self.writer, &clear, 100);
        }
        found
    }
}
