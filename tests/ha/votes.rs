//! Claims, releases, and everything that may go wrong between two masters and three witnesses.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mfsctl::step::ha;

use crate::alerts::{told, told_to};
use crate::sandbox::{Node, Running, text};

/// Witnesses on 127.0.0.1, .2, .3…, one port, started once a connection as systemd does.
pub struct Witnesses {
    dir: tempfile::TempDir,
    port: u16,
    deaf: Vec<Arc<AtomicBool>>,
}

impl Witnesses {
    pub fn new(count: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mfs-witness"), ha::WITNESS_SCRIPT).unwrap();
        let mut port = 0;
        let mut deaf = Vec::new();
        for n in 1..=count {
            let listener = TcpListener::bind((format!("127.0.0.{n}"), port)).unwrap();
            port = listener.local_addr().unwrap().port();
            let var = dir.path().join(format!("w{n}"));
            let conf = dir.path().join(format!("conf{n}"));
            let text = format!(
                "SECRET='s3cret $x' MASTERS=127.0.0.1 NODES='node1 node2' RESOURCE=mfs VAR={}\n\
                 HDD_CFG={1}/mfshdd{n}.cfg CHUNKSERVER_CFG={1}/mfschunkserver{n}.cfg UPTIME={1}/uptime{n}\n",
                var.display(),
                dir.path().display()
            );
            std::fs::write(&conf, text).unwrap();
            let script = dir.path().join("mfs-witness");
            let silent = Arc::new(AtomicBool::new(false));
            deaf.push(Arc::clone(&silent));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if silent.load(Ordering::SeqCst) {
                        continue;
                    }
                    let (input, output) = (OwnedFd::from(stream.try_clone().unwrap()), OwnedFd::from(stream));
                    let mut command = Command::new("sh");
                    command.arg(&script).env("MFS_WITNESS_CONF", &conf).env("REMOTE_ADDR", "127.0.0.1");
                    let child = command.stdin(Stdio::from(input)).stdout(Stdio::from(output)).stderr(Stdio::null()).spawn();
                    drop(command);
                    std::thread::spawn(move || child.map(|mut c| c.wait()));
                }
            });
        }
        Self { dir, port, deaf }
    }

    pub fn node(&self, name: &str) -> Node {
        let all: Vec<String> = (1..=self.deaf.len()).map(|n| format!("127.0.0.{n}")).collect();
        Node::new(name, &all.join(" "), self.port)
    }

    /// A file or directory of the witnesses' side.
    pub fn path(&self, sub: &str) -> std::path::PathBuf {
        self.dir.path().join(sub)
    }

    /// Takes a witness away, or gives it back.
    pub fn deafen(&self, witness: usize, deaf: bool) {
        self.deaf[witness - 1].store(deaf, Ordering::SeqCst);
    }

    /// Who holds that witness's word.
    fn holder(&self, witness: usize) -> String {
        let word = std::fs::read_to_string(self.dir.path().join(format!("w{witness}/mfs"))).unwrap_or_default();
        word.split_whitespace().next().unwrap_or("-").to_owned()
    }

    fn holders(&self) -> Vec<String> {
        (1..=self.deaf.len()).map(|n| self.holder(n)).collect()
    }

    /// Sends raw bytes after the nonce; what comes back before the end.
    fn raw(&self, send: impl Fn(&str) -> String) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut nonce = [0; 37];
        stream.read_exact(&mut nonce).unwrap();
        stream.write_all(send(text(&nonce).trim()).as_bytes()).unwrap();
        let mut rest = String::new();
        let _ = stream.read_to_string(&mut rest);
        rest
    }
}

fn lost(node: &Node, role: &str) {
    node.drbd(&format!("cs:WFConnection ro:{role}/Unknown ds:UpToDate/DUnknown C r-----"));
}

