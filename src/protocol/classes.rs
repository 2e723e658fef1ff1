//! SCLASS_INFO: storage classes. Form 0, which an empty request gets from every version; 3.0 (since 3.0.75) and 4.x fill it
//! differently. 4.59.2 pads it with zeros at the end, where no class can begin: their numbers start at 1.

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "SCLASS_INFO", command: 542, payload: &[] };

/// Bytes of one label expression with its number of matching servers: four masks of 32 bits and 16 bits (3.0), 128 bytes and 16 bits (4.x).
const LABELS: [usize; 2] = [18, 130];

/// One storage class. In 3.0 the first nine are the goals 1–9.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StorageClass {
    /// Its number.
    pub id: u8,
    /// Its name.
    pub name: String,
    /// Only administrators may use it.
    pub admin_only: bool,
    /// Files in it.
    pub files: u32,
    /// Directories in it.
    pub directories: u32,
    /// Copies kept.
    pub copies: u8,
    /// Whether the chunkservers there are now can keep them.
    pub keep: Fulfilled,
    /// Chunks with fewer copies than wanted, in any of its states.
    pub under: u64,
    /// Chunks as wanted.
    pub exact: u64,
    /// Chunks with more copies than wanted.
    pub over: u64,
}

/// Whether what a class wants can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilled {
    /// Too few servers fit.
    No,
    /// Servers that fit have no space.
    NoSpace,
    /// Servers that fit are overloaded.
    Overloaded,
    /// Yes.
    Yes,
}

/// Whether a master of that version answers in this form.
pub(super) fn known_to(version: Version) -> bool {
    version >= Version::new(3, 0, 75)
}

pub(super) fn decode(master: Version, payload: &[u8]) -> Result<Vec<StorageClass>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    wire.u16()?; // servers connected
    let mut classes = Vec::new();
    while !wire.is_empty() {
        let id = wire.u8()?;
        if id == 0 {
            break;
        }
        classes.push(record(master.major >= 4, id, &mut wire)?);
    }
    Ok(classes)
}

fn record(four: bool, id: u8, wire: &mut Wire) -> Result<StorageClass, ProtocolError> {
    let length = usize::from(wire.u8()?);
    let name = String::from_utf8_lossy(wire.bytes(length)?).into_owned();
    let (files, directories) = (wire.u32()?, wire.u32()?);
    // counters of keep and archive, and of the trash in 4.x
    let states = if four { 3 } else { 2 };
    let sum = |wire: &mut Wire| (0..states).try_fold(0_u64, |sum, _| wire.u64().map(|n| sum.saturating_add(n)));
    let (under, exact, over) = (sum(wire)?, sum(wire)?, sum(wire)?);
    let admin_only = wire.u8()? != 0;
    wire.bytes(if four { 5 } else { 3 })?; // label mode, delays of archive and trash
    let mut labels = 0;
    let mut state = |wire: &mut Wire, rest: usize| -> Result<(u8, u8), ProtocolError> {
        let (fulfilled, count) = (wire.u8()?, wire.u8()?);
        labels += usize::from(count);
        wire.bytes(rest)?; // EC level, unique mask
        Ok((fulfilled, count))
    };
    let (create, keep, archive, trash) = if four { (4, 4, 5, Some(5)) } else { (0, 0, 0, None) };
    state(wire, create)?;
    let (fulfilled, copies) = state(wire, keep)?;
    state(wire, archive)?;
    if let Some(rest) = trash {
        state(wire, rest)?;
    }
    wire.bytes(labels * LABELS[usize::from(four)])?;
    Ok(StorageClass {
        id,
        name,
        admin_only,
        files,
        directories,
        copies,
        keep: match fulfilled {
            0 => Fulfilled::No,
            1 => Fulfilled::NoSpace,
            2 => Fulfilled::Overloaded,
            _ => Fulfilled::Yes,
        },
        under,
        exact,
        over,
    })
}
