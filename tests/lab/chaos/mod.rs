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

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::harness::World;
use arena::{Arena, Outcome, Scenario};

/// The faults that matter most, each under a load it shares with the others, for `make test`: the rest take hours.
const FOREMOST: [&str; 8] = [
    "master-killed",
    "planned-switchover",
    "master-hangs",
    "active-power-cut",
    "chunkservers-go-first",
    "keepalived-killed",
    "disk-fails",
    "both-power-cut",
];
/// How often each is made there, at most.
const TURNS: u32 = 3;
/// No turn is begun that would end later than this, if it took as long as those before: on a slow machine one must do.
const TURNS_WITHIN: Duration = Duration::from_secs(14 * 60);

/// They lose nothing.
pub const QUICK: &[crate::Scenario] = &[("a_takeover_loses_nothing", |world| {
    world.up();
    world.mfsctl(&["provision", "--yes"], 900).ends(0);
    let arena = Arena::new(world);
    let begin = Instant::now();
    for turn in 0..TURNS {
        if turn > 0 && begin.elapsed() * (turn + 1) / turn > TURNS_WITHIN {
            println!("{turn} of {TURNS} turns: this machine is slow");
            break;
        }
        let outcomes = arena.run(&FOREMOST.map(scenarios::by_name));
        tell(&outcomes);
        // Last of all, and whole: what is printed before is long, and of a long text the end is read.
        let wrong = outcomes.iter().filter(|o| !o.wrong.is_empty());
        let wrong: Vec<String> = wrong.map(|o| format!("{}: {}\n{}", o.scenario, o.wrong.join("; "), o.start)).collect();
        let all = wrong.is_empty() && outcomes.len() == FOREMOST.len();
        assert!(all, "turn {}, {} faults; wrong: {}", turn + 1, outcomes.len(), wrong.join("\n"));
    }
})];

/// Faults under one load: reading back takes as long as a fault.
const BATCH: usize = 8;

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .filter(|v| !v.is_empty())
        .map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name} is not a number: {v}")))
}

/// Whether the runs of earlier sittings stay, and count.
fn keeps() -> bool {
    setting("KEEP", 0) > 0
}

/// Each run of that scenario is cut short somewhere else, also when they are made in several sittings.
fn pass_points<'a>(known: impl Iterator<Item = &'a Outcome>) {
    operators::points_done(known.filter(|o| o.scenario == "mfsctl-killed").count());
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

/// The runs of every scenario that are wanted, the rarest first, so that hours on several days add up; those of a random run count.
fn every(arena: &Arena, runs: u64, until: Instant, page: &Path) -> Vec<Outcome> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let only: Vec<&str> = only.split([',', ' ']).filter(|w| !w.is_empty()).collect();
    let wanted: Vec<Scenario> = match only.as_slice() {
        [] => scenarios::ALL.to_vec(),
        names => names.iter().map(|name| scenarios::by_name(name)).collect(),
    };
    // What is not run now stays in the page as it was found before.
    let mut known = record::read(page, record::SCENARIOS);
    known.retain(|o| keeps() || !wanted.iter().any(|s| s.name == o.scenario));
    let by_chance = if keeps() { record::read(page, record::RANDOM) } else { Vec::new() };
    pass_points(known.iter().chain(&by_chance));
    let mut outcomes = Vec::new();
    while Instant::now() < until {
        let count = |s: &Scenario| known.iter().chain(&by_chance).filter(|o| o.scenario == s.name).count() as u64;
        let mut rarest: Vec<Scenario> = wanted.iter().filter(|s| count(s) < runs).copied().collect();
        rarest.sort_by_key(count);
        rarest.truncate(BATCH);
        if rarest.is_empty() {
            break;
        }
        let found = arena.run(&rarest);
        tell(&found);
        known.extend(found.iter().cloned());
        outcomes.extend(found);
        record::write(page, record::SCENARIOS, &known);
        let all: Vec<Outcome> = known.iter().chain(&by_chance).cloned().collect();
        report::write(page, "Scenarios", &report::scenarios(scenarios::ALL, &all));
    }
    outcomes
}

/// Faults in the order a seed gives; with KEEP a run that was cut short goes on.
fn random(arena: &Arena, faults: u64, seed: u64, until: Instant, page: &Path) -> Vec<Outcome> {
    let mut dice = StdRng::seed_from_u64(seed);
    let wanted: Vec<Scenario> = (0..faults).map(|_| *scenarios::ALL.choose(&mut dice).unwrap()).collect();
    let mut known = if keeps() { record::read(page, record::RANDOM) } else { Vec::new() };
    assert!(known.iter().zip(&wanted).all(|(o, s)| o.scenario == s.name), "what is kept is of another seed, or of other scenarios");
    pass_points(known.iter());
    let mut outcomes: Vec<Outcome> = Vec::new();
    while known.len() < wanted.len() && Instant::now() < until {
        let found = arena.run(&wanted[known.len()..wanted.len().min(known.len() + BATCH)]);
        tell(&found);
        known.extend(found.iter().cloned());
        outcomes.extend(found);
        record::write(page, record::RANDOM, &known);
        let body = format!("Seed {seed}, {faults} faults wanted.\n\n{}", report::faults(&known));
        report::write(page, "Random faults", &body);
    }
    outcomes
}
