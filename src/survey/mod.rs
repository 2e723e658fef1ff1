//! Which facts a command needs, gathered in one round trip a host.

pub mod frame;

use crate::fact::holder::{self, Holders};
use crate::fact::{
    Answers, FactError, HostFacts, Question, block, drbd, file, journal, maintenance, moosefs, mount, network, package, system, takeover,
    unit,
};
use crate::inventory::layout;
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::{RemoteError, Request, Transport, shell};
use std::time::Duration;

/// Longest time a survey of one host may take; a healthy host answers in well under a second.
const DEADLINE: Duration = Duration::from_secs(60);
/// Longest time a live view waits for a host.
const GLANCE: Duration = Duration::from_secs(20);
/// Answers that are files, byte for byte.
const RAW: &[&str] = &["files"];
/// What only plans look at.
const FOR_PLANS: &[&str] = &["block"];
/// Questions a live view does without.
const HEAVY: &[&str] = &["files", "packages", "block", "pending"];

/// Why a host's facts are not known.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// The host could not be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The whole answer is malformed.
    #[error("{node}: the survey came back unreadable: {reason}")]
    Frame {
        /// Node name.
        node: String,
        /// What is wrong with it.
        reason: String,
    },
    /// One answer is malformed.
    #[error("{node}: {source}")]
    Fact {
        /// Node name.
        node: String,
        /// Which, and why.
        source: FactError,
    },
}

/// Everything asked of a node.
#[must_use]
pub fn questions(cluster: &Cluster, node: &Node) -> Vec<Question> {
    let mut questions = vec![
        file::ask(&layout::files(cluster, node)),
        unit::ask(&layout::units(cluster, node)),
        moosefs::ask(cluster, node),
        system::ask(&if node.is(Role::Master) { vec![cluster.mount_point.clone()] } else { Vec::new() }),
        package::ask(&layout::storage::packages(cluster, node)),
        block::ask(&layout::storage::devices(cluster, node), layout::storage::uses_lvm(node)),
        mount::ask(&layout::storage::mount_points(cluster, node)),
        Question { name: "pending".to_owned(), script: unfinished(cluster, node) },
    ];
    questions.extend(drbd::ask(cluster, node));
    questions.extend(network::ask(node));
    questions.extend(takeover::ask(node));
    questions.extend(maintenance::ask(node));
    questions.extend(journal::ask(node));
    questions
}

/// The questions without some of them.
fn all_but(cluster: &Cluster, node: &Node, without: &[&str]) -> Vec<Question> {
    let mut questions = questions(cluster, node);
    questions.retain(|q| !without.contains(&q.name.as_str()));
    questions
}

/// Names of pending marks, and paths of temporary files that interrupted runs left (see `engine::script`); no process is started.
fn unfinished(cluster: &Cluster, node: &Node) -> String {
    let globs: Vec<String> = layout::written_dirs(cluster, node).iter().map(|d| format!("{}/.mfsctl.??????", shell::quote(d))).collect();
    format!(
        "for f in {}/*; do [ ! -e \"$f\" ] || echo \"${{f##*/}}\"; done\nfor f in {}; do [ ! -e \"$f\" ] || echo \"$f\"; done",
        layout::PENDING_DIR,
        globs.join(" ")
    )
}

/// Reads all answers of a node.
///
/// # Errors
/// The first answer that makes no sense.
pub fn facts(cluster: &Cluster, node: &Node, answers: &Answers) -> Result<HostFacts, FactError> {
    let answer = |name: &str| answers.get(name).ok_or_else(|| FactError::new(name, "an answer", ""));
    let master = node.is(Role::Master);
    let packages = package::parse(answer("packages")?)?;
    let mut takeover = if master { takeover::parse(answer("takeover")?)? } else { takeover::Takeover::default() };
    takeover.keepalived = packages.version("keepalived").and_then(takeover::version_of_package);
    Ok(HostFacts {
        files: file::parse(&layout::files(cluster, node), answer("files")?)?,
        units: unit::parse(answer("units")?)?,
        moosefs: moosefs::parse(cluster, node, answer("moosefs")?)?,
        system: system::parse(answer("system")?)?,
        packages,
        blocks: block::parse(answer("block")?)?,
        mounts: mount::parse(answer("mounts")?)?,
        network: if master { network::parse(answer("network")?)? } else { network::Network::default() },
        drbd: if master { drbd::parse(answer("drbd")?)? } else { drbd::Drbd::default() },
        takeover,
        maintenance: if master { maintenance::parse(answer("maintenance")?)? } else { maintenance::Limits::new() },
        switchover: if master { journal::parse(answer("journal")?) } else { None },
        holders: Holders::new(),
        pending: answer("pending")?.text.lines().filter(|l| !l.starts_with('/')).map(str::to_owned).collect(),
        leftovers: answer("pending")?.text.lines().filter(|l| l.starts_with('/')).map(str::to_owned).collect(),
    })
}

