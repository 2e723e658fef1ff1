# ---- this side's data, read without a change: for a split brain ------------------------------------------------

# The newest changes that are told; with them the other side's are compared.
SIDE_CHANGES=20000

side() {
	snapshot
	echo "node=$NODE"
	echo "time=$(date +%s)"
	echo "role=${ROLE:-unknown}"
	echo "connection=${CS:-unknown}"
	echo "disk=${DISK:-unknown}"
	echo "peer_role=$PEER_ROLE"
	echo "peer_disk=$PEER_DISK"
	echo "mounted=$(yes_no mounted)"
	echo "listening=$(yes_no listening)"
	echo "vip=$(yes_no vip_here)"
	in_force hold && echo "hold=$REASON" || echo 'hold='
	echo "holding=$(yes_no holds)"
	echo "generation=$(generation)"
	dmesg 2>/dev/null | grep drbd | grep -E "$REFUSALS" | tail -n 5 | while IFS= read -r line; do echo "kernel=$line"; done
	with_view tell_side || echo "unread=$WHY"
}
REFUSALS='Authentication of peer failed|disk size is too small|Split-Brain detected|[Uu]nrelated data|cram-hmac|expected AuthChallenge'

# Current, bitmap and two older identifiers: `A:B:C:D`.
generation() {
	timeout 5 drbdadm get-gi "$RESOURCE" 2>/dev/null </dev/null |
		grep -oE '[0-9A-F]{16}:[0-9A-F]{16}:[0-9A-F]{16}:[0-9A-F]{16}' | head -n 1
}

tell_side() {
	echo "read=$VIEW_HOW"
	echo "room=$(save_need) $(free_kib "$VAR")"
	for file in "$VIEW"/metadata.mfs "$VIEW"/metadata.mfs.back "$VIEW"/metadata.mfs.back.[0-9]*; do
		[ -f "$file" ] || continue
		if read_header "$file"; then
			id=$(od -An -tx1 -j16 -N8 "$file" 2>/dev/null | tr -d ' ')
			[ "$FRESH" = no ] || id=-
			echo "metadata=${file##*/} $VERSION $id"
		else
			echo "metadata=${file##*/} - -"
		fi
	done
	echo '@changes'
	for file in $(changelogs "$VIEW"); do cat "$file"; done | tail -n "$SIDE_CHANGES"
}

# Changelogs of a directory, oldest first.
changelogs() {
	for file in "$1"/changelog.[0-9]*.mfs; do
		number=${file##*/changelog.}
		number=${number%.mfs}
		case $number in *[!0-9]*) continue ;; esac
		echo "$number"
	done | sort -rn | while read -r number; do echo "$1/changelog.$number.mfs"; done
}

# with_view FUNCTION...: calls it with VIEW, the data directory as this side has it. Where the volume is mounted that is the
# directory itself. Else DRBD holds the logical volume, and its device cannot be opened on a secondary: a second, read-only
# mapping of the same blocks is made, and a snapshot over it whose changes go to a file, so that a journal can be
# replayed there. That needs no room in the volume group and touches neither DRBD nor LVM. It is right only
# as long as nobody writes: for a secondary that is connected only while its peer is one too, and nothing was received meanwhile.
with_view() {
	rm -f "$RUN/view.why"
	if mounted; then
		right_mount || return 1
		VIEW=$DATA_PATH VIEW_HOW='the mounted volume'
		"$@" && return 0
		get "$RUN/view.why" && WHY=$GOT || WHY='it cannot be read'
		return 1
	fi
	snapshot || { WHY="resource $RESOURCE is not up" && return 1; }
	quiet_at=''
	if connected; then
		if [ "$ROLE/$PEER_ROLE/$DISK" != Secondary/Secondary/UpToDate ]; then
			WHY="it is $CS, $DISK, and the peer is $PEER_ROLE: it receives the peer's writes"
			return 1
		fi
		quiet_at=$(received)
	fi
	# In a subshell, whose end always takes the view down again.
	(
		exec 7>"$RUN/view.lock"
		flock -w 30 7 || { log 'another view is open' && exit 75; }
		trap close_view EXIT
		trap 'exit 1' HUP INT TERM
		close_view
		open_view || no_view "$WHY" || exit 1
		"$@" || exit 1
		snapshot
		if [ -z "$quiet_at" ]; then
			! connected || no_view "it became $CS while it was read"
		else
			[ "$ROLE/$PEER_ROLE=$(received)" = "Secondary/Secondary=$quiet_at" ] || no_view 'a side became Primary while it was read'
		fi
	)
	result=$?
	[ "$result" = 0 ] || { get "$RUN/view.why" && WHY=$GOT || WHY='it cannot be read'; }
	rm -f "$RUN/view.why"
	return "$result"
}

