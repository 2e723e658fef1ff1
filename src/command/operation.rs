//! What every command that changes hosts has in common: connections, the operator lock, the question, the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::engine::converge::{self, Job};
use crate::engine::event::Sink;
use crate::engine::fleet::{First, Fleet};
use crate::engine::history::{self, Begin, End, Entry, HostEnd, Receipt};
use crate::engine::interrupt::Interrupt;
use crate::engine::lock::{self, LockError, Locks};
use crate::engine::run::HostResult;
use crate::error::{Error, Kind, Result};
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::Plan;
use crate::remote::Connect;
use crate::report::mask::Masker;
use crate::report::monitor::Monitor;
use crate::report::{self};
use crate::step::ClusterState;

/// One run of a command that changes hosts.
pub struct Operation<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Connections.
    pub fleet: Fleet<'a>,
    /// Progress.
    pub monitor: Monitor,
    /// Keeps secrets out of texts.
    pub masker: Masker,
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// Id in the journal.
    pub run_id: String,
    began: Instant,
    journal: PathBuf,
    begun: bool,
    locked: Vec<String>,
}

/// Nodes named by a `--limit` expression.
///
/// # Errors
/// When a word of it names nothing.
pub fn select(cluster: &Cluster, limit: &str) -> Result<BTreeSet<String>> {
    named(cluster, limit).map_err(|e| Error { message: format!("--limit: {}", e.message), ..e })
}

/// Nodes named by an argument of the same form.
///
/// # Errors
/// When a word of it names nothing.
pub fn named(cluster: &Cluster, expression: &str) -> Result<BTreeSet<String>> {
    crate::inventory::select::select(cluster, expression)
        .map(|nodes| nodes.into_iter().map(|n| n.name.clone()).collect())
        .map_err(|e| Error::input(e.to_string()).hint(e.hint()))
}

impl<'a> Operation<'a> {
    /// Prepares a run; nothing is contacted yet.
    ///
    /// # Errors
    /// When signals cannot be listened to, or there is no place for the journal.
    pub fn new(context: &Context, cluster: &'a Cluster, connector: &'a dyn Connect) -> Result<Self> {
        let masker = Masker::new(cluster);
        let names = cluster.nodes.iter().map(|n| n.name.as_str());
        Ok(Self {
            cluster,
            fleet: Fleet::new(cluster, connector, usize::from(context.global.jobs)),
            monitor: Monitor::new(context.interactive && !context.json(), context.global.verbose, masker.clone(), names),
            masker,
            interrupt: Interrupt::listen().map_err(|e| Error::failed(format!("signals: {e}")))?,
            run_id: history::new_id(&jiff::Zoned::now()),
            began: Instant::now(),
            journal: history::path().map_err(Error::failed)?,
            begun: false,
            locked: Vec::new(),
        })
    }

