//! The times of chunkservers in maintenance, as a master keeps them for the day when nobody ends it by hand.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use serde::Serialize;

use super::{Answer, FactError, Question};
use crate::inventory::layout::maintenance as at;
use crate::inventory::model::{Node, Role};

const NAME: &str = "maintenance";

/// When a maintenance ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Seconds left; negative when it should have ended.
    pub left: i64,
    /// Who began it, `user@host`.
    pub by: String,
    /// Why.
    pub note: String,
}

impl Limit {
    /// The time left, for people.
    #[must_use]
    pub fn remaining(&self) -> String {
        match self.left {
            ..=0 => "now".to_owned(),
            seconds @ ..120 => format!("in {seconds} s"),
            seconds => format!("in {} min", (seconds + 59) / 60),
        }
    }
}

/// Limits by the chunkserver's address and port.
pub type Limits = BTreeMap<SocketAddrV4, Limit>;

/// Asks a master; other nodes keep none. Without a file it costs no process.
#[must_use]
pub fn ask(node: &Node) -> Option<Question> {
    let script = format!(
        "now=; for f in {}/*:*; do [ -f \"$f\" ] || continue; read -r end master port rest <\"$f\"\n\
         [ -n \"$now\" ] || now=$(date +%s); echo \"${{f##*/}} $((end - now)) $rest\"; done",
        at::DIR
    );
    node.is(Role::Master).then(|| Question { name: NAME.to_owned(), script })
}

/// Reads the answer: lines of `IP:PORT LEFT BY|NOTE`.
///
/// # Errors
/// When a line has another form.
pub fn parse(answer: &Answer) -> Result<Limits, FactError> {
    let error = |line: &str| FactError::new(NAME, "IP:PORT LEFT BY|NOTE", line);
    let read = |line: &str| -> Option<(SocketAddrV4, Limit)> {
        let mut words = line.splitn(3, ' ');
        let server = words.next()?.parse().ok()?;
        let left = words.next()?.parse().ok()?;
        let (by, note) = words.next()?.split_once('|')?;
        Some((server, Limit { left, by: by.to_owned(), note: note.to_owned() }))
    };
    answer.text.lines().map(|line| read(line).ok_or_else(|| error(line))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn times_are_read() {
        let text = "172.16.0.43:9422 1700 ann@desk|new disk\n172.16.0.44:9422 -5 |\n".to_owned();
        let limits = parse(&Answer { text, status: 0 }).unwrap();
        let of = |last, port| &limits[&SocketAddrV4::new(Ipv4Addr::new(172, 16, 0, last), port)];
        assert_eq!(of(43, 9422), &Limit { left: 1700, by: "ann@desk".into(), note: "new disk".into() });
        assert_eq!((of(43, 9422).remaining(), of(44, 9422).remaining()), ("in 29 min".to_owned(), "now".to_owned()));
        assert!(parse(&Answer { text: "x\n".to_owned(), status: 0 }).is_err());
        assert!(parse(&Answer::default()).unwrap().is_empty());
    }
}
