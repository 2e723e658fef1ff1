//! One line of a changelog: `ID: EPOCH|OPERATION(…)` and, for some operations, `:RESULT`.

/// Longest line taken, without its newline.
pub const LINE_LIMIT: usize = 65_535;
/// Most digits of a number: so many are exact also in awk's floating point, which reads changelogs on nodes.
const DIGITS: usize = 15;

/// A line that a master finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number of the change.
    pub id: u64,
    /// When, seconds since 1970.
    pub time: u64,
    /// The operation's name.
    pub operation: &'a str,
    /// What stands between the first and the last parenthesis.
    pub arguments: &'a [u8],
}

impl<'a> Line<'a> {
    /// Reads a line without its newline. `None` when it is torn: another form, control bytes 0 or 1, or a second
    /// line begun within it (names are escaped, so the form cannot occur in them).
    #[must_use]
    pub fn read(line: &'a [u8]) -> Option<Self> {
        if line.len() > LINE_LIMIT || line.iter().any(|b| matches!(b, 0 | 1)) {
            return None;
        }
        let (id, rest) = number(line)?;
        let (time, rest) = number(rest.strip_prefix(b": ")?)?;
        let rest = rest.strip_prefix(b"|")?;
        let length = name_length(rest)?;
        let (operation, rest) = (rest.get(..length)?, rest.get(length + 1..)?);
        let end = rest.iter().rposition(|b| *b == b')')?;
        if begins_another(rest) {
            return None;
        }
        Some(Self { id, time, operation: std::str::from_utf8(operation).ok()?, arguments: rest.get(..end)? })
    }
}

/// A decimal number of up to 15 digits and what follows it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits > DIGITS {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    Some((number.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')), rest))
}

/// Length of the operation's name, which a parenthesis follows.
fn name_length(text: &[u8]) -> Option<usize> {
    let length = text.iter().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b'_').count();
    (length > 0 && text.get(length) == Some(&b'(')).then_some(length)
}

/// Whether the head of a line stands somewhere in `text`.
fn begins_another(text: &[u8]) -> bool {
    text.windows(3).enumerate().any(|(at, three)| {
        if !(three[0].is_ascii_digit() && three[1] == b':' && three[2] == b' ') {
            return false;
        }
        let rest = text.get(at + 3..).unwrap_or_default();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && rest.get(digits) == Some(&b'|') && rest.get(digits + 1..).is_some_and(|name| name_length(name).is_some())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_its_parts() {
        let line = Line::read(b"125: 1795342930|CREATE(1,after,2,511,18,0,0,0):30").unwrap();
        assert_eq!((line.id, line.time, line.operation), (125, 1_795_342_930, "CREATE"));
        assert_eq!(line.arguments, b"1,after,2,511,18,0,0,0");
        assert_eq!(Line::read(b"1: 2|SETMETAID(77)").unwrap().arguments, b"77");
        assert_eq!(Line::read(b"1: 2|A(f(x))").unwrap().arguments, b"f(x)");
    }

    #[test]
    fn torn_lines() {
        for torn in [
            &b""[..],
            b"203: 17953424",
            b"203: 1795342444|CRE\0\0",
            b"203: 1795342444|WRITE(1,\0\0)",
            b"203: 1795342444|WRI203: 1795342444|WRITE(1)",
            b"203: 1795342444|WRITE(1,204: 1795342444|WRITE(1)",
            b"203:1795342444|WRITE(1)",
            b"1234567890123456: 1|A()",
            b"-1: 1|A()",
            b"1: 1|()",
            b"1: 1|write()",
        ] {
            assert_eq!(Line::read(torn), None, "{}", String::from_utf8_lossy(torn));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let _ = Line::read(&bytes);
        }

        #[test]
        fn what_is_written_is_read(id in 1_u64..1_000_000_000_000_000, time in 0_u64..5_000_000_000, name in "[A-Z0-9_]{1,12}", args in "[a-z0-9,%/]{0,30}") {
            let text = format!("{id}: {time}|{name}({args}):7");
            let line = Line::read(text.as_bytes()).unwrap();
            proptest::prop_assert_eq!((line.id, line.time, line.operation, line.arguments), (id, time, name.as_str(), args.as_bytes()));
        }
    }
}
