//! The engine on nodes that exist only in memory, with every fault it must survive.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use mfsctl::engine::event::{Event, What};
use mfsctl::engine::fleet::Fleet;
use mfsctl::engine::interrupt::Interrupt;
use mfsctl::engine::lock::{self, LockError, Locks};
use mfsctl::engine::run::{self, HostResult, StopKind};
use mfsctl::inventory::model::Cluster;
use mfsctl::inventory::{self, LoadOptions};
use mfsctl::playbook::plan::{HostPlan, HostStage, Plan, PlannedStep};
use mfsctl::playbook::{Selector, Stage};
use mfsctl::remote::fake::{FakeConnector, Reply};
use mfsctl::remote::{Connect, RemoteError, Target};
use mfsctl::step::{Action, Outcome};

fn cluster() -> Cluster {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    inventory::load(std::path::Path::new("inventory/reference.yaml"), &options).unwrap().cluster
}

fn stage(id: &str, after: &[&str], after_any: &[&str]) -> Stage {
    let names = |ids: &[&str]| ids.iter().map(|s| (*s).to_owned()).collect();
    Stage {
        id: id.to_owned(),
        title: id.to_owned(),
        on: Selector::All,
        steps: Vec::new(),
        run: Vec::new(),
        after: names(after),
        after_any: names(after_any),
        commit: None,
        undo: Vec::new(),
    }
}

/// A host with one action a stage, `do STAGE`.
fn host(node: &str, stages: &[&str]) -> HostPlan {
    let stages = stages.iter().map(|id| HostStage {
        id: (*id).to_owned(),
        steps: vec![PlannedStep { name: "x", outcome: Outcome::Do(vec![Action::run(format!("do {id}"), ["do", id])]) }],
        undo: Vec::new(),
    });
    HostPlan { node: node.to_owned(), unknown: None, stages: stages.collect() }
}

fn plan(stages: Vec<Stage>, hosts: Vec<HostPlan>) -> Plan {
    Plan { playbook: "test".to_owned(), stages, hosts }
}

struct World {
    fake: FakeConnector,
    events: Mutex<Vec<Event>>,
    interrupt: Interrupt,
}

impl World {
    fn new() -> Self {
        let fake = FakeConnector::new();
        for n in 1..=8 {
            fake.host(&format!("node{n}")).otherwise(Reply::ok(""));
        }
        Self { fake, events: Mutex::new(Vec::new()), interrupt: Interrupt::default() }
    }

    fn run(&self, plan: &Plan) -> BTreeMap<String, HostResult> {
        let cluster = cluster();
        let mut fleet = Fleet::new(&cluster, &self.fake, 32);
        run::run(plan, &mut fleet, &self.interrupt, &|event| self.events.lock().unwrap().push(event))
    }

    fn commands(&self, node: &str) -> Vec<String> {
        self.fake.host(node).commands()
    }
}

fn kind(results: &BTreeMap<String, HostResult>, node: &str) -> Option<StopKind> {
    results[node].stopped.as_ref().map(|s| s.kind)
}

