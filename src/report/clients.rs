//! `mfsctl client list` for people and for programs.

use serde_json::{Value, json};

use super::format::{clean, grouped};
use super::table::{Tone, Word, plain, render_within};
use crate::health::clients::{Row, State};

/// Renders all rows, at most `width` columns wide.
#[must_use]
pub fn render(rows: &[Row], color: bool, width: Option<u16>) -> String {
    let headers = ["node", "mount", "folder", "state", "mounted", "answers", "session", "version", "open", "operations"];
    render_within("Clients", &headers, &rows.iter().map(row).collect::<Vec<_>>(), color, width)
}

fn row(row: &Row) -> Vec<Word> {
    let yes = |value: Option<bool>| match value {
        Some(true) => ("yes".to_owned(), Tone::Plain),
        Some(false) => ("no".to_owned(), Tone::Plain),
        None => ("-".to_owned(), Tone::Dim),
    };
    let tone = match row.state {
        State::Well => Tone::Good,
        State::NotWanted | State::Foreign | State::LeftOver => Tone::Warn,
        _ => Tone::Bad,
    };
    let session = row.session.as_ref();
    let told = |read: &dyn Fn(&crate::protocol::Session) -> String| session.map_or_else(|| ("-".to_owned(), Tone::Dim), |s| plain(read(s)));
    vec![
        plain(row.node.clone().unwrap_or_else(|| row.address.to_string())),
        plain(clean(&row.path)),
        plain(clean(row.folder.as_deref().unwrap_or("-"))),
        (row.state.words().to_owned(), tone),
        yes(row.mounted),
        yes(row.answers),
        told(&|s| if s.connections > 0 { s.id.to_string() } else { format!("{}, away, expires in {} s", s.id, s.expires) }),
        told(&|s| s.version.to_string()),
        told(&|s| grouped(u64::from(s.open_files))),
        told(&|s| format!("{} this hour, {} the last", grouped(s.operations.0), grouped(s.operations.1))),
    ]
}

/// The same for programs.
#[must_use]
pub fn document(cluster: &str, rows: &[Row]) -> Value {
    json!({ "format": 1, "cluster": cluster, "clients": rows })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::health::testing::session;

    #[test]
    fn for_people_and_for_programs() {
        let address = Ipv4Addr::new(172, 16, 0, 11);
        let well = Row {
            node: Some("node6".into()),
            address,
            path: "/mnt/mfs".into(),
            folder: Some("/".into()),
            wanted: true,
            mounted: Some(true),
            answers: Some(true),
            session: Some(session(address, 7)),
            state: State::Well,
        };
        let lost = Row {
            mounted: Some(false),
            answers: None,
            session: None,
            state: State::NotMounted,
            path: "/mnt/\u{1b}x".into(),
            ..well.clone()
        };
        let text = render(&[well.clone(), lost], false, Some(160));
        for part in ["node6", "/mnt/mfs", "ok", "120 this hour, 340 the last", "NOT MOUNTED", "/mnt/?x"] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        let document = document("c", &[well]);
        assert_eq!((&document["clients"][0]["state"], &document["clients"][0]["session"]["id"]), (&json!("well"), &json!(7)));
    }
}
