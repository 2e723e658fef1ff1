//! Leaving the cluster: a whole node, or one data directory of a chunkserver.
//!
//! What leaves is noted on the node itself, in a file that every plan reads: so a run that was stopped goes on, and
//! `provision` neither takes the marks back nor brings back by itself what has left while the inventory still lists it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::daemon::script;
use super::file::{self, ManagedFile};
use super::{Action, ClusterState, Outcome, StepDef, View, facts_of};
use crate::fact::HostFacts;
use crate::inventory::layout::moosefs::{self as layout, LEAVING_FILE};
use crate::inventory::model::{Node, Role};

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "not-left", about: "This node was not removed from the cluster", plan: not_left },
    StepDef { name: "leaving-noted", about: "What leaves is noted on the node", plan: note },
    StepDef { name: "daemons-stopped", about: "Chunkserver and metalogger do not run, nor at boot", plan: stopped },
    StepDef { name: "disk-detached", about: "The removed data directory is not mounted", plan: detached },
];

/// Longest time a clean stop may take: a chunkserver closes its files first.
const STOP_WITHIN: Duration = Duration::from_secs(900);
/// Ends the note's file and makes it last.
const FORGET: &str = r#"rm -f -- "$1" && sync"#;
/// Unmounts `$1`; 0 once nothing is mounted there. The chunkserver lets go of it some seconds after its reload.
const DETACH: &str = r#"! mountpoint -q "$1" || umount "$1""#;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its data go elsewhere.
    Leaving,
    /// It is no longer part of the cluster.
    Left,
}

/// What leaves a node, or has left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departure {
    /// The node as a whole.
    pub node: Option<Stage>,
    /// Data directories.
    pub disks: BTreeMap<String, Stage>,
}

/// What is wanted of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The node.
    pub node: String,
    /// One data directory; the whole node without it.
    pub disk: Option<String>,
    /// How far it is to go; `None`: it stays after all.
    pub to: Option<Stage>,
}

impl Departure {
    fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let stage = match word {
                "leaving" => Stage::Leaving,
                "left" => Stage::Left,
                _ => continue,
            };
            match rest.split_once(' ') {
                None if rest == "node" => found.node = Some(stage),
                Some(("disk", path)) => {
                    found.disks.insert(path.to_owned(), stage);
                }
                _ => {}
            }
        }
        found
    }

    fn text(&self) -> String {
        let word = |stage: &Stage| if *stage == Stage::Left { "left" } else { "leaving" };
        let mut text =
            "# Written by mfsctl: what leaves this cluster, or has left it. `mfsctl node add` and `disk add` take it back.\n".to_owned();
        text.extend(self.node.iter().map(|stage| format!("{} node\n", word(stage))));
        text.extend(self.disks.iter().map(|(path, stage)| format!("{} disk {path}\n", word(stage))));
        text
    }

    fn is_empty(&self) -> bool {
        self.node.is_none() && self.disks.is_empty()
    }

    /// How far the node, or one of its disks, is.
    #[must_use]
    pub fn stage(&self, disk: Option<&str>) -> Option<Stage> {
        match disk {
            None => self.node,
            Some(path) => self.disks.get(path).copied(),
        }
    }

    /// It with one thing as wished.
    #[must_use]
    pub fn with(mut self, wish: &Wish) -> Self {
        match (&wish.disk, wish.to) {
            (None, to) => self.node = to,
            (Some(path), Some(to)) => {
                self.disks.insert(path.clone(), to);
            }
            (Some(path), None) => {
                self.disks.remove(path);
            }
        }
        self
    }
}

/// What is noted on a node.
#[must_use]
pub fn noted(facts: &HostFacts) -> Departure {
    facts.files.content(LEAVING_FILE).map(Departure::parse).unwrap_or_default()
}

/// Makes facts say that something stays: for plans that are shown before the note is taken back.
pub fn take_back(facts: &mut HostFacts, wish: &Wish) {
    use crate::fact::file::FileFact;
    let departure = noted(facts).with(&Wish { to: None, ..wish.clone() });
    match facts.files.get(LEAVING_FILE).cloned() {
        Some(FileFact::Regular { meta, .. }) if !departure.is_empty() => {
            facts.files.insert(LEAVING_FILE, FileFact::Regular { content: departure.text(), meta });
        }
        _ => facts.files.insert(LEAVING_FILE, FileFact::Missing),
    }
}

