use super::super::testing::{World, actions, show};
use super::*;
use crate::fact::block::{Lv, Probe, Vg};

const MIB: u64 = 1 << 20;

/// Two masters with volumes of these MiB, and as much free room.
fn world(one: u64, two: u64, free: u64) -> World {
    let mut world = World::new();
    for (node, size) in [("node1", one), ("node2", two)] {
        let blocks = &mut world.facts(node).blocks;
        blocks.vgs.push(Vg { name: "vgdrbr".into(), attributes: "wz--n-".into(), size: 0, free: free * MIB, extent: 4 * MIB });
        blocks.lvs.push(Lv { name: "mfs".into(), vg: "vgdrbr".into(), size: size * MIB, attributes: "-wi-ao----".into() });
    }
    world
}

fn ask(world: &World, wish: &Wish) -> Result<u64, String> {
    let views: Vec<View> = ["node1", "node2"].iter().map(|n| world.view(n)).collect();
    target(&views, wish).map(|bytes| bytes / MIB).map_err(|r| format!("{}; {}", r.found, r.fix))
}

fn of(mib: u64) -> Wish {
    Wish { size: Some(mib * MIB), ..Wish::default() }
}

fn agree(world: &mut World, mib: u64, layers: &[(&str, u64, u64, Option<u64>)]) {
    let layer = |(node, volume, device, fs): &(&str, u64, u64, Option<u64>)| {
        let layers = Layers {
            volume: Some(volume * MIB),
            device: Some(device * MIB - metadata_bytes(device * MIB, 1)),
            filesystem: fs.map(|f| f * MIB - 131_072),
        };
        ((*node).to_owned(), layers)
    };
    let layers = layers.iter().map(layer).collect();
    world.consent.growing = Some(Growing { bytes: mib * MIB, layers, ..Growing::default() });
}

#[test]
fn the_size_is_the_one_said_or_the_inventorys_or_all() {
    let mut world = world(512, 512, 256);
    assert_eq!(ask(&world, &of(641)), Ok(644), "whole extents");
    assert_eq!(ask(&world, &Wish::default()), Ok(768));
    world.node("node1").storage.as_mut().unwrap().size = Some(600 * MIB);
    assert_eq!(ask(&world, &Wish::default()), Ok(600));
    world.node("node1").storage.as_mut().unwrap().size = Some(512 * MIB);
    assert_eq!(ask(&world, &Wish::default()), Ok(512));
}

#[test]
fn shrinking_and_want_of_room_are_refused_with_the_figures() {
    let small = world(512, 512, 256);
    assert!(ask(&small, &of(508)).unwrap_err().contains("XFS cannot shrink"));
    let short = ask(&small, &of(772)).unwrap_err();
    assert!(short.contains("node1 has room for 768.0 MiB") && short.contains("4.0 MiB more"), "{short}");
    let mut lacking = world(512, 512, 256);
    lacking.facts("node2").blocks.vgs[0].free = 0;
    assert!(ask(&lacking, &of(600)).unwrap_err().contains("node2 has room for 512.0 MiB"));
    assert_eq!(ask(&lacking, &Wish::default()), Ok(512), "all there is on both");
}

#[test]
fn a_volume_that_was_extended_alone_is_gone_on_with() {
    let mut world = world(640, 512, 256);
    world.facts("node1").blocks.vgs[0].free = 128 * MIB;
    assert_eq!(ask(&world, &of(640)), Ok(640));
    assert!(ask(&world, &of(600)).unwrap_err().contains("never made smaller"));
    agree(&mut world, 640, &[("node1", 640, 512, Some(512)), ("node2", 512, 512, None)]);
    assert!(matches!(world.plan("node1", volume), Outcome::Unchanged(_)));
    insta::assert_snapshot!(show(&world.plan("node2", volume)));
    assert_eq!(actions(&world.plan("node1", replica)).len(), 3);
}

#[test]
fn each_layer_is_left_alone_once_it_is_as_large() {
    let mut world = world(640, 640, 0);
    agree(&mut world, 640, &[("node1", 640, 512, Some(512)), ("node2", 640, 512, None)]);
    insta::assert_snapshot!("device", show(&world.plan("node1", replica)));
    agree(&mut world, 640, &[("node1", 640, 640, Some(512)), ("node2", 640, 640, None)]);
    assert!(matches!(world.plan("node1", replica), Outcome::Unchanged(_)));
    insta::assert_snapshot!("filesystem", show(&world.plan("node1", filesystem)));
    agree(&mut world, 640, &[("node1", 640, 640, Some(640)), ("node2", 640, 640, None)]);
    for step in [volume, replica, peer, filesystem, disk] {
        assert!(matches!(world.plan("node1", step), Outcome::Unchanged(_)));
    }
}

#[test]
fn a_new_disk_is_judged_as_the_first_one_was() {
    let mut world = world(512, 512, 0);
    let disks = ["node1", "node2"].map(|n| (n.to_owned(), "/dev/ubdc".to_owned()));
    let wish = Wish { size: None, disks: disks.into() };
    assert!(ask(&world, &wish).unwrap_err().contains("no block device /dev/ubdc"));
    for node in ["node1", "node2"] {
        let probe = Probe { path: "/dev/ubdc".into(), sectors: (256 * MIB) / 512, ..Probe::default() };
        world.facts(node).blocks.probes.insert("/dev/ubdc".into(), probe);
    }
    assert_eq!(ask(&world, &wish), Ok(512 + 252), "two MiB for the table, one for LVM, whole extents");
    world.consent.growing = Some(Growing { bytes: 764 * MIB, disks: wish.disks.clone(), ..Growing::default() });
    insta::assert_snapshot!("new_disk", show(&world.plan("node1", disk)));
    let probe = world.facts("node1").blocks.probes.get_mut("/dev/ubdc").unwrap();
    probe.tags.insert("TYPE".into(), "ext4".into());
    assert!(show(&world.plan("node1", disk)).contains("not empty"), "{}", show(&world.plan("node1", disk)));
}

#[test]
fn sizes_of_a_real_device_are_told_apart() {
    // A 512 MiB volume under DRBD 8.4.11, as captured.
    assert!(uses_all(536_817_664, 512 * MIB, false));
    assert!(!uses_all(536_817_664, 516 * MIB, false));
    assert!(uses_all((512 * MIB) - metadata_bytes(512 * MIB, 8), 512 * MIB, true));
    assert!(fills(536_813_568, 536_817_664) && !fills(536_813_568, 541_044_736));
}
