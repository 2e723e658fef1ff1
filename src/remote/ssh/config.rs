//! The part of ssh_config(5) that decides where and how to connect.
//!
//! Keywords not listed in [`HostConfig`] are ignored, as are `Match` blocks other than
//! `Match all`: their conditions may run commands. `StrictHostKeyChecking` is ignored on
//! purpose; host keys are always checked.

use std::fs;
use std::path::{Path, PathBuf};

use tracing::debug;

/// Depth at which a chain of `Include` is taken for a loop (ssh's own limit).
const INCLUDE_DEPTH: usize = 16;

/// What the configuration says of one host; the first value found wins, `IdentityFile` adds up.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct HostConfig {
    pub host_name: Option<String>,
    pub host_key_alias: Option<String>,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub identity_files: Vec<String>,
    pub identities_only: Option<bool>,
    pub identity_agent: Option<String>,
    pub proxy_jump: Option<String>,
    pub user_known_hosts: Option<Vec<String>>,
}

/// Reads `~/.ssh/config`, then `SYSTEM/ssh_config`. Missing files are no error; wrong values are, as `file:line: what`.
pub(super) fn read(alias: &str, home: &Path, system: &Path) -> Result<HostConfig, String> {
    let mut reader = Reader { alias, home, found: HostConfig::default() };
    reader.file(&home.join(".ssh/config"), &home.join(".ssh"), true, 0)?;
    reader.file(&system.join("ssh_config"), system, true, 0)?;
    Ok(reader.found)
}

struct Reader<'a> {
    alias: &'a str,
    home: &'a Path,
    found: HostConfig,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, base: &Path, allowed: bool, depth: usize) -> Result<(), String> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
        };
        let mut active = allowed;
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), index + 1);
            let words = split(line).map_err(|what| format!("{place}: {what}"))?;
            let Some((keyword, values)) = words.split_first() else { continue };
            let keyword = keyword.to_ascii_lowercase();
            if values.is_empty() {
                return Err(format!("{place}: {keyword} needs a value"));
            }
            match keyword.as_str() {
                "host" => active = allowed && matches_patterns(self.alias, values),
                "match" => {
                    let all = values.len() == 1 && values.first().is_some_and(|v| v.eq_ignore_ascii_case("all"));
                    if !all {
                        debug!("{place}: Match block skipped");
                    }
                    active = allowed && all;
                }
                "include" if active => {
                    if depth >= INCLUDE_DEPTH {
                        return Err(format!("{place}: Include goes round in circles"));
                    }
                    for included in values.iter().flat_map(|v| expand_glob(&base.join(tilde(v, self.home)))) {
                        self.file(&included, base, active, depth + 1)?;
                    }
                }
                _ if active => self.set(&keyword, values).map_err(|what| format!("{place}: {what}"))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn set(&mut self, keyword: &str, values: &[String]) -> Result<(), String> {
        let Some(value) = values.first().cloned() else { return Ok(()) };
        let found = &mut self.found;
        match keyword {
            "hostname" => first(&mut found.host_name, value),
            "hostkeyalias" => first(&mut found.host_key_alias, value),
            "user" => first(&mut found.user, value),
            "identityagent" => first(&mut found.identity_agent, value),
            "proxyjump" => first(&mut found.proxy_jump, value),
            "userknownhostsfile" => first(&mut found.user_known_hosts, values.to_vec()),
            "identityfile" => found.identity_files.push(value),
            "identitiesonly" => first(&mut found.identities_only, value.eq_ignore_ascii_case("yes")),
            "port" => {
                let port = value.parse().ok().filter(|p| *p != 0);
                first(&mut found.port, port.ok_or_else(|| format!("{value} is no port"))?);
            }
            _ => {}
        }
        Ok(())
    }
}

fn first<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

/// Splits a line into keyword and values: blanks or one `=` after the keyword, double quotes around a value, `#` comments.
fn split(line: &str) -> Result<Vec<String>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(Vec::new());
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let mut words = vec![keyword.to_owned()];
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in rest.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '#' if !quoted && word.is_none() => break,
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quoted { Err("a quote is not closed".to_owned()) } else { Ok(words) }
}

/// `Host` patterns: one must match, and no negated one.
fn matches_patterns(name: &str, patterns: &[String]) -> bool {
    let hit = |p: &str| wildcard(p, name);
    !patterns.iter().filter_map(|p| p.strip_prefix('!')).any(hit) && patterns.iter().filter(|p| !p.starts_with('!')).any(|p| hit(p))
}

