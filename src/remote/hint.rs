//! What an operator does next about each kind of [`RemoteError`].

use super::{RemoteError, shell};

impl RemoteError {
    /// The next step for the operator, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreachable { .. } => "check the address in the inventory, that the machine is up, and the network between".to_owned(),
            Self::Refused { address, .. } => format!("is sshd running there, and is {address} its address and port?"),
            Self::Auth { user, .. } => {
                format!("put a public key of yours into {user}'s ~/.ssh/authorized_keys there, or load the right key: ssh-add FILE")
            }
            Self::HostKeyUnknown { .. } => {
                "compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the machine's console, then run again \
                 with --accept-new-host-keys"
                    .to_owned()
            }
            Self::HostKeyChanged { address, known_hosts, .. } => format!(
                "someone may be in between; only if the machine was really installed anew: ssh-keygen -f {} -R {}",
                shell::quote(known_hosts),
                shell::quote(&known_name(address)),
            ),
            Self::Sudo { user, .. } => {
                format!(
                    "allow it on the node with visudo (`{user} ALL=(ALL) NOPASSWD: ALL`), give the right sudo password, or log in as root"
                )
            }
            Self::Timeout { .. } | Self::TooMuchOutput { .. } => {
                "whether it took effect is unknown: look at the node, then run the same command again".to_owned()
            }
            Self::Lost { .. } => "what was running there may or may not have taken effect; run the same command again".to_owned(),
            Self::Settings { .. } => return None,
        };
        Some(hint)
    }

    /// The node it happened on.
    #[must_use]
    pub fn node(&self) -> &str {
        match self {
            Self::Unreachable { node, .. }
            | Self::Refused { node, .. }
            | Self::Auth { node, .. }
            | Self::HostKeyUnknown { node, .. }
            | Self::HostKeyChanged { node, .. }
            | Self::Sudo { node, .. }
            | Self::Timeout { node, .. }
            | Self::Lost { node, .. }
            | Self::TooMuchOutput { node, .. }
            | Self::Settings { node, .. } => node,
        }
    }
}

/// `host:port` as known_hosts writes it: plain for port 22, else `[host]:port` (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
fn known_name(address: &str) -> String {
    match address.rsplit_once(':') {
        Some((host, "22")) => host.trim_matches(['[', ']']).to_owned(),
        Some((host, port)) => format!("[{}]:{port}", host.trim_matches(['[', ']'])),
        None => address.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_key_names_the_command_that_forgets_it() {
        let changed = |address: &str| RemoteError::HostKeyChanged {
            node: "node1".into(),
            address: address.into(),
            fingerprint: "SHA256:x".into(),
            known_hosts: "/root/.ssh/known_hosts".into(),
        };
        assert!(changed("10.0.0.1:22").hint().unwrap().ends_with("ssh-keygen -f /root/.ssh/known_hosts -R 10.0.0.1"));
        assert!(changed("10.0.0.1:2222").hint().unwrap().ends_with("-R '[10.0.0.1]:2222'"));
        assert!(changed("[fd00::1]:22").hint().unwrap().ends_with("-R fd00::1"));
    }
}
