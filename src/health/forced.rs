//! What is known when the active master is gone: who could still serve, and what a forced takeover would lose.

use serde::Serialize;

use crate::fact::drbd_status::{Connection, Disk, DrbdResource, DrbdRole};
use crate::step::switchover::Means;

/// What the witnesses say of the votes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Votes {
    /// Witnesses of the inventory.
    pub total: usize,
    /// Those that answered.
    pub answered: usize,
    /// Those that name the peer as the holder.
    pub peers: usize,
}

/// The judgement on a forced takeover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forced {
    /// What must be taken, and from whom.
    pub means: Means,
    /// Whether this side's data is not the newest, as far as it knows itself.
    pub older_data: bool,
    /// What is known, a line each.
    pub known: Vec<String>,
    /// What is not.
    pub unknown: Vec<String>,
    /// What may be lost.
    pub loss: String,
}

impl Votes {
    fn majority(&self) -> bool {
        self.answered * 2 > self.total
    }

    /// Reads `WITNESS: HOLDER` lines of `mfs-ha votes`; `nobody` and `no answer` are no holders.
    #[must_use]
    pub fn parse(text: &str, peer: &str) -> Self {
        let mut votes = Self::default();
        for (_, holder) in text.lines().filter_map(|l| l.split_once(": ")) {
            votes.total += 1;
            votes.answered += usize::from(holder != "no answer");
            votes.peers += usize::from(holder == peer);
        }
        votes
    }
}

/// Judges a takeover by a node whose peer cannot be asked.
///
/// # Errors
/// Why it must not be: in words, with what to do.
pub fn judge(node: &str, peer: &str, drbd: Option<&DrbdResource>, votes: &Votes) -> Result<Forced, (String, String)> {
    let Some(drbd) = drbd else {
        return Err((format!("DRBD is not up on {node}"), format!("bring it up there: `drbdadm up`; then `drbdadm status` on {node}")));
    };
    if drbd.connection == Connection::Connected && drbd.peer_role == DrbdRole::Primary {
        return Err((
            format!("{peer} is alive: DRBD is connected to it and it is Primary"),
            format!("power {peer} off, then run this again"),
        ));
    }
    if drbd.connection.is_connected() && drbd.disk != Disk::UpToDate {
        return Err((
            format!("{peer}'s DRBD is connected and {node} has no complete data ({})", drbd.disk),
            format!("wait for the resync from {peer}"),
        ));
    }
    let mut known = vec![format!("{node}: {} {}/{}", drbd.connection, drbd.disk, drbd.peer_disk)];
    let mut unknown = Vec::new();
    known.push(match votes.total {
        0 => "there are no witnesses".to_owned(),
        total => format!("{} of {total} witnesses answer, {} name {peer} as the holder of the votes", votes.answered, votes.peers),
    });
    // Connected, both hold the same data, and DRBD lets one of them be Primary: no vote is asked for that.
    let together = drbd.connection == Connection::Connected && drbd.disk == Disk::UpToDate;
    let means = match (votes.total > 0 && votes.majority(), votes.peers) {
        _ if together => Means::Claim,
        (true, 0) => Means::Claim,
        (true, _) => Means::Seize,
        (false, _) => Means::Alone,
    };
    if drbd.connection.is_connected() {
        known.push(format!("{peer}'s DRBD is connected, as {}", drbd.peer_role));
    } else {
        unknown.push(format!("whether {peer} is off or only cut off from here"));
    }
    let (older_data, loss) = match (&drbd.disk, means) {
        _ if together => (false, "nothing: both sides hold the same data".to_owned()),
        (Disk::UpToDate | Disk::Consistent, Means::Claim) => {
            (false, format!("nothing that was acknowledged: {peer} cannot go on without the votes, and none of them is its"))
        }
        (Disk::UpToDate | Disk::Consistent, Means::Seize) => {
            (false, format!("everything {peer} acknowledged since it won the votes and went on alone; how much cannot be seen from here"))
        }
        (Disk::UpToDate | Disk::Consistent, Means::Alone) => {
            (false, format!("nothing if {peer} went off together with the connection; else everything it acknowledged since"))
        }
        (Disk::Outdated, _) => (true, format!("every change since {peer} went on without {node}; how many cannot be seen from here")),
        (Disk::Inconsistent, _) => (
            true,
            format!(
                "{node} was in the middle of a resync: {} KiB were still to come, the file system on it may be unusable",
                drbd.out_of_sync_kib
            ),
        ),
        (disk, _) => {
            return Err((
                format!("the disk of {node} is {disk}"),
                "see docs/drbd.md: without its data there is nothing to serve".to_owned(),
            ));
        }
    };
    Ok(Forced { means, older_data, known, unknown, loss })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::health::testing::drbd;

    const LOST: &str = "cs:WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----";

    fn votes(text: &str) -> Votes {
        Votes::parse(text, "node1")
    }

    fn of(words: &str, votes: &Votes) -> Result<Forced, (String, String)> {
        judge("node2", "node1", Some(&drbd(words)), votes)
    }

    #[test]
    fn free_votes_prove_that_nothing_is_lost() {
        let forced = of(LOST, &votes("node3: nobody\nnode4: node2\nnode5: no answer\n")).unwrap();
        assert_eq!((forced.means, forced.older_data), (Means::Claim, false));
        assert!(forced.loss.contains("nothing that was acknowledged"));
    }

    #[test]
    fn a_standby_that_is_connected_holds_the_same_data_and_needs_no_votes() {
        let together = "cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----";
        for said in ["node3: no answer\nnode4: no answer\n", "node3: node1\nnode4: node1\n", ""] {
            let forced = of(together, &votes(said)).unwrap();
            assert_eq!((forced.means, forced.older_data), (Means::Claim, false), "{said}");
            assert!(forced.loss.starts_with("nothing"), "{}", forced.loss);
        }
    }

    #[test]
    fn a_peer_that_holds_votes_went_on_alone() {
        let forced = of(LOST, &votes("node3: node1\nnode4: node1\nnode5: nobody\n")).unwrap();
        assert_eq!(forced.means, Means::Seize);
        assert!(forced.loss.contains("everything node1 acknowledged"));
    }

    #[test]
    fn without_a_majority_only_a_person_can_tell() {
        for text in ["", "node3: no answer\nnode4: no answer\nnode5: nobody\n", "node3: nobody\nnode4: no answer\n"] {
            let forced = of(LOST, &votes(text)).unwrap();
            assert_eq!(forced.means, Means::Alone, "{text}");
            assert!(!forced.unknown.is_empty());
        }
    }

    #[test]
    fn older_data_is_called_older() {
        let free = votes("node3: nobody\nnode4: nobody\nnode5: nobody\n");
        for disk in ["Outdated", "Inconsistent"] {
            assert!(of(&format!("cs:WFConnection ro:Secondary/Unknown ds:{disk}/DUnknown C r-----"), &free).unwrap().older_data);
        }
        assert!(of("cs:WFConnection ro:Secondary/Unknown ds:Diskless/DUnknown C r-----", &free).is_err());
    }

    #[test]
    fn a_peer_that_lives_is_not_forced_aside() {
        let free = votes("node3: nobody\n");
        let (why, fix) = of("cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----", &free).unwrap_err();
        assert!(why.contains("alive") && fix.contains("power node1 off"));
        assert!(of("cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----", &free).is_err());
        assert!(judge("node2", "node1", None, &free).is_err());
        let both = of("cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate C r-----", &free).unwrap();
        assert!(both.unknown.is_empty());
    }
}
