use super::super::testing::{World, actions, show};
use super::*;
use crate::fact::package::Package;

fn names(world: &World, node: &str) -> String {
    let view = world.view(node);
    wanted(&view, family(&view).unwrap()).join(" ")
}

fn el(world: &mut World, version: &str) {
    let nodes: Vec<String> = world.state.keys().cloned().collect();
    for node in nodes {
        let os = &mut world.facts(&node).system.os;
        (os.id, os.version) = ("rocky".into(), version.into());
        os.like = "rhel".into();
    }
}

fn install(world: &mut World, node: &str, version: &str) {
    let view = world.view(node);
    let all = wanted(&view, family(&view).unwrap());
    let package = Package { version: version.into(), held: false };
    world.facts(node).packages.installed = all.into_iter().map(|name| (name, package.clone())).collect();
}

#[test]
fn what_each_role_needs_by_family() {
    let mut world = World::new();
    let mut list = Vec::new();
    for system in ["debian", "7", "9"] {
        if system != "debian" {
            el(&mut world, system);
        }
        list.extend(["node1", "node3", "node6"].map(|node| format!("{system} {node}: {}", names(&world, node))));
    }
    world.cluster.moosefs.version = VersionLine::V4;
    list.push(format!("9 node1, 4: {}", names(&world, "node1")));
    insta::assert_snapshot!(list.join("\n"));
}

#[test]
fn every_package_wanted_is_asked_for() {
    let mut world = World::new();
    world.cluster.repositories.fastestmirror = true;
    world.node("node3").disks[0].lvm = Some(("a".into(), "b".into()));
    for system in ["debian", "7", "9"] {
        if system != "debian" {
            el(&mut world, system);
        }
        for node in &world.cluster.nodes {
            let asked = crate::inventory::layout::storage::packages(&world.cluster, node);
            for name in names(&world, &node.name).split(' ') {
                assert!(asked.iter().any(|a| a == name), "{name} on {}", node.name);
            }
        }
    }
}

#[test]
fn only_what_is_missing_is_installed_in_one_go() {
    let mut world = World::new();
    install(&mut world, "node1", "3.0.117-1");
    assert_eq!(world.plan("node1", step), Outcome::Unchanged("all packages are installed".into()));
    let installed = &mut world.facts("node1").packages.installed;
    installed.remove("moosefs-master");
    installed.remove("keepalived");
    insta::assert_snapshot!(show(&world.plan("node1", step)));
    el(&mut world, "9");
    assert!(show(&world.plan("node3", step)).contains("sh -s -- 3. dnf moosefs-chunkserver"));
}

#[test]
fn an_exclusive_mirror_is_the_only_source() {
    let mut world = World::new();
    world.cluster.repositories.moosefs = MooseFsSource::Mirror(crate::inventory::model::Mirror {
        url: "http://172.16.0.1/debian".into(),
        suite: "./".into(),
        components: Vec::new(),
        key: None,
        exclusive: true,
    });
    let outcome = world.plan("node6", step);
    assert!(show(&outcome).contains(&format!("sh -s -- 3. {APT_LIST} fuse3 moosefs-client")));
    assert_eq!(actions(&outcome).len(), 1);
}

#[test]
fn a_package_half_installed_counts_as_missing() {
    let mut world = World::new();
    install(&mut world, "node6", "3.0.117-1");
    world.facts("node6").packages.installed.remove("moosefs-client");
    world.facts("node6").packages.broken.insert("moosefs-client".into(), "half-configured".into());
    assert!(show(&world.plan("node6", step)).contains("install moosefs-client"));
}

#[test]
fn too_little_room_is_refused_only_when_something_is_to_be_installed() {
    let mut world = World::new();
    world.facts("node1").system.free_var = 100 << 20;
    insta::assert_snapshot!(show(&world.plan("node1", step)));
    install(&mut world, "node1", "3.0.117-1");
    assert!(matches!(world.plan("node1", step), Outcome::Unchanged(_)));
}

#[test]
fn another_version_line_installed_is_refused() {
    let mut world = World::new();
    install(&mut world, "node3", "4.57.7-1");
    insta::assert_snapshot!(show(&world.plan("node3", step)));
}

#[test]
fn held_packages_and_remains_are_told() {
    let mut world = World::new();
    world.facts("node6").packages.held.push("moosefs-client".into());
    assert!(show(&world.plan("node6", step)).contains("apt-mark unhold moosefs-client"));
    install(&mut world, "node6", "3.0.117-1");
    world.facts("node6").packages.policy = Policy::Stale;
    assert!(show(&world.plan("node6", step)).contains("rm -f -- /usr/sbin/policy-rc.d"));
    world.facts("node6").packages.policy = Policy::Foreign;
    assert!(matches!(world.plan("node6", step), Outcome::Unchanged(_)));
}

#[test]
fn the_script_and_the_fact_agree_on_the_mark() {
    assert!(APT.contains(&format!("mark='{}'", crate::fact::package::POLICY_MARK)));
}
