//! How the lab's progress is shown: a spinner on a terminal, else a line when a step begins and ends.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::lab::Event;
use crate::report;

/// Shows events as they come.
pub struct Shown {
    interactive: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Shown {
    /// For a terminal or not.
    #[must_use]
    pub fn new(interactive: bool) -> Self {
        Self { interactive, bar: Mutex::new(None) }
    }

    /// Shows one event.
    pub fn tell(&self, event: &Event<'_>) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        let end = |bar: &mut Option<ProgressBar>, text: &str| {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
            report::say(text);
        };
        match event {
            Event::Begin(what) if self.interactive => {
                let spinner = ProgressBar::new_spinner();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                    spinner.set_style(style);
                }
                spinner.set_message((*what).to_owned());
                spinner.enable_steady_tick(Duration::from_millis(120));
                *bar = Some(spinner);
            }
            Event::Begin(what) => report::say(&format!("lab: {what} …")),
            Event::Count { step, done, of } => {
                if let Some(bar) = bar.as_ref() {
                    bar.set_message(format!("{step}: {done} of {of}"));
                }
            }
            Event::End(what, elapsed) => end(&mut bar, &format!("lab: {what}: done ({:.1} s)", elapsed.as_secs_f64())),
            Event::Failed(what) => end(&mut bar, &format!("lab: {what}: failed")),
            Event::Note(text) => match bar.as_ref() {
                Some(bar) => bar.suspend(|| report::say(&format!("lab: {text}"))),
                None => report::say(&format!("lab: {text}")),
            },
        }
    }
}
