//! What must not lose an alert, and what an alert must not do to a takeover: full and read-only disks, kills, reboots.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::sandbox::{Node, account};
use crate::server::{MailServer, Manners};

fn node(server: &MailServer) -> Node {
    Node::new(&format!("TO='ops@example.com'\n{}", account(1, server.port, "none")))
}

/// Runs a script where mounts are its own; `$D` is the node's directory. Needs root.
fn in_a_mount_namespace(node: &Node, script: &str) -> std::process::Output {
    let out = Command::new("unshare")
        .args(["-m", "--propagation", "private", "sh", "-c", script])
        .env("D", node.dir.path())
        .env("MFS_ALERT_CONF", node.path("conf"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
    out
}

const DROP: &str = "MFS_HA_FUNCTIONS_ONLY=yes; . $D/mfs-ha; ALERTS=$D/run/in LAST_WORDS=$D/var/in;";

#[test]
fn a_full_or_read_only_var_costs_only_the_copy() {
    for options in ["size=4k", "ro"] {
        let server = MailServer::start(Manners::default());
        let node = node(&server);
        let script = format!(
            "mount -t tmpfs -o {options} none $D/var; head -c 100000 /dev/zero >$D/var/filler 2>/dev/null;
             sh -c '{DROP} alert warning active \"became active\"; last_words \"fenced itself\"; echo alive' || exit 1
             timeout 20 sh $D/mfs-alert work"
        );
        let out = in_a_mount_namespace(&node, &script);
        assert_eq!(String::from_utf8_lossy(&out.stdout), "alive\n", "{out:?}");
        let mails = server.mails();
        assert_eq!(mails.len(), 1, "{options}: {}", node.read("log"));
        assert!(mails[0].text().contains("became active"));
    }
}

#[test]
fn a_full_run_loses_the_alert_and_nothing_else() {
    let server = MailServer::start(Manners::default());
    let node = node(&server);
    let script = format!(
        "mount -t tmpfs -o size=4k none $D/run; mkdir $D/run/in; head -c 100000 /dev/zero >$D/run/filler 2>/dev/null
         sh -e -c '{DROP} alert warning active \"became active\"; echo alive'"
    );
    let out = in_a_mount_namespace(&node, &script);
    assert_eq!((String::from_utf8_lossy(&out.stdout).as_ref(), out.stderr.len()), ("alive\n", 0), "{out:?}");
    let gone = node.takeover("ALERTS=/nonexistent/in; alert warning active x; echo $?");
    assert_eq!((gone.stdout.as_slice(), gone.stderr.len()), (b"0\n".as_slice(), 0), "{gone:?}");
}

#[test]
fn dropping_one_starts_no_process_and_takes_no_time() {
    let server = MailServer::start(Manners::default());
    let node = node(&server);
    // `ulimit -u 0` would bind root too late: a shell that can find no program shows it as well.
    let begin = Instant::now();
    let out = node.takeover("PATH=/nonexistent; n=0; while [ $n -lt 190 ]; do n=$((n+1)); alert warning active x || exit 9; done");
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
    assert_eq!(node.count("run/in"), 190);
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[test]
fn a_killed_worker_loses_nothing_and_repeats_at_most_what_it_was_sending() {
    let server = MailServer::start(Manners { slow: Duration::from_millis(700), ..Manners::default() });
    let node = node(&server);
    for round in 0..4 {
        node.alert("notice", "test", &format!("alert {round}"));
        let mut worker = node.worker();
        std::thread::sleep(Duration::from_millis(150 + 200 * round));
        worker.0.kill().unwrap();
        worker.0.wait().unwrap();
    }
    node.until("what is on its way is through", |_| true);
    node.work();
    let mails = server.wait(1, 10);
    for round in 0..4 {
        let with: Vec<_> = mails.iter().filter(|m| m.text().contains(&format!("alert {round}"))).collect();
        assert!((1..=3).contains(&with.len()), "alert {round}: {} mails", with.len());
    }
    assert_eq!(node.count("run/queue") + node.count("run/in"), 0);
}

#[test]
fn what_was_not_sent_survives_a_reboot_and_last_words_come_after_it() {
    let server = MailServer::start(Manners { greeting: Some("421 not yet"), ..Manners::default() });
    let node = node(&server);
    node.alert("critical", "fault", "before the reboot");
    let worker = node.worker();
    node.until("it is on the disk", |n| n.count("var/queue") == 1 && n.read("log").contains("421"));
    drop(worker);
    // Dropped in the last moment, and saved at shutdown.
    node.alert("notice", "passive", "gave up the service");
    assert!(node.run(&["save"]).status.success());
    node.takeover("last_words 'fenced itself and reboots: cannot let go'");
    std::fs::remove_dir_all(node.path("run")).unwrap();
    std::fs::create_dir_all(node.path("run/in")).unwrap();
    let good = MailServer::start(Manners::default());
    node.set(&account(1, good.port, "none"));
    node.work();
    let text = good.mails()[0].text();
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}: {text}"));
    assert!(at("before the reboot") < at("gave up the service") && at("gave up the service") < at("fenced itself"));
    assert_eq!(node.count("var/queue") + node.count("var/in"), 0);
    node.work();
    assert_eq!(good.mails().len(), 1, "not again");
}

#[test]
fn half_a_file_and_rubbish_are_no_alerts() {
    let server = MailServer::start(Manners::default());
    let node = node(&server);
    let old = std::time::SystemTime::now() - Duration::from_secs(60);
    for (name, text) in [("100.7.1", "notice\ntest\nhalf of i"), ("101.7.2", ""), ("rubbish", "x\n"), ("a.b.c", "notice\nx\ny\n.\n")] {
        std::fs::write(node.path("run/in").join(name), text).unwrap();
        std::fs::File::open(node.path("run/in").join(name)).unwrap().set_modified(old).unwrap();
    }
    std::fs::write(node.path("run/in/102.7.3"), format!("odd\nKIND/../x\n{}\n.\n", "y".repeat(9000))).unwrap();
    node.work();
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text().contains(&"y".repeat(800)) && mails[0].data.lines().all(|l| l.len() < 998));
    assert_eq!(node.count("run/in"), 0);
}

/// A bash before 5.1 (EL7, EL8) needs room for here-documents; a mail that was sent is not sent again for want of it.
#[test]
fn a_shell_without_room_for_temporary_files_tells_once() {
    let server = MailServer::start(Manners::default());
    let node = node(&server);
    // A directory in which even root makes no file.
    node.set("BASH_COMPAT=5.0 TMPDIR=/sys/kernel\nexport BASH_COMPAT TMPDIR");
    node.alert("critical", "fault", "unfit");
    let mut bash = Command::new("bash");
    let out = bash.args(["-c", "exec timeout 20 bash \"$0\" work"]).arg(node.path("mfs-alert")).env("MFS_ALERT_CONF", node.path("conf"));
    let out = out.output().unwrap();
    assert!(out.status.success(), "{out:?}: {}", node.read("log"));
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{}", node.read("log"));
    assert_eq!(mails[0].header("Subject"), "[test] m1: unfit");
}

/// A copy that cannot be removed is no reason to end and be started again, and holds up nothing that comes.
#[test]
fn copies_that_cannot_be_removed_neither_spin_nor_come_again() {
    let server = MailServer::start(Manners::default());
    let node = node(&server);
    node.takeover("last_words 'fenced itself and reboots: cannot let go'");
    std::fs::create_dir_all(node.path("var/queue")).unwrap();
    std::fs::write(node.path("var/queue/17000000000.9.000001"), "1700000000\tnotice\ttest\tfrom before the boot\n").unwrap();
    let script = format!(
        "mount --bind $D/var $D/var; mount -o remount,bind,ro $D/var
         timeout 8 sh $D/mfs-alert work & sleep 3
         sh -c '{DROP} alert notice test \"one more\"'
         wait $!; ended=$?
         timeout 4 sh $D/mfs-alert work; echo $ended $?"
    );
    let out = in_a_mount_namespace(&node, &script);
    assert_eq!(String::from_utf8_lossy(&out.stdout), "124 124\n", "it stays: {}", node.read("log"));
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "{}", node.read("log"));
    assert!(mails[0].text().contains("fenced itself") && mails[0].text().contains("from before the boot"), "{}", mails[0].text());
    assert!(mails[1].text().contains("one more"));
    // Mended.
    node.work();
    assert_eq!(node.count("var/queue") + node.count("var/in"), 0);
    assert_eq!(server.mails().len(), 2);
}

