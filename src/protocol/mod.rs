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
mod classes;
mod disks;
mod exports;
mod frame;
mod info;
mod loops;
mod matrix;
mod metaloggers;
mod missing;
mod orders;
mod quotas;
mod sessions;
mod version;
mod wire;

use serde::Serialize;

use crate::remote::Stream;

pub use chunkservers::{Chunkserver, Load, Maintenance, Removal};
pub use classes::{Fulfilled, StorageClass};
pub use disks::{Disk, DiskError};
pub use exports::ExportEntry;
pub use info::{MasterInfo, StoreStatus};
pub use loops::{CheckLoop, ChunkLoop};
pub use matrix::{ChunkMatrix, Progress, Summary};
pub use metaloggers::Metalogger;
pub use missing::{MissingChunk, MissingChunks};
pub use orders::{ServerAnswer, ServerOrder};
pub use quotas::{Bound, Quota};
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
    /// What is good to know, and a master may tell in a form this program does not know.
    pub further: Further,
}

/// What a master tells beside. Nothing of it is needed to judge the cluster: an answer that cannot be read is named, not fatal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Further {
    /// Quotas by directory; `None` from masters before 3.0.10.
    pub quotas: Option<Vec<Quota>>,
    /// Storage classes; `None` from masters before 3.0.75.
    pub classes: Option<Vec<StorageClass>>,
    /// The last whole check of all files.
    pub check_loop: Option<CheckLoop>,
    /// The last whole loop over all chunks.
    pub chunk_loop: Option<ChunkLoop>,
    /// Missing chunks by name; asked only when the matrix has some.
    pub missing: Option<MissingChunks>,
    /// Answers that could not be read, and why.
    pub unread: Vec<String>,
}

impl Further {
    /// Keeps what was read, or why it was not.
    fn read<T>(&mut self, decoded: Result<T, ProtocolError>) -> Option<T> {
        decoded.map_err(|e| self.unread.push(e.to_string())).ok()
    }
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
        let further: Vec<frame::Ask> = [
            (quotas::ASK, quotas::known_to(version)),
            (classes::ASK, classes::known_to(version)),
            (loops::FILES, true),
            (loops::CHUNKS, true),
        ]
        .into_iter()
        .filter_map(|(ask, known)| known.then_some(ask))
        .collect();
        asks.extend(&further);
        let mut batch = Vec::new();
        for ask in &asks {
            ask.encode(&mut batch);
        }
        frame::send(stream, info::ASK.name, &batch)?;
        let mut report = MasterReport {
            version,
            version_text,
            info: info::decode(&info::ASK.answer(stream)?)?,
            chunkservers: chunkservers::decode(version, &list.answer(stream)?)?,
            chunks: matrix::decode(&matrix::ASK.answer(stream)?)?,
            sessions: sessions::decode(&sessions::ASK.answer(stream)?)?,
            metaloggers: metaloggers::decode(&metaloggers::ASK.answer(stream)?)?,
            exports: if with_exports { Some(exports::decode(&exports::ASK.answer(stream)?)?) } else { None },
            further: Further::default(),
        };
        let told = &mut report.further;
        for ask in further {
            let answer = ask.answer(stream)?;
            match ask.command {
                command if command == quotas::ASK.command => told.quotas = told.read(quotas::decode(&answer)),
                command if command == classes::ASK.command => told.classes = told.read(classes::decode(version, &answer)),
                command if command == loops::FILES.command => told.check_loop = told.read(loops::files(&answer)),
                _ => told.chunk_loop = told.read(loops::chunks(&answer)),
            }
        }
        if report.chunks.all.missing > 0 && missing::known_to(version) {
            let mut frame = Vec::new();
            missing::ASK.encode(&mut frame);
            frame::send(stream, missing::ASK.name, &frame)?;
            let told = &mut report.further;
            told.missing = told.read(missing::decode(&missing::ASK.answer(stream)?));
        }
        Ok(report)
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
