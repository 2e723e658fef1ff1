#!/bin/sh
# Unmounts a mount point; one that is in use is left as it is, one that does not answer is detached.
#
# usage: mfs-unmount.sh MOUNT_POINT
path=$1
grep -qsF " $path fuse" /proc/mounts || exit 0
umount "$path" && exit 0
if timeout -k 1 3 stat -f "$path" >/dev/null 2>&1; then
    echo "$path is in use by:" >&2
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd -lname "$path*" -printf '%p -> %l\n' 2>/dev/null | head -n 10 >&2
    exit 1
fi
umount -l "$path"
