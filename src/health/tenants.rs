//! Tenants as the inventory wants them and as they are; and whom a change of their exports would cut off.

use serde::Serialize;

use super::ClusterReport;
use super::clients::{Row, State};
use crate::fact::moosefs::TenantDir;
use crate::inventory::layout::moosefs::EXPORTS_CFG;
use crate::inventory::model::{Cluster, Role, Tenant};
use crate::step::{ClusterState, active_master, facts_of};

/// One tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing<'a> {
    /// As the inventory has it.
    pub tenant: &'a Tenant,
    /// Whether its directory is there; `None` when no mount of `/` on the first client shows it.
    pub directory: Option<bool>,
    /// Goal as found, where the inventory sets something.
    pub goal: Option<u8>,
    /// Trash time as found, seconds.
    pub trashtime: Option<u32>,
    /// Hard limit as found, bytes.
    pub quota: Option<u64>,
    /// Whether the master exports its folder; `None` when it does not say.
    pub exported: Option<bool>,
    /// Whether that export asks for a password.
    pub password: Option<bool>,
    /// Its mounts.
    pub mounts: Vec<&'a Row>,
}

impl Standing<'_> {
    /// Whether something wanted is surely missing.
    #[must_use]
    pub fn is_ill(&self) -> bool {
        let ill = |m: &&Row| m.state.is_ill() && m.state != State::Unknown;
        self.directory == Some(false) || self.exported == Some(false) || self.mounts.iter().any(ill)
    }

    /// Whether a client of it could not be asked.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.mounts.iter().any(|m| m.state == State::Unknown)
    }
}

/// All tenants, in the inventory's order.
#[must_use]
pub fn standings<'a>(cluster: &'a Cluster, report: &ClusterReport, state: &ClusterState, rows: &'a [Row]) -> Vec<Standing<'a>> {
    let first = cluster.with_role(Role::Client).next().and_then(|n| facts_of(state, &n.name));
    let seen = first.and_then(|f| f.moosefs.tenants.as_ref());
    let standing = |tenant: &'a Tenant| {
        let dir: Option<&TenantDir> = seen.and_then(|s| s.get(&tenant.folder));
        let export = report.told().and_then(|t| t.exports.as_ref()).map(|all| all.iter().find(|e| e.path == tenant.folder));
        Standing {
            tenant,
            directory: seen.map(|_| dir.is_some()),
            goal: dir.and_then(|d| d.goal),
            trashtime: dir.and_then(|d| d.trashtime),
            quota: dir.and_then(|d| d.quota),
            exported: export.map(|e| e.is_some()),
            password: export.flatten().map(|e| e.password),
            mounts: rows.iter().filter(|r| r.wanted && is_its_own(tenant, r)).collect(),
        }
    };
    cluster.tenants.iter().map(standing).collect()
}

/// Whether a mount is one of those the tenant's entry makes.
fn is_its_own(tenant: &Tenant, row: &Row) -> bool {
    row.path == tenant.mount && row.node.as_ref().is_some_and(|n| tenant.clients.contains(n))
}

/// Clients that are connected to the tenant's folder, or to one in it, as `NODE: PATH`. Without `own` only those that are not the tenant's.
#[must_use]
pub fn users(tenant: &Tenant, rows: &[Row], own: bool) -> Vec<String> {
    let uses = |row: &&Row| {
        let session = row.session.as_ref().filter(|s| s.connections > 0);
        session.is_some_and(|s| tenant.covers(&s.folder)) && (own || !is_its_own(tenant, row)) && row.state != State::Unknown
    };
    let name = |row: &Row| format!("{}: {}", row.node.clone().unwrap_or_else(|| row.address.to_string()), row.path);
    rows.iter().filter(uses).map(name).collect()
}

