//! A tenant's entry in the inventory, composed, checked by loading it, and written without touching anything else.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::context::{Context, inventory_error};
use crate::error::{Error, Result};
use crate::inventory::edit::{self, EditError};
use crate::inventory::model::Cluster;
use crate::inventory::{Diagnostic, LoadOptions, Loaded, load_text, machine, starter};
use crate::report;

/// A changed inventory that was not written yet.
pub struct Draft {
    path: PathBuf,
    text: String,
    /// What it resolves to.
    pub cluster: Cluster,
    /// The lines that were put in, as they will stand there.
    pub lines: Vec<String>,
    secret: Option<(PathBuf, String)>,
}

/// Where a new tenant's password lies, from the inventory's directory.
pub fn secret_name(tenant: &str) -> String {
    format!("secrets/tenant-{tenant}")
}

fn load(context: &Context, path: &Path, text: String) -> Result<Loaded> {
    loaded(context, path, text)?.map_err(|diagnostics| inventory_error(&diagnostics))
}

fn loaded(context: &Context, path: &Path, text: String) -> Result<std::result::Result<Loaded, Vec<Diagnostic>>> {
    let (_, overlays) = context.inventory()?;
    let options = LoadOptions { overlays, age_identities: context.global.age_identity.clone(), without_secrets: false, draft: true };
    Ok(load_text(path, text, &options))
}

/// The flag that a diagnostic of a draft is about, with its value: the entry's lines stand in no file yet.
fn flag(diagnostic: &Diagnostic, path: &Path, draft: &str, entry: &[String]) -> Option<String> {
    let lines: Vec<&str> = draft.lines().map(|l| l.trim_start().trim_start_matches("- ")).collect();
    let first = lines.windows(entry.len()).position(|window| window == entry)?;
    let line = entry.get(diagnostic.line.checked_sub(first + 1)?).filter(|_| diagnostic.file == path.display().to_string())?;
    match line.split_once(": ")? {
        ("name", name) => Some(format!("tenant {name}")),
        ("password", _) => None,
        ("clients", all) => Some(format!("--client {}", all.trim_matches(['[', ']']))),
        (key, value) => Some(format!("--{key} {value}")),
    }
}

/// What is wrong with a draft: flags by name, all else by its place.
fn draft_error(diagnostics: &[Diagnostic], flag: impl Fn(&Diagnostic) -> Option<String>) -> Error {
    let errors = diagnostics.iter().filter(|d| !d.warning);
    let (ours, others): (Vec<_>, Vec<_>) = errors.map(|d| (flag(d), d)).partition(|(flag, _)| flag.is_some());
    if ours.is_empty() {
        return inventory_error(diagnostics);
    }
    let told = ours.iter().map(|(flag, d)| format!("{}: {}", flag.as_deref().unwrap_or_default(), d.message));
    let lines: Vec<String> = told.chain(others.iter().map(|(_, d)| d.to_string())).collect();
    let hints = ours.iter().filter_map(|(_, d)| d.hint.clone());
    hints.fold(Error::input(lines.join("\n")), Error::hint).hint("nothing was changed")
}

fn read(context: &Context) -> Result<(PathBuf, String)> {
    let (path, _) = context.inventory()?;
    // What is replaced is the file, never a link to it.
    let path = fs::canonicalize(&path).unwrap_or(path);
    let text = machine::read_text(&path).map_err(|diagnostic| inventory_error(&[*diagnostic]))?;
    Ok((path, text))
}

/// Same but for the tenant? Secrets are not told apart.
fn same(a: &Cluster, b: &Cluster) -> bool {
    matches!((serde_json::to_value(a), serde_json::to_value(b)), (Ok(a), Ok(b)) if a == b)
}

