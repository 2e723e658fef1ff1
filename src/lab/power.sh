#!/bin/bash
# The machine's power button. A User-Mode Linux that restarts executes its own argv[0],
# which is this file, in the same process. What the old kernel left behind, helper
# processes and open files, still holds the network card: both go before the new one starts.
for fd in /proc/self/fd/*; do
	fd=${fd##*/}
	if ((fd > 2)); then eval "exec $fd>&-"; fi
done

others() {
	local stat line
	found=()
	for stat in /proc/[0-9]*/stat; do
		{ read -r line <"$stat"; } 2>/dev/null || continue
		# Fields after the name: state, parent, group, session.
		# shellcheck disable=SC2086
		set -- ${line##*) }
		if [[ $4 == "$$" && ${line%% *} != "$$" && $1 != Z ]]; then found+=("${line%% *}"); fi
	done
	((${#found[@]}))
}

for ((tries = 0; tries < 100; tries++)); do
	others || break
	kill -KILL "${found[@]}" 2>/dev/null
	sleep 0.02
done

# Now and then a User-Mode Linux loses its timer: its clock stands still, and all in it that waits. The timer's signal
# makes it set it anew, and does nothing else to it. Only a kernel that takes this signal gets it: it would end another.
keep_awake() {
	local key value pause
	exec {pause}<> <(:)
	while [[ -e /proc/$$/exe ]]; do
		read -rt 5 -u "$pause"
		[[ /proc/$$/exe -ef $UML_PROGRAM ]] || continue
		while read -r key value; do
			if [[ $key == SigCgt: ]] && ((16#${value: -4} & 0x2000)); then kill -ALRM $$; fi
		done 2>/dev/null <"/proc/$$/status"
	done
}
keep_awake &

exec -a "$0" "$UML_PROGRAM" "$@"
