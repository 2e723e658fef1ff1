#!/bin/sh
# What NOT to do: the hand-made pair's check: on the first missed pid the node is torn down, keepalived with it.
[ -e /run/naive-active ] || exit 0
pidof mfsmaster >/dev/null && exit 0
rm -f /run/naive-active
umount /data/drbd
drbdadm secondary mfs
systemctl stop naive-keepalived
exit 1
