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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::fact::moosefs::Process;

    fn serving(world: &mut World) {
        world.facts("node1").moosefs.processes.push(Process { pid: 1, name: "mfsmaster".into(), age: 1.0 });
    }

    #[test]
    fn lines_in_order_with_passwords_masked_elsewhere() {
        let mut world = World::new();
        serving(&mut world);
        world.cluster.exports.push(Export { network: "*".into(), path: ".".into(), options: vec!["rw".into()], password: None });
        world.cluster.exports.push(Export { network: "10.0.0.1".into(), path: "/a".into(), options: vec![], password: None });
        let outcome = world.plan("node1", exports);
        insta::assert_snapshot!(show(&outcome));
        let ActionKind::Write(write) = &actions(&outcome)[0].kind else { unreachable!() };
        assert_eq!(write.secrets.len(), 1);
    }

    #[test]
    fn nothing_is_left_pending_where_no_master_runs() {
        let mut world = World::new();
        let outcome = world.plan("node2", exports);
        let [_, forget] = actions(&outcome) else { unreachable!("{outcome:?}") };
        assert_eq!(forget.clears, ["moosefs-master:reload"]);
        assert!(forget.guard.is_some());
        world.apply_writes("node2", &outcome);
        assert!(matches!(world.plan("node2", exports), Outcome::Unchanged(_)));
        world.pending.insert("moosefs-master:restart".into());
        assert_eq!(actions(&world.plan("node2", exports))[0].clears, ["moosefs-master:restart"]);
    }

    #[test]
    fn an_empty_list_and_bad_words_are_refused() {
        let refused = |change: fn(&mut World)| {
            let mut world = World::new();
            change(&mut world);
            assert!(matches!(world.plan("node1", exports), Outcome::Refused(_)));
        };
        refused(|w| w.cluster.exports.clear());
        refused(|w| w.cluster.exports[0].path = "/a b".into());
        for password in ["", "qq,zz", "qq zz", "qq#zz", "qq\tzz"] {
            let secret = Secret::new(password);
            let refusal = password_is_sound(&secret, "x").unwrap_err();
            assert!(password.is_empty() || !format!("{refusal:?}").contains(password), "{refusal:?}");
        }
        assert!(password_is_sound(&Secret::new("s3cret.+/=_-"), "x").is_ok());
    }
}