/// Asks a node some questions, in one command.
///
/// # Errors
/// When the node cannot be asked or its answer is malformed.
pub fn ask(node: &Node, transport: &mut dyn Transport, questions: &[Question], within: Duration) -> Result<Answers, SurveyError> {
    let nonce = frame::nonce();
    let output = transport.run(&Request::script(&frame::script(questions, &nonce)).within(within))?;
    frame::split(&output.stdout, &nonce, RAW).map_err(|reason| {
        let stderr = output.error_text();
        let tail = stderr.lines().last().unwrap_or_default();
        SurveyError::Frame { node: node.name.clone(), reason: format!("{reason}; {tail}") }
    })
}

/// Asks a node who holds these mount points, in one command; a mount that hangs is not touched.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn holders(node: &Node, transport: &mut dyn Transport, paths: &[String]) -> Result<Holders, SurveyError> {
    let question = holder::ask(paths);
    let answers = ask(node, transport, std::slice::from_ref(&question), DEADLINE)?;
    let answer = answers.get(&question.name).cloned().unwrap_or_default();
    holder::parse(paths, &answer).map_err(|source| SurveyError::Fact { node: node.name.clone(), source })
}

/// Asks a node what a live view needs again and again, in one command: not the files, packages and disks. The other facts stay empty.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn glance(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> Result<HostFacts, SurveyError> {
    observe_but(cluster, node, transport, HEAVY, GLANCE)
}

/// Asks a node what a report on the cluster needs, in one command: not what only plans look at, a quarter of the time.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn judged(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> Result<HostFacts, SurveyError> {
    observe_but(cluster, node, transport, FOR_PLANS, DEADLINE)
}

/// Asks a node everything, in one command.
///
/// # Errors
/// When the node cannot be asked or its answer makes no sense.
pub fn observe(cluster: &Cluster, node: &Node, transport: &mut dyn Transport) -> Result<HostFacts, SurveyError> {
    observe_but(cluster, node, transport, &[], DEADLINE)
}

fn observe_but(
    cluster: &Cluster,
    node: &Node,
    transport: &mut dyn Transport,
    without: &[&str],
    within: Duration,
) -> Result<HostFacts, SurveyError> {
    let mut answers = ask(node, transport, &all_but(cluster, node, without), within)?;
    for name in without {
        // The answer about files has a part before and one after a line of dashes.
        let text = if *name == "files" { "---\n" } else { "" };
        answers.insert((*name).to_owned(), crate::fact::Answer { text: text.to_owned(), status: 0 });
    }
    facts(cluster, node, &answers).map_err(|source| SurveyError::Fact { node: node.name.clone(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::local::LocalTransport;

    /// On this machine, which has nothing of a cluster: every question is asked and every answer makes sense.
    #[test]
    fn a_glance_is_answered_and_lighter_than_a_report_and_that_than_a_survey() {
        let cluster = crate::step::testing::cluster();
        for name in ["node1", "node3", "node6"] {
            let node = cluster.node(name).unwrap();
            for without in [HEAVY, FOR_PLANS] {
                assert_eq!(questions(&cluster, node).len() - all_but(&cluster, node, without).len(), without.len(), "{name}");
            }
            let facts = glance(&cluster, node, &mut LocalTransport::new(name)).unwrap();
            assert!(!facts.system.hostname.is_empty() && facts.packages == Default::default(), "{name}");
            let facts = judged(&cluster, node, &mut LocalTransport::new(name)).unwrap();
            assert!(facts.packages != Default::default() && facts.blocks == Default::default(), "{name}");
        }
    }
}
