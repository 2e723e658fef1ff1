//! What only `doctor` asks of a node: how the network is, units as they are in force, who else may start a master,
//! torn changelogs, secrets in copies. One question, read-only.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Serialize;

use super::{Answer, FactError, Question};
use crate::inventory::layout::moosefs::metalogger_dir;
use crate::inventory::layout::takeover::MASTER_UNIT;
use crate::inventory::layout::{self};
use crate::inventory::model::{Cluster, Node, Role};
use crate::remote::shell;

const NAME: &str = "checkup";

/// A node examined.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checkup {
    /// Interface of the node's address and its MTU.
    pub mtu: Option<(String, u32)>,
    /// Masters: whether a small packet, and one of full size that must not be split, reach the peer; absent without `ping`.
    pub pings: Option<(bool, bool)>,
    /// Address that the virtual address' name has on the node.
    pub vip_name: Option<Ipv4Addr>,
    /// Masters: properties of moosefs-master in force (man systemd.service).
    pub master_unit: BTreeMap<String, String>,
    /// Masters: what else than its unit would start mfsmaster: `rc PATH` or `line PATH`.
    pub starters: Vec<String>,
    /// Finished changelogs that do not end with a whole line.
    pub torn: Vec<String>,
    /// Copies with secrets of files that hold some, and files MooseFS writes secrets to, that everybody may read.
    pub readable: Vec<String>,
    /// Masters: rules of packets that come in, as `iptables -S INPUT` and `nft list ruleset` print them.
    #[serde(skip)]
    pub firewall: Vec<String>,
}

/// `$1` address, `$2` name of the virtual address, `$3` peer or empty, `$4` unit of the master or empty, `$5` metadata
/// directory or empty, `$6` metalogger's directory or empty; then files with secrets.
const SCRIPT: &str = r#"interface=$(ip -o -4 addr show 2>/dev/null | while read -r _ name _ address _; do case $address in "$1"/*) echo "$name"; break ;; esac; done)
mtu=
if [ -n "$interface" ] && [ -r "/sys/class/net/$interface/mtu" ]; then read -r mtu <"/sys/class/net/$interface/mtu"; echo "mtu $interface $mtu"; fi
getent ahostsv4 "$2" 2>/dev/null | { read -r address _ && echo "name $address"; }
if [ -n "$3" ] && [ -n "$mtu" ] && command -v ping >/dev/null 2>&1; then
  small=lost; full=lost
  ping -q -c 1 -W 2 "$3" >/dev/null 2>&1 && small=ok
  [ $small = lost ] || { ping -q -c 2 -i 0.3 -W 2 -M do -s $((mtu - 28)) "$3" >/dev/null 2>&1 && full=ok; }
  echo "ping $small $full"
fi
if [ -n "$4" ]; then
  systemctl show -p LoadState,Type,PIDFile,TimeoutStartUSec,TimeoutStopUSec,Restart -- "$4" 2>/dev/null | while IFS= read -r line; do echo "unit $line"; done
  for f in /etc/rc[2-5].d/S*moosefs-master /etc/rc[2-5].d/S*mfsmaster /etc/rc.d/rc[2-5].d/S*moosefs-master /etc/rc.d/rc[2-5].d/S*mfsmaster; do
    [ ! -e "$f" ] || echo "starter rc $f"
  done
  grep -lsE '^[^#]*(mfsmaster([[:space:]]+-[^[:space:]]+)*[[:space:]]+(start|-a)|moosefs-master)' /etc/rc.local /etc/rc.d/rc.local /etc/crontab \
    /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* 2>/dev/null | while IFS= read -r f; do echo "starter line $f"; done
  { iptables -S INPUT; nft list ruleset; } 2>/dev/null | head -n 400 | while IFS= read -r line; do echo "rule $line"; done
