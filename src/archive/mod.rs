//! Metadata on this machine: reading a directory of it.

mod read;

pub use read::read_directory;
