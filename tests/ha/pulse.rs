//! A master that hangs is told from one that is busy; the address is looked after.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::sandbox::{Node, text};

/// A master on loopback that answers while it is told to; an active node in front of it.
struct Served {
    node: Node,
    answers: Arc<AtomicBool>,
    asked: Arc<AtomicU32>,
}

fn served() -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (answers, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU32::new(0)));
    let (yes, count) = (Arc::clone(&answers), Arc::clone(&asked));
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            if yes.load(Ordering::Relaxed) {
                let mut question = [0; 8];
                stream.read_exact(&mut question).unwrap();
                assert_eq!(question, [0, 0, 0, 10, 0, 0, 0, 0]);
                let _ = stream.write_all(&[0, 0, 0, 11, 0, 0, 0, 4, 0, 3, 0, 234]);
            } else {
                silent.push(stream);
            }
        }
    });
    let node = Node::alone("node1");
    node.serving();
    node.write("conf", &format!("{}\nVIP=127.0.0.1 MASTER_PORT={port} INTERFACE=lo\n", node.read("conf")));
    node.write("proc/net/tcp", &format!("  sl\n0: 00000000:{port:04X} 00000000:0000 0A x\n"));
    node.write("addresses", "1: lo inet 127.0.0.1/8 scope host lo\n");
    node.write("main-pid", "4711\n");
    std::fs::create_dir(node.path("proc/4711")).unwrap();
    status(&node, "S (sleeping)", 100);
    assert_eq!(node.status(&["notify", "master"]), 0);
    Served { node, answers, asked }
}

fn status(node: &Node, state: &str, switches: u32) {
    let text = format!("Name:\tmfsmaster\nState:\t{state}\nvoluntary_ctxt_switches:\t{switches}\nnonvoluntary_ctxt_switches:\t3\n");
    node.write("proc/4711/status.new", &text);
    std::fs::rename(node.path("proc/4711/status.new"), node.path("proc/4711/status")).unwrap();
}

#[test]
fn a_hanging_master_is_killed_within_five_seconds() {
    let s = served();
    let _agent = s.node.spawn(&["agent"]);
    s.node.until("it is fit", |n| n.read("run/health") == "0\n" && n.exists("run/pulse"));
    status(&s.node, "T (stopped)", 250);
    s.answers.store(false, Ordering::Relaxed);
    let begin = Instant::now();
    s.node.until("it is killed", |n| n.read("calls").contains("systemctl kill -s KILL moosefs-master"));
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
    assert!(!s.node.exists("run/fault"), "its end decides, as of any mfsmaster: {}", s.node.read("log"));
}

#[test]
fn a_master_that_hangs_again_is_a_fault_within_five_seconds_and_killed() {
    for state in ["T (stopped)", "S (sleeping)"] {
        let s = served();
        s.node.shell("prepare; seconds; put \"$RUN/restarted\" $NOW");
        let agent = s.node.spawn(&["agent"]);
        s.node.until("it is fit", |n| n.read("run/health") == "0\n" && n.exists("run/pulse"));
        status(&s.node, state, 250);
        s.answers.store(false, Ordering::Relaxed);
        let begin = Instant::now();
        s.node.until("it is unfit", |n| n.read("run/health") == "1\n");
        assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
        assert!(s.node.read("run/fault").contains("mfsmaster hangs"), "{}", s.node.read("run/fault"));
        drop(agent);
        assert_eq!(s.node.status(&["notify", "fault"]), 0);
        assert_eq!(s.node.status(&["reconcile"]), 0);
        let calls = s.node.read("calls");
        let at = |what: &str| calls.find(what).unwrap_or_else(|| panic!("{what}: {calls}"));
        assert!(at("systemctl kill -s KILL") < at("systemctl stop"));
        assert!(!s.node.exists("run/hung"));
    }
}

