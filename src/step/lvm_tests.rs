use super::super::testing::{World, actions, show};
use super::*;
use crate::fact::block::{Device, Lv, Pv};

const GIB: u64 = 1 << 30;

fn part(name: &str, tags: &[(&str, &str)]) -> Probe {
    let sectors = partition_bytes(3 * GIB) / 512;
    let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Probe { path: name.into(), tags, start: FIRST_SECTOR, sectors, ..Probe::default() }
}

fn child(name: &str, parent: &str, kind: &str) -> Device {
    Device { kname: name.into(), name: name.into(), parent: parent.into(), kind: kind.into(), ..Device::default() }
}

/// A GPT with the given partition on node1's disk.
fn partitioned(world: &mut World, node: &str, partition: Probe) {
    let facts = world.facts(node);
    facts.blocks.devices.push(child("ubdb1", "ubdb", "part"));
    let disk = facts.blocks.probes.get_mut("/dev/ubdb").unwrap();
    disk.tags.insert("PTTYPE".into(), "gpt".into());
    disk.partitions.push(partition);
}

const OURS: &[(&str, &str)] = &[("PART_ENTRY_NAME", "mfsctl"), ("PART_ENTRY_TYPE", GPT_LVM)];

fn pv(world: &mut World, node: &str, vg: &str) {
    let blocks = &mut world.facts(node).blocks;
    let size = 3_217_031_168;
    blocks.pvs.push(Pv { path: "/dev/ubdb1".into(), vg: vg.into(), size, free: size });
    if !vg.is_empty() {
        blocks.vgs.push(Vg { name: vg.into(), attributes: "wz--n-".into(), size, free: size, extent: EXTENT });
    }
    blocks.probes.get_mut("/dev/ubdb").unwrap().partitions[0].tags.insert("TYPE".into(), "LVM2_member".into());
}

fn lv(world: &mut World, node: &str, size: u64) {
    let blocks = &mut world.facts(node).blocks;
    blocks.lvs.push(Lv { name: "mfs".into(), vg: "vgdrbr".into(), size, attributes: "-wi-a-----".into() });
    blocks.vgs[0].free = 0;
}

/// Everything made, up to the logical volume.
fn finished(world: &mut World, node: &str, size: u64) {
    partitioned(world, node, part("/dev/ubdb1", OURS));
    pv(world, node, "vgdrbr");
    lv(world, node, size);
}

fn lvm(world: &World, node: &str) -> Outcome {
    world.plan(node, step)
}

fn refusal(world: &World, node: &str) -> String {
    let outcome = lvm(world, node);
    assert!(matches!(outcome, Outcome::Refused(_)), "{}", show(&outcome));
    show(&outcome)
}

#[test]
fn a_bare_disk_gets_everything() {
    let mut world = World::new();
    insta::assert_snapshot!(show(&lvm(&world, "node1")));
    world.facts("node1").system.os.id = "centos".into();
    world.facts("node1").system.os.version = "7".into();
    insta::assert_snapshot!("el7_uses_parted", show(&lvm(&world, "node1")));
    assert!(matches!(lvm(&world, "node3"), Outcome::Unchanged(_)));
}

#[test]
fn what_is_done_is_left_alone() {
    let mut world = World::new();
    finished(&mut world, "node1", 767 * EXTENT);
    insta::assert_snapshot!(show(&lvm(&world, "node1")), @"unchanged: /dev/vgdrbr/mfs exists (3.0 GiB)");
}

#[test]
fn half_made_disks_are_continued() {
    let titles = |world: &World| actions(&lvm(world, "node1")).iter().map(|a| a.title.clone()).collect::<Vec<_>>();
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &OURS[..1]));
    let create = ["create volume group vgdrbr on /dev/ubdb1", "create logical volume vgdrbr/mfs over all free extents"];
    assert_eq!(titles(&world), ["set the type of /dev/ubdb1 to Linux LVM", create[0], create[1]]);
    world.facts("node1").blocks.probes.get_mut("/dev/ubdb").unwrap().partitions[0] = part("/dev/ubdb1", OURS);
    assert_eq!(titles(&world), create);
    pv(&mut world, "node1", "");
    assert_eq!(titles(&world), ["create volume group vgdrbr on /dev/ubdb1, a physical volume already", create[1]]);
    world.facts("node1").blocks.pvs.clear();
    pv(&mut world, "node1", "vgdrbr");
    assert_eq!(titles(&world), [create[1]]);
    lv(&mut world, "node1", 767 * EXTENT);
    world.facts("node1").blocks.lvs[0].attributes = "-wi-------".into();
    assert_eq!(titles(&world), ["activate vgdrbr/mfs"]);
}

