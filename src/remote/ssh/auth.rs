//! Logging in: what asks nobody first, questions to the operator last.
//!
//! Agent identities are walked one by one (libssh2's own agent login tries only the first).
//! Those that belong to a configured key go first, because sshd gives up after six attempts.

use std::borrow::Cow;
use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{Error, KeyboardInteractivePrompt, Session};

use super::code::{bad_key, disconnected, refused, timed_out, unanswered, words};
use super::prompt::{Asked, Asker, Tried};
use super::settings::Settings;
use crate::remote::RemoteError;

/// How long after its last word a server may take to close the connection.
const HANG_UP_TIME: Duration = Duration::from_millis(200);

/// Why a login did not come to its end.
pub(super) enum LoginError {
    /// The server hung up.
    HungUp(RemoteError),
    /// Anything else.
    Failed(RemoteError),
}

impl From<RemoteError> for LoginError {
    fn from(error: RemoteError) -> Self {
        Self::Failed(error)
    }
}

/// Logs in, or says everything that was tried.
pub(super) fn login(session: &Session, socket: BorrowedFd<'_>, settings: &Settings, asker: &Asker) -> Result<(), LoginError> {
    let mut login = Login { session, socket, settings, asker, tried: Vec::new(), methods: Vec::new(), configured: Vec::new() };
    login.configured = settings.identities.iter().filter_map(|path| public_key(path)).collect();
    login.methods = match session.auth_methods(&settings.user) {
        Ok(methods) => methods.split(',').map(str::to_owned).collect(),
        Err(_) if session.authenticated() => return Ok(()),
        Err(e) => return Err(login.broken(&e)),
    };
    let done = login.all()?;
    if done { Ok(()) } else { Err(LoginError::Failed(login.refusal(None))) }
}

struct Login<'a> {
    session: &'a Session,
    socket: BorrowedFd<'a>,
    settings: &'a Settings,
    asker: &'a Asker,
    tried: Vec<String>,
    methods: Vec<String>,
    /// Public keys of the configured identities, as the agent names them.
    configured: Vec<Vec<u8>>,
}

