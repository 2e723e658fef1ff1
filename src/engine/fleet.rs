//! One connection a host, kept through observing, acting and observing again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::event::{Event, Sink, What};
use crate::fact::HostFacts;
use crate::inventory::model::{Cluster, Node};
use crate::remote::{Connect, RemoteError, Target, Transport};
use crate::step::ClusterState;
use crate::survey;

/// Connections to a cluster's hosts.
pub struct Fleet<'a> {
    cluster: &'a Cluster,
    connector: &'a dyn Connect,
    jobs: Gate,
    slots: BTreeMap<String, Slot>,
}

/// A host's connection, or none.
#[derive(Default)]
pub struct Slot {
    transport: Option<Box<dyn Transport>>,
    /// Why no connection is to be made any more.
    left_alone: Option<String>,
}

impl Slot {
    /// The connection, made when there is none.
    ///
    /// # Errors
    /// When the host cannot be connected to.
    pub fn connect(&mut self, connector: &dyn Connect, node: &Node) -> Result<&mut (dyn Transport + 'static), RemoteError> {
        let transport = match self.transport.take() {
            Some(open) => open,
            None => match &self.left_alone {
                Some(reason) => return Err(RemoteError::Unreachable { node: node.name.clone(), reason: reason.clone() }),
                None => connector.connect(&target(node))?,
            },
        };
        Ok(self.transport.insert(transport).as_mut())
    }

    /// The connection, if there is one.
    pub fn open(&mut self) -> Option<&mut (dyn Transport + 'static)> {
        self.transport.as_deref_mut()
    }

    /// Makes no new connection from now on: a host that is off takes every look as long as an attempt to connect does.
    pub fn leave_alone(&mut self, reason: &str) {
        self.left_alone = Some(reason.to_owned());
    }

    /// Forgets a connection that is dead.
    pub fn close(&mut self) {
        self.transport = None;
    }
}

/// Where a node is reached.
#[must_use]
pub fn target(node: &Node) -> Target {
    let ssh = &node.ssh;
    Target {
        name: node.name.clone(),
        host: ssh.host.clone().unwrap_or_else(|| node.address.to_string()),
        port: ssh.port,
        user: ssh.user.clone(),
        identities: ssh.identities.clone(),
        jump: ssh.jump.clone(),
        password: ssh.password.as_ref().map(|s| s.expose().to_owned()),
        sudo_password: ssh.sudo_password.as_ref().map(|s| s.expose().to_owned()),
        known_hosts: ssh.known_hosts.clone(),
        netns: ssh.netns.clone(),
    }
}

impl<'a> Fleet<'a> {
    /// A fleet without connections yet; at most `jobs` hosts are worked on at once.
    #[must_use]
    pub fn new(cluster: &'a Cluster, connector: &'a dyn Connect, jobs: usize) -> Self {
        Self { cluster, connector, jobs: Gate::new(jobs.max(1)), slots: BTreeMap::new() }
    }

    /// Runs `work` on every named host at once, each on a thread of its own, and collects the results. Connections of
    /// hosts that are done, or that nothing is asked of, are kept alive until the last one is done: locks live on them.
    pub fn each<T: Send>(&mut self, hosts: &BTreeSet<String>, work: impl Fn(&Node, &mut Slot, &Gate) -> T + Sync) -> BTreeMap<String, T> {
        let nodes: Vec<&Node> = self.cluster.nodes.iter().filter(|n| hosts.contains(&n.name)).collect();
        let mut taken: Vec<(&Node, Slot)> = nodes.into_iter().map(|n| (n, self.slots.remove(&n.name).unwrap_or_default())).collect();
        let (work, gate) = (&work, &self.jobs);
        let busy = &Busy { count: Mutex::new(taken.len()), changed: Condvar::new() };
        let idle = &mut self.slots;
        let results: Vec<(String, T)> = thread::scope(|scope| {
            let workers: Vec<_> = taken
                .iter_mut()
                .map(|(node, slot)| (node.name.clone(), scope.spawn(move || busy.until_all(slot, |slot| work(node, slot, gate)))))
                .collect();
            if idle.values_mut().any(|slot| slot.open().is_some()) {
                scope.spawn(move || busy.keep_alive(idle.values_mut()));
            }
            workers
                .into_iter()
                .map(|(name, worker)| match worker.join() {
                    Ok(result) => (name, result),
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });
        self.slots.extend(taken.into_iter().map(|(node, slot)| (node.name.clone(), slot)));
        results.into_iter().collect()
    }

    /// The slot of one host, for work on this thread.
    pub fn slot(&mut self, node: &str) -> &mut Slot {
        self.slots.entry(node.to_owned()).or_default()
    }

    /// How hosts are connected to.
    #[must_use]
    pub fn connector(&self) -> &'a dyn Connect {
        self.connector
    }

    /// Observes the named hosts, connecting where needed.
    pub fn observe(&mut self, hosts: &BTreeSet<String>, sink: Sink) -> ClusterState {
        self.observe_after(hosts, &|_, _| Ok(()), sink)
    }

    /// Asks who holds the MooseFS mounts of the named hosts, and notes it in their facts. Where that cannot be asked
    /// the host's facts are no longer known: nothing is to be unmounted there.
    pub fn see_holders(&mut self, hosts: &BTreeSet<String>, state: &mut ClusterState) {
        let points = |name: &str| -> Vec<String> {
            let facts = state.get(name).and_then(|f| f.as_ref().ok());
            facts.map(|f| f.mounts.of_moosefs().into_iter().map(str::to_owned).collect()).unwrap_or_default()
        };
        let paths: BTreeMap<String, Vec<String>> = hosts.iter().map(|n| (n.clone(), points(n))).filter(|(_, p)| !p.is_empty()).collect();
        let names = paths.keys().cloned().collect();
        let connector = self.connector;
        let seen = self.each(&names, |node, slot, gate| {
            gate.pass(|| {
                let transport = slot.connect(connector, node).map_err(|e| e.to_string())?;
                let asked = paths.get(&node.name).map(Vec::as_slice).unwrap_or_default();
                survey::holders(node, transport, asked).map_err(|e| e.to_string())
            })
        });
        for (node, holders) in seen {
            match (holders, state.get_mut(&node)) {
                (Ok(holders), Some(Ok(facts))) => facts.holders = holders,
                (Err(reason), Some(facts)) => *facts = Err(reason),
                _ => {}
            }
        }
    }

    /// Observes the named hosts, connecting where needed. `first` is called on each host's thread between the two,
    /// also where no connection was made, and may wait for its call on other hosts; with its error the host is not observed.
    pub fn observe_after(&mut self, hosts: &BTreeSet<String>, first: First, sink: Sink) -> ClusterState {
        let (cluster, connector) = (self.cluster, self.connector);
        self.each(hosts, |node, slot, gate| {
            let reached = gate.pass(|| reach(connector, node, slot, sink));
            first(node, slot)?;
            reached.map_err(|e| e.to_string())?;
            gate.pass(|| survey(cluster, node, slot, sink))
        })
    }
}

/// How many hosts are still worked on.
struct Busy {
    count: Mutex<usize>,
    changed: Condvar,
}

/// Counts one host down, also when its work panics.
struct Leaves<'a>(&'a Busy);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.changed.notify_all();
    }
}

