# ---- the master's pulse --------------------------------------------------------------------------------------

# Asks mfsmaster for its version once a second, without a fork, and writes the uptime of each answer to a file.
# It may hang on a master that hangs: whoever reads the file judges by its age.
# The master's own protocol: command 10 asks, 11 answers (MFSCommunication.h); bash reads up to each NUL.
# shellcheck disable=SC2016  # expanded by bash
take_pulse='
pulse=$1 host=$2 port=$3 proc=$4 agent=$5
exec 4<>"$6" || exit 1
while kill -0 "$agent" 2>/dev/null; do
	read -r -t 1 -u 4 _
	{ exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null || continue
	printf "\0\0\0\12\0\0\0\0" >&3
	word=""
	for byte in 1 2 3 4; do
		IFS= read -r -d "" -t 5 -u 3 got || break
		word=$word.$got
	done
	exec 3>&-
	[ "$word" = "...."$(printf "\13") ] || continue
	read -r up _ <"$proc/uptime"
	echo "${up%.*}" >"$pulse"
done
'

# Keeps the pulse being taken while this node should serve. It ends with the agent.
pulse_pid=''
keep_pulse() {
	[ -z "$pulse_pid" ] || ! kill -0 "$pulse_pid" 2>/dev/null || return 0
	[ -p "$RUN/beat" ] || mkfifo -m 0600 "$RUN/beat" 2>/dev/null || return 0
	bash -c "$take_pulse" mfs-ha "$RUN/pulse" "$VIP" "$MASTER_PORT" "$PROC" $$ "$RUN/beat" </dev/null >/dev/null 2>&1 &
	pulse_pid=$!
}
end_pulse() {
	[ -z "$pulse_pid" ] || kill -9 "$pulse_pid" 2>/dev/null
	pulse_pid=''
	rm -f "$RUN/pulse" "$RUN/silence" "$RUN/mute"
}

# A look a second, by the agent. A master that hangs was not woken by the question; one that is busy, swaps or waits
# for its disk runs or is in the kernel, and gets 45 s.
watch_pulse() {
	wish
	if [ "$WISH" != master ] || [ -e "$RUN/busy" ] || held || ! listening; then
		silent_from=''
		[ -z "$pulse_pid" ] || end_pulse
		return 0
	fi
	keep_pulse
	seconds
	[ -n "$silent_from" ] || silent_from=$NOW
	get "$RUN/pulse" || GOT=''
	case $GOT in '' | *[!0-9]*) ;; *) [ "$GOT" -le "$silent_from" ] || silent_from=$GOT ;; esac
	silent=$((NOW - silent_from))
	if [ "$silent" -lt 2 ]; then
		[ ! -e "$RUN/silence" ] || rm -f "$RUN/silence" "$RUN/mute"
		return 0
	fi
	if [ "$silent" -ge 45 ]; then
		[ -e "$RUN/mute" ] || put "$RUN/mute" "$silent_from"
		return 0
	fi
	judge_silence &
}
# Two looks in a row at a process that sleeps and was not scheduled in between: it hangs.
judge_silence() {
	master_pid || return 0
	look=$(life_signs "$PID") || return
	before=''
	get "$RUN/silence" && before=$GOT
	put "$RUN/silence" "$look"
	[ "$look" = "$before" ] || return
	case $look in
	*' S '* | *' T '* | *' t '*) ;;
	*) return ;;
	esac
	in_force fault && return
	put "$RUN/hung" "$silent_from"
	hangs="mfsmaster hangs: it listens, sleeps, and answers nothing since uptime $silent_from"
	if may_restart; then
		log "$hangs"
		alert critical master-hangs "$hangs"
		kill_hung && return
	fi
	fault "$hangs"
}
# PID STATE and how often it was scheduled.
life_signs() {
	state='' switches=''
	while read -r key value _; do
		case $key in
		State:) state=$value ;;
		voluntary_ctxt_switches: | nonvoluntary_ctxt_switches:) switches="$switches $value" ;;
		esac
	done <"$PROC/$1/status" || return 1
	[ -n "$switches" ] && echo "$1 $state $switches"
}

# A master that hangs will not stop when asked; with CHANGELOG_SAVE_MODE 2 killing it loses nothing. Its end is told
# like any other: see master_exited.
kill_hung() {
	[ -e "$RUN/hung" ] || return 0
	rm -f "$RUN/hung"
	log 'mfsmaster hangs: killing it'
	bounded 5 systemctl kill -s KILL "$MASTER_UNIT"
}

# ---- the address, looked after ------------------------------------------------------------------------------

# Somebody may remove the address from the active node, or add it to the standby; and a neighbour that heard the
# wrong one must hear the right one again. Asked aside, under the worker's lock, so that it never undoes its work.
watch_address() {
	(
		flock -n 9 || exit 0
		right_wish
		right_address
	) 9>"$RUN/lock"
	if [ "$ROLE" = Primary ] && [ ! -e "$RUN/busy" ] && vip_here && interface; then
		! command -v arping || arping -q -A -c 1 -w 1 -I "$INTERFACE" "$VIP"
	fi >/dev/null 2>&1
}
# At every look, without a process: whether the kernel has the address where this node's role says that it should not be, or not
# where it should. While two have it, what chunkservers and clients send goes to the wrong one, which refuses it.
address_astray() {
	[ ! -e "$RUN/busy" ] && [ -r "$PROC/net/fib_trie" ] || return 1
	here=no place=''
	while read -r mark name kind; do
		case $mark in
		'|--') place=$name ;;
		/32) [ "$place $name $kind" != "$VIP host LOCAL" ] || here=yes ;;
		esac
	done <"$PROC/net/fib_trie"
	case $ROLE=$here in
	Secondary=yes) ;;
	Primary=no) by_right && listening || return 1 ;;
	*) return 1 ;;
	esac
	! held
}
# keepalived starts each word to us as a process of its own. On a machine short of time the later one may come first: it has
# elected this node, and the wish says otherwise for good. Seen twice, with the same wish, its own address decides.
right_wish() {
	wish
	case $WISH in backup | fault) ;; *) WISH='' ;; esac
	if [ -z "$WISH" ] || [ -z "$ELECTED" ] || [ -e "$RUN/busy" ] || held || in_force serve-on || ! has_address "$ELECTED"; then
		[ ! -e "$RUN/astray" ] || rm -f "$RUN/astray"
		return 0
	fi
	get "$RUN/astray" || GOT=''
	if [ "$GOT" != "$WISH" ]; then
		put "$RUN/astray" "$WISH"
		return
	fi
	rm -f "$RUN/astray"
	put "$RUN/wish" master
	log "keepalived has elected this node, and its word was lost: wish $WISH -> master"
	wake
}
right_address() {
	[ ! -e "$RUN/busy" ] && ! held || return 0
	snapshot
	wish
	if [ "$ROLE=$WISH" = Primary=master ] && listening && ! vip_here; then
		by_right || return 0
		log "the address $VIP is gone from this active node: adding it"
		vip_up
	elif [ "$ROLE" = Secondary ] && vip_here; then
		log "the address $VIP is on this standby: removing it"
		vip_down
	fi
}
