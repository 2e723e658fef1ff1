//! One line of `journalctl -o json` (systemd.journal-fields(7); the form is described under JOURNAL JSON FORMAT of its interface page).

use serde_json::Value;

use super::Line;

/// Reads a line; `None` for what is none. A field may be a text, an array of bytes where it is no text, an array of several
/// values, or null where it was too long.
pub(super) fn line(text: &str) -> Option<Line> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
    let field = |name: &str| object.get(name).and_then(words);
    let time = field("__REALTIME_TIMESTAMP")?.parse().ok()?;
    let kernel = field("_TRANSPORT").as_deref() == Some("kernel");
    let unit = field("UNIT").or_else(|| field("_SYSTEMD_UNIT"));
    let name = if kernel { Some("kernel".to_owned()) } else { field("SYSLOG_IDENTIFIER") };
    Some(Line {
        time,
        name: name.or_else(|| unit.clone()).unwrap_or_else(|| "?".to_owned()),
        unit,
        pid: field("SYSLOG_PID").or_else(|| field("_PID")).and_then(|p| p.trim().parse().ok()),
        priority: field("PRIORITY").and_then(|p| p.parse().ok()),
        message: object.get("MESSAGE").map(|m| words(m).unwrap_or_else(|| "(a message too long for the journal's JSON)".to_owned()))?,
        cursor: field("__CURSOR"),
    })
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(all) if all.iter().all(|v| v.as_u64().is_some_and(|n| n < 256)) => {
            let bytes: Vec<u8> = all.iter().filter_map(|v| u8::try_from(v.as_u64()?).ok()).collect();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        Value::Array(all) => all.last().and_then(words),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
