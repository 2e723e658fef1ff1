//! The cluster under fire, and one fault with its judgement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::{self, Client, Findings};
use super::timeline::{Claims, Timeline, claims};
use crate::harness::World;

pub const MASTERS: [&str; 2] = ["m1", "m2"];
pub const WITNESSES: [&str; 3] = ["cs1", "cs2", "cs3"];
pub const WRITER: &str = "cl1";
pub const READER: &str = "cl2";
pub const VIP: &str = "172.16.2.47";
/// What two claims may overlap by before it counts: looks are 0.4 s apart, and arrive late on a busy host.
pub const BLUR: f64 = 0.5;
/// How much longer than the gap an operation may take; s.
const SLOW: f64 = 5.0;
/// How soon `mfsctl status` has to call it healthy; s.
const HEALTHY: u64 = 90;
/// Longest wait for that, so that the next load begins on a healthy cluster: a chunk whose version mfsmaster holds wrongly, or
/// that it has to copy once more, is seen to when its loop over all chunks comes by, every 300 s.
const MENDED: u64 = 420;
/// What mfsmaster sees to by itself in that time, without a file that cannot be read meanwhile.
const COPIES: [&str; 2] = ["chunks-endangered", "chunks-undergoal"];

/// What a scenario does to the cluster; it returns when the fault is over.
pub type Inject = fn(&Arena, &Roles) -> Result<(), String>;

/// A fault, and what is expected of the cluster.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    /// The other node has to take over, or nothing may move, or either is right.
    pub moves: Moves,
    /// Seconds until one node serves and the other is a healthy standby, from the end of the injection.
    pub bound: u64,
    /// Seconds for which the address may be on two nodes: where that is the fault, until it is mended.
    pub doubled: f64,
    /// Seconds that an operation may take longer than [`SLOW`] beyond the gap, for what is no matter of the masters.
    pub beside: f64,
    pub inject: Inject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moves {
    Yes,
    No,
    Either,
}

/// Who was what when the fault struck.
pub struct Roles {
    pub active: String,
    pub standby: String,
}

/// What came of a fault.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub scenario: &'static str,
    /// Longest time without any acknowledged record, s.
    pub gap: f64,
    /// Longest single operation, s.
    pub longest: f64,
    pub lost: u64,
    pub records: u64,
    pub errors: String,
    pub claims: Claims,
    /// Until all was healthy again, from the beginning of the fault, s.
    pub healthy: f64,
    /// What went wrong; empty when nothing did.
    pub wrong: Vec<String>,
    /// Why the cluster stayed down, from the nodes.
    pub said: String,
    /// What the node that served after the fault said of its metadata; a later fault may take its journal.
    pub start: String,
}

/// The cluster and its watch.
pub struct Arena<'a> {
    pub world: &'a World,
    pub timeline: Arc<Timeline>,
    threads: Vec<JoinHandle<()>>,
    runs: AtomicU32,
}

impl<'a> Arena<'a> {
    /// Puts client and watch on a provisioned lab.
    pub fn new(world: &'a World) -> Self {
        client::install(world, &[WRITER, READER], VIP, &MASTERS);
        let consoles = MASTERS.iter().map(|m| ((*m).to_owned(), world.lab().console(m).unwrap())).collect();
        let (timeline, threads) = Timeline::follow(consoles);
        let arena = Self { world, timeline, threads, runs: AtomicU32::new(0) };
        arena.settle(120).unwrap();
        arena
    }

