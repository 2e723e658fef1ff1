//! Chunkservers that stop: bounds of the harm to chunks, and whether copies are made meanwhile.

use serde::Serialize;

use super::{Parting, Reasons, Suffers, list};
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::Role;
use crate::protocol::{Chunkserver, Maintenance, MasterReport, Removal};

/// How long the master makes no copies for a chunkserver that was stopped cleanly, seconds (3.0.117 and 4.59.2).
const HELD_AFTER_CLEAN_STOP: u32 = 1800;
const BRING_BACK: &str = "bring missing chunkservers back and wait until every chunk has its copies (`mfsctl status`)";

/// A number known within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Between {
    /// At least so many, whichever chunks lie where.
    pub least: u64,
    /// At most so many.
    pub most: u64,
}

/// What would become of chunks while the chunkservers are away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct AtRisk {
    /// Chunks that cannot be read: all their copies are on what stops.
    pub missing: Between,
    /// Of these, chunks of which one copy only is wanted.
    pub single_copy: Between,
    /// Chunks with one copy left where more are wanted, at most.
    pub endangered_most: u64,
    /// Chunks with fewer copies than wanted, the endangered included, at most.
    pub undergoal_most: u64,
}

pub(super) fn judge(report: &ClusterReport, parting: &Parting, reasons: &mut Reasons, suffers: &mut Suffers) {
    let ending: Vec<&NodeView> = report.nodes.iter().filter(|n| parting.ends(n, Role::Chunkserver)).collect();
    let Some(told) = report.told() else {
        if !ending.is_empty() {
            let fix = "see `mfsctl status`: while the master does not answer, nobody knows what the chunkservers hold";
            reasons.unknown("chunks", "the MooseFS master does not answer", "0 missing, endangered or under goal", fix);
        }
        return;
    };
    let ends = |server: &&Chunkserver| ending.iter().any(|n| report.comes_from(n, server.address));
    let connected = || told.chunkservers.iter().filter(|s| s.connected);
    suffers.chunkservers_left = connected().filter(|s| !ends(s)).count();
    if ending.is_empty() {
        return;
    }
    now(told, reasons);
    others(report, told, &ending, reasons);
    let stopping: Vec<&Chunkserver> = connected().filter(ends).collect();
    let risk = at_risk(told, &stopping);
    suffers.chunks = Some(risk);
    lost(told, risk, reasons);
    left(suffers.chunkservers_left, told, reasons);
    removal(report, told, reasons);
    suffers.replication_held_seconds = held(told, &ends);
}

/// How the chunks are before anything stops.
fn now(told: &MasterReport, reasons: &mut Reasons) {
    let (sum, wanted) = (&told.chunks.all, "0 missing, endangered or under goal");
    if !told.chunks.progress.is_settled() {
        let fix = "ask again in some seconds: a chunkserver is just connecting or disconnecting";
        reasons.unknown("chunks", "the counters of chunks are still moving", wanted, fix);
        return;
    }
    let measured = format!("{} missing, {} endangered, {} under goal", sum.missing, sum.endangered, sum.undergoal);
    reasons.when("chunks", sum.missing + sum.endangered + sum.undergoal == 0, measured, wanted, BRING_BACK);
}

/// Chunkservers besides these must all be there.
fn others(report: &ClusterReport, told: &MasterReport, ending: &[&NodeView], reasons: &mut Reasons) {
    let apart = |n: &&NodeView| !ending.iter().any(|e| e.name == n.name);
    let wanted: Vec<&NodeView> = report.with_role(Role::Chunkserver).filter(apart).collect();
    let mut away: Vec<String> =
        wanted.iter().filter(|n| !report.chunkserver(n).is_some_and(|s| s.connected)).map(|n| n.name.clone()).collect();
    // Ones that only the master knows count too: their chunks are away.
    let known = |s: &&Chunkserver| report.nodes.iter().any(|n| n.is(Role::Chunkserver) && report.comes_from(n, s.address));
    away.extend(told.chunkservers.iter().filter(|s| !s.connected && !known(s)).map(|s| s.address.to_string()));
    let measured = if away.is_empty() { format!("all {} others", wanted.len()) } else { format!("not connected: {}", away.join(", ")) };
    let fix = "bring it back first; one that is gone for good is taken out of the master's list";
    reasons.when("other-chunkservers", away.is_empty(), measured, "every other chunkserver connected", fix);
}

/// Chunks that could not be read meanwhile.
fn lost(told: &MasterReport, risk: AtRisk, reasons: &mut Reasons) {
    let single = told.chunks.all.single_copy;
    let words = |b: Between| if b.least == b.most { b.most.to_string() } else { format!("{} to {}", b.least, b.most) };
    let measured = match (risk.missing.most, risk.single_copy.most) {
        (0, _) if single > 0 => format!("none; the {single} chunks with a single wanted copy are elsewhere"),
        (0, _) => "none: every chunk has a copy elsewhere".to_owned(),
        (_, 0) => format!("{} chunks may have all their copies there", words(risk.missing)),
        _ => format!(
            "{} chunks, {} of them because one copy only is wanted (which server has those the master does not tell)",
            words(risk.missing),
            words(risk.single_copy)
        ),
    };
    let fix = if risk.single_copy.most > 0 {
        "give files of goal 1 a goal of 2 and wait for the copies, or accept that they cannot be read meanwhile"
    } else {
        "stop fewer chunkservers at once"
    };
    reasons.when("chunks-lost", risk.missing.most == 0, measured, "no chunk without a copy elsewhere", fix);
}

