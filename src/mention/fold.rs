//! The text as the matcher sees it, with the way back to the text as printed.
//!
//! Folding does away with what differs between two printings of one word: case, ligatures, accents
//! (as one character, as a combining mark or as a glyph of their own: "par´ametro"), soft hyphens,
//! full-width forms, the digits of other scripts, the several dashes, blanks and white space.

use std::ops::Range;

use unicode_normalization::char::decompose_compatible;

/// Raised digits, which compatibility folding would take for plain ones.
fn is_superscript(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹')
}

/// A folded text that can say where each of its bytes came from.
pub(super) struct Folded<'t> {
    original: &'t str,
    /// The folded text; every run of white space is one blank.
    pub(super) text: String,
    /// Where the distance between folded and original offset changes: (folded, original).
    shifts: Vec<(usize, usize)>,
}

impl<'t> Folded<'t> {
    pub(super) fn new(original: &'t str) -> Self {
        let mut folded = Self {
            original,
            text: String::with_capacity(original.len()),
            shifts: vec![(0, 0)],
        };
        let mut delta = 0usize;
        let mut blank = false;
        for (at, c) in original.char_indices() {
            if c.is_ascii() && !c.is_ascii_whitespace() {
                folded.put(c.to_ascii_lowercase(), at, &mut delta);
                blank = false;
            } else if c.is_whitespace() {
                if !blank {
                    folded.put(' ', at, &mut delta);
                }
                blank = true;
            } else if is_superscript(c) {
                // A footnote's mark is no digit of the number it stands at.
                folded.put(c, at, &mut delta);
                blank = false;
            } else if !is_ignored(c) {
                fold_char(c, |part| folded.put(part, at, &mut delta));
                blank = false;
            }
        }
        folded
    }

    /// Appends a folded character that stems from the original one at `at`.
    fn put(&mut self, c: char, at: usize, delta: &mut usize) {
        // Wrapping: only equality matters, and folded text may be longer than the original.
        let now = at.wrapping_sub(self.text.len());
        if now != *delta {
            self.shifts.push((self.text.len(), at));
            *delta = now;
        }
        self.text.push(c);
    }

    /// The folded text from `at` on; empty where `at` is no character's start.
    pub(super) fn from(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or("")
    }

    /// The folded text before `at`.
    pub(super) fn before(&self, at: usize) -> &str {
        self.text.get(..at).unwrap_or("")
    }

    /// The first folded character at `at`.
    pub(super) fn peek(&self, at: usize) -> Option<char> {
        self.from(at).chars().next()
    }

    /// The position after one blank, if there is one at `at`.
    pub(super) fn skip_blank(&self, at: usize) -> usize {
        at + usize::from(self.from(at).starts_with(' '))
    }

    /// Whether the original of the folded character at `at` is an upper-case letter.
    pub(super) fn is_upper(&self, at: usize) -> bool {
        let start = self.original_start(at);
        self.original
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(char::is_uppercase)
    }

    /// The original range of a folded range, on character boundaries.
    pub(super) fn original_range(&self, range: Range<usize>) -> Range<usize> {
        self.original_start(range.start)..self.original_end(range.end)
    }

    /// The original text of a folded range.
    pub(super) fn original_text(&self, range: Range<usize>) -> &'t str {
        self.original.get(self.original_range(range)).unwrap_or("")
    }

    fn original_start(&self, at: usize) -> usize {
        if at >= self.text.len() {
            return self.original.len();
        }
        let next = self.shifts.partition_point(|&(folded, _)| folded <= at);
        let (folded, original) = self
            .shifts
            .get(next.wrapping_sub(1))
            .copied()
            .unwrap_or_default();
        self.original.floor_char_boundary(original + (at - folded))
    }

    fn original_end(&self, at: usize) -> usize {
        let start = self.original_start(at);
        let previous = self.before(at).char_indices().next_back();
        match previous {
            // In the midst of what one character became: its whole is in the range.
            Some((before, _)) if self.original_start(before) == start => {
                let whole = self
                    .original
                    .get(start..)
                    .and_then(|rest| rest.chars().next());
                start + whole.map_or(0, char::len_utf8)
            }
            _ => start,
        }
    }
}

/// The folded form of a word or phrase of the data.
pub(super) fn fold(text: &str) -> String {
    Folded::new(text).text
}

/// Characters that a folded text leaves out: format characters, variation selectors and accents,
/// be they combining or spacing.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{feff}' | '\u{61c}' | '\u{640}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{64b}'..='\u{655}' | '\u{670}' | '\u{5b0}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}'
        | '\u{a8}' | '\u{b4}' | '\u{b8}' | '\u{af}' | '\u{2c6}' | '\u{2c7}'
        | '\u{2d8}'..='\u{2dd}')
}

/// Gives the folded characters of one that is neither ASCII nor white space nor ignored.
fn fold_char(c: char, mut put: impl FnMut(char)) {
    match c {
        // Most frequent, and folded to themselves: Han, kana, Hangul syllables.
        '\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{30fa}' | '\u{ac00}'..='\u{d7a3}' => put(c),
        '\u{430}'..='\u{44f}' if c != 'й' => put(c),
        '\u{410}'..='\u{42f}' if c != 'Й' => c.to_lowercase().for_each(put),
        // A superscript is a footnote's mark, not a digit of the number that it follows.
        '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}'..='\u{2089}' => put(c),
        _ => decompose_compatible(c, |part| {
            if is_ignored(part) {
                return;
            }
            for lower in part.to_lowercase() {
                if !is_ignored(lower) {
                    put(unify(lower));
                }
            }
        }),
    }
}

/// One character for the several that print or mean the same.
fn unify(c: char) -> char {
    match c {
        '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{5be}' => '-',
        '\u{2012}' | '\u{2013}' => '–',
        '\u{2014}' | '\u{2015}' => '—',
        '\u{301c}' | '\u{223c}' | '\u{2053}' => '~',
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' => '\'',
        'ı' => 'i',
        'ς' => 'σ',
        '\u{643}' => '\u{6a9}',
        '\u{64a}' | '\u{649}' => '\u{6cc}',
        '\u{3000}' | '\u{a0}' => ' ',
        _ => decimal_digit(c).unwrap_or(c),
    }
}

/// The zero of each script's digits that books are printed in; nine more follow it.
const ZEROS: [char; 17] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{1040}',
    '\u{17e0}',
];

fn decimal_digit(c: char) -> Option<char> {
    if !('\u{660}'..='\u{17e9}').contains(&c) {
        return None;
    }
    let value = ZEROS.iter().find_map(|&zero| {
        let value = (c as u32).checked_sub(zero as u32)?;
        (value < 10).then_some(value)
    })?;
    char::from_digit(value, 10)
}
