//! Clients' mounts: in /etc/fstab, mounted now, and back by themselves after a boot without a master.
//!
//! A password never stands in fstab or on a command line: it lies in an options file of its own, 0600, which
//! `mfscfgfile=` names. `mfsdelayedinit` lets the mount come up before the master does and connect later, so a
//! boot neither hangs nor loses it.

use std::time::Duration;

use super::daemon::{mount_unit, script};
use super::exports::password_is_sound;
use super::file::{self, ManagedFile};
use super::fstab::{self, Block, Entry};
use super::unmount::unmount;
use super::{Action, ActionKind, Outcome, Refusal, StepDef, View, leaving, managed};
use crate::fact::file::FileFact;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Mount, MountForm};

const MOUNT: &str = include_str!("../../playbooks/files/mfs-mount.sh");
/// Longest time a mount may take until it answers.
const WAIT: Duration = Duration::from_secs(60);
/// The port mfsmount connects to when none is given.
const PORT: u16 = 9421;
/// Without a wait for the network nothing else orders a mount at boot after the loading of FUSE; mount(8) does not hand `x-` options on.
const AFTER_FUSE: &str = "x-systemd.after=systemd-modules-load.service";
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
    let node = leaving::effective(view);
    let view = &View { node: &node, ..*view };
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
    // What the operator wants unmounted, a step before this one sees to, with its holders asked about.
    let seen_to = |path: &String| !view.consent.unmount.paths.is_empty() && view.consent.unmount.covers(&view.node.name, path);
    let mut actions: Vec<Action> = gone(view)
        .iter()
        .filter(|path| view.facts.client_mount(path).is_some() && !seen_to(path))
        .map(|path| unmount(path, false))
        .collect();
    if !wanted.is_empty() {
        let content = "# Written by mfsctl: mounts of MooseFS need it at boot.\nfuse\n";
        actions.extend(file::ensure(view, ManagedFile::new(layout::FUSE_MODULE, content))?);
    }
    for mount in &view.node.mounts {
        actions.extend(options_file(view, mount)?);
    }
    let fstab = view.facts.files.content(layout::FSTAB).unwrap_or_default();
    let changed: Vec<String> =
        wanted.iter().zip(&entries).filter(|(_, e)| !fstab.lines().any(|line| line == e.line())).map(|(m, _)| mark(&m.path)).collect();
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
    let own = ["mfsdelayedinit", "_netdev", AFTER_FUSE].into_iter();
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
        return Err(Refusal {
            found: format!("{place}: it cannot be mounted there"),
            fix: "write an absolute path without spaces".to_owned(),
        });
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

/// Actions that mount what is in /etc/fstab and not mounted, or does not answer by then.
pub(super) fn mounts_now(view: &View) -> Vec<Action> {
    let still_hangs = |mount: &Mount, action: Action| match view.facts.client_mount(&mount.path) {
        Some(_) => action
            .only_if("it still does not answer", ["sh", "-c", "! timeout -k 1 3 stat -f \"$1\" >/dev/null 2>&1", "mfsctl", &mount.path]),
        None => action,
    };
    let present = view.node.mounts.iter().filter(|m| m.present);
    present.filter_map(|m| mount_now(view, m, &[]).map(|action| still_hangs(m, action))).collect()
}

