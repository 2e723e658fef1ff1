//! What a node's journal says, or its log files where there is no journal: in one question, bounded in lines and bytes.

mod journal;
mod order;
mod syslog;

use std::fmt::Write;

use super::{Answer, FactError, Question};
use crate::inventory::layout::logs::Source;
use crate::remote::shell;

pub use order::{Clock, misplaced};

const NAME: &str = "logs";
/// Bytes of each part of an answer; the beginning is cut off beyond that.
pub const LARGEST: usize = 8 << 20;
/// Kernel messages looked through when no time limits them.
const KERNEL_LINES: usize = 20_000;
/// The journal's fields that are read (systemd.journal-fields(7)).
const FIELDS: &str = "MESSAGE,PRIORITY,_PID,SYSLOG_PID,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,UNIT,_TRANSPORT";
/// Parts of an answer.
const KERNEL: &str = "\n@kernel\n";
const END: &str = "\n@end ";
/// True where there is a journal to read.
const HAS_JOURNAL: &str = "command -v journalctl >/dev/null && { [ -d /run/log/journal ] || [ -d /var/log/journal ]; }";

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// By the node's clock: microseconds since 1970.
    pub time: i64,
    /// The program's name as syslog knows it; `kernel` for the kernel.
    pub name: String,
    /// The systemd unit it is of or about.
    pub unit: Option<String>,
    /// Process.
    pub pid: Option<u32>,
    /// 0 (emergency) to 7 (debug), where known (syslog(3)).
    pub priority: Option<u8>,
    /// The words.
    pub message: String,
    /// The journal's own name of the line.
    pub cursor: Option<String>,
}

/// Which lines are wanted.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Whose.
    pub sources: &'a [Source],
    /// Not before; seconds since 1970.
    pub since: Option<i64>,
    /// Not after; seconds since 1970.
    pub until: Option<i64>,
    /// The last ones only, for the kernel and for all others each.
    pub lines: usize,
}

/// What a node answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HostLog {
    /// In the order of time.
    pub lines: Vec<Line>,
    /// The node's clock when it began and ended, seconds since 1970.
    pub clock: (f64, f64),
    /// There was no journal: times are whole seconds, and priorities are not known.
    pub from_files: bool,
    /// Older lines were left out.
    pub cut: bool,
    /// Lines that make no sense.
    pub odd: usize,
}

/// `_SYSTEMD_UNIT=… + UNIT=… + SYSLOG_IDENTIFIER=…`: what a program prints, what systemd says of it, what it tells syslog.
fn matches(sources: &[Source]) -> Vec<String> {
    let units = sources.iter().flat_map(|s| &s.units).flat_map(|u| [format!("_SYSTEMD_UNIT={u}"), format!("UNIT={u}")]);
    let names = sources.iter().flat_map(|s| &s.identifiers).map(|i| format!("SYSLOG_IDENTIFIER={i}"));
    let mut words = Vec::new();
    for one in units.chain(names) {
        if !words.is_empty() {
            words.push("+".to_owned());
        }
        words.push(one);
    }
    words
}

/// The word in kernel messages that is of interest, if any is.
fn kernel(sources: &[Source]) -> Option<&'static str> {
    sources.iter().find_map(|s| s.kernel)
}

/// An extended regular expression for lines of these sources in a file syslog writes.
fn pattern(sources: &[Source]) -> String {
    let mut names: Vec<&str> = sources.iter().flat_map(|s| s.identifiers.iter().copied()).collect();
    names.extend(sources.iter().flat_map(|s| &s.units).map(|u| u.split(['.', '@']).next().unwrap_or(u)));
    names.sort_unstable();
    names.dedup();
    // A word that fits nothing, so that the expression is never empty.
    let mut parts = vec![format!(" ({})(\\[[0-9]+\\])?: ", if names.is_empty() { "@nobody".to_owned() } else { names.join("|") })];
    parts.extend(kernel(sources).map(|word| format!(" kernel: .*{word}")));
    parts.join("|")
}

