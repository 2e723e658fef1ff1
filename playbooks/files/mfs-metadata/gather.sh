# What lies in a metadata directory, told in lines and without a change: sent to a node as part of a question.
# Runs on dash and bash, with mawk, gawk or the original awk, and coreutils. A file of 100 MB takes seconds.
#
# mfs_gather DIRECTORY all|needed
#   dir|present|bytes available on its file system, or dir|absent
#   file|NAME|SIZE|MTIME|OWNER|GROUP|MODE
#   then of a metadata file:  head|HEX of the first 24 bytes|sealed or open
#   then of a changelog:      log|whole|FIRST|TIME|LAST|TIME|LINES|DAMAGED|DISORDERED|GAPS|END|TAIL|META ID|LINES A BLOCK
#                             gap|FROM|TO; HASH and block|FROM|TO|LINES in pairs
#                         or  log|ends|FIRST|LAST  (not needed after the newest metadata, so only its ends were read)
#   or                        unread|REASON
#   end|files left out
# mfs_lines DIRECTORY FROM TO
#   HASH and lines|NAME|FIRST|LAST|LINES: of the whole lines of each changelog with these numbers; end|

MFS_SCAN_LIMIT=8589934592 # bytes of a changelog; an hour's is far below
MFS_HOLES_LIMIT=67108864  # bytes of a file that no disk holds: a sparse file of terabytes must not be read
MFS_FILES_LIMIT=500

# A line a master finished: ID: EPOCH|OPERATION(…), no control bytes, and no second line begun within it.
# Numbers of 15 digits are exact in every awk. Input is what `mfs_text` makes: NULs are \001.
# shellcheck disable=SC2016  # awk's own
MFS_WHOLE='
	function whole() {
		if ($0 !~ /^[0-9]+: [0-9]+\|[A-Z0-9_]+\(.*\)/) return 0
		if (length($0) > 65535 || index($0, "\001")) return 0
		colon = index($0, ":"); bar = index($0, "|")
		if (colon > 16 || bar - colon > 17) return 0
		return substr($0, index($0, "(")) !~ /[0-9]: [0-9]+\|[A-Z0-9_]+\(/
	}'

# mfs_text FILE SIZE: as many bytes, for awk, and a mark by which a missing newline at the end shows.
mfs_text() {
	head -c "$2" "$1" | tr '\000' '\001'
	printf '\001END\n'
}

mfs_gather() {
	LC_ALL=C
	export LC_ALL
	# A running master comes first.
	renice -n 19 -p $$ >/dev/null 2>&1
	ionice -c 3 -p $$ >/dev/null 2>&1
	if [ ! -d "$1" ]; then
		echo 'dir|absent'
		echo 'end|0'
		return 0
	fi
	mfs_room=$(stat -f -c '%S %a' -- "$1")
	echo "dir|present|$((${mfs_room% *} * ${mfs_room#* }))"
	mfs_count=0 mfs_left=0 mfs_newest=0
	for mfs_file in "$1"/metadata* "$1"/changelog*; do
		[ -f "$mfs_file" ] || continue
		mfs_name=${mfs_file##*/}
		case $mfs_name in *[!A-Za-z0-9._-]*) mfs_left=$((mfs_left + 1)) && continue ;; esac
		[ "$mfs_count" -lt "$MFS_FILES_LIMIT" ] || { mfs_left=$((mfs_left + 1)) && continue; }
		mfs_count=$((mfs_count + 1))
		mfs_stat=$(stat -L -c '%s|%Y|%U|%G|%a|%b|%B' -- "$mfs_file" 2>/dev/null) || continue
		echo "file|$mfs_name|${mfs_stat%|*|*}"
		mfs_size=${mfs_stat%%|*}
		case $mfs_name in
		metadata*) mfs_metadata "$mfs_file" ;;
		changelog*.mfs) mfs_changelog "$mfs_file" "$mfs_size" "$2" ;;
		esac
	done
	echo "end|$mfs_left"
}

