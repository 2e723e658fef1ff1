
# ---- locks of writes that were under way ---------------------------------------------------------------------

# mfsmaster locks a chunk for 120 s (LOCKTIMEOUT) when a client begins to write, and keeps that in its metadata. When
# it dies between the lock and its answer, the client does not know of the lock and is refused until it ends:
# writes hang for two minutes. Whoever held a lock asks again anyway, because after a start every chunk gets a new
# version with its next write, and the chunkservers refuse the old one. So the locks are given back
# before the start, with the changes that mfsmaster itself would have written: N: TIME|UNLOCK(CHUNK).
#
# When it dies before a new chunk's CREATE reached a chunkserver, the file has a chunk that is nowhere: the client
# would be told "Chunk lost", and its write fail. mfsmaster's own answer to a CREATE that failed is
# N: TIME|ROLLBACK(INODE,INDEX,CHUNK BEFORE,CHUNK), which gives the lock back too. It is written only for a
# chunk that was surely the first at its place, and that surely no chunkserver has: taken back after the client
# heard of it, a chunk's data would be zeros, and nobody told.

# LOCKED: chunks that were locked and not unlocked, by the newest changelogs; LOCKED_AT: time of the last change, which
# must be the one before EXPECTED. BEFORE_NEWEST: the changelog before the newest.
find_locks() {
	LOCKED='' LOCKED_AT=''
	# shellcheck disable=SC2086  # numbers
	set -- $logs
	[ $# -gt 0 ] || return 1
	NEWEST=$DATA_PATH/changelog.$1.mfs BEFORE_NEWEST=${2:+$DATA_PATH/changelog.$2.mfs}
	found=$(tail -q -c 67108864 ${BEFORE_NEWEST:+"$BEFORE_NEWEST"} "$NEWEST" | awk -F'|' '
		$1 !~ /^[0-9]+: [0-9]+$/ { next }
		{ time = id = $1; sub(/.* /, "", time); sub(/:.*/, "", id) }
		$2 ~ /^(WRITE|TRUNC)\(.*\):[0-9]+$/ { chunk = $2; sub(/.*:/, "", chunk); locked[chunk] = time }
		$2 ~ /^(UNLOCK|CHUNKDEL)\(/ { chunk = $2; sub(/^[A-Z]*\(/, "", chunk); sub(/[^0-9].*/, "", chunk); delete locked[chunk] }
		$2 ~ /^ROLLBACK\(/ { chunk = $2; sub(/\).*/, "", chunk); sub(/.*,/, "", chunk); delete locked[chunk] }
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

# MADE: those of LOCKED that were surely made as the first at their place, 16 at most (what a witness takes in one
# question), each CHUNK:INODE:INDEX. Only the last changes are looked at, and any after the write but those known to leave
# the file and the chunk alone makes it an ordinary one. Such a chunk stands either in a file made in these changes, or
# behind the end of an older one, whose length these changes tell; there its number must also be a new one, because a client
# that died may have left a chunk there: numbers rise, so it is above that of a chunk known to be made in these changes.
find_made() {
	MADE=$(tail -q -c 2097152 ${BEFORE_NEWEST:+"$BEFORE_NEWEST"} "$NEWEST" | awk -F'|' -v locked="$LOCKED" '
		function forget(inode) {
			for (c in made) if (inode == "" || index(made[c], inode ":") == 1) delete made[c]
		}
		BEGIN {
			n = split("ACCESS ACQUIRE AMTIME ATTR CHUNKDEL CREATE CSDBOP FLOCK FREEINODES LENGTH LINK MOVE POSIXLOCK RELEASE " \
				"ROLLBACK SESADD SESCHANGED SESDEL SESDISCONNECTED SYMLINK UNLINK UNLOCK WRITE", words, " ")
			for (i = 1; i <= n; i++) harmless[words[i]] = 1
			n = split(locked, words, " ")
			for (i = 1; i <= n; i++) wanted[words[i]] = 1
		}
		$1 !~ /^[0-9]+: [0-9]+$/ { next }
		{
			op = args = result = $0
			sub(/^[^|]*\|/, "", op)
			sub(/\(.*/, "", op)
			sub(/^[^(]*\(/, "", args)
			split(args, arg, /[,)]/)
			if (!sub(/.*\):/, "", result) || result !~ /^[0-9]+$/) result = ""
		}
		# Something is missing in between, or may touch any file.
		$1 + 0 != id + 1 || !(op in harmless) { split("", fresh); split("", bytes); newest = ""; forget("") }
		{ id = $1 + 0 }
		op == "CREATE" { fresh[result] = 1; delete bytes[result]; forget(result) }
		op == "UNLINK" { forget(result) }
		op == "LENGTH" { bytes[arg[1]] = arg[2]; forget(arg[1]) }
		# What it replaces is not named.
		op == "MOVE" { forget("") }
		op == "UNLOCK" || op == "CHUNKDEL" { delete made[arg[1]] }
		op == "WRITE" {
			place = arg[1] ":" arg[2]
			delete made[result]
			first = arg[3] == 1 && !(place in written)
			sure = first && arg[1] in fresh
			above = newest != "" && result + 0 > newest
			if (above || (sure && newest == "")) newest = result + 0
			# Chunks are of 64 MiB.
			behind = above && arg[1] in bytes && bytes[arg[1]] ~ /^[0-9]+$/ && bytes[arg[1]] + 0 <= arg[2] * 67108864
			if (result in wanted && (sure || (first && behind))) made[result] = place
			written[place] = 1
		}
		op == "ROLLBACK" {
			delete made[arg[4]]
			if (arg[3] == 0) delete written[arg[1] ":" arg[2]]
		}
		END { for (c in made) if (++count <= 16) printf "%s:%s ", c, made[c] }')
}

chunk_name() { printf %016X "${1%%:*}"; }

# NOWHERE: those of MADE that no chunkserver has; none when one of the cluster's chunkservers did not tell, with WHY_NOT.
# They are asked as witnesses. Answers to another question under way are not these.
ask_chunkservers() {
	NOWHERE='' WHY_NOT='' held=. names='' count=0 answers=$RUN/chunks.$$
	for chunk in $MADE; do
		names=$names.$(chunk_name "$chunk") count=$((count + 1))
	done
	[ "$count" -gt 0 ] || return 0
	[ -n "$CHUNKSERVERS" ] || WHY_NOT='no chunkserver is known'
	for server in $CHUNKSERVERS; do
		case " $VOTERS " in *" $server "*) ;; *) WHY_NOT="chunkserver $server is no witness" ;; esac
	done
	if [ -z "$WHY_NOT" ]; then
		rm -f "$answers".*
		# shellcheck disable=SC2086  # a list
		MFS_HA_SECRET=$WITNESS_SECRET timeout -k 1 "$CHUNKS_WAIT" bash -c "$ask_witnesses" \
			mfs-ha "$answers" "$WITNESS_PORT" chunks "$RESOURCE" "$NODE" "${names#.}" 0 $CHUNKSERVERS 9>&- 8>&- 3>&- 2>/dev/null
		for server in $CHUNKSERVERS; do
			get "$answers.$server" || GOT=silent
			case $GOT in
			'yes - -') ;;
			'yes - '?*) held=$held${GOT#yes - }. ;;
			'no '*) WHY_NOT="chunkserver $server cannot tell: see its journal" ;;
			*) WHY_NOT="chunkserver $server did not tell" ;;
			esac
		done
		rm -f "$answers".*
	fi
	[ -z "$WHY_NOT" ] || return 0
	for chunk in $MADE; do
		case $held in *".$(chunk_name "$chunk")."*) ;; *) NOWHERE="$NOWHERE $chunk" ;; esac
	done
}

# Appends the rollbacks and unlocks; EXPECTED grows with them. Torn by a power cut, they are cut off and written anew.
release_locks() {
	find_locks || return 0
	find_made
	ask_chunkservers
	[ -z "$WHY_NOT" ] || log "metadata: $count writes had made a chunk, and whether a chunkserver has it is not known ($WHY_NOT): left as they are"
	count=0 back=0
	lines=''
	for chunk in $LOCKED; do
		what="UNLOCK($chunk)"
		case "$NOWHERE " in *" $chunk:"*)
			place=${NOWHERE##*" $chunk:"}
			place=${place%% *}
			what="ROLLBACK(${place%:*},${place#*:},0,$chunk)" back=$((back + 1))
			;;
		esac
		lines="$lines$EXPECTED: $LOCKED_AT|$what
"
		EXPECTED=$((EXPECTED + 1)) count=$((count + 1))
	done
	if ! { printf %s "$lines" >>"$NEWEST" && flush "$NEWEST"; }; then
		WHY="cannot write to $NEWEST"
		return 1
	fi
	log "metadata: $count writes were under way: their locks are given back"
	[ "$back" -eq 0 ] || log "metadata: $back writes had made a chunk that no chunkserver has: taken back"
}
