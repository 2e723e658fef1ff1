//! Telling the master about its chunkservers, and asking for their list, over the ssh connections that are open.
//! What was told is believed only when the list shows it.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::command::status::gather;
use crate::engine::fleet::{Fleet, Slot};
use crate::fact::takeover::master_port;
use crate::inventory::model::{Cluster, Node, Role};
use crate::protocol::{Chunkserver, Master, MasterReport, ServerAnswer, ServerOrder};
use crate::remote::{RemoteError, Request};

/// Longest wait for a byte of the master's.
const DEADLINE: Duration = Duration::from_secs(10);
/// Longest time of an mfscli; an unreachable master takes it four seconds.
const CLI: Duration = Duration::from_secs(30);

/// The node's chunkserver in the master's list: the connected one, where an old entry stands beside it.
#[must_use]
pub fn of_node<'a>(told: &'a MasterReport, node: &Node, cluster: &Cluster) -> Option<&'a Chunkserver> {
    let mine = |s: &&Chunkserver| s.address == node.address || (node.is(Role::Master) && s.address == cluster.vip.address);
    let all = || told.chunkservers.iter().filter(mine);
    all().find(|s| s.connected).or_else(|| all().next())
}

/// Everything the master tells, through the first node that reaches it: masters first, which may hold its address.
///
/// # Errors
/// What each node said instead.
pub fn told(cluster: &Cluster, fleet: &mut Fleet) -> Result<Box<MasterReport>, String> {
    through(cluster, fleet, |_, slot| {
        let transport = slot.open().ok_or("no connection")?;
        gather::ask_master(cluster, &[cluster.vip.address], transport).map(|(_, report)| report)
    })
}

/// Tells the master something about the chunkserver of that address and port, in its own protocol; where a node's ssh
/// forbids forwarding, with the `mfscli` of a master, judged by its text.
///
/// # Errors
/// When no node reaches the master. Whether it acted is unknown when the connection died: look at the list.
pub fn order(cluster: &Cluster, fleet: &mut Fleet, order: ServerOrder, address: Ipv4Addr, port: u16) -> Result<ServerAnswer, String> {
    let vip = cluster.vip.address.to_string();
    through(cluster, fleet, |node, slot| {
        let transport = slot.open().ok_or("no connection")?;
        let reason = match transport.tcp(&vip, master_port(cluster), DEADLINE) {
            Ok(mut stream) => return Master::order(stream.as_mut(), order, address, port).map_err(|e| e.to_string()),
            Err(error @ RemoteError::Lost { .. }) => return Err(error.to_string()),
            Err(error) => error.to_string(),
        };
        if !node.is(Role::Master) {
            return Err(reason);
        }
        let flag = match order {
            ServerOrder::Remove => "RC",
            ServerOrder::BackToWork => "BW",
            ServerOrder::MaintenanceOn => "M1",
            ServerOrder::MaintenanceOff => "M0",
        };
        let port_of_master = master_port(cluster).to_string();
        let argument = format!("-C{flag}/{address}/{port}");
        let cli = Request::new(["mfscli", "-n", "-H", &vip, "-P", &port_of_master, &argument]).within(CLI);
        let output = transport.run(&cli).map_err(|e| e.to_string())?;
        said(&format!("{}{}", output.text(), output.error_text())).ok_or_else(|| format!("{reason}; mfscli: {}", output.text().trim()))
    })
}

/// What `mfscli -C…` means; it exits 0 whatever happens. `None` when its text is none of its answers.
fn said(text: &str) -> Option<ServerAnswer> {
    let done = ["has been removed", "has back to work", "has been switched to maintenance mode", "has been switched to standard mode"];
    if done.iter().any(|words| text.contains(words)) {
        return Some(ServerAnswer::Done);
    }
    if text.contains("hasn't been found") {
        return Some(ServerAnswer::NotFound);
    }
    if text.contains("because is still active") {
        return Some(ServerAnswer::Active);
    }
    let status = text.split_once("(status:")?.1.split_once(')')?.0;
    status.parse().ok().map(ServerAnswer::Other)
}

