//! Ways to a server: names, namespaces, jump hosts, crowds.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use mfsctl::remote::ssh::{SshConnector, SshOptions};
use mfsctl::remote::{Connect, RemoteError, Request, Target};

use crate::server::{Netns, Plan, Server, free_port, guard, host_line, refused, tool};

#[test]
fn closed_ports_dark_holes_and_wrong_names_are_told_apart() {
    guard(30, || {
        let server = Server::plain();
        let options = SshOptions { connect_timeout: Duration::from_secs(1), ..server.options() };
        let connector = SshConnector::new(options);
        let closed = free_port();
        let error = refused(&connector, &Target { port: Some(closed), ..server.target() });
        assert_eq!(error.to_string(), format!("node1: connection refused by 127.0.0.1:{closed}"));
        let name = refused(&connector, &Target { host: "no-such-host.invalid".into(), ..server.target() });
        assert!(matches!(&name, RemoteError::Unreachable { .. }), "{name}");
        // What is sent to a neighbour that does not exist is swallowed.
        let dark = Netns::new("dark");
        let ip = |words: &str| tool(&["ip", "-n", &dark.0].into_iter().chain(words.split(' ')).collect::<Vec<_>>());
        ip("link add hole type veth peer name end");
        ip("addr add 10.99.0.1/24 dev hole");
        ip("link set hole up");
        ip("link set end up");
        ip("neigh add 10.99.0.2 lladdr 02:00:00:00:00:99 dev hole");
        let into = |host: &str| Target { host: host.into(), netns: Some(dark.path()), ..server.target() };
        let started = Instant::now();
        let error = refused(&connector, &into("10.99.0.2"));
        assert_eq!(error.to_string(), format!("node1: unreachable: no answer from 10.99.0.2:{} within 1 s", server.port));
        assert!(started.elapsed() < Duration::from_secs(5));
        let error = refused(&connector, &into("10.98.0.2"));
        assert!(matches!(&error, RemoteError::Unreachable { reason, .. } if reason.contains("unreachable")), "{error}");
        let error = refused(&connector, &Target { netns: Some("/run/netns/mfst-none".into()), ..server.target() });
        assert!(matches!(&error, RemoteError::Settings { reason, .. } if reason.contains("namespace")), "{error}");
    });
}

#[test]
fn a_port_that_does_not_speak_ssh_is_called_so() {
    guard(30, || {
        let server = Server::plain();
        let options = SshOptions { connect_timeout: Duration::from_secs(1), ..server.options() };
        let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let target = Target { port: Some(silent.local_addr().unwrap().port()), ..server.target() };
        let error = refused(&SshConnector::new(options), &target);
        assert!(matches!(&error, RemoteError::Unreachable { .. }), "{error}");
    });
}

#[test]
fn only_the_connecting_thread_enters_the_namespace() {
    guard(20, || {
        let inside = Netns::new("in");
        let server = Server::start(&Plan { netns: Some(&inside.0), ..Plan::default() });
        let here = || fs::read_link("/proc/thread-self/ns/net").unwrap();
        let before = here();
        assert!(matches!(refused(&server.connector(), &server.target()), RemoteError::Refused { .. }));
        let target = Target { netns: Some(inside.path()), ..server.target() };
        let mut node = server.connector().connect(&target).unwrap();
        assert_eq!(here(), before);
        let there = node.run(&Request::new(["readlink", "/proc/self/ns/net"])).unwrap().text();
        assert_ne!(there.trim(), before.display().to_string());
    });
}

#[test]
fn a_jump_host_carries_sessions_that_are_otherwise_out_of_reach() {
    guard(40, || {
        let inside = Netns::new("jump");
        let hidden = Server::start(&Plan { netns: Some(&inside.0), ..Plan::default() });
        let gate = Server::start(&Plan { netns: Some(&inside.0), config: "DenyUsers denied", ..Plan::default() });
        let known: String = [&hidden, &gate].map(|s| host_line(&format!("[127.0.0.1]:{}", s.port), "host_ed25519")).concat();
        fs::write(hidden.ssh_dir().join("known_hosts"), known).unwrap();
        let connector = hidden.connector();
        let through = |jump: String| Target { jump: Some(jump), netns: Some(inside.path()), ..hidden.target() };
        let jump = format!("root@127.0.0.1:{}", gate.port);
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let mut node = connector.connect(&through(jump.clone())).unwrap();
                    let big =
                        node.run(&Request::new(["sh", "-c", "head -c 3000000 /dev/zero & head -c 3000000 /dev/zero >&2; wait"])).unwrap();
                    assert_eq!((big.stdout.len(), big.stderr.len()), (3_000_000, 3_000_000));
                    let echoed = node.run(&Request { stdin: vec![7; 1_000_000], ..Request::new(["cat"]) }).unwrap();
                    assert_eq!(echoed.stdout.len(), 1_000_000);
                });
            }
        });
        assert!(gate.log.lock().unwrap().contains("Accepted publickey"), "the jump host must have been used");
        // Two in a row, from the configuration.
        fs::write(hidden.ssh_dir().join("config"), format!("Host *\nProxyJump {jump},{jump}\n")).unwrap();
        let target = Target { netns: Some(inside.path()), ..hidden.target() };
        let error = refused(&connector, &target);
        assert!(matches!(&error, RemoteError::Settings { reason, .. } if reason.contains("circle")), "{error}");
        fs::remove_file(hidden.ssh_dir().join("config")).unwrap();
        connector.connect(&through(format!("{jump},{jump}"))).unwrap().run(&Request::new(["true"])).unwrap();
        // Faults on the way name the jump host.
        let closed = Target { port: Some(free_port()), ..through(jump.clone()) };
        let error = refused(&connector, &closed);
        assert!(matches!(&error, RemoteError::Unreachable { reason, .. } if reason.contains("jump host 127.0.0.1")), "{error}");
        let error = refused(&connector, &through(format!("denied@127.0.0.1:{}", gate.port)));
        assert!(matches!(&error, RemoteError::Auth { node, .. } if node.contains("jump host")), "{error}");
    });
}

#[test]
fn thirty_two_sessions_at_once_get_past_max_startups() {
    guard(50, || {
        let server = Server::start(&Plan { config: "MaxStartups 3:30:10", ..Plan::default() });
        // More logins at once than the server takes, so that hanging up is met for sure.
        let connector = SshConnector::new(SshOptions { logins_per_host: 16, ..server.options() });
        let failures: Vec<String> = std::thread::scope(|scope| {
            let run = || connector.connect(&server.target()).and_then(|mut node| node.run(&Request::new(["true"])));
            let workers: Vec<_> = (0..32).map(|_| scope.spawn(run)).collect();
            workers.into_iter().filter_map(|w| w.join().unwrap().err()).map(|e| e.to_string()).collect()
        });
        assert!(failures.is_empty(), "{} of 32: {failures:?}", failures.len());
        let log = server.log.lock().unwrap().clone();
        assert!(log.contains("MaxStartups") || log.contains("drop connection"), "the limit was not met, so nothing was proven: {log}");
    });
}
