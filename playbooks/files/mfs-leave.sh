#!/bin/sh
# Unmounts a mount point, and names who keeps it busy.
#
# usage: mfs-leave.sh look|plain|lazy MOUNT_POINT     (look changes nothing; 3 when it is in use, by whom is printed;
#        lazy detaches one that is in use: its programs keep their open files until they end)
mode=$1 path=$2

mounted() { grep -qsF " $path fuse" /proc/mounts; }

# One line a process, with the first thing of it that is in use. Links are read, never followed: a mount may hang.
holders() {
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files \
        \( -lname "$path" -o -lname "$path/*" \) -printf '%p %l\n' 2>/dev/null |
        while read -r link used; do
            pid=${link#/proc/}
            pid=${pid%%/*}
            [ "$pid" != "$last" ] || continue
            last=$pid
            user=$(stat -c %U "/proc/$pid" 2>/dev/null) || continue
            command=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-60)
            echo "process $pid of $user (${command% }) uses $used"
        done
}

mounted || exit 0
last=
if [ "$mode" = look ]; then
    found=$(holders)
    [ -n "$found" ] || exit 0
    printf '%s\n' "$found" | head -n 10
    exit 3
fi
tries=0
until umount "$path" 2>/dev/null; do
    mounted || exit 0
    found=$(holders)
    tries=$((tries + 1))
    [ "$tries" -ge 5 ] || { sleep 1 && continue; }
    if [ "$mode" = lazy ]; then
        umount -l "$path" || exit 1
        [ -z "$found" ] || printf '%s is detached, still in use there:\n%s\n' "$path" "$found"
        break
    fi
    if [ -z "$found" ] && ! timeout -k 1 3 stat -f "$path" >/dev/null 2>&1; then
        umount -l "$path" || exit 1
        break
    fi
    printf '%s is in use:\n%s\n' "$path" "${found:-by nobody that can be seen}" >&2
    umount "$path" 2>&1 | head -n 1 >&2
    exit 1
done
! mounted
