# ---- wishes, holds, faults -------------------------------------------------------------------------------

wish() { get "$RUN/wish" && WISH=$GOT || WISH=none; }

# The files hold, fault and stopping hold the uptime at which they end, then a reason.
in_force() {
	get "$RUN/$1" || return 1
	seconds
	REASON=${GOT#* }
	LEFT=$((${GOT%% *} - NOW)) 2>/dev/null || LEFT=0
	[ "$NOW" -lt "${GOT%% *}" ] 2>/dev/null && return 0
	rm -f "$RUN/$1"
	[ "$1" = stopping ] || log "$1 is over ($REASON)"
	[ "$1" != hold ] || alert warning hold-expired "the hold has expired, this node acts by itself again ($REASON)"
	return 1
}
# A person's hold, or that of restart-master: neither ends the other.
held() { in_force hold || in_force restarting; }

# fault REASON: unfit for a while, longer each time, so that two failing nodes do not spin.
fault() {
	seconds
	count=0
	if get "$RUN/faults"; then
		count=${GOT% *}
		[ $((NOW - ${GOT#* })) -lt 900 ] || count=0
	fi
	pause=20
	n=$count
	while [ "$n" -gt 0 ] && [ "$pause" -lt 300 ]; do pause=$((pause * 2)) n=$((n - 1)); done
	put "$RUN/faults" "$((count + 1)) $NOW"
	put "$RUN/fault" "$((NOW + pause)) $1"
	put "$RUN/health" 1
	log "fault for $pause s: $1"
	alert critical fault "unfit for $pause s: $1"
}

cmd_hold() {
	case $1 in '' | *[!0-9]*) die 'hold: give a number of seconds' 64 ;; esac
	[ "$1" -le 3600 ] || die 'hold: at most 3600 seconds' 64
	seconds
	# Second line: who set it.
	put "$RUN/hold" "$((NOW + $1)) $(one_line "${2:-by hand}")
$(one_line "${3:-root@$NODE}")"
	log "hold for $1 s: ${2:-by hand} (${3:-root@$NODE})"
}
one_line() { printf %s "$1" | tr '\000-\037\177' ' '; }
cmd_unhold() {
	if in_force hold; then log "hold ended with $LEFT s left"; fi
	rm -f "$RUN/hold"
	wake
}

# ---- planned switchover ----

# yield SECONDS RUN: unfit for keepalived at once, so that the peer is elected, while this node serves on. It lets go
# when told to, or soon after that time if the peer was elected; if it was not, nothing happened. The marker
# switchover stays until whoever asked has seen the end (unyield), so that a second asker can tell.
cmd_yield() {
	case ${1:-} in '' | *[!0-9]*) die 'yield: give a number of seconds' 64 ;; esac
	[ "$1" -le 600 ] || die 'yield: at most 600 seconds' 64
	snapshot
	[ "$ROLE" = Primary ] || die "yield: refused: this node is ${ROLE:-not configured}, not Primary"
	in_sync || die "yield: refused: replication is $CS $DISK/$PEER_DISK"
	if held; then die "yield: refused: on hold ($REASON)"; fi
	[ ! -e "$RUN/busy" ] || die 'yield: refused: a promotion or demotion is under way'
	seconds
	put "$RUN/switchover" "$PEER ${2:-by-hand}"
	# Longer than the yield: where nobody was elected, keepalived elects this node again in between.
	put "$RUN/serve-on" "$((NOW + $1 + 15)) ${2:-by-hand}"
	put "$RUN/yield" "$((NOW + $1)) ${2:-by-hand}"
	put "$RUN/health" 1
	centis
	echo "$CENTIS yield: begin" >"$RUN/timeline"
	log "yield to $PEER for $1 s: ${2:-by hand}"
}
cmd_let_go() {
	in_force yield || die 'let-go: this node does not yield'
	rm -f "$RUN/serve-on"
	log 'yield: letting go'
	wake
}
cmd_unyield() {
	# keepalived needs a moment to elect this node again.
	if in_force serve-on; then
		put "$RUN/serve-on" "$((NOW + 15)) until it is elected again"
	fi
	rm -f "$RUN/yield" "$RUN/switchover"
	log 'yield: over'
}
# A node that yields serves on although keepalived wishes otherwise.
serves_on() {
	[ -e "$RUN/serve-on" ] && in_force serve-on && primary
}
# As soon as the peer is primary this node is its standby, and must be fit to be one.
yields() {
	in_force yield || return 1
	[ "$ROLE" != Primary ] && connected && [ "$PEER_ROLE" = Primary ] || return 0
	rm -f "$RUN/yield"
	log "yield: $PEER is primary"
	return 1
}

# The agent leaves what keepalived hears as it is while on hold.
stand() {
	held || die 'stand: refused: only on hold, when nobody acts on the election'
	! down || die 'stand: refused: this node is stopped on purpose (mfsctl start, or mfs-ha come-back, ends that)'
	put "$RUN/health" 0
	log 'stand: fit for keepalived, by hand'
}
cmd_decline() {
	snapshot
	[ "$ROLE" != Primary ] || die 'decline: refused: this node is Primary'
	fault "declined: ${1:-by hand}"
}

# await STATE SECONDS: 0 when this node is so, 1 when it is not within that time, 3 when a fault keeps it from it.
await() {
	case ${1:-} in elected | primary | serving | standby | down) ;; *) die "await: unknown state ${1:-(none)}" 64 ;; esac
	case ${2:-} in '' | *[!0-9]*) die 'await: give a number of seconds' 64 ;; esac
	seconds
	await_until=$((NOW + $2))
	until await_"$1"; do
		if [ "$1" != standby ] && [ "$1" != down ] && in_force fault; then
			echo "fault: $REASON"
			exit 3
		fi
		# Asked of one that let go, once the other has it: nothing brings it back by itself.
		if [ "$1" = serving ] && [ "$ROLE" = Secondary ] && connected && [ "$PEER_ROLE" = Primary ] && ! in_force yield; then
			echo "$PEER is Primary"
			exit 3
		fi
		seconds
		if [ "$NOW" -ge "$await_until" ]; then
			echo "not $1: wish $WISH, ${ROLE:-no role}, ${CS:-not connected}, $DISK/$PEER_DISK${OUT:+; $OUT}"
			exit 1
		fi
		sleep 0.2
	done
}
await_elected() {
	snapshot
	wish
	[ "$WISH" = master ]
}
await_primary() {
	snapshot
	wish
	[ "$ROLE" = Primary ]
}
await_serving() { await_primary && listening && vip_here && [ ! -e "$RUN/busy" ] && answers "$VIP"; }
await_standby() {
	snapshot
	wish
	[ "$ROLE" = Secondary ] && ! mounted && ! vip_here && ! master_runs
}
await_down() { await_standby && [ ! -e "$RUN/busy" ] && down; }

# timeline: "now N", then "N WHAT" a line; N is the uptime in hundredths of seconds.
timeline() {
	centis
	echo "now $CENTIS"
	[ ! -r "$RUN/timeline" ] || cat "$RUN/timeline"
}

# Opened for reading too: it never blocks, worker or not.
wake() { [ ! -p "$RUN/wake" ] || echo 1<>"$RUN/wake"; }

notify() {
	case $1 in
	master | backup | fault | stop) ;;
	MASTER) set -- master ;;
	BACKUP) set -- backup ;;
	FAULT) set -- fault ;;
	STOP) set -- stop ;;
	*) die "notify: unknown state ${1:-(none)}" 64 ;;
	esac
	wish
	new=$1
	# keepalived begins as backup before anybody was elected: that is no order to let go of a volume in use.
	case $WISH=$1 in none=backup | stop=backup | undecided=backup) new=undecided ;; esac
	put "$RUN/wish" "$new"
	wake
	log "notify $1: wish $WISH -> $new"
}

