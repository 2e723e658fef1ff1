//! The first synchronisation. A side is overwritten only when neither side ever held data.

use std::time::Duration;

use super::{freshness, unequal, with_state};
use crate::fact::drbd::Freshness;
use crate::fact::drbd_status::{Disk, DrbdRole};
use crate::inventory::layout::takeover as at;
use crate::inventory::model::Cluster;
use crate::step::{Action, Outcome, ProgressOf, View};

/// Even a terabyte at 50 MB/s ends within six hours.
pub(in crate::step) const SYNC_WITHIN: Duration = Duration::from_secs(12 * 3600);

/// 0 when both sides are empty, connected, and this side's metadata was just made.
pub(super) const BOTH_EMPTY: &str = r#"
case $(state "$1" "$2") in "cs:Connected ro:Secondary/Secondary ds:Inconsistent/Inconsistent "*) ;; *) exit 1 ;; esac
case $(drbdadm get-gi "$2") in 0000000000000004:0000000000000000:*) exit 0 ;; esac
exit 1"#;
/// Prints what tells the progress; 0 when both sides are equal, and where no side has data yet and nothing can happen.
pub(in crate::step) const IN_SYNC: &str = r#"
cat /proc/drbd
grep -q '^version: 8' /proc/drbd || drbdsetup status "$2" --verbose --statistics
case $(state "$1" "$2") in *ds:UpToDate/UpToDate*|cs:Connected\ ro:Secondary/Secondary\ ds:Inconsistent/Inconsistent*) exit 0 ;; esac
exit 1"#;
/// 0 when nobody is primary, this side is newest, and keepalived does not decide.
pub(super) const NOBODY_PRIMARY: &str = r#"
! systemctl -q is-active keepalived.service || exit 1
case $(state "$1" "$2") in *ro:Secondary/Secondary\ ds:UpToDate/*) exit 0 ;; esac
exit 1"#;

/// Plans `drbd-first-sync` on the active master.
pub fn first(view: &View) -> Outcome {
    if let Some(refusal) = unequal(view) {
        return Outcome::Refused(refusal);
    }
    let resource = view.facts.drbd.resource(view.cluster);
    if resource.is_some_and(|r| r.in_sync()) {
        return primary(view);
    }
    if let Some(resource) = resource
        && resource.disk == Disk::Diskless
    {
        return Outcome::refused("this side has no disk", "see what the kernel log says of it (dmesg), then run again");
    }
    let Some(peer) = view.cluster.peer(view.node) else { return Outcome::refused("there is no second master", "add one") };
    let mine = view.facts.drbd.freshness();
    let theirs = freshness(view, &peer.name);
    let stuck = resource.is_some_and(|r| r.connection.is_connected() && r.disk == Disk::Inconsistent && r.peer_disk == Disk::Inconsistent);
    let name = &view.cluster.drbd.resource;
    let mut actions = Vec::new();
    match (mine, theirs) {
        (Freshness::Fresh, Some(Freshness::Fresh)) => {
            let force = Action::run(
                format!("make {} the source of the first synchronisation", view.node.name),
                ["drbdadm", "primary", "--force", name],
            );
            actions.push(force.only_if("both sides are connected and never held data", with_state(view.cluster, BOTH_EMPTY)));
        }
        (_, None) => {
            return Outcome::refused(
                format!("nothing is known of {}: whether it holds data cannot be told", peer.name),
                format!("make {} reachable, then run again", peer.name),
            );
        }
        (_, Some(_)) if stuck => {
            return Outcome::refused(
                "both sides are Inconsistent, though data was on one of them: a synchronisation broke off and its source is gone",
                "nothing is overwritten by itself: bring the newer side back, or restore the metadata (docs/drbd.md)",
            );
        }
        (_, Some(_)) => {}
    }
    actions.push(wait_in_sync(view.cluster));
    actions.push(promote(view));
    Outcome::Do(actions)
}

/// Waits, with its progress, until both sides hold the same.
#[must_use]
pub fn wait_in_sync(cluster: &Cluster) -> Action {
    Action::wait("synchronise", with_state(cluster, IN_SYNC), Duration::from_secs(1), SYNC_WITHIN).progress(ProgressOf::DrbdSync)
}

/// Plans `drbd-primary`: somebody must be able to make the file system before the takeover runs.
pub fn primary(view: &View) -> Outcome {
    let Some(resource) = view.facts.drbd.resource(view.cluster) else { return Outcome::Do(vec![promote(view)]) };
    let equal = format!("{}, {}/{}", resource.connection, resource.disk, resource.peer_disk);
    match (&resource.role, &resource.peer_role) {
        (DrbdRole::Primary, _) => return Outcome::Unchanged(format!("{equal}, this side is primary")),
        (_, DrbdRole::Primary) => return Outcome::Unchanged(format!("{equal}, the other side is primary")),
        _ => {}
    }
    if view.facts.units.get(at::KEEPALIVED_UNIT).is_active() {
        return Outcome::Unchanged(format!("{equal}; the takeover decides who is primary"));
    }
    Outcome::Do(vec![promote(view)])
}

fn promote(view: &View) -> Action {
    Action::run("make this side primary", ["drbdadm", "primary", &view.cluster.drbd.resource])
        .only_if("nobody is primary and the takeover does not run", with_state(view.cluster, NOBODY_PRIMARY))
}
