//! Becoming root where the login is not.
//!
//! How is found out once per connection; then every command is wrapped so that it costs no
//! further round trip. A password goes to sudo's standard input, never into an argument. sudo
//! may find that it needs none after all, and the password would become the command's input:
//! so root's shell throws away all input up to a marker line first.

use crate::remote::{RemoteError, shell};

/// The line before the command's own input.
const MARKER: &str = "mfsctl-input-begins";
/// Reads up to the marker, byte by byte as POSIX has `read` do, then becomes the command.
const SKIP: &str = "while IFS= read -r line; do [ \"$line\" = mfsctl-input-begins ] && exec \"$@\"; done; exit 125";
/// Tells how root can be had: prints one word. One line without `!`, which even csh can pass on.
const PROBE: &str = "export LC_ALL=C; [ \"$(id -u)\" = 0 ] && echo root && exit; \
    command -v sudo >/dev/null || { echo missing; exit; }; \
    if sudo -n -- sh -c true; then echo free; else echo asks; fi";

/// How commands become root's.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// The login is root already.
    Login,
    /// sudo asks for nothing.
    Free,
    /// sudo wants this password.
    Password(String),
}

/// What the probe found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Probe {
    Root,
    Free,
    Asks,
    Impossible(String),
}

/// The command line of the probe.
pub(super) fn probe_line() -> String {
    shell::join(&["exec", "sh", "-c", PROBE])
}

/// Reads the probe's answer.
pub(super) fn read_probe(stdout: &str, stderr: &str) -> Probe {
    match stdout.trim() {
        "root" => Probe::Root,
        "free" => Probe::Free,
        "missing" => Probe::Impossible("sudo is not installed there".to_owned()),
        "asks" => match explain(stderr) {
            Some(reason) => Probe::Impossible(reason),
            None => Probe::Asks,
        },
        other => Probe::Impossible(format!("its shell does not work: {}", last_line(&format!("{other}\n{stderr}")))),
    }
}

/// Why no password would help, in words for people; `None` if sudo only wants a password.
fn explain(stderr: &str) -> Option<String> {
    let last = last_line(stderr);
    if stderr.contains("must have a tty") || stderr.contains("no tty present and no askpass") && !stderr.contains("password") {
        return Some(format!("sudo insists on a terminal (`Defaults requiretty` in sudoers): {last}"));
    }
    if stderr.contains("password is required") || stderr.contains("no tty present") {
        return None;
    }
    Some(last)
}

/// Why sudo refused a password, and whether another password might do.
pub(super) fn refusal(stderr: &str) -> (String, bool) {
    let last = last_line(stderr);
    let says = |part: &str| stderr.contains(part);
    if says("not in the sudoers") || says("is not allowed to") || says("may not run sudo") {
        (last, false)
    } else if says("incorrect password") || says("Sorry, try again") || says("no password was provided") || says("Authentication failure") {
        ("wrong sudo password".to_owned(), true)
    } else {
        (explain(stderr).unwrap_or(last), false)
    }
}

/// An error that says why root cannot be had.
pub(super) fn error(node: &str, user: &str, reason: impl Into<String>) -> RemoteError {
    RemoteError::Sudo { node: node.to_owned(), user: user.to_owned(), reason: reason.into() }
}

fn last_line(text: &str) -> String {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("sudo said nothing").to_owned()
}

impl Root {
    /// The line a login shell runs: locale set, ended after `seconds` (not at all if `None`), as root.
    pub fn wrap(&self, argv: &[String], seconds: Option<u64>) -> String {
        let mut before = "";
        let limit = seconds.map(|s| s.to_string());
        let mut words: Vec<&str> = match self {
            Self::Login => vec![],
            Self::Free => vec!["exec", "sudo", "-n", "--", "sh", "-c", "exec \"$@\"", "sh"],
            // -k: without it sudo would sometimes not read the password.
            Self::Password(_) => vec!["exec", "sudo", "-k", "-S", "-p", "", "--", "sh", "-c", SKIP, "sh"],
        };
        // The login shell sets it by itself; through sudo it takes a program.
        match self {
            Self::Login => before = "LC_ALL=C; export LC_ALL; exec ",
            _ => words.extend(["env", "LC_ALL=C"]),
        }
        if let Some(limit) = &limit {
            words.extend(["timeout", "-k", "5", limit]);
        }
        words.extend(argv.iter().map(String::as_str));
        format!("{before}{}", shell::join(&words))
    }

    /// The whole input: the password where sudo wants one, then the command's own.
    pub fn input(&self, stdin: &[u8]) -> Vec<u8> {
        match self {
            Self::Login | Self::Free => stdin.to_vec(),
            Self::Password(password) => [password.as_bytes(), b"\n", MARKER.as_bytes(), b"\n", stdin].concat(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_password_never_is_an_argument() {
        let root = Root::Password("geheim".into());
        let line = root.wrap(&["id".into()], Some(60));
        assert!(!line.contains("geheim") && line.ends_with("sh env LC_ALL=C timeout -k 5 60 id"), "{line}");
        assert_eq!(root.input(b"data"), b"geheim\nmfsctl-input-begins\ndata");
        assert!(SKIP.contains(MARKER));
    }

    #[test]
    fn input_before_the_marker_never_reaches_the_command() {
        for before in ["", "geheim\n", "geheim\nmore\n"] {
            let mut child =
                Command::new("sh").args(["-c", SKIP, "sh", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let text = format!("{before}{MARKER}\nline\\one\n\ntail");
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
            assert_eq!(child.wait_with_output().unwrap().stdout, b"line\\one\n\ntail");
        }
    }

    #[test]
    fn sudos_words_are_told_apart() {
        assert_eq!(read_probe("root\n", ""), Probe::Root);
        assert_eq!(read_probe("free\n", "sudo: unable to resolve host x\n"), Probe::Free);
        assert_eq!(read_probe("asks\n", "sudo: a password is required\n"), Probe::Asks);
        assert!(
            matches!(read_probe("asks\n", "sudo: sorry, you must have a tty to run sudo\n"), Probe::Impossible(r) if r.contains("requiretty"))
        );
        assert!(matches!(read_probe("missing\n", ""), Probe::Impossible(r) if r.contains("not installed")));
        assert!(
            matches!(read_probe("", "This account is currently not available.\n"), Probe::Impossible(r) if r.contains("not available"))
        );
        assert_eq!(refusal("Sorry, try again.\nsudo: no password was provided\n"), ("wrong sudo password".into(), true));
        assert_eq!(refusal("x is not in the sudoers file.\n"), ("x is not in the sudoers file.".into(), false));
    }
}
