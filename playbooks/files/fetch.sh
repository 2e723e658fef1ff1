# Fetches a small file once: URL, path, and a pattern (grep -E) that must be found in it.
# It arrives in full and checked, or not at all. Run as: sh -s -- URL PATH PATTERN
set -eu
url=$1 path=$2 pattern=$3
dir=${path%/*}
mkdir -p -- "$dir"
rm -f -- "$dir"/.mfsctl.??????
tmp=$(mktemp -- "$dir/.mfsctl.XXXXXX")
trap 'rm -f -- "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
if command -v curl >/dev/null 2>&1; then
	curl -fsSL --connect-timeout 20 --max-time 120 --retry 2 -o "$tmp" -- "$url"
elif command -v wget >/dev/null 2>&1; then
	wget -q -T 20 -t 3 -O "$tmp" -- "$url"
else
	echo "neither curl nor wget is installed: install one, or use a mirror with its key in the inventory" >&2
	exit 1
fi || {
	echo "cannot fetch $url" >&2
	exit 1
}
grep -Eq -- "$pattern" "$tmp" || {
	echo "$url answered with something else than expected (no line matches $pattern)" >&2
	exit 1
}
chown root:root "$tmp"
chmod 0644 "$tmp"
sync -- "$tmp" 2>/dev/null || sync
mv -f -- "$tmp" "$path"
