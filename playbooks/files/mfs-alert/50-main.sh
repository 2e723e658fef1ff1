# ---- the worker -----------------------------------------------------------------------------------------------

# due WAY: neither in the pause after a failure nor too fast.
due() {
	seconds
	get "$RUN/way/$1/next" && [ "$NOW" -lt "$GOT" ] && return 1
	get "$RUN/way/$1/sent" || return 0
	# shellcheck disable=SC2086  # numbers
	set -- $GOT
	[ $# -ge "$BURST" ] || return 0
	first=$1
	while [ $# -gt 1 ]; do shift; done
	[ $((NOW - first)) -ge "$WINDOW" ] || [ $((NOW - $1)) -ge "$SLOW" ]
}

done_with() { for name in $NAMES; do : >"$RUN/done/$1/$name"; done; }

# attempt WAY: one try of everything that waits there; never two at once.
attempt() {
	exec 8>"$RUN/way/$1/lock"
	flock -n 8 || exit 0
	due "$1" && pending "$1" || exit 0
	state=$RUN/way/$1
	compose "$1"
	if deliver "$1"; then
		done_with "$1"
		if [ "$WAYS" != "$1" ]; then aside keep_marks "$1"; fi
		rm -f "$state/fails" "$state/next" "$state/error"
		put "$state/told" "$DROPPED"
		seconds
		get "$state/sent"
		# shellcheck disable=SC2086  # numbers
		set -- "$1" $GOT "$NOW"
		way=$1
		shift
		while [ $# -gt "$BURST" ]; do shift; done
		put "$state/sent" "$*"
		log "$way: $COUNT sent: $TEXT"
		exit 0
	fi
	get "$state/fails" || GOT=0
	fails=$((GOT + 1))
	put "$state/fails" "$fails"
	pause=$FIRST_PAUSE
	n=1
	while [ "$n" -lt "$fails" ] && [ "$pause" -lt "$LAST_PAUSE" ]; do pause=$((pause * 2)) n=$((n + 1)); done
	[ "$pause" -le "$LAST_PAUSE" ] || pause=$LAST_PAUSE
	seconds
	put "$state/next" "$((NOW + pause))"
	get "$state/error"
	put "$state/error" "$SAID"
	if [ "$GOT" != "$SAID" ] || [ $((fails % 20)) -eq 0 ]; then log "$1: not sent ($fails times, again in $pause s): $SAID"; fi
	give_up "$1"
}

# A day since it failed first is enough; by the uptime, so that a clock that jumps ends nothing early.
give_up() {
	old=''
	for name in $NAMES; do
		if get "$RUN/tried/$name"; then
			[ $((NOW - GOT)) -lt "$LONGEST" ] || old="$old $name"
		else
			echo "$NOW" >"$RUN/tried/$name"
		fi
	done
	[ -n "$old" ] || return 0
	NAMES=$old
	done_with "$1"
	# shellcheck disable=SC2086  # a list
	set -- "$1" $old
	log "$1: gave up on $(($# - 1)) alerts that failed for $LONGEST s: $SAID"
}

work() {
	prepare
	load
	# A start is a reason to try at once.
	rm -f "$RUN"/way/*/next
	while :; do
		take_in
		for way in $WAYS; do
			if pending "$way" && due "$way"; then attempt "$way" & fi
		done
		sweep
		[ "$EMPTY" = no ] || left_behind || break
		sleep "$NAP"
	done
	wait
}

# ---- for people -----------------------------------------------------------------------------------------------

send() {
	case ${1:-} in critical | warning | notice) ;; *) usage >&2 && exit 64 ;; esac
	[ $# -ge 3 ] || { usage >&2 && exit 64; }
	prepare
	read -r up _ <"$PROC/uptime"
	up=${up%.*}${up#*.}
	severity=$1 kind=$2
	shift 2
	printf '%s\n' "$severity" "$kind" "$*" . >"$RUN/in/${up#0}.$$.1"
}

queue() {
	prepare
	take_in
	nothing=yes
	get "$RUN/dropped" && echo "$GOT alerts were dropped since the boot: too many waited"
	for way in $WAYS; do
		pending "$way" || continue
		nothing=no
		state=$RUN/way/$way
		oldest=${NAMES# }
		oldest=${oldest%%.*}
		get "$state/fails" && fails=$GOT || fails=0
		seconds
		get "$state/next" && [ "$GOT" -gt "$NOW" ] && next=", next try in $((GOT - NOW)) s" || next=''
		get "$state/error" || GOT=''
		echo "$way: $COUNT since $(clock "${oldest%??}"), $fails failures$next${GOT:+: $GOT}"
	done
	[ "$nothing" = no ] || echo 'nothing waits'
}

# One line a result: way, account, to, ok, curl (its exit status), words, seconds.
result() {
	centis
	spent=$((CENTIS - BEGAN))
	printf '{"way":"%s","account":%s,"to":%s,"ok":%s,"curl":%s,"words":%s,"seconds":%s.%s%s}\n' "$1" "$(json "$2")" "$(json "$3")" \
		"$4" "$CURL" "$(json "$SAID")" $((spent / 100)) $((spent / 10 % 10)) $((spent % 10))
}
centis() { read -r up _ <"$PROC/uptime" && CENTIS=${up%.*}${up#*.} && CENTIS=${CENTIS#0}; }

test_mail() {
	centis
	BEGAN=$CENTIS
	if send_mail "$1" "$2" "$3"; then ok=true; else ok=false; fi
	result mail "$SCHEME://$HOST:$PORT, $SECURITY${LOGIN:+, as $LOGIN}" "$2" "$ok" >"$3"
}
test_hook() {
	centis
	BEGAN=$CENTIS
	if send_hook "$1"; then ok=true; else ok=false; fi
	# Paths of webhooks are secrets.
	scheme=${HOOK_SECRET%%://*} rest=${HOOK_SECRET#*://}
	rest=${rest%%[/?#]*}
	result webhook "$scheme://${rest##*@}" '' "$ok" >"$1"
}
test_worker() {
	centis
	BEGAN=$CENTIS CURL=0 ok=true
	SAID="mfs-alert.path is $(systemctl is-active mfs-alert.path 2>/dev/null)"
	case $SAID in *' is active') ;; *) ok=false ;; esac
	result worker 'started when something happens' '' "$ok"
}

# Everything at once: the slowest way bounds the time.
test_ways() {
	prepare
	scratch=$RUN/test.$$
	mkdir "$scratch" || exit 1
	trap 'rm -rf "$scratch"' EXIT
	epoch=$(date +%s)
	FOLDED="$epoch$TAB$epoch${TAB}1${TAB}notice${TAB}test${TAB}test alert: this way works"
	SEVERITY=notice KIND='test' TEXT='test alert: this way works' MORE=0 LOST=0
	ID=test-$epoch-$$
	test_worker
	list=''
	number=1
	while [ "$number" -le "$ACCOUNTS" ]; do
		for receiver in $TO; do
			list="$list $number.$receiver"
			test_mail "$number" "$receiver" "$scratch/$number.$receiver" &
		done
		number=$((number + 1))
	done
	if [ -n "$HOOK_SECRET" ]; then
		list="$list webhook"
		test_hook "$scratch/webhook" &
	fi
	wait
	for one in $list; do
		if [ -s "$scratch/$one" ]; then
			cat "$scratch/$one"
		else
			centis
			BEGAN=$CENTIS SAID=$NO_ROOM CURL=-1
			to=${one#webhook}
			if [ -z "$to" ]; then result webhook '' '' false; else result mail "account ${to%%.*}" "${to#*.}" false; fi
		fi
	done
}

main() {
	command=${1:-}
	[ $# -eq 0 ] || shift
	case $command in '' | help | -h | --help) usage && exit 64 ;; esac
	if ! [ -r "$CONF" ]; then
		echo "mfs-alert: cannot read $CONF" >&2
		exit 78
	fi
	# shellcheck source=/dev/null
	. "$CONF"
	case $command in
	work) work ;;
	save) prepare && take_in ;;
	send) send "$@" ;;
	queue) queue ;;
	test) test_ways ;;
	*) usage >&2 && exit 64 ;;
	esac
}

# A test reads the functions without running anything.
case ${MFS_ALERT_FUNCTIONS_ONLY:-no}=$SELF in
yes=/usr/local/sbin/mfs-alert | no=*) main "$@" ;;
esac
