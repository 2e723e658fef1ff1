#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::Read;

use super::super::collect::{Wanted, collect};
use super::*;
use crate::inventory::model::{Notify, Smtp, Webhook};
use crate::inventory::secret::Secret;
use crate::remote::fake::{FakeConnector, Reply, output};
use crate::remote::{Exit, RemoteError};
use crate::step::testing;

/// The reference cluster with every kind of secret, each with characters that some file or other quotes.
fn cluster() -> Cluster {
    let mut cluster = testing::cluster();
    cluster.drbd.secret = Secret::new("drbd's \"own\" secret");
    cluster.moosefs.auth = Secret::new("auth code with spaces");
    cluster.keepalived.password = Some(Secret::new("vrrp-pw8"));
    cluster.ha.witness_secret = Secret::new("witness/secret+42");
    cluster.nodes[0].ssh.password = Some(Secret::new("ssh-login-pw"));
    cluster.nodes[0].ssh.sudo_password = Some(Secret::new("sudo \\ pw"));
    let text = |t: &str| t.to_owned();
    cluster.notify = Notify {
        smtp: vec![Smtp {
            host: text("mail.example.com"),
            port: 587,
            security: text("starttls"),
            user: Some(text("mfs")),
            password: Some(Secret::new("mail 'pass' word")),
            from: text("mfs@example.com"),
        }],
        webhook: Some(Webhook {
            url: Secret::new("https://hook:pw99@hooks.example.com/T0/hook-path"),
            token: Some(Secret::new("bearer-token-1")),
            headers: vec![Secret::new("X-Key: header-value-7")],
        }),
        ..Notify::default()
    };
    cluster
}

/// Says every secret in every answer, as files, daemons and journals write them, and one nobody knows.
fn leaky(secrets: &[String]) -> Reply {
    let mut all: String = secrets.iter().map(|s| format!("plain {s} and shell '{}'\n", s.replace('\'', r"'\''"))).collect();
    all.push_str("shared-secret \"an old one\";\nAUTH_CODE = older code\nHOOK_SECRET='https://u:p@old.example.com/oldpath'\n");
    let message: String = secrets.join(" / ") + " drbdsetup net-options --shared-secret=unknown1 auth_pass unknown2";
    let lines = serde_json::json!({ "__REALTIME_TIMESTAMP": "1795550098951861", "SYSLOG_IDENTIFIER": "mfs-ha", "MESSAGE": message });
    Reply::from_fn(move |request| {
        let script = String::from_utf8_lossy(&request.stdin).into_owned();
        let mut text = String::new();
        for part in script.split("echo '@").skip(1) {
            // A question may print a mark of its own.
            let Some((nonce, rest)) = part.split_once(" begin '") else { continue };
            let name = rest.lines().next().unwrap();
            let body = match name {
                "logs" => format!("clock 1795550100.5 +0000 2026\njournal\n{lines}\n\n@kernel\n\n@end 1795550100.75\n"),
                support::FILES => {
                    use base64::Engine;
                    format!("/etc/mfs/mfsmaster.cfg {}\n", base64::engine::general_purpose::STANDARD.encode(&all))
                }
                _ => all.clone(),
            };
            text.push_str(&format!("@{nonce} begin {name}\n{body}\n@{nonce} end {name} 0\n"));
        }
        output(Exit::Code(0), text.into_bytes(), Vec::new())
    })
}

fn unpacked(path: &Path) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        files.insert(entry.path().unwrap().display().to_string(), text);
    }
    files
}

#[test]
fn no_secret_is_in_it_and_a_dead_node_is_noted() {
    let (cluster, fake) = (cluster(), FakeConnector::new());
    let secrets: Vec<String> = cluster.secrets().iter().map(|s| s.expose().to_owned()).collect();
    assert!(secrets.len() >= 10, "{}", secrets.len());
    for node in &cluster.nodes {
        fake.host(&node.name).otherwise(leaky(&secrets));
    }
    fake.host("node5").down(Some(RemoteError::Unreachable { node: "node5".into(), reason: "no route to host".into() }));
    let collected = collect(&cluster, &fake, 4, &Wanted { since: 0, lines: 100 });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.tar.gz");
    let contents = write(&path, "root", &Zoned::now(), &cluster, &collected).unwrap();
    let files = unpacked(&path);
    let unknown = ["an old one", "older code", "oldpath", "u:p@", "unknown1", "unknown2", "pw99", "hook-path", "header-value-7"];
    for (name, text) in &files {
        for secret in secrets.iter().map(String::as_str).chain(unknown) {
            let quoted = serde_json::to_string(secret).unwrap();
            let inner = quoted.trim_matches('"');
            assert!(!text.contains(secret) && !text.contains(inner), "{name} holds {secret:?}:\n{text}");
        }
    }
    for wanted in [
        "root/status.json",
        "root/findings.json",
        "root/status.txt",
        "root/inventory.yaml",
        "root/logs.txt",
        "root/MANIFEST.json",
        "root/nodes/node1/facts/system.txt",
        "root/nodes/node1/files/etc/mfs/mfsmaster.cfg",
        "root/nodes/node1/history.txt",
        "root/nodes/node7/unit-files.txt",
        "root/nodes/node3/log.jsonl",
    ] {
        assert!(files.contains_key(wanted), "{wanted} is missing: {:?}", files.keys().collect::<Vec<_>>());
    }
    assert!(!files.contains_key("root/nodes/node1/facts/files.txt"), "whole files, secrets and all");
    assert!(!files.keys().any(|f| f.starts_with("root/nodes/node5/")));
    let dead: Vec<_> = contents.missing.iter().filter(|m| m.node == "node5").collect();
    assert!(dead.len() == 1 && dead[0].what == "everything" && dead[0].why.contains("no route to host"), "{dead:?}");
    assert!(contents.missing.iter().any(|m| m.node == "node1" && m.what == "facts"), "answers that make no sense are there, and told");
    // What it holds is what it says, and machines can read what is for them.
    for name in ["root/status.json", "root/findings.json", "root/MANIFEST.json"] {
        serde_json::from_str::<serde_json::Value>(&files[name]).unwrap();
    }
    for line in files["root/nodes/node3/log.jsonl"].lines() {
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).unwrap()["node"], "node3");
    }
    let inventory: serde_yaml::Value = serde_yaml::from_str(&files["root/inventory.yaml"]).unwrap();
    assert_eq!(inventory["name"], "reference");
    assert_eq!(inventory["notify"]["smtp"][0]["host"], "mail.example.com");
    for entry in &contents.files {
        assert_eq!(files[&format!("root/{}", entry.path)].len() as u64, entry.size, "{}", entry.path);
    }
}
