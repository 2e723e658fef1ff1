# ---- what is true ------------------------------------------------------------------------------------------

# The resource as the kernel shows it: CS connection, ROLE and PEER_ROLE, DISK and PEER_DISK.
snapshot() {
	CS='' ROLE='' PEER_ROLE=Unknown DISK='' PEER_DISK=DUnknown
	[ -r "$PROC/drbd" ] || return 1
	nine=yes
	while read -r minor rest; do
		case $minor in
		version:) case $rest in 8.*) nine=no ;; esac ;;
		"$MINOR:")
			for word in $rest; do
				case $word in
				cs:*) CS=${word#cs:} ;;
				ro:*) ROLE=${word#ro:} PEER_ROLE=${ROLE#*/} ROLE=${ROLE%/*} ;;
				ds:*) DISK=${word#ds:} PEER_DISK=${DISK#*/} DISK=${DISK%/*} ;;
				esac
			done
			;;
		esac
	done <"$PROC/drbd"
	[ "$nine" = no ] || snapshot9
	[ -n "$ROLE" ]
}

# The same from DRBD 9, where /proc/drbd has only the version.
snapshot9() {
	replication=Off
	while read -r _ kind rest; do
		name=''
		for word in $rest; do
			case $kind=$word in
			*=conn-name:*) name=${word#conn-name:} ;;
			resource=role:*) ROLE=${word#role:} ;;
			device=disk:*) DISK=${word#disk:} ;;
			connection=connection:*) [ "$name" != "$PEER" ] || CS=${word#connection:} ;;
			connection=role:*) [ "$name" != "$PEER" ] || PEER_ROLE=${word#role:} ;;
			peer-device=replication:*) [ "$name" != "$PEER" ] || replication=${word#replication:} ;;
			peer-device=peer-disk:*) [ "$name" != "$PEER" ] || PEER_DISK=${word#peer-disk:} ;;
			esac
		done
	done <<-END
		$(drbdsetup events2 --now "$RESOURCE" 2>/dev/null)
	END
	case $CS=$replication in
	Connected=Established | Connected=Off) ;;
	Connected=*) CS=$replication ;;
	Connecting=*) CS=WFConnection ;;
	esac
}

connected() {
	case $CS in
	'' | StandAlone | Disconnecting | Unconnected | Timeout | BrokenPipe | NetworkFailure | ProtocolError) return 1 ;;
	TearDown | WFConnection | WFReportParams | Unconfigured | Connecting) return 1 ;;
	esac
	return 0
}
in_sync() { [ "$CS/$DISK/$PEER_DISK" = Connected/UpToDate/UpToDate ]; }
primary() { snapshot && [ "$ROLE" = Primary ]; }

# MOUNTED_FROM: what is mounted at the mount point.
mounted() {
	MOUNTED_FROM=''
	while read -r source target _; do
		[ "$target" != "$MOUNT_POINT" ] || MOUNTED_FROM=$source
	done <"$PROC/mounts"
	[ -n "$MOUNTED_FROM" ]
}

# A file system that shut itself down (XFS does, on damage or an error of its log) is still mounted, and mfsmaster goes on as if
# its writes were kept; but nothing on it can be looked at any more. Asked of memory alone: it waits for no disk.
readable() { [ -e "$MOUNT_POINT/." ]; }

PORT_HEX=''
listening() {
	[ -n "$PORT_HEX" ] || PORT_HEX=$(printf %04X "$MASTER_PORT")
	while read -r _ here _ state _; do
		case $here=$state in *:"$PORT_HEX=0A") return 0 ;; esac
	done <"$PROC/net/tcp"
	return 1
}

# The master's own protocol: command 10 asks for its version, 11 answers (MFSCommunication.h).
answers() {
	# shellcheck disable=SC2016  # expanded by that bash
	reply=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf "\0\0\0\12\0\0\0\0" >&3 && head -c 4 <&3 | od -An -tx1' \
		mfs-ha "$1" "$MASTER_PORT" 2>/dev/null)
	[ "$reply" = ' 00 00 00 0b' ]
}

unit_state() { systemctl show -p ActiveState "$MASTER_UNIT" 2>/dev/null | { IFS='=' read -r _ state && echo "$state"; }; }
# PID: mfsmaster's, by its unit; 1 when there is none.
master_pid() {
	PID=$(systemctl show -p MainPID "$MASTER_UNIT" 2>/dev/null)
	PID=${PID#MainPID=}
	case $PID in '' | 0 | *[!0-9]*) return 1 ;; esac
}
master_runs() { case $(unit_state) in inactive | failed | '') return 1 ;; esac; }

interface() {
	[ -z "$INTERFACE" ] || return 0
	while read -r _ device _ address _; do
		[ "${address%/*}" != "$ADDRESS" ] || INTERFACE=$device
	done <<-END
		$(ip -o -4 addr show)
	END
	[ -n "$INTERFACE" ]
}
has_address() {
	case $(ip -o -4 addr show) in *" $1/"*) return 0 ;; esac
	return 1
}
vip_here() { has_address "$VIP"; }

