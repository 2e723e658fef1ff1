#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// All of this room's source but the catalogue and tests.
fn source(dir: &Path, text: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if name != "catalogue" {
                source(&path, text);
            }
        } else if !name.ends_with("tests.rs") && name != "testing.rs" {
            let whole = std::fs::read_to_string(&path).unwrap();
            text.push_str(whole.split("#[cfg(test)]").next().unwrap());
        }
    }
}

#[test]
fn ids_are_unique_and_every_entry_says_all() {
    let mut ids = BTreeSet::new();
    for entry in all() {
        assert!(ids.insert(entry.id), "{} stands twice", entry.id);
        assert!(entry.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", entry.id);
        assert!(entry.severity > Severity::Ok, "{}", entry.id);
        assert!(!entry.title.ends_with('.') && entry.why.ends_with('.') && entry.fix.ends_with('.'), "{}", entry.id);
        assert_eq!(find(entry.id), Some(entry));
    }
    assert!(find("no-such-finding").is_none());
    assert!(near("stale-metdata").contains(&"stale-metadata"), "{:?}", near("stale-metdata"));
}

/// What rules tell is typed: they name an entry. This is the other way round, and that no rule makes an entry of its own.
#[test]
fn rules_tell_every_entry_and_nothing_else() {
    let mut text = String::new();
    source(Path::new("src/health"), &mut text);
    let used: BTreeSet<&str> = text.match_indices("::").filter_map(|(at, _)| constant(&text[at + 2..])).collect();
    let mut named = 0;
    for (file, entries) in [("pair", pair::ALL), ("takeover", takeover::ALL), ("moosefs", moosefs::ALL), ("node", node::ALL)] {
        let source = std::fs::read_to_string(format!("src/health/catalogue/{file}.rs")).unwrap();
        let names: Vec<&str> =
            source.lines().filter_map(|l| constant(l.strip_prefix("    ")?)).filter(|n| source.contains(&format!("    {n}: "))).collect();
        assert_eq!(names.len(), entries.len(), "{file}");
        for name in names {
            named += 1;
            assert!(used.contains(name), "no rule tells {name} of catalogue/{file}.rs");
        }
    }
    assert_eq!(named, all().count());
    assert_eq!(text.matches("Entry {").count(), 0, "an entry outside the catalogue");
    assert_eq!(text.matches("id: Some(").count(), 1, "only Found makes findings");
}

/// The name of a constant at the beginning of a text.
fn constant(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_uppercase() || c == '_')).unwrap_or(text.len());
    (end > 2).then(|| &text[..end])
}

#[test]
fn the_documentation_has_the_catalogue_as_it_is() {
    let page = std::fs::read_to_string("docs/doctor.md").unwrap();
    let (head, rest) = page.split_once("<!-- catalogue -->\n").unwrap();
    let (written, tail) = rest.split_once("<!-- end -->").unwrap();
    let now = format!("\n{}\n", markdown());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write("docs/doctor.md", format!("{head}<!-- catalogue -->\n{now}<!-- end -->{tail}")).unwrap();
        return;
    }
    assert!(written == now, "docs/doctor.md is not current: run this test with UPDATE_DOCS=1");
}
