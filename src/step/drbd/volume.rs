//! Metadata on the backing volume, and the resource brought up on it.

use std::time::Duration;

use super::{unequal, with_state};
use crate::fact::drbd::Backing;
use crate::fact::drbd_status::{Connection, Disk, DrbdRole};
use crate::inventory::layout::takeover as at;
use crate::step::{Action, Outcome, View};

/// Longest time two peers may take to find each other: both bring up LVM and DRBD on slow machines.
const CONNECT_WITHIN: Duration = Duration::from_secs(45);

/// 0 when nothing at all lies on the volume `$1`; `blkid` gives 2 then, and also when it cannot read.
const BLANK: &str = r#"test -b "$1" && test -r "$1" || exit 1; blkid -p "$1" >/dev/null; test $? -eq 2"#;
/// 0 when the volume holds nothing or DRBD's own metadata; else says what.
const NOTHING_FOREIGN: &str = r#"
test -b "$1" || { echo "$1: no such block device" >&2; exit 1; }
found=$(blkid -p -o value -s TYPE -s PTTYPE "$1"); status=$?
case $found in drbd) exit 0 ;; '') [ $status -ne 2 ] || exit 0; found='an unclear signature' ;; esac
echo "$1 holds $found: nothing is written over it" >&2
exit 1"#;

/// Plans `drbd-metadata`.
pub fn metadata(view: &View) -> Outcome {
    let Some(storage) = &view.node.storage else { return Outcome::refused("no storage in the inventory", "give the master a disk") };
    let (lv, resource) = (storage.lv_path(), &view.cluster.drbd.resource);
    match &view.facts.drbd.backing {
        Backing::Drbd => return Outcome::Unchanged(format!("{lv} has DRBD metadata")),
        // A volume that was extended and not yet resized by DRBD has the metadata where it ended before, and looks like its content.
        Backing::Other(_) if attached(view) => return Outcome::Unchanged(format!("DRBD uses {lv}")),
        Backing::Other(what) => {
            return Outcome::refused(
                format!("{lv} holds {what}, which is not DRBD's"),
                format!("look what it is; if nothing on it is needed, run `wipefs -a {lv}` there and provision again"),
            );
        }
        Backing::Absent | Backing::Blank => {}
    }
    if let Some(refusal) = unequal(view) {
        return Outcome::Refused(refusal);
    }
    let vg_lv = format!("{}/{}", storage.vg, storage.lv);
    Outcome::Do(vec![
        Action::run(format!("activate {vg_lv}"), ["lvchange", "-ay", &vg_lv]).only_if("it is inactive", ["test", "!", "-b", &lv]),
        Action::run(format!("check that {lv} holds nothing else"), ["sh", "-c", NOTHING_FOREIGN, "mfsctl", &lv]),
        Action::run(format!("make DRBD metadata on {lv}"), ["drbdadm", "create-md", resource])
            .only_if(format!("{lv} holds no signature at all"), ["sh", "-c", BLANK, "mfsctl", &lv]),
    ])
}

/// Whether the kernel has the volume attached: then its metadata was found.
fn attached(view: &View) -> bool {
    let resource = view.facts.drbd.resource(view.cluster);
    resource.is_some_and(|r| !matches!(r.disk, Disk::Diskless | Disk::DUnknown | Disk::Failed | Disk::Attaching | Disk::Detaching))
}

/// 0 when connected; says why not otherwise.
const CONNECTED: &str = r#"
line=$(state "$1" "$2")
case $line in
cs:Connected*|cs:Sync*|cs:Verify*|cs:PausedSync*|cs:WFBitMap*|cs:WFSyncUUID*|cs:StartingSync*|cs:Ahead*|cs:Behind*) exit 0 ;;
cs:StandAlone*) dmesg 2>/dev/null | grep drbd | grep -E 'Authentication of peer failed|disk size is too small|Split-Brain detected' | tail -n 1 >&2 ;;
esac
echo "not connected: ${line:-the resource is not up}" >&2
exit 1"#;

