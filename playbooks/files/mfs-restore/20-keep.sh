
# ---- copies -----------------------------------------------------------------------------------------------------

# Metadata and changelogs in a directory, metadata first and changelogs from the newest on. A running master's files copied
# in that order belong together: what it writes meanwhile is in a changelog read later, or has not been when it began.
files_of() {
	for kind in metadata changelog; do
		for file in "$1/$kind"*; do
			[ -f "$file" ] || continue
			name=${file##*/}
			case $name in *[!A-Za-z0-9._-]* | *.tmp) continue ;; esac
			number=${name#*.}
			case ${number%%.*} in '' | *[!0-9]*) number=0 ;; *) number=${number%%.*} ;; esac
			echo "$kind $number $name"
		done
	done | sort -k1,1r -k2,2n -k3,3 | while read -r _ _ name; do echo "$name"; done
}
# With the inode, so that a rotation shows.
listing() { files_of "$1" | while read -r name; do stat -c '%i %n' "$1/$name"; done; }
bytes_of() { files_of "$1" | while read -r name; do stat -c %s "$1/$name"; done | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

whole() { [ -s "$1/SHA256SUMS" ] && (cd "$1" && sha256sum -c --quiet --status SHA256SUMS) >/dev/null 2>&1; }

# tell DIRECTORY: what it holds, as mfsctl reads it.
tell() {
	echo "saved=$1"
	while read -r sum file; do echo "file=$sum $(stat -c %s "$1/$file") $file"; done <"$1/SHA256SUMS"
}

# keep WORK DIRECTORY|@VIEW NAME still|still-or-none|live: a verified copy of DIRECTORY in WORK/NAME, made once. One made when the directory
# held something else stays beside it.
keep() {
	alone "$1"
	from=$2 to=$1/$3
	[ "$from" != @VIEW ] || from=$VIEW
	if [ ! -d "$from" ] || [ -z "$(files_of "$from")" ]; then
		[ "$4" = still-or-none ] || fail "$from holds neither metadata nor changelogs"
		if whole "$to"; then tell "$to"; else echo 'saved='; fi
		return 0
	fi
	if whole "$to"; then
		if same_files "$from" "$to"; then
			tell "$to"
			return 0
		fi
		older=$to-1
		while [ -e "$older" ]; do older=${older%-*}-$((${older##*-} + 1)); done
		mv "$to" "$older"
	fi
	room "$1" "$(bytes_of "$from")"
	tries=1
	until copy_files "$from" "$to.new" "$4"; do
		tries=$((tries + 1))
		[ "$tries" -le 5 ] || fail "$from keeps changing while it is copied${WHY:+: $WHY}"
	done
	seal "$to"
	tell "$to"
}

# Whether a copy has the same files, by name, size and time; a copy keeps the time.
same_files() {
	[ "$(files_of "$1" | while read -r name; do stat -c "%s %Y $name" "$1/$name"; done)" = \
		"$(files_of "$2" | while read -r name; do stat -c "%s %Y $name" "$2/$name"; done)" ]
}

copy_files() {
	rm -rf "$2"
	mkdir -p "$2" || fail "$2 cannot be made"
	before=$(listing "$1")
	for name in $(files_of "$1"); do
		# A file of a running master may get another name meanwhile.
		cp -p "$1/$name" "$2/$name" 2>"$2.error" || {
			WHY=$(cat "$2.error")
			[ "$3" = live ] || fail "$1/$name cannot be copied: $WHY"
			return 1
		}
		[ "$3" = live ] || cmp -s "$1/$name" "$2/$name" || fail "$1/$name cannot be copied: it reads differently each time"
	done
	rm -f "$2.error"
	[ "$(listing "$1")" = "$before" ]
}

# seal DIRECTORY: DIRECTORY.new gets its sums, then its name.
seal() {
	(cd "$1.new" && for file in *; do sha256sum "$file" || exit 1; done) >"$1.sums" || fail "$1.new cannot be read back"
	mv "$1.sums" "$1.new/SHA256SUMS"
	chown -R "$(id -u):$(id -g)" "$1.new"
	sync
	rm -rf "$1.damaged"
	[ ! -e "$1" ] || mv "$1" "$1.damaged"
	take_name "$1"
}

take_name() { { mv "$1.new" "$1" && sync "${1%/*}"; } || fail "$1 cannot be made"; }

# receive WORK NAME: before a copy made elsewhere is brought here in pieces. What is whole is not brought again.
receive() {
	alone "$1"
	if whole "$1/$2"; then
		tell "$1/$2"
		return 0
	fi
	rm -rf "$1/$2.new"
	mkdir -p "$1/$2.new" || fail "$1/$2.new cannot be made"
	room "$1" "$3"
	echo 'saved='
}
# arrived WORK NAME: what was brought is as it was there; its list was brought with it.
arrived() {
	alone "$1"
	whole "$1/$2" && return 0
	whole "$1/$2.new" || fail "$1/$2.new did not arrive whole"
	sync
	take_name "$1/$2"
}
