//! The archive's files, each masked on its way in.

use std::path::Path;

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::collect::{Collected, Given};
use crate::archive::{ArchiveError, Bundle, Contents};
use crate::engine::history;
use crate::fact::file::FileFact;
use crate::fact::log::Line;
use crate::fact::support;
use crate::health;
use crate::inventory::model::Cluster;
use crate::report::logs::Style;
use crate::report::mask::Masker;
use crate::report::redact;
use crate::report::status::{Document, render};

/// Columns of the status as text.
const WIDTH: u16 = 120;
/// The survey's answer that is files, whole: those for the bundle are asked for on their own, each with its mask.
const WHOLE: &str = "files";

struct Writer<'a> {
    bundle: Bundle,
    cluster: &'a Cluster,
    masker: Masker,
}

/// Writes the archive.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, root: &str, now: &Zoned, cluster: &Cluster, collected: &Collected) -> Result<Contents, ArchiveError> {
    let contents = Contents {
        format: 1,
        cluster: cluster.name.clone(),
        time: now.timestamp().to_string(),
        mfsctl: env!("CARGO_PKG_VERSION").to_owned(),
        files: Vec::new(),
        missing: Vec::new(),
    };
    let mtime = u64::try_from(now.timestamp().as_second()).unwrap_or(0);
    let bundle = Bundle::begin(path, root, mtime, contents)?;
    let mut writer = Writer { bundle, cluster, masker: redact::thorough(cluster) };
    writer.state(collected)?;
    writer.runs()?;
    for node in &cluster.nodes {
        match collected.nodes.get(&node.name) {
            Some(given) => writer.node(&node.name, given)?,
            None => {
                let view = collected.report.nodes.iter().find(|n| n.name == node.name);
                let why = view.and_then(|v| v.unreachable_reason.as_deref()).unwrap_or("not reached");
                let why = redact::message(&writer.masker.mask(why));
                writer.bundle.missing(&node.name, "everything", &why);
            }
        }
    }
    writer.logs(collected)?;
    writer.bundle.finish()
}

impl Writer<'_> {
    /// Adds a text of any kind.
    fn text(&mut self, path: &str, text: &str) -> Result<(), ArchiveError> {
        let masked = self.masker.mask(&redact::file(&self.masker.mask(text)));
        self.bundle.add(path, &masked)
    }

    /// Adds text that is masked inside already and would break if words in it were taken for keys.
    fn masked(&mut self, path: &str, text: &str) -> Result<(), ArchiveError> {
        let masked = self.masker.mask(text);
        self.bundle.add(path, &masked)
    }

    fn json(&self, value: impl serde::Serialize) -> serde_json::Value {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        redact::value(&mut value, &self.masker);
        value
    }

    fn state(&mut self, collected: &Collected) -> Result<(), ArchiveError> {
        let findings = health::judge(&collected.report);
        let document = self.json(Document::new(&collected.report, &findings));
        self.masked("status.json", &format!("{document:#}\n"))?;
        let found = self.json(&findings);
        self.masked("findings.json", &format!("{found:#}\n"))?;
        self.text("status.txt", &render(&collected.report, &findings, false, Some(WIDTH), true))?;
        let inventory = self.json(self.cluster);
        let note = "# The inventory as mfsctl understands it, defaults filled in, secrets masked.\n";
        self.masked("inventory.yaml", &format!("{note}{}", serde_yaml::to_string(&inventory).unwrap_or_default()))?;
        let about =
            format!("mfsctl {}\n{} on {}\n", env!("CARGO_PKG_VERSION"), crate::command::operation::operator(), std::env::consts::ARCH);
        self.text("mfsctl.txt", &about)
    }

    /// The runs of this cluster from this machine.
    fn runs(&mut self) -> Result<(), ArchiveError> {
        let read = history::path().and_then(|path| history::read(&path).map_err(|e| e.to_string()));
        match read {
            Ok((runs, _)) => {
                let mine = runs.iter().filter(|r| r.begin.cluster == self.cluster.name);
                let text: String = mine.map(|run| format!("{}\n", self.json(run))).collect();
                self.masked("history.jsonl", &text)
            }
            Err(why) => {
                self.bundle.missing("this machine", "history", &why);
                Ok(())
            }
        }
    }

    fn node(&mut self, name: &str, given: &Given) -> Result<(), ArchiveError> {
        let under = format!("nodes/{name}");
        for (question, answer) in given.survey.iter().filter(|(question, _)| *question != WHOLE) {
            self.text(&format!("{under}/facts/{question}.txt"), &format!("{}\n# exit status {}\n", answer.text, answer.status))?;
        }
        let mut written = Vec::new();
        let configuration = given.more.get(support::FILES).map(support::files).unwrap_or_default();
        for (path, content) in configuration {
            self.file(&under, &path, &content)?;
            written.push(path);
        }
        let managed = given.facts.iter().flat_map(|f| f.files.iter());
        for (path, fact) in managed.filter(|(path, _)| !written.contains(path)) {
            if let FileFact::Regular { content, .. } = fact {
                self.file(&under, path, content)?;
            }
        }
        for (question, answer) in given.more.iter().filter(|(question, _)| *question != support::FILES) {
            self.text(&format!("{under}/{question}.txt"), &answer.text)?;
        }
        for (what, why) in &given.missing {
            let why = redact::message(&self.masker.mask(why));
            self.bundle.missing(name, what, &why);
        }
        Ok(())
    }

    fn file(&mut self, under: &str, path: &str, content: &str) -> Result<(), ArchiveError> {
        // A name a node made up must not spoil the rest.
        if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Ok(());
        }
        self.text(&format!("{under}/files{path}"), content)
    }

    /// One log of all, and one of each node for programs.
    fn logs(&mut self, collected: &Collected) -> Result<(), ArchiveError> {
        let names: Vec<&str> = self.cluster.nodes.iter().map(|n| n.name.as_str()).collect();
        let style = |json| Style::new(names.clone(), false, json, TimeZone::UTC, self.masker.clone());
        let (plain, objects) = (style(false), style(true));
        let mut all: Vec<(&str, &Line)> = Vec::new();
        for (name, log) in collected.nodes.iter().filter_map(|(name, given)| Some((name, given.log.as_ref()?))) {
            let text: String = log.lines.iter().map(|line| objects.line(name, line)).collect();
            self.masked(&format!("nodes/{name}/log.jsonl"), &text)?;
            all.extend(log.lines.iter().map(|line| (name.as_str(), line)));
        }
        all.sort_by_key(|(_, line)| line.time);
        let text: String = all.iter().map(|(name, line)| plain.line(name, line)).collect();
        self.masked("logs.txt", &format!("# By each node's own clock, shown in UTC.\n{text}"))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
