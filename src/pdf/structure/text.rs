//! Text strings of dictionaries: PDFDocEncoding, UTF-16 or UTF-8.

use lopdf::Object;

/// Decodes a text string. What is not valid becomes U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Not in the standard, but written by some programs.
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Bytes above 127 that happen to be valid UTF-8 are UTF-8 without its mark.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => text.to_owned(),
            _ => pdf_doc_encoding(bytes),
        },
    }
}

/// White space and control characters folded to single spaces, ends trimmed.
pub(super) fn fold(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    // A language code may stand between two escape characters.
    let mut escaped = false;
    text.filter(|c| {
        let escape = *c == '\u{1b}';
        escaped ^= escape;
        !escaped && !escape
    })
    .collect()
}

fn pdf_doc_encoding(bytes: &[u8]) -> String {
    lopdf::decode_text_string(&Object::string_literal(bytes))
        .unwrap_or_else(|_| bytes.iter().copied().map(char::from).collect())
}