/// What one way has told already is not told again there after a reboot, only because another way is still to be tried.
#[test]
fn a_reboot_repeats_nothing_that_was_told() {
    let good = MailServer::start(Manners::default());
    let node = Node::new(&format!("TO='ops@example.com'\n{}HOOK_SECRET=http://127.0.0.1:1/hook", account(1, good.port, "none")));
    node.alert("critical", "fault", "told before the reboot");
    let worker = node.worker();
    good.wait(1, 10);
    node.until("that is on the disk", |n| n.count("var/done/ops@example.com") == 1);
    drop(worker);
    std::fs::remove_dir_all(node.path("run")).unwrap();
    std::fs::create_dir_all(node.path("run/in")).unwrap();
    let worker = node.worker();
    node.until("the webhook is tried again", |n| n.read("run/way/webhook/fails").trim().parse().unwrap_or(0) >= 2);
    assert_eq!((good.mails().len(), node.count("run/queue")), (1, 1), "{}", node.read("log"));
    drop(worker);
}

/// A disk that is stuck keeps no lock: neither a mark nor a copy that hangs there holds up the next alert.
#[test]
fn a_disk_that_is_stuck_holds_up_nothing() {
    for (what, command) in [("var/done", "mkdir"), ("var/new", "dd")] {
        let server = MailServer::start(Manners::default());
        let node = Node::new(&format!("TO='a@example.com b@example.com'\n{}", account(1, server.port, "none")));
        let script = format!("#!/bin/sh\ncase $* in *{what}*) exec sleep 25 ;; esac\nexec /bin/{command} \"$@\"\n");
        node.program(&format!("bin/{command}"), &script);
        node.alert("notice", "test", "first");
        let begin = Instant::now();
        let worker = node.worker();
        server.wait(2, 10);
        node.alert("notice", "test", "second");
        // As the path unit would.
        let again = node.worker();
        server.wait(4, 10);
        assert!(begin.elapsed() < Duration::from_secs(14), "{what}: {:?}", begin.elapsed());
        drop((worker, again));
    }
}
