//! Just enough of OpenPGP (RFC 9580) to tell a public key from something else, and when it was made.

use base64::Engine;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// Creation time of an ASCII-armoured public key, seconds since 1970; `None` when the text is no such key.
///
/// rpm names an imported key `gpg-pubkey-KEYID-CREATION` with this time in hexadecimal.
#[must_use]
pub fn created(armoured: &str) -> Option<u32> {
    let (_, rest) = armoured.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    // Headers end at the first empty line; the checksum begins with "=".
    let lines: Vec<&str> = body.lines().map(str::trim).collect();
    let blank = lines.iter().skip(1).position(|l| l.is_empty()).map_or(0, |at| at + 2);
    let packed: String = lines.get(blank..)?.iter().take_while(|l| !l.starts_with('=')).copied().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    let packet = first_packet(&bytes)?;
    // Version 4 or 6, then the time of creation.
    if !matches!(packet.first(), Some(4 | 6)) {
        return None;
    }
    Some(u32::from_be_bytes(packet.get(1..5)?.try_into().ok()?))
}

/// Body of the first packet when it is a public key (type 6).
fn first_packet(bytes: &[u8]) -> Option<&[u8]> {
    let tag = *bytes.first()?;
    let (kind, header) = if tag & 0xc0 == 0xc0 {
        // New format: one length octet up to 191, two up to 223, five at 255.
        let header = match *bytes.get(1)? {
            0..=191 => 2,
            192..=223 => 3,
            255 => 6,
            _ => return None,
        };
        (tag & 0x3f, header)
    } else if tag & 0x80 != 0 {
        (tag >> 2 & 0x0f, [2, 3, 5].get(usize::from(tag & 3)).copied()?)
    } else {
        return None;
    };
    if kind == 6 { bytes.get(header..) } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_when_it_was_made() {
        let key = include_str!("../../tests/fixtures/package/key.asc");
        // gpg --show-keys --with-colons key.asc: pub:…:1700000000
        assert_eq!(created(key), Some(1_700_000_000));
    }

    #[test]
    fn anything_else_is_no_key() {
        let signature = format!("{BEGIN}\n\niQ==\n=abcd\n{END}\n");
        for text in ["", "<html>404</html>", BEGIN, &signature, &format!("{BEGIN}\n{END}")] {
            assert_eq!(created(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(body in "[A-Za-z0-9+/=\n: ]{0,80}") {
            let _ = created(&format!("{BEGIN}\n{body}\n{END}"));
        }
    }
}
