#!/bin/sh
# Mounts a mount point as /etc/fstab says, anew when it is mounted already, and sees it answer.
#
# usage: mfs-mount.sh MOUNT_POINT UNIT SECONDS       (systemd knows the unit: it has read the present /etc/fstab)
path=$1 unit=$2 limit=$3

mounted() {
    grep -qsF " $path fuse" /proc/mounts
}

answers() {
    timeout -k 1 3 stat -f "$path" >/dev/null 2>&1
}

# Through systemd where it runs: the client's process then belongs to the mount, not to this login session.
mount_it() {
    if [ ! -d /run/systemd/system ]; then
        timeout -k 5 "$limit" mount "$path"
        return
    fi
    timeout -k 5 "$limit" systemctl start "$unit" && mounted && return
    systemctl status --no-pager --full --lines=10 "$unit" >&2
    return 1
}

if mounted && ! umount "$path"; then
    if answers; then
        echo "$path is in use, and must be mounted anew for its new options; in use by:" >&2
        find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd \( -lname "$path" -o -lname "$path/*" \) -printf '%p -> %l\n' 2>/dev/null | head -n 10 >&2
        exit 1
    fi
    echo "$path does not answer: detached" >&2
    umount -l "$path" || exit 1
fi
mkdir -p "$path"
[ -c /dev/fuse ] || modprobe fuse
mount_it || exit 1
began=$(date +%s)
until answers; do
    if [ $(($(date +%s) - began)) -ge "$limit" ]; then
        echo "$path is mounted but does not answer: is the master up, and does an export allow this client?" >&2
        journalctl -q --no-pager --since=-2min 2>/dev/null | grep mfsmount | tail -n 3 >&2
        exit 1
    fi
    sleep 1
done
df "$path"
