# ---- the message ----------------------------------------------------------------------------------------------

# What waits goes in one message. The same words several times are one line with a count.
# Lines of FOLDED: first, last, count, severity, kind, text, parted by tabs, in the order of their last time.
fold_alerts() {
	(cd "$RUN/queue" && for name in $NAMES; do cat "$name" 2>/dev/null; done) | awk -F '\t' '
		{ key = $2 FS $3 FS $4; if (!(key in first)) first[key] = $1; last[key] = $1; count[key]++; at[key] = NR; keys[NR] = key }
		END { for (i = 1; i <= NR; i++) if (at[keys[i]] == i) print first[keys[i]] FS last[keys[i]] FS count[keys[i]] FS keys[i] }'
}

clock() { date -d "@$1" '+%Y-%m-%d %H:%M:%S %Z'; }

# compose WAY: FOLDED, the gravest alert's SEVERITY and TEXT (the last of these), MORE others, the message's ID,
# LOST: how many were dropped and not told of on this way.
compose() {
	FOLDED=$(fold_alerts)
	SEVERITY='' TEXT='' KIND='' rank=0 MORE=-1
	while IFS=$TAB read -r _ _ _ severity kind text; do
		MORE=$((MORE + 1))
		case $severity in critical) n=3 ;; warning) n=2 ;; *) n=1 ;; esac
		[ "$n" -ge "$rank" ] || continue
		rank=$n SEVERITY=$severity KIND=$kind TEXT=$text
	done <<-END
		$FOLDED
	END
	# shellcheck disable=SC2086  # a list of names
	set -- "$1" $NAMES
	way=$1 first=$2
	while [ $# -gt 1 ]; do shift; done
	ID=$first-$1
	get "$RUN/dropped" || GOT=0
	DROPPED=$GOT
	get "$RUN/way/$way/told" || GOT=0
	LOST=$((DROPPED - GOT))
}

subject() {
	subject="[$CLUSTER] $NODE: $TEXT"
	if [ "${#subject}" -gt 160 ]; then
		clean "$(printf %s "$subject" | head -c 157)"
		subject=$text...
	fi
	[ "$MORE" -le 0 ] || subject="$subject (+$MORE)"
	printf %s "$subject"
}

# The alerts in words; of very many the first ten and the last fifty.
words() {
	n=0
	total=$(printf '%s\n' "$FOLDED" | wc -l)
	printf '%s\n' "$FOLDED" | while IFS=$TAB read -r first last count severity _ what; do
		n=$((n + 1))
		if [ "$n" -gt 10 ] && [ "$n" -le $((total - 50)) ]; then
			[ "$n" -gt 11 ] || echo "... $((total - 60)) more ..."
			continue
		fi
		echo "$(clock "$last")  $severity  $NODE: $what"
		[ "$count" -eq 1 ] || echo "    $count times since $(clock "$first")"
	done
	[ "$LOST" -le 0 ] || echo "$LOST older alerts were dropped: too many waited"
}

# header TEXT: as it is when it is plain ASCII, else in encoded words (RFC 2047) of whole characters.
header() {
	case $1 in *[!\ -~]*) ;; *) printf %s "$1" && return ;; esac
	printf '%s\n' "$1" | awk '
		{
			size = 0
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				if (size >= 36 && (c < "\200" || c >= "\300")) { print chunk; chunk = ""; size = 0 }
				chunk = chunk c; size++
			}
			print chunk
		}' | {
		glue=''
		while IFS= read -r chunk; do
			printf '%s=?UTF-8?B?%s?=' "$glue" "$(printf %s "$chunk" | base64 -w 0)"
			glue="$NL "
		done
	}
}

# mail FROM: the whole message, lines ended as SMTP wants them. ASCII stays readable, everything else is base64.
mail() {
	body=$(words && printf '\n-- \nmfs-alert on %s, cluster %s. More there: journalctl -t mfs-ha; and: mfsctl status\n' "$NODE" "$CLUSTER")
	case $body in
	*[!\ -~"$NL"]*) charset=UTF-8 encoding=base64 ;;
	*) charset=us-ascii encoding=7bit ;;
	esac
	receivers=''
	for receiver in $TO; do receivers="$receivers${receivers:+,$NL }$receiver"; done
	{
		echo "From: MooseFS on $NODE <$1>"
		echo "To: $receivers"
		printf 'Subject: %s\n' "$(header "$(subject)")"
		echo "Date: $(date -R)"
		echo "Message-ID: <$ID.$NODE@${1#*@}>"
		echo 'Auto-Submitted: auto-generated'
		[ "$SEVERITY" != critical ] || echo 'Importance: high'
		echo 'MIME-Version: 1.0'
		echo "Content-Type: text/plain; charset=$charset"
		echo "Content-Transfer-Encoding: $encoding"
		echo
		if [ "$encoding" = base64 ]; then printf '%s\n' "$body" | base64 -w 76; else printf '%s\n' "$body" | fold -s -w 900; fi
	} | sed 's/$/\r/'
}

# Standard input as a JSON string, whatever bytes it has.
json_text() {
	{ if command -v iconv >/dev/null 2>&1; then iconv -c -f UTF-8 -t UTF-8 2>/dev/null; else tr -d '\200-\377'; fi; } | awk '
		BEGIN { for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i); code["\""] = "\\\""; code["\\"] = "\\\\"; code["\177"] = "\\u007f"; printf "\"" }
		NR > 1 { printf "\\n" }
		{ for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); printf "%s", (c in code) ? code[c] : c } }
		END { printf "\"" }'
}
json() { printf %s "$1" | json_text; }

# The webhook's document. `text` is what chat services show.
document() {
	printf '{"format":1,"id":%s,"cluster":%s,"node":%s,"severity":%s,"kind":%s,' \
		"$(json "$ID")" "$(json "$CLUSTER")" "$(json "$NODE")" "$(json "$SEVERITY")" "$(json "$KIND")"
	printf '"subject":%s,"text":%s,"dropped":%s,"alerts":[' "$(json "$(subject)")" "$(json "$(subject)$NL$(words)")" "$LOST"
	glue=''
	printf '%s\n' "$FOLDED" | while IFS=$TAB read -r first last count severity kind what; do
		printf '%s{"first":"%s","last":"%s","count":%s,"severity":%s,"kind":%s,"text":%s}' "$glue" \
			"$(date -u -d "@$first" +%Y-%m-%dT%H:%M:%SZ)" "$(date -u -d "@$last" +%Y-%m-%dT%H:%M:%SZ)" "$count" \
			"$(json "$severity")" "$(json "$kind")" "$(json "$what")"
		glue=,
	done
	printf ']}\n'
}

