//! What is to be started or stopped: everything, roles, or nodes.

use std::collections::BTreeSet;

use crate::command::operation::named;
use crate::error::{Error, Result};
use crate::inventory::model::{Cluster, Role};
use crate::playbook::plan::Scope;
use crate::step::ClusterState;

const ROLES: [(&str, Role); 4] =
    [("masters", Role::Master), ("metaloggers", Role::Metalogger), ("chunkservers", Role::Chunkserver), ("clients", Role::Client)];

/// Part of a cluster.
pub struct What {
    /// Everything.
    pub whole: bool,
    /// The nodes concerned.
    pub nodes: BTreeSet<String>,
    /// What of them.
    pub roles: BTreeSet<Role>,
    /// Its name, as asked for; the cluster's for everything.
    pub name: String,
}

impl What {
    /// Reads the words of the command line.
    ///
    /// # Errors
    /// Words that name nothing, or roles and nodes together.
    pub fn parse(cluster: &Cluster, words: &[String]) -> Result<Self> {
        let role = |word: &String| ROLES.iter().find(|(name, _)| name == word && cluster.node(word).is_none()).map(|(_, role)| *role);
        let roles: BTreeSet<Role> = words.iter().filter_map(role).collect();
        let all = ROLES.map(|(_, role)| role);
        if words.is_empty() {
            let nodes = cluster.nodes.iter().map(|n| n.name.clone()).collect();
            return Ok(Self { whole: true, nodes, roles: all.into(), name: cluster.name.clone() });
        }
        let name = words.join(",");
        if roles.is_empty() {
            let nodes = named(cluster, &name)?;
            return Ok(Self { whole: false, nodes, roles: all.into(), name });
        }
        if words.iter().any(|w| role(w).is_none()) {
            return Err(
                Error::input(format!("{}: roles and nodes together", words.join(" "))).hint("name roles or nodes, not both in one command")
            );
        }
        let nodes = cluster.nodes.iter().filter(|n| roles.iter().any(|r| n.is(*r))).map(|n| n.name.clone()).collect();
        Ok(Self { whole: false, nodes, roles, name })
    }

    /// The part of a playbook that concerns it; `stages` names those of a role.
    #[must_use]
    pub fn scope(&self, stages: fn(Role) -> &'static [&'static str], without: &BTreeSet<String>) -> Scope {
        let only = if self.whole { Vec::new() } else { self.roles.iter().flat_map(|r| stages(*r)).map(|s| (*s).to_owned()).collect() };
        Scope { hosts: Some(self.nodes.difference(without).cloned().collect()), only, skip: Vec::new() }
    }

    /// One service of one node of it.
    #[must_use]
    pub fn one(node: &str, role: Role) -> Self {
        Self { whole: false, nodes: [node.to_owned()].into(), roles: [role].into(), name: node.to_owned() }
    }

    /// Nodes of it that could not be asked, each with the reason.
    #[must_use]
    pub fn unreachable(&self, state: &ClusterState) -> Vec<(String, String)> {
        let lost = |name: &String| match state.get(name) {
            Some(Err(reason)) => Some((name.clone(), reason.clone())),
            _ => None,
        };
        self.nodes.iter().filter_map(lost).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn everything_roles_or_nodes() {
        let cluster = crate::step::testing::cluster();
        let what = |text: &str| What::parse(&cluster, &words(text));
        let whole = what("").unwrap();
        assert_eq!((whole.whole, whole.nodes.len(), whole.name.as_str()), (true, 8, "reference"));
        let loggers = what("metaloggers").unwrap();
        assert_eq!((loggers.nodes.len(), loggers.roles.len()), (2, 1));
        let node = what("node3 node4").unwrap();
        assert_eq!((node.nodes.len(), node.roles.len(), node.name.as_str()), (2, 4, "node3,node4"));
        assert!(what("node3 chunkservers").is_err_and(|e| e.message.contains("together")));
        assert!(what("node33").is_err_and(|e| !e.message.contains("--limit")));
    }
}
