#!/bin/sh
# What NOT to do: the hand-made pair's notify_master, with `-a` added and a retry, so that it is measured at its best. No votes,
# no fencing, no look at the metadata: a cut between the masters makes two of them.
exec >>/root/naive/log 2>&1
echo "$(date +%s.%N) begin"
for _ in 1 2 3 4 5 6 7 8; do
  drbdadm primary mfs && break
  sleep 1
done
mount /dev/drbd0 /data/drbd
echo "$(date +%s.%N) start"
/usr/sbin/mfsmaster -c /etc/mfs/mfsmaster.cfg -a start
echo "$(date +%s.%N) listens"
: >/run/naive-active
