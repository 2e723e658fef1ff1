//! Limits how many logins run against one sshd at once.
//!
//! sshd counts connections that are not logged in yet and drops some beyond `MaxStartups`
//! (10:30:100 unless configured: sshd_config(5)); established sessions do not count.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Counts logins in progress by address.
pub(super) struct Gates {
    most: usize,
    busy: Mutex<HashMap<String, usize>>,
    freed: Condvar,
}

/// One login in progress.
pub(super) struct Permit<'a> {
    gates: &'a Gates,
    address: String,
}

impl Gates {
    pub fn new(most: usize) -> Self {
        Self { most: most.max(1), busy: Mutex::default(), freed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place at `address`.
    pub fn enter(&self, address: &str) -> Permit<'_> {
        let full = |busy: &mut HashMap<String, usize>| busy.get(address).copied().unwrap_or(0) >= self.most;
        let mut busy = self.freed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        *busy.entry(address.to_owned()).or_default() += 1;
        Permit { gates: self, address: address.to_owned() }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut busy = self.gates.lock();
        if let Some(count) = busy.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                busy.remove(&self.address);
            }
        }
        drop(busy);
        self.gates.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn no_more_than_the_limit_are_inside() {
        let gates = Gates::new(3);
        let (inside, peak) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    let _permit = gates.enter("a:22");
                    peak.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(2));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(peak.load(Ordering::SeqCst), 3);
        assert!(gates.lock().is_empty());
    }
}
