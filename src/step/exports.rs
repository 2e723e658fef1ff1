//! mfsexports.cfg: who may mount what. It is never written empty: at a reload that would take every client's rights away.

use super::file::{self, ManagedFile};
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View, template};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::Export;
use crate::inventory::secret::Secret;

const TEMPLATE: &str = include_str!("../../playbooks/files/mfsexports.cfg.j2");
const MARKS: [&str; 2] = ["moosefs-master:reload", "moosefs-master:restart"];

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "exports", about: "mfsexports.cfg: networks, paths, options, passwords", plan: exports }];

#[derive(serde::Serialize)]
struct Line<'a> {
    network: &'a str,
    path: &'a str,
    options: String,
}

#[derive(serde::Serialize)]
struct Context<'a> {
    cluster: &'a str,
    lines: Vec<Line<'a>>,
}

fn exports(view: &View) -> Outcome {
    match exports_cfg(view).and_then(|file| file::actions(view, vec![file])) {
        Ok(mut actions) => {
            forget_marks(view, &mut actions);
            Outcome::from_actions(actions, "mfsexports.cfg is as it should be")
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn exports_cfg(view: &View) -> Result<ManagedFile, Refusal> {
    let exports = &view.cluster.exports;
    if exports.is_empty() {
        return Err(Refusal {
            found: "the inventory has no exports: nobody could mount anything".to_owned(),
            fix: "add at least one line under exports".to_owned(),
        });
    }
    let lines = exports.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let content = template::render("mfsexports.cfg.j2", TEMPLATE, Context { cluster: &view.cluster.name, lines })?;
    let file = ManagedFile::new(layout::EXPORTS_CFG, content).mode(0o640).owned("root", "mfs").marks(MARKS[0]);
    Ok(exports.iter().filter_map(|e| e.password.as_ref()).fold(file, ManagedFile::secret))
}

fn line(export: &Export) -> Result<Line<'_>, Refusal> {
    let mut options = export.options.clone();
    if let Some(password) = &export.password {
        password_is_sound(password, &format!("the export of {} to {}", export.path, export.network))?;
        options.push(format!("password={}", password.expose()));
    }
    if options.is_empty() {
        options.push("ro".to_owned());
    }
    let options = options.join(",");
    if let Some(word) = [&export.network, &export.path].into_iter().find(|w| w.is_empty() || w.contains(char::is_whitespace)) {
        return Err(Refusal {
            found: format!("mfsexports.cfg: {word:?} cannot stand in an export's line"),
            fix: "write network and path without spaces".to_owned(),
        });
    }
    Ok(Line { network: &export.network, path: &export.path, options })
}

/// Refuses a password that mfsexports.cfg or mfsmount's options would cut: both end one at a comma or a space.
///
/// # Errors
/// Names whose password it is, never the password.
pub fn password_is_sound(password: &Secret, whose: &str) -> Result<(), Refusal> {
    let text = password.expose();
    let bad = |c: char| c == ',' || c == '#' || c == '\\' || c == '"' || c.is_whitespace() || c.is_control();
    if !text.is_empty() && !text.contains(bad) {
        return Ok(());
    }
    Err(Refusal {
        found: format!("the password of {whose} is empty, or has a comma, a space, #, a quote or a backslash in it"),
        fix: "choose one without: MooseFS would cut it there".to_owned(),
    })
}

/// Where no master runs nothing has to take the new files up: the next start reads them. So marks just set, or left
/// over, are removed, unless a master started meanwhile.
pub(super) fn forget_marks(view: &View, actions: &mut Vec<Action>) {
    if view.facts.moosefs.runs("mfsmaster") {
        return;
    }
    let set = actions.iter().flat_map(|a| match &a.kind {
        ActionKind::Write(write) => write.marks.as_slice(),
        ActionKind::Run(_) => &[],
    });
    let mut marks: Vec<String> = set.chain(view.pending.iter()).filter(|m| MARKS.contains(&m.as_str())).cloned().collect();
    marks.sort();
    marks.dedup();
    if marks.is_empty() {
        return;
    }
    let idle = ["sh", "-c", "! grep -qsx mfsmaster /proc/[0-9]*/comm"];
    let action = Action::run("note that no master runs here that had to read it again", ["true"]);
    actions.push(marks.into_iter().fold(action.only_if("no mfsmaster runs here", idle), Action::clears));
}
