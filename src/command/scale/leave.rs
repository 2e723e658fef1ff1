//! Leaving: gates, marks, the data moved elsewhere, the end of the daemons, and the master forgets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Request, Seen, look, refuse_closed, refuse_refused, unfinished, wanted};
use crate::command::operation::Operation;
use crate::context::Context;
use crate::engine::event::{Event, What};
use crate::engine::run::{self, HostResult};
use crate::error::{Error, Kind, Result};
use crate::fact::takeover::master_port;
use crate::health::gate::Answer;
use crate::health::gate::leave::{self, ACCEPTABLE, Drain, Leaver};
use crate::inventory::model::{Cluster, Node, Role};
use crate::playbook::plan::{self, Plan, Scope};
use crate::playbook::{self, Playbook};
use crate::protocol::{Master, ServerAnswer, ServerOrder};
use crate::report::{self, format};
use crate::step::leaving::{self, Stage, Wish};
use crate::step::{self, ClusterState, Consent, Progress};

/// How often the master is asked how far it is.
const EVERY: Duration = Duration::from_secs(3);
/// Without any chunk moved for so long it is said that it does not go on.
const PATIENCE: Duration = Duration::from_secs(45 * 60);
/// Looks in a row that must say that all is moved: counters of a chunkserver follow those of the master.
const SURE: u32 = 3;
/// Longest time the master may take to see that a chunkserver was stopped.
const GONE_WITHIN: Duration = Duration::from_secs(120);
/// Longest wait for a byte of the master's.
const ANSWER: Duration = Duration::from_secs(10);

/// One removal.
struct Removal<'a> {
    cluster: &'a Cluster,
    node: &'a Node,
    request: &'a Request<'a>,
    playbook: Playbook,
    total: BTreeMap<String, HostResult>,
}

/// Takes a node or a data directory out of the cluster.
pub fn leave(context: &Context, request: &Request) -> Result<()> {
    let cluster = context.cluster()?;
    let node = wanted(&cluster, request)?;
    if let Some(other) = request.accept.iter().find(|a| !ACCEPTABLE.contains(&a.as_str())) {
        return Err(Error::input(format!("--accept {other}: that gate cannot be accepted")).hint(format!("only {}", ACCEPTABLE.join(", "))));
    }
    let playbook = playbook::embedded("leave").map_err(|e| Error::failed(e.to_string()))?;
    let connector = context.connector();
    let mut operation = Operation::new(context, &cluster, &connector)?;
    let seen = look(&mut operation, (!request.dry_run).then_some(request.what))?;
    operation.monitor.clear();
    let mut removal = Removal { cluster: &cluster, node, request, playbook, total: BTreeMap::new() };
    let noted = match step::facts_of(&seen.state, &node.name) {
        Some(facts) => leaving::noted(facts).stage(request.disk),
        None => return removal.forget_dead(context, &mut operation, &seen),
    };
    let gates = if noted == Some(Stage::Left) { Vec::new() } else { leave::ask(&removal.leaver(&seen)) };
    let mark = removal.plan(&seen.state, removal.first(), Stage::Leaving)?;
    let end = removal.plan(&seen.state, removal.last(), Stage::Left)?;
    if noted == Some(Stage::Left) && end.is_empty() && !removal.listed(&seen) {
        removal.tell(context, "nothing to do", &operation);
        return Ok(());
    }
    let first: Vec<&Plan> = if noted == Some(Stage::Left) { vec![&end] } else { vec![&mark] };
    if !context.json() && !gates.is_empty() {
        report::say(report::switchover::answers("Gates", &gates, context.color).trim_end());
    }
    if request.dry_run {
        removal.show(context, &operation, &seen, &gates, &[&mark, &end]);
        refuse_closed(context, &gates, request.accept)?;
        return refuse_refused(&first);
    }
    refuse_closed(context, &gates, request.accept)?;
    refuse_refused(&first)?;
    removal.announce(&operation, &seen, &first);
    operation.confirm(request.yes, &format!("{} leaves the cluster", removal.name()))?;
    operation.begin()?;
    let outcome = removal.go(&mut operation, seen.state, noted);
    operation.end(&removal.total);
    operation.monitor.clear();
    let lines = run::stopped(&removal.total);
    if !lines.is_empty() || operation.interrupt.requested() {
        let why = if lines.is_empty() { String::new() } else { lines.join("\n") };
        return Err(unfinished(&operation, &why).hint(removal.way_back()));
    }
    outcome?;
    removal.tell(context, "done", &operation);
    Ok(())
}

