//! Findings about the two masters: the virtual address, DRBD, the volume, who serves.

super::entries! {
    VIP_TWO: Critical "vip-two", "both masters hold the virtual address",
        "Clients and chunkservers reach one or the other by chance; one of them serves nothing, or other metadata.",
        "See which one is Primary and serves, take the address off the other (`ip address del`), and find why it kept it.";
    VIP_NOWHERE: Critical "vip-nowhere", "nobody holds the virtual address",
        "No client, chunkserver or metalogger finds the master: the file system stands still.",
        "See why neither master took over: `mfsctl ha status`, then the takeover agent's journal on both.";
    VIP_UNSEEN: Warning "vip-unseen", "no master that could be asked holds the virtual address",
        "It is on the master that cannot be reached, or nowhere; from here the two look alike.",
        "Reach the other master, or see whether it still serves before anything is moved.";
    VIP_NOT_ON_PRIMARY: Critical "vip-not-on-primary", "the virtual address is on a node that is not Primary",
        "Clients are sent to a node that has no metadata.",
        "See the takeover agent's journal on both masters: a takeover is under way or has failed.";
    VIP_WITHOUT_MASTER: Critical "vip-without-master", "the virtual address is where no MooseFS master runs",
        "Everybody reaches the right machine and finds nobody there: the file system stands still, and after about two minutes programs get EIO.",
        "See `journalctl -u moosefs-master` and the agent's journal there; `mfsctl failover` moves the service when the other master is well.";
    MASTER_WITHOUT_VIP: Critical "master-without-vip", "the MooseFS master runs on the Primary, but the virtual address is not there",
        "The master serves and nobody finds it.",
        "See the takeover agent's journal: it looks after the address. `mfsctl ha status` shows what it wants.";
    MASTER_ON_STANDBY: Critical "master-on-standby", "a MooseFS master runs where the metadata volume is not",
        "It serves other or no metadata; metaloggers that meet it throw their copies away within seconds, chunkservers shut down.",
        "Stop it at once (`systemctl stop moosefs-master`), and copy the metaloggers' directories before they are used.";
    MASTER_NOT_RUNNING: Critical "master-not-running", "the Primary has no running MooseFS master",
        "Nothing serves metadata.",
        "See `journalctl -u moosefs-master` and the takeover agent's journal.";
    MASTER_AT_BOOT: Warning "master-at-boot", "moosefs-master starts at boot by itself",
        "At the next boot it starts beside the takeover, whether or not the metadata volume is there.",
        "`systemctl disable moosefs-master`; `mfsctl doctor --fix` does it.";
    MASTER_AT_BOOT_OTHERWISE: Warning "master-at-boot-otherwise", "something else than its unit starts mfsmaster at boot or by the clock",
        "A start from SysV links, rc.local or cron knows nothing of the takeover: after a boot a second master may serve.",
        "Take the entry named out of the file named; only the takeover may start mfsmaster.";
    MASTER_UNGUARDED: Warning "master-unguarded", "moosefs-master can be started where the metadata volume is not mounted",
        "`systemctl start moosefs-master` by hand, or by a package's script, starts an empty file system on the bare mount point.",
        "`mfsctl provision --only takeover` writes the unit's drop-in again.";
    UNIT_PACKAGED: Warning "unit-packaged", "the package's own unit of the MooseFS master is in force",
        "Its PIDFile is in a directory that is not the DATA_PATH, so systemd takes a master that runs for one that failed; its timeouts (1800 s) outlast every takeover.",
        "`mfsctl provision --only takeover` writes the drop-in that corrects it.";
    UNIT_TIMEOUTS: Warning "unit-timeouts", "a unit's time limit does not fit the takeover",
        "A stop that may take longer than the takeover waits for it ends in a fence; a start with a limit kills a master that loads much metadata.",
        "`mfsctl provision --only takeover` writes the drop-in again.";
    DRBD_TWO_PRIMARIES: Critical "drbd-two-primaries", "both masters are Primary",
        "Two masters write two histories of the file system; one of them will be lost.",
        "Stop the MooseFS master on the one without the virtual address at once; then `mfsctl split-brain show`.";
    DRBD_NO_PRIMARY: Critical "drbd-no-primary", "neither master is Primary",
        "Nothing serves metadata.",
        "See the takeover agent's journal on both for what keeps them from promoting (`mfsctl ha status`).";
    DRBD_PRIMARY_UNSEEN: Warning "drbd-primary-unseen", "no master that could be asked is Primary",
        "The other one may serve, or be dead: promoting this one by hand may make two histories.",
        "Reach the other master; do not promote this one before it is certain that the other is down.";
    DRBD_DOWN: Critical "drbd-down", "the DRBD resource is not up",
        "This master has no replicated volume and cannot take over.",
        "See that the drbd module is loaded, then `drbdadm up`.";
    SPLIT_BRAIN: Critical "split-brain", "both masters have changes the other has not (split brain)",
        "They will not replicate again by themselves, and one side's changes must be given up.",
        "`mfsctl split-brain show` compares both sides, `mfsctl split-brain resolve` heals.";
    DRBD_STANDALONE: Critical "drbd-standalone", "DRBD does not try to connect",
        "The metadata is on one disk only: cut by hand, refused by the peer, or diverged.",
        "`mfsctl split-brain show` tells these apart; without a split brain `drbdadm connect`.";
    DRBD_SECRET_DIFFERS: Critical "drbd-secret-differs", "the masters' DRBD secrets differ",
        "They refuse each other: after the next lost connection nothing is replicated any more.",
        "`mfsctl provision --only drbd` writes the inventory's secret on both, then `drbdadm adjust`.";
    DRBD_PEER_TOO_SMALL: Critical "drbd-peer-too-small", "DRBD refuses the peer because its disk is too small",
        "Nothing is replicated.",
        "Make both logical volumes the same size (`mfsctl grow`), then `drbdadm connect`.";
    VOLUME_SIZES_DIFFER: Warning "volume-sizes-differ", "the logical volumes under DRBD differ in size",
        "DRBD uses the smaller one; made anew or grown alone, the larger side refuses the smaller.",
        "Extend the smaller volume, best with `mfsctl grow`, which does both and compares.";
    DRBD_WAITING: Warning "drbd-waiting", "DRBD waits for the peer",
        "Changes are on one machine only until the peer is back.",
        "See that the other master runs, that its resource is up (`drbdadm up`), and that nothing blocks the port.";
    DRBD_SYNCING: Warning "drbd-syncing", "a resync is under way",
        "Until it ends, the side that lacks something cannot take over.",
        "Wait: it ends by itself; `mfsctl status` shows how long.";
    DRBD_SYNC_PAUSED: Warning "drbd-sync-paused", "a resync stands still",
        "The side that lacks something cannot take over, and never will by itself.",
        "`drbdadm resume-sync` on the node that paused it.";
    DRBD_CONGESTED: Warning "drbd-congested", "the peer falls behind because the network is congested",
        "What the peer lacks is lost when the Primary dies now.",
        "Look for what slows the replication network; it resyncs by itself afterwards.";
    DRBD_UNCONFIGURED: Critical "drbd-unconfigured", "the DRBD device has neither a disk nor a connection",
        "This master has no copy of the metadata.",
        "See that the logical volume is active and has DRBD metadata, then `drbdadm adjust`.";
    DRBD_CHANGING: Warning "drbd-changing", "DRBD is just changing its state",
        "It is between two states; what stays there is a fault.",
        "Ask again in some seconds; if it stays, check the replication network and the kernel log.";
    DRBD_STATE_UNKNOWN: Notice "drbd-state-unknown", "DRBD is in a state mfsctl does not know",
        "It cannot be judged.",
        "See drbdsetup(8).";
    DRBD_DISKLESS: Critical "drbd-diskless", "a master has no disk under DRBD",
        "One copy of the metadata is left; a diskless Primary works over the network, and stops when the peer does.",
        "Check the disk and the kernel log; when it is sound `drbdadm attach` on the Secondary (a Primary first hands over).";
    DRBD_DISK_FAILED: Critical "drbd-disk-failed", "the disk under DRBD failed",
        "One copy of the metadata is left.",
        "Replace the disk, then `mfsctl provision` makes the volume anew and lets it resync.";
    DRBD_INCONSISTENT: Critical "drbd-inconsistent", "a copy of the metadata volume is not usable",
        "It was never synchronised, or a resync was broken off: this master cannot take over.",
        "Let the resync end; if none runs, connect it to the peer that is UpToDate.";
    DRBD_OUTDATED: Critical "drbd-outdated", "a copy of the metadata volume is older than the peer's",
        "This master must not take over: acknowledged changes would be lost.",
        "Connect it to the peer that is UpToDate; it resyncs by itself.";
    DRBD_UNSURE: Warning "drbd-unsure", "whether a copy is the newest is not known",
        "It can only be known once the peer is there.",
        "Connect it to the peer.";
    DRBD_VERIFY_DIFFERS: Warning "drbd-verify-differs", "both copies count as up to date, yet blocks differ",
        "A verification found it: one disk gave or kept something wrong.",
        "Disconnect and connect the Secondary (`drbdadm disconnect`, `drbdadm connect`): what differs is then resynced. Check the disks.";
    DRBD_FROZEN: Critical "drbd-frozen", "I/O on the metadata volume is frozen",
        "The peer is lost and this node has no leave to go on alone; every client waits.",
        "See that the witnesses answer and that the other master is truly down; it goes on by itself once it has the votes.";
    DRBD_NO_QUORUM: Critical "drbd-no-quorum", "DRBD has no quorum",
        "It may not write.",
        "Reach the other master or the tiebreaker.";
    DRBD_VERSIONS_DIFFER: Warning "drbd-versions-differ", "the masters run different versions of the DRBD module",
        "8.4 and 9 talk to each other, but their tools, states and fencing differ: what is tried on one does not hold for the other.",
        "Bring both to the same package, the standby first.";
    MOUNTED_NOT_PRIMARY: Critical "mounted-not-primary", "something is mounted on the metadata volume's place on a node that is not Primary",
        "It is not the replicated volume: what is written there is lost at the next takeover.",
        "See what it is (`findmnt`), and unmount it.";
    PRIMARY_NOT_MOUNTED: Critical "primary-not-mounted", "the Primary has not mounted the metadata volume",
        "No master can start there.",
        "See the takeover agent's journal: the mount failed or a takeover is under way.";
    STALE_METADATA: Critical "stale-metadata", "metadata lies in the mount point's own directory, under the volume",
        "While the volume is not mounted, a master started here serves this old file system; metaloggers throw their copies away for it, chunkservers shut down.",
        "Move it away on that node while the volume is not mounted: `mv DATA_PATH /root/stale-metadata`.";
    MOUNT_POINT_NOT_EMPTY: Warning "mount-point-not-empty", "files lie in the mount point's own directory, under the volume",
        "They show that something worked there while the volume was not mounted; a takeover hides them.",
        "Look at them on that node while the volume is not mounted, and move them away.";
    METADATA_TEMPLATE: Warning "metadata-template", "metadata.mfs.empty lies in the DATA_PATH",
        "mfsmaster -a takes it for metadata when nothing else is there: exit 0, an empty file system, a new id.",
        "Remove metadata.mfs.empty from the DATA_PATH.";
    METADATA_ELSEWHERE: Notice "metadata-elsewhere", "saved metadata lies in the package's own directory",
        "mfsmaster started with the package's configuration would serve it.",
        "Move it out of /var/lib/mfs once it is sure that nobody needs it.";
    CHANGELOG_MODE: Critical "changelog-mode", "the master does not sync changes before it acknowledges them",
        "CHANGELOG_SAVE_MODE is not 2: a power cut of the active master loses what clients were told is done.",
        "`mfsctl provision --only master-config` sets CHANGELOG_SAVE_MODE = 2.";
    CHANGELOG_TORN: Warning "changelog-torn", "a finished changelog does not end with a whole line",
        "mfsmaster -a and restore skip such a file without a word: everything after it is rolled back.",
        "Before any restart of the master: `mfsctl restore-meta --list` says how far each copy reaches; `mfsctl backup-meta` first.";
    EXPORTS_MISSING: Critical "exports-missing", "mfsexports.cfg is missing on a master",
        "The master does not start without it, and a reload without it takes every export away.",
        "`mfsctl provision --only master-config`.";
    MASTER_PACKAGES_DIFFER: Warning "master-packages-differ", "the masters have different versions of MooseFS installed",
        "After a takeover the older one may refuse the newer one's metadata.",
        "`mfsctl upgrade masters`.";
}
