
# ---- one changelog out of many --------------------------------------------------------------------------------------

# How many changes before the metadata's version are compared, where both have them.
MERGE_WINDOW=10000

# lines_of DIRECTORY TAG FROM: `ID TAG LINE` of every whole line with that number or a higher one.
lines_of() {
	for file in "$1"/changelog.[0-9]*.mfs "$1"/changelog_ml.[0-9]*.mfs "$1"/changelog_ml_back.[0-9]*.mfs; do
		[ -s "$file" ] || continue
		mfs_text "$file" "$(stat -c %s "$file")" | awk -v tag="$2" -v from="$3" "$MFS_WHOLE"'
			!whole() { next }
			{ id = substr($0, 1, colon - 1) + 0 }
			id >= from + 0 { printf "%.0f %d %s\n", id, tag, $0 }' || fail "$file cannot be read"
	done
}

# trailing_unlocks TAG LINES: the number of the first of the UNLOCK changes that nothing follows; 0 when there is none.
trailing_unlocks() {
	awk -v tag="$1" '$2 == tag { if ($0 !~ /\|UNLOCK\([0-9]+\)$/) run = 0; else if (!run) run = $1 } END { printf "%.0f", run }' "$2"
}

# merge VERSION OUT SCRATCH SAME BASE [EXTENSION]: the changes from VERSION on, one after the other without a gap, into OUT. Those of
# BASE count. EXTENSION, a metalogger's directory, adds what BASE lacks, only where it surely belongs: wherever both have a
# change it must be the same, and what is added must follow a change that both have (or the metadata itself, when both are known to be
# of one file system: SAME=yes).
#
# A takeover writes UNLOCK changes to the end of the volume's changelog before mfsmaster is started, and no metalogger hears of
# them (mfs-ha, "locks of writes that were under way"). Where nothing follows them in one place, and the other has other
# changes of these numbers, they give way: they only shorten a wait that is long over.
merge() {
	merge_from=$(($1 > MERGE_WINDOW ? $1 - MERGE_WINDOW : 1))
	{
		lines_of "$5" 1 "$merge_from"
		[ -z "${6:-}" ] || lines_of "$6" 2 "$merge_from"
	} | sort -s -k1,1n -k2,2n -T "$3" >"$3/lines" || fail "the changelogs cannot be sorted in $3"
	unlocks=$(trailing_unlocks 1 "$3/lines") their_unlocks=$(trailing_unlocks 2 "$3/lines")
	: >"$2"
	awk -v version="$1" -v out="$2" -v same="$4" -v unlocks="$unlocks" -v their_unlocks="$their_unlocks" '
		function die(what, at) { printf "%s %.0f\n", what, at; dead = 1; exit }
		function settle() {
			if (cut && from == cut_from && id >= cut) { dropped++; return }
			if (from == 3) both = id
			if (id < version) return
			if (from == 2) {
				if (!run && both != id - 1 && !(id == version && same == "yes")) die("unsure", id)
				run = 1
				if (!gap && id == want) added++
			} else {
				if (run && from == 1) die("unsure", id)
				run = 0
			}
			if (!gap && id > want) { gap = 1; gap_from = want; gap_to = id - 1 }
			beyond = id
			if (gap) return
			print line >out
			if (!count++) first = id
			want = id + 1
			time = line; sub(/^[^ ]* /, "", time); sub(/\|.*/, "", time)
			if (count == 1) first_time = time
		}
		BEGIN { want = version }
		{
			tag = $2 + 0
			text = substr($0, length($1) + length($2) + 3)
			if (seen && $1 + 0 == id) {
				if (text == line) { if (tag == 2 && from == 1) from = 3; next }
				if (tag == (from == 2 ? 2 : 1) || from == 3) die("twice", id)
				if (unlocks && id >= unlocks && cut_from != 2) {
					if (!cut) { cut = id; cut_from = 1 }
					line = text; from = 2
				} else if (their_unlocks && id >= their_unlocks && cut_from != 1) {
					if (!cut) { cut = id; cut_from = 2 }
				} else die("differ", id)
				dropped++
				next
			}
			if (seen) settle()
			seen = 1; id = $1 + 0; line = text; from = tag
		}
		END {
			if (dead) exit
			if (seen) settle()
			if (dead) exit
			printf "ok %.0f %s %.0f %s %.0f %d %d %d\n", count ? first : 0, count ? first_time : "-", want, count ? time : "-", beyond, added, dropped, count
			if (gap) printf "gap %.0f %.0f\n", gap_from, gap_to
		}' "$3/lines" >"$3/verdict" || fail "the changelogs cannot be merged in $3"
	rm -f "$3/lines"
	read -r verdict at rest <"$3/verdict" || fail "the changelogs cannot be merged in $3"
	case $verdict in
	twice) fail "two changes have the number $at in one place and differ: their files are of different histories" ;;
	differ) fail "change $at is another one in the metalogger's copy: it followed another master, and nothing of it is used" ;;
	unsure) fail "change $at is only in one of the two places, and its neighbours cannot be compared: they are not merged" ;;
	esac
	GAP=$(sed -n 's/^gap //p' "$3/verdict")
	rm -f "$3/verdict"
	# shellcheck disable=SC2086  # words
	set -- $at $rest
	FIRST_TIME=$2 EXPECTED=$3 LAST_TIME=$4 BEYOND=$5 ADDED=$6 DROPPED=$7 CHANGES=$8
}
