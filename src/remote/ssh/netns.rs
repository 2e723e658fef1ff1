//! Opening the TCP connection, if need be inside another network namespace.
//!
//! A short-lived thread does it: setns(2) changes the calling thread for good, and a name
//! server that does not answer must not hold a worker longer than the connect timeout.

use std::fs::File;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::settings::Settings;
use crate::remote::RemoteError;

/// Bytes the kernel may queue for sending. A keepalive waits behind all of them, so more would make a slow line look dead.
const SEND_BUFFER: usize = 256 * 1024;

enum Failure {
    Namespace(PathBuf, io::Error),
    Resolve(io::Error),
    Connect(String, io::Error),
}

/// Connects to the target. Data that stays unacknowledged for `silence` breaks the connection.
pub(super) fn dial(settings: &Settings, timeout: Duration, silence: Duration) -> Result<TcpStream, RemoteError> {
    let node = settings.node.clone();
    let unreachable = |reason: String| RemoteError::Unreachable { node: node.clone(), reason };
    let (send, receive) = mpsc::channel();
    let (host, port, netns) = (settings.host.clone(), settings.port, settings.netns.clone());
    let helper = thread::Builder::new().name("dial".to_owned());
    let spawned = helper.spawn(move || send.send(connect(&host, port, netns.as_deref(), timeout)));
    spawned.map_err(|e| unreachable(format!("no thread to connect with: {e}")))?;
    // The helper keeps the timeout itself, except while the resolver is silent.
    let outcome = receive.recv_timeout(timeout + Duration::from_millis(500));
    let seconds = timeout.as_secs_f32();
    let stream = match outcome {
        Ok(Ok(stream)) => stream,
        Ok(Err(Failure::Namespace(path, e))) => {
            return Err(RemoteError::Settings { node, reason: format!("cannot enter network namespace {}: {e}", path.display()) });
        }
        Ok(Err(Failure::Resolve(e))) => return Err(unreachable(format!("cannot find the address of {}: {e}", settings.host))),
        Ok(Err(Failure::Connect(address, e))) if e.kind() == io::ErrorKind::ConnectionRefused => {
            return Err(RemoteError::Refused { node, address });
        }
        Ok(Err(Failure::Connect(address, e))) if e.kind() == io::ErrorKind::TimedOut => {
            return Err(unreachable(format!("no answer from {address} within {seconds} s")));
        }
        Ok(Err(Failure::Connect(address, e))) => return Err(unreachable(format!("{address}: {e}"))),
        Err(_) => return Err(unreachable(format!("no answer from {} within {seconds} s", settings.address()))),
    };
    let millis = u32::try_from(silence.as_millis()).unwrap_or(u32::MAX);
    let set = sockopt::set_tcp_nodelay(stream.as_fd(), true)
        .and_then(|()| sockopt::set_tcp_user_timeout(stream.as_fd(), millis))
        .and_then(|()| sockopt::set_socket_keepalive(stream.as_fd(), true))
        .and_then(|()| sockopt::set_socket_send_buffer_size(stream.as_fd(), SEND_BUFFER));
    set.map_err(|e| unreachable(format!("cannot set up the connection: {e}")))?;
    Ok(stream)
}

fn connect(host: &str, port: u16, netns: Option<&Path>, timeout: Duration) -> Result<TcpStream, Failure> {
    let end = Instant::now() + timeout;
    if let Some(path) = netns {
        let enter = |path: &Path| -> io::Result<()> {
            let namespace = File::open(path)?;
            Ok(move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?)
        };
        enter(path).map_err(|e| Failure::Namespace(path.to_owned(), e))?;
    }
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(Failure::Resolve)?.collect();
    let mut failure = Failure::Resolve(io::Error::new(io::ErrorKind::NotFound, "no address"));
    for (index, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - index).unwrap_or(1);
        let share = (end.saturating_duration_since(Instant::now()) / left).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return Ok(stream),
            Err(e) => failure = Failure::Connect(address.to_string(), e),
        }
    }
    Err(failure)
}
