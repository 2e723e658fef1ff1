//! `mfsctl tenant list` for people and for programs.

use serde_json::{Value, json};

use super::format::{bytes, clean};
use super::table::{Tone, Word, plain, render_within};
use crate::health::clients::State;
use crate::health::tenants::Standing;

/// Renders all of them, at most `width` columns wide.
#[must_use]
pub fn render(all: &[Standing], color: bool, width: Option<u16>) -> String {
    let headers = ["tenant", "folder", "directory", "goal", "trash", "quota", "export", "mounts"];
    render_within("Tenants", &headers, &all.iter().map(row).collect::<Vec<_>>(), color, width)
}

fn row(one: &Standing) -> Vec<Word> {
    let is = |value: Option<bool>, yes: &str, no: &str| match value {
        Some(true) => (yes.to_owned(), Tone::Good),
        Some(false) => (no.to_owned(), Tone::Bad),
        None => ("not known".to_owned(), Tone::Dim),
    };
    let export = match (one.exported, one.password) {
        (Some(true), Some(false)) => ("without a password".to_owned(), Tone::Warn),
        (exported, _) => is(exported, "with a password", "MISSING"),
    };
    let mounts: Vec<String> =
        one.mounts.iter().map(|m| format!("{}: {}", m.node.as_deref().unwrap_or_default(), m.state.words())).collect();
    let tone = if one.mounts.iter().all(|m| m.state == State::Well) { Tone::Plain } else { Tone::Bad };
    vec![
        plain(&one.tenant.name),
        plain(clean(&one.tenant.folder)),
        is(one.directory, "there", "MISSING"),
        setting(one.tenant.goal, one.goal, &|g| g.to_string()),
        setting(one.tenant.trashtime, one.trashtime, &|t| format!("{t} s")),
        setting(one.tenant.quota, one.quota, &bytes),
        export,
        (if mounts.is_empty() { "-".to_owned() } else { mounts.join("\n") }, tone),
    ]
}

fn setting<T: Copy + PartialEq>(wanted: Option<T>, found: Option<T>, words: &dyn Fn(T) -> String) -> Word {
    match (wanted, found) {
        (None, _) => ("-".to_owned(), Tone::Dim),
        (Some(wanted), Some(found)) if wanted != found => (format!("{} instead of {}", words(found), words(wanted)), Tone::Bad),
        (Some(wanted), _) => plain(words(wanted)),
    }
}

/// The same for programs.
#[must_use]
pub fn document(cluster: &str, all: &[Standing]) -> Value {
    json!({ "format": 1, "cluster": cluster, "tenants": all })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::model::Tenant;

    #[test]
    fn for_people() {
        let tenant = Tenant { name: "t".into(), folder: "/t".into(), goal: Some(2), quota: Some(1 << 30), ..Tenant::default() };
        let one = Standing {
            tenant: &tenant,
            directory: Some(true),
            goal: Some(1),
            trashtime: None,
            quota: Some(1 << 30),
            exported: Some(false),
            password: None,
            mounts: Vec::new(),
        };
        let text = render(std::slice::from_ref(&one), false, Some(140));
        for part in ["there", "1 instead of 2", "1 GiB", "MISSING"] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        assert_eq!(document("c", &[one])["tenants"][0]["tenant"]["folder"], "/t");
    }
}
