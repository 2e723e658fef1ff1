//! Whether the order of lines of several nodes can be trusted, given how far their clocks are off.

/// How far a node's clock is ahead of the operator's, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Clock {
    /// The middle of what is possible.
    pub ahead: f64,
    /// By how much that may be wrong.
    pub unsure: f64,
}

impl Clock {
    /// From the operator's clock when the question left and when the answer was there, and the node's when it began and
    /// ended: what lies between is the way there and back. All in seconds since 1970.
    #[must_use]
    pub fn measured(sent: f64, began: f64, ended: f64, received: f64) -> Self {
        let way = ((received - sent) - (ended - began)).max(0.0);
        Self { ahead: began - sent - way / 2.0, unsure: way / 2.0 }
    }
}

/// How many lines come, by the operator's clock, surely before another node's line they stand behind. `lines` are
/// in the order shown: the index of the node's clock, and the time by that clock in microseconds.
#[must_use]
pub fn misplaced(lines: &[(usize, i64)], clocks: &[Clock]) -> usize {
    let mut latest: Vec<Option<f64>> = vec![None; clocks.len()];
    let mut count = 0;
    for (node, time) in lines {
        let Some(clock) = clocks.get(*node) else { continue };
        let middle = *time as f64 / 1e6 - clock.ahead;
        let behind = latest.iter().enumerate().any(|(other, t)| other != *node && t.is_some_and(|t| t > middle + clock.unsure));
        count += usize::from(behind);
        if let Some(slot) = latest.get_mut(*node) {
            *slot = Some(slot.map_or(f64::MIN, |t| t).max(middle - clock.unsure));
        }
    }
    count
}
