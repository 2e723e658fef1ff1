//! Commands, the held command and TCP connections over one session.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use ssh2::{Channel, Session};

use super::code::{channel_refused, words};
use super::link::{Fault, Link};
use super::sudo::Root;
use crate::remote::{BEAT, Exit, Output, RemoteError, Request, STOP_TIME, Stream, Streamed, Take, Transport, shell};

/// How long after the node's own deadline ours ends a command.
const GRACE: Duration = Duration::from_secs(10);
/// Bytes read or written at once.
const CHUNK: usize = 32 * 1024;
/// Bytes of a streamed command's standard error that are kept, the last ones.
const STREAM_TAIL: usize = 16 * 1024;
/// Longest command line sent as such. libssh2 refuses packets of 34,744 bytes (transport.c, `MAX_SSH_PACKET_LEN` less 256) without a
/// word of why, and sshd hands a line to the login shell as one argument.
const LINE: usize = 32_000;
/// Statuses with which `timeout -k` ends after it had to stop a command (timeout(1)).
const TIMED_OUT: [i32; 2] = [124, 137];

/// An open connection over ssh.
pub(super) struct SshTransport {
    link: Link,
    root: Root,
    output_limit: usize,
}

/// The end of a command before its deadlines are judged.
struct Raw {
    exit: Exit,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

enum Cut {
    Late,
    Full,
    Lost(RemoteError),
}

impl From<RemoteError> for Cut {
    fn from(error: RemoteError) -> Self {
        Self::Lost(error)
    }
}

/// Argv for messages: quoted, at most 120 characters.
fn shorten(argv: &[String]) -> String {
    let line = shell::join(argv);
    if line.chars().count() <= 120 { line } else { line.chars().take(119).chain(['…']).collect() }
}

impl SshTransport {
    pub fn new(link: Link, root: Root, output_limit: usize) -> Self {
        Self { link, root, output_limit }
    }

    fn timeout(&self, request: &Request) -> RemoteError {
        RemoteError::Timeout { node: self.link.node.clone(), command: shorten(&request.argv), deadline: request.deadline }
    }

    /// Tells an end that the node's `timeout` made from one of the command's own.
    fn judge(&self, request: &Request, raw: Raw, elapsed: Duration) -> Result<Output, RemoteError> {
        let stopped = match &raw.exit {
            Exit::Code(status) => TIMED_OUT.contains(status),
            Exit::Signal(name) => name == "KILL" || name == "TERM",
        };
        // A command may end with 124 by itself; before its time was over it did.
        if stopped && elapsed >= Duration::from_secs(seconds(request.deadline)) {
            return Err(self.timeout(request));
        }
        Ok(Output { exit: raw.exit, stdout: raw.stdout, stderr: raw.stderr, elapsed })
    }
}

/// The line to start and the input to feed: a long line goes ahead of the input, and a shell on the node takes it from there.
fn carried(line: String, input: Vec<u8>) -> (String, Vec<u8>) {
    if line.len() <= LINE {
        return (line, input);
    }
    (format!("exec sh -c 'eval \"$(head -c {})\"'", line.len()), [line.into_bytes(), input].concat())
}

/// Whole seconds for `timeout`, which on some nodes takes no fractions.
fn seconds(deadline: Duration) -> u64 {
    deadline.as_secs() + u64::from(deadline.subsec_nanos() > 0 || deadline.is_zero())
}

/// Checks what a shell or libssh2 could not carry.
fn check_argv(node: &str, argv: &[String]) -> Result<(), RemoteError> {
    let settings = |reason: &str| Err(RemoteError::Settings { node: node.to_owned(), reason: reason.to_owned() });
    match argv.first() {
        None => settings("an empty command"),
        // `env` would take it for a variable.
        Some(program) if program.is_empty() || program.starts_with('-') || program.contains('=') => settings("a command without a program"),
        _ if argv.iter().any(|word| word.contains('\0')) => settings("a command with a NUL byte"),
        _ => Ok(()),
    }
}

impl Transport for SshTransport {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        check_argv(&self.link.node, &request.argv)?;
        let started = Instant::now();
        self.link.breathe()?;
        let limit = seconds(request.deadline);
        let (line, input) = carried(self.root.wrap(&request.argv, Some(limit)), self.root.input(&request.stdin));
        tracing::debug!(node = %self.link.node, command = %shorten(&request.argv), "run");
        let mut channel = self.link.start(&line)?;
        let ours = Instant::now() + Duration::from_secs(limit) + GRACE;
        let raw = match exchange(&mut self.link, &mut channel, &input, ours, self.output_limit) {
            Ok(raw) => raw,
            Err(Cut::Lost(error)) => return Err(error),
            Err(Cut::Late) => {
                // A channel that does not even close shows in `lose`; the verdict on this command is the same.
                let _ = self.link.must("closing a channel", |_| channel.close());
                return Err(self.timeout(request));
            }
            Err(Cut::Full) => {
                let _ = self.link.must("closing a channel", |_| channel.close());
                let limit = self.output_limit;
                return Err(RemoteError::TooMuchOutput { node: self.link.node.clone(), command: shorten(&request.argv), limit });
            }
        };
        self.judge(request, raw, started.elapsed())
    }

