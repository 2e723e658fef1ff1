//! A small HTTP server: one request a connection, a bounded number of connections, a deadline for each.
//! `httparse` reads the requests; what may go wrong on a socket is bounded here.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Connections served at once; further ones are told to come again.
const CONNECTIONS: usize = 32;
/// Longest request, its headers included.
const REQUEST: usize = 8 << 10;
/// Most headers of a request.
const HEADERS: usize = 64;
/// Time for a request to arrive whole.
const ARRIVAL: Duration = Duration::from_secs(5);
/// Time for an answer to be taken.
const DELIVERY: Duration = Duration::from_secs(10);
/// Time for what a client still sends, so that it gets to read the answer.
const FAREWELL: Duration = Duration::from_millis(300);
/// How often the end is looked for.
const TICK: Duration = Duration::from_millis(100);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Media type.
    kind: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Metrics in Prometheus' text format.
    pub fn metrics(body: String) -> Self {
        Self { status: 200, kind: "text/plain; version=0.0.4; charset=utf-8", body }
    }

    /// Words.
    pub fn text(status: u16, body: &str) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", body: body.to_owned() }
    }

    fn head(&self) -> String {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            431 => "Request Header Fields Too Large",
            _ => "Service Unavailable",
        };
        let more = match self.status {
            405 => "Allow: GET, HEAD\r\n",
            503 => "Retry-After: 5\r\n",
            _ => "",
        };
        format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{more}Connection: close\r\n\r\n",
            self.status,
            self.kind,
            self.body.len()
        )
    }
}

/// What there is to read: the answer to a path.
pub type Site<'a> = &'a (dyn Fn(&str) -> Option<Answer> + Sync);

/// Serves until `stop`, then lets open requests come to their end.
///
/// # Errors
/// When the socket cannot be listened on.
pub fn serve(listener: &TcpListener, site: Site, stop: &dyn Fn() -> bool) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let open = &AtomicUsize::new(0);
    thread::scope(|scope| {
        while !stop() {
            let mut fds = [PollFd::from_borrowed_fd(listener.as_fd(), PollFlags::IN)];
            match poll(&mut fds, Timespec::try_from(TICK).ok().as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock || e.kind() == io::ErrorKind::Interrupted => continue,
                // A client that left already, or no file descriptor left: neither is the end.
                Err(_) => {
                    thread::sleep(TICK);
                    continue;
                }
            };
            if open.fetch_add(1, Ordering::AcqRel) >= CONNECTIONS {
                open.fetch_sub(1, Ordering::AcqRel);
                refuse(&stream);
                continue;
            }
            scope.spawn(move || {
                let _leaves = Leaves(open);
                // A client that goes away is no concern of ours.
                let _ = converse(&stream, site);
            });
        }
        Ok(())
    })
}

/// Counts a connection down, also when its thread panics.
struct Leaves<'a>(&'a AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Tells a client to come again, without waiting for it.
fn refuse(mut stream: &TcpStream) {
    let answer = Answer::text(503, "too many connections\n");
    let _ = stream.set_nonblocking(true);
    let _ = stream.write(format!("{}{}", answer.head(), answer.body).as_bytes());
}

fn converse(stream: &TcpStream, site: Site) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    let (answer, body) = match request(stream, Instant::now() + ARRIVAL)? {
        Ok(Request { get: false, .. }) => (Answer::text(405, "only GET and HEAD\n"), true),
        Ok(Request { path, body, .. }) => (site(&path).unwrap_or_else(|| Answer::text(404, "see /metrics and /healthz\n")), body),
        Err(status) => (Answer::text(status, "no request that makes sense\n"), true),
    };
    let text = format!("{}{}", answer.head(), if body { answer.body.as_str() } else { "" });
    send(stream, text.as_bytes(), Instant::now() + DELIVERY)?;
    // Closed with unread input, a socket would take the answer back.
    stream.shutdown(Shutdown::Write)?;
    let until = Instant::now() + FAREWELL;
    while let Some(left) = left(until) {
        stream.set_read_timeout(Some(left))?;
        if (&*stream).read(&mut [0; 4096])? == 0 {
            break;
        }
    }
    Ok(())
}

struct Request {
    /// GET or HEAD.
    get: bool,
    path: String,
    /// The body is wanted.
    body: bool,
}

/// Reads a request, or the status that says why it is none.
fn request(mut stream: &TcpStream, until: Instant) -> io::Result<Result<Request, u16>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let Some(left) = left(until) else { return Ok(Err(408)) };
        stream.set_read_timeout(Some(left))?;
        let n = match stream.read(&mut buffer) {
            Ok(0) if bytes.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(0) => return Ok(Err(400)),
            Ok(n) => n,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => return Ok(Err(408)),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        bytes.extend_from_slice(buffer.get(..n).unwrap_or_default());
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(&bytes) {
            Ok(httparse::Status::Complete(_)) => {
                let method = parsed.method.unwrap_or_default();
                let target = parsed.path.unwrap_or_default();
                let path = target.split('?').next().unwrap_or_default().to_owned();
                return Ok(Ok(Request { get: matches!(method, "GET" | "HEAD"), path, body: method != "HEAD" }));
            }
            Ok(httparse::Status::Partial) if bytes.len() < REQUEST => {}
            Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Ok(Err(431)),
            Err(_) => return Ok(Err(400)),
        }
    }
}

/// Sends all within the time, however little the client takes at once.
fn send(mut stream: &TcpStream, mut bytes: &[u8], until: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.set_write_timeout(Some(left(until).ok_or(io::ErrorKind::TimedOut)?))?;
        match stream.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// What is left until then; a socket takes no time-out of zero.
fn left(until: Instant) -> Option<Duration> {
    Some(until.saturating_duration_since(Instant::now())).filter(|d| !d.is_zero())
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
