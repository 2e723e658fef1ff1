use super::super::testing::{World, show};
use super::*;
use crate::fact::mount::Mounted;
use crate::fact::unit::Unit;

fn mounted(world: &mut World, node: &str, source: &str, target: &str, fs: &str) {
    let mount = Mounted { source: source.into(), target: target.into(), fs: fs.into(), options: Vec::new() };
    world.facts(node).mounts.mounted.push(mount);
}

fn on_drbd(world: &mut World, fs: Option<&str>) {
    let tags = fs.map(|fs| ("TYPE".to_owned(), fs.to_owned())).into_iter().collect();
    let probe = Probe { path: "/dev/drbd0".into(), tags, ..Probe::default() };
    world.facts("node1").blocks.probes.insert("/dev/drbd0".into(), probe);
}

#[test]
fn the_mount_point_is_made_on_both() {
    let mut world = World::new();
    for node in ["node1", "node2"] {
        assert_eq!(
            show(&world.plan(node, mount_point)),
            "- make directory /data/drbd\n    run (120 s): install -d -m 0755 -o root -g root /data/drbd\n"
        );
        world.dir(node, "/data/drbd", 0o755);
        assert!(matches!(world.plan(node, mount_point), Outcome::Unchanged(_)));
    }
    world.dir("node1", "/data/drbd", 0o777);
    assert!(matches!(world.plan("node1", mount_point), Outcome::Do(_)));
}

#[test]
fn what_lies_in_an_unmounted_mount_point_is_refused() {
    let mut world = World::new();
    world.dir("node2", "/data/drbd", 0o755);
    world.facts("node2").mounts.listed.insert("/data/drbd".into(), vec!["mfs".into()]);
    insta::assert_snapshot!(show(&world.plan("node2", mount_point)));
    mounted(&mut world, "node2", "/dev/drbd0", "/data/drbd", "xfs");
    assert!(matches!(world.plan("node2", mount_point), Outcome::Unchanged(_)));
    mounted(&mut world, "node2", "/dev/sdz1", "/data/drbd", "xfs");
    assert!(show(&world.plan("node2", mount_point)).contains("/dev/sdz1 is mounted at /data/drbd"));
    world.file("node1", "/data/drbd", "", 0o644);
    assert!(show(&world.plan("node1", mount_point)).contains("is not a directory"));
}

#[test]
fn the_file_system_is_made_and_mounted_on_the_active_only() {
    let mut world = World::new();
    insta::assert_snapshot!(show(&world.plan("node1", filesystem)));
    assert!(matches!(world.plan("node2", filesystem), Outcome::Unchanged(_)));
    on_drbd(&mut world, Some("xfs"));
    let outcome = show(&world.plan("node1", filesystem));
    assert!(!outcome.contains("mkfs") && outcome.contains("mount -t xfs -o noatime,nodev,nosuid,noexec /dev/drbd0 /data/drbd"));
    mounted(&mut world, "node1", "/dev/drbd0", "/data/drbd", "xfs");
    assert!(matches!(world.plan("node1", filesystem), Outcome::Unchanged(_)));
}

#[test]
fn a_foreign_file_system_on_the_device_is_refused() {
    let mut world = World::new();
    on_drbd(&mut world, Some("ext4"));
    assert!(matches!(world.plan("node1", filesystem), Outcome::Refused(_)));
}

#[test]
fn takeover_owns_the_mount_once_it_runs() {
    let mut world = World::new();
    let unit = Unit { load: "loaded".into(), active: "active".into(), ..Unit::default() };
    world.facts("node1").units.0.insert(KEEPALIVED_UNIT.into(), unit);
    assert!(matches!(world.plan("node1", filesystem), Outcome::Unchanged(_)));
    on_drbd(&mut world, Some("xfs"));
    assert!(matches!(world.plan("node1", filesystem), Outcome::Unchanged(_)));
    on_drbd(&mut world, None);
    let outcome = show(&world.plan("node1", filesystem));
    assert!(outcome.contains("mkfs.xfs") && !outcome.contains("mount -t"));
}

