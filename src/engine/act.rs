//! One action on one host, with its repeats and deadline.

use std::time::{Duration, Instant};

use super::interrupt::Interrupt;
use super::script::{self, FILE_CHANGED, GUARD_SAYS_NO};
use crate::remote::{Exit, Output, RemoteError, Transport};
use crate::step::{Action, ActionKind, Otherwise, Progress, Run};

/// How an action ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It was carried out.
    Changed,
    /// Its guard said that it is not needed.
    Skipped(String),
}

/// Why an action did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The node could not be spoken to; whether the action took effect is unknown.
    #[error("{0}")]
    Remote(#[from] RemoteError),
    /// The command failed.
    #[error("{status}{}", indented(.output))]
    Command {
        /// `exit status 1`, `killed by SIGKILL`.
        status: String,
        /// What it printed on standard error, or on standard output when that is empty.
        output: String,
    },
    /// The host is not as planned for; nothing was changed.
    #[error("not done: it holds no longer: {because}{}", indented(.found))]
    NotAsPlanned {
        /// The guard's condition.
        because: String,
        /// What the guard printed.
        found: String,
    },
    /// What was waited for did not come.
    #[error("not within {} s{}", .deadline.as_secs(), indented(.output))]
    Waited {
        /// The deadline.
        deadline: Duration,
        /// What the last try printed.
        output: String,
    },
    /// The operator asked to stop.
    #[error("stopped by the operator")]
    Interrupted,
}

fn indented(text: &str) -> String {
    text.trim().lines().map(|line| format!("\n    {line}")).collect()
}

/// Carries out an action.
///
/// # Errors
/// See [`ActError`].
pub fn act(action: &Action, transport: &mut dyn Transport, interrupt: &Interrupt, progress: &dyn Fn(Progress)) -> Result<Done, ActError> {
    match &action.kind {
        ActionKind::Run(run) if run.every.is_some() => wait(action, run, transport, interrupt, progress),
        ActionKind::Run(run) => judge(action, &run.ok, &transport.run(&script::request(action))?),
        ActionKind::Write(_) => judge(action, &[0], &transport.run(&script::request(action))?),
    }
}

/// Carries out an action and gives what it printed on standard output; nothing for what was waited for.
///
/// # Errors
/// See [`ActError`].
pub fn heard(action: &Action, transport: &mut dyn Transport, interrupt: &Interrupt) -> Result<String, ActError> {
    let ok = match &action.kind {
        ActionKind::Run(run) if run.every.is_some() => return act(action, transport, interrupt, &|_| {}).map(|_| String::new()),
        ActionKind::Run(run) => run.ok.as_slice(),
        ActionKind::Write(_) => &[0],
    };
    let output = transport.run(&script::request(action))?;
    judge(action, ok, &output).map(|_| output.text())
}

fn judge(action: &Action, ok: &[i32], output: &Output) -> Result<Done, ActError> {
    if let Exit::Code(code) = output.exit
        && ok.contains(&code)
    {
        return Ok(Done::Changed);
    }
    let stderr = output.error_text();
    if let Some(guard) = &action.guard
        && stderr.lines().any(|line| line == GUARD_SAYS_NO)
    {
        return match guard.otherwise {
            Otherwise::Skip => Ok(Done::Skipped(guard.because.clone())),
            Otherwise::Stop => Err(ActError::NotAsPlanned { because: guard.because.clone(), found: stderr.replace(GUARD_SAYS_NO, "") }),
        };
    }
    if stderr.lines().any(|line| line == FILE_CHANGED) {
        let because = "the file still is as it was when the plan was made".to_owned();
        return Err(ActError::NotAsPlanned { because, found: String::new() });
    }
    Err(ActError::Command { status: status_words(&output.exit), output: last_words(output) })
}

fn wait(
    action: &Action,
    run: &Run,
    transport: &mut dyn Transport,
    interrupt: &Interrupt,
    progress: &dyn Fn(Progress),
) -> Result<Done, ActError> {
    let end = Instant::now() + run.deadline;
    let every = run.every.unwrap_or(Duration::from_secs(1));
    let mut request = script::request(action);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        request.deadline = left.clamp(Duration::from_secs(1), Duration::from_secs(60));
        let output = match transport.run(&request) {
            Err(RemoteError::Timeout { .. }) => None,
            other => Some(other?),
        };
        if let Some(output) = &output {
            if let Some(now) = run.progress.and_then(|of| of.read(&output.text())) {
                progress(now);
            }
            match judge(action, &run.ok, output) {
                Err(ActError::Command { .. }) if !matches!(output.exit, Exit::Code(code) if run.hopeless.contains(&code)) => {}
                end => return end,
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let output = output.map(|o| last_words(&o)).unwrap_or_default();
            return Err(ActError::Waited { deadline: run.deadline, output });
        }
        if interrupt.requested() {
            return Err(ActError::Interrupted);
        }
        std::thread::sleep(every.min(left));
        transport.breathe()?;
    }
}

fn status_words(exit: &Exit) -> String {
    match exit {
        Exit::Code(code) => format!("exit status {code}"),
        Exit::Signal(signal) => format!("killed by SIG{signal}"),
    }
}

/// The end of what a command printed, enough to understand it.
fn last_words(output: &Output) -> String {
    let stderr = output.error_text();
    let text = if stderr.trim().is_empty() { output.text() } else { stderr };
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::fake::{FakeConnector, Reply};
    use crate::remote::{Connect, Target};

    fn on(reply: Reply, action: &Action) -> Result<Done, ActError> {
        let fake = FakeConnector::new();
        fake.host("n").otherwise(reply);
        let mut transport = fake.connect(&Target { name: "n".to_owned(), ..Target::default() }).unwrap();
        act(action, transport.as_mut(), &Interrupt::default(), &|_| {})
    }

    #[test]
    fn a_signal_is_a_failure() {
        let error = on(Reply::signal("KILL"), &Action::run("x", ["x"])).unwrap_err();
        assert_eq!(error.to_string(), "killed by SIGKILL");
    }

    #[test]
    fn what_the_command_said_is_kept() {
        let error = on(Reply::exit(5, "mkfs.xfs: cannot open\n"), &Action::run("x", ["x"])).unwrap_err();
        assert_eq!(error.to_string(), "exit status 5\n    mkfs.xfs: cannot open");
    }

    #[test]
    fn a_guard_skips_or_stops() {
        let no = || Reply::exit(1, format!("ext4 found\n{GUARD_SAYS_NO}\n"));
        assert_eq!(on(no(), &Action::run("x", ["x"]).only_if("it is empty", ["y"])).unwrap(), Done::Skipped("it is empty".to_owned()));
        let error = on(no(), &Action::run("x", ["x"]).require("it is empty", ["y"])).unwrap_err().to_string();
        assert!(error.contains("it is empty") && error.contains("ext4 found"), "{error}");
    }

    #[test]
    fn waiting_ends_with_the_deadline_and_the_last_words() {
        let action = Action::wait("w", ["x"], Duration::from_millis(5), Duration::from_millis(40));
        let error = on(Reply::exit(1, "not yet\n"), &action).unwrap_err().to_string();
        assert!(error.contains("not yet"), "{error}");
    }

    #[test]
    fn a_lost_connection_is_not_called_a_failure_of_the_command() {
        assert!(matches!(on(Reply::lose(), &Action::run("x", ["x"])), Err(ActError::Remote(RemoteError::Lost { .. }))));
    }
}
