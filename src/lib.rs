//! mfsctl provisions and runs MooseFS high-availability clusters over SSH.
//!
//! Every command is the same loop: observe → judge → plan → act → verify.
//! A room imports only from the rooms below it; see `docs/design.md`.

pub mod archive;
pub mod cli;
pub mod command;
pub mod context;
pub mod engine;
pub mod error;
pub mod fact;
pub mod health;
pub mod inventory;
pub mod lab;
pub mod metadata;
pub mod playbook;
pub mod protocol;
pub mod remote;
pub mod report;
pub mod step;
pub mod survey;
