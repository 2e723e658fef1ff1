//! What the metadata can be restored from, and what a restore came to, for people and for programs.

use serde_json::{Value, json};

use super::format::{clean, grouped, wrap};
use super::table::{Tone, Word, plain, render_within};
use crate::health::restore::{Choice, Judged, Judgement, Loss, Source, Verdict};
use crate::inventory::model::Cluster;

/// Renders the sources, the best first, at most `width` columns wide.
#[must_use]
pub fn render(cluster: &Cluster, judgement: &Judgement, color: bool, width: Option<u16>) -> String {
    let rows: Vec<Vec<Word>> = judgement.sources.iter().map(row).collect();
    let headers = ["from", "where", "version", "reaches", "last change", "behind", "verdict", "why"];
    let title = format!("Metadata of {}: {}", clean(&cluster.name), id(judgement));
    let mut out = render_within(&title, &headers, &rows, color, width);
    let paragraph = usize::from(width.unwrap_or(100).max(60));
    out += &match &judgement.choice {
        Some(choice) => wrap("Best: ", &best(judgement, choice), paragraph),
        None => wrap("Best: ", "none: nothing here can be restored from", paragraph),
    };
    out
}

/// The same for programs; `not_asked` are nodes and why they told nothing: a source there is unknown, not absent.
#[must_use]
pub fn document(cluster: &Cluster, judgement: &Judgement, not_asked: &[(String, String)]) -> Value {
    let not_asked: Vec<Value> = not_asked.iter().map(|(node, reason)| json!({ "node": node, "reason": reason })).collect();
    json!({
        "format": 1, "cluster": cluster.name,
        "id": judgement.id.map(hex), "id_from": judgement.id_from, "sources": judgement.sources, "not_asked": not_asked,
        "choice": judgement.choice.as_ref().map(|choice| choice_document(judgement, choice)),
    })
}

/// A choice for programs.
#[must_use]
pub fn choice_document(judgement: &Judgement, choice: &Choice) -> Value {
    let name = |n: usize| judgement.sources.iter().find(|j| j.source == n).map(|j| j.name.clone());
    json!({
        "from": name(choice.base), "with": choice.extension.and_then(name), "metadata": choice.metadata,
        "id": choice.id.map(hex), "version": choice.version, "restores_to": choice.next,
        "last_change": choice.last.map(|l| l.time), "loss": choice.loss,
    })
}

/// What a choice takes and gives, in a sentence.
#[must_use]
pub fn best(judgement: &Judgement, choice: &Choice) -> String {
    let place = |n: usize| judgement.sources.iter().find(|j| j.source == n).map_or("?", |j| j.place.as_str());
    let with = choice.extension.map(|n| format!(" with changes of the {}", place(n))).unwrap_or_default();
    let last = choice.last.map(|l| format!(", last change {}", time(l.time))).unwrap_or_default();
    format!(
        "{} ({}){with}, to version {}{last}. Lost: {}",
        place(choice.base),
        choice.metadata.first().map_or("?", String::as_str),
        grouped(choice.next),
        loss(&choice.loss)
    )
}

/// What is lost, in words.
#[must_use]
pub fn loss(loss: &Loss) -> String {
    let moment = |t: Option<u64>| t.map_or_else(|| "a time not known".to_owned(), time);
    let times = format!("made from {} to {}", moment(loss.times.0), moment(loss.times.1));
    match (loss.changes, &loss.unknown) {
        (None, None) => "nothing".to_owned(),
        (Some(range), None) => {
            format!("{} changes, {} to {}, {times}", grouped(range.to - range.from + 1), range.from, range.to)
        }
        (None, Some(unknown)) => format!("{unknown}; the last one kept was made at {}", moment(loss.times.0)),
        (Some(range), Some(unknown)) => format!("changes {} to {} at least, {times}; {unknown}", range.from, range.to),
    }
}

/// A change's time in the operator's zone.
#[must_use]
pub fn time(seconds: u64) -> String {
    super::split_brain::time(seconds)
}

/// How the sources that could not be looked at fail, a line each.
#[must_use]
pub fn unread(sources: &[Source]) -> Vec<String> {
    sources.iter().filter_map(|s| Some(format!("{}: {}", s.place(), s.found.as_ref().err()?))).collect()
}

