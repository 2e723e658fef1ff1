//! `mfsctl man`: manual pages, made from the help texts.

use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use crate::cli::Cli;
use crate::context::Context;
use crate::error::{Error, Result};

/// Write manual pages into a directory
///
/// Examples:
///   mfsctl man /usr/local/share/man/man1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Where to write them
    pub directory: PathBuf,
}

/// Writes one page a command.
///
/// # Errors
/// When the directory cannot be written.
pub fn run(_context: &Context, args: &Args) -> Result<()> {
    let mut root = Cli::command();
    root.build();
    page(&args.directory, &root, "mfsctl")
}

fn page(directory: &Path, command: &Command, name: &str) -> Result<()> {
    let path = directory.join(format!("{name}.1"));
    let mut text = Vec::new();
    let named = command.clone().display_name(name.to_owned());
    clap_mangen::Man::new(named).render(&mut text).map_err(|e| Error::failed(e.to_string()))?;
    std::fs::write(&path, text).map_err(|e| Error::failed(format!("{}: {e}", path.display())))?;
    for child in command.get_subcommands().filter(|c| c.get_name() != "help" && !c.is_hide_set()) {
        page(directory, child, &format!("{name}-{}", child.get_name()))?;
    }
    Ok(())
}
