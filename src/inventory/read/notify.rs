//! Who is told about what happens to the takeover, and how.

use crate::inventory::keys::{NOTIFY, SECURITIES, SMTP, WEBHOOK};
use crate::inventory::model::{Notify, Smtp, Webhook};
use crate::inventory::reader::{Fields, Reader};
use crate::inventory::rule;
use crate::inventory::tree::{Kind, Tree};

/// Each receiver is a mail of its own.
const MOST_RECEIVERS: usize = 16;

/// Reads `notify`.
pub fn notify(r: &mut Reader<'_>, tree: &Tree) -> Notify {
    let Some(fields) = r.fields(tree, &NOTIFY, "notify") else { return Notify::default() };
    let items = fields.get("smtp").map(|t| r.list(t, "notify.smtp")).unwrap_or_default();
    let accounts: Vec<Smtp> = items.iter().filter_map(|item| smtp(r, item)).collect();
    let before = r.findings.errors();
    let to = receivers(r, &fields);
    // A receiver that was refused was told of already.
    let nobody = to.is_empty() && r.findings.errors() == before;
    match (items.is_empty(), nobody) {
        (false, true) => {
            let at = if fields.get("to").is_some() { "to" } else { "smtp" };
            r.error(fields.place(at), "notify has mail accounts and no receiver", "add `to: [ops@example.com]`");
        }
        (true, false) => r.error(fields.place("to"), "notify has receivers and no mail account", "add `smtp: [{host: …, from: …}]`"),
        _ => {}
    }
    let webhook = fields.get("webhook").and_then(|t| webhook(r, t));
    let ca = fields.get("ca").and_then(|t| r.checked_secret(t, "notify.ca", rule::certificates));
    Notify { smtp: accounts, to, webhook, ca: ca.map(|c| c.value) }
}

fn receivers(r: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<String> {
    let mut to: Vec<String> = Vec::new();
    for receiver in fields.get("to").map(|t| r.texts(t, "notify.to", true)).unwrap_or_default() {
        match rule::mail(&receiver.value) {
            Ok(()) if to.contains(&receiver.value) => {
                r.findings.warn(receiver.at, format!("{:?} is named twice", receiver.value), "it gets one mail");
            }
            Ok(()) => to.push(receiver.value),
            Err(rule) => r.error(receiver.at, format!("{:?} is not a mail address", receiver.value), rule),
        }
    }
    if to.len() > MOST_RECEIVERS {
        let found = format!("{} receivers of mail, at most {MOST_RECEIVERS} are possible", to.len());
        r.error(fields.place("to"), found, "send to a mailing list");
    }
    to
}

fn webhook(r: &mut Reader<'_>, tree: &Tree) -> Option<Webhook> {
    if matches!(tree.kind, Kind::Scalar { .. }) {
        let url = r.checked_secret(tree, "webhook", rule::webhook)?;
        return Some(Webhook { url: url.value, token: None, headers: Vec::new() });
    }
    let fields = r.fields(tree, &WEBHOOK, "notify.webhook")?;
    let url = fields.get("url").and_then(|t| r.checked_secret(t, "webhook url", rule::webhook));
    let token = fields.get("token").and_then(|t| r.checked_secret(t, "webhook token", rule::token));
    let items = fields.get("headers").map(|t| r.list(t, "the headers of the webhook")).unwrap_or_default();
    let headers: Vec<_> = items.iter().filter_map(|t| r.checked_secret(t, "webhook header", rule::header)).collect();
    let url = url?.value;
    if let (Some(tree), true) = (fields.get("token").or(fields.get("headers")), url.expose().starts_with("http:")) {
        r.findings.warn(tree.at, "the webhook's secrets are sent unencrypted", "use an https:// address");
    }
    Some(Webhook { url, token: token.map(|t| t.value), headers: headers.into_iter().map(|h| h.value).collect() })
}

fn smtp(r: &mut Reader<'_>, tree: &Tree) -> Option<Smtp> {
    let fields = r.fields(tree, &SMTP, "a mail account")?;
    let host = fields.get("host").and_then(|t| r.checked(t, "smtp host", rule::host));
    let from = fields.get("from").and_then(|t| r.checked(t, "sender address", rule::mail));
    let security = fields.get("security").and_then(|t| r.word(t, "security", SECURITIES)).map_or("starttls", |s| s.value);
    let port = fields.get("port").and_then(|t| r.port(t, "smtp port"));
    let user = fields.get("user").and_then(|t| r.checked(t, "smtp user", rule::smtp_user));
    let password = fields.get("password").and_then(|t| r.checked_secret(t, "smtp password", rule::password));
    match (fields.get("user"), fields.get("password")) {
        (Some(tree), None) => r.error(tree.at, "this mail account has a user and no password", "add `password:`, or remove the user"),
        (None, Some(tree)) => r.error(tree.at, "this mail account has a password and no user", "add `user:`, or remove the password"),
        (Some(_), Some(tree)) if security == "none" => {
            r.findings.warn(tree.at, "the smtp password is sent unencrypted", "use `security: starttls` or `tls`");
        }
        _ => {}
    }
    Some(Smtp {
        host: host?.value,
        port: port.map_or(default_port(security), |p| p.value),
        security: security.to_owned(),
        user: user.map(|u| u.value),
        password: password.map(|p| p.value),
        from: from?.value,
    })
}

/// RFC 6409 and RFC 8314: submission with STARTTLS, with TLS from the start; without either a relay's port.
fn default_port(security: &str) -> u16 {
    match security {
        "none" => 25,
        "tls" => 465,
        _ => 587,
    }
}
