//! The operator lock: one operator at a time, told apart on the masters themselves.
//!
//! The lock is a `flock` held by a process on each master that lives as long as our connection:
//! its input ends when the connection dies, and without a sign of life for half a minute it gives up.

use std::time::Duration;

use crate::inventory::layout::{JOURNAL_FILE, LOCK_FILE};
use crate::remote::{RemoteError, Request, Transport};

/// bash, because only its `read` has a time-out. Arguments: lock file, holder, journal file.
const HOLD: &str = r#"umask 077
lock=$1 holder=$2 journal=$3
mkdir -p "${lock%/*}" "${journal%/*}" || exit 1
exec 9>>"$lock" || exit 1
if ! flock -n 9; then
  printf 'busy %s\n' "$(cat "$lock.holder" 2>/dev/null)"
  exit 0
fi
printf '%s\n' "$holder" >"$lock.holder"
trap 'rm -f "$lock.holder"' EXIT
trap 'exit 1' HUP INT TERM
echo held
while IFS= read -r -t 30 line; do
  case $line in "journal "*) printf '%s\n' "${line#journal }" >>"$journal" && sync "$journal" 2>/dev/null ;; esac
done
"#;

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another operator has it.
    #[error("{node}: another operator is at work: {holder}")]
    Busy {
        /// Master where it is held.
        node: String,
        /// Who, since when, doing what.
        holder: String,
    },
    /// The master could not be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// It answered something else.
    #[error("{node}: the operator lock cannot be taken: {answer}")]
    Odd {
        /// Master.
        node: String,
        /// Its answer.
        answer: String,
    },
}

/// Takes the lock on one master for as long as the connection lives.
///
/// # Errors
/// See [`LockError`].
pub fn acquire(node: &str, transport: &mut dyn Transport, holder: &str) -> Result<(), LockError> {
    let words = ["bash", "-c", HOLD, "mfsctl-lock", LOCK_FILE, &holder.replace('\n', " "), JOURNAL_FILE];
    let answer = transport.hold(&Request::new(words).within(Duration::from_secs(20)))?;
    match answer.trim_end().split_once(' ').unwrap_or((answer.trim_end(), "")) {
        ("held", _) => Ok(()),
        ("busy", holder) => {
            let holder = if holder.is_empty() { "somebody who has just begun" } else { holder };
            Err(LockError::Busy { node: node.to_owned(), holder: holder.to_owned() })
        }
        _ => Err(LockError::Odd { node: node.to_owned(), answer }),
    }
}

/// Appends a line of JSON to the journal on a master where the lock is held.
///
/// # Errors
/// When the connection or the lock is gone.
pub fn journal(transport: &mut dyn Transport, line: &str) -> Result<(), RemoteError> {
    transport.tell(&format!("journal {line}"))
}
