//! Everything that only real kernels show: the reference cluster on virtual machines, from bare servers on.
//!
//! The scenarios of a group share a lab and run in order. `cargo test --test lab -- NAME` runs the
//! groups with a scenario of that name in it, from their beginning. Needs root.
//!
//! While one is written: `MFSCTL_TEST_KEEP=1` leaves the lab `test-GROUP` running, and `MFSCTL_TEST_LAB=test-GROUP` runs only the
//! scenarios named, on that lab.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs)]

mod alerts;
mod backup;
mod chaos;
mod doctor;
mod grow;
mod harness;
mod interrupted;
mod reference;
mod restore;
mod scale;
mod seeing;
#[path = "../alert/server.rs"]
mod server;
mod split_brain;
mod startstop;
mod states;
mod switchover;
mod tenants;
mod upgrade;
mod wrong;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use harness::World;

/// A named part of a group.
pub type Scenario = (&'static str, fn(&mut World));

/// Scenarios on one lab.
struct Group {
    name: &'static str,
    inventory: &'static str,
    /// Run without being named; the others are `make test-takeover`.
    always: bool,
    /// In order; what follows stands on what was before.
    scenarios: &'static [&'static [Scenario]],
}

const GROUPS: &[Group] = &[
    Group { name: "small", always: true, inventory: include_str!("small.yaml"), scenarios: &[wrong::SCENARIOS] },
    Group {
        name: "interrupted",
        always: true,
        inventory: include_str!("small.yaml"),
        scenarios: &[interrupted::SCENARIOS, restore::SHORT],
    },
    Group { name: "switchover", always: false, inventory: include_str!("small.yaml"), scenarios: &[switchover::SCENARIOS] },
    Group { name: "split-brain", always: false, inventory: include_str!("small.yaml"), scenarios: &[split_brain::SCENARIOS] },
    Group {
        name: "restore",
        always: false,
        inventory: include_str!("small.yaml"),
        scenarios: &[restore::SCENARIOS, restore::TELLING, restore::sources::SCENARIOS],
    },
    Group { name: "restore-damage", always: false, inventory: include_str!("small.yaml"), scenarios: &[restore::damage::SCENARIOS] },
    Group { name: "alerts", always: false, inventory: include_str!("alerts.yaml"), scenarios: &[alerts::SCENARIOS] },
    Group { name: "backup", always: false, inventory: include_str!("small.yaml"), scenarios: &[backup::SCENARIOS] },
    Group { name: "doctor", always: false, inventory: include_str!("small.yaml"), scenarios: &[doctor::SCENARIOS] },
    Group { name: "startstop", always: false, inventory: include_str!("startstop.yaml"), scenarios: &[startstop::SHORT] },
    Group { name: "startstop-long", always: false, inventory: include_str!("startstop.yaml"), scenarios: &[startstop::LONG] },
    Group { name: "grow", always: false, inventory: include_str!("scale.yaml"), scenarios: &[grow::SCENARIOS] },
    Group { name: "scale", always: false, inventory: include_str!("scale.yaml"), scenarios: &[scale::SCENARIOS] },
    Group { name: "tenants", always: false, inventory: include_str!("tenants.yaml"), scenarios: &[tenants::SCENARIOS] },
    Group { name: "upgrade", always: false, inventory: include_str!("upgrade.yaml"), scenarios: &[upgrade::SCENARIOS] },
    Group { name: "states", always: false, inventory: include_str!("seeing.yaml"), scenarios: &[states::SCENARIOS] },
    Group { name: "seeing", always: false, inventory: include_str!("seeing.yaml"), scenarios: &[seeing::SCENARIOS] },
    Group { name: "takeover", always: true, inventory: include_str!("chaos.yaml"), scenarios: &[chaos::QUICK] },
    Group { name: "reference", always: true, inventory: include_str!("../../inventory/lab.yaml"), scenarios: &[reference::SCENARIOS] },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-') && a != "never").collect();
    let standing = std::env::var("MFSCTL_TEST_LAB").ok().filter(|lab| !lab.is_empty());
    let begin = Instant::now();
    let is_group = |word: &str| GROUPS.iter().any(|g| g.name == word);
    let (mut passed, mut failed) = (0, Vec::new());
    for group in GROUPS {
        let wanted = |name: &str| {
            (words.is_empty() && group.always) || words.iter().any(|w| group.name == w || (!is_group(w) && name.contains(w.as_str())))
        };
        let scenarios = group.scenarios.concat();
        let Some(last) = scenarios.iter().rposition(|(name, _)| wanted(name)) else { continue };
        let mut world = standing.as_ref().map_or_else(|| World::new(group.name, group.inventory), |lab| World::attach(lab));
        for (name, scenario) in scenarios[..=last].iter().filter(|(name, _)| standing.is_none() || wanted(name)) {
            let begin = Instant::now();
            let result = catch_unwind(AssertUnwindSafe(|| scenario(&mut world)));
            let seconds = begin.elapsed().as_secs_f64();
            println!("test {}::{name} ... {} ({seconds:.1} s)", group.name, if result.is_ok() { "ok" } else { "FAILED" });
            match result {
                Ok(()) => passed += 1,
                Err(_) => {
                    failed.push(format!("{}::{name}", group.name));
                    world.tell_all();
                    // What follows stands on this.
                    break;
                }
            }
        }
        drop(world);
    }
    println!(
        "\ntest result: {}. {passed} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; finished in {:.2}s",
        if failed.is_empty() { "ok" } else { "FAILED" },
        failed.len(),
        begin.elapsed().as_secs_f64()
    );
    failed.iter().for_each(|name| println!("failed: {name}"));
    ExitCode::from(u8::from(!failed.is_empty()))
}
