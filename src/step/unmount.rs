//! Unmounting MooseFS for now: lines of /etc/fstab stay, so that the next boot, `client mount` or a provision mounts again.
//!
//! A mount that somebody holds is refused, with who that is; only when that was asked for is it detached (`umount -l`),
//! which hides it at once but leaves its holders, and the client's session, until they let go.

use std::collections::BTreeSet;
use std::time::Duration;

use super::daemon::script;
use super::{Action, Outcome, Refusal, StepDef, View};
use crate::fact::holder;

const UNMOUNT: &str = include_str!("../../playbooks/files/mfs-unmount.sh");
/// Holders named in one refusal; the rest is counted.
const NAMED: usize = 8;

/// What is to be unmounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Only these mount points; all of MooseFS when empty.
    pub paths: BTreeSet<String>,
    /// Only on these nodes; on all when empty.
    pub nodes: BTreeSet<String>,
    /// Detach those that are in use.
    pub lazy: bool,
}

impl Wish {
    /// Whether this mount point of this node is among them.
    #[must_use]
    pub fn covers(&self, node: &str, path: &str) -> bool {
        (self.paths.is_empty() || self.paths.contains(path)) && (self.nodes.is_empty() || self.nodes.contains(node))
    }
}

/// Steps of this file.
pub const STEPS: &[StepDef] =
    &[StepDef { name: "client-unmounted", about: "Nothing of MooseFS is mounted, for now", plan: client_unmounted }];

fn client_unmounted(view: &View) -> Outcome {
    let wish = &view.consent.unmount;
    let points = wanted(view);
    if points.is_empty() {
        let which = if wish.paths.is_empty() { "of MooseFS".to_owned() } else { list(wish.paths.iter().map(String::as_str)) };
        return Outcome::Unchanged(format!("nothing {which} is mounted"));
    }
    if let (Some(refusal), false) = (held(view, &points), wish.lazy) {
        return Outcome::Refused(refusal);
    }
    Outcome::Do(points.into_iter().map(|point| unmount(point, wish.lazy)).collect())
}

/// Mount points in question, the deepest first: one may lie on another.
fn wanted<'a>(view: &View<'a>) -> Vec<&'a str> {
    let wish = &view.consent.unmount;
    let mut points: Vec<&str> = view.facts.mounts.of_moosefs();
    points.retain(|p| wish.covers(&view.node.name, p));
    points.sort_by_key(|p| std::cmp::Reverse(p.len()));
    points
}

/// Who holds them. What is mounted below and is to be unmounted as well does not count.
fn held(view: &View, points: &[&str]) -> Option<Refusal> {
    let mut told = Vec::new();
    for point in points {
        let all = view.facts.holders.get(*point).map(Vec::as_slice).unwrap_or_default();
        let holders: Vec<_> = holder::staying(all, points).cloned().collect();
        if !holders.is_empty() {
            told.push(format!("{point} is in use: {}", holder::told(&holders, NAMED)));
        }
    }
    (!told.is_empty()).then(|| Refusal {
        found: told.join("; "),
        fix: "end these, or let them leave; `mfsctl client umount --lazy` detaches it all the same: they keep what they hold".to_owned(),
    })
}

/// The action that unmounts a mount point; when it is in use it fails naming who holds it, or detaches it if `lazy`.
#[must_use]
pub fn unmount(point: &str, lazy: bool) -> Action {
    let title = if lazy { format!("unmount {point}, detaching it if it is in use") } else { format!("unmount {point}") };
    let how = if lazy { "lazy" } else { "" };
    Action::run(title, script(UNMOUNT, &[point, how])).within(Duration::from_secs(60))
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{World, actions};
    use super::*;
    use crate::fact::holder::{Holder, How};
    use crate::fact::mount::Mounted;

    fn world(points: &[&str]) -> World {
        let mut world = World::new();
        for point in points {
            let mounted = Mounted { source: "mfs#mfsmaster:9421".into(), target: (*point).into(), fs: "fuse".into(), options: Vec::new() };
            world.facts("node6").mounts.mounted.push(mounted);
        }
        world
    }

    fn hold(world: &mut World, point: &str, how: How, path: &str) {
        let holder = Holder { pid: 7, process: "tail".into(), user: "joe".into(), how, path: path.into() };
        world.facts("node6").holders.entry(point.into()).or_default().push(holder);
    }

    fn titles(outcome: &Outcome) -> Vec<&str> {
        actions(outcome).iter().map(|a| a.title.as_str()).collect()
    }

    #[test]
    fn what_is_mounted_is_unmounted_the_deepest_first_then_nothing() {
        let mut world = world(&["/mnt/mfs", "/mnt/mfs/below"]);
        hold(&mut world, "/mnt/mfs", How::Mount, "/mnt/mfs/below");
        assert_eq!(titles(&world.plan("node6", client_unmounted)), ["unmount /mnt/mfs/below", "unmount /mnt/mfs"]);
        world.consent.unmount.paths.insert("/mnt/mfs/below".into());
        assert_eq!(titles(&world.plan("node6", client_unmounted)), ["unmount /mnt/mfs/below"]);
        world.facts("node6").mounts.mounted.clear();
        let Outcome::Unchanged(why) = world.plan("node6", client_unmounted) else { unreachable!() };
        assert_eq!(why, "nothing /mnt/mfs/below is mounted");
    }

    #[test]
    fn a_busy_mount_is_refused_with_who_holds_it_unless_it_is_to_be_detached() {
        let mut world = world(&["/mnt/mfs", "/mnt/idle"]);
        hold(&mut world, "/mnt/mfs", How::Open, "/mnt/mfs/log");
        let Outcome::Refused(refusal) = world.plan("node6", client_unmounted) else { unreachable!() };
        assert_eq!(refusal.found, "/mnt/mfs is in use: tail (pid 7, joe) has /mnt/mfs/log open");
        world.consent.unmount.lazy = true;
        assert!(titles(&world.plan("node6", client_unmounted))[0].contains("detaching it if it is in use"));
        world.consent.unmount = Wish { paths: BTreeSet::from(["/mnt/idle".to_owned()]), ..Wish::default() };
        world.consent.unmount.nodes.insert("node7".into());
        assert!(matches!(world.plan("node6", client_unmounted), Outcome::Unchanged(_)));
        world.consent.unmount.nodes.insert("node6".into());
        assert_eq!(titles(&world.plan("node6", client_unmounted)), ["unmount /mnt/idle"]);
    }

    #[test]
    fn a_mount_on_it_that_stays_holds_it() {
        let mut world = world(&["/mnt/mfs"]);
        hold(&mut world, "/mnt/mfs", How::Mount, "/mnt/mfs/other");
        assert!(matches!(world.plan("node6", client_unmounted), Outcome::Refused(_)));
    }
}
