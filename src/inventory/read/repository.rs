//! Where packages come from.

use crate::inventory::keys::{MIRROR, MOOSEFS_MIRROR, REPOSITORIES};
use crate::inventory::model::{Mirror, MooseFsSource, Repositories};
use crate::inventory::reader::Reader;
use crate::inventory::rule;
use crate::inventory::tree::{Kind, Tree};

/// Reads `repositories`; everything has a default.
pub fn repositories(r: &mut Reader<'_>, tree: Option<&Tree>) -> Repositories {
    let default = Repositories { moosefs: MooseFsSource::Official, elrepo: true, elrepo_mirror: None, fastestmirror: false };
    let Some(fields) = tree.and_then(|t| r.fields(t, &REPOSITORIES, "repositories")) else { return default };
    Repositories {
        moosefs: fields.get("moosefs").and_then(|t| moosefs(r, t)).unwrap_or(default.moosefs),
        elrepo: fields.get("elrepo").and_then(|t| r.bool(t, "elrepo")).unwrap_or(default.elrepo),
        elrepo_mirror: fields.get("elrepo_mirror").and_then(|t| mirror(r, t, "elrepo_mirror")),
        fastestmirror: fields.get("fastestmirror").and_then(|t| r.bool(t, "fastestmirror")).unwrap_or(default.fastestmirror),
    }
}

fn moosefs(r: &mut Reader<'_>, tree: &Tree) -> Option<MooseFsSource> {
    if let Kind::Scalar { .. } = tree.kind {
        let word = r.word(tree, "repositories.moosefs", &["official", "distribution"])?;
        return Some(if word.value == "official" { MooseFsSource::Official } else { MooseFsSource::Distribution });
    }
    let fields = r.fields(tree, &MOOSEFS_MIRROR, "repositories.moosefs")?;
    fields.get("mirror").and_then(|t| mirror(r, t, "mirror")).map(MooseFsSource::Mirror)
}

fn mirror(r: &mut Reader<'_>, tree: &Tree, what: &str) -> Option<Mirror> {
    let fields = r.fields(tree, &MIRROR, what)?;
    let url = fields.get("url").and_then(|t| url(r, t, what));
    let suite = fields.get("suite").and_then(|t| r.checked(t, "suite", rule::apt_word)).map_or_else(|| "./".to_owned(), |s| s.value);
    let flat = suite.ends_with('/');
    let mut components = Vec::new();
    for item in fields.get("components").map(|t| r.texts(t, "components", false)).unwrap_or_default() {
        match rule::apt_word(&item.value) {
            Ok(()) => components.push(item.value),
            Err(rule) => r.error(item.at, format!("unsafe component {:?}", item.value), rule),
        }
    }
    if flat && !components.is_empty() {
        r.error(
            fields.place("components"),
            format!("a flat suite ({suite}) has no components"),
            "remove `components:`, or name a suite such as bookworm",
        );
    } else if !flat && components.is_empty() {
        components.push("main".to_owned());
    }
    let key = fields.get("key").and_then(|t| key(r, t));
    if fields.get("key").is_none() {
        r.findings.warn(tree.at, format!("{what} has no key: its packages cannot be verified"), "add `key: !file key.asc`");
    }
    let exclusive = fields.get("exclusive").and_then(|t| r.bool(t, "exclusive")).unwrap_or(false);
    Some(Mirror { url: url?, suite, components, key, exclusive })
}

/// The URL is not shown: it may carry a login.
fn url(r: &mut Reader<'_>, tree: &Tree, what: &str) -> Option<String> {
    let text = r.text(tree, "url")?;
    match rule::url(&text.value) {
        Ok(()) => Some(text.value.trim_end_matches('/').to_owned()),
        Err(rule) => {
            r.error(text.at, format!("unsafe url of {what}"), rule);
            None
        }
    }
}

/// A signing key is public: a plain one is no secret in a readable file.
fn key(r: &mut Reader<'_>, tree: &Tree) -> Option<String> {
    let plain = r.plain_secrets.len();
    let key = r.secret(tree, "repository key");
    r.plain_secrets.truncate(plain);
    let key = key?;
    let armoured = key.value.expose().contains("-----BEGIN PGP PUBLIC KEY BLOCK-----");
    if r.source.real() && !armoured {
        r.error(
            key.at,
            "the repository key is not an ASCII armoured public key",
            "it starts with -----BEGIN PGP PUBLIC KEY BLOCK-----; usually `key: !file key.asc`",
        );
        return None;
    }
    Some(key.value.expose().to_owned())
}
