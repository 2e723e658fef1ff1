//! What is wrong in the layers of the takeover, and where they contradict each other.

use super::catalogue::{Entry, pair, takeover};
use super::{CLUSTER, Finding, Found, Severity, drbd, is_healthy};
use crate::fact::drbd_status::Connection;
use crate::fact::ha_report::{HaReport, SpaceState, Vote};

/// A master and what its agent said, or why it could not be asked.
pub type Layers = (String, Result<HaReport, String>);

const FIX_AGENT: &str = "see `journalctl -t mfs-ha` there";

/// Judges the layers of both masters; the worst comes first. What is as it should be is not told.
#[must_use]
pub fn judge(layers: &[Layers]) -> Vec<Finding> {
    let mut found = Found { rule: "takeover", findings: Vec::new() };
    let known: Vec<&HaReport> = layers.iter().filter_map(|(_, r)| r.as_ref().ok()).collect();
    for (node, reason) in layers.iter().filter_map(|(n, r)| r.as_ref().err().map(|e| (n, e))) {
        let fix = "reach it, or see at its console whether it runs; what it does now is not known";
        found.tell(&takeover::TAKEOVER_UNASKED, node, format!("it could not be asked: {reason}"), "both masters answer", fix);
    }
    for report in &known {
        units(report, &mut found);
        fitness(report, &mut found);
        volume(report, &mut found);
        votes(report, &mut found);
    }
    let all = known.len() == layers.len();
    roles(&known, all, &mut found);
    holds(&known, &mut found);
    wishes(&known, &mut found);
    found.findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    found.findings
}

/// Whether the takeover is as it should be.
#[must_use]
pub fn healthy(findings: &[Finding]) -> bool {
    is_healthy(findings)
}

/// Which nodes a release of the holds would make active or passive, in words; empty when nothing would move.
#[must_use]
pub fn after_release(layers: &[Layers]) -> Vec<String> {
    layers.iter().filter_map(|(_, r)| r.as_ref().ok()).filter_map(moves).collect()
}

fn moves(report: &HaReport) -> Option<String> {
    let primary = report.role == "Primary";
    let name = &report.node;
    match report.wish.as_str() {
        "master" if !primary => Some(format!("{name} becomes active: keepalived elected it meanwhile")),
        "master" if !report.listening => Some(format!("{name} starts mfsmaster again, which does not run")),
        "backup" | "fault" | "stop" if primary || report.mounted => {
            Some(format!("{name} stops mfsmaster and lets go of the volume: keepalived's wish for it is {}", report.wish))
        }
        "undecided" if primary => {
            Some(format!("{name} lets go of the volume unless keepalived confirms it within seconds: keepalived was restarted"))
        }
        _ => None,
    }
}

fn units(report: &HaReport, found: &mut Found) {
    for (unit, state) in [("keepalived", &report.keepalived), ("mfs-ha", &report.worker), ("mfs-ha-agent", &report.agent)] {
        if state != "active" {
            found.tell(
                &takeover::TAKEOVER_UNIT_DOWN,
                &report.node,
                format!("{unit} is {state}"),
                "active",
                format!("run `systemctl start {unit}` there"),
            );
        }
    }
}

fn fitness(report: &HaReport, found: &mut Found) {
    if report.healthy != Some(true) {
        let why = if report.why.is_empty() { "the agent has not said so yet" } else { &report.why };
        let (entry, fix) = match why.starts_with("stopped on purpose") {
            true => (&takeover::STOPPED_ON_PURPOSE, "`mfsctl start` when the work is done"),
            false => (&takeover::AGENT_UNFIT, FIX_AGENT),
        };
        found.tell(entry, &report.node, format!("unfit: {why}"), "fit", fix);
    }
    if let Some(fault) = &report.fault {
        let message = format!("a fault for another {}: {}", fault.remaining(), fault.why);
        found.tell(&takeover::TAKEOVER_FAULT, &report.node, message, "no fault", "it is tried again by itself; mend the reason");
    }
    if report.connection != "Connected" {
        let lost = report.lost_seconds.map_or_else(String::new, |s| format!(" for {s} s"));
        let message = format!("replication is {}{lost}, {}/{}", report.connection, report.disk, report.peer_disk);
        let fix = "see `mfsctl split-brain show` where a side is StandAlone, else the peer and the network";
        let entry = drbd::connection(&Connection::from_word(&report.connection)).entry.unwrap_or(&pair::DRBD_CHANGING);
        found.tell(entry, &report.node, message, "Connected, UpToDate/UpToDate", fix);
        found.milder(Severity::Warning);
    }
}

