#![allow(clippy::unwrap_used)]

use super::*;
use crate::inventory::layout::logs::sources;
use crate::remote::local::LocalTransport;
use crate::remote::{Request, Transport};
use crate::step::testing::cluster;

/// From a Debian 12 (systemd 252) and, the fourth line, an EL7 (systemd 219), which prints spaces and all fields.
const JOURNAL: &str = include_str!("../../../tests/fixtures/logs/journal.jsonl");
const MESSAGES: &str = include_str!("../../../tests/fixtures/logs/messages.txt");

fn masters() -> Vec<Source> {
    let cluster = cluster();
    sources(&cluster, cluster.node("node1").unwrap())
}

fn wanted(sources: &[Source]) -> Wanted<'_> {
    Wanted { sources, since: None, until: None, lines: 100 }
}

fn answer(text: String) -> Answer {
    Answer { text, status: 0 }
}

#[test]
fn the_journals_lines() {
    let lines: Vec<Option<Line>> = JOURNAL.lines().map(journal::line).collect();
    let [kernel, master, systemd, old, bytes, several, long, torn] = &lines[..] else { unreachable!("{}", lines.len()) };
    let kernel = kernel.as_ref().unwrap();
    assert_eq!((kernel.name.as_str(), kernel.time, kernel.priority), ("kernel", 1_795_550_098_951_861, Some(3)));
    assert_eq!(kernel.message, "drbd mfs: conn( Connected -> NetworkFailure )");
    let master = master.as_ref().unwrap();
    assert_eq!((master.name.as_str(), master.pid, master.unit.as_deref()), ("mfsmaster", Some(812), Some("moosefs-master.service")));
    assert_eq!(
        systemd.as_ref().unwrap().unit.as_deref(),
        Some("keepalived.service"),
        "what systemd says is about this unit, not init.scope"
    );
    assert_eq!(old.as_ref().unwrap().message, "VRRP_Instance(mfs) Entering MASTER STATE");
    assert_eq!(bytes.as_ref().unwrap().message, "h\u{fffd}llo");
    assert_eq!(several.as_ref().unwrap().message, "the second");
    assert!(long.as_ref().unwrap().message.contains("too long"));
    assert_eq!(*torn, None);
}

#[test]
fn lines_of_files_have_the_nodes_zone_and_a_year() {
    // 2 January 2027, 00:00:10 at +0100.
    let place = syslog::Place::new("+0100", "2027", 1_798_844_410.0).unwrap();
    let lines: Vec<Line> = MESSAGES.lines().filter_map(|l| place.line(l)).collect();
    let seen: Vec<(String, &str, Option<u32>)> =
        lines.iter().map(|l| (Timestamp::from_microsecond(l.time).unwrap().to_string(), l.name.as_str(), l.pid)).collect();
    let text = |t: &str| t.to_owned();
    assert_eq!(
        seen,
        [
            (text("2026-12-31T22:59:58Z"), "mfsmaster", Some(1204)),
            (text("2026-12-31T23:00:03Z"), "Keepalived_vrrp", Some(1380)),
            (text("2027-01-01T23:00:09Z"), "kernel", None),
            (text("2027-01-01T23:00:09.25Z"), "mfs-ha", None),
        ]
    );
    assert!(lines[2].message.contains("block drbd0: role( Secondary -> Primary )"));
}

use jiff::Timestamp;

#[test]
fn an_answer_of_both_parts_in_order_of_time() {
    let sources = masters();
    let mut parts = JOURNAL.lines();
    let (kernel, master) = (parts.next().unwrap(), parts.next().unwrap());
    let text = format!("clock 1795550100.5 +0000 2026\njournal\n{master}\n\n@kernel\n{kernel}\n\n@end 1795550100.75\n");
    let log = parse(&wanted(&sources), &answer(text.clone())).unwrap();
    assert_eq!(log.lines.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["kernel", "mfsmaster"]);
    assert_eq!((log.clock, log.cut, log.from_files, log.odd), ((1_795_550_100.5, 1_795_550_100.75), false, false, 0));
    let one = Wanted { lines: 1, ..wanted(&sources) };
    assert!(parse(&one, &answer(text.clone())).unwrap().cut, "there may be more");
    let empty = parse(&wanted(&sources), &answer("clock 1.5 +0000 2026\njournal\n\n@kernel\n\n@end 2.5\n".to_owned())).unwrap();
    assert!(empty.lines.is_empty() && !empty.cut);
    assert!(parse(&wanted(&sources), &answer(text.replace("@end", "@"))).is_err());
    assert!(parse(&wanted(&sources), &Answer::default()).is_err());
}

