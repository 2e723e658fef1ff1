# ---- space on the metadata volume ------------------------------------------------------------------------------

# mfsmaster answers its clients although the line of the change could not be written, and never writes it later: on a
# full volume every acknowledged change is a hole in the changelog. Three things stand against that, all of them
# on the active node: room taken ahead for the changelog being written, space kept in reserve that is given up when
# nothing else is left, and, when there is a hole nonetheless, a restart that writes the whole metadata from memory.

# free_space: FREE and TOTAL of the volume in MiB, and from them RESERVE_MIB (5 % unless set), AHEAD_MIB.
free_space() {
	FREE='' TOTAL=''
	read -r space_free space_size space_all <<-END
		$(stat -f -c '%a %S %b' "$MOUNT_POINT" 2>/dev/null)
	END
	case $space_free$space_size$space_all in '' | *[!0-9]*) return 1 ;; esac
	FREE=$((space_free * space_size / 1048576)) TOTAL=$((space_all * space_size / 1048576))
	RESERVE_MIB=$RESERVE
	[ -n "$RESERVE_MIB" ] || within "$((TOTAL / 20))" 8 4096 RESERVE_MIB
	within $((TOTAL / 128)) 2 64 AHEAD_MIB
	# What counts as nothing left.
	within $((RESERVE_MIB / 8)) 2 256 LAST_MIB
}
within() { # within VALUE LEAST MOST NAME
	if [ "$1" -lt "$2" ]; then
		eval "$4=$2"
	elif [ "$1" -gt "$3" ]; then
		eval "$4=$3"
	else
		eval "$4=$1"
	fi
}
reserve_file() { RESERVE_FILE=$MOUNT_POINT/.mfs-ha/reserve; }

# A look a second, by the agent: one fork on the active node, none on the standby. What may wait for the disk is done aside.
watch_space() {
	if [ "$ROLE" != Primary ] || [ -e "$RUN/busy" ] || ! right_mount; then
		[ ! -e "$RUN/space" ] || rm -f "$RUN/space"
		return 0
	fi
	free_space || return 0
	reserve_file
	get "$RUN/space" || GOT=''
	space_was=${GOT%% *}
	if [ "$FREE" -lt "$LAST_MIB" ]; then
		space_is=full
	elif [ ! -e "$RESERVE_FILE" ] && [ "$FREE" -lt $((RESERVE_MIB * 3)) ]; then
		# Given up, and not yet room to keep it again; or never made.
		space_is=low
		[ "$space_was" != full ] || [ "$FREE" -ge $((RESERVE_MIB * 5 / 4)) ] || space_is=full
	elif [ "$FREE" -lt "$RESERVE_MIB" ]; then
		space_is=low
	else
		space_is=ok
		# Not told anew by every file that comes and goes.
		[ "$space_was" != low ] || [ "$FREE" -ge $((RESERVE_MIB * 5 / 4)) ] || space_is=low
	fi
	space_kept=0
	[ ! -e "$RESERVE_FILE" ] || space_kept=$RESERVE_MIB
	[ "$GOT" = "$space_is $FREE $TOTAL $space_kept" ] || put "$RUN/space" "$space_is $FREE $TOTAL $space_kept"
	if [ "$FREE" -lt "$LAST_MIB" ]; then
		[ -e "$RUN/was-full" ] || : >"$RUN/was-full"
		# Behind nobody's lock: it must not wait.
		[ ! -e "$RESERVE_FILE" ] || give_up_reserve &
	fi
	[ "$space_is" = "$space_was" ] || tell_space
	seconds
	[ "$NOW" -ge "${space_at:=0}" ] || return 0
	space_at=$((NOW + 5))
	aside space keep_space
}
tell_space() {
	space_words="$FREE MiB of $TOTAL MiB free on $MOUNT_POINT, $space_kept MiB in reserve"
	case $space_was=$space_is in
	*=full)
		log "space: the volume is full: $space_words"
		alert critical volume-full "the metadata volume is full: $space_words; the reserve is given up so that mfsmaster can go on writing its changelog: free or add space now"
		;;
	ok=low | =low)
		log "space: nearly full: $space_words"
		alert warning volume-low "the metadata volume is nearly full: $space_words"
		;;
	full=low | full=ok | low=ok)
		log "space: there is room again: $space_words"
		alert notice volume-ok "the metadata volume has room again: $space_words"
		;;
	esac
}

# At once, and said after: the agent has told why.
give_up_reserve() {
	reserve_file
	[ -e "$RESERVE_FILE" ] || return 0
	rm -f "$RESERVE_FILE" && log "space: the reserve is given up"
}
# Before anything that must write, for whoever is about to: a start, a stop that stores the metadata.
make_room() {
	right_mount && free_space && [ "$FREE" -lt "$LAST_MIB" ] || return 0
	: >"$RUN/was-full"
	give_up_reserve
	FREE=''
}