fn volume(report: &HaReport, found: &mut Found) {
    if report.busy {
        found.tell(&takeover::TAKEOVER_BUSY, &report.node, "a promotion or demotion is under way", "none", "look again in a moment");
        return;
    }
    let primary = report.role == "Primary";
    if let Some(space) = report.space.as_ref().filter(|s| primary && s.state != SpaceState::Ok) {
        super::rules::pair::judge_space(found, &report.node, space);
    }
    let mut wrong = |is: bool, entry: &Entry, message: &str, wanted: &str| {
        if is {
            found.tell(entry, &report.node, message, wanted, FIX_AGENT);
        }
    };
    wrong(primary && !report.mounted, &pair::PRIMARY_NOT_MOUNTED, "it is Primary, yet the volume is not mounted", "mounted on the Primary");
    wrong(
        !primary && report.mounted,
        &pair::MOUNTED_NOT_PRIMARY,
        "the mount point is mounted, yet it is not Primary",
        "mounted on the Primary only",
    );
    wrong(
        !primary && report.vip,
        &pair::VIP_NOT_ON_PRIMARY,
        "it has the virtual address, yet it is not Primary",
        "the address on the Primary",
    );
    wrong(
        primary && !report.vip,
        &pair::MASTER_WITHOUT_VIP,
        "it is Primary, yet the virtual address is not here",
        "the address on the Primary",
    );
    wrong(
        primary && !report.listening,
        &pair::MASTER_NOT_RUNNING,
        "it is Primary, yet mfsmaster does not listen",
        "mfsmaster listens on the Primary",
    );
    wrong(
        !primary && report.listening,
        &pair::MASTER_ON_STANDBY,
        "mfsmaster listens, yet it is not Primary",
        "mfsmaster on the Primary only",
    );
}

fn votes(report: &HaReport, found: &mut Found) {
    if report.witnesses_change {
        let message = "a majority of the witnesses of before is needed too";
        found.tell(
            &takeover::WITNESSES_CHANGE,
            &report.node,
            message,
            "both masters ask the same ones",
            "run `mfsctl provision` to its end",
        );
    }
    let Some(votes) = &report.votes else {
        found.tell(&takeover::VOTES_ASKED, &report.node, "the witnesses are being asked just now", "an answer", "look again in a moment");
        return;
    };
    // While the witnesses change a majority of each list is needed.
    let lists = if report.witness_lists.is_empty() { vec![votes.keys().copied().collect()] } else { report.witness_lists.clone() };
    let most = |of: &dyn Fn(&Vote) -> bool| {
        lists.iter().all(|list| list.iter().filter(|witness| votes.get(witness).is_some_and(of)).count() * 2 > list.len())
    };
    let (answered, mine) = (most(&|v| *v != Vote::Silent), most(&|v| matches!(v, Vote::Held(holder) if *holder == report.node)));
    let silent: Vec<String> = votes.iter().filter(|(_, v)| **v == Vote::Silent).map(|(a, _)| a.to_string()).collect();
    if !silent.is_empty() {
        let message = format!("{} of {} witnesses do not answer: {}", silent.len(), votes.len(), silent.join(", "));
        let fix = "see mfs-witness.socket there, and the network";
        if answered {
            found.tell(&takeover::WITNESS_SILENT, &report.node, message, "all answer", fix);
        } else {
            found.tell(
                &takeover::WITNESS_MAJORITY_LOST,
                &report.node,
                format!("{message}; without a majority it cannot go on alone"),
                "a majority answers",
                fix,
            );
        }
    }
    // Of one that does not answer at all that is told already.
    if let Some(why) = report.new_chunks_untold.as_ref().filter(|why| !silent.iter().any(|s| why.contains(&format!(" {s} ")))) {
        let fix = "see `journalctl -t mfs-witness` on that chunkserver";
        let message = format!("at a start it would not learn which new chunks are nowhere: {why}");
        found.tell(&takeover::NEW_CHUNKS_UNTOLD, &report.node, message, "all chunkservers tell", fix);
    }
    if report.holding && !mine && answered {
        let others = votes.values().filter_map(|v| match v {
            Vote::Held(holder) if *holder != report.node => Some(holder.clone()),
            _ => None,
        });
        let others: std::collections::BTreeSet<String> = others.collect();
        let others = if others.is_empty() { "nobody".to_owned() } else { others.into_iter().collect::<Vec<_>>().join(" and ") };
        let fix = "see `mfsctl split-brain show`: the votes were taken from it while it held them";
        found.tell(
            &takeover::VOTES_TAKEN,
            &report.node,
            format!("it believes that it holds the votes, the witnesses name {others}"),
            "one holder, and it knows",
            fix,
        );
    } else if report.holding && report.connection == "Connected" {
        found.tell(
            &takeover::VOTES_KEPT,
            &report.node,
            "it holds the votes though the peer is connected",
            "given back",
            "they are given back when in sync",
        );
    }
}

