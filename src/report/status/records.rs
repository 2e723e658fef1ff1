//! The last backup, rehearsal and switchover in words; where nothing is known, where it was looked.

use super::ago;
use crate::health::Records;
use crate::report::format::{clean, grouped, seconds};

/// A title and its words, for each of the three.
#[must_use]
pub fn lines(records: &Records, now: i64) -> [(&'static str, String); 3] {
    let backups = clean(&records.looked_for_backups);
    let backup = match &records.backup {
        None => format!("none known (looked in {backups} on this machine; one made elsewhere is not noted there)"),
        Some(last) => {
            let amiss = if last.degraded.is_empty() { String::new() } else { format!("; DEGRADED: {}", last.degraded.join("; ")) };
            let path = last.path.display();
            clean(&format!("{}, version {} of {} in {path}{amiss}", when(&last.time, now), grouped(last.version), last.node))
        }
    };
    let rehearsal = match &records.rehearsal {
        None => format!("none known (looked in {backups} on this machine); `mfsctl restore-meta --rehearse` makes one"),
        Some(last) => {
            let took = last.took_ms.map_or_else(String::new, |ms| format!(", took {}", seconds(ms)));
            clean(&format!(
                "{}, version {} from {} restored on {}{took}",
                when(&last.time, now),
                grouped(last.version),
                last.source,
                last.node
            ))
        }
    };
    let switchover = match &records.switchover {
        None => format!("none known (looked in the journals of {})", clean(&records.looked_for_switchovers.join(", "))),
        Some(last) => {
            let gap = last.gap_ms.map_or_else(|| "gap not measured".to_owned(), |ms| format!("gap {}", seconds(ms)));
            let result = if last.result == "done" { String::new() } else { format!(" ({})", last.result) };
            clean(&format!("{}, {} → {}, {gap}{result}", when(&last.time, now), last.from, last.to))
        }
    };
    [("Last backup: ", backup), ("Last rehearsal: ", rehearsal), ("Last switchover: ", switchover)]
}

/// `2026-11-22 13:10 UTC, 2d 04:00 ago`; a time that is none stays as it was written.
fn when(time: &str, now: i64) -> String {
    let Ok(at) = time.parse::<jiff::Timestamp>() else { return time.to_owned() };
    let written = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    match ago(now, at.as_second()) {
        Some(age) => format!("{written}, {age}"),
        None => written,
    }
}
