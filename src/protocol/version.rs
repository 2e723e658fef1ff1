//! Versions on the wire.

use std::fmt;

use serde::{Serialize, Serializer};

use super::ProtocolError;
use super::frame::{self, Ask};
use super::wire::Wire;
use crate::remote::Stream;

const ASK: Ask = Ask { name: "GET_VERSION", command: 10, payload: &[] };

/// A MooseFS version; the licence edition is left out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// `4` of 4.59.2.
    pub major: u16,
    /// `59` of 4.59.2.
    pub minor: u8,
    /// `2` of 4.59.2.
    pub patch: u8,
}

impl Version {
    /// A version.
    #[must_use]
    pub const fn new(major: u16, minor: u8, patch: u8) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `u16, u8, u8`. From 2.0 on the last number is doubled and odd for the PRO edition, but for 4.0 to 4.10.
    pub(super) fn from_wire(major: u16, minor: u8, last: u8) -> Self {
        let doubled = (major, minor) >= (2, 0) && !((4, 0)..(4, 11)).contains(&(major, minor));
        Self { major, minor, patch: if doubled { last / 2 } else { last } }
    }

    /// Reads `2.0.89`, or the start of a package's `3.0.117-1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(|c: char| !c.is_ascii_digit());
        let version =
            Self { major: numbers.next()?.parse().ok()?, minor: numbers.next()?.parse().ok()?, patch: numbers.next()?.parse().ok()? };
        Some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Asks for the version, as numbers and as text.
pub(super) fn ask<S: Stream + ?Sized>(stream: &mut S) -> Result<(Version, String), ProtocolError> {
    let mut frame = Vec::new();
    ASK.encode(&mut frame);
    frame::send(stream, ASK.name, &frame)?;
    decode(&ASK.answer(stream)?)
}

/// `version:32` and the rest as text.
pub(super) fn decode(payload: &[u8]) -> Result<(Version, String), ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let version = Version::from_wire(wire.u16()?, wire.u8()?, wire.u8()?);
    if version.major < 2 {
        return Err(wire.malformed(format!("version {version} is not supported")));
    }
    let text = String::from_utf8_lossy(payload.get(4..).unwrap_or_default()).trim_end_matches('\0').to_owned();
    Ok((version, text))
}
