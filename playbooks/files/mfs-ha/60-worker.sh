# ---- the worker --------------------------------------------------------------------------------------------

worker() {
	LOG_TO=stderr
	prepare
	rm -f "$RUN/busy"
	exec 3<>"$RUN/wake"
	# Known before it matters.
	interface
	reconcile
	while read -r _ <&3; do reconcile; done
}

reconcile() {
	exec 9>"$RUN/lock"
	flock 9
	while :; do
		if held; then
			log "reconcile: on hold ($REASON)"
			break
		fi
		if down; then
			become_passive
			break
		fi
		wish
		acted_on=$WISH
		case $WISH in
		master)
			become_active
			mend_hole
			;;
		undecided) settle ;;
		backup | fault)
			if serves_on; then
				log "reconcile: serving on ($REASON)"
				break
			fi
			become_passive
			;;
		stop) become_passive ;;
		esac
		wish
		[ "$WISH" != "$acted_on" ] || break
	done
	exec 9>&-
}

become_active() {
	snapshot
	if [ "$ROLE" = Primary ] && listening && mounted && vip_here; then return; fi
	: >"$RUN/busy"
	takeover_reason
	centis
	takeover_began=$CENTIS
	promote
	result=$?
	rm -f "$RUN/busy"
	case $result in
	0)
		log 'promote: this node is active'
		centis
		became_active $((CENTIS - takeover_began))
		;;
	3) log 'promote: no longer wished' ;;
	*)
		fault "promotion failed: $WHY"
		demote || self_fence "cannot let go after a failed promotion: $WHY"
		;;
	esac
}

become_passive() {
	snapshot
	if [ "$ROLE" != Primary ] && ! mounted && ! master_runs; then
		vip_down
		return
	fi
	: >"$RUN/busy"
	demote
	result=$?
	rm -f "$RUN/busy"
	[ "$result" = 0 ] || self_fence "cannot let go: $WHY"
	became_passive
}

# keepalived has just begun. Whoever serves gets the time of an election to be confirmed.
settle() {
	snapshot
	if [ "$ROLE" = Primary ]; then
		seconds
		settle_until=$((NOW + SETTLE))
		while [ "$NOW" -lt "$settle_until" ]; do
			sleep 0.2
			wish
			[ "$WISH" = undecided ] || return
			seconds
		done
	fi
	wish
	[ "$WISH" != undecided ] || put "$RUN/wish" backup
}

still_wished() {
	[ "$CHECK_WISH" = yes ] || return 0
	wish
	[ "$WISH" = master ] && ! down
}

CHECK_WISH=yes RENEW_HOLD=no
promote() {
	centis
	BEGAN=$CENTIS
	forget_old_timeline
	log 'promote: begin'
	promote_primary || return
	vip_up || { WHY="the address $VIP cannot be added to $INTERFACE" && return 1; }
	mount_volume || return
	start_master || return
	rm -f "$RUN/silence" "$RUN/mute" "$RUN/hung"
	garp 5
	BEGAN=''
	return 0
}

forget_old_timeline() {
	lines=0
	[ ! -r "$RUN/timeline" ] || while read -r _; do lines=$((lines + 1)); done <"$RUN/timeline"
	[ "$lines" -lt 60 ] || rm -f "$RUN/timeline"
}

promote_primary() {
	seconds
	promote_until=$((NOW + PROMOTE_WAIT))
	OUT=''
	while :; do
		still_wished || return 3
		snapshot || { WHY="resource $RESOURCE is not up" && return 1; }
		[ "$ROLE" != Primary ] || break
		seconds
		# The head start of a primary counts from here, though its votes are asked for later.
		connected || {
			note_lost
			# Where keepalived was faster than DRBD it looked like a peer that lets go.
			takeover_reason
		}
		if connected && [ "$PEER_ROLE" = Primary ]; then
			# The peer is letting go: it gets the time it may need for that.
			if [ "$NOW" -ge $((promote_until + STOP_WAIT)) ]; then
				WHY="the peer stays primary"
				return 1
			fi
			sleep 0.2
			continue
		fi
		bounded $((FENCE_WAIT + 25)) drbdadm primary "$RESOURCE" && continue
		if [ "$NOW" -ge "$promote_until" ]; then
			WHY="drbdadm primary: $OUT"
			return 1
		fi
		sleep 0.3
	done
	log 'promote: primary'
}

