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
    let name = unit.trim_end_matches(".service");
    let (path, template, source) = match moosefs.version {
        VersionLine::V4 => (layout::GUI_CFG, "mfsgui.cfg.j2", GUI_CFG),
        VersionLine::V2 | VersionLine::V3 => (layout::CGI_DROP_IN, "mfs-cgi-drop-in.conf.j2", DROP_IN),
    };
    let content = template::render(template, source, Context { cluster: &view.cluster.name, port: moosefs.cgi_port })?;
    let marks = [format!("{name}:daemon-reload"), format!("{name}:restart")];
    let file = marks.iter().fold(ManagedFile::new(path, content), ManagedFile::marks);
    let mut actions = file::actions(view, vec![file])?;
    let mut pending = view.pending.clone();
    if !actions.is_empty() {
        pending.extend(marks);
    }
    let programs = view.facts.moosefs.cgi.iter().filter(|(_, mode)| *mode & 0o555 != 0o555);
    actions.extend(programs.map(|(program, _)| Action::run(format!("make {program} executable"), ["chmod", "0755", program])));
    let later = View { pending: &pending, ..*view };
    let mut run = daemon::running(&later, unit);
    let wait = daemon::starts(&run) || !view.facts.network.listeners.iter().any(|l| l.port == moosefs.cgi_port);
    actions.append(&mut run);
    if wait {
        actions.push(daemon::wait(unit, Some(moosefs.cgi_port)));
    }
    Ok(actions)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions as of, show};
    use super::*;
    use crate::fact::network::Listener;
    use crate::fact::unit::Unit;

    fn titles(outcome: &Outcome) -> Vec<&str> {
        of(outcome).iter().map(|a| a.title.as_str()).collect()
    }

    #[test]
    fn bare_then_up_then_another_port() {
        let mut world = World::new();
        let outcome = world.plan("node2", cgi);
        insta::assert_snapshot!(show(&Outcome::Do(vec![of(&outcome)[0].clone()])));
        let rest =
            ["make systemd read its units again", "enable and start moosefs-cgiserv", "wait until moosefs-cgiserv listens on port 9425"];
        assert_eq!(titles(&outcome)[1..], rest);
        world.apply_writes("node2", &outcome);
        let unit = Unit { load: "loaded".into(), active: "active".into(), enabled: "enabled".into(), ..Unit::default() };
        world.facts("node2").units.0.insert("moosefs-cgiserv.service".into(), unit);
        world.facts("node2").moosefs.cgi.insert("/usr/share/moosefs-cgi/mfs.cgi".into(), 0o755);
        assert_eq!(titles(&world.plan("node2", cgi)), ["wait until moosefs-cgiserv listens on port 9425"]);
        let listener = Listener { address: std::net::Ipv4Addr::UNSPECIFIED.into(), port: 9425, process: None, pid: None };
        world.facts("node2").network.listeners.push(listener);
        assert!(matches!(world.plan("node2", cgi), Outcome::Unchanged(_)));
        world.facts("node2").moosefs.cgi.insert("/usr/share/moosefs-cgi/mfs.cgi".into(), 0o644);
        assert_eq!(titles(&world.plan("node2", cgi)), ["make /usr/share/moosefs-cgi/mfs.cgi executable"]);
        world.facts("node2").moosefs.cgi.clear();
        world.cluster.moosefs.cgi_port = 9500;
        let outcome = world.plan("node2", cgi);
        assert_eq!(titles(&outcome)[2..], ["restart moosefs-cgiserv", "wait until moosefs-cgiserv listens on port 9500"]);
    }

    #[test]
    fn version_four_has_a_program_of_its_own() {
        let mut world = World::new();
        world.cluster.moosefs.version = VersionLine::V4;
        world.resurvey();
        let outcome = world.plan("node1", cgi);
        assert_eq!(titles(&outcome)[0], "write /etc/mfs/mfsgui.cfg");
        assert_eq!(titles(&outcome)[2], "enable and start moosefs-gui");
    }
}
