# ---- health ---------------------------------------------------------------------------------------------------

# quorum_seen: a majority of the witnesses answered not long ago. The first seconds after the peer was lost
# count as yes: the question is under way.
grace_until=0
quorum_seen() {
	[ -n "$VOTERS" ] || return 1
	seconds
	[ "$NOW" -gt "$grace_until" ] || return 0
	get "$RUN/quorum" || return 1
	[ $((NOW - ${GOT%% *})) -le 25 ] && [ "${GOT##* }" = yes ]
}
sample_quorum() {
	new_token
	ask_all get "$TOKEN"
	note_quorum
}
# A majority that says no to our vote is still a majority that is there.
note_quorum() {
	seconds
	put "$RUN/quorum" "$NOW ${QUORATE:-no}"
}

# check: 0 when this node is fit to be, or to become, the active one, judged by the last snapshot.
# WHY says what is wrong.
check() {
	WHY=''
	if held; then return 0; fi
	if down; then
		down_words
		WHY=$DOWN
		return 1
	fi
	if in_force fault; then
		WHY="fault: $REASON"
		return 1
	fi
	if yields; then
		WHY="yields to $PEER ($REASON)"
		return 1
	fi
	if [ -z "$ROLE" ]; then
		WHY="resource $RESOURCE is not up"
		return 1
	fi
	case $ROLE in
	Primary) check_primary ;;
	*) check_secondary ;;
	esac
}
check_primary() {
	[ ! -e "$RUN/busy" ] || return 0
	case $DISK in
	Diskless | Failed | Detaching)
		WHY="the disk is $DISK"
		return 1
		;;
	esac
	if mounted && ! readable; then
		WHY="the file system on $MOUNT_POINT is shut down: what mfsmaster writes is lost"
		return 1
	fi
	wish
	if [ "$WISH" = master ]; then
		listening || { WHY='mfsmaster does not listen' && return 1; }
		if get "$RUN/mute"; then
			WHY="mfsmaster does not answer since uptime $GOT"
			return 1
		fi
	fi
	connected || holds || [ -z "$VOTERS" ] || quorum_seen || {
		WHY='neither the peer nor a majority of the witnesses can be seen'
		return 1
	}
}
check_secondary() {
	case $DISK=$CS in
	UpToDate=StandAlone | Consistent=StandAlone)
		WHY='replication is StandAlone'
		return 1
		;;
	UpToDate=*) ;;
	Consistent=WFConnection | Consistent=Unconnected) ;;
	*)
		WHY="the disk is $DISK"
		return 1
		;;
	esac
	connected || holds || quorum_seen || {
		WHY='neither the peer nor a majority of the witnesses can be seen'
		return 1
	}
}

# The one that serves, by right, raises its priority above the other's own: where both called themselves master while
# they did not hear each other, it stays when they do again. One whose peer is lost serves by right with the votes only.
publish_serving() {
	serving=0
	wish
	if [ "$ROLE=$WISH" = Primary=master ] && by_right; then serving=1; fi
	get "$RUN/serving" || GOT=''
	[ "$GOT" = "$serving" ] || put "$RUN/serving" "$serving"
}

# One look; two bad ones in a row make the node unfit, two good ones fit again.
tick() {
	snapshot
	publish_serving
	keep_watch
	watch_replication
	# On hold keepalived hears of no change: nobody is elected, or dropped, for what it would see only then.
	if held; then
		bad=0 good=0
		return
	fi
	if check; then
		bad=0 good=$((good + 1))
	else
		good=0 bad=$((bad + 1))
	fi
	get "$RUN/health" || GOT=''
	new=$GOT
	[ "$bad" -lt 2 ] || new=1
	[ "$good" -lt 2 ] || new=0
	if [ "$new" != "$GOT" ] || [ "$WHY" != "$told" ]; then
		if [ "$new" != "$GOT" ]; then put "$RUN/health" "$new"; fi
		put "$RUN/why" "$WHY"
		told=$WHY
		[ "$new" = "$GOT" ] || log "health $new${WHY:+: $WHY} ($ROLE, $CS, $DISK/$PEER_DISK)"
		[ "$new" = "$GOT" ] || down || health_alert "$new"
	fi
}

