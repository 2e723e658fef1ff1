#![allow(clippy::unwrap_used)]

use super::*;
use crate::fact::file::Meta;
use crate::fact::moosefs::MetaFile;
use crate::fact::mount::Mounted;
use crate::fact::package::Package;
use crate::step::testing::World;

fn write(world: &mut World, node: &str, path: &str, mode: u32, content: &str) {
    let meta = Meta { mode, owner: "root".into(), group: "mfs".into() };
    world.facts(node).files.insert(path, FileFact::Regular { content: content.to_owned(), meta });
}

fn of(world: &World, name: &str) -> Local {
    let node = world.cluster.node(name).unwrap();
    Local::of(&world.cluster, node, world.state[name].as_ref().unwrap())
}

#[test]
fn a_bare_node_has_nothing_wrong_of_its_own() {
    let world = World::new();
    for name in ["node1", "node3", "node6"] {
        let free = of(&world, name).free;
        assert_eq!(of(&world, name), Local { free, ..Local::default() }, "{name}");
    }
}

#[test]
fn stale_metadata_counts_while_the_volume_is_not_mounted() {
    let mut world = World::new();
    let facts = world.facts("node2");
    for name in ["metadata.mfs", "changelog.0.mfs", "metadata.mfs.empty", "stats.mfs"] {
        facts.moosefs.data.files.insert(name.into(), MetaFile::default());
    }
    facts.moosefs.under_mount_point.push("mfs".into());
    facts.mounts.listed.insert("/data/drbd".into(), vec!["mfs".into(), ".hidden".into()]);
    let local = of(&world, "node2");
    assert_eq!(local.stale_metadata, ["changelog.0.mfs", "metadata.mfs"]);
    assert_eq!(local.under_mount_point, [".hidden", "mfs"]);
    assert!(local.template);
    let mounted = Mounted { source: "/dev/drbd0".into(), target: "/data/drbd".into(), fs: "xfs".into(), options: Vec::new() };
    world.facts("node2").mounts.mounted.push(mounted);
    let local = of(&world, "node2");
    assert!(local.stale_metadata.is_empty() && local.under_mount_point.is_empty() && local.template);
}

#[test]
fn settings_are_held_against_the_inventory_and_no_secret_is_kept() {
    let mut world = World::new();
    write(&mut world, "node1", "/etc/drbd.d/mfs.res", 0o600, "net {\n  shared-secret \"drbd-secret\";\n}\n");
    write(&mut world, "node2", "/etc/drbd.d/mfs.res", 0o644, "net {\n  shared-secret \"other-secret\";\n}\n");
    write(&mut world, "node1", mfs::MASTER_CFG, 0o640, "# CHANGELOG_SAVE_MODE = 2\nCHANGELOG_SAVE_MODE = 1\nCHANGELOG_SAVE_MODE = 2\n");
    write(&mut world, "node3", mfs::CHUNKSERVER_CFG, 0o640, "MASTER_HOST = node1\nAUTH_CODE = wrong-code\n");
    write(&mut world, "node4", mfs::CHUNKSERVER_CFG, 0o640, "MASTER_HOST = mfsmaster\nAUTH_CODE = auth-code\n");
    write(&mut world, "node4", mfs::HDD_CFG, 0o640, "# only a comment\n\n");
    let (one, two, three, four) = (of(&world, "node1"), of(&world, "node2"), of(&world, "node3"), of(&world, "node4"));
    assert_eq!((one.drbd_secret_matches, two.drbd_secret_matches), (Some(true), Some(false)));
    assert_eq!((one.changelog_mode.as_deref(), one.exports_missing), (Some("2"), true));
    assert_eq!(two.readable_secrets, ["/etc/drbd.d/mfs.res"]);
    assert_eq!((three.auth_matches, four.auth_matches), (Some(false), Some(true)));
    assert_eq!(three.master_hosts[mfs::CHUNKSERVER_CFG], "node1");
    assert_eq!((four.directories, four.unmounted_disks), (Some(0), vec!["/mnt/mfs1".to_owned()]));
    for local in [one, two, three] {
        let text = serde_json::to_string(&local).unwrap();
        assert!(!text.contains("-secret\"") && !text.contains("wrong-code"), "{text}");
    }
}

#[test]
fn passwords_in_fstab_are_found_on_lines_of_moosefs_only() {
    let text = "/dev/sda1 / ext4 defaults 0 0\nmfsmount /mnt/a fuse rw,mfsmaster=m,mfspassword=x 0 0\n# mfsmount /b fuse mfspassword=x 0 0\n\
                m:/sub /mnt/c moosefs mfsmd5pass=00ff,_netdev 0 0\n//nas/x /mnt/d cifs password=y 0 0\nmfsmount /mnt/e fuse mfsmaster=m 0 0\n";
    assert_eq!(fstab_passwords(text), [2, 4]);
}

#[test]
fn packages_and_scripts() {
    let mut world = World::new();
    world.facts("node3").packages.installed.insert("moosefs-chunkserver".into(), Package { version: "3.0.117-1".into(), held: false });
    world.facts("node3").packages.installed.insert("lvm2".into(), Package { version: "2.03".into(), held: false });
    write(&mut world, "node3", ha::WITNESS_SCRIPT, 0o755, "#!/bin/sh\n# of old\n");
    write(&mut world, "node1", ha::HA_SCRIPT, 0o755, SCRIPT);
    let local = of(&world, "node3");
    assert_eq!(local.installed.keys().collect::<Vec<_>>(), ["moosefs-chunkserver"]);
    assert_eq!((local.old_scripts, of(&world, "node1").old_scripts), (vec![ha::WITNESS_SCRIPT.to_owned()], Vec::new()));
    assert_eq!(moosefs_version("1:4.59.2-1+b1"), Some(Version::new(4, 59, 2)));
    assert_eq!(moosefs_version("nonsense"), None);
}
