
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
		# Where changes are missing the chunk may be gone, and nothing starts after an UNLOCK of such a one.
		id + 0 != last + 1 { split("", locked) }
		{ last = id + 0 }
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
# A file that was removed or replaced may be purged at any time: nothing more is known of it. What a MOVE replaces or an
# EMPTYSUSTAINED purges is not named: an older file may be meant, one made in these changes only by the name it has. Nor is
# a write of more than half a minute before the last change taken: mfsmaster gives a chunk that cannot be made up sooner.
find_made() {
	MADE=$(tail -q -c 2097152 ${BEFORE_NEWEST:+"$BEFORE_NEWEST"} "$NEWEST" | awk -F'|' -v locked="$LOCKED" -v at="$LOCKED_AT" '
		function forget(inode) {
			for (c in made) if (inode == "" || index(made[c], inode ":") == 1) delete made[c]
		}
		# Perhaps removed, and purged soon: neither a new file nor one whose length counts.
		function lose(inode) {
			forget(inode)
			if (inode in fresh) delete who[fresh[inode]]
			delete fresh[inode]
			delete bytes[inode]
			gone[inode] = 1
		}
		# Of older files the names are not known: it may be any of them.
		function lose_older(  c, inode) {
			for (c in made) {
				inode = made[c]
				sub(/:.*/, "", inode)
				if (!(inode in fresh)) delete made[c]
			}
			split("", bytes)
		}
		# It has that name now; who had it before is replaced. Followed is the name of new files only.
		function name(inode, called) {
			if (inode in fresh) delete who[fresh[inode]]
			if (called in who) lose(who[called])
			if (!(inode in fresh)) return
			fresh[inode] = called
			who[called] = inode
		}
		function forget_all() {
			split("", fresh); split("", who); split("", bytes); split("", gone)
			newest = ""
			forget("")
		}
		BEGIN {
			n = split("ACCESS ACQUIRE AMTIME ATTR CHUNKDEL CREATE CSDBOP EMPTYSUSTAINED EMPTYTRASH FLOCK FREEINODES LENGTH LINK MOVE POSIXLOCK RELEASE " \
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
			parts = split(args, arg, /[,)]/)
			time = $1
			sub(/.* /, "", time)
			if (!sub(/.*\):/, "", result) || result !~ /^[0-9]+$/) result = ""
		}
		# Something is missing in between, or may touch any file.
		$1 + 0 != id + 1 || !(op in harmless) { forget_all() }
		{ id = $1 + 0 }
		op == "CREATE" { lose(result); delete gone[result]; fresh[result] = ""; name(result, arg[1] "," arg[2]) }
		op == "UNLINK" { lose(result) }
		op == "EMPTYSUSTAINED" || op == "EMPTYTRASH" { lose_older() }
		op == "LENGTH" { if (!(arg[1] in gone)) bytes[arg[1]] = arg[2]; forget(arg[1]) }
		op == "MOVE" && parts != 5 { forget_all() }
		op == "MOVE" && parts == 5 { lose_older(); name(result, arg[3] "," arg[4]) }
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
			if (result in wanted && time + 30 >= at + 0 && (sure || (first && behind))) made[result] = place
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
	get "$MOUNT_POINT/.mfs-ha/strangers" || GOT=''
	for server in $GOT; do
		case " $CHUNKSERVERS " in *" $server "*) ;; *) WHY_NOT="chunkserver $server was connected, and is not known here: it cannot tell" ;; esac
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

# note_strangers: chunkservers that have been connected to mfsmaster for a while and are not in CHUNKSERVERS, because they are
# new and this node was not told yet, or are in nobody's inventory. Kept beside the metadata, where the next master finds it.
# On the active node, every 5 s, aside: it may wait for the disk.
note_strangers() {
	[ -n "$CHUNKSERVERS" ] || return 0
	port=$(cfg_value "$MASTER_CFG" MATOCS_LISTEN_PORT)
	case $port in '' | *[!0-9]*) port=9420 ;; esac
	port=$(printf %04X "$port")
	get "$RUN/strangers" || GOT=''
	# One on this machine comes from the virtual address.
	before=$GOT now='' known="$CHUNKSERVERS $VIP"
	get "$MOUNT_POINT/.mfs-ha/strangers" || GOT=''
	noted=$GOT
	while read -r _ here there state _; do
		case $here=$state in *:"$port=01") ;; *) continue ;; esac
		# In the byte order of the machine: 0100007F is 127.0.0.1.
		there=${there%:*}
		low=${there#??} && low=${low%????} high=${there#????} && high=${high%??}
		there=$((0x${there#??????})).$((0x$high)).$((0x$low)).$((0x${there%??????}))
		case " $known $now " in *" $there "*) ;; *) now="$now $there" ;; esac
	done <"$PROC/net/tcp"
	[ "$now" = "$before" ] || put "$RUN/strangers" "$now"
	more=''
	for address in $now; do
		# Not who only tried whether the port answers.
		case " $before " in *" $address "*) ;; *) continue ;; esac
		case " $noted " in *" $address "*) ;; *) more="$more $address" ;; esac
	done
	[ -n "$more" ] || return 0
	private_directory "$MOUNT_POINT/.mfs-ha" && put_durable "$MOUNT_POINT/.mfs-ha/strangers" "${noted}${more}" &&
		log "metadata: chunkservers this node was not told of:$more"
}

# Appends the rollbacks and unlocks; EXPECTED grows with them. Torn by a power cut, they are cut off and written anew.
release_locks() {
	find_locks || return 0
	find_made
	age=$(($(date +%s) - LOCKED_AT))
	if [ "$age" -gt 120 ] || [ "$age" -lt -60 ]; then
		# Chunks may have been written, moved on and deleted since, under another master.
		[ -z "$MADE" ] || log "metadata: the last change is $age s old: no new chunk is taken back"
		MADE=''
	fi
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
