//! Work inside the lab's network namespace: only the calling thread enters.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::error::{LabError, Result};

/// Name of a lab's namespace as `ip netns` knows it.
#[must_use]
pub fn name(lab: &str) -> String {
    format!("mfslab-{lab}")
}

/// The file that stands for a lab's namespace.
#[must_use]
pub fn path(lab: &str) -> PathBuf {
    PathBuf::from("/run/netns").join(name(lab))
}

/// Runs a function in a thread of the namespace; sockets it opens and processes it starts belong there.
///
/// # Errors
/// The namespace is gone or may not be entered; else what the function ends with.
pub fn within<T: Send>(namespace: &Path, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let file = File::open(namespace).map_err(LabError::io(namespace))?;
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                .map_err(|e| LabError::Io { what: format!("enter {}", namespace.display()), source: e.into() })?;
            work()
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
