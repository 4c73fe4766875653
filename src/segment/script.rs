//! What layout needs to know of scripts: ideographs, and text that runs from right to left.

use super::lines::Word;

/// Whether a character belongs to a script that is written without spaces and may break anywhere:
/// Han, Kana, Bopomofo, CJK punctuation and full-width forms. Hangul is written with spaces.
pub fn is_cjk(ch: char) -> bool {
    matches!(ch,
        '\u{2e80}'..='\u{312f}' | '\u{31a0}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is of a script written from right to left.
pub fn is_rtl(ch: char) -> bool {
    matches!(ch, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        && !is_arabic_digit(ch)
}

fn is_arabic_digit(ch: char) -> bool {
    matches!(ch, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

/// Turns a line whose characters stand in reverse visual order into logical order: what runs from
/// left to right inside it (Latin words, all numbers) is turned back, words together with the
/// words beside them. A simplification of the Unicode bidirectional algorithm's rule L2 for one
/// level of embedding, which is all that running text has.
pub(super) fn logical_order(text: &mut String, words: &mut [Word]) {
    let mut out = String::with_capacity(text.len());
    let mut start = 0;
    while start < words.len() {
        let is_ltr = |word: &Word| {
            text.get(word.span.clone())
                .is_some_and(|t| !t.chars().any(is_rtl) && t.chars().any(char::is_alphanumeric))
        };
        let mut end = start;
        while words.get(end).is_some_and(is_ltr) {
            end += 1;
        }
        if let Some(run) = words.get_mut(start..end) {
            run.reverse();
        }
        let end = end.max(start + 1);
        for word in words.get_mut(start..end).unwrap_or(&mut []) {
            if !out.is_empty() {
                out.push(' ');
            }
            let from = out.len();
            push_logical(&mut out, text.get(word.span.clone()).unwrap_or(""));
            word.span = from..out.len();
        }
        start = end;
    }
    *text = out;
}

/// A word in reverse visual order, its left-to-right parts turned back.
fn push_logical(out: &mut String, word: &str) {
    let chars: Vec<char> = word.chars().collect();
    let is_ltr = |ch: &char| !is_rtl(*ch) && ch.is_alphanumeric();
    let mut i = 0;
    while let Some(ch) = chars.get(i) {
        if !is_ltr(ch) {
            out.push(*ch);
            i += 1;
            continue;
        }
        // Separators between digits or Latin letters belong to the run: "3.2", "a-b".
        let mut end = i + 1;
        while chars.get(end).is_some_and(is_ltr)
            || (chars.get(end).is_some_and(|ch| ".,:/-_".contains(*ch))
                && chars.get(end + 1).is_some_and(is_ltr))
        {
            end += 1;
        }
        out.extend(chars.get(i..end).unwrap_or(&[]).iter().rev());
        i = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;

    #[test]
    fn right_to_left_lines_come_out_in_logical_order() {
        // Visual, left to right: "2.3 لكش", as drawn reversed by the caller: words right to left,
        // characters reversed.
        let mut text = "شكل 3.2".to_owned();
        let split = text.find(' ').unwrap();
        let mut words = vec![
            Word {
                bbox: Rect::default(),
                span: 0..split,
            },
            Word {
                bbox: Rect::default(),
                span: split + 1..text.len(),
            },
        ];
        logical_order(&mut text, &mut words);
        assert_eq!(text, "شكل 2.3");
    }
}
