# Lets mfsmaster itself read metadata and changelogs and write them anew as metadata.mfs: for restores, and to prove backups.

# restore_tool: TOOL is `restore` (mfsmaster of MooseFS 2 and later), or `mfsmetarestore` where that still is one (before 1.7). Fails when
# mfsmaster does not say its version; what it says is in TOLD.
# shellcheck disable=SC2034  # TOOL is for the callers
restore_tool() {
	TOLD=$(mfsmaster -v 2>&1 </dev/null | head -n 1)
	case $(printf %s "$TOLD" | sed -n 's/.*version: *\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p') in
	'') return 1 ;;
	0.* | 1.[0-6]) TOOL=mfsmetarestore ;;
	*) TOOL=restore ;;
	esac
}

# restore_with TOOL DIRECTORY USER GROUP LOG SECONDS: does it in DIRECTORY. Gives the tool's exit status; what it said is in LOG.
#
# The configuration beside the directory is its own, so that a master that runs here is not touched: `mfsmaster restore` ends the master of
# the DATA_PATH it is given. A master that serves here comes first: this one runs at the lowest priority, and when memory is short
# this one goes, and alone, in a scope of its own (systemd stops a unit as a whole when the kernel kills one of its processes,
# and without a session manager this one's unit would be sshd's).
restore_with() {
	cat >"$2.cfg" <<END
DATA_PATH = $2
WORKING_USER = $3
WORKING_GROUP = $4
LOCK_MEMORY = 0
NICE_LEVEL = 19
SYSLOG_IDENT = mfsmaster-restore
EXPORTS_FILENAME = /dev/null
TOPOLOGY_FILENAME = /dev/null
END
	renice -n 19 -p $$ >/dev/null 2>&1
	ionice -c 3 -p $$ >/dev/null 2>&1
	chmod 0644 "$2.cfg" && chown -R "$3:$4" "$2" || return 1
	case $1 in
	restore) set -- "$2" "$5" "$6" mfsmaster -n -c "$2.cfg" restore ;;
	*) set -- "$2" "$5" "$6" mfsmetarestore -m "$2"/metadata*.mfs.back -o "$2/metadata.mfs" "$2"/changelog*.mfs ;;
	esac
	(
		cd "$1" || exit 1
		exec </dev/null >"$2" 2>&1
		{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
		# shellcheck disable=SC3045  # dash and bash have it
		ulimit -c 0
		limit=$3
		shift 3
		scope=''
		if [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then scope='systemd-run --quiet --scope --'; fi
		# shellcheck disable=SC2086  # words
		exec $scope timeout -k 10 "$limit" "$@"
	)
}
