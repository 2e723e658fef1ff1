//! What a command that moves or stops the service looks at: all nodes, judged, and which way.

use crate::command::operation::Operation;
use crate::command::status::gather;
use crate::error::Result;
use crate::health::ClusterReport;
use crate::health::gate::Sight;
use crate::inventory::model::{Cluster, Node};
use crate::step::ClusterState;

/// What was seen at one moment.
pub struct Seen {
    /// The judged state.
    pub report: ClusterReport,
    /// The facts it stands on.
    pub state: ClusterState,
}

/// Which way.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The node that serves.
    pub from: &'a Node,
    /// The one that is to.
    pub to: &'a Node,
}

impl<'a> Way<'a> {
    /// What gates are asked about.
    pub fn sight(self, seen: &'a Seen) -> Sight<'a> {
        Sight { cluster: self.cluster, report: &seen.report, state: &seen.state, from: self.from, to: self.to }
    }
}

/// Looks at every node.
pub fn look(operation: &mut Operation) -> Seen {
    let monitor = &operation.monitor;
    let (report, state) = gather::sight(operation.cluster, &mut operation.fleet, &gather::survey, &|_, _| Ok(()), &|e| monitor.show(&e));
    Seen { report, state }
}

/// Looks at every node, and takes the operator lock on the masters.
///
/// # Errors
/// When another operator is at work.
pub fn locked_look(operation: &mut Operation, what: &str) -> Result<Seen> {
    let cluster = operation.cluster;
    let (report, state) = operation.locked(what, |fleet, first, sink| gather::sight(cluster, fleet, &gather::survey, first, sink))?;
    Ok(Seen { report, state })
}
