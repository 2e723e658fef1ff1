//! The example inventories load, and resolve to what they say.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use mfsctl::inventory::{self, LoadOptions, Loaded, model::Role};

fn example(name: &str) -> Loaded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("inventory").join(name);
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    inventory::load(&path, &options).unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()))
}

#[test]
fn every_example_loads() {
    for (name, clients) in [("minimal.yaml", 1), ("reference.yaml", 3), ("lab.yaml", 3)] {
        let loaded = example(name);
        let roles = |role| loaded.cluster.with_role(role).count();
        assert_eq!(
            (roles(Role::Master), roles(Role::Metalogger), roles(Role::Chunkserver), roles(Role::Client)),
            (2, 2, 3, clients),
            "{name}"
        );
        let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).filter(|w| !w.contains("in clear")).collect();
        assert_eq!(told, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_reference_cluster_resolves() {
    let cluster = example("reference.yaml").cluster;
    insta::assert_snapshot!(serde_yaml::to_string(&cluster).unwrap());
}
