//! `mfsctl notify`: whether alerts reach the people they are for.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Subcommand;

use crate::command::operation;
use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Kind, Result};
use crate::fact::alert;
use crate::inventory::layout::alerts as at;
use crate::inventory::model::{Cluster, Node, Notify, Role};
use crate::remote::{Exit, Request, Transport};
use crate::report::mask::Masker;
use crate::report::notify::{NodeResult, json, text};
use crate::report::{self, table};

/// Every way is tried at once, each for 40 s at most.
const DEADLINE: Duration = Duration::from_secs(90);

/// Find out whether alerts reach the people they are for
///
/// The masters tell of every takeover, fault and loss of replication by mail and
/// webhook, as `notify` of the inventory says (docs/alerts.md).
///
/// Examples:
///   mfsctl notify test
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Test(TestArgs),
}

/// Send a test alert from each master, every way there is
///
/// Through every mail account to every receiver, and to the webhook: also those
/// that would be tried only when the first fails. Prints what each server said.
///
/// Exit status: 0 every way works, 1 some do not, 2 wrong inventory or flags,
/// 4 a master could not be asked.
///
/// Examples:
///   mfsctl notify test
///   mfsctl notify test --limit node1
///   mfsctl notify test --format json | jq '.results[] | select(.ok | not)'
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
struct TestArgs {
    /// Only from these masters
    #[arg(long, value_name = "HOSTS")]
    limit: Option<String>,
}

/// Runs it.
///
/// # Errors
/// A wrong inventory; ways that do not work; masters that cannot be asked.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let What::Test(args) = &args.command;
    let cluster = context.cluster()?;
    if cluster.notify.is_empty() {
        let hint = "add `notify:` with `smtp` and `to`, or `webhook`, and run `mfsctl provision` (docs/alerts.md)";
        return Err(Error::input("the inventory names nobody who is to be told").hint(hint));
    }
    let masters = masters(&cluster, args.limit.as_deref())?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    report::say(&format!("sending test alerts from {} …", masters.iter().cloned().collect::<Vec<_>>().join(" and ")));
    let mut said = fleet.each(&masters, |node, slot, gate| {
        gate.pass(|| match slot.connect(&connector, node) {
            Ok(transport) => ask(node, transport),
            Err(error) => Err(without_name(node, &error.to_string())),
        })
    });
    let masker = Masker::new(&cluster);
    let results: Vec<NodeResult> =
        cluster.nodes.iter().filter_map(|n| said.remove(&n.name).map(|tried| mask(&masker, &n.name, tried))).collect();
    if context.json() {
        report::data(&format!("{:#}", json(&results)));
    } else {
        report::data(&text(&results, context.color, table::terminal_width()));
    }
    verdict(&cluster.notify, &results)
}

fn masters(cluster: &Cluster, limit: Option<&str>) -> Result<BTreeSet<String>> {
    let chosen = limit.map(|limit| operation::select(cluster, limit)).transpose()?;
    let masters = cluster.with_role(Role::Master).map(|n| n.name.clone());
    let masters: BTreeSet<String> = masters.filter(|n| chosen.as_ref().is_none_or(|c| c.contains(n))).collect();
    if masters.is_empty() {
        return Err(Error::input("--limit names no master").hint("alerts are sent from the masters only"));
    }
    Ok(masters)
}

fn ask(node: &Node, transport: &mut dyn Transport) -> std::result::Result<Vec<alert::Tried>, String> {
    let output = transport.run(&Request::new([at::SCRIPT, "test"]).within(DEADLINE)).map_err(|e| without_name(node, &e.to_string()))?;
    match output.exit {
        Exit::Code(0) => alert::parse(&output.text()).map_err(|e| e.to_string()),
        // env(1) and sh(1): no such program; mfs-alert: no settings.
        Exit::Code(78 | 126 | 127) => Err("no alerts are installed there: run `mfsctl provision`".to_owned()),
        ref exit => {
            let said = output.error_text();
            Err(format!("mfs-alert ended with {exit:?}: {}", said.lines().last().unwrap_or("no word")))
        }
    }
}

fn without_name(node: &Node, reason: &str) -> String {
    reason.strip_prefix(&format!("{}: ", node.name)).unwrap_or(reason).to_owned()
}

