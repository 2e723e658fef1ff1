//! Questions for passphrases only before the screen is taken: afterwards nobody could see them.

use std::sync::{Mutex, PoisonError};

use crate::remote::ssh::{Prompt, TerminalPrompt};

/// Asks on the terminal until it is closed.
#[derive(Default)]
pub struct ShyPrompt {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    asking: usize,
    closed: bool,
}

impl ShyPrompt {
    /// Whether a question is under way.
    pub fn is_asking(&self) -> bool {
        self.with(|state| state.asking > 0)
    }

    /// Asks nothing from now on; `false`, and nothing changes, while a question is under way.
    pub fn close(&self) -> bool {
        self.with(|state| {
            state.closed = state.closed || state.asking == 0;
            state.closed
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Prompt for ShyPrompt {
    fn secret(&self, question: &str) -> Option<String> {
        let may = self.with(|state| {
            state.asking += usize::from(!state.closed);
            !state.closed
        });
        if !may {
            return None;
        }
        let answer = TerminalPrompt.secret(question);
        self.with(|state| state.asking -= 1);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_under_way_keeps_it_open() {
        let prompt = ShyPrompt::default();
        prompt.with(|state| state.asking = 1);
        assert!(prompt.is_asking() && !prompt.close());
        prompt.with(|state| state.asking = 0);
        assert!(!prompt.is_asking() && prompt.close());
        assert_eq!(prompt.secret("passphrase"), None);
        assert!(!prompt.is_asking());
    }
}