/// Composes the inventory with a new tenant. `fields` are its lines but for the password; `open` leaves that out.
///
/// # Errors
/// When the entry is wrong, would change more than itself, or the inventory is written in a form that is left alone.
pub fn with(context: &Context, old: &Cluster, name: &str, fields: &[String], open: bool) -> Result<Draft> {
    let (path, text) = read(context)?;
    let base = path.parent().unwrap_or(Path::new(""));
    let reference = secret_name(name);
    let file = base.join(&reference);
    let mut lines = fields.to_vec();
    let mut checked = lines.clone();
    let secret = match open {
        true => None,
        false => {
            // One that lies there already is of a run that was cut off before the inventory was written.
            let password = match fs::read_to_string(&file) {
                Ok(text) => text.trim_end_matches('\n').to_owned(),
                Err(_) => starter::secret(),
            };
            lines.push(format!("password: !file {reference}"));
            checked.push(format!("password: {}", quoted(&password)));
            Some((file, password))
        }
    };
    let unable = |e: EditError| by_hand(&path, &e, &lines);
    let draft = edit::add_tenant(&text, &checked).map_err(unable)?;
    let flag = |d: &Diagnostic| flag(d, &path, &draft, &checked);
    let Loaded { cluster, warnings } = loaded(context, &path, draft.clone())?.map_err(|all| draft_error(&all, flag))?;
    let known: Vec<String> = load(context, &path, text.clone())?.warnings.into_iter().map(|w| w.message).collect();
    let text = edit::add_tenant(&text, &lines).map_err(unable)?;
    let own = cluster.tenant(name).ok_or_else(|| by_hand(&path, &EditError::Form, &lines))?;
    if !same(&cluster.without(own, false), old) {
        return Err(Error::input(format!("{}: adding {name} would change more than the tenant; nothing was changed", path.display()))
            .hint(
                "a client without `mounts` has /mnt/mfs only while no tenant is mounted there: write `clients: {mounts: [/mnt/mfs]}` first",
            ));
    }
    // The old inventory's own warnings were said when it was loaded.
    warnings.iter().filter(|w| !known.contains(&w.message)).for_each(|w| match flag(w) {
        Some(flag) => {
            let hint = w.hint.as_ref().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            report::say(&format!("warning: {flag}: {}{hint}", w.message));
        }
        None => report::say(&w.to_string()),
    });
    Ok(Draft { path, text, cluster, lines, secret })
}

/// Composes the inventory without a tenant.
///
/// # Errors
/// As [`with`].
pub fn without(context: &Context, old: &Cluster, name: &str) -> Result<Draft> {
    let (path, text) = read(context)?;
    let unable = |e: EditError| {
        Error::input(format!("{}: {e}; nothing was changed", path.display()))
            .hint(format!("write tenants as a list with one `- …` item a line, or take {name} out by hand and run mfsctl provision"))
    };
    let text = edit::remove_tenant(&text, name).map_err(unable)?;
    let cluster = load(context, &path, text.clone())?.cluster;
    let expected = old.tenant(name).map(|t| old.without(t, false));
    if !expected.is_some_and(|e| same(&e, &cluster)) {
        return Err(Error::input(format!("{}: taking {name} out would change more than the tenant; nothing was changed", path.display()))
            .hint(
                "a client without `mounts` gets /mnt/mfs when no tenant is mounted there: write its `mounts` (`mounts: []` for none) first",
            ));
    }
    let secret = path.parent().map(|base| (base.join(secret_name(name)), String::new()));
    Ok(Draft { path, text, cluster, lines: Vec::new(), secret })
}

impl Draft {
    /// Writes the password's file, then the inventory.
    ///
    /// # Errors
    /// When one cannot be written; the inventory is as it was then.
    pub fn write(&self) -> Result<()> {
        if let Some((file, password)) = self.secret.as_ref().filter(|(file, _)| !file.exists()) {
            let told = |e: std::io::Error| Error::input(format!("{}: {e}", file.display()));
            let dir = file.parent().unwrap_or(Path::new(""));
            DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(told)?;
            put(file, &format!("{password}\n"), 0o600).map_err(told)?;
            report::say(&format!("wrote {} (0600)", file.display()));
        }
        self.replace()
    }

    /// Writes the inventory, then removes the password's file that was made for the tenant.
    ///
    /// # Errors
    /// When the inventory cannot be written.
    pub fn write_and_forget(&self) -> Result<()> {
        self.replace()?;
        if let Some((file, _)) = self.secret.as_ref().filter(|(file, _)| file.exists()) {
            match fs::remove_file(file) {
                Ok(()) => report::say(&format!("removed {}", file.display())),
                Err(e) => report::say(&format!("warning: {}: {e}: remove it by hand", file.display())),
            }
        }
        Ok(())
    }

    fn replace(&self) -> Result<()> {
        let mode = fs::metadata(&self.path).map(|m| m.permissions().mode() & 0o777).unwrap_or(0o600);
        put(&self.path, &self.text, mode).map_err(|e| Error::input(format!("{}: {e}", self.path.display())))?;
        report::say(&format!("changed {}", self.path.display()));
        Ok(())
    }
}

/// Puts a file in place at once: under another name, synced, then renamed.
fn put(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn by_hand(path: &Path, error: &EditError, lines: &[String]) -> Error {
    Error::input(format!("{}: {error}; nothing was changed", path.display())).hint(format!(
        "put this under tenants by hand, with a password, then run the command with the name alone:\n  - {}",
        lines.join("\n    ")
    ))
}

/// A YAML scalar: plain where that is safe, else in double quotes.
pub fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_quoted_where_yaml_would_read_something_else() {
        assert_eq!(
            ["a-b", "/t/x", "no", "0770", "*", "1:2", "a b"].map(quoted),
            ["a-b", "/t/x", "\"no\"", "\"0770\"", "\"*\"", "\"1:2\"", "\"a b\""]
        );
    }

    #[test]
    fn a_file_is_put_in_place_with_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        for mode in [0o600, 0o640] {
            put(&path, "text", mode).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