vip_up() {
	interface || return 1
	# One that is there already is refused.
	bounded 5 ip addr add "$VIP/$VIP_PREFIX" dev "$INTERFACE" || vip_here || return 1
	garp 2
	log "promote: $VIP on $INTERFACE"
}
vip_down() {
	vip_here || return 0
	interface || return 1
	bounded 5 ip addr del "$VIP/$VIP_PREFIX" dev "$INTERFACE"
	log "demote: $VIP removed"
}
# Tells the neighbours where the address is now; aside, and again each second.
garp() {
	(
		n=0
		while [ "$n" -lt "$1" ]; do
			if command -v arping; then
				arping -q -A -c 1 -w 1 -I "$INTERFACE" "$VIP"
				arping -q -U -c 1 -w 1 -I "$INTERFACE" "$VIP"
			else
				ping -q -c 1 -W 1 -I "$VIP" "$PEER_ADDRESS"
			fi
			n=$((n + 1))
			sleep 1
		done
	) >/dev/null 2>&1 9>&- 3>&- &
}

mount_volume() {
	if ! mounted; then
		bounded 60 mount -t xfs -o noatime,nodev,nosuid,noexec "$DEVICE" "$MOUNT_POINT" || {
			WHY="mount $DEVICE: $OUT"
			return 1
		}
	fi
	right_mount || return 1
	log "promote: $MOUNT_POINT mounted"
}
right_mount() {
	mounted && [ "$MOUNTED_FROM" = "$DEVICE" ] && return 0
	WHY="$MOUNT_POINT holds ${MOUNTED_FROM:-nothing}, not $DEVICE"
	return 1
}

# Loading the metadata takes as long as it takes; it ends when it listens, when it dies, when it does nothing more, or when
# nobody wants it.
start_master() {
	if ! listening || [ "$(unit_state)" != active ]; then
		# One that failed may have to be forgiven; the question before it costs more than that.
		bounded 300 systemctl start "$MASTER_UNIT" || {
			[ ! -s "$RUN/refused" ] && systemctl reset-failed "$MASTER_UNIT" && bounded 300 systemctl start "$MASTER_UNIT"
		} || {
			WHY="systemctl start $MASTER_UNIT: $OUT"
			get "$RUN/refused" && WHY="$WHY ($GOT)"
			return 1
		}
	fi
	n=0 loading_look=''
	seconds
	loading_since=$NOW
	until listening; do
		sleep 0.2
		n=$((n + 1))
		[ $((n % 5)) -eq 0 ] || continue
		seconds
		loading || {
			WHY="mfsmaster hangs while loading the metadata: it did nothing for $LOADING_WAIT s"
			return 1
		}
		still_wished || return 3
		[ "$RENEW_HOLD" = no ] || renew_hold
		if ! master_runs; then
			WHY='mfsmaster ended while loading the metadata: see journalctl -u '$MASTER_UNIT
			return 1
		fi
	done
	log 'promote: mfsmaster listens'
}

# loading: whether mfsmaster did something within the last LOADING_WAIT seconds: ran, or was woken.
loading() {
	[ "$NOW" -ge "${loading_at:=0}" ] || return 0
	loading_at=$((NOW + 5))
	look=''
	! master_pid || look="$(life_signs "$PID") $(cut -d ' ' -f 10-15 "$PROC/$PID/stat" 2>/dev/null)"
	[ -n "$look" ] && [ "$look" = "$loading_look" ] || loading_look=$look loading_since=$NOW
	[ $((NOW - loading_since)) -lt "$LOADING_WAIT" ]
}

# The address goes after the master: what is in flight to the chunkservers still needs it.
demote() {
	centis
	BEGAN=$CENTIS
	forget_old_timeline
	log 'demote: begin'
	stop_master || return 1
	note_stored
	vip_down || log "demote: $VIP could not be removed: $OUT"
	unmount_volume || return 1
	let_go || return 1
	log 'demote: done'
	BEGAN=''
}

