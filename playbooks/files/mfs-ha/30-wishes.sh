# ---- wishes, holds, faults -------------------------------------------------------------------------------

wish() { get "$RUN/wish" && WISH=$GOT || WISH=none; }

# The files hold, fault and stopping hold the uptime at which they end, then a reason.
in_force() {
	get "$RUN/$1" || return 1
	seconds
	REASON=${GOT#* }
	[ "$NOW" -lt "${GOT%% *}" ] 2>/dev/null && return 0
	rm -f "$RUN/$1"
	[ "$1" = stopping ] || log "$1 is over ($REASON)"
	[ "$1" != hold ] || alert warning hold-expired "the hold has expired, this node acts by itself again ($REASON)"
	return 1
}
held() { in_force hold; }

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
	put "$RUN/hold" "$((NOW + $1)) ${2:-by hand}"
	log "hold for $1 s: ${2:-by hand}"
}
cmd_unhold() {
	rm -f "$RUN/hold"
	wake
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