impl Busy {
    /// Does one host's work, then keeps its connection alive until the others are done too.
    fn until_all<T>(&self, slot: &mut Slot, work: impl FnOnce(&mut Slot) -> T) -> T {
        let leaves = Leaves(self);
        let result = work(slot);
        drop(leaves);
        self.keep_alive([slot]);
        result
    }

    /// Keeps connections alive until no host is worked on any more.
    fn keep_alive<'s>(&self, slots: impl IntoIterator<Item = &'s mut Slot>) {
        let mut slots: Vec<&mut Slot> = slots.into_iter().collect();
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        while *count > 0 {
            count = self.changed.wait_timeout(count, Duration::from_secs(1)).unwrap_or_else(PoisonError::into_inner).0;
            drop(count);
            for slot in &mut slots {
                // A connection found dead is noticed by whoever uses it next.
                let _ = slot.open().map(|transport| transport.breathe());
            }
            count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What is done on a host before it is observed.
pub type First<'a> = &'a (dyn Fn(&Node, &mut Slot) -> Result<(), String> + Sync);

fn survey(cluster: &Cluster, node: &Node, slot: &mut Slot, sink: Sink) -> Result<HostFacts, String> {
    let begin = Instant::now();
    let transport = slot.open().ok_or("the connection is lost")?;
    let facts = survey::observe(cluster, node, transport).map_err(|e| e.to_string());
    match &facts {
        Ok(_) => sink(Event { node: node.name.clone(), what: What::Observed(begin.elapsed()) }),
        Err(reason) => {
            sink(Event { node: node.name.clone(), what: What::Unknown(reason.clone()) });
            slot.close();
        }
    }
    facts
}

fn reach(connector: &dyn Connect, node: &Node, slot: &mut Slot, sink: Sink) -> Result<(), RemoteError> {
    if slot.transport.is_some() {
        return Ok(());
    }
    let tell = |what| sink(Event { node: node.name.clone(), what });
    tell(What::Connecting);
    let begin = Instant::now();
    match slot.connect(connector, node) {
        Ok(_) => {
            tell(What::Connected(begin.elapsed()));
            Ok(())
        }
        Err(error) => {
            tell(What::Unknown(error.to_string()));
            Err(error)
        }
    }
}

/// Lets a number of threads through at a time.
pub struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    /// A gate for so many at a time.
    #[must_use]
    pub fn new(free: usize) -> Self {
        Self { free: Mutex::new(free), freed: Condvar::new() }
    }

    /// Runs `work` once there is room.
    pub fn pass<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        drop(free);
        let result = work();
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        result
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::remote::fake::{Call, FakeConnector};
    use crate::step::testing::cluster;

    #[test]
    fn connections_nothing_is_asked_of_live_on_while_others_work() {
        let (cluster, fake) = (cluster(), FakeConnector::new());
        let mut fleet = Fleet::new(&cluster, &fake, 4);
        for name in ["node1", "node2", "node3"] {
            fleet.slot(name).connect(&fake, cluster.node(name).unwrap()).unwrap();
        }
        let kept = AtomicBool::new(false);
        let breaths = |name: &str| fake.host(name).breaths();
        // The work lasts until both others were spoken to, ten seconds at most.
        fleet.each(&BTreeSet::from(["node3".to_owned()]), |_, _, _| {
            let end = Instant::now() + Duration::from_secs(10);
            while Instant::now() < end && !kept.load(Ordering::SeqCst) {
                kept.store(breaths("node1") > 0 && breaths("node2") > 0, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(20));
            }
        });
        assert!(kept.into_inner(), "the locks of node1 and node2 would have ended");
        // They are the same connections, not new ones.
        assert!(fleet.slot("node1").open().is_some());
        assert!(!fake.history().iter().any(|(_, call)| matches!(call, Call::Close)));
    }
}
