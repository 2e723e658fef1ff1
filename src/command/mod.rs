//! One file a subcommand: its `Args`, whose doc comments are the help, and `run`.
//! A command wires the layers below and decides nothing itself.

pub mod completions;
pub mod lab;

use crate::cli::Command;
use crate::context::Context;
use crate::error::Result;

/// Runs a command.
///
/// # Errors
/// Whatever the command ends with.
pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Lab(args) => lab::run(context, args),
        Command::Completions(args) => completions::run(context, &args),
    }
}
