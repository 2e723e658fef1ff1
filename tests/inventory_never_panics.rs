//! Whatever is in the file, the answer is a cluster or a list of errors.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use mfsctl::inventory::source::Placeholders;
use mfsctl::inventory::{self, Surroundings, Text};
use proptest::prelude::*;

const GOOD: [&str; 3] =
    [include_str!("../inventory/minimal.yaml"), include_str!("../inventory/reference.yaml"), include_str!("../inventory/lab.yaml")];

fn answer(texts: &[&str]) -> Result<(), TestCaseError> {
    let texts: Vec<Text> = texts.iter().enumerate().map(|(i, t)| Text { name: format!("{i}.yaml"), text: (*t).to_owned() }).collect();
    let around = Surroundings { base: Path::new(""), home: None, source: &Placeholders, readable_file: None };
    if let Err(errors) = inventory::parse(&texts, &around) {
        prop_assert!(errors.iter().any(|e| !e.warning), "refused without an error");
        let places: Vec<_> = errors.iter().map(|e| (e.file.clone(), e.line, e.column)).collect();
        prop_assert!(places.is_sorted(), "not sorted: {places:?}");
        prop_assert!(errors.iter().all(|e| e.line > 0), "without a place: {errors:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text(text in any::<String>()) {
        answer(&[&text])?;
    }

    #[test]
    fn text_of_yaml_signs(text in "[a-c:\\-\\[\\]{},&*!|>'\"#%@`?<~ \t\r\n0-9.=/]{0,80}") {
        answer(&[&text])?;
    }

    #[test]
    fn good_inventories_with_characters_changed(which in 0..3usize, edits in proptest::collection::vec((any::<prop::sample::Index>(), "[a-c:\\-\\[\\]{},&*!|>'\"#%~ \t\n0-9é]{0,3}", 0..4usize), 1..6)) {
        let mut text: Vec<char> = GOOD[which].chars().collect();
        for (at, new, gone) in edits {
            let at = at.index(text.len());
            let end = (at + gone).min(text.len());
            text.splice(at..end, new.chars());
        }
        answer(&[&text.into_iter().collect::<String>()])?;
    }

    #[test]
    fn good_inventories_with_lines_moved(which in 0..3usize, moves in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8, 0..5usize), 1..8)) {
        let mut lines: Vec<String> = GOOD[which].lines().map(str::to_owned).collect();
        for (a, b, how, indent) in moves {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            match how {
                0 => lines.swap(a, b),
                1 => { let copy = lines[a].clone(); lines.insert(b, copy); }
                2 if lines.len() > 1 => { lines.remove(a); }
                _ => lines[a] = format!("{}{}", " ".repeat(indent), lines[a].trim_start()),
            }
        }
        answer(&[&lines.join("\n")])?;
    }

    #[test]
    fn overlays(which in 0..3usize, text in "(ssh|vip|nodes|name|drbd|repositories): ?[a-c:\\[\\]{},~ 0-9\n]{0,30}") {
        answer(&[GOOD[which], &text])?;
    }
}

/// Aliases that multiply end with an error, quickly.
#[test]
fn aliases_that_multiply() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        text += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", "));
    }
    let started = std::time::Instant::now();
    answer(&[&text]).unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

/// Depth that would exhaust the stack of a recursive reader.
#[test]
fn deep_nesting() {
    for open in ["[", "{a: ", "- ", "? "] {
        answer(&[&open.repeat(100_000)]).unwrap();
    }
}