#[test]
fn the_first_to_claim_wins_and_the_other_loses() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    lost(&one, "Primary");
    lost(&two, "Secondary");
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    assert!(one.exists("var/holding"));
    assert_eq!(two.status(&["fence"]), 1);
    assert!(!two.exists("var/holding"));
    one.until("every witness names node1", |_| witnesses.holders().iter().all(|h| h == "node1"));
    assert_eq!(one.status(&["fence"]), 4, "claiming again is harmless");
}

/// Gives primaries a head start of three seconds, and time enough for it.
fn head_start(node: &Node) {
    let conf = node.read("conf").replace("FENCE_HANDICAP_CENTIS=0", "FENCE_HANDICAP_CENTIS=300");
    node.write("conf", &conf.replace("WITNESS_WAIT=2", "WITNESS_WAIT=8"));
}

/// The line to the witnesses is there meanwhile, so that nothing but the question is left to do then.
#[test]
fn a_secondary_asks_only_after_the_head_start_of_a_primary() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    for node in [&one, &two] {
        head_start(node);
    }
    lost(&one, "Primary");
    lost(&two, "Secondary");
    let begin = Instant::now();
    let mut second = two.spawn(&["fence"]);
    two.until("the loss is noted", |n| !n.read("run/lost").is_empty());
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    assert!(begin.elapsed() < Duration::from_secs(3), "a primary waits for nobody: {:?}", begin.elapsed());
    assert_eq!(second.0.wait().unwrap().code(), Some(1), "{}", two.read("log"));
    assert!(begin.elapsed() > Duration::from_secs(3), "{:?}", begin.elapsed());
    one.until("every witness names node1", |_| witnesses.holders().iter().all(|h| h == "node1"));
}

/// The time since the link was lost counts, to the hundredth; a note without hundredths counts from now.
#[test]
fn the_head_start_is_over_some_time_after_the_loss() {
    for (lost_at, waits) in [("$((CENTIS / 100 - 4)) $((CENTIS - 400))", false), ("$((CENTIS / 100 - 4))", true)] {
        let witnesses = Witnesses::new(3);
        let node = witnesses.node("node2");
        head_start(&node);
        lost(&node, "Secondary");
        node.shell(&format!("centis; put \"$RUN/lost\" \"{lost_at}\""));
        let begin = Instant::now();
        assert_eq!(node.status(&["fence"]), 4, "{}", node.read("log"));
        assert_eq!(begin.elapsed() >= Duration::from_secs(3), waits, "{:?}", begin.elapsed());
    }
}

/// Lost with a crash before it was on the disk: the words on the witnesses' disks are what counts.
#[test]
fn an_empty_note_of_the_votes_is_none() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    one.write("var/holding", "");
    assert_eq!(one.says("holding"), "no");
    assert_eq!(one.status(&["fence"]), 4, "its own word stands: {}", one.read("log"));
    one.write("var/holding", "");
    one.shell("prepare; with_votes 5 tidy_votes");
    assert_eq!(witnesses.holders(), ["-", "-", "-"]);
}

#[test]
fn answers_to_earlier_questions_are_cleared_away() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    one.write("run/vote.0.token.get.127.0.0.1", "yes - -\n");
    one.write("run/vote.token.get.127.0.0.1", "yes - -\n");
    one.ha(&["votes"]);
    let answers = |n: &Node| {
        std::fs::read_dir(n.path("run")).unwrap().flatten().filter(|f| f.file_name().to_string_lossy().starts_with("vote.")).count()
    };
    one.until("only the last answers are there", |n| answers(n) == 3);
    // Those of a question that may be under way stay.
    one.ha(&["votes"]);
    assert_eq!(answers(&one), 6);
}

#[test]
fn a_majority_is_enough_and_a_minority_is_not() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Secondary");
    witnesses.deafen(3, true);
    assert_eq!(one.status(&["fence"]), 4);
    let two = witnesses.node("node2");
    lost(&two, "Secondary");
    witnesses.deafen(2, true);
    assert_eq!(two.status(&["fence"]), 1);
}

