#!/bin/sh
# Unmounts a mount point; one that is in use is left as it is after some tries (a backup or an index may be passing through), or
# detached when that is asked for; one that does not answer is detached: nobody can use it any more.
#
# usage: mfs-unmount.sh MOUNT_POINT [lazy]
path=$1 how=${2:-} tries=0

mounted() {
    grep -qsF " $path fuse" /proc/mounts
}

answers() {
    timeout -k 1 3 stat -f "$path" >/dev/null 2>&1
}

mounted || exit 0
while ! umount "$path" && mounted; do
    tries=$((tries + 1))
    if [ "$how" = lazy ] || ! answers; then
        umount -l "$path" || exit 1
    elif [ "$tries" -lt 5 ]; then
        sleep 1
    else
        echo "$path is in use by:" >&2
        find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd \( -lname "$path" -o -lname "$path/*" \) -printf '%p -> %l\n' 2>/dev/null | head -n 10 >&2
        exit 1
    fi
done
! mounted
