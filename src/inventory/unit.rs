//! Durations and sizes as people write them.

use std::time::Duration;

/// Reads `30s`, `500ms`, `1m30s`, `2h`; each unit at most once, larger ones first.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (mut rest, mut total, mut next) = (text, 0u64, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (index, (_, scale)) = UNITS.iter().enumerate().find(|(i, (unit, _))| *i >= next && *unit == &after[..end])?;
        total = total.checked_add(number.checked_mul(*scale)?)?;
        next = index + 1;
        rest = &after[end..];
    }
    (!text.is_empty()).then(|| Duration::from_millis(total))
}

/// Writes a duration the way [`duration`] reads it.
#[must_use]
pub fn show_duration(value: Duration) -> String {
    let ms = value.as_millis();
    let parts = [(ms / 3_600_000, "h"), (ms / 60_000 % 60, "m"), (ms / 1000 % 60, "s"), (ms % 1000, "ms")];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Reads a trash time in seconds: `3600`, `90m`, `36h`, `7d`, `2w`.
#[must_use]
pub fn trashtime(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let scale: u32 = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok()?.checked_mul(scale)).flatten()
}

/// Reads `20GiB`, `100M`, `4096`: K, M, G, T with or without `iB` are powers of 1024, as LVM counts.
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let shift = match text[end..].trim_start() {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        "T" | "TiB" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        for wrong in ["", "30", "s", "30x", "1s1m", "1s1s", "-1s", "1.5s", "99999999999999999999h", "9999999999999999h", "1 s", "1é"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        for text in ["30s", "1m30s", "2h", "500ms", "0s"] {
            assert_eq!(duration(text).map(show_duration).as_deref(), Some(text));
        }
    }

    #[test]
    fn trash_times() {
        for (text, seconds) in [("0", 0), ("3600", 3600), ("90m", 5400), ("36h", 129_600), ("7d", 604_800), ("2w", 1_209_600)] {
            assert_eq!(trashtime(text), Some(seconds), "{text}");
        }
        for wrong in ["", "h", "1.5h", "1h30m", "-1", "+1", "9999999w", "1y", "1é"] {
            assert_eq!(trashtime(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("20GiB"), Some(20 << 30));
        assert_eq!(size("100M"), Some(100 << 20));
        assert_eq!(size("512 MiB"), Some(512 << 20));
        for wrong in ["", "G", "-1G", "1GB", "1.5G", "0", "99999999T", "1é"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
