//! Reads files and secrets from the operator's machine: the only part of this room that touches it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::diagnostic::Diagnostic;
use super::source::{Failure, Reference, SecretSource};

/// Longest time a `!command` may take.
const COMMAND_DEADLINE: Duration = Duration::from_secs(30);
/// Longest secret or message read from anywhere.
const MAX_BYTES: u64 = 1 << 20;
/// Largest inventory read.
const MAX_FILE: u64 = 16 << 20;

/// Reads secrets from environment, files, commands and age.
#[derive(Debug, Default)]
pub struct Machine {
    /// Files with age identities.
    pub age_identities: Vec<PathBuf>,
}

impl SecretSource for Machine {
    fn read(&self, reference: Reference, text: &str, base: &Path) -> Result<String, Failure> {
        match reference {
            Reference::Plain => Ok(text.to_owned()),
            Reference::Env => env(text),
            Reference::File => file(text, base),
            Reference::Command => command(text, base, COMMAND_DEADLINE),
            Reference::Age => self.age(text),
        }
    }
}

fn env(name: &str) -> Result<String, Failure> {
    let fine = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !fine {
        return Err(Failure::new("!env needs the name of an environment variable", "write !env MFS_AUTH"));
    }
    match std::env::var(name) {
        Ok(text) => Ok(text),
        Err(std::env::VarError::NotPresent) => {
            Err(Failure::new(format!("environment variable {name} is not set"), format!("export {name}=…")))
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::new(format!("environment variable {name} is not UTF-8"), "export it again as UTF-8"))
        }
    }
}

fn file(path: &str, base: &Path) -> Result<String, Failure> {
    if path.is_empty() {
        return Err(Failure::new("!file needs a path", "write !file secrets/auth"));
    }
    let path = base.join(path);
    let show = path.display();
    let open = open(&path)
        .map_err(|e| Failure::new(format!("cannot read {show}: {e}"), "name a file; the path starts at the inventory's directory"))?;
    secret_text(open, &show.to_string())
}

/// Opens what can be read to its end. A named pipe would keep its reader waiting for ever; one that the shell has opened
/// already (`<(…)`, /dev/stdin) does not.
fn open(path: &Path) -> std::io::Result<std::fs::File> {
    let given = ["/dev", "/proc/self/fd"].iter().any(|dir| path.starts_with(dir));
    let kind = std::fs::metadata(path)?.file_type();
    match given || kind.is_file() {
        true => std::fs::File::open(path),
        false => Err(std::io::Error::other(if kind.is_dir() { "it is a directory" } else { "it is not a regular file" })),
    }
}

/// Reads a secret to its end and takes one line break off.
fn secret_text(from: impl Read, place: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::new(format!("cannot read {place}: {e}"), "check that it can be read to its end"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::new(
            format!("{place} is larger than a secret can be"),
            "name a file, or a command, that gives the secret alone",
        ));
    }
    text_of(bytes, place)
}

