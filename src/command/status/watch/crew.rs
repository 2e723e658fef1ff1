//! The threads that ask: one a node, each over a connection it keeps, each at its own pace.
//!
//! A node that is dead holds up nobody but itself. The threads are left behind at the end: one that waits for a dead node
//! must not keep the operator waiting too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::super::gather::{ask_master, look, now, without_name};
use crate::engine::fleet::{Gate, Slot};
use crate::health::NodeView;
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::Connect;
use crate::report::watch::{Look, Message, Word};
use crate::survey;

/// How the threads' names begin.
pub const NAMES: &str = "watch-";
/// Least time between attempts on a node that could not be asked.
const RETRY: Duration = Duration::from_secs(5);
/// How often a thread that waits keeps its connection alive.
const BREATH: Duration = Duration::from_secs(1);

/// What the threads are told.
#[derive(Default)]
struct Orders {
    paused: bool,
    dismissed: bool,
    /// Raised when everybody is to be asked now.
    round: u64,
    /// When the master last answered through a master's node; at first when that was first asked about.
    answered: Option<Instant>,
    /// The node that asks the virtual address while no master's node can, and when it last did.
    deputy: Option<(String, Instant)>,
}

struct Shared {
    orders: Mutex<Orders>,
    changed: Condvar,
    gate: Gate,
    interval: Duration,
}

/// All threads.
pub struct Crew {
    shared: Arc<Shared>,
}

impl Shared {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew {
    /// Starts a thread for each node; at most `jobs` ask at a time.
    pub fn start(cluster: &Arc<Cluster>, connector: Arc<dyn Connect>, jobs: usize, seconds: u16, sender: &Sender<Message>) -> Self {
        let shared = Arc::new(Shared {
            orders: Mutex::default(),
            changed: Condvar::new(),
            gate: Gate::new(jobs.max(1)),
            interval: Duration::from_secs(u64::from(seconds)),
        });
        for at in 0..cluster.nodes.len() {
            let (cluster, connector) = (Arc::clone(cluster), Arc::clone(&connector));
            let (shared, told) = (Arc::clone(&shared), sender.clone());
            let name = cluster.nodes[at].name.clone();
            let work = move || asks(&cluster, &cluster.nodes[at], connector.as_ref(), &shared, &told);
            if let Err(error) = thread::Builder::new().name(format!("{NAMES}{name}")).spawn(work) {
                let view = Err(format!("no thread to ask it: {error}"));
                let _ = sender.send(Message::Looked(Box::new(Look { node: name, at: now(), view, word: None })));
            }
        }
        Self { shared }
    }

    /// Asks everybody now.
    pub fn refresh(&self) {
        self.shared.orders().round += 1;
        self.shared.changed.notify_all();
    }

    /// Asks nobody, or goes on.
    pub fn pause(&self, paused: bool) {
        self.shared.orders().paused = paused;
        self.shared.changed.notify_all();
    }

