//! Connections that die in the middle.

use std::time::{Duration, Instant};

use mfsctl::remote::ssh::{SshConnector, SshOptions};
use mfsctl::remote::{Connect, RemoteError, Request, Target, Transport};

use crate::server::{Netns, Plan, Server, guard, tool};

/// Sends a signal to the sshd process that serves the command.
fn signal_session(signal: &str) -> Request {
    Request::script(&format!("kill -{signal} $(awk '{{print $4}}' /proc/$PPID/stat); sleep 30"))
}

fn lost(node: &mut Box<dyn Transport>, request: &Request) -> String {
    match node.run(request) {
        Err(RemoteError::Lost { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_killed_session_is_lost_at_once_and_for_good() {
    guard(20, || {
        let server = Server::plain();
        for signal in ["KILL", "TERM"] {
            let mut node = server.connect();
            let started = Instant::now();
            lost(&mut node, &signal_session(signal));
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
            assert!(matches!(node.run(&Request::new(["true"])), Err(RemoteError::Lost { .. })));
            assert!(node.breathe().is_err() && node.tell("x").is_err());
            assert!(node.hold(&Request::new(["cat"])).is_err());
            assert!(node.tcp("127.0.0.1", 1, Duration::from_secs(1)).is_err());
        }
        server.connect().run(&Request::new(["true"])).unwrap();
    });
}

#[test]
fn a_connection_that_ends_while_idle_is_noticed() {
    guard(20, || {
        let server = Server::plain();
        let (mut idle, mut other) = (server.connect(), server.connect());
        let pid = idle.run(&Request::script("awk '{print $4}' /proc/$PPID/stat")).unwrap().text();
        idle.breathe().unwrap();
        other.run(&Request::new(["kill", pid.trim()])).unwrap();
        let patience = Instant::now() + Duration::from_secs(8);
        while idle.breathe().is_ok() {
            assert!(Instant::now() < patience, "not noticed");
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn a_command_whose_operator_died_ends_at_its_deadline() {
    guard(20, || {
        let server = Server::plain();
        let mut node = server.connect();
        let request = Request::script("kill -KILL $(awk '{print $4}' /proc/$PPID/stat); sleep 66").within(Duration::from_secs(3));
        lost(&mut node, &request);
        let mut other = server.connect();
        let mut count =
            || other.run(&Request::new(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 6[6]'"])).unwrap().text();
        assert_eq!(count(), "1\n", "it outlives the connection");
        let patience = Instant::now() + Duration::from_secs(6);
        while count() != "0\n" {
            assert!(Instant::now() < patience, "an orphan is left");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
}

fn impatient(server: &Server) -> SshConnector {
    let (keepalive, silence) = (Duration::from_secs(2), Duration::from_secs(4));
    SshConnector::new(SshOptions { keepalive, silence, ..server.options() })
}

#[test]
fn a_frozen_server_is_lost_though_tcp_still_answers() {
    guard(30, || {
        let server = Server::plain();
        let mut node = impatient(&server).connect(&server.target()).unwrap();
        // Long silences of a living server are no fault.
        node.run(&Request::new(["sleep", "6"])).unwrap();
        let started = Instant::now();
        assert_eq!(lost(&mut node, &signal_session("STOP")), "no answer for 4 s");
        assert!((4..12).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    });
}

#[test]
fn a_cut_network_is_lost_in_mid_command_and_while_idle() {
    guard(40, || {
        let inside = Netns::new("cut");
        let server = Server::start(&Plan { netns: Some(&inside.0), ..Plan::default() });
        let target = Target { netns: Some(inside.path()), ..server.target() };
        let connector = impatient(&server);
        let mut idle = connector.connect(&target).unwrap();
        let mut held = connector.connect(&target).unwrap();
        assert_eq!(held.hold(&Request::new(["sh", "-c", "echo ok; cat >/dev/null"])).unwrap(), "ok");
        let mut sending = connector.connect(&target).unwrap();
        let name = inside.0.clone();
        let cutter = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            tool(&["ip", "-n", &name, "link", "set", "lo", "down"]);
        });
        let started = Instant::now();
        // Input that never is taken fills every buffer on the way.
        let request = Request { stdin: vec![0; 32 << 20], ..Request::new(["sleep", "30"]) };
        lost(&mut sending, &request);
        cutter.join().unwrap();
        assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
        for (node, what) in [(&mut held, "held"), (&mut idle, "idle")] {
            let patience = Instant::now() + Duration::from_secs(12);
            while node.breathe().is_ok() {
                assert!(Instant::now() < patience, "{what}: not noticed");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    });
}

#[test]
fn a_pause_of_the_caller_is_no_silence_of_the_server() {
    guard(20, || {
        let server = Server::plain();
        let mut node = impatient(&server).connect(&server.target()).unwrap();
        assert_eq!(node.hold(&Request::new(["sh", "-c", "echo ok; cat >/dev/null"])).unwrap(), "ok");
        for _ in 0..2 {
            node.breathe().unwrap();
            std::thread::sleep(Duration::from_millis(4500));
        }
        node.breathe().unwrap();
        node.run(&Request::new(["true"])).unwrap();
        // Neither for one that holds nothing and reads nothing in between.
        let mut bare = impatient(&server).connect(&server.target()).unwrap();
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            bare.breathe().unwrap();
            std::thread::sleep(Duration::from_millis(200));
        }
        bare.run(&Request::new(["true"])).unwrap();
    });
}
