//! What clients see: exports, topology, tenants.

use crate::inventory::diagnostic::Placed;
use crate::inventory::document::TenantPart;
use crate::inventory::keys::{EXPORT, TENANT, TOPOLOGY};
use crate::inventory::model::{Export, MountForm, Tenant, Topology};
use crate::inventory::read::node;
use crate::inventory::reader::{Fields, Reader};
use crate::inventory::rule;
use crate::inventory::suggest::closest;
use crate::inventory::tree::Tree;
use crate::inventory::unit;

/// Reads `exports`.
pub fn exports(r: &mut Reader<'_>, tree: &Tree) -> Vec<Placed<Export>> {
    let items = r.list(tree, "exports");
    items.iter().filter_map(|item| export(r, item)).collect()
}

fn export(r: &mut Reader<'_>, tree: &Tree) -> Option<Placed<Export>> {
    let fields = r.fields(tree, &EXPORT, "an export")?;
    let network = network(r, &fields);
    let path = fields.get("path").and_then(|t| r.checked(t, "export path", |p| if p == "." { Ok(()) } else { rule::path(p) }));
    let options = fields.get("options").map(|t| export_options(r, t)).unwrap_or_default();
    let password = fields.get("password").and_then(|t| r.checked_secret(t, "export password", rule::export_password));
    Some(Placed::new(Export { network, path: path?.value, options, password: password.map(|p| p.value) }, tree.at))
}

fn network(r: &mut Reader<'_>, fields: &Fields<'_>) -> String {
    fields.get("network").and_then(|t| r.checked(t, "network", network_rule)).map_or_else(|| "*".to_owned(), |n| n.value)
}

fn network_rule(text: &str) -> rule::Verdict {
    rule::network(text).map(|_| ()).ok_or("write *, an address, a.b.c.d/len, a.b.c.d/mask or from-to")
}

/// Options of mfsexports.cfg, from the 3.0 and 4.x manuals; `=` marks those with a value.
const EXPORT_OPTIONS: &[&str] = &[
    "rw",
    "ro",
    "readwrite",
    "readonly",
    "alldirs",
    "dynamicip",
    "ignoregid",
    "admin",
    "canchangequota",
    "maproot=",
    "mapall=",
    "minversion=",
    "mingoal=",
    "maxgoal=",
    "mintrashtime=",
    "maxtrashtime=",
    "mintrashretention=",
    "maxtrashretention=",
    "sclassgroups=",
    "disable=",
    "umask=",
];

fn export_options(r: &mut Reader<'_>, tree: &Tree) -> Vec<String> {
    let mut options = Vec::new();
    for option in r.texts(tree, "export options", true) {
        let (name, value) = option.value.split_once('=').map_or((option.value.as_str(), None), |(n, v)| (n, Some(v)));
        let full = if value.is_some() { format!("{name}=") } else { name.to_owned() };
        if matches!(name, "password" | "md5pass") {
            r.error(option.at, format!("export option {name} cannot be set here"), "write `password:` beside `options:`");
        } else if let Err(rule) = rule::export_option(&option.value) {
            r.error(option.at, format!("unsafe export option {name:?}"), rule);
        } else if matches!(name, "mingoal" | "maxgoal") && !value.is_some_and(|v| v.len() == 1 && ("1"..="9").contains(&v)) {
            r.error(option.at, format!("{name} must be a goal"), "a goal is a number from 1 to 9");
        } else if !EXPORT_OPTIONS.contains(&full.as_str()) {
            let hint = closest(&full, EXPORT_OPTIONS)
                .map_or_else(|| format!("known: {}", EXPORT_OPTIONS.join(", ")), |o| format!("did you mean {o:?}?"));
            r.findings.warn(option.at, format!("unknown export option {full:?}: the master ignores it or the whole line"), hint);
            options.push(option.value.clone());
        } else {
            options.push(option.value.clone());
        }
    }
    options
}

/// Reads `topology`.
pub fn topology(r: &mut Reader<'_>, tree: &Tree) -> Vec<Topology> {
    let mut lines = Vec::new();
    for item in r.list(tree, "topology") {
        let Some(fields) = r.fields(item, &TOPOLOGY, "a topology line") else { continue };
        let network = network(r, &fields);
        if let Some(switch) = fields.get("switch").and_then(|t| r.int(t, "switch", 0, i64::from(u32::MAX))) {
            lines.push(Topology { network, switch: switch.value });
        }
    }
    lines
}

