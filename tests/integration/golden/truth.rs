//! `expected.json`, and texts in a form in which they can be compared.

use std::collections::BTreeSet;

use docalign::{
    detect::VisualKind,
    geometry::{PageIndex, Region},
    segment::ParagraphKind,
    warning::WarningCode,
};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

/// What is true of a document. Paragraphs are named by their index, visuals by their id.
#[derive(Debug, Deserialize)]
pub struct Truth {
    /// Pages on which paragraphs that the truth does not know are no fault: titles, contents,
    /// lists, references.
    #[serde(default)]
    pub loose_pages: Vec<PageIndex>,
    pub paragraphs: Vec<TrueParagraph>,
    pub visuals: Vec<TrueVisual>,
    pub mentions: Vec<TrueMention>,
    pub unresolved: Vec<TrueMention>,
    /// Paragraphs that belong to a visual beside them without naming it.
    pub beside: Vec<TrueMention>,
    /// What the program must warn of; of nothing else.
    #[serde(default)]
    pub warnings: BTreeSet<WarningCode>,
}

#[derive(Debug, Deserialize)]
pub struct TrueParagraph {
    pub kind: ParagraphKind,
    /// The page on which it begins.
    pub page: PageIndex,
    /// Whether it has a fixed place in the reading order.
    pub flow: bool,
    /// Its text; [`UNKNOWN`] stands for what the source does not know.
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct TrueVisual {
    pub id: String,
    pub kind: VisualKind,
    /// As printed.
    pub label: Option<String>,
    /// Its number in normal form.
    pub number: Option<String>,
    /// Its caption and the captions of its further parts.
    pub captions: Vec<usize>,
    pub regions: Vec<Region>,
}

#[derive(Debug, Deserialize)]
pub struct TrueMention {
    pub paragraph: usize,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub visuals: Vec<String>,
}

/// Stands for a formula or a footnote mark in a true text.
const UNKNOWN: char = '\u{fffc}';

/// How many letters may stand where the truth has [`UNKNOWN`]: a displayed formula with its
/// subscripts, if its text is left in the paragraph.
const MAX_UNKNOWN_LETTERS: usize = 80;

/// A text as words of letters and digits, lower case, one space apart: quotes, dashes and
/// punctuation differ between a source and its print. A hyphen inside a word is left out, one
/// before a space parts words, so that a hyphenation which was not undone shows. No spaces beside
/// CJK characters.
pub fn words(text: &str) -> String {
    let mut out = String::new();
    let mut gap = String::new();
    for ch in text.nfkc().flat_map(char::to_lowercase) {
        if !ch.is_alphanumeric() && ch != UNKNOWN {
            gap.push(ch);
            continue;
        }
        let glued = gap.chars().all(|c| "-\u{2010}\u{ad}'\u{2019}".contains(c));
        let before = out.chars().next_back();
        if !glued && before.is_some_and(|b| !is_cjk(b)) && !is_cjk(ch) {
            out.push(' ');
        }
        gap.clear();
        out.push(ch);
    }
    out
}

fn is_cjk(ch: char) -> bool {
    ('\u{2e80}'..='\u{9fff}').contains(&ch)
}

/// What keeps a text from reading as the true text demands, both in the form of [`words`]: what
/// should come, and what comes instead; `None` when it reads well.
pub fn divergence(truth: &str, text: &str) -> Option<(String, String)> {
    let mut rest = text;
    let mut open_end = false;
    for (i, piece) in truth.split(UNKNOWN).map(str::trim).enumerate() {
        let limit = if i == 0 { 0 } else { MAX_UNKNOWN_LETTERS };
        open_end = i > 0 && piece.is_empty();
        match rest.find(piece) {
            Some(at) if rest[..at].chars().count() <= limit => rest = &rest[at + piece.len()..],
            _ => return Some(shortened(piece, rest)),
        }
    }
    let over = rest.chars().count();
    let fits = over == 0 || open_end && over <= MAX_UNKNOWN_LETTERS;
    (!fits).then(|| shortened("", rest))
}

/// Some words before and after the place from which two texts differ.
fn shortened(truth: &str, text: &str) -> (String, String) {
    let both = truth.chars().zip(text.chars());
    let same = both.take_while(|(a, b)| a == b).count();
    let cut = |s: &str| s.chars().skip(same.saturating_sub(25)).take(75).collect();
    (cut(truth), cut(text))
}

/// The words of a paragraph without the number or bullet of a list item or footnote: whether that
/// belongs to the text is left open.
pub fn paragraph_words(kind: ParagraphKind, text: &str) -> String {
    let words = words(text);
    if !matches!(kind, ParagraphKind::ListItem | ParagraphKind::Footnote) {
        return words;
    }
    words
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start()
        .to_owned()
}

#[test]
fn texts_are_compared_by_their_words() {
    assert_eq!(
        words("The “ﬁne” high-speed, don't!"),
        "the fine highspeed dont"
    );
    assert_eq!(words("Wärme- verlust"), "wärme verlust");
    assert_eq!(words("如 图 3-2 所示"), "如图32所示");
    assert_eq!(
        None,
        divergence(&words("law \u{fffc} holds"), "law a b holds")
    );
    assert_ne!(
        None,
        divergence(&words("law \u{fffc} holds"), "law a b holds not")
    );
    assert_ne!(None, divergence("abc", "abcd"));
    assert_eq!(None, divergence(&words("weeks.\u{fffc}"), "weeks 1"));
}
