//! `make bench`: the gap of a takeover against two peers in the same run: the floor (mfsmaster stopped and started where it
//! is, nothing moved) and the hand-made pair of tests/lab/naive.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::arena::{Arena, MASTERS, READER, VIP, WRITER, epoch};
use super::client::Client;
use super::{cluster, setting};

type Done = Result<(), String>;
/// What is done to the cluster whose active node is named.
type Act = fn(&Arena, &str) -> Done;

/// How long writes may stand still before a takeover counts as never.
const NEVER: Duration = Duration::from_secs(150);
/// How long a write that was under way may hang before it counts as never ended; with the hand-made pair they hang for minutes.
const HANGS: Duration = Duration::from_secs(400);
/// Planned gap over the floor, at most.
const PLANNED: f64 = 1.3;
/// Crash gap without loading the metadata, at most; s.
const CRASH: f64 = 6.0;
/// Until a master that hangs is known to hang, at most; s.
const DETECTED: f64 = 5.0;
/// What stands in the journal when the master is made to hang.
const STOPPED: &str = "bench: mfsmaster is stopped";

/// Files of the hand-made pair.
const NAIVE: &[(&str, &str)] = &[
    ("master.sh", include_str!("../naive/master.sh")),
    ("backup.sh", include_str!("../naive/backup.sh")),
    ("check.sh", include_str!("../naive/check.sh")),
    ("keepalived.conf", include_str!("../naive/keepalived.conf")),
];
/// The interface with the node's own address.
const INTERFACE: &str = "ip -o -4 addr show | sed -n 's/^[0-9]*: \\([a-z0-9]*\\) *inet 172.16.2.4[12].*/\\1/p' | head -n 1";

/// One measured gap.
#[derive(Debug, Clone)]
struct Round {
    /// Longest time without an acknowledged record; `None` when writing did not go on, or one write never ended. Seconds.
    gap: Option<f64>,
    /// From mfsmaster's start until it listens; s.
    load: Option<f64>,
    /// From the hang until the node knows of it; s.
    detected: Option<f64>,
    lost: u64,
}

/// Measures everything; `true` when the limits are met.
pub fn main() -> bool {
    let rounds = setting("ROUNDS", 3);
    let only = std::env::var("ONLY").unwrap_or_default();
    let only: Vec<&str> = only.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    let wanted = |name: &str| only.is_empty() || only.contains(&name);
    let world = cluster();
    let arena = Arena::new(&world);
    cost_of_a_process(&arena);
    let mut found: BTreeMap<&'static str, Vec<Round>> = BTreeMap::new();
    let mut done = turns(&arena, rounds, OURS, &wanted, &mut found, &|name, act| ours(&arena, name, act));
    if done.is_ok() && HAND_MADE.iter().any(|(name, _)| wanted(name)) {
        done = hand_made(&arena, rounds, &wanted, &mut found);
    }
    // What was measured is told also when something broke.
    let met = verdict(&found, !only.is_empty());
    done.map_or_else(|e| panic!("{e}"), |()| met)
}

