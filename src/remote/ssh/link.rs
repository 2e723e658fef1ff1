//! One logged-in session and its socket: waiting, keepalive, and the held command.
//!
//! The session never blocks. Whoever has to wait does so in [`Link::wait`], where everything
//! periodic happens too: the `alive` lines, the keepalives, and the notice that the peer is gone.
//! libssh2 goes on with a half-sent packet only when the same call is repeated; so after EAGAIN
//! a call is either repeated to its end or the link is given up.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, Session};

use super::code::{again, disconnected, words};
use crate::remote::{Exit, RemoteError};

/// How long a peer may take to open or close a channel.
pub(super) const CHANNEL_TIME: Duration = Duration::from_secs(15);
/// Longest sleep between two looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// Seconds libssh2 itself leaves between keepalives; its smallest value.
const LIBRARY_INTERVAL: u32 = 2;
/// Bytes of the held command's output kept to explain its end.
const HELD_TAIL: usize = 2048;

/// How often the peer is spoken to, and how long it may be silent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    /// Time between keepalives (two seconds at least), and between `alive` lines.
    pub interval: Duration,
    /// Time without any answer to a keepalive after which the peer is taken for lost.
    pub silence: Duration,
}

/// Why an operation did not end well.
pub(super) enum Fault {
    /// Its time is over; the operation may be half done.
    Late,
    /// The peer said no.
    Ssh(ssh2::Error),
    /// The link is gone.
    Lost(RemoteError),
}

/// A logged-in session.
pub(super) struct Link {
    pub node: String,
    session: Session,
    socket: Arc<OwnedFd>,
    pulse: Pulse,
    last_keepalive: Instant,
    unanswered: Option<Instant>,
    held: Option<Held>,
    lost: Option<String>,
}

struct Held {
    channel: Channel,
    outgoing: VecDeque<u8>,
    last_beat: Instant,
    tail: VecDeque<u8>,
    ended: Option<String>,
}

impl Link {
    /// Takes over a session that is logged in; `socket` is the one it uses.
    pub fn new(node: &str, session: Session, socket: Arc<OwnedFd>, pulse: Pulse) -> Self {
        session.set_blocking(false);
        // libssh2 is asked only when a keepalive is due here.
        session.set_keepalive(true, LIBRARY_INTERVAL);
        let last_keepalive = Instant::now();
        Self { node: node.to_owned(), session, socket, pulse, last_keepalive, unanswered: None, held: None, lost: None }
    }

    /// The parts, for a pump thread that goes on with them alone.
    pub fn into_parts(self) -> (Session, Arc<OwnedFd>) {
        (self.session, self.socket)
    }

    /// Marks the link as gone for good and says so.
    pub fn lose(&mut self, reason: impl Into<String>) -> RemoteError {
        let reason = self.lost.get_or_insert_with(|| reason.into()).clone();
        RemoteError::Lost { node: self.node.clone(), reason }
    }

