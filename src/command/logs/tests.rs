#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;
use crate::engine::interrupt::Interrupt;
use crate::remote::fake::{Call, FakeConnector, Reply, output};
use crate::remote::{Exit, RemoteError};
use crate::step::testing::cluster;

fn args(words: &[&str]) -> Args {
    use clap::Parser;
    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        args: Args,
    }
    Only::parse_from(["logs"].iter().chain(words)).args
}

fn line(time: i64, message: &str) -> String {
    format!(r#"{{"__REALTIME_TIMESTAMP":"{time}","__CURSOR":"c{time}","SYSLOG_IDENTIFIER":"mfs-ha","MESSAGE":"{message}"}}"#)
}

/// Answers as a node whose clock is `ahead` seconds ahead.
fn journal(lines: &[String], ahead: f64) -> Reply {
    let lines = lines.join("\n");
    Reply::from_fn(move |request| {
        let script = String::from_utf8_lossy(&request.stdin).into_owned();
        let nonce = script.split("'@").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        let now = jiff::Timestamp::now().as_microsecond() as f64 / 1e6 + ahead;
        let text = format!(
            "@{nonce} begin logs\nclock {now:.6} +0000 2026\njournal\n{lines}\n\n@kernel\n\n@end {now:.6}\n\n@{nonce} end logs 0\n"
        );
        output(Exit::Code(0), text.into_bytes(), Vec::new())
    })
}

fn seen(cluster: &Cluster, fake: &FakeConnector, words: &[&str]) -> (Vec<(String, String)>, Vec<String>) {
    let choice = Choice::new(cluster, &args(words)).unwrap();
    let asked = gather(cluster, &choice, &mut Fleet::new(cluster, fake, 32));
    let fitting = fitting(&choice, &asked);
    let merged = merged(&choice, &fitting);
    let lines = merged.iter().map(|(at, l)| (asked[*at].node.clone(), l.message.clone())).collect();
    (lines, notes(&choice, &asked, &fitting, &merged))
}

#[test]
fn journals_are_merged_in_order_of_time_in_one_round_trip_and_a_dead_node_is_told() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    fake.host("node1").otherwise(journal(&[line(10, "one"), line(30, "three"), line(40, "four")], 0.0));
    fake.host("node2").otherwise(journal(&[line(20, "two"), line(30, "three too")], 0.0));
    fake.host("node3").down(Some(RemoteError::Unreachable { node: "node3".into(), reason: "no route to host".into() }));
    let (lines, notes) = seen(&cluster, &fake, &["masters", "node3"]);
    let words: Vec<&str> = lines.iter().map(|(_, w)| w.as_str()).collect();
    assert_eq!(words, ["one", "two", "three", "three too", "four"]);
    assert_eq!(notes, ["node3: not asked: unreachable: no route to host"]);
    assert_eq!(fake.host("node1").requests().len(), 1);
    assert_eq!(fake.host("node7").connections(), 0, "only those that were named");
}

#[test]
fn what_is_left_out_is_said_and_patterns_search_further() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    fake.host("node1").otherwise(journal(&[line(10, "Fault here"), line(20, "b"), line(30, "c")], 0.0));
    let (lines, notes) = seen(&cluster, &fake, &["node1", "-n", "2"]);
    assert_eq!(lines.len(), 2);
    assert!(notes[0].contains("only the last 2 lines"), "{notes:?}");
    let (lines, notes) = seen(&cluster, &fake, &["node1", "-n", "2", "--grep", "fault"]);
    assert_eq!((lines[0].1.as_str(), notes.len()), ("Fault here", 0));
    assert!(String::from_utf8_lossy(&fake.host("node1").requests()[1].stdin).contains("-n 50000"));
    assert_eq!(seen(&cluster, &fake, &["node1", "--grep", "FAULT"]).0.len(), 0, "capitals are meant");
}

#[test]
fn clocks_that_change_the_order_are_noted() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let close = |ahead: f64| {
        fake.host("node1").otherwise(journal(&[line(10_000_000, "a")], 0.0));
        fake.host("node2").otherwise(journal(&[line(12_000_000, "b")], ahead));
        seen(&cluster, &fake, &["masters"]).1
    };
    assert_eq!(close(0.0).len(), 0);
    let notes = close(90.0);
    assert!(notes.len() == 1 && notes[0].contains("node2 +90.0") && notes[0].contains("1 lines"), "{notes:?}");
}

