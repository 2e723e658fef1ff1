//! Findings about MooseFS: its master's word, chunkservers, disks, chunks, metaloggers, clients.

super::entries! {
    MASTER_SILENT: Critical "master-silent", "the MooseFS master does not answer",
        "The file system stands still; after about two minutes programs get EIO.",
        "See whether it runs on the Primary; after a crash it loads its metadata first, which can take a while.";
    MASTER_NOT_SERVING: Critical "master-not-serving", "the MooseFS master answers, but does not serve",
        "The file system stands still.",
        "See its log.";
    MASTER_LINE: Warning "master-line", "the master is of another release line than the inventory says",
        "Packages, settings and repositories are chosen by the inventory: the next provision would be wrong.",
        "Correct `moosefs.version`, or upgrade the cluster.";
    CHUNKSERVER_AWAY: Critical "chunkserver-away", "a chunkserver is away",
        "What it holds has a copy less; chunks of goal 1 are missing.",
        "See that the node is up, its daemon runs, and what its log says.";
    CHUNKSERVER_AWAY_PLANNED: Warning "chunkserver-away-planned", "a chunkserver in maintenance is away",
        "What it holds has a copy less, and is not replicated meanwhile.",
        "Start it again when the work is done.";
    CHUNKSERVER_NEVER_SEEN: Critical "chunkserver-never-seen", "the master does not know a chunkserver of the inventory",
        "Its space is not used: it never registered, or the master refuses it.",
        "See its log, and the master's for `access denied` (AUTH_CODE) or another metadata id.";
    CHUNKSERVER_STRANGE: Notice "chunkserver-strange", "a chunkserver is not in the inventory",
        "Nobody provisions, upgrades or watches it.",
        "`mfsctl node add`, or remove it from the master.";
    CHUNKSERVER_NEWER: Warning "chunkserver-newer", "a chunkserver is newer than the master",
        "MooseFS wants the master upgraded first; the other way round is not tried.",
        "`mfsctl upgrade masters`.";
    CHUNKSERVER_OLDER: Warning "chunkserver-older", "a chunkserver is older than the master",
        "It works, but holds back what the new version can do.",
        "`mfsctl upgrade chunkservers`; if the package is new already, the old process still runs: `mfsctl restart` it.";
    OLD_PROCESS: Warning "old-process", "a daemon older than its installed package still runs",
        "Package upgrades never restart a running daemon: the new version starts at a moment nobody chose.",
        "`mfsctl restart` that daemon, one chunkserver at a time.";
    CHUNKSERVER_MAINTENANCE: Notice "chunkserver-maintenance", "a chunkserver is in maintenance",
        "What it holds is not replicated while it is away.",
        "`mfsctl maintenance off` when the work is done.";
    CHUNKSERVER_STOPPED: Notice "chunkserver-stopped", "a chunkserver was stopped cleanly",
        "Replication waits half an hour for it.",
        "Start it again in time, or leave it: the waiting ends by itself.";
    CHUNKSERVER_OVERLOADED: Warning "chunkserver-overloaded", "a chunkserver is overloaded",
        "It gets no new chunks, and everything on it is slow.",
        "Look for a slow disk or a burst of work there.";
    CHUNKSERVER_GRACE: Notice "chunkserver-grace", "a chunkserver is used gently after it was overloaded",
        "It gets no new chunks for a while.",
        "Wait.";
    CHUNKSERVER_REBALANCING: Notice "chunkserver-rebalancing", "a chunkserver moves chunks between its own disks",
        "It is slower meanwhile.",
        "Wait.";
    AUTH_CODE_DIFFERS: Critical "auth-code-differs", "a chunkserver's AUTH_CODE is not the cluster's, and the master refuses it",
        "Its daemon runs and `test` says 0, yet none of its chunks are there.",
        "`mfsctl provision --limit NODE --only chunkservers` writes the right one and reloads.";
    AUTH_CODE_UNREAD: Warning "auth-code-unread", "a chunkserver's file has another AUTH_CODE than the cluster's",
        "It is connected still; after its next restart the master refuses it.",
        "`mfsctl provision --limit NODE --only chunkservers`.";
    NO_DISKS: Critical "no-disks", "a chunkserver's mfshdd.cfg names no directory",
        "The daemon then ends with status 0, so that nothing restarts it.",
        "`mfsctl provision --limit NODE --only chunkservers`.";
    DISK_NOT_MOUNTED: Critical "disk-not-mounted", "a chunk directory that has a device of its own is not mounted",
        "The chunkserver fills the system's disk, or gives the disk up.",
        "Mount it (`mount PATH`), see why it was not mounted at boot, and restart the chunkserver.";
    DISKS_UNKNOWN: Warning "disks-unknown", "a chunkserver's disks cannot be asked",
        "Damage on them is not seen.",
        "See that its daemon runs and that its port can be reached from the node itself.";
    DISK_DAMAGED: Critical "disk-damaged", "a chunkserver gave a disk up",
        "What it held has a copy less.",
        "See the chunkserver's log; replace the disk, or repair it and restart the chunkserver.";
    DISK_ERROR: Warning "disk-error", "a disk had an I/O error",
        "The next ones make the chunkserver give it up.",
        "Check the disk (kernel log, SMART) before it fails.";
    DISK_BUSY: Notice "disk-busy", "a disk is being read in, or emptied",
        "Its chunks are not all there yet, or are on their way.",
        "Wait until its chunks are read, or elsewhere.";
    DISK_UNUSED: Critical "disk-unused", "a disk of the inventory is not used by its chunkserver",
        "Its space and its chunks are not there.",
        "See mfshdd.cfg there and the chunkserver's log, then reload it.";
    SPACE_FULL: Critical "space-full", "hardly any space is left",
        "Writes fail soon.",
        "Add disks or chunkservers, purge the trash, or delete files.";
    SPACE_LOW: Warning "space-low", "space runs out",
        "Chunkservers refuse new chunks near the end.",
        "Add disks or chunkservers, purge the trash, or delete files.";
    CHUNKS_COUNTING: Notice "chunks-counting", "the counters of chunks are still moving",
        "Chunkservers are just connecting or disconnecting; what the counters say is not final.",
        "Ask again in some seconds.";
    CHUNKS_MISSING: Critical "chunks-missing", "chunks are missing",
        "Files with them cannot be read.",
        "Bring the missing chunkservers back; repair or give up no file before all of them are connected. With all connected, mfsmaster may only have lost count of the versions of chunks that were written when their connections broke: it mends that within its loop over all chunks (CHUNKS_LOOP_MIN_TIME, 300 s).";
    CHUNKS_ENDANGERED: Warning "chunks-endangered", "one copy is left of some chunks",
        "The next disk that fails takes them along.",
        "Bring missing chunkservers back, stop no other one; new copies are made by themselves.";
    CHUNKS_UNDERGOAL: Warning "chunks-undergoal", "some chunks have fewer copies than wanted",
        "They are less safe than asked for.",
        "Bring missing chunkservers back, or wait: new copies are made by themselves.";
    CHUNKS_SINGLE: Notice "chunks-single", "some chunks want a single copy",
        "Any chunkserver's end, also a planned one, takes them along.",
        "Give such files a goal of 2 or more, if they matter.";
    METALOGGER_AWAY: Warning "metalogger-away", "a metalogger is not connected",
        "Its copy of the metadata grows old.",
        "See that its daemon runs and reaches the virtual address.";
    METALOGGER_NO_BASE: Notice "metalogger-no-base", "a metalogger has no full copy of the metadata",
        "Changes alone restore nothing. A full download happens at its start and by schedule only.",
        "`mfsctl restart` it once the master has stored its metadata.";
    METALOGGER_BEHIND: Warning "metalogger-behind", "a metalogger's copy stands still behind the master",
        "A restore from it loses everything since.",
        "See its log; `mfsctl restart` it: it then downloads everything anew.";
    MOUNT_HANGS: Critical "mount-hangs", "a mount does not answer",
        "Programs that use it hang.",
        "See whether the MooseFS master answers; a mount that hung too long is unmounted (`umount -l`) and mounted again.";
    MOUNT_MISSING: Warning "mount-missing", "a mount of the inventory is not there",
        "Programs write into the empty directory on the system's disk.",
        "`mfsctl client mount`.";
    MOUNT_NO_SESSION: Warning "mount-no-session", "the master sees no connection of a mount",
        "It hangs, or mounts another cluster.",
        "See that the node reaches the virtual address on the client port; else unmount and mount it again.";
    PROTOCOL_OPEN: Notice "protocol-open", "the master's client port takes commands without a password",
        "Whoever reaches it can ask everything, put chunkservers into maintenance and remove them: MooseFS has no other protection than the network.",
        "Keep that port inside the cluster's network (firewall).";
    GUI_OPEN: Notice "gui-open", "the web monitor changes the cluster without a password",
        "MooseFS 4's monitor takes orders in its addresses.",
        "Bind it to a trusted address, or keep its port inside the cluster's network.";
    META_EXPORT_OPEN: Notice "meta-export-open", "the meta file system is exported to everybody without a password",
        "A meta mount checks no permissions: whoever reaches the master reads and deletes everybody's trash.",
        "Give the `.` export a network and a password in the inventory, then `mfsctl provision --only master-config`.";
}
