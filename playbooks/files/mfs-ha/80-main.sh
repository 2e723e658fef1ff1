# ---- for people ------------------------------------------------------------------------------------------------

yes_no() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
status() {
	snapshot
	wish
	echo "node=$NODE"
	echo "wish=$WISH"
	echo "role=${ROLE:-unknown}"
	echo "peer_role=$PEER_ROLE"
	echo "connection=${CS:-unknown}"
	echo "disk=${DISK:-unknown}"
	echo "peer_disk=$PEER_DISK"
	echo "mounted=$(yes_no mounted)"
	echo "master=$(unit_state)"
	echo "listening=$(yes_no listening)"
	echo "vip=$(yes_no vip_here)"
	get "$RUN/health"
	echo "health=${GOT:-unknown}"
	get "$RUN/why"
	echo "why=$GOT"
	in_force fault && echo "fault=$REASON" || echo 'fault='
	held && echo "hold=$REASON" || echo 'hold='
	in_force yield && echo "yield=$REASON" || echo 'yield='
	get "$RUN/switchover"
	echo "switchover=$GOT"
	get "$RUN/space"
	echo "space=$GOT"
	echo "holding=$(yes_no holds)"
	# shellcheck disable=SC2086  # a list
	set -- $VOTERS
	echo "witnesses=$#"
}

main() {
	command=${1:-}
	[ $# -eq 0 ] || shift
	case $command in
	'' | help | -h | --help) usage && exit 64 ;;
	esac
	if ! [ -r "$CONF" ]; then
		echo "mfs-ha: cannot read $CONF" >&2
		exit 78
	fi
	# shellcheck source=/dev/null
	. "$CONF"
	voters
	case $command in
	check | fence | unfence | drbd-event | notify | votes | release | seize | force-primary | stand | hold | unhold | yield | let-go | unyield | decline | await | restart-master | stay-down | come-back) prepare ;;
	report | side | save-side | saved-side | bring-up | view | open-volume) prepare ;;
	esac
	case $command in
	worker | agent | status | fence | unfence) "$command" ;;
	check) snapshot
		check || { echo "unfit: $WHY" && exit 1; } ;;
	promote | demote) by_hand "$command" ;;
	reconcile) prepare && reconcile ;;
	notify) notify "${1:-}" ;;
	stop-all) stop_all ;;
	prepare) prepare ;;
	hold) cmd_hold "$@" && alert notice hold "on hold for $1 s, no takeover meanwhile: ${2:-by hand}" ;;
	unhold) cmd_unhold && alert notice hold-released 'the hold is released' ;;
	drbd-event) drbd_event "$@" ;;
	yield) cmd_yield "$@" ;;
	let-go) cmd_let_go ;;
	unyield) cmd_unyield ;;
	decline) cmd_decline "$@" ;;
	stay-down) cmd_stay_down "$@" ;;
	come-back) cmd_come_back ;;
	timeline) timeline ;;
	await) await "$@" ;;
	before-master) before_master ;;
	exec-master) exec_master ;;
	master-exited) master_exited ;;
	restart-master) restart_master ;;
	bring-up) bring_up ;;
	reload-master) reload_master ;;
	wait-serving) wait_serving "$@" ;;
	votes) with_votes 20 show_votes ;;
	release) with_votes 20 release_if_in_sync ;;
	seize) seize "$@" ;;
	force-primary) force_primary "$@" ;;
	stand) stand ;;
	clear-fault) rm -f "$RUN/fault" "$RUN/faults" ;;
	report) report ;;
	side) side ;;
	save-side) save_side ;;
	saved-side) saved_side ;;
	view) view "$@" ;;
	open-volume) open_volume ;;
	*) usage >&2 && exit 64 ;;
	esac
}

# A test reads the functions without running anything.
case ${MFS_HA_FUNCTIONS_ONLY:-no}=$SELF in
yes=/usr/local/sbin/mfs-ha | no=*) main "$@" ;;
esac
