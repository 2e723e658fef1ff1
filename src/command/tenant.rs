//! `mfsctl tenant`: a business's directory, export and mounts, made and taken away in one command.

mod add;
mod entry;
mod remove;

use std::collections::BTreeSet;

use crate::command::status::gather;
use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Kind, Result};
use crate::health::tenants::{self, Standing};
use crate::health::{MasterAnswer, clients};
use crate::inventory::model::{Cluster, Role, Tenant};
use crate::report::{self, table};

/// List, add and remove tenants: a folder with an export, a password and mounts of its own
///
/// Examples:
///   mfsctl tenant list
///   mfsctl tenant add business1 --client node7 --quota 500GiB --trashtime 7d
///   mfsctl tenant remove business1
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// Show the inventory's tenants: directory, settings, export, mounts
    ///
    /// Changes nothing. Directories and settings are seen through a mount of / on the first
    /// client; without one they are not known.
    ///
    /// Exit status: 0 all are as they should be (directories as far as they are seen),
    /// 1 anything else, or not known, 2 wrong inventory.
    ///
    /// Examples:
    ///   mfsctl tenant list
    ///   mfsctl tenant list --format json | jq '.tenants[].tenant.name'
    #[command(verbatim_doc_comment)]
    List,
    Add(add::AddArgs),
    Remove(remove::RemoveArgs),
}

/// Runs it.
///
/// # Errors
/// What the subcommand ends with.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.command {
        Sub::List => list(context),
        Sub::Add(args) => add::add(context, args),
        Sub::Remove(args) => remove::remove(context, args),
    }
}

fn list(context: &Context) -> Result<()> {
    let cluster = context.cluster()?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let (report, state) = gather::sight(&cluster, &mut fleet, &gather::survey, &|_, _| Ok(()), &|_| {});
    let rows = clients::rows(&cluster, &report, &state);
    let all = tenants::standings(&cluster, &report, &state, &rows);
    if context.json() {
        report::data(&format!("{:#}", report::tenants::document(&cluster.name, &all)));
    } else {
        report::data(&report::tenants::render(&all, context.color, table::terminal_width()));
    }
    verdict(&all, &report.master)
}

/// What is surely missing has its own way to be mended; what could not be asked has another.
fn verdict(all: &[Standing], master: &MasterAnswer) -> Result<()> {
    let named =
        |test: &dyn Fn(&Standing) -> bool| -> Vec<&str> { all.iter().filter(|t| test(t)).map(|t| t.tenant.name.as_str()).collect() };
    let ill = named(&|t| t.is_ill());
    if !ill.is_empty() {
        return Err(
            Error::failed(format!("not as they should be: {}", ill.join(", "))).hint("mfsctl tenant add NAME makes what is missing")
        );
    }
    let unknown = named(&|t| t.is_unknown() || matches!(master, MasterAnswer::Silent { .. }));
    if unknown.is_empty() {
        return Ok(());
    }
    let why = match master {
        MasterAnswer::Silent { reason } => format!("\nthe master does not answer: {reason}"),
        MasterAnswer::Answered { .. } => String::new(),
    };
    Err(Error::failed(format!("not known: {}{why}", unknown.join(", ")))
        .hint("mfsctl status says what cannot be asked, and what to do about it"))
}

/// The nodes a tenant's change is about: masters, its clients, and the client that makes directories.
fn concerned(cluster: &Cluster, tenant: &Tenant) -> BTreeSet<String> {
    let first = cluster.with_role(Role::Client).next();
    let masters = cluster.with_role(Role::Master);
    masters.chain(first).map(|n| n.name.clone()).chain(tenant.clients.iter().cloned()).collect()
}

/// Without a master nothing of a tenant can be made or seen.
fn refuse_silence(master: &MasterAnswer) -> Result<()> {
    let MasterAnswer::Silent { reason } = master else { return Ok(()) };
    Err(Error::new(Kind::Refused, format!("refused, nothing was changed: no master answers: {reason}"))
        .hint("mfsctl status says what to do about the master"))
}