mfs_metadata() {
	mfs_head=$(od -An -v -tx1 -N24 "$1" 2>/dev/null | tr -d ' \n') || { echo 'unread|cannot be read' && return 0; }
	mfs_seal=open
	[ "$(tail -c 16 "$1" | tr '\000' '?')" != '[MFS EOF MARKER]' ] || mfs_seal=sealed
	echo "head|$mfs_head|$mfs_seal"
	case $mfs_seal=$mfs_head in
	sealed=4d46534d20322e*)
		mfs_version=0 mfs_digits=${mfs_head#????????????????}
		while [ ${#mfs_digits} -gt 16 ]; do
			mfs_rest=${mfs_digits#??}
			mfs_version=$((mfs_version * 256 + 0x${mfs_digits%"$mfs_rest"}))
			mfs_digits=$mfs_rest
		done
		[ "$mfs_version" -le "$mfs_newest" ] || mfs_newest=$mfs_version
		;;
	esac
}

# mfs_changelog FILE SIZE all|needed
mfs_changelog() {
	mfs_blocks=${mfs_stat#"${mfs_stat%|*|*}|"}
	mfs_held=$((${mfs_blocks%|*} * ${mfs_blocks#*|}))
	if [ "$2" -gt "$MFS_SCAN_LIMIT" ]; then
		echo "unread|larger than $MFS_SCAN_LIMIT bytes"
		return 0
	fi
	if [ $(($2 - mfs_held)) -gt "$MFS_HOLES_LIMIT" ]; then
		echo 'unread|sparse: most of it is not on the disk'
		return 0
	fi
	if [ "$3" = needed ] && mfs_old "$1" "$2"; then return 0; fi
	mfs_block=1000
	[ "$2" -lt 268435456 ] || mfs_block=64000
	mfs_text "$1" "$2" | awk -v size="$2" -v block="$mfs_block" "$MFS_WHOLE"'
		function close_block() {
			if (held) { close(hash); printf "block|%.0f|%.0f|%d\n", from, last, held; fflush() }
			held = 0
		}
		BEGIN { hash = "exec sha256sum" }
		!whole() {
			pending++; at += length($0) + 1; final = $0
			if (index(substr($0, length($0) - 3) == "\001END" ? substr($0, 1, length($0) - 4) : $0, "\001")) nul = 1
			next
		}
		{
			at += length($0) + 1
			damaged += pending; pending = nul = 0
			end = at
			id = substr($0, 1, colon - 1) + 0
			if (!lines) { first = id; line = $0 }
			else if (id <= last) disordered++
			else if (id > last + 1) { if (gaps++ < 16) { printf "gap|%.0f|%.0f\n", last + 1, id - 1; fflush() } }
			if (held && (id <= last || int(id / block) != number)) close_block()
			if (!held && ++blocks <= 4000) { from = id; number = int(id / block); open = 1 } else if (!held) open = 0
			if (open) { print | hash; held++ }
			last = id; tail = $0; lines++
			if (index($0, "|SETMETAID(") == bar) meta = $0
		}
		function time_of(text) { return substr(text, index(text, ": ") + 2, index(text, "|") - index(text, ": ") - 2) }
		END {
			close_block()
			# The mark stands alone after a file that ends with a newline.
			if (final == "\001END") pending--
			kind = pending > 0 ? (nul ? "nul" : "torn") : "clean"
			id = meta; sub(/^.*SETMETAID\(/, "", id); sub(/\)[^)]*$/, "", id)
			if (!lines) printf "log|whole|-|-|-|-|0|0|0|0|0|%s|-|%d\n", kind, block
			else printf "log|whole|%.0f|%s|%.0f|%s|%d|%d|%d|%d|%.0f|%s|%s|%d\n", first, time_of(line), last, time_of(tail), lines, damaged, disordered, gaps, end, kind, (id == "" ? "-" : id), block
		}' || echo 'unread|awk failed'
}

# mfs_old FILE SIZE: whether all its changes are in the newest metadata, with a margin to compare others with.
mfs_old() {
	[ "$mfs_newest" -gt 1 ] || return 1
	mfs_ends=$({ mfs_text "$1" $(($2 < 65536 ? $2 : 65536)); tail -c 131072 "$1" | tr '\000' '\001'; } | awk "$MFS_WHOLE"'
		!whole() { next }
		{ last = substr($0, 1, colon - 1); if (!n++) first = last }
		END { if (n) print first "|" last }')
	[ -n "$mfs_ends" ] && [ $((${mfs_ends#*|} + 1000)) -lt "$mfs_newest" ] || return 1
	echo "log|ends|$mfs_ends"
}

mfs_lines() {
	LC_ALL=C
	export LC_ALL
	for mfs_file in "$1"/changelog*.mfs; do
		[ -f "$mfs_file" ] || continue
		mfs_name=${mfs_file##*/}
		case $mfs_name in *[!A-Za-z0-9._-]*) continue ;; esac
		mfs_stat=$(stat -L -c '%s %b %B' -- "$mfs_file" 2>/dev/null) || continue
		mfs_size=${mfs_stat%% *} mfs_blocks=${mfs_stat#* }
		[ "$mfs_size" -le "$MFS_SCAN_LIMIT" ] || continue
		[ $((mfs_size - ${mfs_blocks% *} * ${mfs_blocks#* })) -le "$MFS_HOLES_LIMIT" ] || continue
		mfs_text "$mfs_file" "$mfs_size" | awk -v a="$2" -v b="$3" -v name="$mfs_name" "$MFS_WHOLE"'
			BEGIN { hash = "exec sha256sum" }
			!whole() { next }
			{ id = substr($0, 1, colon - 1) + 0 }
			id < a + 0 || id > b + 0 { next }
			{ if (!n++) first = id; last = id; print | hash }
			END { if (n) { close(hash); printf "lines|%s|%.0f|%.0f|%d\n", name, first, last, n } }'
	done
	echo 'end|'
}