/// Plans `drbd-up`.
pub fn up(view: &View) -> Outcome {
    if let Some(refusal) = unequal(view) {
        return Outcome::Refused(refusal);
    }
    let adjust = view.pending.contains(at::MARK_ADJUST);
    let name = &view.cluster.drbd.resource;
    let resource = view.facts.drbd.resource(view.cluster);
    let mut actions = Vec::new();
    if let Some(resource) = resource {
        let alone = !resource.connection.is_connected();
        if resource.disk == Disk::Diskless && resource.role == DrbdRole::Primary {
            return Outcome::refused(
                format!("resource {name} is Primary without a disk: it was detached after an I/O error"),
                "move the master to the other node first (mfsctl failover), then replace the disk",
            );
        }
        if !alone && !adjust && resource.disk != Disk::Diskless {
            return Outcome::Unchanged(format!("{}, {}/{}", resource.connection, resource.disk, resource.peer_disk));
        }
        if resource.connection == Connection::StandAlone
            && !adjust
            && let Some(outcome) = refused_by_kernel(view)
        {
            return outcome;
        }
        // An attempt without metadata leaves it configured but empty, and `adjust` alone does not mend that.
        if alone && resource.disk == Disk::Diskless {
            let guard = with_state(view.cluster, r#"case $(state "$1" "$2") in *ro:Primary*) exit 1 ;; esac"#);
            actions.push(Action::run(format!("take resource {name} down"), ["drbdadm", "down", name]).require("not primary", guard));
        }
    }
    if let Some(storage) = &view.node.storage
        && view.facts.drbd.backing == Backing::Absent
    {
        let (lv, vg_lv) = (storage.lv_path(), format!("{}/{}", storage.vg, storage.lv));
        let activate = Action::run(format!("activate {vg_lv}"), ["lvchange", "-ay", &vg_lv]);
        actions.push(activate.only_if("it is inactive", ["test", "!", "-b", &lv]));
    }
    actions.push(Action::run(format!("bring up resource {name}"), ["drbdadm", "adjust", name]).clears(at::MARK_ADJUST));
    Outcome::Do(actions)
}

/// Plans `drbd-connected`, for when both sides are up.
pub fn connected(view: &View) -> Outcome {
    let name = &view.cluster.drbd.resource;
    if let Some(resource) = view.facts.drbd.resource(view.cluster).filter(|r| r.connection.is_connected()) {
        return Outcome::Unchanged(resource.connection.to_string());
    }
    if !view.cluster.peer(view.node).is_some_and(|p| matches!(view.state.get(&p.name), Some(Ok(_)))) {
        return Outcome::Unchanged("nothing is known of the other master: not waited for".to_owned());
    }
    let wait = with_state(view.cluster, CONNECTED);
    Outcome::Do(vec![Action::wait(format!("wait until resource {name} is connected"), wait, Duration::from_secs(1), CONNECT_WITHIN)])
}

/// What the kernel's log says of a connection it gave up.
fn refused_by_kernel(view: &View) -> Option<Outcome> {
    let log = &view.facts.drbd.kernel_log;
    let last = log.last()?;
    let (what, fix) = if last.contains("Authentication of peer failed") || last.contains("cram-hmac") || last.contains("AuthChallenge") {
        ("the peers have different shared secrets", "provision both masters in one run, so that they get the same drbd.secret")
    } else if last.contains("disk size is too small") {
        ("the peer's volume is smaller", "make both logical volumes the same size")
    } else if last.contains("Split-Brain") {
        (
            "SPLIT BRAIN: both sides have changes the other lacks",
            "nothing is overwritten by itself: see what each side has with `mfsctl split-brain show`",
        )
    } else if last.to_lowercase().contains("unrelated data") {
        ("the peers hold unrelated data", "one side belongs to another cluster or was made anew: find out which before you overwrite one")
    } else {
        return None;
    };
    Some(Outcome::refused(format!("replication is StandAlone: {what} (kernel: {})", last.trim()), fix))
}
