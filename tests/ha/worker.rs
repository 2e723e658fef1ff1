//! Wishes, promotion, demotion, health: what the worker and the agent do in every state.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::sandbox::{Node, text};

fn calls(node: &Node, program: &str) -> usize {
    node.read("calls").lines().filter(|l| l.starts_with(program)).count()
}

/// Metadata a start is allowed with, and the unit's own check replaced by nothing.
fn wish(node: &Node, state: &str) {
    assert_eq!(node.status(&["notify", state]), 0);
    assert_eq!(node.status(&["reconcile"]), 0, "{}", node.read("log"));
}

#[test]
fn a_wish_for_master_makes_the_node_active() {
    let node = Node::alone("node1");
    wish(&node, "master");
    assert_eq!(node.says("role"), "Primary");
    assert_eq!(node.says("mounted"), "yes");
    assert_eq!(node.says("vip"), "yes");
    assert_eq!(node.says("listening"), "yes");
    assert!(node.read("calls").contains("mount -t xfs -o noatime,nodev,nosuid,noexec /dev/drbd0"));
    let before = calls(&node, "systemctl start");
    wish(&node, "master");
    assert_eq!(calls(&node, "systemctl start"), before, "a second wish changes nothing");
}

#[test]
fn any_other_wish_makes_it_passive_master_first_then_the_address() {
    for state in ["fault", "stop"] {
        let node = Node::alone("node1");
        node.serving();
        wish(&node, state);
        assert_eq!(node.says("role"), "Secondary");
        assert_eq!(node.says("mounted"), "no");
        assert_eq!(node.says("vip"), "no");
        let order: Vec<String> = node.read("calls").lines().filter_map(|l| l.split_whitespace().next().map(str::to_owned)).collect();
        let at = |what: &str| node.read("calls").lines().position(|l| l.starts_with(what)).unwrap_or_else(|| panic!("{what}: {order:?}"));
        assert!(at("systemctl stop") < at("ip addr del") && at("ip addr del") < at("umount") && at("umount") < at("drbdadm secondary"));
    }
}

#[test]
fn whoever_serves_is_not_demoted_when_keepalived_begins() {
    let node = Node::alone("node1");
    node.serving();
    // Whole seconds: one may be over at once.
    node.write("conf", &format!("{}\nSETTLE=3\n", node.read("conf")));
    assert_eq!(node.status(&["notify", "backup"]), 0);
    assert_eq!(node.says("wish"), "undecided");
    let worker = node.spawn(&["reconcile"]);
    std::thread::sleep(Duration::from_millis(300));
    wish_only(&node, "master");
    drop(worker);
    wish(&node, "master");
    assert_eq!(calls(&node, "systemctl stop") + calls(&node, "umount"), 0);
    assert_eq!(node.says("role"), "Primary");
}

fn wish_only(node: &Node, state: &str) {
    assert_eq!(node.status(&["notify", state]), 0);
}

#[test]
fn undecided_ends_as_backup_when_nobody_confirms() {
    let node = Node::alone("node1");
    node.serving();
    wish(&node, "backup");
    assert_eq!(node.says("wish"), "backup");
    assert_eq!(node.says("role"), "Secondary");
}

#[test]
fn backup_after_master_lets_go_at_once() {
    let node = Node::alone("node1");
    wish(&node, "master");
    let begin = Instant::now();
    wish(&node, "backup");
    assert_eq!(node.says("role"), "Secondary");
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn no_wish_at_all_changes_nothing() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.says("role"), "Primary");
    let boot = Node::alone("node2");
    assert_eq!(boot.status(&["reconcile"]), 0);
    assert_eq!(boot.says("role"), "Secondary");
    assert_eq!(calls(&boot, "mount") + calls(&boot, "systemctl start"), 0);
}

#[test]
fn every_failing_step_ends_as_a_demoted_faulty_node() {
    for (fault, why) in [
        ("primary-fails", "drbdadm primary"),
        ("mount-fails", "mount /dev/drbd0: wrong fs type"),
        ("start-fails", "systemctl start moosefs-master: Job failed"),
        ("dies-loading", "ended while loading"),
    ] {
        let node = Node::alone("node1");
        node.write(fault, "Need access to UpToDate data\n");
        if fault == "dies-loading" {
            node.write("never-listens", "");
        }
        wish(&node, "master");
        assert_eq!(node.says("role"), "Secondary", "{fault}");
        assert_eq!(node.says("mounted"), "no", "{fault}");
        assert_eq!(node.says("vip"), "no", "{fault}");
        assert_eq!(node.read("run/health"), "1\n", "{fault}");
        assert!(node.says("fault").contains(why), "{fault}: {}", node.says("fault"));
        assert!(!node.exists("proc/sysrq-trigger"), "{fault}");
    }
}

