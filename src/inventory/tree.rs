//! YAML as a tree that remembers where everything was written.
//!
//! Errors are wanted with line and column, also for duplicated keys, so the
//! tree is built from the parser's events and nothing is thrown away early.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::diagnostic::{Findings, Pos};

/// Deeper nesting than any inventory needs; keeps recursion over the tree bounded.
const MAX_DEPTH: usize = 32;
/// More values than any inventory needs; stops aliases that multiply.
const MAX_NODES: usize = 200_000;

/// A value.
#[derive(Debug, Clone)]
pub struct Tree {
    /// Where it starts.
    pub at: Pos,
    /// A local tag without its `!`, e.g. `env`.
    pub tag: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A scalar as written; `plain` when it was not quoted.
    Scalar {
        /// Its text.
        text: String,
        /// Written without quotes and not as a block.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Tree>),
    /// A mapping in the order written, each key once.
    Map(Vec<(Key, Tree)>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it starts.
    pub at: Pos,
}

impl Tree {
    /// Whether it is an unquoted nothing: empty, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.tag.is_none()
            && matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Lays another tree over this one: mappings are merged key by key, anything else is replaced.
    pub fn overlay(&mut self, over: Tree) {
        match (&mut self.kind, over) {
            (Kind::Map(base), Tree { kind: Kind::Map(entries), tag: None, .. }) if self.tag.is_none() => {
                for (key, value) in entries {
                    match base.iter_mut().find(|(k, _)| k.text == key.text) {
                        Some((_, old)) => old.overlay(value),
                        None => base.push((key, value)),
                    }
                }
            }
            (_, over) => *self = over,
        }
    }

    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::List(items) => items.iter().map(Tree::count).sum(),
            Kind::Map(entries) => entries.iter().map(|(_, v)| v.count() + 1).sum(),
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::List(items) => items.iter().map(Tree::depth).max().unwrap_or(0),
            Kind::Map(entries) => entries.iter().map(|(_, v)| v.depth()).max().unwrap_or(0),
        }
    }
}

/// A collection whose end has not been seen yet.
struct Open {
    at: Pos,
    tag: Option<String>,
    anchor: usize,
    items: Vec<Tree>,
    map: Option<Pairs>,
}

#[derive(Default)]
struct Pairs {
    entries: Vec<(Key, Tree)>,
    key: Option<Key>,
}

/// Reads one document. `None` when it cannot be understood at all; errors are in `findings` then.
pub fn parse(text: &str, file: usize, findings: &mut Findings) -> Option<Tree> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { file, findings, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(pair) => pair,
            Err(error) => {
                syntax_error(text, file, *error.marker(), error.info(), builder.findings);
                return None;
            }
        };
        let at = pos(file, span.start);
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents > 1 {
                builder.findings.error(at, "a second document starts here", "an inventory is one document: remove this `---`");
                return None;
            }
        }
        builder.event(event, at)?;
    }
    if builder.root.is_none() {
        builder.findings.error(Pos { file, line: 1, column: 1 }, "the inventory is empty", "write one with `mfsctl inventory init`");
    }
    builder.root
}

/// Column and line both counted from 1.
fn pos(file: usize, marker: Marker) -> Pos {
    Pos { file, line: marker.line().max(1), column: marker.col() + 1 }
}

fn syntax_error(text: &str, file: usize, marker: Marker, info: &str, findings: &mut Findings) {
    let at = pos(file, marker);
    let line = text.lines().nth(at.line.saturating_sub(1)).unwrap_or("");
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let hint = if indent.contains('\t') || info.contains("tab") {
        "indent with spaces; YAML allows no tabs there"
    } else if line.contains(": ") && line.matches(": ").count() > 1 {
        "put quotes around a value that contains `: `"
    } else {
        "look at this line and the one above it: indentation, quotes, brackets"
    };
    findings.error(at, format!("not valid YAML: {info}"), hint);
}

struct Builder<'f> {
    file: usize,
    findings: &'f mut Findings,
    open: Vec<Open>,
    anchors: HashMap<usize, Tree>,
    root: Option<Tree>,
    nodes: usize,
}

