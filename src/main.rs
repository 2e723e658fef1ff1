//! The `mfsctl` binary: parse, run, exit status.

use std::process::ExitCode;

use clap::Parser;
use mfsctl::error::Kind;
use mfsctl::{cli::Cli, command, context::Context, report};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context::new(cli.global);
    match command::run(&context, cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error.kind, Kind::Verdict(_)) {
                report::say(&format!("error: {error}"));
            }
            ExitCode::from(error.exit_code())
        }
    }
}
