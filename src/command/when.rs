//! Times a person gives: `10m`, `2h ago`, `yesterday`, `19:30`, `2026-11-24 19:30`, RFC 3339.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, Zoned};

use crate::error::{Error, Result};

/// The time that `text` means, by the operator's clock and zone; a span is taken back from `now`.
///
/// # Errors
/// When it is no time.
pub fn parse(flag: &str, text: &str, now: &Zoned) -> Result<Timestamp> {
    let wrong = || {
        let hint = "10m, 2h, 1d (back from now), today, yesterday, now, 19:30, 2026-11-24, \"2026-11-24 19:30\", or RFC 3339";
        Error::input(format!("{flag} {text}: no time")).hint(hint)
    };
    let trimmed = text.trim();
    let of_day = |date: Date, time: Time| date.to_datetime(time).to_zoned(now.time_zone().clone()).ok().map(|z| z.timestamp());
    let midnight = Time::midnight();
    let found = match trimmed {
        "now" => Some(now.timestamp()),
        "today" => of_day(now.date(), midnight),
        "yesterday" => now.date().yesterday().ok().and_then(|date| of_day(date, midnight)),
        other => other
            .parse::<Timestamp>()
            .ok()
            // A time of day last: it would be found in a date with a time too.
            .or_else(|| other.parse::<DateTime>().ok().and_then(|at| of_day(at.date(), at.time())))
            .or_else(|| other.parse::<Time>().ok().filter(|_| other.contains(':')).and_then(|time| of_day(now.date(), time)))
            .or_else(|| back(other, now)),
    };
    found.ok_or_else(wrong)
}

fn back(text: &str, now: &Zoned) -> Option<Timestamp> {
    let span: Span = text.parse().ok()?;
    now.checked_sub(span.abs()).ok().map(|z| z.timestamp())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        let now: Zoned = "2026-11-24T19:30:00+01:00[Europe/Berlin]".parse().unwrap();
        for (text, wanted) in [
            ("10m", "2026-11-24T18:20:00Z"),
            ("2h ago", "2026-11-24T16:30:00Z"),
            ("1h30m", "2026-11-24T17:00:00Z"),
            ("1d", "2026-11-23T18:30:00Z"),
            ("90 sec", "2026-11-24T18:28:30Z"),
            ("now", "2026-11-24T18:30:00Z"),
            ("today", "2026-11-23T23:00:00Z"),
            ("yesterday", "2026-11-22T23:00:00Z"),
            ("08:15", "2026-11-24T07:15:00Z"),
            ("2026-11-20", "2026-11-19T23:00:00Z"),
            ("2026-11-20 08:15", "2026-11-20T07:15:00Z"),
            ("2026-11-20T08:15:00Z", "2026-11-20T08:15:00Z"),
        ] {
            assert_eq!(parse("--since", text, &now).unwrap().to_string(), wanted, "{text}");
        }
        for text in ["", "soon", "25:99", "10"] {
            let error = parse("--since", text, &now).unwrap_err();
            assert!(error.exit_code() == 2 && error.to_string().contains("hint:"), "{text}");
        }
    }
}
