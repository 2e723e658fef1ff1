//! Addresses and listening TCP ports, with the processes that hold them.

use std::net::{IpAddr, Ipv4Addr};

use super::{Answer, FactError, Question};
use crate::inventory::model::{Node, Role};

const NAME: &str = "network";

/// One IPv4 address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `eth0`, `vec0`.
    pub interface: String,
    /// The address.
    pub address: Ipv4Addr,
    /// Prefix length; 32 for a VIP added on top.
    pub prefix: u8,
}

/// One listening TCP socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Address it is bound to; unspecified when all.
    pub address: IpAddr,
    /// Port.
    pub port: u16,
    /// Name of a process that holds it; none for the kernel's own (DRBD), or where `ss` is missing.
    pub process: Option<String>,
    /// Its process id.
    pub pid: Option<u32>,
}

/// Facts of the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// All IPv4 addresses, loopback included.
    pub addresses: Vec<Address>,
    /// All listening TCP sockets.
    pub listeners: Vec<Listener>,
}

impl Network {
    /// Interface that holds an address.
    #[must_use]
    pub fn interface_of(&self, address: Ipv4Addr) -> Option<&str> {
        self.addresses.iter().find(|a| a.address == address).map(|a| a.interface.as_str())
    }

    /// Whether an address is on this node.
    #[must_use]
    pub fn has(&self, address: Ipv4Addr) -> bool {
        self.interface_of(address).is_some()
    }

    /// Who listens on a port at an address (or at all addresses).
    #[must_use]
    pub fn listener(&self, address: Ipv4Addr, port: u16) -> Option<&Listener> {
        self.listeners.iter().find(|l| l.port == port && (l.address.is_unspecified() || l.address == IpAddr::V4(address)))
    }
}

/// Asks a master; of other nodes nobody wants to know. At most two processes. Whose a port is takes a look at every
/// process: asked only while replication does not own its own. Without `ss`, /proc/net/tcp tells the ports alone.
#[must_use]
pub fn ask(node: &Node) -> Option<Question> {
    node.is(Role::Master).then(|| Question { name: NAME.to_owned(), script: SCRIPT.to_owned() })
}

const SCRIPT: &str = r"ip -o -4 addr show 2>/dev/null
echo ---
up=no; [ ! -r /proc/drbd ] || while read -r minor state rest; do case $state in cs:*) up=yes ;; esac; done </proc/drbd
if [ $up = no ] && command -v ss >/dev/null 2>&1; then echo ss; ss -ltnp; else echo proc; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; fi
:
";

/// Reads the answer.
///
/// # Errors
/// When a line is not of the form of `ip -o` or of `ss`.
pub fn parse(answer: &Answer) -> Result<Network, FactError> {
    let error = |what: &str, found: &str| FactError::new(NAME, what, found);
    let (ip, tcp) = answer.text.split_once("---\n").ok_or_else(|| error("the separator line", &answer.text))?;
    let mut network = Network::default();
    for line in ip.lines() {
        // "2: eth0    inet 172.16.0.41/24 brd 172.16.0.255 scope global eth0\       valid_lft …"
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (Some(interface), Some(at)) = (fields.get(1), fields.iter().position(|f| *f == "inet")) else {
            return Err(error("a line of ip -o addr", line));
        };
        let value = fields.get(at + 1).ok_or_else(|| error("an address", line))?;
        let (address, prefix) = value.split_once('/').unwrap_or((value, "32"));
        let address = address.parse().map_err(|_| error("an address", line))?;
        // A point-to-point address names its peer's prefix: "10.0.0.1 peer 10.0.0.2/32".
        let prefix = prefix.parse().map_err(|_| error("a prefix length", line))?;
        network.addresses.push(Address { interface: (*interface).to_owned(), address, prefix });
    }
    let (how, lines) = tcp.split_once('\n').unwrap_or((tcp, ""));
    for line in lines.lines() {
        let listener = if how == "ss" { ss_line(line) } else { proc_line(line) };
        network.listeners.extend(listener);
    }
    Ok(network)
}

