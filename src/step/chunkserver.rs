//! Chunkservers: configured, running, and seen by the master.

use std::time::Duration;

use super::daemon::{self, mount_unit, script};
use super::file::{self, ManagedFile};
use super::mfs_keys::{self, Daemon};
use super::{Action, Outcome, Refusal, StepDef, View, leaving, master, template};
use crate::fact::file::FileFact;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{ChunkDisk, Node, Role};

const HDD: &str = include_str!("../../playbooks/files/mfshdd.cfg.j2");
const DROP_IN: &str = include_str!("../../playbooks/files/mfs-chunkserver-drop-in.conf.j2");
const JOINED: &str = include_str!("../../playbooks/files/mfs-joined.sh");
/// Longest time until all chunkservers are connected; they try again every second.
const WAIT_JOINED: Duration = Duration::from_secs(90);

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "chunkserver-config", about: "mfschunkserver.cfg and mfshdd.cfg", plan: config },
    StepDef { name: "chunkserver-running", about: "The chunkserver runs, at boot too", plan: running },
    StepDef { name: "chunkservers-joined", about: "The master sees every chunkserver", plan: joined },
];

fn config(view: &View) -> Outcome {
    let node = leaving::effective(view);
    let view = &View { node: &node, ..*view };
    let files = cfg(view).and_then(|cfg| Ok(vec![cfg, hdd(view)?]));
    match files.and_then(|mut files| {
        files.extend(drop_in(view)?);
        file::actions(view, files)
    }) {
        Ok(actions) => Outcome::from_actions(actions, "mfschunkserver.cfg and mfshdd.cfg are as they should be"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn cfg(view: &View) -> Result<ManagedFile, Refusal> {
    let moosefs = &view.cluster.moosefs;
    let auth = moosefs.auth.expose();
    master::auth_is_sound(auth)?;
    let port = master::port(view, "MATOCS_LISTEN_PORT", 9420).to_string();
    // Chunks cannot be served while the chunkserver waits to try again: that delay is part of every takeover.
    // Without the sync a power cut takes what clients had written and synced: five of five files in a trial, none with it.
    let mut typed = vec![
        ("WORKING_USER", "mfs"),
        ("WORKING_GROUP", "mfs"),
        ("DATA_PATH", layout::DATA_DIR),
        ("HDD_CONF_FILENAME", layout::HDD_CFG),
        ("MASTER_HOST", view.cluster.vip.name.as_str()),
        ("MASTER_RECONNECTION_DELAY", "1"),
        ("AUTH_CODE", auth),
        ("HDD_FSYNC_BEFORE_CLOSE", "1"),
    ];
    if port != "9420" {
        typed.push(("MASTER_PORT", &port));
    }
    if view.node.disks.len() > 1 {
        // One dead disk must not keep the others from being served after a boot.
        typed.push(("ALLOW_STARTING_WITH_INVALID_DISKS", "1"));
    }
    let settings = &view.node.chunkserver;
    let file = mfs_keys::file(Daemon::Chunkserver, moosefs.version, &view.cluster.name, layout::CHUNKSERVER_CFG, &typed, settings)?;
    let mark = Daemon::Chunkserver.mark(view.facts.files.content(layout::CHUNKSERVER_CFG), &file.content);
    Ok(file.secret(&moosefs.auth).marks(mark))
}

#[derive(serde::Serialize)]
struct Disk<'a> {
    mark: String,
    path: &'a str,
    limit: String,
}

#[derive(serde::Serialize)]
struct Hdd<'a> {
    node: &'a str,
    disks: Vec<Disk<'a>>,
}

/// mfshdd.cfg: `[mark]PATH [limit]`. An empty one would be accepted, and the chunkserver would store nothing.
fn hdd(view: &View) -> Result<ManagedFile, Refusal> {
    if view.node.disks.is_empty() {
        return Err(Refusal {
            found: format!("{} is a chunkserver without a disk", view.node.name),
            fix: "list its data directories under disks".to_owned(),
        });
    }
    let disks = view.node.disks.iter().map(disk).collect::<Result<Vec<_>, _>>()?;
    let content = template::render("mfshdd.cfg.j2", HDD, Hdd { node: &view.node.name, disks })?;
    Ok(ManagedFile::new(layout::HDD_CFG, content).mode(0o640).owned("root", "mfs").marks("moosefs-chunkserver:reload"))
}

fn disk(disk: &ChunkDisk) -> Result<Disk<'_>, Refusal> {
    let mark = match disk.mark {
        None => String::new(),
        Some(mark) if "*<>~".contains(mark) => mark.to_string(),
        Some(mark) => {
            return Err(Refusal {
                found: format!("disk {}: {mark:?} is no mark of mfshdd.cfg", disk.path),
                fix: "use * (empty it), < (move its data to the other disks), > (move theirs to it) or ~ (size may change)".to_owned(),
            });
        }
    };
    let limit = match &disk.limit {
        None => String::new(),
        Some(limit) if is_limit(limit) => format!(" {limit}"),
        Some(limit) => {
            return Err(Refusal {
                found: format!("disk {}: {limit:?} is no limit of mfshdd.cfg", disk.path),
                fix: "write a size to use at most (1.5TiB), or to leave free (-5GiB)".to_owned(),
            });
        }
    };
    if !disk.path.starts_with('/') || disk.path.contains(char::is_whitespace) {
        return Err(Refusal {
            found: format!("disk {:?} is no path for mfshdd.cfg", disk.path),
            fix: "write an absolute path without spaces".to_owned(),
        });
    }
    Ok(Disk { mark, path: &disk.path, limit })
}

