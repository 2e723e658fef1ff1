//! Settings resolved once, and the handles a command needs.

use std::path::PathBuf;

use crate::cli::{Format, Global, When};
use crate::error::{Error, Kind, Result};
use crate::inventory::model::Cluster;
use crate::inventory::{self, Diagnostic, LoadOptions};
use crate::lab;
use crate::remote::ssh::{SshConnector, SshOptions};
use crate::report;

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

    /// Path of the inventory: `lab` and `lab:NAME` mean the one a lab wrote.
    #[must_use]
    pub fn inventory_path(&self) -> PathBuf {
        let path = &self.global.inventory;
        match path.to_str() {
            Some("lab") if !path.exists() => lab::inventory_path(&std::env::var("MFSCTL_LAB").unwrap_or_else(|_| "lab".to_owned())),
            Some(name) if name.starts_with("lab:") => lab::inventory_path(&name[4..]),
            _ => path.clone(),
        }
    }

    /// Loads the inventory; its warnings are said.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn cluster(&self) -> Result<Cluster> {
        let options = LoadOptions { age_identities: self.global.age_identity.clone(), ..LoadOptions::default() };
        match inventory::load(&self.inventory_path(), &options) {
            Ok(loaded) => {
                for warning in &loaded.warnings {
                    report::say(&warning.to_string());
                }
                Ok(loaded.cluster)
            }
            Err(diagnostics) => Err(inventory_error(&diagnostics)),
        }
    }

    /// What connects to nodes.
    #[must_use]
    pub fn connector(&self) -> SshConnector {
        SshConnector::new(SshOptions { accept_new_host_keys: self.global.accept_new_host_keys, ..SshOptions::default() })
    }
}

/// All that is wrong with an inventory, as one error.
#[must_use]
pub fn inventory_error(diagnostics: &[Diagnostic]) -> Error {
    let lines: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    Error::new(Kind::Input, lines.join("\n"))
}