impl<'a> Removal<'a> {
    fn leaver<'b>(&'b self, seen: &'b Seen) -> Leaver<'b> {
        Leaver { cluster: self.cluster, report: &seen.report, state: &seen.state, node: self.node, disk: self.request.disk }
    }

    fn name(&self) -> String {
        match self.request.disk {
            Some(path) => format!("{}:{path}", self.node.name),
            None => self.node.name.clone(),
        }
    }

    fn first(&self) -> &'static [&'static str] {
        if self.request.disk.is_some() { &["mark"] } else { &["unmount", "mark"] }
    }

    fn last(&self) -> &'static [&'static str] {
        if self.request.disk.is_some() { &["detach"] } else { &["stop"] }
    }

    fn way_back(&self) -> String {
        match self.request.disk {
            Some(path) => format!("to keep it after all: mfsctl disk add {} {path}", self.node.name),
            None => format!("to keep it after all: mfsctl node add {}", self.node.name),
        }
    }

    fn plan(&self, state: &ClusterState, only: &[&str], to: Stage) -> Result<Plan> {
        let scope = Scope {
            hosts: Some([self.node.name.clone()].into()),
            only: only.iter().map(|s| (*s).to_owned()).collect(),
            ..Scope::default()
        };
        let wish = Wish { node: self.node.name.clone(), disk: self.request.disk.map(str::to_owned), to: Some(to) };
        let consent = Consent { leaving: Some(wish), ..Consent::default() };
        plan::plan(&self.playbook, self.cluster, state, &scope, &consent).map_err(Error::failed)
    }

    /// Whether the master still knows the chunkserver, or the chunkserver the directory.
    fn listed(&self, seen: &Seen) -> bool {
        let Some(view) = seen.report.nodes.iter().find(|n| n.name == self.node.name) else { return false };
        match self.request.disk {
            None => self.node.is(Role::Chunkserver) && seen.report.chunkserver(view).is_some(),
            Some(path) => view.disks.as_ref().is_some_and(|disks| disks.iter().any(|d| d.path.trim_end_matches('/') == path)),
        }
    }

    fn announce(&self, operation: &Operation, seen: &Seen, plans: &[&Plan]) {
        for plan in plans.iter().filter(|p| !p.is_empty()) {
            report::say(report::plan::text(plan, false, false, &operation.masker).trim_end());
        }
        if let Some(line) = self.what_follows(seen) {
            report::say(&line);
        }
    }

    fn what_follows(&self, seen: &Seen) -> Option<String> {
        if !self.node.is(Role::Chunkserver) {
            return None;
        }
        let bytes = self.leaver(seen).bytes().map_or_else(|| "its data".to_owned(), format::bytes);
        Some(match self.request.disk {
            None => format!("then {bytes} go to other chunkservers, it is stopped, and the master forgets it"),
            Some(_) => format!("then {bytes} go elsewhere, and the chunkserver gives it up"),
        })
    }

    fn show(&self, context: &Context, operation: &Operation, seen: &Seen, gates: &[Answer], plans: &[&Plan]) {
        if context.json() {
            let plans: Vec<_> = plans.iter().map(|p| report::plan::json(p, false, &operation.masker)).collect();
            let value = json!({ "node": self.node.name, "disk": self.request.disk, "gates": gates, "plans": plans });
            return report::data(&format!("{value:#}"));
        }
        report::data(&report::plan::text(plans[0], false, context.global.verbose > 0, &operation.masker));
        if let Some(line) = self.what_follows(seen) {
            report::data(&line);
        }
    }

    /// Runs stages; false when the host stopped.
    fn act(&mut self, operation: &mut Operation, state: &ClusterState, only: &[&str], to: Stage) -> Result<bool> {
        let plan = self.plan(state, only, to)?;
        let (interrupt, monitor) = (operation.interrupt.clone(), &operation.monitor);
        let results = run::run(&plan, &mut operation.fleet, &interrupt, &|event| monitor.show(&event));
        for (node, result) in results {
            let sum = self.total.entry(node).or_default();
            sum.done.extend(result.done);
            sum.skipped.extend(result.skipped);
            sum.stopped = result.stopped;
        }
        Ok(self.total.values().all(|r| r.stopped.is_none()))
    }

    fn observe(&self, operation: &mut Operation) -> ClusterState {
        let masters = self.cluster.with_role(Role::Master).map(|n| n.name.clone());
        let hosts: BTreeSet<String> = masters.chain([self.node.name.clone()]).collect();
        operation.observe(&hosts)
    }

    /// All of it, from where an earlier run stopped.
    fn go(&mut self, operation: &mut Operation, state: ClusterState, noted: Option<Stage>) -> Result<()> {
        if noted != Some(Stage::Left) {
            if !self.act(operation, &state, self.first(), Stage::Leaving)? {
                return Ok(());
            }
            if self.node.is(Role::Chunkserver) {
                self.until_drained(operation)?;
            }
        }
        let state = self.observe(operation);
        if !self.act(operation, &state, self.last(), Stage::Left)? {
            return Ok(());
        }
        self.until_gone(operation)
    }

    /// Waits until every chunk has its copies elsewhere, with progress.
    fn until_drained(&self, operation: &mut Operation) -> Result<()> {
        let begin = Instant::now();
        let (mut most, mut least, mut moved_at, mut sure) = (0_u64, u64::MAX, Instant::now(), 0);
        loop {
            let seen = look(operation, None)?;
            let drain = self.leaver(&seen).drain();
            let (note, fraction) = match drain {
                Drain::Left(left) => {
                    most = most.max(left);
                    if left < least {
                        (least, moved_at) = (left, Instant::now());
                    }
                    (words(left, most, begin.elapsed()), (most - left) as f64 / most.max(1) as f64)
                }
                Drain::Done => ("every chunk has its copies elsewhere".to_owned(), 1.0),
                Drain::Counting => ("the master counts".to_owned(), if most > 0 { 0.99 } else { 0.0 }),
                Drain::Unmarked => ("the chunkserver takes the mark".to_owned(), 0.0),
            };
            sure = if drain == Drain::Done { sure + 1 } else { 0 };
            if sure >= SURE {
                return Ok(());
            }
            let what = What::Progress { title: format!("move the data of {}", self.name()), progress: Progress { fraction, note } };
            operation.monitor.show(&Event { node: self.node.name.clone(), what });
            if operation.interrupt.requested() {
                return Ok(());
            }
            if moved_at.elapsed() > PATIENCE {
                let why = format!("{}: no chunk was moved for {} min ({drain:?})", self.name(), PATIENCE.as_secs() / 60);
                return Err(unfinished(operation, &why).hint(self.way_back()));
            }
            let end = Instant::now() + EVERY;
            while Instant::now() < end && !operation.interrupt.requested() {
                operation.breathe()?;
                thread::sleep(Duration::from_millis(500));
            }
        }
    }

    /// Waits until the master sees it stopped, has it forgotten, and looks that all is whole; or until a directory is given up.
    fn until_gone(&self, operation: &mut Operation) -> Result<()> {
        let end = Instant::now() + GONE_WITHIN;
        loop {
            let seen = look(operation, None)?;
            let gone = seen.report.told().is_some() && !self.listed(&seen);
            let wrong = gone.then(|| harmed(&seen)).flatten();
            if gone && wrong.is_none() {
                return Ok(());
            }
            let mut why = wrong.unwrap_or_else(|| format!("{} is still listed", self.name()));
            if self.request.disk.is_none()
                && let Err(reason) = self.forget(operation, &seen)
            {
                why = reason;
            }
            if Instant::now() > end || operation.interrupt.requested() {
                return Err(unfinished(operation, &why));
            }
            operation.breathe()?;
            thread::sleep(Duration::from_secs(1));
        }
    }

    /// Has the master forget every entry of the node that is not connected.
    fn forget(&self, operation: &mut Operation, seen: &Seen) -> std::result::Result<(), String> {
        let told = seen.report.told().ok_or("the master does not answer")?;
        let mine = told.chunkservers.iter().filter(|s| s.address == self.node.address);
        for (address, port) in mine.filter(|s| !s.connected).map(|s| (s.address, s.port)) {
            match self.order(operation, &seen.state, address, port)? {
                ServerAnswer::Done | ServerAnswer::NotFound => {}
                other => return Err(format!("{address}:{port}: {}", other.words())),
            }
        }
        Ok(())
    }

    fn order(
        &self,
        operation: &mut Operation,
        state: &ClusterState,
        address: Ipv4Addr,
        port: u16,
    ) -> std::result::Result<ServerAnswer, String> {
        let active = step::active_master(self.cluster, state).ok_or("there is no active master")?;
        let transport = operation.fleet.slot(&active.name).open().ok_or_else(|| format!("{}: no connection", active.name))?;
        let vip = self.cluster.vip.address.to_string();
        let mut stream = transport.tcp(&vip, master_port(self.cluster), ANSWER).map_err(|e| e.to_string())?;
        Master::order(stream.as_mut(), ServerOrder::Remove, address, port).map_err(|e| e.to_string())
    }

    /// A chunkserver that cannot be reached: nothing can be drained, but what lived only there is known to the master.
    fn forget_dead(&mut self, context: &Context, operation: &mut Operation, seen: &Seen) -> Result<()> {
        let name = &self.node.name;
        let reason = seen.state.get(name).and_then(|f| f.as_ref().err()).map_or("it was not asked", String::as_str);
        let refused = |why: String| Error::new(Kind::Refused, format!("refused, nothing was changed: {why}"));
        if self.request.disk.is_some() || !self.node.is(Role::Chunkserver) {
            return Err(refused(format!("{name} cannot be reached: {reason}")).hint(gone_for_good(self.node)));
        }
        let leaver = self.leaver(seen);
        if leaver.server().is_some_and(|s| s.connected) {
            return Err(refused(format!("{name} cannot be reached ({reason}), but its chunkserver is connected"))
                .hint("mend the way to it: its data are moved elsewhere before it leaves"));
        }
        let gates = leave::ask(&leaver);
        let gates: Vec<Answer> = gates.into_iter().filter(|g| g.name != "space-elsewhere").collect();
        if !context.json() {
            report::say(report::switchover::answers("Gates", &gates, context.color).trim_end());
        }
        refuse_closed(context, &gates, self.request.accept)?;
        if !self.listed(seen) {
            self.tell(context, "nothing to do", operation);
            return Ok(());
        }
        if self.request.dry_run {
            report::data(&format!("{name} is away, and every chunk has its copies elsewhere: the master would forget it"));
            return Ok(());
        }
        operation.confirm(self.request.yes, &format!("{name} is away ({reason}): the master forgets it"))?;
        operation.begin()?;
        let outcome = self.until_gone(operation);
        operation.end(&self.total);
        operation.monitor.clear();
        outcome?;
        self.tell(context, "done", operation);
        Ok(())
    }

    /// The result, and what the inventory must lose.
    fn tell(&self, context: &Context, result: &str, operation: &Operation) {
        let name = &self.node.name;
        let inventory = match self.request.disk {
            Some(path) => format!("delete {path} from the disks of {name} in the inventory: until then provision refuses {name}"),
            None => format!("delete {name} from the inventory, then provision: the masters forget its name and its vote"),
        };
        if context.json() {
            let value = json!({
                "result": result, "node": name, "disk": self.request.disk, "seconds": operation.seconds(), "inventory": inventory,
            });
            report::data(&format!("{value:#}"));
        }
        report::say(&match result {
            "done" => format!("done: {} has left the cluster ({} s)", self.name(), operation.seconds()),
            _ => format!("nothing to do: {} has left the cluster", self.name()),
        });
        report::say(&inventory);
    }
}

