//! What both masters took themselves for, all the time: read from their consoles, which outlive power and network.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A look older than this says nothing any more; the watch looks every 0.4 s.
const FRESH: Duration = Duration::from_millis(2500);

/// One look of a node at itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub at: Instant,
    pub role: String,
    pub connection: String,
    pub disks: String,
    pub frozen: bool,
    pub vip: bool,
    pub listens: bool,
    pub mounted: bool,
}

impl Look {
    pub fn primary(&self) -> bool {
        self.role == "Primary"
    }

    pub fn serves(&self) -> bool {
        self.primary() && self.vip && self.listens && self.mounted
    }

    pub fn healthy_standby(&self) -> bool {
        let idle = !self.vip && !self.listens && !self.mounted;
        self.role == "Secondary" && self.connection == "Connected" && self.disks == "UpToDate/UpToDate" && idle
    }

    /// Reads a line of the watch; other lines of the console, and torn ones, are none.
    pub fn read(line: &str, at: Instant) -> Option<Self> {
        let rest = line.trim_end().strip_prefix("chaos-watch ")?.strip_suffix(" .")?;
        let word = |key: &str| rest.split(' ').find_map(|w| w.strip_prefix(key)?.strip_prefix('='));
        let flag = |key: &str| word(key).map(|v| v == "1");
        Some(Self {
            at,
            role: word("role")?.to_owned(),
            connection: word("cs")?.to_owned(),
            disks: word("ds")?.to_owned(),
            frozen: flag("frozen")?,
            vip: flag("vip")?,
            listens: flag("listens")?,
            mounted: flag("mounted")?,
        })
    }
}

/// Looks of one node, oldest first, and when nobody could reach it.
#[derive(Debug, Default, Clone)]
pub struct History {
    pub looks: Vec<Look>,
    /// Begin and end of each time off the network.
    pub away: Vec<(Instant, Option<Instant>)>,
}

impl History {
    /// Times during which something was true for sure: true in two looks that follow each other.
    fn spans(&self, from: Instant, holds: impl Fn(&Look) -> bool) -> Vec<(Instant, Instant)> {
        let looks = self.looks.iter().filter(|l| l.at >= from).collect::<Vec<_>>();
        let pairs = looks.windows(2).filter(|w| holds(w[0]) && holds(w[1]) && w[1].at - w[0].at < FRESH);
        pairs.map(|w| (w[0].at, w[1].at)).collect()
    }

    /// Whether others could reach it then.
    fn reachable(&self, at: Instant) -> bool {
        !self.away.iter().any(|(begin, end)| *begin <= at && end.is_none_or(|end| at < end))
    }
}

/// How long two nodes claimed at once what only one may have.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Claims {
    /// Both Primary, I/O running on both.
    pub two_primaries: f64,
    /// Both Primary, but at least one with its I/O frozen: it can change nothing.
    pub frozen_primary: f64,
    /// Both with a listening mfsmaster within reach. One whose I/O is frozen and whose address is aside serves nobody: all
    /// others know the master by that address only.
    pub two_masters: f64,
    /// The address on both, both within reach.
    pub two_addresses: f64,
}

/// The seconds that two nodes' spans have in common.
fn common(a: &[(Instant, Instant)], b: &[(Instant, Instant)]) -> f64 {
    let both = |x: &(Instant, Instant), y: &(Instant, Instant)| x.1.min(y.1).saturating_duration_since(x.0.max(y.0)).as_secs_f64();
    a.iter().flat_map(|x| b.iter().map(|y| both(x, y))).fold(0.0, |all, one| all + one)
}

/// Judges two histories from an instant on.
pub fn claims(a: &History, b: &History, from: Instant) -> Claims {
    let both = |holds: &dyn Fn(&History, &Look) -> bool| common(&a.spans(from, |l| holds(a, l)), &b.spans(from, |l| holds(b, l)));
    let running = both(&|_, l| l.primary() && !l.frozen);
    Claims {
        two_primaries: running,
        frozen_primary: both(&|_, l| l.primary()) - running,
        two_masters: both(&|h, l| l.listens && (l.vip || !l.frozen) && h.reachable(l.at)),
        two_addresses: both(&|h, l| l.vip && h.reachable(l.at)),
    }
}

