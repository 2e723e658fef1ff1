//! Metaloggers and clients.

use super::{Word, dash, either, unknown, word};
use crate::health::{ClusterReport, NodeView};
use crate::inventory::model::Role;
use crate::protocol::Session;
use crate::report::format::{duration, grouped};
use crate::report::table::Tone;

/// Headers of [`metaloggers`].
pub const METALOGGERS: &[&str] = &["node", "daemon", "connected", "version", "behind", "last change", "whole copy"];

/// Headers of [`clients`].
#[must_use]
pub fn headers(wide: bool) -> &'static [&'static str] {
    if wide {
        &["node", "mount", "folder", "mounted", "session", "version", "seen", "ops last hour", "ops this hour", "open files", "address"]
    } else {
        &["node", "mount", "folder", "mounted", "version", "seen", "ops/h"]
    }
}

/// A row for each metalogger: how far its copy is behind the master, when it last got a change, and its whole copy.
#[must_use]
pub fn metaloggers(report: &ClusterReport, wide: bool) -> Vec<Vec<Word>> {
    report.with_role(Role::Metalogger).map(|node| metalogger(report, node, wide)).collect()
}

/// One metalogger.
#[must_use]
pub fn metalogger(report: &ClusterReport, node: &NodeView, wide: bool) -> Vec<Word> {
    let seen = report.told().map(|t| t.metaloggers.iter().find(|m| report.comes_from(node, m.address)));
    let copy = node.metalogger_copy.as_ref();
    let age = |seconds: i64| duration(u64::try_from(seconds).unwrap_or(0));
    let behind = match (copy.and_then(|c| report.told().and_then(|t| c.behind(t.info.metadata_version))), copy) {
        (Some(0), _) => word("0", Tone::Good),
        (Some(changes), Some(copy)) => {
            word(grouped(changes), if copy.change_age.is_some_and(|a| a < 60) { Tone::Plain } else { Tone::Warn })
        }
        (None, Some(copy)) if copy.next_change.is_none() => word("no copy", Tone::Warn),
        _ => unknown(),
    };
    let saved = copy.map_or_else(unknown, |c| match (c.saved_version, c.saved_age) {
        (Some(_), Some(seconds)) if !wide => word(format!("{} old", age(seconds)), Tone::Plain),
        (Some(version), Some(seconds)) => word(format!("{}, {} old", grouped(version), age(seconds)), Tone::Plain),
        (Some(version), None) => word(grouped(version), Tone::Plain),
        (None, _) => word("none", Tone::Warn),
    });
    vec![
        word(&node.name, Tone::Plain),
        either(node.metalogger_running, "running", "stopped", Some(true)),
        either(seen.map(|s| s.is_some()), "yes", "NO", Some(true)),
        seen.flatten().map_or_else(dash, |m| word(m.version.to_string(), Tone::Plain)),
        behind,
        copy.map_or_else(unknown, |c| c.change_age.map_or_else(dash, |a| word(format!("{} ago", age(a)), Tone::Plain))),
        saved,
    ]
}

/// A row for each mount of the inventory.
#[must_use]
pub fn clients(report: &ClusterReport, wide: bool) -> Vec<Vec<Word>> {
    let mut rows = Vec::new();
    for node in report.with_role(Role::Client) {
        for mount in &node.mounts {
            let session = report.session(node, &mount.path);
            let id = match session {
                None if report.told().is_none() => unknown(),
                None => word("NONE", Tone::Bad),
                Some(s) => word(s.id.to_string(), if s.connections == 0 { Tone::Warn } else { Tone::Good }),
            };
            let told = |words: fn(&Session) -> String| session.map_or_else(dash, |s| word(words(s), Tone::Plain));
            let mut row = vec![
                word(&node.name, Tone::Plain),
                word(&mount.path, Tone::Plain),
                word(&mount.folder, Tone::Plain),
                if mount.answers == Some(false) { word("HANGS", Tone::Bad) } else { either(mount.mounted, "yes", "NO", Some(true)) },
                told(|s| s.version.to_string()),
                match session {
                    Some(s) => seen(report, s),
                    // Without the column of sessions this tells it.
                    None => id.clone(),
                },
                told(|s| grouped(s.operations.1)),
            ];
            if wide {
                row.insert(4, id);
                row.push(told(|s| grouped(s.operations.0)));
                row.push(told(|s| grouped(u64::from(s.open_files))));
                row.push(word(node.address.to_string(), Tone::Dim));
            }
            rows.push(row);
        }
    }
    rows
}

/// When the master last saw a client. It keeps an absent one's session for a time and tells how much of it is left.
#[must_use]
pub fn seen(report: &ClusterReport, session: &Session) -> Word {
    if session.connections > 0 {
        return word("now", Tone::Good);
    }
    match report.session_sustain.checked_sub(session.expires) {
        Some(away) => word(format!("{} ago", duration(u64::from(away))), Tone::Warn),
        None => word("away", Tone::Warn),
    }
}