    /// Fails if the link was lost before.
    pub fn check(&self) -> Result<(), RemoteError> {
        match &self.lost {
            Some(reason) => Err(RemoteError::Lost { node: self.node.clone(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Repeats an operation until it is done, refused, or `until` has passed.
    pub fn drive<T>(&mut self, until: Instant, mut operation: impl FnMut(&Session) -> Result<T, ssh2::Error>) -> Result<T, Fault> {
        loop {
            self.check().map_err(Fault::Lost)?;
            match operation(&self.session) {
                Ok(value) => return Ok(value),
                Err(e) if again(&e) => {}
                Err(e) if disconnected(&e) => return Err(Fault::Lost(self.lose(words(&e)))),
                Err(e) => return Err(Fault::Ssh(e)),
            }
            if Instant::now() >= until {
                return Err(Fault::Late);
            }
            self.wait(until).map_err(Fault::Lost)?;
        }
    }

    /// Like [`Link::drive`] for the opening and closing of channels, where no end and refusal mean a broken peer.
    pub fn must<T>(&mut self, what: &str, operation: impl FnMut(&Session) -> Result<T, ssh2::Error>) -> Result<T, RemoteError> {
        match self.drive(Instant::now() + CHANNEL_TIME, operation) {
            Ok(value) => Ok(value),
            Err(Fault::Lost(error)) => Err(error),
            Err(Fault::Late) => Err(self.lose(format!("{what}: no answer within {} s", CHANNEL_TIME.as_secs()))),
            Err(Fault::Ssh(e)) => Err(self.lose(format!("{what}: {}", words(&e)))),
        }
    }

    /// Opens a channel and starts a command in it.
    pub fn start(&mut self, line: &str) -> Result<Channel, RemoteError> {
        let mut channel = self.must("opening a channel", Session::channel_session)?;
        self.must("starting a command", |_| channel.exec(line))?;
        Ok(channel)
    }

    /// Takes one step of reading or writing: `None` when it has to wait.
    pub fn step(&mut self, outcome: io::Result<usize>) -> Result<Option<usize>, RemoteError> {
        match outcome {
            Ok(n) => Ok(Some(n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(e) => Err(self.lose(e.to_string())),
        }
    }

    /// How the command of a channel ended; its output must have come to an end.
    pub fn finish(&mut self, channel: &mut Channel) -> Result<Exit, RemoteError> {
        self.must("closing a channel", |_| channel.close())?;
        self.must("waiting for an exit status", |_| channel.wait_close())?;
        // The status of a killed command reads as 0, so the signal is asked for first.
        let signal = channel.exit_signal().ok().and_then(|s| s.exit_signal);
        let status = channel.exit_status().map_err(|e| self.lose(words(&e)))?;
        Ok(signal.map_or(Exit::Code(status), Exit::Signal))
    }

    /// Sleeps until the socket is ready, something periodic is due, or `until`; then does what is due.
    pub fn wait(&mut self, until: Instant) -> Result<(), RemoteError> {
        let mut flags = PollFlags::IN;
        if self.outbound_blocked() {
            flags |= PollFlags::OUT;
        }
        let time = until.saturating_duration_since(Instant::now()).min(TICK).min(self.pulse.interval);
        if self.look(flags, time)?.contains(PollFlags::OUT) {
            // The peer took something, be it slowly: its silence counts anew.
            self.unanswered = self.unanswered.map(|_| Instant::now());
        }
        self.tend()
    }

    /// Does what is due without waiting, and sees whether the peer still lives.
    pub fn breathe(&mut self) -> Result<(), RemoteError> {
        self.check()?;
        let seen = self.look(PollFlags::IN, Duration::ZERO)?;
        self.tend()?;
        // Nobody is reading here, so an end would go unseen.
        if seen.intersects(PollFlags::RDHUP | PollFlags::HUP) { Err(self.lose("the server closed the connection")) } else { Ok(()) }
    }

    fn outbound_blocked(&self) -> bool {
        matches!(self.session.block_directions(), BlockDirections::Outbound | BlockDirections::Both)
    }

    fn look(&mut self, flags: PollFlags, time: Duration) -> Result<PollFlags, RemoteError> {
        let socket = Arc::clone(&self.socket);
        let mut fds = [PollFd::from_borrowed_fd(socket.as_fd(), flags | PollFlags::RDHUP)];
        let time = Timespec::try_from(time).ok();
        match poll(&mut fds, time.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(self.lose(format!("poll: {e}"))),
        }
        let seen = fds.first().map_or(PollFlags::empty(), PollFd::revents);
        if seen.contains(PollFlags::IN) {
            self.unanswered = None;
        }
        // What arrived before the end has to be read first; without any command there is nobody to read it.
        let end = PollFlags::ERR | PollFlags::NVAL;
        if seen.intersects(end) && !seen.contains(PollFlags::IN) {
            let why = rustix::net::sockopt::socket_error(&*socket).ok().and_then(Result::err);
            return Err(self.lose(why.map_or("the connection broke".to_owned(), |e| io::Error::from(e).to_string())));
        }
        Ok(seen)
    }

    fn tend(&mut self) -> Result<(), RemoteError> {
        self.tend_held()?;
        let now = Instant::now();
        if now.duration_since(self.last_keepalive) >= self.pulse.interval && !self.outbound_blocked() {
            // Sent only where it surely fits: libssh2 never finishes a half-sent keepalive.
            if self.look(PollFlags::OUT, Duration::ZERO)?.contains(PollFlags::OUT) {
                match self.session.keepalive_send() {
                    // Right after sending, the whole interval is left; less means that libssh2 found it too early.
                    Ok(left) if left >= LIBRARY_INTERVAL => {
                        self.last_keepalive = now;
                        self.unanswered.get_or_insert(now);
                    }
                    Ok(_) => {}
                    Err(e) if again(&e) => {}
                    Err(e) => return Err(self.lose(words(&e))),
                }
            }
        } else if self.outbound_blocked() {
            // Nothing can be sent, not even a question: the silence counts from here.
            self.unanswered.get_or_insert(now);
        }
        match self.unanswered {
            Some(since) if now.duration_since(since) >= self.pulse.silence => {
                Err(self.lose(format!("no answer for {} s", self.pulse.silence.as_secs())))
            }
            _ => Ok(()),
        }
    }

    /// Keeps a command for the life of the link. What it printed beyond its first line is kept to explain its end.
    pub fn hold(&mut self, channel: Channel, printed: &[u8]) {
        let mut held = Held { channel, outgoing: VecDeque::new(), last_beat: Instant::now(), tail: VecDeque::new(), ended: None };
        held.keep(printed);
        self.held = Some(held);
    }

    /// Whether the held command still runs.
    ///
    /// # Errors
    /// When it ended, or none was started.
    pub fn check_held(&self, needed: bool) -> Result<(), RemoteError> {
        let reason = match &self.held {
            Some(Held { ended: Some(reason), .. }) => reason.clone(),
            None if needed => "no command is held".to_owned(),
            _ => return Ok(()),
        };
        Err(RemoteError::Lost { node: self.node.clone(), reason })
    }

    /// Sends the held command a line.
    pub fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        if let Some(held) = &mut self.held {
            held.outgoing.extend(line.bytes().chain([b'\n']));
        }
        let until = Instant::now() + CHANNEL_TIME;
        loop {
            self.breathe()?;
            self.check_held(true)?;
            if self.held.as_ref().is_some_and(|held| held.outgoing.is_empty()) {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(self.lose("the held command takes no input"));
            }
            self.wait(until)?;
        }
    }

    /// Writes what the held command is to hear and reads what it says.
    fn tend_held(&mut self) -> Result<(), RemoteError> {
        let Some(mut held) = self.held.take() else { return Ok(()) };
        let outcome = held.tend(self.pulse.interval);
        self.held = Some(held);
        outcome.map_err(|e| self.lose(e.to_string()))
    }
}

impl Held {
    fn tend(&mut self, interval: Duration) -> io::Result<()> {
        if self.ended.is_some() {
            return Ok(());
        }
        let mut buffer = [0; 4096];
        for stream in [0, 1] {
            loop {
                match self.channel.stream(stream).read(&mut buffer) {
                    Ok(0) => break,
                    Ok(n) => self.keep(buffer.get(..n).unwrap_or_default()),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                    Err(e) => return Err(e),
                }
            }
        }
        if self.channel.eof() {
            let said = String::from_utf8_lossy(self.tail.make_contiguous()).trim().to_owned();
            let said = if said.is_empty() { said } else { format!(": {said}") };
            self.ended = Some(format!("the held command ended{said}"));
            return Ok(());
        }
        if self.last_beat.elapsed() >= interval {
            self.last_beat = Instant::now();
            if self.outgoing.is_empty() {
                self.outgoing.extend(b"alive\n");
            }
        }
        while !self.outgoing.is_empty() {
            match self.channel.write(self.outgoing.make_contiguous()) {
                Ok(n) => drop(self.outgoing.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.tail.extend(bytes);
        let over = self.tail.len().saturating_sub(HELD_TAIL);
        self.tail.drain(..over);
    }
}
