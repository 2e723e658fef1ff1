//! Logs of all nodes as one, followed; a support bundle without a secret while a node is down; the exporter beside the status.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Scenario;
use crate::harness::finish;

const NODES: [&str; 5] = ["m1", "m2", "cs1", "cs2", "cl"];
const SECRETS: [&str; 6] =
    ["seeing-drbd-secret", "seeing-auth-code", "seeing-witness-secret", "seeing \"mail\" pass'word", "seeing-hook-path", "mail\" pass"];
/// Where the exporter listens: on this machine, not in the lab's network.
const LISTEN: &str = "127.0.0.1:19426";

pub const SCENARIOS: &[Scenario] = &[
    ("the_lab_comes_up_and_is_provisioned", |w| {
        w.up();
        w.mfsctl(&["provision", "--yes"], 900).ends(0);
        w.wait("m1", "/usr/local/sbin/mfs-ha check", 180);
    }),
    ("logs_after_a_restart_of_keepalived_stand_in_the_order_of_time", |w| {
        let since = w.sh("m2", "date +@%s").trim().trim_start_matches('@').to_owned();
        let since = jiff::Timestamp::from_second(since.parse().unwrap()).unwrap().to_string();
        w.sh("m2", "logger -t mfs-ha 'seeing: before'; systemctl restart keepalived; logger -t mfs-ha 'seeing: after'");
        w.wait("m2", "systemctl is-active keepalived", 60);
        thread::sleep(Duration::from_secs(3));
        let ran = w.mfsctl(&["logs", "--since", &since, "--format", "json"], 120).ends(0);
        let lines: Vec<serde_json::Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let times: Vec<&str> = lines.iter().map(|l| l["time"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "not in the order of time: {times:?}");
        let at = |node: &str, part: &str| {
            let fits = |l: &serde_json::Value| l["node"] == node && l["message"].as_str().is_some_and(|m| m.contains(part));
            lines.iter().position(fits).unwrap_or_else(|| panic!("nothing of {node} says {part:?}:\n{}", ran.out))
        };
        let (before, after) = (at("m2", "seeing: before"), at("m2", "seeing: after"));
        let stopped =
            lines.iter().position(|l| l["node"] == "m2" && l["unit"] == "keepalived.service").expect("keepalived's lines are there");
        assert!(before < stopped && before < after && stopped < after, "{before} {stopped} {after}");
        // For people: the node in front, and only what was asked for.
        let text = w.mfsctl(&["logs", "m2", "--since", &since, "--unit", "ha", "--grep", "seeing:"], 120).ends(0);
        assert!(text.out.lines().count() == 2 && text.out.lines().all(|l| l.contains(" m2 mfs-ha: seeing: ")), "{}", text.out);
    }),
    ("the_kernels_words_on_drbd_are_there_and_its_secret_is_not", |w| {
        w.sh("m2", "drbdadm disconnect mfs; sleep 1; drbdadm adjust mfs");
        w.wait("m2", "grep -q 'cs:Connected' /proc/drbd", 60);
        let ran = w.mfsctl(&["logs", "masters", "--since", "5m", "--unit", "drbd"], 120).ends(0);
        assert!(ran.out.contains(" kernel: ") && ran.out.contains("drbd"), "{}", ran.out);
        SECRETS.iter().for_each(|secret| assert!(!ran.out.contains(secret), "{secret}:\n{}", ran.out));
    }),
    ("a_new_line_is_followed_within_seconds_and_nothing_is_left_behind", |w| {
        let mut follow = w.start(&w.inventory(), &["logs", "masters", "cs1", "--follow"]);
        let lines = lines_of(&mut follow);
        thread::sleep(Duration::from_secs(8));
        for node in ["m1", "cs1", "m2"] {
            let begin = Instant::now();
            w.sh(node, &format!("logger -t {} 'seeing: new on {node}'", if node == "cs1" { "mfschunkserver" } else { "mfs-ha" }));
            expect(&lines, &format!("seeing: new on {node}"), Duration::from_secs(20));
            assert!(begin.elapsed() < Duration::from_secs(20), "{node}: {:?}", begin.elapsed());
        }
        w.wait("m1", "pgrep -f 'journalctl.*--no-tai[l]'", 10);
        end(&follow, "INT");
        finish(follow, Duration::from_secs(20), &["logs", "--follow"]).ends(0);
        for node in ["m1", "m2", "cs1"] {
            w.wait(node, "! pgrep -f 'journalctl.*--no-tai[l]'", 20);
        }
    }),
    ("the_exporters_values_are_those_of_the_status", |w| {
        let exporter = w.start(&w.inventory(), &["exporter", "--listen", LISTEN, "--interval", "5"]);
        let begin = Instant::now();
        let page = loop {
            let page = get("/metrics");
            if page.contains("mfs_node_reachable{") {
                break page;
            }
            assert!(begin.elapsed() < Duration::from_secs(90), "nothing was gathered:\n{page}");
            thread::sleep(Duration::from_millis(500));
        };
        assert!(get("/healthz").starts_with("HTTP/1.1 200 ") && get("/").starts_with("HTTP/1.1 404 "));
        let status = w.mfsctl(&["status", "--format", "json", "--exit-zero"], 120).ends(0).json();
        let metrics = series(&page);
        let value = |name: &str| *metrics.get(name).unwrap_or_else(|| panic!("no {name}:\n{page}"));
        for (at, node) in NODES.iter().enumerate() {
            assert_eq!(status["report"]["nodes"][at]["name"], *node);
            let reachable = f64::from(u8::from(status["report"]["nodes"][at]["reachable"] == true));
            assert_eq!(value(&format!("mfs_node_reachable{{cluster=\"seeing\",node=\"{node}\"}}")), reachable);
        }
        let told = &status["report"]["master"]["report"];
        assert_eq!(value("mfs_master_up{cluster=\"seeing\"}"), 1.0);
        assert_eq!(Some(value("mfs_space_total_bytes{cluster=\"seeing\"}")), told["info"]["total_space"].as_f64());
        assert_eq!(value("mfs_cluster_healthy{cluster=\"seeing\"}"), f64::from(u8::from(status["healthy"] == true)));
        let connected = told["chunkservers"].as_array().unwrap().iter().filter(|s| s["connected"] == true).count();
        let shown = metrics.iter().filter(|(name, v)| name.starts_with("mfs_chunkserver_connected{") && **v == 1.0).count();
        assert_eq!(shown, connected);
        assert!(value("mfs_exporter_snapshot_age_seconds{cluster=\"seeing\"}") < 60.0);
        end(&exporter, "TERM");
        finish(exporter, Duration::from_secs(20), &["exporter"]).ends(0);
        assert!(TcpStream::connect(LISTEN).is_err(), "it still listens");
    }),
    ("a_bundle_is_made_while_a_node_is_down_and_holds_no_secret", |w| {
        w.lab().crash("cs2").unwrap();
        let dir = w.state().join("bundle");
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("b.tar.gz").display().to_string();
        let ran = w.mfsctl(&["support-bundle", "--to", &path, "--format", "json"], 300).ends(0);
        let missing = ran.json()["missing"].clone();
        assert!(missing.as_array().unwrap().iter().any(|m| m["node"] == "cs2" && m["what"] == "everything"), "{missing}");
        let unpacked = Command::new("tar").args(["-xzf", &path, "-C", &dir.display().to_string()]).status().unwrap();
        assert!(unpacked.success());
        let mut files = BTreeMap::new();
        collect(&dir, &mut files);
        for part in [
            "status.json",
            "inventory.yaml",
            "logs.txt",
            "MANIFEST.json",
            "m1/files/etc/mfs/mfsmaster.cfg",
            "m2/files/etc/drbd.d/mfs.res",
            "cl/fstab.txt",
        ] {
            assert!(files.keys().any(|f| f.ends_with(part)), "{part} is missing: {:?}", files.keys());
        }
        for (name, text) in files.iter().filter(|(name, _)| !name.ends_with(".gz")) {
            SECRETS.iter().for_each(|secret| assert!(!text.contains(secret), "{name} holds {secret}"));
        }
        w.mfsctl(&["support-bundle", "--to", &path], 60).ends(2).says(&["already"]);
        // The others' logs too.
        let ran = w.mfsctl(&["logs", "--lines", "5"], 120).ends(4).says(&["cs2: not asked"]);
        assert!(NODES.iter().filter(|n| **n != "cs2").filter(|n| ran.out.contains(&format!(" {n} "))).count() >= 3, "{}", ran.out);
        w.lab().boot("cs2").unwrap();
    }),
];

/// Sends a signal to a process of ours.
fn end(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).stdin(Stdio::null()).status().unwrap().success());
}

/// The lines a child prints, as they come.
fn lines_of(child: &mut Child) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    let out = child.stdout.take().unwrap();
    thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    receive
}

#[track_caller]
fn expect(lines: &mpsc::Receiver<String>, part: &str, within: Duration) {
    let (until, mut seen) = (Instant::now() + within, Vec::new());
    while let Ok(line) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if line.contains(part) {
            return;
        }
        seen.push(line);
    }
    panic!("no line says {part:?} within {within:?}: {seen:#?}");
}

/// An answer of the exporter; nothing while it does not listen yet.
fn get(path: &str) -> String {
    let mut text = String::new();
    if let Ok(mut stream) = TcpStream::connect(LISTEN) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
        let _ = stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        let _ = stream.read_to_string(&mut text);
    }
    text
}

fn series(page: &str) -> BTreeMap<String, f64> {
    let samples = page.lines().filter(|l| l.starts_with("mfs_")).filter_map(|l| l.rsplit_once(' '));
    samples.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

fn collect(dir: &std::path::Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
        }
    }
}
