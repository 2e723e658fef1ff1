//! `make chaos`: hours of faults; the quick part of it is the group `takeover` of the test `lab`. With BENCH set it
//! measures gaps instead, for `make bench`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs, dead_code)]

mod chaos;
mod harness;

use std::process::ExitCode;

/// A named part of a group of the test `lab`, which shares the faults.
pub type Scenario = (&'static str, fn(&mut harness::World));

fn main() -> ExitCode {
    let measure = std::env::var_os("BENCH").is_some_and(|v| !v.is_empty());
    ExitCode::from(u8::from(!if measure { chaos::bench::main() } else { chaos::main() }))
}
