# First part of scripts that use apt. They set `sources`: the only list of sources to use, or `-` for all of the host's.

# apt TOOL ARGUMENT...: an apt tool with those sources.
apt() {
	program=$1
	shift
	[ "$sources" = - ] || set -- -o "Dir::Etc::sourcelist=$sources" -o Dir::Etc::sourceparts=- "$@"
	"$program" -o DPkg::Lock::Timeout=300 "$@"
}

# fresh_lists OPTION...: fetches the package lists, whatever is there, into a directory of their own, and moves them into place once
# they are on the disk. Those of sources that cannot be reached stay as they are.
#
# apt does not wait until its lists are on the disk: a power cut leaves them empty, full of zeros or cut short. As long as
# the repository's index stays the same, `apt-get update` then says "Hit", looks at none of them (apt 2.6), and knows no package
# of that repository or fails for ever.
# shellcheck disable=SC2120 # some pass options, some none
fresh_lists() {
	lists=
	eval "$(apt-config shell lists Dir::State::Lists/d)"
	lists=${lists%/}
	[ -n "$lists" ] || return 1
	rm -rf -- "$lists.mfsctl"
	mkdir -p -- "$lists" && mkdir -- "$lists.mfsctl" && chmod 0755 "$lists.mfsctl" || return 1
	fetched=0
	apt apt-get -q -o "Dir::State::Lists=$lists.mfsctl" "$@" update </dev/null || fetched=$?
	{ sync -f -- "$lists.mfsctl" 2>/dev/null || sync; } &&
		find "$lists.mfsctl" -maxdepth 1 -type f ! -name lock -exec mv -f -t "$lists" -- {} + || fetched=1
	rm -rf -- "$lists.mfsctl"
	return "$fetched"
}