    fn stream(&mut self, request: &Request, take: Take) -> Result<Streamed, RemoteError> {
        check_argv(&self.link.node, &request.argv)?;
        let started = Instant::now();
        self.link.breathe()?;
        let limit = seconds(request.deadline);
        let (line, input) = carried(self.root.wrap(&request.argv, Some(limit)), self.root.input(&request.stdin));
        tracing::debug!(node = %self.link.node, command = %shorten(&request.argv), "stream");
        let mut channel = self.link.start(&line)?;
        let ours = started + Duration::from_secs(limit) + GRACE;
        // The input stays open: its end is what ends the command.
        let mut state = Exchange { input: &input, sent: 0, eof_sent: true, stdout: Vec::new(), stderr: Vec::new() };
        let mut stopping: Option<Instant> = None;
        loop {
            let progress = state.step(&mut self.link, &mut channel)?;
            let over = state.stderr.len().saturating_sub(STREAM_TAIL);
            state.stderr.drain(..over);
            let piece = std::mem::take(&mut state.stdout);
            if stopping.is_none() && take(&piece).is_break() {
                state.eof_sent = false;
                stopping = Some(Instant::now() + STOP_TIME);
            }
            if channel.eof() {
                break;
            }
            let now = Instant::now();
            if stopping.is_some_and(|until| now >= until) {
                let _ = self.link.must("closing a channel", |_| channel.close());
                return Ok(Streamed::Stopped);
            }
            if now >= ours {
                let _ = self.link.must("closing a channel", |_| channel.close());
                return Err(self.timeout(request));
            }
            if !progress {
                self.link.wait(now + BEAT)?;
            }
        }
        let exit = self.link.finish(&mut channel)?;
        if stopping.is_some() {
            return Ok(Streamed::Stopped);
        }
        let raw = Raw { exit, stdout: Vec::new(), stderr: state.stderr };
        self.judge(request, raw, started.elapsed()).map(Streamed::Ended)
    }

    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        check_argv(&self.link.node, &request.argv)?;
        self.link.breathe()?;
        let (line, input) = carried(self.root.wrap(&request.argv, None), self.root.input(&request.stdin));
        let mut channel = self.link.start(&line)?;
        let until = Instant::now() + request.deadline;
        let mut session = Exchange { input: &input, sent: 0, eof_sent: true, stdout: Vec::new(), stderr: Vec::new() };
        loop {
            let progress = session.step(&mut self.link, &mut channel)?;
            let newline = session.stdout.iter().position(|b| *b == b'\n');
            if let (Some(end), true) = (newline, session.sent == input.len()) {
                let line = String::from_utf8_lossy(session.stdout.get(..end).unwrap_or_default()).into_owned();
                let rest = [session.stdout.get(end + 1..).unwrap_or_default(), &session.stderr].concat();
                self.link.hold(channel, &rest);
                return Ok(line);
            }
            if channel.eof() {
                let exit = self.link.finish(&mut channel)?;
                let said = String::from_utf8_lossy(&session.stderr).trim().to_owned();
                let reason = format!("the command to be held ended at once ({exit:?}): {said}");
                return Err(RemoteError::Lost { node: self.link.node.clone(), reason });
            }
            if Instant::now() >= until {
                let _ = self.link.must("closing a channel", |_| channel.close());
                return Err(self.timeout(request));
            }
            if !progress {
                self.link.wait(until)?;
            }
        }
    }

    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.link.check_held(true)?;
        self.link.tell(line)
    }

    fn breathe(&mut self) -> Result<(), RemoteError> {
        self.link.breathe()?;
        self.link.check_held(false)
    }

    fn tcp<'a>(&'a mut self, host: &str, port: u16, deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        self.link.breathe()?;
        let until = Instant::now() + deadline;
        let node = self.link.node.clone();
        let address = format!("{host}:{port}");
        let opened = self.link.drive(until, |session: &Session| session.channel_direct_tcpip(host, port, None));
        match opened {
            Ok(channel) => Ok(Box::new(TcpChannel { link: &mut self.link, channel, until })),
            Err(Fault::Lost(error)) => Err(error),
            Err(Fault::Late) => {
                // A channel left half open would be handed to the next one who asks.
                self.link.lose(format!("no answer while connecting to {address}"));
                Err(RemoteError::Unreachable { node, reason: format!("no answer from {address} within {} s", deadline.as_secs_f32()) })
            }
            Err(Fault::Ssh(e)) if words(&e).contains("prohibited") => {
                Err(RemoteError::Settings { node, reason: "its sshd forbids forwarding (AllowTcpForwarding in sshd_config)".to_owned() })
            }
            Err(Fault::Ssh(e)) if channel_refused(&e) => Err(RemoteError::Refused { node, address }),
            Err(Fault::Ssh(e)) => Err(RemoteError::Unreachable { node, reason: format!("{address}: {}", words(&e)) }),
        }
    }
}

