//! What a fake node answers.

use std::sync::Arc;
use std::time::Duration;

use crate::remote::{Exit, Output, RemoteError, Request};

type Dynamic = Arc<dyn Fn(&Request) -> Output + Send + Sync>;

/// What a fake node does with a command.
#[derive(Clone)]
pub struct Reply {
    pub(super) what: What,
    pub(super) delay: Duration,
}

#[derive(Clone)]
pub(super) enum What {
    Output(Output),
    Dynamic(Dynamic),
    Fail(RemoteError),
    Hang,
    Lose,
    Flow(Vec<(Duration, Vec<u8>)>),
}

impl Reply {
    fn new(what: What) -> Self {
        Self { what, delay: Duration::ZERO }
    }

    /// Exits with 0 after printing `stdout`.
    #[must_use]
    pub fn ok(stdout: impl Into<Vec<u8>>) -> Self {
        Self::new(What::Output(output(Exit::Code(0), stdout.into(), Vec::new())))
    }

    /// Exits with `code` after printing `stderr`.
    #[must_use]
    pub fn exit(code: i32, stderr: impl Into<Vec<u8>>) -> Self {
        Self::new(What::Output(output(Exit::Code(code), Vec::new(), stderr.into())))
    }

    /// Is killed by a signal, named without `SIG`.
    #[must_use]
    pub fn signal(name: &str) -> Self {
        Self::new(What::Output(output(Exit::Signal(name.to_owned()), Vec::new(), Vec::new())))
    }

    /// Gives exactly this output.
    #[must_use]
    pub fn output(output: Output) -> Self {
        Self::new(What::Output(output))
    }

    /// Computes the output, for nodes that have a state. No lock is held while `answer` runs.
    #[must_use]
    pub fn from_fn(answer: impl Fn(&Request) -> Output + Send + Sync + 'static) -> Self {
        Self::new(What::Dynamic(Arc::new(answer)))
    }

    /// The transport fails; the connection stays usable unless the error is [`RemoteError::Lost`].
    #[must_use]
    pub fn fail(error: RemoteError) -> Self {
        Self::new(What::Fail(error))
    }

    /// Does not end: sleeps until the request's deadline, then [`RemoteError::Timeout`].
    #[must_use]
    pub fn hang() -> Self {
        Self::new(What::Hang)
    }

    /// Prints these pieces, each after its pause, and then nothing more for ever: until whoever takes a stream wants no
    /// more, or the request's deadline passes.
    #[must_use]
    pub fn flow<B: Into<Vec<u8>>>(pieces: impl IntoIterator<Item = (Duration, B)>) -> Self {
        Self::new(What::Flow(pieces.into_iter().map(|(pause, piece)| (pause, piece.into())).collect()))
    }

    /// The connection dies in mid-command and stays dead; a new connection works again.
    #[must_use]
    pub fn lose() -> Self {
        Self::new(What::Lose)
    }

    /// Takes this long first (real time).
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// An output with no time elapsed.
#[must_use]
pub fn output(exit: Exit, stdout: Vec<u8>, stderr: Vec<u8>) -> Output {
    Output { exit, stdout, stderr, elapsed: Duration::ZERO }
}
