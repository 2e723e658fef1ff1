//! `mfsctl status --watch`: the live dashboard, in three parts that do not know each other's work.
//!
//! - [`model`]: what is known, node by node, and where the operator is. Plain values.
//! - [`update`]: messages (a key, a node's look, the clock) → the next model, and what is to be done outside. Pure.
//! - [`view`]: the model → a frame. Pure but for the frame it is given.
//!
//! Threads, terminal and signals are the command's (`command/status/watch.rs`).

mod detail;
mod keys;
mod model;
mod panes;
mod sheet;
mod update;
mod view;

pub use keys::key;
pub use model::{Look, Model, Pane, Word};
pub use update::{Effect, Key, Message, update};
pub use view::draw;

#[cfg(test)]
mod tests;
