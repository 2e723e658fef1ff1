//! Shell quoting, the only place where words become a shell line.

/// Quotes one word for a POSIX shell. Plain words stay as they are, for readable plans.
#[must_use]
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Joins words into one line that a POSIX shell splits into the same words again.
#[must_use]
pub fn join<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|w| quote(w.as_ref())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(join(&["mount", "-t", "xfs", "/dev/drbd0"]), "mount -t xfs /dev/drbd0");
    }

    proptest::proptest! {
        #[test]
        fn a_shell_reads_back_every_word(word in "[^\0]{0,40}") {
            let out = std::process::Command::new("sh").arg("-c").arg(format!("printf %s {}", quote(&word))).output();
            proptest::prop_assert_eq!(out.map(|o| o.stdout).unwrap_or_default(), word.into_bytes());
        }
    }
}