    /// Seconds since the beginning.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.began.elapsed().as_secs()
    }

    /// Observes all these hosts at once, changing nothing.
    pub fn observe(&mut self, hosts: &BTreeSet<String>) -> ClusterState {
        let monitor = &self.monitor;
        self.fleet.observe(hosts, &|event| monitor.show(&event))
    }

    /// Takes the operator lock on the masters, and observes all these hosts at once.
    ///
    /// # Errors
    /// See [`Operation::locked`].
    pub fn lock_and_observe(&mut self, what: &str, hosts: &BTreeSet<String>) -> Result<ClusterState> {
        let masters = self.cluster.with_role(Role::Master).map(|n| n.name.clone());
        let all = hosts.iter().cloned().chain(masters).collect();
        self.locked(what, |fleet, take, sink| fleet.observe_after(&all, take, sink))
    }

    /// Does something that visits every master and takes the operator lock there on the way. A master that cannot be
    /// reached is passed over with a warning; that none can is no refusal: nothing depends on the lock then.
    ///
    /// # Errors
    /// When another operator is at work, or a master answers oddly.
    pub fn locked<T>(&mut self, what: &str, work: impl FnOnce(&mut Fleet, First, Sink) -> T) -> Result<T> {
        let since = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        let holder = format!("{}, {what}, since {since}, pid {}", operator(), std::process::id());
        let locks = Locks::new(&holder, self.cluster.with_role(Role::Master).map(|n| n.name.as_str()).collect());
        let monitor = &self.monitor;
        let result = work(&mut self.fleet, &|node, slot| locks.take(&node.name, slot), &|event| monitor.show(&event));
        let turn = locks.into_turn();
        self.locked = turn.held;
        for (_, error) in &turn.passed {
            self.monitor.note(&format!("{error}: no operator lock there"));
        }
        match turn.refused {
            None => Ok(result),
            Some(error @ LockError::Busy { .. }) => {
                self.monitor.clear();
                let hint = "wait until that run has ended; mfsctl history --from NODE shows it";
                Err(Error::new(Kind::Locked, format!("{error}; nothing was changed")).hint(hint))
            }
            Some(error) => Err(Error::failed(error.to_string())),
        }
    }

    /// Asks the operator; connections and locks are kept alive meanwhile.
    ///
    /// # Errors
    /// When the answer is no, or there is nobody to ask.
    pub fn confirm(&mut self, yes: bool, what: &str) -> Result<()> {
        if yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(
                Error::new(Kind::Refused, format!("{what}: nobody to ask, nothing was changed")).hint("add --yes to act without asking")
            );
        }
        match self.ask(&format!("{what}. Go on? [y/N]"))?.to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::new(Kind::Refused, "not confirmed, nothing was changed")),
        }
    }

    /// Asks for a word to be typed, for what `--yes` does not cover; `given` is the flag for scripts that says it.
    ///
    /// # Errors
    /// When another word is given or typed, or there is nobody to ask.
    pub fn confirm_typed(&mut self, word: &str, given: Option<&str>, flag: &str, what: &str) -> Result<()> {
        let typed = match given {
            Some(given) => given.to_owned(),
            None if !std::io::stdin().is_terminal() => {
                return Err(Error::new(Kind::Refused, format!("{what}: nobody to ask, nothing was changed"))
                    .hint(format!("--yes does not cover this: add {flag} {word}")));
            }
            None => self.ask(&format!("{what}. Type {word} to go on:"))?,
        };
        if typed == word { Ok(()) } else { Err(Error::new(Kind::Refused, format!("{typed:?} is not {word}: nothing was changed"))) }
    }

    /// One line from the terminal; connections and locks are kept alive meanwhile.
    fn ask(&mut self, question: &str) -> Result<String> {
        report::say(question);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = std::io::stdin().lock().read_line(&mut line);
            let _ = sender.send(line);
        });
        loop {
            if let Ok(line) = receiver.recv_timeout(Duration::from_secs(1)) {
                return Ok(line.trim().to_owned());
            }
            if self.interrupt.requested() {
                return Err(Error::new(Kind::Interrupted, "stopped by the operator, nothing was changed"));
            }
            self.breathe()?;
        }
    }

    /// Keeps connections and locks alive while something else is done.
    ///
    /// # Errors
    /// When the operator lock is lost.
    pub fn breathe(&mut self) -> Result<()> {
        for node in self.cluster.nodes.iter().map(|n| n.name.clone()) {
            let slot = self.fleet.slot(&node);
            if let Some(Err(error)) = slot.open().map(|t| t.breathe()) {
                slot.close();
                if self.locked.contains(&node) {
                    return Err(Error::failed(format!("{error}: the operator lock is lost")).hint("run the command again"));
                }
            }
        }
        Ok(())
    }

    /// Writes the run's beginning into the journals.
    ///
    /// # Errors
    /// When the local one cannot be written, or the operator has stopped it meanwhile.
    pub fn begin(&mut self) -> Result<()> {
        if self.interrupt.requested() {
            return Err(Error::new(Kind::Interrupted, "stopped by the operator, nothing was changed"));
        }
        let command: Vec<String> = std::env::args().collect();
        let begin = Begin {
            run: self.run_id.clone(),
            time: now(),
            operator: operator(),
            cluster: self.cluster.name.clone(),
            command: self.masker.mask(&crate::remote::shell::join(&command)),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        self.begun = true;
        self.write(&Entry::Begin(begin))
    }

    /// Carries a plan out, observing and planning again until nothing is left of it or nothing more can be done.
    ///
    /// # Errors
    /// When a plan cannot be made again.
    pub fn converge(&mut self, job: &Job, plan: Plan, state: ClusterState) -> Result<BTreeMap<String, HostResult>> {
        let monitor = &self.monitor;
        converge::converge(job, plan, state, &mut self.fleet, &self.interrupt, &|event| monitor.show(&event)).map_err(Error::failed)
    }

    /// Name, roles and result of each host, in the inventory's order.
    #[must_use]
    pub fn rows(&self, results: &BTreeMap<String, HostResult>) -> Vec<(String, String, HostResult)> {
        let row = |n: &Node| {
            let roles: Vec<&str> = n.roles.iter().map(|r| r.word()).collect();
            results.get(&n.name).map(|r| (n.name.clone(), roles.join(", "), r.clone()))
        };
        self.cluster.nodes.iter().filter_map(row).collect()
    }

    /// Writes the run's end into the journals, if its beginning was.
    pub fn end(&mut self, results: &BTreeMap<String, HostResult>) {
        let result = match (self.interrupt.requested(), results.values().any(|r| r.stopped.is_some())) {
            (true, _) => "interrupted",
            (false, true) => "incomplete",
            (false, false) => "done",
        };
        self.end_as(result, results, None);
    }

    /// Writes the run's end with that result, if its beginning was written.
    pub fn end_as(&mut self, result: &str, results: &BTreeMap<String, HostResult>, receipt: Option<Receipt>) {
        if !self.begun {
            return;
        }
        let hosts = results
            .iter()
            .map(|(node, result)| {
                let done = result.done.iter().map(|(stage, title)| self.masker.mask(&format!("{stage}: {title}"))).collect();
                let stopped = result.stopped.as_ref().map(|s| self.masker.mask(&format!("{}: {}", s.stage, s.reason)));
                (node.clone(), HostEnd { done, stopped })
            })
            .collect();
        let end = End { run: self.run_id.clone(), time: now(), result: result.to_owned(), seconds: self.seconds(), hosts, receipt };
        if let Err(error) = self.write(&Entry::End(end)) {
            self.monitor.note(&format!("warning: {error}"));
        }
    }

    /// What earlier switchovers of this cluster took, oldest first, from the local journal.
    #[must_use]
    pub fn receipts(&self) -> Vec<Receipt> {
        let runs = history::read(&self.journal).map(|(runs, _)| runs).unwrap_or_default();
        let mine = runs.into_iter().filter(|r| r.begin.cluster == self.cluster.name);
        mine.filter_map(|r| r.end).filter(|end| end.result == "done").filter_map(|end| end.receipt).collect()
    }

    fn write(&mut self, entry: &Entry) -> Result<()> {
        let line = serde_json::to_string(entry).map_err(|e| Error::failed(e.to_string()))?;
        for node in &self.locked {
            if let Some(Err(error)) = self.fleet.slot(node).open().map(|t| lock::journal(t, &line)) {
                self.monitor.note(&format!("warning: {node}: not written to the journal there: {error}"));
            }
        }
        history::append(&self.journal, entry).map_err(|e| {
            Error::failed(format!("{}: {e}", self.journal.display())).hint("set XDG_STATE_HOME to a directory that can be written")
        })
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// An error of a connection, with its next step.
#[must_use]
pub fn remote_error(error: crate::remote::RemoteError) -> Error {
    let hint = error.hint();
    let wrapped = Error::failed(error.to_string());
    match hint {
        Some(hint) => wrapped.hint(hint),
        None => wrapped,
    }
}

/// Who works here: `user@host`.
#[must_use]
pub fn operator() -> String {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).or_else(|_| std::env::var("LOGNAME"));
    let uname = rustix::system::uname();
    format!("{}@{}", user.unwrap_or_else(|_| "root".to_owned()), uname.nodename().to_string_lossy())
}