/// Tries the nodes that are connected, masters first, until one of them has an answer.
fn through<T>(cluster: &Cluster, fleet: &mut Fleet, ask: impl Fn(&Node, &mut Slot) -> Result<T, String>) -> Result<T, String> {
    let (masters, others): (Vec<&Node>, Vec<&Node>) = cluster.nodes.iter().partition(|n| n.is(Role::Master));
    let mut reasons = Vec::new();
    for node in masters.into_iter().chain(others) {
        let slot = fleet.slot(&node.name);
        if slot.open().is_none() {
            continue;
        }
        match ask(node, slot) {
            Ok(answer) => return Ok(answer),
            Err(reason) => reasons.push(format!("through {}: {reason}", node.name)),
        }
    }
    if reasons.is_empty() { Err("no node is connected".to_owned()) } else { Err(reasons.join("; ")) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::fake::{Call, FakeConnector, Reply};
    use crate::step::testing::cluster;

    const SERVER: Ipv4Addr = Ipv4Addr::new(172, 16, 0, 43);

    fn connected<'a>(cluster: &'a Cluster, fake: &'a FakeConnector, names: &[&str]) -> Fleet<'a> {
        let mut fleet = Fleet::new(cluster, fake, 4);
        for name in names {
            fleet.slot(name).connect(fake, cluster.node(name).unwrap()).unwrap();
        }
        fleet
    }

    #[test]
    fn the_order_goes_through_whoever_reaches_the_master() {
        let (cluster, fake) = (cluster(), FakeConnector::new());
        fake.host("node2").serve(9421, |asked| {
            assert_eq!(asked, [0, 0, 2, 12, 0, 0, 0, 7, 2, 172, 16, 0, 43, 0x24, 0xCE]);
            vec![0, 0, 2, 13, 0, 0, 0, 1, 0]
        });
        fake.host("node1").otherwise(Reply::ok("connection refused\n"));
        let mut fleet = connected(&cluster, &fake, &["node1", "node2"]);
        assert_eq!(order(&cluster, &mut fleet, ServerOrder::MaintenanceOn, SERVER, 9422).unwrap(), ServerAnswer::Done);
        let tcp = fake.host("node2").history().iter().filter(|c| matches!(c, Call::Tcp(..))).count();
        assert_eq!(tcp, 1);
    }

    #[test]
    fn where_forwarding_is_forbidden_mfscli_is_judged_by_its_text() {
        let (cluster, fake) = (cluster(), FakeConnector::new());
        let say = |text: &str| {
            fake.host("node1").otherwise(Reply::ok(text));
            order(&cluster, &mut connected(&cluster, &fake, &["node1"]), ServerOrder::MaintenanceOff, SERVER, 9422)
        };
        assert_eq!(say("Chunkserver 172.16.0.43/9422 has been switched to standard mode\n").unwrap(), ServerAnswer::Done);
        assert_eq!(say("Chunkserver 172.16.0.43/9422 hasn't been found\n").unwrap(), ServerAnswer::NotFound);
        assert!(say("master servers not found !!!\n").unwrap_err().contains("not found !!!"));
        assert!(fake.host("node1").commands()[0].ends_with("mfscli -n -H 172.16.0.47 -P 9421 -CM0/172.16.0.43/9422"));
    }

    #[test]
    fn texts_of_mfscli() {
        assert_eq!(said("Chunkserver 1/2 can't be removed because is still active"), Some(ServerAnswer::Active));
        assert_eq!(said("Can't remove chunkserver 1/2 (status:7)"), Some(ServerAnswer::Other(7)));
        assert_eq!(said("Traceback (most recent call last):"), None);
    }

    #[test]
    fn nobody_connected_is_said() {
        let (cluster, fake) = (cluster(), FakeConnector::new());
        assert_eq!(told(&cluster, &mut Fleet::new(&cluster, &fake, 1)).unwrap_err(), "no node is connected");
    }
}
