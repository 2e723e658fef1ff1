//! Faults made on purpose, one judge for all: nothing acknowledged is lost, never two masters, health comes back by itself.

// Two test programs share this; each uses a part.
#![allow(dead_code)]

pub mod arena;
pub mod bench;
pub mod client;
pub mod operators;
pub mod record;
pub mod report;
pub mod scenarios;
pub mod timeline;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::harness::World;
use arena::{Arena, Outcome, Scenario};

/// The faults that matter most, once each, for `make test`.
pub const QUICK: &[crate::Scenario] = &[("a_takeover_loses_nothing", |world| {
    world.up();
    world.mfsctl(&["provision", "--yes"], 900).ends(0);
    let arena = Arena::new(world);
    for name in ["master-killed", "active-power-cut", "active-cut-off"] {
        let outcomes = arena.run(&[scenarios::by_name(name)]);
        tell(&outcomes);
        assert!(outcomes.iter().all(|o| o.wrong.is_empty()), "{name}");
    }
})];

/// Faults under one load in a random run: reading back takes as long as a fault.
const BATCH: usize = 5;

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .filter(|v| !v.is_empty())
        .map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name} is not a number: {v}")))
}

/// The cluster for it, provisioned; with CHAOS_LAB one that runs already.
pub fn cluster() -> World {
    if let Some(name) = std::env::var("CHAOS_LAB").ok().filter(|n| !n.is_empty()) {
        return World::attach(&name);
    }
    let mut world = World::new("chaos-hours", include_str!("../chaos.yaml"));
    world.up();
    world.mfsctl(&["provision", "--yes"], 900).ends(0);
    world
}

/// Runs what the environment asks for (RUNS, ONLY and KEEP, or FAULTS and SEED; MINUTES); `true` when nothing went wrong.
pub fn main() -> bool {
    let world = cluster();
    let arena = Arena::new(&world);
    let page = std::env::var_os("REPORT").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/chaos.md"), PathBuf::from);
    let until = Instant::now() + Duration::from_secs(60 * setting("MINUTES", 120));
    let outcomes = if setting("FAULTS", 0) > 0 {
        random(&arena, setting("FAULTS", 0), setting("SEED", 1), until, &page)
    } else {
        every(&arena, setting("RUNS", 10), until, &page)
    };
    let wrong = outcomes.iter().filter(|o| !o.wrong.is_empty()).count();
    println!("\n{} faults, {wrong} with something wrong; {}", outcomes.len(), page.display());
    wrong == 0 && !outcomes.is_empty()
}

fn tell(outcomes: &[Outcome]) {
    for outcome in outcomes {
        println!("{}", report::line(outcome));
        if !outcome.said.is_empty() {
            println!("{}", outcome.said);
        }
    }
}

fn every(arena: &Arena, runs: u64, until: Instant, page: &std::path::Path) -> Vec<Outcome> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let only: Vec<&str> = only.split([',', ' ']).filter(|w| !w.is_empty()).collect();
    let wanted: Vec<Scenario> = match only.as_slice() {
        [] => scenarios::ALL.to_vec(),
        names => names.iter().map(|name| scenarios::by_name(name)).collect(),
    };
    // What is not run now stays in the page as it was found before.
    let keep = setting("KEEP", 0) > 0;
    let mut known: Vec<Outcome> = record::read(page).into_iter().filter(|o| keep || !wanted.iter().any(|s| s.name == o.scenario)).collect();
    let mut outcomes = Vec::new();
    while Instant::now() < until {
        // The rarest first, so that hours on several days add up.
        let count = |scenario: &Scenario| known.iter().filter(|o| o.scenario == scenario.name).count() as u64;
        let Some(scenario) = wanted.iter().min_by_key(|s| count(s)).filter(|s| count(s) < runs) else { break };
        let found = arena.run(&[*scenario]);
        tell(&found);
        known.extend(found.iter().cloned());
        outcomes.extend(found);
        record::write(page, &known);
        report::write(page, "Scenarios", &report::scenarios(scenarios::ALL, &known));
    }
    outcomes
}

fn random(arena: &Arena, faults: u64, seed: u64, until: Instant, page: &std::path::Path) -> Vec<Outcome> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut outcomes: Vec<Outcome> = Vec::new();
    while (outcomes.len() as u64) < faults && Instant::now() < until {
        let left = usize::try_from(faults).unwrap_or(usize::MAX) - outcomes.len();
        let batch: Vec<Scenario> = (0..BATCH.min(left)).map(|_| *scenarios::ALL.choose(&mut dice).unwrap()).collect();
        let found = arena.run(&batch);
        tell(&found);
        outcomes.extend(found);
        let body = format!("Seed {seed}, {faults} faults wanted.\n\n{}", report::faults(&outcomes));
        report::write(page, "Random faults", &body);
    }
    outcomes
}
