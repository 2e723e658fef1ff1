//! `mfsctl playbook`: the runbooks mfsctl follows.

use serde_json::json;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::playbook::{self, EMBEDDED};
use crate::report;
use crate::report::table::{self, plain};
use crate::step;

/// List, show and check the runbooks mfsctl follows
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do with them
    #[command(subcommand)]
    pub action: Action,
}

/// Actions on playbooks.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// List all
    List,
    /// Show the stages and steps of one
    Show {
        /// Its name
        name: String,
    },
    /// Check a file
    Check {
        /// YAML file
        file: std::path::PathBuf,
    },
}

/// Runs it.
///
/// # Errors
/// When a playbook is unknown or wrong.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let input = |e: playbook::PlaybookError| Error::input(e.to_string());
    match &args.action {
        Action::List => {
            let all =
                EMBEDDED.iter().map(|(name, _)| playbook::embedded(name)).collect::<std::result::Result<Vec<_>, _>>().map_err(input)?;
            if context.json() {
                report::data(&format!("{:#}", json!(all)));
            } else {
                let rows: Vec<_> = all.iter().map(|p| vec![plain(&p.name), plain(&p.about)]).collect();
                report::data(&table::render("Playbooks", &["name", "about"], &rows, context.color));
            }
        }
        Action::Show { name } => {
            let playbook = playbook::embedded(name).map_err(input)?;
            if context.json() {
                report::data(&format!("{:#}", json!(playbook)));
                return Ok(());
            }
            let mut rows = Vec::new();
            for stage in &playbook.stages {
                let on = serde_yaml::to_string(&stage.on).unwrap_or_default();
                for definition in stage.steps.iter().filter_map(|s| step::find(s)) {
                    rows.push(vec![plain(&stage.id), plain(on.trim()), plain(definition.name), plain(definition.about)]);
                }
            }
            report::data(&table::render(&playbook.about, &["stage", "on", "step", "about"], &rows, context.color));
        }
        Action::Check { file } => {
            let text = std::fs::read_to_string(file).map_err(|e| Error::input(format!("{}: {e}", file.display())))?;
            let playbook = playbook::parse(&file.display().to_string(), &text).map_err(input)?;
            report::data(&format!("ok: {}, {} stages", playbook.name, playbook.stages.len()));
        }
    }
    Ok(())
}
