//! What the runs came to, as text and as a page of docs/.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::arena::{Outcome, Scenario};

/// The middle value; 0 without values.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// One line about a run.
pub fn line(o: &Outcome) -> String {
    let verdict = if o.wrong.is_empty() { "ok".to_owned() } else { format!("WRONG: {}", o.wrong.join("; ")) };
    format!(
        "{}: gap {:.1} s, longest operation {:.1} s, healthy after {:.0} s, {} acknowledged, {} lost, two primaries {:.1} s (and {:.1} s with one frozen): {verdict}",
        o.scenario, o.gap, o.longest, o.healthy, o.records, o.lost, o.claims.two_primaries, o.claims.frozen_primary
    )
}

/// A table with a row a scenario.
pub fn scenarios(known: &[Scenario], outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| scenario | runs | lost | two Primaries, s | one of them frozen, s | gap: least, median, most s | longest operation, s | healthy again, median s | wrong |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for scenario in known {
        let runs: Vec<&Outcome> = outcomes.iter().filter(|o| o.scenario == scenario.name).collect();
        if runs.is_empty() {
            continue;
        }
        let most = |value: fn(&Outcome) -> f64| runs.iter().map(|o| value(o)).fold(0.0, f64::max);
        let least_gap = runs.iter().map(|o| o.gap).fold(f64::INFINITY, f64::min);
        let _ = writeln!(
            text,
            "| {}: {} | {} | {} | {:.1} | {:.1} | {least_gap:.1}, {:.1}, {:.1} | {:.1} | {:.0} | {} |",
            scenario.name,
            scenario.about,
            runs.len(),
            runs.iter().map(|o| o.lost).sum::<u64>(),
            most(|o| o.claims.two_primaries),
            most(|o| o.claims.frozen_primary),
            median(runs.iter().map(|o| o.gap)),
            most(|o| o.gap),
            most(|o| o.longest),
            median(runs.iter().map(|o| o.healthy)),
            runs.iter().filter(|o| !o.wrong.is_empty()).count(),
        );
    }
    text.push_str(&totals(outcomes));
    text
}

/// A table with a row a fault.
pub fn faults(outcomes: &[Outcome]) -> String {
    let mut text =
        String::from("| # | fault | gap, s | longest operation, s | healthy again, s | lost | verdict |\n|---|---|---|---|---|---|---|\n");
    for (number, o) in outcomes.iter().enumerate() {
        // Records are counted at the end of a load, which lasts for some faults.
        let lost = if o.records == 0 { "-".to_owned() } else { format!("{} of {}", o.lost, o.records) };
        let verdict = if o.wrong.is_empty() { "ok".to_owned() } else { o.wrong.join("; ").replace(['\n', '|'], " ") };
        let _ =
            writeln!(text, "| {} | {} | {:.1} | {:.1} | {:.0} | {lost} | {verdict} |", number + 1, o.scenario, o.gap, o.longest, o.healthy);
    }
    text.push_str(&totals(outcomes));
    text
}

fn totals(outcomes: &[Outcome]) -> String {
    let wrong: Vec<String> =
        outcomes.iter().filter(|o| !o.wrong.is_empty()).map(|o| format!("- {}\n", line(o).replace('\n', " "))).collect();
    format!(
        "\n{} faults, {} acknowledged records and files, {} lost; median gap {:.1} s; {} runs with something wrong.\n{}{}",
        outcomes.len(),
        outcomes.iter().map(|o| o.records).sum::<u64>(),
        outcomes.iter().map(|o| o.lost).sum::<u64>(),
        median(outcomes.iter().map(|o| o.gap)),
        wrong.len(),
        if wrong.is_empty() { "" } else { "\n" },
        wrong.concat(),
    )
}

/// Puts a section into the page; the other sections stay.
pub fn write(page: &Path, title: &str, body: &str) {
    let head = "# Chaos\n\nWritten by `make chaos`: faults made on purpose on the lab while a client writes numbered records. A record counts as\n\
                acknowledged when its fsync has returned; all are read back on another client. See docs/takeover.md for the terms.\n";
    let old = fs::read_to_string(page).unwrap_or_else(|_| head.to_owned());
    let mut sections: Vec<String> = old.split("\n## ").map(str::to_owned).collect();
    let section = format!("{title}\n\n{body}");
    match sections.iter_mut().skip(1).find(|s| s.lines().next() == Some(title)) {
        Some(place) => *place = section,
        None => sections.push(section),
    }
    fs::write(page, sections.join("\n## ")).unwrap();
}