fi
torn() {
  [ -n "$(tail -q -c 1 -- "$@" 2>/dev/null | od -An -v -tx1 | tr -d ' \n' | sed 's/0a//g')" ] || return 0
  for f; do
    [ ! -s "$f" ] || [ "$(tail -c 1 -- "$f" | od -An -tx1 | tr -d ' ')" = 0a ] || echo "torn $f"
  done
}
[ -z "$5" ] || torn "$5"/changelog.[1-9]*.mfs
[ -z "$6" ] || torn "$6"/changelog_ml.[1-9]*.mfs
data=$5
shift 6
for f; do shift; set -- "$@" "$f.mfsctl-previous"; done
[ -z "$data" ] || set -- "$@" "$data/.mfsmaster_info.txt"
for f; do
  [ ! -f "$f" ] || ! grep -qsiE '^[^#!]*(auth_code|auth_pass|secret|passw)' "$f" || stat -c 'file %a %n' -- "$f"
done
:
"#;

/// Asks a node.
#[must_use]
pub fn ask(cluster: &Cluster, node: &Node) -> Question {
    let master = node.is(Role::Master);
    let peer = cluster.peer(node).filter(|_| master).map(|p| p.address.to_string());
    let mut words = vec![node.address.to_string(), cluster.vip.name.clone(), peer.unwrap_or_default()];
    words.push(if master { MASTER_UNIT.to_owned() } else { String::new() });
    words.push(if master { cluster.data_path() } else { String::new() });
    words.push(if node.is(Role::Metalogger) { metalogger_dir(node).to_owned() } else { String::new() });
    words.extend(layout::secrets(cluster, node));
    Question { name: NAME.to_owned(), script: format!("set -- {}\n{SCRIPT}", shell::join(&words)) }
}

/// Reads the answer.
///
/// # Errors
/// When a line has another form than the question gives it.
pub fn parse(answer: &Answer) -> Result<Checkup, FactError> {
    let mut found = Checkup::default();
    for line in answer.text.lines().filter(|l| !l.is_empty()) {
        let wrong = |what: &str| FactError::new(NAME, what, line);
        let (key, value) = line.split_once(' ').ok_or_else(|| wrong("a key and a value"))?;
        let words: Vec<&str> = value.split(' ').collect();
        match (key, words.as_slice()) {
            ("mtu", [interface, mtu]) => found.mtu = Some(((*interface).to_owned(), mtu.parse().map_err(|_| wrong("an MTU"))?)),
            ("ping", [small, full]) => found.pings = Some((*small == "ok", *full == "ok")),
            ("name", [address]) => found.vip_name = Some(address.parse().map_err(|_| wrong("an address"))?),
            ("file", [mode, ..]) => {
                let mode = u32::from_str_radix(mode, 8).map_err(|_| wrong("an octal mode"))?;
                let path = value.split_once(' ').map(|(_, path)| path).unwrap_or_default();
                if mode & 0o004 != 0 {
                    found.readable.push(path.to_owned());
                }
            }
            ("unit", _) => {
                let (name, value) = value.split_once('=').ok_or_else(|| wrong("KEY=VALUE"))?;
                found.master_unit.insert(name.to_owned(), value.to_owned());
            }
            ("starter", _) => found.starters.push(value.to_owned()),
            ("torn", _) => found.torn.push(value.to_owned()),
            ("rule", _) => found.firewall.push(value.to_owned()),
            _ => return Err(wrong("a known line")),
        }
    }
    Ok(found)
}

/// Seconds of a time span as systemd prints it (`1min 30s`, `infinity`; man systemd.time); `None` for no limit.
///
/// # Errors
/// When it is none.
pub fn span(text: &str) -> Result<Option<f64>, FactError> {
    let wrong = || FactError::new(NAME, "a time span", text);
    if text == "infinity" || text == "0" {
        return Ok(None);
    }
    let mut seconds = 0.0;
    for word in text.split_whitespace() {
        let at = word.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
        let (number, unit) = word.split_at(at);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        seconds += number
            * match unit {
                "us" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "min" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                "w" => 604_800.0,
                "month" => 2_629_800.0,
                "y" => 31_557_600.0,
                _ => return Err(wrong()),
            };
    }
    Ok(Some(seconds))
}

#[cfg(test)]
#[path = "checkup/tests.rs"]
mod tests;
