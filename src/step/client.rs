//! Clients' mounts: in /etc/fstab, mounted now, and back by themselves after a boot without a master.
//!
//! A password never stands in fstab or on a command line: it lies in an options file of its own, 0600, which
//! `mfscfgfile=` names. `mfsdelayedinit` lets the mount come up before the master does and connect later, so a
//! boot neither hangs nor loses it.

use std::time::Duration;

use super::daemon::script;
use super::exports::password_is_sound;
use super::file::{self, ManagedFile};
use super::fstab::{self, Block, Entry};
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View, managed};
use crate::fact::file::FileFact;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Mount, MountForm};

const MOUNT: &str = include_str!("../../playbooks/files/mfs-mount.sh");
const UNMOUNT: &str = include_str!("../../playbooks/files/mfs-unmount.sh");
/// Longest time a mount may take until it answers.
const WAIT: Duration = Duration::from_secs(60);
/// The port mfsmount connects to when none is given.
const PORT: u16 = 9421;
/// Options mfsctl writes itself, with the field of the inventory they come from.
const RESERVED: &[(&str, &str)] = &[
    ("mfsmaster", "vip"),
    ("mfsport", "port"),
    ("mfssubfolder", "folder"),
    ("mfspassword", "password"),
    ("mfsmd5pass", "password"),
    ("mfspassfile", "password"),
    ("mfscfgfile", "password"),
];
/// Options that mount.moosefs hands on to FUSE, which does not know them.
const NOT_NFS: &[&str] = &["nofail", "relatime", "norelatime", "strictatime", "user", "users", "group", "owner"];

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "client-mounts", about: "Mounts of MooseFS, in fstab and now", plan: client_mounts }];

