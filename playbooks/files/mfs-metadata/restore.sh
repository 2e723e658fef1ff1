# sh restore.sh SCRATCH: restores SCRATCH/data, with what master.sh has before it.
# rc|STATUS, mfsmaster|VERSION, head|HEX|sealed or open; then @log and the end of what it said.
scratch=$1 data=$1/data
PATH=$PATH:/usr/sbin:/usr/local/sbin
if ! restore_tool; then
	echo "mfsmaster does not say its version here (${TOLD:-not installed})" >&2
	exit 127
fi
user=$(id -un) group=$(id -gn)
if [ "$(id -u)" = 0 ]; then
	user=nobody group=$(id -gn nobody)
	! id mfs >/dev/null 2>&1 || user=mfs group=$(id -gn mfs)
	chown "$user:$group" "$scratch" || exit 1
fi
restore_with "$TOOL" "$data" "$user" "$group" "$scratch/log" "$2"
echo "rc|$?"
echo "mfsmaster|$(printf '%s\n' "$TOLD" | sed -n 's/^version: *//p')"
if [ -f "$data/metadata.mfs" ]; then
	seal=open
	[ "$(tail -c 16 "$data/metadata.mfs" | tr '\000' '?')" != '[MFS EOF MARKER]' ] || seal=sealed
	echo "head|$(od -An -v -tx1 -N24 "$data/metadata.mfs" | tr -d ' \n')|$seal"
fi
echo @log
tail -c 2000 "$scratch/log" | tr '\r\000' '\n?'
