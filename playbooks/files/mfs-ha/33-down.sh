# ---- stopped on purpose --------------------------------------------------------------------------------------

# The file down is durable: a node that was stopped on purpose stays so after a boot, whatever keepalived wishes, until
# come-back. Its lines: since when (seconds since 1970) and why; who; the version mfsmaster told before it was stopped.
down() { [ -e "$VAR/down" ]; }
down_words() {
	DOWN_SINCE='' DOWN_WHY='' DOWN_BY='' DOWN_VERSION=0
	# shellcheck disable=SC2034  # DOWN_VERSION is the worker's
	{ read -r DOWN_SINCE DOWN_WHY && read -r DOWN_BY && read -r DOWN_VERSION; } <"$VAR/down" 2>/dev/null
	since=$(date -u -d "@$DOWN_SINCE" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null) || since=$DOWN_SINCE
	DOWN="stopped on purpose since $since by ${DOWN_BY:-nobody known}: $DOWN_WHY"
}

# stay-down VERSION WHY WHO: VERSION is what mfsmaster tells now, 0 where it does not run.
cmd_stay_down() {
	case ${1:-} in '' | *[!0-9]*) die 'stay-down: give the version of the metadata that mfsmaster tells, or 0' 64 ;; esac
	if held; then die "stay-down: refused: on hold ($REASON)"; fi
	if down; then
		# Asked again: who stopped it first stays known, and so does the version.
		wake
		return 0
	fi
	rm -f "$VAR/stored"
	put_durable "$VAR/down" "$(date +%s) $(one_line "${2:-by hand}")
$(one_line "${3:-root@$NODE}")
$1"
	down_words
	put "$RUN/why" "$DOWN"
	put "$RUN/health" 1
	log "stay-down: $DOWN"
	alert notice stopped "$DOWN"
	wake
}

cmd_come_back() {
	down || return 0
	rm -f "$VAR/down" "$RUN/fault" "$RUN/faults"
	sync "$VAR"
	log 'come-back: this node may serve and take over again'
	alert notice come-back 'no longer stopped on purpose: it may serve and take over again'
	wake
}

# Whether what mfsmaster stored at its end is whole and as new as what it told before: "whole VERSION ID", or "torn WHY".
note_stored() {
	down && mounted || return 0
	down_words
	if ! read_header "$DATA_PATH/metadata.mfs"; then
		stored='torn metadata.mfs is not there, or not whole'
	elif [ "$VERSION" -lt "$DOWN_VERSION" ]; then
		stored="torn metadata.mfs is of version $VERSION, mfsmaster had told $DOWN_VERSION"
	else
		stored="whole $VERSION $(od -An -v -tx1 -j16 -N8 "$DATA_PATH/metadata.mfs" | tr -d ' \n')"
	fi
	put_durable "$VAR/stored" "$stored"
	log "stay-down: metadata: $stored"
}
