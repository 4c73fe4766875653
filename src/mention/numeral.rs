//! Roman and Han numerals.

/// The value of a Roman numeral in upper case, if it is one in its canonical form below 90.
///
/// Higher ones are left out: `C`, `D`, `M` and what is made of them are rather letters or words.
pub fn roman_value(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 8 {
        return None;
    }
    let mut value = 0;
    let mut largest_since = 0;
    for c in text.chars().rev() {
        let digit = match c {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            _ => return None,
        };
        if digit < largest_since {
            value -= i64::from(digit);
        } else {
            value += i64::from(digit);
            largest_since = digit;
        }
    }
    let value = u32::try_from(value).ok()?;
    (roman(value) == text).then_some(value)
}

/// A number below 90 as a Roman numeral in upper case.
pub(super) fn roman(mut value: u32) -> String {
    const DIGITS: [(u32, &str); 8] = [
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
        (0, ""),
    ];
    let mut text = String::new();
    for (worth, digit) in DIGITS {
        while worth > 0 && value >= worth {
            text.push_str(digit);
            value -= worth;
        }
    }
    text
}

/// The value of a Han numeral below 100 at the start of a text, and its length in bytes.
pub(super) fn han_value(text: &str) -> Option<(u32, usize)> {
    const DIGITS: &str = "一二三四五六七八九";
    let mut value = 0;
    let mut pending = 0;
    let mut length = 0;
    for c in text.chars().take(3) {
        if let Some(index) = DIGITS.chars().position(|digit| digit == c) {
            if pending > 0 {
                return None;
            }
            pending = u32::try_from(index).ok()? + 1;
        } else if c == '十' && value == 0 {
            value = pending.max(1) * 10;
            pending = 0;
        } else {
            break;
        }
        length += c.len_utf8();
    }
    (length > 0).then_some((value + pending, length))
}