/// `LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))`; the header and other states give none.
fn ss_line(line: &str) -> Option<Listener> {
    let mut fields = line.split_whitespace();
    if fields.next() != Some("LISTEN") {
        return None;
    }
    let (address, port) = fields.nth(2)?.rsplit_once(':')?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    // An interface may follow: "127.0.0.53%lo".
    let address = address.split('%').next().unwrap_or(address);
    let address = if address == "*" { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { address.parse().ok()? };
    let process = line.split_once("((\"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name.to_owned());
    let pid = line.split_once("pid=").and_then(|(_, rest)| rest.split([',', ')']).next()).and_then(|pid| pid.parse().ok());
    Some(Listener { address, port: port.parse().ok()?, process, pid })
}

/// /proc/net/tcp: `0: 0100007F:1F40 00000000:0000 0A …`; state 0A is LISTEN (kernel: `TCP_LISTEN`).
/// Words of an address are in the host's byte order; all supported hosts are little-endian.
fn proc_line(line: &str) -> Option<Listener> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields.get(3) != Some(&"0A") {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let word = |at: usize| u32::from_str_radix(address.get(at..at + 8)?, 16).ok().map(u32::swap_bytes);
    let address = if address.len() == 8 {
        IpAddr::V4(Ipv4Addr::from(word(0)?))
    } else {
        let bits = (0..4).try_fold(0_u128, |bits, i| Some((bits << 32) | u128::from(word(i * 8)?)))?;
        IpAddr::V6(bits.into())
    };
    Some(Listener { address, port: u16::from_str_radix(port, 16).ok()?, process: None, pid: None })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const IP: &str = "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n\
                      2: vec0    inet 172.16.0.41/24 brd 172.16.0.255 scope global vec0\\       valid_lft forever preferred_lft forever\n\
                      2: vec0    inet 172.16.0.47/32 scope global vec0\\       valid_lft forever preferred_lft forever\n";

    fn of(tcp: &str) -> Network {
        parse(&Answer { text: format!("{IP}---\n{tcp}"), status: 0 }).unwrap()
    }

    #[test]
    fn addresses_and_listeners() {
        let network = of("ss\nState  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n\
                          LISTEN 0      128    0.0.0.0:22     0.0.0.0:*    users:((\"sshd\",pid=412,fd=3))\n\
                          LISTEN 0      5      172.16.0.41:7788  0.0.0.0:*  users:((\"python3\",pid=77,fd=4),(\"x\",pid=78,fd=4))\n\
                          LISTEN 0      5      127.0.0.53%lo:53  0.0.0.0:*\n\
                          LISTEN 0      128    [::]:9425  [::]:*\n");
        assert_eq!(network.interface_of([172, 16, 0, 47].into()), Some("vec0"));
        let taken = network.listener([172, 16, 0, 41].into(), 7788).unwrap();
        assert_eq!((taken.process.as_deref(), taken.pid), (Some("python3"), Some(77)));
        assert_eq!(network.listener([172, 16, 0, 42].into(), 7788), None);
        assert!(network.listener([172, 16, 0, 41].into(), 9425).is_some());
        assert_eq!(network.listeners.len(), 4);
    }

    #[test]
    fn el7_prints_a_star_for_all_addresses() {
        let network =
            of("ss\nLISTEN     0      128          *:7788                     *:*                   users:((\"nc\",pid=5,fd=3))\n");
        assert_eq!(network.listener([172, 16, 0, 41].into(), 7788).unwrap().process.as_deref(), Some("nc"));
    }

    #[test]
    fn without_ss_the_kernel_tells_the_ports() {
        let network = of("proc\n  sl  local_address rem_address   st tx_queue\n\
                          0: 0100007F:1E6C 00000000:0000 0A 00000000:00000000\n\
                          1: 290010AC:0016 0B0010AC:C350 01 00000000:00000000\n\
                          0: 00000000000000000000000001000000:1E6D 00000000000000000000000000000000:0000 0A 0\n");
        assert_eq!(network.listeners.len(), 2);
        assert_eq!((network.listeners[0].address.to_string().as_str(), network.listeners[0].port), ("127.0.0.1", 7788));
        assert_eq!((network.listeners[1].address.to_string().as_str(), network.listeners[1].port), ("::1", 7789));
    }

    #[test]
    fn the_question_works_here() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let out = std::process::Command::new("sh").arg("-c").arg(SCRIPT).output().unwrap();
        let network = parse(&Answer { text: String::from_utf8(out.stdout).unwrap(), status: 0 }).unwrap();
        assert!(network.listener(Ipv4Addr::LOCALHOST, port).is_some());
    }
}
