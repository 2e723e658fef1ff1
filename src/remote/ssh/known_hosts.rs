//! Host keys: nothing is believed that a known_hosts file does not say.
//!
//! libssh2 matches names, hashed ones too, but knows no patterns and no markers, takes the
//! entry for port 22 for every port, and gives up on a file with one odd line. So lines are
//! taken apart here and libssh2 is asked only whether a hashed line speaks of a name.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rustix::fs::{FlockOperation, flock};
use ssh2::{CheckResult, HashType, KnownHostFileKind, MethodType, Session};

use super::code::words;
use super::config::wildcard;
use super::settings::Settings;
use crate::remote::RemoteError;

/// One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
struct Entry {
    file: PathBuf,
    revoked: bool,
    key_type: String,
    key: Vec<u8>,
}

/// What the files say about a key shown.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Known,
    Unknown,
    Changed(PathBuf),
}

fn wrong(settings: &Settings, reason: String) -> RemoteError {
    RemoteError::Settings { node: settings.node.clone(), reason }
}

/// The name a key is looked up by, and where it is other than 22 also the plain name, which only ever confirms.
fn names(settings: &Settings) -> (String, Option<String>) {
    if settings.port == 22 {
        (settings.key_name.clone(), None)
    } else {
        (format!("[{}]:{}", settings.key_name, settings.port), Some(settings.key_name.clone()))
    }
}

/// Makes the server show a key of a type that is known for it, as ssh does; a server with several keys would else
/// show one never seen.
pub(super) fn prefer_known_types(session: &Session, settings: &Settings) -> Result<(), RemoteError> {
    let (name, plain) = names(settings);
    let mut entries = entries_for(session, settings, &name)?;
    if let (true, Some(plain)) = (entries.is_empty(), &plain) {
        entries = entries_for(session, settings, plain)?;
    }
    let failed = |e: ssh2::Error| wrong(settings, format!("host key algorithms: {}", words(&e)));
    let supported = session.supported_algs(MethodType::HostKey).map_err(failed)?;
    let known = |algorithm: &str| entries.iter().any(|e| !e.revoked && key_type_of(algorithm) == e.key_type);
    let (mut preferred, rest): (Vec<&str>, Vec<&str>) = supported.iter().copied().partition(|a| known(a));
    preferred.extend(rest);
    session.method_pref(MethodType::HostKey, &preferred.join(",")).map_err(failed)
}

/// The key type behind a signature algorithm (RFC 8332: RSA keys sign with SHA-2 under other names).
fn key_type_of(algorithm: &str) -> &str {
    if algorithm.starts_with("rsa-sha2-") { "ssh-rsa" } else { algorithm }
}

/// Checks the key the server showed; remembers an unknown one if `accept_new`.
pub(super) fn verify(session: &Session, settings: &Settings, accept_new: bool) -> Result<(), RemoteError> {
    let missing = || wrong(settings, format!("{} showed no host key", settings.address()));
    let key = session.host_key().map(|(key, _)| key.to_vec()).ok_or_else(missing)?;
    let hash = session.host_key_hash(HashType::Sha256).ok_or_else(missing)?;
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(hash));
    let changed = |file: &Path| RemoteError::HostKeyChanged {
        node: settings.node.clone(),
        address: settings.address(),
        fingerprint: fingerprint.clone(),
        known_hosts: file.display().to_string(),
    };
    match judge(session, settings, &key)? {
        Verdict::Known => Ok(()),
        Verdict::Changed(file) => Err(changed(&file)),
        Verdict::Unknown if accept_new => match remember(session, settings, &key)? {
            Verdict::Changed(file) => Err(changed(&file)),
            _ => Ok(()),
        },
        Verdict::Unknown => {
            Err(RemoteError::HostKeyUnknown { node: settings.node.clone(), address: settings.address(), fingerprint: fingerprint.clone() })
        }
    }
}