    pub fn other(node: &str) -> &'static str {
        if node == MASTERS[0] { MASTERS[1] } else { MASTERS[0] }
    }

    /// Runs a shell line that must succeed.
    pub fn sh(&self, node: &str, line: &str) -> Result<String, String> {
        let (code, text) = self.world.try_sh(node, line, 60);
        if code == 0 { Ok(text) } else { Err(format!("{node}: {line}: exit {code}: {text}")) }
    }

    /// Waits until something holds.
    pub fn until(&self, what: &str, seconds: u64, holds: impl Fn() -> bool) -> Result<(), String> {
        let begin = Instant::now();
        while !holds() {
            if begin.elapsed() > Duration::from_secs(seconds) {
                return Err(format!("not within {seconds} s: {what}"));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    pub fn pause(&self, seconds: u64) {
        thread::sleep(Duration::from_secs(seconds));
    }

    /// Waits until that node serves.
    pub fn serves(&self, node: &str, seconds: u64) -> Result<(), String> {
        self.until(&format!("{node} serves"), seconds, || self.timeline.serving().as_deref() == Some(node))
    }

    /// Waits until that node's mfsmaster was seen to end, and serves again.
    pub fn restarted(&self, node: &str, seconds: u64) -> Result<(), String> {
        self.until(&format!("mfsmaster ends on {node}"), 20, || self.timeline.serving().as_deref() != Some(node))?;
        self.serves(node, seconds)
    }

    /// Waits until one serves and the other is a healthy standby, for three seconds on end; gives who serves.
    pub fn settle(&self, seconds: u64) -> Result<String, String> {
        let begin = Instant::now();
        let mut since: Option<(String, Instant)> = None;
        loop {
            match (self.timeline.settled(), &since) {
                (Some(node), Some((before, at))) if node == *before => {
                    if at.elapsed() > Duration::from_secs(3) {
                        return Ok(node);
                    }
                }
                (Some(node), _) => since = Some((node, Instant::now())),
                (None, _) => since = None,
            }
            if begin.elapsed() > Duration::from_secs(seconds) {
                let looks = MASTERS.map(|m| format!("{m}: {:?}", self.timeline.now(m)));
                return Err(format!("not settled within {seconds} s: {}", looks.join("; ")));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Does the scenarios one after another under one load, and judges what came of each. Ends early with one that failed.
    pub fn run(&self, scenarios: &[Scenario]) -> Vec<Outcome> {
        let mut struck = Vec::new();
        if let Err(wrong) = self.attempt(scenarios, &mut struck) {
            let name = scenarios.get(struck.len()).or(scenarios.last()).map_or("", |s| s.name);
            match struck.last_mut() {
                Some((outcome, _)) => outcome.wrong.push(wrong),
                None => struck.push((Outcome { scenario: name, wrong: vec![wrong], ..Outcome::default() }, (0, 0))),
            }
        }
        let mut outcomes: Vec<Outcome> = struck.into_iter().map(|(outcome, _)| outcome).collect();
        if let Some(last) = outcomes.iter_mut().rev().find(|o| !o.wrong.is_empty() && o.said.is_empty()) {
            last.said = self.why();
        }
        for outcome in outcomes.iter_mut().filter(|o| !o.wrong.is_empty() && !o.start.is_empty()) {
            outcome.said = format!("---- after {}\n{}\n{}", outcome.scenario, outcome.start, outcome.said);
        }
        outcomes
    }

    fn attempt(&self, scenarios: &[Scenario], struck: &mut Vec<(Outcome, (u64, u64))>) -> Result<(), String> {
        self.settle(180).map_err(|e| format!("before the fault: {e}"))?;
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let name = format!("chaos-{}-{}", std::process::id(), run);
        let client = Client::start(self.world, WRITER, READER, name);
        for scenario in scenarios {
            let mut outcome = Outcome { scenario: scenario.name, ..Outcome::default() };
            let from = epoch();
            let done = self.strike(scenario, &client, &mut outcome);
            struck.push((outcome, (from, epoch())));
            done?;
        }
        let found = client.finish();
        self.judge_findings(scenarios, &found, struck);
        self.healthy().map_err(|e| format!("status after the fault: {e}"))
    }

    fn strike(&self, scenario: &Scenario, client: &Client, outcome: &mut Outcome) -> Result<(), String> {
        let active = self.settle(60)?;
        let roles = Roles { standby: Self::other(&active).to_owned(), active };
        let begin = Instant::now();
        let injected = (scenario.inject)(self, &roles);
        let settled = self.settle(scenario.bound);
        outcome.healthy = (begin.elapsed().as_secs_f64() - 3.0).max(0.0);
        let goes_on = client.goes_on(Duration::from_secs(if settled.is_ok() { 60 } else { 5 }));
        outcome.claims = claims(&self.timeline.history(MASTERS[0]), &self.timeline.history(MASTERS[1]), begin);
        self.judge_claims(scenario, outcome);
        injected.map_err(|e| format!("the fault did not take its way: {e}"))?;
        let serving = settled?;
        let ask = "journalctl -u moosefs-master --since -3min --no-pager -o short-monotonic | grep 'metadata: ' | tail -n 8";
        outcome.start = self.world.try_sh(&serving, ask, 20).1;
        match scenario.moves {
            Moves::Yes if serving != roles.standby => outcome.wrong.push(format!("{serving} serves, not {}", roles.standby)),
            Moves::No if serving != roles.active => outcome.wrong.push(format!("{serving} serves, not {}", roles.active)),
            _ => {}
        }
        if !goes_on {
            outcome.wrong.push("the client's writes do not go on".into());
        }
        if !outcome.wrong.is_empty() {
            // Later faults restart the nodes, and with them their journals are gone.
            outcome.said = self.why();
        }
        Ok(())
    }

    fn judge_claims(&self, scenario: &Scenario, outcome: &mut Outcome) {
        let found = outcome.claims;
        for (seconds, bound, what) in [
            (found.two_primaries, BLUR, "two Primaries"),
            (found.two_masters, BLUR, "two masters within reach"),
            (found.two_addresses, scenario.doubled, "the address on two nodes within reach"),
        ] {
            if seconds > bound {
                outcome.wrong.push(format!("{what} for {seconds:.1} s"));
            }
        }
    }

    fn judge_findings(&self, scenarios: &[Scenario], found: &Findings, struck: &mut [(Outcome, (u64, u64))]) {
        let mut told = false;
        for (scenario, (outcome, (from, to))) in scenarios.iter().zip(&mut *struck) {
            outcome.gap = found.longest("gaps", *from, *to);
            outcome.longest = found.longest("long", *from, *to);
            if outcome.longest > outcome.gap + SLOW + scenario.beside {
                outcome.wrong.push(format!("an operation took {:.1} s, the gap {:.1} s", outcome.longest, outcome.gap));
            }
            let failed = found.failed(*from, *to);
            told |= !failed.is_empty();
            outcome.wrong.extend(failed);
        }
        // What is lost is known only at the end of a load: it is told with its last fault.
        let Some((last, _)) = struck.last_mut() else { return };
        last.records = found.number("records") + found.number("files");
        last.lost = found.lost();
        last.errors = found.text("errors").to_owned();
        if !found.text("unreadable").is_empty() {
            last.wrong.push(format!("could not be read for a time (file:s): {}", found.text("unreadable")));
        }
        if last.lost > 0 {
            last.wrong.push(format!("{} acknowledged were lost or damaged: {}", last.lost, found.faults.join("; ")));
        }
        if found.number("hanging") > 0 {
            last.wrong.push(format!("{} client threads hang for good", found.number("hanging")));
        }
        if !last.errors.is_empty() && !told {
            last.wrong.push(format!("errors at the client (operation:errno): {}", last.errors));
        }
    }

    /// Waits until `mfsctl status` calls it healthy.
    fn healthy(&self) -> Result<(), String> {
        let begin = Instant::now();
        let mut late = None;
        loop {
            let ran = self.world.mfsctl(&["status", "--format", "json"], 120);
            if ran.code == Some(0) {
                let took = begin.elapsed().as_secs();
                return late.map_or(Ok(()), |what| Err(format!("healthy only after {took} s; after {HEALTHY} s it had {what}")));
            }
            let ill = ill(&ran.out);
            if begin.elapsed() > Duration::from_secs(MENDED) {
                return Err(format!("{}\n{}", ill.join("\n"), ran.err));
            }
            let others = ill.iter().filter(|line| !COPIES.iter().any(|id| line.starts_with(id))).cloned().collect::<Vec<_>>();
            if begin.elapsed() > Duration::from_secs(HEALTHY) && !others.is_empty() {
                late = late.or(Some(others.join("; ")));
            }
            thread::sleep(Duration::from_secs(1));
        }
    }

    /// What both nodes know about it, and what became of the chunks that are missing.
    pub fn why(&self) -> String {
        let ask = "mfs-ha status; mfs-ha votes; cat /proc/drbd; journalctl -t mfs-ha -n 80 --no-pager -o short-monotonic";
        let nodes = MASTERS.map(|m| format!("---- {m}\n{}\n", self.world.try_sh(m, ask, 60).1)).concat();
        nodes + &self.missing()
    }

    /// The chunks that mfsmaster calls missing: its log, their changes, and the copies the chunkservers have. Empty where none is.
    fn missing(&self) -> String {
        let Some(active) = self.timeline.serving() else { return String::new() };
        let ask = format!("mfscli -H {VIP} -SMF | grep -o '[0-9A-F]\\{{16\\}}' | sort -u | head -5");
        let (code, ids) = self.world.try_sh(&active, &ask, 60);
        let ids: Vec<(&str, u64)> = ids.split_whitespace().filter_map(|id| Some((id, u64::from_str_radix(id, 16).ok()?))).collect();
        if code != 0 || ids.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> = ids.iter().map(|(_, id)| id.to_string()).collect();
        let changes = format!(
            "journalctl -t mfsmaster -n 2000 --no-pager -o short-monotonic | grep -v 'mfsmaster\\[[0-9]*\\]: mfsmaster\\|register\\|csdb' | tail -n 60; \
             grep -wE '{}' /data/drbd/mfs/changelog.?.mfs | tail -n 40",
            numbers.join("|")
        );
        let mut said = format!("---- missing {ids:?}, {active}\n{}\n", self.world.try_sh(&active, &changes, 60).1);
        for node in WITNESSES {
            let names: Vec<String> = ids.iter().map(|(id, _)| format!("-name 'chunk_{id}_*'")).collect();
            let ask = format!("find /mnt/mfs1 \\( {} \\) -printf '%p %s %t\\n'", names.join(" -o "));
            said += &format!("---- {node}\n{}\n", self.world.try_sh(node, &ask, 60).1);
        }
        said
    }
}

/// Milliseconds since 1970, as the clients count them.
pub fn epoch() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_millis()).unwrap()
}

impl Drop for Arena<'_> {
    fn drop(&mut self) {
        self.timeline.end();
        self.threads.drain(..).for_each(|t| drop(t.join()));
    }
}

/// The warnings and worse of a status in JSON, as `ID: message`; what is none, as it is.
fn ill(status: &str) -> Vec<String> {
    let Ok(status) = serde_json::from_str::<serde_json::Value>(status) else { return vec![status.to_owned()] };
    let findings = status["findings"].as_array().cloned().unwrap_or_default();
    let of = |f: &serde_json::Value, key: &str| f[key].as_str().unwrap_or_default().to_owned();
    let ill = findings.iter().filter(|f| matches!(f["severity"].as_str(), Some("warning" | "critical")));
    ill.map(|f| format!("{}: {}", of(f, "id"), of(f, "message"))).collect()
}