/// The action that mounts, or mounts anew; none when it is mounted as it should be and answers.
fn mount_now(view: &View, mount: &Mount, set: &[String]) -> Option<Action> {
    let mark = mark(&mount.path);
    let stale = view.pending.contains(&mark) || set.contains(&mark);
    let at = view.facts.client_mount(&mount.path);
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
    Some(Action::run(title, script(MOUNT, &[mount.path.as_str(), &mount_unit(&mount.path), &seconds])).within(WAIT * 3).clears(mark))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions as of, show};
    use super::*;
    use crate::fact::moosefs::Space;
    use crate::fact::mount::Mounted;

    fn titles(outcome: &Outcome) -> Vec<&str> {
        of(outcome).iter().map(|a| a.title.as_str()).collect()
    }

    fn world() -> World {
        let mut world = World::new();
        world.resurvey();
        world.file("node6", layout::FSTAB, "UUID=1f4c / ext4 errors=remount-ro 0 1\n", 0o644);
        world
    }

    fn up(world: &mut World, path: &str) {
        let mounted = Mounted { source: "mfs#mfsmaster:9421".into(), target: path.into(), fs: "fuse".into(), options: Vec::new() };
        world.facts("node6").mounts.mounted.push(mounted);
        world.facts("node6").moosefs.answers.insert(path.into(), Some(Space::default()));
    }

    fn settled() -> World {
        let mut world = world();
        let outcome = world.plan("node6", client_mounts);
        world.apply_writes("node6", &outcome);
        up(&mut world, "/mnt/mfs");
        assert!(matches!(world.plan("node6", client_mounts), Outcome::Unchanged(_)));
        world
    }

    #[test]
    fn both_forms_in_fstab_without_a_password() {
        let mut world = world();
        let other = Mount {
            path: "/mnt/business1".into(),
            folder: "/business1".into(),
            port: 9521,
            options: vec!["ro".into(), "noatime".into()],
            password: None,
            form: MountForm::Nfs,
            present: true,
        };
        world.node("node6").mounts.push(other.clone());
        world.node("node6").mounts.push(Mount { path: "/mnt/c".into(), form: MountForm::Classic, ..other });
        world.resurvey();
        let outcome = world.plan("node6", client_mounts);
        let files: Vec<Action> = of(&outcome).iter().filter(|a| marks(a).is_some()).cloned().collect();
        insta::assert_snapshot!(show(&Outcome::Do(files)));
        let now: Vec<&str> = titles(&outcome).into_iter().filter(|t| t.starts_with("mount ")).collect();
        assert_eq!(now, ["mount /mnt/mfs", "mount /mnt/business1", "mount /mnt/c"]);
    }

    #[test]
    fn only_the_mount_that_changed_is_mounted_anew() {
        let mut world = settled();
        let mut second = world.node("node6").mounts[0].clone();
        second.path = "/mnt/second".into();
        world.node("node6").mounts.push(second);
        world.resurvey();
        let outcome = world.plan("node6", client_mounts);
        assert_eq!(titles(&outcome).last(), Some(&"mount /mnt/second"));
        assert!(!titles(&outcome).iter().any(|t| t.contains("anew")), "{:?}", titles(&outcome));
        world.apply_writes("node6", &outcome);
        up(&mut world, "/mnt/second");
        world.node("node6").mounts[0].password = Some(crate::inventory::secret::Secret::new("changed"));
        let outcome = world.plan("node6", client_mounts);
        assert_eq!(titles(&outcome), ["change /etc/mfs/mounts/mnt-mfs.cfg", "mount /mnt/mfs anew, with its new options"]);
        assert_eq!(of(&outcome)[1].clears, ["mount-mnt-mfs:remount"]);
        world.apply_writes("node6", &outcome);
        world.pending.insert("mount-mnt-mfs:remount".into());
        assert_eq!(titles(&world.plan("node6", client_mounts)), ["mount /mnt/mfs anew, with its new options"]);
    }

    #[test]
    fn hung_foreign_and_lost_mounts_are_mounted_again() {
        let mut world = settled();
        world.facts("node6").moosefs.answers.insert("/mnt/mfs".into(), None);
        assert_eq!(titles(&world.plan("node6", client_mounts)), ["mount /mnt/mfs anew: it does not answer"]);
        world.facts("node6").mounts.mounted[0].source = "mfs#oldmaster:9421".into();
        assert_eq!(titles(&world.plan("node6", client_mounts)), ["mount /mnt/mfs anew: it is mounted from mfs#oldmaster:9421"]);
        world.facts("node6").mounts.mounted.clear();
        assert_eq!(titles(&world.plan("node6", client_mounts)), ["mount /mnt/mfs"]);
    }

    #[test]
    fn absent_and_dropped_mounts_are_unmounted_and_forgotten() {
        let mut world = settled();
        world.node("node6").mounts[0].present = false;
        let outcome = world.plan("node6", client_mounts);
        assert_eq!(titles(&outcome)[..2], ["unmount /mnt/mfs", "remove /etc/mfs/mounts/mnt-mfs.cfg"]);
        assert!(show(&outcome).contains("change /etc/fstab") && !show(&outcome).contains("| mfsmount"));
        world.node("node6").mounts.clear();
        assert_eq!(titles(&world.plan("node6", client_mounts))[0], "unmount /mnt/mfs");
    }

    #[test]
    fn options_that_are_not_the_clients_to_set_are_refused() {
        let refused = |change: fn(&mut Mount)| {
            let mut world = world();
            change(&mut world.node("node6").mounts[0]);
            match world.plan("node6", client_mounts) {
                Outcome::Refused(refusal) => refusal,
                other => unreachable!("{other:?}"),
            }
        };
        assert!(refused(|m| m.options.push("mfspassword=x".into())).fix.contains("password"));
        let nfs = refused(|m| {
            m.form = MountForm::Nfs;
            m.options.push("nofail".into());
        });
        assert!(nfs.fix.contains("form: classic"));
        refused(|m| m.options.push("a,b".into()));
        refused(|m| m.path = "/".into());
        refused(|m| m.path = "mnt".into());
        refused(|m| m.folder = "business".into());
        refused(|m| m.password = Some(crate::inventory::secret::Secret::new("a,b")));
    }
}
