//! Disks: the masters' and the chunkservers'.

use crate::inventory::diagnostic::{Findings, Placed};
use crate::inventory::model::{ChunkDisk, Layout, Role};
use crate::inventory::resolve::Folded;

/// Each master has a disk; both volumes are of one size.
pub fn masters(nodes: &[Folded<'_>], findings: &mut Findings) {
    for node in nodes.iter().filter(|n| n.is(Role::Master)) {
        let storage = &node.layer.storage;
        match (&storage.disk, storage.layout.unwrap_or(Layout::Partition)) {
            (None, Layout::Partition | Layout::WholeDisk) => {
                findings.error(
                    node.at(),
                    format!("master {:?} has no disk for the metadata", node.name()),
                    "set masters.disk, e.g. /dev/sdb, or `layout: existing-vg`",
                );
            }
            (Some(disk), Layout::ExistingVg) => {
                findings.warn(disk.at, "the disk has no effect with `layout: existing-vg`", "remove it");
            }
            _ => {}
        }
        if let Some(disk) = &storage.disk {
            let same = node.disks.iter().find(|d| d.value.device.as_deref().is_some_and(|other| overlaps(&disk.value, other)));
            if let Some(chunk) = same {
                let message =
                    format!("{} of node {:?} is the disk of the metadata", chunk.value.device.as_deref().unwrap_or_default(), node.name());
                findings.error(chunk.at, message, "give chunks another disk");
            }
        }
    }
    let masters: Vec<&Folded<'_>> = nodes.iter().filter(|n| n.is(Role::Master)).collect();
    if let [a, b] = masters.as_slice() {
        let size = |n: &Folded<'_>| n.layer.storage.size.as_ref().and_then(|s| s.value);
        if size(a) != size(b) {
            let at = b.layer.storage.size.as_ref().or(a.layer.storage.size.as_ref()).map_or(b.at(), |s| s.at);
            let show = |s: Option<u64>| s.map_or_else(|| "all".to_owned(), |bytes| format!("{} MiB", bytes >> 20));
            let message = format!("the masters' volumes differ: {} on {:?}, {} on {:?}", show(size(a)), a.name(), show(size(b)), b.name());
            findings.error(at, message, "DRBD needs the same size on both: set it once, in masters.size");
        }
    }
}

/// One device is the other, or a partition of it (`/dev/sdb1` of `/dev/sdb`, `/dev/nvme0n1p1` of `/dev/nvme0n1`).
fn overlaps(a: &str, b: &str) -> bool {
    let part_of = |part: &str, disk: &str| {
        part.strip_prefix(disk).is_some_and(|rest| {
            let number = rest.strip_prefix("-part").or_else(|| rest.strip_prefix('p')).unwrap_or(rest);
            let plain = rest == number && disk.ends_with(|c: char| c.is_ascii_digit());
            !number.is_empty() && !plain && number.chars().all(|c| c.is_ascii_digit())
        })
    };
    a == b || part_of(a, b) || part_of(b, a)
}

/// Each chunkserver has disks, and none of them twice.
pub fn chunkservers(nodes: &[Folded<'_>], findings: &mut Findings) {
    for node in nodes {
        if !node.is(Role::Chunkserver) {
            if let Some(disk) = node.part.layer.disks.as_ref().and_then(|d| d.first()).filter(|_| !node.roles.is_empty()) {
                findings.warn(
                    disk.at,
                    format!("disks of node {:?} have no effect: it is not a chunkserver", node.name()),
                    "remove them, or add the role",
                );
            }
            continue;
        }
        if node.disks.is_empty() && !node.layer.disks_broken {
            findings.error(
                node.at(),
                format!("chunkserver {:?} has no disks", node.name()),
                "set `chunkservers: {disks: [/mnt/mfs1]}`, or `disks:` of the node",
            );
        }
        for (i, disk) in node.disks.iter().enumerate() {
            for other in &node.disks[..i] {
                pair(node, other, disk, findings);
            }
        }
    }
}

fn pair(node: &Folded<'_>, first: &Placed<ChunkDisk>, second: &Placed<ChunkDisk>, findings: &mut Findings) {
    let (a, b) = (&first.value, &second.value);
    let place = findings.place(first.at, second.at);
    if a.path == b.path {
        findings.error(second.at, format!("disk path {} of node {:?} is there twice (first in {place})", b.path, node.name()), "keep one");
    } else if inside(&a.path, &b.path) || inside(&b.path, &a.path) {
        findings.error(
            second.at,
            format!("disk paths {} and {} of node {:?} lie in one another", a.path, b.path, node.name()),
            "use directories side by side",
        );
    }
    if let (Some(x), Some(y)) = (&a.device, &b.device)
        && overlaps(x, y)
        && (a.lvm.is_none() || b.lvm.is_none() || a.lvm == b.lvm)
    {
        findings.error(
            second.at,
            format!("disk device {y} of node {:?} is used twice (first in {place})", node.name()),
            "each path has a device of its own",
        );
    }
}

/// Whether a path lies below another.
pub fn inside(path: &str, above: &str) -> bool {
    above == "/" && path != "/" || path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}
