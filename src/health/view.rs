//! From a host's facts to what the rules want to know of it.

use super::local::Local;
use super::{AgentView, CopyView, MountView, NodeView};
use crate::fact::HostFacts;
use crate::fact::moosefs::Header;
use crate::fact::takeover::Takeover;
use crate::inventory::layout::moosefs::MASTER_UNIT;
use crate::inventory::model::{Cluster, Node, Role};

impl NodeView {
    /// A node as its facts show it. `sent` and `received` are the operator's clock around the survey, seconds since 1970.
    #[must_use]
    pub fn from_facts(cluster: &Cluster, node: &Node, facts: &HostFacts, sent: f64, received: f64) -> Self {
        let mut view = Self::new(node);
        view.uname = Some(facts.system.hostname.clone());
        view.clock_offset_ms = Some(offset_ms(facts.system.epoch, sent, received));
        if node.is(Role::Master) {
            view.drbd = facts.drbd.resource(cluster).cloned();
            view.drbd_log = facts.drbd.kernel_log.last().cloned();
            view.agent = Some(agent(&facts.takeover));
            view.vip_present = Some(facts.network.has(cluster.vip.address));
            view.volume_mounted = Some(facts.mounts.at(&cluster.mount_point).is_some_and(|m| m.source == cluster.drbd.device));
            view.master_running = Some(facts.moosefs.runs("mfsmaster"));
            view.limits = facts.maintenance.clone();
            view.switchover = facts.switchover.clone();
            view.master_enabled = Some(facts.units.get(MASTER_UNIT).is_enabled());
        }
        if node.is(Role::Metalogger) {
            view.metalogger_running = Some(facts.moosefs.runs("mfsmetalogger"));
            view.metalogger_copy = Some(copy(facts));
        }
        if node.is(Role::Chunkserver) {
            view.chunkserver_running = Some(facts.moosefs.runs("mfschunkserver"));
        }
        view.local = Some(Local::of(cluster, node, facts));
        for mount in &mut view.mounts {
            look_at(mount, facts);
        }
        view
    }
}

fn agent(takeover: &Takeover) -> AgentView {
    let wish = takeover.wish.as_deref().map_or_else(String::new, |w| format!(", wish {w}"));
    let votes = if takeover.holding { ", holds the votes" } else { "" };
    let held = takeover.hold.as_ref().map_or_else(String::new, |h| format!(", on hold ({} left)", h.remaining()));
    let (healthy, note) = match takeover.healthy {
        Some(true) => (true, format!("fit{wish}{votes}{held}")),
        Some(false) => (false, format!("NOT fit: {}{wish}{votes}{held}", takeover.why)),
        None => (false, "does not run".to_owned()),
    };
    AgentView { healthy, note, hold: takeover.hold.clone(), space: takeover.space.clone() }
}

fn copy(facts: &HostFacts) -> CopyView {
    let held = &facts.moosefs.metalogger;
    // `as` saturates
    let age = |name: &str| held.files.get(name).map(|f| (facts.system.epoch as i64).saturating_sub(f.modified).max(0));
    let saved_version = match held.headers.get("metadata_ml.mfs.back") {
        Some(Header::Saved { version, .. }) => Some(*version),
        _ => None,
    };
    CopyView {
        next_change: facts.moosefs.metalogger_last.map(|id| id.saturating_add(1)).max(saved_version),
        change_age: age("changelog_ml.0.mfs").or_else(|| age("changelog_ml.1.mfs")),
        saved_version,
        saved_age: saved_version.and_then(|_| age("metadata_ml.mfs.back")),
    }
}

fn look_at(mount: &mut MountView, facts: &HostFacts) {
    let mounted = facts.mounts.at(&mount.path).is_some_and(|m| m.fs.starts_with("fuse") && m.source.starts_with("mfs"));
    mount.mounted = Some(mounted);
    mount.answers = facts.moosefs.answers.get(&mount.path).filter(|_| mounted).map(Option::is_some);
}

