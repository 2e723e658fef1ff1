//! What every run came to, beside the page (`.jsonl`), so that hours of faults can be made in several sittings.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::arena::Outcome;
use super::scenarios;
use super::timeline::Claims;

/// Ending of the file with the runs of chosen scenarios, beside their page.
pub const SCENARIOS: &str = "jsonl";
/// Of the one with those of a random run, in its order.
pub const RANDOM: &str = "random.jsonl";

/// The runs kept beside a page; those of scenarios that are no more are left out.
pub fn read(page: &Path, ending: &str) -> Vec<Outcome> {
    let text = fs::read_to_string(page.with_extension(ending)).unwrap_or_default();
    text.lines().filter_map(|line| outcome(&serde_json::from_str(line).unwrap())).collect()
}

/// Keeps these runs, and no others.
pub fn write(page: &Path, ending: &str, outcomes: &[Outcome]) {
    let lines: String = outcomes.iter().map(|o| format!("{}\n", value(o))).collect();
    fs::write(page.with_extension(ending), lines).unwrap();
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

fn value(o: &Outcome) -> Value {
    json!({
        "scenario": o.scenario, "gap": tenths(o.gap), "longest": tenths(o.longest), "healthy": tenths(o.healthy),
        "records": o.records, "lost": o.lost, "errors": o.errors, "wrong": o.wrong,
        "two_primaries": tenths(o.claims.two_primaries), "frozen_primary": tenths(o.claims.frozen_primary),
        "two_masters": tenths(o.claims.two_masters), "two_addresses": tenths(o.claims.two_addresses),
    })
}

fn outcome(value: &Value) -> Option<Outcome> {
    let number = |key: &str| value[key].as_f64().unwrap();
    let wrong = value["wrong"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect();
    Some(Outcome {
        scenario: scenarios::ALL.iter().find(|s| Some(s.name) == value["scenario"].as_str())?.name,
        gap: number("gap"),
        longest: number("longest"),
        lost: value["lost"].as_u64().unwrap(),
        records: value["records"].as_u64().unwrap(),
        errors: value["errors"].as_str().unwrap().to_owned(),
        claims: Claims {
            two_primaries: number("two_primaries"),
            frozen_primary: number("frozen_primary"),
            two_masters: number("two_masters"),
            two_addresses: number("two_addresses"),
        },
        healthy: number("healthy"),
        wrong,
        said: String::new(),
        start: String::new(),
    })
}
