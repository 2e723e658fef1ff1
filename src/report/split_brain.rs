//! `mfsctl split-brain show` for people and for programs.

use serde_json::{Value, json};

use super::format::{clean, grouped, wrap};
use super::table::{Tone, Word, render_within};
use crate::fact::side::Side;
use crate::health::split_brain::{Own, Relation, State, Verdict};
use crate::inventory::model::Cluster;

/// Renders everything, at most `width` columns wide.
#[must_use]
pub fn render(cluster: &Cluster, sides: &[Side; 2], verdict: &Verdict, color: bool, width: Option<u16>) -> String {
    let width = width.map(|w| w.max(60));
    let paragraph = usize::from(width.unwrap_or(100));
    let mut out = wrap("", &format!("{}: {}", clean(&cluster.name), verdict.state.words().0), paragraph);
    for line in &verdict.because {
        out += &wrap("  ", &clean(line), paragraph);
    }
    if verdict.state == State::InSync {
        return out;
    }
    let headers = ["", sides[0].node.as_str(), sides[1].node.as_str()];
    let split = matches!(verdict.state, State::SplitBrain | State::Unrelated);
    let mut rows = vec![row("DRBD", sides, |s| format!("{}, {}, {}", s.role, s.connection, s.disk)), row("serves", sides, serves)];
    rows.push(row("generation", sides, generation));
    rows.push(row("metadata's id", sides, |s| s.id().unwrap_or("not known").to_owned()));
    rows.push(row("version", sides, |s| s.version().map_or_else(|| "not known".to_owned(), grouped)));
    rows.push(row("last change", sides, |s| s.changes.values().next_back().map_or_else(|| "none seen".to_owned(), |c| time(c.time))));
    if split {
        let what = if verdict.common.is_some() { "own changes" } else { "changes at hand" };
        rows.push(owns(what, verdict, changes));
        rows.push(owns("of these on files", verdict, |o| grouped(o.files as u64)));
        rows.push(owns("from", verdict, |o| o.times.map_or_else(|| "-".to_owned(), |(from, _)| time(from))));
        rows.push(owns("to", verdict, |o| o.times.map_or_else(|| "-".to_owned(), |(_, to)| time(to))));
        rows.push(owns("most often", verdict, most_often));
    }
    rows.push(row("read from", sides, |s| s.unread.as_ref().map_or_else(|| s.read.clone(), |why| format!("NOT READ: {why}"))));
    out += "\n";
    out += render_within("", &headers, &rows, color, width).trim_start_matches('\n');
    if split {
        out += "\n";
        out += &wrap("Parted: ", &parted(verdict), paragraph);
    }
    if verdict.state == State::SplitBrain {
        let advice = match &verdict.keep {
            Some(keep) => format!("keep {keep}: {}", verdict.reason),
            None => format!("none: {}", verdict.reason),
        };
        out += &wrap("Recommended: ", &clean(&advice), paragraph);
    }
    out += &wrap("Next: ", verdict.state.words().1, paragraph);
    out
}

/// The same for programs.
#[must_use]
pub fn document(cluster: &Cluster, sides: &[Side; 2], verdict: &Verdict) -> Value {
    let sides: Vec<Value> = sides
        .iter()
        .map(|s| {
            json!({
                "node": s.node, "role": s.role, "connection": s.connection, "disk": s.disk, "mounted": s.mounted,
                "listening": s.listening, "vip": s.vip, "holding": s.holding, "generation": s.generation, "kernel": s.kernel,
                "metadata": s.metadata, "version": s.version(), "last_change": s.changes.values().next_back().map(|c| c.time),
                "read": s.unread.is_none(), "how": s.read, "unread": s.unread,
            })
        })
        .collect();
    json!({ "format": 1, "cluster": cluster.name, "sides": sides, "verdict": verdict })
}

/// What is lost when this side is discarded, in words; `None` when nothing is.
#[must_use]
pub fn loss(own: Option<&Own>, common: Option<u64>) -> Option<String> {
    let Some(own) = own else { return Some("its data could not be read: what is lost is not known".to_owned()) };
    let (Some((from, to)), Some((begin, end))) = (own.ids, own.times) else {
        return common.is_none().then(|| "how much is not known: it has no changelogs at hand".to_owned());
    };
    let about =
        if common.is_some() { "" } else { "how much is not known, the changelogs do not reach back to where they parted; at hand are " };
    Some(format!(
        "{about}{} changes ({} of them on files), {from} to {to}, made from {} to {}",
        grouped(own.count as u64),
        grouped(own.files as u64),
        time(begin),
        time(end)
    ))
}

