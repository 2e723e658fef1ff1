//! Findings about the takeover: agent, worker, keepalived, wishes, votes.

super::entries! {
    AGENT_UNFIT: Warning "agent-unfit", "the takeover agent calls its node unfit",
        "Until then it neither serves nor takes over.",
        "See what it says, and `journalctl -t mfs-ha` on that node.";
    TAKEOVER_UNASKED: Critical "takeover-unasked", "the takeover of a master cannot be asked",
        "What it does now, and whether it would take over, is not known.",
        "See that the node is up; where its script is missing or too old, `mfsctl provision --only takeover`.";
    STOPPED_ON_PURPOSE: Warning "stopped-on-purpose", "a master was stopped on purpose",
        "It neither serves nor takes over, also after a boot.",
        "`mfsctl start` when the work is done.";
    TAKEOVER_FAULT: Warning "takeover-fault", "a fault is in force on a master",
        "A promotion or demotion failed there; it keeps away for a while.",
        "Mend the reason it names; it is tried again by itself.";
    TAKEOVER_UNIT_DOWN: Warning "takeover-unit-down", "a part of the takeover does not run",
        "Without keepalived, worker and agent this master does not take over, or does not let go.",
        "`systemctl start` the unit, and see why it ended.";
    TAKEOVER_BUSY: Notice "takeover-busy", "a promotion or demotion is under way",
        "States between two roles are no fault.",
        "Look again in a moment.";
    TAKEOVER_HOLD: Warning "takeover-hold", "the takeover is on hold",
        "Until it ends nobody takes over from a master that dies.",
        "`mfsctl ha release` when the work is done; it ends by itself.";
    HOLD_ON_ONE: Warning "hold-on-one", "the hold is on one master only",
        "The other was restarted or not reached: it may still take over.",
        "`mfsctl ha hold` again, or `mfsctl ha release`.";
    TWO_WISHES: Critical "vrrp-two-masters", "keepalived elects both masters at once",
        "The masters do not hear each other's VRRP adverts (protocol 112): a firewall, the switch, or configurations that differ. Only the votes keep them from a split brain.",
        "See the network between the masters, and both keepalived.conf; `mfsctl provision --only takeover` makes them a pair.";
    WISH_AFTER_HOLD: Warning "wish-after-hold", "the end of the hold will move something",
        "What keepalived elected meanwhile is done the moment the hold ends.",
        "Mend what should not happen first; `mfsctl ha release` says it again before it acts.";
    WISH_DISAGREES: Warning "wish-disagrees", "keepalived's wish and the node's role disagree",
        "The worker did not do what was elected.",
        "See `journalctl -t mfs-ha` there.";
    PEER_VIEW_DIFFERS: Warning "peer-view-differs", "the masters do not agree on who is Primary",
        "A change was under way, or one of them is not told of it.",
        "Look again; if it stays, see the kernel log of both.";
    WITNESSES_FEW: Warning "witnesses-few", "fewer than three nodes hold votes",
        "They cannot lose one and still decide which master may go on alone.",
        "Give more nodes (chunkservers, metaloggers that are no masters) a vote in `ha.witnesses`, then `mfsctl provision`.";
    WITNESSES_CHANGE: Warning "witnesses-change", "a change of the witnesses is not finished",
        "Until both masters ask the new ones, each needs a majority of those of before too: where too many of them are gone, none can take over.",
        "`mfsctl provision` finishes it once both masters are reached and in sync.";
    WITNESS_SILENT: Warning "witness-silent", "witnesses do not answer",
        "One loss more and no majority is left.",
        "See `mfs-witness.socket` there, and the network.";
    WITNESS_MAJORITY_LOST: Critical "witness-majority-lost", "a majority of the witnesses does not answer",
        "A master that loses its peer now freezes, and then reboots.",
        "See `mfs-witness.socket` on them, and the network.";
    NEW_CHUNKS_UNTOLD: Warning "new-chunks-untold", "a chunkserver cannot tell whether it has a new chunk",
        "When mfsmaster dies after it wrote a new chunk down and before a chunkserver heard of it, that write fails (ENXIO, after two minutes).",
        "See `journalctl -t mfs-witness` on that chunkserver: it names the disk or the file that is not as it should be.";
    VOTES_ASKED: Notice "votes-asked", "the witnesses are being asked just now",
        "Nothing is known of the votes in this moment.",
        "Look again in a moment.";
    VOTES_TAKEN: Critical "votes-taken", "a master believes that it holds the votes, and the witnesses name another",
        "Two masters may each believe that they may serve.",
        "`mfsctl split-brain show`: the votes were taken from it while it held them.";
    VOTES_KEPT: Notice "votes-kept", "a master holds the votes though its peer is connected",
        "They are given back once both are in sync.",
        "Wait; if it stays, see `journalctl -t mfs-ha` there.";
    SCRIPTS_OLD: Warning "scripts-old", "a script of the takeover or of the votes is not this version's",
        "Masters and witnesses that speak different versions may not understand each other's votes.",
        "`mfsctl provision --only witnesses,takeover,serving,standby`.";
    VOLUME_LOW: Warning "volume-low", "the metadata volume is nearly full",
        "When it is full, changes are not written.",
        "Free or add space (`mfsctl grow`); old sets under .mfs-ha and backups kept there may go.";
    VOLUME_FULL: Critical "volume-full", "the metadata volume is full",
        "The reserve is given up; changes may soon not be written.",
        "Free or add space (`mfsctl grow`); do not stop or kill mfsmaster before.";
}
