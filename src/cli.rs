//! The command line: clap's tree; doc comments are the help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The inventory looked for when none is named.
pub const DEFAULT_INVENTORY: &str = "inventory.yaml";

/// Provisions and runs MooseFS high-availability clusters over SSH.
#[derive(Debug, Parser)]
#[command(name = "mfsctl", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Settings every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings every command understands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Inventory file; `lab` or `lab:NAME` for a running lab's
    #[arg(short, long, global = true, env = "MFSCTL_INVENTORY", default_value = DEFAULT_INVENTORY, value_name = "FILE")]
    pub inventory: PathBuf,
    /// How results are printed on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Colour: auto is on for terminals unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// Say more: -v commands and their times, -vv everything (secrets stay masked)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Accept and remember host keys never seen before (a changed key is always refused)
    #[arg(long, global = true)]
    pub accept_new_host_keys: bool,
    /// File with age identities for `!age` secrets of the inventory (may be repeated)
    #[arg(long, global = true, env = "MFSCTL_AGE_IDENTITY", value_name = "FILE")]
    pub age_identity: Vec<PathBuf>,
    /// How many hosts are worked on at once
    #[arg(long, global = true, default_value_t = 32, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// Forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people
    Table,
    /// JSON for programs
    Json,
    /// Metrics in Prometheus' text format; only `status` has them
    Prometheus,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On terminals, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Subcommands; each is a file under `command/`, whose `Args` carry the help text.
#[allow(missing_docs)]
#[derive(Debug, Subcommand)]
pub enum Command {
    Provision(crate::command::provision::Args),
    Status(crate::command::status::Args),
    Doctor(crate::command::doctor::Args),
    OkToStop(crate::command::ok_to_stop::Args),
    Stop(crate::command::start_stop::StopArgs),
    Start(crate::command::start_stop::StartArgs),
    Restart(crate::command::start_stop::RestartArgs),
    Failover(crate::command::failover::Args),
    Failback(crate::command::failover::BackArgs),
    Grow(crate::command::grow::Args),
    Node(crate::command::scale::NodeArgs),
    Disk(crate::command::scale::DiskArgs),
    Notify(crate::command::notify::Args),
    Ha(crate::command::ha::Args),
    RestoreMeta(crate::command::restore::Args),
    SplitBrain(crate::command::split_brain::Args),
    BackupMeta(crate::command::backup_meta::Args),
    Maintenance(crate::command::maintenance::Args),
    Client(crate::command::client::Args),
    Tenant(crate::command::tenant::Args),
    Upgrade(crate::command::upgrade::Args),
    Exporter(crate::command::exporter::Args),
    Logs(crate::command::logs::Args),
    SupportBundle(crate::command::support_bundle::Args),
    History(crate::command::history::Args),
    Inventory(crate::command::inventory::Args),
    Playbook(crate::command::playbook::Args),
    Lab(crate::command::lab::Args),
    Completions(crate::command::completions::Args),
    #[command(hide = true)]
    Man(crate::command::man::Args),
}