/// Whether a pattern of `*` and `?` matches the whole text.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// `~` and `~/…` with the home directory in place of the tilde.
pub(super) fn tilde(path: &str, home: &Path) -> PathBuf {
    match path.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// A path whose last part may hold wildcards, as the files that match, sorted.
fn expand_glob(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if !name.contains(['*', '?']) {
        return vec![path.to_owned()];
    }
    let entries = path.parent().and_then(|dir| fs::read_dir(dir).ok());
    let matching = |entry: &fs::DirEntry| {
        let file = entry.file_name().to_string_lossy().into_owned();
        wildcard(&name, &file) && (!file.starts_with('.') || name.starts_with('.'))
    };
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().flatten().filter(matching).map(|e| e.path()).collect();
    files.sort();
    files
}

/// What `%` tokens stand for (ssh_config(5), TOKENS).
pub(super) struct Tokens<'a> {
    pub home: &'a Path,
    pub host: &'a str,
    pub alias: &'a str,
    pub port: u16,
    pub user: &'a str,
    pub local_user: &'a str,
}

impl Tokens<'_> {
    /// Puts values in place of `%h %n %p %r %u %d %%`; other tokens stay as they are.
    pub fn expand(&self, text: &str) -> String {
        let mut out = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('h') => out.push_str(self.host),
                Some('n') => out.push_str(self.alias),
                Some('p') => out.push_str(&self.port.to_string()),
                Some('r') => out.push_str(self.user),
                Some('u') => out.push_str(self.local_user),
                Some('d') => out.push_str(&self.home.to_string_lossy()),
                Some('%') => out.push('%'),
                Some(other) => out.extend(['%', other]),
                None => out.push('%'),
            }
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn config(files: &[(&str, &str)], alias: &str) -> Result<HostConfig, String> {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".ssh/config.d")).unwrap();
        for (name, text) in files {
            fs::write(home.path().join(name), text).unwrap();
        }
        read(alias, home.path(), home.path())
    }

    #[test]
    fn the_first_value_wins_and_identities_add_up() {
        let text =
            "Host node1\n  User admin\n  IdentityFile ~/.ssh/a\nHost *\n  User root\n  Port=2222\n  IdentityFile \"~/.ssh/b c\" # mine\n";
        let found = config(&[(".ssh/config", text), ("ssh_config", "Port 1\nProxyJump gate\n")], "node1").unwrap();
        assert_eq!((found.user.as_deref(), found.port, found.proxy_jump.as_deref()), (Some("admin"), Some(2222), Some("gate")));
        assert_eq!(found.identity_files, ["~/.ssh/a", "~/.ssh/b c"]);
    }

    #[test]
    fn negated_patterns_and_match_blocks_exclude() {
        let text = "Host node* !node2\nUser a\nMatch exec true\nUser b\nPort 9\nMatch all\nUnknownThing yes\nUser c\n";
        assert_eq!(config(&[(".ssh/config", text)], "node1").unwrap().user.as_deref(), Some("a"));
        let second = config(&[(".ssh/config", text)], "node2").unwrap();
        assert_eq!((second.user.as_deref(), second.port), (Some("c"), None));
    }

    #[test]
    fn includes_follow_wildcards_and_stay_inside_their_block() {
        let main = "Host other\nInclude config.d/*.conf\nHost *\nInclude config.d/2.conf missing\n";
        let files = [(".ssh/config", main), (".ssh/config.d/1.conf", "User one\n"), (".ssh/config.d/2.conf", "Host n*\nUser two\n")];
        assert_eq!(config(&files, "node1").unwrap().user.as_deref(), Some("two"));
        assert_eq!(config(&files, "other").unwrap().user.as_deref(), Some("one"));
    }

    #[test]
    fn wrong_lines_are_named() {
        let place = |text: &str| config(&[(".ssh/config", text)], "x").unwrap_err();
        assert!(place("\nPort many\n").ends_with("config:2: many is no port"));
        assert!(place("User \"a\n").ends_with("config:1: a quote is not closed"));
        assert!(place("Host *\nInclude config\n").contains("circles"));
        assert!(place("User\n").ends_with("user needs a value"));
    }

    #[test]
    fn tokens_expand() {
        let tokens = Tokens { home: Path::new("/h"), host: "10.0.0.1", alias: "n", port: 22, user: "root", local_user: "me" };
        assert_eq!(tokens.expand("%d/%r@%h:%p-%n-%u%%%Z%"), "/h/root@10.0.0.1:22-n-me%%Z%");
    }

    proptest::proptest! {
        #[test]
        fn a_text_matches_itself_and_stars(text in "[a-c.]{0,8}", prefix in "[a-c.]{0,4}") {
            proptest::prop_assert!(wildcard(&text, &text));
            let longer = format!("{prefix}{text}");
            let (starred, one_more) = (format!("*{text}"), format!("{text}?"));
            proptest::prop_assert!(wildcard(&starred, &longer));
            proptest::prop_assert!(!wildcard(&one_more, &text));
        }
    }
}