/// Asks for log lines of the past.
#[must_use]
pub fn ask(wanted: &Wanted) -> Question {
    let mut words = vec!["--no-pager".to_owned(), "-o".to_owned(), "json".to_owned()];
    words.extend(wanted.since.map(|t| format!("--since=@{t}")));
    words.extend(wanted.until.map(|t| format!("--until=@{t}")));
    let mut script = String::from("date '+clock %s.%N %z %Y'\n");
    let _ = writeln!(script, "if {HAS_JOURNAL}; then\necho journal\nset -- {}", shell::join(&words));
    // Older ones do not know the option, and print all fields.
    script.push_str("v=$(journalctl --version 2>/dev/null | sed -n '1s/[^0-9]*\\([0-9]*\\).*/\\1/p')\n");
    let _ = writeln!(script, "[ \"${{v:-0}}\" -lt 236 ] || set -- \"$@\" --output-fields={FIELDS}");
    let (lines, own) = (wanted.lines, matches(wanted.sources));
    if !own.is_empty() {
        let _ = writeln!(script, "journalctl \"$@\" -n {lines} {} | tail -c {LARGEST}", shell::join(&own));
    }
    script.push_str("printf '\\n@kernel\\n'\n");
    if let Some(word) = kernel(wanted.sources) {
        let most = if wanted.since.is_some() { KERNEL_LINES.saturating_mul(10) } else { KERNEL_LINES };
        let _ = writeln!(script, "journalctl \"$@\" -n {most} _TRANSPORT=kernel | grep -ai {word} | tail -n {lines} | tail -c {LARGEST}");
    }
    // The file before the last rotation too, so that the beginning of a day is not empty.
    let pattern = shell::quote(&pattern(wanted.sources));
    let _ = writeln!(
        script,
        "else\necho files\nset --\n\
         for f in $(ls -tr /var/log/messages* /var/log/syslog* 2>/dev/null | grep -Ev '[.](gz|xz|bz2|zst)$' | tail -n 3); do set -- \"$@\" \"$f\"; done\n\
         [ $# -eq 0 ] || cat -- \"$@\" | grep -aE {pattern} | tail -n {lines} | tail -c {LARGEST}\n\
         printf '\\n@kernel\\n'\nfi"
    );
    script.push_str("date '+%n@end %s.%N'\n");
    Question { name: NAME.to_owned(), script }
}

/// Reads the answer.
///
/// # Errors
/// When it is cut off or not of the form asked for.
pub fn parse(wanted: &Wanted, answer: &Answer) -> Result<HostLog, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let (head, rest) = answer.text.split_once('\n').ok_or_else(|| error("the clock", &answer.text))?;
    let fields: Vec<&str> = head.split(' ').collect();
    let ["clock", began, zone, year] = fields[..] else { return Err(error("the clock", head)) };
    let (kind, rest) = rest.split_once('\n').ok_or_else(|| error("journal or files", rest))?;
    let (body, end) = rest.rsplit_once(END).ok_or_else(|| error("the end", ""))?;
    let (own, kernel) = body.split_once(KERNEL).or_else(|| body.split_once(&KERNEL[1..])).ok_or_else(|| error("the kernel's part", ""))?;
    let seconds = |text: &str| text.trim().parse::<f64>().map_err(|_| error("a time", text));
    let mut log = HostLog { clock: (seconds(began)?, seconds(end)?), from_files: kind == "files", ..HostLog::default() };
    let place = syslog::Place::new(zone, year, log.clock.0).ok_or_else(|| error("zone and year", head))?;
    for part in [own, kernel] {
        let mut count = 0;
        for text in part.lines().filter(|l| !l.trim().is_empty()) {
            count += 1;
            let read = if log.from_files { place.line(text) } else { journal::line(text) };
            match read {
                Some(line) => log.lines.push(line),
                None => log.odd += 1,
            }
        }
        let full = part.len() >= LARGEST;
        // The line the cut went through.
        log.odd -= usize::from(full && log.odd > 0);
        log.cut |= full || count >= wanted.lines;
    }
    if log.from_files {
        let inside =
            |l: &Line| wanted.since.is_none_or(|t| l.time >= t * 1_000_000) && wanted.until.is_none_or(|t| l.time <= t * 1_000_000);
        log.lines.retain(inside);
    }
    // The node searched whole records for the kernel's word, and a host may have it in its name.
    let word = self::kernel(wanted.sources).unwrap_or_default();
    log.lines.retain(|l| l.name != "kernel" || l.message.to_ascii_lowercase().contains(word));
    log.lines.sort_by_key(|l| l.time);
    Ok(log)
}

