//! The remote room against a real OpenSSH server: each trap of ssh, sudo and known_hosts once for real.
//!
//! Needs root and Debian's `openssh-server`, `openssh-client`, `sudo`, `iproute2`, `util-linux`. Every server runs in
//! mount and process namespaces of its own with users of its own; the machine's files are not touched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod backup;
mod commands;
mod faults;
mod hostkeys;
mod login;
mod root;
mod routes;
mod server;