#[test]
fn a_stage_waits_for_the_stages_it_names_and_no_longer() {
    let world = World::new();
    world.fake.host("node1").on_command("do a", Reply::ok("").after(Duration::from_millis(150)));
    let stages = vec![stage("a", &[], &[]), stage("b", &["a"], &[]), stage("c", &[], &[])];
    let begin = Instant::now();
    let results = world.run(&plan(stages, vec![host("node1", &["a"]), host("node2", &["b"]), host("node3", &["c"])]));
    assert!(begin.elapsed() >= Duration::from_millis(150));
    assert!(results.values().all(|r| r.stopped.is_none() && r.done.len() == 1));
    let order: Vec<String> = world
        .events
        .into_inner()
        .unwrap()
        .into_iter()
        .filter_map(|e| match e.what {
            What::Done { title, .. } => Some(title),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["do c", "do a", "do b"], "c waits for nobody");
}

#[test]
fn one_dead_host_stops_what_depends_on_it_and_nothing_else() {
    let world = World::new();
    let lost = RemoteError::Unreachable { node: "node1".to_owned(), reason: "no route".to_owned() };
    world.fake.host("node1").down(Some(lost));
    let stages = vec![stage("a", &[], &[]), stage("b", &["a"], &[]), stage("c", &[], &[])];
    let results = world.run(&plan(stages, vec![host("node1", &["a"]), host("node2", &["b"]), host("node3", &["c"])]));
    assert_eq!(kind(&results, "node1"), Some(StopKind::Failed));
    assert_eq!(kind(&results, "node2"), Some(StopKind::Blocked));
    let why = &results["node2"].stopped.as_ref().unwrap().reason;
    assert!(why.contains("a on node1") && why.contains("no route"), "{why}");
    assert_eq!(kind(&results, "node3"), None);
}

#[test]
fn a_failed_stage_blocks_also_those_who_wait_for_a_later_stage_of_that_host() {
    let world = World::new();
    world.fake.host("node1").on_command("do a", Reply::exit(1, "no"));
    let stages = vec![stage("a", &[], &[]), stage("b", &[], &[]), stage("c", &["b"], &[])];
    let results = world.run(&plan(stages, vec![host("node1", &["a", "b"]), host("node2", &["c"])]));
    assert_eq!(kind(&results, "node2"), Some(StopKind::Blocked));
    assert_eq!(world.commands("node1"), ["do a"]);
    assert!(world.commands("node2").is_empty());
}

#[test]
fn after_any_goes_on_when_one_of_many_succeeded() {
    let world = World::new();
    world.fake.host("node3").on_command("do cs", Reply::exit(1, "broken disk"));
    let stages = || vec![stage("cs", &[], &[]), stage("clients", &[], &["cs"])];
    let results = world.run(&plan(stages(), vec![host("node3", &["cs"]), host("node4", &["cs"]), host("node6", &["clients"])]));
    assert_eq!((kind(&results, "node3"), kind(&results, "node6")), (Some(StopKind::Failed), None));
    let results = world.run(&plan(stages(), vec![host("node3", &["cs"]), host("node6", &["clients"])]));
    assert_eq!(kind(&results, "node6"), Some(StopKind::Blocked), "none succeeded");
}

#[test]
fn a_host_in_no_stage_it_names_blocks_nobody() {
    let world = World::new();
    let results = world.run(&plan(vec![stage("a", &[], &[]), stage("b", &["a"], &["a"])], vec![host("node2", &["b"])]));
    assert_eq!(kind(&results, "node2"), None);
}

#[test]
fn a_lost_connection_is_unclear_not_failed_and_the_next_run_connects_anew() {
    let world = World::new();
    world.fake.host("node1").on_times(1, |r| r.argv.join(" ") == "do a", Reply::lose());
    let one = plan(vec![stage("a", &[], &[])], vec![host("node1", &["a"])]);
    assert_eq!(kind(&world.run(&one), "node1"), Some(StopKind::Unclear));
    assert_eq!(kind(&world.run(&one), "node1"), None);
    assert_eq!(world.fake.host("node1").connections(), 2);
}

#[test]
fn an_interruption_stops_between_actions() {
    let world = World::new();
    world.interrupt.request();
    let results = world.run(&plan(vec![stage("a", &[], &[])], vec![host("node1", &["a"])]));
    assert_eq!(kind(&results, "node1"), Some(StopKind::Interrupted));
    assert!(world.commands("node1").is_empty());
}

#[test]
fn an_interruption_frees_those_who_wait() {
    let world = World::new();
    let interrupt = world.interrupt.clone();
    world.fake.host("node1").on(
        |_| true,
        Reply::from_fn(move |_| {
            interrupt.request();
            mfsctl::remote::fake::output(mfsctl::remote::Exit::Code(0), Vec::new(), Vec::new())
        }),
    );
    let stages = vec![stage("a", &[], &[]), stage("b", &["a"], &[])];
    let results = world.run(&plan(stages, vec![host("node1", &["a", "b"]), host("node2", &["b"])]));
    assert_eq!(results["node1"].done.len(), 1, "what was running is finished");
    assert_eq!(kind(&results, "node2"), Some(StopKind::Interrupted));
}

#[test]
fn refusals_keep_their_fix() {
    let world = World::new();
    let refused = PlannedStep { name: "lvm", outcome: Outcome::refused("ext4 on /dev/sdb", "wipe it") };
    let mut host = host("node1", &["a"]);
    host.stages[0].steps.insert(0, refused);
    let results = world.run(&plan(vec![stage("a", &[], &[])], vec![host]));
    let stopped = results["node1"].stopped.clone().unwrap();
    assert_eq!(stopped.kind, StopKind::Refused);
    assert!(stopped.reason.contains("ext4 on /dev/sdb") && stopped.reason.contains("wipe it"));
    assert!(world.commands("node1").is_empty());
}

#[test]
fn thirty_two_hosts_do_not_wait_for_each_other() {
    let world = World::new();
    for n in 1..=8 {
        world.fake.host(&format!("node{n}")).otherwise(Reply::ok("").after(Duration::from_millis(100)));
    }
    let hosts: Vec<HostPlan> = (1..=8).map(|n| host(&format!("node{n}"), &["a", "b"])).collect();
    let begin = Instant::now();
    world.run(&plan(vec![stage("a", &[], &[]), stage("b", &[], &[])], hosts));
    assert!(begin.elapsed() < Duration::from_millis(900), "{:?}", begin.elapsed());
}

#[test]
fn the_jobs_limit_holds() {
    let world = World::new();
    let cluster = cluster();
    let (now, most) = (std::sync::Arc::new(Mutex::new(0)), std::sync::Arc::new(Mutex::new(0)));
    for n in 1..=8 {
        let (now, most) = (now.clone(), most.clone());
        world.fake.host(&format!("node{n}")).on(
            |_| true,
            Reply::from_fn(move |_| {
                let running = {
                    let mut now = now.lock().unwrap();
                    *now += 1;
                    *now
                };
                let mut highest = most.lock().unwrap();
                *highest = running.max(*highest);
                drop(highest);
                std::thread::sleep(Duration::from_millis(20));
                *now.lock().unwrap() -= 1;
                mfsctl::remote::fake::output(mfsctl::remote::Exit::Code(0), Vec::new(), Vec::new())
            }),
        );
    }
    let mut fleet = Fleet::new(&cluster, &world.fake, 3);
    let hosts: Vec<HostPlan> = (1..=8).map(|n| host(&format!("node{n}"), &["a"])).collect();
    run::run(&plan(vec![stage("a", &[], &[])], hosts), &mut fleet, &Interrupt::default(), &|_| {});
    assert_eq!(*most.lock().unwrap(), 3);
}

/// A switchover's shape: `give` on node1, then `commit` and `serve` on node2, each undone by `undo STAGE`.
fn two_sided() -> Plan {
    let step = |name: &'static str| PlannedStep { name, outcome: Outcome::Do(vec![Action::run(format!("do {name}"), ["do", name])]) };
    let mut give = stage("give", &[], &[]);
    let mut take = stage("take", &["give"], &[]);
    (give.undo, take.undo, take.commit) = (vec!["x".to_owned()], vec!["x".to_owned()], Some("commit".to_owned()));
    let on = |node: &str, id: &str, steps: Vec<PlannedStep>, undo: Vec<PlannedStep>| HostPlan {
        node: node.to_owned(),
        unknown: None,
        stages: vec![HostStage { id: id.to_owned(), steps, undo }],
    };
    let hosts = vec![
        on("node1", "give", vec![step("give")], vec![step("keep")]),
        on("node2", "take", vec![step("elected"), step("commit"), step("serve")], vec![step("decline")]),
    ];
    plan(vec![give, take], hosts)
}

#[test]
fn what_failed_before_the_point_of_no_return_is_undone_last_stage_first() {
    let world = World::new();
    world.fake.host("node2").on(|r| r.argv == ["do", "commit"], Reply::exit(1, "no"));
    let (plan, cluster) = (two_sided(), cluster());
    let mut fleet = Fleet::new(&cluster, &world.fake, 32);
    let results = run::run(&plan, &mut fleet, &world.interrupt, &|_| {});
    assert!(!results["node2"].committed);
    // Undoing is not stopped by what stopped the run.
    world.interrupt.request();
    let order = Mutex::new(Vec::new());
    let undone = run::undo(&plan, &results, &mut fleet, &|event| {
        if let What::Done { title, .. } = event.what {
            order.lock().unwrap().push(title);
        }
    });
    assert_eq!(*order.lock().unwrap(), ["do decline", "do keep"]);
    assert!(undone.values().all(|r| r.stopped.is_none()));
}

#[test]
fn a_host_that_cannot_go_back_does_not_keep_the_other_from_it() {
    let world = World::new();
    world.fake.host("node2").on(|r| r.argv == ["do", "elected"] || r.argv == ["do", "decline"], Reply::exit(1, "no"));
    let (plan, cluster) = (two_sided(), cluster());
    let mut fleet = Fleet::new(&cluster, &world.fake, 32);
    let results = run::run(&plan, &mut fleet, &world.interrupt, &|_| {});
    let undone = run::undo(&plan, &results, &mut fleet, &|_| {});
    assert_eq!(undone["node1"].done, [("undo give".to_owned(), "do keep".to_owned())]);
    assert!(undone["node2"].stopped.is_some());
}

#[test]
fn what_was_never_begun_is_not_undone_and_what_was_committed_says_so() {
    let world = World::new();
    let (plan, cluster) = (two_sided(), cluster());
    let mut fleet = Fleet::new(&cluster, &world.fake, 32);
    let results = run::run(&plan, &mut fleet, &world.interrupt, &|_| {});
    assert!(results["node2"].committed && !results["node1"].committed);
    world.fake.host("node1").on(|_| true, Reply::exit(1, "no"));
    let begun = run::run(&plan, &mut fleet, &world.interrupt, &|_| {});
    let before = world.commands("node2").len();
    run::undo(&plan, &begun, &mut fleet, &|_| {});
    assert_eq!(world.commands("node2").len(), before, "node2's stage never began");
}

#[test]
fn a_held_lock_names_its_holder() {
    let fake = FakeConnector::new();
    fake.host("node1").hold_answers(Ok("busy anna@desk, provision, since 10:00".to_owned()));
    let mut transport = fake.connect(&Target { name: "node1".to_owned(), ..Target::default() }).unwrap();
    match lock::acquire("node1", transport.as_mut(), "me") {
        Err(LockError::Busy { holder, .. }) => assert!(holder.contains("anna@desk")),
        other => unreachable!("{other:?}"),
    }
    fake.host("node2").hold_answers(Ok("bash: flock: not found".to_owned()));
    let mut transport = fake.connect(&Target { name: "node2".to_owned(), ..Target::default() }).unwrap();
    assert!(matches!(lock::acquire("node2", transport.as_mut(), "me"), Err(LockError::Odd { .. })));
}

#[test]
fn locks_are_taken_in_order_and_the_first_refusal_ends_it() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let both: BTreeSet<String> = ["node1".to_owned(), "node2".to_owned()].into();
    let take = |fake: &FakeConnector| {
        let locks = Locks::new("me", vec!["node1", "node2"]);
        let mut fleet = Fleet::new(&cluster, fake, 1);
        // node1 is the slower to connect: node2 waits for it all the same.
        fleet.observe_after(&both, &|node, slot| locks.take(&node.name, slot), &|_| {});
        locks.into_turn()
    };
    fake.host("node1").hold_answers(Ok("held".to_owned()));
    fake.host("node2").hold_answers(Ok("held".to_owned()));
    assert_eq!(take(&fake).held, ["node1", "node2"]);
    fake.host("node1").hold_answers(Ok("busy anna@desk".to_owned()));
    let turn = take(&fake);
    assert!(turn.held.is_empty() && matches!(turn.refused, Some(LockError::Busy { .. })), "{:?}", turn.refused);
    fake.host("node1").down(Some(RemoteError::Unreachable { node: "node1".to_owned(), reason: "no route".to_owned() }));
    let turn = take(&fake);
    assert_eq!((turn.held, turn.refused.is_none()), (vec!["node2".to_owned()], true), "a dead master is passed over");
}

