//! Every key an inventory may have: one table from which keys are checked,
//! suggestions are made and the JSON Schema is written.

/// One key of a mapping.
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// Whether the mapping is wrong without it.
    pub required: bool,
    /// What it is, with its default; shown as help by editors.
    pub about: &'static str,
    /// What its value looks like.
    pub shape: Shape,
}

/// A mapping with a fixed set of keys.
pub struct Section {
    /// Name of its definition in the schema.
    pub name: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}

impl Section {
    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> Vec<&'static str> {
        self.fields.iter().map(|f| f.key).collect()
    }

    /// Whether it has no such key.
    #[must_use]
    pub fn unknown(&self, key: &str) -> bool {
        self.fields.iter().all(|f| f.key != key)
    }

    /// The key that a mistyped one means.
    #[must_use]
    pub fn closest(&self, key: &str) -> Option<&'static str> {
        super::suggest::closest(key, &self.keys())
    }
}

/// What a value looks like.
pub enum Shape {
    /// Text.
    Text,
    /// Text, or a tagged reference to one.
    Secret,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// A number with or without a fraction.
    Number,
    /// `30s`, `1m30s`.
    Duration,
    /// `20GiB`, `100M`.
    Size,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A sequence.
    List(&'static Shape),
    /// A mapping with fixed keys.
    Of(&'static Section),
    /// A mapping from names to such mappings.
    Named(&'static Section),
    /// Free `KEY: value` settings of a daemon.
    Settings,
    /// Any of these.
    Either(&'static [Shape]),
}

use Shape::{Bool, Duration, Either, Int, List, Named, Number, Of, Secret, Settings, Size, Text, Word};

const fn key(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, required: false, about, shape }
}

const fn must(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, required: true, about, shape }
}

const PORT: Shape = Int(1, 65535);
const TEXTS: Shape = Either(&[Text, List(&Text)]);
/// A data directory: its path, or a mapping.
static DISK_ITEM: Shape = Either(&[Text, Of(&CHUNK_DISK)]);
/// A mount: its path, or a mapping.
static MOUNT_ITEM: Shape = Either(&[Text, Of(&MOUNT)]);

/// The inventory itself.
pub static TOP: Section = Section {
    name: "inventory",
    fields: &[
        must("name", Text, "name of the cluster, shown in messages, the journal and the operator lock"),
        must("vip", Either(&[Text, Of(&VIP)]), "virtual IP of the active master: an address, or a mapping"),
        key("ssh", Of(&SSH), "how nodes are reached; unset keys fall back to ~/.ssh/config"),
        key("masters", Of(&MASTERS), "storage of the two masters"),
        must("drbd", Of(&DRBD), "the DRBD resource under the metadata"),
        must("moosefs", Of(&MOOSEFS), "version, secrets and daemon settings of MooseFS"),
        key("keepalived", Of(&KEEPALIVED), "VRRP between the masters"),
        key("ha", Of(&HA), "takeover: deadlines and the witnesses that hold votes"),
        key("repositories", Of(&REPOSITORIES), "where packages come from"),
        key("exports", List(&Of(&EXPORT)), "lines of mfsexports.cfg; default: `* / rw,alldirs,maproot=0` and `* . rw`"),
        key("topology", List(&Of(&TOPOLOGY)), "lines of mfstopology.cfg"),
        key("chunkservers", Of(&CHUNKSERVERS), "what all chunkservers share"),
        key("clients", Of(&CLIENTS), "what all clients share"),
        key("tenants", List(&Of(&TENANT)), "businesses with a directory, an export and mounts of their own"),
        key("notify", Of(&NOTIFY), "who is told about takeovers"),
        key("groups", Named(&GROUP), "settings shared by some nodes, over the cluster's and under the node's own"),
        must("nodes", Named(&NODE), "the machines, by name; a master's name must be what `uname -n` says on it"),
    ],
};

/// `vip`.
pub static VIP: Section = Section {
    name: "vip",
    fields: &[
        must("address", Text, "an IPv4 address of the masters' network that no machine has"),
        key("prefix", Int(1, 32), "length of the network prefix; default 24"),
        key("interface", Text, "interface on the masters; default: the one that carries the node's own address"),
        key("name", Text, "the name all nodes know it by; default mfsmaster"),
    ],
};

/// `ssh`, of the cluster, a group or a node.
pub static SSH: Section = Section {
    name: "ssh",
    fields: &[
        key("host", Text, "name or address to connect to; default: the node's address"),
        key("port", PORT, "port; default 22"),
        key("user", Text, "login name; not root: then sudo is used"),
        key("identity", Text, "private key file"),
        key("identities", List(&Text), "private key files, tried in order"),
        key("jump", Text, "jump host, `[user@]host[:port]`"),
        key("password", Secret, "login password, when keys are not used"),
        key("sudo_password", Secret, "password sudo asks for"),
        key("known_hosts", Text, "known_hosts file used instead of ~/.ssh/known_hosts"),
        key("netns", Text, "network namespace (a file) to connect from"),
    ],
};

/// Storage keys, shared by `masters` and `storage`.
const DISK: Field = key("disk", Text, "dedicated disk of each master, e.g. /dev/sdb");
const LAYOUT: Field = key(
    "layout",
    Word(LAYOUTS),
    "partition (default): one LVM partition; whole-disk: PV on the disk; existing-vg: only use the volume group",
);
const VG: Field = key("vg", Text, "volume group; default vgdrbr");
const LV: Field = key("lv", Text, "logical volume; default mfs");
const SIZE: Field = key("size", Either(&[Word(&["all"]), Size]), "size of the logical volume, e.g. 20GiB; default all: every free extent");

/// Words of `layout`.
pub const LAYOUTS: &[&str] = &["partition", "whole-disk", "existing-vg"];

/// `masters`.
pub static MASTERS: Section = Section {
    name: "masters",
    fields: &[
        DISK,
        LAYOUT,
        VG,
        LV,
        SIZE,
        key("mount_point", Text, "where the metadata volume is mounted on the active master; default /data/drbd"),
        key("preferred", Text, "the master that is active when both could be; default: the first one"),
    ],
};

/// `storage`, of a group or a node.
pub static STORAGE: Section = Section { name: "storage", fields: &[DISK, LAYOUT, VG, LV, SIZE] };

/// `drbd`.
pub static DRBD: Section = Section {
    name: "drbd",
    fields: &[
        must("secret", Secret, "shared secret of the two peers, at most 64 characters"),
        key("resource", Text, "resource name; default mfs"),
        key("device", Text, "device; default /dev/drbd0"),
        key("port", PORT, "replication port; default 7788"),
        key("protocol", Word(&["A", "B", "C"]), "replication protocol; default C, the only one that loses nothing"),
        key("cram_hmac_alg", Word(&["sha1", "sha256", "sha512", "md5"]), "algorithm of the peers' authentication; default sha1"),
        key("resync_rate", Text, "resync rate in bytes per second, in DRBD's notation; default 200M"),
        key("startup_timeout", Int(1, 3600), "seconds a booting node waits for its peer; default 15"),
    ],
};

/// `moosefs`.
pub static MOOSEFS: Section = Section {
    name: "moosefs",
    fields: &[
        must("auth", Secret, "AUTH_CODE shared by master and chunkservers"),
        key("version", Either(&[Text, Number]), "line of releases: 2.0, 3.0 (default) or 4"),
        key("data_dir", Text, "directory under the mount point that holds the metadata; default mfs"),
        key("cgi_port", PORT, "port of the web monitor; default 9425"),
        key("master", Settings, "further settings of mfsmaster.cfg"),
        key("metalogger", Settings, "further settings of mfsmetalogger.cfg on every metalogger"),
        key("chunkserver", Settings, "further settings of mfschunkserver.cfg on every chunkserver"),
    ],
};

/// `keepalived`.
pub static KEEPALIVED: Section = Section {
    name: "keepalived",
    fields: &[
        key("router_id", Int(1, 255), "virtual_router_id, unique in the network segment; default 51"),
        key("advert_interval", Number, "seconds between adverts; default 0.5, or 1 with a password"),
        key("mode", Word(&["unicast", "multicast"]), "how adverts are sent; default unicast"),
        key("password", Secret, "VRRP password, at most 8 characters; only with a whole advert_interval"),
    ],
};

/// `ha`.
pub static HA: Section = Section {
    name: "ha",
    fields: &[
        key("witnesses", List(&Text), "nodes that hold votes; default: chunkservers, and metaloggers that are not masters"),
        key("witness_port", PORT, "port of the vote service; default 9479"),
        key("witness_secret", Secret, "secret between masters and witnesses; required when there are witnesses"),
        key("promote_wait", Duration, "longest time until a standby is DRBD Primary; default 30s"),
        key("stop_wait", Duration, "longest time of a clean stop of the master before it is killed; default 45s"),
        key("fence_wait", Duration, "how long a cut-off primary tries for votes before it fences itself; default 10s"),
        key("fence_handicap", Duration, "how long a secondary waits before it claims votes, so that the primary is first; default 500ms"),
        key(
            "reserve",
            Either(&[Word(&["none"]), Size]),
            "space kept on the metadata volume and given up when it is full, so that changes can still be written; default 5 % of it, 8MiB to 4GiB",
        ),
    ],
};

/// `repositories`.
pub static REPOSITORIES: Section = Section {
    name: "repositories",
    fields: &[
        key(
            "moosefs",
            Either(&[Word(&["official", "distribution"]), Of(&MOOSEFS_MIRROR)]),
            "official (default): the project's repository; distribution: the distribution's packages; or a mirror",
        ),
        key("elrepo", Bool, "use ELRepo for DRBD on Enterprise Linux masters; default true"),
        key("elrepo_mirror", Of(&MIRROR), "mirror of ELRepo"),
        key("fastestmirror", Bool, "install yum-plugin-fastestmirror on Enterprise Linux 7 and older; default false"),
    ],
};

/// `repositories.moosefs` as a mapping.
pub static MOOSEFS_MIRROR: Section =
    Section { name: "moosefs-mirror", fields: &[must("mirror", Of(&MIRROR), "a mirror, e.g. an offline one")] };

/// A mirror.
pub static MIRROR: Section = Section {
    name: "mirror",
    fields: &[
        must("url", Text, "base URL, e.g. http://10.0.0.1/debian"),
        key("suite", Text, "apt: suite; default ./ (a flat repository)"),
        key("components", List(&Text), "apt: components; default main, none for a flat repository"),
        key("key", Secret, "the signing key itself, ASCII armoured; usually `!file key.asc`"),
        key("exclusive", Bool, "apt: use only this repository, for every package; default false"),
    ],
};

/// A line of mfsexports.cfg.
pub static EXPORT: Section = Section {
    name: "export",
    fields: &[
        key("network", Text, "*, an address, a.b.c.d/len or from-to; default *"),
        must("path", Text, "/, /sub/folder, or . for the trash and meta file system"),
        key("options", TEXTS, "mfsexports options; default: none, which means read-only"),
        key("password", Secret, "password a client must give"),
    ],
};

/// A line of mfstopology.cfg.
pub static TOPOLOGY: Section = Section {
    name: "topology",
    fields: &[
        must("network", Text, "*, an address, a.b.c.d/len or from-to"),
        must("switch", Int(0, 4_294_967_295), "number of the switch (rack)"),
    ],
};

/// `chunkservers`.
pub static CHUNKSERVERS: Section = Section {
    name: "chunkservers",
    fields: &[
        key("disks", List(&DISK_ITEM), "data directories of each chunkserver"),
        key("settings", Settings, "further settings of mfschunkserver.cfg on every chunkserver"),
    ],
};

/// A data directory.
pub static CHUNK_DISK: Section = Section {
    name: "chunk-disk",
    fields: &[
        must("path", Text, "directory, e.g. /mnt/mfs1"),
        key("limit", Text, "limit as in mfshdd.cfg: 100GiB (use), -5GiB (leave free), 0.9 (share)"),
        key("mark", Word(&["*", "<", ">"]), "mark as in mfshdd.cfg; * empties the disk for removal"),
        key("device", Text, "block device mounted at the path; default: the directory is used as it is"),
        key("lvm", Text, "make a volume on the device, `vg/lv`"),
        key("fs", Word(&["xfs", "ext4"]), "file system made on the device; default xfs"),
    ],
};

/// `clients`.
pub static CLIENTS: Section = Section {
    name: "clients",
    fields: &[key("mounts", List(&MOUNT_ITEM), "mounts of each client; default /mnt/mfs where no tenant is mounted")],
};

/// A mount.
pub static MOUNT: Section = Section {
    name: "mount",
    fields: &[
        must("path", Text, "mount point, e.g. /mnt/mfs"),
        key("folder", Text, "folder of the file system; default /"),
        key("port", PORT, "the master's client port; default 9421"),
        key("options", TEXTS, "further mfsmount options"),
        key("password", Secret, "password of the export; never written into fstab"),
        key("form", Word(FORMS), "form of the fstab line; default classic"),
        key("present", Bool, "false: make sure it is not mounted; default true"),
    ],
};

/// Words of `form`.
pub const FORMS: &[&str] = &["classic", "nfs"];

/// A tenant.
pub static TENANT: Section = Section {
    name: "tenant",
    fields: &[
        must("name", Text, "name of the tenant"),
        key("folder", Text, "folder in the file system; default /NAME"),
        key("owner", Text, "owner of the folder, `user:group` or `uid:gid`"),
        key("mode", Either(&[Text, Int(0, 7777)]), "permissions of the folder, octal; default 0770"),
        key("network", Text, "who may mount it; default *"),
        key("password", Secret, "password of its export"),
        key("options", TEXTS, "options of its export; default rw,alldirs,maproot=0"),
        key("goal", Int(1, 9), "copies of each chunk of new files in it; default: as the folder above"),
        key(
            "trashtime",
            Either(&[Text, Int(0, 4_294_967_295)]),
            "how long deleted files stay in the trash: seconds, or 36h, 7d; default: as the folder above",
        ),
        key(
            "quota",
            Size,
            "hard limit of its size, e.g. 500GiB, of which 64 MiB cannot be filled; needs `admin` among the options of the export of /",
        ),
        key("clients", List(&Text), "client nodes that mount it"),
        key("mount", Text, "mount point on them; default /mnt/NAME"),
        key("form", Word(FORMS), "form of the fstab line; default classic"),
    ],
};

/// `notify`.
pub static NOTIFY: Section = Section {
    name: "notify",
    fields: &[
        key("smtp", List(&Of(&SMTP)), "SMTP accounts, tried in turn"),
        key("to", TEXTS, "receivers of mail, at most 16"),
        key("webhook", Either(&[Secret, Of(&WEBHOOK)]), "URL that gets every alert as JSON, or a mapping"),
        key("ca", Secret, "certificates (PEM) trusted besides the system's own, usually `!file ca.pem`"),
    ],
};

/// `notify.webhook` as a mapping.
pub static WEBHOOK: Section = Section {
    name: "webhook",
    fields: &[
        must("url", Secret, "address that gets a POST with JSON"),
        key("token", Secret, "sent as `Authorization: Bearer TOKEN`"),
        key("headers", List(&Secret), "further headers, `Name: value` each"),
    ],
};

/// Words of `security`.
pub const SECURITIES: &[&str] = &["none", "starttls", "tls"];

/// An SMTP account.
pub static SMTP: Section = Section {
    name: "smtp",
    fields: &[
        must("host", Text, "server"),
        must("from", Text, "sender address"),
        key("port", PORT, "port; default 25, 587 or 465 by security"),
        key("security", Word(SECURITIES), "starttls (default), tls, or none: unencrypted"),
        key("user", Text, "login, when the server asks for one"),
        key("password", Secret, "its password"),
    ],
};

/// Node-level keys, shared by groups and nodes.
const ROLES: Field = key("roles", List(&Word(ROLE_WORDS)), "what the node is for");
const NODE_SSH: Field = key("ssh", Of(&SSH), "how it is reached");
const NODE_STORAGE: Field = key("storage", Of(&STORAGE), "masters: where this node's storage differs");
const DISKS: Field = key("disks", List(&DISK_ITEM), "chunkservers: data directories, instead of the shared ones");
const MOUNTS: Field = key("mounts", List(&MOUNT_ITEM), "clients: mounts, instead of the shared ones; tenants' mounts are added");
const CHUNKSERVER: Field = key("chunkserver", Settings, "settings of mfschunkserver.cfg, over the shared ones");
const METALOGGER: Field = key("metalogger", Settings, "settings of mfsmetalogger.cfg, over the shared ones");

/// Words of `roles`.
pub const ROLE_WORDS: &[&str] = &["master", "metalogger", "chunkserver", "client"];

/// A group.
pub static GROUP: Section = Section {
    name: "group",
    fields: &[must("nodes", List(&Text), "names of its nodes"), ROLES, NODE_SSH, NODE_STORAGE, DISKS, MOUNTS, CHUNKSERVER, METALOGGER],
};

/// A node.
pub static NODE: Section = Section {
    name: "node",
    fields: &[
        must("address", Text, "IPv4 address in the cluster's network"),
        ROLES,
        NODE_SSH,
        NODE_STORAGE,
        key("priority", Int(1, 253), "masters: keepalived priority; default 150 for the preferred one, 100 for the other"),
        DISKS,
        MOUNTS,
        CHUNKSERVER,
        METALOGGER,
    ],
};
