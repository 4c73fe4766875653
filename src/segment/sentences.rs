//! Sentences: UAX #29 boundaries, mended after abbreviations.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::mention::ends_with_abbreviation;

/// Byte ranges of the sentences of a text, white space at their ends left out.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut result: Vec<Range<usize>> = Vec::new();
    for (start, sentence) in text.split_sentence_bound_indices() {
        let trimmed_start = start + (sentence.len() - sentence.trim_start().len());
        let end = start + sentence.trim_end().len();
        if trimmed_start >= end {
            continue;
        }
        match result.last_mut() {
            Some(last) if goes_on(text, last, trimmed_start) => last.end = end,
            _ => result.push(trimmed_start..end),
        }
    }
    result
}

/// Whether what looks like a sentence's end was an abbreviation's dot, or the next part is too
/// small to be a sentence.
fn goes_on(text: &str, last: &Range<usize>, next: usize) -> bool {
    let before = text.get(last.clone()).unwrap_or("");
    let after = text.get(next..).unwrap_or("");
    let starts_lower = after.chars().next().is_some_and(char::is_lowercase);
    let is_initial = before
        .strip_suffix('.')
        .and_then(|b| b.rsplit(|ch: char| !ch.is_alphanumeric()).next())
        .is_some_and(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase));
    starts_lower || is_initial || ends_with_abbreviation(before)
}

/// Whether a text ends as a sentence does.
pub fn ends_sentence(text: &str) -> bool {
    let core =
        text.trim_end_matches(|ch: char| ch.is_whitespace() || "\"'”’»)]）」』】".contains(ch));
    core.ends_with([
        '.', '!', '?', '。', '！', '？', '．', '؟', '।', '…', '։', '۔',
    ]) && !ends_with_abbreviation(core)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_do_not_end_sentences() {
        let text = "See Fig. 3 for details. The method of J. Smith et al. works. 图三。很好。";
        let found: Vec<&str> = sentences(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(
            found,
            [
                "See Fig. 3 for details.",
                "The method of J. Smith et al. works.",
                "图三。",
                "很好。"
            ]
        );
        assert!(ends_sentence("It works.)"));
        assert!(!ends_sentence("as shown in Fig."));
    }
}
