use super::super::testing::{World, show};
use super::*;

const KEY: &str = include_str!("../../tests/fixtures/package/key.asc");
/// `gpg-pubkey-edb065bf-6553f100`: key id and time of creation of that key.
const IMPORTED: &str = "edb065bf-6553f100";

fn mirror() -> Mirror {
    Mirror {
        url: "http://172.16.0.1/debian".into(),
        suite: "bookworm".into(),
        components: vec!["main".into()],
        key: Some(KEY.into()),
        exclusive: true,
    }
}

fn world(source: MooseFsSource, el: Option<&str>) -> World {
    let mut world = World::new();
    world.cluster.repositories.moosefs = source;
    if let Some(version) = el {
        let names: Vec<String> = world.state.keys().cloned().collect();
        for name in names {
            let os = &mut world.facts(&name).system.os;
            (os.id, os.version, os.codename) = ("centos".into(), version.into(), String::new());
            os.pretty = format!("CentOS Linux {version}");
        }
    }
    world
}

/// Plans, takes what is written as written, and gives the first outcome.
fn twice(world: &mut World, node: &str) -> String {
    let first = world.plan(node, step);
    world.apply_writes(node, &first);
    show(&first).replace(KEY.lines().nth(3).unwrap_or_default(), "…")
}

#[test]
fn debian_with_a_mirror() {
    let mut world = world(MooseFsSource::Mirror(mirror()), None);
    let first = twice(&mut world, "node3");
    let short: Vec<&str> = first.lines().filter(|l| !l.starts_with("    | ") || l.contains("deb ")).collect();
    insta::assert_snapshot!(short.join("\n"));
    assert!(matches!(world.plan("node3", step), Outcome::Unchanged(_)));
    world.pending.insert(APT_MARK.into());
    let again = show(&world.plan("node3", step));
    assert!(again.starts_with("- read the package list of http://172.16.0.1/debian\n"), "{again}");
}

#[test]
fn a_flat_mirror_without_a_key() {
    let flat = Mirror { suite: "./".into(), components: Vec::new(), key: None, ..mirror() };
    let mut world = world(MooseFsSource::Mirror(flat), None);
    assert!(twice(&mut world, "node3").contains("    | deb http://172.16.0.1/debian ./\n"));
}

#[test]
fn a_key_that_is_none_is_refused() {
    let bad = Mirror { key: Some("<html>".into()), url: "http://user:secret@m.example/x".into(), ..mirror() };
    let shown = show(&world(MooseFsSource::Mirror(bad), None).plan("node3", step));
    assert!(shown.starts_with("refused: the key given for http://m.example/x is not an ASCII armoured public key"), "{shown}");
}

#[test]
fn the_official_repositories() {
    let mut debian = world(MooseFsSource::Official, None);
    insta::assert_snapshot!("official_debian", twice(&mut debian, "node3"));
    debian.file("node3", APT_KEY, KEY, 0o644);
    assert!(matches!(debian.plan("node3", step), Outcome::Unchanged(_)));
    let el = world(MooseFsSource::Official, Some("7"));
    insta::assert_snapshot!("official_el7_master", show(&el.plan("node1", step)));
    let mut four = world(MooseFsSource::Official, Some("9.3"));
    four.cluster.moosefs.version = VersionLine::V4;
    assert!(show(&four.plan("node3", step)).contains("https://repository.moosefs.com/MooseFS-4-el9.repo"));
}

#[test]
fn combinations_nobody_publishes_are_refused() {
    let mut two = world(MooseFsSource::Official, None);
    two.cluster.moosefs.version = VersionLine::V2;
    insta::assert_snapshot!(show(&two.plan("node3", step)));
    let mut six = world(MooseFsSource::Official, Some("6.10"));
    assert!(show(&six.plan("node3", step)).contains("http://ppa.moosefs.com/MooseFS-3-el6.repo"));
    six.cluster.moosefs.version = VersionLine::V4;
    assert!(matches!(six.plan("node3", step), Outcome::Refused(_)));
    six.facts("node3").system.os = crate::fact::system::Os { id: "alpine".into(), pretty: "Alpine Linux".into(), ..Default::default() };
    assert!(show(&six.plan("node3", step)).contains("node3 runs Alpine Linux, which mfsctl does not know"));
}

#[test]
fn enterprise_linux_with_mirrors() {
    let mut world = world(MooseFsSource::Mirror(mirror()), Some("7"));
    world.cluster.repositories.elrepo_mirror = Some(Mirror { url: "http://172.16.0.1/elrepo".into(), ..mirror() });
    let first = twice(&mut world, "node1");
    let short: Vec<&str> = first.lines().filter(|l| !l.starts_with("    | ") || l.contains('=')).filter(|l| l.len() < 120).collect();
    insta::assert_snapshot!(short.join("\n"));
    // Files written, keys not imported: the import alone is left, until rpm knows the key.
    assert!(show(&world.plan("node1", step)).contains("rpm --import"));
    world.facts("node1").packages.rpm_keys.push(IMPORTED.into());
    assert!(matches!(world.plan("node1", step), Outcome::Unchanged(_)));
    world.pending.insert(import_mark(YUM_KEY));
    assert!(show(&world.plan("node1", step)).starts_with("- import /etc/pki/rpm-gpg/RPM-GPG-KEY-MooseFS into rpm"));
}

#[test]
fn the_distribution_needs_nothing_and_earlier_choices_are_taken_away() {
    let mut world = world(MooseFsSource::Distribution, None);
    assert!(matches!(world.plan("node3", step), Outcome::Unchanged(_)));
    world.file("node3", APT_LIST, "deb x y z\n", 0o644);
    assert!(show(&world.plan("node3", step)).contains("rm -f -- /etc/apt/sources.list.d/mfsctl-moosefs.list"));
}

#[test]
fn logins_in_urls_are_not_shown() {
    assert_eq!(shown("https://user:pw@host/a/b"), "https://host/a/b");
    assert_eq!(shown("http://host"), "http://host");
    assert_eq!(shown("file:///srv/repo"), "file:///srv/repo");
}