#[test]
fn a_minority_won_is_given_back() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Secondary");
    witnesses.deafen(2, true);
    witnesses.deafen(3, true);
    assert_eq!(one.status(&["fence"]), 1);
    assert_eq!(witnesses.holder(1), "-", "log:\n{}", one.read("log"));
}

/// DRBD asks four times for one promotion.
#[test]
fn a_refusal_holds_for_the_times_drbd_asks_again_at_once() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Secondary");
    (1..=3).for_each(|n| witnesses.deafen(n, true));
    assert_eq!(one.status(&["fence"]), 1);
    (1..=3).for_each(|n| witnesses.deafen(n, false));
    one.shell("centis; put \"$RUN/refusal\" $((CENTIS - 100))");
    assert_eq!(one.status(&["fence"]), 1, "still the same promotion");
    assert_eq!(witnesses.holders(), ["-", "-", "-"]);
    one.shell("centis; put \"$RUN/refusal\" $((CENTIS - 300))");
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    // A primary is never refused unasked.
    one.shell("centis; put \"$RUN/refusal\" $CENTIS");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
}

#[test]
fn a_primary_without_votes_fences_itself() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    lost(&two, "Secondary");
    assert_eq!(two.status(&["fence"]), 4);
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 1);
    assert!(one.read("log").contains("SELF-FENCE"));
    assert_eq!(one.read("proc/sysrq-trigger"), "b\n");
    assert!(one.read("var/self-fence.log").contains("without a majority"));
}

#[test]
fn a_primary_whose_peer_has_the_votes_does_not_wait() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    lost(&two, "Secondary");
    assert_eq!(two.status(&["fence"]), 4);
    lost(&one, "Primary");
    one.write("conf", &one.read("conf").replace("FENCE_WAIT=2", "FENCE_WAIT=60"));
    let begin = Instant::now();
    assert_eq!(one.status(&["fence"]), 1);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(one.read("proc/sysrq-trigger"), "b\n");
}

/// Time in which the machine did not let it ask is not held against it, up to as long again.
#[test]
fn a_primary_without_processor_time_gets_longer_but_not_for_ever() {
    let witnesses = Witnesses::new(3);
    (1..=3).for_each(|n| witnesses.deafen(n, true));
    // Every pause takes a second and a half, as on a machine that others have.
    let starve = |node: &Node| {
        node.fake("sleep", "exec /bin/sleep 1.5");
        node.write("conf", &node.read("conf").replace("FENCE_WAIT=2", "FENCE_WAIT=8"));
        lost(node, "Primary");
    };
    let one = witnesses.node("node1");
    starve(&one);
    let begin = Instant::now();
    assert_eq!(one.status(&["fence"]), 1);
    assert!(begin.elapsed() > Duration::from_secs(14), "{:?}", begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    assert_eq!(one.read("proc/sysrq-trigger"), "b\n");
    assert!(one.read("log").contains("without processor time"), "{}", one.read("log"));
    // The votes come late: it lives.
    let two = witnesses.node("node1");
    starve(&two);
    let mut fence = two.spawn(&["fence"]);
    std::thread::sleep(Duration::from_secs(9));
    (1..=3).for_each(|n| witnesses.deafen(n, false));
    assert_eq!(fence.0.wait().unwrap().code(), Some(4), "{}", two.read("log"));
    assert!(!two.exists("proc/sysrq-trigger"));
    // The peer has the votes: no grace.
    let three = witnesses.node("node2");
    starve(&three);
    three.write("conf", &three.read("conf").replace("FENCE_WAIT=8", "FENCE_WAIT=60"));
    let begin = Instant::now();
    assert_eq!(three.status(&["fence"]), 1);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(three.read("proc/sysrq-trigger"), "b\n");
}

/// Serves, its peer is lost and nobody answers: the fence handler has put the address aside, and goes on asking.
fn with_its_address_aside(node: &Node, witnesses: &Witnesses) -> Running {
    node.serving();
    node.write("run/wish", "master\n");
    node.write("conf", &node.read("conf").replace("FENCE_WAIT=2", "FENCE_WAIT=60"));
    (1..=3).for_each(|n| witnesses.deafen(n, true));
    lost(node, "Primary");
    let fence = node.spawn(&["fence"]);
    node.until("the address is aside", |n| !n.read("addresses").contains("10.0.0.9/"));
    fence
}

/// Nobody shall meet two nodes with the address when the line is back.
#[test]
fn a_primary_that_nobody_answers_puts_its_address_aside_until_it_has_the_votes() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    let mut fence = with_its_address_aside(&one, &witnesses);
    // The agent does not bring it back either: nothing gives it the right to.
    one.shell("right_address");
    assert!(!one.read("addresses").contains("10.0.0.9/"));
    (1..=3).for_each(|n| witnesses.deafen(n, false));
    assert_eq!(fence.0.wait().unwrap().code(), Some(4), "{}", one.read("log"));
    assert!(one.read("addresses").contains("10.0.0.9/"));
    assert!(!one.exists("proc/sysrq-trigger"));
}

