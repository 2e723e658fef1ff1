//! Alerts of real takeovers, sent by real masters to mail servers and a webhook in the lab's network.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::Scenario;
use crate::server::{Hook, Identity, Mail, MailServer, Manners};

const GATEWAY: Ipv4Addr = Ipv4Addr::new(172, 16, 3, 254);
const YES: &[&str] = &["provision", "--yes"];

/// What receives alerts.
struct People {
    tls: MailServer,
    plain: MailServer,
    hook: Hook,
    down: Arc<AtomicBool>,
}

static PEOPLE: OnceLock<People> = OnceLock::new();

fn people() -> &'static People {
    PEOPLE.get().expect("the servers are at work")
}

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up", |w| {
        let identity = Identity::new(&["172.16.3.254"]);
        let pem = identity.pem().trim_end().replace('\n', "\n    ");
        w.edit("ca: PEM", &format!("ca: |\n    {pem}"));
        w.up();
        let listen = |port| {
            let namespace = File::open(w.lab().namespace()).unwrap();
            let open = move || {
                move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
                TcpListener::bind((GATEWAY, port)).unwrap()
            };
            std::thread::spawn(open).join().unwrap()
        };
        let down = Arc::new(AtomicBool::new(false));
        let manners = Manners {
            identity: Some(identity),
            login: Some(("mfs", "alerts \"mail\" password")),
            down: Arc::clone(&down),
            ..Manners::default()
        };
        let tls = MailServer::on(listen(2525), manners);
        let plain = MailServer::on(listen(2526), Manners { down: Arc::clone(&down), ..Manners::default() });
        let hook = Hook::on(listen(2580), &["200 OK\r\n\r\nok"]);
        assert!(PEOPLE.set(People { tls, plain, hook, down }).is_ok());
    }),
    ("provision_installs_the_sender_once", |w| {
        w.mfsctl(&["notify", "test"], 60).ends(4).says(&["no alerts are installed there", "provision"]);
        w.mfsctl(YES, 900).ends(0);
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do: all 3 hosts"]);
        for node in ["m1", "m2"] {
            assert_eq!(w.sh(node, "stat -c %a /etc/mfs-alert.conf").trim(), "600");
            assert_eq!(w.sh(node, "systemctl is-active mfs-alert.path").trim(), "active");
        }
    }),
    ("a_test_goes_every_way_from_both", |w| {
        let ran = w.mfsctl(&["notify", "test"], 120).ends(0).says(&["m1", "m2", "starttls, as mfs", "queued as 4711", "200 OK"]);
        assert!(!ran.out.contains("hook-secret") && !ran.err.contains("hook-secret"), "{}\n{}", ran.out, ran.err);
        let tested: Vec<Mail> = people().tls.mails().into_iter().filter(|m| m.header("Subject").contains("test alert")).collect();
        assert!(tested.len() == 2 && tested.iter().all(|m| m.tls && m.login.is_some()), "{tested:?}");
        assert_eq!(people().plain.mails().len(), 2, "the second account is tried too");
        people().down.store(true, Ordering::Relaxed);
        let ran = w.mfsctl(&["notify", "test", "--limit", "m2", "--format", "json"], 120).ends(1);
        assert_eq!(ran.json()["results"].as_array().unwrap().iter().filter(|r| r["ok"] == false).count(), 2, "{}", ran.out);
    }),
    ("a_takeover_is_told_by_the_one_that_lives", |w| {
        // Nobody takes mail: what m1 has to say waits on its disk.
        w.sh("m1", "/usr/local/sbin/mfs-alert send notice by-hand before the power cut");
        w.wait("m1", "grep -rq 'before the power cut' /var/lib/mfs-alert/queue", 30);
        w.lab().crash("m1").unwrap();
        people().down.store(false, Ordering::Relaxed);
        let mail = told("m2: became the active master in", 240);
        assert!(mail.contains("m1 cannot be seen"), "{mail}");
        let all: String = people().tls.mails().iter().map(Mail::text).collect();
        assert!(all.contains("the witnesses' votes are ours") && all.contains("replication lost"), "{all}");
        assert!(posted("became the active master in"));
        let ran = w.mfsctl(&["notify", "test"], 120).ends(4).says(&["m1", "not known"]);
        assert!(ran.out.contains("works"), "m2 is asked all the same: {}", ran.out);
    }),
    ("what_waited_comes_after_the_power_cut", |w| {
        w.lab().boot("m1").unwrap();
        told("m1: before the power cut", 180);
        told("m2: replication is back in sync", 180);
    }),
    ("a_killed_sender_is_started_again", |w| {
        people().down.store(true, Ordering::Relaxed);
        w.sh("m2", "/usr/local/sbin/mfs-alert send warning by-hand sent by the second life");
        w.wait("m2", "/usr/local/sbin/mfs-alert queue | grep -q 'ops@example.com: 1 since'", 30);
        w.sh("m2", "systemctl kill -s KILL mfs-alert.service");
        people().down.store(false, Ordering::Relaxed);
        told("m2: sent by the second life", 120);
        w.wait("m2", "[ -z \"$(ls -A /run/mfs-alert/queue /var/lib/mfs-alert/queue | grep -v :)\" ]", 30);
        w.wait("m2", "! systemctl -q is-active mfs-alert.service", 30);
    }),
    ("taken_out_of_the_inventory_nothing_stays", |w| {
        w.wait("m1", "/usr/local/sbin/mfs-ha check", 180);
        w.cut_out("notify:", "chunkservers:");
        w.mfsctl(YES, 300).ends(0);
        for node in ["m1", "m2"] {
            let left = w.sh(node, "ls -d /etc/mfs-alert* /usr/local/sbin/mfs-alert* /run/mfs-alert /var/lib/mfs-alert /etc/systemd/system/mfs-alert* 2>/dev/null | cat");
            assert_eq!(left, "", "{node}");
            assert!(!w.sh(node, "grep -rl 'mail\" password' /etc /run /var/lib 2>/dev/null | cat").contains('/'), "{node}");
        }
        w.mfsctl(YES, 120).ends(0).says(&["nothing to do: all 3 hosts"]);
        w.mfsctl(&["notify", "test"], 20).ends(2).says(&["names nobody", "notify:"]);
    }),
];

/// Waits for a mail with this text in it.
#[track_caller]
fn told(text: &str, seconds: u64) -> String {
    for _ in 0..seconds * 5 {
        if let Some(mail) = people().tls.mails().into_iter().find(|m| m.text().contains(text)) {
            return mail.text();
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("no mail says {text:?}: {:#?}", people().tls.mails().iter().map(Mail::text).collect::<Vec<_>>());
}

fn posted(text: &str) -> bool {
    people().hook.posts().iter().any(|p| p.json()["text"].as_str().is_some_and(|t| t.contains(text)))
}