/// Every one of these in turn, so many times.
fn turns(
    arena: &Arena,
    rounds: u64,
    acts: &[(&'static str, Act)],
    wanted: &dyn Fn(&str) -> bool,
    found: &mut BTreeMap<&'static str, Vec<Round>>,
    round: &dyn Fn(&str, Act) -> Result<Round, String>,
) -> Done {
    for _ in 0..rounds {
        for (name, act) in acts.iter().filter(|(name, _)| wanted(name)) {
            let round = round(name, *act).map_err(|e| format!("{name}: {e}\n{}", arena.why()))?;
            println!("{name}: {round:?}");
            found.entry(name).or_default().push(round);
        }
    }
    Ok(())
}

/// How long a process takes to start there and here: most of what a takeover costs besides loading is processes.
fn cost_of_a_process(arena: &Arena) {
    const COUNT: u32 = 100;
    let begin = Instant::now();
    let here = (0..COUNT).filter(|_| Command::new("/bin/true").status().is_ok_and(|s| s.success())).count();
    let here = begin.elapsed().as_secs_f64() * 1000.0 / here.max(1) as f64;
    let loops = format!(
        "read -r a _ </proc/uptime; n=0; while [ $n -lt {COUNT} ]; do /bin/true; n=$((n + 1)); done; read -r b _ </proc/uptime; echo $a $b"
    );
    let told = arena.sh(MASTERS[1], &loops).unwrap_or_else(|e| panic!("{e}"));
    let times: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let &[from, to] = times.as_slice() else { panic!("{}: {told:?}", MASTERS[1]) };
    println!("starting a process: {:.1} ms on a master, {here:.1} ms on this computer", (to - from) * 1000.0 / f64::from(COUNT));
}

fn hand_made(arena: &Arena, rounds: u64, wanted: &dyn Fn(&str) -> bool, found: &mut BTreeMap<&'static str, Vec<Round>>) -> Done {
    let naive = Naive::install(arena).map_err(|e| format!("the hand-made pair: {e}"))?;
    let done = turns(arena, rounds, HAND_MADE, wanted, found, &|name, act| naive.round(name, act));
    // The lab may be somebody's who goes on with it.
    let removed = naive.remove().map_err(|e| format!("the hand-made pair: {e}"));
    done.and(removed)
}

/// What is done to the cluster, and how mfsctl's pair takes it.
const OURS: &[(&str, Act)] = &[
    ("floor", |a, active| a.sh(active, "mfs-ha restart-master").map(drop)),
    ("planned", |a, _| {
        let ran = a.world.mfsctl(&["failover", "--yes"], 300);
        if ran.code == Some(0) { Ok(()) } else { Err(format!("exit {:?}: {}{}", ran.code, ran.out, ran.err)) }
    }),
    ("killed", |a, active| {
        a.sh(active, "rm -f /run/mfs-ha/restarted; pkill -KILL -x mfsmaster")?;
        a.restarted(active, 120)
    }),
    ("killed, moved", |a, active| {
        a.sh(active, "read -r up _ </proc/uptime; echo ${up%.*} >/run/mfs-ha/restarted; pkill -KILL -x mfsmaster")?;
        a.serves(Arena::other(active), 120)
    }),
    ("hung", |a, active| {
        a.sh(active, &format!("rm -f /run/mfs-ha/restarted; logger -t mfs-ha '{STOPPED}'; pkill -STOP -x mfsmaster"))?;
        a.restarted(active, 120)
    }),
    ("power cut", |a, active| power_cut(a, active, |a| a.serves(Arena::other(active), 120))),
];

fn power_cut(a: &Arena, active: &str, then: impl FnOnce(&Arena) -> Done) -> Done {
    a.world.lab().crash(active).map_err(|e| e.to_string())?;
    a.timeline.away(active, true);
    let done = then(a);
    a.timeline.away(active, false);
    a.world.lab().boot(active).map_err(|e| e.to_string())?;
    done
}

fn ours(arena: &Arena, name: &str, act: Act) -> Result<Round, String> {
    let active = arena.settle(180)?;
    let begin = epoch();
    let (pause, lost) = pause(arena, || act(arena, &active))?;
    let serving = arena.settle(180)?;
    let steps = "journalctl --since -10min -o short-unix --no-pager | grep -E 'start option:|mfs-ha\\[|mfs-ha: |block drbd0: (conn|role|disk|pdsk|helper)|drbd mfs: (conn|helper|PingAck|susp)' | cut -c1-160 | tail -n 60";
    let told = arena.sh(&serving, steps)?;
    let gap = pause.map(|(_, took)| took);
    let at = |what: &str| told.lines().rev().find(|l| l.contains(what)).and_then(|l| l.split(' ').next()?.parse::<f64>().ok());
    let load = at("start option:").zip(at("mfsmaster listens")).map(|(from, to)| to - from).filter(|s| *s > 0.0);
    let detected = at(STOPPED).zip(at("mfsmaster hangs: it")).map(|(from, to)| to - from).filter(|s| name == "hung" && *s > 0.0);
    phases(name, &told, begin, pause.map(|(end, _)| end));
    if lost > 0 {
        return Err(format!("{lost} acknowledged records are lost"));
    }
    Ok(Round { gap, load, detected, lost })
}

/// The steps of the node that serves now since the fault, each with the time since the fault and since the step before it,
/// and when the client's pause was over.
fn phases(name: &str, told: &str, begin: u64, end: Option<f64>) {
    let fault = begin as f64 / 1000.0;
    let steps = told.lines().filter_map(|line| {
        let at: f64 = line.split(' ').next()?.parse().ok()?;
        Some((at, line.split_once(": ").map_or("", |(_, what)| what)))
    });
    let end = end.map(|at| (at, "the client goes on"));
    let mut steps: Vec<(f64, &str)> = steps.chain(end).filter(|(at, _)| *at >= fault).collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!("  {name}, on the node that serves now:");
    let mut before = fault;
    for (at, what) in steps {
        println!("    {:6.2} s  +{:5.2} s  {what}", at - fault, at - before);
        before = at;
    }
}

/// The client's longest pause around something (its end, s since 1970, and its length, s), and what it lost.
fn pause(arena: &Arena, act: impl FnOnce() -> Done) -> Result<(Option<(f64, f64)>, u64), String> {
    let client = Client::start(arena.world, WRITER, READER, format!("bench-{}-{}", std::process::id(), epoch()));
    let from = epoch();
    let done = act();
    let goes_on = client.goes_on(NEVER);
    thread::sleep(Duration::from_secs(2));
    let to = epoch();
    done?;
    if !goes_on {
        return Ok((None, 0));
    }
    let Some(found) = client.finish_within(HANGS) else { return Ok((None, 0)) };
    Ok((Some(found.longest_pause(from, to)), found.lost()))
}

/// The hand-made pair in place of mfsctl's.
struct Naive<'a, 'b> {
    arena: &'a Arena<'b>,
}

/// What is done to the hand-made pair; the planned move is the runbook's, by hand, in the right order.
const HAND_MADE: &[(&str, Act)] = &[
    ("naive planned", |a, active| a.sh(active, "/root/naive/backup.sh; systemctl stop naive-keepalived").map(drop)),
    ("naive killed", |a, active| a.sh(active, "pkill -KILL -x mfsmaster").map(drop)),
    ("naive power cut", |a, active| power_cut(a, active, |a| a.until("the other listens", 120, || listens(a, Arena::other(active))))),
];

fn listens(a: &Arena, node: &str) -> bool {
    a.world.try_sh(node, "grep -q ':24CD 00000000:0000 0A' /proc/net/tcp", 20).0 == 0
}

impl<'a, 'b> Naive<'a, 'b> {
    /// Puts mfsctl's takeover aside on both, and the hand-made one there.
    fn install(arena: &'a Arena<'b>) -> Result<Self, String> {
        arena.settle(180)?;
        let off = "systemctl disable -q --now keepalived mfs-ha mfs-ha-agent; cp /etc/drbd.d/mfs.res /root/mfs.res.ours; \
            sed -i -e '/fencing /d' -e '/fence-peer /d' /etc/drbd.d/mfs.res; drbdadm adjust mfs; mkdir -p /root/naive; sync";
        for node in MASTERS {
            arena.sh(node, off)?;
            for (name, text) in NAIVE {
                let put = format!("cat >/root/naive/{name} && case {name} in *.sh) chmod 755 /root/naive/{name} ;; esac");
                let (code, said) = arena.world.try_sh_with(node, &put, text.as_bytes(), 30);
                if code != 0 {
                    return Err(format!("{node}: {said}"));
                }
            }
            arena.sh(node, &format!("sed -i \"s/INTERFACE/$({INTERFACE})/\" /root/naive/keepalived.conf; sync"))?;
        }
        let naive = Self { arena };
        naive.idle()?;
        Ok(naive)
    }

    /// Nobody serves, both in sync.
    fn idle(&self) -> Done {
        for node in MASTERS {
            self.arena.until(&format!("{node} answers"), 120, || self.arena.world.try_sh(node, "true", 20).0 == 0)?;
            self.arena.sh(
                node,
                &format!(
                    "systemctl stop naive-keepalived 2>/dev/null; rm -f /run/naive-active; pkill -x mfsmaster; \
                     for i in $(seq 50); do pgrep -x mfsmaster >/dev/null || break; sleep 0.2; done; pkill -KILL -x mfsmaster; \
                     mountpoint -q /data/drbd && umount /data/drbd; ip addr del {VIP}/24 dev $({INTERFACE}) 2>/dev/null; \
                     drbdadm adjust mfs; drbdadm secondary mfs; :"
                ),
            )?;
        }
        self.arena.until("both are in sync", 120, || {
            self.arena.world.try_sh(MASTERS[0], "grep -q 'cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate' /proc/drbd", 20).0 == 0
        })
    }

    fn keepalived(&self, node: &str) -> Done {
        let run = "systemctl reset-failed naive-keepalived 2>/dev/null; systemd-run -q --collect --unit naive-keepalived \
            -p KillMode=process /usr/sbin/keepalived -n -P -f /root/naive/keepalived.conf -p /run/naive.pid -r /run/naive-vrrp.pid";
        self.arena.sh(node, run).map(drop)
    }

    fn round(&self, name: &str, act: Act) -> Result<Round, String> {
        self.idle()?;
        let (active, standby) = (MASTERS[0], MASTERS[1]);
        self.keepalived(active)?;
        self.arena.until("the hand-made pair serves", 120, || listens(self.arena, active))?;
        self.arena.sh(active, "for i in $(seq 50); do [ -e /run/naive-active ] && break; sleep 0.2; done")?;
        self.keepalived(standby)?;
        self.arena.world.try_sh(WRITER, "timeout 60 sh -c 'until : >/mnt/mfs/naive; do sleep 1; done'", 80);
        self.arena.sh(standby, ": >/root/naive/log")?;
        thread::sleep(Duration::from_secs(3));
        let (pause, lost) = pause(self.arena, || act(self.arena, active))?;
        let gap = pause.map(|(_, took)| took);
        let told = self.arena.sh(standby, "cat /root/naive/log")?;
        println!("  {name}, on {standby}: {}", told.replace('\n', "; "));
        // Its scripts may overlap: the first that listens, and the last that was started before.
        let at = |line: &str| line.split(' ').next()?.parse::<f64>().ok();
        let lines: Vec<&str> = told.lines().collect();
        let listens = lines.iter().position(|l| l.ends_with(" listens"));
        let started = listens.and_then(|to| lines[..to].iter().rposition(|l| l.ends_with(" start")));
        let load = started.and_then(|n| at(lines[n])).zip(listens.and_then(|n| at(lines[n]))).map(|(from, to)| to - from);
        Ok(Round { gap, load, detected: None, lost })
    }

    /// mfsctl's takeover again.
    fn remove(self) -> Done {
        self.idle()?;
        for node in MASTERS {
            self.arena.sh(
                node,
                "mv /root/mfs.res.ours /etc/drbd.d/mfs.res && drbdadm adjust mfs && rm -rf /root/naive && \
                 systemctl enable -q --now mfs-ha mfs-ha-agent keepalived",
            )?;
        }
        self.arena.settle(180).map(drop)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// The table, and whether the limits are met; with `partial` what was not measured has none.
fn verdict(found: &BTreeMap<&str, Vec<Round>>, partial: bool) -> bool {
    let of = |name: &str| found.get(name).map(Vec::as_slice).unwrap_or_default();
    let gap = |name: &str| median(of(name).iter().filter_map(|r| r.gap).collect());
    // Without loading: the time of that very round is taken off.
    let net = |name: &str| median(of(name).iter().filter_map(|r| Some(r.gap? - r.load?)).collect());
    let word = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"));
    println!("\n{:<16} {:>5} {:>11} {:>11} {:>13} {:>6} {:>6}", "", "runs", "gap, s", "loading, s", "gap - load, s", "never", "lost");
    for (name, rounds) in found {
        let load = median(rounds.iter().filter_map(|r| r.load).collect());
        let never = rounds.iter().filter(|r| r.gap.is_none()).count();
        let lost: u64 = rounds.iter().map(|r| r.lost).sum();
        println!("{name:<16} {:>5} {:>11} {:>11} {:>13} {never:>6} {lost:>6}", rounds.len(), word(gap(name)), word(load), word(net(name)));
    }
    let mut met = true;
    let mut limit = |what: &str, value: Option<f64>, most: Option<f64>| {
        if partial && (value.is_none() || most.is_none()) {
            return;
        }
        let well = matches!((value, most), (Some(value), Some(most)) if value <= most);
        println!("{what}: {} (limit {}): {}", word(value), word(most), if well { "met" } else { "NOT met" });
        met &= well;
    };
    println!();
    limit("hung master known, s", median(of("hung").iter().filter_map(|r| r.detected).collect()), Some(DETECTED));
    limit("planned / floor", gap("planned").zip(gap("floor")).map(|(a, b)| a / b), Some(PLANNED));
    for (name, peer) in [("killed", "naive killed"), ("power cut", "naive power cut")] {
        limit(&format!("{name}, without loading, s"), net(name), Some(CRASH));
        // A peer that never came back is no limit.
        limit(&format!("{name}, without loading, against the hand-made pair, s"), net(name), net(peer).or(Some(f64::INFINITY)));
    }
    met
}
