//! One file a subcommand: its `Args`, whose doc comments are the help, and `run`.
//! A command wires the layers below and decides nothing itself.

pub mod backup_meta;
pub mod completions;
pub mod failover;
pub mod ha;
pub mod history;
pub mod inventory;
pub mod lab;
pub mod maintenance;
pub mod man;
pub mod notify;
pub mod operation;
pub mod playbook;
pub mod provision;
pub mod restore;
pub mod servers;
pub mod split_brain;
pub mod status;
pub mod upgrade;

use crate::cli::Command;
use crate::context::Context;
use crate::error::Result;

/// Runs a command.
///
/// # Errors
/// Whatever the command ends with.
pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Provision(args) => provision::run(context, &args),
        Command::Status(args) => status::run(context, &args),
        Command::Failover(args) => failover::run(context, &args),
        Command::Failback(args) => failover::back(context, &args),
        Command::Notify(args) => notify::run(context, &args),
        Command::Ha(args) => ha::run(context, &args),
        Command::RestoreMeta(args) => restore::run(context, &args),
        Command::SplitBrain(args) => split_brain::run(context, &args),
        Command::BackupMeta(args) => backup_meta::run(context, &args),
        Command::History(args) => history::run(context, &args),
        Command::Playbook(args) => playbook::run(context, &args),
        Command::Maintenance(args) => maintenance::run(context, &args),
        Command::Upgrade(args) => upgrade::run(context, &args),
        Command::Man(args) => man::run(context, &args),
        Command::Lab(args) => lab::run(context, args),
        Command::Completions(args) => completions::run(context, &args),
        Command::Inventory(args) => inventory::run(context, &args),
    }
}
