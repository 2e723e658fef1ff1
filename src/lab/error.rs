//! What can go wrong in the lab, said so that a person can act on it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the lab could not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// Host programs or files are missing; all of them are named at once.
    #[error("this computer lacks {}", .missing.join(", "))]
    Missing {
        /// Programs and files not found.
        missing: Vec<String>,
        /// Debian packages that bring them.
        packages: Vec<String>,
    },
    /// Namespaces and taps need root.
    #[error("the lab needs root: it makes network namespaces, taps and virtual machines")]
    NotRoot,
    /// The wanted lab makes no sense; every fault is a line.
    #[error("lab {name}: {}", .faults.join("\nlab: "))]
    Spec {
        /// Name of the lab.
        name: String,
        /// What is wrong, one sentence each.
        faults: Vec<String>,
    },
    /// A host program failed.
    #[error("{command}: {status}{}", shortened(.stderr))]
    Tool {
        /// The command as typed.
        command: String,
        /// Exit status in words.
        status: String,
        /// All it said on standard error.
        stderr: String,
    },
    /// Something did not end in time.
    #[error("{what}: no end within {seconds} s{}", shortened(.detail))]
    Timeout {
        /// What was waited for.
        what: String,
        /// The deadline.
        seconds: u64,
        /// Last words of whatever was waited for.
        detail: String,
    },
    /// The system refused.
    #[error("{what}: {source}")]
    Io {
        /// The file or action.
        what: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// There is no such lab.
    #[error("lab {name}: not there (no {})", .path.display())]
    NoLab {
        /// Name of the lab.
        name: String,
        /// Where its state would be.
        path: PathBuf,
    },
    /// The lab is there but does not run.
    #[error("lab {name}: not running")]
    NotRunning {
        /// Name of the lab.
        name: String,
    },
    /// The lab has no such node.
    #[error("lab {lab}: no node {node:?}; it has {known}")]
    NoNode {
        /// Name of the lab.
        lab: String,
        /// What was asked for.
        node: String,
        /// Its nodes.
        known: String,
    },
    /// A virtual machine ended while it should boot.
    #[error("{node}: the machine stopped while booting{}", shortened(until_panic(.console)))]
    Died {
        /// Node name.
        node: String,
        /// End of its console.
        console: String,
    },
    /// A running lab has another shape than the one wanted.
    #[error("lab {name}: exists with another shape: {difference}")]
    Differs {
        /// Name of the lab.
        name: String,
        /// First difference found.
        difference: String,
    },
    /// A file of the lab does not read as it should.
    #[error("{}: {reason}", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Processes outlived SIGKILL.
    #[error("{what}: processes {pids:?} are still there after SIGKILL")]
    Unkillable {
        /// Whose they are.
        what: String,
        /// Their ids.
        pids: Vec<u32>,
    },
}

/// Results of the lab.
pub type Result<T> = std::result::Result<T, LabError>;

impl LabError {
    /// An [`LabError::Io`] about a path.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let what = path.display().to_string();
        move |source| Self::Io { what, source }
    }

    /// An [`LabError::Io`] about an action.
    pub fn act(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Missing { packages, .. } => {
                vec![format!("apt-get install {}", packages.join(" "))]
            }
            Self::NotRoot => vec!["run it with sudo".into()],
            Self::NoLab { name, .. } => vec![format!("`{}` makes it; `mfsctl lab list` names those that exist", super::up_command(name))],
            Self::NotRunning { .. } => vec!["`mfsctl lab up` boots it".into()],
            Self::Differs { name, .. } => vec![format!("`mfsctl lab down --name {name}` first, or give the new one another --name")],
            Self::Died { node, .. } => vec![format!("`mfsctl lab console {node}` shows all it said")],
            _ => Vec::new(),
        }
    }
}

/// The last lines of what a program said, each on a line of its own; the error value keeps all of it.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|l| !l.is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(8)).map(|l| format!("\n  {l}")).collect()
}

/// A console up to the kernel's own word why it stops: the trace that follows says less.
fn until_panic(console: &str) -> &str {
    let Some(at) = console.find("Kernel panic") else { return console };
    let end = console[at..].find('\n').map_or(console.len(), |length| at + length);
    &console[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_panic_is_not_lost_behind_its_trace() {
        let trace = "\n [<60002c25>] prepare_namespace".repeat(20);
        let console = format!("VFS: Cannot open root device\nKernel panic - not syncing: VFS{trace}");
        assert_eq!(until_panic(&console).lines().last(), Some("Kernel panic - not syncing: VFS"));
        assert_eq!((until_panic("Kernel panic"), until_panic("booted\n")), ("Kernel panic", "booted\n"));
    }

    #[test]
    fn long_output_is_shortened_from_the_front() {
        let text = (0..20).map(|n| format!("line {n}\n\n")).collect::<String>();
        let short = shortened(&text);
        assert!(short.starts_with("\n  line 12") && short.ends_with("line 19"), "{short}");
        assert_eq!(shortened(""), "");
    }

    #[test]
    fn missing_tools_are_named_together_with_their_packages() {
        let error = LabError::Missing { missing: vec!["a".into(), "b".into()], packages: vec!["p".into(), "q".into()] };
        assert_eq!(error.to_string(), "this computer lacks a, b");
        assert!(error.hints()[0].contains("apt-get install p q"));
    }
}
