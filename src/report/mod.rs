//! The only printer: stdout is data, stderr is talk.

pub mod backup;
pub mod check;
pub mod clients;
pub mod doctor;
pub mod format;
pub mod ha;
pub mod logs;
pub mod mask;
pub mod metrics;
pub mod monitor;
pub mod notify;
pub mod ok_to_stop;
pub mod plan;
pub mod redact;
pub mod restore;
pub mod split_brain;
pub mod status;
pub mod switchover;
pub mod table;
pub mod tenants;
pub mod watch;

use std::io::Write;

/// Prints data: one line (or text block) on standard output. A closed pipe ends quietly.
pub fn data(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
}

/// Prints a piece of data that more will follow, at once; `false` when nobody reads it any more.
#[must_use]
pub fn flow(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// Prints talk: one line on standard error.
pub fn say(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.write_all(b"\n"));
}
