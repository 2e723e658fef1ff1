# ---- changes that are not on the volume, from the metalogger beside it -------------------------------------------

# Every master carries a metalogger, which got each change over the network, also those that found the volume full. Its
# lines are taken only where they fit what is there: every line both have, for 500 changes before and after, must be the
# same, and the neighbours of what is missing must be among them.

# ML: its directory, by its own configuration.
metalogger_directory() {
	ML=$(cfg_value "$METALOGGER_CFG" DATA_PATH)
	[ -n "$ML" ] || ML=/var/lib/mfs
	[ -d "$ML" ]
}

# collect FROM TO FILE...: the whole lines with these numbers, once each, in order; TO may be `end`. 3 when two differ.
collect() {
	collect_from=$1 collect_to=$2
	shift 2
	for collect_file; do
		[ ! -s "$collect_file" ] || { tr '\0' '?' <"$collect_file" && echo; }
	done | awk -v a="$collect_from" -v b="$collect_to" "$WHOLE_LINE$NUMBER_KEY"'
		!whole() { next }
		{ id = $1 + 0; at = key(id) }
		id < a + 0 || (b != "end" && id > b + 0) { next }
		at in line && line[at] != $0 { differ = 1; exit }
		{ line[at] = $0; if (id > last) last = id }
		END {
			if (differ) exit 3
			for (id = a + 0; id <= last; id++) if (key(id) in line) print line[key(id)]
		}'
}

# from_metalogger FROM TO: the missing lines into $RUN/holes.missing, MISSING of them; WHY_NOT when they cannot be had.
# TO is `end` for what follows the last change on the volume: as many as follow each other, or none.
from_metalogger() {
	metalogger_directory || { WHY_NOT="there is no directory $ML" && return 1; }
	window_from=$(($1 > 500 ? $1 - 500 : 1)) window_to=$2
	[ "$2" = end ] || window_to=$(($2 + 500))
	collect "$window_from" "$window_to" "$ML"/changelog_ml*.mfs >"$RUN/holes.ml" || { WHY_NOT="lines of $ML with the same number differ" && return 1; }
	collect "$window_from" "$window_to" "$DATA_PATH"/changelog.[0-9]*.mfs >"$RUN/holes.disk" || { WHY_NOT='lines on the volume with the same number differ' && return 1; }
	: >"$RUN/holes.missing"
	verdict=$(awk -v a="$1" -v b="$2" -v out="$RUN/holes.missing" "$NUMBER_KEY"'
		{ id = $1 + 0; at = key(id) }
		FNR == NR { theirs[at] = $0; if (id > last) last = id; next }
		at in theirs && theirs[at] != $0 { differ = id; exit }
		at in theirs { same[at] = 1 }
		END {
			if (differ) { printf "differ %.0f", differ; exit }
			a += 0
			for (id = a; (b == "end" && id <= last) || (b != "end" && id <= b + 0); id++) {
				if (!(key(id) in theirs)) { if (b == "end") break; printf "lacks %.0f", id; exit }
				print theirs[key(id)] >out
				n++
			}
			printf "%s %s %d", key(a - 1) in same ? "before" : "unknown", (b != "end" && key(b + 1) in same) ? "after" : "open", n
		}' "$RUN/holes.ml" "$RUN/holes.disk")
	case $verdict in
	differ*) WHY_NOT="change ${verdict#differ } in $ML is another one: it followed another master" ;;
	lacks*) WHY_NOT="$ML has no change ${verdict#lacks }" ;;
	before\ after\ * | before\ open\ *) WHY_NOT='' ;;
	unknown\ *)
		# Nothing before them is left on the volume but the metadata itself.
		WHY_NOT="$ML cannot be told to be of the same file system"
		[ "$1" = "$BEST_VERSION" ] && same_file_system && WHY_NOT=''
		;;
	*) WHY_NOT="cannot read $ML" ;;
	esac
	case $2=$verdict in
	end=* | *=*\ after\ *) ;;
	*) WHY_NOT=${WHY_NOT:-"$ML does not have what follows them"} ;;
	esac
	MISSING=${verdict##* }
	[ -z "$WHY_NOT" ]
}
same_file_system() {
	disk_id=$(od -An -tx1 -j16 -N8 "$DATA_PATH/$BEST" 2>/dev/null)
	[ -n "$disk_id" ] && [ "$disk_id" = "$(od -An -tx1 -j16 -N8 "$ML/metadata_ml.mfs.back" 2>/dev/null)" ]
}
# A metalogger writes once a second what it heard: the last of it may be on its way.
from_metalogger_patiently() {
	from_metalogger "$@" && return 0
	case $WHY_NOT in *' has no change '* | *' what follows '*) ;; *) return 1 ;; esac
	sleep 1.5
	from_metalogger "$@"
}

