//! What `status -v` adds: the matrix of goals, storage classes, quotas, the master's own checks.

use super::storage::{bar, fullness};
use super::{Word, ago, dash, word};
use crate::health::ClusterReport;
use crate::protocol::{Bound, ChunkMatrix, Fulfilled, Further, MasterReport, Quota};
use crate::report::format::{bytes, duration, grouped, wrap};
use crate::report::table::{Tone, render_within};

/// Missing chunks named.
const NAMED: usize = 5;

/// Everything of it; nothing when the master did not answer.
#[must_use]
pub fn render(report: &ClusterReport, color: bool, width: Option<u16>) -> String {
    let Some(told) = report.told() else { return String::new() };
    let paragraph = usize::from(width.unwrap_or(100));
    let table = |title: &str, headers: &[&str], rows: &[Vec<Word>]| format!("\n{}", render_within(title, headers, rows, color, width));
    let (headers, rows) = matrix(&told.chunks);
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut out = table("Chunks by goal (rows) and copies there (columns)", &headers, &rows);
    out += &wrap("  ", &progress(told), paragraph);
    let Further { quotas, classes, .. } = &told.further;
    if let Some(classes) = classes {
        let used = classes.iter().filter(|c| c.files > 0 || c.directories > 0 || c.under + c.exact + c.over > 0);
        let rows: Vec<Vec<Word>> = used
            .map(|c| {
                vec![
                    word(&c.name, Tone::Plain),
                    word(c.copies.to_string(), Tone::Plain),
                    match c.keep {
                        Fulfilled::Yes => word("yes", Tone::Good),
                        Fulfilled::No => word("NO: too few servers", Tone::Bad),
                        Fulfilled::NoSpace => word("NO: no space", Tone::Bad),
                        Fulfilled::Overloaded => word("not now: overloaded", Tone::Warn),
                    },
                    word(grouped(u64::from(c.files)), Tone::Plain),
                    word(grouped(u64::from(c.directories)), Tone::Plain),
                    word(grouped(c.under), if c.under == 0 { Tone::Plain } else { Tone::Warn }),
                    word(grouped(c.exact), Tone::Plain),
                    word(grouped(c.over), Tone::Plain),
                ]
            })
            .collect();
        let headers = ["class", "copies", "can be kept", "files", "directories", "under", "exact", "over"];
        out += &table("Storage classes in use", &headers, &rows);
    }
    if let Some(quotas) = quotas.as_ref().filter(|q| !q.is_empty()) {
        let rows: Vec<Vec<Word>> = quotas.iter().map(|q| quota(q, report.asked_at)).collect();
        out += &table("Quotas", &["directory", "nearest limit", "inodes", "length", "size", "all copies", "state"], &rows);
    }
    out += "\n";
    out += &wrap("Check of all files: ", &checked(&told.further, report.asked_at), paragraph);
    out += &wrap("Work on chunks: ", &worked(&told.further, report.asked_at), paragraph);
    if let Some(missing) = &told.further.missing {
        let named: Vec<String> =
            missing.first.iter().take(NAMED).map(|m| format!("{:016X} (inode {}, index {})", m.chunk, m.inode, m.index)).collect();
        let rest = if missing.listed > NAMED { format!(" and {} more", missing.listed - NAMED) } else { String::new() };
        let words =
            if named.is_empty() { "none listed: the check of all files has not come by yet".to_owned() } else { named.join(", ") + &rest };
        out += &wrap("Missing chunks: ", &words, paragraph);
    }
    for reason in &told.further.unread {
        out += &wrap("Not understood: ", reason, paragraph);
    }
    out
}

/// Whether the counters hold, in words.
fn progress(told: &MasterReport) -> String {
    let progress = told.chunks.progress;
    let mut words = match (progress.disconnecting, progress.connecting) {
        (false, false) => "the counters are settled".to_owned(),
        (true, false) => "still counting: a chunkserver is disconnecting".to_owned(),
        (false, true) => "still counting: a chunkserver is connecting".to_owned(),
        (true, true) => "still counting: chunkservers are connecting and disconnecting".to_owned(),
    };
    if told.version.major >= 4 {
        words += "; chunks in EC format are counted as redundancy levels + 1";
    }
    words
}

