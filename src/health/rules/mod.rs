//! The rules, by what they look at.

pub mod local;
pub mod members;
pub mod moosefs;
pub mod nodes;
pub mod pair;