fn client_mounts(view: &View) -> Outcome {
    match actions(view) {
        Ok(actions) => {
            let present = view.node.mounts.iter().filter(|m| m.present).count();
            let plural = if present == 1 { "mount is" } else { "mounts are" };
            Outcome::from_actions(actions, format!("{present} {plural} in /etc/fstab, mounted, and answering"))
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn actions(view: &View) -> Result<Vec<Action>, Refusal> {
    let wanted: Vec<&Mount> = view.node.mounts.iter().filter(|m| m.present).collect();
    let entries = wanted.iter().map(|m| entry(view, m)).collect::<Result<Vec<Entry>, Refusal>>()?;
    let mut actions: Vec<Action> = gone(view).iter().filter(|path| mounted(view, path)).map(|path| unmount(path)).collect();
    for mount in &view.node.mounts {
        actions.extend(options_file(view, mount)?);
    }
    let fstab = view.facts.files.content(layout::FSTAB).unwrap_or_default();
    let changed: Vec<String> = wanted
        .iter()
        .zip(&entries)
        .filter(|(_, e)| !fstab.lines().any(|line| line == e.line()))
        .map(|(m, _)| mark(&m.path))
        .collect();
    let mut table = fstab::ensure(view, Block::Mounts, &entries)?;
    if let Some(ActionKind::Write(write)) = table.as_mut().map(|a| &mut a.kind) {
        write.marks.extend(changed);
    }
    let table_changes = table.is_some();
    actions.extend(table);
    actions.extend(fstab::settle(view, table_changes));
    let set: Vec<String> = actions.iter().filter_map(marks).flatten().cloned().collect();
    for mount in wanted {
        actions.extend(mount_now(view, mount, &set));
    }
    Ok(actions)
}

fn marks(action: &Action) -> Option<&Vec<String>> {
    match &action.kind {
        ActionKind::Write(write) => Some(&write.marks),
        ActionKind::Run(_) => None,
    }
}

/// The mark that a mount must be mounted anew.
fn mark(path: &str) -> String {
    format!("mount-{}:remount", layout::mount_name(path))
}

fn source(view: &View, mount: &Mount) -> String {
    format!("mfs#{}:{}", view.cluster.vip.name, mount.port)
}

fn mounted(view: &View, path: &str) -> bool {
    view.facts.mounts.at(path).is_some_and(|m| m.fs.starts_with("fuse") && m.source.starts_with("mfs"))
}

/// Mount points that must not be mounted: those marked absent, and those of lines of ours that the inventory no longer has.
fn gone(view: &View) -> Vec<String> {
    let listed = |path: &str| view.node.mounts.iter().any(|m| m.path == path);
    let fstab = view.facts.files.content(layout::FSTAB).unwrap_or_default();
    let (begin, end) = (managed::begin(Block::Mounts.name()), managed::end(Block::Mounts.name()));
    let ours = fstab.lines().skip_while(|l| *l != begin).skip(1).take_while(|l| *l != end);
    let dropped = ours.filter_map(|l| l.split(' ').nth(1)).map(crate::fact::mount::unescape).filter(|path| !listed(path));
    let absent = view.node.mounts.iter().filter(|m| !m.present).map(|m| m.path.clone());
    absent.chain(dropped).collect()
}

fn unmount(path: &str) -> Action {
    Action::run(format!("unmount {path}"), script(UNMOUNT, &[path])).within(Duration::from_secs(60))
}

/// The line of a mount.
fn entry(view: &View, mount: &Mount) -> Result<Entry, Refusal> {
    check(mount)?;
    let has = |word: &str| mount.options.iter().any(|o| o == word);
    let master = &view.cluster.vip.name;
    let mut options: Vec<String> = Vec::new();
    if !has("ro") && !has("rw") {
        options.push("rw".to_owned());
    }
    if mount.form == MountForm::Classic {
        options.push(format!("mfsmaster={master}"));
        if mount.port != PORT {
            options.push(format!("mfsport={}", mount.port));
        }
        if mount.folder != "/" {
            options.push(format!("mfssubfolder={}", mount.folder));
        }
    }
    if mount.password.is_some() {
        options.push(format!("mfscfgfile={}", layout::mount_cfg(mount)));
    }
    let own = ["mfsdelayedinit", "_netdev"].into_iter();
    let own = own.chain((mount.form == MountForm::Classic).then_some("nofail"));
    options.extend(own.filter(|o| !has(o)).map(str::to_owned));
    options.extend(mount.options.iter().cloned());
    let (source, fs) = match mount.form {
        MountForm::Classic => ("mfsmount".to_owned(), "fuse"),
        MountForm::Nfs => (nfs_source(master, mount), "moosefs"),
    };
    Ok(Entry { source, target: mount.path.clone(), fs: fs.to_owned(), options: options.join(","), pass: 0 })
}

/// `HOST[:PORT]:[FOLDER]` (man mfsmount).
fn nfs_source(master: &str, mount: &Mount) -> String {
    let folder = if mount.folder == "/" { "" } else { mount.folder.as_str() };
    if mount.port == PORT { format!("{master}:{folder}") } else { format!("{master}:{}:{folder}", mount.port) }
}

fn check(mount: &Mount) -> Result<(), Refusal> {
    let place = format!("mount {}", mount.path);
    let word_is_bad = |w: &str| w.is_empty() || w.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',' || c == '#' || c == '\\');
    if !mount.path.starts_with('/') || mount.path == "/" || word_is_bad(&mount.path) {
        return Err(Refusal { found: format!("{place}: it cannot be mounted there"), fix: "write an absolute path without spaces".to_owned() });
    }
    if !mount.folder.starts_with('/') || word_is_bad(&mount.folder) {
        let found = format!("{place}: the folder {:?} cannot stand in /etc/fstab", mount.folder);
        return Err(Refusal { found, fix: "write an absolute path in the file system, without spaces and commas".to_owned() });
    }
    for option in &mount.options {
        let key = option.split('=').next().unwrap_or(option);
        if let Some((_, field)) = RESERVED.iter().find(|(k, _)| *k == key) {
            return Err(Refusal {
                found: format!("{place}: the option {key} is mfsctl's to write"),
                fix: format!("set `{field}` instead, and take {key} out of the options"),
            });
        }
        if mount.form == MountForm::Nfs && NOT_NFS.contains(&key) {
            return Err(Refusal {
                found: format!("{place}: mounts of the form nfs do not know the option {key} (fuse: unknown option)"),
                fix: "use `form: classic` for it, or leave the option out".to_owned(),
            });
        }
        if word_is_bad(option) {
            return Err(Refusal { found: format!("{place}: {option:?} is no single option"), fix: "write one option an item".to_owned() });
        }
    }
    mount.password.as_ref().map_or(Ok(()), |password| password_is_sound(password, &place))
}

/// Writes the options file of a mount with a password; removes it where it must not be.
fn options_file(view: &View, mount: &Mount) -> Result<Option<Action>, Refusal> {
    let path = layout::mount_cfg(mount);
    match &mount.password {
        Some(password) if mount.present => {
            let content = format!(
                "# Options of {}, written by mfsctl. They stand here because others may read /etc/fstab.\nmfspassword={}\n",
                mount.path,
                password.expose()
            );
            file::ensure(view, ManagedFile::new(path, content).mode(0o600).secret(password).marks(mark(&mount.path)))
        }
        _ => {
            let there = view.facts.files.get(&path).is_some_and(|f| !matches!(f, FileFact::Missing));
            Ok(there.then(|| Action::run(format!("remove {path}"), ["rm", "-f", "--", &path])))
        }
    }
}

/// The action that mounts, or mounts anew; none when it is mounted as it should be and answers.
fn mount_now(view: &View, mount: &Mount, set: &[String]) -> Option<Action> {
    let mark = mark(&mount.path);
    let stale = view.pending.contains(&mark) || set.contains(&mark);
    let at = view.facts.mounts.at(&mount.path).filter(|_| mounted(view, &mount.path));
    let title = match at {
        None => format!("mount {}", mount.path),
        Some(at) if at.source != source(view, mount) => format!("mount {} anew: it is mounted from {}", mount.path, at.source),
        Some(_) if stale => format!("mount {} anew, with its new options", mount.path),
        Some(_) if matches!(view.facts.moosefs.answers.get(&mount.path), Some(None)) => {
            format!("mount {} anew: it does not answer", mount.path)
        }
        Some(_) => return None,
    };
    let seconds = WAIT.as_secs().to_string();
    Some(Action::run(title, script(MOUNT, &[mount.path.as_str(), &seconds])).within(WAIT * 3).clears(mark))
}
