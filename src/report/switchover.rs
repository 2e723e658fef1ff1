//! Gates, checks and the receipt of a switchover, for people.

use crate::engine::history::Receipt;
use crate::health::gate::Answer;

use super::format::seconds;
use super::table::{self, Tone, Word, plain};

/// Gates or checks as a table; what did not pass has its fix below.
#[must_use]
pub fn answers(title: &str, answers: &[Answer], color: bool) -> String {
    let row = |a: &Answer| -> Vec<Word> {
        let verdict = if a.passed { ("ok".to_owned(), Tone::Good) } else { ("NO".to_owned(), Tone::Bad) };
        vec![plain(a.name), verdict, plain(&a.measured), plain(&a.wanted)]
    };
    let rows: Vec<_> = answers.iter().map(row).collect();
    let mut out = table::render(title, &["gate", "", "measured", "wanted"], &rows, color);
    for answer in answers.iter().filter(|a| !a.passed) {
        out.push_str(&format!("{}: {}\n", answer.name, answer.fix));
    }
    out
}

/// Those that did not pass, a line each.
#[must_use]
pub fn failed(answers: &[Answer]) -> String {
    let line = |a: &Answer| format!("\n{}: {} (wanted: {})", a.name, a.measured, a.wanted);
    answers.iter().filter(|a| !a.passed).map(line).collect()
}

/// What a switchover took.
#[must_use]
pub fn receipt(receipt: &Receipt, color: bool) -> String {
    let mut before = 0;
    let rows: Vec<Vec<Word>> = receipt
        .phases
        .iter()
        .map(|p| {
            let took = p.at_ms.saturating_sub(before);
            before = p.at_ms;
            vec![plain(&p.node), plain(&p.step), plain(seconds(p.at_ms)), plain(format!("+{}", seconds(took)))]
        })
        .collect();
    let mut out = table::render("Receipt", &["node", "step", "at", "took"], &rows, color);
    let gap = receipt.gap_ms.map_or_else(|| "not measured".to_owned(), seconds);
    out.push_str(&format!(
        "{} serves instead of {} after {}; gap seen by a probe: {gap}\n",
        receipt.to,
        receipt.from,
        seconds(receipt.total_ms)
    ));
    out
}