# Slow questions are asked aside, so that a look never takes longer than a second; each from a shell that ends at once, for
# dash keeps every job of its own that nobody waits for, and the agent runs for months.
keep_watch() {
	seconds
	case $ROLE=$CS in
	=* | *=StandAlone) come_up ;;
	*) [ -e "$RUN/was-up" ] || : >"$RUN/was-up" ;;
	esac
	[ -n "$ROLE" ] || return 0
	if connected; then
		was_connected=yes waited=no up_tries=0
		[ ! -e "$RUN/lost" ] || rm -f "$RUN/lost" "$RUN/quorum"
		if in_sync && holds; then
			aside votes release_if_in_sync
			# A witness that did not hear it is asked soon.
			tidy_at=$((NOW + 10))
		elif goes_on_without && [ -n "$VOTERS" ] && [ "$NOW" -ge "$outlive_at" ] && ! holds; then
			outlive_at=$((NOW + 5))
			aside votes outlive_peer_disk
		elif in_sync && [ "$NOW" -ge "$tidy_at" ]; then
			tidy_at=$((NOW + 300))
			[ -z "$VOTERS" ] || aside votes tidy_votes
		fi
	else
		[ -e "$RUN/lost" ] || note_lost
		# The fence handler asks first; its question is the one that matters, so it is not made to wait for ours.
		[ "$was_connected" = no ] || grace_until=$((NOW + 15)) quorum_at=$((NOW + 12)) hold_at=0
		was_connected=no
		case $CS in StandAlone | Disconnecting | '') ;; *) waited=yes ;; esac
		if [ -n "$VOTERS" ] && [ "$NOW" -ge "$quorum_at" ]; then
			quorum_at=$((NOW + 5))
			if [ "$ROLE" = Primary ] && [ "$NOW" -ge "$hold_at" ] && holds; then
				hold_at=$((NOW + 30))
				aside votes hold_all
			else
				aside votes sample_quorum
			fi
		fi
	fi
	watch_pulse
	watch_space
	if [ "$NOW" -ge "$ask_at" ] || address_astray; then
		ask_at=$((NOW + 5))
		(watch_address &)
	fi
	# A wake-up may be lost with a worker that died.
	if [ "$NOW" -ge "$nudge_at" ] && [ ! -e "$RUN/busy" ]; then
		nudge_at=$((NOW + 5))
		as_wished || wake
	fi
}
# The boot's own attempt fails for good when a slow machine exceeds drbdadm's 5 s, before or after the disk is
# attached, and its unit then takes the resource down again. A resource that was up since the boot, is not now, and whose
# unit did not fail was taken down by somebody, who has his reasons; one that stands alone after five attempts has reasons too.
# One more may be tried: a line that came back while the peer, frozen and about to fence itself, was Primary too was refused
# by both. The one with the votes would stay alone, though the peer has rebooted and waits for it.
come_up() {
	if held; then return 0; fi
	[ -n "$up_at" ] || up_at=$((NOW + 20))
	[ "$NOW" -ge "$up_at" ] && [ "$up_tries" -lt 5 ] || return 0
	up_at=$((NOW + 30))
	[ ! -e "$RUN/was-up" ] || { [ -z "$ROLE" ] && systemctl -q is-failed "drbd@$RESOURCE.service"; } ||
		{ [ "$ROLE=$waited" = Primary=yes ] && holds && peer_waits; } || return 0
	[ -z "$ROLE" ] || up_tries=$((up_tries + 1))
	(
		flock -n 8 || exit 0
		log "resource $RESOURCE is ${CS:-not configured}: trying again"
		adjust
	) 8>"$RUN/up.lock" &
}
# Whether the peer's DRBD takes connections: after a split brain it does not.
peer_waits() {
	[ -n "$DRBD_PORT" ] || return 1
	# shellcheck disable=SC2016  # expanded by that bash
	timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' mfs-ha "$PEER_ADDRESS" "$DRBD_PORT" 2>/dev/null
}
# What it says of a command that failed has the secret in it.
adjust() {
	bounded 60 drbdadm adjust "$RESOURCE"
	adjusted=$?
	[ "$adjusted/$OUT" = 0/ ] || log "drbdadm adjust: exit $adjusted: $(printf %s "$OUT" | without_secret | tr '\n' ' ')"
	return "$adjusted"
}
without_secret() { sed 's/shared-secret.*/shared-secret (and what follows, not shown)/'; }
# In place of the command of drbd@RESOURCE.service. A slow machine exceeds the 5 s that drbdadm gives each command; what
# it has done until then stays done.
bring_up() {
	LOG_TO=stderr
	tries=1
	until adjust; do
		[ "$tries" -lt 3 ] || die 'bring-up: given up for now; the agent tries again'
		tries=$((tries + 1))
		sleep 2
	done
}
# aside LOCK FUNCTION: unless one of the same lock is under way.
aside() {
	(
		(
			flock -n 8 || exit 0
			"$2"
		) 8>"$RUN/$1.lock" &
	)
}

# Whether the worker got as far as it was told. A master that died on the active node is no business of the worker:
# that makes the node unfit, and keepalived's next wish follows.
as_wished() {
	if down; then
		[ "$ROLE" != Primary ] && ! mounted
		return
	fi
	wish
	case $WISH in
	master) [ "$ROLE" = Primary ] ;;
	backup | fault | stop) [ "$ROLE" != Primary ] && ! mounted ;;
	undecided) [ "$ROLE" != Primary ] ;;
	*) : ;;
	esac
}

agent() {
	LOG_TO=stderr
	prepare
	bad=0 good=0 told='' was_connected=no waited=no tidy_at=0 quorum_at=0 hold_at=0 outlive_at=0 ask_at=0 nudge_at=0 silent_from='' up_at='' up_tries=0
	end_pulse
	log "agent started: health $(cat "$RUN/health")"
	while :; do
		tick
		sleep 1
	done
}

