//! Metaloggers: configured, running, and holding a downloaded copy of the metadata.

use std::time::Duration;

use super::daemon::{self, script};
use super::file;
use super::master;
use super::mfs_keys::{self, Daemon};
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::fact::moosefs::Header;
use crate::inventory::layout::moosefs as layout;

const WAIT_COPY: &str = include_str!("../../playbooks/files/mfs-wait-copy.sh");
/// The file a metalogger makes of a complete download.
const COPY: &str = "metadata_ml.mfs.back";
/// Longest time from its start to a complete copy, one restart included.
const WAIT: Duration = Duration::from_secs(60);

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "metalogger-config", about: "mfsmetalogger.cfg", plan: config },
    StepDef { name: "metalogger-running", about: "The metalogger runs, at boot too, and holds a copy of the metadata", plan: running },
];

fn config(view: &View) -> Outcome {
    match cfg(view) {
        Ok(actions) => Outcome::from_actions(actions, "mfsmetalogger.cfg is as it should be"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn cfg(view: &View) -> Result<Vec<Action>, Refusal> {
    let port = master::port(view, "MATOML_LISTEN_PORT", 9419).to_string();
    // A download an hour keeps the copy near the changelogs that are kept; reconnecting fast keeps it so after a takeover.
    let mut typed = vec![
        ("WORKING_USER", "mfs"),
        ("WORKING_GROUP", "mfs"),
        ("DATA_PATH", layout::DATA_DIR),
        ("MASTER_HOST", view.cluster.vip.name.as_str()),
        ("MASTER_RECONNECTION_DELAY", "1"),
        ("META_DOWNLOAD_FREQ", "1"),
        ("BACK_META_KEEP_PREVIOUS", "3"),
        ("BACK_LOGS", "50"),
    ];
    if port != "9419" {
        typed.push(("MASTER_PORT", &port));
    }
    let moosefs = &view.cluster.moosefs;
    let settings = &view.node.metalogger;
    let file = mfs_keys::file(Daemon::Metalogger, moosefs.version, &view.cluster.name, layout::METALOGGER_CFG, &typed, settings)?;
    let mark = Daemon::Metalogger.mark(view.facts.files.content(layout::METALOGGER_CFG), &file.content);
    file::actions(view, vec![file.mode(0o644).owned("root", "root").marks(mark)])
}

fn running(view: &View) -> Outcome {
    let dir = layout::metalogger_dir(view.node);
    let mut actions = daemon::running(view, layout::METALOGGER_UNIT);
    let has_copy = matches!(view.facts.moosefs.metalogger.headers.get(COPY), Some(Header::Saved { .. }));
    if daemon::starts(&actions) {
        actions.push(daemon::wait(layout::METALOGGER_UNIT, None));
    }
    if !has_copy {
        if actions.is_empty() && nothing_to_download(view) {
            return Outcome::Unchanged(
                "the metalogger runs; the master has not saved metadata yet, so there is nothing to download".to_owned(),
            );
        }
        if !daemon::starts(&actions) {
            let title = "restart moosefs-metalogger, which downloads metadata only when it starts";
            actions.push(Action::run(title, ["systemctl", "restart", layout::METALOGGER_UNIT]));
        }
        let seconds = WAIT.as_secs().to_string();
        let wait = script(WAIT_COPY, &[layout::METALOGGER_UNIT, dir, &seconds]);
        actions.push(Action::run(format!("wait until {dir}/{COPY} is there"), wait).within(WAIT * 3));
    }
    Outcome::from_actions(actions, format!("the metalogger runs and holds a copy in {dir}"))
}

/// Whether the active master serves a file system that it has not saved once: such a one is discarded by metaloggers.
fn nothing_to_download(view: &View) -> bool {
    let active = view.active().and_then(|n| view.state.get(&n.name)).and_then(|f| f.as_ref().ok());
    active.is_some_and(|f| f.moosefs.runs("mfsmaster") && f.moosefs.data.headers.get("metadata.mfs.back") == Some(&Header::Fresh))
}
