//! Nodes over ssh: the only user of ssh2.
//!
//! One session belongs to one thread and never blocks inside libssh2 once it is logged in.
//! What was measured to go wrong, and what is done about it, stands in `docs/remote.md`.

mod auth;
mod code;
mod config;
mod gate;
mod jump;
mod known_hosts;
mod link;
mod netns;
mod prompt;
mod settings;
mod sudo;
mod transport;

use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ssh2::Session;

use self::auth::LoginError;
use self::code::{disconnected, timed_out, words};
use self::gate::Gates;
use self::link::{Link, Pulse};
use self::prompt::{Asked, Asker, Tried};
use self::settings::Settings;
use self::sudo::{Probe, Root};
use self::transport::SshTransport;
use super::{Connect, RemoteError, Target, Transport};

pub use self::prompt::{NoPrompt, Prompt, TerminalPrompt};

/// How often a server that hangs up before the login is tried.
const HELLO_TRIES: u32 = 6;
/// Longest chain of jump hosts, so that a circle ends.
const MOST_HOPS: usize = 8;
/// A server that hangs up during a login this long waited for a person (`LoginGraceTime`, sshd_config(5)).
const PERSON_TIME: Duration = Duration::from_secs(20);

/// Settings of all connections.
#[derive(Clone)]
pub struct SshOptions {
    /// Remember host keys never seen before instead of refusing them.
    pub accept_new_host_keys: bool,
    /// Longest time for name resolution and TCP; an ssh handshake may take three times as long: a node that has
    /// just booted accepts connections long before its sshd has time for them.
    pub connect_timeout: Duration,
    /// Time between keepalives (two seconds at least), and between `alive` lines to a held command.
    pub keepalive: Duration,
    /// Time a peer may leave keepalives unanswered before the connection counts as lost.
    pub silence: Duration,
    /// Where passphrases and passwords are asked for.
    pub prompts: Arc<dyn Prompt>,
    /// The home directory with `.ssh`; the user's own when `None`.
    pub home: Option<PathBuf>,
    /// Directory of `ssh_config` and `ssh_known_hosts`.
    pub system_dir: PathBuf,
    /// Socket of the ssh agent.
    pub agent: Option<PathBuf>,
    /// Most logins in progress against one sshd; must stay below its `MaxStartups` (10 by default).
    pub logins_per_host: usize,
    /// Most bytes kept of each output of a command.
    pub output_limit: usize,
}

impl Default for SshOptions {
    fn default() -> Self {
        Self {
            accept_new_host_keys: false,
            connect_timeout: Duration::from_secs(10),
            keepalive: Duration::from_secs(5),
            silence: Duration::from_secs(20),
            prompts: Arc::new(TerminalPrompt),
            home: None,
            system_dir: PathBuf::from("/etc/ssh"),
            agent: std::env::var_os("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(PathBuf::from),
            logins_per_host: 8,
            output_limit: 64 << 20,
        }
    }
}

/// Connects over ssh; one for the whole process, shared by all workers.
pub struct SshConnector {
    options: SshOptions,
    asker: Asker,
    gates: Gates,
}

/// Why one try did not connect.
enum Attempt {
    /// The server hung up where a busy one does; worth another try.
    Busy(RemoteError),
    Failed(RemoteError),
}

impl From<RemoteError> for Attempt {
    fn from(error: RemoteError) -> Self {
        Self::Failed(error)
    }
}

impl SshConnector {
    /// Makes a connector.
    #[must_use]
    pub fn new(options: SshOptions) -> Self {
        let asker = Asker::new(Arc::clone(&options.prompts));
        let gates = Gates::new(options.logins_per_host);
        Self { options, asker, gates }
    }

    /// A session that is logged in, through jump hosts where there are any.
    fn open(&self, settings: &Settings, target: &Target, hops: usize) -> Result<Link, RemoteError> {
        if hops > MOST_HOPS {
            let reason = format!("more than {MOST_HOPS} jump hosts in a row; do they go round in a circle?");
            return Err(RemoteError::Settings { node: settings.node.clone(), reason });
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(settings, target, hops) {
                Ok(link) => return Ok(link),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Busy(error)) if tries >= HELLO_TRIES => return Err(error),
                Err(Attempt::Busy(error)) => {
                    tracing::debug!(tries, "{error}; trying again");
                    // 0.15 s doubling to 2.4 s, each ±50 %, so that many workers do not come back together.
                    let pause = 0.15 * f64::from(1 << (tries - 1)) * rand::random_range(0.5..1.5);
                    thread::sleep(Duration::from_secs_f64(pause));
                }
            }
        }
    }

