//! `mfsctl ha status` for people and for programs: the layers of both masters side by side.

use serde_json::{Value, json};

use super::format::clean;
use super::status::{headline, listed};
use super::table::{Tone, Word, render_within};
use crate::fact::ha_report::{HaReport, Pause, SpaceState, Vote};
use crate::health::takeover::{Layers, healthy};
use crate::health::{Finding, Severity};
use crate::inventory::model::Cluster;

/// One layer: its name, and how a node's state of it reads.
type Row = (&'static str, fn(&Cluster, &HaReport) -> Word);

const ROWS: &[Row] = &[
    ("keepalived wishes", |_, r| word(&r.wish, if matches!(r.wish.as_str(), "master" | "backup") { Tone::Plain } else { Tone::Warn })),
    ("keepalived", |_, r| unit(&r.keepalived)),
    ("worker", |_, r| if r.busy { word("busy: a change is under way", Tone::Warn) } else { unit(&r.worker) }),
    ("agent", |_, r| unit(&r.agent)),
    ("DRBD role", |_, r| word(&r.role, if r.role == "Primary" { Tone::Good } else { Tone::Plain })),
    ("connection", |_, r| match r.lost_seconds {
        Some(seconds) => word(format!("{} for {seconds} s", r.connection), Tone::Bad),
        None => word(&r.connection, if r.connection == "Connected" { Tone::Good } else { Tone::Bad }),
    }),
    ("disk / peer's", |_, r| {
        let good = r.disk == "UpToDate" && r.peer_disk == "UpToDate";
        word(format!("{} / {}", r.disk, r.peer_disk), if good { Tone::Good } else { Tone::Bad })
    }),
    ("volume", |_, r| part(r, r.mounted, "mounted", "not mounted")),
    ("space", |_, r| match &r.space {
        Some(space) => word(
            space.words(),
            match space.state {
                SpaceState::Ok => Tone::Plain,
                SpaceState::Low => Tone::Warn,
                SpaceState::Full => Tone::Bad,
            },
        ),
        None => word("-", Tone::Dim),
    }),
    ("mfsmaster", |_, r| if r.restarting { word("is being restarted", Tone::Warn) } else { word(&r.master, Tone::Plain) }),
    ("clients' port", |_, r| part(r, r.listening, "listens", "closed")),
    ("virtual address", |_, r| part(r, r.vip, "here", "not here")),
    ("health", |_, r| match r.healthy {
        Some(true) => word("fit", Tone::Good),
        Some(false) => word(format!("UNFIT: {}", r.why), Tone::Bad),
        None => word("not known", Tone::Bad),
    }),
    ("fault", |_, r| pause(r.fault.as_ref())),
    ("hold", |_, r| pause(r.hold.as_ref())),
    ("holds the votes", |_, r| if r.holding { word("yes", Tone::Warn) } else { word("no", Tone::Plain) }),
    ("witnesses", |c, r| word(witnesses(c, r), Tone::Plain)),
];

/// Renders everything, at most `width` columns wide.
#[must_use]
pub fn render(cluster: &Cluster, layers: &[Layers], findings: &[Finding], color: bool, width: Option<u16>) -> String {
    let width = width.map(|w| w.max(60));
    let mut headers = vec!["layer"];
    headers.extend(layers.iter().map(|(node, _)| node.as_str()));
    let rows: Vec<Vec<Word>> = ROWS
        .iter()
        .map(|(name, read)| {
            let cells = layers.iter().map(|(_, r)| match r {
                Ok(report) => read(cluster, report),
                Err(_) => word("?", Tone::Dim),
            });
            std::iter::once(word(name, Tone::Plain)).chain(cells).collect()
        })
        .collect();
    let title = format!("{}: takeover {}", clean(&cluster.name), headline(findings));
    let mut out = render_within(&title, &headers, &rows, color, width);
    out += &listed(findings, color, usize::from(width.unwrap_or(100)));
    out
}

/// The same for programs.
#[must_use]
pub fn document(cluster: &Cluster, layers: &[Layers], findings: &[Finding]) -> Value {
    let nodes: Vec<Value> = layers
        .iter()
        .map(|(node, r)| match r {
            Ok(report) => json!({ "node": node, "reachable": true, "layers": report }),
            Err(reason) => json!({ "node": node, "reachable": false, "reason": reason }),
        })
        .collect();
    let told: Vec<&Finding> = findings.iter().filter(|f| f.severity > Severity::Ok).collect();
    json!({ "format": 1, "cluster": cluster.name, "healthy": healthy(findings), "nodes": nodes, "findings": told })
}

fn word(text: impl AsRef<str>, tone: Tone) -> Word {
    (clean(text.as_ref()), tone)
}

fn unit(state: &str) -> Word {
    word(state, if state == "active" { Tone::Good } else { Tone::Bad })
}

/// A thing the active node has and the standby has not.
fn part(report: &HaReport, has: bool, yes: &str, no: &str) -> Word {
    let right = has == (report.role == "Primary") || report.busy;
    word(if has { yes } else { no }, if right { Tone::Plain } else { Tone::Bad })
}

fn pause(pause: Option<&Pause>) -> Word {
    let Some(pause) = pause else { return word("none", Tone::Plain) };
    let by = if pause.by.is_empty() { String::new() } else { format!(", by {}", pause.by) };
    word(format!("{} left{by}: {}", pause.remaining(), pause.why), Tone::Warn)
}

fn witnesses(cluster: &Cluster, report: &HaReport) -> String {
    let Some(votes) = &report.votes else { return "being asked just now".to_owned() };
    if votes.is_empty() {
        return "none".to_owned();
    }
    let name = |address: &std::net::Ipv4Addr| {
        cluster.nodes.iter().find(|n| n.address == *address).map_or_else(|| address.to_string(), |n| n.name.clone())
    };
    let told = votes.iter().map(|(address, vote)| {
        let vote = match vote {
            Vote::Free => "free".to_owned(),
            Vote::Held(holder) => format!("held by {holder}"),
            Vote::Silent => "SILENT".to_owned(),
        };
        format!("{}: {vote}", name(address))
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fact::ha_report::parse;
    use crate::health::takeover::judge;

    #[test]
    fn both_side_by_side_with_what_contradicts() {
        let cluster = crate::step::testing::cluster();
        let active = parse(include_str!("../../tests/fixtures/ha/report-active.txt")).unwrap();
        let unfit = parse(include_str!("../../tests/fixtures/ha/report-unfit.txt")).unwrap();
        let layers = [("m1".to_owned(), Ok(active)), ("m2".to_owned(), Ok(unfit))];
        insta::assert_snapshot!("layers", render(&cluster, &layers, &judge(&layers), false, Some(110)));
        let document = document(&cluster, &layers, &judge(&layers));
        assert_eq!((&document["healthy"], &document["nodes"][0]["layers"]["hold"]["by"]), (&json!(false), &json!("ann@desk")));
        let lost = [("m1".to_owned(), Err("unreachable".to_owned()))];
        assert!(render(&cluster, &lost, &judge(&lost), false, None).contains('?'));
    }
}