/// Rows of goals that have chunks, columns up to the most copies there are. Goal 0 is deleted.
#[must_use]
pub fn matrix(chunks: &ChunkMatrix) -> (Vec<String>, Vec<Vec<Word>>) {
    let table = &chunks.table;
    let last = (0..table.len()).rev().find(|copies| table.iter().any(|row| row[*copies] > 0)).unwrap_or(0);
    let most = last.max((0..table.len()).rev().find(|goal| table[*goal].iter().any(|n| *n > 0)).unwrap_or(0)).max(1);
    let top = table.len() - 1;
    let number = |n: usize| if n == top { format!("{n}+") } else { n.to_string() };
    let mut headers = vec!["goal".to_owned()];
    headers.extend((0..=most).map(number));
    let cell = |goal: usize, copies: usize, count: u32| match (goal, copies, count) {
        (_, _, 0) => dash(),
        (1.., 0, n) => word(grouped(u64::from(n)), Tone::Bad),
        (goal @ 2.., copies, n) if copies < goal => word(grouped(u64::from(n)), Tone::Warn),
        (goal @ 1.., copies, n) if copies == goal => word(grouped(u64::from(n)), Tone::Good),
        (_, _, n) => word(grouped(u64::from(n)), Tone::Plain),
    };
    let rows = table.iter().enumerate().filter(|(_, row)| row.iter().any(|n| *n > 0)).map(|(goal, row)| {
        let name = if goal == 0 { "deleted".to_owned() } else { number(goal) };
        let cells = row.iter().take(most + 1).enumerate().map(|(copies, n)| cell(goal, copies, *n));
        std::iter::once(word(name, Tone::Plain)).chain(cells).collect()
    });
    (headers, rows.collect())
}

fn quota(quota: &Quota, now: i64) -> Vec<Word> {
    let counted = |bound: &Bound, words: fn(u64) -> String| {
        let limits: Vec<String> = bound.soft.map(|s| format!("soft {}", words(s))).into_iter().chain(bound.hard.map(&words)).collect();
        let limits = if limits.is_empty() { String::new() } else { format!(" of {}", limits.join(", ")) };
        word(words(bound.used) + &limits, Tone::Plain)
    };
    let share = quota.share().unwrap_or(0.0);
    let percent = (share * 100.0).round() as u64;
    let since = quota.since.and_then(|t| ago(now, i64::from(t))).map_or_else(String::new, |a| format!(", since {a}"));
    vec![
        word(&quota.path, Tone::Plain),
        (format!("{} {percent} %", bar(percent, 100, 8)), fullness(percent, 100)),
        counted(&quota.inodes, grouped),
        counted(&quota.length, bytes),
        counted(&quota.size, bytes),
        counted(&quota.real_size, bytes),
        if quota.exceeded { word(format!("EXCEEDED{since}"), Tone::Bad) } else { word("ok", Tone::Good) },
    ]
}

/// When a loop ended and how long it took.
fn span(started: Option<u32>, ended: Option<u32>, now: i64) -> String {
    let Some(ended) = ended else { return "none ended since the master's start".to_owned() };
    let when = ago(now, i64::from(ended)).map_or_else(|| "ended".to_owned(), |a| format!("ended {a}"));
    match started {
        Some(started) => format!("{when}, took {}", duration(u64::from(ended.saturating_sub(started)))),
        None => when,
    }
}

fn checked(further: &Further, now: i64) -> String {
    let Some(check) = &further.check_loop else { return "not known".to_owned() };
    if check.ended.is_none() || check.files == 0 {
        return "no whole check ended since the master's start".to_owned();
    }
    let words = if check.words.is_empty() { String::new() } else { format!(" · it says: {}", check.words.join("; ")) };
    format!(
        "{} · files {}, under goal {}, missing {} · chunks {}, under goal {}, missing {}{words}",
        span(check.started, check.ended, now),
        grouped(u64::from(check.files)),
        grouped(u64::from(check.undergoal_files)),
        grouped(u64::from(check.missing_files)),
        grouped(u64::from(check.chunks)),
        grouped(u64::from(check.undergoal_chunks)),
        grouped(u64::from(check.missing_chunks))
    )
}

fn worked(further: &Further, now: i64) -> String {
    let Some(work) = &further.chunk_loop else { return "not known".to_owned() };
    let undone = work.left_undone.map_or_else(String::new, |n| format!(", left undone {}", grouped(n)));
    let when = span(work.started, work.ended, now);
    format!("{when} · copied {}, moved {}, deleted {}{undone}", grouped(work.copied), grouped(work.moved), grouped(work.deleted))
}