fn plan_chunks(world: &World, node: &str) -> Outcome {
    match chunk_disks(&world.view(node)) {
        Ok(actions) => Outcome::from_actions(actions, "all mounted"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn chunks() -> World {
    let mut world = World::new();
    world.file("node3", FSTAB, "UUID=1f4c / ext4 defaults 0 1\n", 0o644);
    world
}

#[test]
fn a_bare_chunk_disk_gets_everything_once() {
    let mut world = chunks();
    let first = plan_chunks(&world, "node3");
    insta::assert_snapshot!(show(&first));
    world.apply_writes("node3", &first);
    // As far as mkfs and fstab, then interrupted.
    let label = label("node3", "/mnt/mfs1");
    let tags = [("TYPE", "xfs"), ("LABEL", &label), ("UUID", "1-2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    world.facts("node3").blocks.probes.get_mut("/dev/ubdb").unwrap().tags = tags.into();
    world.dir("node3", "/mnt/mfs1", 0o755);
    let second = show(&plan_chunks(&world, "node3"));
    assert!(second.starts_with("- mount /mnt/mfs1\n") && !second.contains("mkfs"), "{second}");
    mounted(&mut world, "node3", "/dev/ubdb", "/mnt/mfs1", "xfs");
    assert_eq!(plan_chunks(&world, "node3"), Outcome::Unchanged("all mounted".into()));
}

#[test]
fn a_chunk_disk_with_data_is_refused_unless_allowed() {
    let mut world = chunks();
    let tags = [("TYPE", "ext4"), ("LABEL", "photos")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    world.facts("node3").blocks.probes.get_mut("/dev/ubdb").unwrap().tags = tags.into();
    insta::assert_snapshot!(show(&plan_chunks(&world, "node3")));
    world.consent.overwrite.insert("node3:/dev/ubdb".into());
    let outcome = show(&plan_chunks(&world, "node3"));
    assert!(outcome.contains("wipefs -a /dev/ubdb") && outcome.contains("mkfs.xfs"));
    // A disk of ours that came from another node is data, too.
    let mut world = chunks();
    let moved = label("node4", "/mnt/mfs1");
    let tags = [("TYPE", "xfs"), ("LABEL", &moved)].map(|(k, v)| (k.to_owned(), v.to_owned()));
    world.facts("node3").blocks.probes.get_mut("/dev/ubdb").unwrap().tags = tags.into();
    assert!(matches!(plan_chunks(&world, "node3"), Outcome::Refused(_)));
}

#[test]
fn a_disk_mounted_there_before_mfsctl_is_adopted() {
    let mut world = chunks();
    let tags = [("TYPE", "ext4"), ("UUID", "77-88")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    world.facts("node3").blocks.probes.get_mut("/dev/ubdb").unwrap().tags = tags.into();
    mounted(&mut world, "node3", "/dev/ubdb", "/mnt/mfs1", "ext4");
    let outcome = show(&plan_chunks(&world, "node3"));
    assert!(outcome.contains("| UUID=77-88 /mnt/mfs1 ext4 ") && !outcome.contains("mkfs"), "{outcome}");
    world.file("node3", FSTAB, "/dev/ubdb /mnt/mfs1 ext4 defaults 0 0\n", 0o644);
    assert!(matches!(plan_chunks(&world, "node3"), Outcome::Unchanged(_)));
    world.facts("node3").mounts.mounted.clear();
    assert!(matches!(plan_chunks(&world, "node3"), Outcome::Refused(_)));
}

#[test]
fn something_else_mounted_there_is_refused() {
    let mut world = chunks();
    mounted(&mut world, "node3", "/dev/sdz1", "/mnt/mfs1", "xfs");
    assert!(show(&plan_chunks(&world, "node3")).contains("/dev/sdz1 is mounted at /mnt/mfs1"));
    let mut world = chunks();
    world.dir("node3", "/mnt/mfs1", 0o755);
    world.facts("node3").mounts.listed.insert("/mnt/mfs1".into(), vec!["00".into(), "01".into()]);
    assert!(show(&plan_chunks(&world, "node3")).contains("is not mounted, yet holds 00, 01"));
}

#[test]
fn a_chunk_disk_on_a_logical_volume() {
    let mut world = chunks();
    world.node("node3").disks[0].lvm = Some(("vg-chunks".into(), "c1".into()));
    world.node("node3").disks[0].fs = "ext4".into();
    insta::assert_snapshot!(show(&plan_chunks(&world, "node3")));
    let probe = Probe { path: "/dev/dm-0".into(), tags: [("TYPE".to_owned(), "xfs".to_owned())].into(), ..Probe::default() };
    let blocks = &mut world.facts("node3").blocks;
    let vg = |name: &str| crate::fact::block::Vg { name: name.into(), attributes: "wz--n-".into(), ..Default::default() };
    blocks.vgs.push(vg("vg-chunks"));
    blocks.pvs.push(crate::fact::block::Pv { path: "/dev/ubdb".into(), vg: "vg-chunks".into(), ..Default::default() });
    blocks.lvs.push(crate::fact::block::Lv { name: "c1".into(), vg: "vg-chunks".into(), size: 1, attributes: "-wi-a-----".into() });
    blocks.probes.insert("/dev/vg-chunks/c1".into(), probe);
    let device = |kname: &str, parent: &str| crate::fact::block::Device {
        kname: kname.into(),
        parent: parent.into(),
        kind: "lvm".into(),
        ..Default::default()
    };
    blocks.devices.push(device("dm-0", "ubdb"));
    assert!(show(&plan_chunks(&world, "node3")).contains("--overwrite node3:/dev/vg-chunks/c1"));
    mounted(&mut world, "node3", "/dev/mapper/vg--chunks-c1", "/mnt/mfs1", "ext4");
    assert!(!show(&plan_chunks(&world, "node3")).contains("mkfs"));
}

#[test]
fn the_settling_is_left_to_the_clients_mounts_where_they_follow() {
    let mut world = chunks();
    world.node("node3").mounts = world.cluster.node("node6").unwrap().mounts.clone();
    assert!(!show(&plan_chunks(&world, "node3")).contains("daemon-reload"));
}
