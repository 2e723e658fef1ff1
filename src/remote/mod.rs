//! The one door to the nodes.
//!
//! Everything above speaks to a node through [`Transport`]; only `ssh` knows
//! ssh2. A transport belongs to one thread and runs one command at a time.

pub mod fake;
mod hint;
pub mod local;
pub mod pieces;
pub mod shell;
pub mod ssh;

use std::fmt;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

/// Where and how to connect. Unset fields fall back to `~/.ssh/config`, then to ssh's defaults.
#[derive(Clone, Default)]
pub struct Target {
    /// Inventory name, for messages and known_hosts.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port; 22 when set nowhere.
    pub port: Option<u16>,
    /// Login name.
    pub user: Option<String>,
    /// Private keys to try, in order.
    pub identities: Vec<PathBuf>,
    /// Jump host as `[user@]host[:port]`.
    pub jump: Option<String>,
    /// Password for login (secret).
    pub password: Option<String>,
    /// Password for sudo (secret).
    pub sudo_password: Option<String>,
    /// A known_hosts file used instead of the user's.
    pub known_hosts: Option<PathBuf>,
    /// Network namespace the connecting thread enters first.
    pub netns: Option<PathBuf>,
}

/// One command to run as root on a node (through sudo where the login is not root), with `LC_ALL=C`.
///
/// It has ended when both its outputs are closed: a daemon it starts must not keep them.
#[derive(Clone)]
pub struct Request {
    /// Program and arguments; quoted by the transport.
    pub argv: Vec<String>,
    /// Bytes for its standard input; closed after them.
    pub stdin: Vec<u8>,
    /// Longest time it may take; the node's own `timeout -k` enforces it, ours follows a little later.
    pub deadline: Duration,
}

/// Shows how long the input is, never the input: it may hold secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stdin = format_args!("{} bytes", self.stdin.len()).to_string();
        f.debug_struct("Request").field("argv", &self.argv).field("stdin", &stdin).field("deadline", &self.deadline).finish()
    }
}

impl Request {
    /// A command without input and with the usual deadline of a minute.
    pub fn new<S: Into<String>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self { argv: argv.into_iter().map(Into::into).collect(), stdin: Vec::new(), deadline: Duration::from_secs(60) }
    }

    /// A script for `sh`, sent as standard input so that no quoting is involved.
    #[must_use]
    pub fn script(script: &str) -> Self {
        Self { stdin: script.as_bytes().to_vec(), ..Self::new(["sh", "-s"]) }
    }

    /// Replaces the deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With a status.
    Code(i32),
    /// Killed by a signal, named without `SIG`.
    Signal(String),
}

/// What a command gave back.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Wall time from sending to the end.
    pub elapsed: Duration,
}

impl Output {
    /// Whether it exited with 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.exit == Exit::Code(0)
    }

    /// Standard output as text, undecodable bytes replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text, undecodable bytes replaced.
    #[must_use]
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Why a node could not be spoken to. Kinds a person acts on differently are variants of their own.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No route, no answer, name unknown.
    #[error("{node}: unreachable: {reason}")]
    Unreachable {
        /// Node name.
        node: String,
        /// The system's words.
        reason: String,
    },
    /// Nothing listens there.
    #[error("{node}: connection refused by {address}")]
    Refused {
        /// Node name.
        node: String,
        /// `host:port`.
        address: String,
    },
    /// No method of login was accepted.
    #[error("{node}: login as {user} refused (tried {tried})")]
    Auth {
        /// Node name.
        node: String,
        /// Login name.
        user: String,
        /// What was tried, e.g. `agent, /root/.ssh/id_ed25519`.
        tried: String,
    },
    /// The host key is not known.
    #[error("{node}: host key of {address} is not known ({fingerprint})")]
    HostKeyUnknown {
        /// Node name.
        node: String,
        /// `host:port`.
        address: String,
        /// `SHA256:…`.
        fingerprint: String,
    },
    /// The host key differs from the known one. Always fatal.
    #[error("{node}: HOST KEY CHANGED: {address} shows {fingerprint}, {known_hosts} knows another")]
    HostKeyChanged {
        /// Node name.
        node: String,
        /// `host:port`.
        address: String,
        /// `SHA256:…` of the key shown.
        fingerprint: String,
        /// File with the known key.
        known_hosts: String,
    },
    /// The login works but may not become root.
    #[error("{node}: {user} may not become root: {reason}")]
    Sudo {
        /// Node name.
        node: String,
        /// Login name.
        user: String,
        /// sudo's words.
        reason: String,
    },
    /// The command did not end within its deadline. Whether it took effect is unknown.
    #[error("{node}: no end within {} s: {command}", .deadline.as_secs())]
    Timeout {
        /// Node name.
        node: String,
        /// The command, shortened, no input shown.
        command: String,
        /// The deadline that passed.
        deadline: Duration,
    },
    /// The connection died in mid-command. Whether it took effect is unknown.
    #[error("{node}: connection lost: {reason}")]
    Lost {
        /// Node name.
        node: String,
        /// What was seen.
        reason: String,
    },
    /// The command printed more than is kept. It was cut off; whether it took effect is unknown.
    #[error("{node}: more than {} MiB of output: {command}", .limit >> 20)]
    TooMuchOutput {
        /// Node name.
        node: String,
        /// The command, shortened, no input shown.
        command: String,
        /// Most bytes kept of each output.
        limit: usize,
    },
    /// Local ssh settings are wrong: a key file, ~/.ssh/config, a passphrase.
    #[error("{node}: ssh settings: {reason}")]
    Settings {
        /// Node name.
        node: String,
        /// What and where.
        reason: String,
    },
}

