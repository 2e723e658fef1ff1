//! One file a subcommand: its `Args`, whose doc comments are the help, and `run`.
//! A command wires the layers below and decides nothing itself.

pub mod backup_meta;
pub mod client;
pub mod completions;
pub mod doctor;
pub mod exporter;
pub mod failover;
pub mod grow;
pub mod ha;
pub mod history;
pub mod inventory;
pub mod lab;
pub mod logs;
pub mod maintenance;
pub mod man;
pub mod notify;
pub mod ok_to_stop;
pub mod operation;
pub mod playbook;
pub mod provision;
pub mod restore;
pub mod scale;
pub mod servers;
pub mod split_brain;
pub mod start_stop;
pub mod status;
pub mod support_bundle;
pub mod tenant;
pub mod upgrade;
pub mod when;

use crate::cli::{Command, Format};
use crate::context::Context;
use crate::error::{Error, Result};

/// Runs a command.
///
/// # Errors
/// Whatever the command ends with.
pub fn run(context: &Context, command: Command) -> Result<()> {
    if context.global.format == Format::Prometheus && !matches!(command, Command::Status(_)) {
        return Err(Error::input("--format prometheus: only `status` has metrics").hint("use table or json here"));
    }
    match command {
        Command::Provision(args) => provision::run(context, &args),
        Command::Status(args) => status::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::OkToStop(args) => ok_to_stop::run(context, &args),
        Command::Stop(args) => start_stop::stop(context, &args),
        Command::Start(args) => start_stop::start(context, &args),
        Command::Restart(args) => start_stop::restart(context, &args),
        Command::Failover(args) => failover::run(context, &args),
        Command::Failback(args) => failover::back(context, &args),
        Command::Grow(args) => grow::run(context, &args),
        Command::Node(args) => scale::node(context, &args),
        Command::Disk(args) => scale::disk(context, &args),
        Command::Notify(args) => notify::run(context, &args),
        Command::Ha(args) => ha::run(context, &args),
        Command::RestoreMeta(args) => restore::run(context, &args),
        Command::SplitBrain(args) => split_brain::run(context, &args),
        Command::BackupMeta(args) => backup_meta::run(context, &args),
        Command::Client(args) => client::run(context, &args),
        Command::Tenant(args) => tenant::run(context, &args),
        Command::Exporter(args) => exporter::run(context, &args),
        Command::Logs(args) => logs::run(context, &args),
        Command::SupportBundle(args) => support_bundle::run(context, &args),
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
