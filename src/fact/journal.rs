//! The last switchover in the journal kept on a master: its end line with the receipt.
//!
//! The journal is mfsctl's own (`engine/history`); only what `status` tells is read, and a line that makes no sense is none.

use serde::{Deserialize, Serialize};

use super::{Answer, Question};
use crate::inventory::layout::JOURNAL_FILE;
use crate::inventory::model::{Node, Role};

/// Bytes of the journal's end that are looked through: thousands of runs.
const TAIL: u32 = 1 << 20;

/// A switchover that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switchover {
    /// When it ended, RFC 3339.
    pub time: String,
    /// Id of the run.
    pub run: String,
    /// How the run ended: `done`, or what was amiss after it.
    pub result: String,
    /// The node that served before.
    pub from: String,
    /// The node that served after it.
    pub to: String,
    /// Longest time without an answer at the virtual address, milliseconds, as a probe on another node saw it.
    pub gap_ms: Option<u64>,
    /// From the request to the last step, milliseconds.
    pub total_ms: u64,
}

/// Asks a master; other nodes keep no journal.
#[must_use]
pub fn ask(node: &Node) -> Option<Question> {
    let script =
        format!("[ -s {JOURNAL_FILE} ] && tail -c {TAIL} {JOURNAL_FILE} | awk '/\"receipt\":[{{]/ {{ last = $0 }} END {{ print last }}'");
    node.is(Role::Master).then(|| Question { name: "journal".to_owned(), script })
}

/// Reads the answer: one line of the journal, or none.
#[must_use]
pub fn parse(answer: &Answer) -> Option<Switchover> {
    #[derive(Deserialize)]
    struct End {
        run: String,
        time: String,
        result: String,
        receipt: Receipt,
    }
    #[derive(Deserialize)]
    struct Receipt {
        from: String,
        to: String,
        total_ms: u64,
        gap_ms: Option<u64>,
    }
    let End { run, time, result, receipt } = serde_json::from_str(answer.text.lines().last()?).ok()?;
    Some(Switchover { time, run, result, from: receipt.from, to: receipt.to, gap_ms: receipt.gap_ms, total_ms: receipt.total_ms })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"event":"end","run":"20261122T131000-1a2b","time":"2026-11-22T13:10:19Z","result":"done","seconds":19,"hosts":{},"receipt":{"from":"node1","to":"node2","total_ms":17300,"gap_ms":5200,"phases":[{"node":"node1","step":"yield","at_ms":0}]}}"#;

    fn read(text: &str) -> Option<Switchover> {
        parse(&Answer { text: text.to_owned(), status: 0 })
    }

    #[test]
    fn the_receipt_of_the_last_switchover() {
        let seen = read(&format!("{LINE}\n")).unwrap();
        assert_eq!((seen.from.as_str(), seen.to.as_str(), seen.gap_ms, seen.total_ms), ("node1", "node2", Some(5200), 17_300));
        assert_eq!((seen.run.as_str(), seen.result.as_str()), ("20261122T131000-1a2b", "done"));
        assert_eq!(read(&LINE.replace("5200", "null")).unwrap().gap_ms, None);
    }

    #[test]
    fn nothing_and_nonsense_are_no_switchover() {
        for text in ["", "\n", "ots\":{},\"receipt\":{\"from\":\"a\"}", "{\"receipt\":{}}", "{}"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn it_reads_what_the_engine_writes() {
        use crate::engine::history::{End, Entry, Receipt};
        let receipt = Receipt { from: "a".into(), to: "b".into(), total_ms: 3, gap_ms: None, phases: Vec::new() };
        let end = End {
            run: "r".into(),
            time: "t".into(),
            result: "done".into(),
            seconds: 1,
            hosts: std::collections::BTreeMap::new(),
            receipt: Some(receipt),
        };
        let line = serde_json::to_string(&Entry::End(end)).unwrap();
        assert!(line.contains("\"receipt\":{"), "what grep looks for: {line}");
        assert_eq!(read(&line).unwrap().to, "b");
    }
}
