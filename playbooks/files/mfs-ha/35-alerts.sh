# ---- alerts ---------------------------------------------------------------------------------------------------

# A transition is told by dropping a small file where mfs-alert looks, on a tmpfs: no process is started for it,
# nothing is waited for, and when it cannot be written nobody is told. Without that directory there are no alerts.
ALERTS=/run/mfs-alert/in LAST_WORDS=/var/lib/mfs-alert/in
# Numbers of one length sort.
MOST_ALERTS=200 alert_number=100000

# alert SEVERITY KIND TEXT: severity is critical, warning or notice.
alert() {
	[ -d "$ALERTS" ] || return 0
	drop_alert "$ALERTS" "$@"
	return 0
}

drop_alert() { # drop_alert DIRECTORY SEVERITY KIND TEXT
	alert_number=$((alert_number + 1))
	read -r alert_up _ <"$PROC/uptime"
	alert_file=$1/${alert_up%.*}${alert_up#*.}.$$.$alert_number
	{ printf '%s\n' "$2" "$3" "$4" . >"$alert_file"; } 2>/dev/null || return 0
	# Nobody takes them away: the oldest go, and are counted.
	set -- "$1"/*
	if [ $# -gt "$MOST_ALERTS" ]; then
		(
			while [ $# -gt "$MOST_ALERTS" ]; do
				rm "$1" && echo >>"${1%/in/*}/overflow"
				shift
			done
		) </dev/null >/dev/null 2>&1 9>&- 8>&- 3>&- &
	fi
}

# last_words TEXT: for a node about to reboot: on the disk. Only aside, because that disk may be stuck.
last_words() {
	[ -d "$ALERTS" ] && [ -d "$LAST_WORDS" ] || return 0
	drop_alert "$LAST_WORDS" critical self-fence "$1"
	flush "$alert_file"
}

# Why this node is to become active, as far as it can know: the one that died tells nobody. Uses the last snapshot.
takeover_reason() {
	if [ "$ROLE" = Primary ]; then
		TAKEOVER='mfsmaster had ended here'
	elif ! connected; then
		TAKEOVER="$PEER cannot be seen (replication ${CS:-down}"
		seconds
		get "$RUN/lost" && TAKEOVER="$TAKEOVER, for $((NOW - ${GOT%% *})) s"
		TAKEOVER="$TAKEOVER)"
	elif [ "$PEER_ROLE" = Primary ]; then
		TAKEOVER="$PEER is letting go"
	else
		TAKEOVER="$PEER is connected and does not serve"
	fi
}
became_active() { # became_active CENTISECONDS
	took=$(($1 / 100)).$(($1 / 10 % 10))
	alert warning active "became the active master in $took s: $TAKEOVER"
}
became_passive() {
	passive_why="keepalived wishes $WISH"
	if down; then
		down_words
		passive_why=$DOWN
	elif get "$RUN/fault"; then
		passive_why=${GOT#* }
	elif get "$RUN/switchover"; then
		passive_why="planned switchover to ${GOT%% *}"
	fi
	alert notice passive "gave up the service: $passive_why"
}

health_alert() {
	case $1 in
	0) alert notice healthy "fit again ($ROLE, $CS, $DISK/$PEER_DISK)" ;;
	*)
		health_severity=warning
		[ ! -e "$RUN/yield" ] || health_severity=notice
		alert "$health_severity" unhealthy "unfit: $WHY ($ROLE, $CS, $DISK/$PEER_DISK)"
		;;
	esac
}

# At a shutdown /run goes away: what is not sent yet goes to the disk.
save_alerts() {
	[ -d "$ALERTS" ] && [ -x /usr/local/sbin/mfs-alert ] || return 0
	bounded 5 /usr/local/sbin/mfs-alert save
}

# watch_replication: tells when replication is lost and when both sides are in sync again, by the agent's last snapshot.
watch_replication() {
	[ -d "$ALERTS" ] || return 0
	if in_sync; then
		replication=synced
	elif connected; then
		return 0
	else
		replication=lost
	fi
	get "$RUN/told-replication" || GOT=''
	[ "$GOT" != "$replication" ] || return 0
	if [ "$GOT=$replication" = =lost ]; then
		# A node that boots gets a minute to find its peer.
		get "$RUN/lost" && [ $((NOW - ${GOT%% *})) -ge 60 ] || return 0
		GOT=''
	fi
	put "$RUN/told-replication" "$replication"
	case $GOT=$replication in
	synced=lost) alert warning replication-lost "replication lost: $PEER cannot be seen ($ROLE, $CS, $DISK/$PEER_DISK)" ;;
	lost=synced) alert notice replication-synced "replication is back in sync ($ROLE, $DISK/$PEER_DISK)" ;;
	=lost) alert warning replication-lost "no replication since this node is up ($ROLE, $CS, $DISK/$PEER_DISK)" ;;
	esac
}

# drbd_event HANDLER: called by DRBD's handlers; it waits for the end of some of them.
drbd_event() {
	snapshot
	case ${1:-} in
	split-brain) drbd_said='SPLIT BRAIN: both sides wrote, replication stays off until a person chooses one' ;;
	initial-split-brain) drbd_said='DRBD sees a split brain' ;;
	pri-lost-after-sb) drbd_said='this primary lost the decision after a split brain' ;;
	pri-on-incon-degr) drbd_said='this primary has no good data left: its disk is inconsistent and the peer is away' ;;
	local-io-error) drbd_said="an I/O error on this node's disk" ;;
	*) die "drbd-event: unknown handler ${1:-(none)}" 64 ;;
	esac
	log "drbd: $drbd_said ($ROLE, $CS, $DISK/$PEER_DISK)"
	alert critical "$1" "$drbd_said ($ROLE, $CS, $DISK/$PEER_DISK)"
}

