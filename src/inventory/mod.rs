//! The inventory: one YAML file describes a cluster; [`model::Cluster`] is what it resolves to.

pub mod layout;
pub mod model;
pub mod secret;
