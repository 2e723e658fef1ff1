#!/bin/sh
# Gives a new cluster its first saved metadata: an empty file system, started once and stopped cleanly,
# so that what is served later can be downloaded by metaloggers. May be cut off anywhere and run again.
#
# usage: mfs-first-metadata.sh MOUNT_POINT DATA_PATH CONFIG PORT_IN_HEX
set -eu
mount=$1 data=$2 config=$3 port=$4
# Present from before the first file is made until saved metadata was seen: only under it are half-made states ours.
begun=$data/.mfsctl-first-metadata

fail() {
    echo "$*" >&2
    exit 1
}

saved() {
    [ -f "$data/metadata.mfs" ] &&
        [ "$(head -c 8 "$data/metadata.mfs")" = "MFSM 2.0" ] &&
        [ "$(tail -c 16 "$data/metadata.mfs")" = "[MFS EOF MARKER]" ]
}

listens() {
    grep -qsE "^ *[0-9]+: [0-9A-F]+:$port [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6
}

mountpoint -q "$mount" || fail "$mount is not mounted here; nothing was done"
install -d -o mfs -g mfs -m 0750 "$data"
rm -f "$data/metadata.mfs.empty"
if [ ! -e "$begun" ]; then
    for file in "$data"/metadata* "$data"/changelog*; do
        [ ! -e "$file" ] || fail "$file exists: this is not a new cluster; nothing was done"
    done
    : >"$begun"
    sync
fi

mfsmaster -c "$config" stop || fail "a master from an earlier attempt does not stop"
! listens || fail "another master listens here already; stop it first"
if ! saved; then
    how=
    if [ ! -e "$data/metadata.mfs" ]; then
        if [ -e "$data/metadata.mfs.back" ]; then
            how=-a
        else
            printf 'MFSM NEW' >"$data/metadata.mfs.mfsctl"
            chown mfs:mfs "$data/metadata.mfs.mfsctl"
            chmod 0640 "$data/metadata.mfs.mfsctl"
            sync
            mv -f "$data/metadata.mfs.mfsctl" "$data/metadata.mfs"
            sync
        fi
    fi
    mfsmaster -c "$config" $how start </dev/null || fail "the master does not start"
    tries=0
    until listens; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || fail "the master started but does not listen"
        sleep 1
    done
    mfsmaster -c "$config" stop || fail "the master does not stop"
    saved || fail "the master stopped, but $data/metadata.mfs is not complete"
fi
sync
rm -f "$begun"
sync
