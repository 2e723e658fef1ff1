# Tells (behind apt-lists.sh) which MooseFS packages a host has, which versions its repositories offer, which are held back,
# and whether each daemon runs the program that is installed: after an upgrade the old one runs on until it is started anew.
#
# usage: mfs-releases.sh apt-get|yum|dnf SOURCES|- refresh|-
#   SOURCES: the only list of sources apt may use;  refresh: read the repositories anew first
export LC_ALL=C
tool=$1 sources=$2 refresh=$3

case $tool in
apt-get)
    if [ "$refresh" = refresh ]; then
        # shellcheck disable=SC2119 # no options
        said=$(fresh_lists 2>&1)
        printf '%s\n' "$said" | sed -n 's/^\(Err:\|[EW]: \)/trouble|\1/p' | head -n 3
    fi
    dpkg-query -W -f '${Package}|${Version}|${Status}\n' 'moosefs-*' 2>/dev/null | sed -n -e 's/^\(.*\)|hold ok installed$/package|\1|held/p' -e 's/^\(.*\)|install ok installed$/package|\1|/p'
    names=$(dpkg-query -W -f '${Package}|${Status}\n' 'moosefs-*' 2>/dev/null | sed -n 's/^\(.*\)|[a-z]* ok installed$/\1/p')
    # shellcheck disable=SC2086 # words
    [ -z "$names" ] || apt apt-cache madison $names 2>/dev/null | awk -F '|' '{ gsub(/ /, ""); print "offer|" $1 "|" $2 }'
    ;;
*)
    [ "$refresh" != refresh ] || "$tool" -q clean expire-cache >/dev/null 2>&1 </dev/null
    names=$(rpm -qa --qf '%{NAME}\n' 'moosefs-*')
    for name in $names; do
        held=
        grep -qsE "^[^#!]*(^|:)$name-[0-9]" /etc/dnf/plugins/versionlock.list /etc/yum/pluginconf.d/versionlock.list && held=held
        rpm -q --qf "package|%{NAME}|%{VERSION}-%{RELEASE}|$held\n" "$name"
    done
    # shellcheck disable=SC2086 # words
    [ -z "$names" ] || "$tool" -q list --showduplicates available $names 2>/dev/null </dev/null |
        awk 'NF >= 3 && $1 ~ /^moosefs-/ { name = $1; sub(/\.[^.]*$/, "", name); version = $2; sub(/^[0-9]+:/, "", version); print "offer|" name "|" version }'
    ;;
esac

for process in /proc/[0-9]*; do
    read -r name <"$process/comm" || continue
    case $name in
    mfsmaster | mfsmetalogger | mfschunkserver | mfsmount) ;;
    *) continue ;;
    esac
    program=$(readlink "$process/exe") || continue
    running=$(stat -L -c %d:%i "$process/exe") installed=$(stat -L -c %d:%i "${program% (deleted)}")
    if [ "$running" = "$installed" ]; then current=current; else current=old; fi
    echo "process|$name|${process#/proc/}|$current"
done 2>/dev/null
:
