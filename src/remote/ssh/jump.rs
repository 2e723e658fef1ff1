//! Jump hosts: the target's session runs through a channel of the jump host's session.
//!
//! libssh2 wants a socket, so a socket pair stands between, and a thread that owns the
//! jump host's session from then on carries bytes between the two.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, Session};

use super::code::{channel_refused, words};
use super::link::{Fault, Link};
use super::settings::Settings;
use crate::remote::{RemoteError, Target};

/// Bytes carried at once in each direction.
const CHUNK: usize = 64 * 1024;

/// The hop next to the target of a chain `a,b,c`, as a target that is reached through the hops before it.
///
/// It is offered the target's keys, which gives nothing away, but never its passwords.
pub(super) fn last_hop(settings: &Settings, target: &Target) -> Result<Option<Target>, RemoteError> {
    let Some(chain) = &settings.jump else { return Ok(None) };
    let (before, last) = match chain.rsplit_once(',') {
        Some((before, last)) => (Some(before), last),
        None => (None, chain.as_str()),
    };
    let wrong =
        || RemoteError::Settings { node: settings.node.clone(), reason: format!("`{last}` is no jump host; write [user@]host[:port]") };
    let text = last.trim().strip_prefix("ssh://").unwrap_or(last.trim());
    let (user, place) = text.rsplit_once('@').map_or((None, text), |(user, place)| (Some(user.to_owned()), place));
    let (host, port) = match place.strip_prefix('[').and_then(|p| p.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').or(rest.is_empty().then_some("")).ok_or_else(wrong)?),
        None if place.matches(':').count() == 1 => place.split_once(':').ok_or_else(wrong)?,
        None => (place, ""),
    };
    let port = if port.is_empty() { None } else { Some(port.parse().ok().filter(|p| *p != 0).ok_or_else(wrong)?) };
    if host.is_empty() || user.as_deref() == Some("") {
        return Err(wrong());
    }
    Ok(Some(Target {
        name: format!("{} (jump host {host})", base_name(&settings.node)),
        host: host.to_owned(),
        port,
        user,
        identities: target.identities.clone(),
        jump: before.map(str::to_owned),
        password: None,
        sudo_password: None,
        known_hosts: target.known_hosts.clone(),
        netns: target.netns.clone(),
    }))
}

fn base_name(node: &str) -> &str {
    node.split(" (jump host ").next().unwrap_or(node)
}

/// Connects from the jump host to the target and gives this machine's end of it.
pub(super) fn through(mut jump: Link, settings: &Settings, timeout: Duration) -> Result<OwnedFd, RemoteError> {
    let node = settings.node.clone();
    let opened = jump.drive(Instant::now() + timeout, |session| session.channel_direct_tcpip(&settings.host, settings.port, None));
    let channel = opened.map_err(|fault| match fault {
        Fault::Lost(error) => error,
        Fault::Late => {
            RemoteError::Unreachable { node: node.clone(), reason: format!("{} cannot reach {} in time", jump.node, settings.address()) }
        }
        Fault::Ssh(e) if words(&e).contains("prohibited") => RemoteError::Settings {
            node: node.clone(),
            reason: format!("{} forbids forwarding (AllowTcpForwarding in its sshd_config)", jump.node),
        },
        Fault::Ssh(e) if channel_refused(&e) => {
            RemoteError::Unreachable { node: node.clone(), reason: format!("{} cannot connect to {}", jump.node, settings.address()) }
        }
        Fault::Ssh(e) => RemoteError::Unreachable { node: node.clone(), reason: format!("{}: {}", jump.node, words(&e)) },
    })?;
    let failed = |e: io::Error| RemoteError::Unreachable { node: node.clone(), reason: format!("no bridge to the jump host: {e}") };
    let (near, far) = UnixStream::pair().map_err(failed)?;
    far.set_nonblocking(true).map_err(failed)?;
    let (session, socket) = jump.into_parts();
    let pump = Pump { session, socket, channel, local: far, up: VecDeque::new(), down: VecDeque::new() };
    thread::Builder::new().name("jump".to_owned()).spawn(move || pump.run()).map_err(failed)?;
    Ok(near.into())
}

