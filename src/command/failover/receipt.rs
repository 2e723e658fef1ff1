//! What a switchover took: the steps both nodes noted, on one clock.

use std::time::{Duration, Instant};

use crate::engine::fleet::Fleet;
use crate::engine::history::{Phase, Receipt};
use crate::inventory::layout::takeover::HA_SCRIPT;
use crate::remote::Request;

/// Asks both nodes for their timelines and puts them on the operator's clock; `began` is when the request was sent.
pub fn receipt(fleet: &mut Fleet, from: &str, to: &str, began: Instant, gap_ms: Option<u64>) -> Receipt {
    let mut phases = Vec::new();
    for node in [from, to] {
        let Some(transport) = fleet.slot(node).open() else { continue };
        let Ok(output) = transport.run(&Request::new([HA_SCRIPT, "timeline"]).within(Duration::from_secs(20))) else { continue };
        phases.extend(read(node, &output.text(), began.elapsed()));
    }
    phases.sort_by_key(|p| p.at_ms);
    let total_ms = phases.last().map_or(0, |p| p.at_ms);
    Receipt { from: from.to_owned(), to: to.to_owned(), total_ms, gap_ms, phases }
}

/// Lines `now N` and `N STEP`, N in hundredths of seconds of that node's uptime; steps before the request are not this run's.
fn read(node: &str, text: &str, since_request: Duration) -> Vec<Phase> {
    let now = text.lines().find_map(|l| l.strip_prefix("now ")?.trim().parse::<u64>().ok());
    let Some(now) = now else { return Vec::new() };
    let since = u64::try_from(since_request.as_millis()).unwrap_or(u64::MAX);
    // A quarter of a second of latency may make the first step look older than the request.
    let step = |line: &str| {
        let (at, step) = line.split_once(' ')?;
        let age = now.checked_sub(at.parse::<u64>().ok()?)? * 10;
        (age <= since.saturating_add(250)).then(|| Phase { node: node.to_owned(), step: step.to_owned(), at_ms: since.saturating_sub(age) })
    };
    text.lines().filter_map(step).collect()
}

/// How long it will take, from how long it took: for the question.
#[must_use]
pub fn forecast(receipts: &[Receipt]) -> String {
    let mut gaps: Vec<u64> = receipts.iter().rev().take(10).filter_map(|r| r.gap_ms).collect();
    gaps.sort_unstable();
    match gaps.as_slice() {
        [] => "clients will stall for some seconds (no earlier switchover was measured from here)".to_owned(),
        gaps => {
            let seconds = |ms: &u64| *ms as f64 / 1000.0;
            let (first, last) = (gaps.first().map_or(0.0, seconds), gaps.last().map_or(0.0, seconds));
            let middle = gaps.get(gaps.len() / 2).map_or(0.0, seconds);
            format!("clients will stall for about {middle:.0} s ({first:.0} to {last:.0} s in {} earlier switchovers)", gaps.len())
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_this_run_on_the_operators_clock() {
        let text = "now 100000\n90000 promote: begin\n99500 yield: begin\n99900 demote: done\nnoise\n";
        let phases = read("node1", text, Duration::from_secs(5));
        let seen: Vec<(u64, &str)> = phases.iter().map(|p| (p.at_ms, p.step.as_str())).collect();
        assert_eq!(seen, [(0, "yield: begin"), (4000, "demote: done")]);
        assert!(read("node1", "", Duration::from_secs(5)).is_empty());
    }

    #[test]
    fn a_forecast_needs_a_past() {
        assert!(forecast(&[]).contains("no earlier"));
        let took = |gap_ms| Receipt { gap_ms: Some(gap_ms), ..Receipt::default() };
        assert!(forecast(&[took(17_000), took(12_400), took(30_000)]).contains("about 17 s (12 to 30 s in 3"));
    }
}
