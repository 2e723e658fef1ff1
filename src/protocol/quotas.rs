//! QUOTA_INFO: directories with a quota. An entry has its own grace period since 3.0.10; the layout without one is not read.
//!
//! The comment in MFSCommunication.h has a field in front that no master sends: two quotas of 4.59.2, on `/proj` and `/ec`,
//! came in 212 bytes, beginning with an inode.

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "QUOTA_INFO", command: 518, payload: &[] };

/// Grace period of a quota that has none of its own.
const DEFAULT_GRACE: u32 = 0;

/// One directory's quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// The directory.
    pub path: String,
    /// Whether a soft limit is exceeded.
    pub exceeded: bool,
    /// Since when, seconds since 1970.
    pub since: Option<u32>,
    /// Seconds a soft limit may be exceeded; `None` is the master's default.
    pub grace: Option<u32>,
    /// Inodes.
    pub inodes: Bound,
    /// Sum of the files' lengths, bytes.
    pub length: Bound,
    /// Sum of their chunks, bytes.
    pub size: Bound,
    /// Sum of all copies of their chunks, bytes.
    pub real_size: Bound,
}

/// What is used of a limit, and the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Bound {
    /// Used now.
    pub used: u64,
    /// May be exceeded for the grace period.
    pub soft: Option<u64>,
    /// May not be exceeded.
    pub hard: Option<u64>,
}

impl Bound {
    /// Share of the nearer limit that is used; `None` without a limit, above 1 when exceeded.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let limit = self.soft.into_iter().chain(self.hard).min()?;
        Some(if limit == 0 { f64::from(u8::from(self.used > 0)) } else { self.used as f64 / limit as f64 })
    }
}

impl Quota {
    /// The largest share of any of its limits.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        [self.inodes, self.length, self.size, self.real_size].iter().filter_map(Bound::share).max_by(f64::total_cmp)
    }
}

/// Whether a master of that version answers in this form.
pub(super) fn known_to(version: Version) -> bool {
    version >= Version::new(3, 0, 10)
}

/// The bits of the flags that say which limits there are: soft ones 1, 2, 4, 8 in the order of the fields, hard ones 16 times that.
pub(super) fn decode(payload: &[u8]) -> Result<Vec<Quota>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let mut quotas = Vec::new();
    while !wire.is_empty() {
        wire.u32()?; // inode
        let path = wire.text()?;
        let grace = wire.u32()?;
        let (exceeded, flags, since) = (wire.u8()?, wire.u8()?, wire.u32()?);
        let (soft, hard, used) = (four(&mut wire)?, four(&mut wire)?, four(&mut wire)?);
        let bound = |at: usize| Bound {
            used: used[at],
            soft: (flags & (1 << at) != 0).then_some(soft[at]),
            hard: (flags & (16 << at) != 0).then_some(hard[at]),
        };
        quotas.push(Quota {
            path,
            exceeded: exceeded != 0,
            since: (since > 0).then_some(since),
            grace: (grace != DEFAULT_GRACE && grace != u32::MAX).then_some(grace),
            inodes: bound(0),
            length: bound(1),
            size: bound(2),
            real_size: bound(3),
        });
    }
    quotas.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(quotas)
}

/// Inodes, length, size, size of all copies.
fn four(wire: &mut Wire) -> Result<[u64; 4], ProtocolError> {
    Ok([u64::from(wire.u32()?), wire.u64()?, wire.u64()?, wire.u64()?])
}