/// Some must stay to write to.
fn left(left: usize, told: &MasterReport, reasons: &mut Reasons) {
    let goals = told.chunks.table.iter().enumerate().filter(|(wanted, row)| *wanted > 0 && row.iter().any(|n| *n > 0));
    let most = goals.map(|(wanted, _)| wanted).max().unwrap_or(0);
    let measured = match left {
        0 => "no chunkserver stays".to_owned(),
        n if n < most => format!("{n} stay: new chunks of goal {most} get {n} copies until they are back"),
        n => format!("{n} stay"),
    };
    reasons.when(
        "chunkservers-left",
        left > 0,
        measured,
        "1 at least, so that clients can write",
        "leave one running, or stop the whole cluster: `mfsctl stop`",
    );
}

/// What is being emptied must be empty first.
fn removal(report: &ClusterReport, told: &MasterReport, reasons: &mut Reasons) {
    let marked: Vec<String> = told
        .chunkservers
        .iter()
        .filter(|s| s.connected && matches!(s.removal, Removal::InProgress | Removal::Validating))
        .map(|s| format!("{} ({} chunks)", report.name_of(s.address), s.removal_chunks))
        .collect();
    let names: Vec<&str> = marked.iter().map(String::as_str).collect();
    let fix = "wait until its marked disks are empty (`mfsctl status`), or take the mark away";
    reasons.when("removal", marked.is_empty(), format!("being emptied: {}", list(&names)), "no disk being emptied", fix);
}

/// A clean stop holds replication back, as long as every server that is away is in maintenance (4.x; 3.0 decides for each
/// server by itself, so that the same promise holds for those that stop now).
fn held(told: &MasterReport, ends: &dyn Fn(&&Chunkserver) -> bool) -> Option<u32> {
    let loose = told.chunkservers.iter().any(|s| !s.connected && !ends(&s) && s.maintenance == Maintenance::Off);
    (!loose).then_some(HELD_AFTER_CLEAN_STOP)
}

/// Bounds of what happens when these connected servers go. A chunk has its copies on different servers.
pub(super) fn at_risk(told: &MasterReport, stopping: &[&Chunkserver]) -> AtRisk {
    let table = &told.chunks.table;
    let gone = stopping.len();
    let copies: u64 = stopping.iter().map(|s| u64::from(s.chunks)).sum();
    let counted: u64 = told.chunkservers.iter().filter(|s| s.connected).map(|s| u64::from(s.chunks)).sum();
    let in_table: u64 = cells(table).map(|(_, present, count)| present as u64 * count).sum();
    // A server that has just connected tells of no chunks for a while: then its number says nothing.
    let current = told.chunks.progress.is_settled() && counted >= in_table;
    let budget = if current { copies } else { u64::MAX };
    if gone == 0 {
        return AtRisk::default();
    }
    let lives = |wanted: usize| wanted > 0;
    // What cannot be copies of others must be the chunks' only ones.
    let elsewhere: u64 = cells(table).map(|(_, present, count)| present.min(gone) as u64 * count).sum();
    let least_of = |goal_one: bool| {
        let mine: u64 = cells(table).filter(|(w, p, _)| lives(*w) && *p == 1 && (!goal_one || *w == 1)).map(|(_, _, n)| n).sum();
        if current { copies.saturating_sub(elsewhere - mine).min(mine) } else { 0 }
    };
    let most = |losses: &dyn Fn(usize, usize) -> Option<usize>| at_most(table, gone, budget, losses);
    AtRisk {
        missing: Between { least: least_of(false), most: most(&|w, p| (lives(w) && p > 0).then_some(p)) },
        single_copy: Between { least: least_of(true), most: most(&|w, p| (w == 1 && p == 1).then_some(1)) },
        endangered_most: most(&|w, p| (w > 1 && p > 1).then(|| p - 1)),
        undergoal_most: most(&|w, p| (w > 1 && p > 1).then(|| (p + 1).saturating_sub(w).max(1))),
    }
}

fn cells(table: &[[u32; 11]; 11]) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
    table.iter().enumerate().flat_map(|(wanted, row)| row.iter().enumerate().map(move |(present, n)| (wanted, present, u64::from(*n))))
}

/// The most chunks that can lose so many copies each (`losses`; `None`: it does not concern them), with `gone` servers
/// that hold `budget` copies together: those that need the fewest first.
fn at_most(table: &[[u32; 11]; 11], gone: usize, budget: u64, losses: &dyn Fn(usize, usize) -> Option<usize>) -> u64 {
    let mut needs: Vec<(usize, u64)> =
        cells(table).filter_map(|(w, p, n)| losses(w, p).filter(|l| *l <= gone && n > 0).map(|l| (l, n))).collect();
    needs.sort_unstable();
    let (mut left, mut sum) = (budget, 0);
    for (need, count) in needs {
        let taken = count.min(left / need as u64);
        sum += taken;
        left -= taken * need as u64;
    }
    sum
}
