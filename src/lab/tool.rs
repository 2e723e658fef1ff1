//! Host programs with a deadline: nothing here can hang the lab.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::error::{LabError, Result};

/// One run of a host program in a process group of its own.
pub struct Tool {
    command: Command,
    shown: String,
    input: Vec<u8>,
    deadline: Duration,
}

/// What a program gave back.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Output {
    /// Whether it exited with 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    #[must_use]
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl Tool {
    /// A program with the usual deadline of 30 s.
    pub fn new(program: &str) -> Self {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C.UTF-8").process_group(0);
        Self { command, shown: program.to_owned(), input: Vec::new(), deadline: Duration::from_secs(30) }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.shown.push(' ');
        self.shown.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Gives it standard input; without, it reads nothing.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Replaces the deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs it and returns its output when it exits with 0.
    ///
    /// # Errors
    /// It could not be started, did not end in time, or exited otherwise.
    pub fn run(self) -> Result<Output> {
        let shown = self.shown.clone();
        let output = self.output()?;
        if output.success() {
            return Ok(output);
        }
        let status = match (output.code, output.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, signal) => format!("killed by signal {}", signal.unwrap_or_default()),
        };
        Err(LabError::Tool { command: shown, status, stderr: output.error_text() })
    }

    /// Runs it to whatever end.
    ///
    /// # Errors
    /// It could not be started or did not end in time.
    pub fn output(mut self) -> Result<Output> {
        self.command.stdin(if self.input.is_empty() { Stdio::null() } else { Stdio::piped() });
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(LabError::act(self.shown.clone()))?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = std::mem::take(&mut self.input);
            std::thread::spawn(move || stdin.write_all(&input));
        }
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        let status = wait(&mut child, self.deadline).map_err(LabError::act(self.shown.clone()))?;
        // A helper it left behind may hold the pipes open: its output no longer concerns us.
        let take = |from: mpsc::Receiver<Vec<u8>>| from.recv_timeout(Duration::from_secs(2)).unwrap_or_default();
        let (stdout, stderr) = (take(stdout), take(stderr));
        let Some(status) = status else {
            let detail = String::from_utf8_lossy(&stderr).into_owned();
            return Err(LabError::Timeout { what: self.shown, seconds: self.deadline.as_secs(), detail });
        };
        Ok(Output { code: status.code(), signal: status.signal(), stdout, stderr })
    }
}

/// Reads a pipe to its end in a thread.
fn drain<R: Read + Send + 'static>(pipe: Option<R>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut all);
        }
        send.send(all)
    });
    receive
}

/// Waits for the end; past the deadline kills the whole group and gives `None`.
fn wait(child: &mut Child, deadline: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + deadline;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(40));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn output_larger_than_a_pipe_is_drained() {
        let output = Tool::new("head").args(["-c", "3000000", "/dev/zero"]).run().unwrap();
        assert_eq!(output.stdout.len(), 3_000_000);
    }

    #[test]
    fn input_reaches_it() {
        assert_eq!(Tool::new("cat").input("words").run().unwrap().text(), "words");
    }

    #[test]
    fn failure_keeps_what_it_said() {
        let error = Tool::new("sh").args(["-c", "echo why >&2; exit 3"]).run().unwrap_err();
        assert!(error.to_string().contains("exit 3\n  why"), "{error}");
    }

    #[test]
    fn the_deadline_ends_it_and_its_children() {
        let begun = Instant::now();
        let error = Tool::new("sh").args(["-c", "sleep 60 & sleep 60"]).within(Duration::from_millis(200)).run().unwrap_err();
        assert!(matches!(error, LabError::Timeout { .. }), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
