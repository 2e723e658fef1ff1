//! `mfsctl completions`: scripts for shells.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::Result;
use crate::report;

/// Print shell completions
///
/// Examples:
///   mfsctl completions bash > /etc/bash_completion.d/mfsctl
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the script.
///
/// # Errors
/// None in practice.
pub fn run(_context: &Context, args: &Args) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mfsctl", &mut script);
    report::data(&String::from_utf8_lossy(&script));
    Ok(())
}