    /// Lets them go; none is waited for.
    pub fn dismiss(&self) {
        self.shared.orders().dismissed = true;
        self.shared.changed.notify_all();
    }
}

/// One thread's work: looks at its node again and again.
fn asks(cluster: &Cluster, node: &Node, connector: &dyn Connect, shared: &Shared, told: &Sender<Message>) {
    let mut slot = Slot::default();
    loop {
        let round = shared.orders().round;
        let begun = Instant::now();
        let looked = shared.gate.pass(|| {
            let _ = told.send(Message::Asking(node.name.clone(), now()));
            catch_unwind(AssertUnwindSafe(|| visit(cluster, node, connector, &mut slot, shared)))
        });
        let (view, word) = looked.unwrap_or_else(|_| (Err("internal error: asking it panicked".to_owned()), None));
        let failed = view.is_err();
        if failed {
            slot.close();
        }
        let look = Look { node: node.name.clone(), at: now(), view, word };
        if told.send(Message::Looked(Box::new(look))).is_err() {
            return;
        }
        let pause = if failed { shared.interval.max(RETRY) } else { shared.interval };
        if !rest(shared, &mut slot, begun + pause, round) {
            return;
        }
    }
}

/// Waits until it is time, or everybody is to be asked; `false` when nobody is to be asked any more.
fn rest(shared: &Shared, slot: &mut Slot, until: Instant, round: u64) -> bool {
    let mut orders = shared.orders();
    loop {
        if orders.dismissed {
            return false;
        }
        let left = until.saturating_duration_since(Instant::now());
        if orders.round != round || (left.is_zero() && !orders.paused) {
            return true;
        }
        let pause = if orders.paused { BREATH } else { left.min(BREATH) };
        orders = shared.changed.wait_timeout(orders, pause).unwrap_or_else(PoisonError::into_inner).0;
        drop(orders);
        // A connection found dead is noticed by the next look.
        let _ = slot.open().map(|transport| transport.breathe());
        orders = shared.orders();
    }
}

/// Connects where needed, looks, and asks the master where that is this node's turn.
fn visit(
    cluster: &Cluster,
    node: &Node,
    connector: &dyn Connect,
    slot: &mut Slot,
    shared: &Shared,
) -> (Result<NodeView, String>, Option<Word>) {
    let transport = match slot.connect(connector, node) {
        Ok(transport) => transport,
        Err(error) => return (Err(without_name(node, &error.to_string())), None),
    };
    let glance = |cluster: &Cluster, node: &Node, transport: &mut dyn crate::remote::Transport| {
        survey::glance(cluster, node, transport).map_err(|e| e.to_string())
    };
    let (view, mut word, facts) = look(cluster, node, transport, &glance);
    if facts.is_err() {
        return (Err(view.unreachable_reason.unwrap_or_default()), None);
    }
    if node.is(Role::Master) {
        if matches!(word, Some(Ok(_))) {
            shared.orders().answered = Some(Instant::now());
        }
    } else if is_deputy(shared, node) {
        word = Some(ask_master(cluster, &[cluster.vip.address], transport));
    }
    (Ok(view), word)
}

/// Whether this node is to ask the virtual address: no master's node had an answer lately, and no other node does it.
fn is_deputy(shared: &Shared, node: &Node) -> bool {
    let lately = shared.interval * 2 + Duration::from_secs(3);
    let mut orders = shared.orders();
    // At the start the masters' nodes get their time first.
    if orders.answered.get_or_insert_with(Instant::now).elapsed() < lately {
        orders.deputy = None;
        return false;
    }
    match &orders.deputy {
        Some((name, at)) if *name != node.name && at.elapsed() < lately => false,
        _ => {
            orders.deputy = Some((node.name.clone(), Instant::now()));
            true
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::mpsc::{self, Receiver};

    use super::*;
    use crate::remote::local::LocalTransport;
    use crate::remote::{RemoteError, Target, Transport};

    /// Every node is this machine; node4 never lets anybody in, node5 refuses, node6 breaks the program.
    struct Here;

    impl Connect for Here {
        fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError> {
            match target.name.as_str() {
                "node4" => loop {
                    thread::sleep(Duration::from_secs(60));
                },
                "node5" => Err(RemoteError::Refused { node: "node5".into(), address: "172.16.0.45:22".into() }),
                "node6" => std::panic::panic_any("a fault of the program"),
                name => Ok(Box::new(LocalTransport::new(name))),
            }
        }
    }

    /// Looks that ended well, and the last failure, of each node, until all named nodes have ended that many.
    fn collect(messages: &Receiver<Message>, until: &[&str], looks: usize, within: Duration) -> BTreeMap<String, (usize, Option<String>)> {
        let mut seen: BTreeMap<String, (usize, Option<String>)> = BTreeMap::new();
        let end = Instant::now() + within;
        while Instant::now() < end && !until.iter().all(|n| seen.get(*n).is_some_and(|s| s.0 >= looks)) {
            if let Ok(Message::Looked(look)) = messages.recv_timeout(Duration::from_millis(100)) {
                let of = seen.entry(look.node.clone()).or_default();
                match look.view {
                    Ok(_) => of.0 += 1,
                    Err(reason) => of.1 = Some(reason),
                }
            }
        }
        seen
    }

    #[test]
    fn a_node_that_hangs_or_breaks_holds_up_nobody() {
        let cluster = Arc::new(crate::step::testing::cluster());
        let (sender, messages) = mpsc::channel();
        let crew = Crew::start(&cluster, Arc::new(Here), 32, 1, &sender);
        let well = ["node1", "node2", "node3", "node7", "node8"];
        let seen = collect(&messages, &well, 2, Duration::from_secs(90));
        assert!(well.iter().all(|n| seen[*n].0 >= 2), "{seen:?}");
        assert!(!seen.contains_key("node4"), "{seen:?}");
        assert_eq!(seen["node5"], (0, Some("connection refused by 172.16.0.45:22".to_owned())));
        assert_eq!(seen["node6"], (0, Some("internal error: asking it panicked".to_owned())));

        // Nobody is asked in a pause, whoever was being asked is told; then everybody is.
        crew.pause(true);
        collect(&messages, &well, usize::MAX, Duration::from_secs(10));
        assert_eq!(collect(&messages, &well, 1, Duration::from_secs(3)).len(), 0);
        crew.refresh();
        let seen = collect(&messages, &well, 1, Duration::from_secs(60));
        assert!(well.iter().all(|n| seen[*n].0 >= 1), "{seen:?}");
        crew.dismiss();
    }

    #[test]
    fn one_node_asks_in_the_masters_stead() {
        let cluster = crate::step::testing::cluster();
        let long_ago = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let shared = Shared {
            orders: Mutex::new(Orders { answered: Some(long_ago), ..Orders::default() }),
            changed: Condvar::new(),
            gate: Gate::new(1),
            interval: Duration::from_secs(1),
        };
        let node = |name: &str| cluster.node(name).unwrap();
        assert!(is_deputy(&shared, node("node3")) && !is_deputy(&shared, node("node4")) && is_deputy(&shared, node("node3")));
        // The deputy is gone for long: another takes its place.
        shared.orders().deputy = Some(("node3".to_owned(), long_ago));
        assert!(is_deputy(&shared, node("node4")));
        shared.orders().answered = Some(Instant::now());
        assert!(!is_deputy(&shared, node("node4")) && shared.orders().deputy.is_none());
    }
}
