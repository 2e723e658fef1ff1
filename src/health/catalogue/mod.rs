//! Every finding of the product: a stable id, its severity, what it is, why it matters, how it is mended.
//!
//! A rule can tell only what stands here: [`super::Found`] takes an entry, not a word. docs/doctor.md is made of it.

pub mod moosefs;
pub mod node;
pub mod pair;
pub mod takeover;

use serde::Serialize;

use super::Severity;

/// One kind of finding.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Stable name, `[a-z0-9-]+`.
    pub id: &'static str,
    /// How bad it is; a single finding may be told milder where the circumstances say so.
    pub severity: Severity,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// What it leads to.
    pub why: &'static str,
    /// How it is mended, in general; a finding names the exact command.
    pub fix: &'static str,
}

/// Entries of one subject, and the list of them.
macro_rules! entries {
    ($($name:ident: $severity:ident $id:literal, $title:literal, $why:literal, $fix:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $title, ".")]
            pub const $name: $crate::health::catalogue::Entry = $crate::health::catalogue::Entry {
                id: $id,
                severity: $crate::health::Severity::$severity,
                title: $title,
                why: $why,
                fix: $fix,
            };
        )*
        /// All of this file.
        pub const ALL: &[&$crate::health::catalogue::Entry] = &[$(&$name),*];
    };
}
pub(crate) use entries;

/// A subject's heading and its entries.
pub type Group = (&'static str, &'static [&'static Entry]);

/// Everything, by subject.
pub const GROUPS: &[Group] = &[
    ("The pair of masters", pair::ALL),
    ("The takeover", takeover::ALL),
    ("MooseFS", moosefs::ALL),
    ("Single nodes and the network", node::ALL),
];

/// Every entry, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|(_, entries)| entries.iter().copied())
}

/// An entry by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    all().find(|e| e.id == id)
}

/// Ids that look like this one, for a slip of the hand: those that share a word with it.
#[must_use]
pub fn near(id: &str) -> Vec<&'static str> {
    let words: Vec<&str> = id.split('-').filter(|w| w.len() > 2).collect();
    all().map(|e| e.id).filter(|known| words.iter().any(|w| known.split('-').any(|k| k == *w))).take(8).collect()
}

/// The catalogue as a page of the documentation.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::new();
    for (title, entries) in GROUPS {
        out += &format!("### {title}\n\n");
        for entry in *entries {
            out += &format!("**`{}`** ({}): {}.\n{}\n*Fix:* {}\n\n", entry.id, entry.severity.word(), entry.title, entry.why, entry.fix);
        }
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
