# ---- mfsmaster's own unit ----------------------------------------------------------------------------------

# ExecStopPost of mfsmaster: an end that nobody asked for. The worker starts it again where it is, which is the
# shortest way back; when that does not work, or it ends again soon after, it is a fault, and the peer takes over.
master_exited() {
	wish
	if down || [ "$WISH" != master ] || [ -e "$RUN/busy" ] || in_force stopping || held; then exit 0; fi
	# At a shutdown keepalived's end makes this node let go.
	[ "$(systemctl is-system-running 2>/dev/null)" != stopping ] || exit 0
	ended="mfsmaster ended (${SERVICE_RESULT:-unknown} ${EXIT_CODE:-}${EXIT_STATUS:+/$EXIT_STATUS})"
	if may_restart; then
		put "$RUN/restarted" "$NOW"
		log "$ended: starting it again here"
		alert warning master-ended "$ended: starting it again on this node"
		wake
		exit 0
	fi
	fault "$ended"
	exit 0
}
# Only where nothing else is wrong, and not twice within ten minutes.
may_restart() {
	snapshot
	[ "$ROLE/$DISK" = Primary/UpToDate ] && mounted && readable || return 1
	seconds
	get "$RUN/restarted" || return 0
	[ $((NOW - GOT)) -ge 600 ]
}

refuse() {
	put "$RUN/refused" "$1" 2>/dev/null
	alert critical start-refused "mfsmaster not started: $1"
	die "mfsmaster not started: $1"
}

# ExecStartPre of mfsmaster: refuses where it must not run, and finds out how it must be started.
before_master() {
	LOG_TO=stderr
	prepare
	[ ! -e "$RUN/refused" ] || rm -f "$RUN/refused"
	: >"$RUN/start-option"
	right_mount || refuse "$WHY"
	make_room
	primary || refuse "this node is ${ROLE:-not configured} in resource $RESOURCE, not Primary"
	[ -d "$DATA_PATH" ] || refuse "there is no directory $DATA_PATH"
	while read -r _ target _; do
		[ "$target" != "$DATA_PATH" ] || refuse "$DATA_PATH is a mount of its own, not on $DEVICE"
	done <"$PROC/mounts"
	metadata_check || refuse "$WHY"
	# Nobody reads it meanwhile: in place.
	echo "$START_OPTION" >"$RUN/start-option" || refuse "cannot write to $RUN"
	log "metadata: $METADATA; start option: ${START_OPTION:-none}"
}
exec_master() {
	get "$RUN/start-option"
	case $GOT in
	-a) exec "$MASTER_BIN" -c "$MASTER_CFG" -a -f start ;;
	*) exec "$MASTER_BIN" -c "$MASTER_CFG" -f start ;;
	esac
}

# Header of a metadata file: 8 bytes "MFSM NEW", or "MFSM x.y" and the version as u64, big endian; the last
# 16 bytes are the end marker. VERSION is the id of the next change; the first change has id 1.
END_MARKER='5b 4d 46 53 20 45 4f 46 20 4d 41 52 4b 45 52 5d'
read_header() {
	VERSION='' FRESH=no
	[ -f "$1" ] || return 1
	{
		read -r header
		read -r marker
	} <<-END
		$({ head -c 16 "$1" && tail -c 16 "$1"; } 2>/dev/null | od -An -v -tx1)
	END
	judge_header "$header" "$marker"
}
# judge_header FIRST LAST: the same from the first and the last 16 bytes in hex.
judge_header() {
	VERSION='' FRESH=no
	case $1 in
	'4d 46 53 4d 20 4e 45 57'*) VERSION=1 FRESH=yes && return 0 ;;
	'4d 46 53 4d 20 '??' 2e '??' '*) ;;
	*) return 1 ;;
	esac
	[ "${#1}" -eq 47 ] && [ "$2" = "$END_MARKER" ] || return 1
	VERSION=0
	for byte in ${1#????????????????????????}; do VERSION=$((VERSION * 256 + 0x$byte)); done
}

