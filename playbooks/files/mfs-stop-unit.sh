#!/bin/sh
# Stops a unit and sees that no process of that name is left.
#
# usage: mfs-stop-unit.sh UNIT PROCESS
systemctl stop "$1" || exit 1
tries=0
while pids=$(pgrep -d ' ' -x "$2"); do
    tries=$((tries + 1))
    if [ "$tries" -ge 10 ]; then
        echo "$1 is stopped, but $2 still runs: process $pids" >&2
        ps -o pid,stat,lstart,args -p "$(echo "$pids" | tr ' ' ,)" >&2
        exit 1
    fi
    sleep 1
done
