//! Events become bars on a terminal and plain lines elsewhere; one place decides.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::mask::Masker;
use super::say;
use crate::engine::event::{Event, What};

/// How often a long action is mentioned in plain lines.
const EVERY: Duration = Duration::from_secs(5);

/// Shows what workers do.
pub struct Monitor {
    begin: Instant,
    verbose: u8,
    masker: Masker,
    width: usize,
    shown: Mutex<Shown>,
}

enum Shown {
    Bars { all: MultiProgress, each: BTreeMap<String, ProgressBar> },
    Lines { last: BTreeMap<String, Instant> },
}

impl Monitor {
    /// Bars when `interactive`, else lines. Names are padded to the longest of `nodes`.
    #[must_use]
    pub fn new<'a>(interactive: bool, verbose: u8, masker: Masker, nodes: impl Iterator<Item = &'a str>) -> Self {
        let width = nodes.map(str::len).max().unwrap_or(0);
        let shown = if interactive {
            Shown::Bars { all: MultiProgress::new(), each: BTreeMap::new() }
        } else {
            Shown::Lines { last: BTreeMap::new() }
        };
        Self { begin: Instant::now(), verbose, masker, width, shown: Mutex::new(shown) }
    }

    /// Shows one event.
    pub fn show(&self, event: &Event) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *shown {
            Shown::Bars { all, each } => self.bar(all, each, event),
            Shown::Lines { last } => self.line(last, event),
        }
    }

    /// Says one line of the command's own, above the bars.
    pub fn note(&self, text: &str) {
        self.print(&self.shown.lock().unwrap_or_else(PoisonError::into_inner), &self.masker.mask(text));
    }

    /// Takes the bars away, before tables are printed or a question is asked.
    pub fn clear(&self) {
        if let Shown::Bars { all, each } = &mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner) {
            each.clear();
            let _ = all.clear();
        }
    }

    fn print(&self, shown: &Shown, text: &str) {
        match shown {
            Shown::Bars { all, .. } => {
                let _ = all.println(text);
            }
            Shown::Lines { .. } => say(text),
        }
    }

    fn text(&self, event: &Event, text: &str) -> String {
        let seconds = self.begin.elapsed().as_secs_f64();
        self.masker.mask(&format!("{seconds:6.1}s {:width$}  {text}", event.node, width = self.width))
    }

    /// The line worth keeping for an event, if any.
    fn lasting(&self, event: &Event) -> Option<String> {
        let words = match &event.what {
            What::Unknown(reason) => format!("UNREACHABLE: {reason}"),
            What::Failed { stage, title, reason } => format!("FAILED {stage}: {title}\n    {reason}"),
            What::Blocked { stage, by } => format!("not done: {stage}, because of {by}"),
            What::Done { stage, title, skipped: None, elapsed } => format!("{stage}: {title} ({:.1} s)", elapsed.as_secs_f64()),
            What::Done { stage, title, skipped: Some(why), .. } if self.verbose > 0 => format!("{stage}: not needed: {title} ({why})"),
            What::Connected(elapsed) if self.verbose > 0 => format!("connected ({:.2} s)", elapsed.as_secs_f64()),
            What::Observed(elapsed) if self.verbose > 0 => format!("observed ({:.2} s)", elapsed.as_secs_f64()),
            _ => return None,
        };
        Some(self.text(event, &words))
    }

    fn bar(&self, all: &MultiProgress, each: &mut BTreeMap<String, ProgressBar>, event: &Event) {
        let important = matches!(event.what, What::Unknown(_) | What::Failed { .. } | What::Blocked { .. });
        if let Some(line) = self.lasting(event).filter(|_| important || self.verbose > 0) {
            let _ = all.println(line);
        }
        let bar = each.entry(event.node.clone()).or_insert_with(|| {
            let bar = all.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(format!("{:width$}", event.node, width = self.width));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        match &event.what {
            What::Connecting => bar.set_message("connecting"),
            What::Connected(_) => bar.set_message("reading facts"),
            What::Observed(_) => bar.set_message("facts known"),
            What::Waiting { stage, for_ } => bar.set_message(format!("{stage}: waits for {for_}")),
            What::Started { stage, title } => bar.set_message(self.masker.mask(&format!("{stage}: {title}"))),
            What::Progress { title, progress } => {
                let filled = (progress.fraction.clamp(0.0, 1.0) * 20.0) as usize;
                bar.set_message(format!("[{}{}] {title}: {}", "█".repeat(filled), "░".repeat(20 - filled), progress.note));
            }
            What::Done { .. } => {}
            What::Unknown(_) => bar.abandon_with_message("unreachable"),
            What::Failed { stage, .. } => bar.abandon_with_message(format!("failed at {stage}")),
            What::Blocked { stage, .. } => bar.abandon_with_message(format!("stopped before {stage}")),
            What::Finished => bar.finish(),
        }
    }

    fn line(&self, last: &mut BTreeMap<String, Instant>, event: &Event) {
        if let Some(line) = self.lasting(event) {
            say(&line);
        } else if let What::Progress { title, progress } = &event.what {
            let due = last.get(&event.node).is_none_or(|t| t.elapsed() >= EVERY);
            if due {
                last.insert(event.node.clone(), Instant::now());
                say(&self.text(event, &format!("{title}: {}", progress.note)));
            }
        }
    }
}
