# ---- what a person looks at: every layer of this node, in one answer -----------------------------------------

report() {
	status
	# Again, with the time left: status prints one line a key.
	LEFT=''
	in_force fault || LEFT=''
	echo "fault_left=$LEFT"
	LEFT=''
	in_force hold || LEFT=''
	echo "hold_left=$LEFT"
	echo "hold_by=$(hold_by)"
	LEFT=''
	in_force restarting || LEFT=''
	echo "restarting_left=$LEFT"
	echo "busy=$(yes_no test -e "$RUN/busy")"
	echo "keepalived=$(unit_word keepalived)"
	echo "worker=$(unit_word mfs-ha)"
	echo "agent=$(unit_word mfs-ha-agent)"
	get "$RUN/lost"
	seconds
	echo "lost_since=${GOT:+$((NOW - ${GOT%% *}))}"
	echo "witnesses_change=$(yes_no test -n "$EARLIER")"
	echo "witness_lists=$LISTS"
	[ -n "$VOTERS" ] || return 0
	# shellcheck disable=SC2034  # ask_all's
	WITNESS_WAIT=3
	with_votes 4 report_votes || echo 'votes=busy'
	report_new_chunks
}

# Whether a start here would learn which new chunks are nowhere (75-locks.sh): asked for one that never is.
report_new_chunks() {
	# shellcheck disable=SC2034  # ask_chunkservers'
	MADE=0:0:0
	ask_chunkservers
	case $WHY_NOT in
	'') echo 'new_chunks=known' ;;
	*' tell'*) echo "new_chunks=unknown: $WHY_NOT" ;;
	*) echo "new_chunks=not asked: $WHY_NOT" ;;
	esac
}

# One line a witness: address and holder (- for nobody, ? without an answer).
report_votes() { each_vote report_vote; }
report_vote() { echo "vote=$1 $2"; }

unit_word() {
	word=$(systemctl is-active "$1" 2>/dev/null)
	echo "${word:-unknown}"
}

hold_by() {
	[ -r "$RUN/hold" ] || return 0
	{ read -r _ && read -r by; } <"$RUN/hold" && echo "$by"
}

