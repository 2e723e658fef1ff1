//! Parts that a node may have, and that the cluster or a group may give it.

use indexmap::IndexMap;

use crate::inventory::diagnostic::Placed;
use crate::inventory::document::{Layer, PlacedSettings, StoragePart};
use crate::inventory::keys::{CHUNK_DISK, FORMS, LAYOUTS, MOUNT, ROLE_WORDS, SSH, STORAGE};
use crate::inventory::model::{ChunkDisk, Layout, Mount, MountForm, Role, Ssh};
use crate::inventory::reader::{Fields, Reader};
use crate::inventory::rule;
use crate::inventory::tree::{Kind, Tree};

/// A setting that has a key of its own in the inventory: its name, and where to write it instead.
type Own = (&'static str, &'static str);

/// Settings of mfsmaster.cfg that mfsctl writes itself.
pub const MASTER_OWN: &[Own] = &[
    ("DATA_PATH", "set masters.mount_point and moosefs.data_dir"),
    ("AUTH_CODE", "set moosefs.auth"),
    ("EXPORTS_FILENAME", "write `exports:`"),
    ("TOPOLOGY_FILENAME", "write `topology:`"),
    ("WORKING_USER", "mfsctl relies on the packages' user mfs"),
    ("WORKING_GROUP", "mfsctl relies on the packages' group mfs"),
    ("LOCK_FILE", "mfsctl relies on the lock in the data directory"),
];

/// Settings of mfsmetalogger.cfg that mfsctl writes itself.
pub const METALOGGER_OWN: &[Own] = &[
    ("MASTER_HOST", "it is always the vip's name"),
    ("DATA_PATH", "mfsctl relies on the packages' directory"),
    ("AUTH_CODE", "set moosefs.auth"),
    ("WORKING_USER", "mfsctl relies on the packages' user mfs"),
    ("WORKING_GROUP", "mfsctl relies on the packages' group mfs"),
    ("LOCK_FILE", "mfsctl relies on the lock in the data directory"),
];

/// Settings of mfschunkserver.cfg that mfsctl writes itself.
pub const CHUNKSERVER_OWN: &[Own] = &[
    ("MASTER_HOST", "it is always the vip's name"),
    ("AUTH_CODE", "set moosefs.auth"),
    ("HDD_CONF_FILENAME", "write `disks:`"),
    ("DATA_PATH", "mfsctl relies on the packages' directory"),
    ("WORKING_USER", "mfsctl relies on the packages' user mfs"),
    ("WORKING_GROUP", "mfsctl relies on the packages' group mfs"),
    ("LOCK_FILE", "mfsctl relies on the lock in the data directory"),
];

/// Reads the node-level keys of a group or a node.
pub fn layer(r: &mut Reader<'_>, fields: &Fields<'_>, what: &str) -> Layer {
    let (roles, roles_broken) = roles(r, fields.get("roles"), what);
    let (disks, disks_broken) = disks(r, fields.get("disks"), what);
    let storage = fields.get("storage").and_then(|t| r.fields(t, &STORAGE, &format!("the storage of {what}")));
    Layer {
        roles,
        roles_broken,
        disks_broken,
        ssh: fields.get("ssh").map(|t| ssh(r, t, &format!("the ssh of {what}"))).unwrap_or_default(),
        storage: storage.map(|f| self::storage(r, &f, what)).unwrap_or_default(),
        disks,
        mounts: fields.get("mounts").map(|t| mounts(r, t, what)),
        chunkserver: fields
            .get("chunkserver")
            .map(|t| settings(r, t, &format!("the chunkserver settings of {what}"), CHUNKSERVER_OWN))
            .unwrap_or_default(),
        metalogger: fields
            .get("metalogger")
            .map(|t| settings(r, t, &format!("the metalogger settings of {what}"), METALOGGER_OWN))
            .unwrap_or_default(),
    }
}

/// The roles written, and whether some could not be read.
fn roles(r: &mut Reader<'_>, tree: Option<&Tree>, what: &str) -> (Option<Vec<Placed<Role>>>, bool) {
    let Some(tree) = tree else { return (None, false) };
    let before = r.findings.errors();
    let mut roles: Vec<Placed<Role>> = Vec::new();
    for item in r.list(tree, &format!("the roles of {what}")) {
        let Some(word) = r.word(item, &format!("a role of {what}"), ROLE_WORDS) else { continue };
        let role = match word.value {
            "master" => Role::Master,
            "metalogger" => Role::Metalogger,
            "chunkserver" => Role::Chunkserver,
            _ => Role::Client,
        };
        if roles.iter().any(|known| known.value == role) {
            r.error(word.at, format!("role {:?} of {what} is written twice", word.value), "keep one");
        }
        roles.push(Placed::new(role, word.at));
    }
    (Some(roles), r.findings.errors() > before)
}

