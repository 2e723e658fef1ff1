//! Settings resolved once, and the handles a command needs.

use crate::cli::{Format, Global, When};

/// What every command gets.
pub struct Context {
    /// Flags common to all commands.
    pub global: Global,
    /// Whether standard output may carry colour.
    pub color: bool,
    /// Whether standard error is a terminal (bars are drawn only there).
    pub interactive: bool,
}

impl Context {
    /// Resolves flags against the environment.
    #[must_use]
    pub fn new(global: Global) -> Self {
        use std::io::IsTerminal;
        let color = match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Self { global, color, interactive: std::io::stderr().is_terminal() }
    }

    /// Whether results go out as JSON.
    #[must_use]
    pub fn json(&self) -> bool {
        self.global.format == Format::Json
    }
}
