# ---- votes ---------------------------------------------------------------------------------------------------

# One question to every witness, all at once; each authenticated answer (yes|no HOLDER TOKEN) in a file of its
# own, written in one go. The secret goes through the environment and seals both ways; it is never sent. All but the question
# itself is done at once; that is asked at an uptime of not_before hundredths of a second.
# shellcheck disable=SC2016  # expanded by bash
ask_witnesses='
answers=$1 port=$2 verb=$3 resource=$4 node=$5 token=$6 not_before=$7
shift 7
seal() { sum=$(printf "%s\n" "$MFS_HA_SECRET|$1|$MFS_HA_SECRET" | sha256sum); sum=${sum%% *}; }
ask() {
	exec 3<>"/dev/tcp/$1/$port" || return 1
	IFS= read -r nonce <&3 || return 1
	question="$nonce|$verb|$resource|$node|$token"
	seal "$question"
	read -r now _ </proc/uptime
	pause=$((not_before - 10#${now/./}))
	[ "$pause" -le 0 ] || sleep "$((pause / 100)).$((pause / 10 % 10))$((pause % 10))"
	printf "%s %s %s %s %s\n" "$verb" "$resource" "$node" "$token" "$sum" >&3
	read -r answer holder held sealed <&3 || return 1
	seal "$question|$answer|$holder|$held"
	[ "$sealed" = "$sum" ] || return 2
	echo "$answer $holder $held"
}
for witness do
	(ask "$witness" >"$answers.$witness" || echo silent >"$answers.$witness") &
done
wait
'

# voters: LISTS are the lists of witnesses that must each agree by majority, separated by ";"; VOTERS everybody in them, once.
# There is more than one while the witnesses change: as long as one master may ask those of before, their majority counts too.
# "none" is a list of before without any.
voters() {
	LISTS=$WITNESSES VOTERS=''
	[ -z "$EARLIER" ] || LISTS="${WITNESSES:-none};$EARLIER"
	by_words=$IFS
	IFS='; '
	for witness in $LISTS; do
		case " $VOTERS none " in *" $witness "*) ;; *) VOTERS="$VOTERS${VOTERS:+ }$witness" ;; esac
	done
	IFS=$by_words
}

