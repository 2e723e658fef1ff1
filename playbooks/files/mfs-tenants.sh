#!/bin/sh
# Makes tenants' directories through a mount of the whole file system that only root can reach and that is
# gone afterwards. Standard input: the options file of that mount (it may hold a password).
#
# usage: mfs-tenants.sh MASTER PORT [FOLDER MODE OWNER]...      (OWNER may be empty)
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

trap leave EXIT
trap 'exit 130' INT TERM HUP
leave
install -d -m 0700 "$private"
mkdir -p "$root"
[ -c /dev/fuse ] || modprobe fuse || :
(umask 077 && cat >"$private/mount.cfg")
timeout -k 5 60 mfsmount "$root" -o "mfscfgfile=$private/mount.cfg,mfsmaster=$master,mfsport=$port,nosuid,nodev,noexec" </dev/null
rm -f "$private/mount.cfg"
grep -qs " $root fuse" /proc/mounts || {
    echo "the file system is not mounted on $root" >&2
    exit 1
}
while [ $# -ge 3 ]; do
    mkdir -p "$root$1"
    [ -z "$3" ] || chown "$3" "$root$1"
    chmod "$2" "$root$1"
    shift 3
done
umount "$root"
