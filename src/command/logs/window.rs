//! A small window in which lines that come late from one node still find their place among the others'.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::fact::log::Line;

/// Lines that wait for others.
pub struct Window {
    patience: Duration,
    /// By time, then the node's place in the inventory, then as they came.
    waiting: BTreeMap<(i64, usize, usize), (Instant, String, Line)>,
    count: usize,
}

impl Window {
    /// Lets each line wait that long.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        Self { patience, waiting: BTreeMap::new(), count: 0 }
    }

    /// Takes a line of a node, `rank` its place in the inventory, that came at `now`.
    pub fn put(&mut self, rank: usize, node: &str, line: Line, now: Instant) {
        self.waiting.insert((line.time, rank, self.count), (now, node.to_owned(), line));
        self.count += 1;
    }

    /// The lines whose time has come, in the order of time; with each, all that are older.
    pub fn due(&mut self, now: Instant) -> Vec<(String, Line)> {
        let patience = self.patience;
        let ripe = self.waiting.iter().filter(|(_, (came, ..))| now.saturating_duration_since(*came) >= patience);
        let Some(last) = ripe.map(|(key, _)| *key).next_back() else { return Vec::new() };
        let later = self.waiting.split_off(&(last.0, last.1, last.2 + 1));
        std::mem::replace(&mut self.waiting, later).into_values().map(|(_, node, line)| (node, line)).collect()
    }

    /// All that still waits.
    pub fn rest(&mut self) -> Vec<(String, Line)> {
        std::mem::take(&mut self.waiting).into_values().map(|(_, node, line)| (node, line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(time: i64) -> Line {
        Line { time, name: "x".into(), unit: None, pid: None, priority: None, message: String::new(), cursor: None }
    }

    #[test]
    fn late_lines_find_their_place_and_none_waits_for_ever() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        let mut window = Window::new(second);
        window.put(0, "a", line(20), begin);
        window.put(1, "b", line(10), begin + second / 2);
        window.put(1, "b", line(30), begin + second / 2);
        assert!(window.due(begin + second / 2).is_empty());
        let times = |all: Vec<(String, Line)>| all.into_iter().map(|(_, l)| l.time).collect::<Vec<_>>();
        assert_eq!(times(window.due(begin + second)), [10, 20], "the older one goes first though it came last");
        assert_eq!(times(window.due(begin + second)), [0_i64; 0]);
        window.put(0, "a", line(5), begin + second);
        assert_eq!(times(window.due(begin + second * 2)), [5, 30]);
        window.put(0, "a", line(7), begin);
        assert_eq!(times(window.rest()), [7]);
        window.put(1, "b", line(8), begin);
        window.put(0, "a", line(8), begin);
        let nodes: Vec<String> = window.due(begin + second).into_iter().map(|(node, _)| node).collect();
        assert_eq!(nodes, ["a", "b"], "of the same time, the order is the inventory's");
    }
}
