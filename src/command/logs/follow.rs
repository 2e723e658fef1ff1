//! Lines as they come: one stream a node, merged in a small window; a node that goes away is tried again.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::window::Window;
use super::{Asked, Choice};
use crate::command::status::gather::without_name;
use crate::engine::fleet::{Fleet, Gate, Slot};
use crate::engine::interrupt::Interrupt;
use crate::error::{Error, Result};
use crate::fact::log::{self, Follower, From, Line};
use crate::inventory::model::{Cluster, Node};
use crate::remote::{BEAT, Connect, RemoteError, Request, Streamed};
use crate::report;
use crate::report::logs::Style;

/// How long a line waits for older ones of other nodes.
const WINDOW: Duration = Duration::from_millis(1200);
/// Longest life of a command on a node: what an operator's machine that vanished leaves behind ends then. Another one follows it.
const LIFE: Duration = Duration::from_secs(3600);
/// Time between two tries to reach a node.
const AGAIN: Duration = Duration::from_secs(5);

/// What a worker tells.
enum Told {
    Line(String, Line),
    Note(String),
}

/// Follows until the operator or the reader has enough.
///
/// # Errors
/// When signals cannot be listened to.
pub fn follow(cluster: &Cluster, choice: &Choice, asked: &[Asked], fleet: &mut Fleet, style: &Style) -> Result<()> {
    let interrupt = Interrupt::listen().map_err(|e| Error::failed(format!("signals: {e}")))?;
    stream(cluster, choice, asked, fleet, &interrupt, &mut |told| report::flow(&style.line(&told.0, &told.1)));
    Ok(())
}

/// Follows until interrupted or `show` says that nobody reads.
pub(super) fn stream(
    cluster: &Cluster,
    choice: &Choice,
    asked: &[Asked],
    fleet: &mut Fleet,
    interrupt: &Interrupt,
    show: &mut (dyn FnMut((String, Line)) -> bool + Send),
) {
    let (sender, receiver) = channel();
    let names: BTreeSet<String> = choice.nodes.iter().cloned().collect();
    let connector = fleet.connector();
    thread::scope(|scope| {
        let printer = scope.spawn(move || print(&receiver, &choice.nodes, interrupt, show));
        fleet.each(&names, |node, slot, gate| {
            let log = asked.iter().find(|a| a.node == node.name).and_then(|a| a.log.as_ref().ok());
            let shown = log.map(|l| l.lines.iter().filter_map(|l| l.cursor.clone()).collect()).unwrap_or_default();
            let begin = log.map_or_else(|| jiff::Timestamp::now().as_second(), |l| l.clock.0 as i64);
            let one = One { cluster, choice, node, connector, gate, interrupt, sender: sender.clone() };
            one.follow(slot, begin, shown);
        });
        drop(sender);
        if let Err(panic) = printer.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

fn print(receiver: &Receiver<Told>, nodes: &[String], interrupt: &Interrupt, show: &mut (dyn FnMut((String, Line)) -> bool + Send)) {
    let mut window = Window::new(WINDOW);
    let mut goes_on = true;
    loop {
        let heard = receiver.recv_timeout(BEAT / 2);
        let ended = matches!(heard, Err(RecvTimeoutError::Disconnected));
        match heard {
            Ok(Told::Line(node, line)) => {
                let rank = nodes.iter().position(|n| *n == node).unwrap_or(0);
                window.put(rank, &node, line, Instant::now());
            }
            Ok(Told::Note(note)) => report::say(&note),
            Err(_) => {}
        }
        let ready = if ended { window.rest() } else { window.due(Instant::now()) };
        goes_on = goes_on && ready.into_iter().all(&mut *show);
        if !goes_on {
            interrupt.request();
        }
        if ended {
            return;
        }
    }
}

struct One<'a> {
    cluster: &'a Cluster,
    choice: &'a Choice,
    node: &'a Node,
    connector: &'a dyn Connect,
    gate: &'a Gate,
    interrupt: &'a Interrupt,
    sender: Sender<Told>,
}

impl One<'_> {
    fn note(&self, words: &str) {
        let _ = self.sender.send(Told::Note(format!("{}: {words}", self.node.name)));
    }

    /// Follows one node; `shown` are lines the reader has seen, none of them older than `begin`.
    fn follow(&self, slot: &mut Slot, begin: i64, mut shown: HashSet<String>) {
        let sources = self.choice.sources(self.cluster, self.node);
        if sources.is_empty() {
            return;
        }
        let mut from = From::Time(begin);
        let mut away = slot.open().is_none();
        while !self.interrupt.requested() {
            // Only connecting takes a place: a stream would keep it for ever.
            let reached = self.gate.pass(|| slot.connect(self.connector, self.node).map(|_| ()));
            let Some(transport) = slot.open().filter(|_| reached.is_ok()) else {
                if let (false, Err(error)) = (away, &reached) {
                    self.note(&format!("not reached: {}; trying again", without_name(self.node, &error.to_string())));
                }
                away = true;
                self.pause();
                continue;
            };
            if away {
                self.note("reached, its log goes on");
                away = false;
            }
            let mut follower = Follower::new(&sources);
            let request = Request::new(log::follow(&sources, &from)).within(LIFE);
            let ended = transport.stream(&request, &mut |piece| {
                for line in follower.take(piece) {
                    if let Some(cursor) = &line.cursor {
                        if shown.remove(cursor) {
                            continue;
                        }
                        from = From::Cursor(cursor.clone());
                    }
                    if self.choice.fits(&line) {
                        let _ = self.sender.send(Told::Line(self.node.name.clone(), line));
                    }
                }
                if self.interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            match ended {
                Ok(Streamed::Stopped) => return,
                // Its life is over: the next one goes on behind the last line.
                Err(RemoteError::Timeout { .. }) => {}
                Ok(Streamed::Ended(output)) => {
                    let why = output.error_text();
                    self.note(&format!("its log ended ({:?}) {}; trying again", output.exit, why.lines().last().unwrap_or_default()));
                    self.pause();
                }
                Err(error) => {
                    self.note(&format!("{}; trying again", without_name(self.node, &error.to_string())));
                    slot.close();
                    away = true;
                    self.pause();
                }
            }
        }
    }

    fn pause(&self) {
        let until = Instant::now() + AGAIN;
        while Instant::now() < until && !self.interrupt.requested() {
            thread::sleep(BEAT);
        }
    }
}