#[test]
fn a_busy_master_gets_its_time() {
    for state in ["R (running)", "D (disk sleep)", "S (sleeping)"] {
        let s = served();
        let _agent = s.node.spawn(&["agent"]);
        s.node.until("it is fit", |n| n.read("run/health") == "0\n" && n.exists("run/pulse"));
        s.answers.store(false, Ordering::Relaxed);
        let begin = Instant::now();
        let mut switches = 300;
        while begin.elapsed() < Duration::from_secs(8) {
            // One that sleeps is woken now and then; one that runs or waits for its disk may not be.
            if state.starts_with('S') {
                switches += 1;
            }
            status(&s.node, state, switches);
            std::thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(s.node.read("run/health"), "0\n", "{state}: {}", s.node.read("run/fault"));
        s.answers.store(true, Ordering::Relaxed);
        s.node.until("it is forgotten", |n| !n.exists("run/silence"));
    }
}

#[test]
fn nobody_else_is_asked() {
    let s = served();
    s.node.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    assert_eq!(s.node.status(&["notify", "backup"]), 0);
    let agent = s.node.spawn(&["agent"]);
    s.node.until("it looks", |n| n.read("run/health") == "0\n");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(s.asked.load(Ordering::Relaxed), 0, "a standby asks no master");
    drop(agent);
}

#[test]
fn the_address_comes_back_to_the_active_node_and_leaves_the_standby() {
    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["notify", "master"]), 0);
    node.write("addresses", "2: eth0 inet 10.0.0.1/24 scope global eth0\n");
    node.shell("prepare; snapshot; watch_address");
    assert_eq!(node.says("vip"), "yes", "{}", node.read("log"));

    let node = Node::alone("node1");
    node.write("addresses", "2: eth0 inet 10.0.0.1/24 scope global eth0\n2: eth0 inet 10.0.0.9/24 scope global eth0\n");
    node.shell("prepare; snapshot; : >\"$RUN/busy\"; watch_address");
    assert_eq!(node.says("vip"), "yes", "a promotion under way is left alone");
    let out = node.shell("prepare; snapshot; rm -f \"$RUN/busy\"; exec 7>\"$RUN/lock\"; flock 7; watch_address 7>&-");
    assert_eq!(node.says("vip"), "yes", "the worker is at it: {}", text(&out.stderr));
    node.shell("prepare; snapshot; watch_address");
    assert_eq!(node.says("vip"), "no", "{}", node.read("log"));
}

/// An agent that has just started, with nothing to ask in its time.
const AGENT: &str = "prepare; was_connected=no waited=no tidy_at=99999999 quorum_at=99999999 hold_at=0 outlive_at=0 ask_at=99999999 \
    nudge_at=99999999 silent_from='' up_at='' up_tries=0";

/// Not only when its time has come: what is sent to the wrong node is refused there.
#[test]
fn an_address_astray_is_seen_at_the_next_look() {
    let look = &format!("{AGENT}; bad=0 good=0 told=''; tick; end_pulse; sleep 1.5");
    let table = |here: bool| {
        let own = if here { "           |-- 10.0.0.9\n              /32 host LOCAL\n" } else { "" };
        format!(
            "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.0\n        /24 link UNICAST\n{own}           |-- 10.0.0.1\n              /32 host LOCAL\n"
        )
    };
    let (without, with) = (
        "2: eth0 inet 10.0.0.1/24 scope global eth0\n",
        "2: eth0 inet 10.0.0.1/24 scope global eth0\n2: eth0 inet 10.0.0.9/24 scope global eth0\n",
    );
    let node = Node::alone("node1");
    node.write("addresses", with);
    node.shell(look);
    assert_eq!(node.says("vip"), "yes", "a kernel that does not tell is asked in its time");
    node.write("proc/net/fib_trie", &table(true));
    node.write("run/hold", "99999999 a person works\n");
    node.shell(look);
    assert_eq!(node.says("vip"), "yes", "on hold");
    std::fs::remove_file(node.path("run/hold")).unwrap();
    node.shell(look);
    assert_eq!(node.says("vip"), "no", "{}", node.read("log"));

    let node = Node::alone("node1");
    node.serving();
    assert_eq!(node.status(&["notify", "master"]), 0);
    node.write("addresses", without);
    node.write("proc/net/fib_trie", &table(true));
    node.shell(look);
    assert_eq!(node.says("vip"), "no", "it is there, says the kernel");
    node.write("proc/net/fib_trie", &table(false));
    node.shell(look);
    assert_eq!(node.says("vip"), "yes", "{}", node.read("log"));
}

