//! How a text is put, whatever it is about: "are listed in", "the plot shows". Such words tell
//! whether a figure or a table is meant, and whether any is.

use std::hash::Hasher;

use fnv::FnvHasher;

/// Different wordings that are told apart; those of one number are taken for one.
pub const WORDINGS: usize = 1 << 14;
/// Texts count up to so many words.
const MOST_WORDS: usize = 300;
/// Of a long text so many wordings are read, those of the lowest numbers: a sample that takes the
/// same words of every text.
const MOST: usize = 128;

/// The words of a text, stemmed, and the pairs of words side by side, by number, sorted: hashed, since no
/// vocabulary holds all languages (Weinberger et al., "Feature hashing for large scale multitask
/// learning", 2009).
pub(super) fn wordings(stems: &[String]) -> Vec<u16> {
    let mut found = Vec::new();
    let mut before: Option<&str> = None;
    for word in stems.iter().take(MOST_WORDS) {
        if word.chars().any(char::is_numeric) {
            before = None;
            continue;
        }
        found.push(number(&[word]));
        if let Some(before) = before {
            found.push(number(&[before, word]));
        }
        before = Some(word);
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

/// The hash must be the same with every compiler: weights go by it.
fn number(words: &[&str]) -> u16 {
    let mut hasher = FnvHasher::default();
    for word in words {
        hasher.write(word.as_bytes());
        hasher.write(b" ");
    }
    let hash = hasher.finish();
    // The upper bits of FNV are the better mixed ones.
    ((hash ^ hash >> 32) % WORDINGS as u64) as u16
}

#[cfg(test)]
mod tests {
    use super::{super::terms::Terms, *};

    #[test]
    fn wordings_are_words_and_pairs_of_them() {
        let terms = Terms::new(Some("en"));
        let of = |text: &str| wordings(&terms.stems(text).collect::<Vec<_>>());
        assert_eq!(of("listed in 3 in").len(), 3, "listed, in, listed in");
        assert_eq!(of("Lists in"), of("listed in"));
        assert_ne!(of("listed in"), of("shown in"));
    }

    #[test]
    fn numbers_of_words_stay_what_they_are() {
        let golden = [number(&["plot"]), number(&["is", "shown"])];
        assert_eq!(golden, [11400, 6561]);
    }
}
