//! `mfsctl logs`: the journals of all nodes as one, in the order of time.

mod follow;
mod gather;
mod window;

use regex::{Regex, RegexBuilder};

pub use gather::{Asked, gather};

use crate::command::{operation, when};
use crate::context::Context;
use crate::engine::fleet::Fleet;
use crate::error::{Error, Kind, Result};
use crate::fact::log::{Line, misplaced};
use crate::inventory::layout::logs::{Source, WORDS, sources};
use crate::inventory::model::{Cluster, Node};
use crate::report::logs::Style;
use crate::report::{self, redact};

/// Lines of a node when nothing says how many.
const LINES: usize = 200;
/// Lines of a node when times say which.
const LINES_BETWEEN: usize = 10_000;
/// Lines of a node that are searched.
const LINES_SEARCHED: usize = 50_000;
/// Lines of a node before those that are followed.
const LINES_BEFORE: usize = 10;

/// Show the logs of all nodes as one, in the order of time
///
/// Keepalived, DRBD (the kernel's messages too), the MooseFS daemons, the takeover's
/// agent and script, alerts: from each node's journal, or /var/log/messages and
/// syslog where there is none. The node stands before every line. Secrets are masked.
///
/// WHEN is a span back from now (10m, 2h, 1d), today, yesterday, 19:30,
/// 2026-11-24, "2026-11-24 19:30", or RFC 3339.
///
/// Exit status: 0 all nodes were asked, 2 wrong inventory or flags, 4 a node
/// could not be asked (the others are shown).
///
/// Examples:
///   mfsctl logs
///   mfsctl logs masters --since 10m
///   mfsctl logs node1 node2 --follow
///   mfsctl logs --since 02:00 --until 02:30 --grep 'fault|lost' --unit ha --unit drbd
///   mfsctl logs --since 1h --format json | jq -r .message
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Nodes, roles or patterns; all nodes when none is named
    #[arg(value_name = "NODE|ROLE")]
    pub nodes: Vec<String>,
    /// Go on showing lines as they come, until Ctrl-C
    #[arg(short, long, conflicts_with = "until")]
    pub follow: bool,
    /// Not before this time
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Not after this time
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only lines whose words fit this regular expression; all in small letters it fits capitals too
    #[arg(short, long, value_name = "PATTERN")]
    pub grep: Option<String>,
    /// Only these: keepalived, drbd, master, metalogger, chunkserver, client, monitor, ha, alert, or a unit's full name
    #[arg(short, long, value_name = "UNIT")]
    pub unit: Vec<String>,
    /// The last N lines of each node [default: 200; 10000 with --since or --until; 10 with --follow]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub lines: Option<u32>,
}

/// What is wanted, checked.
pub struct Choice {
    /// Nodes, in the inventory's order.
    pub nodes: Vec<String>,
    units: Vec<String>,
    grep: Option<Regex>,
    since: Option<i64>,
    until: Option<i64>,
    lines: usize,
}

impl Choice {
    fn new(cluster: &Cluster, args: &Args) -> Result<Self> {
        let chosen = if args.nodes.is_empty() { None } else { Some(operation::named(cluster, &args.nodes.join(","))?) };
        let names = cluster.nodes.iter().map(|n| n.name.clone());
        let nodes = names.filter(|n| chosen.as_ref().is_none_or(|c| c.contains(n))).collect();
        if let Some(odd) = args.unit.iter().find(|u| !WORDS.contains(&u.as_str()) && !u.contains('.')) {
            return Err(Error::input(format!("--unit {odd}: no such subject"))
                .hint(format!("{}, or a unit's full name (x.service)", WORDS.join(", "))));
        }
        let now = jiff::Zoned::now();
        let time = |flag, text: &Option<String>| text.as_deref().map(|t| when::parse(flag, t, &now)).transpose();
        let (since, until) = (time("--since", &args.since)?, time("--until", &args.until)?);
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            return Err(Error::input(format!("--since {since} is after --until {until}")));
        }
        let default = match (args.follow, since.is_some() || until.is_some()) {
            (_, true) => LINES_BETWEEN,
            (true, false) => LINES_BEFORE,
            (false, false) => LINES,
        };
        Ok(Self {
            nodes,
            units: args.unit.clone(),
            grep: args.grep.as_deref().map(pattern).transpose()?,
            since: since.map(|t| t.as_second()),
            until: until.map(|t| t.as_second()),
            lines: args.lines.map_or(default, |n| n as usize),
        })
    }

    /// Whose lines are asked for on a node.
    fn sources(&self, cluster: &Cluster, node: &Node) -> Vec<Source> {
        let all = sources(cluster, node);
        if self.units.is_empty() {
            return all;
        }
        let by_name = self.units.iter().filter(|u| u.contains('.'));
        let named = by_name.map(|u| Source { word: u.clone(), units: vec![u.clone()], identifiers: Vec::new(), kernel: None });
        all.into_iter().filter(|s| self.units.contains(&s.word)).chain(named).collect()
    }

    fn fits(&self, line: &Line) -> bool {
        self.grep.as_ref().is_none_or(|g| g.is_match(&line.message))
    }
}

