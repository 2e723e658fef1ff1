#!/bin/sh
# mfs-ha: the takeover of a MooseFS master on DRBD, on one of its two nodes. Written by mfsctl.
#
# keepalived decides which node should be active and only leaves its wish here (notify). The worker, alone
# under one lock, makes the node so. The agent publishes the node's health, which keepalived follows. DRBD
# asks for the votes of the witnesses before a node may go on without its peer (fence).
# See docs/takeover.md.

usage() {
	cat <<'END'
usage: mfs-ha COMMAND
  status                 what this node is and wishes to be, as key=value lines
  check                  exit 0 when the node is healthy, else say why not
  promote | demote       make this node active, or passive, now (keepalived must agree, or be stopped)
  report                 the same and more: time left of holds and faults, units, who holds each vote
  hold SECONDS [WHY [WHO]]  do nothing by itself for so long: no takeover, no demotion
  unhold                 end that
  yield SECONDS RUN      active node only: let the peer, which is in sync, be elected; serves on meanwhile
  let-go                 now let the peer take over (at the end of the yield that happens by itself)
  unyield                yield no longer, and forget that there was a switchover
  decline WHY            standby only: unfit for a while, so that the peer stays, or becomes again, the active one
  await STATE SECONDS    wait until this node is elected, primary, serving or standby; 3 when a fault says never
  stay-down VERSION [WHY [WHO]]  stop serving, and neither serve nor take over until come-back, also after a boot
  come-back              end that
  timeline               when the steps of the last promotions and demotions were, in hundredths of seconds
  restart-master         restart mfsmaster on the active node without a takeover
  reload-master          make mfsmaster read its configuration again
  wait-serving SECONDS   wait until mfsmaster answers at the virtual address, wherever it is
  votes                  ask every witness who holds the votes
  release                give the votes back, if replication is in sync
  side                   what this side's volume holds: generations, metadata, changes; changes nothing
  save-side              keep this side's metadata under /var/lib/mfs-ha/split-brain, checked
  view PROGRAM...        runs it with this side's data directory in $VIEW, for reading; changes nothing
  open-volume            on hold only: Primary and mounted, without address and master (demote ends it)
  saved-side             the copy kept of this side's present generation, if it is whole
  seize THE-PEER-IS-DEAD [WITHOUT-WITNESSES]
                         take the votes from the peer; only when the peer is off, for good
  force-primary I-ACCEPT-THE-LOSS
                         make older or incomplete data the only data; only when the peer's is gone
  stand                  on hold only: be fit for keepalived whatever is known, so that it elects this node
  clear-fault            forget why this node is unfit for a while
  for systemd, keepalived and DRBD: worker agent reconcile notify STATE stop-all prepare
  bring-up before-master exec-master master-exited fence unfence drbd-event
END
}

# ---- settings ---------------------------------------------------------------------------------------------

NODE='' PEER='' RESOURCE=mfs DEVICE=/dev/drbd0 MINOR=0 MOUNT_POINT=/data/drbd DATA_PATH=/data/drbd/mfs
MASTER_CFG=/etc/mfs/mfsmaster.cfg MASTER_UNIT=moosefs-master MASTER_PORT=9421 MASTER_BIN=/usr/sbin/mfsmaster
VIP='' VIP_PREFIX=32 INTERFACE='' ADDRESS='' PEER_ADDRESS=''
WITNESSES='' EARLIER='' WITNESS_PORT=9479 WITNESS_SECRET='' WITNESS_WAIT=8 CHUNKSERVERS='' CHUNKS_WAIT=3 DRBD_PORT='' ELECTED=''
PROMOTE_WAIT=30 STOP_WAIT=45 FENCE_WAIT=10 FENCE_HANDICAP_CENTIS=50 SETTLE=8 LOADING_WAIT=120 SELF_FENCE=yes
RESERVE='' METALOGGER_CFG=/etc/mfs/mfsmetalogger.cfg
RUN=/run/mfs-ha VAR=/var/lib/mfs-ha PROC=/proc
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

# Only a copy that is not the installed one takes its settings from elsewhere.
CONF=/etc/mfs-ha.conf
case $0 in
/usr/local/sbin/mfs-ha) SELF=$0 ;;
*) SELF=$0 CONF=${MFS_HA_CONF:-$CONF} ;;
esac

# ---- small tools ------------------------------------------------------------------------------------------

LOG_TO='logger'
BEGAN=''
log() {
	took=''
	if [ -n "$BEGAN" ]; then
		centis
		took=$((CENTIS - BEGAN))
		took=" [+$((took / 100)).$((took / 10 % 10))s]"
		case $1 in promote:* | demote:*) echo "$CENTIS $1" >>"$RUN/timeline" ;; esac
	fi
	case $LOG_TO in
	logger) logger -t mfs-ha -- "$*$took" ;;
	esac
	if [ "$LOG_TO" = stderr ] || [ -t 2 ]; then echo "$*$took" >&2; fi
}

