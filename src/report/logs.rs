//! Log lines of many nodes: one line each for people, one JSON object a line for programs.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::format::clean;
use super::mask::Masker;
use super::redact;
use crate::fact::log::Line;

/// Colours of nodes, in turn (ANSI): no red, which is for errors.
const COLOURS: [&str; 6] = ["36", "33", "32", "35", "34", "96"];
/// Priorities that are errors: emergency to error (syslog(3)).
const ERROR: u8 = 3;
/// Priority of warnings.
const WARNING: u8 = 4;

/// How lines are shown.
pub struct Style<'a> {
    nodes: Vec<&'a str>,
    width: usize,
    color: bool,
    json: bool,
    zone: TimeZone,
    masker: Masker,
}

impl<'a> Style<'a> {
    /// For lines of these nodes, in the inventory's order; times are shown in `zone`.
    #[must_use]
    pub fn new(nodes: Vec<&'a str>, color: bool, json: bool, zone: TimeZone, masker: Masker) -> Self {
        let width = nodes.iter().map(|n| n.len()).max().unwrap_or(0);
        Self { nodes, width, color, json, zone, masker }
    }

    /// A line as text, ended by a line feed, its secrets masked.
    #[must_use]
    pub fn line(&self, node: &str, line: &Line) -> String {
        let message = redact::message(&self.masker.mask(&line.message));
        if self.json { json_line(node, line, &message) } else { self.text(node, line, &message) }
    }

    fn text(&self, node: &str, line: &Line, message: &str) -> String {
        let time = Timestamp::from_microsecond(line.time).map(|t| t.to_zoned(self.zone.clone()));
        let time = time.map_or_else(|_| "?".to_owned(), |t| t.strftime("%m-%d %H:%M:%S%.3f").to_string());
        let paint = |code: &str, text: &str| if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
        let at = self.nodes.iter().position(|n| *n == node).unwrap_or(0);
        let tone = match line.priority {
            Some(0..=ERROR) => "31",
            Some(WARNING) => "33",
            _ => "0",
        };
        let prefix = format!("{time} {:width$}", clean(node), width = self.width);
        let prefix = paint(COLOURS[at % COLOURS.len()], &prefix);
        let mut out = String::new();
        // Lines of one message each have their node in front: a grep must find them.
        let mut first = true;
        for part in message.lines().chain(message.is_empty().then_some("")) {
            let words = if first { format!("{}: {}", clean(&line.name), clean(part)) } else { format!("    {}", clean(part)) };
            let _ = writeln!(out, "{prefix} {}", if tone == "0" { words } else { paint(tone, &words) });
            first = false;
        }
        out
    }
}

fn json_line(node: &str, line: &Line, message: &str) -> String {
    let time = Timestamp::from_microsecond(line.time).map_or_else(|_| line.time.to_string(), |t| format!("{t:.6}"));
    let object = json!({
        "time": time, "node": node, "name": line.name, "unit": line.unit, "pid": line.pid, "priority": line.priority, "message": message,
    });
    format!("{object}\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::inventory::secret::Secret;

    fn line(message: &str, priority: u8) -> Line {
        Line {
            time: 1_795_550_098_951_861,
            name: "mfsmaster".to_owned(),
            unit: Some("moosefs-master.service".to_owned()),
            pid: Some(812),
            priority: Some(priority),
            message: message.to_owned(),
            cursor: None,
        }
    }

    fn style(color: bool, json: bool) -> Style<'static> {
        Style::new(vec!["m1", "node2"], color, json, TimeZone::UTC, Masker::of(vec![Secret::new("drbd-secret")]))
    }

    #[test]
    fn the_node_stands_before_every_line_and_secrets_do_not() {
        let plain = style(false, false);
        assert_eq!(plain.line("m1", &line("loaded", 6)), "11-24 19:54:58.951 m1    mfsmaster: loaded\n");
        let two = plain.line("node2", &line("one drbd-secret\ntwo \u{1b}[2J AUTH_CODE=x", 6));
        assert_eq!(two, "11-24 19:54:58.951 node2 mfsmaster: one ********\n11-24 19:54:58.951 node2     two ?[2J AUTH_CODE=********\n");
        let painted = style(true, false).line("m1", &line("bad", 3));
        assert!(painted.starts_with("\u{1b}[36m11-24") && painted.contains("\u{1b}[31mmfsmaster: bad"), "{painted:?}");
    }

    #[test]
    fn one_object_a_line_for_programs() {
        let text = style(true, true).line("m1", &line("a\ndrbd-secret", 4));
        assert_eq!(text.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["time"], "2026-11-24T19:54:58.951861Z");
        assert_eq!((value["node"].as_str(), value["message"].as_str()), (Some("m1"), Some("a\n********")));
    }
}
