//! One node opened: everything that is known of it, line by line.

use serde::Serialize;
use serde_json::Value;

use super::model::Model;
use crate::health::{CLUSTER, Finding};
use crate::inventory::model::Role;
use crate::report::format::{bytes, clean, duration, grouped, percent, wrap};
use crate::report::status::{further, records, storage, tone};
use crate::report::table::{Tone, Word};

/// A line of words with their tones.
pub type Line = Vec<Word>;

/// Everything known of a node, or of the cluster as a whole, broken to the screen's width.
#[must_use]
pub fn lines(model: &Model, node: &str) -> Vec<Line> {
    let mut page = Page { width: usize::from(model.size.0.max(40)) - 4, lines: Vec::new() };
    if node == CLUSTER {
        cluster(model, &mut page);
    } else {
        of_node(model, node, &mut page);
    }
    page.lines
}

struct Page {
    width: usize,
    lines: Vec<Line>,
}

impl Page {
    fn title(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        self.lines.push(vec![(text.to_owned(), Tone::Dim)]);
    }

    fn text(&mut self, first: &str, text: &str, tone: Tone) {
        let wrapped = wrap(first, &clean(text), self.width);
        self.lines.extend(wrapped.lines().map(|l| vec![(l.to_owned(), tone)]));
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.text(&format!("{name:<28} "), value, Tone::Plain);
    }

    /// Every field of a value that says something, nested ones by dotted names.
    fn facts(&mut self, value: &impl Serialize, left_out: &[&str]) {
        let Ok(value) = serde_json::to_value(value) else { return };
        self.flat("", &value, left_out);
    }

    fn flat(&mut self, name: &str, value: &Value, left_out: &[&str]) {
        let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        match value {
            Value::Null => {}
            _ if left_out.contains(&name) => {}
            Value::Object(fields) => fields.iter().for_each(|(key, value)| self.flat(&below(key), value, left_out)),
            Value::Array(items) if items.iter().all(|i| !i.is_object() && !i.is_array()) => {
                let words: Vec<String> = items.iter().map(plain).collect();
                if !words.is_empty() {
                    self.fact(name, &words.join(", "));
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| self.flat(&below(&at.to_string()), item, left_out)),
            other => self.fact(name, &plain(other)),
        }
    }

    fn findings<'a>(&mut self, found: impl Iterator<Item = &'a Finding>) {
        for finding in found {
            let label = finding.severity.word().to_uppercase();
            self.text(&format!("{label:<9}"), &format!("{} [{}]", finding.message, finding.rule), tone(finding.severity));
            self.text("         wanted: ", &finding.wanted, Tone::Plain);
            self.text("         fix: ", &finding.fix, Tone::Plain);
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => {
            number.as_u64().map_or_else(|| number.to_string(), |n| if n < 10_000 { n.to_string() } else { grouped(n) })
        }
        other => other.to_string(),
    }
}

fn of_node(model: &Model, name: &str, page: &mut Page) {
    let Some(view) = model.shown.nodes.iter().find(|n| n.name == name) else { return };
    let roles: Vec<&str> = view.roles.iter().map(|r| r.word()).collect();
    page.fact("node", &format!("{name} ({})", roles.join(", ")));
    match (model.silence(name), model.age(name)) {
        (Some(reason), Some(age)) => {
            page.text(&format!("{:<29}", "DOES NOT ANSWER"), &format!("{reason}; what follows is {} old", duration(age)), Tone::Bad);
        }
        (Some(reason), None) => page.text(&format!("{:<29}", "DOES NOT ANSWER"), &reason, Tone::Bad),
        (None, _) => page.fact("answers", "yes"),
    }
    let mine: Vec<&Finding> = model.findings.iter().filter(|f| f.subject == name).collect();
    if !mine.is_empty() {
        page.title("Findings");
        page.findings(mine.into_iter());
    }
    if let Some(disks) = view.disks.as_ref().filter(|d| !d.is_empty()) {
        page.title("Disks");
        for disk in disks {
            let bar = storage::bar(disk.used, disk.total, 20);
            let words =
                format!("{bar} {} of {} · {} chunks · {}", percent(disk.used, disk.total), bytes(disk.total), disk.chunks, disk.state());
            page.text(&format!("{:<29}", disk.path), &words, if disk.is_ok() { Tone::Plain } else { Tone::Bad });
        }
    }
    page.title("The node");
    page.facts(view, &["name", "roles", "reachable", "unreachable_reason"]);
    let Some(told) = model.shown.told() else { return };
    if let Some(server) = model.shown.chunkserver(view) {
        page.title("The master on its chunkserver");
        page.facts(server, &[]);
    }
    if view.is(Role::Metalogger)
        && let Some(logger) = told.metaloggers.iter().find(|m| model.shown.comes_from(view, m.address))
    {
        page.title("The master on its metalogger");
        page.facts(logger, &[]);
    }
    for session in told.sessions.iter().filter(|s| model.shown.comes_from(view, s.address)) {
        page.title(&format!("The master on session {}", session.id));
        page.facts(session, &[]);
    }
}

fn cluster(model: &Model, page: &mut Page) {
    page.fact("cluster", &model.shown.cluster);
    if let Some(age) = model.told_age() {
        page.text(&format!("{:<29}", "MASTER SILENT"), &format!("what follows is {} old", duration(age)), Tone::Bad);
    }
    let mine: Vec<&Finding> = model.findings.iter().filter(|f| f.subject == CLUSTER).collect();
    if !mine.is_empty() {
        page.title("Findings");
        page.findings(mine.into_iter());
    }
    page.title("Space");
    page.text("", &storage::space_line(&model.shown), Tone::Plain);
    if let Some(records) = &model.shown.records {
        for (title, words) in records::lines(records, model.shown.asked_at) {
            page.text(title, &words, Tone::Plain);
        }
    }
    let text = further::render(&model.shown, false, u16::try_from(page.width).ok());
    page.lines.extend(text.lines().map(|l| vec![(l.to_owned(), Tone::Plain)]));
    if let Some(told) = model.shown.told() {
        page.title("The master");
        page.facts(&told.info, &[]);
    }
}
