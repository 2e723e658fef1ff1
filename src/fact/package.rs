//! Installed packages among those mfsctl cares about, imported rpm keys, and what an interrupted install left.

use std::collections::BTreeMap;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "packages";
/// First comment of the policy-rc.d that keeps daemons from starting while packages are installed.
pub const POLICY_MARK: &str = "# mfsctl: no daemon starts while packages are installed";

/// What stands at /usr/sbin/policy-rc.d.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Nothing.
    #[default]
    None,
    /// Left behind by an interrupted install of ours.
    Stale,
    /// Somebody else's.
    Foreign,
}

/// One installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// `3.0.117-1`; on rpm systems `VERSION-RELEASE`.
    pub version: String,
    /// Kept at its version by the administrator (`apt-mark hold`).
    pub held: bool,
}

/// Facts of packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    /// Fully installed packages, of those asked for.
    pub installed: BTreeMap<String, Package>,
    /// Packages neither installed nor absent, with dpkg's word: `half-configured`, `unpacked`…
    pub broken: BTreeMap<String, String>,
    /// Packages held that are not installed.
    pub held: Vec<String>,
    /// Keys imported into rpm, as `KEYID-CREATION`, both hexadecimal (`rpm -q gpg-pubkey`).
    pub rpm_keys: Vec<String>,
    /// policy-rc.d.
    pub policy: Policy,
}

impl Packages {
    /// Version installed.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&str> {
        self.installed.get(name).map(|p| p.version.as_str())
    }
}

/// Asks for packages by name; one process.
#[must_use]
pub fn ask(names: &[String]) -> Question {
    let names = if names.is_empty() { "mfsctl-none".to_owned() } else { shell::join(names) };
    let script = format!(
        "if command -v dpkg-query >/dev/null 2>&1 && [ -e /var/lib/dpkg/status ] && [ ! -e /etc/redhat-release ]; then\n\
         dpkg-query -W -f '${{Package}}|${{Version}}|${{Status}}\\n' {names} 2>/dev/null\n\
         else\n\
         rpm -q --qf '%{{NAME}}|%{{VERSION}}-%{{RELEASE}}|rpm\\n' gpg-pubkey {names} 2>/dev/null\n\
         fi\n\
         if [ -e /usr/sbin/policy-rc.d ]; then\n\
         {{ read -r _; read -r line; }} </usr/sbin/policy-rc.d\n\
         [ \"$line\" = '{POLICY_MARK}' ] && echo 'policy|stale' || echo 'policy|foreign'\n\
         fi\n\
         :\n"
    );
    Question { name: NAME.to_owned(), script }
}

/// Reads the answer.
///
/// # Errors
/// When a line is not of the form asked for.
pub fn parse(answer: &Answer) -> Result<Packages, FactError> {
    let mut packages = Packages::default();
    for line in answer.text.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        match fields[..] {
            ["policy", "stale"] => packages.policy = Policy::Stale,
            ["policy", _] => packages.policy = Policy::Foreign,
            ["gpg-pubkey", key, "rpm"] => packages.rpm_keys.push(key.to_owned()),
            [name, version, "rpm"] => {
                packages.installed.insert(name.to_owned(), Package { version: version.to_owned(), held: false });
            }
            [name, version, status] => dpkg_line(&mut packages, name, version, status)?,
            // "package xyz is not installed", in whatever language.
            [_] => {}
            _ => return Err(FactError::new(NAME, "NAME|VERSION|STATUS", line)),
        }
    }
    Ok(packages)
}

/// dpkg's status is three words (dpkg-query(1)): wanted, error flag, state.
fn dpkg_line(packages: &mut Packages, name: &str, version: &str, status: &str) -> Result<(), FactError> {
    let [want, flag, state] = status.split(' ').collect::<Vec<_>>()[..] else {
        return Err(FactError::new(NAME, "three words of status", status));
    };
    let held = want == "hold";
    match state {
        "installed" | "triggers-pending" | "triggers-awaited" if flag == "ok" => {
            packages.installed.insert(name.to_owned(), Package { version: version.to_owned(), held });
        }
        "not-installed" | "config-files" => {
            if held {
                packages.held.push(name.to_owned());
            }
        }
        other => {
            packages.broken.insert(name.to_owned(), other.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Packages {
        parse(&Answer { text: text.to_owned(), status: 0 }).unwrap()
    }

    #[test]
    fn dpkg() {
        let packages = of("drbd-utils|9.22.0-1|install ok installed\nkeepalived|1:2.2.7-1+b2|hold ok installed\n\
                           moosefs-cli||unknown ok not-installed\nmoosefs-cgi|3.0.117-1|deinstall ok config-files\n\
                           moosefs-master|3.0.117-1|install ok half-configured\nlvm2||hold ok not-installed\npolicy|stale\n");
        assert_eq!(packages.version("drbd-utils"), Some("9.22.0-1"));
        assert!(packages.installed["keepalived"].held);
        assert_eq!(packages.version("moosefs-cgi"), None);
        assert_eq!(packages.broken["moosefs-master"], "half-configured");
        assert_eq!((packages.held, packages.policy), (vec!["lvm2".to_owned()], Policy::Stale));
    }

    #[test]
    fn rpm() {
        let packages =
            of("gpg-pubkey|f4a80eb5-53a7ff4b|rpm\npackage moosefs-cli is not installed\nmoosefs-master|3.0.97-1.rhsystemd|rpm\n");
        assert_eq!(packages.version("moosefs-master"), Some("3.0.97-1.rhsystemd"));
        assert_eq!((packages.rpm_keys, packages.policy), (vec!["f4a80eb5-53a7ff4b".to_owned()], Policy::None));
    }

    #[test]
    fn a_malformed_line_is_an_error() {
        assert!(parse(&Answer { text: "a|b|c|d\n".to_owned(), status: 0 }).is_err());
        assert!(parse(&Answer { text: "a|b|one two\n".to_owned(), status: 0 }).is_err());
    }

    #[test]
    fn the_question_works_here() {
        let names = vec!["dpkg".to_owned(), "no-such-package".to_owned()];
        let out = std::process::Command::new("sh").arg("-c").arg(ask(&names).script).output().unwrap();
        let packages = of(&String::from_utf8(out.stdout).unwrap());
        assert!(packages.version("dpkg").is_some() && packages.version("no-such-package").is_none());
    }
}
