#!/bin/sh
# Stops a MooseFS daemon so that nothing of it is left: asked first, then told, then killed; each said aloud, on
# standard output after "!". What counts is the unit's own process and whoever holds the daemon's locks (fcntl locks:
# a lock file that nobody holds is harmless). Another instance on the same machine, with other directories, is let alone.
#
# usage: mfs-stop.sh UNIT PROGRAM SECONDS LOCK_FILE...
unit=$1 program=$2 limit=$3
shift 3

say() {
    echo "! $*"
}

alive() {
    [ -e "/proc/$1/stat" ] && ! grep -q '^[0-9]* (.*) Z' "/proc/$1/stat" 2>/dev/null
}

# Processes that hold one of the locks: "PID FILE". The device in /proc/locks is major:minor, hexadecimal.
holders() {
    for file; do
        id=$(stat -c '%D %i' -- "$file" 2>/dev/null) || continue
        dev=$((0x${id% *}))
        key=$(printf '%02x:%02x:%s' $((dev >> 8 & 0xfff)) $((dev & 0xff | dev >> 12 & 0xfff00)) "${id#* }")
        awk -v key="$key" -v file="$file" '$2 != "->" && $6 == key && $5 > 0 { print $5, file }' /proc/locks
    done
}

# Ends one process: TERM, ten seconds, KILL, thirty seconds.
end() {
    pid=$1 what=$2
    alive "$pid" || return 0
    state=$(sed -n 's/^[0-9]* (.*) \(.\).*/\1/p' "/proc/$pid/stat" 2>/dev/null)
    say "$what (state $state): sent TERM"
    kill -TERM "$pid" 2>/dev/null
    # One that is only suspended must go on to see it; it does not lose anything by that.
    waited=0
    while alive "$pid" && [ $waited -lt 10 ]; do sleep 1; waited=$((waited + 1)); done
    alive "$pid" || return 0
    say "process $pid still runs 10 s after TERM: sent KILL"
    kill -KILL "$pid" 2>/dev/null
    waited=0
    while alive "$pid" && [ $waited -lt 30 ]; do sleep 1; waited=$((waited + 1)); done
    alive "$pid" || return 0
    echo "process $pid of $program does not even end by KILL: it waits for a disk; see the kernel's log, and the disk" >&2
    exit 1
}

main=$(systemctl show -p MainPID "$unit" | sed -n 's/^MainPID=//p')
systemctl stop --no-block "$unit" || exit 1
waited=0
while [ "${main:-0}" -gt 0 ] && alive "$main" && [ $waited -lt "$limit" ]; do
    sleep 1
    waited=$((waited + 1))
done
if [ "${main:-0}" -gt 0 ] && alive "$main"; then
    lock=
    for file; do
        [ "$(tr -dc 0-9 <"$file" 2>/dev/null)" != "$main" ] || lock=", the one named in $file"
    done
    end "$main" "process $main of $unit$lock still runs $waited s after it was asked to stop"
fi
holders "$@" | while read -r pid file; do
    # One that ended meanwhile holds nothing.
    name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
    if [ "$name" != "$program" ]; then
        echo "$file is locked by process $pid, $name, which is no $program: not ended" >&2
        exit 1
    fi
    end "$pid" "a second $program, process $pid, which $unit did not start, holds the lock $file"
done || exit 1
# systemd has seen the end, and nothing starts it again by itself.
waited=0
while :; do
    case $(systemctl is-active "$unit") in
    inactive | failed) break ;;
    esac
    waited=$((waited + 1))
    [ $waited -lt 60 ] || { echo "$unit is $(systemctl is-active "$unit") though its process ended" >&2; exit 1; }
    sleep 1
done
left=$(holders "$@")
[ -z "$left" ] || { echo "still locked: $left" >&2; exit 1; }
systemctl reset-failed "$unit" 2>/dev/null
exit 0
