//! Host selectors: which nodes `--limit` means.
//!
//! `node1,chunkservers,!node5,client*`: names, roles in the plural or singular, `all`, globs with `*` and `?`;
//! `!` takes nodes away. What only takes away starts from all nodes.

use super::model::{Cluster, Node, Role};
use super::suggest::closest;

/// A selector that selects nothing sensible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// A word that is neither node, role nor glob of one.
    #[error("{word:?} is no node, role or pattern of this cluster")]
    Unknown {
        /// The word.
        word: String,
        /// What there is, and the closest word.
        hint: String,
    },
    /// Nothing is left.
    #[error("{expression:?} selects no node")]
    Empty {
        /// The whole expression.
        expression: String,
    },
}

impl SelectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Unknown { hint, .. } => hint,
            Self::Empty { .. } => "name at least one node, role or pattern that is not taken away again",
        }
    }
}

const ROLES: [(&str, Role); 4] =
    [("masters", Role::Master), ("metaloggers", Role::Metalogger), ("chunkservers", Role::Chunkserver), ("clients", Role::Client)];

/// Nodes that an expression selects, in inventory order.
///
/// # Errors
/// An unknown word, or nothing selected.
pub fn select<'c>(cluster: &'c Cluster, expression: &str) -> Result<Vec<&'c Node>, SelectError> {
    let words: Vec<&str> = expression.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    let only_taken = !words.is_empty() && words.iter().all(|w| w.starts_with('!'));
    let mut selected: Vec<bool> = vec![only_taken; cluster.nodes.len()];
    for adds in [true, false] {
        for word in words.iter().filter(|w| w.starts_with('!') != adds) {
            let name = word.strip_prefix('!').unwrap_or(word).trim();
            let hits: Vec<bool> = cluster.nodes.iter().map(|node| matches(node, name)).collect();
            if !hits.contains(&true) {
                return Err(unknown(cluster, name));
            }
            selected.iter_mut().zip(hits).filter(|(_, hit)| *hit).for_each(|(slot, _)| *slot = adds);
        }
    }
    let nodes: Vec<&Node> = cluster.nodes.iter().zip(&selected).filter(|(_, yes)| **yes).map(|(node, _)| node).collect();
    if nodes.is_empty() { Err(SelectError::Empty { expression: expression.to_owned() }) } else { Ok(nodes) }
}

/// A node's own name comes before a role of that name.
fn matches(node: &Node, word: &str) -> bool {
    let role = ROLES.iter().find(|(plural, role)| *plural == word || role.word() == word);
    word == "all"
        || node.name == word
        || role.is_some_and(|(_, role)| node.is(*role))
        || (word.contains(['*', '?']) && glob(word, &node.name))
}

/// Whether a pattern of `*` (any text) and `?` (any character) fits the whole name.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            // Let the last star take one character more.
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

fn unknown(cluster: &Cluster, word: &str) -> SelectError {
    let names: Vec<&str> = cluster.nodes.iter().map(|n| n.name.as_str()).collect();
    let roles: Vec<&str> = ROLES.iter().filter(|(_, role)| cluster.with_role(*role).next().is_some()).map(|(plural, _)| *plural).collect();
    let all: Vec<&str> = names.iter().chain(&roles).copied().collect();
    let exists = format!("nodes: {}; roles: {}", names.join(", "), roles.join(", "));
    let hint = closest(word, &all).map_or_else(|| exists.clone(), |best| format!("did you mean {best:?}? {exists}"));
    SelectError::Unknown { word: word.to_owned(), hint }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::inventory::{Surroundings, Text, parse, source::Placeholders};

    fn cluster() -> Cluster {
        let text = Text { name: "lab.yaml".to_owned(), text: include_str!("../../inventory/lab.yaml").to_owned() };
        let around = Surroundings { base: std::path::Path::new(""), home: None, source: &Placeholders, readable_file: None };
        parse(&[text], &around).unwrap().cluster
    }

    fn names(expression: &str) -> String {
        match select(&cluster(), expression) {
            Ok(nodes) => nodes.iter().map(|n| n.name.as_str()).collect::<Vec<_>>().join(" "),
            Err(error) => format!("{error}; {}", error.hint()),
        }
    }

    #[test]
    fn names_roles_globs_and_exclusions() {
        assert_eq!(names("node3"), "node3");
        assert_eq!(names("masters, node8"), "node1 node2 node8");
        assert_eq!(names("chunkserver,!node4"), "node3 node5");
        assert_eq!(names("!node4,chunkservers"), "node3 node5");
        assert_eq!(names("!clients"), "node1 node2 node3 node4 node5");
        assert_eq!(names("node?,!*1,!*2"), "node3 node4 node5 node6 node7 node8");
        assert_eq!(
            names("n*d*[3]"),
            "\"n*d*[3]\" is no node, role or pattern of this cluster; nodes: node1, node2, node3, node4, node5, node6, node7, node8; roles: masters, metaloggers, chunkservers, clients"
        );
        assert_eq!(names("all").split(' ').count(), 8);
    }

    #[test]
    fn errors_name_what_exists() {
        assert!(
            names("masers").starts_with("\"masers\" is no node, role or pattern of this cluster; did you mean \"masters\"? nodes: node1")
        );
        assert!(names("!node9").starts_with("\"node9\" is no node"));
        for empty in ["", ",", "node1,!node1", "!all"] {
            assert!(names(empty).contains("selects no node"), "{empty}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_made_from_a_name_fits_it(name in "[a-z0-9.-]{1,12}", stars in proptest::collection::vec(0usize..12, 0..4)) {
            let mut pattern: Vec<char> = name.chars().collect();
            for at in stars {
                pattern.insert(at.min(pattern.len()), '*');
            }
            proptest::prop_assert!(glob(&pattern.into_iter().collect::<String>(), &name));
        }

        #[test]
        fn no_expression_panics(expression in ".{0,40}") {
            let _ = names(&expression);
        }
    }
}