impl Builder<'_> {
    /// Takes one event; `None` stops the reading (the error is recorded).
    fn event(&mut self, event: Event<'_>, at: Pos) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = self.tag(tag.as_deref(), at);
                let tree = Tree { at, tag, kind: Kind::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain } };
                self.close(tree, anchor)
            }
            Event::SequenceStart(anchor, tag) => self.start(at, tag.as_deref(), anchor, None),
            Event::MappingStart(anchor, tag) => self.start(at, tag.as_deref(), anchor, Some(Pairs::default())),
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop()?;
                let kind = match open.map {
                    Some(pairs) => Kind::Map(pairs.entries),
                    None => Kind::List(open.items),
                };
                self.close(Tree { at: open.at, tag: open.tag, kind }, open.anchor)
            }
            Event::Alias(id) => {
                let Some(tree) = self.anchors.get(&id).cloned() else {
                    return self.stop(at, "this alias refers to the value it is part of", "write the value out");
                };
                self.nodes += tree.count();
                if self.open.len() + tree.depth() > MAX_DEPTH {
                    return self.stop(at, "nested too deeply", "an inventory needs only a few levels");
                }
                self.close(tree, 0)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Some(()),
        }
    }

    fn tag(&mut self, tag: Option<&Tag>, at: Pos) -> Option<String> {
        let tag = tag?;
        if tag.handle == "!" && !tag.suffix.is_empty() {
            return Some(tag.suffix.clone());
        }
        // `!!str` and its kin only repeat what an inventory's keys say already.
        let plain = tag.is_yaml_core_schema() || (tag.handle.is_empty() && tag.suffix == "!");
        if !plain {
            self.findings.error(at, "unknown tag", "known tags: !env, !file, !command, !age; quote a text that starts with `!`");
        }
        None
    }

    fn start(&mut self, at: Pos, tag: Option<&Tag>, anchor: usize, map: Option<Pairs>) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            return self.stop(at, "nested too deeply", "an inventory needs only a few levels");
        }
        if let Some(Open { map: Some(Pairs { key: None, .. }), .. }) = self.open.last() {
            return self.stop(at, "a key must be one word", "write `key: value`");
        }
        let tag = self.tag(tag, at);
        self.open.push(Open { at, tag, anchor, items: Vec::new(), map });
        Some(())
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, tree: Tree, anchor: usize) -> Option<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.stop(tree.at, "too many values", "aliases multiply here: write the values out");
        }
        if anchor > 0 {
            self.anchors.insert(anchor, tree.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(tree);
            return Some(());
        };
        let Some(pairs) = &mut open.map else {
            open.items.push(tree);
            return Some(());
        };
        let Some(key) = pairs.key.take() else {
            if tree.tag.is_some() || anchor > 0 {
                return self.stop(
                    tree.at,
                    "a key cannot have a tag or an anchor",
                    "write `key: value`; quote a key that starts with `!` or `&`",
                );
            }
            return match tree.kind {
                Kind::Scalar { text, plain: true } if text == "<<" => {
                    self.stop(tree.at, "merge keys (`<<`) are not supported", "put what nodes share under `groups:`")
                }
                Kind::Scalar { text, .. } => {
                    pairs.key = Some(Key { text, at: tree.at });
                    Some(())
                }
                _ => self.stop(tree.at, "a key must be one word", "write `key: value`"),
            };
        };
        match pairs.entries.iter().find(|(k, _)| k.text == key.text).map(|(k, _)| k.at) {
            Some(first) => {
                let message = format!("duplicate key {:?}, first written in line {} column {}", key.text, first.line, first.column);
                self.findings.error(key.at, message, "keep one of the two");
            }
            None => pairs.entries.push((key, tree)),
        }
        Some(())
    }

    fn stop<T>(&mut self, at: Pos, message: &str, hint: &str) -> Option<T> {
        self.findings.error(Pos { file: self.file, ..at }, message, hint);
        None
    }
}
