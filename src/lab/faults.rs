//! Faults made on purpose: cuts of the network, full disks, wrong clocks.

use std::fs;
use std::time::Duration;

use rustix::fs::FlockOperation;

use super::error::{LabError, Result};
use super::machine::write_json;
use super::network::{self, Cuts};
use super::{Lab, lock};

/// File that fills a file system, in the directory it was asked for.
const FILL: &str = ".mfsctl-lab-fill";

/// Takes all the space at once where the file system can, then byte by byte.
const FILL_SCRIPT: &str = r#"
set -u
file=$1
set -- $(stat -f -c '%a %S' "$(dirname "$file")") || exit 1
fallocate -l "$(($1 * $2 * 98 / 100))" "$file" 2>/dev/null
dd if=/dev/zero of="$file" oflag=append conv=notrunc bs=64k 2>/dev/null
dd if=/dev/zero of="$file" oflag=append conv=notrunc bs=512 2>/dev/null
sync -f "$file"
"#;

impl Lab {
    /// Cuts now in force.
    #[must_use]
    pub fn cuts(&self) -> Cuts {
        fs::read(self.dir.join("cuts.json")).ok().and_then(|t| serde_json::from_slice(&t).ok()).unwrap_or_default()
    }

    /// Takes a node off the network; with `from` only between it and those nodes.
    ///
    /// # Errors
    /// No such node, or the network cannot be changed.
    pub fn cut(&self, node: &str, from: &[&str]) -> Result<()> {
        self.node(node)?;
        from.iter().try_for_each(|other| self.node(other).map(drop))?;
        self.change(|cuts| {
            if from.is_empty() {
                cuts.nodes.insert(node.to_owned());
            }
            from.iter().filter(|other| **other != node).for_each(|other| cuts.add_pair(node, other));
        })
    }

    /// Takes back a node's cuts, or all of them.
    ///
    /// # Errors
    /// No such node, or the network cannot be changed.
    pub fn heal(&self, node: Option<&str>) -> Result<()> {
        if let Some(node) = node {
            self.node(node)?;
        }
        self.change(|cuts| match node {
            Some(node) => cuts.heal(node),
            None => *cuts = Cuts::default(),
        })
    }

    fn change(&self, edit: impl FnOnce(&mut Cuts)) -> Result<()> {
        let name = &self.record.spec.name;
        let _lock = lock(&self.dirs, name, FlockOperation::LockExclusive)?;
        if !network::exists(name) {
            return Err(LabError::NotRunning { name: name.clone() });
        }
        let mut cuts = self.cuts();
        edit(&mut cuts);
        network::apply(&self.record.spec, &cuts)?;
        write_json(&self.dir.join("cuts.json"), &cuts)
    }

    /// Fills the file system that holds a directory of a node, or takes that back.
    ///
    /// # Errors
    /// The node does not answer, or the directory is not there.
    pub fn fill(&self, node: &str, directory: &str, undo: bool) -> Result<()> {
        let file = format!("{}/{FILL}", directory.trim_end_matches('/'));
        let deadline = Duration::from_secs(300);
        if undo {
            return self.on_node(node, &["rm", "-f", &file], deadline);
        }
        self.on_node(node, &["test", "-d", directory], deadline)?;
        self.on_node(node, &["sh", "-c", FILL_SCRIPT, "fill", &file], deadline)
    }

    /// Moves a node's clock by some seconds.
    ///
    /// # Errors
    /// The node does not answer.
    pub fn shift_clock(&self, node: &str, seconds: i64) -> Result<()> {
        let script = r#"date -s "@$(($(date +%s) + $1))""#;
        self.on_node(node, &["sh", "-c", script, "clock", &seconds.to_string()], Duration::from_secs(30))
    }

    fn on_node(&self, node: &str, argv: &[&str], deadline: Duration) -> Result<()> {
        let output = self.exec(node, argv, deadline)?;
        if output.success() {
            return Ok(());
        }
        let status = output.code.map_or_else(|| "killed".into(), |c| format!("exit {c}"));
        let words: Vec<&str> = argv.iter().copied().filter(|w| !w.contains('\n')).collect();
        Err(LabError::Tool { command: format!("{node}: {}", words.join(" ")), status, stderr: output.error_text() })
    }
}

/// Reads `+90s`, `-2m`, `+1h`, `+3d` or plain seconds.
///
/// # Errors
/// What is wrong with it.
pub fn parse_shift(text: &str) -> std::result::Result<i64, String> {
    let wrong = || format!("{text:?} is not a shift of a clock, e.g. +90s, -2m, +1h, -1d");
    let (number, unit) = match text.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&text[..at], unit),
        _ => (text, 's'),
    };
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86400,
        _ => return Err(wrong()),
    };
    number.parse::<i64>().ok().and_then(|n| n.checked_mul(factor)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts() {
        assert_eq!(parse_shift("+90s"), Ok(90));
        assert_eq!(parse_shift("-2m"), Ok(-120));
        assert_eq!(parse_shift("+1h"), Ok(3600));
        assert_eq!(parse_shift("5"), Ok(5));
        for bad in ["", "s", "+s", "1w", "1.5h", "9223372036854775807d", "é"] {
            assert!(parse_shift(bad).is_err(), "{bad}");
        }
    }
}
