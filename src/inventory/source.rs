//! Where secrets come from. A trait, so that tests read none from the machine.

use std::path::Path;

/// How the inventory refers to a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The text itself.
    Plain,
    /// `!env NAME`
    Env,
    /// `!file PATH`
    File,
    /// `!command "argv words"`
    Command,
    /// `!age |` and an armoured text
    Age,
}

/// Why a secret could not be read. Holds no part of the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Failure {
    /// A failure with a hint.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// Reads secrets.
pub trait SecretSource {
    /// Gives the secret's text. Relative paths start at `base`.
    ///
    /// # Errors
    /// When it cannot be read; the text of the failure is safe to show.
    fn read(&self, reference: Reference, text: &str, base: &Path) -> Result<String, Failure>;

    /// Whether what it gives are the secrets themselves, so that rules about them can be checked.
    fn real(&self) -> bool {
        true
    }
}

/// Gives plain secrets as they are and a stand-in for all others: for looking at an inventory without its secrets.
pub struct Placeholders;

/// What [`Placeholders`] gives: short enough for every rule about length.
pub const PLACEHOLDER: &str = "unread";

impl SecretSource for Placeholders {
    fn read(&self, reference: Reference, text: &str, _base: &Path) -> Result<String, Failure> {
        Ok(if reference == Reference::Plain { text.to_owned() } else { PLACEHOLDER.to_owned() })
    }

    fn real(&self) -> bool {
        false
    }
}
