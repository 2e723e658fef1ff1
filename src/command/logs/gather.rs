//! Asking every node once for its log.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Choice, LINES_SEARCHED};
use crate::command::status::gather::{now, without_name};
use crate::engine::fleet::Fleet;
use crate::fact::log::{self, Clock, HostLog, Wanted};
use crate::inventory::model::{Cluster, Node};
use crate::remote::Transport;
use crate::survey;

/// Longest time for the log of one node: a journal of gigabytes is read through.
const DEADLINE: Duration = Duration::from_secs(90);

/// What became of one node.
pub struct Asked {
    /// Its name.
    pub node: String,
    /// Its log, or why there is none.
    pub log: Result<HostLog, String>,
    /// How far its clock is off.
    pub clock: Clock,
}

/// Asks the chosen nodes at once, in one round trip each; in the inventory's order.
pub fn gather(cluster: &Cluster, choice: &Choice, fleet: &mut Fleet) -> Vec<Asked> {
    let names: BTreeSet<String> = choice.nodes.iter().cloned().collect();
    let connector = fleet.connector();
    let mut seen = fleet.each(&names, |node, slot, gate| {
        gate.pass(|| match slot.connect(connector, node) {
            Ok(transport) => ask(cluster, choice, node, transport),
            Err(error) => Asked { node: node.name.clone(), log: Err(without_name(node, &error.to_string())), clock: Clock::default() },
        })
    });
    choice.nodes.iter().filter_map(|n| seen.remove(n)).collect()
}

fn ask(cluster: &Cluster, choice: &Choice, node: &Node, transport: &mut dyn Transport) -> Asked {
    let sources = choice.sources(cluster, node);
    let lines = if choice.grep.is_some() { choice.lines.max(LINES_SEARCHED) } else { choice.lines };
    let wanted = Wanted { sources: &sources, since: choice.since, until: choice.until, lines };
    let question = log::ask(&wanted);
    let sent = now();
    let answer = survey::ask(node, transport, std::slice::from_ref(&question), DEADLINE);
    let received = now();
    let log = answer
        .map_err(|e| without_name(node, &e.to_string()))
        .and_then(|mut answers| answers.remove(&question.name).ok_or_else(|| "no answer".to_owned()))
        .and_then(|answer| log::parse(&wanted, &answer).map_err(|e| e.to_string()));
    let clock = log.as_ref().map(|l| Clock::measured(sent, l.clock.0, l.clock.1, received)).unwrap_or_default();
    Asked { node: node.name.clone(), log, clock }
}
