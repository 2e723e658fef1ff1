//! Asking every node twice over one connection: the survey, then what else is wanted, its log among it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::command::status::gather;
use crate::engine::fleet::Fleet;
use crate::fact::log::{self, HostLog};
use crate::fact::{Answers, HostFacts, support};
use crate::health::ClusterReport;
use crate::inventory::layout::logs::sources;
use crate::inventory::model::{Cluster, Node};
use crate::remote::{Connect, Transport};
use crate::survey;

/// Longest time for the second question: a journal of gigabytes is read through.
const DEADLINE: Duration = Duration::from_secs(150);
/// Longest time for the survey.
const SURVEY: Duration = Duration::from_secs(60);

/// Which log lines.
pub struct Wanted {
    /// Not before; seconds since 1970.
    pub since: i64,
    /// The last ones of each node.
    pub lines: usize,
}

/// What one node gave.
#[derive(Default)]
pub struct Given {
    /// The survey's answers as they came.
    pub survey: Answers,
    /// The facts in them, when they make sense.
    pub facts: Option<HostFacts>,
    /// The other answers as they came.
    pub more: Answers,
    /// Its log.
    pub log: Option<HostLog>,
    /// What is not there: what, and why.
    pub missing: Vec<(String, String)>,
}

/// What all gave.
pub struct Collected {
    /// The cluster's state, judged by nobody yet.
    pub report: ClusterReport,
    /// By node; one that could not be reached gave nothing.
    pub nodes: BTreeMap<String, Given>,
}

/// Asks everybody at once.
pub fn collect(cluster: &Cluster, connector: &dyn Connect, jobs: usize, wanted: &Wanted) -> Collected {
    let nodes = Mutex::new(BTreeMap::new());
    let observe = |cluster: &Cluster, node: &Node, transport: &mut dyn Transport| {
        let (given, facts) = ask(cluster, node, transport, wanted);
        nodes.lock().unwrap_or_else(PoisonError::into_inner).insert(node.name.clone(), given);
        facts
    };
    let mut fleet = Fleet::new(cluster, connector, jobs);
    let (report, _) = gather::sight(cluster, &mut fleet, &observe, &|_, _| Ok(()), &|_| {});
    Collected { report, nodes: nodes.into_inner().unwrap_or_else(PoisonError::into_inner) }
}

fn ask(cluster: &Cluster, node: &Node, transport: &mut dyn Transport, wanted: &Wanted) -> (Given, Result<HostFacts, String>) {
    let mut given = Given::default();
    let surveyed = survey::ask(node, transport, &survey::questions(cluster, node), SURVEY).map_err(|e| e.to_string());
    let facts = surveyed.and_then(|answers| {
        let facts = survey::facts(cluster, node, &answers).map_err(|e| e.to_string());
        given.survey = answers;
        facts
    });
    match &facts {
        Ok(facts) => given.facts = Some(facts.clone()),
        Err(reason) => given.missing.push(("facts".to_owned(), reason.clone())),
    }
    let own = sources(cluster, node);
    let lines = log::Wanted { sources: &own, since: Some(wanted.since), until: None, lines: wanted.lines };
    let question = log::ask(&lines);
    let mut questions = support::ask(cluster, node);
    questions.push(question.clone());
    match survey::ask(node, transport, &questions, DEADLINE) {
        Err(error) => given.missing.push(("configuration and logs".to_owned(), error.to_string())),
        Ok(mut answers) => {
            let answer = answers.remove(&question.name).unwrap_or_default();
            match log::parse(&lines, &answer) {
                Ok(log) => {
                    if log.cut {
                        given.missing.push(("older log lines".to_owned(), format!("only the last {} are taken", wanted.lines)));
                    }
                    given.log = Some(log);
                }
                Err(error) => given.missing.push(("logs".to_owned(), error.to_string())),
            }
            given.more = answers;
        }
    }
    (given, facts)
}