/// Reads `ssh`.
pub fn ssh(r: &mut Reader<'_>, tree: &Tree, what: &str) -> Ssh {
    let Some(fields) = r.fields(tree, &SSH, what) else { return Ssh::default() };
    let mut identities: Vec<_> = fields.get("identity").and_then(|t| r.local_path(t, "ssh identity")).into_iter().collect();
    if let Some(tree) = fields.get("identities") {
        let items = r.list(tree, "ssh identities");
        identities.extend(items.iter().filter_map(|t| r.local_path(t, "ssh identity")).collect::<Vec<_>>());
    }
    Ssh {
        host: fields.get("host").and_then(|t| r.checked(t, "ssh host", rule::host)).map(|v| v.value),
        port: fields.get("port").and_then(|t| r.port(t, "ssh port")).map(|v| v.value),
        user: fields.get("user").and_then(|t| r.checked(t, "ssh user", rule::login)).map(|v| v.value),
        identities,
        jump: fields.get("jump").and_then(|t| r.checked(t, "ssh jump host", rule::jump)).map(|v| v.value),
        password: fields.get("password").and_then(|t| r.checked_secret(t, "ssh password", rule::password)).map(|v| v.value),
        sudo_password: fields.get("sudo_password").and_then(|t| r.checked_secret(t, "sudo password", rule::password)).map(|v| v.value),
        known_hosts: fields.get("known_hosts").and_then(|t| r.local_path(t, "known_hosts")),
        netns: fields.get("netns").and_then(|t| r.local_path(t, "netns")),
    }
}

/// Reads the storage keys of `masters` or `storage`.
pub fn storage(r: &mut Reader<'_>, fields: &Fields<'_>, what: &str) -> StoragePart {
    let size = fields.get("size").and_then(|t| match &t.kind {
        Kind::Scalar { text, .. } if text == "all" => Some(Placed::new(None, t.at)),
        _ => r.size(t, &format!("the size of {what}")).map(|s| Placed::new(Some(s.value), s.at)),
    });
    StoragePart {
        // A wrong disk is told of here; it still counts as given.
        disk: fields.get("disk").map(|t| r.checked(t, "disk", rule::device).unwrap_or(Placed::new(String::new(), t.at))),
        layout: fields.get("layout").and_then(|t| r.word(t, "layout", LAYOUTS)).map(|w| match w.value {
            "whole-disk" => Layout::WholeDisk,
            "existing-vg" => Layout::ExistingVg,
            _ => Layout::Partition,
        }),
        vg: fields.get("vg").and_then(|t| r.checked(t, "volume group", rule::lvm_name)).map(|v| v.value),
        lv: fields.get("lv").and_then(|t| r.checked(t, "logical volume", rule::lvm_name)).map(|v| v.value),
        size,
    }
}

/// Reads free settings; `own` are the ones with keys of their own.
pub fn settings(r: &mut Reader<'_>, tree: &Tree, what: &str, own: &[Own]) -> PlacedSettings {
    let mut settings = IndexMap::new();
    for (key, value) in r.named(tree, what) {
        if let Some((name, instead)) = own.iter().find(|(name, _)| *name == key.text) {
            r.error(key.at, format!("{name} cannot be set in {what}"), *instead);
        } else if let Err(rule) = rule::setting_key(&key.text) {
            r.error(key.at, format!("wrong setting name {:?} in {what}", key.text), rule);
        } else if let Some(text) = r.checked(value, &format!("value of {}", key.text), rule::setting_value) {
            settings.insert(key.text.clone(), Placed::new(text.value, key.at));
        }
    }
    settings
}

/// Reads data directories; and whether some could not be read.
pub fn disks(r: &mut Reader<'_>, tree: Option<&Tree>, what: &str) -> (Option<Vec<Placed<ChunkDisk>>>, bool) {
    let Some(tree) = tree else { return (None, false) };
    let before = r.findings.errors();
    let items = r.list(tree, &format!("the disks of {what}"));
    let disks = items.iter().filter_map(|item| disk(r, item)).collect();
    (Some(disks), r.findings.errors() > before)
}