/// From where on lines are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// Seconds since 1970, by the node's clock.
    Time(i64),
    /// After this line.
    Cursor(String),
}

/// The command that prints lines as they come, until its input ends: its first line says whether it reads the journal or files.
#[must_use]
pub fn follow(sources: &[Source], from: &From) -> Vec<String> {
    let mut words = ["--no-pager", "-o", "json", "-f", "--no-tail"].map(str::to_owned).to_vec();
    words.push(match from {
        From::Time(time) => format!("--since=@{time}"),
        From::Cursor(cursor) => format!("--after-cursor={cursor}"),
    });
    let mut own = matches(sources);
    if kernel(sources).is_some() {
        own.extend((!own.is_empty()).then(|| "+".to_owned()));
        own.push("_TRANSPORT=kernel".to_owned());
    }
    let script = format!(
        "exec 3<&0 </dev/null\ndate '+clock %s.%N %z %Y'\nif {HAS_JOURNAL}; then\necho journal\njournalctl {} {} &\n\
         else\necho files\nset --\nfor f in /var/log/messages /var/log/syslog; do [ ! -f \"$f\" ] || set -- \"$@\" \"$f\"; done\n\
         [ $# -gt 0 ] || exit 3\ntail -q -n 0 -F -- \"$@\" 2>/dev/null &\nfi\n\
         log=$!\n(while IFS= read -r _; do :; done; kill \"$log\") <&3 >/dev/null 2>&1 &\nwait \"$log\"\nstatus=$?\nkill $! 2>/dev/null\nexit $status\n",
        shell::join(&words),
        shell::join(&own),
    );
    ["sh", "-c", &script, "mfsctl-logs"].map(str::to_owned).to_vec()
}

/// Reads what [`follow`] prints, in pieces of any size.
#[derive(Debug, Default)]
pub struct Follower {
    rest: Vec<u8>,
    place: Option<syslog::Place>,
    journal: Option<bool>,
    pattern: Vec<String>,
    kernel: Option<&'static str>,
}

/// Longest line kept while it is not whole yet.
const LONGEST: usize = 1 << 20;

impl Follower {
    /// For lines of these sources.
    #[must_use]
    pub fn new(sources: &[Source]) -> Self {
        let mut names: Vec<String> = sources.iter().flat_map(|s| s.identifiers.iter().map(|i| (*i).to_owned())).collect();
        names.extend(sources.iter().flat_map(|s| &s.units).map(|u| u.split(['.', '@']).next().unwrap_or(u).to_owned()));
        Self { pattern: names, kernel: kernel(sources), ..Self::default() }
    }

    /// Takes a piece; gives the lines that are whole now and of interest.
    pub fn take(&mut self, piece: &[u8]) -> Vec<Line> {
        self.rest.extend_from_slice(piece);
        let mut lines = Vec::new();
        while let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            lines.extend(self.line(String::from_utf8_lossy(&line).trim_end_matches('\n')));
        }
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
        lines
    }

    fn line(&mut self, text: &str) -> Option<Line> {
        match (self.journal, text) {
            (None, "journal") => self.journal = Some(true),
            (None, "files") => self.journal = Some(false),
            (None, _) => {
                let fields: Vec<&str> = text.split(' ').collect();
                if let ["clock", began, zone, year] = fields[..] {
                    self.place = syslog::Place::new(zone, year, began.parse().unwrap_or_default());
                }
            }
            (Some(true), _) => return journal::line(text).filter(|l| self.wanted_of_kernel(l)),
            (Some(false), _) => {
                let line = self.place.as_ref()?.line(text)?;
                let ours = self.pattern.contains(&line.name);
                return if line.name == "kernel" { Some(line).filter(|l| self.wanted_of_kernel(l)) } else { Some(line).filter(|_| ours) };
            }
        }
        None
    }

    fn wanted_of_kernel(&self, line: &Line) -> bool {
        line.name != "kernel" || self.kernel.is_some_and(|word| line.message.to_ascii_lowercase().contains(word))
    }
}

#[cfg(test)]
#[path = "log/tests.rs"]
mod tests;
