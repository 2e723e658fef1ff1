//! This machine as a node: the same contract without a network, for tests of the scripts nodes run.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{BEAT, Connect, Exit, Output, RemoteError, Request, STOP_TIME, Stream, Streamed, Take, Target, Transport, shell};

/// Opens [`LocalTransport`]s, whatever the target.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalConnector;

impl Connect for LocalConnector {
    fn connect(&self, target: &Target) -> Result<Box<dyn Transport>, RemoteError> {
        Ok(Box::new(LocalTransport::new(&target.name)))
    }
}

/// Runs commands on this machine as the current user. Each runs in a process group of its own,
/// which is killed when its deadline passes.
#[derive(Debug)]
pub struct LocalTransport {
    node: String,
    held: Option<(Child, Option<ChildStdin>)>,
}

impl LocalTransport {
    /// A transport that calls this machine `node`.
    #[must_use]
    pub fn new(node: &str) -> Self {
        Self { node: node.to_owned(), held: None }
    }

    fn spawn(&self, request: &Request, stderr: Stdio) -> Result<Child, RemoteError> {
        let failed = |reason: String| RemoteError::Settings { node: self.node.clone(), reason };
        let (program, arguments) = request.argv.split_first().ok_or_else(|| failed("an empty command".to_owned()))?;
        let mut command = Command::new(program);
        command.args(arguments).env("LC_ALL", "C").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        command.spawn().map_err(|e| failed(format!("cannot run {program}: {e}")))
    }

    fn timeout(&self, request: &Request) -> RemoteError {
        RemoteError::Timeout { node: self.node.clone(), command: shell::join(&request.argv), deadline: request.deadline }
    }

    fn lost(&self, reason: impl ToString) -> RemoteError {
        RemoteError::Lost { node: self.node.clone(), reason: reason.to_string() }
    }
}

