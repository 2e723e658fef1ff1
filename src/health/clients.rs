//! Mounts wanted by the inventory, mounts found on clients, and sessions the master sees, side by side.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::ClusterReport;
use crate::inventory::layout::moosefs::ADMIN_MOUNT;
use crate::inventory::model::{Cluster, Role};
use crate::protocol::Session;
use crate::step::{ClusterState, facts_of};

/// How a mount is, compared with what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Wanted, mounted, answers, and the master sees it.
    Well,
    /// Wanted, and not mounted.
    NotMounted,
    /// Mounted, but it does not answer.
    Hangs,
    /// Mounted and wanted, but the master sees no connection of it.
    NoSession,
    /// Mounted where the inventory has no mount, or one that must not be there.
    NotWanted,
    /// The master sees a client on a machine that is no client of the inventory.
    Foreign,
    /// Not mounted any more (or never by this node), but the master still has its session.
    LeftOver,
    /// The node, or the master, could not be asked.
    Unknown,
}

impl State {
    /// Words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::NotMounted => "NOT MOUNTED",
            Self::Hangs => "HANGS",
            Self::NoSession => "no session",
            Self::NotWanted => "not in the inventory",
            Self::Foreign => "unknown machine",
            Self::LeftOver => "session left over",
            Self::Unknown => "not known",
        }
    }

    /// Whether something is to be done about a mount that is wanted.
    #[must_use]
    pub fn is_ill(self) -> bool {
        matches!(self, Self::NotMounted | Self::Hangs | Self::NoSession | Self::Unknown)
    }
}

/// One mount or session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Node of the inventory, when it is one.
    pub node: Option<String>,
    /// Its address.
    pub address: Ipv4Addr,
    /// Mount point.
    pub path: String,
    /// Folder of the file system, as far as it is known.
    pub folder: Option<String>,
    /// Whether the inventory wants it mounted.
    pub wanted: bool,
    /// Whether it is mounted; `None` when the node could not be asked.
    pub mounted: Option<bool>,
    /// Whether it answers; `None` when it was not asked.
    pub answers: Option<bool>,
    /// The master's session of it.
    pub session: Option<Session>,
    /// All of it in one word.
    pub state: State,
}

/// Everything side by side: the inventory's mounts first, in its order.
#[must_use]
pub fn rows(cluster: &Cluster, report: &ClusterReport, state: &ClusterState) -> Vec<Row> {
    let mut sessions: Vec<&Session> = report.told().map(|t| t.sessions.iter().collect()).unwrap_or_default();
    // What our own passing mount leaves when it could not say goodbye is nobody's client, and expires by itself.
    sessions.retain(|s| s.connections > 0 || s.mount_point != ADMIN_MOUNT);
    let mut rows = Vec::new();
    for view in report.with_role(Role::Client) {
        let Some(node) = cluster.node(&view.name) else { continue };
        let facts = facts_of(state, &node.name);
        let found: Vec<&str> = facts.map(|f| f.mounts.of_moosefs()).unwrap_or_default();
        let wanted = |path: &str| node.mounts.iter().find(|m| m.present && m.path == path);
        let own = node.mounts.iter().filter(|m| m.present).map(|m| m.path.as_str());
        let further = found.iter().copied().filter(|p| wanted(p).is_none());
        for path in own.chain(further) {
            let session = take(&mut sessions, |s| report.comes_from(view, s.address) && s.mount_point == path);
            let mount = wanted(path);
            let mut row = Row {
                node: Some(node.name.clone()),
                address: node.address,
                path: path.to_owned(),
                folder: mount.map(|m| m.folder.clone()).or_else(|| session.as_ref().map(|s| s.folder.clone())),
                wanted: mount.is_some(),
                mounted: facts.map(|_| found.contains(&path)),
                answers: facts.and_then(|f| f.moosefs.answers.get(path)).map(Option::is_some),
                session,
                state: State::Unknown,
            };
            row.state = judge(&row, report.told().is_some());
            rows.push(row);
        }
    }
    // What the master sees beside: sessions without a mount, and other machines.
    for session in sessions {
        let node = report.nodes.iter().find(|n| report.comes_from(n, session.address));
        let known = node.filter(|n| n.is(Role::Client));
        let mounted = known.and_then(|n| facts_of(state, &n.name)).map(|_| false);
        let state = match (known, mounted) {
            (None, _) => State::Foreign,
            (Some(_), None) => State::Unknown,
            (Some(_), Some(_)) => State::LeftOver,
        };
        rows.push(Row {
            node: node.map(|n| n.name.clone()),
            address: session.address,
            path: session.mount_point.clone(),
            folder: Some(session.folder.clone()),
            wanted: false,
            mounted,
            answers: None,
            session: Some(session.clone()),
            state,
        });
    }
    rows
}

