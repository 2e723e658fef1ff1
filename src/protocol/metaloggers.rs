//! MLOG_LIST: the connected metaloggers, of which the master knows no more than this.

use std::net::Ipv4Addr;

use serde::Serialize;

use super::frame::Ask;
use super::wire::Wire;
use super::{ProtocolError, Version};

pub(super) const ASK: Ask = Ask { name: "MLOG_LIST", command: 522, payload: &[] };

/// One connected metalogger. How far behind it is, only its own files tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Metalogger {
    /// Address it came from.
    pub address: Ipv4Addr,
    /// Its version.
    pub version: Version,
}

pub(super) fn decode(payload: &[u8]) -> Result<Vec<Metalogger>, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let mut all = Vec::new();
    while !wire.is_empty() {
        let version = Version::from_wire(wire.u16()?, wire.u8()?, wire.u8()?);
        all.push(Metalogger { version, address: wire.ip()? });
    }
    all.sort_by_key(|m| m.address);
    Ok(all)
}
