# ---- locks of writes that were under way ---------------------------------------------------------------------

# mfsmaster locks a chunk for 120 s (LOCKTIMEOUT) when a client begins to write, and keeps that in its metadata. When
# it dies between the lock and its answer, the client does not know of the lock and is refused until it ends:
# writes hang for two minutes. Whoever held a lock asks again anyway, because after a start every chunk gets a new
# version with its next write, and the chunkservers refuse the old one. So the locks are given back
# before the start, with the changes that mfsmaster itself would have written: N: TIME|UNLOCK(CHUNK).

# LOCKED: chunks that were locked and not unlocked, by the newest changelogs; LOCKED_AT: time of the last change, which
# must be the one before EXPECTED.
find_locks() {
	LOCKED='' LOCKED_AT=''
	# shellcheck disable=SC2046  # numbers
	set -- $(for number in $logs; do echo "$number"; done | sort -n | head -n 2)
	[ $# -gt 0 ] || return 1
	NEWEST=$DATA_PATH/changelog.$1.mfs
	found=$(for number in ${2:-} "$1"; do tail -c 67108864 "$DATA_PATH/changelog.$number.mfs"; done | awk -F'|' '
		$1 !~ /^[0-9]+: [0-9]+$/ { next }
		{ time = id = $1; sub(/.* /, "", time); sub(/:.*/, "", id) }
		$2 ~ /^(WRITE|TRUNC)\(.*\):[0-9]+$/ { chunk = $2; sub(/.*:/, "", chunk); locked[chunk] = time }
		$2 ~ /^(UNLOCK|CHUNKDEL)\(/ { chunk = $2; sub(/^[A-Z]*\(/, "", chunk); sub(/[^0-9].*/, "", chunk); delete locked[chunk] }
		END {
			printf "%s %s", id, time
			for (chunk in locked) if (chunk + 0 > 0 && locked[chunk] + 120 >= time + 0) printf " %s", chunk
		}')
	# shellcheck disable=SC2086  # numbers
	set -- $found
	[ $# -gt 2 ] && [ "$1" -eq $((EXPECTED - 1)) ] || return 1
	LOCKED_AT=$2
	shift 2
	LOCKED=$*
}

# Appends the unlocks; EXPECTED grows with them. Torn by a power cut, they are cut off and written anew.
release_locks() {
	find_locks || return 0
	count=0
	lines=''
	for chunk in $LOCKED; do
		lines="$lines$EXPECTED: $LOCKED_AT|UNLOCK($chunk)
"
		EXPECTED=$((EXPECTED + 1)) count=$((count + 1))
	done
	if ! { printf %s "$lines" >>"$NEWEST" && sync "$NEWEST"; }; then
		WHY="cannot write to $NEWEST"
		return 1
	fi
	log "metadata: $count writes were under way: their locks are given back"
}