impl Login<'_> {
    fn all(&mut self) -> Result<bool, LoginError> {
        let keys = if self.offers("publickey") { self.keys() } else { Vec::new() };
        if self.offers("publickey") && self.agent(true)? {
            return Ok(true);
        }
        // Keys somebody named go before the rest of the agent's, which may use up the server's patience.
        let agent_first = !self.settings.chosen;
        if agent_first && self.offers("publickey") && self.agent(false)? {
            return Ok(true);
        }
        let (locked, open): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(|k| k.encrypted && !self.asker.knows(&k.question()));
        for key in &open {
            if self.key(key)? {
                return Ok(true);
            }
        }
        if !agent_first && self.offers("publickey") && self.agent(false)? {
            return Ok(true);
        }
        if let Some(password) = self.settings.password.clone()
            && self.password(&password)?
        {
            return Ok(true);
        }
        for key in &locked {
            if self.key(key)? {
                return Ok(true);
            }
        }
        if self.settings.password.is_none() { self.ask_password() } else { Ok(false) }
    }

    fn offers(&self, method: &str) -> bool {
        self.methods.iter().any(|m| m == method)
    }

    fn refusal(&self, note: Option<&str>) -> RemoteError {
        let mut tried = if self.tried.is_empty() { "nothing: no key, no agent, no password".to_owned() } else { self.tried.join(", ") };
        if let Some(note) = note {
            tried = format!("{tried}; {note}");
        } else {
            tried = format!("{tried}; the server takes {}", self.methods.join(", "));
        }
        RemoteError::Auth { node: self.settings.node.clone(), user: self.settings.user.clone(), tried }
    }

    /// An error that ends the login altogether.
    fn broken(&self, error: &Error) -> LoginError {
        if disconnected(error) || self.hung_up(HANG_UP_TIME) {
            return LoginError::HungUp(self.refusal(Some("then the server hung up, as it does after too many attempts")));
        }
        if timed_out(error) || unanswered(error) {
            let reason = "no answer while logging in".to_owned();
            return LoginError::Failed(RemoteError::Unreachable { node: self.settings.node.clone(), reason });
        }
        LoginError::Failed(self.refusal(Some(&words(error))))
    }

    /// Whether an attempt succeeded; an error if the connection is of no more use.
    fn settle(&self, outcome: Result<(), Error>) -> Result<bool, LoginError> {
        match outcome {
            Ok(()) => Ok(self.session.authenticated()),
            Err(e) if disconnected(&e) || timed_out(&e) || unanswered(&e) || self.hung_up(Duration::ZERO) => Err(self.broken(&e)),
            Err(_) => Ok(false),
        }
    }

    /// Whether the server closed the connection, or does so within `patience`.
    fn hung_up(&self, patience: Duration) -> bool {
        let ends = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        let mut fds = [PollFd::from_borrowed_fd(self.socket, ends)];
        let seen = poll(&mut fds, Timespec::try_from(patience).ok().as_ref());
        seen.is_ok_and(|n| n > 0) && fds.iter().any(|fd| fd.revents().intersects(ends))
    }

    /// Walks the agent's identities: those of configured keys, or all others.
    fn agent(&mut self, configured: bool) -> Result<bool, LoginError> {
        if !configured && self.settings.identities_only {
            return Ok(false);
        }
        let Some(socket) = self.settings.agent.clone() else { return Ok(false) };
        let identities = self.session.agent().and_then(|mut agent| {
            agent.set_identity_path(&socket)?;
            agent.connect()?;
            agent.list_identities()?;
            let identities = agent.identities()?;
            Ok((agent, identities))
        });
        let Ok((agent, identities)) = identities else {
            if configured {
                self.tried.push(format!("agent at {} (does not answer)", socket.display()));
            }
            return Ok(false);
        };
        for identity in &identities {
            if self.configured.iter().any(|key| key == identity.blob()) != configured {
                continue;
            }
            self.tried.push(format!("agent {}", identity.comment()));
            if self.settle(agent.userauth(&self.settings.user, identity))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn keys(&mut self) -> Vec<Key> {
        let mut keys = Vec::new();
        for path in &self.settings.identities {
            match Key::read(path) {
                Ok(key) => keys.push(key),
                Err(_) if !self.settings.chosen && !path.exists() => {}
                Err(why) => self.tried.push(format!("{} ({why})", path.display())),
            }
        }
        keys
    }

    fn key(&mut self, key: &Key) -> Result<bool, LoginError> {
        let name = key.path.display().to_string();
        let attempt = |passphrase: Option<&str>| self.session.userauth_pubkey_memory(&self.settings.user, None, &key.text, passphrase);
        if !key.encrypted {
            let outcome = attempt(None);
            let unreadable = outcome.as_ref().err().filter(|e| !refused(e) && !disconnected(e) && !timed_out(e)).map(words);
            self.tried.push(unreadable.map_or(name.clone(), |why| format!("{name} ({why})")));
            return self.settle(outcome);
        }
        let asked = self.asker.ask(&key.question(), |passphrase| {
            let outcome = attempt(Some(passphrase));
            // Only libssh2's own reading of the key fails this way; any word from the server means the key was opened.
            Ok(if outcome.as_ref().is_err_and(bad_key) { Tried::Wrong } else { Tried::Right(outcome) })
        })?;
        match asked {
            Asked::Right(outcome) => {
                self.tried.push(name);
                self.settle(outcome)
            }
            Asked::Wrong => {
                self.tried.push(format!("{name} (wrong passphrase)"));
                Ok(false)
            }
            Asked::Nobody => {
                self.tried.push(format!("{name} (encrypted; no terminal to ask for the passphrase)"));
                Ok(false)
            }
        }
    }

    fn password(&mut self, password: &str) -> Result<bool, LoginError> {
        if password.contains('\0') {
            return Ok(false);
        }
        if self.offers("password") {
            self.tried.push("password".to_owned());
            if self.settle(self.session.userauth_password(&self.settings.user, password))? {
                return Ok(true);
            }
        }
        if self.offers("keyboard-interactive") {
            self.tried.push("keyboard-interactive".to_owned());
            let mut answers = Answers { password, given: false };
            return self.settle(self.session.userauth_keyboard_interactive(&self.settings.user, &mut answers));
        }
        Ok(false)
    }

    fn ask_password(&mut self) -> Result<bool, LoginError> {
        if !(self.offers("password") || self.offers("keyboard-interactive")) {
            return Ok(false);
        }
        let question = format!("login password of {}", self.settings.user);
        let asker = self.asker;
        let mut broken = None;
        let asked = asker.ask(&question, |password| match self.password(password) {
            Ok(true) => Ok(Tried::Right(())),
            Ok(false) => Ok(Tried::Wrong),
            Err(error) => {
                // Nothing was learned about the password; end the questions.
                let lost = RemoteError::Lost { node: self.settings.node.clone(), reason: "the server hung up".to_owned() };
                broken = Some(error);
                Err(lost)
            }
        });
        match (asked, broken) {
            (_, Some(error)) => Err(error),
            (Ok(Asked::Right(())), None) => Ok(true),
            (Ok(Asked::Wrong | Asked::Nobody), None) => Ok(false),
            (Err(error), None) => Err(LoginError::Failed(error)),
        }
    }
}

/// Gives the password to the first question whose answer is not shown, nothing to all others.
struct Answers<'a> {
    password: &'a str,
    given: bool,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt<'b>(&mut self, _user: &str, _instructions: &str, prompts: &[ssh2::Prompt<'b>]) -> Vec<String> {
        let mut answer = |prompt: &ssh2::Prompt| {
            if prompt.echo || std::mem::replace(&mut self.given, true) { String::new() } else { self.password.to_owned() }
        };
        prompts.iter().map(&mut answer).collect()
    }
}

