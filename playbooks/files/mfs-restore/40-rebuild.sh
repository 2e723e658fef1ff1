
# ---- the metadata, built in a scratch directory ------------------------------------------------------------------------

# build WORK CONFIG ID|- VERSION BASE EXTENSION|- METADATA...: the metadata as WORK/result, at that version at least, from copies in
# WORK/BASE and WORK/EXTENSION. The metadata files are tried in turn: mfsmaster may find one damaged inside, and another
# reaches the same with more changes.
build() {
	alone "$1"
	work=$1 config=$2 wanted=$4 base=$1/$5 extension=''
	[ "$6" = - ] || extension=$1/$6
	id=$3
	shift 6
	for metadata; do
		# An earlier run that was cut off may have built it of the very same files.
		if [ -s "$work/result/about" ] && [ "$(value inputs "$work/result/about")" = "$(inputs "$metadata")" ] && unharmed; then
			tell_result
			return 0
		fi
	done
	for metadata; do
		if (build_from "$metadata"); then
			tell_result
			return 0
		fi
		echo "$metadata: not used" >&2
	done
	fail 'no metadata could be built: nothing was changed'
}
build_from() {
	made_of=$(inputs "$1")
	prepare "$work" "$1" "$id" "$base" "$extension" >/dev/null
	[ "$EXPECTED" -ge "$wanted" ] || fail "its changes reach version $EXPECTED, not $wanted${GAP:+: changes ${GAP% *} to ${GAP#* } are missing}"
	rebuild "$work" "$config" >/dev/null
}
# What a result was built of.
inputs() {
	{
		echo "$1 $wanted $id $base $extension"
		cat "$base/SHA256SUMS"
		[ -z "$extension" ] || cat "$extension/SHA256SUMS"
	} | sha256sum | cut -c 1-64
}
tell_result() {
	cat "$work/result/about"
	# Of the same names only those of the result count.
	grep -vE '^(id|version)=' "$work/prepared"
}

# prepare WORK METADATA ID|- BASE [EXTENSION]: WORK/scratch with the metadata file BASE/METADATA and one changelog of all that follows it. BASE
# and EXTENSION are copies: nothing writes to them any more. Says what will come of it.
prepare() {
	work=$1 scratch=$1/scratch source=$4/$2
	whole "$4" || fail "$4 is not what was copied: its sums do not fit"
	[ -z "${5:-}" ] || whole "$5" || fail "$5 is not what was copied: its sums do not fit"
	header "$source" || fail "$WHY"
	if [ "$3" != - ] && [ "$FRESH" = no ] && [ "$ID" != "$3" ]; then
		fail "$source is of the file system $ID, not $3: foreign metadata is never used"
	fi
	base_version=$VERSION base_id=$ID base_fresh=$FRESH
	same=no
	if [ -n "${5:-}" ] && of_one_file_system "$5"; then same=yes; fi
	room "$work" $((3 * $(stat -c %s "$source") + 3 * $(bytes_of "$4") + 2 * $(bytes_of "${5:-/nowhere}")))
	rm -rf "$scratch" "$scratch.cfg"
	mkdir "$scratch" || fail "$scratch cannot be made"
	merge "$base_version" "$scratch/changelog.0.mfs" "$work" "$same" "$4" "${5:-}"
	if [ "$base_fresh" = yes ] && [ "$CHANGES" -eq 0 ]; then fail "$source is an empty file system, and there is no change after it"; fi
	cp "$source" "$scratch/metadata.mfs.back" || fail "$source cannot be copied"
	put_durable "$work/prepared" "$(
		echo "metadata=$2"
		echo "base_version=$base_version"
		echo "id=${base_id:--}"
		echo "expected=$EXPECTED"
		echo "changes=$CHANGES"
		echo "added=$ADDED"
		echo "dropped=$DROPPED"
		echo "first_time=$FIRST_TIME"
		echo "last_time=$LAST_TIME"
		echo "gap=$GAP"
		echo "beyond=$BEYOND"
	)"
	cat "$work/prepared"
}
of_one_file_system() {
	for file in "$1"/metadata*; do
		header "$file" 2>/dev/null || continue
		[ "$FRESH" = yes ] || [ -z "$base_id" ] || [ "$ID" != "$base_id" ] || return 0
	done
	return 1
}

# rebuild WORK CONFIG: lets mfsmaster itself read WORK/scratch and write it anew, as WORK/result/metadata.mfs: with the version
# and the id that were to be expected, or not at all.
rebuild() {
	work=$1 scratch=$1/scratch
	[ -s "$work/prepared" ] || fail "$work is not prepared"
	expected=$(value expected) id=$(value id)
	restore_tool || fail "mfsmaster does not say its version here (${TOLD:-not installed}): choose a node that has it (--on)"
	began=$(date +%s)
	restored "$(setting "$2" WORKING_USER mfs)" "$(setting "$2" WORKING_GROUP mfs)"
	took=$(($(date +%s) - began))
	header "$scratch/metadata.mfs" || fail "mfsmaster ended well, but $WHY"
	[ "$VERSION" = "$expected" ] || fail "the metadata came out at version $VERSION, not $expected: changes were skipped; it is not used"
	[ "$id" = - ] || [ "$ID" = "$id" ] || fail "the metadata came out as file system $ID, not $id: it is not used"
	rm -rf "$work/result.new"
	mkdir "$work/result.new" || fail "$work/result.new cannot be made"
	mv "$scratch/metadata.mfs" "$work/result.new/metadata.mfs"
	sum=$(sha256sum <"$work/result.new/metadata.mfs") || fail "the metadata cannot be read back"
	put_durable "$work/result.new/about" "$(
		echo "version=$VERSION"
		echo "id=$ID"
		echo "bytes=$(stat -c %s "$work/result.new/metadata.mfs")"
		echo "sha256=${sum%% *}"
		echo "seconds=$took"
		echo "inputs=$made_of"
	)"
	sync
	rm -rf "$work/result"
	take_name "$work/result"
	cat "$work/result/about"
}
value() { sed -n "s/^$1=//p" "${2:-$work/prepared}"; }
unharmed() {
	sum=$(sha256sum <"$work/result/metadata.mfs" 2>/dev/null)
	[ "${sum%% *}" = "$(value sha256 "$work/result/about")" ]
}
restored() {
	seconds=${MFS_RESTORE_SECONDS:-7200} name=mfsmaster
	[ "$TOOL" = restore ] || name=$TOOL
	restore_with "$TOOL" "$scratch" "$1" "$2" "$work/restore.log" "$seconds"
	status=$?
	if grep -aqs 'has been removed in version' "$work/restore.log"; then fail "$name is a stub here, it restores nothing"; fi
	[ "$status" -eq 0 ] && return 0
	tr -d '\000-\010\016-\037' <"$work/restore.log" | grep -aE 'error|wrong|found|missing|hole|cannot|can.t|not enough|denied' | tail -n 5 >&2
	case $status in
	124) fail "$name did not end within $seconds s" ;;
	137) fail "$name was killed, most likely for want of memory: choose a node that has more of it" ;;
	134 | 139) fail "$name crashed (exit $status): the metadata is damaged inside; see $work/restore.log" ;;
	*) fail "$name failed (exit $status); see $work/restore.log" ;;
	esac
}
