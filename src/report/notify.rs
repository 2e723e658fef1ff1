//! Results of a test of the alerts, for people and for programs.

use serde::Serialize;

use super::format::{clean, wrap};
use super::table::{Tone, Word, plain, render_within};
use crate::fact::alert::Tried;

/// What one master said of its ways, or why it could not be asked.
#[derive(Debug, Clone)]
pub struct NodeResult {
    /// Its name.
    pub node: String,
    /// Its ways, or why there is no word of them.
    pub tried: Result<Vec<Tried>, String>,
}

#[derive(Serialize)]
struct Row<'a> {
    node: &'a str,
    #[serde(flatten)]
    tried: &'a Tried,
    hint: Option<&'static str>,
}

#[derive(Serialize)]
struct Unknown<'a> {
    node: &'a str,
    reason: &'a str,
}

/// What `--format json` prints; described in docs/alerts.md.
#[must_use]
pub fn json(results: &[NodeResult]) -> serde_json::Value {
    let rows: Vec<Row> = rows(results).map(|(node, tried)| Row { node, tried, hint: tried.hint() }).collect();
    let unknown: Vec<Unknown> = unknown(results).map(|(node, reason)| Unknown { node, reason }).collect();
    let works = unknown.is_empty() && rows.iter().all(|r| r.tried.ok);
    serde_json::json!({ "format": 1, "works": works, "results": rows, "unknown": unknown })
}

fn rows(results: &[NodeResult]) -> impl Iterator<Item = (&str, &Tried)> {
    results.iter().flat_map(|r| r.tried.iter().flatten().map(|t| (r.node.as_str(), t)))
}

fn unknown(results: &[NodeResult]) -> impl Iterator<Item = (&str, &str)> {
    results.iter().filter_map(|r| r.tried.as_ref().err().map(|e| (r.node.as_str(), e.as_str())))
}

/// A table, then the hints, each once.
#[must_use]
pub fn text(results: &[NodeResult], color: bool, width: Option<u16>) -> String {
    let mut cells: Vec<Vec<Word>> = Vec::new();
    for result in results {
        match &result.tried {
            Ok(tried) => cells.extend(tried.iter().map(|t| row(&result.node, t))),
            Err(reason) => {
                let mut row = vec![plain(&result.node), plain("-"), plain("-"), plain("-")];
                row.extend([(format!("not known: {}", clean(reason)), Tone::Warn), plain("-")]);
                cells.push(row);
            }
        }
    }
    let mut out = render_within("Alerts", &["node", "way", "account", "to", "result", "s"], &cells, color, width);
    let mut hints: Vec<String> = Vec::new();
    for (_, tried) in rows(results) {
        if let Some(hint) = tried.hint() {
            let hint = wrap("hint: ", &format!("{} {}: {hint}", tried.way, clean(&tried.account)), usize::from(width.unwrap_or(100)));
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
    }
    out.extend(hints);
    out
}

fn row(node: &str, tried: &Tried) -> Vec<Word> {
    let (word, tone) = if tried.ok { ("works", Tone::Good) } else { ("FAILED", Tone::Bad) };
    let words = clean(&tried.words);
    let result = if words.is_empty() { word.to_owned() } else { format!("{word}: {words}") };
    let to = if tried.to.is_empty() { "-".to_owned() } else { clean(&tried.to) };
    vec![
        plain(node),
        plain(clean(&tried.way)),
        plain(clean(&tried.account)),
        plain(to),
        (result, tone),
        plain(format!("{:.1}", tried.seconds)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn results() -> Vec<NodeResult> {
        let tried = |way: &str, to: &str, ok, curl, words: &str| Tried {
            way: way.into(),
            account: if way == "mail" { "smtp://mail.example.com:587, starttls, as mfs".into() } else { String::new() },
            to: to.into(),
            ok,
            curl,
            words: words.into(),
            seconds: 1.25,
        };
        vec![
            NodeResult {
                node: "node1".into(),
                tried: Ok(vec![
                    tried("mail", "ops@example.com", true, 0, "250 2.0.0 queued"),
                    tried("mail", "night@example.com", false, 67, "535 5.7.8 authentication \u{1b}[2Jfailed"),
                ]),
            },
            NodeResult { node: "node2".into(), tried: Err("unreachable: no route".into()) },
        ]
    }

    #[test]
    fn for_people() {
        insta::assert_snapshot!(text(&results(), false, Some(110)));
    }

    #[test]
    fn for_programs() {
        let json = json(&results());
        assert_eq!((json["works"].as_bool(), json["unknown"][0]["node"].as_str()), (Some(false), Some("node2")));
        assert_eq!((json["results"][1]["node"].as_str(), json["results"][1]["ok"].as_bool()), (Some("node1"), Some(false)));
        assert!(json["results"][1]["hint"].as_str().unwrap().contains("password"));
    }
}
