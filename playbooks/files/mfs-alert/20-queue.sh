# ---- the queue ------------------------------------------------------------------------------------------------

# RUN/in: as they were dropped (VAR/in: by a node that was about to reboot). RUN/queue: one file an alert, `EPOCH TAB SEVERITY TAB KIND TAB TEXT`, whose name sorts by
# time; VAR/queue: copies of these that survive a reboot. RUN/done/WAY: what a way has sent or given up; VAR/done/WAY: the same
# of copies that another way has still to send. RUN/tried: when an alert failed first. RUN/heard: last words that were taken in.

# Text from anywhere, on one line, without control characters, in whole UTF-8 characters, at most 1000 bytes.
clean() {
	text=$(printf %s "$1" | tr '\000-\037\177' ' ' | head -c 1000)
	case $text in
	*[!\ -~]*)
		if command -v iconv >/dev/null 2>&1; then
			text=$(printf %s "$text" | iconv -c -f UTF-8 -t UTF-8 2>/dev/null)
		else
			text=$(printf %s "$text" | tr -d '\200-\377')
		fi
		;;
	esac
}

# Takes what was dropped into the queue.
take_in() {
	set -- "$RUN"/in/*
	[ -e "$1" ] || return 0
	(
		flock -w 20 9 || exit 75
		admit_all "$@"
		bound
	) 9>"$RUN/lock"
}
admit_all() {
	NEW=''
	now=$(date +%s)
	for file; do
		[ -f "$file" ] || continue
		if admit "$file"; then rm -f "$file"; fi
	done
	[ -z "$NEW" ] || aside keep_copies
}

# A dropped file is `ANYTHING.PID.NUMBER`: severity, kind, text, and a line with a dot when it is whole. Its time is its own.
admit() {
	name=${1##*/}
	number=${name##*.} rest=${name%.*}
	pid=${rest##*.}
	stamp=$(date -r "$1" +%s%N) || return 0
	stamp=${stamp%???????}
	case $pid=$number in *[!0-9=]* | =* | *=) log "not an alert: $name" && return 0 ;; esac
	{ read -r severity && read -r kind && text=$(head -c 4000 && echo .); } <"$1" || text=''
	text=${text%.}
	case $NL$text in
	*"$NL.$NL") ;;
	*)
		if [ "${#text}" -lt 3900 ]; then
			# It may be on its way still.
			[ $((stamp / 100)) -lt $((now - 5)) ] || return 1
			log "torn alert dropped: $name"
			return 0
		fi
		;;
	esac
	clean "${text%"$NL.$NL"}"
	case $severity in critical | warning | notice) ;; *) severity=warning ;; esac
	case $kind in '' | *[!a-z-]*) kind=other ;; esac
	number=000000$number
	name=$stamp.$pid.${number#"${number%??????}"}
	printf '%s\t%s\t%s\t%s\n' "$((stamp / 100))" "$severity" "$kind" "$text" >"$RUN/new.$$" || return 1
	mv -f "$RUN/new.$$" "$RUN/queue/$name" || return 1
	NEW="$NEW $name"
}

keep_copies() {
	mkdir -p "$VAR/queue" || return
	for name in $NEW; do
		# Each its own: an earlier one may be stuck still.
		cp "$RUN/queue/$name" "$VAR/new.$name" && flush "$VAR/new.$name" && mv -f "$VAR/new.$name" "$VAR/queue/$name" &&
			flush "$VAR/queue/$name"
	done
}
# keep_marks WAY: that it is done with these, while another way is not.
keep_marks() {
	mkdir -p "$VAR/done/$1" || return
	for name in $NAMES; do
		[ ! -e "$VAR/queue/$name" ] || : >"$VAR/done/$1/$name"
	done
}
forget_copies() {
	for name in $GONE; do
		rm -f "$VAR/queue/$name" "$VAR"/done/*/"$name" "$VAR/new.$name"
	done
}

# What a reboot left to send. The copies once a boot: those that cannot be removed later must not come again and again.
load() {
	aside load_last_words
	# Ended in the midst of it, it goes on.
	[ -e "$RUN/loaded" ] || aside load_copies
}
load_last_words() {
	for file in "$VAR"/in/*; do
		name=${file##*/}
		if [ ! -f "$file" ] || [ -e "$RUN/heard/$name" ]; then continue; fi
		cp -p "$file" "$RUN/load.new" && mv "$RUN/load.new" "$RUN/in/$name" && : >"$RUN/heard/$name" && rm -f "$file"
	done
}
load_copies() {
	failed=0
	for file in "$VAR"/queue/*; do
		if [ ! -f "$file" ] || [ -e "$RUN/queue/${file##*/}" ]; then continue; fi
		cp "$file" "$RUN/load.copy" && mv -f "$RUN/load.copy" "$RUN/queue/${file##*/}" || failed=1
	done
	for way in $WAYS; do
		for mark in "$VAR/done/$way"/*; do
			[ ! -e "$RUN/queue/${mark##*/}" ] || : >"$RUN/done/$way/${mark##*/}"
		done
	done
	[ "$failed" -ne 0 ] || : >"$RUN/loaded"
}

