#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::fact::HostFacts;
use crate::fact::ha_report::Pause;
use crate::playbook::plan::{self, Scope};
use crate::playbook::{self};
use crate::report::mask::Masker;
use crate::step::{ActionKind, ClusterState, Consent, Otherwise};

fn consent() -> Consent {
    let build = Build {
        metadata: vec!["metadata.mfs.back".into(), "metadata.mfs.back.1".into()],
        base: "volume".into(),
        extension: Some("brought-1".into()),
        id: Some(0x6b02_c020_d883_eb1c),
        version: 203,
    };
    let restore = Restoring { run: "20260101T000000Z".into(), target: "node1".into(), continues: false, build };
    Consent { restore: Some(restore), operator: "ann@desk".into(), ..Consent::default() }
}

fn state(change: impl Fn(&mut HostFacts)) -> (Cluster, ClusterState) {
    let cluster = crate::step::testing::cluster();
    let mut facts = HostFacts::default();
    change(&mut facts);
    let state = cluster.nodes.iter().map(|n| (n.name.clone(), Ok(facts.clone()))).collect();
    (cluster, state)
}

fn planned(change: impl Fn(&mut HostFacts), consent: &Consent) -> (Cluster, crate::playbook::plan::Plan) {
    let (cluster, state) = state(change);
    let hosts = Some(["node1", "node2"].map(str::to_owned).into());
    let playbook = playbook::embedded("restore-meta").unwrap();
    let plan = plan::plan(&playbook, &cluster, &state, &Scope { hosts, ..Scope::default() }, consent).unwrap();
    (cluster, plan)
}

#[test]
fn the_plan_of_a_pair_that_is_down() {
    let (cluster, plan) = planned(|f| f.moosefs.processes.clear(), &consent());
    insta::assert_snapshot!(crate::report::plan::text(&plan, false, false, &Masker::new(&cluster)));
}

#[test]
fn nothing_takes_its_place_before_all_is_kept_and_built() {
    let (_, plan) = planned(|_| (), &consent());
    let titles: Vec<&str> = plan.host("node1").unwrap().actions().map(|a| a.title.as_str()).collect();
    let at = |what: &str| titles.iter().position(|t| t.contains(what)).unwrap_or_else(|| panic!("{what}: {titles:?}"));
    let order = [
        "suspend",
        "/metalogger",
        "no mfsmaster runs",
        "become Primary",
        "/volume",
        "build the metadata",
        "put it in place",
        "end the hold",
        "answers",
        "begin moosefs-metalogger",
    ];
    for two in order.windows(2) {
        assert!(at(two[0]) < at(two[1]), "{two:?}: {titles:?}");
    }
    let action = plan.host("node1").unwrap().actions().find(|a| a.title.contains("put it in place")).unwrap().clone();
    assert_eq!(action.guard.map(|g| g.otherwise), Some(Otherwise::Stop));
    // Only the target touches the volume.
    let other: Vec<&str> = plan.host("node2").unwrap().actions().map(|a| a.title.as_str()).collect();
    assert!(!other.iter().any(|t| t.contains("become Primary") || t.contains("build") || t.contains("place")), "{other:?}");
}

#[test]
fn somebody_elses_hold_is_respected_and_nothing_is_done_without_consent() {
    let held = |f: &mut HostFacts| f.takeover.hold = Some(Pause { left: 100, why: "new switch".into(), by: "bob@desk".into() });
    let (_, plan) = planned(held, &consent());
    assert!(plan.host("node1").unwrap().refusal().unwrap().2.found.contains("new switch"));
    let own = |f: &mut HostFacts| f.takeover.hold = Some(Pause { left: 100, why: HOLD_REASON.into(), by: "ann@desk".into() });
    assert!(planned(own, &consent()).1.host("node1").unwrap().refusal().is_none());
    let (_, plan) = planned(|_| (), &Consent::default());
    assert!(plan.hosts.iter().all(|h| h.refusal().is_some() && h.actions().count() == 0));
}

#[test]
fn the_build_names_what_is_expected() {
    let (_, plan) = planned(|_| (), &consent());
    let action = plan.host("node1").unwrap().actions().find(|a| a.title.contains("build the metadata")).unwrap().clone();
    let ActionKind::Run(run) = action.kind else { panic!("a command") };
    let words: Vec<&str> = run.argv[4..].iter().map(String::as_str).collect();
    let wanted =
        ["build", "/var/lib/mfsctl-restore/20260101T000000Z", "/etc/mfs/mfsmaster.cfg", "6b02c020d883eb1c", "203", "volume", "brought-1"];
    assert_eq!(words[..7], wanted);
    assert_eq!(words[7..], ["metadata.mfs.back", "metadata.mfs.back.1"]);
}