# What this side has received from its peer, in KiB: the same twice means that nothing was written between.
received() {
	if [ "$nine" = no ]; then
		sed -n "/^ *$MINOR:/,/ns:/s/.* nr:\([0-9]*\).*/nr:\1/p" "$PROC/drbd"
	else
		timeout 5 drbdsetup status "$RESOURCE" --verbose --statistics 2>/dev/null </dev/null | grep -o 'received:[0-9]*' | tr '\n' ' '
	fi
}

no_view() {
	put "$RUN/view.why" "$1"
	return 1
}

free_kib() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

VIEW_NAME=mfs-ha-view
VIEW_ROOM=16
open_view() {
	lower=$(timeout 5 drbdadm sh-ll-dev "$RESOURCE" 2>/dev/null)
	[ -n "$lower" ] || { WHY='drbdadm names no backing device' && return 1; }
	size=$(blockdev --getsz "$lower" 2>/dev/null) || { WHY="$lower cannot be read" && return 1; }
	dmsetup table "$lower" >"$RUN/view.table" 2>/dev/null || { WHY="$lower is no logical volume" && return 1; }
	while read -r _ _ target _; do
		case $target in
		linear | striped) ;;
		*)
			WHY="$lower is of the kind $target, of which no second mapping can be made"
			return 1
			;;
		esac
	done <"$RUN/view.table"
	modprobe -q dm-snapshot 2>/dev/null
	modprobe -q loop 2>/dev/null
	rm -f "$VAR/view.cow"
	# It takes what the replay of the file system's log writes; without room for that a sound volume would look broken.
	free=$(($(free_kib "$VAR") / 1024))
	[ "$free" -ge "$VIEW_ROOM" ] || { WHY="$VAR has $free MiB free, $VIEW_ROOM MiB are needed to look into the volume" && return 1; }
	truncate -s 256M "$VAR/view.cow" || { WHY="$VAR cannot be written" && return 1; }
	loop=$(losetup -f --show "$VAR/view.cow" 2>&1) || { WHY="no loop device: $loop" && return 1; }
	VIEW=$RUN/view$(printf %s "$DATA_PATH" | sed "s|^$MOUNT_POINT||")
	if dmsetup create --readonly "$VIEW_NAME-base" <"$RUN/view.table" &&
		dmsetup create "$VIEW_NAME" --table "0 $size snapshot /dev/mapper/$VIEW_NAME-base $loop N 8" &&
		dmsetup mknodes >/dev/null && mkdir -m 0700 "$RUN/view" &&
		bounded 60 mount -t xfs -o ro,nouuid,nodev,nosuid,noexec "/dev/mapper/$VIEW_NAME" "$RUN/view"; then
		VIEW_HOW='a snapshot of the volume'
		# Both go by themselves with the mapping that uses them.
		losetup -d "$loop" 2>/dev/null
		rm -f "$VAR/view.cow"
		[ -d "$VIEW" ] || { WHY="there is no $DATA_PATH on the volume" && return 1; }
		return 0
	fi >/dev/null 2>"$RUN/view.error"
	WHY="the volume cannot be looked into: $(tr '\n' ' ' <"$RUN/view.error") $OUT"
	losetup -d "$loop" 2>/dev/null
	return 1
}

