//! What a master's test of its alerts said: one JSON line for every way it tried.

use serde::{Deserialize, Serialize};

use super::FactError;

/// Result of one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// `mail`, `webhook`, or `worker`: whether something starts the sender.
    pub way: String,
    /// Which account or address, without a secret.
    pub account: String,
    /// Receiver of mail.
    pub to: String,
    /// Whether it went.
    pub ok: bool,
    /// curl's exit status (`man curl`, EXIT CODES); -1 when it was not run.
    pub curl: i32,
    /// The server's last words, or curl's.
    pub words: String,
    /// How long it took.
    pub seconds: f64,
}

/// Reads the lines `mfs-alert test` prints.
///
/// # Errors
/// When a line is not such a result, or there is none.
pub fn parse(text: &str) -> Result<Vec<Tried>, FactError> {
    let wrong = |line: &str| FactError::new("alerts", "a result of mfs-alert test", line);
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    if lines.is_empty() {
        return Err(wrong(""));
    }
    lines.into_iter().map(|line| serde_json::from_str(line).map_err(|_| wrong(line))).collect()
}

impl Tried {
    /// What a person can do about a way that does not work.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        if self.ok {
            return None;
        }
        match (self.way.as_str(), self.curl) {
            ("worker", _) => Some("run `mfsctl provision`; on the node: systemctl status mfs-alert.path"),
            (_, -1) => Some("look at the free space under /run on the node"),
            (_, 127) => Some("curl is missing on the node: run `mfsctl provision`"),
            (_, 6) => Some("the node cannot resolve that name: look at its /etc/resolv.conf, or give an address"),
            (_, 7) => Some("nothing listens there, or a firewall is between: look at host and port"),
            (_, 28 | 124 | 137) => Some("no answer in time: a firewall, a wrong port, or `security: tls` where the server wants starttls"),
            (_, 35) => Some("TLS does not begin: `tls` (port 465) and `starttls` (port 587) may be mixed up"),
            (_, 58 | 60 | 77 | 83) => {
                Some("the certificate is not trusted: give its authority with `notify.ca`, and the name that stands in it as host")
            }
            ("mail", 64) => Some("the server offers no STARTTLS: use `security: tls` if it has that, or `none` on a network you trust"),
            ("mail", 67) => Some("look at user and password; some providers want a password made for applications"),
            ("mail", _) => self.hint_of_reply(),
            ("webhook", _) => self.hint_of_status(),
            _ => None,
        }
    }

    fn hint_of_reply(&self) -> Option<&'static str> {
        match self.words.split([' ', '-']).next().unwrap_or_default() {
            "421" | "450" | "451" | "452" => {
                Some("the server puts it off (greylisting?): alerts are retried, try the test again in some minutes")
            }
            "530" => Some("the server wants a login: give `user` and `password`"),
            "535" => Some("look at user and password; some providers want a password made for applications"),
            "550" | "551" | "553" | "554" => Some("the server refuses: look at sender and receiver, and whether this node may relay there"),
            _ => None,
        }
    }

    fn hint_of_status(&self) -> Option<&'static str> {
        match self.words.split(' ').nth(1).unwrap_or_default() {
            "401" | "403" => Some("look at the token, the headers, and the address itself: it may hold a key that is no longer good"),
            "404" | "410" => Some("there is no such webhook: it was removed, or its address is mistyped"),
            "400" | "422" => {
                Some("the receiver does not understand the document (docs/alerts.md): put something between that translates it")
            }
            "429" => Some("too many requests: try again later"),
            "301" | "302" | "307" | "308" => Some("redirections are not followed: give the final address"),
            code if code.starts_with('5') => Some("the receiver has a fault of its own: alerts are retried"),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tried(way: &str, curl: i32, words: &str) -> Tried {
        Tried { way: way.into(), account: "a".into(), to: String::new(), ok: false, curl, words: words.into(), seconds: 0.1 }
    }

    #[test]
    fn lines_are_results_and_nothing_else_is() {
        let line = r#"{"way":"mail","account":"smtp://h:25, none","to":"a@b.c","ok":true,"curl":0,"words":"250 \"ok\"","seconds":1.05}"#;
        let rows = parse(&format!("{line}\n{line}\n")).unwrap();
        assert_eq!((rows.len(), rows[0].words.as_str(), rows[0].seconds), (2, "250 \"ok\"", 1.05));
        assert_eq!(rows[0].hint(), None);
        assert!(parse("").is_err() && parse("mfs-alert: cannot read").is_err() && parse("{}").is_err());
    }

    #[test]
    fn what_goes_wrong_often_has_a_hint() {
        let cases = [
            ("mail", 67, "535 5.7.8 authentication failed", "password"),
            ("mail", 55, "550 5.1.1 no such user", "receiver"),
            ("mail", 55, "451 4.7.1 greylisted", "again"),
            ("mail", 64, "Requested SSL level failed", "STARTTLS"),
            ("mail", 60, "SSL certificate problem", "notify.ca"),
            ("webhook", 6, "Could not resolve host", "resolve"),
            ("webhook", 28, "timed out", "firewall"),
            ("webhook", 0, "HTTP/1.1 404 Not Found", "no such webhook"),
            ("webhook", 0, "HTTP/2 503", "retried"),
            ("worker", 0, "mfs-alert.path is inactive", "provision"),
        ];
        for (way, curl, words, part) in cases {
            let hint = tried(way, curl, words).hint().unwrap();
            assert!(hint.contains(part), "{way} {curl} {words}: {hint}");
        }
    }
}
