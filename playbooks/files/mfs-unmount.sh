#!/bin/sh
# Unmounts a mount point; one that is in use is left as it is, or detached when that is asked for; one that does not
# answer is detached: nobody can use it any more.
#
# usage: mfs-unmount.sh MOUNT_POINT [lazy]
path=$1 how=${2:-}

mounted() {
    grep -qsF " $path fuse" /proc/mounts
}

mounted || exit 0
umount "$path" && exit 0
if [ "$how" != lazy ] && timeout -k 1 3 stat -f "$path" >/dev/null 2>&1; then
    echo "$path is in use by:" >&2
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd \( -lname "$path" -o -lname "$path/*" \) -printf '%p -> %l\n' 2>/dev/null | head -n 10 >&2
    exit 1
fi
umount -l "$path"
