//! Every layer of a master's takeover as its own agent sees it: the answer of `mfs-ha report`.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Serialize;

use super::FactError;

const NAME: &str = "mfs-ha report";

/// One master's layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HaReport {
    /// Node name, as its own settings have it.
    pub node: String,
    /// What keepalived wished last: `master`, `backup`, `fault`, `stop`, `undecided`, `none`.
    pub wish: String,
    /// DRBD role: `Primary`, `Secondary`, `unknown`.
    pub role: String,
    /// The peer's role as DRBD knows it.
    pub peer_role: String,
    /// DRBD's connection state.
    pub connection: String,
    /// This side's disk state.
    pub disk: String,
    /// The peer's disk state.
    pub peer_disk: String,
    /// Whether the volume is mounted.
    pub mounted: bool,
    /// `ActiveState` of mfsmaster's unit.
    pub master: String,
    /// Whether the clients' port listens.
    pub listening: bool,
    /// Whether the virtual address is here.
    pub vip: bool,
    /// Whether the agent calls the node fit; `None` when it never ran.
    pub healthy: Option<bool>,
    /// Why not.
    pub why: String,
    /// A fault in force.
    pub fault: Option<Pause>,
    /// A hold in force.
    pub hold: Option<Pause>,
    /// Whether mfsmaster is being restarted without a takeover.
    pub restarting: bool,
    /// Whether a promotion or demotion is under way.
    pub busy: bool,
    /// Whether this node holds the votes.
    pub holding: bool,
    /// `ActiveState` of keepalived.
    pub keepalived: String,
    /// `ActiveState` of the worker.
    pub worker: String,
    /// `ActiveState` of the agent.
    pub agent: String,
    /// Seconds since replication was lost.
    pub lost_seconds: Option<u64>,
    /// Space of the metadata volume, on the active node; `None` where the agent has not looked.
    pub space: Option<Space>,
    /// Whether a change of the witnesses is not finished: a majority of those of before is needed too.
    pub witnesses_change: bool,
    /// The lists of witnesses that must each agree by majority: one, and those of before too while the witnesses change. A list
    /// without any is left out; empty where the script is an earlier one and does not tell.
    pub witness_lists: Vec<Vec<Ipv4Addr>>,
    /// Why a start here would not learn which new chunks are on no chunkserver, though all are asked for it: a write that was
    /// under way might then fail. `None` when it would, when not all chunkservers are witnesses, or when the script does not tell.
    pub new_chunks_untold: Option<String>,
    /// Each witness asked and its answer; `None` when another question was under way.
    pub votes: Option<BTreeMap<Ipv4Addr, Vote>>,
}

/// Something that ends by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Seconds left.
    pub left: u64,
    /// Why.
    pub why: String,
    /// Who set it, `user@host`; empty for a fault.
    pub by: String,
}

impl Pause {
    /// In words: for how long, by whom, why.
    #[must_use]
    pub fn told(&self) -> String {
        let by = if self.by.is_empty() { "somebody" } else { &self.by };
        format!("on hold for another {}, by {by}: {}", self.remaining(), self.why)
    }

    /// The time left: `59 s`, `24 min`.
    #[must_use]
    pub fn remaining(&self) -> String {
        match self.left {
            seconds @ ..120 => format!("{seconds} s"),
            seconds => format!("{} min", seconds.div_ceil(60)),
        }
    }
}

/// Space of the metadata volume as the agent of the active node sees it: `low 512 20460 1023`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Space {
    /// What that means.
    pub state: SpaceState,
    /// MiB free, the reserve not counted.
    pub free_mib: u64,
    /// MiB in all.
    pub total_mib: u64,
    /// MiB in reserve; 0 when it is given up, or not made yet.
    pub reserve_mib: u64,
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpaceState {
    /// Enough.
    Ok,
    /// Nearly full.
    Low,
    /// Full: the reserve is given up.
    Full,
}