# Every five seconds: room for the changelog, the reserve when there is ample room, and what a full volume left behind.
keep_space() {
	keep_room_ahead
	keep_reserve
	trim_old_logs
	[ ! -e "$RUN/was-full" ] || after_full
	note_strangers
}
keep_reserve() {
	reserve_file
	if [ -e "$RESERVE_FILE" ]; then
		# Another size was set, or the volume has grown.
		read -r reserve_has <<-END
			$(stat -c %s "$RESERVE_FILE")
		END
		reserve_has=$((${reserve_has:-0} / 1048576))
		[ "$reserve_has" -ne "$RESERVE_MIB" ] && [ $((FREE + reserve_has)) -ge $((RESERVE_MIB * 4)) ] || return 0
		rm -f "$RESERVE_FILE"
	fi
	[ "$RESERVE_MIB" -gt 0 ] && [ "$FREE" -ge $((RESERVE_MIB * 3)) ] || return 0
	private_directory "${RESERVE_FILE%/*}" || return 0
	if bounded 60 fallocate -l "${RESERVE_MIB}MiB" "$RESERVE_FILE.new" && mv "$RESERVE_FILE.new" "$RESERVE_FILE"; then
		log "space: $RESERVE_MIB MiB in reserve at $RESERVE_FILE"
	else
		rm -f "$RESERVE_FILE.new"
		log "space: no reserve: $OUT"
	fi
}

# Blocks behind the end of the changelog being written: what mfsmaster appends needs no free space then. The file is
# opened first, and named by that: it may be renamed, or be a new one, in any moment, and must not be made by us.
keep_room_ahead() {
	ahead_of=$DATA_PATH/changelog.0.mfs
	[ -s "$ahead_of" ] || return 0
	(
		exec 7<"$ahead_of" || exit 0
		room_behind /proc/self/fd/7 || exit 0
		[ "$ROOM" -lt $((AHEAD_MIB * 524288)) ] && [ "$FREE" -ge "$AHEAD_MIB" ] || exit 0
		timeout -k 1 30 fallocate -n -o 0 -l $((LOG_SIZE + AHEAD_MIB * 1048576)) /proc/self/fd/7
	) 2>/dev/null
	return 0
}
# ROOM: bytes taken behind the end of a file; LOG_SIZE: those before it.
room_behind() {
	read -r LOG_SIZE ahead_blocks <<-END
		$(stat -L -c '%s %b' "$1")
	END
	case $LOG_SIZE$ahead_blocks in '' | *[!0-9]*) return 1 ;; esac
	ROOM=$((ahead_blocks * 512 - LOG_SIZE))
}
# Changelogs that are no longer written give their room back.
trim_old_logs() {
	seconds
	[ $((NOW % 600)) -lt 5 ] || return 0
	for old_log in "$DATA_PATH"/changelog.[1-9]*.mfs; do
		(
			# The file itself, whatever its name is by now: mfsmaster renames all of them when it begins a new one.
			exec 7<"$old_log" || exit 0
			room_behind /proc/self/fd/7 && [ "$ROOM" -ge 1048576 ] || exit 0
			# Two minutes without a change: mfsmaster has let go of it.
			[ -n "$(find -L /proc/self/fd/7 -maxdepth 0 -mmin +2)" ] || exit 0
			truncate -c -s "$LOG_SIZE" /proc/self/fd/7
		) 2>/dev/null
	done
}

# ---- after the volume was full ---------------------------------------------------------------------------------

# The next change that mfsmaster will make, by its own word: INFO, command 510; its answer's length tells its form.
# shellcheck disable=SC2016  # expanded by bash
ask_version='
exec 3<>"/dev/tcp/$1/$2" && printf "\0\0\1\376\0\0\0\0" >&3 || exit 1
set -- $(head -c 8 <&3 | od -An -tu1)
[ "$#" -eq 8 ] && [ "$1.$2.$3.$4" = 0.0.1.255 ] || exit 1
length=$(($7 * 256 + $8))
case $length in 121 | 129 | 173) at=113 ;; 137 | 149 | 181 | 193) at=121 ;; 205) at=125 ;; *) exit 1 ;; esac
number=0
for byte in $(head -c "$length" <&3 | od -An -v -tu1 -j "$at" -N 8); do number=$((number * 256 + byte)); done
echo "$number"
'
master_version() {
	VERSION_NOW=$(timeout 5 bash -c "$ask_version" mfs-ha "$VIP" "$MASTER_PORT" 2>/dev/null)
	case $VERSION_NOW in '' | 0 | *[!0-9]*) return 1 ;; esac
}