#[test]
fn wrong_words_are_input_errors() {
    let cluster = cluster();
    for (words, part) in [
        (&["node99"][..], "node99"),
        (&["--unit", "nonsense"], "keepalived"),
        (&["--since", "soon"], "10m"),
        (&["--since", "1h", "--until", "2h"], "is after"),
        (&["--grep", "("], "--grep"),
    ] {
        let error = Choice::new(&cluster, &args(words)).err().unwrap();
        assert!(error.exit_code() == 2 && error.to_string().contains(part), "{words:?}: {error}");
    }
    let choice = Choice::new(&cluster, &args(&["--unit", "drbd", "--unit", "ssh.service"])).unwrap();
    let words = |name: &str| choice.sources(&cluster, cluster.node(name).unwrap()).into_iter().map(|s| s.word).collect::<Vec<_>>();
    assert_eq!((words("node1"), words("node7")), (vec!["drbd".to_owned(), "ssh.service".to_owned()], vec!["ssh.service".to_owned()]));
}

#[test]
fn new_lines_come_in_order_known_ones_not_again_and_all_streams_end() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let head = "clock 1.0 +0000 2026\njournal\n";
    let ms = Duration::from_millis;
    let flow = |pieces: &[(u64, String)]| Reply::flow(pieces.iter().map(|(pause, text)| (ms(*pause), text.clone())));
    for node in ["node1", "node2"] {
        fake.host(node).otherwise(journal(&[line(10, "known")], 0.0));
    }
    let is_stream = |r: &crate::remote::Request| r.argv.iter().any(|w| w == "mfsctl-logs");
    fake.host("node1").on(is_stream, flow(&[(0, format!("{head}{}\n", line(10, "known"))), (300, format!("{}\n", line(40, "second")))]));
    fake.host("node2").on(is_stream, flow(&[(0, head.to_owned()), (500, format!("{}\n", line(30, "first")))]));
    let choice = Choice::new(&cluster, &args(&["masters", "--follow"])).unwrap();
    let mut fleet = Fleet::new(&cluster, &fake, 1);
    let asked = gather(&cluster, &choice, &mut fleet);
    let (interrupt, shown) = (Interrupt::default(), Mutex::new(Vec::new()));
    let begin = Instant::now();
    follow::stream(&cluster, &choice, &asked, &mut fleet, &interrupt, &mut |(node, line)| {
        let mut shown = shown.lock().unwrap();
        shown.push((node, line.message));
        shown.len() < 2
    });
    let text = |t: &str| t.to_owned();
    assert_eq!(*shown.lock().unwrap(), [(text("node2"), text("first")), (text("node1"), text("second"))]);
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    let streams = |node: &str| fake.host(node).history().iter().filter(|c| matches!(c, Call::Stream(_))).count();
    assert_eq!((streams("node1"), streams("node2"), fake.host("node1").connections()), (1, 1, 1));
}

#[test]
fn a_lost_stream_is_taken_up_behind_the_last_line() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    fake.host("node1").otherwise(journal(&[], 0.0));
    let is_stream = |r: &crate::remote::Request| r.argv.iter().any(|w| w == "mfsctl-logs");
    let head = "clock 1.0 +0000 2026\njournal\n";
    let of = |text: &str, time| format!("{head}{}\n", line(time, text));
    fake.host("node1").on(is_stream, Reply::flow([(Duration::ZERO, of("after", 60))]));
    fake.host("node1").on_times(1, is_stream, Reply::ok(of("before", 50)));
    let choice = Choice::new(&cluster, &args(&["node1", "-f"])).unwrap();
    let mut fleet = Fleet::new(&cluster, &fake, 4);
    let asked = gather(&cluster, &choice, &mut fleet);
    let mut shown = Vec::new();
    follow::stream(&cluster, &choice, &asked, &mut fleet, &Interrupt::default(), &mut |(_, line)| {
        shown.push(line.message);
        shown.len() < 2
    });
    assert_eq!(shown, ["before", "after"]);
    let second = fake.host("node1").history().into_iter().rev().find_map(|c| if let Call::Stream(r) = c { Some(r) } else { None }).unwrap();
    assert!(second.argv[2].contains("--after-cursor=c50"), "{}", second.argv[2]);
}