fn judge(session: &Session, settings: &Settings, key: &[u8]) -> Result<Verdict, RemoteError> {
    let (name, plain) = names(settings);
    let own = entries_for(session, settings, &name)?;
    let plain = plain.map(|plain| entries_for(session, settings, &plain)).transpose()?.unwrap_or_default();
    if let Some(entry) = own.iter().chain(&plain).find(|e| e.revoked && e.key == key) {
        return Ok(Verdict::Changed(entry.file.clone()));
    }
    let holds = |entries: &[Entry]| entries.iter().any(|e| !e.revoked && e.key == key);
    if holds(&own) {
        return Ok(Verdict::Known);
    }
    // A key of another type than the known ones counts as changed too: else an attacker would only have to show one.
    if let Some(entry) = own.iter().find(|e| !e.revoked) {
        return Ok(Verdict::Changed(entry.file.clone()));
    }
    Ok(if holds(&plain) { Verdict::Known } else { Verdict::Unknown })
}

fn entries_for(session: &Session, settings: &Settings, name: &str) -> Result<Vec<Entry>, RemoteError> {
    let mut found = Vec::new();
    for file in &settings.known_hosts {
        match fs::read(file) {
            Ok(text) => found.extend(String::from_utf8_lossy(&text).lines().filter_map(|line| entry(session, file, line, name))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(wrong(settings, format!("cannot read {}: {e}", file.display()))),
        }
    }
    Ok(found)
}

/// The line's key if the line speaks of `name`. Lines that make no sense are passed over, as ssh does.
fn entry(session: &Session, file: &Path, line: &str, name: &str) -> Option<Entry> {
    let line = line.trim();
    let mut words = line.split_ascii_whitespace();
    let mut hosts = words.next().filter(|w| !w.starts_with('#'))?;
    let mut revoked = false;
    if hosts.starts_with('@') {
        // A certificate authority's line says nothing about a plain key.
        revoked = hosts == "@revoked";
        if !revoked {
            return None;
        }
        hosts = words.next()?;
    }
    let key_type = words.next()?.to_owned();
    let text = words.next()?;
    let key = STANDARD.decode(text).ok()?;
    let speaks = if hosts.starts_with("|1|") { hashed(session, hosts, &key_type, text, name) } else { listed(hosts, name) };
    speaks.then(|| Entry { file: file.to_owned(), revoked, key_type, key })
}

/// Comma-separated patterns, `!` excludes.
fn listed(hosts: &str, name: &str) -> bool {
    let hosts = hosts.to_ascii_lowercase();
    let hit = |pattern: &str| wildcard(pattern, name);
    let mut patterns = hosts.split(',');
    !patterns.clone().filter_map(|p| p.strip_prefix('!')).any(hit) && patterns.any(|p| !p.starts_with('!') && hit(p))
}

fn hashed(session: &Session, hosts: &str, key_type: &str, key: &str, name: &str) -> bool {
    let line = format!("{hosts} {key_type} {key}\n");
    let Ok(mut one) = session.known_hosts() else { return false };
    // Any key but the right one reads as a mismatch, which says that the name is meant.
    let asked = one.read_str(&line, KnownHostFileKind::OpenSSH).map(|()| one.check(name, b"mfsctl"));
    matches!(asked, Ok(CheckResult::Match | CheckResult::Mismatch))
}

/// Adds the key to the first file, unless another thread or process did meanwhile.
fn remember(session: &Session, settings: &Settings, key: &[u8]) -> Result<Verdict, RemoteError> {
    static ONE_WRITER: Mutex<()> = Mutex::new(());
    let _writer = ONE_WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    let path = settings.known_hosts.first().ok_or_else(|| wrong(settings, "no known_hosts file to remember host keys in".to_owned()))?;
    let failed = |e: io::Error| wrong(settings, format!("cannot remember the host key in {}: {e}", path.display()));
    if let Some(directory) = path.parent().filter(|d| !d.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(failed)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|e| failed(e.into()))?;
    let verdict = judge(session, settings, key)?;
    if verdict != Verdict::Unknown {
        return Ok(verdict);
    }
    let kind = key_type_in(key).ok_or_else(|| wrong(settings, format!("{} showed a host key that makes no sense", settings.address())))?;
    let line = format!("{} {kind} {}\n", names(settings).0, STANDARD.encode(key));
    let line = if ends_in_line(&mut file).map_err(failed)? { line } else { format!("\n{line}") };
    file.write_all(line.as_bytes()).and_then(|()| file.sync_data()).map_err(failed)?;
    Ok(Verdict::Known)
}

fn ends_in_line(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// A key blob begins with its type as a counted string (RFC 4253, 6.6).
fn key_type_in(key: &[u8]) -> Option<&str> {
    let (length, rest) = key.split_first_chunk::<4>()?;
    let name = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    std::str::from_utf8(name).ok().filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_graphic()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::remote::Target;
    use crate::remote::ssh::SshOptions;

    fn blob(kind: &str, body: u8) -> Vec<u8> {
        let mut key = u32::try_from(kind.len()).unwrap().to_be_bytes().to_vec();
        key.extend(kind.bytes());
        key.extend([body; 32]);
        key
    }

    fn line(hosts: &str, kind: &str, body: u8) -> String {
        format!("{hosts} {kind} {}\n", STANDARD.encode(blob(kind, body)))
    }

    fn judged(text: &str, port: u16, key: &[u8]) -> Verdict {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("kh");
        fs::write(&file, text).unwrap();
        let target = Target { host: "Node1".into(), port: Some(port), known_hosts: Some(file), ..Target::default() };
        let options = SshOptions { home: Some(home.path().into()), system_dir: home.path().into(), ..SshOptions::default() };
        let settings = Settings::resolve(&target, &options).unwrap();
        match judge(&Session::new().unwrap(), &settings, key).unwrap() {
            Verdict::Changed(_) => Verdict::Changed(PathBuf::new()),
            verdict => verdict,
        }
    }

    const ED: &str = "ssh-ed25519";

    #[test]
    fn plain_lists_and_patterns_match() {
        let changed = Verdict::Changed(PathBuf::new());
        for hosts in ["node1", "other,NODE1", "node?", "*,!node2"] {
            assert_eq!(judged(&line(hosts, ED, 1), 22, &blob(ED, 1)), Verdict::Known, "{hosts}");
            assert_eq!(judged(&line(hosts, ED, 1), 22, &blob(ED, 2)), changed, "{hosts}");
        }
        for hosts in ["node10", "*,!node1", "[node1]:2222", "|1|bad|bad", "# node1"] {
            assert_eq!(judged(&line(hosts, ED, 1), 22, &blob(ED, 1)), Verdict::Unknown, "{hosts}");
        }
    }

    #[test]
    fn another_key_type_is_a_change_and_one_of_several_suffices() {
        let ecdsa = "ecdsa-sha2-nistp256";
        let both = line("node1", ED, 1) + "rubbish\n\n" + &line("node1", ecdsa, 2);
        assert_eq!(judged(&both, 22, &blob(ecdsa, 2)), Verdict::Known);
        assert_eq!(judged(&line("node1", ED, 1), 22, &blob(ecdsa, 2)), Verdict::Changed(PathBuf::new()));
    }

    #[test]
    fn the_plain_name_confirms_another_port_and_never_accuses_it() {
        assert_eq!(judged(&line("node1", ED, 1), 2222, &blob(ED, 1)), Verdict::Known);
        assert_eq!(judged(&line("node1", ED, 1), 2222, &blob(ED, 2)), Verdict::Unknown);
        assert_eq!(judged(&line("[node1]:2222", ED, 1), 2222, &blob(ED, 2)), Verdict::Changed(PathBuf::new()));
    }

    #[test]
    fn revoked_keys_are_refused_and_authorities_ignored() {
        let revoked = line("node1", ED, 1) + "@revoked * " + line("", ED, 1).trim_start();
        assert_eq!(judged(&revoked, 22, &blob(ED, 1)), Verdict::Changed(PathBuf::new()));
        assert_eq!(judged(&format!("@cert-authority {}", line("node1", ED, 1)), 22, &blob(ED, 1)), Verdict::Unknown);
    }
}
