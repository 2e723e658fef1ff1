//! Lines of /etc/fstab: two blocks of ours, one for chunkservers' disks and one for clients' mounts.

use super::{Action, Refusal, View, filesystem, managed};
use crate::fact::mount::unescape;
use crate::fact::system::Init;
use crate::inventory::layout::storage::FSTAB;

/// Which block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// File systems of a chunkserver's data directories.
    ChunkDisks,
    /// Mounts of MooseFS itself.
    Mounts,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// First field: device, `LABEL=…`, `mfsmount`, `mfsmaster:/folder`.
    pub source: String,
    /// Mount point.
    pub target: String,
    /// Type.
    pub fs: String,
    /// Options, comma separated.
    pub options: String,
    /// Order of checking at boot; 0: not checked.
    pub pass: u8,
}

impl Block {
    /// Name in the markers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChunkDisks => "chunk-disks",
            Self::Mounts => "mounts",
        }
    }

    /// Mark set before the block changes, cleared by [`settle`].
    #[must_use]
    pub fn mark(self) -> String {
        format!("fstab:{}", self.name())
    }
}

impl Entry {
    /// The line itself, without its newline.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} {} {} 0 {}", escape(&self.source), escape(&self.target), escape(&self.fs), escape(&self.options), self.pass)
    }
}

/// Lines outside our blocks: number from 1, source, mount point.
#[must_use]
pub fn foreign(text: &str) -> Vec<(usize, String, String)> {
    let fields = |(at, line): (usize, &str)| {
        let mut fields = line.split_whitespace();
        let (source, target) = (fields.next()?, fields.next()?);
        (!source.starts_with('#')).then(|| (at, unescape(source), unescape(target)))
    };
    managed::foreign_lines(text).filter_map(fields).collect()
}

/// The action that makes a block hold exactly these lines, or none when it does.
///
/// Steps of one plan see the same facts: when the chunk disks' block is written earlier in this plan
/// (its mark is pending), the mounts' block is planned on top of it.
///
/// # Errors
/// When a line of somebody else's mounts something at the same place, or the markers are broken.
pub fn ensure(view: &View, block: Block, entries: &[Entry]) -> Result<Option<Action>, Refusal> {
    let mut text = view.facts.files.content(FSTAB).unwrap_or_default().to_owned();
    let edit = |text: &str, block: Block, entries: &[Entry]| {
        let lines: Vec<String> = entries.iter().map(Entry::line).collect();
        managed::with_block(text, block.name(), &lines).map_err(|line| managed::broken(FSTAB, block.name(), line))
    };
    if block == Block::Mounts && view.pending.contains(&Block::ChunkDisks.mark()) {
        text = edit(&text, Block::ChunkDisks, &filesystem::chunk_entries(view))?;
    }
    for (line, source, target) in foreign(&text) {
        if entries.iter().any(|e| same_path(&e.target, &target)) {
            let found = format!("{FSTAB}: line {line} mounts {source} on {target} already");
            return Err(Refusal { found, fix: format!("remove that line of {FSTAB}, or take {target} out of the inventory") });
        }
    }
    let edited = edit(&text, block, entries)?;
    managed::edit(view, FSTAB, &text, edited, Some(&block.mark()))
}

/// Makes systemd read /etc/fstab again when it changed, and clears the marks; call it last in a step.
#[must_use]
pub fn settle(view: &View, changed: bool) -> Option<Action> {
    let marks = [Block::ChunkDisks.mark(), Block::Mounts.mark()];
    if !changed && !marks.iter().any(|m| view.pending.contains(m)) {
        return None;
    }
    let argv: &[&str] = if view.facts.system.init == Init::Systemd { &["systemctl", "daemon-reload"] } else { &["true"] };
    let mut action = Action::run("take note of the new /etc/fstab", argv.iter().copied());
    action.clears.extend(marks);
    Some(action)
}

fn same_path(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// fstab(5): blanks within a field are written in octal.
fn escape(field: &str) -> String {
    field.replace('\\', "\\134").replace(' ', "\\040").replace('\t', "\\011").replace('#', "\\043")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{World, actions, show};
    use super::super::{ActionKind, Outcome};
    use super::*;

    const ROOT: &str = "# made by the installer\nUUID=1f4c\t/  ext4 errors=remount-ro 0 1\n";

    fn entry(target: &str) -> Entry {
        Entry { source: "mfsmount".into(), target: target.into(), fs: "fuse".into(), options: "rw,_netdev".into(), pass: 0 }
    }

    fn world(fstab: &str) -> World {
        let mut world = World::new();
        world.resurvey();
        world.file("node6", FSTAB, fstab, 0o664);
        world
    }

    #[test]
    fn foreign_lines_and_the_mode_are_kept() {
        let mut world = world(ROOT);
        let action = ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/my files")]).unwrap().unwrap();
        let outcome = Outcome::Do(vec![action]);
        insta::assert_snapshot!(show(&outcome));
        world.apply_writes("node6", &outcome);
        assert_eq!(ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/my files")]).unwrap(), None);
        let gone = ensure(&world.view("node6"), Block::Mounts, &[]).unwrap().unwrap();
        let ActionKind::Write(write) = &gone.kind else { unreachable!() };
        assert_eq!(write.content, ROOT);
    }

    #[test]
    fn a_foreign_line_for_the_same_place_is_refused() {
        let world = world(&format!("{ROOT}/dev/sdz1 /mnt/mfs/ xfs defaults 0 0\n#/dev/sdy1 /mnt/other xfs defaults 0 0\n"));
        let refusal = ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/mfs")]).unwrap_err();
        assert_eq!(refusal.found, "/etc/fstab: line 3 mounts /dev/sdz1 on /mnt/mfs/ already");
        assert!(ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/other")]).is_ok());
    }

    #[test]
    fn both_blocks_can_be_written_in_one_plan() {
        let mut world = world(ROOT);
        world.node("node6").disks = world.cluster.node("node3").unwrap().disks.clone();
        let entries = filesystem::chunk_entries(&world.view("node6"));
        let first = Outcome::Do(vec![ensure(&world.view("node6"), Block::ChunkDisks, &entries).unwrap().unwrap()]);
        world.pending.insert(Block::ChunkDisks.mark());
        let second = Outcome::Do(vec![ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/mfs")]).unwrap().unwrap()]);
        let (ActionKind::Write(one), ActionKind::Write(two)) = (&actions(&first)[0].kind, &actions(&second)[0].kind) else {
            unreachable!()
        };
        assert_eq!(two.before.as_ref(), Some(&one.content));
        assert!(two.content.starts_with(&one.content) && two.content.contains("/mnt/mfs fuse"));
        assert_eq!(settle(&world.view("node6"), false).unwrap().clears.len(), 2);
    }

    #[test]
    fn a_broken_block_is_refused() {
        let world = world("# mfsctl begin mounts\n");
        assert!(ensure(&world.view("node6"), Block::Mounts, &[entry("/mnt/mfs")]).unwrap_err().found.contains("line 1"));
    }
}
