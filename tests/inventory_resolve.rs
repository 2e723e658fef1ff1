//! Folding, overlays and loading from real files.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mfsctl::inventory::model::{Cluster, MooseFsSource, MountForm};
use mfsctl::inventory::source::Placeholders;
use mfsctl::inventory::{self, LoadOptions, Surroundings, Text};

fn text(name: &str, text: &str) -> Text {
    Text { name: name.to_owned(), text: text.to_owned() }
}

fn parse(texts: &[Text]) -> Result<Cluster, String> {
    let around = Surroundings { base: Path::new("/conf"), home: Some(Path::new("/home/op")), source: &Placeholders, readable_file: None };
    inventory::parse(texts, &around).map(|l| l.cluster).map_err(|e| e.iter().map(|d| format!("{d}\n")).collect())
}

const FOLDED: &str = r"
name: mfs
vip: 172.16.0.47
ssh: {user: root, identity: ~/.ssh/cluster, port: 2200}
masters: {disk: /dev/sdb, size: 20GiB}
drbd: {secret: a-secret}
moosefs:
  auth: a-secret
  chunkserver: {A: 1, B: 1, C: 1, D: 1}
  metalogger: {M: 1}
ha: {witness_secret: a-secret}
chunkservers:
  disks: [/mnt/mfs1]
  settings: {B: 2}
clients: {mounts: [/mnt/mfs]}
groups:
  rack1: {nodes: [node3, node4], chunkserver: {C: 3}, disks: [/mnt/rack1], ssh: {jump: gw}}
  fast: {nodes: [node4], chunkserver: {D: 4}, ssh: {user: admin, identities: [keys/fast]}}
tenants:
  - {name: t1, clients: [node6], password: p1, form: nfs}
  - {name: t2, clients: [node6, node7], folder: /x/t2, mount: /srv/t2, mode: 0750, owner: 'www:www', options: ro}
nodes:
  node1: {address: 172.16.0.41, roles: [master, metalogger]}
  node2: {address: 172.16.0.42, roles: [master, metalogger], storage: {disk: /dev/vdb}, metalogger: {M: 2}}
  node3: {address: 172.16.0.43, roles: [chunkserver]}
  node4: {address: 172.16.0.44, roles: [chunkserver], chunkserver: {D: 5}, disks: [{path: /mnt/own, limit: 0.9, mark: '*', device: /dev/sdb, lvm: vg/lv, fs: ext4}], ssh: {port: 22}}
  node5: {address: 172.16.0.45, roles: [chunkserver]}
  node6: {address: 172.16.0.11, roles: [client]}
  node7: {address: 172.16.0.12, roles: [client], mounts: []}
";

fn settings(settings: &inventory::model::Settings) -> String {
    settings.iter().map(|(k, v)| format!("{k}={v} ")).collect()
}

#[test]
fn defaults_cluster_groups_and_nodes_fold_in_this_order() {
    let cluster = parse(&[text("a.yaml", FOLDED)]).unwrap();
    let node = |name: &str| cluster.node(name).unwrap();
    assert_eq!(settings(&node("node5").chunkserver), "A=1 B=2 C=1 D=1 ");
    assert_eq!(settings(&node("node3").chunkserver), "A=1 B=2 C=3 D=1 ");
    assert_eq!(settings(&node("node4").chunkserver), "A=1 B=2 C=3 D=5 ");
    assert_eq!((settings(&node("node1").metalogger), settings(&node("node2").metalogger)), ("M=1 ".to_owned(), "M=2 ".to_owned()));
    assert!(node("node1").chunkserver.is_empty() && node("node3").metalogger.is_empty(), "settings of roles a node does not have");
    let disks = |name: &str| node(name).disks.iter().map(|d| d.path.clone()).collect::<Vec<_>>().join(" ");
    assert_eq!(
        (disks("node5"), disks("node3"), disks("node4"), disks("node1")),
        ("/mnt/mfs1".into(), "/mnt/rack1".into(), "/mnt/own".into(), String::new())
    );
    let own = &node("node4").disks[0];
    assert_eq!((own.limit.as_deref(), own.mark, own.fs.as_str()), (Some("0.9"), Some('*'), "ext4"));
    assert_eq!(own.lvm, Some(("vg".to_owned(), "lv".to_owned())));
    let ssh = &node("node4").ssh;
    assert_eq!((ssh.user.as_deref(), ssh.port, ssh.jump.as_deref()), (Some("admin"), Some(22), Some("gw")));
    assert_eq!(ssh.identities, [PathBuf::from("/conf/keys/fast")]);
    assert_eq!(node("node5").ssh.identities, [PathBuf::from("/home/op/.ssh/cluster")]);
    let storage = |name: &str| node(name).storage.clone().unwrap();
    assert_eq!(
        (storage("node1").disk, storage("node2").disk, storage("node2").size),
        ("/dev/sdb".into(), "/dev/vdb".into(), Some(20 << 30))
    );
    assert_eq!((node("node1").priority, node("node2").priority, node("node3").priority), (Some(150), Some(100), None));
    assert_eq!(cluster.ha.witnesses, ["node3", "node4", "node5"]);
    assert_eq!(cluster.keepalived.advert_interval, 0.5);
}

