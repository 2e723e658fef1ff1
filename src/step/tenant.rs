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
use crate::inventory::layout::moosefs as layout;
use crate::inventory::model::{Export, Role, Tenant};

const SCRIPT: &str = include_str!("../../playbooks/files/mfs-tenants.sh");

/// Steps of this file.
pub const STEPS: &[StepDef] = &[StepDef { name: "tenants", about: "Directories of the tenants", plan: tenants }];

fn tenants(view: &View) -> Outcome {
    let all = &view.cluster.tenants;
    if all.is_empty() {
        return Outcome::Unchanged("the inventory has no tenants".to_owned());
    }
    let missing: Vec<&Tenant> = match &view.facts.moosefs.tenants {
        Some(seen) => all.iter().filter(|t| !seen.get(&t.folder).is_some_and(|dir| dir.mode == t.mode && owner_is(t, dir))).collect(),
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

fn stamp_line(tenant: &Tenant) -> String {
    format!("{} {:04o} {}", tenant.folder, tenant.mode, tenant.owner.as_deref().unwrap_or("-"))
}

/// Whether the cluster had saved metadata when it was looked at: without, every stamp is of an earlier cluster.
fn has_metadata(view: &View) -> bool {
    let masters = view.cluster.with_role(Role::Master).filter_map(|n| view.state.get(&n.name)?.as_ref().ok());
    masters.into_iter().any(|f| f.moosefs.data.metadata().next().is_some())
}

fn make(view: &View, missing: &[&Tenant]) -> Result<Vec<Action>, Refusal> {
    let export = admin_export(view)?;
    let mut arguments = vec![view.cluster.vip.name.clone(), master::client_port(view).to_string()];
    for tenant in missing {
        if !tenant.folder.starts_with('/') || tenant.folder.split('/').any(|part| part == "..") || tenant.mode > 0o7777 {
            return Err(Refusal {
                found: format!("tenant {}: folder {:?}, mode {:o}", tenant.name, tenant.folder, tenant.mode),
                fix: "write a folder as an absolute path in the file system, and a mode up to 7777".to_owned(),
            });
        }
        arguments.extend([tenant.folder.clone(), format!("{:04o}", tenant.mode), tenant.owner.clone().unwrap_or_default()]);
    }
    let options = match &export.password {
        Some(password) => {
            password_is_sound(password, "the export of /")?;
            format!("mfspassword={}\n", password.expose())
        }
        None => String::new(),
    };
    let names: Vec<&str> = missing.iter().map(|t| t.name.as_str()).collect();
    let title = format!("make the directories of {}", names.join(", "));
    let mut actions = vec![Action::run(title, script(SCRIPT, &arguments)).input(options).within(Duration::from_secs(180))];
    let stamp: String = view.cluster.tenants.iter().map(|t| stamp_line(t) + "\n").collect();
    actions.extend(file::ensure(view, ManagedFile::new(layout::TENANTS_STAMP, stamp).mode(0o600))?);
    Ok(actions)
}

/// The export through which this client may mount `/` as root; one without a password is preferred.
fn admin_export<'a>(view: &View<'a>) -> Result<&'a Export, Refusal> {
    let exports = &view.cluster.exports;
    let fits = |e: &&Export| {
        let option = |words: &[&str]| e.options.iter().any(|o| words.contains(&o.as_str()));
        let root = ["maproot=0", "maproot=0:0", "maproot=root", "maproot=root:root"];
        e.path == "/" && option(&["rw", "readwrite"]) && option(&root) && covers(&e.network, view.node.address)
    };
    exports.iter().filter(fits).min_by_key(|e| e.password.is_some()).ok_or_else(|| Refusal {
        found: format!("no export lets {} ({}) mount / as root, so tenants' directories cannot be made", view.node.name, view.node.address),
        fix: format!("add an export of / to {} with rw and maproot=0 (and a password)", view.node.address),
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

    fn world() -> World {
        let mut world = World::new();
        let tenant = |name: &str| Tenant { name: name.into(), folder: format!("/{name}"), owner: Some("1000:1000".into()), mode: 0o770 };
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
        assert!(text.contains("mfsmaster 9421 /business1 0770 1000:1000 /business2 0770 1000:1000"), "{text}");
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
        let dir = |mode| TenantDir { mode, ids: "1000:1000".into(), names: "u:g".into() };
        world.facts("node6").moosefs.tenants = Some(BTreeMap::from([("/business1".into(), dir(0o770)), ("/business2".into(), dir(0o755))]));
        assert_eq!(actions(&world.plan("node6", tenants))[0].title, "make the directories of business2");
        world.cluster.tenants[1].mode = 0o755;
        world.cluster.tenants[1].owner = Some("u".into());
        assert!(matches!(world.plan("node6", tenants), Outcome::Unchanged(_)));
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
