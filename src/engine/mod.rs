//! Runs a plan: one connection a host, stages that wait only for what they need, events for whoever watches.
//!
//! Nothing else in mfsctl changes a host.

pub mod act;
pub mod converge;
pub mod event;
pub mod fleet;
pub mod history;
pub mod interrupt;
pub mod lock;
pub mod run;
pub mod script;
