//! Commands over a healthy connection.

use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use mfsctl::remote::{Connect, Exit, RemoteError, Request, Streamed, Target};

use crate::server::{PASSWORD, Plan, Server, echo_server, free_port, guard};

#[test]
fn exit_statuses_signals_and_both_outputs_come_back() {
    guard(20, || {
        let server = Server::plain();
        let mut node = server.connect();
        for status in [0, 1, 7, 124, 137, 255] {
            let output = node.run(&Request::script(&format!("echo out; echo err >&2; exit {status}"))).unwrap();
            assert_eq!(output.exit, Exit::Code(status));
            assert_eq!((output.text().as_str(), output.error_text().as_str()), ("out\n", "err\n"));
        }
        for signal in ["KILL", "TERM", "SEGV"] {
            let output = node.run(&Request::new(["sh", "-c", &format!("ulimit -c 0; kill -{signal} $$")])).unwrap();
            assert_eq!(output.exit, Exit::Signal(signal.into()), "a killed command must not read as success");
        }
        assert_eq!(node.run(&Request::new(["/no/such/program"])).unwrap().exit, Exit::Code(127));
        assert_eq!(node.run(&Request::new(["sh", "-c", "echo $LC_ALL"])).unwrap().text(), "C\n");
    });
}

#[test]
fn words_and_bytes_arrive_as_they_are() {
    guard(20, || {
        let server = Server::plain();
        let mut node = server.connect();
        let odd = ["a b", "", "'", "\"", "$HOME", "`id`", "\\", "a\nb", "*", "ä→", "!x", "~", "#", "-n", "x=y", "a;b|c&d"];
        let argv = ["printf", "%s\\0"].into_iter().chain(odd);
        let output = node.run(&Request::new(argv)).unwrap();
        assert_eq!(output.text().split_terminator('\0').collect::<Vec<_>>(), odd);
        let bytes = node.run(&Request::new(["printf", r"\377\376\000\200x"])).unwrap();
        assert_eq!(bytes.stdout, b"\xff\xfe\0\x80x");
        assert!(bytes.text().contains('\u{fffd}'));
        for wrong in [vec![], vec!["".to_owned()], vec!["a\0b".to_owned()]] {
            assert!(matches!(node.run(&Request::new(wrong)), Err(RemoteError::Settings { .. })));
        }
    });
}

#[test]
fn ten_mebibytes_on_both_outputs_do_not_hang() {
    guard(40, || {
        let server = Server::plain();
        let script = "head -c 10485760 /dev/zero >&2 & head -c 10485760 /dev/zero; wait";
        let output = server.connect().run(&Request::new(["sh", "-c", script])).unwrap();
        assert_eq!((output.stdout.len(), output.stderr.len()), (10 << 20, 10 << 20));
        // One after the other, in both orders: whoever reads one first to its end hangs in one of them.
        for script in
            ["head -c 6000000 /dev/zero; head -c 6000000 /dev/zero >&2", "head -c 6000000 /dev/zero >&2; head -c 6000000 /dev/zero"]
        {
            let output = server.connect().run(&Request::new(["sh", "-c", script])).unwrap();
            assert_eq!((output.stdout.len(), output.stderr.len()), (6_000_000, 6_000_000));
        }
    });
}

