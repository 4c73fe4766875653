//! Which label at the start of a text is a caption's own, and stays.

use crate::mention::caption_label;

/// What ends a sentence, in the scripts of the lexicon that have a mark for it.
const SENTENCE_ENDS: [char; 14] = [
    '.', '!', '?', '。', '！', '？', '．', '।', '॥', '؟', '۔', '።', '։', '។',
];

/// The end of the label that begins a caption, in bytes; 0 where a text begins otherwise.
///
/// "Figure 3 shows" is a mention. In scripts without case the letter after the number does not
/// tell whether a sentence or a title goes on; there the full stop at the end does. A title that
/// has one loses its label, which is better than a mention that stays.
pub(super) fn own_label_end(text: &str) -> usize {
    caption_label(text)
        .filter(|label| label.label.number.is_some())
        .filter(|label| {
            let rest = text.get(label.span.end..).unwrap_or("");
            let sentence = label.sentence_like || is_inflected(rest) || is_caseless_sentence(rest);
            label.delimited || !sentence
        })
        .map_or(0, |label| label.span.end)
}

/// Whether the number has an ending, as names in a sentence have in many languages: "Cədvəl 2-də".
fn is_inflected(text: &str) -> bool {
    let ending = text.strip_prefix(['-', '\u{2010}', '\u{2011}', '\'', '’']);
    let first = ending.and_then(|ending| ending.chars().next());
    first.is_some_and(|c| c.is_alphabetic() && !c.is_uppercase())
}

fn is_caseless_sentence(text: &str) -> bool {
    let first = text.chars().find(|c| c.is_alphabetic());
    first.is_some_and(|c| !c.is_lowercase() && !c.is_uppercase())
        && text.trim_end().ends_with(SENTENCE_ENDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_no_label_of_their_own() {
        let kept = |text: &str| text.get(..own_label_end(text)).unwrap().to_owned();
        for (text, label) in [
            ("Figure 3: The works.", "Figure 3"),
            ("Figure 3 The works of the mill.", "Figure 3"),
            ("Figure 3 shows the works.", ""),
            ("شكل ٣: النظام.", "شكل ٣"),
            ("شكل ٣ النظام", "شكل ٣"),
            ("شكل ٣ يبين النظام.", ""),
            ("איור 3 מציג את המערכת.", ""),
            ("चित्र ३ उदाहरण दिखाता है।", ""),
            ("Cədvəl 2-də göstərilir", ""),
            ("The works", ""),
        ] {
            assert_eq!(kept(text), label, "{text}");
        }
    }
}
