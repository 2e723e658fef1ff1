//! A target with everything filled in: the inventory's words first, then `~/.ssh/config`, then ssh's defaults.

use std::fs;
use std::path::{Path, PathBuf};

use super::SshOptions;
use super::config::{self, Tokens, tilde};
use crate::remote::{RemoteError, Target};

/// Keys tried when none is configured, in ssh's order of today.
const DEFAULT_KEYS: [&str; 3] = [".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/id_rsa"];

/// Where and how to connect, nothing left open.
#[derive(Clone)]
pub(super) struct Settings {
    /// Name for messages.
    pub node: String,
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Name under which the host key is known.
    pub key_name: String,
    pub identities: Vec<PathBuf>,
    /// Whether somebody named the identities; a missing default key is no fault.
    pub chosen: bool,
    pub identities_only: bool,
    pub agent: Option<PathBuf>,
    pub jump: Option<String>,
    pub known_hosts: Vec<PathBuf>,
    pub password: Option<String>,
    pub sudo_password: Option<String>,
    pub netns: Option<PathBuf>,
}

impl Settings {
    /// `host:port` for people; IPv6 addresses in brackets.
    pub fn address(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }

    /// Resolves a target.
    pub fn resolve(target: &Target, options: &SshOptions) -> Result<Self, RemoteError> {
        let wrong = |reason: String| RemoteError::Settings { node: target.name.clone(), reason };
        let home = home_dir(options);
        let found = config::read(&target.host, &home, &options.system_dir).map_err(wrong)?;
        let local_user = local_user();
        let port = target.port.or(found.port).unwrap_or(22);
        let user = target.user.clone().or(found.user).unwrap_or_else(|| local_user.clone());
        let mut tokens = Tokens { home: &home, host: &target.host, alias: &target.host, port, user: &user, local_user: &local_user };
        let host = found.host_name.as_deref().map_or_else(|| target.host.clone(), |name| tokens.expand(name));
        let key_name = found.host_key_alias.clone().unwrap_or_else(|| host.clone()).to_ascii_lowercase();
        if [&host, &user, &key_name].iter().any(|name| name.is_empty() || name.contains(|c: char| c.is_control() || c == ' ')) {
            return Err(wrong("an empty or impossible host or user name".to_owned()));
        }
        tokens.host = &host;
        let path = |text: &String| tilde(&tokens.expand(text), &home);
        let configured: Vec<PathBuf> = found.identity_files.iter().map(path).collect();
        let chosen = !(target.identities.is_empty() && configured.is_empty());
        let identities = match (target.identities.is_empty(), configured.is_empty()) {
            (false, _) => target.identities.clone(),
            (true, false) => configured,
            (true, true) => DEFAULT_KEYS.iter().map(|key| home.join(key)).collect(),
        };
        let known_hosts = match (&target.known_hosts, &found.user_known_hosts) {
            (Some(file), _) => vec![file.clone()],
            (None, Some(files)) => files.iter().map(path).chain([options.system_dir.join("ssh_known_hosts")]).collect(),
            (None, None) => {
                let ssh = home.join(".ssh");
                vec![ssh.join("known_hosts"), ssh.join("known_hosts2"), options.system_dir.join("ssh_known_hosts")]
            }
        };
        let agent = match found.identity_agent.as_deref() {
            Some("none") => None,
            None | Some("SSH_AUTH_SOCK") => options.agent.clone(),
            Some(socket) => Some(path(&socket.to_owned())),
        };
        let jump = target.jump.clone().or(found.proxy_jump).filter(|jump| !jump.eq_ignore_ascii_case("none") && !jump.is_empty());
        Ok(Self {
            node: target.name.clone(),
            key_name,
            identities,
            chosen,
            identities_only: found.identities_only.unwrap_or(false),
            agent,
            jump,
            known_hosts,
            password: target.password.clone(),
            sudo_password: target.sudo_password.clone(),
            netns: target.netns.clone(),
            port,
            user: user.clone(),
            host,
        })
    }
}

fn home_dir(options: &SshOptions) -> PathBuf {
    let home = options.home.clone().or_else(std::env::home_dir);
    home.unwrap_or_else(|| PathBuf::from("/root"))
}

/// The login name of whoever runs this process, from the password file, else `$USER`.
fn local_user() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let passwd = fs::read_to_string(Path::new("/etc/passwd")).unwrap_or_default();
    let mine = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|f| f.get(2) == Some(&uid.as_str()));
    let name = mine.and_then(|fields| fields.first().map(|name| (*name).to_owned()));
    name.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "root".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn resolve(config: &str, target: &Target) -> Settings {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".ssh")).unwrap();
        fs::write(home.path().join(".ssh/config"), config).unwrap();
        let options = SshOptions { home: Some(home.path().into()), system_dir: home.path().into(), ..SshOptions::default() };
        Settings::resolve(target, &options).unwrap()
    }

    #[test]
    fn the_inventory_wins_over_the_configuration() {
        let config = "Host n1\nHostName %h.example\nUser conf\nPort 2200\nIdentityFile /k/%h-%r\nProxyJump gate\nUserKnownHostsFile /kh\n";
        let bare = Target { name: "n1".into(), host: "n1".into(), ..Target::default() };
        let found = resolve(config, &bare);
        assert_eq!((found.host.as_str(), found.port, found.user.as_str()), ("n1.example", 2200, "conf"));
        assert_eq!((found.identities, found.jump.as_deref()), (vec!["/k/n1.example-conf".into()], Some("gate")));
        assert_eq!(found.known_hosts.first().unwrap(), Path::new("/kh"));
        let full = Target {
            user: Some("root".into()),
            port: Some(22),
            identities: vec!["/mine".into()],
            jump: Some("none".into()),
            known_hosts: Some("/only".into()),
            ..bare
        };
        let found = resolve(config, &full);
        assert_eq!((found.port, found.user.as_str(), found.jump), (22, "root", None));
        assert_eq!((found.identities, found.known_hosts), (vec!["/mine".into()], vec!["/only".into()]));
    }

    #[test]
    fn names_that_would_break_a_line_elsewhere_are_refused() {
        for (host, user) in [("", "root"), ("a b", "root"), ("a", ""), ("a\nb", "root"), ("a", "x\0y")] {
            let target = Target { host: host.into(), user: Some(user.into()), ..Target::default() };
            assert!(Settings::resolve(&target, &SshOptions::default()).is_err(), "{host:?} {user:?}");
        }
    }

    #[test]
    fn without_any_word_sshs_defaults_hold() {
        let found = resolve("", &Target { name: "n1".into(), host: "FD00::1".into(), ..Target::default() });
        assert_eq!((found.address().as_str(), found.key_name.as_str(), found.chosen), ("[FD00::1]:22", "fd00::1", false));
        assert!(found.identities.first().unwrap().ends_with(".ssh/id_ed25519"));
    }
}
