//! Which TCP ports of others a node reaches: open, refused, no answer, or a firewall's no.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::Serialize;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "reach";
/// Seconds one attempt may take: a lost SYN is sent again after one second (RFC 6298), so two of them may be lost.
const LIMIT: u64 = 4;
/// Attempts at once on one node.
const AT_ONCE: usize = 32;

/// How an attempt to connect ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Somebody accepted it; it was closed again without a byte.
    Open,
    /// The machine, or a firewall in its name, refused: nobody listens.
    Refused,
    /// No answer.
    Timeout,
    /// An answer that there is no way: a router, or a firewall that says so.
    Unreachable,
    /// The node has neither bash nor timeout, or the attempt failed otherwise.
    Unknown,
}

impl Reach {
    /// Words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Timeout => "no answer",
            Self::Unreachable => "no way (firewall or route)",
            Self::Unknown => "not known",
        }
    }
}

/// What was tried, and how it ended.
pub type Reached = BTreeMap<(Ipv4Addr, u16), Reach>;

/// bash opens a connection by itself where it is asked for `/dev/tcp/HOST/PORT`; Debian and EL have it. `timeout` is coreutils'.
const SCRIPT: &str = r#"if ! command -v bash >/dev/null 2>&1 || ! command -v timeout >/dev/null 2>&1; then echo 'no tool'; return 0; fi
try() {
  words=$(timeout "$1" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "${2%:*}" "${2##*:}" 2>&1); code=$?
  case $code:$words in
    0:*) result=open ;;
    124:*|*'timed out'*) result=timeout ;;
    *refused*) result=refused ;;
    *'No route to host'*|*unreachable*|*'not permitted'*) result=unreachable ;;
    *) result=unknown ;;
  esac
  echo "$result ${2%:*} ${2##*:}"
}
limit=$1 width=$2 n=0
shift 2
for target; do
  try "$limit" "$target" &
  n=$((n + 1))
  [ $((n % width)) -ne 0 ] || wait
done
wait
:
"#;

/// Asks a node to connect to these, at the same time, and to close at once.
#[must_use]
pub fn ask(targets: &[(Ipv4Addr, u16)]) -> Question {
    let mut words = vec![LIMIT.to_string(), AT_ONCE.to_string()];
    words.extend(targets.iter().map(|(address, port)| format!("{address}:{port}")));
    Question { name: NAME.to_owned(), script: format!("set -- {}\n{SCRIPT}", shell::join(&words)) }
}

/// The longest the answer may take.
#[must_use]
pub fn within(targets: usize) -> Duration {
    Duration::from_secs(20 + 2 * LIMIT * targets.div_ceil(AT_ONCE) as u64)
}

/// Reads the answer.
///
/// # Errors
/// When a line has another form than the question gives it.
pub fn parse(answer: &Answer) -> Result<Reached, FactError> {
    let mut reached = Reached::new();
    for line in answer.text.lines().filter(|l| !l.is_empty() && *l != "no tool") {
        let wrong = || FactError::new(NAME, "a result, an address and a port", line);
        let [result, address, port] = line.split(' ').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let reach = match result {
            "open" => Reach::Open,
            "refused" => Reach::Refused,
            "timeout" => Reach::Timeout,
            "unreachable" => Reach::Unreachable,
            "unknown" => Reach::Unknown,
            _ => return Err(wrong()),
        };
        reached.insert((address.parse().map_err(|_| wrong())?, port.parse().map_err(|_| wrong())?), reach);
    }
    Ok(reached)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reached, FactError> {
        parse(&Answer { text: text.to_owned(), status: 0 })
    }

    #[test]
    fn results_are_told_apart() {
        let text = "open 10.0.0.1 9421\nrefused 10.0.0.1 9420\ntimeout 10.0.0.2 9422\nunreachable 10.0.0.3 9422\nunknown 10.0.0.4 1\n";
        let reached = read(text).unwrap();
        assert_eq!(reached[&("10.0.0.2".parse().unwrap(), 9422)], Reach::Timeout);
        assert_eq!(reached.len(), 5);
        assert!(read("no tool\n").unwrap().is_empty());
        for wrong in ["open 10.0.0.1\n", "shut 10.0.0.1 1\n", "open host 1\n", "open 10.0.0.1 70000\n"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_question_works_here() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let open = listener.local_addr().unwrap().port();
        // A port that was just let go is refused.
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let local = Ipv4Addr::LOCALHOST;
        let script = format!("q() {{\n{}\n}}\nq </dev/null\n", ask(&[(local, open), (local, closed)]).script);
        let out = std::process::Command::new("sh").arg("-c").arg(script).env("LC_ALL", "C").output().unwrap();
        let reached = read(&String::from_utf8(out.stdout).unwrap()).unwrap();
        assert_eq!(reached, Reached::from([((local, open), Reach::Open), ((local, closed), Reach::Refused)]));
    }
}
