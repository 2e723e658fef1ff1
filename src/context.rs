//! Settings resolved once, and the handles a command needs.

use std::path::PathBuf;

use crate::cli::{Format, Global, When};
use crate::error::{Error, Kind, Result};
use crate::inventory::model::Cluster;
use crate::inventory::{self, Diagnostic, LoadOptions, Loaded, Text};
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

    /// The cluster of the inventory; its warnings are said.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn cluster(&self) -> Result<Cluster> {
        self.load(false).map(|loaded| loaded.cluster)
    }

    /// Loads the inventory, with stand-ins for secrets where those are not needed; its warnings are said.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn load(&self, without_secrets: bool) -> Result<Loaded> {
        let (path, overlays) = self.inventory()?;
        let options = LoadOptions { overlays, age_identities: self.global.age_identity.clone(), without_secrets, draft: false };
        let loaded = inventory::load(&path, &options).map_err(|diagnostics| inventory_error(&diagnostics))?;
        for warning in &loaded.warnings {
            report::say(&warning.to_string());
        }
        Ok(loaded)
    }

    /// The inventory's file and what is laid over it: `lab` means the running lab, `lab:NAME` one of several.
    ///
    /// # Errors
    /// There is no such lab.
    pub fn inventory(&self) -> Result<(PathBuf, Vec<Text>)> {
        let name = match self.global.inventory.to_str() {
            Some("lab") => "lab",
            Some(other) => match other.strip_prefix("lab:") {
                Some(name) => name,
                None => return Ok((self.global.inventory.clone(), Vec::new())),
            },
            None => return Ok((self.global.inventory.clone(), Vec::new())),
        };
        lab::check_name(name)
            .map_err(|fault| Error::input(format!("-i lab:{name}: {fault}")).hint("`mfsctl lab list` names those that exist"))?;
        let path = lab::overlay_path(name);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Error::input(format!("lab {name}: {}: {e}", path.display()))
                .hint(format!("`{}` makes it; where it has a --state of its own, set MFSCTL_LAB_STATE", lab::up_command(name)))
        })?;
        Ok((lab::inventory_path(name), vec![Text { name: path.display().to_string(), text }]))
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
    let list: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    Error::new(Kind::Input, format!("{}\n{}", error_count(diagnostics), list.join("\n")))
}

/// `3 errors in the inventory`.
#[must_use]
pub fn error_count(diagnostics: &[Diagnostic]) -> String {
    match diagnostics.iter().filter(|d| !d.warning).count() {
        1 => "1 error in the inventory".to_owned(),
        n => format!("{n} errors in the inventory"),
    }
}
