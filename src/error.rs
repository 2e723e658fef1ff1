//! The one error commands end with: what happened, what to do about it, and the exit status.

use std::fmt;

/// What kind of end it is; decides the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something went wrong (1).
    Failed,
    /// The inventory, a file or a flag is wrong; nothing was touched (2).
    Input,
    /// Refused, nothing was changed (3).
    Refused,
    /// Part of it was done, running again continues (4).
    Incomplete,
    /// Another operator is at work; nothing was changed (5).
    Locked,
    /// It failed before the point of no return, and everything is as it was (6).
    RolledBack,
    /// How it ended could not be seen: it may still go on by itself (7).
    Unknown,
    /// All was said on standard output already; the verdict of a monitoring check (0–3).
    Verdict(u8),
    /// Stopped by the operator (130).
    Interrupted,
}

/// An error with hints.
#[derive(Debug)]
pub struct Error {
    /// Kind.
    pub kind: Kind,
    /// What happened, one or more lines, the place first.
    pub message: String,
    /// What a person can do, one line each.
    pub hints: Vec<String>,
}

/// Results of commands.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    /// Something went wrong.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The input is wrong.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The exit status of the process.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failed => 1,
            Kind::Input => 2,
            Kind::Refused => 3,
            Kind::Incomplete => 4,
            Kind::Locked => 5,
            Kind::RolledBack => 6,
            Kind::Unknown => 7,
            Kind::Verdict(status) => status,
            Kind::Interrupted => 130,
        }
    }
}

/// A word somebody typed, as messages show it: in quotes where it could not be seen otherwise.
#[must_use]
pub fn word(text: &str) -> String {
    let plain = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if plain { text.to_owned() } else { format!("{text:?}") }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_could_not_be_seen_are_quoted() {
        assert_eq!(["node1", "", "a b", "a\tb"].map(word), ["node1", "\"\"", "\"a b\"", "\"a\\tb\""]);
    }
}
