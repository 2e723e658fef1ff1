//! The check after a planned stop of the master: what it left on the volume.

use super::{Check, Said, Sight};

pub const CHECKS: &[Check] =
    &[Check { name: "metadata-stored-whole", about: "the stopped master stored its metadata whole, nothing of it older", ask: whole }];

/// `whole VERSION ID` is what mfs-ha found on the volume after mfsmaster had ended, before it was unmounted.
fn whole(before: &Sight, now: &Sight) -> Said {
    let version = before.told().map_or(0, |t| t.info.metadata_version);
    let id = before.metadata_id(before.from);
    let id_words = id.map_or_else(String::new, |id| format!(", of file system {id:016X}"));
    let wanted = format!("metadata.mfs with its end marker, version {version} or higher{id_words}");
    let stored = now.facts(now.from).and_then(|f| f.takeover.stored.clone());
    let Some(stored) = stored else {
        return Said::unknown(&format!("what {} stored", now.from.name), wanted, "see `journalctl -t mfs-ha` there");
    };
    let mut words = stored.split(' ');
    let (first, found) = (words.next(), words.next().and_then(|w| w.parse::<u64>().ok()));
    let kept = words.next().and_then(|w| u64::from_str_radix(w, 16).ok());
    let same = id.is_none() || kept == id;
    let passed = first == Some("whole") && found.is_some_and(|found| found >= version) && same;
    let fix = "nothing is lost: `mfsctl start` recovers it from the changelogs; `mfsctl backup-meta` and docs/restore.md if you doubt it";
    Said::when(passed, stored.clone(), wanted, fix)
}