#[test]
fn five_mebibytes_of_input_arrive_and_may_be_ignored() {
    guard(40, || {
        let server = Server::plain();
        let mut node = server.connect();
        let input: Vec<u8> = (0..5_242_880_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let echoed = node.run(&Request { stdin: input.clone(), ..Request::new(["cat"]) }).unwrap();
        assert!(echoed.stdout == input, "{} bytes came back", echoed.stdout.len());
        let ignored = node.run(&Request { stdin: input, ..Request::new(["sh", "-c", "echo early; exit 3"]) }).unwrap();
        assert_eq!((ignored.exit.clone(), ignored.text().as_str()), (Exit::Code(3), "early\n"));
        assert!(node.run(&Request::new(["true"])).unwrap().success());
    });
}

#[test]
fn too_much_output_is_cut_off_and_the_connection_goes_on() {
    guard(30, || {
        let server = Server::plain();
        let options = mfsctl::remote::ssh::SshOptions { output_limit: 1 << 20, ..server.options() };
        let mut node = mfsctl::remote::ssh::SshConnector::new(options).connect(&server.target()).unwrap();
        let error = node.run(&Request::new(["cat", "/dev/zero"])).unwrap_err();
        assert_eq!(error.to_string(), "node1: more than 1 MiB of output: cat /dev/zero");
        assert!(node.run(&Request::new(["true"])).unwrap().success());
    });
}

#[test]
fn the_nodes_deadline_ends_a_command_and_its_children() {
    guard(30, || {
        let server = Server::plain();
        let mut node = server.connect();
        let started = Instant::now();
        let request = Request::new(["sh", "-c", "sleep 61 & sleep 61"]).within(Duration::from_secs(1));
        let error = node.run(&request).unwrap_err();
        assert_eq!(error.to_string(), "node1: no end within 1 s: sh -c 'sleep 61 & sleep 61'");
        assert!(started.elapsed() < Duration::from_secs(8), "ours, not the node's, ended it: {:?}", started.elapsed());
        let left = node.run(&Request::new(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 6[1]'"])).unwrap();
        assert_eq!(left.text(), "0\n", "the deadline must leave no orphan");
        // A command deaf to TERM is killed 5 s later.
        let deaf = Request::new(["sh", "-c", "trap '' TERM; sleep 62; sleep 62"]).within(Duration::from_secs(1));
        assert!(matches!(node.run(&deaf), Err(RemoteError::Timeout { .. })));
        assert!(node.run(&Request::new(["true"])).unwrap().success());
    });
}

#[test]
fn our_own_deadline_follows_where_the_nodes_fails() {
    guard(40, || {
        let server = Server::plain();
        let mut node = server.connect();
        // A daemon in a group of its own that keeps the outputs open.
        let request = Request::new(["sh", "-c", "setsid sleep 63 & echo started"]).within(Duration::from_secs(1));
        let started = Instant::now();
        assert!(matches!(node.run(&request), Err(RemoteError::Timeout { .. })));
        assert!((10..20).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
        assert!(node.run(&Request::new(["true"])).unwrap().success(), "the connection must stay usable");
    });
}

/// Prints for ever, watching its input and ending with it.
fn endless(mark: &str) -> Request {
    let script = format!(
        "exec 3<&0 </dev/null; (n=0; while :; do n=$((n + 1)); echo \"{mark} $n\"; sleep 0.1; done) & p=$!; \
         (while read -r _; do :; done; kill $p) <&3 >/dev/null 2>&1 & wait $p; sleep 0.1"
    );
    Request::new(["sh", "-c", &script, mark])
}

fn left(node: &mut Box<dyn mfsctl::remote::Transport>, mark: &str) -> String {
    let (head, tail) = mark.split_at(1);
    node.run(&Request::new(["sh", "-c", &format!("cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[{head}]{tail}' || :")]))
        .unwrap()
        .text()
}

#[test]
fn a_stream_comes_as_it_is_printed_and_leaves_nothing_behind() {
    guard(60, || {
        let server = Server::plain();
        for (target, mark) in [
            (server.target(), "stream-root"),
            (Target { sudo_password: Some(PASSWORD.to_owned()), ..server.target_as("asks") }, "stream-sudo"),
        ] {
            let mut node = server.connector().connect(&target).unwrap();
            let started = Instant::now();
            let (mut text, mut pieces) = (Vec::new(), 0);
            let end = node.stream(&endless(mark), &mut |piece| {
                pieces += usize::from(!piece.is_empty());
                text.extend_from_slice(piece);
                if pieces >= 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert!(matches!(end, Ok(Streamed::Stopped)), "{end:?}");
            let text = String::from_utf8(text).unwrap();
            assert!(text.starts_with(&format!("{mark} 1\n{mark} 2\n")), "{text}");
            assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
            assert_eq!(left(&mut node, mark), "0\n", "{mark}: the command must end with its reader");
            assert!(node.run(&Request::new(["true"])).unwrap().success(), "the connection goes on");
        }
    });
}

#[test]
fn a_stream_ends_by_itself_at_its_deadline_and_with_its_connection() {
    guard(60, || {
        let server = Server::plain();
        let mut node = server.connect();
        let mut go_on = |_: &[u8]| ControlFlow::Continue(());
        let ended = node.stream(&Request::new(["sh", "-c", "echo x; echo why >&2; exit 7"]), &mut go_on);
        let Ok(Streamed::Ended(output)) = ended else { panic!("{ended:?}") };
        assert_eq!((output.exit.clone(), output.error_text().as_str()), (Exit::Code(7), "why\n"));
        let late = node.stream(&endless("stream-late").within(Duration::from_secs(1)), &mut go_on);
        assert!(matches!(late, Err(RemoteError::Timeout { .. })), "{late:?}");
        assert_eq!(left(&mut node, "stream-late"), "0\n");
        // Quiet ones are asked all the same whether anybody still wants them.
        let mut calls = 0;
        let quiet = node.stream(&Request::new(["sh", "-c", "cat >/dev/null"]), &mut |piece| {
            calls += 1;
            assert!(piece.is_empty());
            if calls == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(quiet, Ok(Streamed::Stopped)), "{quiet:?}");
        // The operator's machine goes away: what is left sees its input end.
        let mut other = server.connect();
        let kill = "kill -KILL $(awk '{print $4}' /proc/$PPID/stat)";
        let script =
            format!("exec 3<&0 </dev/null; sleep 77 & p=$!; (while read -r _; do :; done; kill $p) <&3 >/dev/null 2>&1 & {kill}; wait $p");
        let lost = other.stream(&Request::new(["sh", "-c", &script]), &mut go_on);
        assert!(matches!(lost, Err(RemoteError::Lost { .. })), "{lost:?}");
        let patience = Instant::now() + Duration::from_secs(5);
        while left(&mut node, "sleep 77") != "0\n" {
            assert!(Instant::now() < patience, "it outlived its connection");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
}

#[test]
fn hold_tell_and_run_share_one_connection() {
    guard(40, || {
        let server = Server::plain();
        let options = mfsctl::remote::ssh::SshOptions { keepalive: Duration::from_millis(300), ..server.options() };
        let mut node = mfsctl::remote::ssh::SshConnector::new(options).connect(&server.target()).unwrap();
        assert!(node.tell("x").is_err(), "nothing is held yet");
        let heard = server.home.path().join("heard").display().to_string();
        let script = "echo ready; while read -r line; do echo \"$line\" >>$0; [ \"$line\" = bye ] && exit 4; done; echo closed >>$0";
        assert_eq!(node.hold(&Request::new(["sh", "-c", script, &heard])).unwrap(), "ready");
        node.tell("one").unwrap();
        node.run(&Request::new(["sleep", "1"])).unwrap();
        let during_run = std::fs::read_to_string(&heard).unwrap();
        assert!(during_run.starts_with("one\n") && during_run.matches("alive\n").count() >= 2, "{during_run:?}");
        let until = Instant::now() + Duration::from_millis(900);
        while Instant::now() < until {
            node.breathe().unwrap();
            std::thread::sleep(Duration::from_millis(50));
        }
        let after = std::fs::read_to_string(&heard).unwrap();
        assert!(after.matches("alive\n").count() >= during_run.matches("alive\n").count() + 2, "{after:?}");
        node.tell("bye").unwrap();
        let patience = Instant::now() + Duration::from_secs(5);
        let error = loop {
            assert!(Instant::now() < patience, "the end of the held command was not noticed");
            match node.breathe() {
                Ok(()) => std::thread::sleep(Duration::from_millis(20)),
                Err(error) => break error,
            }
        };
        assert_eq!(error.to_string(), "node1: connection lost: the held command ended");
        assert!(node.tell("more").is_err());
        assert!(node.run(&Request::new(["true"])).unwrap().success(), "commands still run, to clean up");
    });
}

#[test]
fn a_held_command_ends_with_the_connection_and_may_fail_to_start() {
    guard(30, || {
        let server = Server::plain();
        let mut node = server.connect();
        let held =
            Request::new(["sh", "-c", "echo in use by anna; cat >/dev/null; touch $0/ended", &server.home.path().display().to_string()]);
        assert_eq!(node.hold(&held).unwrap(), "in use by anna");
        drop(node);
        let ended = server.home.path().join("ended");
        let patience = Instant::now() + Duration::from_secs(5);
        while !ended.exists() {
            assert!(Instant::now() < patience, "the held command outlived its connection");
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut node = server.connect();
        let error = node.hold(&Request::new(["sh", "-c", "echo no lock here >&2; exit 9"])).unwrap_err();
        assert!(error.to_string().contains("Code(9)") && error.to_string().contains("no lock here"), "{error}");
        let silent = Request::new(["sleep", "64"]).within(Duration::from_secs(1));
        assert!(matches!(node.hold(&silent), Err(RemoteError::Timeout { .. })));
        assert!(node.run(&Request::new(["true"])).unwrap().success());
    });
}

#[test]
fn tcp_goes_through_the_node() {
    guard(30, || {
        let server = Server::plain();
        let mut node = server.connect();
        let mut stream = node.tcp("127.0.0.1", echo_server(), Duration::from_secs(5)).unwrap();
        let sent: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        stream.write_all(&sent).unwrap();
        let mut back = vec![0; sent.len()];
        stream.read_exact(&mut back).unwrap();
        assert!(back == sent);
        drop(stream);
        // Nobody answers: the deadline ends the wait.
        let mut silent = node.tcp("127.0.0.1", echo_server(), Duration::from_millis(300)).unwrap();
        assert_eq!(silent.read(&mut [0; 10]).unwrap_err().kind(), std::io::ErrorKind::TimedOut);
        drop(silent);
        let closed = node.tcp("127.0.0.1", free_port(), Duration::from_secs(5)).err().unwrap();
        assert!(matches!(closed, RemoteError::Refused { .. }), "{closed}");
        assert!(node.run(&Request::new(["true"])).unwrap().success());
        let strict = Server::start(&Plan { config: "AllowTcpForwarding no", ..Plan::default() });
        let error = strict.connect().tcp("127.0.0.1", 1, Duration::from_secs(5)).err().unwrap();
        assert!(error.to_string().contains("AllowTcpForwarding"), "{error}");
    });
}
