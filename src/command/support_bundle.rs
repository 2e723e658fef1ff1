//! `mfsctl support-bundle`: everything somebody needs who is to help, without a secret, in one file.

mod collect;
mod write;

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::archive::ArchiveError;
use crate::command::when;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::report::{self, format};

/// Collect what somebody needs who is to help, without secrets, in one file
///
/// Of every node: what the survey found, the logs, the configuration files, units
/// with their drop-ins, versions, volumes; of the cluster: status and findings, the
/// inventory without its secrets, the runs of mfsctl. Passwords, AUTH_CODE, shared
/// secrets, tokens and credentials in addresses are masked everywhere; host names,
/// addresses, paths and mail addresses are not: look before you send it.
///
/// A node that cannot be reached is noted in MANIFEST.json and is no failure.
/// The file is readable for its owner only.
///
/// Examples:
///   mfsctl support-bundle
///   mfsctl support-bundle --to /tmp/case-1234.tar.gz --since 6h
///   mfsctl support-bundle --format json | jq .missing
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The file to write; into a directory, under a name of its own
    #[arg(long, value_name = "FILE", default_value = ".")]
    pub to: PathBuf,
    /// Logs not before this time (10m, 2h, yesterday, 19:30, RFC 3339)
    #[arg(long, value_name = "WHEN", default_value = "24h")]
    pub since: String,
    /// The last N log lines of each node
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub lines: u32,
}

/// Collects and writes.
///
/// # Errors
/// A wrong inventory or flag; the file cannot be written.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let now = jiff::Zoned::now();
    let since = when::parse("--since", &args.since, &now)?;
    let cluster = context.cluster()?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let root = format!("mfsctl-support-{}-{}", cluster.name.chars().map(plain).collect::<String>(), now.strftime("%Y%m%dT%H%M%S"));
    let path = if args.to.is_dir() { args.to.join(format!("{root}.tar.gz")) } else { args.to.clone() };
    if path.symlink_metadata().is_ok() {
        return Err(Error::input(format!("{}: there is a file already", path.display())).hint("name another file with --to"));
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(
            Error::input(format!("{}: no such directory", parent.display())).hint("name a file in a directory that is there with --to")
        );
    }
    report::say(&format!("asking {} nodes …", cluster.nodes.len()));
    let connector = context.connector();
    let wanted = collect::Wanted { since: since.as_second(), lines: args.lines as usize };
    let collected = collect::collect(&cluster, &connector, usize::from(context.global.jobs), &wanted);
    let contents = write::write(&path, &root, &now, &cluster, &collected).map_err(|error| failed(&error))?;
    let size = path.metadata().map_or(0, |m| m.len());
    if context.json() {
        let document = json!({ "path": path, "bytes": size, "files": contents.files.len(), "missing": contents.missing });
        report::data(&format!("{document:#}"));
        return Ok(());
    }
    let mut text = format!("{}  {}, {} files\n", path.display(), format::bytes(size), contents.files.len());
    for one in &contents.missing {
        text.push_str(&format!("  not in it: {}: {}: {}\n", one.node, one.what, format::clean(&one.why)));
    }
    text.push_str("  secrets are masked; names and addresses are in it: look before you send it\n");
    report::data(&text);
    Ok(())
}

fn failed(error: &ArchiveError) -> Error {
    Error::failed(error.to_string()).hint("its directory must be writable and have room: --to names another")
}