/// Runs a small command as the login user and gives its outputs as text.
pub(super) fn quick(link: &mut Link, line: &str, input: &[u8]) -> Result<(String, String), RemoteError> {
    const TIME: Duration = Duration::from_secs(30);
    let mut channel = link.start(line)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match exchange(link, &mut channel, input, Instant::now() + TIME, 1 << 20) {
        Ok(raw) => Ok((text(&raw.stdout), text(&raw.stderr))),
        Err(Cut::Lost(error)) => Err(error),
        Err(Cut::Late | Cut::Full) => {
            let command = "becoming root".to_owned();
            Err(RemoteError::Timeout { node: link.node.clone(), command, deadline: TIME })
        }
    }
}

/// Runs a started command to its end: feeds its input, drains both outputs together.
fn exchange(link: &mut Link, channel: &mut Channel, input: &[u8], until: Instant, limit: usize) -> Result<Raw, Cut> {
    let mut state = Exchange { input, sent: 0, eof_sent: false, stdout: Vec::new(), stderr: Vec::new() };
    loop {
        let progress = state.step(link, channel)?;
        if state.stdout.len() > limit || state.stderr.len() > limit {
            return Err(Cut::Full);
        }
        if channel.eof() {
            break;
        }
        if Instant::now() >= until {
            return Err(Cut::Late);
        }
        if !progress {
            link.wait(until)?;
        }
    }
    let exit = link.finish(channel)?;
    Ok(Raw { exit, stdout: state.stdout, stderr: state.stderr })
}

struct Exchange<'a> {
    input: &'a [u8],
    sent: usize,
    eof_sent: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Exchange<'_> {
    /// Moves what can be moved now; says whether anything was.
    fn step(&mut self, link: &mut Link, channel: &mut Channel) -> Result<bool, RemoteError> {
        let mut progress = false;
        if let Some(rest) = self.input.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let piece = rest.get(..CHUNK).unwrap_or(rest);
            if channel.eof() {
                // The command ended without reading it all.
                self.sent = self.input.len();
            } else if let Some(n) = link.step(channel.write(piece))? {
                self.sent += n;
                progress |= n > 0;
            }
        } else if !self.eof_sent {
            match channel.send_eof() {
                Ok(()) => {
                    self.eof_sent = true;
                    progress = true;
                }
                Err(e) if super::code::again(&e) => {}
                Err(_) if channel.eof() => self.eof_sent = true,
                Err(e) => return Err(link.lose(words(&e))),
            }
        }
        let mut buffer = [0; CHUNK];
        for (stream, into) in [(0, &mut self.stdout), (1, &mut self.stderr)] {
            if let Some(n) = link.step(channel.stream(stream).read(&mut buffer))? {
                into.extend(buffer.get(..n).unwrap_or_default());
                progress |= n > 0;
            }
        }
        Ok(progress)
    }
}

/// A TCP connection made by the node.
struct TcpChannel<'a> {
    link: &'a mut Link,
    channel: Channel,
    until: Instant,
}

impl TcpChannel<'_> {
    fn repeat(&mut self, mut operation: impl FnMut(&mut Channel) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            match operation(&mut self.channel) {
                Ok(0) if !self.channel.eof() => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
            if Instant::now() >= self.until {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.link.wait(self.until).map_err(io::Error::other)?;
        }
    }
}

impl Read for TcpChannel<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() { Ok(0) } else { self.repeat(|channel| channel.read(buffer)) }
    }
}

impl Write for TcpChannel<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..CHUNK).unwrap_or(bytes);
        if piece.is_empty() { Ok(0) } else { self.repeat(|channel| channel.write(piece)) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TcpChannel<'_> {
    fn drop(&mut self) {
        let _ = self.link.must("closing a channel", |_| self.channel.close());
    }
}