#[test]
fn a_peer_that_comes_back_meanwhile_is_not_fenced() {
    let witnesses = Witnesses::new(3);
    for n in 1..=3 {
        witnesses.deafen(n, true);
    }
    let one = witnesses.node("node1");
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(one.status(&["fence"]), 1);
    assert!(!one.exists("proc/sysrq-trigger"));
}

#[test]
fn votes_go_back_only_in_sync() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    assert_eq!(one.status(&["release"]), 1);
    assert_eq!(one.status(&["unfence"]), 0);
    assert!(one.exists("var/holding"));
    one.drbd("cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----");
    one.ha(&["unfence"]);
    assert!(one.exists("var/holding"));
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(one.status(&["unfence"]), 0);
    assert!(!one.exists("var/holding"));
    assert_eq!(witnesses.holders(), ["-", "-", "-"]);
}

#[test]
fn an_old_release_cannot_take_a_new_claim_back() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    let old = one.read("var/holding");
    assert_eq!(one.status(&["fence"]), 4);
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    let out = one.shell(&format!("prepare; ask_all release {} all; echo $YES $SEEN $TOTAL", old.trim()));
    assert_eq!(text(&out.stdout), "0 3 3\n");
    assert_eq!(witnesses.holders(), ["node1", "node1", "node1"]);
}

#[test]
fn stray_words_of_a_crash_are_tidied_up_but_never_held_ones() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    one.shell("prepare; with_votes 5 tidy_votes");
    assert_eq!(witnesses.holders(), ["node1", "node1", "node1"]);
    std::fs::remove_file(one.path("var/holding")).unwrap();
    one.shell("prepare; with_votes 5 tidy_votes");
    assert_eq!(witnesses.holders(), ["-", "-", "-"]);
}

#[test]
fn seizing_needs_the_words_and_a_lost_peer() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    lost(&two, "Secondary");
    assert_eq!(two.status(&["seize"]), 64);
    assert_eq!(two.status(&["seize", "THE-PEER-IS-DEAD"]), 0);
    assert_eq!(two.status(&["fence"]), 4);
    two.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----");
    assert_eq!(two.status(&["seize", "THE-PEER-IS-DEAD"]), 1);
}