#[test]
fn a_resource_is_brought_up_without_a_word_of_its_secret() {
    let says = r#"n=$(cat "$S/tries" 2>/dev/null || echo 0); echo $((n + 1)) >"$S/tries"
[ "$n" -ge "$(cat "$S/fails")" ] || { echo "1: Failure: (102) Local address(port) already in use."
echo "Command 'drbdsetup new-peer mfs 0 --shared-secret=s3cret-1 --protocol=C' terminated with exit code 10" >&2; exit 1; }"#;
    for (fails, status) in [("0", 0), ("2", 0), ("9", 1)] {
        let node = Node::alone("node1");
        node.fake("drbdadm", says);
        node.fake("sleep", "exec /usr/bin/sleep 0.01");
        node.write("fails", fails);
        let out = node.ha(&["bring-up"]);
        assert_eq!(out.status.code(), Some(status), "{fails}");
        let said = text(&out.stdout) + &text(&out.stderr) + &node.read("log");
        assert!(!said.contains("s3cret-1"), "{said}");
        assert_eq!(said.contains("Local address(port) already in use"), fails != "0", "{said}");
        assert_eq!(
            node.read("tries").trim(),
            match fails {
                "0" => "1",
                _ => "3",
            }
        );
    }
    let node = Node::alone("node1");
    node.fake("drbdadm", says);
    node.write("fails", "9");
    node.drbd("cs:Unconfigured");
    node.shell("prepare; up_at=0 up_tries=0; snapshot; seconds; come_up; wait");
    assert!(node.read("log").contains("exit 1") && !node.read("log").contains("s3cret-1"), "{}", node.read("log"));
}

#[test]
fn a_resource_that_did_not_come_up_at_boot_is_brought_up_but_not_one_taken_down() {
    let node = Node::alone("node1");
    node.drbd("cs:Unconfigured");
    node.shell("prepare; up_at=0 up_tries=0; snapshot; seconds; come_up; wait");
    assert!(node.read("calls").contains("drbdadm adjust mfs"), "{}", node.read("log"));
    let node = Node::alone("node1");
    node.shell(
        "prepare; seconds; snapshot; was_connected=no tidy_at=0 quorum_at=0 ask_at=9999999 nudge_at=9999999 up_at=0; keep_watch; wait",
    );
    node.drbd("cs:Unconfigured");
    node.shell("prepare; snapshot; seconds; up_at=0 up_tries=0; come_up; wait");
    assert!(!node.read("calls").contains("drbdadm adjust"), "somebody took it down");
    node.write("unit-failed", "");
    node.shell("prepare; snapshot; seconds; up_at=0 up_tries=0; come_up; wait");
    assert!(node.read("calls").contains("drbdadm adjust mfs"), "its own unit took it down, failing: {}", node.read("log"));
}