impl Transport for LocalTransport {
    fn run(&mut self, request: &Request) -> Result<Output, RemoteError> {
        let started = Instant::now();
        let mut child = self.spawn(request, Stdio::piped())?;
        let stdout = reader(child.stdout.take());
        let stderr = reader(child.stderr.take());
        if let Some(mut stdin) = child.stdin.take() {
            let input = request.stdin.clone();
            // A command that ends without reading its input is no error, so a broken pipe is not either.
            thread::spawn(move || stdin.write_all(&input));
        }
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| self.lost(e))? {
                break status;
            }
            if started.elapsed() >= request.deadline {
                kill_group(&mut child);
                return Err(self.timeout(request));
            }
            thread::sleep(Duration::from_millis(2));
        };
        let collect = |from: mpsc::Receiver<Vec<u8>>| {
            let left = request.deadline.saturating_sub(started.elapsed()).max(Duration::from_millis(100));
            from.recv_timeout(left)
        };
        match (collect(stdout), collect(stderr)) {
            (Ok(stdout), Ok(stderr)) => Ok(Output { exit: exit_of(status), stdout, stderr, elapsed: started.elapsed() }),
            // A process left behind still holds an output open.
            _ => {
                kill_group(&mut child);
                Err(self.timeout(request))
            }
        }
    }

    fn stream(&mut self, request: &Request, take: Take) -> Result<Streamed, RemoteError> {
        let started = Instant::now();
        let mut child = self.spawn(request, Stdio::piped())?;
        let stderr = reader(child.stderr.take());
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            stdin.write_all(&request.stdin).and_then(|()| stdin.flush()).map_err(|e| self.lost(e))?;
        }
        let pieces = piecewise(child.stdout.take());
        let mut stopping: Option<Instant> = None;
        loop {
            let piece = match pieces.recv_timeout(BEAT) {
                Ok(piece) => piece,
                Err(mpsc::RecvTimeoutError::Timeout) => Vec::new(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            if stopping.is_none() && take(&piece).is_break() {
                stdin = None;
                stopping = Some(Instant::now() + STOP_TIME);
            }
            let late = started.elapsed() >= request.deadline;
            if late || stopping.is_some_and(|until| Instant::now() >= until) {
                kill_group(&mut child);
                return if stopping.is_some() { Ok(Streamed::Stopped) } else { Err(self.timeout(request)) };
            }
        }
        drop(stdin);
        let status = child.wait().map_err(|e| self.lost(e))?;
        if stopping.is_some() {
            return Ok(Streamed::Stopped);
        }
        let stderr = stderr.recv_timeout(STOP_TIME).unwrap_or_default();
        Ok(Streamed::Ended(Output { exit: exit_of(status), stdout: Vec::new(), stderr, elapsed: started.elapsed() }))
    }

    fn hold(&mut self, request: &Request) -> Result<String, RemoteError> {
        let mut child = self.spawn(request, Stdio::null())?;
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            stdin.write_all(&request.stdin).and_then(|()| stdin.flush()).map_err(|e| self.lost(e))?;
        }
        let (send, receive) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut lines = BufReader::new(stdout);
                let mut line = String::new();
                let first = lines.read_line(&mut line).map(|_| line);
                let _ = send.send(first);
                io::copy(&mut lines, &mut io::sink())
            });
        }
        let line = match receive.recv_timeout(request.deadline) {
            Ok(Ok(line)) if !line.is_empty() => line.trim_end_matches('\n').to_owned(),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                kill_group(&mut child);
                return Err(self.timeout(request));
            }
            _ => {
                kill_group(&mut child);
                return Err(self.lost("the held command ended without a line"));
            }
        };
        self.held = Some((child, stdin));
        Ok(line)
    }

    fn tell(&mut self, line: &str) -> Result<(), RemoteError> {
        self.breathe()?;
        let gone = self.lost("no held command");
        let stdin = self.held.as_mut().and_then(|(_, stdin)| stdin.as_mut()).ok_or(gone)?;
        let sent = writeln!(stdin, "{line}").and_then(|()| stdin.flush());
        sent.map_err(|e| self.lost(format!("the held command is gone: {e}")))
    }

    fn breathe(&mut self) -> Result<(), RemoteError> {
        let ended = self.held.as_mut().and_then(|(child, _)| child.try_wait().ok().flatten());
        match ended {
            Some(status) => Err(self.lost(format!("the held command ended ({status})"))),
            None => Ok(()),
        }
    }

    fn tcp<'a>(&'a mut self, host: &str, port: u16, deadline: Duration) -> Result<Box<dyn Stream + 'a>, RemoteError> {
        let unreachable = |reason: String| RemoteError::Unreachable { node: self.node.clone(), reason };
        let addresses = (host, port).to_socket_addrs().map_err(|e| unreachable(format!("{host}: {e}")))?;
        let mut last = unreachable(format!("{host}: no address"));
        for address in addresses {
            match TcpStream::connect_timeout(&address, deadline) {
                Ok(stream) => {
                    let set = stream.set_read_timeout(Some(deadline)).and_then(|()| stream.set_write_timeout(Some(deadline)));
                    set.map_err(|e| unreachable(e.to_string()))?;
                    return Ok(Box::new(stream));
                }
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
                    last = RemoteError::Refused { node: self.node.clone(), address: address.to_string() };
                }
                Err(e) => last = unreachable(format!("{address}: {e}")),
            }
        }
        Err(last)
    }
}

impl Drop for LocalTransport {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.held.take() {
            drop(stdin);
            let patience = Instant::now() + Duration::from_secs(1);
            while Instant::now() < patience {
                if !matches!(child.try_wait(), Ok(None)) {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
            kill_group(&mut child);
        }
    }
}

fn reader(source: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut source) = source {
            let _ = source.read_to_end(&mut bytes);
        }
        let _ = send.send(bytes);
    });
    receive
}