/// Whether the active master's mfsexports.cfg has a line of this folder with a password already.
#[must_use]
pub fn is_protected(cluster: &Cluster, state: &ClusterState, tenant: &Tenant) -> bool {
    let facts = active_master(cluster, state).and_then(|n| facts_of(state, &n.name));
    let text = facts.and_then(|f| f.files.content(EXPORTS_CFG)).unwrap_or_default();
    text.lines().filter(|l| !l.starts_with('#')).any(|line| {
        let mut words = line.split_whitespace().skip(1);
        words.next() == Some(tenant.folder.as_str()) && words.any(|options| options.split(',').any(|o| o.starts_with("password=")))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::fact::file::{FileFact, Meta};
    use crate::health::testing::{session, told};
    use crate::health::{MasterAnswer, NodeView, clients};
    use crate::step::testing::World;

    fn tenant() -> Tenant {
        Tenant {
            name: "t".into(),
            folder: "/t".into(),
            mode: 0o770,
            clients: vec!["node7".into()],
            mount: "/mnt/t".into(),
            ..Tenant::default()
        }
    }

    #[test]
    fn whom_a_password_would_cut_off() {
        let mut world = World::new();
        world.cluster.tenants.push(tenant());
        let nodes = world.cluster.nodes.iter().map(NodeView::new).collect();
        let mut report = told();
        let of = |last, id, path: &str, folder: &str| crate::protocol::Session {
            mount_point: path.into(),
            folder: folder.into(),
            ..session(Ipv4Addr::new(172, 16, 0, last), id)
        };
        report.exports = Some(Vec::new());
        report.sessions =
            vec![of(12, 1, "/mnt/t", "/t"), of(13, 2, "/mnt/x", "/t/sub"), of(11, 3, "/mnt/mfs", "/"), of(13, 4, "/y", "/tt")];
        let master = MasterAnswer::Answered { through: "node1".into(), address: world.cluster.vip.address, report: Box::new(report) };
        let report = ClusterReport::new(&world.cluster, nodes, master);
        let rows = clients::rows(&world.cluster, &report, &world.state);
        assert_eq!(users(&tenant(), &rows, true), ["node7: /mnt/t", "node8: /mnt/x"]);
        assert_eq!(users(&tenant(), &rows, false), ["node8: /mnt/x"]);
        let standing = &standings(&world.cluster, &report, &world.state, &rows)[0];
        assert_eq!((standing.directory, standing.exported, standing.password), (None, Some(false), None));
        assert!(standing.is_ill());
    }

    #[test]
    fn what_could_not_be_asked_is_not_known_and_not_ill() {
        let mut world = World::new();
        world.cluster.tenants.push(tenant());
        let node = world.cluster.nodes.iter_mut().find(|n| n.name == "node7").unwrap();
        node.mounts[0].path = "/mnt/t".into();
        world.state.insert("node7".into(), Err("no route".into()));
        let nodes = world.cluster.nodes.iter().map(NodeView::new).collect();
        let report = ClusterReport::new(&world.cluster, nodes, MasterAnswer::Silent { reason: "nobody answers".into() });
        let rows = clients::rows(&world.cluster, &report, &world.state);
        let standing = &standings(&world.cluster, &report, &world.state, &rows)[0];
        assert!(standing.is_unknown() && !standing.is_ill(), "{standing:?}");
    }

    #[test]
    fn a_line_with_a_password_is_seen_in_the_file() {
        let mut world = World::new();
        let meta = Meta { mode: 0o640, owner: "root".into(), group: "mfs".into() };
        for (line, yes) in [
            ("* /t rw,password=x", true),
            ("* /t rw", false),
            ("# * /t rw,password=x", false),
            ("* /tt rw,password=x", false),
            ("* / rw,password=x", false),
        ] {
            world.facts("node1").files.insert(EXPORTS_CFG, FileFact::Regular { content: format!("{line}\n"), meta: meta.clone() });
            assert_eq!(is_protected(&world.cluster, &world.state, &tenant()), yes, "{line}");
        }
    }
}