/// A server may repeat what it was told.
fn mask(masker: &Masker, node: &str, tried: std::result::Result<Vec<alert::Tried>, String>) -> NodeResult {
    let tried = tried
        .map(|all| all.into_iter().map(|t| alert::Tried { words: masker.mask(&t.words), account: masker.mask(&t.account), ..t }).collect())
        .map_err(|reason| masker.mask(&reason));
    NodeResult { node: node.to_owned(), tried }
}

/// Ways of the inventory that this node said nothing of: it has other settings, or no room to tell.
fn untold(notify: &Notify, tried: &[alert::Tried]) -> Vec<String> {
    let mail = notify.smtp.iter().flat_map(|account| notify.to.iter().map(move |to| (account, to)));
    let untold = mail.filter(|(account, to)| {
        let host = if account.host.contains(':') { format!("[{}]", account.host) } else { account.host.clone() };
        let at = format!("://{host}:{}, ", account.port);
        !tried.iter().any(|t| t.way == "mail" && t.to == **to && (t.account.contains(&at) || t.curl == -1))
    });
    let mut untold: Vec<String> = untold.map(|(account, to)| format!("{to} by {}:{}", account.host, account.port)).collect();
    if notify.webhook.is_some() && !tried.iter().any(|t| t.way == "webhook") {
        untold.push("the webhook".to_owned());
    }
    untold
}

fn verdict(notify: &Notify, results: &[NodeResult]) -> Result<()> {
    let unknown: Vec<&str> = results.iter().filter(|r| r.tried.is_err()).map(|r| r.node.as_str()).collect();
    if !unknown.is_empty() {
        return Err(Error::new(Kind::Incomplete, format!("not known: {}", unknown.join(", "))));
    }
    let missing = |r: &NodeResult| {
        let untold = untold(notify, r.tried.as_deref().unwrap_or_default());
        (!untold.is_empty()).then(|| format!("{}: {}", r.node, untold.join(", ")))
    };
    let missing: Vec<String> = results.iter().filter_map(missing).collect();
    if !missing.is_empty() {
        return Err(Error::failed(format!("not tested, because the node does not know of it: {}", missing.join("; ")))
            .hint("run `mfsctl provision`: the node has other settings than the inventory"));
    }
    let all: Vec<bool> = results.iter().flat_map(|r| r.tried.iter().flatten()).map(|t| t.ok).collect();
    match all.iter().filter(|ok| !**ok).count() {
        0 => Ok(()),
        n => Err(Error::failed(format!("{n} of {} ways do not work", all.len()))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::inventory::model::Smtp;

    #[test]
    fn a_way_of_the_inventory_that_was_not_tried_is_a_failure() {
        let line = |way: &str, account: &str, to: &str, curl: i32| {
            format!(r#"{{"way":"{way}","account":"{account}","to":"{to}","ok":true,"curl":{curl},"words":"250 ok","seconds":0.1}}"#)
        };
        let worker = line("worker", "", "", 0);
        let mail = line("mail", "smtp://mail.example.com:25, none, as mfs", "ops@example.com", 0);
        let account = Smtp {
            host: "mail.example.com".to_owned(),
            port: 25,
            security: "none".to_owned(),
            user: None,
            password: None,
            from: "mfs@example.com".to_owned(),
        };
        let results = |lines: &[&String]| {
            let text: Vec<&str> = lines.iter().map(|l| l.as_str()).collect();
            [NodeResult { node: "m1".to_owned(), tried: Ok(alert::parse(&text.join("\n")).unwrap()) }]
        };
        let mut notify = Notify { to: vec!["ops@example.com".to_owned()], smtp: vec![account], ..Notify::default() };
        assert!(verdict(&notify, &results(&[&worker, &mail])).is_ok());
        let error = verdict(&notify, &results(&[&worker])).unwrap_err();
        assert!(error.to_string().contains("m1: ops@example.com by mail.example.com:25"), "{error}");
        notify.to.push("new@example.com".to_owned());
        assert!(verdict(&notify, &results(&[&worker, &mail])).unwrap_err().to_string().contains("new@example.com"));
    }
}
