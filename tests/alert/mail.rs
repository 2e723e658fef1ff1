//! Mail: encryption, logins, accounts in turn, several receivers, servers that refuse, put off, hang.

use std::time::{Duration, Instant};

use crate::sandbox::{Node, account};
use crate::server::{Identity, MailServer, Manners};

const OPS: &str = "TO='ops@example.com'\n";

fn trusting(node: &Node, identity: &str) {
    std::fs::write(node.path("ca.pem"), identity).unwrap();
    node.set(&format!("CA={}", node.path("ca.pem").display()));
}

#[test]
fn a_plain_mail_has_all_its_headers() {
    let server = MailServer::start(Manners::default());
    let node = Node::new(&format!("TO='ops@example.com night@example.com'\n{}", account(1, server.port, "none")));
    node.alert("warning", "active", "became the active master in 5.3 s: m2 cannot be seen");
    node.work();
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "one for each receiver");
    let mail = mails.iter().find(|m| m.to == ["ops@example.com"]).unwrap();
    assert!(mail.from.contains("<mfs@example.com>") && !mail.tls);
    assert_eq!(mail.header("From"), "MooseFS on m1 <mfs@example.com>");
    assert_eq!(mail.header("To"), "ops@example.com, night@example.com");
    assert_eq!(mail.header("Subject"), "[test] m1: became the active master in 5.3 s: m2 cannot be seen");
    assert!(mail.header("Message-ID").starts_with('<') && mail.header("Message-ID").ends_with("m1@example.com>"));
    assert_eq!(mail.header("Message-ID"), mails[0].header("Message-ID"), "the same message to all");
    jiff::fmt::rfc2822::parse(&mail.header("Date")).unwrap();
    assert_eq!(mail.header("Content-Transfer-Encoding"), "7bit");
    assert!(mail.text().contains("warning  m1: became the active master"), "{}", mail.text());
    for line in mail.data.split("\r\n") {
        assert!(!line.contains(['\r', '\n']) && line.len() < 998);
    }
    assert_eq!(node.count("run/queue") + node.count("var/queue"), 0);
    assert!(node.read("log").contains("ops@example.com: 1 sent"), "{}", node.read("log"));
}

#[test]
fn what_is_not_ascii_is_encoded_and_what_is_no_text_is_cleaned() {
    let server = MailServer::start(Manners::default());
    let node = Node::new(&format!("{OPS}{}", account(1, server.port, "none")));
    let long = "Zürich ".repeat(30);
    node.alert("critical", "fault", &format!("größer \u{1b}[2J\r\nBcc: all@example.com\r\n\r\n.\n{long}"));
    node.work();
    let mail = &server.mails()[0];
    assert!(mail.data.is_ascii() && !mail.data.contains("\r\nBcc:"), "{}", mail.data);
    assert!(mail.header("Subject").starts_with("=?UTF-8?B?"));
    // An id cannot be folded, and its length follows that of process ids.
    assert!(mail.data.lines().all(|l| l.len() <= if l.starts_with("Message-ID: ") { 120 } else { 78 }), "{}", mail.data);
    let words: Vec<Vec<u8>> = mail
        .header("Subject")
        .split(' ')
        .map(|w| w.strip_prefix("=?UTF-8?B?").and_then(|w| w.strip_suffix("?=")).unwrap().to_owned())
        .map(|w| base64::Engine::decode(&base64::engine::general_purpose::STANDARD, w).unwrap())
        .collect();
    // Each word is whole characters.
    let subject: String = words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect();
    assert!(subject.starts_with("[test] m1: größer  [2J  Bcc: all@example.com") && subject.ends_with("..."), "{subject}");
    assert!(mail.text().contains(long.trim_end()), "{}", mail.text());
    assert_eq!(mail.header("Importance"), "high");
}

#[test]
fn starttls_and_login_and_the_password_is_on_no_command_line() {
    let identity = Identity::new(&["127.0.0.1"]);
    let pem = identity.pem();
    let password = "p\"a\\s's $wörd";
    let manners = Manners { identity: Some(identity), login: Some(("mfs", password)), slow: Duration::from_secs(1), ..Manners::default() };
    let server = MailServer::start(manners);
    let node = Node::new(&format!(
        "{OPS}{}A1_LOGIN=mfs A1_PASSWORD={}",
        account(1, server.port, "starttls"),
        mfsctl::remote::shell::quote(password)
    ));
    trusting(&node, &pem);
    node.alert("notice", "passive", "gave up the service");
    let worker = node.worker();
    let end = Instant::now() + Duration::from_secs(20);
    while server.mails().is_empty() {
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&line).contains("s's $w"), "the password is on a command line");
        }
        assert!(Instant::now() < end, "{}", node.read("log"));
    }
    drop(worker);
    let mail = &server.mails()[0];
    assert!(mail.tls && mail.login.as_deref() == Some("mfs"));
    assert!(server.said().iter().position(|l| l == "STARTTLS") < server.said().iter().position(|l| l.starts_with("AUTH")));
}

