#!/bin/sh
# Waits until every chunkserver named is connected to the master. mfscli exits 0 whatever happens: judge its text;
# without -n it gives names instead of addresses (3.0.117, whatever its help says).
#
# usage: mfs-joined.sh MASTER PORT SECONDS NODE=ADDRESS...
master=$1 port=$2 limit=$3
shift 3
began=$(date +%s)
newline='
'
while :; do
    text=$newline$(mfscli -n -H "$master" -P "$port" -SCS -s '|' 2>&1)
    missing=
    for server; do
        case $text in
        *"${newline}chunk servers:|${server#*=}|"*) ;;
        *) missing="$missing ${server%%=*} (${server#*=})" ;;
        esac
    done
    [ -n "$missing" ] || exit 0
    [ $(($(date +%s) - began)) -lt "$limit" ] || break
    sleep 1
done
echo "not connected after $limit s:$missing" >&2
case $text in
*'master servers not found'*) echo "the master does not answer on $master:$port" >&2 ;;
esac
denied=$(journalctl -q --no-pager --since=-5min 2>/dev/null | grep -F 'access denied' | tail -n 3)
if [ -n "$denied" ]; then
    echo "the master turned a chunkserver away: its AUTH_CODE is another one" >&2
    echo "$denied" >&2
fi
exit 1
