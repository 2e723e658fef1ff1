//! Ways into a node from the host: the system's ssh client inside the lab's namespace.

use std::fs;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::error::{LabError, Result};
use super::namespace;
use super::tool::{Output, Tool};

/// The lab's login: key and known hosts of one lab.
#[derive(Debug, Clone)]
pub struct Login {
    /// Network namespace of the lab.
    pub namespace: PathBuf,
    /// Private key of root, `admin` and `operator` on every node.
    pub key: PathBuf,
    /// Host keys of the nodes.
    pub known_hosts: PathBuf,
}

impl Login {
    /// Makes the key pair when there is none; gives the public key.
    ///
    /// # Errors
    /// `ssh-keygen` fails.
    pub fn ensure_key(&self) -> Result<String> {
        let public = self.key.with_extension("pub");
        if !public.exists() {
            let _ = fs::remove_file(&self.key);
            Tool::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "mfsctl-lab", "-f"]).arg(&self.key).run()?;
        }
        fs::read_to_string(&public).map_err(LabError::io(&public))
    }

    fn arguments(&self, user: &str, address: Ipv4Addr) -> Vec<String> {
        let options = [
            "BatchMode=yes".to_owned(),
            "IdentitiesOnly=yes".into(),
            "StrictHostKeyChecking=yes".into(),
            format!("UserKnownHostsFile={}", self.known_hosts.display()),
            "GlobalKnownHostsFile=/dev/null".into(),
            "HostKeyAlgorithms=ssh-ed25519".into(),
            "ConnectTimeout=10".into(),
            "ServerAliveInterval=5".into(),
            "ServerAliveCountMax=3".into(),
            "LogLevel=ERROR".into(),
        ];
        let mut words: Vec<String> = ["-F", "none", "-i"].map(str::to_owned).into();
        words.push(self.key.display().to_string());
        words.extend(options.into_iter().flat_map(|o| ["-o".to_owned(), o]));
        words.push(format!("{user}@{address}"));
        words
    }

    /// Runs a command on a node with a deadline and collects its output.
    ///
    /// # Errors
    /// ssh cannot be started or does not end in time. A failed login is an [`Output`] with code 255.
    pub fn exec(&self, user: &str, address: Ipv4Addr, argv: &[&str], input: &[u8], deadline: Duration) -> Result<Output> {
        let tool = Tool::new("ssh").args(self.arguments(user, address)).arg("--").arg(line(argv)).input(input).within(deadline);
        namespace::within(&self.namespace, || tool.output())
    }

    /// Runs ssh on the caller's own terminal; without a command it is a login. Gives the exit code, 124 past the deadline.
    ///
    /// # Errors
    /// ssh cannot be started.
    pub fn attach(&self, user: &str, address: Ipv4Addr, argv: &[&str], deadline: Option<Duration>) -> Result<i32> {
        let mut command = Command::new("ssh");
        command.args(self.arguments(user, address));
        if !argv.is_empty() {
            command.arg("--").arg(line(argv));
        }
        let mut child = namespace::within(&self.namespace, || command.spawn().map_err(LabError::act("start ssh")))?;
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(LabError::act("wait for ssh"))? {
                return Ok(status.code().unwrap_or(255));
            }
            if deadline.is_some_and(|d| begun.elapsed() > d) {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(124);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until a node's sshd answers.
    ///
    /// # Errors
    /// It does not within the time.
    pub fn wait(&self, name: &str, address: Ipv4Addr, limit: Duration) -> Result<()> {
        let begun = Instant::now();
        namespace::within(&self.namespace, || {
            loop {
                let reason = match greeting(address, Duration::from_secs(5)) {
                    Ok(()) => return Ok(()),
                    Err(reason) => reason,
                };
                if begun.elapsed() > limit {
                    let what = format!("{name}: ssh at {address}");
                    return Err(LabError::Timeout { what, seconds: limit.as_secs(), detail: reason.to_string() });
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        })
    }
}

fn greeting(address: Ipv4Addr, limit: Duration) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(IpAddr::V4(address), 22), limit)?;
    stream.set_read_timeout(Some(limit))?;
    let mut banner = [0; 4];
    stream.read_exact(&mut banner)?;
    if &banner == b"SSH-" { Ok(()) } else { Err(std::io::Error::other("no ssh greeting")) }
}

/// ssh hands the node's shell one line: every word is quoted, so that it arrives as it is.
fn line(argv: &[&str]) -> String {
    argv.iter().map(|w| format!("'{}'", w.replace('\'', r"'\''"))).collect::<Vec<_>>().join(" ")
}

/// The content of known_hosts for nodes and their keys, by address and by name.
#[must_use]
pub fn known_hosts<'a>(nodes: impl Iterator<Item = (&'a str, Ipv4Addr, String)>) -> String {
    nodes
        .map(|(name, address, key)| {
            let key: Vec<&str> = key.split_whitespace().take(2).collect();
            format!("{address},{name} {}\n", key.join(" "))
        })
        .collect()
}

/// A lab's login files in its directory.
#[must_use]
pub fn login(lab: &str, dir: &Path) -> Login {
    Login { namespace: namespace::path(lab), key: dir.join("key"), known_hosts: dir.join("known_hosts") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_as_they_are() {
        let words = ["printf", "%s|", "a b", "it's", "$HOME", ""];
        let out = Tool::new("sh").args(["-c", &line(&words)]).run().unwrap();
        assert_eq!(out.text(), "a b|it's|$HOME||");
    }

    #[test]
    fn known_hosts_have_no_comment() {
        let text = known_hosts([("node1", Ipv4Addr::new(10, 0, 0, 1), "ssh-ed25519 AAAA node1".to_owned())].into_iter());
        assert_eq!(text, "10.0.0.1,node1 ssh-ed25519 AAAA\n");
    }

    #[test]
    fn host_keys_are_always_checked() {
        let words = login("lab", Path::new("/s")).arguments("root", Ipv4Addr::new(10, 0, 0, 1));
        assert!(words.contains(&"StrictHostKeyChecking=yes".to_owned()) && words.contains(&"UserKnownHostsFile=/s/known_hosts".to_owned()));
        assert_eq!(words.last().unwrap(), "root@10.0.0.1");
    }
}
