//! Abbreviations whose dot doesn't end a sentence.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold::fold;
use super::lexicon::Lexicon;

/// No abbreviation of the data has more bytes, blanks included.
const LONGEST: usize = 32;

/// Whether a text ends with a known abbreviation and its dot, as a sentence rarely does: "Fig.",
/// "z. B.", "et al.", "рис.".
pub fn ends_with_abbreviation(text: &str) -> bool {
    let Some(body) = text.strip_suffix('.') else {
        return false;
    };
    let reach = body.ceil_char_boundary(body.len().saturating_sub(LONGEST));
    let reach = body.get(reach..).unwrap_or("");
    let known = abbreviations();
    let mut candidates = word_starts(reach).map(|start| reach.get(start..).unwrap_or(""));
    candidates.any(|word| {
        let compact: String = word.chars().filter(|c| !c.is_whitespace()).collect();
        known.contains(&compact)
            || known.contains(&lower_first(&compact))
            || Lexicon::get().is_abbreviated_noun(&fold(word))
    })
}

/// The starts of words in a text, the last first.
fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().rev().filter_map(|(at, c)| {
        let before = text.get(..at)?.chars().next_back();
        let inside = before.is_some_and(|b| b.is_alphanumeric() || matches!(b, '.' | '-' | '\''));
        (c.is_alphanumeric() && !inside).then_some(at)
    })
}

/// A word as in the midst of a sentence: "See" of "see".
fn lower_first(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// The abbreviations without blanks and without their last dot.
fn abbreviations() -> &'static HashSet<String> {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        include_str!("abbreviations.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .flat_map(|(_, forms)| forms.split('|'))
            .map(|form| form.trim_end_matches('.').replace(' ', ""))
            .collect()
    });
    &KNOWN
}
