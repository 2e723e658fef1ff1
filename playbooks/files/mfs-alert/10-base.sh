#!/bin/sh
# mfs-alert: tells people what happens to the takeover of a MooseFS master, by mail and webhook. Written by mfsctl.
#
# mfs-ha drops a small file into RUN/in and goes on: nothing here can delay or fail a takeover. A systemd path unit
# then starts the worker, which keeps a copy on the disk, sends it, and tries for a day. See docs/alerts.md.

usage() {
	cat <<'END'
usage: mfs-alert COMMAND
  test                          send a test alert through every account, to every receiver; one JSON line each
  queue                         what waits, since when, and why
  send SEVERITY KIND TEXT...    send an alert (severity: critical, warning, notice)
  for systemd and mfs-ha: work save
END
}

# ---- settings ---------------------------------------------------------------------------------------------

# Account N (from 1): AN_HOST AN_PORT AN_SECURITY AN_FROM AN_LOGIN AN_PASSWORD. HOOK_SECRET: the webhook's address; its
# bearer token; further headers, HEADERN_SECRET. CA: a PEM file.
NODE='' CLUSTER='' ACCOUNTS=0 TO='' HOOK_SECRET='' TOKEN_SECRET='' HEADERS=0 CA=''
RUN=/run/mfs-alert VAR=/var/lib/mfs-alert PROC=/proc
# At most so many wait; tried for so many seconds; after BURST messages in WINDOW seconds one each SLOW seconds.
MOST=200 LONGEST=86400 BURST=8 WINDOW=3600 SLOW=300
# Pauses after a failure, and the deadlines of one try, in seconds.
FIRST_PAUSE=10 LAST_PAUSE=900 CONNECT=10 DEADLINE=30 NAP=1
BUNDLES='/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt'
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077

# Only a copy that is not the installed one takes its settings from elsewhere.
CONF=/etc/mfs-alert.conf
case $0 in
/usr/local/sbin/mfs-alert) SELF=$0 ;;
*) SELF=$0 CONF=${MFS_ALERT_CONF:-$CONF} ;;
esac

# ---- small tools ------------------------------------------------------------------------------------------

NL='
'
TAB=$(printf '\t')

log() {
	logger -t mfs-alert -- "$*"
	if [ -t 2 ]; then echo "$*" >&2; fi
}
# The kernel's uptime never jumps: pauses and rates go by it.
seconds() { read -r up _ <"$PROC/uptime" && NOW=${up%.*}; }
# flush FILE: on the disk when it returns 0, and by that name too. Not `sync FILE`: before coreutils 8.24 (EL7) that
# waits for every file system of the machine, also for the volume whose I/O is frozen.
flush() { dd if=/dev/null of="$1" conv=nocreat,notrunc,fsync 2>/dev/null; }
put() { printf '%s\n' "$2" >"$1.new.$$" && mv -f "$1.new.$$" "$1"; }
get() {
	GOT=''
	[ -r "$1" ] || return 1
	read -r GOT <"$1" || [ -n "$GOT" ]
}

prepare() {
	# The ways an alert goes: each receiver of mail, and the webhook. One that hangs does not hold up another.
	WAYS="$TO${HOOK_SECRET:+ webhook}"
	for dir in "$RUN/in" "$RUN/queue" "$RUN/done" "$RUN/way" "$RUN/tried" "$RUN/heard"; do
		[ -d "$dir" ] || mkdir -p "$dir" || exit 1
	done
	# Where the shell is a bash before 5.1 (EL7, EL8), a here-document needs a temporary file: not on a disk that may be full.
	TMPDIR=$RUN
	for way in $WAYS; do
		[ -d "$RUN/way/$way" ] || mkdir -p "$RUN/way/$way" "$RUN/done/$way" || exit 1
	done
}

# aside COMMAND...: for whatever touches the disk: it may be stuck there, with no lock of ours, and is waited for 3 seconds at most.
aside() {
	# A shell of its own: for a function called in this one dash keeps a copy of what is closed, and the lock with it.
	("$@") 2>/dev/null 8>&- 9>&- &
	child=$!
	n=0
	while [ "$n" -lt 30 ] && kill -0 "$child" 2>/dev/null; do
		sleep 0.1
		n=$((n + 1))
	done
}

