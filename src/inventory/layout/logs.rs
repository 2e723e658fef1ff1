//! Whose log lines are of interest on which node: units, syslog names, and what the kernel says.

use super::super::model::{Cluster, Node, Role};
use super::{alerts, maintenance, moosefs, takeover};

/// One subject whose lines can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its word on the command line.
    pub word: String,
    /// systemd units: what they print, and what systemd says of them.
    pub units: Vec<String>,
    /// Names its programs give to syslog.
    pub identifiers: Vec<&'static str>,
    /// Kernel messages with this word in them.
    pub kernel: Option<&'static str>,
}

/// Every subject's word.
pub const WORDS: [&str; 9] = ["keepalived", "drbd", "master", "metalogger", "chunkserver", "client", "monitor", "ha", "alert"];

/// The subjects of this node.
#[must_use]
pub fn sources(cluster: &Cluster, node: &Node) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut add = |word: &str, units: &[&str], identifiers: &[&'static str], kernel| {
        let units = units.iter().map(|u| (*u).to_owned()).collect();
        sources.push(Source { word: word.to_owned(), units, identifiers: identifiers.to_vec(), kernel });
    };
    if node.is(Role::Master) {
        add("keepalived", &[takeover::KEEPALIVED_UNIT], &["Keepalived", "Keepalived_vrrp", "Keepalived_healthcheckers"], None);
        let (target, instance, volume) =
            (takeover::drbd_target(cluster), takeover::drbd_instance(cluster), takeover::drbd_lvchange(cluster));
        add("drbd", &[takeover::DRBD_UNIT, &target, &instance, &volume], &["drbdadm"], Some("drbd"));
        add("master", &[moosefs::MASTER_UNIT], &["mfsmaster"], None);
        add("monitor", &[moosefs::cgi_unit(cluster.moosefs.version)], &["mfscgiserv", "mfsgui"], None);
        add("alert", &[alerts::PATH_UNIT, alerts::SERVICE_UNIT, maintenance::SERVICE_UNIT], &["mfs-alert", "mfs-maintenance"], None);
    }
    if node.is(Role::Master) || takeover::is_witness(cluster, node) {
        let units: &[&str] = if node.is(Role::Master) { &[takeover::HA_UNIT, takeover::HA_AGENT_UNIT] } else { &[] };
        add("ha", &[units, &[takeover::WITNESS_SOCKET]].concat(), &["mfs-ha", "mfs-witness"], None);
    }
    if node.is(Role::Metalogger) {
        add("metalogger", &[moosefs::METALOGGER_UNIT], &["mfsmetalogger"], None);
    }
    if node.is(Role::Chunkserver) {
        add("chunkserver", &[moosefs::CHUNKSERVER_UNIT], &["mfschunkserver"], None);
    }
    if node.is(Role::Client) {
        add("client", &[], &["mfsmount"], None);
    }
    sources
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_somebodys_and_nobody_has_another() {
        let cluster = crate::step::testing::cluster();
        let mut words: Vec<String> = cluster.nodes.iter().flat_map(|n| sources(&cluster, n)).map(|s| s.word).collect();
        words.sort();
        words.dedup();
        let mut wanted = WORDS.to_vec();
        wanted.sort_unstable();
        assert_eq!(words, wanted);
        let client = sources(&cluster, cluster.node("node7").unwrap());
        assert!(client.iter().all(|s| s.kernel.is_none()) && client.iter().any(|s| s.identifiers == ["mfsmount"]));
    }
}
