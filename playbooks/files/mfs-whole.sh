#!/bin/sh
# Waits until no chunk is missing, twice in a row: the master counts while chunkservers register. mfscli exits 0 whatever
# happens: judge its text.
#
# usage: mfs-whole.sh MASTER PORT SECONDS
master=$1 port=$2 limit=$3
began=$(date +%s)
good=0
while :; do
    text=$(mfscli -n -H "$master" -P "$port" -SIC -s '|' 2>&1)
    missing=$(printf '%s\n' "$text" | sed -n 's/^all chunks matrix:|chunkclass missing:|\([0-9]*\).*/\1/p' | head -n 1)
    case $missing in
    0) good=$((good + 1)) ;;
    *) good=0 ;;
    esac
    [ "$good" -lt 2 ] || exit 0
    [ $(($(date +%s) - began)) -lt "$limit" ] || break
    sleep 1
done
if [ -n "$missing" ]; then
    echo "$missing chunks are missing after $limit s: no client is mounted before every chunk has a copy" >&2
else
    echo "the master at $master:$port does not tell of its chunks after $limit s: $(printf '%s' "$text" | head -n 1)" >&2
fi
exit 1