#[test]
fn a_node_that_cannot_let_go_fences_itself() {
    let node = Node::alone("node1");
    node.serving();
    node.write("secondary-fails", "");
    wish_only(&node, "fault");
    // The deadlines are those of the script; only the last one is long.
    node.write("conf", &(node.read("conf") + "\nlet_go_until=0\n"));
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.read("proc/sysrq-trigger"), "b\n", "{}", node.read("log"));
    assert!(node.read("var/self-fence.log").contains("held open"));
}

#[test]
fn a_wish_withdrawn_while_loading_is_obeyed() {
    let node = Node::alone("node1");
    node.write("never-listens", "");
    wish_only(&node, "master");
    let worker = node.spawn(&["reconcile"]);
    node.until("mfsmaster is started", |n| n.read("unit").trim() == "active");
    wish_only(&node, "fault");
    node.until("the volume is given up", |n| n.read("proc/drbd").contains("ro:Secondary/"));
    drop(worker);
    assert_eq!(node.says("fault"), "", "nobody failed");
}

#[test]
fn it_waits_for_a_peer_that_is_letting_go() {
    let node = Node::alone("node1");
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    wish_only(&node, "master");
    let worker = node.spawn(&["reconcile"]);
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(calls(&node, "drbdadm primary"), 0, "it would only be refused");
    node.drbd("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----");
    node.until("it is primary", |n| n.read("proc/net/tcp").contains(":24CD"));
    drop(worker);
}

#[test]
fn on_hold_nothing_happens_by_itself() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["hold", "60", "test"]), 0);
    wish(&node, "fault");
    assert_eq!(node.status(&["stop-all"]), 0);
    assert_eq!(node.status(&["master-exited"]), 0);
    assert_eq!(node.says("role"), "Primary");
    assert_eq!(node.says("hold"), "test");
    assert_eq!(node.says("fault"), "");
    assert_eq!(node.status(&["check"]), 0);
    assert_eq!(node.status(&["unhold"]), 0);
    wish(&node, "fault");
    assert_eq!(node.says("role"), "Secondary");
}

#[test]
fn a_hold_ends_by_itself() {
    let node = Node::alone("node1");
    node.ha(&["prepare"]);
    node.write("run/hold", "1 long ago\n");
    assert_eq!(node.says("hold"), "");
}

#[test]
fn a_master_that_ended_is_started_again_once_where_it_is() {
    let node = Node::alone("node1");
    node.serving();
    wish_only(&node, "master");
    let die = || {
        node.write("unit", "failed\n");
        node.write("proc/net/tcp", "  sl\n");
        assert_eq!(node.status(&["master-exited"]), 0);
    };
    die();
    assert_eq!(node.says("fault"), "");
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!((node.says("listening").as_str(), node.says("role").as_str()), ("yes", "Primary"));
    assert_eq!((calls(&node, "systemctl start moosefs-master"), calls(&node, "drbdadm"), calls(&node, "mount")), (1, 0, 0));
    die();
    assert!(node.says("fault").contains("mfsmaster ended"), "{}", node.read("log"));
    // Long enough ago it counts as new; a disk that is not up to date never does.
    node.shell("seconds; put \"$RUN/restarted\" $((NOW - 700))");
    assert_eq!(node.status(&["clear-fault"]), 0);
    die();
    assert_eq!(node.says("fault"), "");
    node.shell("rm \"$RUN/restarted\"");
    node.drbd("cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----");
    die();
    assert!(node.says("fault").contains("mfsmaster ended"), "{}", node.read("log"));
}

