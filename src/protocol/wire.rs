//! Reading numbers and texts off a payload; running short is an error, never a panic.

use std::net::Ipv4Addr;

use super::ProtocolError;

/// A payload being read from front to back.
pub(super) struct Wire<'a> {
    message: &'static str,
    length: usize,
    rest: &'a [u8],
}

impl<'a> Wire<'a> {
    pub fn new(message: &'static str, payload: &'a [u8]) -> Self {
        Self { message, length: payload.len(), rest: payload }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The error that the payload is not as expected.
    pub fn malformed(&self, reason: impl Into<String>) -> ProtocolError {
        ProtocolError::Malformed { message: self.message, length: self.length, reason: reason.into() }
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], ProtocolError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| {
            self.malformed(format!("{count} more bytes expected at byte {}, {} left", self.length - self.rest.len(), self.rest.len()))
        })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(N)?);
        Ok(out)
    }

    pub fn u8(&mut self) -> Result<u8, ProtocolError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, ProtocolError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, ProtocolError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, ProtocolError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub fn ip(&mut self) -> Result<Ipv4Addr, ProtocolError> {
        Ok(Ipv4Addr::from(self.array::<4>()?))
    }

    /// A text preceded by its length in 32 bits; undecodable bytes are replaced.
    pub fn text(&mut self) -> Result<String, ProtocolError> {
        let length = self.u32()? as usize;
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }

    /// Makes sure that all was read.
    pub fn end(&self) -> Result<(), ProtocolError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed(format!("{} bytes too many", self.rest.len()))) }
    }
}
