#!/bin/sh
# Makes tenants' directories, or removes one with all that is in it, through a mount of the whole file system that
# only root can reach and that is gone afterwards. Standard input: the options file of that mount (it may hold a password).
#
# usage: mfs-tenants.sh MASTER PORT [FOLDER MODE OWNER GOAL TRASHTIME QUOTA]...     (OWNER and what follows may be empty)
#        mfs-tenants.sh MASTER PORT --delete FOLDER
set -eu
master=$1 port=$2
shift 2
private=/run/mfsctl-admin
root=$private/mnt

leave() {
    if grep -qs " $root fuse" /proc/mounts; then
        umount "$root" 2>/dev/null || umount -l "$root" || :
    fi
    rm -f "$private/mount.cfg"
    rmdir "$root" "$private" 2>/dev/null || :
}

# What is set is asked for again: mfsset… say little, and an export may forbid it.
is() {
    [ "$2" = "$3" ] && return
    echo "$folder: $1 is ${2:-not known} instead of $3 after it was set" >&2
    exit 1
}

hard_size() {
    mfsgetquota -n "$1" | awk -F'|' '$1 ~ /^ *size *$/ { value = NF >= 7 ? $5 : $4; gsub(/ /, "", value); print value }'
}

trap leave EXIT
trap 'exit 130' INT TERM HUP
leave
install -d -m 0700 "$private"
mkdir -p "$root"
[ -c /dev/fuse ] || modprobe fuse || :
(umask 077 && cat >"$private/mount.cfg")
# The master ends the connections of clients whose exports it has just read anew, and they are back within a second or two. Until
# then a new mount of this machine and folder would be given their session, under its own mount point (mfsmaster 3.0.117).
! grep -qs '^mfs[^ ]* [^ ]* fuse' /proc/mounts || sleep 5
timeout -k 5 60 mfsmount "$root" -o "mfscfgfile=$private/mount.cfg,mfsmaster=$master,mfsport=$port,nosuid,nodev,noexec" </dev/null
rm -f "$private/mount.cfg"
grep -qs " $root fuse" /proc/mounts || {
    echo "the file system is not mounted on $root" >&2
    exit 1
}
if [ "${1:-}" = --delete ]; then
    rm -rf --one-file-system -- "$root$2"
    umount "$root"
    exit
fi
while [ $# -ge 6 ]; do
    folder=$root$1
    mkdir -p "$folder"
    [ -z "$3" ] || chown "$3" "$folder"
    chmod "$2" "$folder"
    if [ -n "$4" ]; then
        mfssetgoal "$4" "$folder" >/dev/null
        is goal "$(mfsgetgoal "$folder" | sed -n 's/.*: //p')" "$4"
    fi
    if [ -n "$5" ]; then
        mfssettrashtime "$5" "$folder" >/dev/null
        is trashtime "$(mfsgettrashtime "$folder" | sed -n 's/.*: //p')" "$5"
    fi
    if [ -n "$6" ]; then
        mfssetquota -S "$6" "$folder" >/dev/null
        is quota "$(hard_size "$folder")" "$6"
    fi
    shift 6
done
umount "$root"