/// Whether a node was removed, as far as it could be asked.
#[must_use]
pub fn has_left(state: &ClusterState, node: &Node) -> bool {
    facts_of(state, &node.name).is_some_and(|f| noted(f).node == Some(Stage::Left))
}

/// What is noted, and wished for this node.
fn of(view: &View) -> Departure {
    let noted = noted(view.facts);
    match view.consent.leaving.as_ref().filter(|wish| wish.node == view.node.name) {
        Some(wish) => noted.with(wish),
        None => noted,
    }
}

/// The node as its files are to describe it: disks that leave are marked, those that have left are not there, and a
/// node that leaves mounts nothing.
#[must_use]
pub fn effective(view: &View) -> Node {
    let departure = of(view);
    let mut node = view.node.clone();
    node.disks.retain(|d| departure.disks.get(&d.path) != Some(&Stage::Left));
    for disk in node.disks.iter_mut().filter(|d| departure.node.is_some() || departure.disks.contains_key(&d.path)) {
        disk.mark = Some('*');
    }
    if departure.node.is_some() {
        node.mounts.iter_mut().for_each(|m| m.present = false);
    }
    node
}

fn not_left(view: &View) -> Outcome {
    let departure = of(view);
    let name = &view.node.name;
    if departure.node == Some(Stage::Left) {
        return Outcome::refused(
            format!("{name} was removed from the cluster (`mfsctl node remove`), and the inventory still has it"),
            format!("delete {name} from the inventory; or take it back with `mfsctl node add {name}`"),
        );
    }
    let listed = |path: &String| view.node.disks.iter().any(|d| d.path == *path);
    let left: Vec<&str> =
        departure.disks.iter().filter(|(path, stage)| **stage == Stage::Left && listed(path)).map(|(path, _)| path.as_str()).collect();
    if let Some(path) = left.first() {
        return Outcome::refused(
            format!("{} was removed (`mfsctl disk remove`), and the inventory still has it", left.join(", ")),
            format!("delete it from the disks of {name} in the inventory; or take it back with `mfsctl disk add {name} {path}`"),
        );
    }
    Outcome::Unchanged(if departure.is_empty() { "nothing leaves" } else { "it is leaving: its marks are kept" }.to_owned())
}