#[test]
fn votes_names_every_holder() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    witnesses.deafen(2, true);
    let out = text(&one.ha(&["votes"]).stdout);
    assert_eq!(out, "127.0.0.1: nobody\n127.0.0.2: no answer\n127.0.0.3: nobody\n");
    // The report for `ha status` and `doctor` says the same, and names a holder.
    std::fs::create_dir_all(witnesses.path("w3")).unwrap();
    std::fs::write(witnesses.path("w3/mfs"), "node2 some-token\n").unwrap();
    let told = text(&one.ha(&["report"]).stdout);
    let votes: Vec<&str> = told.lines().filter(|l| l.starts_with("vote=")).collect();
    assert_eq!(votes, ["vote=127.0.0.1 -", "vote=127.0.0.2 ?", "vote=127.0.0.3 node2"]);
    assert!(told.lines().any(|l| l == "lost_since="), "{told}");
    // Also while the peer is lost; the note has the time in seconds and in hundredths.
    one.shell("prepare; centis; put \"$RUN/lost\" \"$((CENTIS / 100 - 7)) $((CENTIS - 700))\"");
    let out = one.ha(&["report"]);
    let told = text(&out.stdout);
    assert!(out.status.success(), "{told}{}", text(&out.stderr));
    let lost = told.lines().find_map(|l| l.strip_prefix("lost_since=")?.parse::<u32>().ok());
    assert!(lost.is_some_and(|s| (7..20).contains(&s)), "{told}");
    assert_eq!(told.lines().filter(|l| l.starts_with("vote=")).count(), 3);
}

#[test]
fn questions_do_not_disturb_each_other() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    let agent = one.spawn(&["agent"]);
    for _ in 0..5 {
        assert!(!text(&one.ha(&["votes"]).stdout).contains("no answer"));
    }
    assert_eq!(one.status(&["fence"]), 4);
    drop(agent);
}

/// Connected as it is, nobody asks for votes; but it has data that look new when it comes back.
#[test]
fn a_primary_whose_peer_lost_its_disk_takes_the_votes() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    for peer in ["Diskless", "Failed"] {
        one.drbd(&format!("cs:Connected ro:Primary/Secondary ds:UpToDate/{peer} C r-----"));
        let agent = one.spawn(&["agent"]);
        one.until("every witness names it", |_| witnesses.holders() == ["node1", "node1", "node1"]);
        // It waits on the other side, says its disk, for whoever has the votes.
        let two = witnesses.node("node2");
        two.drbd("cs:WFConnection ro:Secondary/Unknown ds:Consistent/DUnknown C r-----");
        assert_eq!(two.status(&["fence"]), 1, "{}", two.read("log"));
        assert!(one.exists("var/holding"));
        one.drbd("cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----");
        std::thread::sleep(Duration::from_secs(3));
        assert!(one.exists("var/holding"), "not before it is in sync");
        one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
        one.until("they are given back", |_| witnesses.holders() == ["-", "-", "-"]);
        drop(agent);
    }
    // One without data of its own takes none.
    for state in ["ro:Primary/Secondary ds:Diskless/Diskless", "ro:Primary/Secondary ds:Diskless/UpToDate"] {
        one.drbd(&format!("cs:Connected {state} C r-----"));
        one.shell("prepare; snapshot; with_votes 5 outlive_peer_disk");
        assert_eq!(witnesses.holders(), ["-", "-", "-"], "{state}");
    }
}

/// A Primary that lost its disk goes on, and what it writes is on the standby's alone. Both lose power: the one with the old data
/// must not find the votes free when it boots first.
#[test]
fn a_standby_whose_primary_lost_its_disk_takes_the_votes() {
    let witnesses = Witnesses::new(3);
    let (one, two) = (witnesses.node("node1"), witnesses.node("node2"));
    two.drbd("cs:Connected ro:Secondary/Primary ds:UpToDate/Diskless C r-----");
    // Also on hold, when nobody takes over.
    two.write("run/hold", "999999999 a person works\n");
    let agent = two.spawn(&["agent"]);
    two.until("every witness names it", |_| witnesses.holders() == ["node2"; 3]);
    drop(agent);
    one.drbd("cs:WFConnection ro:Secondary/Unknown ds:Consistent/DUnknown C r-----");
    assert_eq!(one.status(&["fence"]), 1, "{}", one.read("log"));
    lost(&two, "Secondary");
    assert_eq!(two.status(&["fence"]), 4, "{}", two.read("log"));
    two.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(two.status(&["release"]), 0);
    assert_eq!(witnesses.holders(), ["-"; 3]);
}