/// What to do about a node that cannot be reached, when it or a directory of it is to leave.
fn gone_for_good(node: &Node) -> String {
    match (node.is(Role::Chunkserver), node.is(Role::Master)) {
        (true, false) => format!("bring it back; when it is gone for good: mfsctl node remove {}", node.name),
        (true, true) => "bring it back: a master does not leave".to_owned(),
        (false, _) => "bring it back; a node that is gone for good is deleted from the inventory, nothing else is needed".to_owned(),
    }
}

/// How many chunks are left, and for how long at the rate so far.
fn words(left: u64, most: u64, elapsed: Duration) -> String {
    let moved = most - left;
    if moved == 0 {
        return format!("{left} chunks left");
    }
    let seconds = elapsed.as_secs_f64() * left as f64 / moved as f64;
    format!("{left} of {most} chunks left, {}", format::duration(seconds as u64))
}

/// Chunks that lack copies after a removal.
fn harmed(seen: &Seen) -> Option<String> {
    let all = &seen.report.told()?.chunks.all;
    let lacking = all.missing + all.endangered + all.undergoal;
    (lacking > 0).then(|| format!("missing {}, endangered {}, under goal {}", all.missing, all.endangered, all.undergoal))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_chunkserver_is_forgotten_by_the_master_too() {
        let cluster = crate::step::testing::cluster();
        let hint = |name: &str| gone_for_good(cluster.node(name).unwrap());
        assert!(hint("node3").contains("mfsctl node remove node3"));
        assert!(hint("node7").contains("deleted from the inventory"));
    }

    #[test]
    fn the_rate_so_far_tells_how_long() {
        assert_eq!(words(80, 80, Duration::from_secs(5)), "80 chunks left");
        assert!(words(40, 80, Duration::from_secs(60)).starts_with("40 of 80 chunks left, 1"));
    }
}