# whole_on_disk: whether what stands on the volume leads to the version mfsmaster has; WHY where not.
whole_on_disk() {
	master_version || { WHY='mfsmaster does not tell its version' && return 2; }
	best_metadata
	[ -n "$BEST" ] || { WHY='no valid metadata on the volume' && return 1; }
	if ! read_changelogs "$BEST_VERSION"; then
		WHY="changes $GAP_FROM to $GAP_TO are missing before changelog.$GAP_AT.mfs"
		return 1
	fi
	[ "$EXPECTED" -ge "$VERSION_NOW" ] && return 0
	WHY="changes $EXPECTED to $((VERSION_NOW - 1)) are missing at the end of the changelog"
	return 1
}

# Seen incomplete twice (a look may fall into a rotation), with room to store the metadata twice: mfsmaster is restarted
# once, by the worker, unless its stop would be cut short; then its own hourly store mends it.
after_full() {
	seconds
	get "$RUN/was-full"
	[ "$NOW" -ge "${GOT:-0}" ] || return 0
	put "$RUN/was-full" $((NOW + 10))
	wish
	if [ "$WISH" != master ] || [ -e "$RUN/mend" ] || held || ! listening; then return 0; fi
	whole_on_disk
	case $? in
	0)
		rm -f "$RUN/holed"
		# Full still: a look a minute, and nothing to tell.
		put "$RUN/was-full" $((NOW + 60))
		[ "$FREE" -ge "$LAST_MIB" ] || return 0
		rm -f "$RUN/was-full"
		log "space: after the volume was full: every change stands on it, up to version $EXPECTED"
		return
		;;
	2) return ;;
	esac
	if ! get "$RUN/holed"; then
		put "$RUN/holed" "seen $WHY"
		return
	fi
	put "$RUN/was-full" $((NOW + 60))
	case $GOT in seen\ * | full\ *) ;; *) return ;; esac
	metadata_size
	if [ "$FREE" -lt $((METADATA_MIB * 2 + LAST_MIB)) ]; then
		[ "${GOT%% *}" = full ] && return 0
		put "$RUN/holed" "full $WHY"
		alert critical volume-hole "the volume was full and $WHY; mfsmaster has them in memory only, and there is no room to store its metadata ($FREE MiB free): free or add space, do not stop mfsmaster"
	elif [ "$METADATA_MIB" -gt $((STOP_WAIT * 20)) ]; then
		put "$RUN/holed" "told $WHY"
		alert critical volume-hole "the volume was full and $WHY; mfsmaster has them in memory and stores them with the next full hour; do not stop it before ($METADATA_MIB MiB may take longer than stop_wait, $STOP_WAIT s)"
	elif get "$RUN/mended" && [ "$NOW" -lt $((GOT + 3600)) ]; then
		put "$RUN/holed" "told $WHY"
		alert critical volume-hole "the volume was full again and $WHY; mfsmaster was restarted for that within the hour and is not again: it stores its metadata with the next full hour; do not stop it before"
	else
		put "$RUN/holed" "mending $WHY"
		put "$RUN/mended" "$NOW"
		put "$RUN/mend" "$WHY"
		wake
	fi
	log "space: the volume was full and $WHY"
}
metadata_size() {
	METADATA_MIB=0
	for size in $(stat -c %s "$DATA_PATH"/metadata.mfs* 2>/dev/null); do
		[ $((size / 1048576 + 1)) -le "$METADATA_MIB" ] || METADATA_MIB=$((size / 1048576 + 1))
	done
}

# mend_hole: by the worker, on the active node, once for a hole: a clean stop stores the whole metadata.
mend_hole() {
	[ -e "$RUN/mend" ] || return 0
	get "$RUN/mend"
	mend_why=$GOT
	rm -f "$RUN/mend"
	snapshot
	[ "$ROLE" = Primary ] && listening && right_mount || return 0
	log "space: $mend_why: restarting mfsmaster so that it stores its whole metadata"
	alert warning volume-hole "the volume was full and $mend_why; mfsmaster is restarted where it is, so that it stores its whole metadata from memory"
	if ! (restart_master); then
		fault 'mfsmaster did not come back from the restart after the volume was full'
		return 0
	fi
	if whole_on_disk; then
		rm -f "$RUN/was-full" "$RUN/holed"
		log "space: mended: every change stands on the volume, up to version $EXPECTED"
		alert notice volume-mended "every change stands on the metadata volume again, up to version $EXPECTED"
	else
		put "$RUN/holed" "told $WHY"
		alert critical volume-hole "mfsmaster was restarted and still $WHY: see journalctl -t mfs-ha"
	fi
}