#[test]
fn a_restart_that_fails_is_a_fault_and_the_node_lets_go() {
    let node = Node::alone("node1");
    node.serving();
    wish_only(&node, "master");
    node.write("unit", "failed\n");
    node.write("proc/net/tcp", "  sl\n");
    node.write("start-fails", "");
    assert_eq!(node.status(&["master-exited"]), 0);
    assert_eq!(node.says("fault"), "");
    assert_eq!(node.status(&["reconcile"]), 0);
    assert!(node.says("fault").contains("promotion failed"), "{}", node.read("log"));
    assert_eq!((node.says("role").as_str(), node.says("mounted").as_str()), ("Secondary", "no"));
}

#[test]
fn the_masters_end_is_a_fault_only_when_nobody_asked_for_it() {
    let node = Node::alone("node1");
    assert_eq!(node.status(&["master-exited"]), 0);
    assert_eq!(node.says("fault"), "", "no wish: not our master");
    wish(&node, "master");
    node.shell("seconds; put \"$RUN/restarted\" $NOW");
    assert_eq!(node.status(&["master-exited"]), 0);
    assert!(node.says("fault").contains("mfsmaster ended"));
    assert_eq!(node.read("run/health"), "1\n");
    let other = Node::alone("node1");
    wish(&other, "master");
    wish(&other, "fault");
    assert_eq!(other.says("fault"), "");
}

#[test]
fn repeated_faults_last_longer_each_time() {
    let node = Node::alone("node1");
    let mut last = 0.0;
    for _ in 0..3 {
        node.shell("prepare; fault test");
        let until: f64 = node.read("run/fault").split_whitespace().next().unwrap().parse().unwrap();
        let up: f64 = std::fs::read_to_string("/proc/uptime").unwrap().split_whitespace().next().unwrap().parse().unwrap();
        assert!(until - up > last * 1.5, "{} after {last}", until - up);
        last = until - up;
    }
    node.shell("prepare; n=0; while [ $n -lt 9 ]; do fault test; n=$((n+1)); done");
    let until: f64 = node.read("run/fault").split_whitespace().next().unwrap().parse().unwrap();
    let up: f64 = std::fs::read_to_string("/proc/uptime").unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!(until - up <= 330.0);
}

