
# ---- in its place ------------------------------------------------------------------------------------------------------

# installed WORK DATA_PATH: whether the result of this restore was put there.
installed() {
	[ -s "$1/installed" ] && return 0
	[ -s "$1/result/about" ] && [ -f "$2/metadata.mfs" ] || return 1
	sum=$(sha256sum <"$2/metadata.mfs" 2>/dev/null) || return 1
	[ "${sum%% *}" = "$(value sha256 "$1/result/about")" ]
}

# untouched WORK DATA_PATH ARCHIVE: whether all there is as it was before an install that failed.
untouched() {
	! installed "$1" "$2" || fail "$2 has the restored metadata"
	for old in "$3"/before*; do [ ! -e "$old" ] || fail "$2 was moved to $old"; done
}

# install WORK DATA_PATH ARCHIVE OWNER GROUP: a new directory with the result in it takes the place of DATA_PATH, whose old one moves into
# ARCHIVE on the same volume. Between the two renames there is no DATA_PATH at all, and no master starts without one.
install_result() {
	alone "$1"
	work=$1 data=$2 archive=$3 new=$2.mfsctl-new
	[ -s "$work/result/about" ] || fail "$work holds no metadata to put in place"
	if installed "$work" "$data"; then
		[ -s "$work/installed" ] || put_durable "$work/installed" "$(date +%s) $archive"
		echo "installed=before"
		return 0
	fi
	! pgrep -x mfsmaster >/dev/null 2>&1 || fail 'mfsmaster runs here: nothing was changed'
	unharmed || fail "$work/result is damaged: nothing was changed"
	others=$(other_files "$data" | while read -r file; do stat -c %s "$data/$file"; done | awk '{ sum += $1 } END { printf "%.0f", sum }')
	# mfsmaster writes a second file before it lets go of the first.
	room "${data%/*}" $((2 * $(value bytes "$work/result/about") + ${others:-0}))
	rm -rf "$new"
	{ mkdir -p "$archive" && mkdir "$new"; } || fail "${data%/*} cannot be written"
	cp "$work/result/metadata.mfs" "$new/metadata.mfs" || no_install "$new/metadata.mfs cannot be written"
	sum=$(sha256sum <"$new/metadata.mfs")
	[ "${sum%% *}" = "$(value sha256 "$work/result/about")" ] || no_install "$new/metadata.mfs is not what was written"
	other_files "$data" | while read -r file; do cp -p "$data/$file" "$new/$file"; done
	{ chmod 0640 "$new"/* && chown -R "$4:$5" "$new"; } || no_install "$new cannot be given to $4:$5"
	if [ -d "$data" ]; then chmod --reference="$data" "$new"; else chmod 0750 "$new"; fi
	sync
	if [ -d "$data" ]; then
		old=$archive/before
		while [ -e "$old" ]; do old=$old+; done
		mv "$data" "$old" || no_install "$data cannot be moved to $old"
		sync
	fi
	mv "$new" "$data" || fail "$new cannot be renamed to $data: run the same command again"
	sync
	put_durable "$work/installed" "$(date +%s) $archive"
	echo "installed=now"
}
no_install() {
	rm -rf "$new"
	fail "$1: nothing was changed"
}
# What belongs to the directory beside metadata and changelogs: statistics, marks.
other_files() {
	for file in "$1"/*; do
		[ -f "$file" ] || continue
		file=${file##*/}
		case $file in metadata* | changelog* | *.tmp | *[!A-Za-z0-9._-]*) ;; *) echo "$file" ;; esac
	done
}
