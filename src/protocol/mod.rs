//! The MooseFS master's own protocol, as far as asking how things are needs it.
//!
//! One TCP connection to the client port (9421) answers in under a millisecond what the `mfscli`
//! program takes a tenth of a second for, and tells failures apart, which `mfscli` does not.
//! No registration is needed; a request of the wrong size makes the master close the connection,
//! so its version is asked first. Everything here only reads, but for [`Master::order`].
//!
//! Layouts: comments of `mfscommon/MFSCommunication.h` in the MooseFS sources; each field is
//! checked against what `mfscli` decoded from the same cluster at the same time (3.0.117, 4.59.2).
//!
//! Pure but for [`Master::ask`], [`Master::order`] and [`Disks::ask`], which exchange over a stream they are given.

mod chunkservers;
mod disks;
mod exports;
mod frame;
mod info;
mod matrix;
mod metaloggers;
mod orders;
mod sessions;
mod version;
mod wire;

use serde::Serialize;

use crate::remote::Stream;

pub use chunkservers::{Chunkserver, Load, Maintenance, Removal};
pub use disks::{Disk, DiskError};
pub use exports::ExportEntry;
pub use info::{MasterInfo, StoreStatus};
pub use matrix::{ChunkMatrix, Progress, Summary};
pub use metaloggers::Metalogger;
pub use orders::{ServerAnswer, ServerOrder};
pub use sessions::Session;
pub use version::Version;

/// The master's port for clients, where its status is asked too.
pub const MASTER_PORT: u16 = 9421;
/// A chunkserver's port, where its disks are asked.
pub const CHUNKSERVER_PORT: u16 = 9422;

/// Why an exchange failed. Names of messages are MooseFS's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Sending or receiving failed, or nothing came within the stream's deadline.
    #[error("{message}: {source}")]
    Io {
        /// Message under way.
        message: &'static str,
        /// The system's words.
        #[source]
        source: std::io::Error,
    },
    /// The other side closed the connection: it does not know the request, or it is not MooseFS.
    #[error("{message}: connection closed before the answer was complete")]
    Closed {
        /// Message under way.
        message: &'static str,
    },
    /// An answer claims more bytes than it can have.
    #[error("{message}: answer of {length} bytes is over the limit of {limit}")]
    TooLarge {
        /// Message under way.
        message: &'static str,
        /// Length claimed.
        length: u32,
        /// Longest length taken.
        limit: u32,
    },
    /// Another message came than the answer.
    #[error("{message}: answer {got} instead of {wanted}")]
    Unexpected {
        /// Message under way.
        message: &'static str,
        /// Command number of the answer.
        wanted: u32,
        /// Command number that came.
        got: u32,
    },
    /// The answer has another form than this version of MooseFS gives.
    #[error("{message}: cannot read the answer of {length} bytes: {reason}")]
    Malformed {
        /// Message under way.
        message: &'static str,
        /// Length of the answer.
        length: usize,
        /// What does not fit.
        reason: String,
    },
}

/// Everything a running master tells of its cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MasterReport {
    /// Version, as in [`MasterInfo::version`].
    pub version: Version,
    /// Version and build as the master writes it, `3.0.117-1`.
    pub version_text: String,
    /// The master itself.
    pub info: MasterInfo,
    /// Chunkservers, connected or known from before, ordered by address.
    pub chunkservers: Vec<Chunkserver>,
    /// Chunks by wanted and present copies.
    pub chunks: ChunkMatrix,
    /// Sessions of clients, the ones without a connection included.
    pub sessions: Vec<Session>,
    /// Connected metaloggers, ordered by address.
    pub metaloggers: Vec<Metalogger>,
    /// Exports in force; `None` from masters before 3.0.112.
    pub exports: Option<Vec<ExportEntry>>,
}

/// The master's side of the protocol.
pub struct Master;

impl Master {
    /// Asks everything over one connection to [`MASTER_PORT`]: the version, then the rest at once.
    ///
    /// # Errors
    /// Any [`ProtocolError`]; a master that is still loading its metadata does not listen yet.
    pub fn ask<S: Stream + ?Sized>(stream: &mut S) -> Result<MasterReport, ProtocolError> {
        let (version, version_text) = version::ask(stream)?;
        let list = chunkservers::request(version);
        let with_exports = exports::known_to(version);
        let mut asks = vec![info::ASK, list, matrix::ASK, sessions::ASK, metaloggers::ASK];
        if with_exports {
            asks.push(exports::ASK);
        }
        let mut batch = Vec::new();
        for ask in &asks {
            ask.encode(&mut batch);
        }
        frame::send(stream, info::ASK.name, &batch)?;
        Ok(MasterReport {
            version,
            version_text,
            info: info::decode(&info::ASK.answer(stream)?)?,
            chunkservers: chunkservers::decode(version, &list.answer(stream)?)?,
            chunks: matrix::decode(&matrix::ASK.answer(stream)?)?,
            sessions: sessions::decode(&sessions::ASK.answer(stream)?)?,
            metaloggers: metaloggers::decode(&metaloggers::ASK.answer(stream)?)?,
            exports: if with_exports { Some(exports::decode(&exports::ASK.answer(stream)?)?) } else { None },
        })
    }
}

/// The chunkserver's side of the protocol.
pub struct Disks;

impl Disks {
    /// Asks a chunkserver for its disks over one connection to its [`CHUNKSERVER_PORT`].
    ///
    /// # Errors
    /// Any [`ProtocolError`].
    pub fn ask<S: Stream + ?Sized>(stream: &mut S) -> Result<Vec<Disk>, ProtocolError> {
        let mut frame = Vec::new();
        disks::ASK.encode(&mut frame);
        frame::send(stream, disks::ASK.name, &frame)?;
        disks::decode(&disks::ASK.answer(stream)?)
    }
}

#[cfg(test)]
mod tests;