struct Pump {
    // Dropped in this order: the channel before its session.
    channel: Channel,
    session: Session,
    socket: Arc<OwnedFd>,
    local: UnixStream,
    /// On the way to the target.
    up: VecDeque<u8>,
    /// On the way back.
    down: VecDeque<u8>,
}

impl Pump {
    /// Carries until either side ends; then both ends close with this thread, and the target's session sees it.
    fn run(mut self) {
        while let Ok(progress) = self.carry() {
            if !progress && self.sleep().is_err() {
                break;
            }
        }
        let _ = self.channel.close();
    }

    /// One step each way; an error is the end.
    fn carry(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; CHUNK];
        let mut progress = false;
        if self.up.is_empty()
            && let Some(n) = step(self.local.read(&mut buffer))?
        {
            self.up.extend(buffer.get(..n).filter(|b| !b.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?);
            progress = true;
        }
        if !self.up.is_empty()
            && let Some(n) = step(self.channel.write(self.up.make_contiguous()))?
        {
            self.up.drain(..n);
            progress |= n > 0;
        }
        if self.down.is_empty()
            && let Some(n) = step(self.channel.read(&mut buffer))?
        {
            if n == 0 && self.channel.eof() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.down.extend(buffer.get(..n).unwrap_or_default());
            progress |= n > 0;
        }
        if !self.down.is_empty()
            && let Some(n) = step(self.local.write(self.down.make_contiguous()))?
        {
            self.down.drain(..n);
            progress |= n > 0;
        }
        Ok(progress)
    }

    fn sleep(&self) -> rustix::io::Result<()> {
        let mut local = PollFlags::empty();
        local.set(PollFlags::IN, self.up.is_empty());
        local.set(PollFlags::OUT, !self.down.is_empty());
        let mut remote = PollFlags::empty();
        remote.set(PollFlags::IN, self.down.is_empty() || !self.up.is_empty());
        remote.set(PollFlags::OUT, matches!(self.session.block_directions(), BlockDirections::Outbound | BlockDirections::Both));
        let mut fds = [PollFd::new(&self.local, local), PollFd::from_borrowed_fd(self.socket.as_fd(), remote)];
        match poll(&mut fds, Some(&Timespec { tv_sec: 1, tv_nsec: 0 })) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(e) => Err(e),
        }
    }
}

fn step(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(n) => Ok(Some(n)),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock || e.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::ssh::SshOptions;

    fn hop(jump: &str) -> Result<Target, RemoteError> {
        let home = tempfile::tempdir().unwrap();
        let options = SshOptions { home: Some(home.path().into()), system_dir: home.path().into(), ..SshOptions::default() };
        let password = Some("geheim".to_owned());
        let target = Target { name: "n1".into(), host: "n1".into(), jump: Some(jump.into()), password, ..Target::default() };
        last_hop(&Settings::resolve(&target, &options)?, &target).map(Option::unwrap)
    }

    #[test]
    fn jump_hosts_are_taken_apart() {
        let parts = |jump: &str| hop(jump).map(|t| (t.user, t.host, t.port, t.jump)).unwrap();
        assert_eq!(parts("gate"), (None, "gate".into(), None, None));
        assert_eq!(parts("me@gate:2222"), (Some("me".into()), "gate".into(), Some(2222), None));
        assert_eq!(parts("a@b@[fd00::1]:22"), (Some("a@b".into()), "fd00::1".into(), Some(22), None));
        assert_eq!(parts("fd00::1"), (None, "fd00::1".into(), None, None));
        assert_eq!(parts("one,two:5"), (None, "two".into(), Some(5), Some("one".into())));
        assert_eq!(hop("gate").unwrap().password, None);
        for wrong in ["@gate", "gate:x", "gate:0", "a,", "[fd00::1]x"] {
            assert!(matches!(hop(wrong), Err(RemoteError::Settings { .. })), "{wrong}");
        }
    }
}