impl Space {
    /// Reads the agent's line; `None` when it is empty or of another form.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let state = match words.next()? {
            "ok" => SpaceState::Ok,
            "low" => SpaceState::Low,
            "full" => SpaceState::Full,
            _ => return None,
        };
        let mut number = || words.next()?.parse().ok();
        Some(Self { state, free_mib: number()?, total_mib: number()?, reserve_mib: number()? })
    }

    /// `512 of 20460 MiB free, 1023 MiB in reserve`.
    #[must_use]
    pub fn words(&self) -> String {
        let reserve = if self.reserve_mib == 0 { "no reserve".to_owned() } else { format!("{} MiB in reserve", self.reserve_mib) };
        format!("{} of {} MiB free, {reserve}", self.free_mib, self.total_mib)
    }
}

/// What a witness said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "answer", content = "holder")]
pub enum Vote {
    /// Nobody holds its word.
    Free,
    /// This node holds it.
    Held(String),
    /// It did not answer.
    Silent,
}

/// Reads what `mfs-ha report` prints.
///
/// # Errors
/// When a key is missing or a value has another form.
pub fn parse(text: &str) -> Result<HaReport, FactError> {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    let mut votes = BTreeMap::new();
    let mut asked = true;
    for line in text.lines().filter(|l| !l.is_empty()) {
        let (key, value) = line.split_once('=').ok_or_else(|| FactError::new(NAME, "key=value", line))?;
        match (key, value) {
            ("vote", value) => {
                let (address, holder) = value.split_once(' ').unwrap_or((value, "?"));
                let address = address.parse().map_err(|_| FactError::new(NAME, "a witness' address", line))?;
                let vote = match holder {
                    "?" => Vote::Silent,
                    "-" => Vote::Free,
                    holder => Vote::Held(holder.to_owned()),
                };
                votes.insert(address, vote);
            }
            ("votes", "busy") => asked = false,
            (key, value) => {
                keys.insert(key, value);
            }
        }
    }
    let word = |key: &str| keys.get(key).map(|v| (*v).to_owned()).ok_or_else(|| FactError::new(NAME, &format!("the key {key}"), text));
    let yes = |key: &str| word(key).map(|v| v == "yes");
    let number = |key: &str| word(key).map(|v| v.parse::<u64>().ok());
    let pause = |key: &str| -> Result<Option<Pause>, FactError> {
        let left = number(&format!("{key}_left"))?;
        let by = keys.get(format!("{key}_by").as_str()).copied().unwrap_or_default().to_owned();
        let why = word(key)?;
        Ok(left.map(|left| Pause { left, why, by }))
    };
    Ok(HaReport {
        node: word("node")?,
        wish: word("wish")?,
        role: word("role")?,
        peer_role: word("peer_role")?,
        connection: word("connection")?,
        disk: word("disk")?,
        peer_disk: word("peer_disk")?,
        mounted: yes("mounted")?,
        master: word("master")?,
        listening: yes("listening")?,
        vip: yes("vip")?,
        healthy: match word("health")?.as_str() {
            "0" => Some(true),
            "1" => Some(false),
            _ => None,
        },
        why: word("why")?,
        fault: pause("fault")?,
        hold: pause("hold")?,
        restarting: number("restarting_left")?.is_some(),
        busy: yes("busy")?,
        holding: yes("holding")?,
        keepalived: word("keepalived")?,
        worker: word("worker")?,
        agent: word("agent")?,
        lost_seconds: number("lost_since")?,
        space: keys.get("space").and_then(|line| Space::parse(line)),
        // Scripts of before do not tell.
        witnesses_change: keys.get("witnesses_change") == Some(&"yes"),
        witness_lists: lists(keys.get("witness_lists").copied().unwrap_or_default())?,
        new_chunks_untold: keys.get("new_chunks").and_then(|v| v.strip_prefix("unknown: ")).map(str::to_owned),
        votes: asked.then_some(votes),
    })
}

