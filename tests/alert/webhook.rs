//! The webhook's document and its failures.

use std::time::{Duration, Instant};

use crate::sandbox::{Node, account};
use crate::server::{Hook, MailServer, Manners};

fn hook(hook: &Hook) -> String {
    format!("HOOK_SECRET=http://{}/T0/path-secret\n", hook.address)
}

#[test]
fn the_document_its_token_and_its_headers() {
    let server = Hook::start(&["200 OK\r\nContent-Length: 2\r\n\r\nok"]);
    let node = Node::new(&hook(&server));
    node.set("TOKEN_SECRET='to\"ken\\x' HEADERS=2 HEADER1_SECRET='X-Api-Key: a b\"c' HEADER2_SECRET='X-Two: 2'");
    node.alert("critical", "fault", "promotion failed: mount: wrong fs type");
    node.work();
    let posts = server.posts();
    assert_eq!(posts.len(), 1);
    assert!(posts[0].head.starts_with("POST /T0/path-secret HTTP/1.1"), "{}", posts[0].head);
    for header in ["Authorization: Bearer to\"ken\\x", "X-Api-Key: a b\"c", "X-Two: 2", "Content-Type: application/json"] {
        assert!(posts[0].head.contains(header), "{header}: {}", posts[0].head);
    }
    let json = posts[0].json();
    assert_eq!(json["format"], 1);
    assert_eq!((json["cluster"].as_str(), json["node"].as_str()), (Some("test"), Some("m1")));
    assert_eq!((json["severity"].as_str(), json["kind"].as_str()), (Some("critical"), Some("fault")));
    assert_eq!(json["subject"], "[test] m1: promotion failed: mount: wrong fs type");
    assert!(json["text"].as_str().unwrap().contains("promotion failed"));
    assert_eq!(json["alerts"][0]["count"], 1);
    let first = json["alerts"][0]["first"].as_str().unwrap();
    let age = jiff::Timestamp::now().as_second() - first.parse::<jiff::Timestamp>().unwrap().as_second();
    assert!((0..30).contains(&age), "{first}");
    assert!(!node.read("log").contains("path-secret"));
}

#[test]
fn no_text_can_break_out_of_the_document() {
    let server = Hook::start(&["204 No Content\r\n\r\n"]);
    let node = Node::new(&hook(&server));
    let attempts = [
        "\",\"severity\":\"notice",
        "\\\",\"x\":\"",
        "\\",
        "tab\tnewline\nreturn\rbell\u{7}escape\u{1b}delete\u{7f}",
        "}]}",
        "${IFS}$(touch /tmp/x)`id`%s%n\\u0041",
        "größe — 漢字 🦌",
        "{{ 7*7 }}",
        "a | b & c ; d > e",
    ];
    for attempt in attempts {
        node.alert("notice", "odd", attempt);
    }
    node.takeover("alert notice odd \"$(printf 'bad \\377\\303 bytes')\"");
    node.work();
    let mut texts: Vec<String> = Vec::new();
    for post in server.posts() {
        let json = post.json();
        assert_eq!(json.as_object().unwrap().len(), 10, "{json}");
        for alert in json["alerts"].as_array().unwrap() {
            assert_eq!(alert.as_object().unwrap().len(), 6, "{alert}");
            assert_eq!(alert["severity"], "notice");
            texts.push(alert["text"].as_str().unwrap().to_owned());
        }
    }
    let clean = |text: &str| text.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect::<String>();
    let mut wanted: Vec<String> = attempts.iter().map(|a| clean(a)).collect();
    wanted.push("bad  bytes".to_owned());
    assert_eq!(texts, wanted);
}

#[test]
fn json_escapes_everything_that_must_be() {
    let node = Node::new("");
    let script = format!(
        "MFS_ALERT_FUNCTIONS_ONLY=yes; . {}; printf 'a\\001\\037\"\\\\\\tb\\nc\\177\\303\\251\\377' | json_text",
        node.path("mfs-alert").display()
    );
    for shell in ["dash", "bash"] {
        let out = std::process::Command::new(shell).args(["-c", &script]).output().unwrap();
        let text: String = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
        assert_eq!(text, "a\u{1}\u{1f}\"\\\tb\nc\u{7f}é");
    }
}

#[test]
fn only_success_counts_and_the_servers_words_are_kept() {
    let server = Hook::start(&[
        "503 Service Unavailable\r\n\r\nmaintenance \u{1b}[2J until noon",
        "302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
        "200 OK\r\n\r\nok",
    ]);
    let node = Node::new(&hook(&server));
    node.alert("notice", "passive", "x");
    node.work();
    assert_eq!(server.posts().len(), 3, "redirections are not followed");
    let log = node.read("log");
    assert!(log.contains("503 Service Unavailable: maintenance  [2J until noon") && log.contains("302 Found"), "{log}");
    assert!(log.contains("webhook: 1 sent"), "{log}");
}

#[test]
fn an_endless_answer_is_cut_off() {
    let body: &'static str = Box::leak(format!("200 OK\r\n\r\n{}", "x".repeat(4 << 20)).into_boxed_str());
    let server = Hook::start(&[body]);
    let node = Node::new(&hook(&server));
    node.alert("notice", "passive", "x");
    node.work();
    assert_eq!(server.posts().len(), 1);
}

#[test]
fn a_hanging_mail_server_does_not_hold_up_the_webhook() {
    let silent = MailServer::start(Manners { silent: true, ..Manners::default() });
    let server = Hook::start(&["200 OK\r\n\r\nok"]);
    let node = Node::new(&format!("{}TO=ops@example.com\n{}", hook(&server), account(1, silent.port, "none")));
    node.alert("notice", "passive", "x");
    let begin = Instant::now();
    let worker = node.worker();
    server.wait(1, 3);
    assert!(begin.elapsed() < Duration::from_secs(3));
    // And not the next one either.
    node.alert("notice", "passive", "y");
    server.wait(2, 3);
    assert!(begin.elapsed() < Duration::from_millis(3900), "{:?}", begin.elapsed());
    drop(worker);
}

/// Many servers name the path in a 404; what stands behind the host of a webhook is its secret.
#[test]
fn an_answer_that_repeats_the_path_is_not_told() {
    for (answer, told) in [
        ("404 Not Found\r\n\r\nCannot POST /T0/path-secret", ""),
        ("404 Not Found\r\n\r\nwebhook path-secret is not registered", ""),
        ("404 Not Found\r\n\r\nno key long-enough-key", ""),
        ("404 Not Found\r\n\r\ninvalid_token", ": invalid_token"),
    ] {
        let server = Hook::start(&[answer]);
        let node = Node::new(&format!("HOOK_SECRET='http://{}/T0/path-secret?key=long-enough-key&x=1#y'\n", server.address));
        let row = &mfsctl::fact::alert::parse(&node.says(&["test"])).unwrap()[1];
        assert_eq!(row.words, format!("HTTP/1.1 404 Not Found{told}"));
    }
}
