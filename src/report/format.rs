//! Numbers and paragraphs for people.

/// Bytes in the binary unit that keeps the number short: `17.9 MiB`, `600 MiB`, `1.8 GiB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = count as f64;
    let mut unit = 0;
    // 1023.95 would print as 1024.0
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let exact = (value - value.round()).abs() < 0.05;
    let number = if unit == 0 || exact || value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    format!("{number} {}", UNITS[unit])
}

/// A number with its thousands grouped: `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time span: `0:47`, `29:52`, `1:02:03`, `3d 04:00`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{rest:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{rest:02}"),
        _ => format!("{days}d {hours:02}:{minutes:02}"),
    }
}

/// A share of a whole in percent without decimals; `-` of nothing.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.0} %", part as f64 * 100.0 / whole as f64) }
}

/// Milliseconds as seconds: `17.2 s`.
#[must_use]
pub fn seconds(milliseconds: u64) -> String {
    format!("{:.1} s", milliseconds as f64 / 1000.0)
}

/// Text from elsewhere made fit for a terminal: control characters become `?`.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A paragraph broken at spaces into lines of at most `width` characters, the first one begun with `first`,
/// the others indented by as much. Words longer than a line stay whole.
#[must_use]
pub fn wrap(first: &str, text: &str, width: usize) -> String {
    let indent = " ".repeat(first.chars().count());
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(line.trim_end());
            out.push('\n');
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases =
            [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (18_841_600, "18 MiB"), (18_700_000, "17.8 MiB"), (629_145_600, "600 MiB")];
        for (count, text) in cases {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(bytes(1_887_436_800), "1.8 GiB");
        assert_eq!(bytes((1 << 40) - 1), "1 TiB");
        assert_eq!(bytes(u64::MAX), "16 EiB");
    }

    #[test]
    fn numbers_and_times() {
        assert_eq!([0, 999, 1000, 10_413, 1_234_567].map(grouped), ["0", "999", "1,000", "10,413", "1,234,567"]);
        assert_eq!([0, 47, 1792, 3723, 273_600].map(duration), ["0:00", "0:47", "29:52", "1:02:03", "3d 04:00"]);
        assert_eq!([percent(1, 3), percent(0, 0)], ["33 %", "-"]);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("/mnt/\u{1b}[2Jä\n"), "/mnt/?[2Jä?");
    }

    #[test]
    fn paragraphs() {
        assert_eq!(wrap("- ", "one two three four", 10), "- one two\n  three\n  four\n");
        assert_eq!(wrap("- ", "", 10), "-\n");
        assert_eq!(wrap("- ", "a-very-long-word b", 5), "- a-very-long-word\n  b\n");
    }
}
