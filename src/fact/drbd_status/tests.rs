#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/drbd");

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{FIXTURES}/{path}")).unwrap()
}

fn names(dir: &str) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(format!("{FIXTURES}/{dir}")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// One line of the expected table below.
fn line(r: &DrbdResource) -> String {
    let sync = r.sync.as_ref().map_or(String::new(), |s| {
        format!(
            " {:?} {}% left={} of={} finish={} speed={}",
            s.kind,
            s.percent,
            s.left_kib.unwrap(),
            s.total_kib.unwrap(),
            s.finish_seconds.unwrap(),
            s.speed_kib_s.unwrap()
        )
    });
    format!(
        "{} {} {}/{} {}/{} {} {:?} oos={}{sync}",
        r.name.as_deref().unwrap_or("-"),
        r.connection,
        r.role,
        r.peer_role,
        r.disk,
        r.peer_disk,
        r.protocol.unwrap_or('-'),
        r.flags,
        r.out_of_sync_kib,
    )
}

#[test]
fn every_captured_state_of_8_4() {
    let mut table = String::new();
    for name in names("proc") {
        let status = parse(&read(&format!("proc/{name}")), &read(&format!("status/{name}"))).unwrap();
        assert_eq!(status.version.as_deref(), Some("8.4.11"), "{name}");
        let lines: Vec<String> = status.resources.iter().map(line).collect();
        table += &format!("{}: {}\n", name.trim_end_matches(".txt"), lines.join(" + "));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn text_of_drbdsetup_alone_agrees_where_it_tells() {
    for name in names("proc") {
        let proc = parse(&read(&format!("proc/{name}")), "").unwrap();
        let text = parse("version: 9.1.0 (api:2/proto:110-121)\n", &read(&format!("status/{name}"))).unwrap();
        assert_eq!(text.version.as_deref(), Some("9.1.0"));
        // the two were taken some 100 ms apart: what was moving in between may differ
        let still = |r: &DrbdResource| r.connection != Connection::Unconfigured && r.sync.is_none();
        for (p, t) in proc.resources.iter().zip(&text.resources).filter(|(p, _)| still(p)) {
            assert_eq!((&p.minor, &p.role, &p.disk), (&t.minor, &t.role, &t.disk), "{name}");
            // an unconnected peer is left out of the text
            if t.peer_name.is_some() {
                assert_eq!((&p.peer_role, &p.peer_disk), (&t.peer_role, &t.peer_disk), "{name}");
                assert_eq!(p.connection, t.connection, "{name}");
            }
        }
    }
}

#[test]
fn a_running_sync_in_text() {
    let text = parse("version: 9.1.0\n", &read("status/initial-sync.node1.txt")).unwrap();
    let r = &text.resources[0];
    assert_eq!((r.connection.clone(), r.out_of_sync_kib), (Connection::SyncSource, 520_976));
    let sync = r.sync.as_ref().unwrap();
    assert_eq!((sync.percent, sync.left_kib), (0.62, Some(520_976)));
}

#[test]
fn json_of_9_with_a_tiebreaker() {
    let status =
        parse("version: 9.1.16 (api:2/proto:110-121)\nTransports (api:18): tcp (1.0.0)\n", &read("json/sync-with-tiebreaker.json"))
            .unwrap();
    assert_eq!(status.version.as_deref(), Some("9.1.16"));
    let r = status.resource("mfs", 0).unwrap();
    assert_eq!(r.peer_name.as_deref(), Some("node2"));
    assert_eq!((&r.connection, &r.peer_disk, r.quorum), (&Connection::SyncSource, &Disk::Inconsistent, Some(true)));
    assert_eq!(r.other_peers.len(), 1);
    assert_eq!((r.other_peers[0].name.as_str(), &r.other_peers[0].disk), ("node3", &Disk::Diskless));
    let sync = r.sync.clone().unwrap();
    assert_eq!(
        sync,
        Sync {
            kind: SyncKind::Resync,
            percent: 3.35,
            left_kib: Some(20_267_580),
            total_kib: Some(20_970_204),
            finish_seconds: Some(213),
            speed_kib_s: Some(88_965)
        }
    );
    assert!((sync.fraction() - 0.0335).abs() < 1e-9);
    assert!(!r.in_sync());
}

#[test]
fn json_of_9_without_its_peer_and_without_statistics() {
    let waiting = parse("", &read("json/connecting.json")).unwrap();
    let r = &waiting.resources[0];
    assert_eq!((&r.connection, r.suspended, r.quorum, r.out_of_sync_kib), (&Connection::WFConnection, true, Some(false), 40));
    assert_eq!(r.sync, None);

    let healthy = parse("", &read("json/connected.json")).unwrap();
    assert!(healthy.resources[0].in_sync());
}

#[test]
fn large_volumes_are_told_in_mib() {
    let text = "version: 8.4.11\n 0: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C s-----\n    \
        oos:25165824\n\t[=>..] sync'ed: 12.5% (24576/28086)M\n\tfinish: 1:02:03 speed: 1,234,567 (9) want: 0 K/sec (stalled)\n";
    let r = parse(text, "").unwrap().resources.remove(0);
    let sync = r.sync.unwrap();
    assert!(r.suspended);
    assert_eq!((sync.left_kib, sync.total_kib), (Some(25_165_824), Some(28_760_064)));
    assert_eq!((sync.finish_seconds, sync.speed_kib_s), (Some(3723), Some(1_234_567)));
}

#[test]
fn nothing_loaded_is_an_empty_status() {
    assert_eq!(parse("", "").unwrap(), DrbdStatus::default());
    assert!(parse("version: 8.4.11 (api:1/proto:86-101)\n", "# No currently configured DRBD found.\n").unwrap().resources.is_empty());
}

#[test]
fn other_texts_are_errors_that_show_them() {
    for (proc, setup) in [("", "[{]"), ("", "drbdsetup: not found"), ("", "  disk:UpToDate"), (" 0: cs:X ro:Primary", "")] {
        let error = parse(proc, setup).unwrap_err();
        assert!(!error.found.is_empty(), "{error}");
    }
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(proc in "(.{0,40}\n){0,6}", setup in "(.{0,40}\n){0,6}") {
        let _ = parse(&proc, &setup);
    }

    #[test]
    fn damaged_captures_never_panic(cut in 0_usize..400, byte in proptest::prelude::any::<u8>()) {
        let mut text = read("proc/initial-sync.node2.txt").into_bytes();
        let at = cut % text.len();
        text[at] = byte;
        let _ = parse(&String::from_utf8_lossy(&text), "");
        let mut json = read("json/sync-with-tiebreaker.json").into_bytes();
        let at = (cut * 7) % json.len();
        json[at] = byte;
        let _ = parse("", &String::from_utf8_lossy(&json));
    }
}