fn disk(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<ChunkDisk>> {
    let plain = |path: String| ChunkDisk { path, limit: None, mark: None, device: None, lvm: None, fs: "xfs".to_owned() };
    if let Kind::Scalar { .. } = tree.kind {
        let path = r.checked(tree, "disk path", rule::mount_path)?;
        return Some(Placed::new(plain(path.value), path.at));
    }
    let fields = r.fields(tree, &CHUNK_DISK, "a disk")?;
    let path = fields.get("path").and_then(|t| r.checked(t, "disk path", rule::mount_path));
    let mark = fields.get("mark").and_then(|t| r.word(t, "mark", &["*", "<", ">"]));
    let device = fields.get("device").and_then(|t| r.checked(t, "disk device", rule::device));
    let lvm = fields.get("lvm").and_then(|t| r.checked(t, "lvm volume", rule::lvm_pair));
    let limit = fields.get("limit").and_then(|t| limit(r, t));
    let fs = fields.get("fs").and_then(|t| r.word(t, "file system", &["xfs", "ext4"]));
    if let (Some(tree), None) = (fields.get("lvm"), fields.get("device")) {
        r.error(tree.at, "lvm without a device", "add `device: /dev/…`: the volume is made on it");
    }
    let path = path?;
    let disk = ChunkDisk {
        limit: limit.map(|v| v.value),
        mark: mark.and_then(|m| m.value.chars().next()),
        device: device.map(|d| d.value),
        lvm: lvm.and_then(|v| v.value.split_once('/').map(|(vg, lv)| (vg.to_owned(), lv.to_owned()))),
        fs: fs.map_or("xfs", |f| f.value).to_owned(),
        ..plain(path.value)
    };
    Some(Placed::new(disk, path.at))
}

fn limit(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<String>> {
    r.checked(tree, "disk limit", |text| {
        let number = text.strip_prefix('-').unwrap_or(text);
        let end = number.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(number.len());
        let unit = matches!(
            &number[end..],
            "" | "B"
                | "k"
                | "M"
                | "G"
                | "T"
                | "P"
                | "E"
                | "kB"
                | "MB"
                | "GB"
                | "TB"
                | "PB"
                | "EB"
                | "Ki"
                | "Mi"
                | "Gi"
                | "Ti"
                | "Pi"
                | "Ei"
                | "KiB"
                | "MiB"
                | "GiB"
                | "TiB"
                | "PiB"
                | "EiB"
        );
        let fine = number[..end].parse::<f64>().is_ok_and(|n| n > 0.0) && unit;
        if fine { Ok(()) } else { Err("write 100GiB (use at most), -5GiB (leave free) or 0.9 (use that share)") }
    })
}

/// Reads mounts.
pub fn mounts(r: &mut Reader<'_>, tree: &Tree, what: &str) -> Vec<Placed<Mount>> {
    let items = r.list(tree, &format!("the mounts of {what}"));
    items.iter().filter_map(|item| mount(r, item)).collect()
}

fn mount(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<Mount>> {
    if let Kind::Scalar { .. } = tree.kind {
        let path = r.checked(tree, "mount point", rule::mount_path)?;
        return Some(Placed::new(plain_mount(path.value), path.at));
    }
    let fields = r.fields(tree, &MOUNT, "a mount")?;
    let path = fields.get("path").and_then(|t| r.checked(t, "mount point", rule::mount_path));
    let folder = fields.get("folder").and_then(|t| r.checked(t, "folder", rule::path));
    let port = fields.get("port").and_then(|t| r.port(t, "port of a mount"));
    let options = fields.get("options").map(|t| mount_options(r, t)).unwrap_or_default();
    let password = fields.get("password").and_then(|t| r.checked_secret(t, "mount password", rule::export_password));
    let form = fields.get("form").map(|t| form(r, t)).unwrap_or(MountForm::Classic);
    let present = fields.get("present").and_then(|t| r.bool(t, "present"));
    let path = path?;
    let mount = Mount {
        folder: folder.map_or_else(|| "/".to_owned(), |f| f.value),
        port: port.map_or(9421, |p| p.value),
        options,
        password: password.map(|p| p.value),
        form,
        present: present.unwrap_or(true),
        ..plain_mount(path.value)
    };
    if mount.form == MountForm::Nfs {
        nfs_options(r, &fields, &mount.options);
    }
    Some(Placed::new(mount, path.at))
}

/// A mount of the whole file system without anything special.
pub fn plain_mount(path: String) -> Mount {
    Mount { path, folder: "/".to_owned(), port: 9421, options: Vec::new(), password: None, form: MountForm::Classic, present: true }
}

/// Reads `form`.
pub fn form(r: &mut Reader<'_>, tree: &Tree) -> MountForm {
    match r.word(tree, "form", FORMS) {
        Some(word) if word.value == "nfs" => MountForm::Nfs,
        _ => MountForm::Classic,
    }
}

fn mount_options(r: &mut Reader<'_>, tree: &Tree) -> Vec<String> {
    const OWN: &[Own] = &[
        ("mfspassword", "write `password:`, which keeps it out of fstab"),
        ("mfsmd5pass", "write `password:`, which keeps it out of fstab"),
        ("mfspassfile", "write `password:`; some versions drop the last character of that file"),
        ("mfsmaster", "mounts always use the vip's name"),
        ("mfsport", "write `port:`"),
        ("mfssubfolder", "write `folder:`"),
        ("_netdev", "mfsctl always sets it"),
    ];
    let mut options = Vec::new();
    for option in r.texts(tree, "mount options", true) {
        let name = option.value.split('=').next().unwrap_or_default().to_owned();
        if let Some((name, instead)) = OWN.iter().find(|(own, _)| *own == name) {
            r.error(option.at, format!("mount option {name} cannot be set here"), *instead);
        } else if let Err(rule) = rule::mount_option(&option.value) {
            r.error(option.at, format!("unsafe mount option {name:?}"), rule);
        } else {
            options.push(option.value);
        }
    }
    options
}

/// mount.moosefs refuses some options that mfsmount takes (seen with 3.0.117).
fn nfs_options(r: &mut Reader<'_>, fields: &Fields<'_>, options: &[String]) {
    for option in options.iter().filter(|o| matches!(o.as_str(), "nofail" | "relatime" | "user")) {
        r.error(fields.place("options"), format!("the nfs form does not take the option {option}"), "use `form: classic` for this mount");
    }
}