/// Where two witnesses of three named it and the third was away, the other could win that one and two new ones.
#[test]
fn a_holder_tells_every_witness_also_new_ones() {
    let witnesses = Witnesses::new(5);
    let one = witnesses.node("node1");
    let all = one.read("conf");
    one.write("conf", &all.replace(" 127.0.0.4 127.0.0.5", ""));
    witnesses.deafen(3, true);
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    witnesses.deafen(3, false);
    one.write("conf", &all);
    let agent = one.spawn(&["agent"]);
    std::thread::sleep(Duration::from_secs(5));
    one.until("all five name it", |_| witnesses.holders() == ["node1"; 5]);
    drop(agent);
    let two = witnesses.node("node2");
    lost(&two, "Secondary");
    assert_eq!(two.status(&["fence"]), 1);
    // Still the word it can give back.
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(one.status(&["release"]), 0);
    assert_eq!(witnesses.holders(), ["-"; 5]);
}

#[test]
fn votes_won_count_also_where_the_disk_takes_no_note() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    // A directory in which even root makes no file.
    one.write("conf", &(one.read("conf") + "\nVAR=/sys/kernel\n"));
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    assert_eq!(one.says("holding"), "yes");
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(one.status(&["release"]), 0);
    assert_eq!((one.says("holding"), witnesses.holders()), ("no".to_owned(), vec!["-".to_owned(); 3]));
}

/// A system disk that is stuck may keep the note of the votes; it keeps no lock, with which they could not be given back.
#[test]
fn votes_are_given_back_while_the_disk_is_stuck() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    one.fake("dd", "case $* in *var/holding) exec sleep 30 ;; esac\nexec /bin/dd \"$@\"\n");
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    let begin = std::time::Instant::now();
    assert_eq!(one.status(&["release"]), 0, "{}", one.read("log"));
    assert!(begin.elapsed() < std::time::Duration::from_secs(8), "{:?}", begin.elapsed());
    assert_eq!(witnesses.holders(), ["-"; 3]);
}

#[test]
fn a_question_does_not_wait_for_another_one() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    one.shell("prepare");
    let lock = one.path("run/votes.lock").display().to_string();
    let mut holder = Command::new("flock").args([&lock, "sleep", "15"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let begin = Instant::now();
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
    assert!(begin.elapsed() < Duration::from_secs(2), "a primary has its head start only: {:?}", begin.elapsed());
    let _ = holder.kill();
    let _ = holder.wait();
}

/// While the agent gives back what it held, the line is lost and the votes are won again: those stay.
#[test]
fn votes_won_while_the_ones_before_are_given_back_stay() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    let before = one.read("var/holding");
    let out = one.shell("prepare; snapshot() { claim; CS=Connected DISK=UpToDate PEER_DISK=UpToDate; }; release_if_in_sync");
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert!(!one.read("var/holding").is_empty() && one.read("var/holding") != before, "{}", one.read("log"));
    one.until("every witness names it", |_| witnesses.holders() == ["node1"; 3]);
}

/// Words that are being won are in no note yet; whoever tidies up must not take them for stray ones.
#[test]
fn words_being_won_are_no_stray_ones() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    one.shell("prepare; new_token; seconds; put \"$RUN/claiming\" \"$NOW $TOKEN\"; ask_all claim \"$TOKEN\" all; tidy_votes");
    assert_eq!(witnesses.holders(), ["node1"; 3], "{}", one.read("log"));
    // After a minute nobody is at it any more.
    one.shell("read -r at token <\"$RUN/claiming\"; put \"$RUN/claiming\" \"$((at - 100)) $token\"; tidy_votes");
    assert_eq!(witnesses.holders(), ["-"; 3], "{}", one.read("log"));
}

