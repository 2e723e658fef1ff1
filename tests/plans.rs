//! Every playbook loads, and its plan for bare servers is what it was.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use mfsctl::fact::HostFacts;
use mfsctl::fact::file::FileFact;
use mfsctl::inventory::{self, LoadOptions, layout};
use mfsctl::playbook::plan::{self, Scope};
use mfsctl::playbook::{self, EMBEDDED};
use mfsctl::report::mask::Masker;
use mfsctl::step::{ClusterState, Consent, Outcome};

#[test]
fn every_playbook_loads() {
    for (name, _) in EMBEDDED {
        let playbook = playbook::embedded(name).unwrap();
        assert_eq!(playbook.name, *name);
    }
}

#[test]
fn every_question_is_good_shell_and_has_a_name_of_its_own() {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let cluster = inventory::load(Path::new("inventory/lab.yaml"), &options).unwrap().cluster;
    for node in &cluster.nodes {
        let questions = mfsctl::survey::questions(&cluster, node);
        let script = mfsctl::survey::frame::script(&questions, "n");
        for shell in ["dash", "bash"] {
            let checked = std::process::Command::new(shell).args(["-n", "-c", &script]).output().unwrap();
            assert!(checked.status.success(), "{}: {}", node.name, String::from_utf8_lossy(&checked.stderr));
        }
        let names: std::collections::BTreeSet<&str> = questions.iter().map(|q| q.name.as_str()).collect();
        assert_eq!(names.len(), questions.len());
    }
}

#[test]
fn an_unknown_host_has_stages_and_no_actions() {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let cluster = inventory::load(Path::new("inventory/lab.yaml"), &options).unwrap().cluster;
    let playbook = playbook::embedded("provision").unwrap();
    let state: ClusterState = cluster.nodes.iter().map(|n| (n.name.clone(), Err("no route".to_owned()))).collect();
    let plan = plan::plan(&playbook, &cluster, &state, &Scope::default(), &Consent::default()).unwrap();
    assert!(plan.is_empty());
    assert!(plan.hosts.iter().all(|h| h.unknown.as_deref() == Some("no route") && !h.stages.is_empty()));
    let text = mfsctl::report::plan::text(&plan, true, true, &Masker::new(&cluster));
    assert!(text.contains("node1: not known: no route"));
}

/// Facts of a server where nothing is installed: names, empty disks, no files.
fn bare(name: &str, cluster: &mfsctl::inventory::model::Cluster) -> HostFacts {
    let node = cluster.node(name).unwrap();
    let mut facts = HostFacts::default();
    for path in layout::files(cluster, node) {
        facts.files.insert(path, FileFact::Missing);
    }
    facts.system.hostname = name.to_owned();
    facts
}

#[test]
fn a_wrong_host_name_refuses_the_host_and_what_comes_after() {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let cluster = inventory::load(Path::new("inventory/lab.yaml"), &options).unwrap().cluster;
    let playbook = playbook::embedded("provision").unwrap();
    let mut state: BTreeMap<String, Result<HostFacts, String>> =
        cluster.nodes.iter().map(|n| (n.name.clone(), Ok(bare(&n.name, &cluster)))).collect();
    state.insert("node3".to_owned(), Ok(HostFacts { system: bare("node4", &cluster).system, ..bare("node3", &cluster) }));
    let plan = plan::plan(&playbook, &cluster, &state, &Scope::default(), &Consent::default()).unwrap();
    let host = plan.host("node3").unwrap();
    let (stage, step, refusal) = host.refusal().unwrap();
    assert_eq!((stage, step), ("names", "hostname"));
    assert!(refusal.found.contains("node4") && refusal.fix.contains("hostnamectl set-hostname node3"), "{refusal:?}");
    assert_eq!(host.actions().count(), 0, "nothing is planned behind a refusal");
    let steps: usize = host.stages.iter().map(|s| s.steps.len()).sum();
    assert_eq!(steps, 1);
    assert!(matches!(plan.host("node6").unwrap().stages[0].steps[0].outcome, Outcome::Unchanged(_)));
}
