//! CSSERV_COMMAND: what an operator may tell the master about one of its chunkservers.
//!
//! The only messages here that change something. The master asks for no password: who reaches its client
//! port may send them. Layout: `command:8 ip:32 port:16` → `status:8` (MooseFS ≥ 1.6.28; maintenance ≥ 2.0.11).

use std::net::Ipv4Addr;

use serde::Serialize;

use super::frame::{self, Ask};
use super::wire::Wire;
use super::{Master, ProtocolError};
use crate::remote::Stream;

const ASK: Ask = Ask { name: "CSSERV_COMMAND", command: 524, payload: &[] };

/// What the master is told about a chunkserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerOrder {
    /// Forget it; only one that is not connected. Chunks that were only there are lost to the file system.
    Remove,
    /// Use it normally again at once, after a time of grace.
    BackToWork,
    /// Missing it starts no replication, until told otherwise.
    MaintenanceOn,
    /// Missing it starts replication again.
    MaintenanceOff,
}

impl ServerOrder {
    fn number(self) -> u8 {
        match self {
            Self::Remove => 0,
            Self::BackToWork => 1,
            Self::MaintenanceOn => 2,
            Self::MaintenanceOff => 3,
        }
    }

    /// It, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Remove => "remove from the master",
            Self::BackToWork => "back to work",
            Self::MaintenanceOn => "maintenance on",
            Self::MaintenanceOff => "maintenance off",
        }
    }
}

/// What the master answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerAnswer {
    /// Done; also when it was so already.
    Done,
    /// It knows no chunkserver of that address and port (41).
    NotFound,
    /// The chunkserver is connected, and cannot be removed (42).
    Active,
    /// Another status of MooseFS's.
    Other(u8),
}

impl ServerAnswer {
    /// It, for people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::NotFound => "the master knows no chunkserver of that address and port".to_owned(),
            Self::Active => "the chunkserver is connected".to_owned(),
            Self::Other(status) => format!("the master answered with status {status}"),
        }
    }
}

impl Master {
    /// Tells the master something about the chunkserver of that address and port (as its list has them), over a connection
    /// to [`super::MASTER_PORT`]. What came of it is seen in the list of chunkservers.
    ///
    /// # Errors
    /// Any [`ProtocolError`]; whether the master acted is unknown then.
    pub fn order<S: Stream + ?Sized>(
        stream: &mut S,
        order: ServerOrder,
        address: Ipv4Addr,
        port: u16,
    ) -> Result<ServerAnswer, ProtocolError> {
        let mut payload = vec![order.number()];
        payload.extend(address.octets());
        payload.extend(port.to_be_bytes());
        let mut frame = Vec::new();
        ASK.encode_with(&payload, &mut frame);
        frame::send(stream, ASK.name, &frame)?;
        decode(&ASK.answer(stream)?)
    }
}

fn decode(payload: &[u8]) -> Result<ServerAnswer, ProtocolError> {
    let mut wire = Wire::new(ASK.name, payload);
    let status = wire.u8()?;
    wire.end()?;
    Ok(match status {
        0 => ServerAnswer::Done,
        41 => ServerAnswer::NotFound,
        42 => ServerAnswer::Active,
        other => ServerAnswer::Other(other),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A stream that gives fixed bytes and keeps what is written.
    struct Peer {
        gives: Cursor<Vec<u8>>,
        got: Vec<u8>,
    }

    impl std::io::Read for Peer {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.gives.read(buffer)
        }
    }

    impl std::io::Write for Peer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.got.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(order: ServerOrder, answer: &[u8]) -> (Vec<u8>, Result<ServerAnswer, ProtocolError>) {
        let mut peer = Peer { gives: Cursor::new(answer.to_vec()), got: Vec::new() };
        let result = Master::order(&mut peer, order, Ipv4Addr::new(172, 16, 0, 43), 9422);
        (peer.got, result)
    }

    fn status(status: u8) -> Vec<u8> {
        // a NOP may come first
        [&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 13, 0, 0, 0, 1][..], &[status]].concat()
    }

    #[test]
    fn the_frame_is_as_mfscli_packs_it() {
        for (order, number) in
            [(ServerOrder::Remove, 0), (ServerOrder::BackToWork, 1), (ServerOrder::MaintenanceOn, 2), (ServerOrder::MaintenanceOff, 3)]
        {
            let (sent, answer) = told(order, &status(0));
            assert_eq!(sent, [0, 0, 2, 12, 0, 0, 0, 7, number, 172, 16, 0, 43, 0x24, 0xCE]);
            assert_eq!(answer.unwrap(), ServerAnswer::Done);
        }
    }

    #[test]
    fn each_answer_is_told_apart() {
        let answer = |s| told(ServerOrder::Remove, &status(s)).1.unwrap();
        assert_eq!((answer(41), answer(42), answer(1)), (ServerAnswer::NotFound, ServerAnswer::Active, ServerAnswer::Other(1)));
        assert!(answer(41).words().contains("no chunkserver") && answer(9).words().contains("status 9"));
    }

    #[test]
    fn an_odd_answer_is_an_error() {
        let long = [&[0, 0, 2, 13, 0, 0, 0, 2, 0, 0][..]].concat();
        assert!(matches!(told(ServerOrder::Remove, &long).1, Err(ProtocolError::Malformed { .. })));
        assert!(matches!(told(ServerOrder::Remove, &[]).1, Err(ProtocolError::Closed { .. })));
    }
}
