//! MooseFS daemons under systemd: enabled, running, with the configuration that lies on disk.

use std::time::Duration;

use super::{Action, View};

const WAIT_UNIT: &str = include_str!("../../playbooks/files/mfs-wait-unit.sh");
/// Packages of the Debian family enable their units when they are installed, and `enable` is slow there.
const START: &str = r#"systemctl is-enabled --quiet "$1" || systemctl enable "$1" || exit; systemctl start "$1""#;
/// Longest time a stop or start may take: a chunkserver's unit allows five minutes for its stop.
const SLOW: Duration = Duration::from_secs(360);
/// Longest time a daemon may take until it listens.
const WAIT: Duration = Duration::from_secs(60);

/// A script of this project as a command: `sh -c SCRIPT mfsctl ARGUMENT…`.
#[must_use]
pub fn script<S: AsRef<str>>(script: &str, arguments: &[S]) -> Vec<String> {
    let head = ["sh", "-c", script, "mfsctl"].into_iter();
    head.chain(arguments.iter().map(AsRef::as_ref)).map(str::to_owned).collect()
}

/// A TCP port as `/proc/net/tcp` writes it.
#[must_use]
pub fn hex_port(port: u16) -> String {
    format!("{port:04X}")
}

/// Actions that make a unit enabled and running with its present files, pending marks taken up; none when it is so.
///
/// Marks are `NAME:daemon-reload`, `NAME:restart` and `NAME:reload`, NAME being the unit without `.service`.
#[must_use]
pub fn running(view: &View, unit: &str) -> Vec<Action> {
    let name = unit.trim_end_matches(".service");
    let mark = |what: &str| format!("{name}:{what}");
    let pending = |what: &str| view.pending.contains(&mark(what));
    let cleared = |action: Action| action.within(SLOW).clears(mark("restart")).clears(mark("reload"));
    let fact = view.facts.units.get(unit);
    let mut actions = Vec::new();
    if pending("daemon-reload") || fact.needs_reload {
        let action = Action::run("make systemd read its units again", ["systemctl", "daemon-reload"]);
        actions.push(action.clears(mark("daemon-reload")));
    }
    if !fact.is_active() {
        actions.push(cleared(Action::run(format!("enable and start {name}"), script(START, &[unit]))));
        return actions;
    }
    if !fact.is_enabled() {
        actions.push(Action::run(format!("start {name} at boot"), ["systemctl", "enable", unit]));
    }
    if pending("restart") {
        actions.push(cleared(Action::run(format!("restart {name}"), ["systemctl", "restart", unit])));
    } else if pending("reload") {
        actions.push(Action::run(format!("reload {name}"), ["systemctl", "reload", unit]).clears(mark("reload")));
    }
    actions
}

/// Whether the actions start or restart the unit, so that it must be waited for.
#[must_use]
pub fn starts(actions: &[Action]) -> bool {
    actions.iter().any(|a| a.title.starts_with("restart ") || a.title.starts_with("enable and start "))
}

/// Waits until a unit is active and listens on a port (or is just active); on failure its last log lines are in the error.
#[must_use]
pub fn wait(unit: &str, port: Option<u16>) -> Action {
    let name = unit.trim_end_matches(".service");
    let title = match port {
        Some(port) => format!("wait until {name} listens on port {port}"),
        None => format!("wait until {name} runs"),
    };
    let port = port.map_or_else(|| "-".to_owned(), hex_port);
    let seconds = WAIT.as_secs().to_string();
    Action::run(title, script(WAIT_UNIT, &[unit, &port, &seconds])).within(WAIT * 2)
}

/// Name of a mount point's unit, escaped as `systemd-escape --path` does (man systemd.unit).
#[must_use]
pub fn mount_unit(path: &str) -> String {
    let mut name = String::new();
    for (index, byte) in path.trim_matches('/').bytes().enumerate() {
        match byte {
            b'/' => name.push('-'),
            b'.' if index > 0 => name.push('.'),
            b':' | b'_' => name.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            _ => name.push_str(&format!("\\x{byte:02x}")),
        }
    }
    format!("{name}.mount")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_units_are_named_as_systemd_does() {
        assert_eq!(mount_unit("/mnt/mfs1"), "mnt-mfs1.mount");
        assert_eq!(mount_unit("/srv/chunk-disks/a.b/"), "srv-chunk\\x2ddisks-a.b.mount");
    }
}