/// A directory with a stand-in for journalctl, and the script that uses it.
fn stand_in(script: &str, body: &str) -> (tempfile::TempDir, String) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("journalctl");
    std::fs::write(&program, format!("#!/bin/sh\necho \"$@\" >>{0}/asked\n{body}\n", dir.path().display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let there = script.replace(HAS_JOURNAL, "true").replace("journalctl", &program.display().to_string());
    (dir, there)
}

#[test]
fn the_question_asks_the_journal_for_units_names_and_the_kernel_apart() {
    let sources = masters();
    let wanted = Wanted { since: Some(1000), until: Some(2000), ..wanted(&sources) };
    let kernel = JOURNAL.lines().next().unwrap();
    let body = format!(
        "case $* in *--version*) echo 'systemd 252 (252.38)' ;; *_TRANSPORT=kernel*) echo '{{\"MESSAGE\":\"br0: noise\"}}'; echo '{kernel}' ;; esac"
    );
    let (dir, script) = stand_in(&ask(&wanted).script, &body);
    let output = LocalTransport::new("n").run(&Request::script(&script)).unwrap();
    let log = parse(&wanted, &answer(output.text())).unwrap_or_else(|e| unreachable!("{e}: {} {}", output.text(), output.error_text()));
    assert_eq!(log.lines.len(), 1, "{}", output.text());
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    for part in [
        "--since=@1000",
        "--until=@2000",
        "-n 100",
        "_SYSTEMD_UNIT=keepalived.service",
        "UNIT=mfs-ha.service",
        "SYSLOG_IDENTIFIER=mfsmaster",
        "--output-fields=",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    let (_dir, old) = stand_in(&ask(&wanted).script, "case $* in *--output-fields*) exit 1 ;; *--version*) echo 'systemd 219' ;; esac");
    let output = LocalTransport::new("n").run(&Request::script(&old)).unwrap();
    assert!(parse(&wanted, &answer(output.text())).is_ok() && output.error_text().is_empty(), "{}", output.error_text());
}

#[test]
fn where_there_is_no_journal_files_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("messages");
    std::fs::write(&log, MESSAGES).unwrap();
    let sources = masters();
    let script = ask(&wanted(&sources)).script.replace(HAS_JOURNAL, "false").replace("/var/log/", &format!("{}/", dir.path().display()));
    let output = LocalTransport::new("n").run(&Request::script(&script)).unwrap();
    let log = parse(&wanted(&sources), &answer(output.text())).unwrap();
    assert!(log.from_files && log.lines.len() == 4, "{log:?} {}", output.error_text());
}

#[test]
fn following_ends_with_its_input_and_its_lines_come_whole() {
    use std::ops::ControlFlow;
    let sources = masters();
    let mut lines = JOURNAL.lines();
    let (kernel, master) = (lines.next().unwrap(), lines.next().unwrap());
    let body = format!(
        "echo '{{\"__REALTIME_TIMESTAMP\":\"5\",\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"br0: noise\"}}'; echo '{kernel}'; printf '%s' '{}'; sleep 0.2; echo '{}'; exec sleep 60",
        &master[..40],
        &master[40..]
    );
    let command = follow(&sources, &From::Time(1000));
    let (dir, script) = stand_in(&command[2], &body);
    let mut follower = Follower::new(&sources);
    let mut seen = Vec::new();
    let begin = std::time::Instant::now();
    let end = LocalTransport::new("n").stream(&Request::new(["sh", "-c", &script, "mfsctl-logs"]), &mut |piece| {
        seen.extend(follower.take(piece));
        if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(end, Ok(crate::remote::Streamed::Stopped)), "{end:?}");
    assert!(begin.elapsed() < std::time::Duration::from_secs(3), "it did not end by itself: {:?}", begin.elapsed());
    assert_eq!(seen.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["kernel", "mfsmaster"]);
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert!(asked.contains("-f --no-tail --since=@1000") && asked.contains("+ _TRANSPORT=kernel"), "{asked}");
    assert!(follow(&sources, &From::Cursor("s=1;i=2".to_owned()))[2].contains("'--after-cursor=s=1;i=2'"));
}

#[test]
fn a_clock_that_is_off_is_told_only_when_it_matters() {
    let exact = Clock::measured(100.0, 100.1, 101.1, 101.2);
    assert!(exact.ahead.abs() < 1e-6 && (exact.unsure - 0.1).abs() < 1e-6, "{exact:?}");
    let ahead = Clock::measured(100.0, 102.1, 103.1, 101.2);
    assert!((ahead.ahead - 2.0).abs() < 1e-6, "{ahead:?}");
    let clocks = [exact, ahead];
    let at = |seconds: f64| (seconds * 1e6) as i64;
    // The second node's clock says 103 when it is 101: its line came before the first node's of 102.
    assert_eq!(misplaced(&[(0, at(102.0)), (1, at(103.0))], &clocks), 1);
    assert_eq!(misplaced(&[(0, at(102.0)), (1, at(110.0))], &clocks), 0, "far apart the order holds");
    assert_eq!(misplaced(&[(1, at(102.0)), (1, at(103.0))], &clocks), 0, "a node's own order always holds");
    assert_eq!(misplaced(&[(0, at(101.0)), (1, at(103.05))], &clocks), 0, "too close to tell");
}
