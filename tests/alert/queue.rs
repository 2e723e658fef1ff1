//! The queue: order, floods, limits, giving up.

use std::time::{Duration, Instant};

use crate::sandbox::{Node, account};
use crate::server::{Mail, MailServer, Manners};

fn node(server: &MailServer, more: &str) -> Node {
    Node::new(&format!("TO='ops@example.com'\n{}{more}", account(1, server.port, "none")))
}

/// The alerts of a mail, one a line.
fn lines(mail: &Mail) -> Vec<String> {
    let text = mail.text();
    let body = text.split("\n-- \n").next().unwrap().to_owned();
    body.lines()
        .map(|l| l.split_once("  notice  m1: ").map_or(l.to_owned(), |(_, text)| text.to_owned()))
        .filter(|l| !l.is_empty())
        .collect()
}

#[test]
fn a_flood_is_a_few_mails_in_order_with_nothing_lost() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "MOST=500");
    let worker = node.worker();
    let out = node.takeover("n=0; while [ $n -lt 55 ]; do n=$((n+1)); alert notice test \"alert $n\"; done");
    assert!(out.status.success());
    node.until("all is sent", |n| n.count("run/in") == 0 && n.count("run/queue") == 0);
    drop(worker);
    node.work();
    let mails = server.mails();
    assert!(mails.len() <= 4, "{} mails", mails.len());
    let all: Vec<String> = mails.iter().flat_map(lines).collect();
    let wanted: Vec<String> = (1..=55).map(|n| format!("alert {n}")).collect();
    assert_eq!(all, wanted);
    let more: usize =
        mails.iter().map(|m| m.header("Subject")).filter_map(|s| s.split_once("(+")?.1.trim_end_matches(')').parse::<usize>().ok()).sum();
    assert_eq!(more + mails.len(), 55, "the subjects say how many");
}

#[test]
fn a_hundred_at_once_are_shown_as_the_first_and_the_last() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "");
    node.takeover("n=0; while [ $n -lt 100 ]; do n=$((n+1)); alert notice test \"alert $n\"; done");
    node.work();
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let shown = lines(&mails[0]);
    assert_eq!(shown.len(), 61);
    assert_eq!((shown[9].as_str(), shown[10].as_str(), shown[11].as_str()), ("alert 10", "... 40 more ...", "alert 51"));
}

#[test]
fn the_same_words_are_told_once_with_their_count() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "");
    node.takeover("n=0; while [ $n -lt 37 ]; do n=$((n+1)); alert notice unhealthy flapping; alert notice healthy fit; done; alert critical fault bad");
    node.work();
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].header("Subject"), "[test] m1: bad (+2)", "the gravest gives the subject");
    let text = mails[0].text();
    assert_eq!(text.matches("37 times since").count(), 2, "{text}");
}

#[test]
fn after_some_mails_they_come_less_often_and_say_how_many() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "BURST=2 WINDOW=20 SLOW=4");
    let worker = node.worker();
    for n in 1..=2 {
        node.alert("notice", "test", &format!("alert {n}"));
        server.wait(n, 10);
    }
    let begin = Instant::now();
    let again = node.worker();
    for n in 3..=6 {
        node.alert("notice", "test", &format!("alert {n}"));
        std::thread::sleep(Duration::from_millis(300));
    }
    let third = node.worker();
    let mails = server.wait(3, 10);
    assert!(begin.elapsed() > Duration::from_millis(2500), "{:?}", begin.elapsed());
    assert_eq!(lines(&mails[2]), ["alert 3", "alert 4", "alert 5", "alert 6"]);
    drop((worker, again, third));
}

#[test]
fn too_many_lose_the_oldest_which_is_told() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "MOST=5");
    node.takeover("n=0; while [ $n -lt 12 ]; do n=$((n+1)); alert notice test \"alert $n\"; done");
    node.work();
    let mail = &server.mails()[0];
    assert!(lines(mail).starts_with(&["alert 8".to_owned(), "alert 9".to_owned()]), "{}", mail.text());
    assert!(mail.text().contains("7 older alerts were dropped"), "{}", mail.text());
    assert!(node.read("log").contains("7 alerts dropped"), "{}", node.read("log"));
    node.alert("notice", "test", "next");
    node.work();
    assert!(!server.mails()[1].text().contains("dropped"), "told once");
}

#[test]
fn without_a_worker_what_is_dropped_stays_bounded_and_is_counted() {
    let server = MailServer::start(Manners::default());
    let node = node(&server, "");
    node.takeover("MOST_ALERTS=20; n=0; while [ $n -lt 50 ]; do n=$((n+1)); alert notice test \"alert $n\"; wait; done");
    assert_eq!(node.count("run/in"), 20);
    node.work();
    let mail = &server.mails()[0];
    assert_eq!(lines(mail)[..20], (31..=50).map(|n| format!("alert {n}")).collect::<Vec<_>>());
    assert!(mail.text().contains("30 older alerts were dropped"), "{}", mail.text());
}

#[test]
fn after_a_day_it_gives_up_with_a_word() {
    let server = MailServer::start(Manners { greeting: Some("421 4.3.2 closed"), ..Manners::default() });
    let node = node(&server, "LONGEST=2 LAST_PAUSE=1");
    node.alert("notice", "test", "x");
    let begin = Instant::now();
    node.work();
    assert!(begin.elapsed() > Duration::from_millis(1900));
    assert!(
        node.read("log").contains("gave up on 1 alerts that failed for 2 s") && node.read("log").contains("421 4.3.2 closed"),
        "{}",
        node.read("log")
    );
    assert_eq!(node.count("run/queue") + node.count("var/queue"), 0);
}

/// The clock may be years behind at the boot, and be set right then.
#[test]
fn a_clock_that_jumps_gives_nothing_up() {
    let server = MailServer::start(Manners { greeting: Some("421 4.3.2 closed"), ..Manners::default() });
    let node = node(&server, "LAST_PAUSE=1");
    node.alert("critical", "fault", "from the boot");
    let dropped = std::fs::read_dir(node.path("run/in")).unwrap().next().unwrap().unwrap().path();
    let years_ago = std::time::SystemTime::now() - Duration::from_secs(3 * 365 * 86400);
    std::fs::File::open(&dropped).unwrap().set_modified(years_ago).unwrap();
    let worker = node.worker();
    node.until("it failed four times", |n| n.read("run/way/ops@example.com/fails").trim().parse().unwrap_or(0) >= 4);
    assert_eq!(node.count("run/queue"), 1, "{}", node.read("log"));
    drop(worker);
}

#[test]
fn a_changed_receiver_list_leaves_nothing_behind() {
    let server = MailServer::start(Manners { refused: vec![("old@example.com", "550 gone")], ..Manners::default() });
    let node = Node::new(&format!("TO='old@example.com'\n{}", account(1, server.port, "none")));
    node.alert("notice", "test", "x");
    let worker = node.worker();
    node.until("it fails", |n| n.read("log").contains("550 gone"));
    drop(worker);
    node.set("TO=new@example.com");
    node.work();
    assert_eq!(server.mails()[0].to, ["new@example.com"], "who is told now is told of what waits");
    assert_eq!(node.count("run/queue"), 0);
}