/// What a primary won in the minority would stand in its peer's way until it is back.
#[test]
fn a_primary_that_fences_itself_leaves_no_words_behind() {
    let witnesses = Witnesses::new(3);
    let one = told_to(witnesses.node("node1"));
    lost(&one, "Primary");
    witnesses.deafen(2, true);
    witnesses.deafen(3, true);
    assert_eq!(one.status(&["fence"]), 1);
    assert_eq!(one.read("proc/sysrq-trigger"), "b\n");
    assert_eq!(witnesses.holder(1), "-", "{}", one.read("log"));
    let alerts = told(&one);
    assert!(alerts.iter().any(|a| a.starts_with("critical votes-lost") && a.ends_with("1 of 3, 1 answered")), "{alerts:?}");
}

/// A bash before 5.1 needs room for here-documents and here-strings; the votes do not depend on it.
#[test]
fn a_shell_without_room_for_temporary_files_wins_the_votes() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    // A directory in which even root makes no file.
    one.write("conf", &(one.read("conf") + "\nBASH_COMPAT=5.0 TMPDIR=/sys/kernel\nexport BASH_COMPAT TMPDIR\nprepare() { :; }\n"));
    assert_eq!(one.status(&["fence"]), 4, "{}", one.read("log"));
}

/// A release that a witness did not hear stands in the way of the peer no longer than some seconds.
#[test]
fn a_release_that_was_not_heard_is_told_again_soon() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    one.until("every witness heard", |_| witnesses.holders().iter().all(|h| h == "node1"));
    (1..=3).for_each(|n| witnesses.deafen(n, true));
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    let agent = one.spawn(&["agent"]);
    one.until("it gave them back", |n| !n.exists("var/holding"));
    (1..=3).for_each(|n| witnesses.deafen(n, false));
    std::thread::sleep(Duration::from_secs(9));
    one.until("the witnesses know", |_| witnesses.holders() == ["-", "-", "-"]);
    drop(agent);
}

/// On hold nobody else puts the address back.
#[test]
fn the_address_is_back_when_the_peer_is() {
    let witnesses = Witnesses::new(3);
    let one = witnesses.node("node1");
    one.write("run/hold", "999999999 a person works\n");
    let mut fence = with_its_address_aside(&one, &witnesses);
    one.drbd("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----");
    assert_eq!(fence.0.wait().unwrap().code(), Some(1), "{}", one.read("log"));
    assert!(one.read("addresses").contains("10.0.0.9/"), "{}", one.read("log"));
    assert!(!one.exists("proc/sysrq-trigger"));
}

/// A node that asks these witnesses, and needs a majority of each of the lists of before too.
fn changing(witnesses: &Witnesses, name: &str, now: &[usize], earlier: &str) -> Node {
    let node = witnesses.node(name);
    let addresses = |list: &[usize]| list.iter().map(|n| format!("127.0.0.{n}")).collect::<Vec<_>>().join(" ");
    let conf = node.read("conf");
    node.write("conf", &format!("{conf}WITNESSES='{}' EARLIER='{earlier}'\n", addresses(now)));
    node
}

const OLD: &str = "127.0.0.1 127.0.0.2 127.0.0.3";

#[test]
fn while_the_witnesses_change_two_masters_cannot_each_win_their_own() {
    for (first, second) in [("node1", "node2"), ("node2", "node1")] {
        let witnesses = Witnesses::new(6);
        // One is told of the change already, the other is not yet.
        let told = changing(&witnesses, "node1", &[4, 5, 6], OLD);
        let untold = changing(&witnesses, "node2", &[1, 2, 3], "");
        let order = if first == "node1" { [&told, &untold] } else { [&untold, &told] };
        lost(order[0], "Primary");
        lost(order[1], "Secondary");
        assert_eq!(order[0].status(&["fence"]), 4, "{first} first: {}", order[0].read("log"));
        assert_eq!(order[1].status(&["fence"]), 1, "{second} second: {}", order[1].read("log"));
        assert!(!order[1].exists("var/holding"));
    }
}