fn id(judgement: &Judgement) -> String {
    match judgement.id {
        Some(id) => format!("file system {} ({})", hex(id), judgement.id_from),
        None => format!("which file system is not known ({})", judgement.id_from),
    }
}

fn hex(id: u64) -> String {
    format!("{id:016x}")
}

fn row(judged: &Judged) -> Vec<Word> {
    let tone = match judged.verdict {
        Verdict::Best => Tone::Good,
        Verdict::Usable => Tone::Plain,
        Verdict::Unusable => Tone::Dim,
    };
    let verdict = match judged.verdict {
        Verdict::Best => "best",
        Verdict::Usable => "usable",
        Verdict::Unusable => "no",
    };
    let reach = judged.reach.as_ref();
    let dash = || "-".to_owned();
    let behind = match (judged.behind, judged.behind_seconds) {
        (None, _) => dash(),
        (Some(0), _) => "-".to_owned(),
        (Some(n), None) => format!("{} changes", grouped(n)),
        (Some(n), Some(s)) => format!("{} changes, {s} s", grouped(n)),
    };
    vec![
        plain(clean(&judged.name)),
        plain(clean(&judged.place)),
        plain(reach.map_or_else(dash, |c| grouped(c.version))),
        plain(reach.map_or_else(dash, |c| grouped(c.next))),
        plain(reach.and_then(|c| c.last).map_or_else(dash, |l| time(l.time))),
        plain(behind),
        (verdict.to_owned(), tone),
        plain(clean(&judged.reason)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::health::restore::{Known, Place, judge};
    use crate::metadata::{Candidate, Range, Stamp};

    fn judged(place: &str, verdict: Verdict, next: u64, reason: &str) -> Judged {
        let reach = (next > 0).then(|| Candidate {
            base: "metadata.mfs.back".into(),
            id: Some(7),
            version: 100,
            next,
            contiguous: true,
            missing: None,
            changelogs: vec!["changelog.0.mfs".into()],
            torn: Vec::new(),
            doubtful: Vec::new(),
            last: None,
        });
        let behind = (next > 0).then(|| 10_200 - next);
        let (name, place) = (place.split(' ').next_back().unwrap().to_owned(), place.to_owned());
        Judged { source: 0, name, place, reach, behind, behind_seconds: None, torn: false, verdict, reason: reason.into() }
    }

    #[test]
    fn the_table_and_the_best() {
        let cluster = crate::step::testing::cluster();
        let loss = Loss { changes: Some(Range { from: 200, to: 10_199 }), times: (Some(1_700_000_000), None), unknown: None };
        let choice = Choice {
            base: 0,
            extension: None,
            metadata: vec!["metadata_ml.mfs.back".into()],
            id: Some(7),
            version: 100,
            next: 200,
            last: Some(Stamp { id: 199, time: 1_700_000_000 }),
            loss,
        };
        let judgement = Judgement {
            id: Some(7),
            id_from: "3 chunkserver disks belong to it".into(),
            sources: vec![
                judged("metalogger of node2", Verdict::Best, 200, "it reaches furthest"),
                judged("volume on node1", Verdict::Unusable, 0, "it holds no metadata"),
            ],
            choice: Some(choice),
        };
        let text = render(&cluster, &judgement, false, Some(140));
        for part in ["0000000000000007", "10,000 changes", "it holds no metadata", "Lost: 10,000 changes, 200 to 10199", "a time not known"]
        {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        let document = document(&cluster, &judgement, &[("node1".to_owned(), "no route".to_owned())]);
        assert_eq!(document["not_asked"][0]["node"], "node1");
        assert_eq!((&document["choice"]["from"], &document["choice"]["restores_to"]), (&json!("node2"), &json!(200)));
        assert_eq!(document["sources"][1]["verdict"], "unusable");
    }

    #[test]
    fn nothing_at_all() {
        let cluster = crate::step::testing::cluster();
        let found = Err("no route\u{1b}[31m".to_owned());
        let source = Source { place: Place::Volume, node: Some("m1".into()), path: "/d".into(), current: true, how: String::new(), found };
        let judgement = judge(std::slice::from_ref(&source), &Known::default(), None);
        let text = render(&cluster, &judgement, false, Some(100));
        assert!(text.contains("none: nothing here") && text.contains("no route?[31m"), "{text}");
        assert_eq!(unread(&[source]).len(), 1);
        assert_eq!(super::loss(&Loss::default()), "nothing");
    }
}
