//! `mfsctl inventory`: looks at inventories, and writes new ones.

use std::io::Write;
use std::net::Ipv4Addr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::context::{Context, error_count, inventory_error};
use crate::error::{Error, Result};
use crate::inventory::model::{Cluster, Role};
use crate::inventory::starter::{Secrets, Starter};
use crate::inventory::{self, Diagnostic, LoadOptions};
use crate::report;

/// Check, show or write inventories
///
/// Examples:
///   mfsctl inventory init --vip 10.0.0.10 --masters a=10.0.0.11,b=10.0.0.12
///   mfsctl -i prod.yaml inventory check
///   mfsctl -i prod.yaml inventory show --node a
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to do with it
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with an inventory.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Check the inventory: every error at once, each with its place and its fix
    ///
    /// Exit status: 0 when it is good (warnings included), 2 when it is not.
    ///
    /// Examples:
    ///   mfsctl -i prod.yaml inventory check
    ///   mfsctl -i prod.yaml inventory check --without-secrets    # where the secrets are not at hand
    #[command(verbatim_doc_comment)]
    Check(Reading),
    /// Show what the inventory resolves to: defaults, groups and nodes folded, secrets masked
    ///
    /// Examples:
    ///   mfsctl -i prod.yaml inventory show
    ///   mfsctl -i prod.yaml inventory show --node node3 --format json
    #[command(verbatim_doc_comment)]
    Show(Show),
    /// Print the JSON Schema of inventories, for editors
    ///
    /// Examples:
    ///   mfsctl inventory schema > inventory.schema.json
    ///   # first line of an inventory:  # yaml-language-server: $schema=inventory.schema.json
    #[command(verbatim_doc_comment)]
    Schema,
    /// Write a new inventory with fresh random secrets; never overwrites a file
    ///
    /// Without flags it describes the reference cluster of eight nodes, to be edited.
    ///
    /// Examples:
    ///   mfsctl inventory init
    ///   mfsctl -i prod.yaml inventory init --name prod --vip 10.0.0.10 --disk /dev/sdb \
    ///     --masters a=10.0.0.11,b=10.0.0.12 --chunkservers c=10.0.0.13,d=10.0.0.14,e=10.0.0.15 --clients f=10.0.0.16
    #[command(verbatim_doc_comment)]
    Init(Init),
}

/// How an inventory is read.
#[derive(Debug, clap::Args)]
pub struct Reading {
    /// Leave !env, !file, !command and !age secrets unread
    #[arg(long)]
    pub without_secrets: bool,
}

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Only this node
    #[arg(long, value_name = "NAME")]
    pub node: Option<String>,
    /// How the inventory is read.
    #[command(flatten)]
    pub reading: Reading,
}

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// Name of the cluster
    #[arg(long)]
    pub name: Option<String>,
    /// The virtual IP
    #[arg(long, value_name = "ADDRESS")]
    pub vip: Option<Ipv4Addr>,
    /// Dedicated disk of the masters
    #[arg(long, value_name = "DEVICE")]
    pub disk: Option<String>,
    /// The two masters
    #[arg(long, value_name = "NAME=ADDRESS,…", value_delimiter = ',', value_parser = node)]
    pub masters: Vec<(String, Ipv4Addr)>,
    /// Chunkservers
    #[arg(long, value_name = "NAME=ADDRESS,…", value_delimiter = ',', value_parser = node)]
    pub chunkservers: Vec<(String, Ipv4Addr)>,
    /// Clients
    #[arg(long, value_name = "NAME=ADDRESS,…", value_delimiter = ',', value_parser = node)]
    pub clients: Vec<(String, Ipv4Addr)>,
}

fn node(text: &str) -> std::result::Result<(String, Ipv4Addr), String> {
    let (name, address) = text.split_once('=').ok_or("write NAME=ADDRESS")?;
    Ok((name.to_owned(), address.parse().map_err(|_| format!("{address:?} is not an IPv4 address"))?))
}

/// Runs `mfsctl inventory`.
///
/// # Errors
/// A wrong inventory, an unknown node, a file that cannot be written.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    match &args.action {
        Action::Check(reading) => check(context, reading),
        Action::Show(args) => show(context, args),
        Action::Schema => {
            report::data(&pretty(&inventory::schema::schema())?);
            Ok(())
        }
        Action::Init(args) => init(&context.global.inventory, args),
    }
}