#[test]
fn tenants_become_exports_and_mounts() {
    let cluster = parse(&[text("a.yaml", FOLDED)]).unwrap();
    let lines: Vec<String> =
        cluster.exports.iter().map(|e| format!("{} {} {} {}", e.network, e.path, e.options.join(","), e.password.is_some())).collect();
    // General lines first: the master prefers a later line with a password or a longer path.
    assert_eq!(lines, ["* / rw,alldirs,maproot=0 false", "* . rw false", "* /t1 rw,alldirs,maproot=0 true", "* /x/t2 ro false"]);
    let mounts = |name: &str| -> Vec<String> {
        let list = &cluster.node(name).unwrap().mounts;
        list.iter().map(|m| format!("{} {} {}", m.path, m.folder, m.form == MountForm::Nfs)).collect()
    };
    assert_eq!(mounts("node6"), ["/mnt/mfs / false", "/mnt/t1 /t1 true", "/srv/t2 /x/t2 false"]);
    assert_eq!(mounts("node7"), ["/srv/t2 /x/t2 false"]);
    assert_eq!((cluster.tenants[0].mode, cluster.tenants[1].mode, cluster.tenants[1].owner.as_deref()), (0o770, 0o750, Some("www:www")));
}

#[test]
fn the_default_mount_is_for_clients_without_a_tenant() {
    let bare = FOLDED
        .replace("clients: {mounts: [/mnt/mfs]}\n", "")
        .replace("clients: [node6, node7]", "clients: [node6]")
        .replace(", mounts: []", "");
    let cluster = parse(&[text("a.yaml", &bare)]).unwrap();
    let paths = |name: &str| cluster.node(name).unwrap().mounts.iter().map(|m| m.path.as_str()).collect::<Vec<_>>().join(" ");
    assert_eq!((paths("node6").as_str(), paths("node7").as_str()), ("/mnt/t1 /srv/t2", "/mnt/mfs"));
}

#[test]
fn a_password_makes_adverts_come_every_second() {
    let locked = format!("{FOLDED}keepalived: {{password: 12345678, mode: multicast}}\n");
    let keepalived = parse(&[text("a.yaml", &locked)]).unwrap().keepalived;
    assert_eq!((keepalived.advert_interval, keepalived.unicast), (1.0, false));
}

#[test]
fn anchors_and_aliases_work() {
    let shared = FOLDED.replace("mounts: [/mnt/mfs]", "mounts: &m [/mnt/mfs]").replace("mounts: []", "mounts: *m");
    assert_eq!(parse(&[text("a.yaml", &shared)]).unwrap().node("node7").unwrap().mounts.len(), 2);
}

#[test]
fn an_overlay_replaces_the_surroundings_and_merges_the_rest() {
    let base = format!(
        "{FOLDED}repositories: {{moosefs: {{mirror: {{url: http://10.0.0.1/x, suite: bookworm, key: !file k}}}}, elrepo: false}}\n"
    );
    let over = "ssh: {user: lab, identity: id, netns: /run/netns/lab}\nrepositories: {moosefs: {mirror: {url: 'http://172.16.0.1:8080/', key: !file lab.asc, exclusive: true}}}\nvip: {address: 172.16.0.48, prefix: 25}\nmasters: {size: all}\n";
    let cluster = parse(&[text("a.yaml", &base), text("lab.yaml", over)]).unwrap();
    let ssh = &cluster.node("node4").unwrap().ssh;
    assert_eq!(
        (ssh.user.as_deref(), ssh.port, &ssh.jump, ssh.netns.as_deref()),
        (Some("lab"), None, &None, Some(Path::new("/run/netns/lab")))
    );
    let MooseFsSource::Mirror(mirror) = &cluster.repositories.moosefs else { panic!("{:?}", cluster.repositories) };
    assert_eq!(
        (mirror.url.as_str(), mirror.suite.as_str(), mirror.components.len(), mirror.exclusive),
        ("http://172.16.0.1:8080", "./", 0, true)
    );
    assert!(cluster.repositories.elrepo, "the inventory's own repositories do not shine through");
    assert_eq!((cluster.vip.address.to_string().as_str(), cluster.vip.prefix), ("172.16.0.48", 25));
    let storage = cluster.node("node2").unwrap().storage.clone().unwrap();
    assert_eq!((storage.disk.as_str(), storage.size), ("/dev/vdb", None));
}