# ask_all VERB TOKEN [all]: YES agreed, NO did not, SEEN answered, of TOTAL. Returns at the first majority unless "all".
# The answers stay in $ASKED.WITNESS for a minute, so that two questions at once do not disturb each other; one that comes later
# is nobody's. With NOT_BEFORE, the uptime in hundredths of a second, nothing is asked earlier.
when_slow='' NOT_BEFORE=0
ask_all() {
	seconds
	ASKED=$RUN/vote.$NOW.$2.$1
	(forget_answers) 9>&- 8>&- 3>&- &
	# shellcheck disable=SC2086  # a list
	MFS_HA_SECRET=$WITNESS_SECRET timeout "$WITNESS_WAIT" bash -c "$ask_witnesses" \
		mfs-ha "$ASKED" "$WITNESS_PORT" "$1" "$RESOURCE" "$NODE" "$2" "$NOT_BEFORE" $VOTERS 9>&- 8>&- 3>&- 2>/dev/null &
	centis
	ask_until=$((CENTIS + WITNESS_WAIT * 100 + 50))
	while :; do
		count_votes
		[ "$SEEN" -lt "$TOTAL" ] || break
		[ "${3:-}" = all ] || { ! majority && ! majority_says_no; } || break
		centis
		[ "$CENTIS" -lt "$ask_until" ] || break
		if [ -n "$when_slow" ] && [ "$CENTIS" -ge "$slow_at" ]; then
			"$when_slow"
			when_slow=''
		fi
		nap 0.1
	done
	count_votes
	SEEN=$((SEEN - SILENT))
}
# nap SECONDS: sleeps so long, and notes in hundredths of a second for how long this machine did not let it go on.
STARVED=0
nap() {
	centis
	nap_from=$CENTIS
	sleep "$1"
	centis
	# Up to a second is a slow machine, more is one without any time.
	[ $((CENTIS - nap_from)) -lt 100 ] || STARVED=$((STARVED + CENTIS - nap_from))
}
# Those of earlier questions.
forget_answers() {
	stale_answers=''
	for answer in "$RUN"/vote.*; do
		asked_at=${answer#"$RUN/vote."}
		asked_at=${asked_at%%.*}
		case $asked_at in
		'*') ;;
		'' | *[!0-9]*) stale_answers="$stale_answers $answer" ;;
		*) [ $((NOW - asked_at)) -le 60 ] || stale_answers="$stale_answers $answer" ;;
		esac
	done
	# shellcheck disable=SC2086  # names of ours
	[ -z "$stale_answers" ] || rm -f $stale_answers
}
count_votes() {
	YES=0 NO=0 SEEN=0 SILENT=0 TOTAL=0 said_yes=' ' said_no=' '
	for witness in $VOTERS; do
		TOTAL=$((TOTAL + 1))
		get "$ASKED.$witness" || continue
		SEEN=$((SEEN + 1))
		case $GOT in
		yes*) YES=$((YES + 1)) said_yes="$said_yes$witness " ;;
		no*) NO=$((NO + 1)) said_no="$said_no$witness " ;;
		silent) SILENT=$((SILENT + 1)) ;;
		esac
	done
	judge_votes
}
# AGREED: a majority of every list said yes. REFUSED: one of a list said no. QUORATE: a majority of every list said either.
judge_votes() {
	AGREED=yes REFUSED='' QUORATE=yes
	[ "$TOTAL" -gt 0 ] || AGREED='' QUORATE=''
	by_words=$IFS
	IFS=';'
	for list in $LISTS; do
		IFS=$by_words
		# Without witnesses the one that serves goes on, and nobody takes over.
		if [ "$list" = none ]; then
			[ "${ROLE:-}" = Primary ] || AGREED=''
			continue
		fi
		all=0 yes=0 no=0
		for witness in $list; do
			all=$((all + 1))
			case $said_yes in *" $witness "*) yes=$((yes + 1)) ;; esac
			case $said_no in *" $witness "*) no=$((no + 1)) ;; esac
		done
		[ $((yes * 2)) -gt "$all" ] || AGREED=''
		[ $((no * 2)) -le "$all" ] || REFUSED=yes
		[ $(((yes + no) * 2)) -gt "$all" ] || QUORATE=''
	done
	IFS=$by_words
}
majority() { [ -n "$AGREED" ]; }
majority_says_no() { [ -n "$REFUSED" ]; }
# Whether this node won the votes and has not given them back. The note is under $RUN where the disk takes none.
holds() { [ -s "$VAR/holding" ] || [ -s "$RUN/holding" ]; }
# Whether a Primary serves by right: without its peer only with the votes, or when that went away in peace: then it has
# noted that its data are outdated, and DRBD asks nobody.
by_right() { connected || holds || [ -z "$VOTERS" ] || [ "$PEER_DISK" = Outdated ]; }

new_token() { read -r TOKEN <"$PROC/sys/kernel/random/uuid"; }

# claim: 0 when a majority of the witnesses now names this node, durably; 2 when a majority names the peer. While the
# witnesses change, that of each list, or of any.
claim() {
	new_token
	# Words that are being won are no stray ones: see tidy_votes. It stays where some were won, though not enough. Written
	# without a process: clients wait.
	seconds
	echo "$NOW $TOKEN" >"$RUN/claiming"
	ask_all claim "$TOKEN"
	if majority_says_no; then claimed=2; elif majority; then claimed=0; else claimed=1; fi
	[ "$claimed" -ne 0 ] || note_holding
	if [ "$claimed" -eq 0 ] || [ "$YES" -eq 0 ]; then : >"$RUN/claiming"; fi
	return "$claimed"
}
note_holding() {
	# The words on the witnesses' disks are what counts. Lost here with a crash, or empty, it is found there (tidy_votes). A
	# disk that is full, or can only be read, takes nothing away from them.
	if put "$VAR/holding" "$TOKEN" 2>/dev/null; then
		# A shell of its own: for a function called in this one dash keeps a copy of what is closed, and the lock with it.
		(flush "$VAR/holding") 9>&- 8>&- 3>&- &
	else
		rm -f "$VAR/holding.new.$$" 2>/dev/null
		put "$RUN/holding" "$TOKEN"
	fi
}

