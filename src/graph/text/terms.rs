//! Texts as terms: stemmed words, pairs of CJK characters, numbers, and the letter groups of words.
//!
//! Words follow Unicode Standard Annex 29; where the document's language has a Snowball stemmer
//! (Porter 2001), words of one stem are one term. Letter groups (all runs of [`GROUP`] letters of
//! a word) stand in for stems in all other languages.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Letters of a group: shorter ones are common to unrelated words, longer ones miss inflections.
const GROUP: usize = 4;

/// A term as a number: the hash of its letters, so that no vocabulary is kept. The hash is the
/// same in every run.
pub(super) type TermId = u64;

/// Terms of a text with their counts.
pub(super) type TermCounts = HashMap<TermId, f32, BuildHasherDefault<DefaultHasher>>;

/// Cuts the texts of one document.
pub(super) struct Terms {
    stemmer: Option<Stemmer>,
}

impl Terms {
    /// For a document in a language (ISO 639-1), if it is known.
    pub(super) fn new(language: Option<&str>) -> Terms {
        Terms {
            stemmer: language.and_then(algorithm).map(Stemmer::create),
        }
    }

    /// The words of a text in order, one term each.
    pub(super) fn words(&self, text: &str) -> Vec<TermId> {
        self.stems(text).map(|stem| term(&stem)).collect()
    }

    /// The words of a text in order, stemmed, and pairs of ideographs.
    pub(super) fn stems(&self, text: &str) -> impl Iterator<Item = String> {
        let mut before: Option<&str> = None;
        text.unicode_words().filter_map(move |word| {
            if !is_ideograph(word) {
                before = None;
                return Some(self.stem(&folded(word)));
            }
            let pair = before.map(|before| format!("{before}{word}"));
            before = Some(word);
            pair
        })
    }

    /// The letter groups of a text's words.
    pub(super) fn groups(&self, text: &str) -> Vec<TermId> {
        let mut terms = Vec::new();
        for word in text.unicode_words() {
            let letters: Vec<char> = folded(word).chars().collect();
            if letters.len() <= GROUP {
                terms.push(hash(&letters));
            }
            terms.extend(
                letters
                    .windows(GROUP)
                    .skip(usize::from(letters.len() == GROUP))
                    .map(|group| hash(&group)),
            );
        }
        terms
    }

    fn stem(&self, word: &str) -> String {
        match &self.stemmer {
            Some(stemmer) => stemmer.stem(word).into_owned(),
            None => word.to_owned(),
        }
    }
}

/// Numbers, and names with digits, underscores, dots or capitals inside: what readers recognise a
/// plot's values, a file or a command by.
pub(super) fn symbols(text: &str) -> Vec<TermId> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|ch: char| !ch.is_alphanumeric()))
        .filter(|word| is_symbol(word))
        .map(|word| hash(&word.to_lowercase()))
        .collect()
}

fn is_symbol(word: &str) -> bool {
    let inner = word.chars().skip(1);
    let letters = word.chars().count();
    letters >= 2
        && (word.contains(|ch: char| ch.is_numeric() || matches!(ch, '_' | '\\' | '@' | '='))
            || word.contains('.') && letters > 3
            || inner.clone().any(char::is_uppercase) && inner.clone().count() >= 1)
}

/// How often each term occurs.
pub(super) fn counts(terms: &[TermId]) -> TermCounts {
    let mut counts = TermCounts::default();
    for term in terms {
        *counts.entry(*term).or_insert(0.0) += 1.0;
    }
    counts
}

fn folded(word: &str) -> String {
    word.nfkc().flat_map(char::to_lowercase).collect()
}

/// The term of a stem.
pub(super) fn term(stem: &str) -> TermId {
    hash(stem)
}

fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> TermId {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// UAX 29 makes a word of each ideograph and of each kana or Thai letter that has no dictionary.
fn is_ideograph(word: &str) -> bool {
    let mut letters = word.chars();
    matches!((letters.next(), letters.next()), (Some(ch), None) if ch as u32 >= 0x0E00 && ch.is_alphabetic())
}

fn algorithm(language: &str) -> Option<Algorithm> {
    Some(match language {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "nl" => Algorithm::Dutch,
        "en" => Algorithm::English,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "no" | "nb" | "nn" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "es" => Algorithm::Spanish,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_stem_are_one_term() {
        let terms = Terms::new(Some("en"));
        assert_eq!(terms.words("Rotating pumps"), terms.words("rotate pump"));
        assert_ne!(terms.words("pump"), terms.words("valve"));
    }

    #[test]
    fn ideographs_pair_up() {
        let terms = Terms::new(Some("zh"));
        let found = terms.words("系统结构 a 图");
        assert_eq!(found.len(), 4, "three pairs and a letter");
        assert_eq!(found.first(), terms.words("系统").first());
    }

    #[test]
    fn letter_groups_meet_inflections() {
        let terms = Terms::new(None);
        let (a, b) = (terms.groups("taulukon"), terms.groups("taulukoissa"));
        assert!(a.iter().filter(|group| b.contains(group)).count() >= 3);
        assert_eq!(terms.groups("ab"), terms.groups("AB"));
    }

    #[test]
    fn symbols_are_what_has_digits_or_odd_capitals() {
        let found = symbols("see main.rs: the x_max of iPhone, 0.85 (A and the) Word");
        assert_eq!(found.len(), 4);
    }
}
