# A scratch directory for as long as the connection lives. One line: `DIRECTORY BYTES-FREE MEMORY-FREE`, both in bytes.
# sh scratch.sh BASE
umask 077
find "$1" -maxdepth 1 -name 'mfsctl-verify-*' -mmin +1440 -exec rm -rf {} + 2>/dev/null
scratch=$(mktemp -d "$1/mfsctl-verify-XXXXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$scratch/data" || exit 1
room=$(stat -f -c '%S %a' -- "$scratch")
memory=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
echo "$scratch $((${room% *} * ${room#* })) $((${memory:-0} * 1024))"
while read -r _; do :; done
