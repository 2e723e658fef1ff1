
# ---- a restore's own notes ------------------------------------------------------------------------------------------

# begin HOME RUN TEXT: the restore under way on this node; what an earlier one that did not end noted stays in its directory.
begin() {
	(umask 066 && mkdir -p "$1/$2") || fail "$1/$2 cannot be made"
	put_durable "$1/$2/plan" "$3"
	put_durable "$1/under-way" "$2"
	sync
}
# finish HOME RUN RESULT
finish() {
	[ ! -d "$1/$2" ] || put_durable "$1/$2/ended" "$(date +%s) $3"
	[ "$(cat "$1/under-way" 2>/dev/null)" != "$2" ] || rm -f "$1/under-way"
	# What was only worked with; the copies of what was there stay.
	rm -rf "$1/$2/scratch" "$1/$2/scratch.cfg" "$1/$2"/*.new
	sync
}
# forget HOME RUN: a rehearsal leaves nothing behind.
forget() {
	case $2 in rehearsal-*[!A-Za-z0-9-]* | */*) fail "$2 is no rehearsal" ;; rehearsal-*) rm -rf "${1:?}/$2" ;; *) fail "$2 is no rehearsal" ;; esac
}
# afresh WORK UNIT DIRECTORY: after a restore a metalogger's copy begins anew, once. It would write the changes of the restored metadata behind
# those that were given up, into the same file and under the same numbers, and nobody could tell the two histories apart again.
# What it had is in WORK, checked, before it goes.
afresh() {
	[ ! -e "$1/afresh" ] || return 0
	systemctl stop "$2" </dev/null || fail "$2 does not stop"
	keep "$1" "$3" metalogger still-or-none >/dev/null
	for name in $(files_of "$3"); do
		case $name in metadata_ml.* | changelog_ml.* | changelog_ml_back.*) rm -f "$3/$name" || fail "$3/$name cannot be removed" ;; esac
	done
	put_durable "$1/afresh" "$(date +%s)"
}
# follow WORK UNIT DIRECTORY SECONDS: starts a metalogger and waits until it has downloaded what is served: it does so when it starts,
# so a start before the master answered is made good by one restart half way.
follow() {
	alone "$1"
	afresh "$1" "$2" "$3"
	: >"$1/following"
	systemctl restart "$2" </dev/null || fail "$2 does not start"
	tries=0
	until [ -n "$(find "$3" -maxdepth 1 -name metadata_ml.mfs.back -newer "$1/following")" ] && header "$3/metadata_ml.mfs.back" && [ "$FRESH" = no ]; do
		tries=$((tries + 1))
		if [ "$tries" -ge "$4" ]; then
			systemctl status --no-pager --full --lines=15 "$2" >&2
			fail "$3/metadata_ml.mfs.back was not downloaded within $4 s"
		fi
		[ "$tries" -ne $(($4 / 2)) ] || systemctl restart "$2" </dev/null
		sleep 1
	done
}
# told HOME: the restore under way and what of it is done; then every directory that holds copies, for the list.
told() {
	run=$(cat "$1/under-way" 2>/dev/null)
	echo "run=$run"
	if [ -n "$run" ]; then
		if [ -s "$1/$run/plan" ]; then sed 's/^/plan=/' "$1/$run/plan"; fi
		for mark in prepared result/about installed; do [ ! -s "$1/$run/$mark" ] || echo "done=$mark"; done
	fi
	for dir in "$1"/*/volume* "$1"/*/metalogger* "$1"/*/brought-*; do
		[ ! -s "$dir/SHA256SUMS" ] || echo "copy=$dir"
	done
	if command -v mfsmaster >/dev/null 2>&1; then echo "mfsmaster=$(mfsmaster -v 2>&1 </dev/null | head -n 1)"; fi
	echo "free=$(df -Pk "$(nearest "$1")" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')"
	echo "memory=$(awk '$1 == "MemAvailable:" { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
	echo 'end=yes'
}
nearest() {
	dir=$1
	until [ -d "$dir" ]; do dir=${dir%/*}; done
	echo "${dir:-/}"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
begin | finish | forget | follow | told | keep | receive | arrived | build | installed | untouched) "$command" "$@" ;;
install) install_result "$@" ;;
functions) ;;
*) fail "mfs-restore: unknown command $command" ;;
esac
