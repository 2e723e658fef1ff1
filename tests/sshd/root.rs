//! Becoming root through a real sudo.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mfsctl::remote::ssh::{SshConnector, SshOptions};
use mfsctl::remote::{Connect, Exit, RemoteError, Request, Target, Transport};

use crate::server::{PASSWORD, Plan, Scripted, Server, guard, refused};

fn reason(error: RemoteError) -> String {
    assert!(error.hint().unwrap().contains("visudo"));
    match error {
        RemoteError::Sudo { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

/// Everything a command relies on has to survive sudo.
fn works(mut node: Box<dyn Transport>) {
    assert_eq!(node.run(&Request::new(["id", "-u"])).unwrap().text(), "0\n");
    let output = node.run(&Request::script("echo out; echo err >&2; exit 7")).unwrap();
    assert_eq!((output.text().as_str(), output.error_text().as_str(), output.exit), ("out\n", "err\n", Exit::Code(7)));
    let odd = node.run(&Request::new(["printf", "%s|", "a b", "", "'", "$x", "a\nb"])).unwrap();
    assert_eq!(odd.text(), "a b||'|$x|a\nb|");
    let input: Vec<u8> = (0..2_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let echoed = node.run(&Request { stdin: input.clone(), ..Request::new(["cat"]) }).unwrap();
    assert!(echoed.stdout == input, "{} of {} bytes", echoed.stdout.len(), input.len());
    // Longer than a packet: the words still arrive as they are, and the input after them.
    for length in [31_000, 34_700, 100_000] {
        let long = format!("'ä$x\n{}", "y".repeat(length));
        let request = Request { stdin: b"input".to_vec(), ..Request::new(["sh", "-c", "printf %s \"$1\"; cat", "sh", &long]) };
        assert!(node.run(&request).unwrap().text() == format!("{long}input"), "{length}");
    }
    let empty = node.run(&Request::new(["wc", "-c"])).unwrap();
    assert_eq!(empty.text().trim(), "0", "nothing but the command's own input may arrive");
    let killed = node.run(&Request::new(["sh", "-c", "ulimit -c 0; kill -SEGV $$"])).unwrap();
    assert_ne!(killed.exit, Exit::Code(0));
    let late = Request::new(["sleep", "65"]).within(Duration::from_secs(1));
    assert!(matches!(node.run(&late), Err(RemoteError::Timeout { .. })));
    let long = format!("id -u; cat >/dev/null # {}", "y".repeat(50_000));
    assert_eq!(node.hold(&Request::new(["sh", "-c", &long])).unwrap(), "0");
    node.tell("hello").unwrap();
    assert!(node.run(&Request::new(["true"])).unwrap().success());
}

#[test]
fn a_login_as_root_works() {
    guard(30, || works(Server::plain().connect()));
}

#[test]
fn sudo_without_password_works() {
    guard(30, || {
        let server = Server::plain();
        works(server.connector().connect(&server.target_as("free")).unwrap());
    });
}

#[test]
fn sudo_with_password_works_given_or_asked() {
    guard(40, || {
        let server = Server::plain();
        let given = Target { sudo_password: Some(PASSWORD.into()), ..server.target_as("asks") };
        works(server.connector().connect(&given).unwrap());
        let prompts = Scripted::new(&["wrong", PASSWORD]);
        let connector = SshConnector::new(SshOptions { prompts: prompts.clone(), ..server.options() });
        for _ in 0..2 {
            let mut node = connector.connect(&server.target_as("asks")).unwrap();
            assert_eq!(node.run(&Request::new(["id", "-u"])).unwrap().text(), "0\n");
        }
        assert_eq!(prompts.asked.load(Ordering::SeqCst), 2);
        assert_eq!(prompts.questions.lock().unwrap()[0], "sudo password of asks");
    });
}

#[test]
fn the_password_is_seen_by_nobody_and_never_becomes_input() {
    guard(30, || {
        // The same user suddenly needs no password: sudo then leaves it in the input.
        let server = Server::start(&Plan { before: "echo 'asks ALL=(ALL) NOPASSWD: /usr/bin/true' >>sudoers", ..Plan::default() });
        let given = Target { sudo_password: Some(PASSWORD.into()), ..server.target_as("asks") };
        let mut node = server.connector().connect(&given).unwrap();
        let all = node.run(&Request::new(["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'"])).unwrap();
        assert!(all.text().contains("sudo") && !all.text().contains(PASSWORD));
        let sudoers = "printf 'root ALL=(ALL) ALL\\nasks ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers";
        assert!(node.run(&Request::new(["sh", "-c", sudoers])).unwrap().success());
        let output = node.run(&Request { stdin: b"own".to_vec(), ..Request::new(["cat"]) }).unwrap();
        assert_eq!(output.text(), "own");
    });
}

#[test]
fn each_refusal_has_its_words() {
    guard(40, || {
        let server = Server::plain();
        let with = |user: &str, password: &str| Target { sudo_password: Some(password.into()), ..server.target_as(user) };
        let connector = server.connector();
        assert_eq!(reason(refused(&connector, &with("asks", "wrong"))), "wrong sudo password");
        assert!(reason(refused(&connector, &with("denied", PASSWORD))).contains("not in the sudoers file"));
        assert!(reason(refused(&connector, &server.target_as("asks"))).contains("no terminal to ask on"));
        assert!(reason(refused(&connector, &server.target_as("tty"))).contains("requiretty"));
        let without = Server::start(&Plan { before: "mount --bind /dev/null /usr/bin/sudo", ..Plan::default() });
        assert_eq!(reason(refused(&without.connector(), &without.target_as("free"))), "sudo is not installed there");
        let no_shell =
            Server::start(&Plan { before: "sed '/^free:/s,/bin/sh,/bin/false,' passwd >changed; cat changed >passwd", ..Plan::default() });
        assert!(reason(refused(&no_shell.connector(), &no_shell.target_as("free"))).contains("shell"));
    });
}
