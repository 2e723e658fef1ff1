//! `make chaos`: hours of faults; the quick part of it is the group `takeover` of the test `lab`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs, dead_code)]

mod chaos;
mod harness;

use std::process::ExitCode;

/// A named part of a group of the test `lab`, which shares the faults.
pub type Scenario = (&'static str, fn(&mut harness::World));

fn main() -> ExitCode {
    ExitCode::from(u8::from(!chaos::main()))
}
