//! systemd units: loaded, active, enabled, main process; all in one `systemctl show`.

use std::collections::BTreeMap;

use super::{Answer, FactError, Question};
use crate::remote::shell;

const NAME: &str = "units";

/// One unit, in systemd's own words (`man systemctl`, properties of units).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// `loaded`, `not-found`, `masked`…
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`…
    pub active: String,
    /// `running`, `dead`, `exited`…
    pub sub: String,
    /// `enabled`, `disabled`, `static`, `masked`, or empty.
    pub enabled: String,
    /// Main process, 0 when none.
    pub main_pid: u32,
    /// systemd knows that unit files on disk changed and wants a daemon-reload.
    pub needs_reload: bool,
}

impl Unit {
    /// Whether it is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active == "active"
    }

    /// Whether it starts at boot.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled == "enabled"
    }

    /// Whether the unit exists.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.load != "not-found" && !self.load.is_empty()
    }
}

/// Facts of all units asked for, by full name (`keepalived.service`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units(pub BTreeMap<String, Unit>);

impl Units {
    /// A unit by full name; one that was not found or not asked for is all empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Unit {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

/// Asks for units by their full names.
#[must_use]
pub fn ask(names: &[String]) -> Question {
    let show = "systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,MainPID,NeedDaemonReload --";
    // Without a name systemctl would show the manager itself.
    let script = if names.is_empty() { ":\n".to_owned() } else { format!("{show} {}\n", shell::join(names)) };
    Question { name: NAME.to_owned(), script }
}

/// Reads the answer.
///
/// # Errors
/// When a property line is malformed.
pub fn parse(answer: &Answer) -> Result<Units, FactError> {
    let mut units = BTreeMap::new();
    for block in answer.text.split("\n\n").filter(|b| !b.trim().is_empty()) {
        let mut unit = Unit::default();
        let mut id = String::new();
        for line in block.lines().filter(|l| !l.is_empty()) {
            let (key, value) = line.split_once('=').ok_or_else(|| FactError::new(NAME, "KEY=VALUE", line))?;
            let value = value.to_owned();
            match key {
                "Id" => id = value,
                "LoadState" => unit.load = value,
                "ActiveState" => unit.active = value,
                "SubState" => unit.sub = value,
                "UnitFileState" => unit.enabled = value,
                "MainPID" => unit.main_pid = value.parse().map_err(|_| FactError::new(NAME, "a process id", line))?,
                "NeedDaemonReload" => unit.needs_reload = value == "yes",
                _ => {}
            }
        }
        units.insert(id, unit);
    }
    Ok(Units(units))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_units() {
        let text = "Id=a.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nMainPID=7\nNeedDaemonReload=no\n\n\
                    Id=b.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\nMainPID=0\nNeedDaemonReload=no\n";
        let units = parse(&Answer { text: text.to_owned(), status: 0 }).unwrap();
        assert!(units.get("a.service").is_active() && units.get("a.service").is_enabled());
        assert_eq!(units.get("a.service").main_pid, 7);
        assert!(!units.get("b.service").exists());
        assert!(!units.get("never-asked.service").exists());
    }
}