fn text_of(bytes: Vec<u8>, place: &str) -> Result<String, Failure> {
    let mut text =
        String::from_utf8(bytes).map_err(|_| Failure::new(format!("{place} is not UTF-8 text"), "a secret is one line of text"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// Parts a line into words at blanks; quotes keep blanks, nothing else is special.
fn words(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (quote.is_none() && !words.is_empty()).then_some(words)
}

/// Runs a command without a shell, in the inventory's directory. Its stderr may be shown, its stdout never is.
fn command(line: &str, base: &Path, deadline: Duration) -> Result<String, Failure> {
    let argv =
        words(line).ok_or_else(|| Failure::new("!command needs words with quotes that close", "write !command \"pass show mfs/auth\""))?;
    let Some((program, arguments)) = argv.split_first() else {
        return Err(Failure::new("!command needs words", "write !command \"pass show mfs/auth\""));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !base.as_os_str().is_empty() {
        command.current_dir(base);
    }
    let mut child = command
        .spawn()
        .map_err(|e| Failure::new(format!("cannot run {program}: {e}"), "the words are run without a shell: no pipes, no variables"))?;
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let end = Instant::now() + deadline;
    let status = wait(&mut child, end);
    // A grandchild may hold the pipes open: never wait for them past the deadline.
    let collect = |pipe: Option<Receiver<Vec<u8>>>| {
        let left = end.saturating_duration_since(Instant::now()).max(Duration::from_millis(200));
        pipe.and_then(|p| p.recv_timeout(left).ok()).unwrap_or_default()
    };
    let said = String::from_utf8_lossy(&collect(stderr)).trim().chars().take(500).collect::<String>();
    let said = if said.is_empty() { "it said nothing on stderr".to_owned() } else { format!("it said: {said}") };
    match status {
        None => Err(Failure::new(format!("{program} did not end within {} s", deadline.as_secs()), said)),
        Some(status) if !status.success() => Err(Failure::new(format!("{program} failed ({status})"), said)),
        Some(_) => text_of(collect(stdout), &format!("the output of {program}")),
    }
}

fn drain(pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.take(MAX_BYTES).read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for the end; kills at the deadline.
fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

impl Machine {
    fn age(&self, armoured: &str) -> Result<String, Failure> {
        if self.age_identities.is_empty() {
            return Err(Failure::new("no age identity to decrypt it with", "give --age-identity FILE, or set MFSCTL_AGE_IDENTITY"));
        }
        let mut identities: Vec<Box<dyn age::Identity>> = Vec::new();
        for path in &self.age_identities {
            let show = path.display();
            let file = age::IdentityFile::from_file(path.to_string_lossy().into_owned())
                .map_err(|e| Failure::new(format!("cannot read age identity {show}: {e}"), "it is a file made by age-keygen"))?;
            let found =
                file.into_identities().map_err(|e| Failure::new(format!("age identity {show}: {e}"), "it is a file made by age-keygen"))?;
            identities.extend(found.into_iter().map(|i| i as Box<dyn age::Identity>));
        }
        let wrong = |e: age::DecryptError| match e {
            age::DecryptError::NoMatchingKeys => {
                Failure::new("none of the age identities can decrypt it", "encrypt it again for one of them: age -a -r RECIPIENT")
            }
            other => Failure::new(format!("not an age-encrypted text: {other}"), "paste the output of age -a under `!age |`"),
        };
        let decryptor = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(armoured.trim().as_bytes())).map_err(wrong)?;
        let reader = decryptor.decrypt(identities.iter().map(AsRef::as_ref)).map_err(wrong)?;
        secret_text(reader, "the age-encrypted text")
    }
}

/// Reads an inventory file as text.
///
/// # Errors
/// When it cannot be read or is not UTF-8 (with the place of the first wrong byte).
pub fn read_text(path: &Path) -> Result<String, Box<Diagnostic>> {
    let name = path.display().to_string();
    let whole = |message: String, hint: &str| {
        Box::new(Diagnostic { file: name.clone(), line: 0, column: 0, message, hint: Some(hint.to_owned()), warning: false })
    };
    let mut bytes = Vec::new();
    let file = open(path).map_err(|e| {
        let hint = match e.kind() {
            std::io::ErrorKind::NotFound => "name it with -i FILE, or write one with `mfsctl inventory init`",
            std::io::ErrorKind::Other => "name a file with -i FILE",
            _ => "check its owner and permissions",
        };
        whole(format!("cannot read the inventory: {e}"), hint)
    })?;
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| whole(format!("cannot read the inventory: {e}"), "check that it is a file"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(whole("larger than 16 MiB".to_owned(), "this is not an inventory"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|b| **b == b'\n').count() + 1;
        let start = good.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&good[start..]).chars().count() + 1;
        Box::new(Diagnostic {
            file: name.clone(),
            line,
            column,
            message: "not UTF-8 text".to_owned(),
            hint: Some("save the file as UTF-8".to_owned()),
            warning: false,
        })
    })
}

/// Whether group or others may read a file.
#[must_use]
pub fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o044 != 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_quotes_hold() {
        assert_eq!(words("pass show 'a b' \"\"").unwrap(), ["pass", "show", "a b", ""]);
        assert_eq!(words("  "), None);
        assert_eq!(words("a 'b"), None);
    }

    #[test]
    fn commands() {
        let run = |line: &str, ms| command(line, Path::new(""), Duration::from_millis(ms));
        assert_eq!(run("printf 's3cret\\n'", 5000).unwrap(), "s3cret");
        let failed = run("sh -c 'echo s3cret; echo locked >&2; exit 3'", 5000).unwrap_err();
        assert!(failed.hint.contains("locked") && !format!("{failed:?}").contains("s3cret"), "{failed:?}");
        let started = Instant::now();
        assert!(run("sh -c 'echo s3cret; sleep 20 & sleep 20'", 300).unwrap_err().message.contains("did not end within"));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(run("/no/such/program", 300).unwrap_err().message.contains("cannot run"));
        assert_eq!(run("echo $HOME", 5000).unwrap(), "$HOME");
    }

    #[test]
    fn what_has_no_end_is_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(&pipe, dir.path().join("link")).unwrap();
        assert!(read_text(&pipe).unwrap_err().message.contains("not a regular file"));
        for (name, said) in [("pipe", "not a regular file"), ("link", "not a regular file"), (".", "is a directory")] {
            let failed = file(name, dir.path()).unwrap_err();
            assert!(failed.message.contains(said) && failed.hint.contains("name a file"), "{failed:?}");
        }
    }

    #[test]
    fn files_lose_one_line_break() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("auth"), "s3cret \r\n").unwrap();
        std::fs::write(dir.path().join("binary"), [0xff, 0xfe]).unwrap();
        assert_eq!(file("auth", dir.path()).unwrap(), "s3cret ");
        assert!(file("none", dir.path()).unwrap_err().message.contains("cannot read"));
        assert!(file("binary", dir.path()).unwrap_err().message.contains("UTF-8"));
        assert!(file("", dir.path()).is_err());
    }

    #[test]
    fn environment() {
        assert!(env("MFSCTL_NO_SUCH_VARIABLE").unwrap_err().message.contains("is not set"));
        assert!(env("A B").is_err());
        assert!(env("PATH").is_ok());
    }
}