/// `-?[0-9]*(.[0-9]*)?([kMGTPE]|[KMGTPE]i)?B?` (comments of the packaged mfshdd.cfg), with at least one digit.
fn is_limit(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let digits = &number[..number.len() - rest.len()];
    let unit = rest.strip_suffix('B').unwrap_or(rest);
    let unit_fits = match unit.strip_suffix('i') {
        Some(prefix) => prefix.len() == 1 && "KMGTPE".contains(prefix),
        None => unit.is_empty() || unit.len() == 1 && "kMGTPE".contains(unit),
    };
    digits.contains(|c: char| c.is_ascii_digit()) && digits.matches('.').count() <= 1 && unit_fits
}

/// After= the disks' mounts; not Requires=, so that one dead disk does not stop the chunkserver.
fn drop_in(view: &View) -> Result<Option<ManagedFile>, Refusal> {
    #[derive(serde::Serialize)]
    struct Context {
        mounts: Vec<String>,
    }
    let mounts: Vec<String> = view.node.disks.iter().filter(|d| d.device.is_some()).map(|d| mount_unit(&d.path)).collect();
    let there = matches!(view.facts.files.get(layout::CHUNKSERVER_DROP_IN), Some(FileFact::Regular { .. }));
    if mounts.is_empty() && !there {
        return Ok(None);
    }
    let content = template::render("mfs-chunkserver-drop-in.conf.j2", DROP_IN, Context { mounts })?;
    Ok(Some(ManagedFile::new(layout::CHUNKSERVER_DROP_IN, content).marks("moosefs-chunkserver:daemon-reload")))
}

fn running(view: &View) -> Outcome {
    let port = layout::chunkserver_port(view.node);
    let mut actions = daemon::running(view, layout::CHUNKSERVER_UNIT);
    if daemon::starts(&actions) {
        actions.push(daemon::wait(layout::CHUNKSERVER_UNIT, Some(port)));
    }
    Outcome::from_actions(actions, format!("the chunkserver runs at boot and listens on port {port}"))
}