stop_master() {
	kill_hung
	make_room
	if master_runs; then
		seconds
		put "$RUN/stopping" "$((NOW + STOP_WAIT + 30)) stop"
		if mounted && ! readable; then
			log "demote: nothing can be written to $MOUNT_POINT any more: killing mfsmaster"
			bounded 5 systemctl kill -s KILL "$MASTER_UNIT"
		fi
		if ! bounded "$STOP_WAIT" systemctl stop "$MASTER_UNIT"; then
			log "demote: mfsmaster did not stop ($OUT): killing it"
			bounded 5 systemctl kill -s KILL "$MASTER_UNIT"
			bounded 10 systemctl stop "$MASTER_UNIT"
		fi
		rm -f "$RUN/stopping"
	fi
	log 'demote: mfsmaster stopped'
}

unmount_volume() {
	seconds
	unmount_until=$((NOW + 20))
	while mounted; do
		bounded 10 umount "$MOUNT_POINT" && continue
		seconds
		if [ "$NOW" -ge "$unmount_until" ]; then
			WHY="umount $MOUNT_POINT: $OUT"
			log "demote: $WHY"
			return 1
		fi
		kill_holders
		sleep 0.3
	done
	log "demote: $MOUNT_POINT unmounted"
}
# Names and kills what keeps the volume busy.
kill_holders() {
	find "$PROC"/[0-9]*/fd "$PROC"/[0-9]*/cwd "$PROC"/[0-9]*/root \
		\( -lname "$MOUNT_POINT" -o -lname "$MOUNT_POINT/*" \) 2>/dev/null |
		while IFS= read -r link; do
			pid=${link#"$PROC/"}
			echo "${pid%%/*}"
		done | sort -u | while read -r pid; do
		if [ "$pid" -eq 1 ] || [ "$pid" -eq $$ ]; then continue; fi
		name=$(tr '\0' ' ' <"$PROC/$pid/cmdline" 2>/dev/null | cut -c 1-80)
		log "demote: killing process $pid ($name), which holds $MOUNT_POINT"
		kill -9 "$pid" 2>/dev/null
	done
}

let_go() {
	seconds
	let_go_until=$((NOW + 15))
	while primary; do
		bounded 10 drbdadm secondary "$RESOURCE" && continue
		seconds
		if [ "$NOW" -ge "$let_go_until" ]; then
			WHY="drbdadm secondary: $OUT"
			log "demote: $WHY"
			return 1
		fi
		sleep 0.3
	done
	log 'demote: secondary'
}

# For a restore of the metadata: Primary, by the same votes as ever, and mounted, but without address and master. Only on
# hold, so that neither node acts by itself; `demote` ends it.
open_volume() {
	held || die 'open-volume: refused: only on hold, when neither node acts by itself'
	exec 9>"$RUN/lock"
	flock -w 60 9 || die 'open-volume: the worker is busy'
	! master_runs || die 'open-volume: refused: mfsmaster runs here'
	CHECK_WISH=no
	{ promote_primary && mount_volume; } || die "open-volume: $WHY"
	echo "mounted=$MOUNT_POINT"
}

# The last resort: a node that cannot let go must not stand in the peer's way.
self_fence() {
	# A log that waits for a disk must not hold it up.
	(log "SELF-FENCE: $1") 9>&- &
	(
		date "+%Y-%m-%dT%H:%M:%S $1" >>"$VAR/self-fence.log"
		flush "$VAR/self-fence.log"
		last_words "fenced itself and reboots: $1"
	) 9>&- &
	sleep 0.5
	if [ "$SELF_FENCE" != yes ]; then
		log 'SELF-FENCE: switched off by the settings'
		return 1
	fi
	echo 1 >"$PROC/sys/kernel/sysrq"
	echo b >"$PROC/sysrq-trigger"
	sleep 5
	reboot -f -f
}

by_hand() { # promote or demote, for a person
	prepare
	exec 9>"$RUN/lock"
	flock -w 60 9 || die "$1: the worker is busy"
	CHECK_WISH=no
	"$1" || die "$1: ${WHY:-failed}"
}

stop_all() {
	prepare
	if held; then
		log "stop-all: on hold ($REASON): left as it is"
		return 0
	fi
	put "$RUN/wish" stop
	reconcile
	save_alerts
}