fn check(context: &Context, reading: &Reading) -> Result<()> {
    if !context.json() {
        let loaded = context.load(reading.without_secrets)?;
        report::data(&format!("ok: {}", summary(&loaded.cluster)));
        return Ok(());
    }
    let (path, overlays) = context.inventory()?;
    let (age_identities, without_secrets) = (context.global.age_identity.clone(), reading.without_secrets);
    let options = LoadOptions { overlays, age_identities, without_secrets, draft: false };
    let result = inventory::load(&path, &options);
    let (nodes, told) = match &result {
        Ok(loaded) => (loaded.cluster.nodes.len(), &loaded.warnings),
        Err(errors) => (0, errors),
    };
    let list = |warning: bool| -> Vec<serde_json::Value> { told.iter().filter(|d| d.warning == warning).map(json).collect() };
    report::data(&pretty(&serde_json::json!({ "ok": result.is_ok(), "nodes": nodes, "errors": list(false), "warnings": list(true) }))?);
    result.map(drop).map_err(|errors| Error::input(error_count(&errors)))
}

fn json(found: &Diagnostic) -> serde_json::Value {
    serde_json::json!({ "file": found.file, "line": found.line, "column": found.column, "message": found.message, "hint": found.hint })
}

fn show(context: &Context, args: &Show) -> Result<()> {
    let cluster = context.load(args.reading.without_secrets)?.cluster;
    let text = match &args.node {
        None if context.json() => pretty(&cluster)?,
        None => yaml(&cluster)?,
        Some(name) => {
            let nodes: Vec<&str> = cluster.nodes.iter().map(|n| n.name.as_str()).collect();
            let unknown = || Error::input(format!("no node {name:?} in the inventory")).hint(format!("nodes: {}", nodes.join(", ")));
            let node = cluster.node(name).ok_or_else(unknown)?;
            if context.json() { pretty(node)? } else { yaml(node)? }
        }
    };
    report::data(&text);
    Ok(())
}

/// `8 nodes (2 masters, 2 metaloggers, 3 chunkservers, 3 clients)`.
fn summary(cluster: &Cluster) -> String {
    let some = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let roles = [Role::Master, Role::Metalogger, Role::Chunkserver, Role::Client];
    let parts: Vec<String> = roles.iter().map(|r| some(cluster.with_role(*r).count(), r.word())).collect();
    format!("{} ({})", some(cluster.nodes.len(), "node"), parts.join(", "))
}

fn pretty(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map(|t| t + "\n").map_err(|e| Error::failed(format!("cannot write JSON: {e}")))
}

fn yaml(value: &impl serde::Serialize) -> Result<String> {
    serde_yaml::to_string(value).map_err(|e| Error::failed(format!("cannot write YAML: {e}")))
}

fn init(path: &Path, args: &Init) -> Result<()> {
    let mut starter = Starter::default();
    if !args.masters.is_empty() || args.vip.is_some() {
        if args.masters.len() != 2 || args.vip.is_none() {
            return Err(Error::input("--masters and --vip belong together: two masters and their virtual IP")
                .hint("e.g. --vip 10.0.0.10 --masters a=10.0.0.11,b=10.0.0.12"));
        }
        starter.masters.clone_from(&args.masters);
        starter.chunkservers.clone_from(&args.chunkservers);
        starter.clients.clone_from(&args.clients);
    } else if !args.chunkservers.is_empty() || !args.clients.is_empty() {
        return Err(Error::input("--chunkservers and --clients need --masters and --vip"));
    }
    starter.vip = args.vip.unwrap_or(starter.vip);
    starter.name = args.name.clone().unwrap_or(starter.name);
    starter.disk = args.disk.clone().unwrap_or(starter.disk);
    if let Some(clash) = starter.clash() {
        return Err(Error::input(format!("{clash}; nothing was written")).hint("correct the flags"));
    }
    let text = starter.render(&Secrets::random());
    let name = path.display().to_string();
    let check = |text: &str| {
        let texts = [inventory::Text { name: name.clone(), text: text.to_owned() }];
        let around =
            inventory::Surroundings { base: Path::new(""), home: None, source: &inventory::source::Placeholders, readable_file: None };
        inventory::parse(&texts, &around)
    };
    let checked = check(&text);
    if let Err(errors) = &checked
        && errors.iter().any(|e| !e.warning && e.message.starts_with("unsafe"))
    {
        return Err(inventory_error(errors).hint("nothing was written: correct the flags"));
    }
    write_new(path, &text)?;
    report::say(&format!("wrote {name} (mode 0600, it holds fresh secrets)"));
    match checked {
        Ok(loaded) => report::say(&format!("next: edit it, then `mfsctl -i {name} inventory check`; now {}", summary(&loaded.cluster))),
        Err(errors) => report::say(&format!(
            "still to do before it is complete:\n{}",
            errors.iter().map(|e| format!("{e}\n")).collect::<String>().trim_end()
        )),
    }
    Ok(())
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let show = path.display();
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Error::input(format!("{show} exists already, it is left as it is"))
            .hint("name another file: mfsctl -i other.yaml inventory init"),
        _ => {
            Error::failed(format!("cannot write {show}: {e}")).hint("its directory must exist and be writable; -i FILE names another place")
        }
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::failed(format!("cannot write {show}: {e}")))
}
