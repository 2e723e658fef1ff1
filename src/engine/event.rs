//! What workers tell while they work. The report decides how it looks.

use std::time::Duration;

use crate::step::Progress;

/// One thing that happened on one host.
#[derive(Debug, Clone)]
pub struct Event {
    /// Node name.
    pub node: String,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// A connection is being made.
    Connecting,
    /// Connected.
    Connected(Duration),
    /// It could not be reached or asked.
    Unknown(String),
    /// Its facts were read.
    Observed(Duration),
    /// It waits for a stage on other hosts.
    Waiting {
        /// The stage that waits.
        stage: String,
        /// What it waits for.
        for_: String,
    },
    /// An action begins.
    Started {
        /// Stage id.
        stage: String,
        /// The action's title.
        title: String,
    },
    /// How far a long action is.
    Progress {
        /// The action's title.
        title: String,
        /// How far.
        progress: Progress,
    },
    /// An action ended well.
    Done {
        /// Stage id.
        stage: String,
        /// The action's title.
        title: String,
        /// Why nothing had to be done, when its guard said so.
        skipped: Option<String>,
        /// Wall time.
        elapsed: Duration,
    },
    /// An action or stage failed; nothing more is done on this host.
    Failed {
        /// Stage id.
        stage: String,
        /// The action's title.
        title: String,
        /// Why, whole.
        reason: String,
    },
    /// A stage cannot run because another host's failed.
    Blocked {
        /// Stage id.
        stage: String,
        /// Which host and stage.
        by: String,
    },
    /// Nothing is left to do here.
    Finished,
}

/// Where events go.
pub type Sink<'a> = &'a (dyn Fn(Event) + Sync);
