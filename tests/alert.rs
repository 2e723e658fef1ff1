//! The sender of alerts, as it runs on a master: its queue in a directory of its own, curl against real little
//! servers for mail and webhooks on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "alert/harm.rs"]
mod harm;
#[path = "alert/mail.rs"]
mod mail;
#[path = "alert/people.rs"]
mod people;
#[path = "alert/queue.rs"]
mod queue;
#[path = "alert/sandbox.rs"]
mod sandbox;
#[path = "alert/server.rs"]
mod server;
#[path = "alert/webhook.rs"]
mod webhook;