#[test]
fn tls_from_the_first_byte() {
    let identity = Identity::new(&["127.0.0.1"]);
    let pem = identity.pem();
    let server = MailServer::start(Manners { identity: Some(identity), implicit: true, ..Manners::default() });
    let node = Node::new(&format!("{OPS}{}", account(1, server.port, "tls")));
    trusting(&node, &pem);
    node.alert("notice", "passive", "x");
    node.work();
    assert!(server.mails()[0].tls);
}

#[test]
fn nothing_is_said_in_the_open_unless_the_inventory_says_so() {
    // No STARTTLS; a certificate of somebody else's.
    for identity in [None, Some(Identity::new(&["127.0.0.1"]))] {
        let offered = identity.is_some();
        let server = MailServer::start(Manners { identity, login: Some(("mfs", "open-secret")), ..Manners::default() });
        let node = Node::new(&format!("{OPS}{}A1_LOGIN=mfs A1_PASSWORD=open-secret", account(1, server.port, "starttls")));
        trusting(&node, &Identity::new(&["127.0.0.1"]).pem());
        node.alert("notice", "passive", "x");
        let worker = node.worker();
        node.until("it fails", |n| n.read("log").contains("not sent"));
        drop(worker);
        assert!(server.mails().is_empty());
        assert!(!server.said().iter().any(|l| l.starts_with("AUTH") || l.starts_with("MAIL")), "{:?}", server.said());
        let why = if offered { "SSL certificate problem" } else { "STARTTLS not supported" };
        assert!(node.read("log").contains(why), "{}", node.read("log"));
    }
    // The right authority, the wrong address.
    let identity = Identity::new(&["127.0.0.9"]);
    let pem = identity.pem();
    let server = MailServer::start(Manners { identity: Some(identity), ..Manners::default() });
    let node = Node::new(&format!("{OPS}{}", account(1, server.port, "starttls")));
    trusting(&node, &pem);
    node.alert("notice", "passive", "x");
    let worker = node.worker();
    node.until("it fails", |n| n.read("log").contains("not sent"));
    drop(worker);
    assert!(node.read("log").contains("subject name"), "{}", node.read("log"));
}

#[test]
fn accounts_are_tried_in_turn() {
    let closed = MailServer::start(Manners { greeting: Some("554 5.7.1 go away"), ..Manners::default() });
    let strict = MailServer::start(Manners { login: Some(("mfs", "right")), ..Manners::default() });
    let good = MailServer::start(Manners::default());
    let accounts: String = [account(1, closed.port, "none"), account(2, strict.port, "none"), account(3, good.port, "none")].concat();
    let node = Node::new(&format!("{OPS}{accounts}A2_LOGIN=mfs A2_PASSWORD=wrong-password"));
    node.alert("notice", "passive", "x");
    node.work();
    assert_eq!(good.mails().len(), 1);
    let log = node.read("log");
    assert!(log.contains("554 5.7.1 go away") && log.contains("535 5.7.8 authentication failed"), "{log}");
    assert!(!log.contains("wrong-password"), "{log}");
}

#[test]
fn a_receiver_that_is_refused_does_not_stop_the_others() {
    let server = MailServer::start(Manners { refused: vec![("gone@example.com", "550 5.1.1 no such user")], ..Manners::default() });
    let node = Node::new(&format!("TO='gone@example.com ops@example.com'\n{}", account(1, server.port, "none")));
    node.alert("notice", "passive", "first");
    let worker = node.worker();
    server.wait(1, 10);
    node.until("it is put off", |n| n.read("log").contains("550 5.1.1 no such user"));
    // What comes next reaches the good one though the other still waits, and the first is not sent twice.
    node.alert("notice", "passive", "second");
    let mails = server.wait(2, 10);
    assert!(mails.iter().all(|m| m.to == ["ops@example.com"]), "{mails:?}");
    assert!(mails[1].text().contains("second") && !mails[1].text().contains("first"));
    let queue = node.says(&["queue"]);
    assert!(queue.contains("gone@example.com: 2 since") && queue.contains("550 5.1.1") && !queue.contains("ops@"), "{queue}");
    drop(worker);
}

#[test]
fn greylisting_is_waited_out_with_growing_pauses() {
    let server = MailServer::start(Manners { grey: 3, ..Manners::default() });
    let node = Node::new(&format!("{OPS}{}LAST_PAUSE=8", account(1, server.port, "none")));
    node.alert("notice", "passive", "x");
    let begin = Instant::now();
    node.work();
    assert_eq!(server.mails().len(), 1);
    // 1 + 2 + 4 s.
    assert!(begin.elapsed() > Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(node.read("log").contains("451 4.7.1 greylisted"), "{}", node.read("log"));
}

#[test]
fn a_server_that_hangs_is_left_at_the_deadline_and_the_next_account_takes_it() {
    let silent = MailServer::start(Manners { silent: true, ..Manners::default() });
    let good = MailServer::start(Manners::default());
    let node = Node::new(&format!("{OPS}{}{}", account(1, silent.port, "none"), account(2, good.port, "none")));
    node.alert("notice", "passive", "x");
    let begin = Instant::now();
    node.work();
    assert_eq!(good.mails().len(), 1);
    assert!(begin.elapsed() > Duration::from_secs(3) && begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
}