fn roles(known: &[&HaReport], all: bool, found: &mut Found) {
    let with = |test: &dyn Fn(&HaReport) -> bool| known.iter().filter(|r| test(r)).map(|r| r.node.as_str()).collect::<Vec<_>>();
    let (primaries, holders) = (with(&|r| r.role == "Primary"), with(&|r| r.vip));
    if primaries.len() > 1 {
        let fix = "stop the clients if you can; `mfsctl split-brain show` tells what each has";
        found.tell(&pair::DRBD_TWO_PRIMARIES, CLUSTER, format!("{} are both Primary", primaries.join(" and ")), "one Primary", fix);
    }
    if holders.len() > 1 {
        let fix = "take the address off the one that is not Primary (`ip address del`)";
        found.tell(&pair::VIP_TWO, CLUSTER, format!("{} both have the virtual address", holders.join(" and ")), "one holder", fix);
    }
    if primaries.is_empty() && all && !known.iter().any(|r| r.busy) {
        found.tell(
            &pair::DRBD_NO_PRIMARY,
            CLUSTER,
            "neither master is Primary: nobody serves",
            "one Primary",
            "see why each is unfit, and keepalived",
        );
    }
    if let [a, b] = known {
        for (here, there) in [(a, b), (b, a)] {
            if here.connection == "Connected"
                && there.connection == "Connected"
                && here.peer_role != there.role
                && !here.busy
                && !there.busy
            {
                let message = format!("it takes {} for {}, which calls itself {}", there.node, here.peer_role, there.role);
                found.tell(&takeover::PEER_VIEW_DIFFERS, &here.node, message, "the same on both", "look again; a change was under way");
            }
        }
    }
}

fn holds(known: &[&HaReport], found: &mut Found) {
    for report in known {
        if let Some(hold) = &report.hold {
            let fix = "run `mfsctl ha release` when the work is done; it ends by itself";
            found.tell(&takeover::TAKEOVER_HOLD, &report.node, hold.told(), "no hold", fix);
        }
    }
    if let [a, b] = known
        && a.hold.is_some() != b.hold.is_some()
    {
        let (held, free) = if a.hold.is_some() { (a, b) } else { (b, a) };
        found.tell(
            &takeover::HOLD_ON_ONE,
            CLUSTER,
            format!("the hold is on {} only: {} was restarted, or was not reached; it may still take over", held.node, free.node),
            "on both or on none",
            "run `mfsctl ha hold` again, or `mfsctl ha release`",
        );
    }
}

fn wishes(known: &[&HaReport], found: &mut Found) {
    let wish = |word: &str| known.iter().filter(|r| r.wish == word).map(|r| r.node.as_str()).collect::<Vec<_>>();
    let masters = wish("master");
    if masters.len() > 1 {
        let fix = "keepalived does not hear its peer: see the network between the masters (protocol 112) and both configurations";
        found.tell(
            &takeover::TWO_WISHES,
            CLUSTER,
            format!("keepalived wishes {} to be active at once", masters.join(" and ")),
            "one wish for master",
            fix,
        );
    }
    for report in known.iter().filter(|r| !r.busy) {
        let Some(what) = moves(report) else { continue };
        if report.hold.is_some() {
            let fix = "`mfsctl ha release` says so again before it acts; mend what it should not do first";
            found.tell(&takeover::WISH_AFTER_HOLD, &report.node, format!("when the hold ends: {what}"), "wish and role agree", fix);
        } else if report.role != "Primary" || report.wish != "master" {
            found.tell(
                &takeover::WISH_DISAGREES,
                &report.node,
                format!("wish and role disagree: {what}"),
                "wish and role agree",
                FIX_AGENT,
            );
        }
    }
}

#[cfg(test)]
#[path = "takeover_tests.rs"]
mod tests;
