//! Masks what looks like a secret in logs, configuration files and messages, also one that nobody here knows:
//! what stands behind a key, in an address before the `@`, in an authorization header, in a private key.

use std::sync::LazyLock;

use regex::Regex;

use super::mask::{Masker, mask_keys};
use crate::inventory::model::Cluster;
use crate::inventory::secret::{MASK, Secret};

/// A value as shells, DRBD, keepalived and YAML write it: quoted pieces and bare ones without space.
const VALUE: &str = r#"(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s,;'"\\]+)+"#;

static RULES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let rules = [
        // To the end of the line: mfs's own files know no quotes.
        r"(?im)(\bauth_code[ \t]*=[ \t]*)[^\r\n]+".to_owned(),
        format!(
            r#"(?i)((?:password|passwd|passphrase|md5pass|auth_code|auth_pass|shared[-_]secret|secret|token|api[-_]?key)["']?[ \t]*[=:][ \t]*){VALUE}"#
        ),
        format!(r"(?i)(\b(?:auth_pass|shared-secret|mfsmd5pass|md5pass)[ \t]+){VALUE}"),
        r#"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@"']+@"#.to_owned(),
        r"(?i)(\bauthorization:[ \t]*\w+[ \t]+|\bbearer[ \t]+)[^\s'\x22]+".to_owned(),
        r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)(?s:.*?)-----END [A-Z ]*PRIVATE KEY-----".to_owned(),
    ];
    // A rule that does not compile fails the test below, which counts them.
    rules.iter().filter_map(|rule| Regex::new(rule).ok()).collect()
});

/// Masks what looks like a secret in a line of a log or a message.
#[must_use]
pub fn message(text: &str) -> String {
    RULES.iter().fold(text.to_owned(), |text, rule| {
        let at = if rule.as_str().contains("://") { "@" } else { "" };
        match rule.is_match(&text) {
            true => rule.replace_all(&text, format!("${{1}}{MASK}{at}")).into_owned(),
            false => text,
        }
    })
}

/// Masks what looks like a secret in a configuration file, where words such as `password` stand before one also without a separator.
#[must_use]
pub fn file(text: &str) -> String {
    mask_keys(&message(text))
}

/// Masks every text in a JSON value, one by one: the value stays whole.
pub fn value(value: &mut serde_json::Value, masker: &Masker) {
    match value {
        serde_json::Value::String(text) => *text = message(&masker.mask(text)),
        serde_json::Value::Array(all) => all.iter_mut().for_each(|v| self::value(v, masker)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|v| self::value(v, masker)),
        _ => {}
    }
}

/// Knows all secrets of a cluster, also written as files and messages write them: quoted for shells, JSON, DRBD and addresses.
#[must_use]
pub fn thorough(cluster: &Cluster) -> Masker {
    Masker::of(cluster.secrets().iter().flat_map(|s| forms(s.expose())).map(Secret::new).collect())
}

fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let encoded: String = secret
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let mut forms = vec![secret.to_owned(), json.trim_matches('"').to_owned(), secret.replace('\'', r"'\''"), encoded];
    // keepalived uses eight characters of its password, and says so with them.
    forms.extend(secret.char_indices().nth(8).map(|(at, _)| secret[..at].to_owned()).filter(|_| secret.len() <= 12));
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_compiles() {
        assert_eq!(RULES.len(), 6);
    }

    #[test]
    fn what_stands_behind_a_key_in_an_address_or_a_header() {
        for (text, wanted) in [
            (
                "drbdsetup net-options mfs --shared-secret=s3cret --timeout=30",
                "drbdsetup net-options mfs --shared-secret=******** --timeout=30",
            ),
            ("  shared-secret \"a \\\" b\";", "  shared-secret ********;"),
            ("AUTH_CODE = two words", "AUTH_CODE = ********"),
            ("A1_PASSWORD='o l'\\''d'", "A1_PASSWORD=********"),
            ("* / rw,password=old,alldirs", "* / rw,password=********,alldirs"),
            ("{\"token\": \"abc\", \"x\": 1}", "{\"token\": ********, \"x\": 1}"),
            ("posting to https://bot:pw@hooks.example.com/T0 failed", "posting to https://********@hooks.example.com/T0 failed"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ********"),
            ("mfsmount -o mfsmd5pass=0123abcd,rw", "mfsmount -o mfsmd5pass=********,rw"),
            ("x\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\ny", "x\n-----BEGIN RSA PRIVATE KEY-----********\ny"),
            ("access denied - check password", "access denied - check password"),
            ("wrong password from 10.0.0.1", "wrong password from 10.0.0.1"),
        ] {
            assert_eq!(message(text), wanted);
        }
    }

    #[test]
    fn a_known_secret_is_found_however_it_is_quoted() {
        let mut cluster = crate::step::testing::cluster();
        cluster.drbd.secret = Secret::new("it's \"so\" secret");
        let masker = thorough(&cluster);
        for text in ["it's \"so\" secret", r#"'it'\''s "so" secret'"#, r#"it's \"so\" secret"#, "it%27s%20%22so%22%20secret"] {
            let masked = masker.mask(text);
            assert!(masked.contains(MASK) && !masked.contains("so"), "{text}: {masked}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_masked(text in ".*") {
            let _ = file(&text);
        }
    }
}