# Every witness is to know who holds the votes: one that was away when they were won, or is new, could name the other one.
hold_all() {
	get "$VAR/holding" || get "$RUN/holding" || return 0
	ask_all claim "$GOT" all
	note_quorum
}

# A peer that has no data now, but had them: when it comes back it believes that they are the newest. As long as it is
# connected nobody asks for votes, so this side, which goes on without it, takes them before that can happen. Either
# role: a Primary without its disk writes to this side's alone.
outlive_peer_disk() {
	snapshot
	goes_on_without || return 0
	claim && log "the peer's disk is $PEER_DISK: the votes are ours until it is in sync again"
}
goes_on_without() {
	[ "$DISK" = UpToDate ] && connected || return 1
	case $PEER_DISK in Diskless | Failed | Detaching) return 0 ;; esac
	return 1
}

# give_back TOKEN...: gives these back. A word that cannot be given back now is found by tidy_votes later.
give_back() {
	for token; do
		for holding in "$VAR/holding" "$RUN/holding"; do
			! get "$holding" || [ "$GOT" != "$token" ] || rm -f "$holding"
		done
		ask_all release "$token" all
		log "votes given back ($YES of $TOTAL)"
	done
}

# Words left with this node by a claim that failed, or by a crash.
tidy_votes() {
	new_token
	ask_all get "$TOKEN" all
	seconds
	put "$RUN/witnesses" "$NOW $SEEN $TOTAL"
	stale=''
	for witness in $VOTERS; do
		get "$ASKED.$witness" || continue
		# shellcheck disable=SC2086  # three words
		set -- $GOT
		case " $stale " in *" ${3:-} "*) continue ;; esac
		[ "${2:-}" != "$NODE" ] || stale="$stale $3"
	done
	# Read before the note of those that were won: a claim writes that first.
	get "$RUN/claiming" && [ $((NOW - ${GOT%% *})) -le 60 ] || GOT=''
	claiming=${GOT#* }
	if holds; then return 0; fi
	for token in $stale; do
		[ "$token" != "$claiming" ] || continue
		ask_all release "$token" all
		log "a stray vote was given back ($YES)"
	done
}

# One change of the words at a time. `anyway`: it does not wait longer for another one.
with_votes() { # with_votes SECONDS FUNCTION [anyway]
	(
		flock -w "$1" 8 || [ "${3:-}" = anyway ] || exit 75
		"$2"
	) 8>"$RUN/votes.lock" 9>&- 3>&-
}

release_if_in_sync() {
	# Those that are held before the look: what is won after it, because the line is lost just now, stays.
	held_now=''
	for holding in "$VAR/holding" "$RUN/holding"; do
		get "$holding" && held_now="$held_now $GOT"
	done
	snapshot
	in_sync || { log "votes kept: $CS $DISK/$PEER_DISK" && return 1; }
	# shellcheck disable=SC2086  # a list
	give_back $held_now
}