#[test]
fn every_list_has_to_agree_and_its_silence_is_no_majority() {
    // 3 and 4 stand in two lists.
    let earlier = format!("{OLD}; 127.0.0.3 127.0.0.4 127.0.0.7");
    for (deaf, won) in [(&[1, 6, 7][..], true), (&[1, 2], false), (&[5, 6], false), (&[4, 7], false)] {
        let witnesses = Witnesses::new(7);
        let node = changing(&witnesses, "node1", &[4, 5, 6], &earlier);
        lost(&node, "Secondary");
        deaf.iter().for_each(|witness| witnesses.deafen(*witness, true));
        assert_eq!(node.status(&["fence"]) == 4, won, "without {deaf:?}: {}", node.read("log"));
        assert_eq!(node.exists("var/holding"), won);
        assert_eq!(node.says("witnesses"), "7");
        let report = text(&node.ha(&["report"]).stdout);
        assert!(report.contains("witnesses_change=yes\n") && report.matches("\nvote=").count() == 7, "{report}");
        assert!(report.contains(&format!("\nwitness_lists=127.0.0.4 127.0.0.5 127.0.0.6;{earlier}\n")), "{report}");
    }
}

#[test]
fn where_there_were_no_witnesses_only_the_one_that_serves_goes_on() {
    let witnesses = Witnesses::new(3);
    let standby = changing(&witnesses, "node2", &[1, 2, 3], "none");
    lost(&standby, "Secondary");
    assert_eq!(standby.status(&["fence"]), 1);
    assert!(!standby.exists("var/holding"));
    let active = changing(&witnesses, "node1", &[1, 2, 3], "none");
    lost(&active, "Primary");
    assert_eq!(active.status(&["fence"]), 4, "{}", active.read("log"));
    // And the other way: those of before still count.
    let leaving = changing(&witnesses, "node2", &[], OLD);
    lost(&leaving, "Primary");
    assert_ne!(leaving.status(&["fence"]), 4, "node1 has their votes: {}", leaving.read("log"));
}

#[test]
fn without_witnesses_the_serving_one_goes_on_and_the_other_never_takes_over() {
    let one = Node::alone("node1");
    lost(&one, "Primary");
    assert_eq!(one.status(&["fence"]), 4);
    lost(&one, "Secondary");
    assert_eq!(one.status(&["fence"]), 1);
}

#[test]
fn a_wrong_secret_a_strange_node_and_nonsense_get_no_answer() {
    let witnesses = Witnesses::new(1);
    assert_eq!(witnesses.raw(|_| "claim mfs node1 t deadbeef\n".into()), "");
    assert_eq!(witnesses.raw(|_| "\n".into()), "");
    assert_eq!(witnesses.raw(|_| "claim mfs ../../etc t x\n".into()), "");
    let seal = |secret: &str, text: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", "echo \"$1\" | sha256sum | cut -c1-64", "sh", &format!("{secret}|{text}|{secret}")]);
        crate::sandbox::text(&command.output().unwrap().stdout).trim().to_owned()
    };
    let with = |secret: &'static str, node: &'static str, resource: &'static str| {
        witnesses.raw(|nonce| format!("claim {resource} {node} t {}\n", seal(secret, &format!("{nonce}|claim|{resource}|{node}|t"))))
    };
    assert_eq!(with("wrong", "node1", "mfs"), "");
    assert_eq!(with("s3cret $x", "node9", "mfs"), "");
    assert_eq!(with("s3cret $x", "node1", "other"), "");
    assert!(with("s3cret $x", "node1", "mfs").starts_with("yes node1 t "));
    assert_eq!(witnesses.holder(1), "node1");
}
