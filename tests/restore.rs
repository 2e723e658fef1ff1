//! The node-side script of a restore, command by command: on directories that real masters and metaloggers left, damaged in
//! every way known, with the real mfsmaster where its package is at hand and a stand-in elsewhere; cut off at every step.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[path = "restore/build.rs"]
mod build;
#[path = "restore/follow.rs"]
mod follow;
#[path = "restore/install.rs"]
mod install;
#[path = "restore/merge.rs"]
mod merge;
#[path = "restore/sandbox.rs"]
mod sandbox;
