//! What the lab tells while it works; whoever called decides how it is shown.

use std::time::{Duration, Instant};

use super::error::Result;

/// One thing told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A step begins.
    Begin(&'a str),
    /// Some of the step's parts are done.
    Count {
        /// The step, as in [`Event::Begin`].
        step: &'a str,
        /// Parts done.
        done: usize,
        /// Parts in all.
        of: usize,
    },
    /// The step is done.
    End(&'a str, Duration),
    /// The step failed; the error follows.
    Failed(&'a str),
    /// Worth saying.
    Note(&'a str),
}

/// Who is told. Called from several threads.
pub type Progress<'a> = &'a (dyn Fn(Event<'_>) + Sync);

/// Nobody is told.
pub fn silent(_: Event<'_>) {}

/// Tells of one step around the work of it.
///
/// # Errors
/// What the work ends with.
pub fn step<T>(progress: Progress<'_>, what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    progress(Event::Begin(what));
    let result = work();
    progress(if result.is_ok() { Event::End(what, begun.elapsed()) } else { Event::Failed(what) });
    result
}
