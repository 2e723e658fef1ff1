//! "Did you mean": the known word closest to a mistyped one.

/// The closest known word, if it is close enough to be meant.
#[must_use]
pub fn closest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let allowed = (lower.chars().count() / 3).clamp(1, 3);
    let near = |k: &str| if lower.len() >= 3 && k.starts_with(&lower) { 1 } else { distance(&lower, &k.to_lowercase()) };
    let candidates = known.iter().map(|k| (near(k), *k)).filter(|(d, k)| *d <= allowed && *d < k.chars().count());
    candidates.min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

/// Edits (insert, delete, replace, swap neighbours) from one word to another.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_word() {
        let known = ["address", "roles", "disks", "mounts"];
        assert_eq!(closest("adress", &known), Some("address"));
        assert_eq!(closest("dikss", &known), Some("disks"));
        assert_eq!(closest("Role", &known), Some("roles"));
        assert_eq!(closest("zebra", &known), None);
        assert_eq!(closest("", &known), None);
        assert_eq!(closest("x", &["*", "<"]), None);
    }
}
