# mfs-restore: builds metadata anew from what is left of it, in a directory of its own, and puts it in its place.
# Sent by mfsctl with each command, never installed; the functions of mfs-metadata come before it. See docs/restore.md.
#
# A restore has one directory on each node it touches. Every command may be cut off anywhere and run again: what it makes gets
# its name only once it is whole, and nothing that was there is ever deleted.

PATH=${MFS_RESTORE_PATH:-/usr/sbin:/usr/bin:/sbin:/bin}
LC_ALL=C
export PATH LC_ALL
umask 077

fail() {
	echo "$*" >&2
	exit 1
}

# alone WORK: one command at a time, also when the one before lost its operator. A program it started keeps the lock.
alone() {
	(umask 066 && mkdir -p "$1") || fail "$1 cannot be made"
	exec 9>"$1/.lock"
	flock -w "${MFS_RESTORE_WAIT:-120}" 9 || fail "an earlier run is still at work in $1: wait for its end"
}

# put_durable FILE TEXT: a reader sees the old text or the new one, also after a power cut.
put_durable() {
	printf '%s\n' "$2" >"$1.new" && sync "$1.new" && mv -f "$1.new" "$1" && sync "${1%/*}"
}

# header FILE: VERSION (the id of the next change), ID in hex digits, FRESH. Layout: 8 bytes of format, u64 version,
# u64 id, big endian; the last 16 bytes are the end marker. An empty file system that was never saved is `MFSM NEW` alone.
header() {
	VERSION='' ID='' FRESH=no
	if [ ! -f "$1" ] || [ ! -r "$1" ]; then WHY="$1 cannot be read" && return 1; fi
	signature=$(head -c 8 "$1" | tr '\000' '?')
	if [ "$signature" = 'MFSM NEW' ]; then
		VERSION=1 FRESH=yes
		return 0
	fi
	case $signature in
	MFSM\ [2-9].?) ;;
	*) WHY="$1 is no metadata of MooseFS 2 or later: it begins with \"$signature\"" && return 1 ;;
	esac
	if [ "$(tail -c 16 "$1" | tr '\000' '?')" != '[MFS EOF MARKER]' ]; then
		WHY="$1 is cut off: it has no end marker"
		return 1
	fi
	VERSION=0
	for byte in $(od -An -v -tu1 -j8 -N8 "$1"); do VERSION=$((VERSION * 256 + byte)); done
	ID=$(od -An -v -tx1 -j16 -N8 "$1" | tr -d ' \n')
}

# room DIRECTORY BYTES: refuses when there are fewer free, with a margin so that the node itself stays usable.
room() {
	free=$(($(df -Pk "$1" | awk 'NR == 2 { print $4 }') / 1024))
	need=$(($2 / 1048576 + ${MFS_RESTORE_MARGIN:-64}))
	[ "$free" -ge "$need" ] || fail "$1 has $free MiB free, $need MiB are needed: free some there"
}

# setting FILE KEY DEFAULT: a key of a MooseFS configuration; the last one counts.
setting() {
	value=''
	[ ! -r "$1" ] || value=$(sed -n "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*\([^[:space:]#]*\).*/\1/p" "$1" | tail -n 1)
	echo "${value:-$3}"
}