/// A line that came back while the peer, about to fence itself, was Primary too was refused by both.
#[test]
fn the_one_with_the_votes_connects_again_where_its_peer_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let node = Node::alone("node1");
    node.write("conf", &format!("{}\nPEER_ADDRESS=127.0.0.1 DRBD_PORT={port}\n", node.read("conf")));
    node.write("run/was-up", "");
    node.drbd("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----");
    let come_up = |waited: &str| {
        node.shell(&format!("prepare; snapshot; seconds; up_at=0 up_tries=0 waited={waited}; come_up; wait"));
        node.read("calls").contains("drbdadm adjust mfs")
    };
    assert!(!come_up("yes"), "it does not hold the votes");
    node.write("var/holding", "token\n");
    assert!(!come_up("no"), "somebody disconnected it");
    node.write("run/hold", "999999999 a person works\n");
    assert!(!come_up("yes"), "on hold");
    std::fs::remove_file(node.path("run/hold")).unwrap();
    assert!(come_up("yes"), "{}", node.read("log"));
    node.write("calls", "");
    drop(listener);
    assert!(!come_up("yes"), "the peer does not wait: a split brain is a person's");
}

/// keepalived's words are processes: the later one may be first.
#[test]
fn a_word_of_keepalived_that_was_overtaken_is_put_right() {
    let node = Node::alone("node1");
    node.write("conf", &format!("{}\nELECTED=127.77.0.51\n", node.read("conf")));
    let look = || {
        node.shell("prepare; snapshot; watch_address");
        node.says("wish")
    };
    node.write("run/wish", "backup\n");
    let before = node.read("addresses");
    assert_eq!((look(), look()), ("backup".to_owned(), "backup".to_owned()), "nobody elected it");
    node.write("addresses", &format!("{before}1: lo inet 127.77.0.51/32 scope global lo\n"));
    assert_eq!(look(), "backup", "one look may fall between");
    node.write("addresses", &before);
    assert_eq!(look(), "backup");
    node.write("addresses", &format!("{before}1: lo inet 127.77.0.51/32 scope global lo\n"));
    assert_eq!(look(), "backup", "it counts anew");
    assert_eq!(look(), "master", "{}", node.read("log"));
    for other in ["undecided", "stop", "none"] {
        node.write("run/wish", &format!("{other}\n"));
        assert_eq!((look(), look()), (other.to_owned(), other.to_owned()));
    }
}

/// What was tried for an earlier loss of the line does not count against this one.
#[test]
fn once_connected_the_attempts_to_reconnect_count_anew() {
    let node = Node::alone("node1");
    for (state, left) in
        [("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate", "0"), ("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown", "5")]
    {
        node.drbd(&format!("{state} C r-----"));
        let out = node.shell(&format!("{AGENT}; up_tries=5; snapshot; keep_watch; end_pulse; echo \"$up_tries\""));
        assert_eq!(text(&out.stdout).trim(), left, "{state}: {}", text(&out.stderr));
    }
}

/// DRBD quotes its secret when it fails; the note of what a command said is for root.
#[test]
fn what_a_command_said_is_for_root_only_and_the_command_keeps_its_umask() {
    let node = Node::alone("node1");
    let out = node.shell(r#"prepare; umask 022; bounded 5 sh -c 'stat -c %a "$1"/bounded.*.out; umask' x "$RUN"; echo "$OUT"; umask"#);
    assert_eq!(text(&out.stdout).split_whitespace().collect::<Vec<_>>(), ["600", "0022", "0022"], "{}", text(&out.stderr));
}

/// A standby that went away in peace has noted that its data are outdated: DRBD asks for no votes, and the active one serves by right.
#[test]
fn an_active_node_whose_standby_left_in_peace_gets_its_address_back() {
    for (peer, back) in [("Outdated", "yes"), ("DUnknown", "no")] {
        let node = Node::new("node1", "127.0.0.1", 1);
        node.serving();
        assert_eq!(node.status(&["notify", "master"]), 0);
        node.drbd(&format!("cs:WFConnection ro:Primary/Unknown ds:UpToDate/{peer} C r-----"));
        node.write("addresses", "2: eth0 inet 10.0.0.1/24 scope global eth0\n");
        node.shell("prepare; snapshot; watch_address");
        assert_eq!(node.says("vip"), back, "{peer}: {}", node.read("log"));
    }
}