# left_behind: whether the disk holds what was sent already. systemd would start the worker for it again and again, so that it
# stays, and tries to remove it once a minute.
left_behind() {
	seconds
	if [ "$NOW" -lt "${TIDY_AT:-0}" ] || kill -0 "${TIDYING:-none}" 2>/dev/null; then return 0; fi
	rm -f "$RUN/tidy"
	aside tidy
	TIDYING=$child TIDY_AT=$((NOW + 60))
	[ ! -e "$RUN/tidy" ]
}
tidy() {
	# Before all copies are loaded none is known to be too many.
	[ -e "$RUN/loaded" ] || return
	for file in "$VAR"/queue/* "$VAR"/done/*/* "$VAR"/new.*; do
		name=${file##*/}
		[ -e "$RUN/queue/${name#new.}" ] || rm -f "$file"
	done
	for file in "$VAR"/in/*; do
		[ ! -e "$RUN/heard/${file##*/}" ] || rm -f "$file"
	done
	for file in "$VAR"/queue/* "$VAR"/in/*; do [ ! -e "$file" ] || return; done
	: >"$RUN/tidy"
}

# Removes those in GONE; the copy first: one that is left alone would come again after the next boot.
forget() {
	[ -n "$GONE" ] || return 0
	aside forget_copies
	for name in $GONE; do rm -f "$RUN/queue/$name"; done
}

# Drops the oldest when too many wait, and keeps count of them.
bound() {
	dropped=0
	[ ! -e "$RUN/overflow" ] || { dropped=$(wc -l <"$RUN/overflow") && rm -f "$RUN/overflow"; }
	set -- "$RUN"/queue/*
	GONE=''
	while [ $# -gt "$MOST" ]; do
		GONE="$GONE ${1##*/}"
		dropped=$((dropped + 1))
		shift
	done
	[ "$dropped" -gt 0 ] || return 0
	forget
	get "$RUN/dropped" || GOT=0
	put "$RUN/dropped" "$((GOT + dropped))"
	log "$dropped alerts dropped, the oldest: more than $MOST wait"
}

# NAMES and COUNT of what a way has still to send, the oldest first.
pending() {
	NAMES='' COUNT=0
	for file in "$RUN"/queue/*; do
		if [ ! -f "$file" ] || [ -e "$RUN/done/$1/${file##*/}" ]; then continue; fi
		NAMES="$NAMES ${file##*/}"
		COUNT=$((COUNT + 1))
	done
	[ "$COUNT" -gt 0 ]
}

# Removes what every way is done with. EMPTY: nothing is left.
sweep() {
	GONE='' EMPTY=yes
	for file in "$RUN"/queue/*; do
		[ -f "$file" ] || continue
		for way in $WAYS; do
			[ -e "$RUN/done/$way/${file##*/}" ] || { EMPTY=no && continue 2; }
		done
		GONE="$GONE ${file##*/}"
	done
	forget
	for mark in "$RUN"/done/*/* "$RUN"/tried/*; do
		[ -e "$RUN/queue/${mark##*/}" ] || rm -f "$mark"
	done
	for file in "$RUN"/in/*; do [ ! -f "$file" ] || EMPTY=no; done
}

