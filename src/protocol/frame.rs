//! Frames: big-endian `u32 command, u32 length`, then the payload. Empty NOP frames may come at any time.

use std::io::ErrorKind;

use super::ProtocolError;
use crate::remote::Stream;

/// Sent by either side to keep a connection alive.
const NOP: u32 = 0;
/// Longest answer taken: room for some fifty thousand sessions.
const LIMIT: u32 = 16 << 20;
/// NOPs skipped in front of one answer; a peer that sends more has nothing to say.
const PATIENCE: u32 = 1000;

/// A request and the number of its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    /// MooseFS's name, for errors.
    pub name: &'static str,
    /// Command number; its answer has the next one.
    pub command: u32,
    /// Payload.
    pub payload: &'static [u8],
}

impl Ask {
    /// Appends the request's frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_with(self.payload, out);
    }

    /// Appends the request's frame with another payload.
    pub fn encode_with(&self, payload: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.command.to_be_bytes());
        // payloads of requests are of at most a few bytes
        out.extend_from_slice(&u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(payload);
    }

    /// Receives the answer's payload.
    pub fn answer<S: Stream + ?Sized>(&self, stream: &mut S) -> Result<Vec<u8>, ProtocolError> {
        let wanted = self.command + 1;
        for _ in 0..PATIENCE {
            let mut head = [0; 8];
            self.fill(stream, &mut head)?;
            let [c0, c1, c2, c3, l0, l1, l2, l3] = head;
            let (got, length) = (u32::from_be_bytes([c0, c1, c2, c3]), u32::from_be_bytes([l0, l1, l2, l3]));
            if length > LIMIT {
                return Err(ProtocolError::TooLarge { message: self.name, length, limit: LIMIT });
            }
            if got != NOP && got != wanted {
                return Err(ProtocolError::Unexpected { message: self.name, wanted, got });
            }
            let payload = self.payload_of(stream, length)?;
            if got == wanted {
                return Ok(payload);
            }
        }
        Err(ProtocolError::Unexpected { message: self.name, wanted, got: NOP })
    }

    /// Receives `length` bytes, growing as they come: a false length costs no memory.
    fn payload_of<S: Stream + ?Sized>(&self, stream: &mut S, length: u32) -> Result<Vec<u8>, ProtocolError> {
        let mut payload = Vec::new();
        let mut left = length as usize;
        let mut piece = [0; 16 << 10];
        while left > 0 {
            let size = left.min(piece.len());
            self.fill(stream, &mut piece[..size])?;
            payload.extend_from_slice(&piece[..size]);
            left -= size;
        }
        Ok(payload)
    }

    fn fill<S: Stream + ?Sized>(&self, stream: &mut S, buffer: &mut [u8]) -> Result<(), ProtocolError> {
        stream.read_exact(buffer).map_err(|source| match source.kind() {
            ErrorKind::UnexpectedEof => ProtocolError::Closed { message: self.name },
            _ => ProtocolError::Io { message: self.name, source },
        })
    }
}

/// Sends bytes.
pub(super) fn send<S: Stream + ?Sized>(stream: &mut S, message: &'static str, bytes: &[u8]) -> Result<(), ProtocolError> {
    stream.write_all(bytes).and_then(|()| stream.flush()).map_err(|source| ProtocolError::Io { message, source })
}
