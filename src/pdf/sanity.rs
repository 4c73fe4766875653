//! Tells text from the codes of a font that nobody can decode.

/// How much characters look like text, 0 to 1: the share of neighbours that may stand next to
/// each other in some language. White space sets words apart and does not count; a text without
/// neighbours is judged by its characters. No characters give 0.
pub(super) fn sanity(text: &[char]) -> f32 {
    let inked = text.iter().filter(|ch| !ch.is_whitespace());
    let (count, known) = inked.fold((0_u32, 0_u32), |(count, known), ch| {
        (count + 1, known + u32::from(Class::of(*ch) != Class::None))
    });
    let (mut pairs, mut good) = (0_u32, 0_u32);
    for pair in text.windows(2) {
        if let [a, b] = pair
            && !a.is_whitespace()
            && !b.is_whitespace()
        {
            pairs += 1;
            good += u32::from(may_follow(*a, *b));
        }
    }
    let share = |part: u32, whole: u32| part as f32 / whole.max(1) as f32;
    if pairs == 0 {
        share(known, count)
    } else {
        share(known, count).min(share(good, pairs))
    }
}

/// What a character is to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter of a block of 128 characters, roughly a script.
    Letter(u32),
    Digit,
    /// Punctuation that opens.
    Open,
    /// Punctuation that closes or joins.
    Close,
    /// Either of the two, and mathematics.
    Either,
    /// Nothing that text has: U+FFFD, private use, controls.
    None,
}

impl Class {
    fn of(ch: char) -> Class {
        match ch {
            '\u{FFF0}'..='\u{FFFF}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. => Class::None,
            _ if ch.is_control() => Class::None,
            '(' | '[' | '{' | '«' | '\u{201E}' | '\u{201C}' | '\u{2018}' | '¿' | '¡' | '#'
            | '\\' | '@' | '$' | '\u{3008}' | '\u{300A}' | '\u{300C}' | '\u{300E}' | '\u{3010}' => {
                Class::Open
            }
            ')' | ']' | '}' | '»' | '\u{201D}' | '.' | ',' | ';' | ':' | '!' | '?' | '%' | '…'
            | '\u{3001}' | '\u{3002}' | '\u{FF0C}' | '\u{FF1A}' => Class::Close,
            _ if ch.is_numeric() => Class::Digit,
            _ if ch.is_alphabetic() => Class::Letter(script_block(ch)),
            _ => Class::Either,
        }
    }
}

/// Latin and its supplements are one block, and so are the CJK blocks.
fn script_block(ch: char) -> u32 {
    match u32::from(ch) {
        0..0x250 | 0x1E00..0x1F00 | 0xFB00..0xFB07 => 0,
        0x2E80..0xA000 | 0xAC00..0xD7B0 | 0xF900..0xFB00 | 0x20000.. => 1,
        0x400..0x530 => 2,
        other => 0x100 + other / 0x80,
    }
}

fn may_follow(a: char, b: char) -> bool {
    use Class::{Close, Digit, Either, Letter, None, Open};
    match (Class::of(a), Class::of(b)) {
        (None, _) | (_, None) => false,
        // Capitals begin words.
        (Letter(x), Letter(y)) => {
            (x == y && !(a.is_lowercase() && b.is_uppercase())) || x == 1 || y == 1
        }
        (Digit, Letter(1)) | (Letter(1), Digit) => true,
        (Digit, Letter(_)) | (Letter(_), Digit) => false,
        (Digit, Digit) => true,
        (Letter(_) | Digit | Close | Either, Close) => true,
        (Open | Either, Letter(_) | Digit | Open) => true,
        (Close | Open, Either) => true,
        (Letter(_) | Digit, Either) => {
            matches!(b, '-' | '\'' | '/' | '\u{2019}' | '\u{2013}' | '"' | '_')
        }
        // "e.g.", "3.2", "一。二".
        (Close, Digit | Letter(_)) => matches!(a, '.' | ',' | ':' | ')') || !a.is_ascii(),
        (Letter(_) | Digit | Close, Open) => !a.is_ascii(),
        (Open, Close) | (Either, Either) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> f32 {
        sanity(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn text_of_many_languages_is_sane() {
        for text in [
            "As Figure 3.2 shows (see p. 12), it works; \u{201C}really\u{201D}.",
            "Abbildung 3 zeigt das (erste) Ergebnis, z. B. für Öl.",
            "Рис. 4 показывает результат.",
            "图3所示的结果。表2-1列出了“数据”。",
            "그림 1.5는 결과를 보여 준다.",
            "https://example.org/a-b",
        ] {
            assert!(of(text) > 0.8, "{text}: {}", of(text));
        }
    }

    #[test]
    fn codes_are_not() {
        for text in [
            "\u{FFFD}\u{FFFD}\u{FFFD}",
            "\u{F0AB}\u{F0B7}x",
            "a\u{2D9}Cfl58Z\u{A2}J\"X[l",
            "'\u{AF}\u{F3}K'sWs/\u{192}\u{B3} 37'\u{2014}./\u{CB}\u{B4}\u{EF}",
            "#$%&'()*+",
            "",
            "  ",
        ] {
            assert!(of(text) < 0.7, "{text}: {}", of(text));
        }
    }
}
