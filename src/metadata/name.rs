//! What a file of a metadata directory is, by its name.
//!
//! Names: mfsmaster(8), mfsmetalogger(8), and what masters 3.0.117 and 4.59.2 left in their directories.

use serde::Serialize;

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `metadata.mfs`: written by a master that stopped cleanly.
    Current,
    /// `metadata.mfs.back` (0) and `metadata.mfs.back.N`: what a running master stored last, and before.
    Back(u32),
    /// `metadata_ml.mfs.back` (0) and `metadata_ml.mfs.back.N`: a metalogger's downloads.
    LoggerBack(u32),
    /// `metadata.mfs.emergency`: stored elsewhere because the directory could not be written.
    Emergency,
    /// `metadata.mfs.empty` of the packages: an empty file system that mfsmaster takes for metadata.
    Empty,
    /// Another `metadata*` file, such as a download under way; mfsmaster looks into these too.
    Stray,
    /// `metadata.crc`: checksums beside the metadata, not needed to read it.
    Checksums,
    /// `changelog.N.mfs`: a master's changes; 0 is written now, and each full hour makes it 1.
    Changelog(u32),
    /// `changelog_ml.N.mfs`: what a metalogger heard.
    LoggerChangelog(u32),
    /// `changelog_ml_back.N.mfs`: the master's own changelogs as they were when the metadata was downloaded.
    LoggerChangelogBack(u32),
    /// Nothing of the metadata.
    Other,
}

impl Kind {
    /// Tells a file by its name, without a directory.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let back = |rest: &str| if rest.is_empty() { Some(0) } else { rest.strip_prefix('.').and_then(number) };
        let log = |prefix: &str| name.strip_prefix(prefix)?.strip_suffix(".mfs").and_then(number);
        if let Some(n) = log("changelog.") {
            return Self::Changelog(n);
        }
        if let Some(n) = log("changelog_ml.") {
            return Self::LoggerChangelog(n);
        }
        if let Some(n) = log("changelog_ml_back.") {
            return Self::LoggerChangelogBack(n);
        }
        if let Some(n) = name.strip_prefix("metadata.mfs.back").and_then(back) {
            return Self::Back(n);
        }
        if let Some(n) = name.strip_prefix("metadata_ml.mfs.back").and_then(back) {
            return Self::LoggerBack(n);
        }
        match name {
            "metadata.mfs" => Self::Current,
            "metadata.mfs.emergency" => Self::Emergency,
            "metadata.mfs.empty" => Self::Empty,
            "metadata.crc" => Self::Checksums,
            _ if name.starts_with("metadata") => Self::Stray,
            _ => Self::Other,
        }
    }

    /// Whether it is metadata a restore may begin from.
    #[must_use]
    pub fn is_base(self) -> bool {
        matches!(self, Self::Current | Self::Back(_) | Self::LoggerBack(_) | Self::Emergency)
    }

    /// Whether it holds changes.
    #[must_use]
    pub fn is_changelog(self) -> bool {
        matches!(self, Self::Changelog(_) | Self::LoggerChangelog(_) | Self::LoggerChangelogBack(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_seen() {
        for (name, kind) in [
            ("metadata.mfs", Kind::Current),
            ("metadata.mfs.back", Kind::Back(0)),
            ("metadata.mfs.back.1", Kind::Back(1)),
            ("metadata.mfs.back.tmp", Kind::Stray),
            ("metadata.mfs.empty", Kind::Empty),
            ("metadata.mfs.emergency", Kind::Emergency),
            ("metadata_ml.mfs.back.3", Kind::LoggerBack(3)),
            ("metadata_ml.tmp", Kind::Stray),
            ("metadata.crc", Kind::Checksums),
            ("changelog.0.mfs", Kind::Changelog(0)),
            ("changelog.49.mfs", Kind::Changelog(49)),
            ("changelog_ml.1.mfs", Kind::LoggerChangelog(1)),
            ("changelog_ml_back.0.mfs", Kind::LoggerChangelogBack(0)),
            ("changelog.+1.mfs", Kind::Other),
            ("changelog..mfs", Kind::Other),
            ("changelog.0.mfs.bak", Kind::Other),
            ("sessions.mfs", Kind::Other),
            ("stats.mfs", Kind::Other),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_has_a_kind(name in "(metadata|changelog)?.{0,20}") {
            let kind = Kind::of(&name);
            proptest::prop_assert!(!(kind.is_base() && kind.is_changelog()));
        }
    }
}