/// How far a clock read at some moment between `sent` and `received` is surely off, milliseconds.
#[must_use]
pub fn offset_ms(read: f64, sent: f64, received: f64) -> i64 {
    let off = if read > received {
        read - received
    } else if read < sent {
        read - sent
    } else {
        0.0
    };
    // `as` saturates
    (off * 1000.0).round() as i64
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_agents_words() {
        let fit = Takeover { healthy: Some(true), wish: Some("master".into()), holding: true, ..Takeover::default() };
        assert_eq!(agent(&fit), AgentView { healthy: true, note: "fit, wish master, holds the votes".into(), hold: None, space: None });
        let unfit = Takeover { healthy: Some(false), why: "disk Diskless".into(), ..Takeover::default() };
        assert_eq!(agent(&unfit), AgentView { healthy: false, note: "NOT fit: disk Diskless".into(), hold: None, space: None });
        assert!(!agent(&Takeover::default()).healthy);
    }

    #[test]
    fn a_master_of_the_reference_cluster() {
        let cluster = crate::step::testing::cluster();
        let mut facts = HostFacts::default();
        facts.system.epoch = 100.0;
        facts.system.hostname = "node1".into();
        facts.drbd.status =
            crate::fact::drbd_status::parse(include_str!("../../tests/fixtures/drbd/proc/connected-primary-secondary.node1.txt"), "")
                .unwrap();
        facts.mounts.mounted.push(crate::fact::mount::Mounted {
            source: "/dev/drbd0".into(),
            target: "/data/drbd".into(),
            fs: "xfs".into(),
            options: Vec::new(),
        });
        let view = NodeView::from_facts(&cluster, &cluster.nodes[0], &facts, 99.0, 101.0);
        assert_eq!((view.is_primary(), view.volume_mounted, view.vip_present), (Some(true), Some(true), Some(false)));
        assert_eq!((view.master_running, view.master_enabled, view.metalogger_running), (Some(false), Some(false), Some(false)));
        assert_eq!((view.chunkserver_running, view.clock_offset_ms), (None, Some(0)));
        facts.mounts.mounted[0].source = "/dev/sdb1".into();
        assert_eq!(NodeView::from_facts(&cluster, &cluster.nodes[0], &facts, 99.0, 101.0).volume_mounted, Some(false));
    }

    #[test]
    fn a_metaloggers_copy_and_how_old_it_is() {
        use crate::fact::moosefs::MetaFile;
        let mut facts = HostFacts::default();
        facts.system.epoch = 1000.7;
        assert_eq!(copy(&facts), CopyView::default());
        let file = |modified| MetaFile { modified, ..MetaFile::default() };
        facts.moosefs.metalogger.files.insert("changelog_ml.0.mfs".into(), file(990));
        facts.moosefs.metalogger.files.insert("metadata_ml.mfs.back".into(), file(400));
        facts.moosefs.metalogger_last = Some(41);
        // Without a whole copy there is nothing to restore from, but what came is told.
        let seen = copy(&facts);
        assert_eq!((seen.next_change, seen.change_age, seen.saved_version, seen.saved_age), (Some(42), Some(10), None, None));
        let saved = Header::Saved { format: "MFSM 2.0".into(), version: 50, id: 1 };
        facts.moosefs.metalogger.headers.insert("metadata_ml.mfs.back".into(), saved);
        let seen = copy(&facts);
        assert_eq!((seen.next_change, seen.saved_version, seen.saved_age), (Some(50), Some(50), Some(600)));
        assert_eq!((seen.behind(60), seen.behind(49)), (Some(10), Some(0)));
    }

    #[test]
    fn only_what_the_round_trip_cannot_explain_is_an_offset() {
        assert_eq!(offset_ms(100.2, 100.0, 100.5), 0);
        assert_eq!(offset_ms(103.0, 100.0, 100.5), 2500);
        assert_eq!(offset_ms(97.5, 100.0, 100.5), -2500);
    }
}
