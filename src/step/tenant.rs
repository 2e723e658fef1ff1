//! Tenants' directories, made through one mount of the whole file system that only root can reach.
//!
//! Whether they are there is seen through a mount of `/` on the same client, when there is one. Else a stamp
//! tells: a file naming what was made, written after it was. It counts for nothing while the cluster has no metadata.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::daemon::script;
use super::exports::password_is_sound;
use super::file::{self, ManagedFile};
use super::{Action, Outcome, Refusal, StepDef, View, master};
use crate::fact::file::FileFact;
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Export, Role, Tenant};

const SCRIPT: &str = include_str!("../../playbooks/files/mfs-tenants.sh");

/// Steps of this file.
pub const STEPS: &[StepDef] = &[
    StepDef { name: "tenants", about: "Directories of the tenants, with goal, trash time and quota", plan: tenants },
    StepDef { name: "tenant-forgotten", about: "Nothing is remembered of tenants that are gone", plan: forgotten },
    StepDef { name: "tenant-deleted", about: "The directory of a tenant whose data were given up", plan: deleted },
];

fn tenants(view: &View) -> Outcome {
    let all = &view.cluster.tenants;
    if all.is_empty() {
        return Outcome::Unchanged("the inventory has no tenants".to_owned());
    }
    let missing: Vec<&Tenant> = match &view.facts.moosefs.tenants {
        Some(seen) => all.iter().filter(|t| !seen.get(&t.folder).is_some_and(|dir| is_so(t, dir))).collect(),
        None => {
            let stamp = view.facts.files.content(layout::TENANTS_STAMP).filter(|_| has_metadata(view)).unwrap_or_default();
            all.iter().filter(|t| !stamp.lines().any(|l| l == stamp_line(t))).collect()
        }
    };
    if missing.is_empty() {
        return Outcome::Unchanged(format!("the directories of all {} tenants are there", all.len()));
    }
    match make(view, &missing) {
        Ok(actions) => Outcome::Do(actions),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

fn owner_is(tenant: &Tenant, dir: &crate::fact::moosefs::TenantDir) -> bool {
    tenant.owner.as_ref().is_none_or(|owner| {
        let matches = |have: &str| have == owner || (!owner.contains(':') && have.split(':').next() == Some(owner));
        matches(&dir.ids) || matches(&dir.names)
    })
}

fn is_so(tenant: &Tenant, dir: &crate::fact::moosefs::TenantDir) -> bool {
    dir.mode == tenant.mode
        && owner_is(tenant, dir)
        && tenant.goal.is_none_or(|goal| dir.goal == Some(goal))
        && tenant.trashtime.is_none_or(|time| dir.trashtime == Some(time))
        && tenant.quota.is_none_or(|quota| dir.quota == Some(quota))
}

fn stamp_line(tenant: &Tenant) -> String {
    let mut line = format!("{} {:04o} {}", tenant.folder, tenant.mode, tenant.owner.as_deref().unwrap_or("-"));
    for (name, value) in ["goal", "trashtime", "quota"].into_iter().zip(settings(tenant)).filter(|(_, value)| !value.is_empty()) {
        line.push_str(&format!(" {name}={value}"));
    }
    line
}

/// Goal, trash time and quota as the script takes them; empty for what is not set.
fn settings(tenant: &Tenant) -> [String; 3] {
    let text = |value: Option<u64>| value.map(|v| v.to_string()).unwrap_or_default();
    [text(tenant.goal.map(u64::from)), text(tenant.trashtime.map(u64::from)), text(tenant.quota)]
}

/// Whether the cluster had saved metadata when it was looked at: without, every stamp is of an earlier cluster.
fn has_metadata(view: &View) -> bool {
    let masters = view.cluster.with_role(Role::Master).filter_map(|n| view.state.get(&n.name)?.as_ref().ok());
    masters.into_iter().any(|f| f.moosefs.data.metadata().next().is_some())
}

fn make(view: &View, missing: &[&Tenant]) -> Result<Vec<Action>, Refusal> {
    let export = admin_export(view, missing.iter().any(|t| t.quota.is_some()))?;
    let mut arguments = vec![view.cluster.vip.name.clone(), master::client_port(view).to_string()];
    for tenant in missing {
        if !tenant.folder.starts_with('/') || tenant.folder.split('/').any(|part| part == "..") || tenant.mode > 0o7777 {
            return Err(Refusal {
                found: format!("tenant {}: folder {:?}, mode {:o}", tenant.name, tenant.folder, tenant.mode),
                fix: "write a folder as an absolute path in the file system, and a mode up to 7777".to_owned(),
            });
        }
        arguments.extend([tenant.folder.clone(), format!("{:04o}", tenant.mode), tenant.owner.clone().unwrap_or_default()]);
        arguments.extend(settings(tenant));
    }
    let options = options(export)?;
    let names: Vec<&str> = missing.iter().map(|t| t.name.as_str()).collect();
    let title = format!("make the directories of {}", names.join(", "));
    let mut actions = vec![Action::run(title, script(SCRIPT, &arguments)).input(options).within(Duration::from_secs(180))];
    actions.extend(file::ensure(view, stamp(view))?);
    Ok(actions)
}

fn stamp(view: &View) -> ManagedFile {
    let lines: String = view.cluster.tenants.iter().map(|t| stamp_line(t) + "\n").collect();
    ManagedFile::new(layout::TENANTS_STAMP, lines).mode(0o600)
}

/// The options file of the admin mount.
fn options(export: &Export) -> Result<String, Refusal> {
    let Some(password) = &export.password else { return Ok(String::new()) };
    password_is_sound(password, "the export of /")?;
    Ok(format!("mfspassword={}\n", password.expose()))
}

/// The stamp names no tenant that the inventory does not have: were it to come back, its directory would be taken for made.
fn forgotten(view: &View) -> Outcome {
    if !matches!(view.facts.files.get(layout::TENANTS_STAMP), Some(FileFact::Regular { .. })) {
        return Outcome::Unchanged("nothing is remembered here".to_owned());
    }
    match file::ensure(view, stamp(view)) {
        Ok(action) => Outcome::from_actions(action.into_iter().collect(), "what is remembered is what the inventory has"),
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// Removes the directory of the tenant whose data the operator gave up, with all that is in it.
fn deleted(view: &View) -> Outcome {
    let Some(folder) = &view.consent.delete_folder else { return Outcome::Unchanged("its directory stays".to_owned()) };
    let sound = folder.starts_with('/') && folder.len() > 1 && !folder.split('/').any(|part| part == ".." || part == ".");
    let export = match admin_export(view, false) {
        Ok(export) if sound => export,
        Ok(_) => return Outcome::refused(format!("{folder:?} is no folder that can be removed"), "name a tenant's own folder"),
        Err(refusal) => return Outcome::Refused(refusal),
    };
    match options(export) {
        Ok(options) => {
            let arguments = [view.cluster.vip.name.clone(), master::client_port(view).to_string(), "--delete".to_owned(), folder.clone()];
            let action = Action::run(format!("remove {folder} and everything in it"), script(SCRIPT, &arguments));
            Outcome::Do(vec![action.input(options).within(Duration::from_secs(3600))])
        }
        Err(refusal) => Outcome::Refused(refusal),
    }
}

/// The export through which this client may mount `/` as root; one without a password is preferred.
fn admin_export<'a>(view: &View<'a>, quota: bool) -> Result<&'a Export, Refusal> {
    let exports = &view.cluster.exports;
    let fits = |e: &&Export| {
        let option = |words: &[&str]| e.options.iter().any(|o| words.contains(&o.as_str()));
        let root = ["maproot=0", "maproot=0:0", "maproot=root", "maproot=root:root"];
        let may = !quota || option(&["admin", "canchangequota"]);
        may && e.path == "/" && option(&["rw", "readwrite"]) && option(&root) && covers(&e.network, view.node.address)
    };
    let (what, options) = match quota {
        true => ("mount / as root and set quotas, so tenants' quotas cannot be set", "rw, maproot=0 and admin"),
        false => ("mount / as root, so tenants' directories cannot be made", "rw and maproot=0"),
    };
    exports.iter().filter(fits).min_by_key(|e| e.password.is_some()).ok_or_else(|| Refusal {
        found: format!("no export lets {} ({}) {what}", view.node.name, view.node.address),
        fix: format!("add an export of / to {} with {options} (and a password)", view.node.address),
    })
}

/// Whether an address is in a network written as `*`, an address, `a.b.c.d/len`, `a.b.c.d/mask` or `from-to`.
fn covers(network: &str, address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    let parse = |text: &str| text.parse::<Ipv4Addr>().ok().map(u32::from);
    if network == "*" {
        return true;
    }
    if let Some((from, to)) = network.split_once('-') {
        return matches!((parse(from), parse(to)), (Some(from), Some(to)) if (from..=to).contains(&bits));
    }
    let Some((base, mask)) = network.split_once('/') else { return parse(network) == Some(bits) };
    let mask = match mask.parse::<u32>() {
        Ok(length @ 0..=32) => Some(u32::MAX.checked_shl(32 - length).unwrap_or(0)),
        _ => parse(mask),
    };
    matches!((parse(base), mask), (Some(base), Some(mask)) if base & mask == bits & mask)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::{World, actions, show};
    use super::*;
    use crate::fact::moosefs::{MetaFile, TenantDir};

    #[test]
    fn the_passing_mount_is_where_the_list_of_clients_knows_it() {
        let assigned = |name: &str| SCRIPT.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
        assert_eq!(assigned("root").replace("$private", assigned("private")), layout::ADMIN_MOUNT);
    }

    fn world() -> World {
        let mut world = World::new();
        let tenant = |name: &str| Tenant {
            name: name.into(),
            folder: format!("/{name}"),
            owner: Some("1000:1000".into()),
            mode: 0o770,
            ..Tenant::default()
        };
        world.cluster.tenants = vec![tenant("business1"), tenant("business2")];
        world.resurvey();
        world
    }

    #[test]
    fn made_once_and_remembered() {
        let mut world = world();
        let outcome = world.plan("node6", tenants);
        assert_eq!(actions(&outcome)[0].title, "make the directories of business1, business2");
        let text = show(&outcome);
        assert!(text.contains("mfsmaster 9421 /business1 0770 1000:1000 '' '' '' /business2 0770 1000:1000 '' '' ''"), "{text}");
        assert!(!text.contains("export-password") && text.contains("stdin: "), "{text}");
        world.apply_writes("node6", &outcome);
        assert_eq!(actions(&world.plan("node6", tenants)).len(), 1, "the stamp counts for nothing without metadata");
        world.facts("node1").moosefs.data.files.insert("metadata.mfs".into(), MetaFile::default());
        assert!(matches!(world.plan("node6", tenants), Outcome::Unchanged(_)));
        world.cluster.tenants[1].mode = 0o700;
        assert_eq!(actions(&world.plan("node6", tenants))[0].title, "make the directories of business2");
    }

    #[test]
    fn what_a_mount_shows_outweighs_the_stamp() {
        let mut world = world();
        let dir = |mode| TenantDir { mode, ids: "1000:1000".into(), names: "u:g".into(), ..TenantDir::default() };
        world.facts("node6").moosefs.tenants = Some(BTreeMap::from([("/business1".into(), dir(0o770)), ("/business2".into(), dir(0o755))]));
        assert_eq!(actions(&world.plan("node6", tenants))[0].title, "make the directories of business2");
        world.cluster.tenants[1].mode = 0o755;
        world.cluster.tenants[1].owner = Some("u".into());
        assert!(matches!(world.plan("node6", tenants), Outcome::Unchanged(_)));
    }

    #[test]
    fn goal_trash_time_and_quota_are_set_once_and_a_quota_needs_admin() {
        let mut world = world();
        world.cluster.tenants.truncate(1);
        world.cluster.tenants[0] =
            Tenant { goal: Some(2), trashtime: Some(3600), quota: Some(1 << 30), ..world.cluster.tenants[0].clone() };
        assert!(matches!(world.plan("node6", tenants), Outcome::Refused(r) if r.found.contains("set quotas") && r.fix.contains("admin")));
        world.cluster.exports[0].options.push("admin".into());
        let text = show(&world.plan("node6", tenants));
        assert!(text.contains("0770 1000:1000 2 3600 1073741824") && text.contains("goal=2 trashtime=3600 quota=1073741824"), "{text}");
        let mut dir = TenantDir { mode: 0o770, ids: "1000:1000".into(), goal: Some(2), trashtime: Some(3600), ..TenantDir::default() };
        world.facts("node6").moosefs.tenants = Some(BTreeMap::from([("/business1".into(), dir.clone())]));
        assert_eq!(actions(&world.plan("node6", tenants))[0].title, "make the directories of business1");
        dir.quota = Some(1 << 30);
        world.facts("node6").moosefs.tenants = Some(BTreeMap::from([("/business1".into(), dir)]));
        assert!(matches!(world.plan("node6", tenants), Outcome::Unchanged(_)));
    }

    #[test]
    fn what_goes_is_forgotten_and_only_what_was_given_up_is_removed() {
        let mut world = world();
        assert!(matches!(world.plan("node6", forgotten), Outcome::Unchanged(_)));
        let made = world.plan("node6", tenants);
        world.apply_writes("node6", &made);
        assert!(matches!(world.plan("node6", forgotten), Outcome::Unchanged(_)));
        world.cluster.tenants.truncate(1);
        assert!(!show(&world.plan("node6", forgotten)).contains("business2"));
        assert!(matches!(world.plan("node6", deleted), Outcome::Unchanged(_)));
        world.consent.delete_folder = Some("/business2".into());
        assert!(show(&world.plan("node6", deleted)).contains("9421 --delete /business2"));
        for wrong in ["/", "business2", "/a/../b", ""] {
            world.consent.delete_folder = Some(wrong.into());
            assert!(matches!(world.plan("node6", deleted), Outcome::Refused(_)), "{wrong}");
        }
    }

    #[test]
    fn without_an_export_for_root_it_is_refused() {
        let mut world = world();
        world.cluster.exports[0].network = "10.0.0.0/8".into();
        let outcome = world.plan("node6", tenants);
        assert!(matches!(&outcome, Outcome::Refused(r) if r.found.contains("node6 (172.16.0.11)")), "{outcome:?}");
        let mut world = super::tests::world();
        world.cluster.exports[0].options = vec!["rw".into()];
        assert!(matches!(world.plan("node6", tenants), Outcome::Refused(_)));
        let mut world = super::tests::world();
        world.cluster.tenants[0].folder = "/../etc".into();
        assert!(matches!(world.plan("node6", tenants), Outcome::Refused(_)));
    }

    #[test]
    fn networks_are_read_in_all_forms() {
        let address = Ipv4Addr::new(172, 16, 0, 11);
        for network in ["*", "172.16.0.11", "172.16.0.0/24", "172.16.0.0/255.255.255.0", "172.16.0.5-172.16.0.20", "0.0.0.0/0"] {
            assert!(covers(network, address), "{network}");
        }
        for network in ["172.16.0.12", "172.16.1.0/24", "172.16.0.12-172.16.0.20", "nonsense", "172.16.0.0/33"] {
            assert!(!covers(network, address), "{network}");
        }
    }
}