fn pattern(text: &str) -> Result<Regex> {
    let insensitive = !text.chars().any(char::is_uppercase);
    RegexBuilder::new(text).case_insensitive(insensitive).size_limit(1 << 20).build().map_err(|e| {
        Error::input(format!("--grep {text}: {}", e.to_string().lines().last().unwrap_or("no regular expression")))
            .hint("see https://docs.rs/regex/latest/regex/#syntax; put \\ before a character that is meant as itself")
    })
}

/// Gathers and prints, and follows.
///
/// # Errors
/// Wrong input; nodes that could not be asked.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let cluster = context.cluster()?;
    let choice = Choice::new(&cluster, args)?;
    let connector = context.connector();
    let mut fleet = Fleet::new(&cluster, &connector, usize::from(context.global.jobs));
    let style = Style::new(
        choice.nodes.iter().map(String::as_str).collect(),
        context.color,
        context.json(),
        jiff::tz::TimeZone::system(),
        redact::thorough(&cluster),
    );
    let asked = gather(&cluster, &choice, &mut fleet);
    let failed: Vec<&str> = asked.iter().filter(|a| a.log.is_err()).map(|a| a.node.as_str()).collect();
    let fitting = fitting(&choice, &asked);
    let lines = merged(&choice, &fitting);
    notes(&choice, &asked, &fitting, &lines).iter().for_each(|note| report::say(note));
    // Stops where nobody reads any more.
    let goes_on = lines.into_iter().all(|(node, line)| report::flow(&style.line(&asked[node].node, line)));
    if args.follow && goes_on {
        return follow::follow(&cluster, &choice, &asked, &mut fleet, &style);
    }
    if failed.is_empty() { Ok(()) } else { Err(Error::new(Kind::Incomplete, format!("not asked: {}", failed.join(", ")))) }
}

/// The lines of each node that are wanted, also those that are too many.
fn fitting<'a>(choice: &Choice, asked: &'a [Asked]) -> Vec<Vec<&'a Line>> {
    let of = |one: &'a Asked| one.log.iter().flat_map(|log| &log.lines).filter(|l| choice.fits(l)).collect();
    asked.iter().map(of).collect()
}

/// The last of them in the order of time; those of one node, and of one microsecond, as they were.
fn merged<'a>(choice: &Choice, fitting: &[Vec<&'a Line>]) -> Vec<(usize, &'a Line)> {
    let mut lines: Vec<(usize, &Line)> = Vec::new();
    for (at, own) in fitting.iter().enumerate() {
        let from = own.len().saturating_sub(choice.lines);
        lines.extend(own[from..].iter().map(|l| (at, *l)));
    }
    lines.sort_by_key(|(_, line)| line.time);
    lines
}

/// What a reader must know beside the lines.
fn notes(choice: &Choice, asked: &[Asked], fitting: &[Vec<&Line>], lines: &[(usize, &Line)]) -> Vec<String> {
    let mut notes = Vec::new();
    for (one, own) in asked.iter().zip(fitting) {
        match &one.log {
            Err(reason) => notes.push(format!("{}: not asked: {reason}", one.node)),
            Ok(log) => {
                if own.len() > choice.lines {
                    notes.push(format!(
                        "{}: only the last {} lines are shown; more with --lines, others with --until",
                        one.node, choice.lines
                    ));
                } else if log.cut {
                    let what = if choice.grep.is_some() { "searched" } else { "shown" };
                    notes.push(format!("{}: older lines are not {what}; more with --lines, others with --until", one.node));
                }
                if log.odd > 0 {
                    notes.push(format!("{}: {} lines make no sense and are left out", one.node, log.odd));
                }
                if log.from_files {
                    notes.push(format!("{}: no journal there: lines are from /var/log, their times mostly whole seconds", one.node));
                }
            }
        }
    }
    let shown: Vec<(usize, i64)> = lines.iter().map(|(at, line)| (*at, line.time)).collect();
    let clocks: Vec<_> = asked.iter().map(|a| a.clock).collect();
    let count = misplaced(&shown, &clocks);
    if count > 0 {
        let off = asked.iter().filter(|a| a.clock.ahead.abs() > a.clock.unsure.max(0.01));
        let off: Vec<String> = off.map(|a| format!("{} {:+.2} s", a.node, a.clock.ahead)).collect();
        notes.push(format!("clocks differ ({} from this machine's): {count} lines stand in the wrong place", off.join(", ")));
    }
    notes
}

#[cfg(test)]
#[path = "logs/tests.rs"]
mod tests;