/// The best session of those that fit, all of which leave the list.
fn take(sessions: &mut Vec<&Session>, fits: impl Fn(&Session) -> bool) -> Option<Session> {
    let best = sessions.iter().filter(|s| fits(s)).max_by_key(|s| (s.connections, s.id)).map(|s| (*s).clone())?;
    // Those without a connection are this client's past: they expire by themselves.
    sessions.retain(|s| !(fits(s) && (s.id == best.id || s.connections == 0)));
    Some(best)
}

fn judge(row: &Row, told: bool) -> State {
    let live = row.session.as_ref().is_some_and(|s| s.connections > 0);
    match (row.mounted, row.wanted) {
        (None, _) => State::Unknown,
        (Some(_), _) if row.answers == Some(false) => State::Hangs,
        (Some(false), true) => State::NotMounted,
        (Some(_), false) => State::NotWanted,
        (Some(true), true) if !told => State::Unknown,
        (Some(true), true) if !live => State::NoSession,
        (Some(true), true) => State::Well,
    }
}

/// Sessions with a connection that the master still sees of mounts of these nodes, as `NODE: PATH (session ID)`.
pub fn connected<'a>(rows: &'a [Row], wanted: impl Fn(&str, &str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    rows.iter().filter_map(move |row| {
        let node = row.node.as_deref()?;
        let session = row.session.as_ref().filter(|s| s.connections > 0 && wanted(node, &row.path))?;
        Some(format!("{node}: {} (session {})", row.path, session.id))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fact::moosefs::Space;
    use crate::fact::mount::Mounted;
    use crate::health::testing::session;
    use crate::health::{MasterAnswer, NodeView};
    use crate::step::testing::World;

    fn seen(world: &World, sessions: Option<Vec<Session>>) -> Vec<Row> {
        let nodes = world.cluster.nodes.iter().map(NodeView::new).collect();
        let master = match sessions {
            Some(sessions) => {
                let mut report = crate::health::testing::told();
                report.sessions = sessions;
                MasterAnswer::Answered { through: "node1".into(), address: world.cluster.vip.address, report: Box::new(report) }
            }
            None => MasterAnswer::Silent { reason: "no".into() },
        };
        let report = ClusterReport::new(&world.cluster, nodes, master);
        rows(&world.cluster, &report, &world.state)
    }

    fn mount(world: &mut World, node: &str, path: &str, answers: bool) {
        let mounted = Mounted { source: "mfs#mfsmaster:9421".into(), target: path.into(), fs: "fuse".into(), options: Vec::new() };
        let facts = world.facts(node);
        facts.mounts.mounted.push(mounted);
        facts.moosefs.answers.insert(path.into(), answers.then(Space::default));
    }

    fn of(last: u8, id: u32, path: &str) -> Session {
        Session { mount_point: path.to_owned(), ..session(Ipv4Addr::new(172, 16, 0, last), id) }
    }

    fn states(rows: &[Row]) -> Vec<(Option<&str>, &str, State)> {
        rows.iter().map(|r| (r.node.as_deref(), r.path.as_str(), r.state)).collect()
    }

    #[test]
    fn each_mount_meets_its_session() {
        let mut world = World::new();
        mount(&mut world, "node6", "/mnt/mfs", true);
        mount(&mut world, "node6", "/srv/own", true);
        mount(&mut world, "node7", "/mnt/mfs", false);
        let old = Session { connections: 0, ..of(11, 2, "/mnt/mfs") };
        let passed = Session { connections: 0, ..of(13, 6, ADMIN_MOUNT) };
        let sessions = vec![of(11, 1, "/mnt/mfs"), old, passed, of(11, 3, "/srv/own"), of(99, 4, "/x"), of(13, 5, "/mnt/gone")];
        let rows = seen(&world, Some(sessions));
        assert_eq!(
            states(&rows),
            [
                (Some("node6"), "/mnt/mfs", State::Well),
                (Some("node6"), "/srv/own", State::NotWanted),
                (Some("node7"), "/mnt/mfs", State::Hangs),
                (Some("node8"), "/mnt/mfs", State::NotMounted),
                (None, "/x", State::Foreign),
                (Some("node8"), "/mnt/gone", State::LeftOver),
            ]
        );
        assert_eq!(connected(&rows, |node, _| node == "node8").collect::<Vec<_>>(), ["node8: /mnt/gone (session 5)"]);
    }

    #[test]
    fn without_a_session_or_a_master_it_is_said() {
        let mut world = World::new();
        mount(&mut world, "node6", "/mnt/mfs", true);
        assert_eq!(seen(&world, Some(Vec::new()))[0].state, State::NoSession);
        assert_eq!(seen(&world, None)[0].state, State::Unknown);
        world.state.insert("node6".into(), Err("gone".into()));
        assert_eq!(seen(&world, Some(vec![of(11, 1, "/mnt/mfs")]))[0].state, State::Unknown);
    }
}
