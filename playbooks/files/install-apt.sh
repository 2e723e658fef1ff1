# Installs packages with apt (behind apt-lists.sh), starting no daemon on the way, and says plainly why it cannot.
# Run as: sh -s -- VERSION SOURCES PACKAGE...
#   PACKAGE: a name, or name=version for exactly that version
#   VERSION: what versions of moosefs-* packages must begin with, `3.`
#   SOURCES: the only list of sources to use, or `-` for all of the host's
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
line=$1 sources=$2
shift 2
policy=/usr/sbin/policy-rc.d
mark='# mfsctl: no daemon starts while packages are installed'
log=$(mktemp) || exit 1
ours=
# Whether the lists were read anew in this run, and what apt had to say of it.
read_anew=
errors=

finish() {
	[ -z "$ours" ] || rm -f -- "$policy" "$policy.mfsctl"
	rm -f -- "$log"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

explain() {
	if grep -q 'No space left on device\|You don.t have enough free space' "$log"; then
		fail "the disk is full: $(df -P -h / /var | tail -n +2 | tr -s ' ' | tr '\n' ';')"
	elif grep -q 'Could not get lock\|Unable to acquire the dpkg' "$log"; then
		fail "another program held apt's lock for 300 s: $(grep -m1 'lock' "$log")"
	fi
	fail "$1:" "$(grep '^[EW]: \|^dpkg: error\|^Err:\|unmet dependencies\|Depends:' "$log" | tail -n 12)" "$(tail -n 5 "$log")"
}

# Has the lists read anew.
reread() {
	read_anew=1
	# shellcheck disable=SC2119 # no options
	fresh_lists >"$log" 2>&1
	errors=$(grep '^Err:\|^[EW]: ' "$log" | head -n 5)
}

# What apt knows of packages given as name or name=version.
offered() {
	for word do
		shift
		set -- "$@" "${word%%=*}"
	done
	apt apt-cache policy "$@" >"$log" 2>/dev/null
}

# Names, of those given, that apt offers no version of.
unknown() {
	offered "$@"
	for name do
		name=${name%%=*}
		awk -v name="$name:" '$0 == name { here = 1; next } /^[^ ]/ { here = 0 } here && $1 == "Candidate:" && $2 != "(none)" { found = 1 } END { exit !found }' "$log" || printf '%s ' "$name"
	done
}

if [ -e "$policy" ] && [ "$(sed -n 2p "$policy")" != "$mark" ]; then
	"$policy" mfsctl-test start >/dev/null 2>&1
	[ $? -eq 101 ] || fail "$policy is not mfsctl's and lets packages start their daemons: move it away for the time of the installation"
else
	# Written beside and moved: a power cut must not leave a policy that nobody knows.
	ours=1
	printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy.mfsctl" || fail "cannot write $policy: $(df -P -h "${policy%/*}" | tail -n 1)"
	chmod 0755 "$policy.mfsctl"
	sync -- "$policy.mfsctl" 2>/dev/null || sync
	mv -f -- "$policy.mfsctl" "$policy"
fi

if [ -n "$(dpkg --audit 2>/dev/null)" ] || [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null)" ]; then
	dpkg --configure -a --force-confdef --force-confold >"$log" 2>&1 </dev/null || explain "an installation that was interrupted earlier cannot be completed"
fi

missing=$(unknown "$@")
if [ -n "$missing" ]; then
	reread
	missing=$(unknown "$@")
	[ -z "$missing" ] || fail "no repository of this host offers: $missing" "$errors"
fi
offered "$@"
wrong=$(awk -v line="$line" '/^[^ ]/ { name = substr($1, 1, length($1) - 1) }
	name ~ /^moosefs-/ && $1 == "Candidate:" { version = $2; sub(/^[0-9]+:/, "", version); if (index(version, line) != 1) printf "%s %s; ", name, $2 }' "$log")
[ -z "$wrong" ] || fail "the inventory wants MooseFS ${line%.}, the repositories of this host offer: ${wrong%; }"

install() {
	apt apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
		install -- "$@" >"$log" 2>&1 </dev/null
}

# Lists that are old name packages that are gone, damaged ones lack some: read anew, they may serve.
if ! install "$@"; then
	if [ -n "$read_anew" ] || grep -q '^dpkg: error\|^E: Sub-process\|No space left\|enough free space\|[Gg]et lock\|acquire the dpkg' "$log"; then
		explain "apt-get install failed"
	fi
	reread
	install "$@" || explain "apt-get install failed, though the package lists were read anew"
fi

# The package enables the master at boot; takeover alone may start it.
for name do
	if [ "${name%%=*}" = moosefs-master ]; then
		if [ -d /run/systemd/system ]; then
			systemctl -q disable moosefs-master.service || :
		else
			update-rc.d moosefs-master disable >/dev/null 2>&1 || :
		fi
	fi
done