# Takes down what is there, also what a killed run left.
close_view() {
	tries=0
	while grep -q " $RUN/view " "$PROC/mounts"; do
		umount "$RUN/view" 2>/dev/null && continue
		tries=$((tries + 1))
		[ "$tries" -le 20 ] || { log "view: $RUN/view stays mounted" && return 1; }
		sleep 0.2
	done
	for name in "$VIEW_NAME" "$VIEW_NAME-base"; do
		dmsetup info "$name" >/dev/null 2>&1 || continue
		dmsetup remove --retry "$name" >/dev/null 2>&1 || log "view: $name stays"
	done
	[ ! -d "$RUN/view" ] || rmdir "$RUN/view"
	rm -f "$RUN/view.table" "$RUN/view.error" "$VAR/view.cow"
}

# view PROGRAM...: runs it with the data directory of this side in VIEW, for reading.
view() {
	[ $# -gt 0 ] || die 'view: give a program' 64
	with_view in_view "$@" || die "view: $WHY"
}
in_view() {
	export VIEW VIEW_HOW
	"$@"
}

# Keeps metadata and changelogs of this side in a directory named after its generation and content: the same again is the same
# directory. Prints saved=DIRECTORY, bytes=… and one file=SHA256 BYTES NAME a file.
save_side() {
	GEN=$(generation)
	GEN=${GEN%%:*}
	[ -n "$GEN" ] || die 'save-side: the generation of this side cannot be read'
	with_view copy_side || die "save-side: $WHY"
}
copy_side() {
	! listening || no_view 'mfsmaster runs here, its files change: demote this node first' || return 1
	keep=$VAR/split-brain
	new=$keep/new
	rm -rf "$new" "$new.sums"
	(umask 077 && mkdir -p "$new") || no_view "$keep cannot be written" || return 1
	need=$(save_need)
	free=$(free_kib "$keep")
	[ "$free" -ge "$need" ] || no_view "$keep has $((free / 1024)) MiB free, $((need / 1024)) MiB are needed" || return 1
	(
		cd "$VIEW" || exit 1
		for file in metadata* changelog*; do [ ! -f "$file" ] || sha256sum "$file" || exit 1; done
	) >"$new.sums" || no_view 'its files cannot be read' || return 1
	[ -s "$new.sums" ] || no_view "there is no metadata in $DATA_PATH on this side" || return 1
	while read -r _ file; do
		cp -p "$VIEW/$file" "$new/$file" || no_view "$file cannot be copied to $keep" || return 1
	done <"$new.sums"
	mv "$new.sums" "$new/SHA256SUMS"
	chown -R root:root "$new" && chmod 0600 "$new"/*
	sync
	whole_copy "$new" || return 1
	sum=$(sha256sum "$new/SHA256SUMS" | cut -c 1-12)
	saved=$keep/$RESOURCE-$GEN-$sum
	if [ -d "$saved" ]; then rm -rf "$new"; else mv "$new" "$saved" && sync; fi
	whole_copy "$saved" || return 1
	touch "$saved"
	tell_saved "$saved"
}
# What a copy of it takes, and what must stay free beside; KiB.
save_need() { echo $(($(du -sk "$VIEW" 2>/dev/null | cut -f 1) + 65536)); }
whole_copy() { (cd "$1" && sha256sum -c --quiet SHA256SUMS >&2) || no_view "the copy $1 is damaged: move it away"; }

# The whole copy of this side's present generation, the newest if there are several; 1 when there is none.
saved_side() {
	GEN=$(generation)
	GEN=${GEN%%:*}
	best=''
	for dir in "$VAR/split-brain/$RESOURCE-${GEN:-none}"-*; do
		[ -e "$dir/SHA256SUMS" ] || continue
		whole_copy "$dir" 2>/dev/null || continue
		if [ -z "$best" ] || [ -n "$(find "$dir" -prune -newer "$best")" ]; then best=$dir; fi
	done
	rm -f "$RUN/view.why"
	[ -n "$best" ] || die "saved-side: there is no whole copy of this side's generation ${GEN:-(unknown)}"
	tell_saved "$best"
}
tell_saved() {
	echo "saved=$1"
	while read -r sum file; do echo "file=$sum $(stat -c %s "$1/$file") $file"; done <"$1/SHA256SUMS"
}

