# sh restore.sh SCRATCH: restores SCRATCH/data with a configuration of its own, so that a master that runs here is not
# touched (mfsmaster restore ends the master of the DATA_PATH it is given), at the lowest priority, and first to go when memory is short.
# rc|STATUS, mfsmaster|VERSION, head|HEX|sealed or open; then @log and the end of what it said.
scratch=$1 data=$1/data
PATH=$PATH:/usr/sbin:/usr/local/sbin
if ! command -v mfsmaster >/dev/null 2>&1; then
	echo 'mfsmaster is not installed' >&2
	exit 127
fi
user=$(id -un) group=$(id -gn)
if [ "$(id -u)" = 0 ]; then
	user=nobody group=$(id -gn nobody)
	! id mfs >/dev/null 2>&1 || user=mfs group=$(id -gn mfs)
	chown -R "$user:$group" "$scratch" || exit 1
fi
cat >"$scratch/mfsmaster.cfg" <<END
DATA_PATH = $data
WORKING_USER = $user
WORKING_GROUP = $group
LOCK_MEMORY = 0
NICE_LEVEL = 19
SYSLOG_IDENT = mfsctl-verify
EXPORTS_FILENAME = /dev/null
TOPOLOGY_FILENAME = /dev/null
END
chmod 0644 "$scratch/mfsmaster.cfg"
renice -n 19 -p $$ >/dev/null 2>&1
ionice -c 3 -p $$ >/dev/null 2>&1
echo 1000 2>/dev/null >/proc/self/oom_score_adj
# shellcheck disable=SC3045  # dash and bash have it
ulimit -c 0
# In a scope of its own: the unit whose process is killed for want of memory is stopped as a whole, and without a
# session manager that unit is sshd's.
run=
[ "$(id -u)" != 0 ] || [ ! -d /run/systemd/system ] || ! command -v systemd-run >/dev/null 2>&1 || run='systemd-run --quiet --scope --'
$run mfsmaster -n -c "$scratch/mfsmaster.cfg" restore </dev/null >"$scratch/log" 2>&1
echo "rc|$?"
echo "mfsmaster|$(mfsmaster -v 2>&1 | sed -n 's/^version: *//p')"
if [ -f "$data/metadata.mfs" ]; then
	seal=open
	[ "$(tail -c 16 "$data/metadata.mfs" | tr '\000' '?')" != '[MFS EOF MARKER]' ] || seal=sealed
	echo "head|$(od -An -v -tx1 -N24 "$data/metadata.mfs" | tr -d ' \n')|$seal"
fi
echo @log
tail -c 2000 "$scratch/log" | tr '\r\000' '\n?'
