//! Keeps secrets out of everything printed, also where a node's own words quote them.

use crate::inventory::model::Cluster;
use crate::inventory::secret::{MASK, Secret};

/// Shorter texts are not searched for: they would mask half of every message.
const SHORTEST: usize = 4;

/// Replaces known secrets in texts.
#[derive(Clone, Default)]
pub struct Masker(Vec<Secret>);

impl Masker {
    /// Knows all secrets of a cluster.
    #[must_use]
    pub fn new(cluster: &Cluster) -> Self {
        Self::of(cluster.secrets())
    }

    /// Knows these secrets.
    #[must_use]
    pub fn of(secrets: Vec<Secret>) -> Self {
        let mut secrets = secrets;
        // The longest first, or a shorter one inside it would leave its rest readable.
        secrets.sort_by_key(|s| std::cmp::Reverse(s.expose().len()));
        Self(secrets)
    }

    /// The text with every known secret masked.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let known = self.0.iter().map(Secret::expose).filter(|s| s.len() >= SHORTEST);
        known.fold(text.to_owned(), |text, secret| if text.contains(secret) { text.replace(secret, MASK) } else { text })
    }
}

/// Words before a secret in the files mfsctl writes; a file on a node may hold an old secret nobody here knows.
const KEYS: &[&str] = &["password", "mfsmd5pass", "md5pass", "auth_code", "shared-secret", "auth_pass", "secret"];

/// Masks what follows a key such as `password=` or `AUTH_CODE =`, to the end of the word or quoted text.
#[must_use]
pub fn mask_keys(text: &str) -> String {
    text.split_inclusive('\n').map(mask_line).collect()
}

fn mask_line(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut out = String::new();
    let mut at = 0;
    while let Some((start, key)) =
        KEYS.iter().filter_map(|k| lower[at..].find(k).map(|i| (at + i, *k))).min_by_key(|(i, k)| (*i, std::cmp::Reverse(k.len())))
    {
        let after = start + key.len();
        let value = after + line[after..].len() - line[after..].trim_start_matches([' ', '\t', '=', ':', '"', '\'']).len();
        let to_line_end = key == "auth_code";
        // An assignment of the shell ends with its quote, whatever stands in it.
        let quoted = line[after..].starts_with("='").then(|| line.rfind('\'')).flatten().filter(|last| *last >= value);
        let stops: &[char] = if to_line_end { &['\n', '\r'] } else { &[' ', '\t', ',', '"', '\'', ';', '\n', '\r'] };
        let end = quoted.unwrap_or_else(|| value + line[value..].find(stops).unwrap_or(line.len() - value));
        out.push_str(&line[at..value]);
        // A key without a separator behind it is part of a longer word: nothing to hide.
        if value > after && end > value {
            out.push_str(MASK);
        } else {
            out.push_str(&line[value..end]);
        }
        at = end;
    }
    out.push_str(&line[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_secret_is_masked_the_longest_first() {
        let masker = Masker::of(vec![Secret::new("abcd"), Secret::new("abcdef"), Secret::new("x")]);
        assert_eq!(masker.mask("a abcdef b abcd x"), "a ******** b ******** x");
    }

    #[test]
    fn parts_of_a_webhook_are_masked_where_they_stand_alone() {
        let url = Secret::new("https://hooks.example.com/services/T0000/Xy12345678?key=0123456789abcd");
        let webhook = crate::inventory::model::Webhook { url, token: None, headers: Vec::new() };
        let notify = crate::inventory::model::Notify { webhook: Some(webhook), ..Default::default() };
        let masker = Masker::of(notify.secrets());
        for text in ["Cannot POST /services/T0000/Xy12345678?key=0123456789abcd", "\"Xy12345678\" is not registered", "bad 0123456789abcd"]
        {
            let masked = masker.mask(text);
            assert!(masked.contains("****") && !masked.contains("Xy12345678") && !masked.contains("456789ab"), "{masked}");
        }
        assert_eq!(masker.mask("services of hooks.example.com"), "services of hooks.example.com");
    }

    #[test]
    fn old_secrets_are_masked_by_their_keys() {
        let text = "* / rw,password=old,alldirs\nAUTH_CODE = old one\n  shared-secret \"old\";\n auth_pass old\npasswords are fine\nWITNESS_SECRET='o'\nA1_PASSWORD='o l'\\''d'\nX_SECRET=''\n";
        let masked = mask_keys(text);
        let wanted = "* / rw,password=********,alldirs\nAUTH_CODE = ********\n  shared-secret \"********\";\n auth_pass ********\npasswords are fine\nWITNESS_SECRET='********'\nA1_PASSWORD='********'\nX_SECRET=''\n";
        assert_eq!(masked, wanted);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_masked(text in ".*") {
            let _ = mask_keys(&text);
        }
    }
}