#[test]
fn a_hand_made_volume_on_that_disk_is_ours() {
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &[("PART_ENTRY_NAME", "primary"), ("PART_ENTRY_TYPE", GPT_LVM)]));
    pv(&mut world, "node1", "vgdrbr");
    lv(&mut world, "node1", 767 * EXTENT);
    assert!(matches!(lvm(&world, "node1"), Outcome::Unchanged(_)));
}

#[test]
fn a_missing_disk_names_those_that_exist() {
    let mut world = World::new();
    world.facts("node1").blocks.probes.clear();
    insta::assert_snapshot!(refusal(&world, "node1"));
}

#[test]
fn whatever_a_disk_holds_is_named_and_kept() {
    let holding = |tags: &[(&str, &str)]| {
        let mut world = World::new();
        let probe = world.facts("node1").blocks.probes.get_mut("/dev/ubdb").unwrap();
        probe.tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        refusal(&world, "node1")
    };
    insta::assert_snapshot!("a_file_system", holding(&[("TYPE", "xfs"), ("LABEL", "photos")]));
    assert!(holding(&[("TYPE", "drbd")]).contains("DRBD metadata"));
    assert!(holding(&[("TYPE", "linux_raid_member")]).contains("a member of a software RAID"));
    assert!(holding(&[("TYPE", "swap")]).contains("swap space"));
    assert!(holding(&[("PTTYPE", "gpt")]).contains("a gpt partition table with 0 partitions"));

    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &[("TYPE", "ext4")]));
    insta::assert_snapshot!("partitions", refusal(&world, "node1"));
    // A partition of type LVM that somebody else made, without anything recognised in it.
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &OURS[1..]));
    assert!(refusal(&world, "node1").contains("/dev/ubdb1: nothing recognised"));
    // Ours by name, but something was put into it.
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &[OURS[0], OURS[1], ("TYPE", "ext4")]));
    assert!(refusal(&world, "node1").contains("a file system (ext4)"));
    // LVM of another group, and LVM that cannot be asked.
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", OURS));
    pv(&mut world, "node1", "vgroot");
    insta::assert_snapshot!("another_group", refusal(&world, "node1"));
    world.facts("node1").blocks.lvm = false;
    world.facts("node1").blocks.pvs.clear();
    world.facts("node1").blocks.vgs.clear();
    assert!(refusal(&world, "node1").contains("lvm2 is not installed"));
    // Remains that only wipefs sees.
    let mut world = World::new();
    world.facts("node1").blocks.probes.get_mut("/dev/ubdb").unwrap().signatures.push("gpt".into());
    assert!(refusal(&world, "node1").contains("signatures of gpt"));
}

#[test]
fn a_disk_in_use_is_refused_whatever_the_operator_says() {
    let mut world = World::new();
    world.consent.overwrite.insert("node1:/dev/ubdb".into());
    let blocks = &mut world.facts("node1").blocks;
    blocks.devices.iter_mut().find(|d| d.kname == "ubdb").unwrap().mountpoint = "/srv".into();
    assert!(refusal(&world, "node1").contains("/dev/ubdb is mounted at /srv"));
    let mut world = World::new();
    world.consent.overwrite.insert("node1:/dev/ubdb".into());
    partitioned(&mut world, "node1", part("/dev/ubdb1", &[("TYPE", "LVM2_member")]));
    world.facts("node1").blocks.devices.push(child("vgroot-data", "ubdb1", "lvm"));
    assert!(refusal(&world, "node1").contains("vgroot-data (lvm) lies on it"));
}

#[test]
fn the_operators_word_for_this_very_disk_allows_its_end() {
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", &[("TYPE", "ext4")]));
    for other in ["node2:/dev/ubdb", "node1:/dev/ubdc", "/dev/ubdb"] {
        world.consent.overwrite.insert(other.into());
        refusal(&world, "node1");
    }
    world.consent.overwrite.insert("node1:/dev/ubdb".into());
    insta::assert_snapshot!(show(&lvm(&world, "node1")));
}

