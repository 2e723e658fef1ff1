//! What is wrong with an inventory, where, and what to do about it.

use std::fmt;

/// A place in one of the texts an inventory is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Pos {
    /// Index of the text: 0 is the inventory, further ones are overlays.
    pub file: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it starts.
    pub at: Pos,
}

impl<T> Placed<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, at: Pos) -> Self {
        Self { value, at }
    }
}

/// One error or warning, shown as `inventory.yaml:12:5: unknown key "adress"` and a hint below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// File as the operator named it.
    pub file: String,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong. Never contains a secret.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the inventory can be used all the same.
    pub warning: bool,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.warning { "warning: " } else { "" };
        match self.line {
            0 => write!(f, "{}: {kind}{}", self.file, self.message)?,
            _ => write!(f, "{}:{}:{}: {kind}{}", self.file, self.line, self.column, self.message)?,
        }
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Errors and warnings gathered while reading; nothing stops at the first.
#[derive(Debug, Default)]
pub struct Findings {
    /// Names of the texts, by [`Pos::file`].
    files: Vec<String>,
    found: Vec<(Pos, Diagnostic)>,
}

impl Findings {
    /// Starts with the names of the texts that will be read.
    #[must_use]
    pub fn new(files: Vec<String>) -> Self {
        Self { files, ..Self::default() }
    }

    /// Records an error.
    pub fn error(&mut self, at: Pos, message: impl Into<String>, hint: impl Into<String>) {
        self.record(at, message.into(), hint.into(), false);
    }

    /// Records a warning.
    pub fn warn(&mut self, at: Pos, message: impl Into<String>, hint: impl Into<String>) {
        self.record(at, message.into(), hint.into(), true);
    }

    /// How many errors were recorded so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.found.iter().filter(|(_, d)| !d.warning).count()
    }

    /// Whether no error was recorded so far.
    #[must_use]
    pub fn clean(&self) -> bool {
        self.found.iter().all(|(_, d)| d.warning)
    }

    /// `line 12`, or `overlay.yaml line 3` when the place is not in the file of `from`.
    #[must_use]
    pub fn place(&self, at: Pos, from: Pos) -> String {
        match self.files.get(at.file) {
            Some(name) if at.file != from.file => format!("{name} line {}", at.line),
            _ => format!("line {}", at.line),
        }
    }

    /// All errors and warnings, sorted by place and without repetitions.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(at, _)| *at);
        let mut all: Vec<Diagnostic> = Vec::new();
        for (_, diagnostic) in self.found {
            if !all.contains(&diagnostic) {
                all.push(diagnostic);
            }
        }
        all
    }

    fn record(&mut self, at: Pos, message: String, hint: String, warning: bool) {
        let file = self.files.get(at.file).cloned().unwrap_or_default();
        let diagnostic = Diagnostic { file, line: at.line, column: at.column, message, hint: (!hint.is_empty()).then_some(hint), warning };
        self.found.push((at, diagnostic));
    }
}
