//! The web monitor. It runs on both masters and asks whoever holds the virtual address: so it follows the active
//! master without anything being moved, and answers at `http://VIP:9425`.

use super::daemon;
use super::file::{self, ManagedFile};
use super::{Action, Outcome, Refusal, StepDef, View, template};
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::VersionLine;

const DROP_IN: &str = include_str!("../../playbooks/files/mfs-cgi-drop-in.conf.j2");
const GUI_CFG: &str = include_str!("../../playbooks/files/mfsgui.cfg.j2");

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "cgi", about: "The web monitor runs on both masters", plan: cgi }];

#[derive(serde::Serialize)]
struct Context<'a> {
    cluster: &'a str,
    port: u16,
}

fn cgi(view: &View) -> Outcome {
    match actions(view) {
        Ok(actions) => {
            let port = view.cluster.moosefs.cgi_port;
            Outcome::from_actions(actions, format!("the web monitor runs at boot and listens on port {port}"))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn actions(view: &View) -> Result<Vec<Action>, Refusal> {
    let moosefs = &view.cluster.moosefs;
    let unit = layout::cgi_unit(moosefs.version);
    let mark = format!("{}:restart", unit.trim_end_matches(".service"));
    let (path, name, source) = match moosefs.version {
        VersionLine::V4 => (layout::GUI_CFG, "mfsgui.cfg.j2", GUI_CFG),
        VersionLine::V2 | VersionLine::V3 => (layout::CGI_DROP_IN, "mfs-cgi-drop-in.conf.j2", DROP_IN),
    };
    let content = template::render(name, source, Context { cluster: &view.cluster.name, port: moosefs.cgi_port })?;
    let mut actions = file::actions(view, vec![ManagedFile::new(path, content).marks(mark.clone())])?;
    let programs = view.facts.moosefs.cgi.iter().filter(|(_, mode)| *mode & 0o555 != 0o555);
    for (program, _) in programs {
        actions.push(Action::run(format!("make {program} executable"), ["chmod", "0755", program]));
    }
    let mut pending = view.pending.clone();
    if !actions.is_empty() {
        pending.insert(mark);
    }
    let later = View { pending: &pending, ..*view };
    let mut run = daemon::running(&later, unit);
    let wait = daemon::starts(&run) || !view.facts.network.listeners.iter().any(|l| l.port == moosefs.cgi_port);
    actions.append(&mut run);
    if wait {
        actions.push(daemon::wait(unit, Some(moosefs.cgi_port)));
    }
    Ok(actions)
}
