//! Where Debian comes from: the host's own mirror and proxy, without touching the host's apt.

use std::fs;
use std::path::Path;

use super::error::{LabError, Result};
use super::tool::Tool;

/// Release the nodes run: the one whose MooseFS, DRBD and keepalived this tool is proven with.
pub const SUITE: &str = "bookworm";
/// Debian's own keys.
pub const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const DEFAULT_MIRROR: &str = "http://deb.debian.org/debian";

/// The mirror in use on this host for the nodes' release; Debian's default one when it uses none.
#[must_use]
pub fn mirror() -> String {
    let mut texts = vec![fs::read_to_string("/etc/apt/sources.list").unwrap_or_default()];
    let mut parts: Vec<_> =
        fs::read_dir("/etc/apt/sources.list.d").map(|d| d.filter_map(|e| Some(e.ok()?.path())).collect()).unwrap_or_default();
    parts.sort();
    texts.extend(parts.iter().map(|p| fs::read_to_string(p).unwrap_or_default()));
    texts.iter().find_map(|t| mirror_in(t)).unwrap_or_else(|| DEFAULT_MIRROR.to_owned())
}

/// The first source of exactly this release with component main, in one-line or deb822 form.
fn mirror_in(text: &str) -> Option<String> {
    one_line(text).or_else(|| text.split("\n\n").find_map(deb822))
}

fn one_line(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim().strip_prefix("deb ")?.trim_start();
        let line = if line.starts_with('[') { line.split_once(']')?.1 } else { line };
        let words: Vec<&str> = line.split_whitespace().collect();
        fits(words.first()?, words.get(1)?, words.get(2..)?)
    })
}

fn deb822(stanza: &str) -> Option<String> {
    let field = |name: &str| {
        stanza
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
            .map(|v| v.split_whitespace().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let components = field("Components");
    field("URIs").iter().find_map(|uri| field("Suites").iter().find_map(|suite| fits(uri, suite, &components)))
}

fn fits(uri: &str, suite: &str, components: &[&str]) -> Option<String> {
    let http = uri.starts_with("http://") || uri.starts_with("https://");
    (http && suite == SUITE && components.contains(&"main")).then(|| uri.trim_end_matches('/').to_owned())
}

/// The host's proxy settings as apt.conf lines; nothing else of the host's apt is used.
///
/// # Errors
/// `apt-config` fails.
pub fn proxy_settings() -> Result<Vec<String>> {
    let dump = Tool::new("apt-config").arg("dump").run()?.text();
    let wanted = |l: &&str| ["Acquire::http", "Acquire::https"].iter().any(|p| l.starts_with(p)) && l.to_lowercase().contains("proxy");
    Ok(dump.lines().filter(wanted).map(str::to_owned).collect())
}

/// Writes apt settings and sources below a directory for use with `APT_CONFIG`: nothing of the host's apt is read or written.
///
/// # Errors
/// A file cannot be written.
pub fn private_apt(dir: &Path, status: &Path, suite: &str) -> Result<std::path::PathBuf> {
    for sub in ["state/lists/partial", "cache/archives/partial", "log", "etc"] {
        let path = dir.join(sub);
        fs::create_dir_all(&path).map_err(LabError::io(&path))?;
    }
    let sources = format!("deb [signed-by={KEYRING}] {} {suite} main\n", mirror());
    let list = dir.join("etc/sources.list");
    fs::write(&list, sources).map_err(LabError::io(&list))?;
    let shown = dir.display();
    let mut lines = vec![
        format!("Dir::State \"{shown}/state\";"),
        format!("Dir::State::status \"{}\";", status.display()),
        format!("Dir::Cache \"{shown}/cache\";"),
        format!("Dir::Log \"{shown}/log\";"),
        format!("Dir::Etc::sourcelist \"{shown}/etc/sources.list\";"),
        "Dir::Etc::sourceparts \"/dev/null\";".into(),
        "Dir::Etc::main \"/dev/null\";".into(),
        "Dir::Etc::parts \"/dev/null\";".into(),
        "Dir::Etc::preferences \"/dev/null\";".into(),
        "Dir::Etc::preferencesparts \"/dev/null\";".into(),
        "APT::Install-Recommends \"false\";".into(),
        "APT::Sandbox::User \"root\";".into(),
        "APT::Architecture \"amd64\";".into(),
        "APT::Architectures { \"amd64\"; };".into(),
        "Acquire::Languages \"none\";".into(),
        "Acquire::Retries \"3\";".into(),
    ];
    lines.extend(proxy_settings()?);
    let config = dir.join("apt.conf");
    fs::write(&config, lines.join("\n") + "\n").map_err(LabError::io(&config))?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_found_in_both_forms() {
        let old =
            "# deb http://no/debian bookworm main\ndeb [arch=amd64 signed-by=/k] http://ftp.example.org/debian/ bookworm main contrib\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://ftp.example.org/debian"));
        let new = "Types: deb\n# note\nURIs: http://m.example.org/debian\nSuites: bookworm bookworm-updates\nComponents: main\n\nTypes: deb\nURIs: http://s/\nSuites: bookworm-security\nComponents: main\n";
        assert_eq!(mirror_in(new).as_deref(), Some("http://m.example.org/debian"));
    }

    #[test]
    fn foreign_sources_are_not_taken() {
        assert_eq!(mirror_in("deb https://p.example.com/apt cloud-sdk-bookworm main\n"), None);
        assert_eq!(mirror_in("deb https://d.example.com/linux/debian bookworm stable\n"), None);
        assert_eq!(mirror_in("Types: deb\nURIs: file:/srv\nSuites: bookworm\nComponents: main\n"), None);
    }
}