#[test]
fn restarting_the_master_is_no_takeover() {
    let node = Node::alone("node1");
    wish(&node, "master");
    let out = node.ha(&["restart-master"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(calls(&node, "systemctl stop"), 1);
    assert_eq!(calls(&node, "systemctl start"), 2);
    assert_eq!(calls(&node, "umount"), 0);
    assert_eq!(node.says("hold"), "");
    assert_eq!(node.says("listening"), "yes");
    let standby = Node::alone("node2");
    assert_eq!(standby.status(&["restart-master"]), 1);
}

/// It is mounted still, and mfsmaster goes on as if its writes were kept.
#[test]
fn a_file_system_that_shut_itself_down_makes_the_active_node_unfit() {
    let node = Node::alone("node1");
    node.serving();
    wish_only(&node, "master");
    assert_eq!(node.status(&["check"]), 0);
    std::fs::remove_dir_all(node.path("data")).unwrap();
    let out = node.ha(&["check"]);
    assert!(text(&out.stdout).contains("is shut down"), "{}", text(&out.stdout));
    assert!(!node.shell("may_restart").status.success(), "nothing is gained where it is");
    wish_only(&node, "fault");
    assert_eq!(node.status(&["reconcile"]), 0);
    assert_eq!(node.says("role"), "Secondary");
    let done = node.read("calls");
    let at = |what: &str| done.find(what).unwrap_or_else(|| panic!("no {what} in {done}"));
    assert!(at("systemctl kill -s KILL") < at("systemctl stop"), "its stop would try to store the metadata for ever");
}

#[test]
fn a_master_that_hangs_while_loading_is_given_up() {
    let node = Node::alone("node1");
    node.write("never-listens", "");
    node.write("main-pid", "4711\n");
    std::fs::create_dir(node.path("proc/4711")).unwrap();
    let status = |n: u32| {
        node.write("proc/4711/status", &format!("State:\tS (sleeping)\nvoluntary_ctxt_switches:\t{n}\nnonvoluntary_ctxt_switches:\t3\n"));
    };
    status(1);
    node.write("proc/4711/stat", "4711 (mfsmaster) S 1 1 1 0 -1 4194560 100 0 0 0 50 7 0 0 20 0 1 0 5\n");
    node.write("conf", &(node.read("conf") + "\nLOADING_WAIT=12\n"));
    wish_only(&node, "master");
    let mut worker = node.spawn(&["reconcile"]);
    // As long as it does something it has all the time it wants.
    for n in 2..11 {
        std::thread::sleep(Duration::from_secs(2));
        status(n);
        assert!(worker.0.try_wait().unwrap().is_none(), "{}", node.read("log"));
    }
    let end = Instant::now() + Duration::from_secs(40);
    while worker.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "{}", node.read("log"));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(node.says("fault").contains("hangs while loading"), "{}", node.says("fault"));
    assert_eq!(node.says("role"), "Secondary");
}

#[test]
fn an_interrupted_restart_of_the_master_leaves_no_hold() {
    let node = Node::alone("node1");
    wish(&node, "master");
    node.fake("systemctl", "case $1 in show) echo ActiveState=active ;; stop) sleep 2 ;; esac");
    node.write("conf", &(node.read("conf") + "\nSTOP_WAIT=30\n"));
    let mut restart = node.spawn(&["restart-master"]);
    node.until("it is stopping", |n| n.exists("run/stopping"));
    assert!(node.exists("run/restarting"));
    Command::new("kill").args(["-INT", &restart.0.id().to_string()]).status().unwrap();
    let ended = restart.0.wait().unwrap();
    assert!(!ended.success());
    assert!(!node.exists("run/restarting"), "{}", node.read("log"));
}

#[test]
fn health_by_state() {
    let cases = [
        ("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----", "", true),
        ("cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----", "disk is Inconsistent", false),
        ("cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----", "StandAlone", false),
        ("cs:WFConnection ro:Secondary/Unknown ds:Outdated/DUnknown C r-----", "disk is Outdated", false),
        ("cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----", "neither the peer nor a majority", false),
        ("cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----", "disk is Diskless", false),
        ("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----", "", true),
        ("cs:WFConnection ro:Primary/Unknown ds:UpToDate/Outdated C r-----", "", true),
        ("cs:Unconfigured", "is not up", false),
    ];
    for (state, why, healthy) in cases {
        let node = Node::alone("node1");
        node.drbd(state);
        let out = node.ha(&["check"]);
        assert_eq!(out.status.success(), healthy, "{state}: {}", text(&out.stdout));
        assert!(text(&out.stdout).contains(why), "{state}: {}", text(&out.stdout));
    }
    let node = Node::alone("node1");
    std::fs::remove_file(node.path("proc/drbd")).unwrap();
    assert_eq!(node.status(&["check"]), 1);
}

#[test]
fn an_active_node_whose_master_is_gone_is_unfit() {
    let node = Node::alone("node1");
    wish(&node, "master");
    assert_eq!(node.status(&["check"]), 0);
    node.write("proc/net/tcp", "  sl\n");
    let out = node.ha(&["check"]);
    assert!(text(&out.stdout).contains("does not listen"));
    node.write("run/busy", "");
    assert_eq!(node.status(&["check"]), 0, "a promotion under way counts as healthy");
}

/// Where both called themselves master while they did not hear each other, the one that serves by right stays.
#[test]
fn the_one_that_serves_by_right_says_so_to_keepalived() {
    let node = Node::new("node1", "127.0.0.1", 1);
    let agent = node.spawn(&["agent"]);
    let told = |node: &Node, wanted: &str, why: &str| {
        node.until(why, |n| n.read("run/serving") == format!("{wanted}\n"));
    };
    told(&node, "0", "a standby does not serve");
    node.serving();
    node.write("run/wish", "master\n");
    told(&node, "1", "the active one serves");
    node.drbd("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r---d-");
    told(&node, "0", "without peer and votes it has no right to");
    node.write("var/holding", "token\n");
    told(&node, "1", "the votes are the right to");
    node.write("run/wish", "backup\n");
    told(&node, "0", "one that is to let go does not");
    drop(agent);
}

#[test]
fn the_agent_needs_two_looks_either_way_and_keeps_what_was_known() {
    let node = Node::alone("node1");
    let agent = node.spawn(&["agent"]);
    node.until("it is fit", |n| n.read("run/health") == "0\n");
    node.drbd("cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----");
    node.until("it is unfit", |n| n.read("run/health") == "1\n");
    assert!(node.read("run/why").contains("StandAlone"));
    node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    node.until("it is fit again", |n| n.read("run/health") == "0\n");
    drop(agent);
    let again = node.spawn(&["agent"]);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(node.read("run/health"), "0\n", "a new agent does not begin with a fault");
    drop(again);
}

#[test]
fn a_fault_is_over_by_itself() {
    let node = Node::alone("node1");
    node.ha(&["prepare"]);
    node.write("run/fault", "1 long ago\n");
    assert_eq!(node.status(&["check"]), 0);
}

#[test]
fn the_worker_acts_on_a_wish_at_once_and_the_agent_nudges_a_sleeping_one() {
    let node = Node::alone("node1");
    let worker = node.spawn(&["worker"]);
    node.until("it waits", |n| n.exists("run/wake"));
    wish_only(&node, "master");
    node.until("it serves", |n| n.read("proc/net/tcp").contains(":24CD"));
    // A wish that nobody was woken for.
    node.write("run/wish", "fault\n");
    let agent = node.spawn(&["agent"]);
    node.until("it lets go", |n| n.read("proc/drbd").contains("ro:Secondary/"));
    drop((worker, agent));
}

#[test]
fn a_dead_master_is_left_to_the_election() {
    let node = Node::alone("node1");
    wish(&node, "master");
    let starts = calls(&node, "systemctl start");
    let (worker, agent) = (node.spawn(&["worker"]), node.spawn(&["agent"]));
    node.until("it is fit", |n| n.read("run/health") == "0\n");
    node.write("proc/net/tcp", "  sl\n");
    node.until("it is unfit", |n| n.read("run/health") == "1\n");
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(calls(&node, "systemctl start"), starts, "nobody starts it again behind the election's back");
    drop((worker, agent));
}

#[test]
fn a_program_stuck_in_the_kernel_does_not_stop_the_worker() {
    let node = Node::alone("node1");
    let begin = Instant::now();
    let out = node.shell("prepare; bounded 1 sh -c 'trap \"\" TERM; sleep 30'; echo $?");
    assert!(begin.elapsed() < Duration::from_secs(8));
    assert!(["124\n", "137\n"].contains(&text(&out.stdout).as_str()), "{}", text(&out.stdout));
    let out = node.shell("prepare; bounded 5 sh -c 'echo said; exit 7'; echo \"$? $OUT\"");
    assert_eq!(text(&out.stdout), "7 said\n");
}

#[test]
fn generation_nine_is_read_from_events() {
    let node = Node::alone("node1");
    node.write("proc/drbd", "version: 9.2.8 (api:2/proto:86-122)\n");
    let events = "exists resource name:mfs role:Primary suspended:no\n\
        exists connection name:mfs peer-node-id:1 conn-name:node2 connection:Connected role:Secondary\n\
        exists device name:mfs volume:0 minor:0 backing_dev:/dev/vgdrbr/mfs disk:UpToDate client:no quorum:yes\n\
        exists peer-device name:mfs peer-node-id:1 conn-name:node2 volume:0 replication:SyncSource peer-disk:Inconsistent peer-client:no\n\
        exists -\n";
    node.write("bin/drbdsetup", &format!("#!/bin/sh\ncat <<'END'\n{events}END\n"));
    std::process::Command::new("chmod").arg("755").arg(node.path("bin/drbdsetup")).status().unwrap();
    let out = node.shell("prepare; snapshot; echo $CS $ROLE/$PEER_ROLE $DISK/$PEER_DISK");
    assert_eq!(text(&out.stdout), "SyncSource Primary/Secondary UpToDate/Inconsistent\n");
    node.write(
        "bin/drbdsetup",
        &format!("#!/bin/sh\ncat <<'END'\n{}END\n", events.replace("connection:Connected", "connection:Connecting")),
    );
    let out = node.shell("prepare; snapshot; echo $CS; connected || echo lost");
    assert!(text(&out.stdout).ends_with("lost\n"), "{}", text(&out.stdout));
}

#[test]
fn holders_of_the_volume_are_named_and_killed() {
    let node = Node::alone("node1");
    node.write("conf", &(node.read("conf") + "\nPROC=/proc\n"));
    let mut holder = std::process::Command::new("sleep").arg("60").current_dir(node.path("data")).spawn().unwrap();
    node.shell("prepare; kill_holders");
    let status = holder.wait().unwrap();
    assert!(!status.success());
    assert!(node.read("log").contains(&format!("killing process {} (sleep 60 )", holder.id())), "{}", node.read("log"));
}
