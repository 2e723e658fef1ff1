//! Looking: the survey and the master's word as `status` has them, the takeover's layers, and a second round trip to each
//! node for what only doctor asks. A node that does not answer is asked once and holds nobody up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::command::ha;
use crate::command::status::gather::{self, now};
use crate::engine::fleet::Fleet;
use crate::error::{Error, Result};
use crate::fact::checkup::{self, Checkup};
use crate::fact::reach::{self, Reached};
use crate::health::doctor::{Drift, Seen, judge};
use crate::health::ports::{self, Attempt};
use crate::health::view::offset_ms;
use crate::health::{ClusterReport, Finding};
use crate::inventory::model::{Cluster, Node};
use crate::playbook;
use crate::playbook::plan::{self, HostPlan, Scope};
use crate::remote::{Request, Transport};
use crate::step::{ClusterState, Consent, Outcome};
use crate::survey;

/// Longest time the reading of a clock may take.
const CLOCK: Duration = Duration::from_secs(10);
/// Readings of a clock; the one with the shortest round trip counts.
const READINGS: usize = 3;
/// Longest time the rest of the examination may take beside the ports.
const REST: Duration = Duration::from_secs(30);

/// What was found.
pub struct Diagnosis {
    /// The cluster as `status` knows it.
    pub report: ClusterReport,
    /// All findings, the worst first.
    pub findings: Vec<Finding>,
    /// Ports tried.
    pub attempts: Vec<Attempt>,
}

/// A node's second answer.
struct Examined {
    clock: Option<i64>,
    checkup: std::result::Result<Checkup, String>,
    reached: Option<Reached>,
}

/// Examines a cluster.
///
/// # Errors
/// When the embedded playbook cannot be read: nodes that cannot be asked are findings.
pub fn examine(cluster: &Cluster, fleet: &mut Fleet) -> Result<Diagnosis> {
    let (mut report, state) = gather::sight(cluster, fleet, &gather::survey, &|_, _| Ok(()), &|_| {});
    for view in report.nodes.iter().filter(|n| !n.reachable) {
        // Asked already, and its time limit waited for: not once more.
        fleet.slot(&view.name).leave_alone(view.unreachable_reason.as_deref().unwrap_or("it did not answer"));
    }
    let mut attempts = ports::wanted(cluster, &report);
    let targets = ports::targets(&attempts);
    let asked: BTreeSet<String> = report.nodes.iter().filter(|n| n.reachable).map(|n| n.name.clone()).collect();
    let connector = fleet.connector();
    let mut seen = fleet.each(&asked, |node, slot, gate| {
        gate.pass(|| match slot.connect(connector, node) {
            Ok(transport) => look(cluster, node, transport, targets.get(&node.name).map_or(&[][..], Vec::as_slice)),
            Err(error) => Examined { clock: None, checkup: Err(error.to_string()), reached: None },
        })
    });
    let layers = ha::layers(cluster, fleet);
    for view in &mut report.nodes {
        if let Some(clock) = seen.get(&view.name).and_then(|e| e.clock) {
            view.clock_offset_ms = Some(clock);
        }
    }
    let reached = seen.iter_mut().filter_map(|(name, e)| Some((name.clone(), e.reached.take()?))).collect();
    ports::fill(&mut attempts, &reached);
    let examined: BTreeMap<_, _> = seen.into_iter().map(|(name, e)| (name, e.checkup)).collect();
    let drift = drift(cluster, &state)?;
    let sight = Seen { cluster, report: &report, state: &state, layers: &layers, examined: &examined, attempts: &attempts, drift: &drift };
    let findings = judge(&sight);
    Ok(Diagnosis { findings, report, attempts })
}

fn look(cluster: &Cluster, node: &Node, transport: &mut dyn Transport, targets: &[(std::net::Ipv4Addr, u16)]) -> Examined {
    let clock = clock(transport);
    let questions = [checkup::ask(cluster, node), reach::ask(targets)];
    let answers = match survey::ask(node, transport, &questions, REST + reach::within(targets.len())) {
        Ok(answers) => answers,
        Err(error) => return Examined { clock, checkup: Err(error.to_string()), reached: None },
    };
    let answer = |at: usize| answers.get(&questions[at].name).cloned().unwrap_or_default();
    let reached = reach::parse(&answer(1));
    let checkup = checkup::parse(&answer(0)).map_err(|e| e.to_string());
    match reached {
        Ok(reached) => Examined { clock, checkup, reached: Some(reached) },
        Err(error) => Examined { clock, checkup: checkup.and(Err(error.to_string())), reached: None },
    }
}

/// How far a node's clock is surely off, by the reading with the shortest way there and back.
fn clock(transport: &mut dyn Transport) -> Option<i64> {
    let mut best: Option<(f64, i64)> = None;
    for _ in 0..READINGS {
        let sent = now();
        let output = transport.run(&Request::new(["date", "+%s.%N"]).within(CLOCK)).ok()?;
        let received = now();
        let read: f64 = output.text().trim().parse().ok()?;
        let way = received - sent;
        if best.is_none_or(|(shortest, _)| way < shortest) {
            best = Some((way, offset_ms(read, sent, received)));
        }
    }
    best.map(|(_, offset)| offset)
}

/// What provision would do with these facts.
fn drift(cluster: &Cluster, state: &ClusterState) -> Result<Vec<Drift>> {
    let playbook = playbook::embedded("provision").map_err(|e| Error::failed(e.to_string()))?;
    let plan = plan::plan(&playbook, cluster, state, &Scope::default(), &Consent::default()).map_err(Error::failed)?;
    Ok(plan.hosts.iter().filter(|h| h.unknown.is_none()).map(of_host).collect())
}

fn of_host(host: &HostPlan) -> Drift {
    let titles = |outcome: &Outcome| match outcome {
        Outcome::Do(actions) => actions.iter().map(|a| a.title.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let stages = host.stages.iter().map(|s| (s.id.clone(), s.steps.iter().flat_map(|step| titles(&step.outcome)).collect::<Vec<_>>()));
    Drift {
        node: host.node.clone(),
        stages: stages.filter(|(_, actions)| !actions.is_empty()).collect(),
        refused: host.refusal().map(|(_, _, refusal)| refusal.clone()),
    }
}