#[test]
fn hosts_not_named_are_not_touched() {
    let world = World::new();
    let cluster = cluster();
    let mut fleet = Fleet::new(&cluster, &world.fake, 8);
    let named: BTreeSet<String> = ["node1".to_owned()].into();
    fleet.observe(&named, &|_| {});
    assert_eq!((world.fake.host("node1").connections(), world.fake.host("node2").connections()), (1, 0));
}

#[test]
fn the_dead_are_waited_for_once_a_look() {
    let world = World::new();
    let cluster = cluster();
    world.fake.host("node1").down(Some(RemoteError::Unreachable { node: "node1".to_owned(), reason: "no route".to_owned() }));
    let mut fleet = Fleet::new(&cluster, &world.fake, 8);
    let named: BTreeSet<String> = ["node1".to_owned()].into();
    let state = fleet.observe(&named, &|_| {});
    assert!(state["node1"].as_ref().unwrap_err().contains("no route"));
    assert_eq!(world.fake.host("node1").connections(), 1);
    assert!(fleet.observe(&named, &|_| {})["node1"].is_err());
    assert_eq!(world.fake.host("node1").connections(), 2, "later it may be back");
}

#[test]
fn a_host_left_alone_is_not_connected_to_again() {
    let world = World::new();
    let cluster = cluster();
    let mut fleet = Fleet::new(&cluster, &world.fake, 32);
    fleet.slot("node2").leave_alone("it was off");
    let state = fleet.observe(&["node1", "node2"].map(str::to_owned).into(), &|_| {});
    assert!(matches!(state.get("node2"), Some(Err(why)) if why.contains("it was off")), "{:?}", state.get("node2").map(Result::is_ok));
    assert!(world.commands("node2").is_empty() && !world.commands("node1").is_empty());
}