/// A private key file.
struct Key {
    path: PathBuf,
    text: String,
    encrypted: bool,
}

/// The public key beside a private one.
fn public_key(path: &Path) -> Option<Vec<u8>> {
    let beside =
        if path.extension().is_some_and(|e| e == "pub") { path.to_owned() } else { PathBuf::from(format!("{}.pub", path.display())) };
    let line = fs::read_to_string(beside).ok()?;
    STANDARD.decode(line.split_ascii_whitespace().nth(1)?).ok()
}

impl Key {
    fn read(path: &Path) -> Result<Self, Cow<'static, str>> {
        let metadata = fs::metadata(path).map_err(|e| e.to_string())?;
        if metadata.mode() & 0o077 != 0 {
            return Err(format!("mode {:04o} lets others read it; chmod 600", metadata.mode() & 0o7777).into());
        }
        let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
        if !text.contains("PRIVATE KEY-----") || text.contains('\0') {
            return Err("no private key".into());
        }
        Ok(Self { path: path.to_owned(), encrypted: is_encrypted(&text), text })
    }

    fn question(&self) -> String {
        format!("passphrase of {}", self.path.display())
    }
}

/// Whether a private key needs a passphrase: OpenSSH's own form names its cipher after the magic word
/// (openssh PROTOCOL.key); PEM and PKCS#8 say so in their headers.
fn is_encrypted(text: &str) -> bool {
    const MAGIC: &[u8] = b"openssh-key-v1\0";
    if !text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED");
    }
    let body: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    let Ok(bytes) = STANDARD.decode(body) else { return false };
    bytes.strip_prefix(MAGIC).is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_read_from_the_key_itself() {
        let openssh = |cipher: &[u8]| {
            let mut body = b"openssh-key-v1\0\0\0\0".to_vec();
            body.push(u8::try_from(cipher.len()).unwrap());
            body.extend(cipher);
            format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n", STANDARD.encode(body))
        };
        assert!(!is_encrypted(&openssh(b"none")));
        assert!(is_encrypted(&openssh(b"aes256-ctr")));
        assert!(is_encrypted("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert!(is_encrypted("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"));
        assert!(!is_encrypted("-----BEGIN RSA PRIVATE KEY-----\n"));
    }
}
