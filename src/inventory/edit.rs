//! Careful edits of an inventory's text: an item is put into, or taken out of, the block list of `tenants`; every
//! other byte stays, comments included. Whoever edits loads the result and compares before it is written.

use std::ops::Range;

/// Why a text is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// `tenants` is not written as a block list.
    #[error("`tenants` is not a list with one `- …` item a line")]
    Form,
    /// There is no such item.
    #[error("no item of `tenants` is named {0:?}")]
    Missing(String),
}

/// Key of the list.
const KEY: &str = "tenants:";

/// The list as lines: where its key stands, and its items with the blanks before their dash.
struct Block {
    key: usize,
    items: Vec<Range<usize>>,
    indent: usize,
}

/// Puts an item, given as lines without indentation, behind the last tenant.
///
/// # Errors
/// When `tenants` is there in another form than a block list.
pub fn add_tenant(text: &str, item: &[String]) -> Result<String, EditError> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|l| !l.ends_with('\n')) {
        last.push('\n');
    }
    let block = find(&lines)?;
    let (at, indent) = match &block {
        Some(block) => (block.items.last().map_or(block.key + 1, |item| item.end), block.indent),
        None => (lines.len(), 2),
    };
    let mut new: Vec<String> = Vec::new();
    match &block {
        None => new.extend(["\n".to_owned(), format!("{KEY}\n")]),
        Some(block) if block.items.is_empty() => lines[block.key] = lines[block.key].replacen(" []", "", 1),
        Some(_) => {}
    }
    for (number, line) in item.iter().enumerate() {
        new.push(format!("{}{}{line}\n", " ".repeat(indent), if number == 0 { "- " } else { "  " }));
    }
    lines.splice(at..at, new);
    Ok(lines.concat())
}

/// Takes the tenant of that name out; the key too, when it was the only one.
///
/// # Errors
/// When it is not there, or `tenants` has another form than a block list.
pub fn remove_tenant(text: &str, name: &str) -> Result<String, EditError> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let missing = || EditError::Missing(name.to_owned());
    let block = find(&lines)?.ok_or_else(missing)?;
    let item = block.items.iter().find(|item| named(&lines[(*item).clone()].concat()) == Some(name.to_owned())).ok_or_else(missing)?;
    lines.drain(item.clone());
    if block.items.len() == 1 {
        lines.remove(block.key);
    }
    Ok(lines.concat())
}

/// The `name` of an item, whatever form the item has.
fn named(item: &str) -> Option<String> {
    let list: Vec<serde_yaml::Value> = serde_yaml::from_str(item).ok()?;
    let [only] = list.as_slice() else { return None };
    only.get("name")?.as_str().map(str::to_owned)
}

fn find(lines: &[String]) -> Result<Option<Block>, EditError> {
    let Some(key) = lines.iter().position(|l| l.starts_with(KEY)) else { return Ok(None) };
    let rest = lines[key][KEY.len()..].trim();
    let empty = rest == "[]" || rest.starts_with("[] #");
    if !(rest.is_empty() || rest.starts_with('#') || empty) {
        return Err(EditError::Form);
    }
    let is_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_dash = |line: &str| line.trim_start_matches(' ').starts_with("- ") || line.trim() == "-";
    let mut block = Block { key, items: Vec::new(), indent: 2 };
    for (at, line) in lines.iter().enumerate().skip(key + 1) {
        if is_nothing(line) {
            continue;
        }
        let first = block.items.is_empty();
        match block.items.last_mut() {
            _ if is_dash(line) && (first || depth(line) == block.indent) => {
                block.indent = depth(line);
                block.items.push(at..at + 1);
            }
            Some(item) if depth(line) > block.indent => item.end = at + 1,
            _ if depth(line) == 0 => break,
            _ => return Err(EditError::Form),
        }
    }
    if empty && !block.items.is_empty() { Err(EditError::Form) } else { Ok(Some(block)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TEXT: &str = "name: x   # mine\n\n# businesses\ntenants:\n  # the first\n  - name: a\n    password: !file secrets/a  # kept\n\n  # the second\n  - {name: b}\n\n# after\nnodes:\n  n: {}\n";

    fn item(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|l| (*l).to_owned()).collect()
    }

    #[test]
    fn an_item_comes_behind_the_last_and_goes_again() {
        let with = add_tenant(TEXT, &item(&["name: c", "clients: [n]"])).unwrap();
        assert_eq!(with, TEXT.replace("  - {name: b}\n", "  - {name: b}\n  - name: c\n    clients: [n]\n"));
        assert_eq!(remove_tenant(&with, "c").unwrap(), TEXT);
        let without = remove_tenant(TEXT, "a").unwrap();
        assert_eq!(without, TEXT.replace("  - name: a\n    password: !file secrets/a  # kept\n", ""));
        assert_eq!(remove_tenant(TEXT, "z"), Err(EditError::Missing("z".into())));
    }

    #[test]
    fn the_key_comes_and_goes_with_its_items() {
        for (text, with) in [
            ("name: x\n", "name: x\n\ntenants:\n  - name: c\n"),
            ("name: x", "name: x\n\ntenants:\n  - name: c\n"),
            ("tenants: []\nname: x\n", "tenants:\n  - name: c\nname: x\n"),
            ("tenants:\nname: x\n", "tenants:\n  - name: c\nname: x\n"),
            ("tenants:\n- name: a\nname: x\n", "tenants:\n- name: a\n- name: c\nname: x\n"),
        ] {
            assert_eq!(add_tenant(text, &item(&["name: c"])).unwrap(), with);
        }
        assert_eq!(remove_tenant("name: x\ntenants:\n  - name: c\n", "c").unwrap(), "name: x\n");
    }

    #[test]
    fn other_forms_are_left_alone() {
        for text in ["tenants: [{name: a}]\n", "tenants: *all\n", "tenants:\n  a: {}\n", "tenants:\n  - name: a\n bad: 1\n"] {
            assert_eq!(add_tenant(text, &item(&["name: c"])), Err(EditError::Form), "{text}");
        }
        assert!(matches!(remove_tenant("name: x\n", "c"), Err(EditError::Missing(_))));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(tenants:\n|  - name: [a-c]\n|- x\n|    y: 1\n|# c\n|\n|é: 1\n|[ -~]{0,12}\n){0,10}") {
            if let Ok(with) = add_tenant(&text, &item(&["name: zz"])) {
                let _ = remove_tenant(&with, "zz");
            }
        }
    }
}