#[test]
fn a_group_of_several_disks_is_not_torn_apart() {
    let mut world = World::new();
    partitioned(&mut world, "node1", part("/dev/ubdb1", OURS));
    pv(&mut world, "node1", "vgroot");
    let blocks = &mut world.facts("node1").blocks;
    blocks.pvs.push(Pv { path: "/dev/ubdc".into(), vg: "vgroot".into(), ..Pv::default() });
    world.consent.overwrite.insert("node1:/dev/ubdb".into());
    assert!(refusal(&world, "node1").contains("one of several disks of volume group vgroot"));
}

#[test]
fn a_group_elsewhere_or_incomplete_is_refused() {
    let mut world = World::new();
    finished(&mut world, "node1", 767 * EXTENT);
    world.facts("node1").blocks.pvs[0].path = "/dev/ubdc1".into();
    assert!(refusal(&world, "node1").contains("volume group vgdrbr exists on /dev/ubdc1, not on /dev/ubdb"));
    world.node("node1").storage.as_mut().unwrap().layout = Layout::ExistingVg;
    assert!(matches!(lvm(&world, "node1"), Outcome::Unchanged(_)));
    world.facts("node1").blocks.vgs[0].attributes = "wz-pn-".into();
    assert!(refusal(&world, "node1").contains("lacks one of its disks"));
    world.facts("node1").blocks.vgs.clear();
    assert!(refusal(&world, "node1").contains("there is no volume group vgdrbr"));
}

#[test]
fn the_other_layouts() {
    let mut world = World::new();
    for node in ["node1", "node2"] {
        world.node(node).storage.as_mut().unwrap().layout = Layout::WholeDisk;
    }
    insta::assert_snapshot!("whole_disk", show(&lvm(&world, "node1")));
    let facts = world.facts("node1");
    facts.blocks.devices.iter_mut().find(|d| d.kname == "ubdb").unwrap().kind = "part".into();
    world.node("node1").storage.as_mut().unwrap().layout = Layout::Partition;
    assert!(refusal(&world, "node1").contains("/dev/ubdb is a partition, not a disk"));
}

#[test]
fn disks_of_different_size_are_refused_with_both_figures() {
    let mut world = World::new();
    world.facts("node2").blocks.probes.get_mut("/dev/ubdb").unwrap().sectors = 2 * GIB / 512;
    insta::assert_snapshot!("sizes_differ", refusal(&world, "node1"));
    assert!(refusal(&world, "node2").starts_with("refused: the volumes of both masters must be the same size: node2 would get 2.0 GiB"));
    // An explicit size settles it, on both.
    for node in ["node1", "node2"] {
        world.node(node).storage.as_mut().unwrap().size = Some(1_000_000_000);
    }
    for node in ["node1", "node2"] {
        let outcome = lvm(&world, node);
        assert!(actions(&outcome).last().unwrap().title.ends_with("of 956.0 MiB"), "{}", show(&outcome));
    }
    world.node("node1").storage.as_mut().unwrap().size = Some(10 * GIB);
    assert!(refusal(&world, "node1").contains("has room for 3.0 GiB"));
}

#[test]
fn a_new_disk_beside_an_old_volume_takes_its_size() {
    let mut world = World::new();
    finished(&mut world, "node1", 512 << 20);
    let outcome = lvm(&world, "node2");
    assert_eq!(actions(&outcome).last().unwrap().title, "create logical volume vgdrbr/mfs of 512.0 MiB");
    assert!(matches!(lvm(&world, "node1"), Outcome::Unchanged(_)));
    world.facts("node2").blocks.probes.get_mut("/dev/ubdb").unwrap().sectors = (256 << 20) / 512;
    assert!(refusal(&world, "node2").contains("node2 would get 252.0 MiB"));
}

#[test]
fn volumes_that_exist_and_differ_are_refused() {
    let mut world = World::new();
    finished(&mut world, "node1", 767 * EXTENT);
    finished(&mut world, "node2", 512 << 20);
    assert!(refusal(&world, "node1").contains("mfsctl grow --size"));
    world.node("node1").storage.as_mut().unwrap().size = Some(GIB);
    assert!(refusal(&world, "node1").contains("masters.size asks for 1.0 GiB"));
}

#[test]
fn an_unknown_peer_does_not_stop_the_other() {
    let mut world = World::new();
    world.state.insert("node2".into(), Err("unreachable".into()));
    assert!(matches!(lvm(&world, "node1"), Outcome::Do(_)));
}
