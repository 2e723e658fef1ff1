//! `mfs-alert test` and `queue`, and how the scripts are shipped.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::sandbox::{Node, account};
use crate::server::{Hook, MailServer, Manners};

#[test]
fn a_test_goes_every_way_and_tells_each_result() {
    let good = MailServer::start(Manners { refused: vec![("gone@example.com", "550 5.1.1 no such user")], ..Manners::default() });
    let strict = MailServer::start(Manners { login: Some(("mfs", "right")), ..Manners::default() });
    let silent = MailServer::start(Manners { silent: true, ..Manners::default() });
    let hook = Hook::start(&["403 Forbidden\r\n\r\ninvalid_token"]);
    let accounts = [account(1, good.port, "none"), account(2, strict.port, "none"), account(3, silent.port, "none")].concat();
    let node = Node::new(&format!("TO='ops@example.com gone@example.com'\n{accounts}"));
    node.set(&format!(
        "A2_LOGIN=mfs A2_PASSWORD=wrong-password HOOK_SECRET=http://{}/T0/path-secret TOKEN_SECRET=token-secret",
        hook.address
    ));
    let begin = Instant::now();
    let text = node.says(&["test"]);
    assert!(begin.elapsed() < Duration::from_secs(9), "all at once: {:?}", begin.elapsed());
    for secret in ["wrong-password", "path-secret", "token-secret"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let rows = mfsctl::fact::alert::parse(&text).unwrap();
    let shown: Vec<(String, &str, bool)> = rows.iter().map(|r| (r.way.clone(), r.to.as_str(), r.ok)).collect();
    let row = |way: &str, to, ok| (way.to_owned(), to, ok);
    let wanted = vec![
        row("worker", "", true),
        row("mail", "ops@example.com", true),
        row("mail", "gone@example.com", false),
        row("mail", "ops@example.com", false),
        row("mail", "gone@example.com", false),
        row("mail", "ops@example.com", false),
        row("mail", "gone@example.com", false),
        row("webhook", "", false),
    ];
    assert_eq!(shown, wanted);
    assert!(rows[1].words.contains("250 2.0.0 queued as 4711"), "{:?}", rows[1]);
    assert!(rows[2].words.contains("550 5.1.1 no such user"), "{:?}", rows[2]);
    assert_eq!(rows[3].words, "535 5.7.8 authentication failed");
    assert!(rows[3].account.ends_with("none, as mfs"), "{:?}", rows[3]);
    assert!(rows[5].seconds >= 3.0 && rows[5].hint().is_some(), "{:?}", rows[5]);
    assert!(rows[7].words.contains("403 Forbidden: invalid_token"), "{:?}", rows[7]);
    assert_eq!(rows[7].account, format!("http://{}", hook.address));
    assert_eq!(good.mails().len(), 1);
    assert!(good.mails()[0].header("Subject").contains("test alert"));
    assert_eq!(node.count("run/queue"), 0, "a test does not wait in the queue");
    assert_eq!(node.count("run"), 6, "nothing of it is left");
}

/// A way is never left out: without room for its result it says that.
#[test]
fn a_test_without_room_says_so_for_every_way() {
    let node = Node::new(&format!("TO='ops@example.com'\n{}HOOK_SECRET=http://127.0.0.1:1/hook", account(1, 1, "none")));
    let script = "mount -t tmpfs -o size=4k none $D/run; mkdir $D/run/in; head -c 100000 /dev/zero >$D/run/filler 2>/dev/null
        sh $D/mfs-alert test 2>/dev/null";
    let mut unshare = Command::new("unshare");
    let out = unshare
        .args(["-m", "--propagation", "private", "sh", "-c", script])
        .env("D", node.dir.path())
        .env("MFS_ALERT_CONF", node.path("conf"))
        .output()
        .unwrap();
    let rows = mfsctl::fact::alert::parse(&String::from_utf8(out.stdout).unwrap()).unwrap();
    let shown: Vec<(&str, &str, bool, i32)> = rows.iter().map(|r| (r.way.as_str(), r.to.as_str(), r.ok, r.curl)).collect();
    assert_eq!(shown, [("worker", "", true, 0), ("mail", "ops@example.com", false, -1), ("webhook", "", false, -1)]);
}

#[test]
fn the_queue_says_what_waits_and_why() {
    let server = MailServer::start(Manners { greeting: Some("421 4.3.2 closed"), ..Manners::default() });
    let node = Node::new(&format!("TO='ops@example.com'\n{}LAST_PAUSE=600 FIRST_PAUSE=600", account(1, server.port, "none")));
    assert_eq!(node.says(&["queue"]), "nothing waits\n");
    assert!(node.run(&["send", "warning", "by-hand", "look", "here"]).status.success());
    let worker = node.worker();
    node.until("it fails", |n| n.read("log").contains("421 4.3.2 closed"));
    let text = node.says(&["queue"]);
    assert!(
        text.starts_with("ops@example.com: 1 since 20") && text.contains("1 failures, next try in ") && text.contains("421 4.3.2"),
        "{text}"
    );
    drop(worker);
    for wrong in [&["send"][..], &["send", "loud", "x", "y"], &["send", "notice", "x"], &["frobnicate"], &[]] {
        assert_eq!(node.run(wrong).status.code(), Some(64), "{wrong:?}");
    }
}

#[test]
fn the_script_is_clean_and_takes_no_settings_from_its_caller() {
    let node = Node::new("");
    let out = Command::new("shellcheck").args(["-s", "sh"]).arg(node.path("mfs-alert")).output().expect("shellcheck: install the package");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    for shell in ["dash", "bash"] {
        assert!(Command::new(shell).arg("-n").arg(node.path("mfs-alert")).status().unwrap().success());
    }
    assert!(mfsctl::step::alerts::SCRIPT.contains("\n/usr/local/sbin/mfs-alert)"));
}
