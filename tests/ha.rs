//! The node-side scripts, function by function, in a sandbox: their own /run, /var and /proc, fake system
//! programs on PATH, and real witnesses on loopback addresses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "ha/alerts.rs"]
mod alerts;
#[path = "ha/down.rs"]
mod down;
#[path = "ha/holds.rs"]
mod holds;
#[path = "ha/holes.rs"]
mod holes;
#[path = "ha/metadata.rs"]
mod metadata;
#[path = "ha/newborn.rs"]
mod newborn;
#[path = "ha/pulse.rs"]
mod pulse;
#[path = "ha/sandbox.rs"]
mod sandbox;
#[path = "ha/shipped.rs"]
mod shipped;
#[path = "ha/space.rs"]
mod space;
#[path = "ha/switchover.rs"]
mod switchover;
#[path = "ha/view.rs"]
mod view;
#[path = "ha/votes.rs"]
mod votes;
#[path = "ha/worker.rs"]
mod worker;