/// The histories of both masters, growing.
pub struct Timeline {
    nodes: Vec<(String, Mutex<History>)>,
    over: Arc<AtomicBool>,
}

impl Timeline {
    /// Follows the consoles of these nodes.
    pub fn follow(consoles: Vec<(String, PathBuf)>) -> (Arc<Self>, Vec<JoinHandle<()>>) {
        let nodes = consoles.iter().map(|(name, _)| (name.clone(), Mutex::default())).collect();
        let timeline = Arc::new(Self { nodes, over: Arc::default() });
        let follow = |(index, (_, path)): (usize, (String, PathBuf))| {
            let timeline = Arc::clone(&timeline);
            thread::spawn(move || timeline.tail(index, &path))
        };
        let threads = consoles.into_iter().enumerate().map(follow).collect();
        (timeline, threads)
    }

    /// Ends the following.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn tail(&self, index: usize, path: &Path) {
        // What was said before is no news.
        let mut at = path.metadata().map_or((0, 0), |m| (m.ino(), m.len()));
        let mut rest = String::new();
        while !self.over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(60));
            let Ok(mut file) = File::open(path) else { continue };
            let inode = file.metadata().map_or(0, |m| m.ino());
            // Powering on begins a new console.
            if inode != at.0 {
                at = (inode, 0);
                rest.clear();
            }
            let mut bytes = Vec::new();
            if file.seek(SeekFrom::Start(at.1)).and_then(|_| file.read_to_end(&mut bytes)).is_err() || bytes.is_empty() {
                continue;
            }
            at.1 += bytes.len() as u64;
            rest.push_str(&String::from_utf8_lossy(&bytes));
            let now = Instant::now();
            while let Some(end) = rest.find('\n') {
                if let Some(look) = Look::read(rest[..end].trim_end_matches('\r'), now) {
                    self.change(index, |history| history.looks.push(look));
                }
                rest.drain(..=end);
            }
        }
    }

    fn change(&self, index: usize, edit: impl FnOnce(&mut History)) {
        edit(&mut self.nodes[index].1.lock().unwrap());
    }

    fn index(&self, node: &str) -> usize {
        self.nodes.iter().position(|(name, _)| name == node).unwrap()
    }

    /// All that is known of a node.
    pub fn history(&self, node: &str) -> History {
        self.nodes[self.index(node)].1.lock().unwrap().clone()
    }

    /// The node is off the network from now on, or on it again.
    pub fn away(&self, node: &str, away: bool) {
        self.change(self.index(node), |history| match (away, history.away.last_mut()) {
            (true, _) => history.away.push((Instant::now(), None)),
            (false, Some(last)) => last.1 = last.1.or(Some(Instant::now())),
            (false, None) => {}
        });
    }

    /// The node's last look, unless it is too old.
    pub fn now(&self, node: &str) -> Option<Look> {
        let history = self.nodes[self.index(node)].1.lock().unwrap();
        history.looks.last().filter(|l| l.at.elapsed() < FRESH).cloned()
    }

    /// The node that serves within reach.
    pub fn serving(&self) -> Option<String> {
        let serves = |name: &String| self.now(name).is_some_and(|l| l.serves() && self.history(name).reachable(l.at));
        self.nodes.iter().map(|(name, _)| name).find(|name| serves(name)).cloned()
    }

    /// The node that serves, when the other one is a healthy standby.
    pub fn settled(&self) -> Option<String> {
        let serving = self.serving()?;
        let standby = self.nodes.iter().find(|(name, _)| *name != serving)?;
        self.now(&standby.0)?.healthy_standby().then_some(serving)
    }
}