#[test]
fn errors_of_an_overlay_name_the_overlay() {
    let wrong = parse(&[text("a.yaml", FOLDED), text("lab.yaml", "ssh:\n  usr: root\n")]).unwrap_err();
    assert!(wrong.ends_with("\nlab.yaml:2:3: unknown key \"usr\" in ssh\n  hint: did you mean \"user\"?\n"), "{wrong}");
    let wrong = parse(&[text("a.yaml", FOLDED), text("lab.yaml", "ssh: [\n")]).unwrap_err();
    assert!(wrong.starts_with("lab.yaml:"), "{wrong}");
}

fn small(auth: &str) -> String {
    FOLDED.replace("  auth: a-secret", &format!("  auth: {auth}"))
}

#[test]
fn secrets_come_from_files_commands_and_age() {
    let directory = tempfile::tempdir().unwrap();
    let inventory_file = directory.path().join("inventory.yaml");
    let identity = age::x25519::Identity::generate();
    let armoured = age::encrypt_and_armor(&identity.to_public(), b"from-age\n").unwrap();
    let indented: String = armoured.lines().map(|l| format!("    {l}\n")).collect();
    let key = directory.path().join("identity.txt");
    std::fs::write(&key, age::secrecy::ExposeSecret::expose_secret(&identity.to_string())).unwrap();
    std::fs::write(directory.path().join("auth"), "from-file\n").unwrap();
    let load = |auth: &str, identities: &[PathBuf]| {
        std::fs::write(&inventory_file, small(auth)).unwrap();
        let options = LoadOptions { age_identities: identities.to_vec(), ..LoadOptions::default() };
        let told = |e: Vec<inventory::Diagnostic>| e.iter().filter(|d| !d.warning).map(|d| format!("{d}\n")).collect::<String>();
        inventory::load(&inventory_file, &options).map(|l| l.cluster.moosefs.auth.expose().to_owned()).map_err(told)
    };
    assert_eq!(load("!file auth", &[]).unwrap(), "from-file");
    assert_eq!(load("!command \"cat auth\"", &[]).unwrap(), "from-file");
    let encrypted = format!("!age |\n{indented}");
    assert_eq!(load(&encrypted, std::slice::from_ref(&key)).unwrap(), "from-age");
    assert!(
        load(&encrypted, &[]).unwrap_err().contains("moosefs auth: no age identity to decrypt it with\n  hint: give --age-identity FILE")
    );
    let other = directory.path().join("other.txt");
    std::fs::write(&other, age::secrecy::ExposeSecret::expose_secret(&age::x25519::Identity::generate().to_string())).unwrap();
    assert!(load(&encrypted, &[other]).unwrap_err().contains("none of the age identities can decrypt it"));
    assert!(load("!age |\n    nonsense\n", &[key]).unwrap_err().contains("not an age-encrypted text"));
    let wrong = load("!command \"sh -c 'echo from-file; echo locked >&2; exit 1'\"", &[]).unwrap_err();
    assert!(wrong.contains("sh failed (exit status: 1)\n  hint: it said: locked") && !wrong.contains("from-file"), "{wrong}");
    assert!(load("!env MFSCTL_TEST_UNSET", &[]).unwrap_err().contains("environment variable MFSCTL_TEST_UNSET is not set"));
    assert!(load("!file none", &[]).unwrap_err().contains("No such file"));
}

#[test]
fn files_that_are_no_inventory_are_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("i.yaml");
    let load = || inventory::load(&file, &LoadOptions::default()).unwrap_err().iter().map(ToString::to_string).collect::<String>();
    assert!(load().contains("i.yaml: cannot read the inventory: No such file"));
    std::fs::write(&file, b"name: mfs\nvip: \xff\n").unwrap();
    assert!(load().contains("i.yaml:2:6: not UTF-8 text"));
    std::fs::write(&file, "\u{feff}name: 1\n").unwrap();
    assert!(load().contains("missing key \"vip\""));
    assert!(inventory::load(directory.path(), &LoadOptions::default()).is_err());
}

#[test]
fn only_a_readable_file_is_warned_of() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("i.yaml");
    std::fs::write(&file, FOLDED).unwrap();
    for (mode, warned) in [(0o600, false), (0o640, true), (0o604, true), (0o700, false)] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        let warnings = inventory::load(&file, &LoadOptions::default()).unwrap().warnings;
        assert_eq!(warnings.iter().any(|w| w.message.contains("in clear")), warned, "{mode:o}");
    }
}