fn row(name: &str, sides: &[Side; 2], read: impl Fn(&Side) -> String) -> Vec<Word> {
    std::iter::once(name.to_owned()).chain(sides.iter().map(|s| clean(&read(s)))).map(|text| (text, Tone::Plain)).collect()
}

fn owns(name: &str, verdict: &Verdict, read: impl Fn(&Own) -> String) -> Vec<Word> {
    let cells = verdict.own.iter().map(|own| own.as_ref().map_or_else(|| "not known".to_owned(), &read));
    std::iter::once(name.to_owned()).chain(cells).map(|text| (text, Tone::Plain)).collect()
}

fn serves(side: &Side) -> String {
    match (side.vip, side.listening) {
        (true, true) => "yes: virtual address and mfsmaster".to_owned(),
        (false, true) => "mfsmaster, without the virtual address".to_owned(),
        (true, false) => "only the virtual address, no mfsmaster".to_owned(),
        (false, false) if side.mounted => "no, but the volume is mounted".to_owned(),
        (false, false) => "no".to_owned(),
    }
}

fn generation(side: &Side) -> String {
    match &side.generation {
        None => "not known".to_owned(),
        Some(g) if g.bitmap == 0 => format!("{:016X}", g.current),
        Some(g) => format!("{:016X}, alone since {:016X}", g.current, g.bitmap),
    }
}

fn changes(own: &Own) -> String {
    own.ids.map_or_else(|| "0".to_owned(), |(from, to)| format!("{} ({from} to {to})", grouped(own.count as u64)))
}

fn most_often(own: &Own) -> String {
    let mut all: Vec<(&String, &usize)> = own.operations.iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    let told: Vec<String> = all.into_iter().take(4).map(|(name, count)| format!("{name} {count}")).collect();
    if told.is_empty() { "-".to_owned() } else { told.join(", ") }
}

fn parted(verdict: &Verdict) -> String {
    match (verdict.relation, verdict.common) {
        (Relation::Unrelated, _) => "they have no generation in common".to_owned(),
        (_, Some(common)) => format!("both have the same changes up to {}; from {common} on each has its own", common.saturating_sub(1)),
        (_, None) if verdict.own.iter().any(Option::is_none) => "not known: one side could not be read".to_owned(),
        (_, None) => "further back than the changelogs at hand tell: what each side has of its own cannot be counted".to_owned(),
    }
}

/// A moment in the operator's time zone.
#[must_use]
pub fn time(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    moment.map_or_else(|| seconds.to_string(), |t| t.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fact::side::parse;
    use crate::health::split_brain::judge;

    #[test]
    fn a_real_one_on_the_screen() {
        let cluster = crate::step::testing::cluster();
        let sides = [
            parse(include_str!("../../tests/fixtures/ha/side-split-m1.txt")).unwrap(),
            parse(include_str!("../../tests/fixtures/ha/side-split-m2.txt")).unwrap(),
        ];
        let verdict = judge(&sides[0], &sides[1]);
        let text = render(&cluster, &sides, &verdict, false, Some(110));
        for part in ["SPLIT BRAIN", "204 (31 to 234)", "55 (31 to 85)", "CREATE 40", "keep m1", "up to 30", "CA2E37B9C2722262"] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        let document = document(&cluster, &sides, &verdict);
        assert_eq!((&document["verdict"]["state"], &document["verdict"]["keep"]), (&json!("split-brain"), &json!("m1")));
        assert!(loss(verdict.own[1].as_ref(), verdict.common).unwrap().starts_with("55 changes"));
        assert_eq!(loss(Some(&Own::default()), Some(4)), None);
        assert!(loss(None, None).unwrap().contains("not known"));
        // Without the version at which they parted, the changes at hand are no measure of what is lost.
        let unknown = loss(verdict.own[1].as_ref(), None).unwrap();
        assert!(unknown.contains("how much is not known") && !unknown.contains("at most"), "{unknown}");
        assert!(loss(Some(&Own::default()), None).unwrap().contains("not known"));
    }
}
