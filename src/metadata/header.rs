//! The first 24 and the last 16 bytes of a metadata file.

use std::io::{self, Read, Seek, SeekFrom};

use serde::Serialize;

/// Bytes of a header.
pub const HEADER_LENGTH: usize = 24;
/// The last bytes of a metadata file written to its end (`matoclserv.c`, `metadata.c` of 3.0 and 4.x).
pub const END_MARKER: &[u8; 16] = b"[MFS EOF MARKER]";

/// The first 24 bytes of a metadata file: 8 bytes of format, then version and id as big-endian 64-bit numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// `MFSM NEW`: an empty file system that has not been saved yet.
    Fresh,
    /// Saved metadata.
    Saved {
        /// `MFSM 2.0`
        format: String,
        /// Id of the next change.
        version: u64,
        /// Id of the file system.
        id: u64,
    },
    /// Anything else, as far as it is readable.
    Foreign(String),
}

impl Header {
    /// Reads the first bytes of a file; more than 24 are not looked at.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let number = |from: usize| bytes.get(from..from + 8)?.try_into().ok().map(u64::from_be_bytes);
        let format = String::from_utf8_lossy(bytes.get(..8).unwrap_or(bytes)).into_owned();
        match (format.as_str(), number(8), number(16)) {
            ("MFSM NEW", ..) => Self::Fresh,
            (text, Some(version), Some(id)) if text.starts_with("MFSM ") => Self::Saved { format, version, id },
            _ => Self::Foreign(format),
        }
    }
}

/// Beginning and end of a metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// Its header.
    pub header: Header,
    /// Whether the end marker is there: it was written to its end.
    pub sealed: bool,
}

impl Metadata {
    /// Reads both ends of a file, whatever its size.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read<F: Read + Seek>(mut file: F) -> io::Result<Self> {
        let mut head = Vec::new();
        file.by_ref().take(HEADER_LENGTH as u64).read_to_end(&mut head)?;
        let mut tail = Vec::new();
        let size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(size.saturating_sub(END_MARKER.len() as u64)))?;
        file.take(END_MARKER.len() as u64).read_to_end(&mut tail)?;
        Ok(Self { header: Header::read(&head), sealed: tail == END_MARKER })
    }

    /// The id of the next change, of a file that is whole: a new one, or one with its end marker in the format
    /// of 2.0 and later (before, other fields stood there).
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        match &self.header {
            Header::Fresh => Some(1),
            Header::Saved { format, version, .. } if self.sealed && !format.starts_with("MFSM 1") => Some(*version),
            _ => None,
        }
    }

    /// The file system's id; a new one has none yet.
    #[must_use]
    pub fn id(&self) -> Option<u64> {
        match self.header {
            Header::Saved { id, .. } => Some(id),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn saved(format: &[u8], tail: &[u8]) -> Metadata {
        let bytes = [format, &125_u64.to_be_bytes(), &7_u64.to_be_bytes(), b"...", tail].concat();
        Metadata::read(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn whole_new_torn_old_and_foreign() {
        let whole = saved(b"MFSM 2.0", END_MARKER);
        assert_eq!((whole.version(), whole.id(), whole.sealed), (Some(125), Some(7), true));
        assert_eq!(saved(b"MFSM 2.0", b"[MFS EOF MARKER").version(), None);
        assert_eq!(saved(b"MFSM 1.7", END_MARKER).version(), None);
        assert_eq!(saved(b"GIF89a..", END_MARKER).version(), None);
        let fresh = Metadata::read(Cursor::new(b"MFSM NEW")).unwrap();
        assert_eq!((fresh.version(), fresh.id()), (Some(1), None));
        assert_eq!(Metadata::read(Cursor::new(b"")).unwrap().header, Header::Foreign(String::new()));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let read = Metadata::read(Cursor::new(&bytes)).unwrap();
            proptest::prop_assert_eq!(read.sealed, bytes.ends_with(END_MARKER));
        }
    }
}
