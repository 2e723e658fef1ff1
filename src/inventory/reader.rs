//! Takes typed values out of the tree; every wrong one is recorded and reading goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::diagnostic::{Findings, Placed, Pos};
use super::keys::Section;
use super::secret::Secret;
use super::source::{Reference, SecretSource};
use super::suggest::closest;
use super::tree::{Key, Kind, Tree};
use super::unit;

/// What reading needs besides the tree.
pub struct Reader<'a> {
    /// Where errors and warnings go.
    pub findings: &'a mut Findings,
    /// What reads secrets.
    pub source: &'a dyn SecretSource,
    /// Directory that relative paths start from: the inventory's own.
    pub base: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
    /// Places of secrets that stand in the text itself.
    pub plain_secrets: Vec<Pos>,
}

/// A mapping whose keys are known to be right.
pub struct Fields<'t> {
    /// Where the mapping starts.
    pub at: Pos,
    entries: &'t [(Key, Tree)],
}

impl<'t> Fields<'t> {
    /// The value of a key, unless it is missing or nothing.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'t Tree> {
        self.entries.iter().find(|(k, _)| k.text == key).map(|(_, v)| v).filter(|v| !v.is_null())
    }

    /// Where a key stands; the mapping's place when it is missing.
    #[must_use]
    pub fn place(&self, key: &str) -> Pos {
        self.entries.iter().find(|(k, _)| k.text == key).map_or(self.at, |(k, _)| k.at)
    }
}

