//! Maintenance switched on and off, with its end kept on the masters first: a mfsctl that dies in between leaves none
//! that nobody ends.

use std::time::{Duration, Instant};

use crate::command::failover::Seen;
use crate::command::operation::{self, Operation};
use crate::command::servers;
use crate::engine::run::{self, StopKind};
use crate::fact::takeover::master_port;
use crate::inventory::layout::maintenance::SCRIPT;
use crate::inventory::model::Role;
use crate::playbook::plan::{self, Scope};
use crate::playbook::{self};
use crate::protocol::{Chunkserver, Maintenance, ServerAnswer, ServerOrder};
use crate::remote::Request;
use crate::step::Consent;

/// Longest time until the master's list shows what it was told.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);

/// Puts what ends a maintenance in time onto the masters that can be reached.
///
/// # Errors
/// When it stands on none of them.
pub fn prepare(operation: &mut Operation, seen: &Seen) -> Result<(), String> {
    let playbook = playbook::embedded("maintenance").map_err(|e| e.to_string())?;
    let cluster = operation.cluster;
    let hosts = Some(cluster.with_role(Role::Master).map(|n| n.name.clone()).collect());
    let plan = plan::plan(&playbook, cluster, &seen.state, &Scope { hosts, ..Scope::default() }, &Consent::default())?;
    let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
    let results = run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
    let mut reasons = Vec::new();
    for (node, stopped) in results.iter().filter_map(|(n, r)| r.stopped.as_ref().map(|s| (n, s))) {
        if stopped.kind != StopKind::Unknown {
            operation.monitor.note(&format!("{node}: {}", stopped.reason));
        }
        reasons.push(format!("{node}: {}", stopped.reason));
    }
    if reasons.len() < results.len() { Ok(()) } else { Err(format!("no master keeps the end of a maintenance: {}", reasons.join("; "))) }
}

/// Runs the script on every master that is connected; what failed, by node.
fn on_masters(operation: &mut Operation, words: &[String]) -> (usize, Vec<String>) {
    let (mut done, mut failed) = (0, Vec::new());
    let request = Request::new(words.to_vec()).within(Duration::from_secs(30));
    for node in operation.cluster.with_role(Role::Master) {
        match operation.fleet.slot(&node.name).open().map(|t| t.run(&request)) {
            Some(Ok(output)) if output.success() => done += 1,
            Some(Ok(output)) => failed.push(format!("{}: {}", node.name, output.error_text().trim())),
            Some(Err(error)) => failed.push(error.to_string()),
            None => failed.push(format!("{}: not connected", node.name)),
        }
    }
    (done, failed)
}

fn key(server: &Chunkserver) -> String {
    format!("{}:{}", server.address, server.port)
}

/// Begins it, or gives it a new end.
///
/// # Errors
/// When no master keeps the end (then it was not begun), or the master's list does not show it.
pub fn on(operation: &mut Operation, server: &Chunkserver, time: Duration, note: &str) -> Result<(), String> {
    let cluster = operation.cluster;
    let words = [
        SCRIPT.to_owned(),
        "limit".to_owned(),
        key(server),
        time.as_secs().to_string(),
        cluster.vip.address.to_string(),
        master_port(cluster).to_string(),
        operation::operator(),
        note.to_owned(),
    ];
    let (done, failed) = on_masters(operation, &words);
    if done == 0 {
        return Err(format!("no master keeps its end, so it was not begun: {}", failed.join("; ")));
    }
    for reason in failed {
        operation.monitor.note(&format!("warning: {reason}: the end of the maintenance is not kept there"));
    }
    tell(operation, server, ServerOrder::MaintenanceOn)
}

/// Ends it; its end is forgotten only when the master's list shows that it is over.
///
/// # Errors
/// When the master's list does not show it.
pub fn off(operation: &mut Operation, server: &Chunkserver) -> Result<(), String> {
    tell(operation, server, ServerOrder::MaintenanceOff)?;
    // What stays there ends what has ended: harmless.
    let script = format!("[ ! -e {SCRIPT} ] || exec {SCRIPT} clear \"$1\"");
    on_masters(operation, &["sh".to_owned(), "-c".to_owned(), script, "mfsctl".to_owned(), key(server)]);
    Ok(())
}

/// Tells the master, until its list shows it.
fn tell(operation: &mut Operation, server: &Chunkserver, order: ServerOrder) -> Result<(), String> {
    let cluster = operation.cluster;
    let end = Instant::now() + SHOWN_WITHIN;
    loop {
        let answer = servers::order(cluster, &mut operation.fleet, order, server.address, server.port);
        let shown = servers::told(cluster, &mut operation.fleet).map(|told| {
            let found = told.chunkservers.into_iter().find(|s| (s.address, s.port) == (server.address, server.port));
            found.is_some_and(|s| is(&s, order))
        });
        let reason = match (&answer, &shown) {
            (_, Ok(true)) => return Ok(()),
            (Ok(ServerAnswer::NotFound), _) => return Err(ServerAnswer::NotFound.words()),
            (Ok(ServerAnswer::Done), Ok(false)) => format!("the master said done, but its list does not show \"{}\"", order.words()),
            (Ok(answer), _) => answer.words(),
            (Err(reason), _) => reason.clone(),
        };
        if Instant::now() >= end || operation.interrupt.requested() {
            return Err(format!("{}: {reason}", order.words()));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Whether the list shows what was ordered. A server that has stopped cleanly is in a temporary maintenance of its own,
/// which holds replication back as well; the master says "done" and leaves it at that (3.0.117).
fn is(server: &Chunkserver, order: ServerOrder) -> bool {
    match order {
        ServerOrder::MaintenanceOn => {
            server.maintenance == Maintenance::On || (!server.connected && server.maintenance != Maintenance::Off)
        }
        ServerOrder::MaintenanceOff => server.maintenance != Maintenance::On,
        ServerOrder::Remove | ServerOrder::BackToWork => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "switch_tests.rs"]
mod tests;
