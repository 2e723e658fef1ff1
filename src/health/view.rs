//! From a host's facts to what the rules want to know of it.

use super::{MountView, NodeView};
use crate::fact::HostFacts;
use crate::inventory::layout::moosefs::MASTER_UNIT;
use crate::inventory::model::{Cluster, Node, Role};

impl NodeView {
    /// A node as its facts show it. `sent` and `received` are the operator's clock around the survey, seconds since 1970.
    #[must_use]
    pub fn from_facts(cluster: &Cluster, node: &Node, facts: &HostFacts, sent: f64, received: f64) -> Self {
        let mut view = Self::new(node);
        view.uname = Some(facts.system.hostname.clone());
        view.clock_offset_ms = Some(offset_ms(facts.system.epoch, sent, received));
        if node.is(Role::Master) {
            view.vip_present = Some(facts.network.has(cluster.vip.address));
            view.volume_mounted = Some(facts.mounts.at(&cluster.mount_point).is_some_and(|m| m.source == cluster.drbd.device));
            view.master_running = Some(facts.moosefs.runs("mfsmaster"));
            view.master_enabled = Some(facts.units.get(MASTER_UNIT).is_enabled());
        }
        if node.is(Role::Metalogger) {
            view.metalogger_running = Some(facts.moosefs.runs("mfsmetalogger"));
        }
        if node.is(Role::Chunkserver) {
            view.chunkserver_running = Some(facts.moosefs.runs("mfschunkserver"));
        }
        for mount in &mut view.mounts {
            look_at(mount, facts);
        }
        view
    }
}

fn look_at(mount: &mut MountView, facts: &HostFacts) {
    let mounted = facts.moosefs.client_mount(&mount.path).is_some();
    mount.mounted = Some(mounted);
    mount.answers = facts.moosefs.answers.get(&mount.path).filter(|_| mounted).map(Option::is_some);
}

/// How far a clock read at some moment between `sent` and `received` is surely off, milliseconds.
fn offset_ms(read: f64, sent: f64, received: f64) -> i64 {
    let off = if read > received {
        read - received
    } else if read < sent {
        read - sent
    } else {
        0.0
    };
    // `as` saturates
    (off * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_round_trip_cannot_explain_is_an_offset() {
        assert_eq!(offset_ms(100.2, 100.0, 100.5), 0);
        assert_eq!(offset_ms(103.0, 100.0, 100.5), 2500);
        assert_eq!(offset_ms(97.5, 100.0, 100.5), -2500);
    }
}
