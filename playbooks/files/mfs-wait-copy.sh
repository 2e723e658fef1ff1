#!/bin/sh
# Waits until the metalogger holds a downloaded copy of saved metadata. It downloads when it starts, so a
# start before the master served is made good by one restart half way.
#
# usage: mfs-wait-copy.sh UNIT DIRECTORY SECONDS
copy=$2/metadata_ml.mfs.back
tries=0
until [ -f "$copy" ] && [ "$(head -c 8 "$copy")" = "MFSM 2.0" ]; do
    tries=$((tries + 1))
    if [ "$tries" -ge "$3" ]; then
        echo "no $copy after $3 s: does the master serve, and has it saved metadata?" >&2
        systemctl status --no-pager --full --lines=15 "$1" >&2
        exit 1
    fi
    [ "$tries" -ne $(($3 / 2)) ] || systemctl restart "$1"
    sleep 1
done
