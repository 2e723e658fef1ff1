//! One line of a file syslog writes: `Nov 24 19:51:41 host name[pid]: words`, or with an ISO 8601 time in front (rsyslog's newer form).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::Line;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// A line this far ahead of the node's clock is of the year before, seconds.
const AHEAD: i64 = 86_400;

/// What the old form leaves out: zone and year.
#[derive(Debug, Clone)]
pub(super) struct Place {
    zone: TimeZone,
    year: i16,
    now: i64,
}

impl Place {
    /// From `date`'s `%z` and `%Y`, and the node's clock in seconds since 1970.
    pub(super) fn new(zone: &str, year: &str, now: f64) -> Option<Self> {
        let (sign, digits) = zone.split_at_checked(1)?;
        let (hours, minutes) = digits.split_at_checked(2)?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let offset = Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()?;
        Some(Self { zone: TimeZone::fixed(offset), year: year.trim().parse().ok()?, now: now as i64 })
    }

    /// Reads a line; `None` for what is none.
    pub(super) fn line(&self, text: &str) -> Option<Line> {
        let first = text.split(' ').next()?;
        let (time, rest) = match first.parse::<Timestamp>() {
            Ok(time) => (time.as_microsecond(), text.get(first.len() + 1..)?),
            Err(_) => self.old_time(text)?,
        };
        let (_host, rest) = rest.split_once(' ')?;
        let (tag, message) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|tag| (tag, "")))?;
        let (name, pid) = match tag.split_once('[') {
            Some((name, pid)) => (name, pid.trim_end_matches(']').parse().ok()),
            None => (tag, None),
        };
        let name = name.to_owned();
        Some(Line { time, name, unit: None, pid, priority: None, message: message.to_owned(), cursor: None })
    }

    fn old_time<'t>(&self, text: &'t str) -> Option<(i64, &'t str)> {
        let (stamp, rest) = text.split_at_checked(15)?;
        let month = MONTHS.iter().position(|m| stamp.starts_with(m))?;
        let day = stamp.get(4..6)?.trim().parse().ok()?;
        let number = |from: usize| stamp.get(from..from + 2).and_then(|n| n.parse::<i8>().ok());
        let (hour, minute, second) = (number(7)?, number(10)?, number(13)?);
        let of = |year: i16| {
            let time = DateTime::new(year, i8::try_from(month + 1).ok()?, day, hour, minute, second, 0).ok()?;
            Some(time.to_zoned(self.zone.clone()).ok()?.timestamp().as_microsecond())
        };
        let time = of(self.year).filter(|t| t / 1_000_000 <= self.now + AHEAD).or_else(|| of(self.year - 1))?;
        Some((time, rest.strip_prefix(' ')?))
    }
}