/// Reads lists of addresses: `10.0.0.1 10.0.0.2;10.0.0.1`; `none` is a list without any.
fn lists(text: &str) -> Result<Vec<Vec<Ipv4Addr>>, FactError> {
    let address = |word: &str| word.parse().map_err(|_| FactError::new(NAME, "lists of witnesses' addresses", text));
    let list = |words: &str| words.split_whitespace().filter(|w| *w != "none").map(address).collect::<Result<Vec<_>, _>>();
    let lists: Vec<Vec<Ipv4Addr>> = text.split(';').map(list).collect::<Result<_, _>>()?;
    Ok(lists.into_iter().filter(|l| !l.is_empty()).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ACTIVE: &str = include_str!("../../tests/fixtures/ha/report-active.txt");

    #[test]
    fn an_active_node_on_hold() {
        let report = parse(ACTIVE).unwrap();
        assert_eq!((report.node.as_str(), report.role.as_str(), report.healthy), ("m1", "Primary", Some(true)));
        let hold = report.hold.unwrap();
        assert_eq!((hold.by.as_str(), hold.why.as_str()), ("ann@desk", "new switch"));
        assert!(hold.left > 0 && report.fault.is_none() && !report.busy);
        assert_eq!(report.votes.unwrap().len(), 1);
    }

    #[test]
    fn votes_free_held_silent_or_not_asked() {
        let with = |votes: &str| {
            let rest: String = ACTIVE.lines().filter(|l| !l.starts_with("vote")).map(|l| format!("{l}\n")).collect();
            parse(&format!("{rest}{votes}")).unwrap().votes
        };
        let votes = with("vote=10.0.0.1 m2\nvote=10.0.0.2 -\nvote=10.0.0.3 ?\n").unwrap();
        let all: Vec<&Vote> = votes.values().collect();
        assert_eq!(all, [&Vote::Held("m2".into()), &Vote::Free, &Vote::Silent]);
        assert_eq!(with("votes=busy\n"), None);
        let change = |line: &str| parse(&format!("{ACTIVE}{line}")).unwrap().witnesses_change;
        assert!(change("witnesses_change=yes\n") && !change("witnesses_change=no\n") && !change(""));
        assert!(parse("vote=nonsense -\n").is_err());
    }

    #[test]
    fn lists_of_witnesses() {
        let lists = |line: &str| parse(&format!("{ACTIVE}{line}")).map(|r| r.witness_lists.iter().map(Vec::len).collect::<Vec<_>>());
        assert_eq!(lists("witness_lists=10.0.0.1 10.0.0.2 10.0.0.3;10.0.0.1\n").unwrap(), [3, 1]);
        assert_eq!(lists("witness_lists=10.0.0.1;none\n").unwrap(), [1]);
        for none in ["witness_lists=\n", "witness_lists=none\n", ""] {
            assert!(lists(none).unwrap().is_empty(), "{none}");
        }
        assert!(lists("witness_lists=10.0.0.1 cs1\n").is_err());
    }

    #[test]
    fn the_space_of_the_volume() {
        assert_eq!(parse(ACTIVE).unwrap().space.unwrap().words(), "7012 of 7894 MiB free, 394 MiB in reserve");
        let full = Space::parse("full 3 505 0").unwrap();
        assert_eq!((full.state, full.words().as_str()), (SpaceState::Full, "3 of 505 MiB free, no reserve"));
        for other in ["", "ok", "ok 1 2", "fine 1 2 3", "low x 2 3"] {
            assert_eq!(Space::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let without: String = ACTIVE.lines().filter(|l| !l.starts_with("busy=")).map(|l| format!("{l}\n")).collect();
        assert!(parse(&without).unwrap_err().to_string().contains("the key busy"));
        assert!(parse("usage\n").is_err());
    }
}
