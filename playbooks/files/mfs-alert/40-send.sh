# ---- sending --------------------------------------------------------------------------------------------------

account() {
	SECURITY=''
	eval "HOST=\$A${1}_HOST PORT=\$A${1}_PORT SECURITY=\$A${1}_SECURITY FROM=\$A${1}_FROM LOGIN=\$A${1}_LOGIN PASSWORD=\$A${1}_PASSWORD"
	case $SECURITY in tls) SCHEME=smtps ;; *) SCHEME=smtp ;; esac
	case $HOST in *:*) HOST="[$HOST]" ;; esac
}

# A line of curl's settings, which it reads from its standard input: no secret is on a command line.
setting() { printf '%s = "%s"\n' "$1" "$(printf %s "$2" | sed 's/[\\"]/\\&/g')"; }

# Certificates to trust besides the system's: curl takes one file.
trusted() {
	[ -n "$CA" ] || return 0
	# shellcheck disable=SC2086  # a list
	cat $BUNDLES "$CA" >"$1" 2>/dev/null
	setting cacert "$1"
}

# curl_says SCRATCH SETTINGS...: runs curl with what the command SETTINGS prints. Of what is said on the line only the
# server's words are kept: ours hold the password. CURL: its exit status; REPLY: the server's last words; FAILURE: curl's own.
curl_says() {
	scratch=$1
	shift
	heard=$(
		{
			# The answer of a webhook is cut off at 32 KiB.
			"$@" | (ulimit -f 64 && exec timeout -k 2 $((DEADLINE + 10)) curl -q -s -S -v -K - -o "$scratch.answer" \
				--connect-timeout "$CONNECT" --max-time "$DEADLINE") 2>&1
			echo "exit $?"
		} | awk '
			/^< (HTTP\/|[0-9][0-9][0-9][ -])/ && !/^< 221/ { sub(/\r$/, ""); reply = substr($0, 3) }
			/^curl: \(/ { failure = substr($0, 7) }
			/^exit / { status = $2 }
			END { print status; print reply; print failure }'
	)
	heard=$heard$NL$NL
	CURL=${heard%%"$NL"*} heard=${heard#*"$NL"}
	REPLY=${heard%%"$NL"*} heard=${heard#*"$NL"}
	FAILURE=${heard%%"$NL"*}
	CURL=${CURL:-1}
}

# The functions below say with their status whether it went, and in SAID why or what the server said to it.
NO_ROOM='the message cannot be written: no room under /run?'

mail_settings() { # mail_settings RECEIVER SCRATCH, for the account chosen
	setting url "$SCHEME://$HOST:$PORT"
	[ "$SECURITY" != starttls ] || echo ssl-reqd
	[ "$SECURITY" = none ] || trusted "$2.ca"
	setting mail-from "<$FROM>"
	setting mail-rcpt "<$1>"
	[ -z "$LOGIN" ] || setting user "$LOGIN:$PASSWORD"
	setting upload-file "$2.mail"
}
send_mail() { # send_mail ACCOUNT RECEIVER SCRATCH
	account "$1"
	mail "$FROM" >"$3.mail" || { SAID=$NO_ROOM CURL=-1 && return 1; }
	curl_says "$3" mail_settings "$2" "$3"
	rm -f "$3.mail" "$3.ca" "$3.answer"
	case $REPLY in [45]*) SAID=$REPLY ;; *) SAID=${FAILURE:-$REPLY} ;; esac
	[ "$CURL" -eq 0 ]
}

hook_settings() { # hook_settings SCRATCH
	setting url "$HOOK_SECRET"
	trusted "$1.ca"
	setting header 'Content-Type: application/json'
	setting header 'Expect:'
	[ -z "$TOKEN_SECRET" ] || setting header "Authorization: Bearer $TOKEN_SECRET"
	number=1
	while [ "$number" -le "$HEADERS" ]; do
		eval "header=\$HEADER${number}_SECRET"
		# shellcheck disable=SC2154  # assigned by eval
		setting header "$header"
		number=$((number + 1))
	done
	setting data-binary "@$1.json"
}
# names_the_path TEXT: whether it repeats a part of the webhook's address behind the host: that is its secret.
names_the_path() {
	parts=${HOOK_SECRET#*://}
	case $parts in
	*[/?#]*) parts=${parts#*[/?#]} ;;
	*) return 1 ;;
	esac
	while [ -n "$parts" ]; do
		part=${parts%%[/?#&=]*}
		if [ "${#part}" -ge 8 ]; then
			case $1 in *"$part"*) return 0 ;; esac
		fi
		case $parts in
		*[/?#\&=]*) parts=${parts#*[/?#&=]} ;;
		*) parts='' ;;
		esac
	done
	return 1
}
send_hook() { # send_hook SCRATCH
	document >"$1.json" || { SAID=$NO_ROOM CURL=-1 && return 1; }
	curl_says "$1" hook_settings "$1"
	clean "$(head -c 200 "$1.answer" 2>/dev/null | tr -d '\000')"
	rm -f "$1.json" "$1.ca" "$1.answer"
	if names_the_path "$text"; then text=''; fi
	SAID=${FAILURE:-no answer}
	case $REPLY in HTTP/*) SAID=$REPLY${text:+: $text} ;; esac
	code=${REPLY#* }
	case ${code%% *} in 2[0-9][0-9]) return 0 ;; esac
	return 1
}

# deliver WAY: by the accounts in turn.
deliver() {
	if [ "$1" = webhook ]; then
		send_hook "$RUN/way/$1/try"
		return
	fi
	said=''
	number=1
	while [ "$number" -le "$ACCOUNTS" ]; do
		if send_mail "$number" "$1" "$RUN/way/$1/try"; then
			[ -z "$said" ] || log "$1: sent by $SCHEME://$HOST:$PORT; before that: $said"
			return 0
		fi
		said="$said${said:+; }$SCHEME://$HOST:$PORT: $SAID"
		number=$((number + 1))
	done
	SAID=$said
	return 1
}