/// How a streamed command came to its end.
#[derive(Debug, Clone)]
pub enum Streamed {
    /// It ended by itself; its standard output was handed over already and is empty here.
    Ended(Output),
    /// Whoever took its output wanted no more.
    Stopped,
}

/// Longest time between two calls of whoever takes a streamed output.
pub const BEAT: Duration = Duration::from_millis(250);

/// What a streaming command gets to end by itself, once its input is closed.
const STOP_TIME: Duration = Duration::from_secs(3);

/// A byte stream to a TCP port reached through a node.
pub trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// Who takes a streamed output, and says whether it goes on.
pub type Take<'a> = &'a mut dyn FnMut(&[u8]) -> ControlFlow<()>;

/// An open connection to one node.
pub trait Transport: Send {
    /// Runs one command and drains both its outputs.
    ///
    /// # Errors
    /// Only when the command could not be run to its end; a non-zero exit is an [`Output`].
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError>;

    /// Runs one command and hands over its standard output as it comes. `take` gets each piece, and an empty one
    /// at least every [`BEAT`] while nothing comes; with its `Break` the command is to end.
    ///
    /// The command's input stays open until then, and closes when the connection dies: a command that prints for ever
    /// must watch its input and end with it, or an operator who went away leaves it behind until its deadline.
    ///
    /// # Errors
    /// When it could not be run; [`RemoteError::Timeout`] when its deadline ended it.
    fn stream(&mut self, request: &Request, take: Take) -> Result<Streamed, RemoteError>;

    /// Starts a command that stays for the life of the connection (the operator lock) and returns the
    /// first line it prints. The transport sends it a line `alive` every few seconds, also while other
    /// commands run, so that it can tell a dead operator from a busy one; it ends when its input closes.
    ///
    /// # Errors
    /// When it could not be started or ended without a line within the request's deadline.
    fn hold(&mut self, request: &Request) -> Result<String, RemoteError>;

    /// Sends one line to the held command.
    ///
    /// # Errors
    /// When the connection or the held command is gone.
    fn tell(&mut self, line: &str) -> Result<(), RemoteError>;

    /// Keeps an idle connection alive: sends the held command its `alive` line when one is due, and sees
    /// whether the connection and the held command still live. Whoever waits for something else while
    /// holding a transport calls this about every second; it returns at once.
    ///
    /// # Errors
    /// When the connection or the held command is gone (then the operator lock is gone too).
    fn breathe(&mut self) -> Result<(), RemoteError> {
        Ok(())
    }

    /// Opens a TCP connection from the node to `host:port`; reads and writes fail after `deadline`.
    ///
    /// # Errors
    /// When the node cannot connect there or forbids forwarding.
    fn tcp<'a>(&'a mut self, host: &str, port: u16, deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError>;
}

/// Opens transports; shared by all worker threads.
pub trait Connect: Send + Sync {
    /// Connects, verifies the host key, logs in, makes sure of root.
    ///
    /// # Errors
    /// One of [`RemoteError`]'s kinds.
    fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError>;
}