    fn attempt(&self, settings: &Settings, target: &Target, hops: usize) -> Result<Link, Attempt> {
        let options = &self.options;
        let session = Session::new().map_err(|e| unreachable(settings, format!("libssh2: {}", words(&e))))?;
        known_hosts::prefer_known_types(&session, settings)?;
        // The way through jump hosts is made before a place is taken here, so that no two threads wait for each other's.
        let jump = match jump::last_hop(settings, target)? {
            Some(hop) => Some(self.open(&Settings::resolve(&hop, options)?, &hop, hops + 1)?),
            None => None,
        };
        let _permit = self.gates.enter(&format!("{:?} {}", settings.jump, settings.address()));
        let socket = match jump {
            Some(jump) => jump::through(jump, settings, options.connect_timeout)?,
            None => OwnedFd::from(netns::dial(settings, options.connect_timeout, options.silence)?),
        };
        self.login(session, Arc::new(socket), settings)
    }

    fn login(&self, mut session: Session, socket: Arc<OwnedFd>, settings: &Settings) -> Result<Link, Attempt> {
        let options = &self.options;
        session.set_tcp_stream(Arc::clone(&socket));
        session.set_timeout(u32::try_from(3 * options.connect_timeout.as_millis()).unwrap_or(u32::MAX));
        session.handshake().map_err(|e| {
            let address = settings.address();
            if disconnected(&e) {
                let reason = format!("{address} hung up before saying hello ({})", words(&e));
                return Attempt::Busy(unreachable(settings, reason));
            }
            let why = if timed_out(&e) { "no ssh greeting in time".to_owned() } else { format!("ssh handshake failed: {}", words(&e)) };
            Attempt::Failed(unreachable(settings, format!("{address}: {why}")))
        })?;
        known_hosts::verify(&session, settings, options.accept_new_host_keys)?;
        let begun = Instant::now();
        auth::login(&session, socket.as_fd(), settings, &self.asker).map_err(|error| match error {
            LoginError::HungUp(error) if begun.elapsed() >= PERSON_TIME => Attempt::Busy(error),
            LoginError::HungUp(error) | LoginError::Failed(error) => Attempt::Failed(error),
        })?;
        let pulse = Pulse { interval: options.keepalive, silence: options.silence };
        Ok(Link::new(&settings.node, session, socket, pulse))
    }

    /// Finds out how commands become root's.
    fn root(&self, link: &mut Link, settings: &Settings) -> Result<Root, RemoteError> {
        if settings.user == "root" {
            return Ok(Root::Login);
        }
        let (stdout, stderr) = transport::quick(link, &sudo::probe_line(), b"")?;
        let denied = |reason: String| sudo::error(&settings.node, &settings.user, reason);
        match sudo::read_probe(&stdout, &stderr) {
            Probe::Root => return Ok(Root::Login),
            Probe::Free => return Ok(Root::Free),
            Probe::Impossible(reason) => return Err(denied(reason)),
            Probe::Asks => {}
        }
        let mut attempt = |password: &str| -> Result<Tried<Root>, RemoteError> {
            let root = Root::Password(password.to_owned());
            let line = root.wrap(&["echo".to_owned(), "mfsctl-root".to_owned()], Some(60));
            let (stdout, stderr) = transport::quick(link, &line, &root.input(b""))?;
            if stdout.trim() == "mfsctl-root" {
                return Ok(Tried::Right(root));
            }
            match sudo::refusal(&stderr) {
                (_, true) => Ok(Tried::Wrong),
                (reason, false) => Err(denied(reason)),
            }
        };
        let wrong = "wrong sudo password";
        if let Some(password) = settings.sudo_password.as_ref().or(settings.password.as_ref()) {
            return match attempt(password)? {
                Tried::Right(root) => Ok(root),
                Tried::Wrong => Err(denied(wrong.to_owned())),
            };
        }
        match self.asker.ask(&format!("sudo password of {}", settings.user), attempt)? {
            Asked::Right(root) => Ok(root),
            Asked::Wrong => Err(denied(wrong.to_owned())),
            Asked::Nobody => Err(denied("sudo asks for a password; none is configured and there is no terminal to ask on".to_owned())),
        }
    }
}

fn unreachable(settings: &Settings, reason: String) -> RemoteError {
    RemoteError::Unreachable { node: settings.node.clone(), reason }
}

impl Connect for SshConnector {
    fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError> {
        let settings = Settings::resolve(target, &self.options)?;
        let mut link = self.open(&settings, target, 0)?;
        let root = self.root(&mut link, &settings)?;
        Ok(Box::new(SshTransport::new(link, root, self.options.output_limit)))
    }
}
