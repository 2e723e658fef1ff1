//! Asking the operator for secrets: once for the whole process, one question at a time.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::remote::RemoteError;

/// How often a wrong answer may be corrected.
const ATTEMPTS: usize = 3;

/// Where secrets are asked for.
pub trait Prompt: Send + Sync {
    /// Shows `question` and reads an answer without showing it; `None` when nobody can answer.
    fn secret(&self, question: &str) -> Option<String>;
}

/// Asks on the terminal, if standard input and standard error are one.
#[derive(Debug, Clone, Copy, Default)]
pub struct TerminalPrompt;

impl Prompt for TerminalPrompt {
    fn secret(&self, question: &str) -> Option<String> {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return None;
        }
        rpassword::prompt_password(format!("{question}: ")).ok()
    }
}

/// Never asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrompt;

impl Prompt for NoPrompt {
    fn secret(&self, _question: &str) -> Option<String> {
        None
    }
}

/// What trying a secret showed.
pub(super) enum Tried<T> {
    /// It is the right one.
    Right(T),
    /// It is not.
    Wrong,
}

/// What asking led to.
pub(super) enum Asked<T> {
    /// A right secret was found.
    Right(T),
    /// Secrets were given, none was right.
    Wrong,
    /// Nobody could be asked.
    Nobody,
}

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Known(String),
    Wrong,
    Nobody,
}

/// Secrets asked for, by what they are for; shared by all threads.
pub(super) struct Asker {
    prompt: Arc<dyn Prompt>,
    slots: Mutex<HashMap<String, Arc<Mutex<Slot>>>>,
    terminal: Mutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Asker {
    pub fn new(prompt: Arc<dyn Prompt>) -> Self {
        Self { prompt, slots: Mutex::default(), terminal: Mutex::default() }
    }

    /// Finds the secret `what` (which is also the question) by trying it: the one known from before, else the operator's
    /// answers. Threads in need of the same secret wait for the first one to find it right.
    pub fn ask<T>(&self, what: &str, mut attempt: impl FnMut(&str) -> Result<Tried<T>, RemoteError>) -> Result<Asked<T>, RemoteError> {
        let slot = Arc::clone(lock(&self.slots).entry(what.to_owned()).or_default());
        let mut state = lock(&slot);
        match &*state {
            Slot::Known(secret) => {
                let secret = secret.clone();
                drop(state);
                return Ok(match attempt(&secret)? {
                    Tried::Right(value) => Asked::Right(value),
                    Tried::Wrong => Asked::Wrong,
                });
            }
            Slot::Wrong => return Ok(Asked::Wrong),
            Slot::Nobody => return Ok(Asked::Nobody),
            Slot::Empty => {}
        }
        for round in 0..ATTEMPTS {
            let question = if round == 0 { what.to_owned() } else { format!("not right, once more; {what}") };
            let one_at_a_time = lock(&self.terminal);
            let answer = self.prompt.secret(&question).filter(|answer| !answer.contains(['\0', '\n']));
            drop(one_at_a_time);
            let Some(secret) = answer else {
                *state = if round == 0 { Slot::Nobody } else { Slot::Wrong };
                return Ok(if round == 0 { Asked::Nobody } else { Asked::Wrong });
            };
            if let Tried::Right(value) = attempt(&secret)? {
                *state = Slot::Known(secret);
                return Ok(Asked::Right(value));
            }
        }
        *state = Slot::Wrong;
        Ok(Asked::Wrong)
    }

    /// Whether a secret is known already, so that trying it asks nobody.
    pub fn knows(&self, what: &str) -> bool {
        let slot = lock(&self.slots).get(what).cloned();
        slot.is_some_and(|slot| slot.try_lock().is_ok_and(|state| matches!(*state, Slot::Known(_))))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Scripted(Mutex<Vec<&'static str>>, AtomicUsize);
    impl Prompt for Scripted {
        fn secret(&self, _question: &str) -> Option<String> {
            self.1.fetch_add(1, Ordering::SeqCst);
            lock(&self.0).pop().map(str::to_owned)
        }
    }

    fn asker(answers: &[&'static str]) -> (Asker, Arc<Scripted>) {
        let prompt = Arc::new(Scripted(Mutex::new(answers.iter().rev().copied().collect()), AtomicUsize::new(0)));
        (Asker::new(Arc::clone(&prompt) as Arc<dyn Prompt>), prompt)
    }

    fn attempt(secret: &str) -> Result<Tried<()>, RemoteError> {
        Ok(if secret == "right" { Tried::Right(()) } else { Tried::Wrong })
    }

    #[test]
    fn threads_share_one_question() {
        let (asker, prompt) = asker(&["wrong", "right"]);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| assert!(matches!(asker.ask("key", attempt), Ok(Asked::Right(())))));
            }
        });
        assert_eq!(prompt.1.load(Ordering::SeqCst), 2);
        assert!(asker.knows("key") && !asker.knows("other"));
    }

    #[test]
    fn a_person_is_not_asked_for_ever() {
        let (wrong, prompt) = asker(&["a", "b", "c", "right"]);
        assert!(matches!(wrong.ask("key", attempt), Ok(Asked::Wrong)));
        assert!(matches!(wrong.ask("key", attempt), Ok(Asked::Wrong)));
        assert_eq!(prompt.1.load(Ordering::SeqCst), 3);
        let (nobody, prompt) = asker(&[]);
        assert!(matches!(nobody.ask("key", attempt), Ok(Asked::Nobody)));
        assert!(matches!(nobody.ask("key", attempt), Ok(Asked::Nobody)));
        assert_eq!(prompt.1.load(Ordering::SeqCst), 1);
    }
}
