#!/bin/sh
# Waits until a unit is active and, when a port is given, listens on it; else says what the unit says.
#
# usage: mfs-wait-unit.sh UNIT PORT_IN_HEX|- SECONDS
tries=0
while :; do
    state=$(systemctl is-active "$1")
    case $state in
    active)
        [ "$2" != - ] || exit 0
        grep -qsE "^ *[0-9]+: [0-9A-F]+:$2 [0-9A-F]+:0+ 0A " /proc/net/tcp /proc/net/tcp6 && exit 0
        ;;
    activating | reloading) ;;
    *) break ;;
    esac
    tries=$((tries + 1))
    [ "$tries" -lt "$3" ] || break
    sleep 1
done
echo "$1 is $state, and does not listen after $tries s; its last words:" >&2
systemctl status --no-pager --full --lines=15 "$1" >&2
exit 1
