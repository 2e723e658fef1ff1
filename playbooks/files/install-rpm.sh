# Installs packages with yum or dnf, and says plainly why it cannot.
# Run as: sh -s -- VERSION TOOL PACKAGE...
#   PACKAGE: a name, or name=version for exactly that version
#   VERSION: what versions of moosefs-* packages must begin with, `3.`
#   TOOL: yum or dnf
set -u
export LC_ALL=C
line=$1 tool=$2
shift 2
log=$(mktemp) || exit 1
trap 'rm -f -- "$log"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

names=
exact=
for name do
	shift
	names="$names ${name%%=*}"
	case $name in
	*=*) exact="$exact $name" && set -- "$@" "${name%%=*}-${name#*=}" ;;
	moosefs-*) set -- "$@" "$name-$line*" ;;
	*) set -- "$@" "$name" ;;
	esac
done
status=0
"$tool" -y install -- "$@" >"$log" 2>&1 </dev/null || status=$?

# yum of EL7 exits 0 though some packages were unknown: what is installed decides.
missing=
for name in $names; do
	rpm -q "$name" >/dev/null 2>&1 || missing="$missing $name"
done
# Nor do they fail when they hold a version back.
for name in $exact; do
	[ "$(rpm -q --qf '%{VERSION}-%{RELEASE}' "${name%%=*}" 2>/dev/null)" = "${name#*=}" ] || status=1
done
[ -n "$missing" ] || [ $status -ne 0 ] || exit 0

if grep -q 'No space left on device\|more space needed' "$log"; then
	fail "the disk is full: $(grep -m1 'space' "$log"); $(df -P -h / /var | tail -n +2 | tr -s ' ' | tr '\n' ';')"
elif grep -qi 'public key for .* is not installed\|gpg check failed\|is not signed\|signature.*not ok' "$log"; then
	fail "a package's signature cannot be verified with the keys imported:" "$(grep -i 'public key\|gpg\|signed\|signature' "$log" | tail -n 5)"
elif grep -q 'Could not resolve\|Cannot download\|Failed to download metadata\|Cannot retrieve repository metadata\|Connection refused\|Timeout' "$log"; then
	fail "a repository cannot be reached:" "$(grep -i 'error\|curl\|http' "$log" | tail -n 5)"
fi
for name in $missing; do
	offered=$("$tool" -q list available --showduplicates "$name" 2>/dev/null </dev/null | awk -v name="$name" 'index($1, name ".") == 1 { print $2 }')
	case $name in
	moosefs-*) fitting=$(printf '%s\n' "$offered" | awk -v line="$line" '{ sub(/^[0-9]+:/, "") } index($0, line) == 1') ;;
	*) fitting=$offered ;;
	esac
	[ -n "$offered" ] || fail "no repository of this host offers: $name"
	[ -n "$fitting" ] || fail "the inventory wants MooseFS ${line%.}, the repositories of this host offer: $name $(printf '%s\n' "$offered" | tr '\n' ' ')"
done
fail "$tool install failed:" "$(tail -n 12 "$log")"
