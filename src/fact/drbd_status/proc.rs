//! `/proc/drbd` of DRBD 8.4 (`drbd_proc.c` of the module; captured in every state).

use super::{Connection, Disk, DrbdResource, DrbdRole, DrbdStatus, FactError, Sync, SyncKind};

/// Reads the whole file; text before the first device other than `version:` is of no matter.
pub(super) fn parse(text: &str) -> Result<DrbdStatus, FactError> {
    let mut status = DrbdStatus::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("version:") {
            status.version = rest.split_whitespace().next().map(str::to_owned);
        } else if let Some((minor, rest)) = device(line) {
            status.resources.push(head(minor, rest)?);
        } else if let Some(resource) = status.resources.last_mut() {
            detail(resource, line);
        }
    }
    Ok(status)
}

/// ` 0: cs:…` → minor and the rest.
fn device(line: &str) -> Option<(u32, &str)> {
    let (minor, rest) = line.trim_start().split_once(':')?;
    let rest = rest.trim_start();
    rest.starts_with("cs:").then_some(())?;
    Some((minor.parse().ok()?, rest))
}

/// `cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----`; the protocol is blank when StandAlone.
fn head(minor: u32, text: &str) -> Result<DrbdResource, FactError> {
    let wrong = |what: &str| FactError::new("drbd", what, text);
    let mut resource = DrbdResource::new(Connection::Unconfigured);
    resource.minor = Some(minor);
    for word in text.split_whitespace() {
        if let Some(state) = word.strip_prefix("cs:") {
            resource.connection = Connection::from_word(state);
        } else if let Some(roles) = word.strip_prefix("ro:") {
            let (own, peer) = roles.split_once('/').ok_or_else(|| wrong("roles as OWN/PEER"))?;
            (resource.role, resource.peer_role) = (DrbdRole::from_word(own), DrbdRole::from_word(peer));
        } else if let Some(disks) = word.strip_prefix("ds:") {
            let (own, peer) = disks.split_once('/').ok_or_else(|| wrong("disks as OWN/PEER"))?;
            (resource.disk, resource.peer_disk) = (Disk::from_word(own), Disk::from_word(peer));
        } else if let ("A" | "B" | "C", Some(letter)) = (word, word.chars().next()) {
            resource.protocol = Some(letter);
        } else if word.starts_with(['r', 's']) {
            resource.suspended = word.starts_with('s');
            word.clone_into(&mut resource.flags);
        }
    }
    Ok(resource)
}

/// The indented lines of a device: counters, and the progress of a resync or verification.
fn detail(resource: &mut DrbdResource, line: &str) {
    if let Some(oos) = after(line, "oos:") {
        resource.out_of_sync_kib = oos.parse().unwrap_or(0);
    }
    for (mark, kind) in [("sync'ed:", SyncKind::Resync), ("verified:", SyncKind::Verify)] {
        if let Some(percent) = after(line, mark).and_then(|w| w.trim_end_matches('%').parse().ok()) {
            let (left, total) = amounts(line).unzip();
            resource.sync = Some(Sync { kind, percent, left_kib: left, total_kib: total, finish_seconds: None, speed_kib_s: None });
        }
    }
    if let Some(sync) = &mut resource.sync {
        sync.finish_seconds = after(line, "finish:").and_then(clock).or(sync.finish_seconds);
        sync.speed_kib_s = after(line, "speed:").and_then(|w| w.replace(',', "").parse().ok()).or(sync.speed_kib_s);
    }
}

/// The word that follows a mark.
fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.split_once(mark)?.1.split_whitespace().next()
}

/// `(282124/524236)K` in KiB; large volumes are shown in `M`.
fn amounts(line: &str) -> Option<(u64, u64)> {
    let (inside, unit) = line.split_once('(')?.1.split_once(')')?;
    let (left, total) = inside.split_once('/')?;
    let scale = if unit.starts_with('M') { 1024 } else { 1 };
    let kib = |n: &str| n.trim().replace(',', "").parse::<u64>().ok()?.checked_mul(scale);
    Some((kib(left)?, kib(total)?))
}

/// `H:MM:SS` in seconds.
fn clock(word: &str) -> Option<u64> {
    word.split(':').try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.parse().ok()?))
}