/// Hands over what can be read, piece by piece, until there is no more or nobody listens.
fn piecewise(source: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::sync_channel(16);
    thread::spawn(move || {
        let Some(mut source) = source else { return };
        let mut buffer = [0; 32 * 1024];
        while let Ok(n @ 1..) = source.read(&mut buffer) {
            if send.send(buffer.get(..n).unwrap_or_default().to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

fn kill_group(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = child.wait();
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal_name(signal.unwrap_or(0))),
    }
}

/// Name of a Linux signal without `SIG` (signal(7)); the number itself for a rare one.
fn signal_name(number: i32) -> String {
    let names = [(1, "HUP"), (2, "INT"), (3, "QUIT"), (4, "ILL"), (6, "ABRT"), (7, "BUS"), (8, "FPE"), (9, "KILL")];
    let more = [(10, "USR1"), (11, "SEGV"), (12, "USR2"), (13, "PIPE"), (14, "ALRM"), (15, "TERM")];
    let found = names.iter().chain(&more).find(|(n, _)| *n == number);
    found.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    #[test]
    fn a_script_gives_both_outputs_and_its_status() {
        let mut here = LocalTransport::new("here");
        let output = here.run(&Request::script("echo out; echo err >&2; exit 7")).unwrap();
        assert_eq!((output.text().as_str(), output.error_text().as_str(), output.exit), ("out\n", "err\n", Exit::Code(7)));
        let killed = here.run(&Request::new(["sh", "-c", "kill -KILL $$"])).unwrap();
        assert_eq!(killed.exit, Exit::Signal("KILL".into()));
        assert!(matches!(here.run(&Request::new(["/no/such/program"])), Err(RemoteError::Settings { .. })));
    }

    #[test]
    fn big_input_and_output_do_not_block_each_other() {
        let input: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let request = Request { stdin: input.clone(), ..Request::new(["cat"]) };
        assert_eq!(LocalTransport::new("here").run(&request).unwrap().stdout, input);
        assert!(LocalTransport::new("here").run(&Request { stdin: input, ..Request::new(["true"]) }).unwrap().success());
    }

    #[test]
    fn a_deadline_kills_the_whole_group() {
        let request = Request::script("sleep 30 & wait").within(Duration::from_millis(100));
        let started = Instant::now();
        assert!(matches!(LocalTransport::new("here").run(&request), Err(RemoteError::Timeout { .. })));
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_stream_comes_piece_by_piece_and_ends_with_its_input() {
        let mut here = LocalTransport::new("here");
        // Prints for ever, as one that watches its input and ends with it.
        let watch = "exec 3<&0; (while echo tick; do sleep 0.05; done) & p=$!; while read -r _; do :; done <&3; kill $p; echo over >&2";
        let (mut seen, mut calls) = (Vec::new(), 0);
        let started = Instant::now();
        let end = here.stream(&Request::new(["sh", "-c", watch]), &mut |piece| {
            calls += 1;
            seen.extend_from_slice(piece);
            if seen.len() >= 15 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(end, Ok(Streamed::Stopped)) && calls >= 2 && seen.starts_with(b"tick\n"), "{end:?} {calls} {seen:?}");
        assert!(started.elapsed() < STOP_TIME, "it ended by itself, it was not killed: {:?}", started.elapsed());
        let ended = here.stream(&Request::new(["sh", "-c", "echo x; echo why >&2; exit 3"]), &mut |_| ControlFlow::Continue(()));
        let Ok(Streamed::Ended(output)) = ended else { unreachable!("{ended:?}") };
        assert_eq!((output.exit.clone(), output.error_text().as_str()), (Exit::Code(3), "why\n"));
        let endless = Request::new(["sleep", "30"]).within(Duration::from_millis(300));
        assert!(matches!(here.stream(&endless, &mut |_| ControlFlow::Continue(())), Err(RemoteError::Timeout { .. })));
        // One that is deaf is killed.
        let deaf = here.stream(&Request::new(["sleep", "30"]), &mut |_| ControlFlow::Break(()));
        assert!(matches!(deaf, Ok(Streamed::Stopped)));
    }

    #[test]
    fn a_held_command_hears_lines_and_its_death_is_noticed() {
        let mut here = LocalTransport::new("here");
        let request = Request::new(["sh", "-c", "echo ready; read line; echo \"$line\" >&2"]);
        assert_eq!(here.hold(&request).unwrap(), "ready");
        assert!(here.breathe().is_ok() && here.tell("bye").is_ok());
        let patience = Instant::now() + Duration::from_secs(5);
        while here.breathe().is_ok() {
            assert!(Instant::now() < patience, "the end of the held command was not noticed");
            thread::sleep(Duration::from_millis(5));
        }
        assert!(here.tell("again").is_err());
    }
}