# metadata_check: START_OPTION for mfsmaster, and METADATA in words; WHY when it must not start.
metadata_check() {
	START_OPTION='' METADATA='' TORN=no GAPS=0
	set_aside=$MOUNT_POINT/.mfs-ha/$(date -u +%Y%m%dT%H%M%S)
	# What is cut off a changelog must be kept somewhere.
	if { [ -n "${FREE:-}" ] || free_space; } && [ "$FREE" -lt 1 ]; then set_aside=$VAR/set-aside/${set_aside##*/}; fi
	cut_torn_tails || return 1
	best_metadata
	if [ -z "$BEST" ]; then
		WHY="no valid metadata in $DATA_PATH"
		[ ! -e "$DATA_PATH/metadata.mfs.empty" ] || WHY="$WHY (metadata.mfs.empty would start an EMPTY file system)"
		return 1
	fi
	# With -a it would count as metadata.
	if [ -e "$DATA_PATH/metadata.mfs.empty" ]; then move_aside "$DATA_PATH/metadata.mfs.empty" || return 1; fi
	until read_changelogs "$BEST_VERSION"; do fill_hole || return 1; done
	fill_tail || return 1
	release_locks || return 1
	if [ "$PLAIN" = yes ] && [ "$PLAIN_VERSION" -ge "$EXPECTED" ]; then
		METADATA="metadata.mfs is complete at version $PLAIN_VERSION"
		[ "$PLAIN_FRESH" = no ] || METADATA='a new, empty file system'
		return 0
	fi
	if [ "$PLAIN" = no ] && [ -e "$DATA_PATH/metadata.mfs" ]; then
		log 'metadata: metadata.mfs is torn: set aside'
		move_aside "$DATA_PATH/metadata.mfs" || return 1
	fi
	keep_links
	START_OPTION=-a METADATA="$BEST at version $BEST_VERSION and changelogs up to version $EXPECTED"
}

# BEST: the file with the newest valid metadata, its BEST_VERSION; PLAIN: whether it could be metadata.mfs itself.
best_metadata() {
	BEST='' BEST_VERSION=-1 PLAIN=no PLAIN_VERSION=0
	set --
	for file in "$DATA_PATH"/metadata.mfs "$DATA_PATH"/metadata.mfs.back "$DATA_PATH"/metadata.mfs.back.[0-9]*; do
		[ ! -f "$file" ] || set -- "$@" "$file"
	done
	[ $# -gt 0 ] || return 0
	# One look at all of them, 16 bytes a line: first those at the beginnings, then those at the ends. A process takes its time.
	names='' ends=$#
	for file; do names="$names ${file##*/}"; done
	for size in $(stat -c %s "$@" 2>/dev/null); do [ "$size" -ge 16 ] || ends=0; done
	if [ "$ends" -gt 0 ]; then
		set_of_lines=$({ head -q -c 16 "$@" && tail -q -c 16 "$@"; } 2>/dev/null | od -An -v -w16 -tx1)
		by_lines=$IFS
		IFS='
'
		# shellcheck disable=SC2086  # lines
		set -- $set_of_lines
		IFS=$by_lines
		[ $# -eq $((ends * 2)) ] || ends=0
	fi
	for name in $names; do
		if [ "$ends" -gt 0 ]; then
			eval "marker=\${$((ends + 1))}"
			header=$1
			shift
			judge_header "${header# }" "${marker# }" || continue
		else
			read_header "$DATA_PATH/$name" || continue
		fi
		[ "$name" != metadata.mfs ] || PLAIN=yes PLAIN_VERSION=$VERSION PLAIN_FRESH=$FRESH
		[ "$VERSION" -gt "$BEST_VERSION" ] || continue
		BEST=$name BEST_VERSION=$VERSION
	done
}

make_aside() {
	[ ! -d "$set_aside" ] || return 0
	[ -d "${set_aside%/*}" ] || private_directory "${set_aside%/*}" || return 1
	mkdir -p "$set_aside"
}
move_aside() {
	make_aside && mv "$1" "$set_aside/" && return 0
	WHY="cannot move $1 aside"
	return 1
}
# Hard links keep the files as they are before a recovery, at no cost; the last three sets stay.
keep_links() {
	make_aside || return 0
	ln "$DATA_PATH"/metadata.mfs* "$DATA_PATH"/changelog.*.mfs "$set_aside/" 2>/dev/null
	# Their names are times: the oldest come first.
	set -- "$MOUNT_POINT"/.mfs-ha/[0-9]*T[0-9]*
	while [ $# -gt 3 ]; do
		# The one just made may not be the newest by name: clocks jump.
		case $1=${1##*/} in "$set_aside"=* | *=*[!0-9T]*) ;; *) rm -rf "${1:?}" ;; esac
		shift
	done
}

# mfsmaster silently skips a whole changelog whose last line is torn. What is cut off is kept.
cut_torn_tails() {
	for number in $(doubtful_tails); do
		file=$DATA_PATH/changelog.$number.mfs
		tries=0
		until whole_tail "$file"; do
			tries=$((tries + 1))
			if [ "$tries" -gt 20 ]; then
				WHY="the end of $file is damaged beyond a torn line"
				return 1
			fi
			cut_last_line "$file" || return 1
			[ -s "$file" ] || break
		done
	done
}
# The numbers of the changelogs that do not surely end with a whole line: one look at the ends of all, because there may be
# many and a process takes its time. Before each file's name tail ends the line, or leaves one empty.
doubtful_tails() {
	set -- "$DATA_PATH"/changelog.[0-9]*.mfs
	[ -e "$1" ] || return 0
	tail -v -c 4096 "$@" /dev/null | tr '\0' '?' | awk "$WHOLE_LINE"'
		function judge(end, before) {
			if (name == "" || (lines == 1 && end == "")) return
			$0 = before
			if (lines < 2 || end != "" || !whole()) print name
		}
		/^==> .* <==$/ {
			next_name = ""
			if ($0 ~ /\/changelog\.[0-9]+\.mfs <==$/) {
				next_name = $0
				sub(/\.mfs <==$/, "", next_name)
				sub(/.*\/changelog\./, "", next_name)
			}
			judge(last, previous)
			name = next_name
			lines = 0
			last = previous = ""
			next
		}
		{ previous = last; last = $0; lines++ }'
}
whole_tail() {
	[ "$(tail -c 1 "$1" | od -An -tu1)" -eq 10 ] || return 1
	tail -n 1 "$1" | tr '\0' '?' | awk "$WHOLE_LINE"'{ ok = whole() } END { exit !ok }'
}
cut_last_line() {
	size=$(stat -c %s "$1")
	bytes=$(tail -n 1 "$1" | wc -c)
	at=$((size - bytes))
	if ! { make_aside && tail -c "$bytes" "$1" >"$set_aside/${1##*/}.cut-at-$at" &&
		flush "$set_aside/${1##*/}.cut-at-$at" && truncate -s "$at" "$1"; }; then
		WHY="cannot cut the torn end of $1"
		return 1
	fi
	TORN=yes
	log "metadata: $bytes torn bytes cut off ${1##*/} at $at, kept in $set_aside"
	alert warning torn-tail "metadata: $bytes torn bytes cut off ${1##*/} at $at, kept in $set_aside"
}

# Whether a line is one whole change. On a full volume mfsmaster leaves the beginning of a line and writes the next
# one right behind it: such a line has two heads, or none. A "(" within a name is written %28.
# shellcheck disable=SC2016  # expanded by awk
WHOLE_LINE='
	function whole() {
		if ($0 !~ /^[0-9]+: [0-9]+\|[A-Z0-9_]+\(.*\)/) return 0
		return substr($0, index($0, "(")) !~ /[0-9]: [0-9]+\|[A-Z0-9_]+\(/
	}'

# A number as a key of an array: mawk takes numbers above 2147483647 that begin alike for one.
NUMBER_KEY='function key(number) { return sprintf("%.0f", number) }'

# logs: the numbers of the changelogs that are not empty, newest first.
find_logs() {
	logs='' most=0 found=0
	for file in "$DATA_PATH"/changelog.[0-9]*.mfs; do
		[ -s "$file" ] || continue
		number=${file##*/changelog.}
		number=${number%.mfs}
		case $number in *[!0-9]*) continue ;; esac
		logs="$logs $number" found=$((found + 1))
		[ "$number" -le "$most" ] || most=$number
	done
	# As few as mfsmaster keeps are put in order without a process.
	if [ "$most" -le 999 ]; then
		in_order='' number=0
		while [ "$number" -le "$most" ]; do
			case "$logs " in *" $number "*) in_order="$in_order $number" found=$((found - 1)) ;; esac
			number=$((number + 1))
		done
		[ "$found" -ne 0 ] || { logs=$in_order && return; }
	fi
	logs=$(for number in $logs; do echo "$number"; done | sort -n)
}

# EXPECTED: the version after every change from VERSION on, which must follow each other; a damaged line counts as none.
# When not: GAP_FROM, GAP_TO, GAP_AT, the number of the file that goes on after them.
read_changelogs() {
	EXPECTED=$1
	find_logs
	# Newest first, until one begins at that version or before: what is in older ones is in the metadata.
	wanted=''
	for number in $logs; do
		wanted="$number $wanted"
		first=''
		read -r first _ <"$DATA_PATH/changelog.$number.mfs"
		case ${first%:} in '' | "$first" | *[!0-9]*) continue ;; esac
		[ "${first%:}" -gt "$EXPECTED" ] || break
	done
	result=''
	for number in $wanted; do
		file=$DATA_PATH/changelog.$number.mfs
		result=$(tr '\0' '?' <"$file" | awk -v want="$EXPECTED" "$WHOLE_LINE"'
			!whole() { next }
			# Numbers rise: one before a lower one has the beginning of another number in front.
			ahead && $1 + 0 >= ahead { exit }
			{ ahead = 0 }
			$1 + 0 < want + 0 { next }
			$1 + 0 > want + 0 { ahead = $1 + 0; next }
			{ want = $1 + 1 }
			END { if (ahead) printf "gap %.0f %.0f\n", want, ahead - 1; else printf "next %.0f\n", want }')
		case $result in gap*) break ;; esac
		EXPECTED=${result#next }
	done
	case $result in gap*) ;; *) return 0 ;; esac
	# shellcheck disable=SC2086  # three words
	set -- $result
	GAP_FROM=$2 GAP_TO=$3 GAP_AT=$number
	WHY="changes $2 to $3 are missing before changelog.$number.mfs: look for them on a metalogger (mfsctl restore-meta)"
	return 1
}

restart_master() {
	snapshot
	[ "$ROLE" = Primary ] || die 'restart-master: this node is not active'
	renew_hold $((STOP_WAIT + 330))
	trap 'rm -f "$RUN/restarting"; wake' EXIT
	trap 'exit 130' HUP INT TERM
	CHECK_WISH=no RENEW_HOLD=yes
	stop_master
	start_master || die "restart-master: $WHY"
	echo 'mfsmaster restarted'
}
renew_hold() {
	seconds
	put "$RUN/restarting" "$((NOW + ${1:-60})) restart of mfsmaster"
}
reload_master() {
	master_runs || die 'reload-master: mfsmaster does not run here'
	systemctl reload "$MASTER_UNIT" || die 'reload-master: systemctl reload failed'
}

wait_serving() {
	seconds
	wait_until=$((NOW + ${1:-60}))
	until answers "$VIP"; do
		seconds
		if [ "$NOW" -ge "$wait_until" ]; then
			echo "mfsmaster does not answer at $VIP:$MASTER_PORT" >&2
			exit 1
		fi
		sleep 1
	done
}