# fill_hole: puts GAP_FROM to GAP_TO where they belong; the changelog as it was is kept.
fill_hole() {
	GAPS=$((${GAPS:-0} + 1))
	[ "$GAPS" -le 20 ] || return 1
	if ! from_metalogger_patiently "$GAP_FROM" "$GAP_TO"; then
		WHY="$WHY; not in the metalogger here: $WHY_NOT"
		return 1
	fi
	holed=$DATA_PATH/changelog.$GAP_AT.mfs
	filled=$set_aside/changelog.$GAP_AT.mfs.filled-$GAP_FROM
	if ! { make_aside && tr '\0' '?' <"$holed" | awk -v b="$GAP_TO" -v missing="$RUN/holes.missing" "$WHOLE_LINE"'
		given { print; next }
		!whole() || $1 + 0 > b + 1 { held[++n] = $0; next }
		$1 + 0 == b + 1 { while ((getline line <missing) > 0) print line; given = 1; n = 0; print; next }
		{ for (i = 1; i <= n; i++) print held[i]; n = 0; print }
		END { exit !given }' >"$filled" &&
		chown --reference="$holed" "$filled" && chmod --reference="$holed" "$filled" && flush "$filled" &&
		ln "$holed" "$set_aside/changelog.$GAP_AT.mfs.without-$GAP_FROM" && mv "$filled" "$holed" && flush "$holed"; }; then
		WHY="$WHY; the metalogger here has them, but $holed cannot be written (${FREE:-?} MiB free): free or add space on $MOUNT_POINT"
		rm -f "$filled"
		return 1
	fi
	log "metadata: changes $GAP_FROM to $GAP_TO were missing and are taken from $ML; changelog.$GAP_AT.mfs as it was is kept in $set_aside"
	alert notice hole-filled "changes $GAP_FROM to $GAP_TO were missing on the metadata volume and are taken from the metalogger beside it; what was there is kept in $set_aside"
	rm -f "$RUN"/holes.*
}

# metalogger_ahead: whether the metalogger here has later changes than the volume, of the last two minutes. mfsmaster sends a
# change only when it has written it, or believes so: its file system may have shut itself down just now. Older ones are left
# alone: somebody may have put an older state there on purpose.
metalogger_ahead() {
	metalogger_directory || return 1
	for ahead_file in "$ML/changelog_ml.0.mfs" "$ML/changelog_ml.1.mfs"; do
		[ -s "$ahead_file" ] || continue
		ahead_line=$(tail -n 1 "$ahead_file" | tr '\0' '?')
		ahead_last=${ahead_line%%:*} ahead_at=${ahead_line#*: }
		ahead_at=${ahead_at%%|*}
		case $ahead_last=$ahead_at in =* | *= | *[!0-9=]*) return 1 ;; esac
		[ "$ahead_last" -ge "$EXPECTED" ] && [ "$ahead_at" -ge $(($(date +%s) - 120)) ]
		return
	done
	return 1
}

# fill_tail: where the last changes could not be written, nothing on the volume shows that they are missing. Asked only after
# a crash, and only when a line was torn, the volume was full, or the metalogger here has later ones.
fill_tail() {
	if [ "$PLAIN" = yes ] && [ "$PLAIN_VERSION" -ge "$EXPECTED" ]; then return 0; fi
	reserve_file
	[ "$TORN" = yes ] || [ -e "$RUN/was-full" ] || [ ! -e "$RESERVE_FILE" ] || metalogger_ahead || return 0
	# shellcheck disable=SC2086  # numbers
	set -- $logs
	newest=${1:-}
	[ -n "$newest" ] || return 0
	newest=$DATA_PATH/changelog.$newest.mfs
	case $(tail -n 1 "$newest") in "$((EXPECTED - 1)): "*) ;; *) return 0 ;; esac
	from_metalogger_patiently "$EXPECTED" end || { log "metadata: the metalogger here is not asked for later changes: $WHY_NOT" && return 0; }
	[ "$MISSING" -gt 0 ] || { rm -f "$RUN"/holes.* && return 0; }
	tail_at=$(stat -c %s "$newest")
	if ! { cat "$RUN/holes.missing" >>"$newest" && flush "$newest"; }; then
		truncate -c -s "$tail_at" "$newest"
		# Torn or not, the next attempt must know.
		: >"$RUN/was-full"
		WHY="$MISSING changes from $EXPECTED on are in the metalogger here, but cannot be written to $newest (${FREE:-?} MiB free): free or add space on $MOUNT_POINT"
		return 1
	fi
	tail_from=$EXPECTED
	read_changelogs "$BEST_VERSION" || return 1
	log "metadata: changes $tail_from to $((EXPECTED - 1)) did not get onto the volume and are taken from $ML"
	alert notice hole-filled "changes $tail_from to $((EXPECTED - 1)) did not get onto the metadata volume and are taken from the metalogger beside it"
	rm -f "$RUN"/holes.*
}