/// What mfsmaster wants free below a hard limit of the size before it lets a chunk be written, in bytes (3.0.117, measured: a write of
/// five bytes is refused under 8 MiB, and a file of one block counts 65,536 bytes and a header of 8,192).
const CHUNK_WITH_HEADER: u64 = 67_117_056;

/// Reads `tenants`.
pub fn tenants(r: &mut Reader<'_>, tree: &Tree) -> Vec<TenantPart> {
    let items = r.list(tree, "tenants");
    items.iter().filter_map(|item| tenant(r, item)).collect()
}

fn tenant(r: &mut Reader<'_>, tree: &Tree) -> Option<TenantPart> {
    let fields = r.fields(tree, &TENANT, "a tenant")?;
    let name = fields.get("name").and_then(|t| r.checked(t, "tenant name", rule::plain_name));
    let folder = fields.get("folder").and_then(|t| r.checked(t, "tenant folder", rule::path));
    if let Some(folder) = folder.as_ref().filter(|f| f.value == "/") {
        r.error(folder.at, "a tenant cannot have the whole file system", "give it a folder of its own, e.g. /business1");
    }
    let owner = fields.get("owner").and_then(|t| r.checked(t, "tenant owner", rule::owner));
    let mode = fields.get("mode").and_then(|t| mode(r, t));
    let network = network(r, &fields);
    let options = match fields.get("options") {
        Some(tree) => export_options(r, tree),
        None => ["rw", "alldirs", "maproot=0"].map(str::to_owned).to_vec(),
    };
    let password = fields.get("password").and_then(|t| r.checked_secret(t, "tenant password", rule::export_password));
    let goal = fields.get("goal").and_then(|t| r.int::<u8>(t, "goal", 1, 9)).map(|g| g.value);
    let trashtime = fields.get("trashtime").and_then(|t| trashtime(r, t));
    let quota = fields.get("quota").and_then(|t| r.size(t, "quota"));
    if let Some(small) = quota.as_ref().filter(|q| q.value < CHUNK_WITH_HEADER) {
        r.error(
            small.at,
            "nothing could be written under this quota",
            "before each write MooseFS wants room for a whole chunk, 64 MiB and its header: give 64 MiB more than is to be stored",
        );
    }
    let quota = quota.map(|q| q.value);
    let clients = fields.get("clients").map(|t| r.texts(t, "the clients of a tenant", false)).unwrap_or_default();
    let mount = fields.get("mount").and_then(|t| r.checked(t, "mount point", rule::mount_path));
    let form = fields.get("form").map_or(MountForm::Classic, |t| node::form(r, t));
    let name = name?.value;
    let folder = folder.map_or_else(|| format!("/{name}"), |f| f.value);
    let mount = mount.unwrap_or_else(|| Placed::new(format!("/mnt/{name}"), fields.place("name")));
    let tenant = Tenant {
        name,
        folder: folder.clone(),
        owner: owner.map(|o| o.value),
        mode: mode.unwrap_or(0o770),
        goal,
        trashtime,
        quota,
        clients: clients.iter().map(|c| c.value.clone()).collect(),
        mount: mount.value.clone(),
    };
    Some(TenantPart {
        at: tree.at,
        export: Export { network, path: folder, options, password: password.map(|p| p.value) },
        clients,
        mount,
        form,
        tenant,
    })
}

fn trashtime(r: &mut Reader<'_>, tree: &Tree) -> Option<u32> {
    let text = r.text(tree, "trash time")?;
    let seconds = unit::trashtime(&text.value);
    if seconds.is_none() {
        r.error(text.at, format!("trash time {:?} is not a time", text.value), "write seconds, or a number with m, h, d or w: 36h");
    }
    seconds
}

fn mode(r: &mut Reader<'_>, tree: &Tree) -> Option<u32> {
    let text = r.text(tree, "mode")?;
    let digits = text.value.strip_prefix("0o").unwrap_or(&text.value);
    let mode = u32::from_str_radix(digits, 8).ok().filter(|m| *m <= 0o7777 && digits.len() >= 3 && !digits.starts_with('+'));
    if mode.is_none() {
        r.error(text.at, format!("mode {:?} is not octal permissions", text.value), "write 0770");
    }
    mode
}