# DRBD's fence-peer handler: 4 = go on without the peer, anything else = I/O stays frozen, or no promotion.
fence() {
	snapshot
	centis
	BEGAN=$CENTIS
	log "fence: asked as $ROLE, $CS, $DISK" &
	if [ -z "$VOTERS" ]; then
		if holds && in_force alone; then exit 4; fi
		# Nobody can arbitrate: the one that serves goes on, the other never takes over by itself.
		[ "$ROLE" = Primary ] && exit 4
		log 'fence: refused: no witnesses, so only a person can tell that the peer is dead'
		exit 1
	fi
	# DRBD asks four times for one promotion. A refusal holds for all of them, or drbdadm would be given up before its end.
	if [ "$ROLE" != Primary ] && get "$RUN/refusal" && [ "$CENTIS" -lt $((GOT + 300)) ]; then exit 1; fi
	seconds
	fence_until=$((NOW + FENCE_WAIT))
	if [ "$ROLE" = Primary ]; then
		fence_latest=$((fence_until + FENCE_WAIT))
		: >"$RUN/counted"
		renice -n -15 -p $$ >/dev/null 2>&1 9>&- 8>&- 3>&- &
		# Cut off from everything: nobody shall meet two with the address when the line is back.
		when_slow=put_address_aside
		slow_at=$((BEGAN + 300))
	else
		# The one that serves goes first; the time since the link was lost counts.
		note_lost
		NOT_BEFORE=$((LOST_CENTIS + FENCE_HANDICAP_CENTIS))
	fi
	if holds && in_force alone; then
		log 'fence: a person said that the peer is dead'
		exit 4
	fi
	while :; do
		# A primary's deadline is firm: its clients wait, and its address is in the way.
		seconds
		left=$((fence_until - NOW))
		if [ "$ROLE" = Primary ] && [ "$left" -lt "$WITNESS_WAIT" ]; then
			[ "$left" -ge 2 ] || left=2
			WITNESS_WAIT=$left
		fi
		# The one that serves has no time to wait for another question; its head start would be over.
		if [ "$ROLE" = Primary ]; then (claim_noting) 9>&- 3>&-; else with_votes 2 claim_noting anyway; fi
		claimed=$?
		read_counted
		if [ "$claimed" -eq 0 ]; then
			log 'fence: the votes are ours'
			[ "$ROLE" != Primary ] || take_address_back
			alert warning votes-won "the witnesses' votes are ours: going on without $PEER ($ROLE, $CS)"
			exit 4
		fi
		centis
		[ -z "$when_slow" ] || [ "$CENTIS" -lt "$slow_at" ] || "$when_slow"
		snapshot
		if connected; then
			log "fence: the peer is back ($CS)"
			# On hold nobody else would add it.
			[ "$ROLE" != Primary ] || take_address_back
			exit 1
		fi
		[ "$ROLE" != Primary ] || grant_starved
		seconds
		# The peer has the votes, and may serve already: no more waiting.
		if [ "$ROLE" != Primary ] || [ "$claimed" -eq 2 ] || [ "$NOW" -ge "$fence_until" ]; then break; fi
		nap 0.5
	done
	log "fence: no majority of the witnesses for this $ROLE"
	alert critical votes-lost "no majority of the witnesses for this node ($ROLE, $CS): $YES of $TOTAL, $SEEN answered"
	if [ "$ROLE" = Primary ]; then
		[ "$claimed" -eq 2 ] || give_up_minority
		self_fence 'primary without its peer and without a majority of the witnesses'
	fi
	with_votes 10 forget_minority
	centis
	[ "$ROLE" = Primary ] || put "$RUN/refusal" "$CENTIS"
	exit 1
}