/// An address that is connected to the master's port for chunkservers counts as joined when nothing else is to be done;
/// after a change the master itself is asked.
fn joined(view: &View) -> Outcome {
    let port = master::port(view, "MATOCS_LISTEN_PORT", 9420);
    let peers = view.facts.moosefs.peers.get(&port);
    // One that cannot be reached is reported as such; waiting for it helps nobody.
    let dead = |n: &&Node| matches!(view.state.get(&n.name), Some(Err(_)));
    let away = |n: &&Node| dead(n) || leaving::has_left(view.state, n);
    let servers: Vec<_> = view.cluster.with_role(Role::Chunkserver).filter(|n| !away(n)).collect();
    if servers.iter().all(|n| peers.is_some_and(|p| p.contains(&n.address))) {
        return Outcome::Unchanged(format!("all {} chunkservers are connected", servers.len()));
    }
    let settings = &view.cluster.moosefs.master;
    let host = settings.get("MATOCL_LISTEN_HOST").map(String::as_str).filter(|h| *h != "*").unwrap_or("127.0.0.1");
    let seconds = WAIT_JOINED.as_secs().to_string();
    let mut arguments = vec![host.to_owned(), master::client_port(view).to_string(), seconds];
    arguments.extend(servers.iter().map(|n| format!("{}={}", n.name, n.address)));
    let title = format!("wait until the master sees all {} chunkservers", servers.len());
    Outcome::Do(vec![Action::run(title, script(JOINED, &arguments)).within(WAIT_JOINED * 2)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::fact::unit::Unit;

    fn titles(outcome: &Outcome) -> Vec<&str> {
        actions(outcome).iter().map(|a| a.title.as_str()).collect()
    }

    fn plain(path: &str, mark: Option<char>, limit: Option<&str>) -> ChunkDisk {
        ChunkDisk { path: path.into(), limit: limit.map(str::to_owned), mark, device: None, lvm: None, fs: "xfs".into() }
    }

    #[test]
    fn the_files_then_nothing() {
        let mut world = World::new();
        world.node("node3").disks.push(plain("/mnt/mfs2", Some('*'), Some("-5GiB")));
        world.node("node3").chunkserver.insert("LABELS".into(), "A".into());
        world.cluster.moosefs.master.insert("MATOCS_LISTEN_PORT".into(), "9520".into());
        let outcome = world.plan("node3", config);
        insta::assert_snapshot!(show(&outcome));
        world.apply_writes("node3", &outcome);
        assert!(matches!(world.plan("node3", config), Outcome::Unchanged(_)));
    }

    #[test]
    fn changes_reload_unless_only_a_restart_helps() {
        let mut world = World::new();
        let written = world.plan("node3", config);
        world.apply_writes("node3", &written);
        world.node("node3").disks.push(plain("/mnt/mfs2", None, None));
        world.node("node3").chunkserver.insert("LABELS".into(), "B".into());
        let text = show(&world.plan("node3", config));
        assert_eq!(text.matches("moosefs-chunkserver:reload").count(), 2, "{text}");
        assert!(!text.contains(":restart"));
    }

    #[test]
    fn no_disk_and_bad_lines_are_refused() {
        let refused = |disks: Vec<ChunkDisk>| {
            let mut world = World::new();
            world.node("node3").disks = disks;
            assert!(matches!(world.plan("node3", config), Outcome::Refused(_)));
        };
        refused(Vec::new());
        refused(vec![plain("/mnt/a b", None, None)]);
        refused(vec![plain("/mnt/a", Some('!'), None)]);
        refused(vec![plain("/mnt/a", None, Some("lots"))]);
        for good in ["100GiB", "-5GiB", "1.5TiB", "0.5GB", ".5G", "1256M", "1000"] {
            assert!(is_limit(good), "{good}");
        }
        for bad in ["", "-", "GiB", "5 GiB", "5XB", "1.2.3G", "5GiBB", "--5G"] {
            assert!(!is_limit(bad), "{bad}");
        }
    }

    #[test]
    fn it_is_started_restarted_reloaded_or_left_alone() {
        let mut world = World::new();
        let wait = "wait until moosefs-chunkserver listens on port 9422";
        assert_eq!(titles(&world.plan("node3", running)), ["enable and start moosefs-chunkserver", wait]);
        let mut unit = Unit { load: "loaded".into(), active: "active".into(), enabled: "enabled".into(), ..Unit::default() };
        world.facts("node3").units.0.insert(layout::CHUNKSERVER_UNIT.into(), unit.clone());
        assert!(matches!(world.plan("node3", running), Outcome::Unchanged(_)));
        world.pending.insert("moosefs-chunkserver:reload".into());
        assert_eq!(titles(&world.plan("node3", running)), ["reload moosefs-chunkserver"]);
        world.pending.insert("moosefs-chunkserver:restart".into());
        let outcome = world.plan("node3", running);
        assert_eq!(titles(&outcome), ["restart moosefs-chunkserver", wait]);
        world.pending.clear();
        unit.enabled = "disabled".into();
        world.facts("node3").units.0.insert(layout::CHUNKSERVER_UNIT.into(), unit);
        assert_eq!(titles(&world.plan("node3", running)), ["start moosefs-chunkserver at boot"]);
    }

    #[test]
    fn joined_is_seen_in_the_connections() {
        let mut world = World::new();
        let outcome = world.plan("node1", joined);
        let [action] = actions(&outcome) else { unreachable!("{outcome:?}") };
        let super::super::ActionKind::Run(run) = &action.kind else { unreachable!() };
        assert_eq!(run.argv[4..], ["127.0.0.1", "9421", "90", "node3=172.16.0.43", "node4=172.16.0.44", "node5=172.16.0.45"]);
        let all: BTreeSet<_> = world.cluster.with_role(Role::Chunkserver).map(|n| n.address).collect();
        world.facts("node1").moosefs.peers.insert(9420, all);
        assert!(matches!(world.plan("node1", joined), Outcome::Unchanged(_)));
        world.facts("node1").moosefs.peers.clear();
        world.state.insert("node4".to_owned(), Err("no route".to_owned()));
        let outcome = world.plan("node1", joined);
        let super::super::ActionKind::Run(run) = &actions(&outcome)[0].kind else { unreachable!() };
        assert_eq!(run.argv[7..], ["node3=172.16.0.43", "node5=172.16.0.45"], "the dead are not waited for");
        world.cluster.moosefs.master.insert("MATOCS_LISTEN_PORT".into(), "9520".into());
        assert_eq!(actions(&world.plan("node1", joined)).len(), 1);
    }
}
