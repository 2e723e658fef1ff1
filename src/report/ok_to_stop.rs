//! The answer to "may these stop?", for people.

use super::table::{self, Tone, Word, plain};
use crate::health::ok_to_stop::{Between, Judgement, Verdict};

/// Reasons as a table, what to do about those against it, and what would suffer.
#[must_use]
pub fn render(judgement: &Judgement, color: bool) -> String {
    let nodes = judgement.nodes.join(", ");
    let rows: Vec<Vec<Word>> =
        judgement.reasons.iter().map(|r| vec![plain(r.name), word(r.verdict), plain(&r.measured), plain(&r.wanted)]).collect();
    let mut out = table::render(&format!("May {nodes} stop"), &["reason", "", "measured", "wanted"], &rows, color);
    for reason in judgement.against() {
        out.push_str(&format!("{}: {}\n", reason.name, reason.fix));
    }
    out.push_str(&suffers(judgement));
    out.push_str(&headline(judgement));
    out.push('\n');
    out
}

/// One line: yes or no.
#[must_use]
pub fn headline(judgement: &Judgement) -> String {
    let nodes = judgement.nodes.join(", ");
    match judgement.verdict {
        Verdict::Safe => format!("{nodes}: safe to stop now"),
        Verdict::Unknown => format!("{nodes}: not known whether it is safe to stop"),
        Verdict::Unsafe => format!("{nodes}: NOT safe to stop now"),
    }
}

fn word(verdict: Verdict) -> Word {
    match verdict {
        Verdict::Safe => ("ok".to_owned(), Tone::Good),
        Verdict::Unknown => ("not known".to_owned(), Tone::Warn),
        Verdict::Unsafe => ("NO".to_owned(), Tone::Bad),
    }
}

fn suffers(judgement: &Judgement) -> String {
    let suffers = &judgement.suffers;
    let mut lines = Vec::new();
    let between = |b: Between| if b.least == b.most { b.most.to_string() } else { format!("{} to {}", b.least, b.most) };
    if let Some(chunks) = suffers.chunks {
        lines.push(format!(
            "chunks meanwhile: {} missing, up to {} endangered, up to {} under goal",
            between(chunks.missing),
            chunks.endangered_most,
            chunks.undergoal_most
        ));
        lines.push(match suffers.replication_held_seconds {
            Some(seconds) => {
                format!("replication: held back for {seconds} s after a clean stop; at once after a crash or power-off without one")
            }
            None => "replication: begins at once (another chunkserver is away without maintenance)".to_owned(),
        });
    }
    if !suffers.mounts.is_empty() {
        lines.push(format!("mounts that go away: {} ({} files open)", suffers.mounts.join(", "), suffers.open_files));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}