die() {
	log "$1"
	[ -t 2 ] || [ "$LOG_TO" = stderr ] || echo "mfs-ha: $1" >&2
	exit "${2:-1}"
}

# Both clocks are the kernel's uptime: they never jump.
seconds() { read -r up _ <"$PROC/uptime" && NOW=${up%.*}; }
centis() { read -r up _ <"$PROC/uptime" && CENTIS=${up%.*}${up#*.} && CENTIS=${CENTIS#0}; }

# put FILE TEXT: a reader sees the old text or the new one.
put() { printf '%s\n' "$2" >"$1.new.$$" && mv -f "$1.new.$$" "$1"; }
# flush FILE: on the disk when it returns 0, and by that name too. Not `sync FILE`: before coreutils 8.24 (EL7) that
# waits for every file system of the machine, also for the volume whose I/O is frozen.
flush() { dd if=/dev/null of="$1" conv=nocreat,notrunc,fsync 2>/dev/null; }
# put_durable FILE TEXT: as put, and it survives a power cut.
put_durable() {
	printf '%s\n' "$2" >"$1.new.$$" && flush "$1.new.$$" && mv -f "$1.new.$$" "$1" && flush "$1"
}
private_directory() { mkdir -p "$1" && chmod 0700 "$1"; }
# cfg_value FILE KEY: the value a configuration of MooseFS gives it last; empty without one.
cfg_value() { sed -n "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*\([^[:space:]]*\).*/\1/p" "$1" 2>/dev/null | tail -n 1; }
# get FILE: its first line in GOT, empty when there is none.
get() {
	GOT=''
	[ -r "$1" ] || return 1
	read -r GOT <"$1" || [ -n "$GOT" ]
}

prepare() {
	[ -d "$RUN" ] || mkdir -p "$RUN" || exit 1
	# Where the shell is a bash before 5.1 (EL7, EL8), a here-document needs a temporary file: not on a disk that may be full.
	TMPDIR=$RUN
	[ -d "$VAR" ] || private_directory "$VAR" || exit 1
	[ -p "$RUN/wake" ] || mkfifo -m 0600 "$RUN/wake" 2>/dev/null || [ -p "$RUN/wake" ]
	[ -e "$RUN/health" ] || put "$RUN/health" 1
	[ -e "$RUN/serving" ] || put "$RUN/serving" 0
}

# note_lost: notes that the peer is lost; LOST_CENTIS: since when. The file holds the uptime in seconds, then in hundredths.
note_lost() {
	centis
	LOST_CENTIS=$CENTIS
	if get "$RUN/lost"; then
		case $GOT in [0-9]*' '[0-9]*) LOST_CENTIS=${GOT#* } ;; esac
	else
		put "$RUN/lost" "$((CENTIS / 100)) $CENTIS"
	fi
}

# bounded SECONDS PROGRAM...: runs it, but never waits much longer, not even for a process stuck in the
# kernel (which `timeout` alone would wait for). Its output is in OUT; 124 when it did not end. Only root reads it: drbdadm
# quotes its secret when it fails.
bounded_calls=0
bounded() {
	limit=$1
	shift
	# A name of its own for each call of each subshell: their notes are cleared away aside, and may be late.
	read -r bounded_by _ </proc/self/stat
	bounded_calls=$((bounded_calls + 1))
	note=$RUN/bounded.$bounded_by.$bounded_calls
	: >"$note.status"
	(umask 077 && : >"$note.out")
	(
		timeout -k 1 "$limit" "$@" >"$note.out" 2>&1 </dev/null
		echo $? >"$note.status"
	) 9>&- 8>&- 3>&- &
	child=$!
	centis
	until_centis=$((CENTIS + limit * 100 + 200))
	nap=0.02
	while [ ! -s "$note.status" ]; do
		centis
		if [ "$CENTIS" -ge "$until_centis" ]; then
			kill -9 "$child" 2>/dev/null
			OUT="no end within $limit s"
			rm -f "$note.status" "$note.out"
			return 124
		fi
		sleep "$nap"
		nap=0.1
	done
	wait "$child"
	OUT=''
	while IFS= read -r line || [ -n "$line" ]; do
		OUT="$OUT${OUT:+
}$line"
	done <"$note.out"
	get "$note.status"
	rm -f "$note.status" "$note.out" 9>&- 8>&- 3>&- &
	return "$GOT"
}