impl Reader<'_> {
    /// Records an error.
    pub fn error(&mut self, at: Pos, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.error(at, message, hint);
    }

    /// Reads a mapping with fixed keys: unknown and missing ones are errors. `what` names it: `node "node3"`.
    pub fn fields<'t>(&mut self, tree: &'t Tree, section: &Section, what: &str) -> Option<Fields<'t>> {
        let entries: &[(Key, Tree)] = match &tree.kind {
            _ if tree.is_null() => &[],
            Kind::Map(entries) if tree.tag.is_none() => entries,
            _ => {
                let keys = section.keys();
                let more = if keys.len() > 4 { ", …" } else { "" };
                let some: Vec<&str> = keys.into_iter().take(4).collect();
                self.wrong(tree, &format!("a mapping for {what}"), &format!("its keys: {}{more}", some.join(", ")));
                return None;
            }
        };
        for (key, value) in entries {
            if section.unknown(&key.text) {
                // A slip such as `{auth: a, b}` makes a key of a secret's tail: show only what looks like a key.
                let word = key.text.len() <= 40 && key.text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
                let shown = if word && !value.is_null() { format!("unknown key {:?}", key.text) } else { "unknown key".to_owned() };
                self.error(key.at, format!("{shown} in {what}"), did_you_mean(&key.text, &section.keys()));
            }
        }
        let fields = Fields { at: tree.at, entries };
        let meant: Vec<&str> = entries.iter().filter_map(|(k, _)| section.unknown(&k.text).then(|| section.closest(&k.text))?).collect();
        for field in section.fields.iter().filter(|f| f.required) {
            // A mistyped key was told of already.
            if fields.get(field.key).is_none() && !meant.contains(&field.key) {
                let at = fields.place(field.key);
                self.error(at, format!("missing key {:?} in {what}", field.key), format!("{}: {}", field.key, field.about));
            }
        }
        Some(fields)
    }

    /// Reads a mapping from free names.
    pub fn named<'t>(&mut self, tree: &'t Tree, what: &str) -> &'t [(Key, Tree)] {
        match &tree.kind {
            Kind::Map(entries) if tree.tag.is_none() => entries,
            _ if tree.is_null() => &[],
            _ => {
                self.wrong(tree, &format!("a mapping for {what}"), "write `name: …` lines");
                &[]
            }
        }
    }

    /// Reads a sequence.
    pub fn list<'t>(&mut self, tree: &'t Tree, what: &str) -> &'t [Tree] {
        match &tree.kind {
            Kind::List(items) if tree.tag.is_none() => items,
            _ => {
                self.wrong(tree, &format!("a list for {what}"), "write `[one, two]`, or one `- item` a line");
                &[]
            }
        }
    }

    /// Reads a sequence of texts; `split` also takes one text with commas.
    pub fn texts(&mut self, tree: &Tree, what: &str, split: bool) -> Vec<Placed<String>> {
        if let (Kind::Scalar { text, .. }, true, None, false) = (&tree.kind, split, &tree.tag, tree.is_null()) {
            return text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| Placed::new(t.to_owned(), tree.at)).collect();
        }
        let items = self.list(tree, what);
        items.iter().filter_map(|item| self.text(item, what)).collect()
    }

    /// Reads a text; numbers and words are taken as they are written.
    pub fn text(&mut self, tree: &Tree, what: &str) -> Option<Placed<String>> {
        match &tree.kind {
            Kind::Scalar { text, .. } if tree.tag.is_none() && !tree.is_null() => {
                if text.chars().any(char::is_control) {
                    self.error(tree.at, format!("{what} contains a control character or a line break"), "write it on one line");
                    return None;
                }
                Some(Placed::new(text.clone(), tree.at))
            }
            _ => {
                let hint = match &tree.kind {
                    _ if tree.tag.is_some() => "write the value itself: only secrets can be read from elsewhere",
                    _ if tree.is_null() => "give it a value",
                    _ => "write one value, without brackets",
                };
                self.wrong(tree, &format!("text for {what}"), hint);
                None
            }
        }
    }

    /// Whether it is one value; another form is an error that says what belongs there.
    fn one_value(&mut self, tree: &Tree, expected: &str, hint: &str) -> bool {
        let one = matches!(tree.kind, Kind::Scalar { .. }) && tree.tag.is_none() && !tree.is_null();
        if !one {
            self.wrong(tree, expected, hint);
        }
        one
    }

    /// Reads a text that `check` accepts; `check` says what is wrong with it.
    pub fn checked(&mut self, tree: &Tree, what: &str, check: fn(&str) -> Result<(), &'static str>) -> Option<Placed<String>> {
        let text = self.text(tree, what)?;
        match check(&text.value) {
            Ok(()) => Some(text),
            Err(rule) => {
                self.error(text.at, format!("unsafe {what} {:?}", text.value), rule);
                None
            }
        }
    }

    /// Reads one of some words.
    pub fn word(&mut self, tree: &Tree, what: &str, words: &[&'static str]) -> Option<Placed<&'static str>> {
        let text = self.text(tree, what)?;
        let found = words.iter().find(|w| **w == text.value);
        if found.is_none() {
            let hint = match closest(&text.value, words) {
                Some(word) => format!("did you mean {word:?}? possible: {}", words.join(", ")),
                None => format!("possible: {}", words.join(", ")),
            };
            self.error(text.at, format!("{what} cannot be {:?}", text.value), hint);
        }
        found.map(|word| Placed::new(*word, text.at))
    }

    /// Reads a whole number within bounds.
    pub fn int<T: TryFrom<i64>>(&mut self, tree: &Tree, what: &str, low: i64, high: i64) -> Option<Placed<T>> {
        if !self.one_value(tree, &format!("a whole number for {what}"), &format!("from {low} to {high}")) {
            return None;
        }
        let text = self.text(tree, what)?;
        let number = text.value.parse::<i64>().ok();
        match number {
            Some(n) if (low..=high).contains(&n) => T::try_from(n).ok().map(|n| Placed::new(n, text.at)),
            Some(n) => {
                self.error(text.at, format!("{what} {n} is out of range"), format!("from {low} to {high}"));
                None
            }
            None => {
                self.wrong(tree, &format!("a whole number for {what}"), &format!("from {low} to {high}"));
                None
            }
        }
    }

    /// Reads a port.
    pub fn port(&mut self, tree: &Tree, what: &str) -> Option<Placed<u16>> {
        self.int(tree, what, 1, 65535)
    }

    /// Reads `true` or `false`.
    pub fn bool(&mut self, tree: &Tree, what: &str) -> Option<bool> {
        match &tree.kind {
            Kind::Scalar { text, plain: true } if text == "true" => Some(true),
            Kind::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => {
                self.wrong(tree, &format!("true or false for {what}"), "write true or false, without quotes");
                None
            }
        }
    }

    /// Reads a number, with or without a fraction.
    pub fn number(&mut self, tree: &Tree, what: &str) -> Option<Placed<f64>> {
        let (expected, hint) = (format!("a number for {what}"), "write 1 or 0.5");
        if !self.one_value(tree, &expected, hint) {
            return None;
        }
        let text = self.text(tree, what)?;
        match text.value.parse::<f64>() {
            Ok(n) if n.is_finite() => Some(Placed::new(n, text.at)),
            _ => {
                self.wrong(tree, &expected, hint);
                None
            }
        }
    }

    /// Reads a duration of at most an hour.
    pub fn duration(&mut self, tree: &Tree, what: &str) -> Option<Duration> {
        if !self.one_value(tree, &format!("a duration for {what}"), "write 30s, 500ms or 1m30s") {
            return None;
        }
        let text = self.text(tree, what)?;
        match unit::duration(&text.value) {
            Some(d) if d > Duration::ZERO && d <= Duration::from_secs(3600) => Some(d),
            Some(_) => {
                self.error(text.at, format!("{what} {:?} is out of range", text.value), "more than zero, at most 1h");
                None
            }
            None => {
                self.wrong(tree, &format!("a duration for {what}"), "write 30s, 500ms or 1m30s");
                None
            }
        }
    }

    /// Reads a size in bytes.
    pub fn size(&mut self, tree: &Tree, what: &str) -> Option<Placed<u64>> {
        if !self.one_value(tree, &format!("a size for {what}"), "write 20GiB, 500MiB or 100G") {
            return None;
        }
        let text = self.text(tree, what)?;
        match unit::size(&text.value) {
            Some(bytes) => Some(Placed::new(bytes, text.at)),
            None => {
                self.wrong(tree, &format!("a size for {what}"), "write 20GiB, 500MiB or 100G");
                None
            }
        }
    }

    /// Reads a path on the operator's machine: `~` is the home directory, relative ones start beside the inventory.
    pub fn local_path(&mut self, tree: &Tree, what: &str) -> Option<PathBuf> {
        let text = self.text(tree, what)?;
        Some(match (text.value.strip_prefix("~/"), self.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.base.join(&text.value),
        })
    }

    /// Reads a secret, from the text itself or from where its tag says. Its text is never in an error.
    pub fn secret(&mut self, tree: &Tree, what: &str) -> Option<Placed<Secret>> {
        let Kind::Scalar { text, .. } = &tree.kind else {
            self.wrong(tree, &format!("a secret for {what}"), "write a text, !env NAME, !file PATH, !command \"words\" or !age");
            return None;
        };
        let reference = match tree.tag.as_deref() {
            None if tree.is_null() => {
                self.error(tree.at, format!("{what} is empty"), "give it a value");
                return None;
            }
            None => {
                self.plain_secrets.push(tree.at);
                Reference::Plain
            }
            Some("env") => Reference::Env,
            Some("file") => Reference::File,
            Some("command") => Reference::Command,
            Some("age") => Reference::Age,
            Some(_) => {
                // The tag is not shown: it may be a secret that starts with `!`.
                self.error(
                    tree.at,
                    format!("unknown tag for {what}"),
                    "known tags: !env, !file, !command, !age; quote a text that starts with `!`",
                );
                return None;
            }
        };
        match self.source.read(reference, text, self.base) {
            Ok(text) if text.is_empty() => {
                self.error(tree.at, format!("{what} is empty"), "give it a value");
                None
            }
            Ok(text) => Some(Placed::new(Secret::new(text), tree.at)),
            Err(failure) => {
                self.error(tree.at, format!("{what}: {}", failure.message), failure.hint);
                None
            }
        }
    }

    /// Reads a secret that `check` accepts. The hint says the rule, never the text.
    pub fn checked_secret(&mut self, tree: &Tree, what: &str, check: fn(&str) -> Result<(), &'static str>) -> Option<Placed<Secret>> {
        let secret = self.secret(tree, what)?;
        let stand_in = tree.tag.is_some() && !self.source.real();
        match check(secret.value.expose()) {
            _ if stand_in => Some(secret),
            Ok(()) => Some(secret),
            Err(rule) => {
                self.error(secret.at, format!("{what} cannot be used as it is"), rule);
                None
            }
        }
    }

    /// Records a value of the wrong type: what was expected, what was found.
    pub fn wrong(&mut self, tree: &Tree, expected: &str, hint: &str) {
        let found = match &tree.kind {
            _ if tree.tag.is_some() => "a tagged value".to_owned(),
            _ if tree.is_null() => "nothing".to_owned(),
            // Where a mapping or list belongs, a lost colon turns `secret: x` into a text: do not show it.
            Kind::Scalar { .. } if expected.starts_with("a mapping") || expected.starts_with("a list") => "text".to_owned(),
            Kind::Scalar { text, .. } => format!("{:?}", text.chars().take(60).collect::<String>()),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
        };
        self.error(tree.at, format!("expected {expected}, found {found}"), hint);
    }
}

/// `did you mean "address"?`, or the list of what is possible.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match closest(word, known) {
        Some(best) => format!("did you mean {best:?}?"),
        None => format!("known: {}", known.join(", ")),
    }
}
