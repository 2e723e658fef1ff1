//! Connections to fake nodes.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::host::Service;
use super::reply::{Reply, What};
use super::{Call, FakeHost, lock, output};
use crate::remote::{BEAT, Connect, Exit, Output, RemoteError, Request, Stream, Streamed, Take, Target, Transport, shell};

/// Connects to fake nodes. Clones share the nodes.
#[derive(Clone, Default)]
pub struct FakeConnector {
    hosts: Arc<Mutex<BTreeMap<String, FakeHost>>>,
    log: Arc<Mutex<Vec<(String, Call)>>>,
}

impl FakeConnector {
    /// Without nodes; each comes to be when first named.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The node of this name ([`Target::name`]).
    #[must_use]
    pub fn host(&self, name: &str) -> FakeHost {
        let new = || FakeHost { name: name.to_owned(), state: Arc::default(), log: Arc::clone(&self.log) };
        lock(&self.hosts).entry(name.to_owned()).or_insert_with(new).clone()
    }

    /// Everything done to all nodes, in the order it was done.
    #[must_use]
    pub fn history(&self) -> Vec<(String, Call)> {
        lock(&self.log).clone()
    }
}

impl Connect for FakeConnector {
    fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError> {
        let host = self.host(&target.name);
        host.record(Call::Connect);
        let mut state = lock(&host.state);
        if let Some(error) = state.down.clone().or_else(|| state.connect.pop_front()) {
            return Err(error);
        }
        drop(state);
        Ok(Box::new(FakeTransport { host, lost: None, held: false }))
    }
}

/// An open connection to a fake node.
pub struct FakeTransport {
    host: FakeHost,
    lost: Option<String>,
    held: bool,
}

impl FakeTransport {
    fn alive(&mut self) -> Result<(), RemoteError> {
        if lock(&self.host.state).down.is_some() {
            self.lost.get_or_insert_with(|| "the node is down".to_owned());
        }
        match &self.lost {
            Some(reason) => Err(RemoteError::Lost { node: self.host.name.clone(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    fn held_alive(&self) -> Result<(), RemoteError> {
        if !self.held || lock(&self.host.state).holder_dead {
            return Err(RemoteError::Lost { node: self.host.name.clone(), reason: "the held command ended".to_owned() });
        }
        Ok(())
    }
}

impl FakeTransport {
    /// Runs a command as the host's script says.
    fn reply(&mut self, request: &Request, reply: Reply) -> Result<Output, RemoteError> {
        let started = Instant::now();
        thread::sleep(reply.delay.min(request.deadline));
        let mut output = match reply.what {
            _ if reply.delay > request.deadline => return Err(timeout(&self.host.name, request)),
            What::Output(output) => output,
            What::Dynamic(answer) => answer(request),
            What::Fail(error) => {
                if let RemoteError::Lost { reason, .. } = &error {
                    self.lost = Some(reason.clone());
                }
                return Err(error);
            }
            // A command that goes on for ever has no end to run to.
            What::Hang | What::Flow(_) => {
                thread::sleep(request.deadline.saturating_sub(started.elapsed()));
                return Err(timeout(&self.host.name, request));
            }
            What::Lose => {
                self.lost = Some("connection reset by peer".to_owned());
                return self.alive().map(|()| output(Exit::Code(0), Vec::new(), Vec::new()));
            }
        };
        output.elapsed = started.elapsed();
        Ok(output)
    }
}

impl Transport for FakeTransport {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        self.host.record(Call::Run(request.clone()));
        self.alive()?;
        let reply = self.host.next_reply(request);
        self.reply(request, reply)
    }

    fn stream(&mut self, request: &Request, take: Take) -> Result<Streamed, RemoteError> {
        self.host.record(Call::Stream(request.clone()));
        self.alive()?;
        let reply = self.host.next_reply(request);
        let What::Flow(pieces) = reply.what else {
            let mut output = self.reply(request, reply)?;
            let stdout = std::mem::take(&mut output.stdout);
            return Ok(if take(&stdout).is_break() { Streamed::Stopped } else { Streamed::Ended(output) });
        };
        let until = Instant::now() + request.deadline;
        let mut pieces = VecDeque::from(pieces);
        let mut next = Instant::now() + pieces.front().map_or(Duration::ZERO, |(pause, _)| *pause);
        loop {
            self.alive()?;
            let now = Instant::now();
            let mut piece = Vec::new();
            if now >= next
                && let Some((_, ready)) = pieces.pop_front()
            {
                piece = ready;
                next = now + pieces.front().map_or(Duration::ZERO, |(pause, _)| *pause);
            }
            if take(&piece).is_break() {
                return Ok(Streamed::Stopped);
            }
            if now >= until {
                return Err(timeout(&self.host.name, request));
            }
            thread::sleep(BEAT / 50);
        }
    }

    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        self.host.record(Call::Hold(request.clone()));
        self.alive()?;
        let mut state = lock(&self.host.state);
        let line = state.hold.clone()?;
        state.holder_dead = false;
        drop(state);
        self.held = true;
        Ok(line)
    }

    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.host.record(Call::Tell(line.to_owned()));
        self.alive()?;
        self.held_alive()
    }

    fn breathe(&mut self) -> Result<(), RemoteError> {
        lock(&self.host.state).breaths += 1;
        self.alive()?;
        if self.held { self.held_alive() } else { Ok(()) }
    }

    fn tcp<'a>(&'a mut self, host: &str, port: u16, _deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        self.host.record(Call::Tcp(host.to_owned(), port));
        self.alive()?;
        let service = lock(&self.host.state).services.get(&port).cloned();
        let address = format!("{host}:{port}");
        let answer = service.ok_or_else(|| RemoteError::Refused { node: self.host.name.clone(), address })?;
        Ok(Box::new(FakeStream { answer, asked: Vec::new(), ready: VecDeque::new() }))
    }
}

impl Drop for FakeTransport {
    fn drop(&mut self) {
        self.host.record(Call::Close);
    }
}

fn timeout(node: &str, request: &Request) -> RemoteError {
    RemoteError::Timeout { node: node.to_owned(), command: shell::join(&request.argv), deadline: request.deadline }
}

struct FakeStream {
    answer: Service,
    asked: Vec<u8>,
    ready: VecDeque<u8>,
}

impl Read for FakeStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            self.ready.extend((self.answer)(&std::mem::take(&mut self.asked)));
        }
        self.ready.read(buffer)
    }
}

impl Write for FakeStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.asked.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
