#!/bin/sh
# What NOT to do: the hand-made pair's way out; nothing is looked at.
rm -f /run/naive-active
/usr/sbin/mfsmaster -c /etc/mfs/mfsmaster.cfg stop
umount /data/drbd
drbdadm secondary mfs