fn note(view: &View) -> Outcome {
    let Some(wish) = view.consent.leaving.as_ref().filter(|wish| wish.node == view.node.name) else {
        return Outcome::refused("nobody said what leaves", "run `mfsctl node remove` or `mfsctl disk remove`");
    };
    let departure = noted(view.facts).with(wish);
    if departure == noted(view.facts) {
        return Outcome::Unchanged("it is noted".to_owned());
    }
    if departure.is_empty() {
        return Outcome::Do(vec![Action::run("take back the note that it leaves", script(FORGET, &[LEAVING_FILE]))]);
    }
    let file = ManagedFile::new(LEAVING_FILE, departure.text());
    match file::actions(view, vec![file]) {
        Ok(actions) => Outcome::from_actions(actions, "it is noted"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn stopped(view: &View) -> Outcome {
    let units = [(Role::Chunkserver, layout::CHUNKSERVER_UNIT), (Role::Metalogger, layout::METALOGGER_UNIT)];
    let stop = |(_, unit): &(Role, &str)| {
        let fact = view.facts.units.get(unit);
        let name = unit.trim_end_matches(".service");
        let action = Action::run(format!("stop {name}, at boot too"), ["systemctl", "disable", "--now", unit]);
        (fact.is_active() || fact.is_enabled()).then(|| action.within(STOP_WITHIN))
    };
    let actions = units.iter().filter(|(role, _)| view.node.is(*role)).filter_map(stop).collect();
    Outcome::from_actions(actions, "no daemon of MooseFS runs here")
}

fn detached(view: &View) -> Outcome {
    let left = of(view).disks.into_iter().filter(|(_, stage)| *stage == Stage::Left);
    let actions = left
        .filter(|(path, _)| view.facts.mounts.at(path).is_some())
        .filter(|(path, _)| view.node.disks.iter().any(|d| d.path == *path && d.device.is_some()))
        .map(|(path, _)| {
            Action::wait(format!("unmount {path}"), script(DETACH, &[&path]), Duration::from_secs(2), Duration::from_secs(180))
        })
        .collect();
    Outcome::from_actions(actions, "nothing is mounted there")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::inventory::model::ChunkDisk;

    fn wish(disk: Option<&str>, to: Option<Stage>) -> Wish {
        Wish { node: "node3".into(), disk: disk.map(str::to_owned), to }
    }

    fn world() -> World {
        let mut world = World::new();
        let second = ChunkDisk { path: "/mnt/mfs2".into(), limit: None, mark: None, device: None, lvm: None, fs: "xfs".into() };
        world.node("node3").disks.push(second);
        world.resurvey();
        world
    }

    fn noted_as(world: &mut World, wish: Wish) {
        world.consent.leaving = Some(wish);
        let outcome = world.plan("node3", note);
        world.apply_writes("node3", &outcome);
        world.consent.leaving = None;
    }

    #[test]
    fn the_note_says_it_again() {
        let departure = Departure::default().with(&wish(Some("/mnt/a b"), Some(Stage::Left))).with(&wish(None, Some(Stage::Leaving)));
        assert_eq!(Departure::parse(&departure.text()), departure);
        assert_eq!(Departure::parse("left\nleaving disk\nnonsense node\n"), Departure::default());
    }

    #[test]
    fn a_disk_that_leaves_is_marked_and_one_that_left_is_gone() {
        let mut world = world();
        noted_as(&mut world, wish(Some("/mnt/mfs2"), Some(Stage::Leaving)));
        let config = |world: &World| show(&world.plan("node3", super::super::find("chunkserver-config").unwrap().plan));
        assert!(config(&world).contains("*/mnt/mfs2") && !config(&world).contains("*/mnt/mfs1"), "{}", config(&world));
        assert!(matches!(world.plan("node3", not_left), Outcome::Unchanged(_)));
        noted_as(&mut world, wish(Some("/mnt/mfs2"), Some(Stage::Left)));
        assert!(!config(&world).contains("/mnt/mfs2"), "{}", config(&world));
        assert!(show(&world.plan("node3", not_left)).contains("mfsctl disk add node3 /mnt/mfs2"));
        world.node("node3").disks.pop();
        assert!(matches!(world.plan("node3", not_left), Outcome::Unchanged(_)), "the inventory has lost it");
    }

    #[test]
    fn a_node_that_leaves_marks_all_and_one_that_left_is_refused() {
        let mut world = world();
        noted_as(&mut world, wish(None, Some(Stage::Leaving)));
        assert!(effective(&world.view("node3")).disks.iter().all(|d| d.mark == Some('*')));
        assert!(effective(&world.view("node4")).disks.iter().all(|d| d.mark.is_none()));
        noted_as(&mut world, wish(None, Some(Stage::Left)));
        assert!(has_left(&world.state, world.view("node3").node));
        assert!(show(&world.plan("node3", not_left)).contains("mfsctl node add node3"));
        let facts = world.facts("node3");
        take_back(facts, &wish(None, None));
        assert_eq!(noted(facts), Departure::default());
    }

    #[test]
    fn the_note_is_taken_back_by_its_removal() {
        let mut world = world();
        noted_as(&mut world, wish(None, Some(Stage::Leaving)));
        world.consent.leaving = Some(wish(None, None));
        assert_eq!(actions(&world.plan("node3", note))[0].title, "take back the note that it leaves");
        assert!(matches!(world.plan("node4", note), Outcome::Refused(_)), "the wish is about another node");
    }

    #[test]
    fn daemons_that_run_or_would_are_stopped() {
        let mut world = world();
        assert!(matches!(world.plan("node3", stopped), Outcome::Unchanged(_)));
        let unit =
            crate::fact::unit::Unit { load: "loaded".into(), active: "active".into(), enabled: "enabled".into(), ..Default::default() };
        world.facts("node3").units.0.insert(layout::CHUNKSERVER_UNIT.into(), unit);
        assert_eq!(actions(&world.plan("node3", stopped)).len(), 1);
    }
}
