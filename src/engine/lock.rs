//! The operator lock: one operator at a time, told apart on the masters themselves.
//!
//! The lock is a `flock` held by a process on each master that lives as long as our connection:
//! its input ends when the connection dies, and without a sign of life for half a minute it gives up.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::fleet::Slot;
use crate::inventory::layout::{JOURNAL_FILE, LOCK_FILE};
use crate::remote::{RemoteError, Request, Transport};

/// bash, because only its `read` has a time-out. Arguments: lock file, holder, journal file.
const HOLD: &str = r#"umask 077
lock=$1 holder=$2 journal=$3
for dir in "${lock%/*}" "${journal%/*}"; do [ -d "$dir" ] || mkdir -p "$dir" || exit 1; done
exec 9>>"$lock" || exit 1
# A run that has just ended needs a moment on a busy node until its process is gone.
if ! flock -w 5 9; then
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

/// The locks of several masters, taken from a thread each, always one after the other in the same order:
/// two operators who start at once meet at the first master, and only one of them goes on.
pub struct Locks<'a> {
    holder: &'a str,
    order: Vec<&'a str>,
    turn: Mutex<Turn>,
    next: Condvar,
}

/// How far the taking is.
#[derive(Default)]
pub struct Turn {
    asked: usize,
    /// Masters whose lock is held.
    pub held: Vec<String>,
    /// Masters that could not be asked: nothing depends on their lock then.
    pub passed: Vec<(String, RemoteError)>,
    /// Why no lock was taken from there on.
    pub refused: Option<LockError>,
}

impl<'a> Locks<'a> {
    /// Nothing is taken yet. Each of `order` must come to [`Locks::take`], or those after it wait for ever.
    #[must_use]
    pub fn new(holder: &'a str, order: Vec<&'a str>) -> Self {
        Self { holder, order, turn: Mutex::default(), next: Condvar::new() }
    }

    /// Takes a master's lock when it is its turn. Any other node waits for the first, which decides between operators:
    /// it is not observed before.
    ///
    /// # Errors
    /// When here or on a master before it the lock was refused, or the connection broke.
    pub fn take(&self, node: &str, slot: &mut Slot) -> Result<(), String> {
        let place = self.order.iter().position(|n| *n == node);
        let before = place.unwrap_or(1).min(self.order.len());
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn = self.next.wait_while(turn, |turn| turn.asked < before).unwrap_or_else(PoisonError::into_inner);
        if place.is_none() {
            return turn.refused.as_ref().map_or(Ok(()), |refused| Err(refused.to_string()));
        }
        let taken = match (&turn.refused, slot.open()) {
            (Some(refused), _) => Err(refused.to_string()),
            (None, None) => Ok(()),
            (None, Some(transport)) => match acquire(node, transport, self.holder) {
                Ok(()) => {
                    turn.held.push(node.to_owned());
                    Ok(())
                }
                Err(error) => {
                    let reason = error.to_string();
                    match error {
                        LockError::Remote(error) => {
                            slot.close();
                            turn.passed.push((node.to_owned(), error));
                        }
                        refused => turn.refused = Some(refused),
                    }
                    Err(reason)
                }
            },
        };
        turn.asked += 1;
        self.next.notify_all();
        taken
    }

    /// How it ended.
    #[must_use]
    pub fn into_turn(self) -> Turn {
        self.turn.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends a line of JSON to the journal on a master where the lock is held.
///
/// # Errors
/// When the connection or the lock is gone.
pub fn journal(transport: &mut dyn Transport, line: &str) -> Result<(), RemoteError> {
    transport.tell(&format!("journal {line}"))
}