# It runs in a shell of its own: what it counted is handed over in a file.
claim_noting() {
	claim
	noted=$?
	echo "$STARVED $YES $TOTAL $SEEN" >"$RUN/counted"
	return "$noted"
}
read_counted() {
	get "$RUN/counted" || GOT='0 0 0 0'
	: >"$RUN/counted"
	# shellcheck disable=SC2086  # four numbers
	set -- $GOT
	STARVED=$((STARVED + $1)) YES=$2 TOTAL=$3 SEEN=$4
}
# Words won in the minority would stand in the peer's way until this node is back. Its I/O is frozen, and it ends now.
give_up_minority() {
	get "$RUN/claiming" || return 0
	WITNESS_WAIT=1
	ask_all release "${GOT#* }" all
}
# A machine that got no processor time could not ask: that time does not count, as long again as FENCE_WAIT at most. Its I/O is
# frozen, its address aside, and a majority that names the peer ends it at once.
grant_starved() {
	[ "$STARVED" -ge 100 ] || return 0
	seconds
	granted=$((fence_until + STARVED / 100))
	[ "$granted" -le "$fence_latest" ] || granted=$fence_latest
	[ "$granted" -eq "$fence_until" ] || log "fence: $((STARVED / 100)) s without processor time: trying for $((granted - NOW)) s more"
	fence_until=$granted STARVED=0
}

put_address_aside() {
	vip_here && interface || return 0
	bounded 5 ip addr del "$VIP/$VIP_PREFIX" dev "$INTERFACE"
	log "fence: $VIP put aside until the votes are here"
}
take_address_back() {
	wish
	if vip_here || [ "$WISH" != master ] || ! listening; then return 0; fi
	vip_up
}

# After a lost claim: words won in the minority must not stand in the peer's way.
forget_minority() {
	: >"$RUN/claiming"
	if holds; then return 0; fi
	tidy_votes
}

unfence() {
	with_votes 10 release_if_in_sync
	exit 0
}

seize() {
	[ "${1:-}" = THE-PEER-IS-DEAD ] || die 'seize: say THE-PEER-IS-DEAD, and be sure: two primaries destroy data' 64
	snapshot
	if connected; then die 'seize: refused: the peer is connected'; fi
	rm -f "$RUN/refusal"
	if [ "${2:-}" = WITHOUT-WITNESSES ]; then
		new_token
		put_durable "$VAR/holding" "$TOKEN"
		seconds
		put "$RUN/alone" "$((NOW + 600)) said by hand"
		log 'votes taken without the witnesses, by hand'
		echo 'this node goes on alone'
		return
	fi
	with_votes 20 seize_words || die 'seize: no majority of the witnesses answered'
	echo 'the votes are ours'
}
seize_words() {
	new_token
	ask_all seize "$TOKEN" all
	majority && put_durable "$VAR/holding" "$TOKEN" && log "votes seized by hand ($YES of $TOTAL)"
}

# Data that is not up to date becomes the only data there is.
force_primary() {
	[ "${1:-}" = I-ACCEPT-THE-LOSS ] || die 'force-primary: say I-ACCEPT-THE-LOSS: what the peer has and this node has not is gone' 64
	snapshot
	case $ROLE in
	'') die "force-primary: resource $RESOURCE is not up" ;;
	Primary) return ;;
	esac
	if connected; then die 'force-primary: refused: the peer is connected'; fi
	holds || die 'force-primary: refused: this node does not hold the votes (seize)'
	case $DISK in
	Diskless | Failed | Detaching | Attaching) die "force-primary: refused: the disk is $DISK" ;;
	esac
	log "force-primary: by hand, with the disk $DISK"
	bounded 40 drbdadm primary --force "$RESOURCE" || die "force-primary: $OUT"
	primary || die 'force-primary: still not Primary'
}

show_votes() {
	each_vote tell_vote
}
tell_vote() {
	case $2 in -) echo "$1: nobody" ;; '?') echo "$1: no answer" ;; *) echo "$1: $2" ;; esac
}

# each_vote COMMAND: asks every witness, then COMMAND WITNESS HOLDER for each; - for nobody, ? without an answer.
each_vote() {
	tell=$1
	new_token
	ask_all get "$TOKEN" all
	for witness in $VOTERS; do
		get "$ASKED.$witness" || GOT=silent
		# shellcheck disable=SC2086  # three words
		set -- $GOT
		case $1 in yes | no) "$tell" "$witness" "${2:--}" ;; *) "$tell" "$witness" '?' ;; esac
	done
}

